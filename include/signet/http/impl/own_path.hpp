// SPDX-License-Identifier: BSL-1.0
// Where a redirect may lead when somebody else has a say in it: to a path of this site alone.
#pragma once

#include <signet/version.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace detail {

// A path, with its query, that every browser resolves to this very site: it begins with one slash and with nothing that
// a browser takes for a second one, and holds no controls (browsers drop some of them), spaces or backslashes.
constexpr bool is_own_path(std::string_view path) noexcept {
    if (!path.starts_with('/') || path.starts_with("//")) return false;
    for (char c : path)
        if (c <= ' ' || c >= '\x7f' || c == '\\') return false; // char may be signed: octets from 128 are below
    return true;
}

}}}} // namespace signet::http::detail

// SPDX-License-Identifier: BSL-1.0
// Where a redirect may lead when somebody else has a say in it: to a path of this site alone.
#pragma once

#include <signet/version.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// Returns whether every browser resolves `path` to a page of the same site, for the `?next=` of a login.
///
/// A path with its query and fragment begins with one slash. A second slash would begin a host, also as a backslash, or
/// after a tab or line end that browsers drop. So controls, spaces, backslashes and octets beyond ASCII are refused
/// anywhere; they may be percent-encoded.
///
/// Example: `redirect(http::is_own_path(next) ? next : "/")`.
[[nodiscard]] constexpr bool is_own_path(std::string_view path) noexcept {
    if (!path.starts_with('/') || path.starts_with("//")) return false;
    for (char c : path)
        if (c <= ' ' || c >= '\x7f' || c == '\\') return false; // char may be signed: octets from 128 are below
    return true;
}

}}} // namespace signet::http

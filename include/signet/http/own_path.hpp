// SPDX-License-Identifier: BSL-1.0
// Where a redirect may lead when somebody else has a say in it: to a path of this site alone.
#pragma once

#include <signet/version.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// Whether every browser resolves `path` to a page of the site that it stands on: what `?next=` of a login may be.
///
/// True for a path, with its query and fragment, that begins with one slash and has no second one that a browser would
/// take for the beginning of a host: backslashes count as slashes, and browsers drop tabs and line ends. Controls,
/// spaces, backslashes and octets beyond ASCII are refused wherever they stand; percent-encoded they are no matter.
/// Example: `redirect(http::is_own_path(next) ? next : "/")`.
[[nodiscard]] constexpr bool is_own_path(std::string_view path) noexcept {
    if (!path.starts_with('/') || path.starts_with("//")) return false;
    for (char c : path)
        if (c <= ' ' || c >= '\x7f' || c == '\\') return false; // char may be signed: octets from 128 are below
    return true;
}

}}} // namespace signet::http

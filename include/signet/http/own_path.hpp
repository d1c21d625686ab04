// SPDX-License-Identifier: BSL-1.0
// Where a redirect may lead when somebody else has a say in it: to a path of this site alone.
#pragma once

#include <signet/version.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// Says whether every browser resolves `path` to a page of the site that it stands on: what `?next=` of a login may be.
///
/// True for a path that begins with one slash; a query and a fragment may follow. Refused: a second slash at the
/// beginning, since a host would follow it; backslashes, which browsers read as slashes; controls, some of which
/// browsers drop; spaces; octets beyond ASCII. Percent-encoded, all of these are allowed.
///
/// Example: `redirect(http::is_own_path(next) ? next : "/")`.
[[nodiscard]] constexpr bool is_own_path(std::string_view path) noexcept {
    if (!path.starts_with('/') || path.starts_with("//")) return false;
    for (char c : path)
        if (c <= ' ' || c >= '\x7f' || c == '\\') return false; // char may be signed: octets from 128 are below
    return true;
}

}}} // namespace signet::http

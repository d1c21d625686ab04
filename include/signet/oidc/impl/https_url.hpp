// SPDX-License-Identifier: BSL-1.0
// The URLs of providers and clients, and what their parameters may have.
#pragma once

#include <signet/core/result.hpp>
#include <signet/http/form.hpp>
#include <signet/http/target.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace oidc { namespace detail {

// An absolute https URL; a query is allowed where `with_query`, a fragment never.
inline result<void> check_https(std::string_view url, bool with_query = true) {
    auto const normal = http::normalize_target(url);
    if (!normal) return normal.error();
    if (!normal->starts_with("https://")) return errc::unsupported_uri_scheme;
    if (url.find('#') != url.npos || (!with_query && url.find('?') != url.npos)) return errc::malformed_uri;
    return {};
}

// Goes on with the query that an endpoint has already, or begins one.
inline http::form_writer query_of(std::string& url) {
    return http::form_writer{url, url.find('?') == url.npos ? '?' : '&'};
}

// RFC 6749 appendix A: codes, errors, and what comes back in a token are printable ASCII.
inline bool is_printable(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

}}}} // namespace signet::oidc::detail

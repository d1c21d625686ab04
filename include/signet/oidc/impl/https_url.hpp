// SPDX-License-Identifier: BSL-1.0
// The URLs of providers and clients: what is published is https alone, and answers go on with the query of a URL.
#pragma once

#include <signet/core/result.hpp>
#include <signet/http/form.hpp>
#include <signet/http/target.hpp>

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

}}}} // namespace signet::oidc::detail

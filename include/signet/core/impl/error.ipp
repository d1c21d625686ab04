// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/error_table.ipp>

namespace signet { inline namespace SIGNET_ABI {

namespace detail {
inline error_row const* find_error(errc code) noexcept {
    std::size_t first = 0, last = std::size(error_table); // it is in [first, last), if anywhere
    while (first != last) {
        auto const middle = (first + last) / 2;
        if (error_table[middle].code == code) return &error_table[middle];
        if (error_table[middle].code < code) first = middle + 1;
        else last = middle;
    }
    return nullptr;
}

/// Whether what an endpoint of that role could not read was a token.
inline bool is_shown_tokens(role as) noexcept { return as == role::resource_server || as == role::action; }
} // namespace detail

SIGNET_DECL std::string_view name(errc code) noexcept {
    auto const* row = detail::find_error(code);
    return row ? row->name : std::string_view{};
}

SIGNET_DECL std::string_view message(errc code) noexcept {
    auto const* row = detail::find_error(code);
    return row ? row->text : "unknown error";
}

SIGNET_DECL int http_status(errc code, role as) noexcept {
    auto const* row = detail::find_error(code);
    if (!row) return 500;
    if (row->oauth == oauth_code::invalid_token && detail::is_shown_tokens(as)) return 401;
    switch (row->whose) {
    case fault::caller: return 500;
    case fault::server: return 503;
    case fault::permission:
        return as == role::authorization_server ? 400 : 403; // RFC 6749 5.2: unauthorized_client is 400
    case fault::request: return 400;
    case fault::credential:
        // RFC 6749 5.2, RFC 9449 5: invalid_grant, invalid_dpop_proof and use_dpop_nonce are 400 at a token endpoint.
        // DBSC: 403 asks the browser for a fresh proof; every other 4xx would end its session (DBSC.md section 5).
        if (as == role::authorization_server) return 400;
        if (as == role::dbsc) return 403;
        return 401;
    }
    return 500;
}

SIGNET_DECL std::string_view oauth_error(errc code, role as) noexcept {
    auto const* row = detail::find_error(code);
    if (!row || as == role::dbsc) return {};
    auto const at_token_endpoint = as == role::authorization_server;
    switch (row->oauth) {
    case oauth_code::by_fault: break;
    case oauth_code::no_code:
        if (as == role::resource_server) return {};
        break;
    case oauth_code::invalid_dpop_proof: return "invalid_dpop_proof";
    case oauth_code::use_dpop_nonce: return "use_dpop_nonce";
    case oauth_code::invalid_target:
        if (at_token_endpoint) return "invalid_target";
        break;
    case oauth_code::invalid_scope:
        if (at_token_endpoint) return "invalid_scope";
        break;
    case oauth_code::unsupported_grant_type: return "unsupported_grant_type";
    case oauth_code::insufficient_user_authentication: // RFC 9470 3
        if (detail::is_shown_tokens(as)) return "insufficient_user_authentication";
        break;
    case oauth_code::invalid_token:
        if (detail::is_shown_tokens(as)) return "invalid_token";
        break;
    }
    switch (row->whose) {
    case fault::caller:
    case fault::server: return at_token_endpoint ? "server_error" : "";
    case fault::permission: return at_token_endpoint ? "unauthorized_client" : "insufficient_scope";
    case fault::request: return "invalid_request";
    case fault::credential: return at_token_endpoint ? "invalid_grant" : "invalid_token";
    }
    return {};
}

}} // namespace signet

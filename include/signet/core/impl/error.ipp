// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/error_table.ipp>

namespace signet { inline namespace SIGNET_ABI {

namespace detail {
inline error_row const* find_error(errc code) noexcept {
    auto const index = static_cast<std::size_t>(code);
    return index < std::size(error_table) ? &error_table[index] : nullptr;
}
// About the proof alone. Where proof and token do not fit, RFC 9449 7.1 calls the token invalid.
inline bool is_dpop(errc code) noexcept { return code >= errc::dpop_missing && code <= errc::dpop_replayed; }
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
    if (code == errc::authorization_missing && as == role::resource_server)
        return {}; // RFC 6750 3.1: nothing was shown
    if (code == errc::dpop_nonce_required || code == errc::dpop_nonce_unknown) return "use_dpop_nonce";
    if (detail::is_dpop(code)) return "invalid_dpop_proof";
    auto const at_token_endpoint = as == role::authorization_server;
    if (at_token_endpoint && code == errc::refresh_resource) return "invalid_target"; // RFC 8707 2
    if (at_token_endpoint && code == errc::refresh_scope) return "invalid_scope";     // RFC 6749 5.2
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

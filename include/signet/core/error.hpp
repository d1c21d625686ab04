// SPDX-License-Identifier: BSL-1.0
// Every way in which something can be refused, as a value of four bytes. The texts are in core/impl/error_table.ipp.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI {

/// The reasons, one block a layer. docs/reference/errors.md is printed from the table beside it.
enum class errc : std::uint16_t {
    // core
    buffer_too_small,
    out_of_range,
    // codec: base64url
    base64_length,
    base64_character,
    base64_trailing_bits,
    // codec: JSON
    json_syntax,
    json_too_large,
    json_too_deep,
    json_too_many_members,
    json_duplicate_name,
    json_not_utf8,
    json_number,
    json_wrong_type,
    json_missing,
    // crypto
    bad_key,
    weak_key,
    wrong_key_type,
    key_mismatch,
    unsupported_key,
    unsupported_algorithm,
    bad_passphrase,
    bad_signature,
    signer_failed,
    random_failed,
    // jose
    malformed_token,
    token_too_large,
    encrypted_token,
    unsigned_token,
    malformed_header,
    unknown_critical_header,
    algorithm_mismatch,
    algorithm_not_allowed,
    unknown_key,
    kid_required,
    duplicate_key,
    private_key_refused,
    key_use_refused,
    empty_key_set,
    // jwt
    buffer_in_use,
    mixed_algorithms,
    malformed_payload,
    expired,
    expiry_missing,
    not_yet_valid,
    issued_in_future,
    too_old,
    wrong_issuer,
    wrong_audience,
    wrong_type,
    wrong_subject,
    claim_missing,
    claim_wrong_type,
    claim_refused,
    malformed_confirmation,
    revoked,
    key_source_unavailable,
    // http
    cookie_name,
    cookie_value,
    cookie_too_large,
    cookie_prefix,
    cookie_attribute,
    cookie_domain,
    cookie_path,
    cookie_lifetime,
    cookie_ambiguous,
    cookie_missing,
    header_syntax,
    header_too_large,
    header_missing,
    uri_syntax,
    uri_scheme,
    // store
    store_unavailable,
    outcome_unknown,
    store_full,
    store_unfit,
    record_malformed,
    record_conflict,
    record_too_large,
    record_expired,
    record_newer,
    store_schema,
    store_restarted,
    // proof
    challenge_unknown,
    challenge_mismatch,
    challenge_signature,
    replayed,
    replay_guard_full,
    dpop_missing,
    dpop_multiple,
    dpop_malformed,
    dpop_claim_missing,
    dpop_type,
    dpop_algorithm,
    dpop_signature,
    dpop_key,
    dpop_private_key,
    dpop_method,
    dpop_uri,
    dpop_nonce_required,
    dpop_nonce_unknown,
    dpop_stale,
    dpop_future,
    dpop_token_hash,
    dpop_replayed,
    dpop_key_mismatch,
    dpop_token_unbound,
    dpop_bound_token_as_bearer,
    authorization_missing,
    csrf_refused,
    // session: devices
    device_unknown,
    device_blocked,
    device_suspended,
    device_not_compliant,
    device_registered,
    device_limit,
    already_blocked,
    not_blocked,
    already_suspended,
    not_suspended,
    device_mismatch,
    possession_missing,
    // session: sessions
    session_unknown,
    session_expired,
    session_idle,
    session_ended,
    session_binding,
    session_limit,
    session_lifetime,
    // session: actions
    action_mismatch,
    action_token_required,
    action_lifetime,
    action_lifetime_exceeded,
    session_token_missing,
    session_token_disabled,
    platform_unsupported,
    // session: refresh
    refresh_unknown,
    refresh_expired,
    refresh_reused,
    refresh_ended,
    refresh_sender,
    refresh_resource,
    refresh_scope,
    // session: login
    login_required,
    login_state,
    login_refused,
    tokens_mixed,
    // dbsc
    dbsc_method,
    dbsc_session_unknown,
    dbsc_session_ended,
    dbsc_session_revoked,
    dbsc_proof_missing,
    dbsc_proof,
    dbsc_type,
    dbsc_key,
    dbsc_challenge,
    dbsc_signature,
    dbsc_authorization,
    dbsc_login,
    dbsc_cookie,
    dbsc_cookie_expired,
    dbsc_policy,
};

/// Whose fault a refusal is; with the role it decides the HTTP status.
enum class fault : std::uint8_t {
    request,    ///< the message is malformed
    credential, ///< the message is well-formed and does not prove what it should
    permission, ///< proved, and still not allowed
    server,     ///< ours: an outage, a limit, a configuration
    caller,     ///< the program that called signet
};

/// The part an endpoint plays; the same refusal has another status in another role (DECISIONS 15).
enum class role : std::uint8_t {
    resource_server,      ///< RFC 6750: an API that is shown access tokens
    authorization_server, ///< RFC 6749: a token endpoint
    dbsc,                 ///< a registration or refresh endpoint of device bound sessions
    action,               ///< a backend that triggers a sensitive action
};

/// Why something was refused. Four bytes, no heap, nothing secret: safe to log and cheap to return.
struct error {
    errc code;
    std::uint16_t at = 0; ///< octet offset into the input where that makes sense, at most 65535; else 0

    /// `offset` in the input, where it makes sense; one that does not fit is written as the largest that does.
    constexpr error(errc c, std::size_t offset = 0) noexcept
        : code{c}, at{static_cast<std::uint16_t>(offset < 0xffff ? offset : 0xffff)} {}

    friend constexpr bool operator==(error a, error b) noexcept { return a.code == b.code && a.at == b.at; }
    friend constexpr bool operator==(error a, errc b) noexcept { return a.code == b; }
};
static_assert(sizeof(error) == 4);

/// The enumerator's own name, for logs: `name(errc::expired) == "expired"`. Empty for a value that is none.
[[nodiscard]] SIGNET_DECL std::string_view name(errc code) noexcept;

/// One sentence for a person, without anything secret: "the token has expired".
[[nodiscard]] SIGNET_DECL std::string_view message(errc code) noexcept;

/// The HTTP status with which an endpoint of that role answers.
[[nodiscard]] SIGNET_DECL int http_status(errc code, role as = role::resource_server) noexcept;

/// The `error` code of RFC 6750 3.1, RFC 6749 5.2 or RFC 9449; empty where none is to be sent (our own faults).
[[nodiscard]] SIGNET_DECL std::string_view oauth_error(errc code, role as = role::resource_server) noexcept;

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/core/impl/error.ipp>
#endif

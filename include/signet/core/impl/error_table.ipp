// SPDX-License-Identifier: BSL-1.0
// The one table of refusals: layer, fault and text of every errc. docs/errors.md is printed from it.
#pragma once

#include <signet/core/error.hpp>

#include <array>
#include <iterator>

namespace signet::inline SIGNET_ABI {

/// What is said about one `errc`.
struct error_row {
    errc             code;
    std::string_view name;
    std::string_view layer;
    fault            whose;
    std::string_view text;
};

// clang-format off
inline constexpr error_row error_table[] = {
    {errc::buffer_too_small, "buffer_too_small", "core", fault::caller, "the buffer is too small for the result"},
    {errc::out_of_range, "out_of_range", "core", fault::request, "a number is outside its range"},
    {errc::base64_length, "base64_length", "codec", fault::request, "base64url text has an impossible length"},
    {errc::base64_character, "base64_character", "codec", fault::request, "a character is not in the base64url alphabet"},
    {errc::base64_trailing_bits, "base64_trailing_bits", "codec", fault::request, "base64url text ends in bits that are not zero"},
    {errc::json_syntax, "json_syntax", "codec", fault::request, "the JSON text is malformed"},
    {errc::json_too_large, "json_too_large", "codec", fault::request, "the JSON text is larger than the limit"},
    {errc::json_too_deep, "json_too_deep", "codec", fault::request, "the JSON text is nested deeper than the limit"},
    {errc::json_too_many_members, "json_too_many_members", "codec", fault::request, "the JSON text has more values than the limit"},
    {errc::json_duplicate_name, "json_duplicate_name", "codec", fault::request, "a JSON object names a member twice"},
    {errc::json_not_utf8, "json_not_utf8", "codec", fault::request, "the JSON text is not valid UTF-8"},
    {errc::json_number, "json_number", "codec", fault::request, "a JSON number cannot be represented exactly"},
    {errc::json_wrong_type, "json_wrong_type", "codec", fault::request, "a JSON value has another type than wanted"},
    {errc::json_missing, "json_missing", "codec", fault::request, "a JSON member is missing"},
    {errc::bad_key, "bad_key", "crypto", fault::request, "the key is malformed or not a valid key"},
    {errc::weak_key, "weak_key", "crypto", fault::request, "the key is too weak or too large to be used"},
    {errc::wrong_key_type, "wrong_key_type", "crypto", fault::request, "the key is of another type than wanted"},
    {errc::key_mismatch, "key_mismatch", "crypto", fault::request, "the private and the public part of the key do not belong together"},
    {errc::unsupported_key, "unsupported_key", "crypto", fault::request, "keys of this type are not supported"},
    {errc::unsupported_algorithm, "unsupported_algorithm", "crypto", fault::request, "the algorithm is not supported"},
    {errc::bad_passphrase, "bad_passphrase", "crypto", fault::request, "the passphrase does not open the key"},
    {errc::bad_signature, "bad_signature", "crypto", fault::credential, "the signature is not valid"},
    {errc::signer_failed, "signer_failed", "crypto", fault::server, "the signer could not sign"},
    {errc::random_failed, "random_failed", "crypto", fault::server, "no randomness could be had"},
    {errc::malformed_token, "malformed_token", "jose", fault::request, "the token is not a compact JWS"},
    {errc::token_too_large, "token_too_large", "jose", fault::request, "the token is larger than the limit"},
    {errc::encrypted_token, "encrypted_token", "jose", fault::request, "the token is encrypted, which is not supported"},
    {errc::unsigned_token, "unsigned_token", "jose", fault::credential, "the token is not signed"},
    {errc::malformed_header, "malformed_header", "jose", fault::request, "the token's header is malformed"},
    {errc::unknown_critical_header, "unknown_critical_header", "jose", fault::request, "the token's header has a critical extension that is not understood"},
    {errc::algorithm_mismatch, "algorithm_mismatch", "jose", fault::credential, "the token's algorithm is not that of the key"},
    {errc::algorithm_not_allowed, "algorithm_not_allowed", "jose", fault::credential, "the token's algorithm is not accepted here"},
    {errc::unknown_key, "unknown_key", "jose", fault::credential, "no key is known for the token"},
    {errc::kid_required, "kid_required", "jose", fault::credential, "the token must name its key"},
    {errc::duplicate_key, "duplicate_key", "jose", fault::request, "the key set names two keys alike"},
    {errc::private_key_refused, "private_key_refused", "jose", fault::request, "a private key was given where a public one is wanted"},
    {errc::key_use_refused, "key_use_refused", "jose", fault::request, "the key may not be used for this"},
    {errc::empty_key_set, "empty_key_set", "jose", fault::caller, "the key set holds no usable key"},
    {errc::buffer_in_use, "buffer_in_use", "jwt", fault::caller, "the scratch still holds a verified token"},
    {errc::mixed_algorithms, "mixed_algorithms", "jwt", fault::caller, "a MAC may not share a verifier with other algorithms"},
    {errc::malformed_payload, "malformed_payload", "jwt", fault::credential, "the token's payload is not a JSON object of claims"},
    {errc::expired, "expired", "jwt", fault::credential, "the token has expired"},
    {errc::expiry_missing, "expiry_missing", "jwt", fault::credential, "the token has no expiry"},
    {errc::not_yet_valid, "not_yet_valid", "jwt", fault::credential, "the token is not valid yet"},
    {errc::issued_in_future, "issued_in_future", "jwt", fault::credential, "the token was issued in the future"},
    {errc::too_old, "too_old", "jwt", fault::credential, "the token is older than allowed"},
    {errc::wrong_issuer, "wrong_issuer", "jwt", fault::credential, "the token is from another issuer"},
    {errc::wrong_audience, "wrong_audience", "jwt", fault::credential, "the token is for another audience"},
    {errc::wrong_type, "wrong_type", "jwt", fault::credential, "the token is of another type"},
    {errc::wrong_subject, "wrong_subject", "jwt", fault::credential, "the token is about another subject"},
    {errc::claim_missing, "claim_missing", "jwt", fault::credential, "a claim is missing"},
    {errc::claim_wrong_type, "claim_wrong_type", "jwt", fault::credential, "a claim has another type than wanted"},
    {errc::claim_refused, "claim_refused", "jwt", fault::credential, "a claim has a value that is refused"},
    {errc::malformed_confirmation, "malformed_confirmation", "jwt", fault::credential, "the token's confirmation claim is malformed"},
    {errc::revoked, "revoked", "jwt", fault::credential, "the token was revoked"},
    {errc::key_source_unavailable, "key_source_unavailable", "jwt", fault::server, "the issuer's keys are not available"},
    {errc::cookie_name, "cookie_name", "http", fault::caller, "the cookie's name is not a token"},
    {errc::cookie_value, "cookie_value", "http", fault::caller, "the cookie's value has a character that is not allowed"},
    {errc::cookie_too_large, "cookie_too_large", "http", fault::caller, "the cookie is larger than browsers keep"},
    {errc::cookie_prefix, "cookie_prefix", "http", fault::caller, "the cookie's attributes break the promise of its name prefix"},
    {errc::cookie_attribute, "cookie_attribute", "http", fault::caller, "the cookie's attributes contradict one another"},
    {errc::cookie_domain, "cookie_domain", "http", fault::caller, "the cookie's domain is malformed or not allowed"},
    {errc::cookie_path, "cookie_path", "http", fault::caller, "the cookie's path is malformed"},
    {errc::cookie_lifetime, "cookie_lifetime", "http", fault::caller, "the cookie's lifetime is out of range"},
    {errc::cookie_ambiguous, "cookie_ambiguous", "http", fault::request, "the cookie was sent more than once"},
    {errc::cookie_missing, "cookie_missing", "http", fault::credential, "the cookie was not sent"},
    {errc::header_syntax, "header_syntax", "http", fault::request, "a header field is malformed"},
    {errc::header_too_large, "header_too_large", "http", fault::request, "a header field is larger than the limit"},
    {errc::header_missing, "header_missing", "http", fault::request, "a header field is missing"},
    {errc::uri_syntax, "uri_syntax", "http", fault::request, "the URI is malformed"},
    {errc::uri_scheme, "uri_scheme", "http", fault::request, "the URI has another scheme than http or https"},
    {errc::store_unavailable, "store_unavailable", "store", fault::server, "the store cannot be reached"},
    {errc::outcome_unknown, "outcome_unknown", "store", fault::server, "the store's answer was lost, so the outcome is unknown"},
    {errc::store_full, "store_full", "store", fault::server, "the store is full"},
    {errc::store_unfit, "store_unfit", "store", fault::server, "the store is not configured for single use"},
    {errc::record_malformed, "record_malformed", "store", fault::server, "a stored record is malformed"},
    {errc::record_conflict, "record_conflict", "store", fault::server, "a stored record was changed by somebody else meanwhile"},
    {errc::record_too_large, "record_too_large", "store", fault::caller, "a record is larger than stores take"},
    {errc::record_expired, "record_expired", "store", fault::caller, "a record to be stored has expired already"},
    {errc::record_newer, "record_newer", "store", fault::server, "a stored record was written by a newer version"},
    {errc::store_schema, "store_schema", "store", fault::server, "the store's layout is not one this version knows"},
    {errc::store_restarted, "store_restarted", "store", fault::credential, "what was issued before the store's restart is not accepted"},
    {errc::challenge_unknown, "challenge_unknown", "proof", fault::credential, "the challenge is not known or was used already"},
    {errc::challenge_expired, "challenge_expired", "proof", fault::credential, "the challenge has expired"},
    {errc::challenge_mismatch, "challenge_mismatch", "proof", fault::credential, "the challenge was issued for something else"},
    {errc::challenge_signature, "challenge_signature", "proof", fault::credential, "the challenge's signature is not valid"},
    {errc::replayed, "replayed", "proof", fault::credential, "the proof was used before"},
    {errc::replay_guard_full, "replay_guard_full", "proof", fault::server, "too many proofs are being remembered"},
    {errc::dpop_missing, "dpop_missing", "proof", fault::credential, "the DPoP proof is missing"},
    {errc::dpop_multiple, "dpop_multiple", "proof", fault::credential, "there is more than one DPoP proof"},
    {errc::dpop_malformed, "dpop_malformed", "proof", fault::credential, "the DPoP proof is malformed"},
    {errc::dpop_type, "dpop_type", "proof", fault::credential, "the DPoP proof has another type"},
    {errc::dpop_algorithm, "dpop_algorithm", "proof", fault::credential, "the DPoP proof's algorithm is not accepted"},
    {errc::dpop_signature, "dpop_signature", "proof", fault::credential, "the DPoP proof's signature is not valid"},
    {errc::dpop_key, "dpop_key", "proof", fault::credential, "the DPoP proof's key is not acceptable"},
    {errc::dpop_method, "dpop_method", "proof", fault::credential, "the DPoP proof is for another method"},
    {errc::dpop_uri, "dpop_uri", "proof", fault::credential, "the DPoP proof is for another URI"},
    {errc::dpop_nonce_required, "dpop_nonce_required", "proof", fault::credential, "the DPoP proof must use the nonce given"},
    {errc::dpop_stale, "dpop_stale", "proof", fault::credential, "the DPoP proof is too old"},
    {errc::dpop_future, "dpop_future", "proof", fault::credential, "the DPoP proof is from the future"},
    {errc::dpop_token_hash, "dpop_token_hash", "proof", fault::credential, "the DPoP proof is for another access token"},
    {errc::dpop_key_mismatch, "dpop_key_mismatch", "proof", fault::credential, "the DPoP proof's key is not the one the token is bound to"},
    {errc::dpop_bound_token_as_bearer, "dpop_bound_token_as_bearer", "proof", fault::credential, "a sender-constrained token was shown as a bearer token"},
    {errc::csrf_refused, "csrf_refused", "proof", fault::permission, "the request's token against forgery is not that of the session"},
    {errc::device_unknown, "device_unknown", "session", fault::credential, "the device is not known"},
    {errc::device_blocked, "device_blocked", "session", fault::permission, "the device is blocked"},
    {errc::device_suspended, "device_suspended", "session", fault::permission, "the user's devices are suspended"},
    {errc::device_not_compliant, "device_not_compliant", "session", fault::permission, "the device does not meet the policy"},
    {errc::device_registered, "device_registered", "session", fault::permission, "a device with this key id is registered already"},
    {errc::device_limit, "device_limit", "session", fault::permission, "the user has as many devices as allowed"},
    {errc::already_blocked, "already_blocked", "session", fault::permission, "the device is blocked already"},
    {errc::not_blocked, "not_blocked", "session", fault::permission, "the device is not blocked"},
    {errc::already_suspended, "already_suspended", "session", fault::permission, "the user's devices are suspended already"},
    {errc::not_suspended, "not_suspended", "session", fault::permission, "the user's devices are not suspended"},
    {errc::device_mismatch, "device_mismatch", "session", fault::credential, "the token is bound to another device"},
    {errc::possession_missing, "possession_missing", "session", fault::credential, "possession of the key was not proved"},
    {errc::session_unknown, "session_unknown", "session", fault::credential, "the session is not known"},
    {errc::session_expired, "session_expired", "session", fault::credential, "the session has expired"},
    {errc::session_idle, "session_idle", "session", fault::credential, "the session was idle for too long"},
    {errc::session_ended, "session_ended", "session", fault::credential, "the session was ended"},
    {errc::session_binding, "session_binding", "session", fault::credential, "the session is bound to other properties of the client"},
    {errc::session_limit, "session_limit", "session", fault::permission, "the user has as many sessions as allowed"},
    {errc::session_lifetime, "session_lifetime", "session", fault::caller, "the lifetime is longer than allowed"},
    {errc::action_mismatch, "action_mismatch", "session", fault::permission, "Action type mismatch"},
    {errc::action_token_required, "action_token_required", "session", fault::permission, "the action demands a secure token"},
    {errc::action_lifetime, "action_lifetime", "session", fault::caller, "a secure token lives 1 to 3600 seconds"},
    {errc::session_token_missing, "session_token_missing", "session", fault::request, "the event came without a session token"},
    {errc::session_token_disabled, "session_token_disabled", "session", fault::caller, "session tokens were not enabled at initialisation"},
    {errc::platform_unsupported, "platform_unsupported", "session", fault::caller, "the platform has no secure tokens"},
    {errc::refresh_unknown, "refresh_unknown", "session", fault::credential, "the refresh token is not known"},
    {errc::refresh_expired, "refresh_expired", "session", fault::credential, "the refresh token has expired"},
    {errc::refresh_reused, "refresh_reused", "session", fault::credential, "the refresh token was used before, so its family was ended"},
    {errc::refresh_ended, "refresh_ended", "session", fault::credential, "the family of the refresh token was ended"},
    {errc::refresh_sender, "refresh_sender", "session", fault::credential, "the refresh token is bound to another key"},
    {errc::login_required, "login_required", "session", fault::credential, "the user has to log in"},
    {errc::login_state, "login_state", "session", fault::credential, "the answer does not belong to this login"},
    {errc::login_refused, "login_refused", "session", fault::credential, "the authorization server refused the login"},
    {errc::tokens_mixed, "tokens_mixed", "session", fault::credential, "the tokens belong to different logins"},
    {errc::dbsc_session_unknown, "dbsc_session_unknown", "dbsc", fault::credential, "the device bound session is not known"},
    {errc::dbsc_session_ended, "dbsc_session_ended", "dbsc", fault::credential, "the device bound session was ended"},
    {errc::dbsc_proof, "dbsc_proof", "dbsc", fault::credential, "the proof of the device bound session is not valid"},
    {errc::dbsc_key, "dbsc_key", "dbsc", fault::credential, "the key of the device bound session is not acceptable"},
    {errc::dbsc_cookie, "dbsc_cookie", "dbsc", fault::credential, "the bound cookie is not current"},
};
// clang-format on

namespace detail {
consteval bool error_table_in_order() {
    for (std::size_t i = 0; i != std::size(error_table); ++i)
        if (error_table[i].code != static_cast<errc>(i)) return false;
    return true;
}
} // namespace detail
static_assert(detail::error_table_in_order(), "a row for every errc, in the order of the enumeration");

} // namespace signet

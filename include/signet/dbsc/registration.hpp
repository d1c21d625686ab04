// SPDX-License-Identifier: BSL-1.0
// Registration of a device bound session: the field that offers it, and the answer to the browser's proof (draft,
// DBSC).
#pragma once

#include <signet/crypto/random.hpp>
#include <signet/dbsc/bound_session.hpp>
#include <signet/store/task.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// For a relying party whose provider has a session with the browser: the new key must be the key of that session. Give
/// all three members or none.
struct federation {
    std::string_view provider_key{}; ///< base64url of the RFC 7638 SHA-256 thumbprint, 43 characters
    std::string_view provider_session_id{};
    std::string_view provider_url{}; ///< an https URL of the provider's origin
};

/// The parameters of an offer to register a session.
struct registration_params {
    std::string_view user; ///< the user of the session; never empty, at most 512 octets
    /// The login that the session belongs to, by a name that does not change with the value of the login cookie. If
    /// given, the browser's proof must come in the same login, and so must each refresh that comes in a login.
    std::string_view login{};
    /// A text that the browser copies into its proof: printable ASCII.
    std::string_view authorization{};
    /// A session of the same browser that ends when the new one takes over its identifier. Otherwise two sessions would
    /// share one cookie, and either might refresh it. If `end_session` ends it after the offer, in a later second, the
    /// offer is void. Take it from a `bound_session` or your own records, never from a request.
    std::string_view replaces{};
    federation provider{};
};

/// Offers a session to a browser. Stores a single-use challenge and returns the value of the field
/// `dbsc::registration_field`, which is sent with the answer to the login.
///
/// Lifetime: `p` and `params` are read during this call only; `frames` must outlive the task.
/// Errors: those of the store; `out_of_range` for parameters that are empty or too long; `malformed_header_field` for
/// texts that a field cannot contain; `invalid_dbsc_policy` for an incomplete federation, a key that is not a
/// thumbprint, or a URL that is not https.
///
/// @par Example
/// `auto value = run(dbsc::offer_registration(bound, {.user = "anna", .login = login}, now), db);`
SIGNET_DECL store::task<std::string> offer_registration(policy const& p, registration_params const& params,
                                                        unix_time now, random_ref rng = system_random(),
                                                        std::pmr::memory_resource* frames = nullptr);

/// Answers the POST to the register path: uses up the challenge, pins the key in the proof's header, and makes the
/// session and its cookie.
///
/// Only a good signature uses up the challenge. After an error there is no new session, and the browser's existing
/// session is unchanged.
///
/// Always returns an `exchange`; the task itself never ends in an error.
///
/// Lifetime: `r` is read during this call only; `p`, the source behind `rng` and `frames` must outlive the task.
/// Errors in `outcome`, answered by 405: `wrong_dbsc_method`.
/// Errors in `outcome`, answered by 400: `header_missing`; `json_*`; `base64_*`; `malformed_token`; `malformed_header`;
/// `bad_key`; `weak_key`; `private_key_refused`.
/// Errors in `outcome`, answered by 403: `wrong_dbsc_proof_type`; `algorithm_not_allowed`; `unsigned_token`;
/// `dbsc_key_refused` for no key, one of another type, or not the provider's; `invalid_dbsc_signature`;
/// `dbsc_challenge_refused`; `dbsc_login_mismatch`; `dbsc_authorization_mismatch`; `dbsc_session_ended` and
/// `dbsc_session_revoked` if the session that was to be replaced was ended after the offer.
/// Errors in `outcome`, answered by 503: those of the store.
///
/// @par Example
/// `auto const [answer, outcome] = *run(dbsc::handle_registration(bound, request, now), db); send(answer);`
SIGNET_DECL store::task<exchange> handle_registration(policy const& p, request const& r, unix_time now,
                                                      random_ref rng = system_random(),
                                                      std::pmr::memory_resource* frames = nullptr);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/registration.ipp>
#endif

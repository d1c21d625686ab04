// SPDX-License-Identifier: BSL-1.0
// Registration of a device bound session: the field that offers it, and the answer to the browser's proof (draft,
// DBSC).
#pragma once

#include <signet/crypto/random.hpp>
#include <signet/dbsc/bound_session.hpp>
#include <signet/store/task.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// For a relying party whose provider has a session with the browser: the key must be that session's. All three or
/// none.
struct federation {
    std::string_view provider_key{}; ///< base64url of the RFC 7638 SHA-256 thumbprint, 43 characters
    std::string_view provider_session_id{};
    std::string_view provider_url{}; ///< an https URL of the provider's origin
};

/// For whom a session is to be registered.
struct registration_params {
    std::string_view user; ///< whose it will be; never empty, at most 512 octets
    /// The login it belongs to, by a name that stays when the login cookie's value changes. If given, the browser's
    /// proof must come in the same login, and so must each refresh that comes in one.
    std::string_view login{};
    /// A text that the browser copies into its proof; printable ASCII.
    std::string_view authorization{};
    /// A session of the same browser whose identifier the new one takes over, so that it ends in the browser and here:
    /// two sessions with one cookie would leave it to chance which of them refreshes. From a `bound_session` or your
    /// own records, never from a request.
    std::string_view replaces{};
    federation provider{};
};

/// Offers a browser to register: stores a single-use challenge with what it was made for, and gives the field's value,
/// to be sent with the answer to the login as `dbsc::registration_field`.
///
/// Lifetime: `p` and `params` are read during this call only; `frames` must outlive the task.
/// Errors: the store's; `out_of_range` for parameters that are empty or too long; `malformed_header_field` for texts
/// that a field cannot carry; `invalid_dbsc_policy` for a federation in part, a key that is no thumbprint or no https
/// URL.
///
/// @par Example
/// `auto value = run(dbsc::offer_registration(bound, {.user = "anna", .login = login}, now), db);`
SIGNET_DECL store::task<std::string> offer_registration(policy const& p, registration_params const& params,
                                                        unix_time now, random_ref rng = system_random(),
                                                        std::pmr::memory_resource* frames = nullptr);

/// Answers the POST to the register path: takes the challenge, pins the key of the proof's header, makes session and
/// cookie.
///
/// Refused, and nothing is made: `wrong_dbsc_method` (405); 400 for what is missing or malformed, `header_missing`,
/// json_*, base64_*, `malformed_token`, `malformed_header`, `bad_key`, `weak_key`, `private_key_refused` and their
/// like; 403 for `wrong_dbsc_proof_type`, `algorithm_not_allowed`, `unsigned_token`, `dbsc_key_refused` (none, of
/// another kind, or not the provider's), `invalid_dbsc_signature`, `dbsc_challenge_refused`, `dbsc_login_mismatch`,
/// `dbsc_authorization_mismatch`; 503 for the store's. Only a good signature uses the challenge up. A session that the
/// browser has already is not touched by any of these.
///
/// Always gives an `exchange`; the task itself never ends in an error.
/// Lifetime: `r` is read during this call only; `p`, the source behind `rng` and `frames` must outlive the task.
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

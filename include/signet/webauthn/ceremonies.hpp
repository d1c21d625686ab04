// SPDX-License-Identifier: BSL-1.0
// Registration and login by passkey on any store: options out, answers in.
#pragma once

#include <signet/webauthn/credentials.hpp>
#include <signet/webauthn/judge.hpp>
#include <signet/webauthn/options.hpp>

#include <signet/crypto/random.hpp>
#include <signet/store/task.hpp>

#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

/// The user who registers a passkey. The views are read during the call.
struct begin_registration_params {
    std::string_view user;                     ///< the application's identifier, never shown: 1 to `max_user` octets
    std::string_view user_name;                ///< for people, such as "anna@example.com"; never empty
    std::string_view display_name{};           ///< for people; `user_name` if empty
    std::string_view session{};                ///< the session that registers; the answer must come in it
    bool discoverable = true;                  ///< whether logins work without the user's name
    std::span<std::string_view const> hints{}; ///< "security-key", "client-device", "hybrid"
};

/// Who sent the answer to a registration. The views are read during the call.
struct finish_registration_params {
    std::string_view user;      ///< as it was begun
    std::string_view session{}; ///< as it was begun
    std::string_view label{};   ///< the user's name for the passkey, at most `max_label` octets
    /// Whether the page used `mediation: "conditional"`: then user presence is not required (section 5.1.3).
    bool conditional = false;
};

/// Whose login begins, and for what. The views are read during the call.
struct begin_login_params {
    /// Empty: anybody with a discoverable passkey, by a button or by autofill (`mediation: "conditional"`).
    std::string_view user{};
    /// The answer must come in it. Empty: in none, so any browser may send it, and an attacker can log another browser
    /// in as himself. Where browsers keep cookies, give even a visitor a session.
    std::string_view session{};
    std::string_view action{}; ///< what the user agrees to, such as a payment with its amount; empty: a login
    /// Makes decoy options for a user without passkeys, so that the options do not reveal whether the user exists
    /// (section 14.6.2). Without it such a user is an error: leave it out only for users who are logged in already.
    mac_key const* decoys = nullptr;
    std::span<std::string_view const> hints{}; ///< "security-key", "client-device", "hybrid"
};

/// Who sent the answer to a login. The views are read during the call.
struct finish_login_params {
    std::string_view user{};    ///< the user who must have answered; empty: any user
    std::string_view session{}; ///< as it was begun
    std::string_view action{};  ///< as it was begun
    /// Whether this request, or the session, also has another factor, such as a password. Only then does a first user
    /// verification count as initialized (section 7.2 step 24).
    bool other_factor = false;
};

/// A login by passkey that was accepted, or an action that was confirmed.
struct login {
    webauthn::credential credential; ///< as it is stored now; `credential.user` is who logged in
    asserted proof;                  ///< with the evidence for a session or a device
};

/// Begins a registration: makes the user's handle if there is none yet, excludes all of the user's passkeys, and issues
/// a challenge for this user and session, which lives as long as the policy's timeout. Returns options in JSON for
/// `PublicKeyCredential.parseCreationOptionsFromJSON`.
///
/// Thread safety: may be called concurrently, like all functions of this header.
/// Lifetime: arguments are copied; the texts and lists of `rp`, the source of `rng`, and `frames` must outlive the
/// task.
/// Memory: the frames come from `frames` if given.
/// Errors: those of the store; `record_malformed` and `record_newer` for the user's record; `out_of_range` for an empty
/// or too long user, and an empty name; `webauthn_credential_limit`; `json_not_utf8`.
///
/// @par Example
/// `auto options = run(webauthn::begin_registration(shop, {.user = id, .user_name = "anna"}, now), db);`
[[nodiscard]] SIGNET_DECL store::task<std::string> begin_registration(relying_party const& rp,
                                                                      begin_registration_params const& params,
                                                                      unix_time now, random_ref rng = system_random(),
                                                                      std::pmr::memory_resource* frames = nullptr);

/// Finishes a registration: uses up the challenge, verifies the answer, and stores the credential, if its id is new
/// among all users. Returns the credential as it was stored.
///
/// It writes a record of the id first and the user's record second; a passkey is valid only if both name it. After an
/// interruption in between, a login with the passkey ends in `webauthn_credential_removed`, and nobody else can
/// register the id. The page then calls `PublicKeyCredential.signalUnknownCredential`, and the user registers again.
///
/// An answer that can be parsed uses up the challenge, whatever the result.
///
/// Lifetime: as `begin_registration`.
/// Errors: those of reading JSON and base64url; those of `proof::take_challenge`; those of `judge_registration`;
/// `credential_registered` if the id is known for any user; `webauthn_user_handle` if the user's record is gone;
/// `webauthn_credential_limit`; `out_of_range` for a label that is too long; those of the store. Of these,
/// `outcome_unknown` leaves open whether the passkey was stored: `credentials::list` tells.
///
/// @par Example
/// `auto made = run(webauthn::finish_registration(shop, body, {.user = id, .label = "Phone"}, now), db);`
[[nodiscard]] SIGNET_DECL store::task<attested> finish_registration(relying_party const& rp, std::string_view answer,
                                                                    finish_registration_params const& params,
                                                                    unix_time now,
                                                                    std::pmr::memory_resource* frames = nullptr);

/// Begins a login, or the confirmation of an action: issues a challenge for the user (if known), session and action,
/// which lives as long as the policy's timeout. Returns options in JSON for
/// `PublicKeyCredential.parseRequestOptionsFromJSON`.
///
/// With a user, the options list that user's passkeys. Without one they list none, so that the browser offers all it
/// has for the site; they are also for `mediation: "conditional"`.
///
/// Lifetime: as `begin_registration`; `params.decoys` is read during the call.
/// Errors: those of the store; `record_malformed` and `record_newer` for the user's record; `out_of_range` for a user
/// that is too long; `webauthn_credential_unknown` for a user without passkeys if there are no decoys;
/// `buffer_too_small` for parameters of more than about 900 octets.
///
/// @par Example
/// `auto options = run(webauthn::begin_login(shop, {.session = visitor}, now), db);`
[[nodiscard]] SIGNET_DECL store::task<std::string> begin_login(relying_party const& rp,
                                                               begin_login_params const& params, unix_time now,
                                                               random_ref rng = system_random(),
                                                               std::pmr::memory_resource* frames = nullptr);

/// Finishes a login or confirmation: uses up the challenge, finds the credential, verifies the answer, and writes
/// counter, backup state and last use in one compare-and-swap. If the write fails, the login fails.
///
/// An answer that can be parsed uses up the challenge, whatever the result. The errors for a blocked or removed
/// credential are returned only for an answer that is otherwise valid.
///
/// Lifetime: as `begin_registration`.
/// Errors that use up nothing, answered by 400: those of reading JSON and base64url.
/// Errors answered by 401: those of `proof::take_challenge` and `judge_assertion`; `webauthn_credential_unknown`;
/// `webauthn_credential_blocked`; `webauthn_credential_removed`. They must look the same to clients (section 14.6.2):
/// answer with `outward`. Other errors: those of the store.
///
/// @par Example
/// `auto const login = run(webauthn::finish_login(shop, body, {.session = visitor}, now), db);`
[[nodiscard]] SIGNET_DECL store::task<login> finish_login(relying_party const& rp, std::string_view answer,
                                                          finish_login_params const& params, unix_time now,
                                                          std::pmr::memory_resource* frames = nullptr);

/// Returns the error to send to a client: `webauthn_refused` for every refusal of an answer (400 and 401), and `e`
/// itself otherwise, such as for a failure of the store. Write `e` itself to the log.
[[nodiscard]] SIGNET_DECL error outward(error e) noexcept;

}}} // namespace signet::webauthn

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/ceremonies.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Judges the answers of authenticators: a registration (section 7.1) and an assertion (section 7.2), without a store.
#pragma once

#include <signet/webauthn/credential.hpp>
#include <signet/webauthn/relying_party.hpp>

#include <signet/proof/verified_key.hpp>

#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

/// The largest answer that is read, in octets.
inline constexpr std::size_t max_answer = 262'144;

/// What an answer must match. Refers to its arguments, which must outlive it.
struct expected {
    relying_party const& rp;
    std::string_view challenge; ///< as it was issued, in base64url; never empty
    /// Whether user presence is required. False only for a registration with `mediation: "conditional"`.
    bool presence = true;
    /// Assertions: the ids that the options listed; empty if they listed none.
    std::span<bytes_view const> allow_credentials{};
    /// Assertions: whether the user was known before. If not, the answer must contain the user handle.
    bool user_known = true;
};

/// A registration that was accepted.
struct attested {
    webauthn::credential credential; ///< without user, user handle, label and times
    std::string_view format;         ///< the format of the statement, such as "packed"; has static storage
    bool trusted; ///< `credential.trusted`: whether the statement leads to an anchor; then it also covers the AAGUID
    /// Evidence, if the new key itself signed the statement (packed without certificates, and android-key).
    std::optional<proof::verified_key> proved;
};

/// An assertion that was accepted.
struct asserted {
    proof::verified_key key; ///< evidence that the credential's key was used for this challenge
    std::uint32_t count;     ///< to be stored, with `backed_up`
    bool user_verified;
    bool backed_up;
    bool counter_went_back; ///< only if the policy reports it
    bool backup_changed;    ///< only if the policy reports it
};

/// The credential that an assertion claims to use, before anything is verified. Use it to find the stored credential.
struct claimed_credential {
    bytes id;
    bytes user_handle; ///< empty if there is none
};

/// Verifies a RegistrationResponseJSON (section 5.1), as `PublicKeyCredential.toJSON()` makes it. The caller must
/// remove the challenge from its store before, and check afterwards that the id is new among all users
/// (`credential_registered`).
///
/// Complexity: bounded by `max_answer`; at most two signatures, and those of a path of certificates.
/// Errors, in the order of the checks: those of reading JSON, base64url and CBOR where the parts are read;
/// `webauthn_credential_type`; `webauthn_credential_id`; those of `check_client_data`; `webauthn_attestation_object`;
/// those of `read_authenticator_data`; `webauthn_rp_id`; `webauthn_user_presence`; `webauthn_user_verification`;
/// `webauthn_backup_flags`; `algorithm_not_allowed`; `unsupported_algorithm`; `webauthn_key`; `bad_key`; `weak_key`;
/// `webauthn_format`; `webauthn_attestation`; those of `relying_party_params::anchors` where trust is demanded;
/// `webauthn_attestation_untrusted`.
[[nodiscard]] SIGNET_DECL result<attested> judge_registration(std::string_view answer, expected const& e,
                                                              unix_time now);

/// Verifies an AuthenticationResponseJSON (section 5.1) with the credential that it claims. The caller must remove the
/// challenge from its store before, and store the new count and backup state afterwards.
///
/// A credential without a user handle is accepted only if the user was known before.
///
/// Errors, in the order of the checks: those of reading JSON and base64url; `webauthn_credential_type`;
/// `webauthn_credential_id`; `webauthn_credential_unknown`; `webauthn_user_handle`; those of `check_client_data` and
/// `read_authenticator_data`; `webauthn_rp_id`; `webauthn_user_presence`; `webauthn_user_verification`;
/// `webauthn_backup_flags`; `webauthn_backup_changed`; `webauthn_signature_form`; `webauthn_signature`;
/// `webauthn_counter`. Answer all of them alike, by 401 (section 14.6.2).
[[nodiscard]] SIGNET_DECL result<asserted> judge_assertion(std::string_view answer, expected const& e,
                                                           credential const& stored);

/// Reads which credential an assertion claims. Errors: those that `judge_assertion` has for these members.
[[nodiscard]] SIGNET_DECL result<claimed_credential> read_claimed_credential(std::string_view answer);

}}} // namespace signet::webauthn

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/judge.ipp>
#endif

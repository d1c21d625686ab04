// SPDX-License-Identifier: BSL-1.0
// The passkeys of a user at a site: listed, renamed, blocked, removed, and what browsers are told of that.
#pragma once

#include <signet/webauthn/credential.hpp>

#include <signet/store/task.hpp>

#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

/// How long a removed credential is remembered, so that its holder gets `webauthn_credential_removed`.
inline constexpr std::chrono::seconds removed_lifetime{400 * 24 * 3600};

/// The passkeys of one site, by its RP ID. It holds no credentials; every call returns an operation for the store.
///
/// One record names all credentials of a user, so a list is consistent. Every function that takes a user refuses
/// credentials of another user as unknown.
///
/// Thread safety: may be called concurrently.
/// Lifetime: arguments are copied; an operation needs neither them nor the object.
/// Memory: the frames of an operation come from `frames` if given.
/// Errors of every operation: those of the store; `record_malformed` and `record_newer` for a record that cannot be
/// read.
///
/// @par Example
/// `webauthn::credentials const passkeys{"example.com"}; auto all = run(passkeys.list(user, now), db);`
class credentials {
public:
    /// Takes the RP ID, `relying_party_params::rp_id`.
    explicit credentials(std::string rp_id) : rp_id_{std::move(rp_id)} {}

    /// Returns all credentials of a user in the order of their registration.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<credential>> list(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// Finds a credential of a user. Errors: `webauthn_credential_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<credential> find(std::string_view user, bytes_view id, unix_time now,
                                                           std::pmr::memory_resource* frames = nullptr) const;

    /// Changes a label. Returns the credential as it then is. Errors: `webauthn_credential_unknown`; `out_of_range` for
    /// a label of more than `max_label` octets.
    [[nodiscard]] SIGNET_DECL store::task<credential> rename(std::string_view user, bytes_view id, std::string label,
                                                             unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const;
    /// Blocks a credential, so that no login succeeds with it. Blocking twice changes nothing. Sessions that it began
    /// continue until `login_sessions::revoke_by_key` ends them. Errors: `webauthn_credential_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<credential> block(std::string_view user, bytes_view id, unix_time now,
                                                            std::pmr::memory_resource* frames = nullptr) const;
    /// Unblocks a credential. Errors: `webauthn_credential_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<credential> unblock(std::string_view user, bytes_view id, unix_time now,
                                                              std::pmr::memory_resource* frames = nullptr) const;
    /// Removes a credential and returns its last state. Afterwards the page passes the result of `accepted` to
    /// `signalAllAcceptedCredentials`, so that the user's devices forget it too.
    ///
    /// Its id and key are remembered for `removed_lifetime`, without the user's name for it: a login with it ends in
    /// `webauthn_credential_removed`, and nobody can register the id. A call that was interrupted can be repeated.
    /// Errors: `webauthn_credential_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<credential> remove(std::string_view user, bytes_view id, unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const;
    /// Removes all credentials of a user and the user's handle: for a user who is deleted. Returns how many there were.
    [[nodiscard]] SIGNET_DECL store::task<std::size_t> remove_all(std::string_view user, unix_time now,
                                                                  std::pmr::memory_resource* frames = nullptr) const;

    /// Returns the argument of `PublicKeyCredential.signalAllAcceptedCredentials` in JSON (section 5.1.10.2), for a
    /// page after a login or a removal. The list is complete, with blocked credentials, because devices forget the
    /// passkeys that it does not name. Send it only to the user. Errors: `webauthn_credential_unknown` for a user who
    /// never began a registration.
    [[nodiscard]] SIGNET_DECL store::task<std::string> accepted(std::string_view user, unix_time now,
                                                                std::pmr::memory_resource* frames = nullptr) const;
    /// Returns the argument of `PublicKeyCredential.signalCurrentUserDetails` in JSON (section 5.1.10.3), for a page
    /// after the user's names have changed. Errors: those of `accepted`; `json_not_utf8`.
    [[nodiscard]] SIGNET_DECL store::task<std::string> user_details(std::string_view user, std::string user_name,
                                                                    std::string display_name, unix_time now,
                                                                    std::pmr::memory_resource* frames = nullptr) const;

private:
    std::string rp_id_;
};

/// Returns the argument of `PublicKeyCredential.signalUnknownCredential` in JSON (section 5.1.10.1), for a page whose
/// login ended in `webauthn_credential_removed`. Errors: `json_not_utf8`.
[[nodiscard]] SIGNET_DECL result<std::string> write_unknown_credential(std::string_view rp_id, bytes_view id);

}}} // namespace signet::webauthn

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/credentials.ipp>
#endif

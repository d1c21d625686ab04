// SPDX-License-Identifier: BSL-1.0
// A device bound session that was found alive: what a cookie, a registration or a refresh proved.
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/secret.hpp>
#include <signet/core/time.hpp>
#include <signet/dbsc/message.hpp>
#include <signet/proof/verified_key.hpp>

#include <optional>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {
struct bound_session_access;
// Of a login's name only the hash is kept: it may be a secret. Empty for no login.
SIGNET_DECL std::optional<crypto::sha256_digest> login_digest(std::string_view login);
} // namespace detail

/// A session that was live when this object was made. Only the operations of this folder make one. Owns all of its
/// data.
class bound_session {
public:
    [[nodiscard]] std::string const& id() const noexcept {
        return id_;
    } ///< the session's identifier; not secret, and no proof of anything
    [[nodiscard]] std::string const& user() const noexcept { return user_; }    ///< `registration_params::user`
    [[nodiscard]] unix_time registered() const noexcept { return registered_; } ///< when its key was pinned
    [[nodiscard]] unix_time refreshed() const noexcept { return refreshed_; }   ///< when its key was last proved
    [[nodiscard]] unix_time ends() const noexcept { return ends_; }             ///< when it ends, refreshed or not
    /// Returns the RFC 7638 SHA-256 thumbprint of the pinned key. In base64url it is the `provider_key` of a federated
    /// registration.
    [[nodiscard]] crypto::sha256_digest const& key_thumbprint() const noexcept { return thumbprint_; }
    /// Returns whether the session was registered in that login (`registration_params::login`). A session without a
    /// login belongs to all logins.
    [[nodiscard]] SIGNET_DECL bool belongs_to(std::string_view login) const;

private:
    friend detail::bound_session_access;
    bound_session() = default;

    std::string id_, user_;
    unix_time registered_{}, refreshed_{}, ends_{};
    crypto::sha256_digest thumbprint_{};
    std::optional<crypto::sha256_digest> login_{};
};

/// A session whose key was proved in this request.
struct proved_session {
    bound_session session;
    proof::verified_key key; ///< evidence for operations that require a key, such as a secure action
};

/// The result of a registration or a refresh: the answer to send, and the outcome.
struct exchange {
    response answer;                                          ///< must always be sent, as it is
    result<proved_session> outcome = errc::store_unavailable; ///< the session, or the reason for a log

    friend void wipe_secrets(exchange& e) noexcept { // the bound cookie is in one of its fields
        for (auto& f : e.answer.fields) wipe_text(f.value);
    }
};

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/bound_session.ipp>
#endif

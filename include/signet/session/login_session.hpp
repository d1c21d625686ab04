// SPDX-License-Identifier: BSL-1.0
// Sessions of users, at an identity provider or in an application: from the first visit to the end.
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/key.hpp>
#include <signet/crypto/random.hpp>
#include <signet/jwt/verified.hpp>
#include <signet/session/authentication.hpp>
#include <signet/session/linked_token.hpp>
#include <signet/session/session_lookup.hpp>
#include <signet/session/session_policy.hpp>
#include <signet/session/session_results.hpp>
#include <signet/store/task.hpp>

#include <concepts>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace oauth {
struct refresh_grant; // <signet/oauth/refresh.hpp>
}}} // namespace signet::oauth

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// Which of the user's sessions end.
enum class logout_scope : std::uint8_t { this_app, everywhere };

/// The sessions of one application, or of an identity provider, of a tenant. It holds no sessions, only names, a key
/// and the policy; every call returns an operation for the store.
///
/// A cookie consists of the session's `sid`, which is public and names the record, and a secret, whose hash is in the
/// record. A new id is a new secret: one compare-and-swap writes it and invalidates the old one. A late write cannot
/// revive a session. Each user has a roster, a record that lists the user's sessions for limits and revocation.
///
/// Thread safety: may be called concurrently; copies share one immutable body.
/// Lifetime: operations copy their arguments. The source of randomness and `frames` must outlive them.
/// Memory: the frames of an operation come from `frames` (see `store::task`).
///
/// @par Example
/// `auto sessions = session::login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256), {});`
/// `auto in = run(sessions->log_in({.user = "anna"}, client, now), db); // in->cookie`
/// `auto it = run(sessions->authenticate(cookie, client, now), db); // it->session.user()`
class login_sessions {
public:
    /// Makes the sessions of an application. The current key hashes client properties and ids in logs, and derives the
    /// new id of a renewal; hashes of former keys are recognised. All instances must have the same keys. Errors:
    /// `session_lifetime_too_long`, of a client too; `out_of_range` for limits, for names that are empty or too long,
    /// and for a client that is given two lifetimes.
    [[nodiscard]] static SIGNET_DECL result<login_sessions> make(std::string tenant, std::string app, mac_keys keys,
                                                                 session_policy policy = {});

    /// Begins a session before anybody has logged in, for a basket or the state of a login form.
    [[nodiscard]] SIGNET_DECL store::task<issued_session> begin_anonymous(
        client_properties client, unix_time now, random_ref rng = system_random(),
        std::pmr::memory_resource* frames = nullptr) const;

    /// Begins a session of the user under a new id. Call it after the user was authenticated.
    ///
    /// The session of `old_cookie` ends first; an anonymous session passes its data on to the new one.
    ///
    /// Errors, after which no id was issued: `session_limit_reached`; `session_ended` if a revocation or a logout of
    /// the user, or of the identity provider's session, happened during this call; those of the store.
    [[nodiscard]] SIGNET_DECL store::task<issued_session> log_in(authentication who, client_properties client,
                                                                 unix_time now, std::string_view old_cookie = {},
                                                                 random_ref rng = system_random(),
                                                                 std::pmr::memory_resource* frames = nullptr) const;

    /// Finds and checks a user's session, for a request. It reads the tenant's epochs and the session, and writes only
    /// if a touch or a renewal is due. Does not allocate.
    ///
    /// Errors: `session_unknown` (never existed, or the id is an old one); `session_expired`; `session_idle`;
    /// `session_ended`; `session_binding_mismatch`; `login_required` if nobody has logged in; those of the store.
    [[nodiscard]] SIGNET_DECL session_lookup authenticate(std::string_view cookie, client_properties client,
                                                          unix_time now) const;
    /// Finds and checks a session, which may be anonymous. Errors: those of `authenticate`, except `login_required`.
    [[nodiscard]] SIGNET_DECL session_lookup find(std::string_view cookie, client_properties client,
                                                  unix_time now) const;

    /// Gives the session more rights, or resumes an idle one if the profile allows it. The session has a new id; the
    /// old one becomes invalid in the same compare-and-swap.
    ///
    /// `lifetime` and `idle` begin again; `absolute` counts from the login. A lower level than the session's changes
    /// neither its level nor `methods` and `auth_time`. A key in `who` replaces the session's key; without one the
    /// session keeps its key. The client and the IDP session do not change.
    ///
    /// Errors: `session_idle` if the profile does not allow resuming; `subject_mismatch` for another user;
    /// `out_of_range` for an empty one; those of `authenticate`.
    [[nodiscard]] SIGNET_DECL store::task<issued_session> step_up(std::string_view cookie, authentication who,
                                                                  client_properties client, unix_time now,
                                                                  random_ref rng = system_random(),
                                                                  std::pmr::memory_resource* frames = nullptr) const;

    /// Extends the session to `lifetime` from now, but not beyond `absolute`, after a new access token was issued.
    /// Never revives a session. Like every operation on a cookie except `log_out`, fails with
    /// `session_binding_mismatch` if a strictly bound client property differs.
    [[nodiscard]] SIGNET_DECL store::task<live_session> extend(std::string_view cookie, client_properties client,
                                                               unix_time now,
                                                               std::pmr::memory_resource* frames = nullptr) const;

    /// Extends a session of this application as `extend` does, for a token endpoint, which sees no cookie. Take user
    /// and `sid` from a grant that you have verified, because a `sid` proves nothing. Client properties are not
    /// compared, and it does not count as a use. Do not call it for a refresh token, which must not extend a session.
    /// Returns the new end of the session.
    ///
    /// Errors: `session_unknown` if it is not a session of this user at this application; those of `extend` except
    /// `session_binding_mismatch`.
    ///
    /// Example: `auto ends = run(sessions.extend_by_sid(user, sid, now), db);`
    [[nodiscard]] SIGNET_DECL store::task<unix_time> extend_by_sid(std::string_view user, std::string_view sid,
                                                                   unix_time now,
                                                                   std::pmr::memory_resource* frames = nullptr) const;

    /// Links a verified access token to the session. Errors: `subject_mismatch` if its `user()` is not the session's;
    /// those of `authenticate`.
    [[nodiscard]] SIGNET_DECL store::task<live_session> link(std::string_view cookie, linked_token token,
                                                             client_properties client, unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const;
    /// Stores the application's own data, at most 1024 octets. A concurrent write of something else is not lost: the
    /// operation repeats on the new record, and fails if the session has ended. Errors: `out_of_range`; those of
    /// `authenticate`.
    [[nodiscard]] SIGNET_DECL store::task<live_session> set_data(std::string_view cookie, std::string data,
                                                                 client_properties client, unix_time now,
                                                                 std::pmr::memory_resource* frames = nullptr) const;

    /// Ends this session permanently. Client properties are not compared, so that its user can always log out. Succeeds
    /// also if the session has ended.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> log_out(std::string_view cookie, unix_time now,
                                                                  std::pmr::memory_resource* frames = nullptr) const;
    /// Ends the user's sessions of this application, or of all applications of the tenant.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> log_out_user(
        std::string_view user, logout_scope scope, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// Ends the user's sessions, authorised by the user's verified access token: its `sub` is the user.
    template <class Token>
        requires(std::same_as<Token, jwt::verified> || std::same_as<Token, jwt::token>)
    [[nodiscard]] store::task<ended_sessions> log_out_bearer(Token const& access_token, logout_scope scope,
                                                             unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const {
        return log_out_user(access_token.subject(), scope, now, frames);
    }
    /// Ends the sessions of the local user to whom the access token was mapped (`mapped_to`). Without a mapping the
    /// user is its `sub`.
    [[nodiscard]] store::task<ended_sessions> log_out_bearer(linked_token const& access_token, logout_scope scope,
                                                             unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const {
        return log_out_user(access_token.user(), scope, now, frames);
    }
    /// Ends the sessions of this application that began with that session of that identity provider, for OIDC
    /// back-channel logout. A logout token names its `iss` and `sid`.
    ///
    /// Give the user if the token has a `sub`. Without it the user is looked up, which is possible for a year after the
    /// last login by that session. If nobody has logged in by that session yet, such logins are refused for a day. For
    /// a token without `sid`, leave `idp_session` empty: all sessions of the user in this application end.
    ///
    /// Errors: `out_of_range` without user and `idp_session`; those of the store.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> log_out_idp_session(
        std::string_view issuer, std::string_view idp_session, unix_time now, std::string_view user = {},
        std::pmr::memory_resource* frames = nullptr) const;
    /// Ends all sessions of the user in all applications, all refresh families that joined (`join_family`), and the
    /// user's stateless tokens.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_user(
        std::string_view user, unix_time now, end_reason why = end_reason::revoked,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Ends all sessions of the user except one, for "end my other sessions" and after a change of password. Their
    /// refresh families, those that joined for no session, and their stateless tokens end too. The families of
    /// `keep_sid` continue.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_others(
        std::string_view user, std::string_view keep_sid, unix_time now, end_reason why = end_reason::revoked,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Ends one session of the user's list, by its `sid`, with the refresh families that joined for it.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_one(std::string_view user, std::string_view sid,
                                                                     unix_time now,
                                                                     end_reason why = end_reason::revoked,
                                                                     std::pmr::memory_resource* frames = nullptr) const;
    /// Ends the user's sessions that are bound to the key with this thumbprint, in all applications, with the refresh
    /// families that joined for them, and logins in progress. For a device that was blocked or removed; block it first.
    /// A session that cannot be read ends too.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_by_key(
        std::string_view user, crypto::sha256_digest const& key, unix_time now, end_reason why = end_reason::revoked,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Ends all sessions of this application, or of the tenant, by raising an epoch that every look-up reads. Errors:
    /// `out_of_range` for the 129th application of a tenant.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_all(logout_scope scope, unix_time now,
                                                                     std::pmr::memory_resource* frames = nullptr) const;

    /// Completes a revocation, logout or limit that was interrupted, and returns the `sid`s of the sessions that it
    /// ended. If one of those failed with an error of the store, call this until it succeeds; it needs only the user's
    /// name. A login of the user, `list` and `not_before` do the same.
    ///
    /// Errors: those of the store. What could not be ended stays marked for the next call.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<std::string>> finish_revocations(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// Returns the user's live sessions of all applications, oldest first. Like `not_before`, it first completes an
    /// interrupted revocation.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<live_session>> list(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// Returns the time before which stateless tokens of the user were revoked; 1970 if there is none, or none in the
    /// last year (`max_token_lifetime`). `sid` is the session that the token names, if it names one: `revoke_others`
    /// exempts one session.
    [[nodiscard]] SIGNET_DECL store::task<unix_time> not_before(std::string_view user, unix_time now,
                                                                std::string_view sid = {},
                                                                std::pmr::memory_resource* frames = nullptr) const;
    /// Puts a refresh family that was just started on its user's roster, so that a revocation ends it. The family
    /// belongs to the session whose `sid` its parameters name, or else to the user. Returns the same time as
    /// `not_before`.
    ///
    /// Call it before the token is issued, and do not issue the token if it fails.
    ///
    /// Errors: `session_ended` if that session is no longer on the roster, or the user's sessions were revoked since
    /// the family was started; `session_limit_reached` if there are as many live families as allowed; those of the
    /// store.
    template <class Grant>
        requires std::same_as<Grant, oauth::refresh_grant>
    [[nodiscard]] store::task<unix_time> join_family(Grant const& first, unix_time now,
                                                     std::pmr::memory_resource* frames = nullptr) const {
        return join_family(first.user, first.session, first.record, first.started, first.ends, &Grant::family_is_over,
                           now, frames);
    }

    /// Return the policy, and the name of the application.
    [[nodiscard]] SIGNET_DECL session_policy const& policy() const& noexcept [[clang::lifetimebound]];
    [[nodiscard]] SIGNET_DECL std::string_view app() const& noexcept [[clang::lifetimebound]];
    session_policy const& policy() const&& = delete;
    std::string_view app() const&& = delete;

private:
    explicit login_sessions(std::shared_ptr<detail::sessions_body const> b) noexcept : body_{std::move(b)} {}
    SIGNET_DECL store::task<unix_time> join_family(std::string_view user, std::string_view session,
                                                   store::record_key const& record, unix_time started, unix_time ends,
                                                   bool (*is_over)(bytes_view, unix_time), unix_time now,
                                                   std::pmr::memory_resource* frames) const;
    std::shared_ptr<detail::sessions_body const> body_;
};

}}} // namespace signet::session

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/session/impl/login_session.ipp>
#endif

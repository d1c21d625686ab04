// SPDX-License-Identifier: BSL-1.0
// Sessions of users, at an identity provider or in an application: from the first visit to the end (C1-C12, D4, D5,
// D9).
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

/// C5: which of the user's sessions.
enum class logout_scope : std::uint8_t { this_app, everywhere };

/// The sessions of one application, or of an identity provider, of a tenant.
///
/// It holds no sessions, only names, a key and the policy; every call returns an operation for the store. A session's
/// cookie is its `sid`, which is public and names the record, and a secret, of which the record keeps the hash. So a
/// new id is one compare-and-swap in which the old one dies, a save that comes too late cannot bring a session back,
/// and guessing changes nothing. The sessions of a user stand in a roster for limits, lists and revocation.
///
/// Thread safety: may be shared by threads; copies share one immutable body.
/// Lifetime: operations copy their arguments, but the source of randomness and `frames`, where the frames of their
/// coroutines stand (see `store::task`), must outlive them.
///
/// Example:
/// `auto sessions = session::login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256), {});`
/// `auto in = run(sessions->log_in({.user = "anna"}, client, now), db);  // in->cookie`
/// `auto it = run(sessions->authenticate(cookie, client, now), db);      // it->session.user()`
class login_sessions {
public:
    /// `key` makes the keyed hashes of client properties and of ids in logs, and new ids of old ones at a renewal; the
    /// same on all instances.
    /// Errors: `session_lifetime_too_long`, `out_of_range` (limits, names that are too long).
    [[nodiscard]] static SIGNET_DECL result<login_sessions> make(std::string tenant, std::string app, mac_key key,
                                                                 session_policy policy = {});

    /// Begins a session before anybody has logged in, for a basket or a login form's state.
    [[nodiscard]] SIGNET_DECL store::task<issued_session> begin_anonymous(
        client_properties client, unix_time now, random_ref rng = system_random(),
        std::pmr::memory_resource* frames = nullptr) const;

    /// D4: begins a session of the user under a new id, which is handed out only after it is on the roster.
    ///
    /// Whatever session `old_cookie` shows ends first; an anonymous one hands its data on to the new one.
    /// Errors: `session_limit_reached` (nothing remains), `session_ended` (the user's sessions were revoked, or the
    /// user logged out of all of an application, or of the identity provider's session, since this operation's first
    /// question), the store's (nothing that was handed out).
    [[nodiscard]] SIGNET_DECL store::task<issued_session> log_in(authentication who, client_properties client,
                                                                 unix_time now, std::string_view old_cookie = {},
                                                                 random_ref rng = system_random(),
                                                                 std::pmr::memory_resource* frames = nullptr) const;

    /// Looks a user's session up and judges it, for a request: one look at the tenant's epochs, one at the session, a
    /// write only where a touch or a renewal is due. No allocation of ours.
    ///
    /// Errors: `session_unknown` (never was, or the id is an old one), `session_expired`, `session_idle`,
    /// `session_ended`, `session_binding_mismatch`, `login_required` (nobody has logged in), and the store's.
    [[nodiscard]] SIGNET_DECL session_lookup authenticate(std::string_view cookie, client_properties client,
                                                          unix_time now) const;
    /// The same, and an anonymous session is as good.
    [[nodiscard]] SIGNET_DECL session_lookup find(std::string_view cookie, client_properties client,
                                                  unix_time now) const;

    /// More rights, or back from idleness where the profile allows it: the same session under a new id; the old id dies
    /// in the same swap.
    ///
    /// `lifetime` and `idle` begin anew, `absolute` counts from the login. An authentication of a lower level than the
    /// session's changes neither its level nor `methods` and `auth_time`, which belong to the level. The session stays
    /// bound to what it was bound to, where nothing else is given: a key that `who` names takes the place of an earlier
    /// one; its client and IDP session stay what they were.
    /// Errors: `session_idle` where re-entry is not allowed; `subject_mismatch` for another user.
    [[nodiscard]] SIGNET_DECL store::task<issued_session> step_up(std::string_view cookie, authentication who,
                                                                  client_properties client, unix_time now,
                                                                  random_ref rng = system_random(),
                                                                  std::pmr::memory_resource* frames = nullptr) const;

    /// C3: a new access token was issued, so the session lives `lifetime` from now, never past its cap, never after its
    /// end. Like every operation on a cookie except `log_out`, fails with `session_binding_mismatch` if a strictly
    /// bound property of the client differs.
    [[nodiscard]] SIGNET_DECL store::task<live_session> extend(std::string_view cookie, client_properties client,
                                                               unix_time now,
                                                               std::pmr::memory_resource* frames = nullptr) const;

    /// B7, B9: hangs a validated access token on the session. `linked_token` can only be made from a verified one.
    /// B3: `subject_mismatch` if its `sub` is not the session's user.
    [[nodiscard]] SIGNET_DECL store::task<live_session> link(std::string_view cookie, linked_token token,
                                                             client_properties client, unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const;
    /// The application's own data, at most 1024 octets (`out_of_range`). Nothing else that is written at the same time
    /// is lost: a save that is too late begins anew on what is there then, and is refused where the session has ended.
    [[nodiscard]] SIGNET_DECL store::task<live_session> set_data(std::string_view cookie, std::string data,
                                                                 client_properties client, unix_time now,
                                                                 std::pmr::memory_resource* frames = nullptr) const;

    /// C6, D9: ends this session, at once and for good, from whatever client: nobody gains by ending a session, and its
    /// user must always be able to. A session that is over already is not an error.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> log_out(std::string_view cookie, unix_time now,
                                                                  std::pmr::memory_resource* frames = nullptr) const;
    /// C5: ends the user's sessions, of this application or of all applications of the tenant.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> log_out_user(
        std::string_view user, logout_scope scope, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// C7: the same, authorised by the user's access token, which was verified: its `sub` is the user.
    template <class Token>
        requires(std::same_as<Token, jwt::verified> || std::same_as<Token, jwt::token>)
    [[nodiscard]] store::task<ended_sessions> log_out_bearer(Token const& access_token, logout_scope scope,
                                                             unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const {
        return log_out_user(access_token.subject(), scope, now, frames);
    }
    /// Ends the sessions of this application that began with that session of that identity provider: for OIDC
    /// back-channel logout, whose logout token names its `iss` and `sid`. Give the user where the token has a `sub`;
    /// without it the user is looked up, which is possible for a year after the last login by that session; if nobody
    /// has logged in by it yet, nobody can for a day. A token without `sid` means all of the user's sessions here: then
    /// leave `idp_session` empty. `out_of_range` with neither.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> log_out_idp_session(
        std::string_view issuer, std::string_view idp_session, unix_time now, std::string_view user = {},
        std::pmr::memory_resource* frames = nullptr) const;
    /// C8: ends all sessions of the user everywhere, all refresh families that joined (`join_family`), and stateless
    /// tokens.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_user(
        std::string_view user, unix_time now, end_reason why = end_reason::revoked,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Ends all of the user's but this one; for "end my other sessions" and after a change of password. With the others
    /// go their refresh families, those that joined for no session, and the others' stateless tokens; the families of
    /// `keep_sid` live on.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_others(
        std::string_view user, std::string_view keep_sid, unix_time now, end_reason why = end_reason::revoked,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Ends one, by its `sid`, from the user's list, with the refresh families that joined for it.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_one(std::string_view user, std::string_view sid,
                                                                     unix_time now,
                                                                     end_reason why = end_reason::revoked,
                                                                     std::pmr::memory_resource* frames = nullptr) const;
    /// Ends the user's sessions that are bound to this key, by its thumbprint, in all applications, with the refresh
    /// families that joined for them, and logins that are under way: for a device that was blocked or removed. Block
    /// first. A session that cannot be read ends too.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_by_key(
        std::string_view user, crypto::sha256_digest const& key, unix_time now, end_reason why = end_reason::revoked,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Ends all sessions of this application, or of the tenant, by raising an epoch that every look-up reads.
    /// `out_of_range` for the 129th application of a tenant.
    [[nodiscard]] SIGNET_DECL store::task<ended_sessions> revoke_all(logout_scope scope, unix_time now,
                                                                     std::pmr::memory_resource* frames = nullptr) const;

    /// C12: the user's live sessions of all applications, the oldest first. Like `not_before`, it first ends what an
    /// interrupted revocation left.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<live_session>> list(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// Stateless tokens of the user issued before it are to be refused; 1970 where none are. `sid` is the session that
    /// the token names, if it does: `revoke_others` means all but one.
    [[nodiscard]] SIGNET_DECL store::task<unix_time> not_before(std::string_view user, unix_time now,
                                                                std::string_view sid = {},
                                                                std::pmr::memory_resource* frames = nullptr) const;
    /// Puts a refresh family that was just started on its user's roster, so that a revocation erases it: of the user,
    /// or of its session, which its terms name by a `sid` if it belongs to one. Call it before its token is handed out,
    /// which must not be done if this fails: `session_ended` where that session is on the roster no more, or the user's
    /// sessions were revoked since the family was started; `session_limit_reached` where as many families live as may
    /// (those that are over leave the roster when it is full); the store's. The time is what `not_before` says.
    template <class Grant>
        requires std::same_as<Grant, oauth::refresh_grant>
    [[nodiscard]] store::task<unix_time> join_family(Grant const& first, unix_time now,
                                                     std::pmr::memory_resource* frames = nullptr) const {
        return join_family(first.user, first.session, first.record, first.started, first.ends, &Grant::family_is_over,
                           now, frames);
    }

    /// What it was made with.
    [[nodiscard]] SIGNET_DECL session_policy const& policy() const noexcept;
    [[nodiscard]] SIGNET_DECL std::string_view app() const noexcept;

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

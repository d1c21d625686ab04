// SPDX-License-Identifier: BSL-1.0
// Sessions of users, at an identity provider or in an application: from the first visit to the end (C1-C12, D4, D5,
// D9).
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/secret.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/key.hpp>
#include <signet/crypto/random.hpp>
#include <signet/proof/verified_key.hpp>
#include <signet/session/audit.hpp>
#include <signet/session/live_session.hpp>
#include <signet/session/profile.hpp>
#include <signet/store/old_task.hpp>

#include <array>
#include <concepts>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace oauth {
struct refresh_grant; // <signet/oauth/refresh.hpp>
}}} // namespace signet::oauth

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// What is done when a property of the client is not what it was when the session began (D5).
enum class binding_mode : std::uint8_t { off, detect, strict };

/// What happens to a login when the user has as many sessions as allowed (C12).
enum class session_limit : std::uint8_t { refuse, end_oldest, end_least_recent };

/// How sessions of one application live, and how many a user has.
struct session_policy {
    session_profile profile = profiles::mosaic;
    binding_mode ip = binding_mode::off; ///< by prefix: /24 of IPv4, /56 of IPv6
    binding_mode user_agent = binding_mode::detect;
    binding_mode certificate = binding_mode::strict; ///< where one was shown at login
    std::size_t most = 16;                           ///< sessions of a user, at most `most_sessions`
    session_limit when_full = session_limit::end_oldest;
    std::chrono::seconds remember_ended{3600}; ///< how long after its end a session is still refused by its own reason
};

/// The most sessions (and refresh families) that a user's roster holds.
inline constexpr std::size_t most_sessions = 256;

/// The client as this request shows it. What is empty is not known and not compared, unless it was known at login.
struct client_properties {
    std::string_view ip{}; ///< "203.0.113.7" or "2001:db8::1"
    std::string_view user_agent{};
    std::string_view certificate{}; ///< of mutual TLS: its SHA-256 or any other name for it
    std::string_view device{};      ///< for people: "Firefox on Debian"
    std::string_view place{};       ///< for people: "Lisbon, PT"
};

/// That somebody authenticated. Make it from what the check of the password, passkey or ID token said.
struct authentication {
    std::string_view user;          ///< opaque, never empty
    std::uint8_t level = 1;         ///< such as the AAL; an action can demand a higher one
    std::string_view methods{};     ///< `amr`, separated by spaces: "pwd otp"
    std::string_view client_id{};   ///< the OAuth client, where there is one
    std::string_view idp_session{}; ///< the identity provider's `sid`, where it was another's authentication
    std::string_view idp_issuer{};  ///< that provider's `iss`: a `sid` means something only together with it
    proof::verified_key const* device_key =
        nullptr; ///< the key that was proved in the same request, to bind the session to
};

/// A session that has a new id. The cookie's value is a secret; nothing else in here is.
struct issued_session {
    std::string cookie; ///< 64 characters for `http::cookies::session()`; only ever in a Set-Cookie line with no-store
    live_session session;
    audit_event event;
    std::vector<std::string> ended{}; ///< `sid`s that gave way to it

    friend void wipe_secrets(issued_session& s) noexcept { wipe_text(s.cookie); }
};

/// What was ended, for the log and for those who keep something under a `sid`.
struct ended_sessions {
    std::vector<std::string> sids{};
    /// Refuse stateless tokens of the user that were issued before it (`cache.deny_before`). After `revoke_others` it
    /// is not about tokens whose `sid` is the session's that stayed; where these cannot be told apart, give that
    /// session a new one.
    unix_time not_before{};
    audit_event event{};
};

/// The answer to one request that showed a session cookie.
struct used_session {
    live_session session;
    std::string new_cookie{};    ///< not empty: the id was renewed, set it
    bool client_changed = false; ///< a property bound with `detect` is another: log it, perhaps ask for a factor
};

/// C5: which of the user's sessions.
enum class logout_scope : std::uint8_t { this_app, everywhere };

class use_session;

namespace detail {
// A client as a request showed it, hashed at once: an operation that waits keeps no view of it.
struct shown_client {
    std::uint8_t given = 0; // bits, as in a session's `bound`
    std::array<binding_mode, 3> modes{};
    std::array<std::array<std::uint8_t, 16>, 3> properties{};
};
} // namespace detail

/// The sessions of one application (or identity provider) of a tenant. It holds no sessions, only names, a key and the
/// policy; every call returns an operation for the store. Shared by threads; copies share one immutable body.
///
/// A session's cookie is its `sid`, which is public and names the record, and a secret, of which the record keeps the
/// hash. So a new id is one compare-and-swap in which the old one dies, a save that comes too late cannot bring a
/// session back, and guessing changes nothing. The sessions of a user stand in a roster for limits, lists and
/// revocation.
///
/// Example:
/// `auto sessions = session::login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256), {});`
/// `auto in = run(sessions->log_in({.user = "anna"}, client, now), db);  // in->cookie`
/// `auto it = run(sessions->use(cookie, client, now), db);               // it->session.user()`
class login_sessions {
public:
    /// `key` makes the keyed hashes of client properties and of ids in logs; the same on all instances.
    /// Errors: `session_lifetime`, `out_of_range` (limits, names that are too long).
    [[nodiscard]] static SIGNET_DECL result<login_sessions> make(std::string tenant, std::string app, mac_key key,
                                                                 session_policy policy = {});

    /// A session before anybody logged in, for a basket or a login form's state.
    [[nodiscard]] SIGNET_DECL store::old_task<issued_session> visit(client_properties client, unix_time now,
                                                                    random_ref rng = system_random()) const;

    /// D4: a new session under a new id. Whatever session `old_cookie` shows ends first: a visitor's keeps its data in
    /// the new one if nobody else was logged in. The new id is handed out only after it is in the roster. Errors:
    /// `session_limit` (nothing remains), `session_ended` (the user's sessions were revoked, or the user logged out of
    /// all of an application, or of the identity provider's session, since this operation's first question), the
    /// store's (nothing that was handed out).
    [[nodiscard]] SIGNET_DECL store::old_task<issued_session> log_in(authentication who, client_properties client,
                                                                     unix_time now, std::string_view old_cookie = {},
                                                                     random_ref rng = system_random()) const;

    /// Looks a session up and judges it: one look at the tenant's epoch, one at the session, a write only where a touch
    /// or a renewal is due. No allocation of ours. Errors: `session_unknown` (never was, or the id is an old one),
    /// `session_expired`, `session_idle`, `session_ended`, `session_binding`, `login_required` (a visitor), and the
    /// store's.
    [[nodiscard]] SIGNET_DECL use_session use(std::string_view cookie, client_properties client, unix_time now,
                                              random_ref rng = system_random()) const;
    /// As above, and visitors are welcome.
    [[nodiscard]] SIGNET_DECL use_session look_up(std::string_view cookie, client_properties client, unix_time now,
                                                  random_ref rng = system_random()) const;

    /// More rights, or back from idleness where the profile allows it: the same session under a new id; the old id dies
    /// in the same swap. Both clocks begin anew. It stays bound to what it was bound to, where nothing else is given: a
    /// key that `who` names takes the place of an earlier one; its client and IDP session stay what they were.
    /// `session_idle` where re-entry is not allowed; `tokens_mixed` for another user.
    [[nodiscard]] SIGNET_DECL store::old_task<issued_session> step_up(std::string_view cookie, authentication who,
                                                                      client_properties client, unix_time now,
                                                                      random_ref rng = system_random()) const;

    /// C3: a new access token was issued, so the session lives `lifetime` from now, never past its cap, never after its
    /// end. As all that acts for whoever shows the cookie, but `log_out`, it is `session_binding` from another client
    /// than a `strict` binding says.
    [[nodiscard]] SIGNET_DECL store::old_task<live_session> extend(std::string_view cookie, client_properties client,
                                                                   unix_time now) const;

    /// B7, B9: hangs a validated access token on the session. `linked_token` can only be made from a verified one. B3:
    /// its `sub` is the session's user, or it is `tokens_mixed`.
    [[nodiscard]] SIGNET_DECL store::old_task<live_session> link(std::string_view cookie, linked_token token,
                                                                 client_properties client, unix_time now) const;
    /// The application's own data, at most 1024 octets (`out_of_range`). Nothing else that is written at the same time
    /// is lost: a save that is too late begins anew on what is there then, and is refused where the session has ended.
    [[nodiscard]] SIGNET_DECL store::old_task<live_session> set_data(std::string_view cookie, std::string data,
                                                                     client_properties client, unix_time now) const;

    /// C6, D9: this session, at once and for good, from whatever client: nobody gains by ending a session, and its user
    /// must always be able to. A session that is over already is not an error.
    [[nodiscard]] SIGNET_DECL store::old_task<ended_sessions> log_out(std::string_view cookie, unix_time now) const;
    /// C5: the user's sessions, of this application or of all applications of the tenant.
    [[nodiscard]] SIGNET_DECL store::old_task<ended_sessions> log_out_user(std::string_view user, logout_scope scope,
                                                                           unix_time now) const;
    /// C7: the same, authorised by the user's access token, which was verified: its `sub` is the user.
    template <class Token>
        requires(std::same_as<Token, jwt::verified> || std::same_as<Token, jwt::token>)
    [[nodiscard]] store::old_task<ended_sessions> log_out_bearer(Token const& access_token, logout_scope scope,
                                                                 unix_time now) const {
        return log_out_user(access_token.subject(), scope, now);
    }
    /// The sessions of this application that began with that session of that identity provider: for OIDC back-channel
    /// logout, whose logout token names its `iss` and `sid`. Give the user where the token has a `sub`; without it the
    /// user is looked up, which is possible for a year after the last login by that session; if nobody has logged in by
    /// it yet, nobody can for a day. A token without `sid` means all of the user's sessions here: then leave
    /// `idp_session` empty. `out_of_range` with neither.
    [[nodiscard]] SIGNET_DECL store::old_task<ended_sessions> log_out_idp_session(std::string_view issuer,
                                                                                  std::string_view idp_session,
                                                                                  unix_time now,
                                                                                  std::string_view user = {}) const;
    /// C8: all sessions of the user everywhere, all refresh families that joined (`join_family`), and stateless tokens.
    [[nodiscard]] SIGNET_DECL store::old_task<ended_sessions> revoke_user(std::string_view user, unix_time now,
                                                                          end_reason why = end_reason::revoked) const;
    /// All of the user's but this one; for "end my other sessions" and after a change of password. With the others go
    /// their refresh families, those that joined for no session, and the others' stateless tokens; the families of
    /// `keep_sid` live on.
    [[nodiscard]] SIGNET_DECL store::old_task<ended_sessions> revoke_others(std::string_view user,
                                                                            std::string_view keep_sid, unix_time now,
                                                                            end_reason why = end_reason::revoked) const;
    /// One, by its `sid`, from the user's list, with the refresh families that joined for it.
    [[nodiscard]] SIGNET_DECL store::old_task<ended_sessions> revoke_one(std::string_view user, std::string_view sid,
                                                                         unix_time now,
                                                                         end_reason why = end_reason::revoked) const;
    /// All sessions of this application, or of the tenant, by raising an epoch that every look-up reads. `out_of_range`
    /// for the 129th application of a tenant.
    [[nodiscard]] SIGNET_DECL store::old_task<ended_sessions> revoke_all(logout_scope scope, unix_time now) const;

    /// C12: the user's live sessions of all applications, the oldest first.
    [[nodiscard]] SIGNET_DECL store::old_task<std::vector<live_session>> list(std::string_view user,
                                                                              unix_time now) const;
    /// Stateless tokens of the user issued before it are to be refused; 1970 where none are. `sid` is the session that
    /// the token names, if it does: `revoke_others` means all but one.
    [[nodiscard]] SIGNET_DECL store::old_task<unix_time> not_before(std::string_view user, unix_time now,
                                                                    std::string_view sid = {}) const;
    /// Puts a refresh family that was just started on its user's roster, so that a revocation erases it: of the user,
    /// or of its session, which its terms name by a `sid` if it belongs to one. Before its token is handed out, which
    /// must not be done if this fails: `session_ended` where that session is on the roster no more, or the user's
    /// sessions were revoked since the family was started; `session_limit`; the store's. The time is what `not_before`
    /// says.
    template <class Grant>
        requires std::same_as<Grant, oauth::refresh_grant>
    [[nodiscard]] store::old_task<unix_time> join_family(Grant const& first, unix_time now) const {
        return join_family(first.user, first.session, first.record, first.started, first.ends, now);
    }

    /// What it was made with.
    [[nodiscard]] SIGNET_DECL session_policy const& policy() const noexcept;
    [[nodiscard]] SIGNET_DECL std::string_view app() const noexcept;

    struct body; ///< impl/login_session.ipp

private:
    explicit login_sessions(std::shared_ptr<body const> b) noexcept : body_{std::move(b)} {}
    SIGNET_DECL store::old_task<unix_time> join_family(std::string_view user, std::string_view session,
                                                       store::record_key const& record, unix_time started,
                                                       unix_time ends, unix_time now) const;
    friend class use_session;
    std::shared_ptr<body const> body_;
};

/// What `use` returns: an operation of two questions, or three where something is written. It owns all it needs but the
/// source of randomness, and stays where it was made.
class use_session {
public:
    [[nodiscard]] store::request const* next() const noexcept { return open_ ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply);
    /// The session with what to send and to log, or why it is refused.
    [[nodiscard]] SIGNET_DECL result<used_session> get() const;
    /// The session itself without a copy; valid while this operation lives, after a good ruling.
    [[nodiscard]] live_session const& session() const noexcept { return session_; }
    [[nodiscard]] std::optional<errc> refused() const noexcept { return why_; } ///< nothing after a good one
    /// What happened, for the log; after the ruling.
    [[nodiscard]] SIGNET_DECL audit_event event() const;
    use_session(use_session const&) = delete;
    use_session& operator=(use_session const&) = delete;
    ~use_session() {
        wipe(std::span{presented_}.subspan(16));
        wipe_text(new_cookie_);
    }

private:
    friend class login_sessions;
    SIGNET_DECL use_session(std::shared_ptr<login_sessions::body const> body, std::string_view cookie,
                            client_properties const& client, unix_time now, random_ref rng, bool visitors);
    void refuse(errc why) noexcept;
    void read_session() noexcept;
    void judge();

    std::shared_ptr<login_sessions::body const> body_;
    detail::shown_client client_{};
    unix_time now_;
    random_ref rng_;
    live_session session_;
    std::array<std::uint8_t, 48> presented_{}; // sid and secret
    crypto::sha256_digest shown_{};            // of that secret
    store::record_key session_key_{};
    std::array<std::uint8_t, 4096> epochs_;
    std::array<std::uint64_t, 2> generations_{};
    std::string new_cookie_{};
    store::request ask_{};
    std::optional<errc> why_ = errc::store_unavailable;
    std::uint8_t step_ = 0, lost_ = 0;
    bool visitors_, open_ = false, changed_ = false;
};

}}} // namespace signet::session

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/session/impl/login_session.ipp>
#    include <signet/session/impl/use_session.ipp>
#endif

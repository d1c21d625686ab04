// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/session/login_session.hpp>

#include <signet/session/impl/session_work.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session {

// ---- the calls

SIGNET_DECL result<login_sessions> login_sessions::make(std::string tenant, std::string app, mac_key key,
                                                        session_policy policy) {
    if (auto good = policy.profile.check(); !good) return good.error();
    if (policy.most == 0 || policy.most > most_sessions || tenant.size() > detail::max_session_name ||
        app.size() > detail::max_session_name || policy.remember_ended < std::chrono::seconds{0}) {
        return errc::out_of_range;
    }
    auto const made = std::make_shared<body>(std::move(tenant), std::move(app), std::move(key), policy);
    auto& b = *made;
    (void)b.hashers.hash({}); // so that Botan's own statics outlive a static object of this type
    b.epoch_key = proof::record_key("session epochs", {b.tenant});
    auto const prefix = proof::record_key("session", {b.tenant});
    std::copy_n(prefix.begin(), b.session_prefix.size(), b.session_prefix.begin());
    b.app_name = detail::name_of_app(b.app);
    return login_sessions{made};
}

SIGNET_DECL session_policy const& login_sessions::policy() const noexcept { return body_->policy; }
SIGNET_DECL std::string_view login_sessions::app() const noexcept { return body_->app; }

SIGNET_DECL use_session login_sessions::use(std::string_view cookie, client_properties client, unix_time now,
                                            random_ref rng) const {
    return {body_, cookie, client, now, rng, false};
}
SIGNET_DECL use_session login_sessions::look_up(std::string_view cookie, client_properties client, unix_time now,
                                                random_ref rng) const {
    return {body_, cookie, client, now, rng, true};
}

namespace detail {

// A session's record before it is written, with texts of its own: what a call was given need not outlive it.
struct new_session {
    session_fields fields{};
    shown_client client{};
    std::string user{}, app{}, client_id{}, methods{}, idp_session{}, idp_issuer{}, device{}, place{}, data{}, cookie{};

    new_session() = default;
    new_session(new_session const&) = delete;
    new_session& operator=(new_session const&) = delete;
    ~new_session() { wipe_text(cookie); }

    session_fields const& complete() {
        fields.user = user, fields.app = app, fields.client_id = client_id, fields.methods = methods,
        fields.idp_session = idp_session;
        fields.device = device, fields.place = place, fields.data = data;
        return fields;
    }
};

inline session_id fresh_sid(random_ref rng) {
    session_id sid;
    rng.fill(sid);
    return sid;
}

inline std::unique_ptr<new_session> begin_session(login_sessions::body const& b, session_id const& sid,
                                                  client_properties const& client, unix_time now, random_ref rng) {
    auto made = std::make_unique<new_session>();
    auto& f = made->fields;
    f.sid = sid;
    made->cookie = renew_secret(b, f, rng);
    made->app = b.app;
    made->device = client.device.substr(0, max_session_label);
    made->place = client.place.substr(0, max_session_label);
    f.created = now;
    start_clocks(f, b.policy.profile, now);
    made->client = hash_client(b, client);
    bind_client(f, made->client);
    return made;
}

inline void say_who(new_session& made, authentication const& who) {
    made.user = who.user, made.client_id = who.client_id, made.methods = who.methods,
    made.idp_session = who.idp_session;
    made.idp_issuer = who.idp_issuer;
    made.fields.level = who.level;
    made.fields.state = session_state::active;
    if (who.device_key) made.fields.device_key = who.device_key->thumbprint(), made.fields.bound |= 8u;
}

// Reads the epochs, inserts the record, gives it back as it stands in the store.
inline store::old_task<live_session> write_new(session_body b, new_session* made, unix_time now) {
    auto const epochs = co_await open_epochs(b, now);
    if (!epochs) co_return epochs.error();
    made->fields.everything = epochs->everything;
    made->fields.app_generation = epochs->of(b->app_name);
    auto const& f = made->complete();
    if (!in_range(f)) co_return errc::out_of_range;
    auto const octets = write_session(f);
    auto const reply = co_await store::insert(session_key(*b, f.sid), octets, kept_until(*b, f, now), now);
    auto const done = reply.done();
    if (!done) co_return done.error();
    if (!*done) co_return errc::random_failed; // 16 octets that were there before
    live_session session;
    if (auto good = session_access::read(session, octets); !good) co_return good.error();
    co_return session;
}

inline store::old_task<issued_session> visit(session_body b, std::unique_ptr<new_session> made, unix_time now) {
    auto session = co_await write_new(b, made.get(), now);
    if (!session) co_return session.error();
    auto event = event_of(*b, session_event::use, now, made->fields);
    co_return issued_session{std::move(made->cookie), *session, std::move(event)};
}

inline constexpr std::uint8_t idp_format = 1, idp_kind = 'I';

inline store::record_key idp_key(login_sessions::body const& b, std::string_view issuer, std::string_view idp_session) {
    return proof::record_key("session of idp", {b.tenant, b.app, issuer, idp_session});
}

// Notes whose session of the provider's it is, so that a logout token that names nothing but its `sid` finds the user.
// Another login by it renews the note. Where the provider's session was somebody else's before, that one's sessions by
// it are over; where a logout token came before the first login, the note names nobody, and there is nothing to log in
// by.
inline store::old_task<bool> note_idp_session(session_body b, std::string issuer, std::string idp_session,
                                              std::string user, unix_time now) {
    auto const key = idp_key(*b, issuer, idp_session);
    auto const until = saturating_add(now, longest_lifetime);
    bytes octets;
    store::record_writer w{octets, idp_format, idp_kind};
    w.text(user);
    for (int tries = 0; tries != store::detail::most_swaps; ++tries) {
        auto reply = co_await store::insert(key, octets, until, now);
        auto const first = reply.done();
        if (!first) co_return first.error();
        if (*first) co_return true;
        bytes room(max_session_name + 16);
        reply = co_await store::find(key, room, now);
        auto const there = reply.done();
        if (!there) co_return there.error();
        if (!*there) continue;
        auto const version = reply.record.version;
        auto const expires = std::max(until, reply.record.expires);
        store::record_reader r{reply.record.bytes, idp_format, idp_kind};
        std::string former{r.text(max_session_name)};
        bool const readable = r.finish().has_value();
        if (readable && former.empty()) co_return errc::session_ended;
        if (readable && former != user) {
            roster_change change{.end = roster_change::which::of_idp,
                                 .idp = name_of_idp_session(issuer, idp_session),
                                 .why = end_reason::replaced};
            auto const ended = co_await change_roster(b, std::move(former), std::move(change), now);
            if (!ended) co_return ended.error();
        }
        reply = co_await store::replace(key, version, octets, expires, now);
        auto const renewed = reply.done();
        if (!renewed) co_return renewed.error();
        if (*renewed) co_return true;
    }
    co_return errc::record_conflict;
}

inline store::old_task<issued_session> log_in(session_body b, std::unique_ptr<new_session> made,
                                              std::optional<shown_cookie> old_cookie, unix_time now) {
    if (made->user.empty()) co_return errc::out_of_range;
    // The beginning: what ends this user's sessions from here on ends this one too, though it is on no roster yet.
    auto begun = co_await open_roster(b, made->user, now);
    if (!begun) co_return begun.error();

    // What did the browser have until now? A visitor's data goes along; whatever it is, it ends.
    std::optional<open_session> old;
    if (old_cookie) {
        auto found = co_await open(b, *old_cookie, now);
        if (found) old = *std::move(found);
        else if (found.error() != errc::session_unknown && !unreadable(found.error().code)) co_return found.error();
    }
    bool const takes_along = old && old->state == session_state::visiting &&
                             client_changed(session_access::fields(old->session), made->client).has_value();
    if (takes_along) made->data = old->session.data();

    if (!made->idp_session
             .empty()) { // before the roster: whoever ends it from here on finds the user, and this login on its way
        auto const noted = co_await note_idp_session(b, made->idp_issuer, made->idp_session, made->user, now);
        if (!noted) co_return noted.error();
    }

    // The session first, the roster second; it is handed out only after both.
    auto session = co_await write_new(b, made.get(), now);
    if (!session) co_return session.error();
    roster_change change;
    roster_entry entry;
    std::copy(made->fields.sid.begin(), made->fields.sid.end(), entry.key.begin());
    entry.app = b->app_name;
    entry.origin = name_of_idp_session(made->idp_issuer, made->idp_session);
    entry.created = now;
    entry.expires = latest_time; // a step-up or an extension may move the session's own end
    change.join = entry;
    change.began = begun->roster.sweeps;
    bool const same_user = old && old->session.user() == made->user;
    if (same_user) {
        change.end = roster_change::which::one;
        change.sid = session_access::fields(old->session).sid;
        change.why = end_reason::replaced;
    }
    auto const outcome = co_await change_roster(b, made->user, std::move(change), now, *std::move(begun));
    if (!outcome) { // nobody gets this session: not even a roster that was written without our knowing makes it live
        auto const reply = co_await store::erase(session_key(*b, made->fields.sid), now);
        (void)reply;
        co_return outcome.error();
    }

    // D4. The old one dies before the new one is known to anybody; a visitor's, or another user's, is on no roster of
    // this user.
    auto ended = outcome->ended;
    if (old && !same_user) {
        auto const key = session_key(*b, session_access::fields(old->session).sid);
        auto const done = co_await end_session(b, key, end_reason::replaced, now);
        if (!done) co_return done.error();
        if (*done) ended.push_back(old->session.sid());
    }
    auto event = event_of(*b, session_event::log_in, now, made->fields);
    event.count = ended.size();
    co_return issued_session{std::move(made->cookie), *session, std::move(event), std::move(ended)};
}

// The same session; everything that proves it is new, and the old id dies in this very swap.
struct step_up_change final : session_change {
    session_body body;
    std::unique_ptr<new_session> made;
    unix_time now;
    session_event what = session_event::step_up;

    step_up_change(session_body b, std::unique_ptr<new_session> m, unix_time t)
        : session_change{m->client}, body{std::move(b)}, made{std::move(m)}, now{t} {}
    result<void> apply(session_fields& f, session_state state) override {
        auto const& profile = body->policy.profile;
        what = state == session_state::idle ? session_event::reenter : session_event::step_up;
        auto const to = session_lifecycle.next(state, what);
        if (!to || (what == session_event::reenter && !profile.reenter_after_idle)) return session_refusal(state);
        if (f.user != made->user) return errc::tokens_mixed;
        f.state = *to;
        auto const& n = made->fields;
        f.current = n.current;
        f.previous = {};
        f.overlap_until = {};
        f.level = n.level;
        f.methods = made->methods;
        start_clocks(f, profile, now);
        bind_client(f, client);
        if (n.bound & 8u) f.device_key = n.device_key, f.bound |= 8u; // else it stays bound to what it was
        return {};
    }
};

inline store::old_task<issued_session> step_up(std::shared_ptr<step_up_change> change, shown_cookie cookie) {
    auto session = co_await modify(change->body, cookie, change->now, change);
    if (!session) co_return session.error();
    auto event = event_of(*change->body, change->what, change->now, session_access::fields(*session));
    co_return issued_session{std::move(change->made->cookie), *session, std::move(event)};
}

struct extend_change final : session_change {
    session_body body;
    unix_time now;
    extend_change(session_body b, shown_client const& by, unix_time t)
        : session_change{by}, body{std::move(b)}, now{t} {}
    result<void> apply(session_fields& f, session_state state) override {
        if (!session_lifecycle.next(state, session_event::extend)) return session_refusal(state);
        f.expires = std::max(f.expires, end_after(body->policy.profile, f.absolute, now));
        f.last_seen = std::max(f.last_seen, now);
        return {};
    }
};

struct link_change final : session_change {
    linked_token token;
    link_change(linked_token t, shown_client const& by) : session_change{by}, token{std::move(t)} {}
    result<void> apply(session_fields& f, session_state state) override {
        if (state != session_state::active) return session_refusal(state);
        if (token.subject() != f.user) return errc::tokens_mixed;
        f.token = token.text();
        f.token_expires = token.expires();
        return {};
    }
};

struct data_change final : session_change {
    std::string data;
    data_change(std::string d, shown_client const& by) : session_change{by}, data{std::move(d)} {}
    result<void> apply(session_fields& f, session_state state) override {
        if (!session_lifecycle.next(state, session_event::use)) return session_refusal(state); // a visitor's too
        f.data = data;
        return {};
    }
};

inline store::old_task<ended_sessions> log_out(session_body b, shown_cookie cookie, unix_time now) {
    ended_sessions nothing{{}, {}, {.at = now, .what = name(session_event::log_out), .app = b->app}};
    auto it = co_await open(b, cookie, now);
    if (!it && it.error() == errc::session_unknown) co_return nothing;
    if (!it) co_return it.error();

    auto const& f = session_access::fields(it->session);
    auto const ended = co_await end_session(b, session_key(*b, f.sid), end_reason::logged_out, now);
    if (!ended) co_return ended.error();
    if (!it->session.user().empty()) { // it is over; the roster is tidied now or by whoever opens it next
        roster_change change{.end = roster_change::which::one, .sid = f.sid, .why = end_reason::logged_out};
        (void)co_await change_roster(b, std::string{it->session.user()}, std::move(change), now);
    }
    auto event = event_of(*b, session_event::log_out, now, f);
    event.ended = end_reason::logged_out;
    ended_sessions outcome{{}, {}, std::move(event)};
    if (*ended) outcome.sids.push_back(it->session.sid());
    co_return outcome;
}

inline store::old_task<ended_sessions> log_out_idp_session(session_body b, std::string issuer, std::string idp_session,
                                                           std::string user, unix_time now) {
    roster_change change{.end = roster_change::which::of_idp,
                         .idp = name_of_idp_session(issuer, idp_session),
                         .why = end_reason::logged_out};
    if (idp_session.empty()) { // all of the user's
        if (user.empty()) co_return errc::out_of_range;
        change.end = roster_change::which::of_app;
    }
    auto const key = idp_key(*b, issuer, idp_session);
    bytes nobody;
    store::record_writer w{nobody, idp_format, idp_kind};
    w.text({});
    for (int tries = 0; user.empty(); ++tries) {
        if (tries == store::detail::most_swaps) co_return errc::record_conflict;
        bytes room(max_session_name + 16);
        auto reply = co_await store::find(key, room, now);
        auto const there = reply.done();
        if (!there) co_return there.error();
        if (*there) {
            store::record_reader r{reply.record.bytes, idp_format, idp_kind};
            user = r.text(max_session_name);
            if (auto good = r.finish(); !good) co_return good.error();
            if (!user.empty()) break;
        } else { // no login by it yet, but one may be under way
            reply = co_await store::insert(key, nobody, saturating_add(now, longest_login), now);
            auto const noted = reply.done();
            if (!noted) co_return noted.error();
            if (!*noted) continue;
        }
        co_return ended_sessions{{}, {}, {.at = now, .what = name(session_event::log_out), .app = b->app}};
    }
    co_return co_await end_by_roster(b, std::move(user), std::move(change), session_event::log_out, now);
}

inline store::old_task<ended_sessions> raise_epoch(session_body b, logout_scope scope, unix_time now) {
    for (int tries = 0; tries != store::detail::most_swaps; ++tries) {
        bytes room(4096);
        auto reply = co_await store::find(b->epoch_key, room, now);
        auto const there = reply.done();
        if (!there) co_return there.error();
        auto const version = reply.record.version;
        epoch_list epochs;
        if (*there) {
            auto read = read_epochs(reply.record.bytes);
            if (!read) co_return read.error();
            epochs = *std::move(read);
        }
        if (scope == logout_scope::everywhere) {
            ++epochs.everything;
        } else {
            auto at = std::find_if(epochs.apps.begin(), epochs.apps.end(),
                                   [&](auto const& a) { return a.app == b->app_name; });
            if (at == epochs.apps.end()) {
                if (epochs.apps.size() == most_apps) co_return errc::out_of_range;
                at = epochs.apps.insert(at, {b->app_name, 0});
            }
            ++at->generation;
        }
        auto const octets = write_epochs(epochs);
        if (*there) reply = co_await store::replace(b->epoch_key, version, octets, latest_time, now);
        else reply = co_await store::insert(b->epoch_key, octets, latest_time, now);
        auto const done = reply.done();
        if (!done) co_return done.error();
        if (*done)
            co_return ended_sessions{
                {},
                saturating_add(now, std::chrono::seconds{1}),
                {.at = now, .what = name(session_event::revoke), .ended = end_reason::revoked, .app = b->app}};
    }
    co_return errc::record_conflict;
}

inline store::old_task<std::vector<live_session>> list(session_body b, std::string user, unix_time now) {
    std::vector<live_session> sessions;
    auto const opened = co_await open_roster(b, std::move(user), now);
    if (!opened) co_return opened.error();
    if (!opened->there) co_return sessions;
    auto const epochs = co_await open_epochs(b, now);
    if (!epochs) co_return epochs.error();
    for (auto const& e : opened->roster.entries) {
        if (e.family || e.ending) continue;
        live_session session;
        auto const reply = co_await store::find(session_key(*b, e.key), session_access::room(session), now);
        auto const found = reply.done();
        if (!found && found.error() != errc::buffer_too_small) co_return found.error();
        if (!found || !*found || !session_access::read(session, reply.record.bytes.size())) continue;
        if (lives_now(*b, session_access::fields(session), *epochs, e.app, now)) sessions.push_back(session);
    }
    co_return sessions;
}

inline store::old_task<unix_time> not_before(session_body b, std::string user, short_name sid, unix_time now) {
    auto const opened = co_await open_roster(b, std::move(user), now);
    if (!opened) co_return opened.error();
    co_return opened->roster.not_before_of(sid);
}

inline store::old_task<unix_time> join_family(session_body b, std::string user, std::string session, roster_entry entry,
                                              unix_time now) {
    entry.origin = name_of_session(session);
    if (!session.empty() && entry.origin == short_name{})
        co_return errc::session_ended; // no `sid`, so nobody could end it by that
    roster_change change;
    change.join = std::move(entry);
    auto const outcome = co_await change_roster(b, std::move(user), std::move(change), now);
    if (!outcome) co_return outcome.error();
    co_return outcome->not_before;
}

} // namespace detail

SIGNET_DECL store::old_task<issued_session> login_sessions::visit(client_properties client, unix_time now,
                                                                  random_ref rng) const {
    return detail::visit(body_, detail::begin_session(*body_, detail::fresh_sid(rng), client, now, rng), now);
}

SIGNET_DECL store::old_task<issued_session> login_sessions::log_in(authentication who, client_properties client,
                                                                   unix_time now, std::string_view old_cookie,
                                                                   random_ref rng) const {
    auto made = detail::begin_session(*body_, detail::fresh_sid(rng), client, now, rng);
    detail::say_who(*made, who);
    std::optional<detail::shown_cookie> old;
    if (!old_cookie.empty()) old.emplace(old_cookie);
    return detail::log_in(body_, std::move(made), old, now);
}

SIGNET_DECL store::old_task<issued_session> login_sessions::step_up(std::string_view cookie, authentication who,
                                                                    client_properties client, unix_time now,
                                                                    random_ref rng) const {
    detail::shown_cookie const shown{cookie};
    auto made = detail::begin_session(*body_, shown.sid(), client, now,
                                      rng); // the new secret is one for the session that the cookie names
    detail::say_who(*made, who);
    return detail::step_up(std::make_shared<detail::step_up_change>(body_, std::move(made), now), shown);
}

SIGNET_DECL store::old_task<live_session> login_sessions::extend(std::string_view cookie, client_properties client,
                                                                 unix_time now) const {
    return detail::modify(body_, detail::shown_cookie{cookie}, now,
                          std::make_shared<detail::extend_change>(body_, detail::hash_client(*body_, client), now));
}
SIGNET_DECL store::old_task<live_session> login_sessions::link(std::string_view cookie, linked_token token,
                                                               client_properties client, unix_time now) const {
    auto change = std::make_shared<detail::link_change>(std::move(token), detail::hash_client(*body_, client));
    return detail::modify(body_, detail::shown_cookie{cookie}, now, std::move(change));
}
SIGNET_DECL store::old_task<live_session> login_sessions::set_data(std::string_view cookie, std::string data,
                                                                   client_properties client, unix_time now) const {
    auto change = std::make_shared<detail::data_change>(std::move(data), detail::hash_client(*body_, client));
    return detail::modify(body_, detail::shown_cookie{cookie}, now, std::move(change));
}

SIGNET_DECL store::old_task<ended_sessions> login_sessions::log_out(std::string_view cookie, unix_time now) const {
    return detail::log_out(body_, detail::shown_cookie{cookie}, now);
}

SIGNET_DECL store::old_task<ended_sessions> login_sessions::log_out_user(std::string_view user, logout_scope scope,
                                                                         unix_time now) const {
    detail::roster_change change;
    change.end =
        scope == logout_scope::this_app ? detail::roster_change::which::of_app : detail::roster_change::which::all;
    change.why = end_reason::logged_out;
    return detail::end_by_roster(body_, std::string{user}, std::move(change), session_event::log_out, now);
}

SIGNET_DECL store::old_task<ended_sessions> login_sessions::log_out_idp_session(std::string_view issuer,
                                                                                std::string_view idp_session,
                                                                                unix_time now,
                                                                                std::string_view user) const {
    return detail::log_out_idp_session(body_, std::string{issuer}, std::string{idp_session}, std::string{user}, now);
}

SIGNET_DECL store::old_task<ended_sessions> login_sessions::revoke_user(std::string_view user, unix_time now,
                                                                        end_reason why) const {
    detail::roster_change change{
        .end = detail::roster_change::which::all, .why = why, .families = true, .not_before = true};
    return detail::end_by_roster(body_, std::string{user}, std::move(change), session_event::revoke, now);
}

SIGNET_DECL store::old_task<ended_sessions> login_sessions::revoke_others(std::string_view user,
                                                                          std::string_view keep_sid, unix_time now,
                                                                          end_reason why) const {
    detail::roster_change change{
        .end = detail::roster_change::which::all_but_one, .why = why, .families = true, .not_before = true};
    change.sid = detail::name_of_session(keep_sid);
    return detail::end_by_roster(body_, std::string{user}, std::move(change), session_event::revoke, now);
}

SIGNET_DECL store::old_task<ended_sessions> login_sessions::revoke_one(std::string_view user, std::string_view sid,
                                                                       unix_time now, end_reason why) const {
    detail::roster_change change{.end = detail::roster_change::which::one, .why = why, .families = true};
    change.sid = detail::name_of_session(sid);
    return detail::end_by_roster(body_, std::string{user}, std::move(change), session_event::revoke, now);
}

SIGNET_DECL store::old_task<ended_sessions> login_sessions::revoke_all(logout_scope scope, unix_time now) const {
    return detail::raise_epoch(body_, scope, now);
}

SIGNET_DECL store::old_task<std::vector<live_session>> login_sessions::list(std::string_view user,
                                                                            unix_time now) const {
    return detail::list(body_, std::string{user}, now);
}

SIGNET_DECL store::old_task<unix_time> login_sessions::not_before(std::string_view user, unix_time now,
                                                                  std::string_view sid) const {
    return detail::not_before(body_, std::string{user}, detail::name_of_session(sid), now);
}

SIGNET_DECL store::old_task<unix_time> login_sessions::join_family(std::string_view user, std::string_view session,
                                                                   store::record_key const& record, unix_time started,
                                                                   unix_time ends, unix_time now) const {
    detail::roster_entry entry;
    entry.family = true;
    entry.key = record;
    entry.app = body_->app_name;
    entry.created = started;
    entry.expires = ends;
    return detail::join_family(body_, std::string{user}, std::string{session}, std::move(entry), now);
}

}}} // namespace signet::session

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/device/device_session.hpp>

#include <signet/codec/impl/fresh_id.hpp>
#include <signet/device/impl/action_token.ipp>
#include <signet/device/impl/device_keys.hpp>
#include <signet/device/impl/key_sessions.hpp>
#include <signet/device/impl/telemetry.ipp>
#include <signet/proof/record_key.hpp>
#include <signet/proof/replay.hpp>
#include <signet/store/fields.hpp>
#include <signet/store/impl/collect_all.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace device {

struct device_sessions::body {
    std::string app, issuer;
    device_session_policy policy;
    jwt::detail::signer_handle signer;
    jwt::any_verifier verifier; // of regular tokens in use
    jwt::any_verifier grace;    // of those to be refreshed, which may just have expired
};

/// How the operations make the evidence that they hand out.
struct device_session_access {
    static authenticated_device make(std::string id, std::string user, crypto::sha256_digest const& key) {
        return {std::move(id), std::move(user), key};
    }
};

namespace detail {

// Format 2 has the algorithm of the key, format 3 the period too. Each is written only where it is needed, since older
// programs read format 1. The same holds for format 2 of actions, which has the period.
inline constexpr std::uint8_t device_session_format = 3, device_session_kind = 'V', action_format = 2,
                              action_kind = 'A', login_format = 1, login_kind = 'U';
inline constexpr std::size_t max_session_user = 256;
inline constexpr std::size_t max_session_record = 8192, max_action_record = 1024;

using device_sessions_body = std::shared_ptr<device_sessions::body const>;

} // namespace detail

/// The record of a batch of telemetry; session and number are in the record's key.
template <class A> void fields(A& a, store::archived<A, telemetry_batch>& t) {
    a.each(t.events, max_telemetry_events, [](auto& archive, auto& e) {
        archive.text(e.type, max_telemetry_type), archive.time(e.at), archive.text(e.data, max_telemetry_data);
    });
}

namespace detail {

inline constexpr std::uint8_t telemetry_format = 1, telemetry_kind = 'T';

// ---- the session

// The periods of a session without a user: number 0 until the first login, and one after each time the user is cleared.
// Who logs in first in a period is the user of its actions.
struct device_session_record {
    device_session_state state = device_session_state::anonymous;
    device::platform on{};
    bool tokens = false;
    unix_time created{}, expires{}, token_issued{};
    std::string user{}, token{};
    std::optional<proof::device_key> key{};
    std::uint32_t period = 0;
};

template <class A> void fields(A& a, store::archived<A, device_session_record>& s) {
    a.enumeration(s.state, device_session_state::ended);
    a.enumeration(s.on, device::platform::ios);
    a.flag(s.tokens);
    a.time(s.created), a.time(s.expires), a.time(s.token_issued);
    a.text(s.user, max_session_user), a.text(s.token, max_device_token);
    key_fields(a, s.key, a.format() >= 2);
    if (a.format() >= 3) a.number(s.period);
}

inline result<bytes_view> write_session(device_session_record const& s, bytes& octets) {
    auto const format = static_cast<std::uint8_t>(s.period != 0 ? 3 : implies_algorithm(s.key) ? 1 : 2);
    return store::write_fields(s, format, device_session_kind, octets);
}

// The record of an action; its id is in the record's key.
struct action_record {
    triggered_action action{};
    std::uint32_t period = 0; // of its session, if it has no user
};

template <class A> void fields(A& a, store::archived<A, action_record>& r) {
    auto& t = r.action;
    a.text(t.device_session, max_session_id), a.text(t.action_type, max_action_type);
    a.text(t.user, max_session_user);
    a.flag(t.secure);
    a.time(t.at);
    if (a.format() >= 2) a.number(r.period);
}

// Who logged in first in a period of a session.
struct login_record {
    std::string user{};
};
template <class A> void fields(A& a, store::archived<A, login_record>& l) { a.text(l.user, max_session_user); }

inline result<store::swap_decision> write_decision(device_session_record const& s) {
    bytes octets;
    auto const written = write_session(s, octets);
    if (!written) return written.error();
    return store::swap_decision::write(std::move(octets), s.expires);
}

inline store::record_key device_session_key(device_sessions::body const& b, std::string_view id) {
    return proof::record_key("device session", {b.app, id});
}

inline store::record_key login_key(device_sessions::body const& b, std::string_view id, std::uint32_t period) {
    return proof::record_key("device login", {b.app, id, std::to_string(period)});
}

inline device_session_state state_now(device_session_record const& s, unix_time now) noexcept {
    return s.state != device_session_state::ended && now >= s.expires ? device_session_state::expired : s.state;
}
inline errc device_session_refusal(device_session_state s) noexcept {
    return s == device_session_state::expired ? errc::session_expired : errc::session_ended;
}
inline result<void> check_alive(device_session_record const& s, unix_time now) noexcept {
    auto const state = state_now(s, now);
    if (!device_session_lifecycle.next(state, device_session_event::use)) return device_session_refusal(state);
    return {};
}

inline device_session_info info_of(std::string id, device_session_record const& s) {
    return {std::move(id), s.tokens ? s.token : std::string{}, s.state, s.user, s.expires};
}

// ---- whose key it is

inline std::optional<crypto::sha256_digest> thumbprint_of(device_session_record const& s) {
    return s.key ? std::optional{s.key->thumbprint()} : std::nullopt;
}

// What the user's registry says of the session's key; the policy names the devices.
inline store::task<void> judge_device(device_sessions_body b, std::string user,
                                      std::optional<crypto::sha256_digest> key, unix_time now,
                                      std::pmr::memory_resource* frames) {
    if (!key || user.empty()) co_return {};
    auto const device = co_await store::as_result(b->policy.devices->find_by_key(user, *key, now, frames));
    if (!device && device.error() == errc::device_unknown) co_return {};
    co_await device;
    if (!device->usable()) co_return device_state_refusal(device->state);
    co_return {};
}

// Whether it is the session's key that was proved, by the algorithm that it is pinned to.
inline result<void> judge_proved(device_session_record const& s, proof::verified_key const& proved) {
    if (!s.key || !proved.is(*thumbprint_of(s))) return errc::device_mismatch;
    return check_possession(proved, *s.key);
}

inline store::task<device_session_record> find_device_session(store::record_key key, unix_time now,
                                                              std::pmr::memory_resource* frames) {
    (void)frames;
    std::array<std::uint8_t, max_session_record> buffer;
    auto const found = co_await store::find(key, buffer, now);
    if (!found) co_return errc::session_unknown;
    co_return store::read_fields<device_session_record>(found->bytes, device_session_format, device_session_kind);
}

// Changes a session by `change`, which says whether it is to be written; gives it as it then is.
template <class Change> store::task<device_session_info> change_device_session(device_sessions_body b, std::string id,
                                                                               Change change, unix_time now,
                                                                               std::pmr::memory_resource* frames) {
    device_session_record s;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        if (!found) return errc::session_unknown;
        auto const read = store::read_fields(s, found->bytes, device_session_format, device_session_kind);
        if (!read) return read.error();
        auto const changed = change(s);
        if (!changed) return changed.error();
        return *changed ? write_decision(s) : store::swap_decision::keep();
    };
    co_await store::compare_and_swap(device_session_key(*b, id), now, judge, frames);
    co_return info_of(std::move(id), s);
}

inline result<void> move_session(device_session_record& s, device_session_event event, unix_time now) noexcept {
    auto const state = state_now(s, now);
    auto const to = device_session_lifecycle.next(state, event);
    if (!to) return device_session_refusal(state);
    s.state = *to;
    return {};
}

// Ends the session, or clears its user.
inline store::task<device_session_info> move_device_session(device_sessions_body b, std::string id,
                                                            device_session_event event, unix_time now,
                                                            std::pmr::memory_resource* frames) {
    auto const move = [&](device_session_record& s) -> result<bool> {
        bool const had_user = s.state == device_session_state::identified;
        if (auto moved = move_session(s, event, now); !moved) return moved.error();
        if (had_user && s.state == device_session_state::anonymous) ++s.period;
        s.user.clear();
        return true;
    };
    co_return co_await change_device_session(b, std::move(id), move, now, frames);
}

// A login that a session is told of.
struct session_login {
    device_sessions_body b;
    std::string id, user;

    device_session_record session{};
};

// Says first who logged in in this period, so that the actions of before are this user's whenever the session has one.
// Where the session was changed meanwhile, the same again for its period then.
inline store::task<store::swap_decision> judge_login(session_login* l, std::optional<store::record> const* found,
                                                     unix_time now, std::pmr::memory_resource* frames) {
    (void)frames; // of this coroutine
    if (!*found) co_return errc::session_unknown;
    auto& s = l->session;
    co_await store::read_fields(s, (*found)->bytes, device_session_format, device_session_kind);
    co_await move_session(s, device_session_event::set_user, now);
    s.user = l->user;
    login_record const login{l->user};
    bytes octets;
    auto const written = co_await store::write_fields(login, login_format, login_kind, octets);
    // As long as an action of before, also one whose token made it live longer.
    auto const longest = l->b->policy.remember_actions + max_action_lifetime + 2 * l->b->policy.leeway;
    (void)co_await store::insert(login_key(*l->b, l->id, s.period), written, saturating_add(now, longest), now);
    auto decision = co_await write_decision(s);
    co_return decision;
}

inline store::task<device_session_info> set_session_user(device_sessions_body b, std::string id, std::string user,
                                                         unix_time now, std::pmr::memory_resource* frames) {
    if (user.empty() || user.size() > max_session_user) co_return errc::out_of_range;
    auto const key = device_session_key(*b, id);
    session_login login{std::move(b), std::move(id), std::move(user)};
    auto const judge = [&](std::optional<store::record> const& found) {
        return judge_login(&login, &found, now, frames);
    };
    co_await store::compare_and_swap(key, now, judge, frames);
    co_return info_of(std::move(login.id), login.session);
}

// Whoever is beginning is stopped first; what was ended leaves the list last, so that an interrupted call can go on.
inline store::task<std::vector<std::string>> end_by_key(device_sessions_body b, crypto::sha256_digest key,
                                                        unix_time now, std::pmr::memory_resource* frames) {
    auto const sweep = [](key_sessions& all) -> result<bool> { return ++all.sweeps, true; };
    auto const name = key_sessions_name(b->app, key);
    auto const all = co_await change_key_sessions(name, sweep, now, frames);
    std::vector<std::string> ended, over;
    result<void> failure;
    auto const end = [&](std::size_t i) {
        return move_device_session(b, all.sessions[i].id, device_session_event::end, now, frames);
    };
    auto const each = co_await store::collect_all(all.sessions.size(), end, frames);
    for (std::size_t i = 0; i != each.size(); ++i) {
        auto const& s = all.sessions[i];
        auto const& moved = each[i];
        if (moved) ended.push_back(s.id);
        bool const was_over =
            !moved && (moved.error() == errc::session_ended || moved.error() == errc::session_expired ||
                       moved.error() == errc::session_unknown);
        if (moved || was_over) over.push_back(s.id);
        else failure = moved.error();
    }
    auto const leave = [&](key_sessions& left) -> result<bool> {
        return std::erase_if(left.sessions,
                             [&](auto const& s) { return std::ranges::find(over, s.id) != over.end(); }) != 0;
    };
    (void)co_await store::as_result(change_key_sessions(name, leave, now, frames)); // else they expire there
    co_await failure;
    co_return ended;
}

// ---- the regular token

inline result<std::string> sign_regular(device_sessions::body const& b, std::string_view id,
                                        device_session_record const& s, unix_time now, random_ref rng) {
    jwt::claims claims;
    claims.issuer(b.issuer).audience(b.app).id(codec::detail::fresh_id(rng)).issued_at(now);
    claims.expires_at(std::min(saturating_add(now, b.policy.token_lifetime), s.expires)).set("sid", id);
    if (s.key) claims.confirm_jwk_thumbprint(*thumbprint_of(s));
    return b.signer.sign(claims);
}

inline result<void> check_key(regular_token const& said, device_session_record const& s) {
    if (said.key != thumbprint_of(s)) return errc::device_mismatch;
    return {};
}

struct found_device_session {
    std::string id;
    device_session_record session;
};

// Form, signature and times of the token, then its session: both must name the same key, and it must be alive.
inline store::task<found_device_session> find_by_token(device_sessions_body b, std::string token, unix_time now,
                                                       std::pmr::memory_resource* frames) {
    auto said = co_await read_regular(b->verifier, token, now);
    auto s = co_await find_device_session(device_session_key(*b, said.sid), now, frames);
    co_await check_key(said, s);
    co_await check_alive(s, now);
    if (b->policy.devices) co_await judge_device(b, s.user, said.key, now, frames);
    co_return found_device_session{std::move(said.sid), std::move(s)};
}

inline store::task<device_session_info> begin_device_session(device_sessions_body b, device_session_record s,
                                                             std::optional<proof::verified_key> proved, std::string id,
                                                             unix_time now, random_ref rng,
                                                             std::pmr::memory_resource* frames) {
    auto const key = thumbprint_of(s);
    if (!key && !s.tokens) co_return errc::session_token_disabled;
    store::record_key sessions_of_key{};
    begun_key_sessions begun;
    if (key) {
        co_await check_possession(*proved, *s.key);
        sessions_of_key = key_sessions_name(b->app, *key);
        begun = co_await open_key_sessions(sessions_of_key, now, frames);
    }
    s.created = now;
    s.expires = saturating_add(now, b->policy.lifetime);
    if (s.tokens) {
        auto token = co_await sign_regular(*b, id, s, now, rng);
        s.token = std::move(token);
        s.token_issued = now;
    }
    bytes octets;
    auto const written = co_await write_session(s, octets);
    auto const inserted = co_await store::insert(device_session_key(*b, id), written, s.expires, now);
    if (!inserted) co_return errc::random_failed;
    if (key) { // the session first, the list second; it is handed out only after both
        key_session const entry{id, s.expires};
        auto const joined = co_await store::as_result(join_key(sessions_of_key, entry, std::move(begun), now, frames));
        if (!joined) (void)co_await store::as_result(store::erase(device_session_key(*b, id), now));
        co_await joined;
    }
    co_return info_of(std::move(id), s);
}

inline store::task<device_session_info> refresh_device_session(device_sessions_body b, std::string token,
                                                               std::optional<proof::verified_key> proved, unix_time now,
                                                               random_ref rng, std::pmr::memory_resource* frames) {
    auto const said = co_await read_regular(b->grace, token, now);
    auto const renew = [&](device_session_record& s) -> result<bool> {
        if (auto same = check_key(said, s); !same) return same.error();
        if (auto alive = check_alive(s, now); !alive) return alive.error();
        if (!s.tokens) return errc::session_token_disabled;
        if (s.key && !proved) return errc::possession_missing;
        if (s.key)
            if (auto good = judge_proved(s, *proved); !good) return good.error();
        if (now - s.token_issued < b->policy.refresh_after && now >= s.token_issued) return false; // the current one
        auto fresh = sign_regular(*b, said.sid, s, now, rng);
        if (!fresh) return fresh.error();
        s.token = *std::move(fresh);
        s.token_issued = now;
        return true;
    };
    if (b->policy.devices) {
        auto const s = co_await find_device_session(device_session_key(*b, said.sid), now, frames);
        co_await judge_device(b, s.user, thumbprint_of(s), now, frames);
    }
    co_return co_await change_device_session(b, said.sid, renew, now, frames);
}

inline store::task<authenticated_device> authenticate_device(device_sessions_body b, std::string token, unix_time now,
                                                             std::pmr::memory_resource* frames) {
    auto const found = co_await find_by_token(b, std::move(token), now, frames);
    co_return device_session_access::make(found.id, found.session.user,
                                          thumbprint_of(found.session).value_or(crypto::sha256_digest{}));
}

inline store::task<authenticated_device> authenticate_by_key(device_sessions_body b, std::string id,
                                                             proof::verified_key proved, unix_time now,
                                                             std::pmr::memory_resource* frames) {
    auto const s = co_await find_device_session(device_session_key(*b, id), now, frames);
    co_await judge_proved(s, proved); // who has not proved the key is not told what became of the session
    co_await check_alive(s, now);
    if (b->policy.devices) co_await judge_device(b, s.user, thumbprint_of(s), now, frames);
    co_return device_session_access::make(std::move(id), s.user, *thumbprint_of(s));
}

inline action_rule const* rule_for(device_sessions::body const& b, std::string_view action_type) noexcept {
    for (auto const& rule : b.policy.actions)
        if (rule.action_type == action_type) return &rule;
    return nullptr;
}

// ---- actions

inline store::record_key action_key(device_sessions::body const& b, std::string_view action_id) {
    return proof::record_key("device action", {b.app, action_id});
}

// How a secure token was used up: as which action, and for how long that is known.
struct token_use {
    std::string action_id{};
    bool again = false; // the token was used up before; what it was for may not have been written
    unix_time remembered{};
};

// Gives the action once it is written. That one with its id is there already is a replay where its token was used up
// before.
inline store::task<triggered_action> write_action(device_sessions_body b, action_record record, unix_time now,
                                                  std::pmr::memory_resource* frames, token_use use) {
    (void)frames;
    auto& action = record.action;
    if (!action.user.empty()) record.period = 0;
    auto const format = static_cast<std::uint8_t>(record.period != 0 ? 2 : 1);
    bytes octets;
    auto const written = co_await store::write_fields(record, format, action_kind, octets);
    // At least as long as its token is known to be used up: else that could bring it about again.
    auto const expires = std::max(saturating_add(now, b->policy.remember_actions), use.remembered);
    auto const inserted = co_await store::insert(action_key(*b, action.action_id), written, expires, now);
    if (!inserted) co_return use.again ? errc::replayed : errc::random_failed;
    co_return std::move(action);
}

// Uses a secure token up for the action of this id. Where the token was used up before, and for which action: whoever
// did may have failed to write that, so it can still be completed, once.
inline store::task<token_use> use_up(store::record_key once, std::string action_id, unix_time issued, unix_time gone,
                                     unix_time now, std::pmr::memory_resource* frames) {
    (void)frames;
    token_use use{.action_id = std::move(action_id), .remembered = gone};
    auto const first = co_await store::insert_once(once, as_bytes(use.action_id), gone, issued, now);
    if (first) co_return use;
    std::array<std::uint8_t, 64> buffer;
    auto const found = co_await store::find(once, buffer, now);
    if (!found || found->bytes.empty()) co_return errc::replayed;
    use.action_id = as_text(found->bytes);
    use.again = true;
    co_return use;
}

// The secure token, where the action demands one; where it does not, one that was sent must hold all the same.
inline store::task<triggered_action> trigger_action(device_sessions_body b, action_request request,
                                                    std::optional<proof::verified_key> proved, std::string action_id,
                                                    unix_time now, std::pmr::memory_resource* frames) {
    if (request.session_token.empty()) co_return errc::session_token_missing;
    if (request.action_type.empty() || request.action_type.size() > max_action_type) co_return errc::out_of_range;
    if (request.user.size() > max_session_user) co_return errc::out_of_range;
    auto const found = co_await find_by_token(b, std::move(request.session_token), now, frames);
    auto const& s = found.session;

    auto const* const rule = rule_for(*b, request.action_type);
    bool const secure = !request.secured_session_token.empty();
    token_use use{.action_id = std::move(action_id)};
    if (rule && rule->demand_key_proof && !proved) co_return errc::possession_missing;
    if (proved) co_await judge_proved(s, *proved);
    if (!secure && rule && rule->secure) co_return errc::action_token_required;
    if (!request.user.empty() && b->policy.devices)
        co_await judge_device(b, request.user, thumbprint_of(s), now, frames);
    if (secure) {
        if (s.on != device::platform::web) co_return errc::platform_unsupported;
        if (!s.key) co_return errc::device_mismatch;
        auto const claims = read_action_token(b->verifier.get_policy(), *s.key, request.secured_session_token, now);
        // Signed by another key: another device's token, or no token at all.
        if (!claims) co_return claims.error() == errc::bad_signature ? errc::device_mismatch : claims.error().code;
        if (claims->sid != found.id) co_return errc::device_mismatch;
        bool const unbound = !claims->action && (!rule || !rule->secure || rule->accept_unbound);
        if (!unbound && claims->action != request.action_type) co_return errc::action_mismatch;
        if (!rule || rule->single_use) {
            auto const once = proof::jti_key(found.id, claims->jti);
            auto const gone = saturating_add(claims->expires, b->policy.leeway + std::chrono::seconds{1});
            auto const made = saturating_add(claims->issued, -b->policy.leeway); // the device's clock may be ahead
            auto used = co_await use_up(once, use.action_id, made, gone, now, frames);
            use = std::move(used);
        }
    }
    auto const is_login = !request.user.empty();
    auto user = is_login ? std::move(request.user) : s.user;
    action_record done{{use.action_id, found.id, std::move(request.action_type), std::move(user), secure, now},
                       s.period};
    auto written = co_await write_action(b, std::move(done), now, frames, std::move(use));
    // Last: a token that is shown again sets nobody.
    if (is_login) (void)co_await set_session_user(b, found.id, written.user, now, frames);
    co_return std::move(written);
}

inline store::task<triggered_action> find_action(device_sessions_body b, std::string action_id, unix_time now,
                                                 std::pmr::memory_resource* frames) {
    (void)frames;
    std::array<std::uint8_t, max_action_record> buffer;
    auto const found = co_await store::find(action_key(*b, action_id), buffer, now);
    if (!found) co_return errc::session_unknown;
    action_record record;
    co_await store::read_fields(record, found->bytes, action_format, action_kind);
    auto& action = record.action;
    action.action_id = std::move(action_id);
    if (!action.user.empty()) co_return std::move(action);
    auto const key = login_key(*b, action.device_session, record.period);
    auto const followed = co_await store::find(key, buffer, now);
    if (!followed) co_return std::move(action);
    auto login = co_await store::read_fields<login_record>(followed->bytes, login_format, login_kind);
    action.later_user = std::move(login.user);
    co_return std::move(action);
}

// An event from within: the session is looked up again, since it may have ended, or changed its user, meanwhile.
inline store::task<triggered_action> report_action(device_sessions_body b, std::string id, std::string action_type,
                                                   std::string action_id, unix_time now,
                                                   std::pmr::memory_resource* frames) {
    if (action_type.empty() || action_type.size() > max_action_type) co_return errc::out_of_range;
    auto const s = co_await find_device_session(device_session_key(*b, id), now, frames);
    co_await check_alive(s, now);
    if (b->policy.devices) co_await judge_device(b, s.user, thumbprint_of(s), now, frames);
    action_record done{{std::move(action_id), std::move(id), std::move(action_type), s.user, false, now}, s.period};
    token_use no_token;
    co_return co_await write_action(b, std::move(done), now, frames, std::move(no_token));
}

// ---- telemetry

inline store::record_key telemetry_key(device_sessions::body const& b, std::string_view id, std::uint32_t number) {
    return proof::record_key("device telemetry", {b.app, id, std::to_string(number)});
}

inline store::task<void> report_telemetry(device_sessions_body b, std::string id, telemetry_batch batch, unix_time now,
                                          std::pmr::memory_resource* frames) {
    co_await check_telemetry(batch);
    if (batch.session != id) co_return errc::device_mismatch;
    auto const s = co_await find_device_session(device_session_key(*b, id), now, frames);
    co_await check_alive(s, now);
    if (b->policy.devices) co_await judge_device(b, s.user, thumbprint_of(s), now, frames);
    auto const due = saturating_add(s.created, b->policy.telemetry_every * std::int64_t{batch.number});
    if (due > saturating_add(now, b->policy.leeway)) co_return errc::telemetry_too_early;
    bytes octets;
    co_await store::write_fields(batch, telemetry_format, telemetry_kind, octets);
    auto const key = telemetry_key(*b, id, batch.number);
    auto const remembered = std::max(saturating_add(now, b->policy.remember_telemetry), s.expires); // each number once
    auto const kept = co_await store::insert(key, octets, remembered, now);
    if (!kept) co_return errc::replayed;
    co_return {};
}

inline store::task<telemetry_batch> find_telemetry(device_sessions_body b, std::string id, std::uint32_t number,
                                                   unix_time now, std::pmr::memory_resource* frames) {
    (void)frames; // of this coroutine
    bytes buffer(store::max_record);
    auto const found = co_await store::find(telemetry_key(*b, id, number), buffer, now);
    if (!found) co_return errc::session_unknown;
    telemetry_batch batch{.session = std::move(id), .number = number, .events = {}};
    co_await store::read_fields(batch, found->bytes, telemetry_format, telemetry_kind);
    co_return std::move(batch);
}

// The user first: if the action was not written, the caller calls again.
inline store::task<triggered_action> report_login(device_sessions_body b, std::string id, std::string user,
                                                  std::string action_id, unix_time now,
                                                  std::pmr::memory_resource* frames) {
    if (b->policy.devices) {
        auto const s = co_await find_device_session(device_session_key(*b, id), now, frames);
        co_await check_alive(s, now);
        co_await judge_device(b, user, thumbprint_of(s), now, frames);
    }
    (void)co_await set_session_user(b, id, user, now, frames);
    action_record done{
        {std::move(action_id), std::move(id), std::string{login_action_type}, std::move(user), false, now}};
    token_use no_token;
    co_return co_await write_action(b, std::move(done), now, frames, std::move(no_token));
}

} // namespace detail

// ---- the calls

SIGNET_DECL result<device_sessions> device_sessions::make(private_key key, alg a, std::string key_id,
                                                          std::string issuer, std::string app,
                                                          device_session_policy policy) {
    auto const zero = std::chrono::seconds{0};
    for (auto const duration :
         {policy.lifetime, policy.token_lifetime, policy.leeway, policy.remember_actions, policy.remember_telemetry})
        if (duration > max_device_duration) return errc::out_of_range;
    if (policy.lifetime <= zero || policy.token_lifetime <= zero || policy.refresh_after < zero ||
        policy.refresh_after >= policy.token_lifetime || policy.leeway < zero || policy.remember_actions <= zero ||
        policy.remember_telemetry <= zero || policy.telemetry_every < zero ||
        policy.telemetry_every > std::chrono::hours{24}) {
        return errc::out_of_range;
    }
    algorithm_set accepted;
    accepted.insert(a);
    auto const of_current = accepted;
    if (policy.former_keys.size() > max_former_keys) return errc::out_of_range;
    for (auto const& former : policy.former_keys) {
        if (!former.key.supports(former.algorithm)) return errc::wrong_key_type;
        accepted.insert(former.algorithm);
    }
    jose::any_key_set keys{accepted};
    if (auto added = keys.add(key_id, key.public_part(), of_current); !added) return added.error();
    for (auto const& former : policy.former_keys) {
        algorithm_set its;
        its.insert(former.algorithm);
        if (auto added = keys.add(former.key_id, former.key, its); !added) return added.error();
    }
    auto signer = jwt::detail::signer_handle::make(a, std::move(key), {.type = session_token_type, .key_id = key_id});
    if (!signer) return signer.error();
    auto token_policy = session_token_policy(issuer, app, policy.leeway);
    auto verifier = jwt::any_verifier::make(accepted, keys, token_policy);
    token_policy.leeway = policy.leeway + policy.token_lifetime;
    auto grace = jwt::any_verifier::make(accepted, std::move(keys), token_policy);
    if (!verifier) return verifier.error();
    if (!grace) return grace.error();
    return device_sessions{
        std::make_shared<body const>(body{std::move(app), std::move(issuer), std::move(policy), *std::move(signer),
                                          *std::move(verifier), *std::move(grace)})};
}

SIGNET_DECL store::task<device_session_info> device_sessions::begin(proof::device_key key,
                                                                    proof::verified_key const& proved,
                                                                    device::platform on, bool enable_session_token,
                                                                    unix_time now, random_ref rng,
                                                                    std::pmr::memory_resource* frames) const {
    detail::device_session_record s;
    s.on = on;
    s.tokens = enable_session_token;
    s.key = std::move(key);
    return detail::begin_device_session(body_, std::move(s), proved, codec::detail::fresh_id(rng), now, rng, frames);
}

SIGNET_DECL store::task<device_session_info> device_sessions::begin_without_key(
    device::platform on, bool enable_session_token, unix_time now, random_ref rng,
    std::pmr::memory_resource* frames) const {
    detail::device_session_record s;
    s.on = on;
    s.tokens = enable_session_token;
    return detail::begin_device_session(body_, std::move(s), std::nullopt, codec::detail::fresh_id(rng), now, rng,
                                        frames);
}

SIGNET_DECL store::task<device_session_info> device_sessions::refresh(std::string_view token,
                                                                      proof::verified_key const* proved, unix_time now,
                                                                      std::pmr::memory_resource* frames) const {
    return detail::refresh_device_session(body_, std::string{token}, proved ? std::optional{*proved} : std::nullopt,
                                          now, system_random(), frames);
}

SIGNET_DECL store::task<authenticated_device> device_sessions::authenticate(std::string_view token, unix_time now,
                                                                            std::pmr::memory_resource* frames) const {
    return detail::authenticate_device(body_, std::string{token}, now, frames);
}

SIGNET_DECL store::task<authenticated_device> device_sessions::authenticate_by_key(
    std::string_view id, proof::verified_key const& proved, unix_time now, std::pmr::memory_resource* frames) const {
    return detail::authenticate_by_key(body_, std::string{id}, proved, now, frames);
}

SIGNET_DECL store::task<device_session_info> device_sessions::set_user(authenticated_device const& device,
                                                                       std::string user, unix_time now,
                                                                       std::pmr::memory_resource* frames) const {
    return detail::set_session_user(body_, device.id(), std::move(user), now, frames);
}
SIGNET_DECL store::task<device_session_info> device_sessions::clear_user(authenticated_device const& device,
                                                                         unix_time now,
                                                                         std::pmr::memory_resource* frames) const {
    return detail::move_device_session(body_, device.id(), device_session_event::clear_user, now, frames);
}
SIGNET_DECL store::task<device_session_info> device_sessions::end(authenticated_device const& device, unix_time now,
                                                                  std::pmr::memory_resource* frames) const {
    return detail::move_device_session(body_, device.id(), device_session_event::end, now, frames);
}

SIGNET_DECL store::task<std::vector<std::string>> device_sessions::end_by_key(crypto::sha256_digest const& key,
                                                                              unix_time now,
                                                                              std::pmr::memory_resource* frames) const {
    return detail::end_by_key(body_, key, now, frames);
}

SIGNET_DECL store::task<triggered_action> device_sessions::trigger(action_request request, unix_time now,
                                                                   proof::verified_key const* proved, random_ref rng,
                                                                   std::pmr::memory_resource* frames) const {
    return detail::trigger_action(body_, std::move(request), proved ? std::optional{*proved} : std::nullopt,
                                  codec::detail::fresh_id(rng), now, frames);
}

SIGNET_DECL store::task<triggered_action> device_sessions::report(authenticated_device const& device,
                                                                  std::string action_type, unix_time now,
                                                                  random_ref rng,
                                                                  std::pmr::memory_resource* frames) const {
    return detail::report_action(body_, device.id(), std::move(action_type), codec::detail::fresh_id(rng), now, frames);
}

SIGNET_DECL store::task<triggered_action> device_sessions::report_login(authenticated_device const& device,
                                                                        std::string user, unix_time now, random_ref rng,
                                                                        std::pmr::memory_resource* frames) const {
    return detail::report_login(body_, device.id(), std::move(user), codec::detail::fresh_id(rng), now, frames);
}

SIGNET_DECL store::task<void> device_sessions::report_telemetry(authenticated_device const& device,
                                                                telemetry_batch batch, unix_time now,
                                                                std::pmr::memory_resource* frames) const {
    return detail::report_telemetry(body_, device.id(), std::move(batch), now, frames);
}

SIGNET_DECL store::task<telemetry_batch> device_sessions::find_telemetry(std::string_view session_id,
                                                                         std::uint32_t number, unix_time now,
                                                                         std::pmr::memory_resource* frames) const {
    return detail::find_telemetry(body_, std::string{session_id}, number, now, frames);
}

SIGNET_DECL store::task<triggered_action> device_sessions::find_action(std::string_view action_id, unix_time now,
                                                                       std::pmr::memory_resource* frames) const {
    return detail::find_action(body_, std::string{action_id}, now, frames);
}

}}} // namespace signet::device

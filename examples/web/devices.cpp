// My sessions and devices; registering this browser as a device; the proof by challenge for browsers without bound
// sessions.
#include "site.hpp"

#include <signet/store/record.hpp>

namespace web {

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr std::uint8_t binding_format = 1, binding_kind = 'k';

store::record_key binding_key(std::string_view sid) { return proof::record_key("demo-key-binding", {sid}); }

// What a device may be asked to sign, and who may ask: "confirm:..." is about one action.
std::string purpose_of(std::string_view asked) {
    for (std::string_view known : {"register-device", "prove-device"})
        if (asked == known) return std::string{known};
    return asked == "confirm" ? "confirm" : "";
}

} // namespace

std::string when(unix_time t, unix_time now) {
    auto const ago = (now - t).count();
    if (ago < 90) return "just now";
    if (ago < 5400) return std::to_string(ago / 60) + " minutes ago";
    return std::to_string(ago / 3600) + " hours ago";
}

// The key that stands behind a login in a browser without bound sessions; no key id where there is none yet.
result<site::key_binding> site::bound_key(std::string_view sid, unix_time now) {
    std::array<std::uint8_t, 512> buffer;
    auto const reply = db_.execute(store::find(binding_key(sid), buffer, now));
    auto const there = reply.done();
    if (!there) return there.error();
    if (!*there) return key_binding{};
    store::record_reader r{reply.record.bytes, binding_format, binding_kind};
    key_binding b{std::string{r.text()}, r.time()};
    if (auto good = r.finish(); !good) return good.error();
    return b;
}

// Called when the device has just proved itself. A login keeps the first device it was bound to.
result<void> site::bind_key(login const& who, std::string_view key_id, unix_time now) {
    std::array<std::uint8_t, 512> buffer;
    auto const before = db_.execute(store::find(binding_key(who.sid), buffer, now));
    auto const there = before.done();
    if (!there) return there.error();
    if (*there) {
        store::record_reader r{before.record.bytes, binding_format, binding_kind};
        if (r.text() != key_id) return errc::device_mismatch;
    }
    bytes record;
    store::record_writer w{record, binding_format, binding_kind};
    w.text(key_id);
    w.time(now);
    auto const octets = w.finish();
    if (!octets) return octets.error();
    auto const version = before.record.version;
    auto const written =
        db_.execute(*there ? store::replace(binding_key(who.sid), version, *octets, who.session.expires(), now)
                           : store::insert(binding_key(who.sid), *octets, who.session.expires(), now))
            .done();
    if (!written) return written.error();
    if (!*written) return errc::record_conflict;
    return {};
}

void site::devices_page(exchange& x) {
    auto const mine = run(sessions_.list(x.who->session.user(), x.now), db_);
    auto const known = run(devices_.list(x.who->session.user(), x.now), db_);
    if (!mine) return refuse(x, mine.error().code);
    if (!known) return refuse(x, known.error().code);
    auto const passkeys = passkey_rows(x);
    if (!passkeys) return refuse(x, passkeys.error().code);
    std::string sessions, devices;
    for (auto const& s : *mine) {
        bool const here = s.sid() == x.who->sid;
        sessions += pages_.make_part(here ? "session-here" : "session-row",
                                     {{"sid", s.sid()},
                                      {"device", std::string{s.device()}},
                                      {"since", when(s.created(), x.now)},
                                      {"bound", s.data().find(' ') != std::string_view::npos ? "bound" : "by key"}});
    }
    for (auto const& d : *known)
        devices += pages_.make_part("device-row", {{"key_id", d.key_id},
                                                   {"short", d.key_id.substr(0, 10)},
                                                   {"name", d.display_name},
                                                   {"state", std::string{name(d.state)}},
                                                   {"active", when(d.last_activity, x.now)}});
    page(x, "devices", "Sessions and devices",
         {{"sessions", sessions, true}, {"devices", devices, true}, {"passkeys", *passkeys, true}});
}

void site::end_session(exchange& x) {
    auto const done = end_one(x.who->session.user(), form_value(x.in.body, "sid"), x.now);
    if (!done) return refuse(x, done.error().code);
    redirect(x, "/devices");
}

// Ends one login session of the user, the refresh tokens that belong to it, and its bound session.
result<void> site::end_one(std::string_view user, std::string_view sid, unix_time now) {
    auto theirs = run(sessions_.list(user, now), db_);
    if (!theirs) return theirs.error();
    std::erase_if(*theirs, [&](auto const& s) { return s.sid() != sid; });
    if (auto const done = run(sessions_.revoke_one(user, sid, now), db_); !done) return done.error();
    end_bound(*theirs, dbsc::ending::revoked, now);
    return {};
}

void site::end_others(exchange& x) {
    auto mine = run(sessions_.list(x.who->session.user(), x.now), db_);
    if (!mine) return refuse(x, mine.error().code);
    std::erase_if(*mine, [&](auto const& s) { return s.sid() == x.who->sid; });
    auto const done = run(sessions_.revoke_others(x.who->session.user(), x.who->sid, x.now), db_);
    if (!done) return refuse(x, done.error().code);
    end_bound(*mine, dbsc::ending::revoked, x.now);
    redirect(x, "/devices");
}

// Ends whatever hangs on a device that was just blocked or removed, except one login of the user.
result<void> site::end_device(std::string_view user, device::registered_device const& device, std::string_view keep_sid,
                              unix_time now) {
    if (auto const ended = run(device_sessions_.end_by_key(device.key.thumbprint(), now), db_); !ended)
        return ended.error();
    auto const theirs = run(sessions_.list(user, now), db_);
    if (!theirs) return theirs.error();
    for (auto const& s : *theirs) {
        auto const sid = s.sid();
        auto const key = bound_key(sid, now);
        if (!key) return key.error();
        if (key->key_id != device.key_id || sid == keep_sid) continue;
        if (auto const ended = end_one(user, sid, now); !ended) return ended.error();
    }
    return {};
}

// Blocks a device of the user, or finds it blocked: then the caller ends what an interrupted call did not end.
result<device::registered_device> site::block_device(std::string_view user, std::string_view key_id, unix_time now) {
    auto done = run(device::user_devices{devices_, std::string{user}}.block(key_id, now), db_);
    if (!done && done.error() == errc::already_blocked) return run(devices_.find(user, key_id, now), db_);
    return done;
}

// A user blocks and removes. Only an administrator unblocks.
void site::change_device(exchange& x) {
    auto const key_id = form_value(x.in.body, "key_id"), change = form_value(x.in.body, "change");
    if (change != "block" && change != "remove") return refuse(x, errc::out_of_range, 400);
    std::string const user{x.who->session.user()};
    device::user_devices const own{devices_, user};
    auto const done = change == "block" ? block_device(user, key_id, x.now) : run(own.remove(key_id, x.now), db_);
    if (!done) return refuse(x, done.error().code);
    if (auto const ended = end_device(user, *done, x.who->sid, x.now); !ended) return refuse(x, ended.error().code);
    redirect(x, "/devices");
}

void site::challenge(exchange& x) {
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const purpose = purpose_of(member(*body, "purpose")), action = member(*body, "action");
    proof::challenge_params const params{
        .purpose = purpose, .app = "shop", .user = x.who->session.user(), .session = x.who->sid, .action = action};
    auto const made = run(proof::issue_challenge(params, x.now), db_);
    if (!made) return refuse(x, made.error().code);
    x.outcome = "a challenge for " + purpose;
    json(x, object({{"challenge", *made}}));
}

// The browser made a key, shows the public part, and signed the challenge with the private one.
void site::register_device(exchange& x) {
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const key = proof::device_key::from_jwk(member(*body, "jwk"));
    if (!key) return refuse(x, key.error().code, 400);
    auto const user = x.who->session.user();
    auto const answer = member(*body, "answer");
    proof::challenge_params const params{
        .purpose = "register-device", .app = "shop", .user = user, .session = x.who->sid};
    auto const proved = run(proof::redeem_challenge(answer, params, key->key(), key->algorithm_id(), x.now), db_);
    if (!proved) return refuse(x, proved.error().code);
    // The thumbprint is the name, so the browser's key finds its device again.
    device::device_details const details{.key_id = proved->jkt(),
                                         .key = *key,
                                         .kind = device::device_kind::browser,
                                         .platform = "web",
                                         .display_name = std::string{x.who->session.device()}};
    auto const added = run(devices_.add(user, details, *proved, x.now), db_);
    if (!added && added.error() != errc::device_already_registered) return refuse(x, added.error().code);
    auto const known = run(devices_.find(user, proved->jkt(), x.now), db_);
    if (!known) return refuse(x, known.error().code);
    if (!known->usable()) return refuse(x, device::device_state_refusal(known->state), 403);
    if (auto done = bind_key(*x.who, proved->jkt(), x.now); !done) return refuse(x, done.error().code);
    x.outcome = "this browser's key is a device";
    json(x, object({{"key_id", proved->jkt()}}));
}

void site::prove_device(exchange& x) {
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const user = x.who->session.user();
    auto const key_id = member(*body, "key_id");
    auto const bound = bound_key(x.who->sid, x.now);
    if (!bound) return refuse(x, bound.error().code);
    if (bound->key_id != key_id) return refuse(x, errc::device_mismatch, 403);
    auto const proved =
        run(devices_.prove(user, key_id, member(*body, "answer"), "prove-device", x.now, x.who->sid), db_);
    if (!proved) return refuse(x, proved.error().code);
    auto const done = bind_key(*x.who, key_id, x.now);
    if (!done && done.error() != errc::record_conflict)
        return refuse(x, done.error().code); // a conflict: another tab was first
    x.outcome = "the device proved its key";
    json(x, object({{"proved", key_id}}));
}

void site::prove_page(exchange& x) {
    auto const next = form_value(x.in.query, "next");
    page(x, "prove", "One moment", {{"next", http::is_own_path(next) ? next : "/"}});
}

// For the script that registers this browser's key: what stands behind the login?
void site::binding(exchange& x) {
    auto const key = bound_key(x.who->sid, x.now);
    if (!key) return refuse(x, key.error().code);
    json(x, object({{"user", x.who->session.user()}, {"dbsc", x.who->dbsc}, {"key_id", key->key_id}}));
}

} // namespace web

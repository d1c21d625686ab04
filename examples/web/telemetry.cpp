// The device session of a browser, which needs no login; what the browser reports in it; and what an administrator sees
// of that.
#include "site.hpp"

#include <signet/codec/base64url.hpp>

#include <algorithm>
#include <span>

namespace web {

using namespace signet;

namespace {

constexpr std::string_view session_purpose = "device-session";
constexpr std::size_t shown_events = 8; // of a batch

// "pointer 12, key 3": what the device says, and no more than that.
std::string in_short(device::telemetry_batch const& batch) {
    auto const shown = std::min(shown_events, batch.events.size());
    std::string text;
    for (auto const& e : std::span{batch.events}.first(shown))
        text += (text.empty() ? "" : ", ") + e.type + (e.data.empty() ? "" : " " + e.data);
    auto const more = batch.events.size() - shown;
    return more == 0 ? text : text + ", and " + std::to_string(more) + " more";
}

std::string in_short(device::recommended const& r) {
    std::string because;
    for (std::size_t i = 0; i != device::action_risks; ++i) {
        auto const risk = static_cast<device::action_risk>(i);
        if (r.is_because_of(risk)) because += (because.empty() ? "" : ", ") + std::string{name(risk)};
    }
    return "recommendation: " + std::string{name(r.what)} + (because.empty() ? "" : " (" + because + ")");
}

activity::entry entry_of(device::authenticated_device const& device, std::string user, unix_time now) {
    return {.at = now,
            .session = device.id(),
            .user = std::move(user),
            .key = device.key_thumbprint(),
            .key_id = codec::base64url_encode(device.key_thumbprint()),
            .action = {}};
}

} // namespace

void site::telemetry_page(exchange& x) { page(x, "telemetry", "Telemetry", {}); }

// A device session is about the device, whoever uses it, so its challenge belongs to the browser and not to a login.
void site::session_challenge(exchange& x) {
    if (!begin_visit(x)) return;
    auto const browser = visit(x);
    auto const made =
        run(proof::issue_challenge({.purpose = session_purpose, .app = "shop", .session = browser}, x.now), db_);
    if (!made) return refuse(x, made.error().code);
    json(x, object({{"challenge", *made}}));
}

// Begins a device session for the browser's key, or gives a fresh token for the one it has. The key was proved in this
// request. A login that the session does not know yet is reported to it.
void site::device_session(exchange& x) {
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const key = proof::device_key::from_jwk(member(*body, "jwk"));
    if (!key) return refuse(x, key.error().code, 400);
    auto const answer = member(*body, "answer"), old = member(*body, "token"), browser = visit(x);
    auto const proved =
        run(proof::redeem_challenge(answer, {.purpose = session_purpose, .app = "shop", .session = browser}, key->key(),
                                    key->algorithm_id(), x.now),
            db_);
    if (!proved) return refuse(x, proved.error().code);
    auto info = old.empty() ? result<device::device_session_info>{errc::session_unknown}
                            : run(device_sessions_.refresh(old, &*proved, x.now), db_);
    if (!info && http_status(info.error().code) >= 500) return refuse(x, info.error().code);
    if (!info) info = run(device_sessions_.begin(*key, *proved, device::platform::web, true, x.now), db_);
    if (!info) return refuse(x, info.error().code);
    auto const device = run(device_sessions_.authenticate(info->token, x.now), db_);
    if (!device) return refuse(x, device.error().code);
    std::string user = device->user();
    if (x.who && x.who->session.user() != user) {
        user = x.who->session.user();
        auto const login = run(device_sessions_.report_login(*device, user, x.now), db_);
        if (!login) return refuse(x, login.error().code);
        note_action(*device, *login, x.now);
    }
    x.outcome = "device session " + info->id;
    json(x, object({{"id", info->id}, {"token", info->token}, {"user", user}}));
}

void site::note_action(device::authenticated_device const& device, device::triggered_action const& done,
                       unix_time now) {
    auto e = entry_of(device, done.user, now);
    e.action = done.action_id;
    activity_.add(std::move(e));
}

// The token of the device session says whose batch it is; no cookie counts here.
void site::telemetry_batch(exchange& x) {
    if (!begin_visit(x)) return;
    auto const shown = proof::read_authorization(x.in.find("authorization"));
    if (!shown) return refuse(x, shown.error().code);
    auto const device = run(device_sessions_.authenticate(shown->token, x.now), db_);
    if (!device) return refuse(x, device.error().code);
    auto const batch = device::read_telemetry(x.in.body);
    if (!batch) return refuse(x, batch.error().code, 400);
    if (auto const kept = run(device_sessions_.report_telemetry(*device, *batch, x.now), db_); !kept)
        return refuse(x, kept.error().code);
    auto e = entry_of(*device, device->user(), x.now);
    e.batch = batch->number;
    activity_.add(std::move(e));
    json(x, "{}");
}

// For the administrator's page, which asks every second.
void site::admin_activity(exchange& x) {
    activity::filter const whose{.user = form_value(x.in.query, "user"), .key_id = form_value(x.in.query, "key_id")};
    std::string text;
    output out{text};
    codec::json_writer w{out};
    w.begin_array();
    for (auto const& e : activity_.since(after(x.in.query), whose)) {
        auto const [line, outcome] = told(e, x.now);
        w.begin_object().member("number", e.number).member("at", std::int64_t{e.at.time_since_epoch().count()});
        w.member("line", line).member("outcome", outcome);
        w.member("user", e.user).member("session", e.session).member("key_id", e.key_id).end_object();
    }
    w.end_array();
    json(x, w.finish() ? text : "[]");
}

// What the store keeps of it: a batch as it was sent, or an action with what is recommended now.
site::story site::told(activity::entry const& e, unix_time now) {
    auto const who = e.user.empty() ? "nobody yet" : e.user;
    if (e.action.empty()) {
        auto const batch = run(device_sessions_.find_telemetry(e.session, e.batch, now), db_);
        return {who + ": telemetry " + std::to_string(e.batch),
                batch ? in_short(*batch) : std::string{message(batch.error().code)}};
    }
    auto const action = run(device_sessions_.find_action(e.action, now), db_);
    if (!action) return {who + ": an action", std::string{message(action.error().code)}};
    auto const line = who + ": " + action->action_type;
    auto const known = run(device::gather_context(devices_, *action, e.key, now), db_);
    if (!known) return {line, std::string{message(known.error().code)}};
    return {line, in_short(device::recommend(*known, now))};
}

} // namespace web

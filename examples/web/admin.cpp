// What an administrator sees and does: the sessions and devices of a user, and who has a device. A user gets 403 here.
#include "site.hpp"

namespace web {

using namespace signet;

void site::admin_page(exchange& x) {
    auto const user = form_value(x.in.query, "user"), key_id = form_value(x.in.query, "key_id");
    if (!user.empty()) return show_user(x, user, {});
    if (!key_id.empty()) return show_key(x, key_id);
    page(x, "admin", "Administration", {});
}

// One user: where he is logged in, and his devices.
void site::show_user(exchange& x, std::string const& user, std::string const& notice) {
    auto const theirs = run(sessions_.list(user, x.now), db_);
    if (!theirs) return refuse(x, theirs.error().code);
    auto const devices = run(devices_.list(user, x.now), db_);
    if (!devices) return refuse(x, devices.error().code);
    std::string sessions, rows;
    for (auto const& s : *theirs) {
        auto const key = bound_key(s.sid(), x.now);
        if (!key) return refuse(x, key.error().code);
        bool const bound = s.data().find(' ') != std::string_view::npos;
        sessions += pages_.make_part("admin-session", {{"user", user},
                                                       {"sid", s.sid()},
                                                       {"device", std::string{s.device()}},
                                                       {"methods", std::string{s.methods()}},
                                                       {"since", when(s.auth_time(), x.now)},
                                                       {"seen", when(s.last_seen(), x.now)},
                                                       {"bound", bound ? "bound session" : "key"},
                                                       {"key_id", key->key_id}});
    }
    for (auto const& d : *devices) rows += admin_device_row(user, d, x.now);
    page(x, "admin", "Administration",
         {{"notice", notice},
          {"name", user},
          {"found", pages_.make_part("admin-user", {{"name", user}, {"sessions", sessions, true}}), true},
          {"devices", pages_.make_part("admin-devices", {{"name", user}, {"rows", rows, true}}), true}});
}

// One key id: every user who has a device of it, for several users may share one browser.
void site::show_key(exchange& x, std::string const& key_id) {
    auto const owned = run(devices_.find_by_key_id(key_id, x.now), db_);
    if (!owned && owned.error() != errc::device_unknown) return refuse(x, owned.error().code);
    std::string rows;
    std::string notice;
    if (owned) {
        for (auto const& one : owned->devices) rows += admin_device_row(one.user, one.device, x.now);
        for (auto const& user : owned->unreadable) notice += "The devices of " + user + " cannot be read. ";
    }
    page(x, "admin", "Administration",
         {{"notice", notice},
          {"key_id", key_id},
          {"devices", pages_.make_part("admin-devices", {{"key_id", key_id}, {"rows", rows, true}}), true}});
}

std::string site::admin_device_row(std::string const& user, device::registered_device const& d, unix_time now) const {
    bool const blocked = device::device_state_refusal(d.state) == errc::device_blocked;
    return pages_.make_part("admin-device", {{"user", user},
                                             {"key_id", d.key_id},
                                             {"type", d.platform},
                                             {"name", d.display_name},
                                             {"state", std::string{name(d.state)}},
                                             {"evidence", std::string{name(d.evidence)}},
                                             {"seen", when(d.last_activity, now)},
                                             {"change", blocked ? "unblock" : "block"}});
}

// The user that the form names. Nothing is done to names that nobody has.
std::optional<std::string> site::user_of_form(exchange& x) const {
    auto known = users_.find(form_value(x.in.body, "user"), x.now);
    if (known) return std::move(known->name);
    if (known.error() == errc::login_refused)
        page(x, "admin", "Administration", {{"notice", "There is no such user."}}, 404);
    else refuse(x, known.error().code);
    return std::nullopt;
}

void site::admin_end_session(exchange& x) {
    auto const user = user_of_form(x);
    if (!user) return;
    auto const sid = form_value(x.in.body, "sid");
    if (auto const done = end_one(*user, sid, x.now); !done) return refuse(x, done.error().code);
    wire_.add(*user, x.in, x.out, "an administrator ended a session of yours", x.now);
    redirect(x, "/admin?user=" + *user); // a name of letters, digits, . - and _
}

void site::admin_change_device(exchange& x) {
    auto const user = user_of_form(x);
    if (!user) return;
    auto const key_id = form_value(x.in.body, "key_id"), change = form_value(x.in.body, "change");
    if (change != "block" && change != "unblock" && change != "remove") return refuse(x, errc::out_of_range, 400);
    auto const done = change == "block"     ? block_device(*user, key_id, x.now)
                      : change == "unblock" ? run(devices_.unblock(*user, key_id, x.now), db_)
                                            : run(devices_.remove(*user, key_id, x.now), db_);
    if (!done) return refuse(x, done.error().code);
    if (change != "unblock")
        if (auto const ended = end_device(*user, *done, {}, x.now); !ended) return refuse(x, ended.error().code);
    wire_.add(*user, x.in, x.out, "an administrator changed a device of yours: " + change, x.now);
    redirect(x, "/admin?user=" + *user);
}

// Everything that acts for the user: first the sessions, which could begin more, then the refresh tokens.
void site::admin_revoke(exchange& x) {
    auto const user = user_of_form(x);
    if (!user) return;
    auto const theirs = run(sessions_.list(*user, x.now), db_);
    if (!theirs) return refuse(x, theirs.error().code);
    auto const done = run(sessions_.revoke_user(*user, x.now), db_);
    if (!done) return refuse(x, done.error().code);
    end_bound(*theirs, dbsc::ending::revoked, x.now);
    if (auto const ended = run(families_.revoke_user(*user, x.now), db_); !ended) return refuse(x, ended.error().code);
    x.outcome = done->event.text();
    wire_.add(*user, x.in, x.out, "an administrator ended all your sessions", x.now);
    show_user(x, *user,
              std::to_string(done->sids.size()) + " sessions of " + *user + " ended, and all refresh tokens.");
}

} // namespace web

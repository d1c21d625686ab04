// Sign-up, login, logout.
#include "site.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/crypto/mac.hpp>

#include <array>

namespace web {

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t known_browser_dice = 16;

} // namespace

std::string device_name(std::string_view user_agent) {
    auto const has = [&](std::string_view word) { return user_agent.find(word) != user_agent.npos; };
    auto const first = [&](std::initializer_list<std::array<std::string_view, 2>> known) {
        for (auto const& [word, name] : known)
            if (has(word)) return std::string{name};
        return std::string{"something"};
    };
    return first({{"Firefox", "Firefox"}, {"Edg/", "Edge"}, {"Chrome", "Chromium"}, {"Safari", "Safari"}}) + " on " +
           first({{"Android", "Android"},
                  {"iPhone", "iOS"},
                  {"iPad", "iOS"},
                  {"Windows", "Windows"},
                  {"Mac OS", "macOS"},
                  {"Linux", "Linux"}});
}

void site::front(exchange& x) {
    if (auto known = identify(x); known) return redirect(x, "/account");
    else if (http_status(known.error().code) >= 500) return refuse(x, known.error().code);
    page(x, "login", "Log in", {});
}

void site::sign_up(exchange& x) {
    if (!sign_ups_.begin(x.in.ip, x.now)) {
        x.out.set("Retry-After", "60");
        return page(x, "login", "Log in", {{"notice", "Too many new accounts from here. Try again in a minute."}}, 429);
    }
    auto const made = users_.add(form_value(x.in.body, "user"), form_value(x.in.body, "password"), false, x.now);
    if (!made) {
        auto const why = made.error().code;
        if (http_status(why) >= 500 && why != errc::record_conflict && why != errc::out_of_range)
            return refuse(x, why, http_status(why));
        auto const notice = why == errc::record_conflict
                                ? "That name is taken."
                                : "A name has lower-case letters, digits, . - and _; a password at least 8 characters.";
        return page(x, "login", "Log in", {{"notice", notice}}, 400);
    }
    if (begin_login(x, *made, form_value(x.in.body, "keep") == "on", {})) redirect(x, "/account");
}

void site::log_in(exchange& x) {
    auto const name = form_value(x.in.body, "user");
    guesser const by{name, x.in.ip, known_browser(x.in, name)};
    if (!throttle_.begin(by, x.now)) {
        x.out.set("Retry-After", "60");
        return page(x, "login", "Log in", {{"notice", "Too many wrong passwords. Try again in a minute."}}, 429);
    }
    auto const who = users_.check(name, form_value(x.in.body, "password"), x.now);
    if (!who && who.error() != errc::login_refused) return refuse(x, who.error().code);
    if (!who) return page(x, "login", "Log in", {{"notice", "Name and password do not fit."}}, 401);
    throttle_.succeeded(by, x.now);
    if (begin_login(x, *who, form_value(x.in.body, "keep") == "on", {})) redirect(x, "/account");
}

// Random octets and a MAC over them and the user: nobody else's mark is good for a name.
bytes site::browser_mark(std::string_view user, bytes_view dice) const {
    auto mac = crypto::hmac::make(known_browsers_);
    mac.update(dice); // of fixed size, so nothing runs into the name
    mac.update(as_bytes(user));
    bytes mark(dice.begin(), dice.end());
    mark.resize(dice.size() + mac.size());
    mac.finish(std::span{mark}.subspan(dice.size()));
    return mark;
}

std::string site::known_browser(request const& in, std::string_view user) const {
    auto const cookie = http::cookie_reader{in.find("cookie")}.find(known_browser_cookie.name());
    auto const mark = cookie ? codec::base64url_decode(*cookie) : result<bytes>{errc::cookie_missing};
    if (!mark || mark->size() < known_browser_dice ||
        !constant_time_equal(*mark, browser_mark(user, bytes_view{*mark}.first(known_browser_dice))))
        return {};
    return std::string{*cookie};
}

// A browser that is known as this user's keeps its mark, and its count of wrong passwords with it.
void site::remember_browser(exchange& x, std::string_view user) const {
    if (!known_browser(x.in, user).empty()) return;
    std::array<std::uint8_t, known_browser_dice> dice;
    system_random().fill(dice);
    auto const line = known_browser_cookie.set(codec::base64url_encode(browser_mark(user, dice)));
    if (line) x.out.set("Set-Cookie", *line);
}

// A new session under a new id; the browser's old one dies. The answer tells the browser to register a key for
// it. False where that failed, and why is the answer.
bool site::begin_login(exchange& x, account const& who, bool keep, login_proof const& by) {
    auto const cookies = x.in.find("cookie");
    auto const old_cookie = http::cookie_reader{cookies}.find(session_cookie.name()).value_or(std::string_view{});
    // Of an earlier login of this browser, by its own proof: the new bound session takes that one's place.
    auto const old_bound = run(dbsc::cookie_check{bound_, cookies, x.now}, db_);

    auto const device = device_name(x.in.find("user-agent"));
    session::client_properties const client{.ip = x.in.ip, .user_agent = x.in.find("user-agent"), .device = device};
    auto const in =
        run(sessions_.log_in({.user = who.name, .level = by.level, .methods = by.methods, .device_key = by.key}, client,
                             x.now, old_cookie),
            db_);
    if (!in) return refuse(x, in.error().code), false;
    if (auto kept = run(sessions_.set_data(in->cookie, keep ? "keep" : "-", client, x.now), db_); !kept)
        return refuse(x, kept.error().code), false;
    auto const sid = in->session.sid();
    auto const registration =
        run(dbsc::offer_registration(bound_,
                                     {.user = who.name,
                                      .login = sid,
                                      .replaces = old_bound ? std::string_view{old_bound->id()} : std::string_view{}},
                                     x.now),
            db_);
    if (!registration) return refuse(x, registration.error().code), false;
    remember_browser(x, who.name);
    x.user = who.name;
    x.outcome = "logged in; told to register a key. " + in->event.text();
    set_session_cookie(x, in->cookie, keep);
    x.out.set(dbsc::registration_field, *registration);
    return true;
}

void site::log_out(exchange& x) {
    if (!x.who->dbsc.empty()) {
        auto const ended = run(dbsc::end_session(x.who->dbsc, dbsc::ending::logged_out, x.now), db_);
        if (!ended && ended.error() != errc::dbsc_session_unknown) return refuse(x, ended.error().code);
    }
    auto const done = run(sessions_.log_out(x.who->current_cookie(), x.now), db_);
    auto const fields = dbsc::make_logout_fields(bound_);
    auto const removal = session_cookie.remove();
    if (!done) return refuse(x, done.error().code);
    x.who->new_cookie.clear();
    x.outcome = "logged out; cookies, storage and the bound session are forgotten";
    if (removal) x.out.set("Set-Cookie", *removal);
    if (fields)
        for (auto const& f : *fields)
            if (f.name != "Cache-Control") x.out.set(f.name, f.value);
    redirect(x, "/");
}

void site::account_page(exchange& x) {
    auto const key = bound_key(x.who->sid, x.now);
    auto const who = users_.find(x.who->session.user(), x.now);
    page(x, "account", "Account",
         {{"sid", x.who->sid},
          {"admin", who && who->admin ? pages_.make_part("admin-link", {}) : "", true},
          {"binding", !x.who->dbsc.empty()          ? "bound to this browser by Device Bound Session Credentials"
                      : key && !key->key_id.empty() ? "bound to a key in this browser's IndexedDB"
                                                    : "not bound yet"}});
}

// For scripts: who am I, and what did I send?
void site::echo(exchange& x) {
    json(x,
         object({{"user", x.who->session.user()}, {"sid", x.who->sid}, {"method", x.in.method}, {"body", x.in.body}}));
}

// The login sessions have ended already, so nothing hangs on these any more; this tells the browsers at their next
// refresh.
void site::end_bound(std::vector<session::live_session> const& sessions, dbsc::ending how, unix_time now) {
    for (auto const& s : sessions) {
        auto const data = s.data();
        auto const first = data.find(' '), second = data.rfind(' ');
        if (first == data.npos || second <= first) continue;
        (void)run(dbsc::end_session(data.substr(first + 1, second - first - 1), how, now), db_);
    }
}

} // namespace web

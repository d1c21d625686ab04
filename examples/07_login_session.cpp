// A login session from the first visit to the logout: the cookie, the look-up of a request, more rights, "end my other
// sessions".
#include "choose_store.hpp"

#include <signet/http.hpp>
#include <signet/session.hpp>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr http::cookie_policy session_cookie{{.name = "__Host-sid", .same_site = http::same_site::lax}};

// What goes out: `set_cookie` is the value of a Set-Cookie field, or empty if there is none.
struct page {
    int status = 200;
    std::string set_cookie{}, body{};

    static page refused(error why) {
        return {.status = why.http_status(), .body = std::to_string(why.http_status()) + " " + std::string{why.name()}};
    }
};

template <class Store> int story(Store& db) {
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

    // [make]
    // Half an hour idle, eight hours in all, a new id every hour; five sessions a user. The key is the same on all
    // instances.
    auto const sessions = session::login_sessions::make("acme", "shop", *mac_key::generate(alg::hs256),
                                                        {.profile = session::profiles::owasp_low, .max_sessions = 5});
    if (!sessions) return 1;
    session::client_properties const laptop{
        .ip = "203.0.113.7", .user_agent = "Firefox", .device = "Firefox on Debian"};
    // [/make]

    // [login]
    // Before anybody logs in: a basket. Then the password was right: a new session under a new id, and the old id is
    // dead (D4).
    auto const visit = run(sessions->begin_anonymous(laptop, now), db);
    if (!visit || !run(sessions->set_data(visit->cookie, "basket=3 apples", laptop, now), db)) return 1;
    auto const in = run(sessions->log_in({.user = "anna", .methods = "pwd"}, laptop, now, visit->cookie), db);
    if (!in) return 1;
    auto const set_cookie = session_cookie.set(in->cookie); // into the answer, with Cache-Control: no-store
    std::cout << in->event.text() << '\n';                  // for the log: no id, only its keyed hash
    // [/login]
    if (!set_cookie) return 1;

    // [request]
    // A request: find the cookie, look it up, decide. An outage of the store is 503 and logs nobody out.
    auto const answer = [&](std::string_view cookie_field, unix_time at) -> page {
        auto const cookie = http::cookie_reader{cookie_field}.find(session_cookie.name());
        if (!cookie) return page::refused(cookie.error());
        auto const used = run(sessions->authenticate(*cookie, laptop, at), db);
        if (!used) return page::refused(used.error());
        page good{.body = "hello " + std::string{used->session.user()} + ", " + std::string{used->session.data()}};
        if (!used->new_cookie.empty()) // the id was renewed: the browser has to learn the new one
            good.set_cookie = session_cookie.set(used->new_cookie).value();
        return good;
    };
    // [/request]
    std::cout << answer("theme=dark; __Host-sid=" + in->cookie, now).body << '\n';
    std::cout << "the visitor's id: " << answer("__Host-sid=" + visit->cookie, now).body << '\n';

    // [step-up]
    // A second factor for a payment: the same session at level 2, under a new id.
    auto const up =
        run(sessions->step_up(in->cookie, {.user = "anna", .level = 2, .methods = "pwd otp"}, laptop, now + 60s), db);
    // [/step-up]
    if (!up) return 1;

    // [others]
    auto const phone = run(sessions->log_in({.user = "anna"}, {.device = "Android"}, now + 60s), db);
    auto const mine = run(sessions->list("anna", now + 60s), db);
    if (!phone || !mine) return 1;
    for (auto const& s : *mine) std::cout << "  " << (s.device().empty() ? "?" : s.device()) << '\n';
    (void)run(sessions->revoke_others("anna", up->session.sid(), now + 60s), db); // "end my other sessions"
    // [/others]
    std::cout << "the phone: " << answer("__Host-sid=" + phone->cookie, now + 61s).body << '\n';

    // [logout]
    auto const out = run(sessions->log_out(up->cookie, now + 120s), db);
    auto const forget = session_cookie.remove(); // into the answer, with http::logout_fields
    // [/logout]
    std::cout << "after the logout: " << answer("__Host-sid=" + up->cookie, now + 121s).body << '\n';
    return out && forget && out->sids.size() == 1 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    return with_store(argc, argv, "07_login_session", [](auto& db) { return story(db); });
}

// SPDX-License-Identifier: BSL-1.0
// An application with its own session cookie adds a device bound session beside it. Its own cookie stays as it was.
#include <signet/dbsc.hpp>
#include <signet/http.hpp>
#include <signet/session/backing.hpp>
#include <signet/store/memory.hpp>

#include <iostream>
#include <map>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

store::memory db;

// [before]
// What the application had before: a row for each session, found by the cookie "app_session". `number` is the row's own
// name, which stays when the cookie's value changes.
struct row {
    std::string number, user;
    std::string bound{}; // new: the identifier of the bound session; empty while there is none
    unix_time offered{}; // new: when it was offered, and then when it was registered
};
std::map<std::string, row> rows{{"opaque-1", {.number = "41", .user = "anna"}}};

row* find_row(std::string_view cookie_field) {
    auto const cookie = http::cookie_reader{cookie_field}.find("app_session");
    auto const found = cookie ? rows.find(std::string{*cookie}) : rows.end();
    return found == rows.end() ? nullptr : &found->second;
}
// [/before]

// [policy]
constexpr dbsc::policy bound{{.cookie = dbsc::bound_cookie("__Host-bound", 10min), .origin = "https://shop.example"}};
// A browser without device bound sessions goes on as before. One that has registered its key must show the cookie.
constexpr session::backing_policy policy{.session = session::keeper::nothing};
// [/policy]

// [login]
// After the application's own login, beside its own Set-Cookie: one more field. Browsers that do not know it ignore it.
result<dbsc::field> offer(row& session, unix_time now) {
    auto value = run(dbsc::offer_registration(bound, {.user = session.user, .login = session.number}, now), db);
    if (!value) return value.error();
    session.offered = now;
    return dbsc::field{std::string{dbsc::registration_field}, *std::move(value)};
}
// [/login]

// [endpoints]
// The two new addresses. `login` is found by the application's own cookie, which the browser sends along.
dbsc::response register_endpoint(std::string_view cookies, std::string_view proof, unix_time now) {
    auto* const session = find_row(cookies);
    dbsc::request const request{
        .method = "POST", .response = proof, .login = session ? std::string_view{session->number} : std::string_view{}};
    auto const [answer, outcome] = *run(dbsc::handle_registration(bound, request, now), db);
    if (session && outcome) session->bound = outcome->session.id(), session->offered = now;
    return answer;
}
dbsc::response refresh_endpoint(std::string_view cookies, std::string_view id, std::string_view proof, unix_time now) {
    auto* const session = find_row(cookies);
    dbsc::request const request{.method = "POST",
                                .response = proof,
                                .session_id = id,
                                .login = session ? std::string_view{session->number} : std::string_view{}};
    return run(dbsc::handle_refresh(bound, request, now), db)->answer;
}
// [/endpoints]

// [request]
// Every other request: first what the application always did, then whether the browser's key stands behind it.
int answer(std::string_view cookies, unix_time now) {
    auto const* const session = find_row(cookies);
    if (!session) return 401;
    auto const shown = run(dbsc::cookie_check{bound, cookies, now}, db);
    session::backing_evidence const evidence{
        .held = session::held_status::from({}),
        .dbsc = session::dbsc_status::from(
            shown, {.login = session->number, .user = session->user, .id = session->bound, .offered = session->offered},
            now),
        .browser_key = session::browser_key_status::none()};
    switch (decide_backing(session::backed_use::request, evidence, policy).step) {
    case session::backing_step::proceed: return 200;
    case session::backing_step::unavailable: return 503;
    default: return 401; // the browser refreshes by itself, and comes again
    }
}
// [/request]

} // namespace

int main() {
    unix_time const now{1'800'000'000s};
    std::string const own = "app_session=opaque-1";
    if (answer(own, now) != 200) return 1; // as ever

    // The browser: makes a key, registers it, and from then on sends both cookies.
    auto const key = *private_key::generate(alg::es256);
    auto const field = offer(rows["opaque-1"], now);
    if (!field) return 2;
    auto const list = http::sf::parse_list(field->value);
    auto const challenge = *list->front().params.find("challenge")->as_string();
    auto const proof = dbsc::sign_registration(key, alg::es256, challenge);
    auto const registered = register_endpoint(own, *proof, now + 1s);
    auto const line = registered.find("Set-Cookie");
    if (registered.status != 200 || line.find("app_session") != line.npos) return 3;
    auto const both = own + "; " + std::string{line.substr(0, line.find(';'))};

    std::cout << "with both cookies: " << answer(both, now + 60s) << '\n';
    std::cout << "a thief with the application's cookie alone: " << answer(own, now + 60s) << '\n';
    std::cout << "a thief with copies of both, an hour later: " << answer(both, now + 3600s) << '\n';
    if (answer(both, now + 60s) != 200 || answer(own, now + 60s) != 401 || answer(both, now + 3600s) != 401) return 4;

    // The browser again: it signs the challenge that came with the answer, and has a new bound cookie.
    auto const next = *http::sf::parse_list(registered.find(dbsc::challenge_field));
    auto const id = *next.front().params.find("id")->as_string();
    auto const answered = dbsc::sign_refresh(key, alg::es256, *next.front().value.as_string());
    auto const fresh = refresh_endpoint(own, id, *answered, now + 500s);
    auto const renewed = fresh.find("Set-Cookie");
    auto const later = own + "; " + std::string{renewed.substr(0, renewed.find(';'))};
    return fresh.status == 200 && answer(later, now + 1000s) == 200 ? 0 : 5;
}

// SPDX-License-Identifier: BSL-1.0
// A passkey is registered, logs its user in without a name, and confirms a payment. The browser and the authenticator
// are in software, so that it runs by itself; a page uses `navigator.credentials` instead.
#include <signet/dbsc.hpp>
#include <signet/session.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/authenticator.hpp>
#include <signet/webauthn.hpp>

#include <iostream>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

store::memory db;

// [site]
// The site. A policy that contradicts itself does not compile.
constexpr std::string_view origins[] = {"https://shop.example"};
constexpr webauthn::relying_party site{{.rp_id = "shop.example", .name = "Shop", .origins = origins}};
webauthn::credentials const passkeys{"shop.example"};
// [/site]

// [register]
// Anna is logged in, by a password say, with the session "s1". Two requests add a passkey.
result<std::string> begin_adding(std::string_view user, std::string_view session, unix_time now) {
    return run(webauthn::begin_registration(site, {.user = user, .user_name = user, .session = session}, now), db);
}
result<void> finish_adding(std::string_view answer, std::string_view user, std::string_view session, unix_time now) {
    auto const made = run(
        webauthn::finish_registration(site, answer, {.user = user, .session = session, .label = "Laptop"}, now), db);
    if (!made) return made.error();
    return {};
}
// [/register]

// [login]
// Later, at another visit: nobody is known. The passkey says who it is, and its user was verified by a PIN or a finger.
result<session::issued_session> log_in(session::login_sessions const& sessions, std::string_view answer,
                                       std::string_view visit, unix_time now) {
    auto const login = run(webauthn::finish_login(site, answer, {.session = visit}, now), db);
    if (!login) return webauthn::outward(login.error()); // all refusals look alike; the error itself is for the log
    auto const& user = login->credential.user;
    auto const registered = run(passkeys.list(user, now), db);
    if (!registered) return registered.error();

    // Which tier it is: attested, bound to its device, or perhaps synced. A device bound session may follow.
    result<dbsc::bound_session> const none = errc::cookie_missing;
    session::backing_evidence const evidence{.passkey = session::passkey_status::from(*login),
                                             .held = session::held_status::from(*registered),
                                             .dbsc =
                                                 session::dbsc_status::from(none, {.login = visit, .user = user}, now),
                                             .browser_key = session::browser_key_status::none()};
    auto const decision = decide_backing(session::backed_use::login, evidence, {.login = session::backing::passkey});
    if (decision.step != session::backing_step::proceed) return errc::webauthn_refused;
    auto const tier = session::traits(session::shown(evidence));
    return run(sessions.log_in({.user = user, .level = tier.level, .methods = tier.methods}, {}, now), db);
}
// [/login]

// [confirm]
// A payment: the challenge is bound to the user, the session and the amount, so that the answer is worth nothing else.
result<std::string> begin_paying(std::string_view user, std::string_view session, std::string_view payment,
                                 unix_time now) {
    return run(webauthn::begin_login(site, {.user = user, .session = session, .action = payment}, now), db);
}
result<void> pay(std::string_view answer, std::string_view user, std::string_view session, std::string_view payment,
                 unix_time now) {
    auto const confirmed =
        run(webauthn::finish_login(site, answer, {.user = user, .session = session, .action = payment}, now), db);
    if (!confirmed) return webauthn::outward(confirmed.error());
    return {}; // and now the payment
}
// [/confirm]

} // namespace

int main() {
    unix_time const now{1'800'000'000s};
    auto const sessions = session::login_sessions::make("acme", "shop", *mac_key::generate(alg::hs256));
    if (!sessions) return 1;
    testing::authenticator laptop{{.origin = "https://shop.example"}};

    auto const creation = begin_adding("anna", "s1", now);
    if (!creation || !finish_adding(*laptop.create(*creation), "anna", "s1", now)) return 2;

    auto const request = run(webauthn::begin_login(site, {.session = "visit-7"}, now + 60s), db);
    if (!request) return 3;
    auto const answer = *laptop.get(*request);
    auto const in = log_in(*sessions, answer, "visit-7", now + 60s);
    if (!in) return 4;
    std::cout << in->session.user() << " is logged in by " << in->session.methods() << ", level "
              << int{in->session.level()} << '\n';

    auto const again = log_in(*sessions, answer, "visit-7", now + 61s);
    std::cout << "the same answer again: " << (again ? "accepted" : again.error().name()) << '\n';
    if (again) return 5;

    auto const shown = begin_paying("anna", "s2", "pay 12 EUR to bert", now + 90s);
    auto const other = begin_paying("anna", "s2", "pay 12 EUR to bert", now + 90s);
    if (!shown || !other) return 6;
    bool const paid{pay(*laptop.get(*shown), "anna", "s2", "pay 12 EUR to bert", now + 95s)};
    bool const bent{pay(*laptop.get(*other), "anna", "s2", "pay 1200 EUR to carl", now + 95s)};
    std::cout << "12 to Bert: " << (paid ? "paid" : "refused")
              << "; 1200 to Carl with that answer: " << (bent ? "paid" : "refused") << '\n';
    return paid && !bent ? 0 : 7;
}

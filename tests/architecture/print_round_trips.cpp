// SPDX-License-Identifier: BSL-1.0
// Prints the table of docs/reference/round-trips.md: what each operation asks of a store.
#include "support/counting_store.hpp"

#include <signet/device/registry.hpp>
#include <signet/session/login_session.hpp>
#include <signet/store/memory.hpp>

#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>

using namespace signet;
using namespace signet::session;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

store::memory db;
counting_store<store::memory> counting{&db};

// Runs it, and ends the program if it fails: the numbers would be those of something else.
template <class Op> auto done(Op&& op) {
    auto result = run(std::forward<Op>(op), counting);
    if (!result) std::fprintf(stderr, "%s\n", std::string{result.error().name()}.c_str()), std::exit(1);
    return *std::move(result);
}
template <class Op> void row(std::string_view name, Op&& op) {
    counting.sizes.clear();
    (void)done(std::forward<Op>(op));
    auto const questions = std::accumulate(counting.sizes.begin(), counting.sizes.end(), std::size_t{0});
    say("| " + std::string{name} + " | " + std::to_string(questions) + " | " + std::to_string(counting.sizes.size()) +
        " |\n");
}

login_sessions sessions(session_policy policy = {}) {
    return *login_sessions::make("tenant", "shop", *mac_key::from_secret(secret{bytes(32, 7)}, alg::hs256), policy);
}
login_sessions const shop = sessions();

issued_session logged_in(std::string_view user) { return done(shop.log_in({.user = user}, {}, now)); }
void log_in_often(std::string_view user, int times) {
    for (int i = 0; i != times; ++i) (void)logged_in(user);
}

void print_sessions() {
    (void)logged_in("somebody"); // the epochs are there
    row("`begin_anonymous`", shop.begin_anonymous({}, now));
    auto const visit = done(shop.begin_anonymous({}, now));
    row("`log_in`", shop.log_in({.user = "anna"}, {}, now));
    row("`log_in` of a visitor", shop.log_in({.user = "bert"}, {}, now, visit.cookie));
    auto const old = logged_in("carl");
    row("`log_in` over an old session", shop.log_in({.user = "carl"}, {}, now, old.cookie));
    log_in_often("dora", 16);
    row("`log_in`, the 17th of 16", shop.log_in({.user = "dora"}, {}, now));
    auto const in = logged_in("emil");
    row("`authenticate`", shop.authenticate(in.cookie, {}, now));
    row("`authenticate` with a touch", shop.authenticate(in.cookie, {}, now + 60s));
    auto const careful = sessions({.check_roster = roster_check::always});
    row("`authenticate` with `roster_check::always`", careful.authenticate(in.cookie, {}, now + 60s));
    row("`extend`", shop.extend(in.cookie, {}, now));
    row("`set_data`", shop.set_data(in.cookie, "3 apples", {}, now));
    row("`step_up`", shop.step_up(in.cookie, {.user = "emil", .level = 2}, {}, now));
    row("`log_out`", shop.log_out(done(shop.log_in({.user = "emil"}, {}, now)).cookie, now));
    row("`list` of 16", shop.list("dora", now));
    row("`not_before`", shop.not_before("dora", now));
    auto const one = done(shop.list("dora", now)).front().sid();
    row("`revoke_one`", shop.revoke_one("dora", one, now));
    (void)logged_in("dora");
    row("`revoke_others`, 15 of 16", shop.revoke_others("dora", done(shop.list("dora", now)).front().sid(), now));
    row("`revoke_user` with one session", shop.revoke_user("dora", now));
    log_in_often("fritz", 16);
    row("`revoke_user` with 16", shop.revoke_user("fritz", now));
    row("`revoke_all`", shop.revoke_all(logout_scope::this_app, now));
}

} // namespace

int main() {
    say("| operation | questions | round trips |\n|---|---|---|\n");
    print_sessions();
}

// SPDX-License-Identifier: BSL-1.0
// Prints the table of docs/reference/round-trips.md: what each operation asks of a store.
#include "support/counting_store.hpp"

#include <signet/device/device_session.hpp>
#include <signet/device/registry.hpp>
#include <signet/oauth/refresh.hpp>
#include <signet/proof/challenge.hpp>
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

void print_devices() {
    device::device_registry const devices{"shop", {.index_key_ids = true}};
    auto const add = [&](std::string const& user) {
        auto key = *proof::device_key::from_key(local_key<es256>::generate()->key().public_part());
        return devices.add_unproved(user, {.key_id = "phone", .key = std::move(key)}, now);
    };
    for (int i = 1; i != 16; ++i) (void)done(add("user-" + std::to_string(i)));
    row("`add`, indexed by key id", add("anna"));
    row("`find`, `find_by_key`, `list`", devices.list("anna", now));
    row("`find_by_key_id` of 16 users", devices.find_by_key_id("phone", now));
    row("`block`", devices.block("anna", "phone", now));
    row("`remove`, indexed by key id", devices.remove("anna", "phone", now));
}

void print_device_sessions() {
    auto const server = *local_key<es256>::generate();
    auto const sessions =
        *device::device_sessions::make(server, "k1", "https://risk.example.com", "shop", {.refresh_after = 60s});
    auto const pair = *local_key<es256>::generate();
    auto const prove = [&] {
        proof::challenge_params const params{.purpose = "device-session", .app = "shop"};
        auto const challenge = done(proof::issue_challenge(params, now));
        auto const answer = *proof::sign_challenge(pair.key(), alg::es256, challenge, params);
        return done(proof::redeem_challenge(answer, params, pair.key().public_part(), alg::es256, now));
    };
    auto const begin = [&] {
        auto key = *proof::device_key::from_key(pair.key().public_part());
        return sessions.begin(std::move(key), prove(), device::platform::web, true, now);
    };
    for (int i = 1; i != 15; ++i) (void)done(begin());
    auto const session = done(begin());
    row("`begin`", begin());
    row("`authenticate`", sessions.authenticate(session.token, now));
    auto const proved = prove();
    row("`refresh`", sessions.refresh(session.token, &proved, now + 61s));
    auto const device = done(sessions.authenticate(session.token, now));
    row("`set_user`", sessions.set_user(device, "anna", now));
    row("`end_by_key` of 16", sessions.end_by_key(proved.thumbprint(), now));
}

void print_refresh() {
    auto const families = *oauth::refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    oauth::refresh_params const params{.user = "anna", .client = "app", .resources = {{"api", 720h}}};
    row("`start`", families.start(params, now));
    auto const grant = done(families.start(params, now));
    row("`rotate`", families.rotate({.token = grant.token.text(), .client = "app", .resource = "api"}, now));
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

void table(std::string_view of, void (*print)()) {
    say("| `" + std::string{of} + "` | questions | round trips |\n|---|---|---|\n");
    print();
    say("\n");
}

} // namespace

int main() {
    table("login_sessions", print_sessions);
    table("device_registry", print_devices);
    table("device_sessions", print_device_sessions);
    table("refresh_families", print_refresh);
}

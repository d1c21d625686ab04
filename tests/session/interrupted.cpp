// S4: what ends several sessions is decided in one write. From then on they are over for who checks the roster,
// whatever fails afterwards; until the work is finished for everybody.
#include <signet/proof/challenge.hpp>
#include <signet/session/impl/roster.hpp>
#include <signet/session/login_session.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

using namespace signet;
using namespace signet::session;
using namespace std::chrono_literals;
using testing::store_fault;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr auto a_touch_later = now + 60s;

mac_key const& key() {
    static auto const one = *mac_key::generate(alg::hs256);
    return one;
}
login_sessions sessions_of(std::string app, roster_check check, std::size_t most = 16) {
    session_policy policy;
    policy.check_roster = check, policy.max_sessions = most;
    return *login_sessions::make("tenant", std::move(app), key(), policy);
}
proof::verified_key prove_key(private_key const& pair) {
    store::memory db;
    proof::challenge_params const params{.purpose = "login", .app = "shop"};
    auto const challenge = *run(proof::issue_challenge(params, now), db);
    auto const answer = *proof::sign_challenge(pair, alg::ed25519, challenge, params);
    return *run(proof::redeem_challenge(answer, params, pair.public_part(), alg::ed25519, now), db);
}

// Anna has four sessions, one of them bound to a key, one of another application, one by a provider's session; bert
// has one.
struct world {
    enum who : unsigned { first = 1, bound = 2, by_idp = 4, other_app = 8, bert = 16 };

    store::memory db;
    testing::faulty_store<store::memory> flaky{db};
    login_sessions shop = sessions_of("shop", roster_check::always);
    login_sessions lazy_shop = sessions_of("shop", roster_check::before_writes);
    login_sessions pro = sessions_of("pro", roster_check::always);
    login_sessions lazy_pro = sessions_of("pro", roster_check::before_writes);
    std::vector<issued_session> in{};
    crypto::sha256_digest thumbprint{};

    world() {
        static auto const pair = *private_key::generate(alg::ed25519);
        static auto const proved = prove_key(pair);
        thumbprint = proved.thumbprint();
        in.push_back(*run(shop.log_in({.user = "anna"}, {}, now - 10s), db)); // the oldest
        in.push_back(*run(shop.log_in({.user = "anna", .device_key = &proved}, {}, now), db));
        in.push_back(
            *run(shop.log_in({.user = "anna", .idp_session = "s1", .idp_issuer = "https://id.example"}, {}, now), db));
        in.push_back(*run(pro.log_in({.user = "anna"}, {}, now), db));
        in.push_back(*run(shop.log_in({.user = "bert"}, {}, now), db));
    }
    // Which sessions are refused, and whether for the right reason.
    unsigned refused(login_sessions const& of_shop, login_sessions const& of_pro, unix_time at) {
        unsigned which = 0;
        for (unsigned i = 0; i != in.size(); ++i) {
            auto const used = run((i == 3 ? of_pro : of_shop).authenticate(in[i].cookie, {}, at), db);
            if (used) continue;
            CHECK(used.error() == errc::session_ended);
            which |= 1u << i;
        }
        return which;
    }
    unsigned refused() { return refused(shop, pro, now); }
};

struct ending {
    std::string_view title;
    unsigned ends; // which sessions
    result<void> (*carry_out)(world&);
};
template <class Task> result<void> carried_out(Task task, world& w) {
    auto const done = run(std::move(task), w.flaky);
    if (!done) return done.error();
    return {};
}
constexpr unsigned annas = world::first | world::bound | world::by_idp | world::other_app;
constexpr unsigned annas_here = annas & ~unsigned{world::other_app};

constexpr ending endings[]{
    {"revoke_user", annas, [](world& w) { return carried_out(w.shop.revoke_user("anna", now), w); }},
    {"revoke_others", annas & ~unsigned{world::first},
     [](world& w) { return carried_out(w.shop.revoke_others("anna", w.in[0].session.sid(), now), w); }},
    {"revoke_one", world::by_idp,
     [](world& w) { return carried_out(w.shop.revoke_one("anna", w.in[2].session.sid(), now), w); }},
    {"revoke_by_key", world::bound,
     [](world& w) { return carried_out(w.shop.revoke_by_key("anna", w.thumbprint, now), w); }},
    {"log_out_user here", annas_here,
     [](world& w) { return carried_out(w.shop.log_out_user("anna", logout_scope::this_app, now), w); }},
    {"log_out_user everywhere", annas,
     [](world& w) { return carried_out(w.shop.log_out_user("anna", logout_scope::everywhere, now), w); }},
    {"log_out_idp_session", world::by_idp,
     [](world& w) { return carried_out(w.shop.log_out_idp_session("https://id.example", "s1", now), w); }},
    {"log_out_idp_session of all", annas_here,
     [](world& w) { return carried_out(w.shop.log_out_idp_session("https://id.example", "", now, "anna"), w); }},
    {"a login at the limit", world::first,
     [](world& w) {
         return carried_out(sessions_of("shop", roster_check::always, 3).log_in({.user = "anna"}, {}, now), w);
     }},
};

} // namespace

TEST_CASE(
    "S4 a revocation that fails after any step is done or not begun: a look-up never lets in half of its sessions") {
    for (auto const& one : endings)
        for (auto fault : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost}) {
            CAPTURE(one.title);
            unsigned interrupted = 0;
            for (unsigned step = 0;; ++step) {
                CAPTURE(step);
                world w;
                REQUIRE(w.refused() == 0);
                w.flaky.fail_next(fault, step);
                auto const done = one.carry_out(w);
                bool const was_hit = w.flaky.calls() > step;
                w.flaky.fail_next(store_fault::none);

                auto const refused = w.refused();
                if (done) CHECK(refused == one.ends);
                else CHECK((refused == 0 || refused == one.ends));
                bool const is_decided = refused != 0;
                // Who reads the roster only before a write sees it when the touch is due.
                CHECK(w.refused(w.lazy_shop, w.lazy_pro, a_touch_later) == refused);
                if (!done && is_decided) ++interrupted;

                // The job that finishes it finds what is left, and the list says the same as the look-ups.
                REQUIRE(run(w.shop.finish_revocations("anna", now), w.db));
                CHECK(w.refused() == refused);
                CHECK(w.refused(w.lazy_shop, w.lazy_pro, now) == refused);
                auto const list = run(w.shop.list("anna", now), w.db);
                REQUIRE(list);
                for (unsigned i = 0; i != w.in.size() - 1; ++i) {
                    bool const is_listed =
                        std::ranges::any_of(*list, [&](auto const& s) { return s.sid() == w.in[i].session.sid(); });
                    CHECK(is_listed == ((refused >> i & 1u) == 0));
                }
                if (!was_hit) break;
            }
            CHECK(interrupted > 0); // there was something to see
        }
}

TEST_CASE("S4 a session that an interrupted revocation left is refused by every operation that acts by its cookie") {
    world w;
    w.flaky.fail_next(store_fault::unavailable, 2); // the roster is marked; the first session cannot be reached
    REQUIRE_FALSE(run(w.shop.revoke_user("anna", now), w.flaky));
    CHECK(w.refused(w.lazy_shop, w.lazy_pro, now) == (annas & ~unsigned{world::first})); // by its own record it lives
    CHECK(w.refused() == annas);
    for (auto const* shop : {&w.shop, &w.lazy_shop}) {
        auto const& cookie = w.in[0].cookie;
        CHECK(run(shop->extend(cookie, {}, now), w.db).error() == errc::session_ended);
        CHECK(run(shop->set_data(cookie, "3 apples", {}, now), w.db).error() == errc::session_ended);
        CHECK(run(shop->step_up(cookie, {.user = "anna", .level = 2}, {}, now), w.db).error() == errc::session_ended);
    }
    // Others, and visitors, who are on no roster, go on.
    auto const visit = run(w.shop.begin_anonymous({}, now), w.db);
    REQUIRE(visit);
    CHECK(run(w.shop.set_data(visit->cookie, "3 apples", {}, now), w.db));
    CHECK(run(w.shop.find(visit->cookie, {}, a_touch_later), w.db));
    CHECK(run(w.shop.extend(w.in[4].cookie, {}, now), w.db));
}

TEST_CASE("S4 a revocation that comes between the questions of a look-up holds for it, before its touch is written") {
    for (unsigned questions = 0; questions != 4; ++questions) {
        CAPTURE(questions);
        world w;
        auto late = w.lazy_shop.authenticate(w.in[0].cookie, {}, a_touch_later);
        for (unsigned i = 0; i != questions; ++i) late.answer(w.db.execute(*late.next()));
        REQUIRE(late.next());
        w.flaky.fail_next(store_fault::unavailable, 2);
        REQUIRE_FALSE(run(w.shop.revoke_user("anna", a_touch_later), w.flaky));
        while (auto const* ask = late.next()) late.answer(w.db.execute(*ask));
        CHECK(static_cast<bool>(late.get()) == (questions == 3)); // it had read the roster before
        CHECK(w.refused(w.shop, w.pro, a_touch_later) == annas);
        // A touch that was written after all hides nothing for longer than the next one.
        CHECK(w.refused(w.lazy_shop, w.lazy_pro, a_touch_later + 60s) == annas);
    }
}

TEST_CASE("S1 S4 a session whose roster was lost is over for who checks it, since nobody could end it") {
    world w;
    REQUIRE(w.db.execute(store::erase(proof::record_key("session roster", {"tenant", "anna"}), now)).done());
    CHECK(w.refused() == annas);
    CHECK(w.refused(w.lazy_shop, w.lazy_pro, now) == 0);
    CHECK(w.refused(w.lazy_shop, w.lazy_pro, a_touch_later) == annas);
    CHECK(run(w.lazy_shop.extend(w.in[0].cookie, {}, now), w.db).error() == errc::session_ended);
}

TEST_CASE("S4 a roster that cannot be read lets nobody in who checks it; one of 150 sessions is no trouble") {
    auto const most = sessions_of("shop", roster_check::always, max_user_sessions);
    store::memory db;
    std::string cookie;
    for (int i = 0; i != 150; ++i) {
        auto const in = run(most.log_in({.user = "anna"}, {}, now), db);
        REQUIRE(in);
        if (i == 70) cookie = in->cookie;
    }
    CHECK(run(most.authenticate(cookie, {}, now), db));
    CHECK(run(most.authenticate(cookie, {}, a_touch_later), db)->session.last_seen() == a_touch_later);
    auto const roster = proof::record_key("session roster", {"tenant", "anna"});
    bytes octets(store::max_record);
    auto found = db.execute(store::find(roster, octets, now));
    REQUIRE(*found.done());
    CHECK(found.record.bytes.size() > max_session_record);
    testing::faulty_store flaky{db};
    flaky.fail_next(store_fault::unavailable, 3); // the second question about it
    CHECK(run(most.authenticate(cookie, {}, now), flaky).error() == errc::store_unavailable);
    for (std::size_t size : {std::size_t{0}, std::size_t{1}, found.record.bytes.size() - 1}) {
        auto const version = found.record.version;
        found.record =
            db.execute(store::replace(roster, version, bytes_view{octets}.first(size), latest_time, now)).record;
        CHECK(run(most.authenticate(cookie, {}, now), db).error() == errc::record_malformed);
        CHECK(run(most.extend(cookie, {}, now), db).error() == errc::record_malformed);
    }
}

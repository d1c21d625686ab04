// What stands behind logins, sessions and actions: the whole space at compile time, and the statuses from evidence.
#include <signet/dbsc.hpp>
#include <signet/http/structured_field.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/session/backing.hpp>
#include <signet/session/login_session.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/access_evidence.hpp>
#include <signet/webauthn/ceremonies.hpp>

#include <doctest/doctest.h>

using namespace signet;
using namespace signet::session;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
using p = passkey_status::value;
using h = held_status::value;
using d = dbsc_status::value;
using k = browser_key_status::value;
using step = backing_step;
using testing::bare_status;

constexpr p passkeys[] = {p::none, p::unverified, p::synced, p::device, p::attested, p::unavailable};
constexpr h helds[] = {h::none, h::synced, h::device, h::attested, h::unavailable};
constexpr d bounds[] = {d::not_offered, d::registering, d::none, d::live, d::stale, d::foreign, d::unavailable};
constexpr k keys[] = {k::none, k::registering, k::unproved, k::proved, k::foreign, k::unavailable};
constexpr keeper keepers[] = {keeper::nothing, keeper::browser_key, keeper::dbsc};

constexpr backing_evidence evidence(p passkey, h held, d bound, k key, bool webauthn = true) {
    return {bare_status::passkey(passkey), bare_status::held(held), bare_status::dbsc(bound),
            bare_status::browser_key(key), webauthn};
}

// Every case of what keeps a session: 6 x 7 x 6 x 3 x 2.
template <class F> constexpr bool kept_in_every_case(F f) {
    for (auto passkey : passkeys)
        for (auto bound : bounds)
            for (auto key : keys)
                for (auto need : keepers)
                    for (bool first : {false, true}) {
                        auto const e = evidence(passkey, h::none, bound, key);
                        backing_policy const policy{.session = need, .trust_first_use = first};
                        if (!f(passkey, bound, key, policy, decide_keeping(e, policy))) return false;
                    }
    return true;
}

// Every case of what backs a login or an action, for one demand: 6 x 5 x 7 x 6 x 2 x 2.
template <backing Demand, bool Webauthn, class F> constexpr bool backed_in_every_case_of(F f) {
    for (auto passkey : passkeys)
        for (auto held : helds)
            for (auto bound : bounds)
                for (auto key : keys)
                    for (bool first : {false, true}) {
                        auto const e = evidence(passkey, held, bound, key, Webauthn);
                        if (!f(Demand, e, first, decide_backing(Demand, e, {.trust_first_use = first}))) return false;
                    }
    return true;
}
template <bool B> inline constexpr bool bool_constant_of = B;
// A compiler counts the steps of one evaluation, so each demand is two.
template <backing Demand, class F> inline constexpr bool backed_case =
    bool_constant_of<backed_in_every_case_of<Demand, false>(F{})> &&
    bool_constant_of<backed_in_every_case_of<Demand, true>(F{})>;
template <class F> consteval bool backed_in_every_case(F) {
    return backed_case<backing::nothing, F> && backed_case<backing::browser_key, F> && backed_case<backing::dbsc, F> &&
           backed_case<backing::passkey, F> && backed_case<backing::device_passkey, F> &&
           backed_case<backing::attested_passkey, F>;
}

constexpr backing strongest(h held) {
    return held == h::attested ? backing::attested_passkey
           : held == h::device ? backing::device_passkey
           : held == h::synced ? backing::passkey
                               : backing::nothing;
}

} // namespace

// A status comes from evidence; an enumerator, a bool or a bare description of a passkey is none.
static_assert(!std::is_constructible_v<passkey_status, p> && !std::is_constructible_v<held_status, h>);
static_assert(!std::is_constructible_v<dbsc_status, d> && !std::is_constructible_v<browser_key_status, k>);
template <class... T>
concept evidence_of_a_passkey = requires(T const&... x) { passkey_status::from(x...); };
static_assert(evidence_of_a_passkey<proof::verified_key, passkey_traits>);
static_assert(!evidence_of_a_passkey<passkey_traits> && !evidence_of_a_passkey<public_key, passkey_traits>,
              "a passkey counts only with the key that an assertion proved");

// What keeps a session.
static_assert(kept_in_every_case([](p, d bound, k key, backing_policy const&, backing_decision r) {
                  return (r.step == step::unavailable) == (bound == d::unavailable || key == k::unavailable);
              }),
              "an outage is an outage, and nobody is logged out or let in by it");
static_assert(kept_in_every_case([](p, d bound, k key, backing_policy const&, backing_decision r) {
                  bool const lost = bound == d::stale || bound == d::foreign || key == k::foreign ||
                                    (key == k::unproved && bound != d::live);
                  return r.step != step::proceed || !lost;
              }),
              "a session that was bound once never continues without its key, whatever the policy demands");
static_assert(kept_in_every_case([](p, d bound, k key, backing_policy const& policy, backing_decision r) {
                  if (r.step != step::proceed || policy.session == keeper::nothing) return true;
                  bool const kept = bound == d::live || bound == d::registering;
                  return kept || (policy.session == keeper::browser_key && (key == k::proved || key == k::registering));
              }),
              "a session continues only with what the policy demands, or while that is being registered");
static_assert(kept_in_every_case([](p passkey, d, k, backing_policy const& policy, backing_decision r) {
                  bool const may = policy.trust_first_use || (passkey >= p::synced && passkey <= p::attested);
                  return may || (r.step != step::offer_dbsc && r.step != step::register_key);
              }),
              "nothing is bound to a session later, unless a passkey verified its user or the policy trusts first use");
static_assert(kept_in_every_case([](p, d bound, k key, backing_policy const& policy, backing_decision r) {
                  auto const bare = decide_keeping(evidence(p::none, h::none, bound, key), policy);
                  return (bare.step == step::proceed) == (r.step == step::proceed);
              }),
              "a passkey keeps no session: what continues does so without one");
static_assert(kept_in_every_case([](p passkey, d bound, k key, backing_policy policy, backing_decision r) {
                  if (policy.session == keeper::nothing) return true;
                  policy.session = keeper{static_cast<std::uint8_t>(static_cast<int>(policy.session) - 1)};
                  auto const weaker = decide_keeping(evidence(passkey, h::none, bound, key), policy);
                  return r.step != step::proceed || weaker.step == step::proceed;
              }),
              "a stronger demand lets nothing through that a weaker one stops");

// What backs a login or an action.
static_assert(backed_in_every_case([](backing demand, backing_evidence const& e, bool, backing_decision r) {
                  return (r.step == step::proceed) == (shown(e) >= demand);
              }),
              "what was shown is as strong as the demand, and in no other case does it go on");
static_assert(backed_in_every_case([](backing, backing_evidence const& e, bool, backing_decision r) {
                  bool const out = e.passkey.get() == p::unavailable || e.held.get() == h::unavailable ||
                                   e.dbsc.get() == d::unavailable || e.browser_key.get() == k::unavailable;
                  return r.step == step::proceed || (r.step == step::unavailable) == out;
              }),
              "an outage is 503 and neither a refusal nor a question");
static_assert(backed_in_every_case([](backing, backing_evidence const& e, bool first, backing_decision r) {
                  if (r.step != step::add_passkey) return true;
                  auto const held = strongest(e.held.get());
                  return held == backing::nothing ? first || shown(e) >= backing::passkey : shown(e) >= held;
              }),
              "a passkey is added with the strongest one there is, or as the first where the policy trusts that");
static_assert(backed_in_every_case([](backing, backing_evidence const& e, bool, backing_decision r) {
                  return r.step != step::prove_passkey || strongest(e.held.get()) > shown(e);
              }),
              "a gesture is asked only of who has a passkey that shows more than there is");
static_assert(backed_in_every_case([](backing demand, backing_evidence const& e, bool first, backing_decision r) {
                  auto other = e;
                  other.has_webauthn = !e.has_webauthn;
                  auto const same = decide_backing(demand, other, {.trust_first_use = first});
                  bool const asks = r.step == step::prove_passkey || r.step == step::add_passkey;
                  return (r.step == step::proceed) == (same.step == step::proceed) && (e.has_webauthn || !asks);
              }),
              "what a browser says it can do lets nothing through; it is only not asked for what it cannot do");
static_assert(backed_in_every_case([](backing, backing_evidence const& e, bool first, backing_decision r) {
                  bool const fresh = r.step == step::offer_dbsc ||
                                     (r.step == step::register_key && e.browser_key.get() != k::registering);
                  return first || !fresh;
              }),
              "no action is backed by a key that the same session may add first");

// The policy as a whole.
static_assert(required_keeper({.login = backing::dbsc}) == keeper::dbsc &&
                  required_keeper({.login = backing::browser_key, .session = keeper::dbsc}) == keeper::dbsc &&
                  required_keeper({.login = backing::browser_key}) == keeper::browser_key &&
                  required_keeper({.login = backing::attested_passkey}) == keeper::nothing,
              "a login that is to be backed by a key of the browser has a session that it keeps");
static_assert(backed_in_every_case([](backing demand, backing_evidence const& e, bool first, backing_decision) {
                  auto const r = decide_backing(backed_use::login, e, {.login = demand, .trust_first_use = first});
                  auto const passkey = e.passkey.get();
                  bool const good = demand <= backing::dbsc || (passkey == p::attested) ||
                                    (passkey == p::device && demand <= backing::device_passkey) ||
                                    (passkey == p::synced && demand == backing::passkey);
                  return (r.step == step::proceed) == good;
              }),
              "a login by passkey is backed by that passkey alone, not by what an earlier login left");

TEST_CASE(
    "an action goes on if its session is kept and itself is backed, and in no other case: all 90 720 of each policy") {
    std::size_t cases = 0, proceeded = 0;
    for (auto passkey : passkeys)
        for (auto held : helds)
            for (auto bound : bounds)
                for (auto key : keys)
                    for (bool webauthn : {false, true})
                        for (bool first : {false, true})
                            for (auto need : keepers)
                                for (auto demand :
                                     {backing::nothing, backing::browser_key, backing::dbsc, backing::passkey,
                                      backing::device_passkey, backing::attested_passkey}) {
                                    auto const e = evidence(passkey, held, bound, key, webauthn);
                                    backing_policy const policy{
                                        .action = demand, .session = need, .trust_first_use = first};
                                    auto const kept = decide_keeping(e, policy),
                                               r = decide_backing(backed_use::action, e, policy);
                                    bool const both = kept.step == step::proceed && shown(e) >= demand;
                                    bool const right = (r.step == step::proceed) == both &&
                                                       (kept.step == step::proceed || r.step == kept.step) &&
                                                       !r.why.empty() &&
                                                       decide_backing(backed_use::request, e, policy).step == kept.step;
                                    if (!right) FAIL_CHECK("case " << cases << ": " << name(r.step));
                                    ++cases, proceeded += r.step == step::proceed;
                                }
    CHECK(cases == 90'720u);
    CHECK(proceeded > 1000u);
}

TEST_CASE("tiers in order, with their names, amr and acr") {
    CHECK(name(backing::attested_passkey) == "attested passkey");
    CHECK(name(step::prove_passkey) == "prove passkey");
    CHECK(traits(backing::attested_passkey).acr == "phrh");
    CHECK(traits(backing::attested_passkey).level == 3);
    CHECK(traits(backing::device_passkey).methods == "pop user mfa"); // a device's own word is no "hwk"
    CHECK(traits(backing::passkey).acr == "phr");
    CHECK(traits(backing::dbsc).level == 1);
    CHECK(traits(backing::nothing).methods.empty());
    for (int tier = 1; tier <= int(backing::attested_passkey); ++tier)
        CHECK(traits(backing{static_cast<std::uint8_t>(tier)}).level >=
              traits(backing{static_cast<std::uint8_t>(tier - 1)}).level);
}

TEST_CASE("what is asked for: the shortest way from what there is to what is demanded") {
    auto const ask = [](backing demand, p passkey, h held, d bound = d::none, k key = k::none, bool webauthn = true,
                        bool first = false) {
        return decide_backing(demand, evidence(passkey, held, bound, key, webauthn), {.trust_first_use = first}).step;
    };
    CHECK(ask(backing::passkey, p::none, h::synced) == step::prove_passkey);
    CHECK(ask(backing::passkey, p::unverified, h::synced) == step::prove_passkey); // again, with its user
    CHECK(ask(backing::passkey, p::none, h::synced, d::live, k::proved, false) == step::refuse);
    CHECK(ask(backing::passkey, p::none, h::none, d::live) == step::refuse);
    CHECK(ask(backing::passkey, p::none, h::none, d::live, k::none, true, true) == step::add_passkey);
    CHECK(ask(backing::device_passkey, p::none, h::synced) == step::prove_passkey); // with it another may be added
    CHECK(ask(backing::device_passkey, p::synced, h::synced) == step::add_passkey);
    CHECK(ask(backing::device_passkey, p::synced, h::device) == step::prove_passkey);
    CHECK(ask(backing::attested_passkey, p::device, h::device) == step::add_passkey);
    CHECK(ask(backing::attested_passkey, p::unavailable, h::attested) == step::unavailable);
    CHECK(ask(backing::dbsc, p::none, h::none, d::stale) == step::refresh_dbsc);
    CHECK(ask(backing::dbsc, p::none, h::none, d::registering) == step::wait);
    CHECK(ask(backing::dbsc, p::none, h::synced, d::none) == step::prove_passkey);
    CHECK(ask(backing::dbsc, p::none, h::none, d::not_offered) == step::refuse);
    CHECK(ask(backing::dbsc, p::none, h::none, d::not_offered, k::none, true, true) == step::offer_dbsc);
    CHECK(ask(backing::browser_key, p::none, h::none, d::none, k::unproved) == step::prove_key);
    CHECK(ask(backing::browser_key, p::none, h::none, d::none, k::registering) == step::register_key);
    CHECK(ask(backing::browser_key, p::none, h::none, d::none, k::none, true, true) == step::register_key);
    CHECK(ask(backing::browser_key, p::unverified, h::none) == step::proceed);

    auto const keep = [](keeper need, d bound, k key = k::none, p passkey = p::none, bool first = false) {
        return decide_keeping(evidence(passkey, h::none, bound, key), {.session = need, .trust_first_use = first}).step;
    };
    CHECK(keep(keeper::nothing, d::none) == step::proceed);
    CHECK(keep(keeper::nothing, d::stale) == step::refresh_dbsc);
    CHECK(keep(keeper::dbsc, d::none, k::proved) == step::refuse);
    CHECK(keep(keeper::dbsc, d::not_offered) == step::log_in);
    CHECK(keep(keeper::dbsc, d::not_offered, k::none, p::synced) == step::offer_dbsc);
    CHECK(keep(keeper::dbsc, d::not_offered, k::none, p::none, true) == step::offer_dbsc);
    CHECK(keep(keeper::browser_key, d::none) == step::log_in);
    CHECK(keep(keeper::browser_key, d::none, k::none, p::device) == step::register_key);
    CHECK(keep(keeper::browser_key, d::none, k::unproved) == step::prove_key);
    CHECK(keep(keeper::browser_key, d::live, k::unproved) == step::proceed);
    CHECK(keep(keeper::browser_key, d::foreign, k::proved) == step::log_in);
}

namespace {
proof::verified_key prove(store::memory& db, private_key const& pair) {
    proof::challenge_params const params{.purpose = "request", .app = "shop"};
    auto const challenge = *run(proof::issue_challenge(params, now), db);
    return *run(proof::redeem_challenge(*proof::sign_challenge(pair, alg::ed25519, challenge, params), params,
                                        pair.public_part(), alg::ed25519, now),
                db);
}
} // namespace

namespace {
// A login by a passkey that verified its user, as webauthn::finish_login gives it.
webauthn::login passkey_login(store::memory& db, bool synced) {
    auto const pair = *private_key::generate(alg::ed25519);
    return {.credential = {.id = bytes(16, 1),
                           .key = pair.public_part(),
                           .algorithm = alg::ed25519,
                           .identifier = -8,
                           .backup_eligible = synced},
            .proof = {.key = prove(db, pair),
                      .count = 0,
                      .user_verified = true,
                      .backed_up = false,
                      .counter_went_back = false,
                      .backup_changed = false}};
}

// [policy]
// Any login; a session that a key keeps; and payments with a passkey that cannot leave its device.
constexpr backing_policy shop_policy{
    .login = backing::nothing, .action = backing::device_passkey, .session = keeper::browser_key};
// [/policy]

// [decide]
// A payment. `passkey` is the result of webauthn::finish_login, `registered` that of webauthn::credentials::list.
backing_decision judge_payment(live_session const& session, webauthn::login const* passkey,
                               std::vector<webauthn::credential> const& registered,
                               result<dbsc::bound_session> const& bound, dbsc_record const& row, unix_time at) {
    return decide_backing(backed_use::action,
                          {.passkey = passkey ? passkey_status::from(*passkey) : passkey_status::none(),
                           .held = held_status::from(registered),
                           .dbsc = dbsc_status::from(bound, row, at),
                           .browser_key = browser_key_status::from(session, nullptr, at, 30s)},
                          shop_policy);
}
// [/decide]
} // namespace

TEST_CASE("docs/guide/session.md: a payment asks for a passkey of the device") {
    store::memory db;
    auto const shop = *login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256));
    auto const in = run(shop.log_in({.user = "anna"}, {}, now), db);
    auto const synced = passkey_login(db, true), device = passkey_login(db, false);
    std::vector const has{synced.credential, device.credential};
    dbsc_record const row{.login = "41", .user = "anna"};
    auto const ask = [&](webauthn::login const* passkey, unix_time at) {
        return judge_payment(in->session, passkey, has, errc::cookie_missing, row, at).step;
    };
    CHECK(ask(nullptr, now) == step::prove_passkey);
    CHECK(ask(&synced, now) == step::prove_passkey);
    CHECK(ask(&device, now) == step::proceed);
    CHECK(ask(nullptr, now + 60s) == step::log_in); // no key keeps this session
}

TEST_CASE(
    "a passkey's tier is read from its credential: whether it can be synced, and whether its statement was trusted") {
    store::memory db;
    auto const tier = [](webauthn::login const& in) { return passkey_status::from(in).get(); };
    CHECK(tier(passkey_login(db, true)) == p::synced);
    CHECK(tier(passkey_login(db, false)) == p::device);
    auto attested = passkey_login(db, false);
    attested.credential.trusted = true;
    CHECK(tier(attested) == p::attested);

    // A key that has left its device is not attested, whenever that was seen.
    auto const with = [&](auto change) {
        auto in = attested;
        change(in);
        return tier(in);
    };
    CHECK(with([](auto& in) { in.credential.backup_eligible = true; }) == p::synced);
    CHECK(with([](auto& in) { in.credential.backed_up = true; }) == p::synced);
    CHECK(with([](auto& in) { in.proof.backup_changed = true; }) == p::synced);
    CHECK(with([](auto& in) { in.proof.user_verified = false; }) == p::unverified);

    auto const held = [](std::vector<webauthn::credential> const& all) { return held_status::from(all).get(); };
    auto const synced = passkey_login(db, true).credential;
    CHECK(held({}) == h::none);
    CHECK(held({synced}) == h::synced);
    CHECK(held({passkey_login(db, false).credential, synced}) == h::device);
    CHECK(held({synced, attested.credential}) == h::attested);
    attested.credential.blocked = true;
    CHECK(held({synced, attested.credential}) == h::synced);
}

TEST_CASE("a passkey counts by its user, its device and its maker; a synced one is never an attested one") {
    store::memory db;
    auto const proved = prove(db, *private_key::generate(alg::ed25519));
    auto const of = [&](passkey_traits t) { return passkey_status::from(proved, t).get(); };
    CHECK(of({}) == p::unverified);
    CHECK(of({.user_verified = false, .backup_eligible = false, .attested = true}) == p::unverified);
    CHECK(of({.user_verified = true}) == p::synced);
    CHECK(of({.user_verified = true, .attested = true}) == p::synced);
    CHECK(of({.user_verified = true, .backup_eligible = false}) == p::device);
    CHECK(of({.user_verified = true, .backup_eligible = false, .attested = true}) == p::attested);
    CHECK(passkey_status::none().get() == p::none);
    CHECK(passkey_status::refused(errc::webauthn_signature).get() == p::none);
    CHECK(passkey_status::refused(errc::store_unavailable).get() == p::unavailable);

    CHECK(held_status::from({}).get() == h::none);
    passkey_traits const some[] = {{}, {.backup_eligible = false}, {.backup_eligible = true, .attested = true}};
    CHECK(held_status::from(some).get() == h::device);
    CHECK(held_status::from(std::span{some}.first(1)).get() == h::synced);
    passkey_traits const best[] = {{.backup_eligible = false, .attested = true}, {}};
    CHECK(held_status::from(best).get() == h::attested);
}

TEST_CASE("a browser key counts only for the session that it is bound to, and only if it was proved") {
    store::memory db;
    auto const shop = *login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256));
    auto const mine = prove(db, *private_key::generate(alg::ed25519)),
               other = prove(db, *private_key::generate(alg::ed25519));
    auto const bound = run(shop.log_in({.user = "anna", .device_key = &mine}, {}, now), db);
    auto const bare = run(shop.log_in({.user = "anna"}, {}, now), db);
    CHECK(browser_key_status::from(bound->session, &mine, now).get() == k::proved);
    CHECK(browser_key_status::from(bound->session, &other, now).get() == k::foreign);
    CHECK(browser_key_status::from(bound->session, nullptr, now).get() == k::unproved);
    CHECK(browser_key_status::from(bare->session, &mine, now).get() == k::none);
    CHECK(browser_key_status::from(bare->session, nullptr, now + 29s, 30s).get() == k::registering);
    CHECK(browser_key_status::from(bare->session, nullptr, now + 30s, 30s).get() == k::none);
    constexpr auto for_ever = std::chrono::seconds::max();
    CHECK(browser_key_status::from(bare->session, nullptr, now + 30s, for_ever).get() == k::registering);
}

TEST_CASE("a tier flows into a login and a step-up as level and amr") {
    store::memory db;
    auto const shop = *login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256));
    auto const in = run(shop.log_in({.user = "anna", .methods = "pwd"}, {}, now), db);
    auto const proved = prove(db, *private_key::generate(alg::ed25519));
    auto const e = backing_evidence{passkey_status::from(proved, {.user_verified = true}), held_status::from({}),
                                    bare_status::dbsc(d::none), bare_status::browser_key(k::none)};
    auto const t = traits(shown(e));
    auto const up =
        run(shop.step_up(in->cookie, {.user = "anna", .level = t.level, .methods = t.methods}, {}, now), db);
    REQUIRE(up);
    CHECK(up->session.level() == 2);
    CHECK(up->session.methods() == "pop user mfa");
}

TEST_CASE(
    "a device bound session beside an application's own cookie: once bound it must be shown, before it need not") {
    static constexpr dbsc::policy site{{.cookie = dbsc::bound_cookie(), .origin = "https://shop.example"}};
    store::memory db;
    auto const pair = *private_key::generate(alg::es256);
    auto const check = [&](std::string_view cookies, dbsc_record const& row, unix_time at) {
        return dbsc_status::from(run(dbsc::cookie_check{site, cookies, at}, db), row, at).get();
    };
    dbsc_record row{.login = "41", .user = "anna"};
    CHECK(check("app_session=opaque", row, now) == d::not_offered);
    auto const offer = *run(dbsc::offer_registration(site, {.user = "anna", .login = "41"}, now), db);
    row.offered = now;
    CHECK(check("app_session=opaque", row, now + 29s) == d::registering);
    CHECK(check("app_session=opaque", row, now + 30s) == d::none);
    row.settle = std::chrono::seconds::max();
    CHECK(check("app_session=opaque", row, now + 30s) == d::registering);
    row.settle = 30s;
    auto const challenge = std::string{*http::sf::parse_list(offer)->front().params.find("challenge")->as_string()};
    auto const proof = *dbsc::sign_registration(pair, alg::es256, challenge);
    auto const made =
        *run(dbsc::handle_registration(site, {.method = "POST", .response = proof, .login = "41"}, now + 31s), db);
    REQUIRE(made.outcome);
    auto const line = std::string{made.answer.find("Set-Cookie")};
    CHECK(line.find("app_session") == line.npos);
    auto const both = "app_session=opaque; " + line.substr(0, line.find(';'));
    auto const id = made.outcome->session.id();
    CHECK(check(both, row, now + 60s) == d::live); // the row does not know it yet
    row.id = id, row.offered = now + 31s;
    CHECK(check(both, row, now + 60s) == d::live);
    CHECK(check("app_session=opaque", row, now + 60s) == d::registering);
    CHECK(check("app_session=opaque", row, now + 62s) == d::stale);
    CHECK(check(both, row, now + 3600s) == d::stale);
    CHECK(check("__Host-bound=junk", row, now + 62s) == d::stale);
    CHECK(check(both + "; " + line.substr(0, line.find(';')), row, now + 62s) == d::foreign);
    CHECK(check(both, {.login = "42", .user = "anna", .id = id, .offered = now}, now + 62s) == d::foreign);
    CHECK(check(both, {.login = "41", .user = "carl", .id = id, .offered = now}, now + 62s) == d::foreign);
    CHECK(check(both, {.login = "41", .user = "anna", .id = "another", .offered = now}, now + 62s) == d::foreign);
    // A cookie of an earlier login of this browser says nothing about this one.
    CHECK(check(both, {.login = "42", .user = "anna"}, now + 62s) == d::not_offered);
    CHECK(dbsc_status::from(result<dbsc::bound_session>{errc::store_unavailable}, row, now).get() == d::unavailable);
    REQUIRE(run(dbsc::end_session(id, dbsc::ending::revoked, now + 70s), db));
    CHECK(check(both, row, now + 70s) == d::foreign);
}

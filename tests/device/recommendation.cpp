#include <signet/device/recommendation.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace signet::device;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

struct fixture {
    store::memory db;
    device_registry devices{"shop", {.index_key_ids = true}};
    proof::device_key key = *proof::device_key::from_key(private_key::generate(alg::ed25519)->public_part());

    void add(std::string user, unix_time at = now - 30 * 24h) {
        REQUIRE(run(devices.add_unproved(user, {.key_id = "phone", .key = key}, at), db));
    }
    action_context context(std::string user = "anna") {
        triggered_action action{
            .action_id = "a1", .device_session = "s1", .action_type = "transfer", .user = std::move(user), .at = now};
        auto const gathered = run(gather_context(devices, std::move(action), key.thumbprint(), now), db);
        REQUIRE(gathered);
        return *gathered;
    }
};

bool is_only(recommended const& r, action_risk risk) {
    for (std::size_t i = 0; i != action_risks; ++i)
        if (r.because[i] != (i == static_cast<std::size_t>(risk))) return false;
    return true;
}

} // namespace

TEST_CASE_FIXTURE(
    fixture,
    "A28 \"Obtaining recommendations isn't tied to a specific device session\": a known device alone is no risk") {
    add("anna");
    auto const known = context();
    CHECK(known.action.action_type == "transfer");
    CHECK(known.device->key_id == "phone");
    CHECK(known.users == 1);
    auto const r = recommend(known, now);
    CHECK(r.what == recommendation::allow);
    CHECK(r.because == std::array<bool, action_risks>{});
}

TEST_CASE_FIXTURE(fixture, "A28 each risk alone is named and leads to what the rules say") {
    CHECK(recommend(context(), now).what == recommendation::challenge);
    CHECK(is_only(recommend(context(), now), action_risk::unknown_device));
    CHECK(is_only(recommend(context(""), now), action_risk::unknown_device)); // nobody has no device

    add("anna", now - 24h + 1s);
    CHECK(is_only(recommend(context(), now), action_risk::new_device));
    CHECK(recommend(context(), now).what == recommendation::challenge);
    CHECK(recommend(context(), now + 1s).what == recommendation::allow);

    auto there = context();
    there.usual_place = true;
    CHECK(recommend(there, now + 1s).what == recommendation::allow);
    there.usual_place = false;
    CHECK(is_only(recommend(there, now + 1s), action_risk::unusual_place));
    CHECK(recommend(there, now + 1s).is_because_of(action_risk::unusual_place));

    for (auto const* user : {"bert", "carl"}) add(user);
    CHECK(context().users == 3);
    CHECK(recommend(context(), now + 1s).what == recommendation::allow);
    add("dora");
    CHECK(is_only(recommend(context(), now + 1s), action_risk::many_users));
    CHECK(recommend(context(), now + 1s).what == recommendation::challenge);

    // A record that cannot be read makes the users no fewer.
    auto const record = proof::record_key("devices", {"shop", "dora"});
    (void)db.execute(store::erase(record, now));
    (void)db.execute(store::insert(record, bytes{3}, latest_time, now));
    CHECK(is_only(recommend(context(), now + 1s), action_risk::many_users));
}

TEST_CASE_FIXTURE(fixture, "A28 E21 \"takes multiple device identifiers into account when assessing risk\"") {
    REQUIRE(run(devices.add_unproved(
                    "anna", {.key_id = "phone", .key = key, .fingerprint = "f1", .manufacturer_id = "m1"}, now - 48h),
                db));
    for (auto const& [fingerprint, manufacturer, same] :
         {std::tuple{"f1", "m1", true}, {"", "", true}, {"f2", "m1", false}, {"f1", "m2", false}, {"", "m2", false}}) {
        auto seen = context();
        seen.fingerprint = fingerprint, seen.manufacturer_id = manufacturer;
        auto const r = recommend(seen, now);
        CHECK(r.what == (same ? recommendation::allow : recommendation::challenge));
        if (!same) CHECK(is_only(r, action_risk::other_identifiers));
    }
    add("bert"); // without identifiers there is nothing to compare
    auto seen = context("bert");
    seen.fingerprint = "f2", seen.manufacturer_id = "m2";
    CHECK(recommend(seen, now).what == recommendation::allow);
}

TEST_CASE_FIXTURE(fixture, "A28 a blocked device, one that was removed while blocked and a suspended user are denied") {
    add("anna");
    REQUIRE(run(devices.block("anna", "phone", now), db));
    CHECK(recommend(context(), now).what == recommendation::deny);
    CHECK(is_only(recommend(context(), now), action_risk::blocked_device));
    REQUIRE(run(devices.remove("anna", "phone", now), db));
    CHECK(context().refused);
    CHECK(recommend(context(), now).what == recommendation::deny);
    REQUIRE(run(devices.suspend("bert", now), db));
    CHECK(context("bert").refused);
    add("carl");
    REQUIRE(run(devices.suspend("carl", now), db));
    CHECK(recommend(context("carl"), now).what == recommendation::deny);
}

TEST_CASE_FIXTURE(fixture,
                  "A28 strangers who take a device's key id for keys of their own do not make its users many") {
    add("anna");
    auto const own = key;
    for (auto const* stranger : {"bert", "carl", "dora", "egon"}) {
        key = *proof::device_key::from_key(private_key::generate(alg::ed25519)->public_part());
        add(stranger);
    }
    key = own;
    CHECK(context().users == 1);
    CHECK(recommend(context(), now).what == recommendation::allow);
}

TEST_CASE_FIXTURE(fixture,
                  "A28 of a device from before the index nobody knows how many users it has, and that is no risk") {
    devices = device_registry{"shop"};
    add("anna");
    devices = device_registry{"shop", {.index_key_ids = true}};
    CHECK_FALSE(context().users.has_value());
    CHECK(recommend(context(), now, {.many_users = 0}).what == recommendation::allow);
}

TEST_CASE("A28 outcomes that are not named keep their defaults") {
    risk_outcomes const some{.unknown_device = recommendation::allow};
    CHECK(some[action_risk::blocked_device] == recommendation::deny);
    CHECK(some[action_risk::other_identifiers] == recommendation::challenge);
    CHECK(some[static_cast<action_risk>(action_risks)] == recommendation::deny);
}

TEST_CASE_FIXTURE(fixture, "A28 rules of one's own: the strictest of all that applies decides") {
    auto f = context(); // unknown
    f.usual_place = false;
    recommendation_rules rules;
    using enum recommendation;
    rules.leads_to = {allow, allow, allow, allow, allow, allow};
    CHECK(recommend(f, now, rules).what == recommendation::allow);
    CHECK(recommend(f, now, rules).is_because_of(action_risk::unknown_device)); // named all the same
    rules.leads_to.unusual_place = deny;
    CHECK(recommend(f, now, rules).what == recommendation::deny);
    rules.leads_to = {.unknown_device = deny, .unusual_place = challenge}; // whichever comes last
    CHECK(recommend(f, now, rules).what == recommendation::deny);
    rules = {.new_for = 0s, .many_users = 1};
    add("anna", now);
    CHECK(is_only(recommend(context(), now, rules), action_risk::many_users));
    CHECK(name(recommendation::challenge) == "challenge");
    CHECK(name(action_risk::many_users) == "many users on one device");
}

TEST_CASE_FIXTURE(fixture,
                  "A28 without an index nobody knows how many users there are; a store that fails recommends nothing") {
    add("anna");
    devices = device_registry{"shop"};
    CHECK_FALSE(context().users.has_value());
    CHECK(recommend(context(), now).what == recommendation::allow);

    devices = device_registry{"shop", {.index_key_ids = true}};
    for (unsigned question = 0; question != 3; ++question) {
        testing::faulty_store<store::memory> flaky{db};
        flaky.fail_next(testing::store_fault::unavailable, question);
        triggered_action action{.action_id = "a1", .device_session = "s1", .action_type = "transfer", .user = "anna"};
        CHECK(run(gather_context(devices, action, key.thumbprint(), now), flaky).error() == errc::store_unavailable);
    }
}

#include <signet/codec/base64url.hpp>
#include <signet/device/registry.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/impl/compare_and_swap.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace signet;
using namespace signet::device;
using namespace std::chrono_literals;
using proof::device_key;

namespace {

constexpr unix_time now{1'800'000'000s};

private_key const& key_pair(int n, alg a = alg::ed25519) {
    static std::map<std::pair<int, alg>, private_key> made;
    auto const at = made.find({n, a});
    return at != made.end() ? at->second : made.emplace(std::pair{n, a}, *private_key::generate(a)).first->second;
}
device_key shown(int n, alg a = alg::ed25519) { return *device_key::from_key(key_pair(n, a).public_part()); }

device_details phone(std::string key_id, int n, device_kind kind = device_kind::mobile) {
    return {.key_id = std::move(key_id),
            .key = shown(n),
            .kind = kind,
            .platform = "android",
            .display_name = "Anna's phone"};
}

proof::challenge_params params(std::string_view key_id, std::string_view purpose = "login",
                               std::string_view app = "shop", std::string_view user = "anna") {
    return {.purpose = purpose, .app = app, .user = user, .key_id = key_id};
}

std::string answer(store::memory& db, int n, proof::challenge_params const& t, unix_time at = now,
                   alg a = alg::ed25519) {
    auto const challenge = run(proof::issue_challenge(t, at), db);
    return *proof::sign_challenge(key_pair(n, a), a, *challenge, t);
}

proof::verified_key proved(store::memory& db, int n) {
    auto const t = params("k", "register-device");
    auto const token = answer(db, n, t);
    return *run(proof::redeem_challenge(token, t, key_pair(n).public_part(), alg::ed25519, now), db);
}

struct fixture {
    store::memory db;
    device_registry devices{"shop"};
    errc why(auto op) {
        auto const decision = run(op, db);
        return decision ? errc{} : decision.error().code;
    }
    bool good(auto op) { return static_cast<bool>(run(op, db)); }
    registered_device get(auto op) { return *run(op, db); }
    void add(std::string key_id, int n, device_kind kind = device_kind::mobile, unix_time at = now) {
        REQUIRE(good(devices.add_unproved("anna", phone(std::move(key_id), n, kind), at)));
    }
};

} // namespace

TEST_CASE_FIXTURE(
    fixture, "E4 E5 E10 a device is registered with a proved key, and is active; the key of another proof is refused") {
    auto const added = run(devices.add("anna", phone("phone-1", 1), proved(db, 1), now), db);
    REQUIRE(added);
    CHECK(added->state == device_state::active);
    CHECK(added->usable());
    CHECK(why(devices.add("anna", phone("phone-2", 2), proved(db, 1), now)) == errc::possession_missing);
    CHECK(why(devices.find("anna", "phone-2", now)) == errc::device_unknown);
}

TEST_CASE("E6 only the public key is taken: private members are refused, in a JWK and in DER") {
    auto const pair = key_pair(1, alg::es256);
    auto const jwk = jose::to_json(jose::private_jwk{{}, pair});
    REQUIRE(jwk);
    CHECK(device_key::from_jwk(as_text(jwk->reveal())).error() == errc::private_key_refused);
    for (std::string_view member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
        CAPTURE(member);
        auto text = *jose::to_json(jose::public_jwk{{}, pair.public_part()});
        text.insert(1, "\"" + std::string{member} + "\":\"AQ\",");
        CHECK(device_key::from_jwk(text).error() == errc::private_key_refused);
    }
    auto const der = pair.to_der();
    CHECK_FALSE(device_key::from_base64(codec::base64url_encode(der.reveal())));
    static_assert(!std::is_constructible_v<device_key, private_key>);
}

TEST_CASE("E17 a device signs with PS256 of 2048 bits, ES256 or Ed25519; every other key is refused") {
    for (alg a : {alg::ps256, alg::es256, alg::ed25519}) {
        auto const key = device_key::from_key(key_pair(1, a).public_part());
        REQUIRE(key);
        CHECK(key->algorithm_id() == a);
    }
    CHECK(device_key::from_key(private_key::generate(alg::es384)->public_part()).error() == errc::unsupported_key);
    CHECK(device_key::from_key(private_key::generate(alg::es256k)->public_part()).error() == errc::unsupported_key);
    auto text = *jose::to_json(jose::public_jwk{{.alg = "RS256"}, key_pair(1, alg::ps256).public_part()});
    CHECK(device_key::from_jwk(text).error() == errc::algorithm_mismatch);
    text = *jose::to_json(jose::public_jwk{{.use = "enc"}, key_pair(1, alg::es256).public_part()});
    CHECK(device_key::from_jwk(text).error() == errc::key_use_refused);
}

TEST_CASE("the public key comes in base64 as browsers export it, with and without padding, in either alphabet") {
    auto const spki =
        key_pair(1, alg::es256).public_part().to_der(); // 91 octets: one character of padding less than two
    auto const url = codec::base64url_encode(spki);
    auto standard = url;
    for (auto& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
    auto const padding = std::string((4 - url.size() % 4) % 4, '=');
    for (auto const& text : {url, url + padding, standard, standard + padding}) CHECK(device_key::from_base64(text));
    for (auto const& text : {url + "=====", std::string{}, "=" + url, url.substr(1), std::string(50'000, 'A')})
        CHECK_FALSE(device_key::from_base64(text));
}

TEST_CASE_FIXTURE(
    fixture,
    "E7 E9 E21 the profile: key id, kind, platform, name, last activity, status, custom data, push, risk labels") {
    auto details = phone("phone-1", 1);
    details.custom_data = R"({"colour":"red"})";
    details.push = {push_target::service::apn, "token-1", "com.example.shop"};
    details.fingerprint = "fp";
    details.manufacturer_id = "m-77";
    auto const made = get(devices.add_unproved("anna", details, now));
    auto const read = get(devices.find("anna", "phone-1", now + 1h));
    CHECK(read.key_id == "phone-1");
    CHECK(read.key == shown(1));
    CHECK(read.kind == device_kind::mobile);
    CHECK(read.platform == "android");
    CHECK(read.display_name == "Anna's phone");
    CHECK(read.custom_data == details.custom_data);
    CHECK(read.push.type == push_target::service::apn);
    CHECK(read.push.device_token == "token-1");
    CHECK(read.push.bundle_id == "com.example.shop");
    CHECK(read.fingerprint == "fp");
    CHECK(read.manufacturer_id == "m-77");
    CHECK(read.created == now);
    CHECK(read.last_activity == now);
    CHECK(read.device_id == made.device_id);
    CHECK(made.device_id.size() == 22);
}

TEST_CASE_FIXTURE(fixture, "E8 key ids are unique: a key id or a key a second time is already registered") {
    add("phone-1", 1);
    CHECK(why(devices.add_unproved("anna", phone("phone-1", 2), now)) == errc::device_already_registered);
    CHECK(why(devices.add_unproved("anna", phone("phone-2", 1), now)) == errc::device_already_registered);
    CHECK(good(devices.add_unproved("bert", phone("phone-1", 1), now))); // several people, one device
}

TEST_CASE_FIXTURE(fixture,
                  "E3 E8 two applications never see each other's devices; one action never reaches the other's") {
    device_registry const pro{"shop-pro"};
    add("phone-1", 1);
    CHECK(why(pro.find("anna", "phone-1", now)) == errc::device_unknown);
    REQUIRE(good(pro.add_unproved("anna", phone("phone-1", 1), now)));
    REQUIRE(good(devices.block("anna", "phone-1", now)));
    CHECK(get(pro.find("anna", "phone-1", now)).usable());
    REQUIRE(good(pro.remove("anna", "phone-1", now)));
    CHECK(get(devices.find("anna", "phone-1", now)).state == device_state::blocked);
}

TEST_CASE_FIXTURE(fixture, "E1 E2 each browser is a device of its own") {
    add("safari", 1, device_kind::browser);
    add("chrome", 2, device_kind::browser);
    auto const all = *run(devices.list("anna", now), db);
    REQUIRE(all.size() == 2);
    CHECK(all[0].key_id == "safari");
    CHECK(all[1].key_id == "chrome");
    CHECK(all[0].device_id != all[1].device_id);
    CHECK(run(devices.list("nobody", now), db)->empty());
}

TEST_CASE_FIXTURE(fixture, "E11 E14 block makes it blocked, once; E12 unblock makes it active, once") {
    add("phone-1", 1);
    CHECK(get(devices.block("anna", "phone-1", now + 5s)).state == device_state::blocked);
    CHECK(get(devices.find("anna", "phone-1", now)).updated == now + 5s);
    CHECK(why(devices.block("anna", "phone-1", now)) == errc::already_blocked);
    CHECK(get(devices.unblock("anna", "phone-1", now)).usable());
    CHECK(why(devices.unblock("anna", "phone-1", now)) == errc::not_blocked);
    CHECK(why(devices.block("anna", "phone-9", now)) == errc::device_unknown);
    CHECK(why(devices.block("bert", "phone-1", now)) == errc::device_unknown);
}

TEST_CASE_FIXTURE(fixture, "E13 remove deletes the identity; the key id may be registered again, as a new device") {
    add("phone-1", 1);
    auto const old = get(devices.find("anna", "phone-1", now));
    CHECK(get(devices.remove("anna", "phone-1", now)).device_id == old.device_id);
    CHECK(why(devices.find("anna", "phone-1", now)) == errc::device_unknown);
    CHECK(why(devices.remove("anna", "phone-1", now)) == errc::device_unknown);
    add("phone-1", 1);
    CHECK(get(devices.find("anna", "phone-1", now)).device_id != old.device_id);
}

TEST_CASE_FIXTURE(
    fixture,
    "S10 \"remotely block devices\": a block outlives its device: its key is not registered again, under whatever id") {
    add("phone-1", 1);
    add("phone-2", 2);
    REQUIRE(good(devices.block("anna", "phone-1", now)));
    REQUIRE(good(devices.remove("anna", "phone-1", now)));
    CHECK(why(devices.find("anna", "phone-1", now)) == errc::device_unknown);
    CHECK(why(devices.add_unproved("anna", phone("phone-1", 1), now)) == errc::device_blocked);
    CHECK(why(devices.add_unproved("anna", phone("phone-9", 1), now)) == errc::device_blocked);
    auto const old_key = proved(db, 2), new_key = proved(db, 1);
    CHECK(why(devices.rotate_key("anna", "phone-2", shown(1), old_key, new_key, now)) == errc::device_blocked);
    CHECK(good(devices.add_unproved("bert", phone("phone-1", 1), now))); // somebody else's block it is not
    add("phone-1", 3);                                                   // the key id is free, for another key

    // It goes on after all others are removed, and while the user is suspended.
    for (auto const* id : {"phone-1", "phone-2"}) REQUIRE(good(devices.remove("anna", id, now)));
    CHECK(run(devices.list("anna", now), db)->empty());
    CHECK(why(devices.add_unproved("anna", phone("phone-1", 1), now)) == errc::device_blocked);
    add("phone-2", 2); // this one was not blocked
    REQUIRE(good(devices.block("anna", "phone-2", now)));
    REQUIRE(good(devices.suspend("anna", now)));
    REQUIRE(good(devices.remove("anna", "phone-2", now)));
    REQUIRE(good(devices.reactivate("anna", now)));
    CHECK(why(devices.add_unproved("anna", phone("phone-2", 2), now)) == errc::device_blocked);

    CHECK(run(devices.forget_blocked_keys("anna", "phone-1", now), db).value() == 1);
    CHECK(why(devices.forget_blocked_keys("anna", "phone-1", now)) == errc::device_unknown);
    add("phone-1", 1);
    CHECK(why(devices.add_unproved("anna", phone("phone-2", 2), now)) == errc::device_blocked);
    REQUIRE(good(devices.remove_all("anna", now))); // a user who is deleted
    add("phone-2", 2);
}

TEST_CASE_FIXTURE(fixture, "S10 the keys that stay blocked are bounded: then a blocked device cannot be removed") {
    device_registry const many{"many", {.max_devices = 2}};
    for (int n = 0; n != static_cast<int>(max_blocked_keys) + 1; ++n) {
        REQUIRE(good(many.add_unproved("anna", phone("phone", 1000 + n), now)));
        REQUIRE(good(many.block("anna", "phone", now)));
        auto const refused = why(many.remove("anna", "phone", now));
        CHECK(refused == (n < static_cast<int>(max_blocked_keys) ? errc{} : errc::device_limit_reached));
    }
    CHECK(get(many.find("anna", "phone", now)).state == device_state::blocked);
    CHECK(run(many.forget_blocked_keys("anna", "phone", now), db).value() == max_blocked_keys);
    CHECK(good(many.remove("anna", "phone", now)));
}

TEST_CASE_FIXTURE(fixture, "S10 where blocking frees a place, unblocking needs one: the limit holds") {
    device_policy policy{.max_devices = 2, .blocked_count = false};
    policy.max_of_kind[static_cast<std::size_t>(device_kind::mobile)] = 1;
    device_registry const strict{"strict", policy};
    REQUIRE(good(strict.add_unproved("anna", phone("phone-1", 1), now)));
    REQUIRE(good(strict.block("anna", "phone-1", now)));
    REQUIRE(good(strict.add_unproved("anna", phone("phone-2", 2), now)));
    CHECK(why(strict.unblock("anna", "phone-1", now)) == errc::device_limit_reached); // of its kind
    REQUIRE(good(strict.suspend("anna", now)));
    CHECK(why(strict.unblock("anna", "phone-1", now)) == errc::device_limit_reached); // nor meanwhile
    REQUIRE(good(strict.reactivate("anna", now)));
    REQUIRE(good(strict.remove("anna", "phone-2", now)));
    REQUIRE(good(strict.add_unproved("anna", phone("chrome", 3, device_kind::browser), now)));
    REQUIRE(good(strict.add_unproved("anna", phone("desk", 4, device_kind::desktop), now)));
    CHECK(why(strict.unblock("anna", "phone-1", now)) == errc::device_limit_reached); // of all
    REQUIRE(good(strict.remove("anna", "desk", now)));
    CHECK(good(strict.unblock("anna", "phone-1", now)));
    CHECK(why(strict.unblock("anna", "phone-1", now)) == errc::not_blocked);
}

TEST_CASE_FIXTURE(fixture, "S10 replacing the oldest leaves what is blocked, so that its key cannot register again") {
    device_registry const replacing{"r", {.max_devices = 2, .when_full = at_limit::replace_oldest}};
    REQUIRE(good(replacing.add_unproved("anna", phone("lost", 1), now)));
    REQUIRE(good(replacing.add_unproved("anna", phone("b", 2), now)));
    REQUIRE(good(replacing.block("anna", "lost", now)));
    CHECK(run(replacing.add_unproved("anna", phone("c", 3), now), db)->replaced == std::vector<std::string>{"b"});
    REQUIRE(good(replacing.block("anna", "c", now)));
    CHECK(why(replacing.add_unproved("anna", phone("d", 4), now)) == errc::device_limit_reached);
    CHECK(get(replacing.find("anna", "lost", now)).state == device_state::blocked);
}

TEST_CASE_FIXTURE(fixture, "E11 suspend a user: all keys; reactivate: what was active before. Twice is an error each") {
    add("phone-1", 1);
    add("phone-2", 2);
    REQUIRE(good(devices.block("anna", "phone-2", now)));
    REQUIRE(good(devices.suspend("anna", now)));
    CHECK(why(devices.suspend("anna", now)) == errc::already_suspended);
    CHECK(get(devices.find("anna", "phone-1", now)).state == device_state::suspended);
    CHECK(why(devices.add_unproved("anna", phone("phone-3", 3), now)) == errc::device_suspended);
    REQUIRE(good(devices.reactivate("anna", now)));
    CHECK(get(devices.find("anna", "phone-1", now)).usable());
    CHECK(get(devices.find("anna", "phone-2", now)).state == device_state::blocked);
    CHECK(why(devices.reactivate("anna", now)) == errc::not_suspended);
    REQUIRE(good(devices.suspend("carl", now))); // before he has any device
    CHECK(why(devices.add_unproved("carl", phone("phone-1", 1), now)) == errc::device_suspended);
    REQUIRE(good(devices.remove_all("anna", now)));
    CHECK(run(devices.list("anna", now), db)->empty());
}

TEST_CASE_FIXTURE(fixture,
                  "E16 one mobile per user: the second is refused, or replaces the first; the browser is still fine") {
    device_policy policy;
    policy.max_of_kind[static_cast<std::size_t>(device_kind::mobile)] = 1;
    device_registry const strict{"strict", policy};
    REQUIRE(good(strict.add_unproved("anna", phone("phone-1", 1), now)));
    CHECK(why(strict.add_unproved("anna", phone("phone-2", 2), now)) == errc::device_limit_reached);
    CHECK(good(strict.add_unproved("anna", phone("chrome", 3, device_kind::browser), now)));
    REQUIRE(good(strict.block("anna", "phone-1", now)));
    CHECK(why(strict.add_unproved("anna", phone("phone-2", 2), now)) ==
          errc::device_limit_reached); // blocked ones count
    REQUIRE(good(strict.unblock("anna", "phone-1", now)));

    policy.when_full = at_limit::replace_oldest;
    device_registry const replacing{"strict", policy};
    auto const added = run(replacing.add_unproved("anna", phone("phone-2", 2), now), db);
    REQUIRE(added);
    CHECK(added->replaced == std::vector<std::string>{"phone-1"});
    auto op = replacing.add_unproved("anna", phone("phone-3", 5), now); // and somebody else is first
    while (op.next()->verb != store::verb::replace) op.answer(db.execute(*op.next()));
    REQUIRE(good(replacing.rename("anna", "phone-2", "another name", now)));
    auto const later = run(op, db);
    REQUIRE(later);
    CHECK(later->replaced == std::vector<std::string>{"phone-2"});
    CHECK(run(strict.list("anna", now), db)->size() == 2);

    policy.when_full = at_limit::refuse;
    policy.blocked_count = false;
    device_registry const lenient{"strict", policy};
    REQUIRE(good(lenient.block("anna", "phone-3", now)));
    CHECK(good(lenient.add_unproved("anna", phone("phone-4", 4), now)));
}

TEST_CASE_FIXTURE(
    fixture,
    "E16 \"Restricting the number of devices per user\": a limit for all kinds together; and what a record cannot hold is over the limit too") {
    device_registry const two{"two", {.max_devices = 2}};
    CHECK(good(two.add_unproved("anna", phone("a", 1), now)));
    CHECK(good(two.add_unproved("anna", phone("b", 2, device_kind::browser), now)));
    CHECK(why(two.add_unproved("anna", phone("c", 3, device_kind::desktop), now)) == errc::device_limit_reached);
    device_registry const none{"none", {.max_devices = 0, .when_full = at_limit::replace_oldest}};
    CHECK(why(none.add_unproved("anna", phone("a", 1), now)) == errc::device_limit_reached);

    device_registry const many{"many", {.max_devices = 1000}};
    errc ended{};
    for (int n = 0; n != 64 && ended == errc{}; ++n) {
        auto details = phone("key-" + std::to_string(n), 100 + n);
        details.custom_data = std::string(2048, 'x');
        ended = why(many.add_unproved("anna", details, now));
    }
    CHECK(ended == errc::device_limit_reached);
    CHECK(run(many.list("anna", now), db)->size() >= 20);
}

TEST_CASE_FIXTURE(
    fixture, "E17 the device signs a challenge, the registry verifies with the stored key, and notes the activity") {
    add("phone-1", 1);
    auto const done =
        run(devices.prove("anna", "phone-1", answer(db, 1, params("phone-1"), now + 90s), "login", now + 100s), db);
    REQUIRE(done);
    CHECK(done->device.key_id == "phone-1");
    CHECK(done->key.is(shown(1).thumbprint()));
    CHECK(get(devices.find("anna", "phone-1", now)).last_activity == now + 100s);
    for (alg a : {alg::ps256, alg::es256}) {
        auto details = phone(a == alg::ps256 ? "rsa" : "ec", 1, device_kind::other);
        details.key = shown(1, a);
        REQUIRE(good(devices.add_unproved("anna", details, now)));
        CHECK(good(devices.prove("anna", details.key_id, answer(db, 1, params(details.key_id), now, a), "login", now)));
    }
}

TEST_CASE_FIXTURE(
    fixture,
    "E17 3.1.9 wrong key, wrong bytes, expired, reused, other user's, other app's: each its own reason, one answer outward") {
    add("phone-1", 1);
    REQUIRE(good(devices.add_unproved("bert", phone("phone-1", 2), now)));
    auto const prove = [&](std::string token, unix_time at = now) {
        return why(devices.prove("anna", "phone-1", std::move(token), "login", at));
    };

    CHECK(prove(answer(db, 2, params("phone-1"))) == errc::invalid_challenge_signature); // wrong key
    auto altered = answer(db, 1, params("phone-1"));
    altered[altered.size() - 20] = altered[altered.size() - 20] == 'A' ? 'B' : 'A';
    CHECK(prove(altered) == errc::invalid_challenge_signature);                            // wrong bytes
    CHECK(prove(answer(db, 1, params("phone-1")), now + 120s) == errc::challenge_unknown); // expired
    auto const once = answer(db, 1, params("phone-1"));
    CHECK(prove(once) == errc{});
    CHECK(prove(once) == errc::challenge_unknown);                                                       // reused
    CHECK(prove(answer(db, 1, params("phone-1", "login", "shop", "bert"))) == errc::challenge_mismatch); // other user's
    CHECK(prove(answer(db, 1, params("phone-1", "login", "shop-pro", "anna"))) ==
          errc::challenge_mismatch);                                                   // other app's
    CHECK(prove(answer(db, 1, params("phone-1", "pay"))) == errc::challenge_mismatch); // other purpose
    CHECK(why(devices.prove("anna", "phone-9", answer(db, 1, params("phone-9")), "login", now)) ==
          errc::device_unknown);
    for (errc code :
         {errc::invalid_challenge_signature, errc::challenge_unknown, errc::challenge_mismatch, errc::device_unknown})
        CHECK(http_status(code) == 401);
}

TEST_CASE_FIXTURE(fixture,
                  "RULES 3.1.5 the key id is known, belongs to that user and that application, and is active") {
    add("phone-1", 1);
    auto const prove = [&](device_registry const& registry, std::string_view user, std::string_view key_id) {
        return why(registry.prove(user, key_id, answer(db, 1, params(key_id, "login", "shop", user)), "login", now));
    };
    CHECK(prove(devices, "anna", "phone-1") == errc{});
    CHECK(prove(devices, "anna", "phone-2") == errc::device_unknown);
    CHECK(prove(devices, "bert", "phone-1") == errc::device_unknown);
    CHECK(prove(device_registry{"shop-pro"}, "anna", "phone-1") == errc::device_unknown);
    REQUIRE(good(devices.block("anna", "phone-1", now)));
    CHECK(prove(devices, "anna", "phone-1") == errc::device_blocked);
}

TEST_CASE_FIXTURE(fixture,
                  "E15 a blocked or suspended device proves nothing, and that is told of a right answer only") {
    add("phone-1", 1);
    REQUIRE(good(devices.block("anna", "phone-1", now)));
    CHECK(why(devices.prove("anna", "phone-1", answer(db, 1, params("phone-1")), "login", now)) ==
          errc::device_blocked);
    CHECK(why(devices.prove("anna", "phone-1", answer(db, 2, params("phone-1")), "login", now)) ==
          errc::invalid_challenge_signature);
    auto const used = answer(db, 1, params("phone-1"));
    CHECK(why(devices.prove("anna", "phone-1", used, "login", now)) == errc::device_blocked);
    REQUIRE(good(devices.unblock("anna", "phone-1", now)));
    CHECK(why(devices.prove("anna", "phone-1", used, "login", now)) ==
          errc::challenge_unknown); // the refused answer was used up
    CHECK(good(devices.prove("anna", "phone-1", answer(db, 1, params("phone-1")), "login", now)));
    REQUIRE(good(devices.suspend("anna", now)));
    CHECK(why(devices.prove("anna", "phone-1", answer(db, 1, params("phone-1")), "login", now)) ==
          errc::device_suspended);
}

TEST_CASE_FIXTURE(fixture, "E17 the older form: the raw challenge and its signature") {
    add("phone-1", 1);
    auto const challenge = *run(proof::issue_challenge(params("phone-1"), now), db);
    auto const signature = *crypto::sign(key_pair(1), alg::ed25519, as_bytes(challenge));
    CHECK(good(devices.prove_legacy_raw("anna", "phone-1", challenge, signature, "login", now)));
    CHECK(why(devices.prove_legacy_raw("anna", "phone-1", challenge, signature, "login", now)) ==
          errc::challenge_unknown);
}

TEST_CASE_FIXTURE(fixture, "E18 known-device check: only an active one is known") {
    add("phone-1", 1);
    auto const known = [&](std::string_view key_id) {
        auto const found = run(devices.find("anna", key_id, now), db);
        return found && found->usable();
    };
    CHECK(known("phone-1"));
    CHECK_FALSE(known("phone-2"));
    REQUIRE(good(devices.suspend("anna", now)));
    CHECK_FALSE(known("phone-1"));
}

TEST_CASE_FIXTURE(fixture, "E20 only compliant devices: the policy is asked after the proof held") {
    device_registry const compliant{"shop",
                                    {.compliant = [](registered_device const& d) { return d.platform == "ios"; }}};
    add("phone-1", 1);
    CHECK(why(compliant.prove("anna", "phone-1", answer(db, 1, params("phone-1")), "login", now)) ==
          errc::device_not_compliant);
    auto apple = phone("phone-2", 2);
    apple.platform = "ios";
    REQUIRE(good(compliant.add_unproved("anna", apple, now)));
    CHECK(good(compliant.prove("anna", "phone-2", answer(db, 2, params("phone-2")), "login", now)));
}

TEST_CASE_FIXTURE(fixture, "E19 rename, custom data, push target and last activity change nothing else") {
    add("phone-1", 1);
    CHECK(get(devices.rename("anna", "phone-1", "work phone", now + 10s)).display_name == "work phone");
    CHECK(get(devices.set_custom_data("anna", "phone-1", "x", now + 20s)).custom_data == "x");
    CHECK(get(devices.set_push("anna", "phone-1", {push_target::service::fcm, "t", ""}, now + 30s)).push.device_token ==
          "t");
    CHECK(get(devices.touch("anna", "phone-1", now + 59s)).last_activity == now); // at most once a minute
    CHECK(get(devices.touch("anna", "phone-1", now + 60s)).last_activity == now + 60s);
    CHECK(get(devices.touch("anna", "phone-1", now - 1h)).last_activity == now + 60s); // clocks go backwards
    auto const all = get(devices.find("anna", "phone-1", now));
    CHECK(all.display_name == "work phone");
    CHECK(all.custom_data == "x");
    CHECK(all.created == now);
    CHECK(all.updated == now + 30s);
    CHECK(why(devices.rename("anna", "phone-1", std::string(129, 'x'), now)) == errc::out_of_range);
    CHECK(why(devices.set_custom_data("anna", "phone-1", std::string(2049, 'x'), now)) == errc::out_of_range);
    CHECK(why(devices.add_unproved("anna", phone("", 3), now)) == errc::out_of_range);
    CHECK(why(devices.add_unproved("anna", phone(std::string(129, 'k'), 3), now)) == errc::out_of_range);
    auto long_winded = phone("phone-3", 3);
    long_winded.push.device_token = std::string(513, 't');
    CHECK(why(devices.add_unproved("anna", long_winded, now)) == errc::out_of_range);
    long_winded.push.device_token.pop_back();
    CHECK(good(devices.add_unproved("anna", long_winded, now)));
    long_winded.fingerprint = std::string(129, 'f'); // the store is not asked about it
    CHECK(devices.add_unproved("anna", long_winded, now).next() == nullptr);
}

TEST_CASE_FIXTURE(fixture, "E5 a device is somebody's: nobody registers one while nobody is logged in") {
    CHECK(why(devices.add_unproved("", phone("phone-1", 1), now)) == errc::out_of_range);
    CHECK(why(devices.add("", phone("phone-1", 1), proved(db, 1), now)) == errc::out_of_range);
    CHECK(why(devices.find("", "phone-1", now)) == errc::device_unknown);
}

TEST_CASE_FIXTURE(fixture,
                  "E6 key rotation: old and new key are both proved, and only the device's own old key counts") {
    add("phone-1", 1);
    add("phone-3", 3);
    CHECK(why(devices.rotate_key("anna", "phone-1", shown(2), proved(db, 3), proved(db, 2), now)) ==
          errc::possession_missing);
    CHECK(why(devices.rotate_key("anna", "phone-1", shown(2), proved(db, 1), proved(db, 3), now)) ==
          errc::possession_missing);
    CHECK(why(devices.rotate_key("anna", "phone-1", shown(3), proved(db, 1), proved(db, 3), now)) ==
          errc::device_already_registered);
    auto const id = get(devices.find("anna", "phone-1", now)).device_id;
    REQUIRE(good(devices.rotate_key("anna", "phone-1", shown(2), proved(db, 1), proved(db, 2), now)));
    CHECK(get(devices.find("anna", "phone-1", now)).device_id == id);
    CHECK(good(devices.prove("anna", "phone-1", answer(db, 2, params("phone-1")), "login", now)));
    CHECK(why(devices.prove("anna", "phone-1", answer(db, 1, params("phone-1")), "login", now)) ==
          errc::invalid_challenge_signature);
    // RFC 8725 3.1: by the algorithm that each is pinned to.
    auto const rsa = *private_key::generate(alg::ps256);
    auto const pinned = *proof::device_key::from_key(rsa.public_part());
    proof::challenge_params const rotation{.purpose = "rotate", .app = "shop"};
    auto const by = [&](alg a) {
        auto const challenge = *run(proof::issue_challenge(rotation, now), db);
        return *run(proof::redeem_challenge(*proof::sign_challenge(rsa, a, challenge, rotation), rotation,
                                            rsa.public_part(), a, now),
                    db);
    };
    CHECK(why(devices.rotate_key("anna", "phone-1", pinned, proved(db, 2), by(alg::rs256), now)) ==
          errc::possession_missing);
    REQUIRE(good(devices.rotate_key("anna", "phone-1", pinned, proved(db, 2), by(alg::ps256), now)));
    CHECK(why(devices.rotate_key("anna", "phone-1", shown(2), by(alg::rs256), proved(db, 2), now)) ==
          errc::possession_missing);
    REQUIRE(good(devices.rotate_key("anna", "phone-1", shown(2), by(alg::ps256), proved(db, 2), now)));
    REQUIRE(good(devices.block("anna", "phone-1", now)));
    CHECK(why(devices.rotate_key("anna", "phone-1", shown(4), proved(db, 2), proved(db, 4), now)) ==
          errc::device_blocked);
}

namespace {

// The members of a `webauthn::attested` that count here.
struct passkey_registration {
    struct {
        public_key key;
        alg algorithm;
        bool backup_eligible;
    } credential;
    bool trusted = false;
    std::optional<proof::verified_key> proved{};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "W54 a passkey's key becomes a device with its algorithm, and with what vouches for it") {
    passkey_registration made{{key_pair(1, alg::es384).public_part(), alg::es384, false}};
    auto const add_passkey = [&](std::string key_id) {
        auto const key = attested_key::from(made);
        REQUIRE(key);
        auto const added = get(devices.add_attested("anna", {.key_id = key_id, .key = key->key()}, *key, now));
        auto const found = get(devices.find("anna", key_id, now));
        CHECK(found.evidence == added.evidence);
        CHECK(found.key.algorithm_id() == made.credential.algorithm);
        CHECK(get(devices.find_by_key("anna", found.key.thumbprint(), now)).key_id == key_id);
        return found.evidence;
    };
    CHECK(add_passkey("none") == key_evidence::registration);
    made = {{key_pair(1, alg::rs256).public_part(), alg::rs256, false}};
    made.proved = proved(db, 1);
    CHECK(add_passkey("self") == key_evidence::possession);
    made.credential.key = key_pair(2, alg::rs256).public_part();
    made.trusted = true;
    CHECK(add_passkey("trusted") == key_evidence::attestation);

    // What is weaker says so, and another key takes nothing over.
    add("unproved", 7);
    CHECK(get(devices.find("anna", "unproved", now)).evidence == key_evidence::none);
    REQUIRE(good(devices.add("anna", phone("proved", 1), proved(db, 1), now)));
    CHECK(get(devices.find("anna", "proved", now)).evidence == key_evidence::possession);
    proof::challenge_params const rotation{.purpose = "rotate", .app = "shop"};
    auto const challenge = *run(proof::issue_challenge(rotation, now), db);
    auto const& old = key_pair(2, alg::rs256);
    auto const by_old = *run(proof::redeem_challenge(*proof::sign_challenge(old, alg::rs256, challenge, rotation),
                                                     rotation, old.public_part(), alg::rs256, now),
                             db);
    REQUIRE(good(devices.rotate_key("anna", "trusted", shown(9), by_old, proved(db, 9), now)));
    CHECK(get(devices.find("anna", "trusted", now)).evidence == key_evidence::possession);
    CHECK(name(key_evidence::attestation) == "attestation");
}

TEST_CASE_FIXTURE(fixture,
                  "W54 a passkey that can be synced is no device; nor is a key registered by another's attestation") {
    passkey_registration const synced{{key_pair(1, alg::es256).public_part(), alg::es256, true}, true};
    CHECK(attested_key::from(synced).error() == errc::device_not_compliant);
    passkey_registration const other{{key_pair(1, alg::ps256).public_part(), alg::es256, false}};
    CHECK(attested_key::from(other).error() == errc::unsupported_key);

    passkey_registration const made{{key_pair(1, alg::ps256).public_part(), alg::rs256, false}};
    auto const key = attested_key::from(made);
    REQUIRE(key);
    auto const refused = [&](device_key shown) {
        return why(devices.add_attested("anna", {.key_id = "passkey", .key = std::move(shown)}, *key, now));
    };
    CHECK(refused(shown(2)) == errc::possession_missing);
    CHECK(refused(*device_key::from_key(key_pair(3, alg::rs256).public_part(), alg::rs256)) ==
          errc::possession_missing);
    CHECK(refused(shown(1, alg::ps256)) == errc::possession_missing); // the key, with another algorithm
    CHECK(refused(key->key()) == errc{});
    CHECK(refused(key->key()) == errc::device_already_registered);
}

TEST_CASE_FIXTURE(
    fixture,
    "E15 E17 what happens to the device before its activity is written counts: blocked, removed, another key") {
    for (int n = 1; n != 4; ++n) add("phone-" + std::to_string(n), n);
    auto const prove = [&](int n, auto meanwhile) {
        auto const later = now + std::chrono::hours{1};
        auto const name = "phone-" + std::to_string(n);
        auto op = devices.prove("anna", name, answer(db, n, params(name), later), "login", later);
        while (op.next()->verb != store::verb::replace) op.answer(db.execute(*op.next()));
        REQUIRE(good(meanwhile(name)));
        while (op.next()) op.answer(db.execute(*op.next()));
        auto const decision = op.get();
        return decision ? errc{} : decision.error().code;
    };
    CHECK(prove(1, [&](auto const& name) { return devices.block("anna", name, now); }) == errc::device_blocked);
    CHECK(prove(2, [&](auto const& name) { return devices.remove("anna", name, now); }) == errc::device_unknown);
    CHECK(prove(3, [&](auto const& name) {
              return devices.rotate_key("anna", name, shown(5), proved(db, 3), proved(db, 5), now);
          }) == errc::possession_missing);
    add("phone-4", 4);
    CHECK(prove(4, [&](auto const& name) { return devices.rename("anna", name, "another name", now); }) == errc{});
}

TEST_CASE_FIXTURE(
    fixture,
    "E13 E17 a user's only device that is removed before its activity is written proves nothing, nor one whose record cannot be read then") {
    auto const key = proof::record_key("devices", {"shop", "anna"});
    auto const prove = [&](auto meanwhile) {
        add("phone-1", 1);
        auto const later = now + 1h;
        auto op = devices.prove("anna", "phone-1", answer(db, 1, params("phone-1"), later), "login", later);
        while (op.next()->verb != store::verb::replace) op.answer(db.execute(*op.next()));
        meanwhile();
        auto const decision = run(op, db);
        return decision ? errc{} : decision.error().code;
    };
    CHECK(prove([&] { REQUIRE(good(devices.remove("anna", "phone-1", now))); }) == errc::device_unknown);
    CHECK(prove([&] { REQUIRE(good(devices.remove_all("anna", now))); }) == errc::device_unknown);
    CHECK(prove([&] { // by a later version of the program, which may have blocked it
              (void)db.execute(store::erase(key, now));
              (void)db.execute(store::insert(key, bytes{4, 'D', 0}, latest_time, now));
          }) == errc::record_newer);
}

TEST_CASE_FIXTURE(
    fixture,
    "DECISIONS 1 every reply at every step: nothing is reported done that was not, and a proof that held stays one") {
    add("phone-1", 1);
    using testing::store_fault;
    testing::faulty_store flaky{db};
    for (auto fault : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost}) {
        for (unsigned step = 0; step != 2; ++step) {
            CAPTURE(step);
            flaky.fail_next(fault, step);
            auto const decision = run(devices.add_unproved("anna", phone("phone-2", 2), now), flaky);
            REQUIRE_FALSE(decision);
            CHECK(decision.error() ==
                  (fault == store_fault::unavailable || step == 0 ? errc::store_unavailable : errc::outcome_unknown));
            auto const there = good(devices.find("anna", "phone-2", now));
            CHECK(there == (fault == store_fault::reply_lost && step == 1));
            if (there) CHECK(good(devices.remove("anna", "phone-2", now)));
        }
        // find, take of the challenge, write of the activity: only the last may fail without harm
        for (unsigned step = 0; step != 3; ++step) {
            CAPTURE(step);
            auto const later = now + std::chrono::hours{1 + step};
            auto token = answer(db, 1, params("phone-1"), later);
            flaky.fail_next(fault, step);
            auto const decision = run(devices.prove("anna", "phone-1", token, "login", later), flaky);
            CHECK(static_cast<bool>(decision) == (step == 2));
            if (!decision) CHECK(http_status(decision.error().code) == 503);
        }
    }
}

TEST_CASE_FIXTURE(fixture, "a damaged record of devices is an error, never a device") {
    auto const key = proof::record_key("devices", {"shop", "anna"});
    add("phone-1", 1);
    std::vector<std::uint8_t> buffer(4096);
    auto const read = db.execute(store::find(key, buffer, now));
    bytes const good_one(read.record.bytes.begin(), read.record.bytes.end());
    for (std::size_t cut = 0; cut != good_one.size(); ++cut) {
        auto damaged = good_one;
        damaged.resize(cut);
        (void)db.execute(store::erase(key, now));
        (void)db.execute(store::insert(key, damaged, latest_time, now));
        CHECK(why(devices.find("anna", "phone-1", now)) == errc::record_malformed);
    }
    auto newer = good_one;
    newer[0] = 4;
    (void)db.execute(store::erase(key, now));
    (void)db.execute(store::insert(key, newer, latest_time, now));
    CHECK(why(devices.find("anna", "phone-1", now)) == errc::record_newer);
    CHECK(why(devices.add_unproved("anna", phone("phone-2", 2), now)) == errc::record_newer); // and never overwritten
}

namespace {
struct indexed_fixture : fixture {
    indexed_fixture() { devices = device_registry{"shop", {.index_key_ids = true}}; }
    std::vector<std::string> users_of(std::string_view key_id) {
        auto const found = run(devices.find_by_key_id(key_id, now), db);
        std::vector<std::string> users;
        if (!found) CHECK(found.error() == errc::device_unknown);
        else
            for (auto const& o : found->devices) {
                CHECK(o.device.key_id == key_id);
                users.push_back(o.user);
            }
        std::ranges::sort(users);
        return users;
    }
    errc add_for(std::string_view user, std::string key_id, int n) {
        return why(devices.add_unproved(user, phone(std::move(key_id), n), now));
    }
};
using names = std::vector<std::string>;
} // namespace

TEST_CASE_FIXTURE(
    indexed_fixture,
    "E15 E19 \"The key_id is available in the device profile in the Admin Portal\": an administrator finds its users by it") {
    CHECK(add_for("anna", "tablet", 1) == errc{});
    CHECK(add_for("bert", "tablet", 1) == errc{}); // many users on one device
    CHECK(add_for("anna", "phone", 2) == errc{});
    CHECK(users_of("tablet") == names{"anna", "bert"});
    CHECK(users_of("phone") == names{"anna"});
    CHECK(users_of("table").empty());
    CHECK(why(device_registry{"other shop", {.index_key_ids = true}}.find_by_key_id("tablet", now)) ==
          errc::device_unknown);

    // "for example, checking if device is known or blocking suspicious devices"
    auto const suspicious = *run(devices.find_by_key_id("tablet", now), db);
    for (auto const& o : suspicious.devices) CHECK(good(devices.block(o.user, "tablet", now)));
    CHECK(get(devices.find("bert", "tablet", now)).state == device_state::blocked);
    CHECK(run(devices.find_by_key_id("tablet", now), db)->devices.front().device.state == device_state::blocked);

    CHECK(good(devices.remove("anna", "tablet", now)));
    CHECK(users_of("tablet") == names{"bert"});
    CHECK(add_for("aaron", "tablet", 1) == errc{});
    CHECK(good(device_registry{"shop"}.remove("aaron", "tablet", now))); // knows no index: he stays on the list
    CHECK(users_of("tablet") == names{"bert"});
    CHECK(good(devices.remove_all("bert", now)));
    CHECK(users_of("tablet").empty());
    CHECK(add_for("anna", "phone", 3) == errc::device_already_registered);
    CHECK(users_of("phone") == names{"anna"});
    CHECK(why(fixture::devices.add_unproved("anna", {.key_id = std::string(129, 'k'), .key = shown(4)}, now)) ==
          errc::out_of_range);
    CHECK(add_for(std::string(257, 'u'), "phone", 4) == errc::out_of_range);
    CHECK(why(device_registry{"shop"}.find_by_key_id("phone", now)) == errc::out_of_range);
}

TEST_CASE_FIXTURE(indexed_fixture, "a record that cannot be read hides no other user of the key id, and is named") {
    CHECK(add_for("anna", "tablet", 1) == errc{});
    CHECK(add_for("bert", "tablet", 1) == errc{});
    auto const put = [&](std::string_view user, bytes const& octets) {
        auto const key = proof::record_key("devices", {"shop", user});
        (void)db.execute(store::erase(key, now));
        (void)db.execute(store::insert(key, octets, latest_time, now));
    };
    put("bert", {3});
    auto const some = run(devices.find_by_key_id("tablet", now), db);
    REQUIRE(some);
    REQUIRE(some->devices.size() == 1);
    CHECK(some->devices.front().user == "anna");
    CHECK(some->unreadable == names{"bert"});
    put("anna", {9}); // of a later version: nothing says that the device is unknown
    auto const none = why(devices.find_by_key_id("tablet", now));
    CHECK((none == errc::record_malformed || none == errc::record_newer));

    testing::faulty_store flaky{db}; // a store that is away may be asked again, so it is an error for all
    flaky.fail_next(testing::store_fault::unavailable, 1);
    CHECK(run(devices.find_by_key_id("tablet", now), flaky).error() == errc::store_unavailable);
}

TEST_CASE_FIXTURE(indexed_fixture,
                  "E15 E19 a device that was replaced, or was never admitted, is not found by its key id") {
    devices = device_registry{"shop", {.max_devices = 1, .when_full = at_limit::replace_oldest, .index_key_ids = true}};
    CHECK(add_for("anna", "old", 1) == errc{});
    CHECK(add_for("anna", "new", 2) == errc{});
    CHECK(users_of("old").empty());
    CHECK(users_of("new") == names{"anna"});
    devices = device_registry{"shop", {.max_devices = 1, .index_key_ids = true}};
    CHECK(add_for("anna", "third", 3) == errc::device_limit_reached);
    CHECK(users_of("third").empty());
    CHECK_FALSE(
        *run(store::compare_and_swap(proof::record_key("device key id", {"shop", "third"}), now,
                                     [](std::optional<store::record> const& found) -> result<store::swap_decision> {
                                         CHECK_FALSE(found); // nor is the user's name kept
                                         return store::swap_decision::keep();
                                     }),
             db));
}

TEST_CASE_FIXTURE(indexed_fixture,
                  "E15 E19 users of one key id are bounded: one more registers nothing, until one is removed") {
    for (std::size_t i = 0; i != max_key_id_users; ++i)
        REQUIRE(add_for("user-" + std::to_string(i), "kiosk", 1) == errc{});
    CHECK(add_for("one more", "kiosk", 1) == errc::key_id_limit_reached);
    CHECK(run(devices.list("one more", now), db)->empty());
    CHECK(users_of("kiosk").size() == max_key_id_users);
    CHECK(good(devices.remove("user-7", "kiosk", now)));
    CHECK(add_for("one more", "kiosk", 1) == errc{});
}

TEST_CASE_FIXTURE(
    indexed_fixture,
    "E15 E19 users who are listed without a device leave the list: when it is full, and at another removal") {
    device_registry const unindexed{"shop"}; // removes, and leaves the list as it is
    for (std::size_t i = 0; i != max_key_id_users; ++i) {
        REQUIRE(add_for("user-" + std::to_string(i), "kiosk", 1) == errc{});
        if (i != 3) REQUIRE(run(unindexed.remove("user-" + std::to_string(i), "kiosk", now), db));
    }
    CHECK(add_for("anna", "kiosk", 1) == errc{});
    CHECK(users_of("kiosk") == names{"anna", "user-3"});

    REQUIRE(run(unindexed.remove("anna", "kiosk", now), db));
    auto const size = [&] {
        bytes buffer(4096);
        auto const found = db.execute(store::find(proof::record_key("device key id", {"shop", "kiosk"}), buffer, now));
        return found.record.bytes.size();
    };
    auto const with_anna = size();
    CHECK(why(devices.remove("anna", "kiosk", now)) == errc::device_unknown);
    CHECK(size() < with_anna); // nor is her name kept
}

TEST_CASE_FIXTURE(indexed_fixture,
                  "E15 E19 whatever the store fails at: a device that is registered is found by its key id") {
    int n = 0;
    for (auto fault :
         {testing::store_fault::unavailable, testing::store_fault::request_lost, testing::store_fault::reply_lost})
        for (unsigned at = 0; at != 8; ++at) {
            testing::faulty_store<store::memory> flaky{db};
            auto const key_id = "phone-" + std::to_string(++n);
            flaky.fail_next(fault, at);
            (void)run(devices.add_unproved("user-" + std::to_string(n), phone(key_id, 1), now), flaky);
            auto const there = good(devices.find("user-" + std::to_string(n), key_id, now));
            CHECK(users_of(key_id).size() == (there ? 1u : 0u));

            flaky.fail_next(fault, at);
            (void)run(devices.remove("user-" + std::to_string(n), key_id, now), flaky);
            auto const still = good(devices.find("user-" + std::to_string(n), key_id, now));
            CHECK(users_of(key_id).size() == (still ? 1u : 0u));
        }
}

// Every interleaving of a removal with a registration of the same key id that begins after the device is gone.
TEST_CASE_FIXTURE(indexed_fixture,
                  "E15 E19 a removal that is slow does not hide the device that was registered meanwhile") {
    for (int before = 0; before != 8; ++before)
        for (int between = 0; between != 12; ++between) {
            auto const user = "user-" + std::to_string(before * 12 + between);
            REQUIRE(add_for(user, "phone", 1) == errc{});
            auto removal = devices.remove(user, "phone", now);
            auto const advance = [&](auto& op, int steps) {
                for (; steps != 0 && op.next(); --steps) op.answer(db.execute(*op.next()));
            };
            advance(removal, before);
            auto again = devices.add_unproved(user, phone("phone", 2), now);
            advance(again, between);
            advance(removal, 100);
            advance(again, 100);
            (void)removal.get(), (void)again.get();
            bool const there = good(devices.find(user, "phone", now));
            auto const found = users_of("phone");
            CHECK((std::ranges::find(found, user) != found.end()) == there);
            (void)run(devices.remove_all(user, now), db);
        }
}

namespace {
template <class D>
concept for_administrators = requires(D const& d, std::string_view key_id) { d.unblock(key_id, now); } ||
                             requires(D const& d, std::string_view key_id) { d.find_by_key_id(key_id, now); } ||
                             requires(D const& d, std::string_view key_id) { d.forget_blocked_keys(key_id, now); } ||
                             requires(D const& d) { d.reactivate(now); } || requires(D const& d) { d.remove_all(now); };
} // namespace
static_assert(!for_administrators<user_devices>, "a user undoes no block");
static_assert(!std::is_convertible_v<user_devices, device_registry>);

TEST_CASE_FIXTURE(
    fixture,
    "E19 \"Devices can be managed by administrators\"; a user lists, renames, blocks and removes his own, no more") {
    add("phone", 1);
    add("laptop", 2, device_kind::browser);
    REQUIRE(good(devices.add_unproved("bert", phone("tablet", 3), now)));
    user_devices const own{devices, "anna"};
    CHECK(run(own.list(now), db)->size() == 2);
    CHECK(get(own.rename("phone", "Old phone", now)).display_name == "Old phone");
    CHECK(get(own.block("phone", now)).state == device_state::blocked);
    CHECK(good(own.remove("phone", now)));
    CHECK(why(devices.add_unproved("anna", phone("phone", 1), now)) == errc::device_blocked); // and undoes no block
    CHECK(why(own.rename("tablet", "mine", now)) == errc::device_unknown);
    CHECK(why(own.block("tablet", now)) == errc::device_unknown);
    CHECK(why(own.remove("tablet", now)) == errc::device_unknown);
    CHECK(get(devices.find("bert", "tablet", now)).state == device_state::active);
}

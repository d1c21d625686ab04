// The octets of this folder's records. They stand in stores, so they are compared with what earlier versions wrote.
#include "support/hex.hpp"

#include <signet/device/registry.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/memory.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace signet::device;
using namespace std::chrono_literals;
using proof::device_key;

namespace {

constexpr unix_time now{1'800'000'000s};

// The RSA key of the records below, and its SubjectPublicKeyInfo.
constexpr std::string_view rsa_pem = "-----BEGIN PRIVATE KEY-----\n"
                                     "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDPQ74TwHDcrCtY\n"
                                     "Zn42fFAInU0YAUfhACGmbxYsoC8QyGP95mWzNsx//SvzmfCRmQXGky5dR7cCo7qe\n"
                                     "P7xxwbJJQz/rdjiXi3HzQaUZm8O6QYF3aX0neaFVSnYfLSKUgru2FYt7RxYbP3T3\n"
                                     "Vitmljxrb1VwS9NvksnfiUBI87GHfU0tZmfXrE1vmkpFC7iSYWBCFKyTuWRBdm2t\n"
                                     "d2tsVNMKljLj+EJuELE3uVJp+DzQI6y1kbU/QgSf92Cq6KJFGvbt8azi0Jc9zLiY\n"
                                     "jEG7HRZvqCTX+7sfN9LQKS4SPfRfOj2dpKVPlLAqsz18bcvIboxwT1SyF9kxEOcw\n"
                                     "8uer6Y4nAgMBAAECggEATHOic0qy1tMzEeKMf7CPHP5Y55fhWZ9gyjGDrmZPthMU\n"
                                     "vxzzOo3mFPff9HU+BZa6SKsVmRbQ7MpUFfdQnW1jRB7oPwRWj5/CIoZ+Tdnk8pkj\n"
                                     "Flb08VCuL/XNaGaPsNQgRWPhFVH9V4Oqs2k3jRmxo7dnfoqZrTgp+qh36/Dn9R+b\n"
                                     "GrVogUw6coyEfEoNB/znundmNuQ+z00gQiqfJkCZVN4zIGjcf2gjlzrOzVi17Zu+\n"
                                     "R9D1owpQvaE3j6fbtzXLxNEK9Z3qz7oFUFUaFIWbjKrrY9zd+K4Asxz9fzbnN59/\n"
                                     "MV7KQ1+kysXU2C3Udm7pyR+Z8Bx/D4+DMHOCxYdkQQKBgQDpnmRycEKumIH9jfkH\n"
                                     "c0UQI+cUDiyCbvnjuU8+SSzgeH1tOMl5kxTg0i/US0fAMBJmsf7tZrhaqQuYjeRU\n"
                                     "oDztl3KiOg8MOpepaP/unwEuSFmA4OI5C9N/xp7xjPICOnGKXwo+Bxt5RQy8wix6\n"
                                     "JK+2zYo9brphcdaAtiwefgGbUQKBgQDjHwDobzhb52SkTmAsue96doHMpFyuGyJB\n"
                                     "D3gzZbSgx6/DSkOjFsnh+4cvCG9CwjvjbT9RIhh7Q4HvCFSPZVq2IyBvFjQvQ/da\n"
                                     "Apmp3bzkwwmCUs4sYxzkO+imP3vfA0Ufa/MAmg8aG/25qKBd8TpKBLDEqkB7PbUr\n"
                                     "6vrE7q7D9wKBgDeXXFmrAwMfAVe/r/Go6VdE49ju4oKLO+WHlCbDLO2hXl9eMvs+\n"
                                     "F6rD+WOwIjvGdKqBUqNVXSsdrMe5hArrMnRrJHkcDbagPrSuarByn8pOpxW27b4b\n"
                                     "ZVGzhuD95BzJoXkG0p4d/NinqLdGEWVjU3jRgkLKFYnYl+167Ba5b1JxAoGABt5j\n"
                                     "KqRicfUXiBiOtAuTgIKg/k1iOCm96XXMTtGemtYvLJrMXNxNkrYGqpd4te4l3YTq\n"
                                     "S0vara+m+FGqLQQFsEhzrKhhP6SwkFpPx2FbWxfC69wRPCprL0PYj16QInh42LBt\n"
                                     "EvGVz1ZVYA4He4/WEXL+3ZPAi3mcRw2+M8J8KpUCgYEAp0dXiaI89o55YtMOICvT\n"
                                     "Kabbb5lvtLuR6hcvXf/WzqlWG4pTiRn9t99iKTF2C3KrYK8FnzsKDNgYUVltEwKy\n"
                                     "z3S0v0WRBcxVhaq5Oz72J9fYv63d7su8ODk1OhPS0rXGIOslKWivL9Pnqssz8wMI\n"
                                     "Iy1WLTtSk8DJAnEV2H3MrH4=\n"
                                     "-----END PRIVATE KEY-----\n";
constexpr std::string_view rsa_spki =
    "30820122300d06092a864886f70d01010105000382010f003082010a0282010100cf43be13c070dcac2b58667e367c50089d"
    "4d180147e10021a66f162ca02f10c863fde665b336cc7ffd2bf399f0919905c6932e5d47b702a3ba9e3fbc71c1b249433feb"
    "7638978b71f341a5199bc3ba418177697d2779a1554a761f2d229482bbb6158b7b47161b3f74f7562b66963c6b6f55704bd3"
    "6f92c9df894048f3b1877d4d2d6667d7ac4d6f9a4a450bb89261604214ac93b96441766dad776b6c54d30a9632e3f8426e10"
    "b137b95269f83cd023acb591b53f42049ff760aae8a2451af6edf1ace2d0973dccb8988c41bb1d166fa824d7fbbb1f37d2d0"
    "292e123df45f3a3d9da4a54f94b02ab33d7c6dcbc86e8c704f54b217d93110e730f2e7abe98e270203010001";

private_key const& rsa_key() {
    static auto const key = private_key::from_pem(rsa_pem).value();
    return key;
}

// What the versions before algorithms wrote: a phone, with an Ed25519 key.
bytes format_1() {
    return from_hex(
        "014400010570686f6e652c302a300506032b65700321006f190cfe2652d9d671c7d3a7fd9ef3592434fdc4c4fcb8d5b47e19"
        "4504879ab50203696f7306416e6e6127730000000000001673545a53564c337241576745525345597536523374410080a4a7"
        "da0680a4a7da0680a4a7da06");
}
// A phone, a laptop with the RSA key, and the key of a blocked device that was removed.
bytes format_2() {
    return from_hex(
        std::string{
            "024400020570686f6e652c302a300506032b65700321006f190cfe2652d9d671c7d3a7fd9ef3592434fdc4c4fcb8d5b47e19"
            "4504879ab50203696f7306416e6e6127730000000000001673545a53564c337241576745525345597536523374410080a4a7"
            "da0680a4a7da0680a4a7da06066c6170746f70a602"} +
        std::string{rsa_spki} +
        "0000000000000000001670594f41714b724553576c63326f49347772687445510085a4a7da0685a4a7da0685a4a7da060103"
        "6f6c644b7a112ab71273dc243bee742664238598dfcb5bc9f3e0dbf02a99bdcace4b7b");
}
struct fixture {
    store::memory db;
    device_registry devices{"shop"};
    store::record_key key = proof::record_key("devices", {"shop", "anna"});

    void put(bytes_view octets) { REQUIRE(*db.execute(store::insert(key, octets, latest_time, now)).done()); }
    bytes stored() {
        bytes buffer(store::max_record);
        auto const found = db.execute(store::find(key, buffer, now));
        REQUIRE(found.outcome == store::outcome::done);
        return bytes(found.record.bytes.begin(), found.record.bytes.end());
    }
    registered_device get(std::string_view key_id) { return run(devices.find("anna", key_id, now), db).value(); }
    // Whether an answer of the RSA key with that algorithm proves the device.
    errc prove(std::string_view key_id, alg a) {
        proof::challenge_params const params{.purpose = "login", .app = "shop", .user = "anna", .key_id = key_id};
        auto const challenge = run(proof::issue_challenge(params, now), db).value();
        auto const token = proof::sign_challenge(rsa_key(), a, challenge, params).value();
        auto const proved = run(devices.prove("anna", key_id, token, "login", now), db);
        return proved ? errc{} : proved.error().code;
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "records of devices of format 1 and 2 are read: the key implies its algorithm") {
    put(format_1());
    CHECK(get("phone").key.algorithm_id() == alg::ed25519);
    CHECK(get("phone").evidence == key_evidence::unrecorded);
    CHECK(get("phone").display_name == "Anna's");
    CHECK(stored() == format_1()); // reading changes nothing
    (void)db.execute(store::erase(key, now));

    put(format_2());
    CHECK(get("laptop").key.algorithm_id() == alg::ps256);
    CHECK(get("laptop").evidence == key_evidence::unrecorded);
    CHECK(get("laptop").key.key() == rsa_key().public_part());
    CHECK(run(devices.list("anna", now), db)->size() == 2);
    CHECK(*run(devices.forget_blocked_keys("anna", "old", now), db) == 1);
    CHECK(prove("laptop", alg::ps256) == errc{});
    CHECK(prove("laptop", alg::rs256) == errc::algorithm_mismatch);
}

TEST_CASE_FIXTURE(fixture,
                  "a record of a former format is written in format 3 when it next changes, and says the same") {
    put(format_1());
    auto const before = get("phone");
    REQUIRE(run(devices.rename("anna", "phone", "Anna's", now), db));
    // The algorithm comes before the key (2: Ed25519), the evidence after the times (0: unrecorded), then no blocked
    // keys.
    auto expected = format_1();
    expected[0] = 3;
    expected.insert(expected.begin() + 10, 2); // behind the format, the kind, the suspension, the count, and "phone"
    expected.insert(expected.end(), {0, 0});
    CHECK(stored() == expected);
    auto const after = get("phone");
    CHECK(after.key == before.key);
    CHECK(after.key.algorithm_id() == alg::ed25519);
    CHECK(after.created == before.created);
    CHECK(after.device_id == before.device_id);

    (void)db.execute(store::erase(key, now));
    put(format_2());
    REQUIRE(run(devices.block("anna", "phone", now), db));
    CHECK(stored()[0] == 3);
    CHECK(get("laptop").key.algorithm_id() == alg::ps256);
    CHECK(prove("laptop", alg::ps256) == errc{});
    CHECK(*run(devices.forget_blocked_keys("anna", "old", now), db) == 1);
}

TEST_CASE_FIXTURE(fixture, "in a record of format 3 a key has an algorithm of its own, and a device its evidence") {
    put(format_1());
    REQUIRE(run(devices.rename("anna", "phone", "Anna's", now), db));
    auto const good = stored();
    auto const with = [&](std::size_t at, std::uint8_t octet) {
        auto damaged = good;
        damaged[at] = octet;
        (void)db.execute(store::erase(key, now));
        put(damaged);
        auto const found = run(devices.find("anna", "phone", now), db);
        return found ? errc{} : found.error().code;
    };
    CHECK(with(10, 2) == errc{});
    for (int algorithm : {0, 1, 3, 4, 5, 11, 12, 127}) { // none, those of other keys, and none that is known
        CAPTURE(algorithm);
        CHECK(with(10, static_cast<std::uint8_t>(algorithm)) == errc::record_malformed);
    }
    CHECK(with(good.size() - 2, 4) == errc{});
    CHECK(with(good.size() - 2, 5) == errc::record_malformed);
    CHECK(with(0, 4) == errc::record_newer);
}

TEST_CASE_FIXTURE(
    fixture, "RFC 8725 3.1 each algorithm that a key was registered with is kept, and no other proves the device") {
    auto const add = [&](std::string const& key_id, public_key const& shown, alg a) {
        auto const pinned = device_key::from_key(shown, a);
        REQUIRE(pinned);
        REQUIRE(run(devices.add_unproved("anna", {.key_id = key_id, .key = *pinned}, now), db));
        auto const found = get(key_id);
        CHECK(found.key.algorithm_id() == a);
        CHECK(found.key.key() == shown);
        REQUIRE(run(devices.remove("anna", key_id, now), db));
    };
    for (alg a : {alg::es256, alg::es384, alg::es512, alg::es256k, alg::ed25519})
        add("phone", private_key::generate(a)->public_part(), a);
    for (alg a : {alg::rs256, alg::rs384, alg::rs512, alg::ps256, alg::ps384, alg::ps512})
        add("phone", rsa_key().public_part(), a);

    auto const pinned = device_key::from_key(rsa_key().public_part(), alg::rs256).value();
    REQUIRE(run(devices.add_unproved("anna", {.key_id = "laptop", .key = pinned}, now), db));
    CHECK(prove("laptop", alg::rs256) == errc{});
    CHECK(prove("laptop", alg::ps256) == errc::algorithm_mismatch);
    CHECK(prove("laptop", alg::rs384) == errc::algorithm_mismatch);

    CHECK(device_key::from_key(rsa_key().public_part(), alg::es256).error() == errc::unsupported_key);
    CHECK(device_key::from_key(rsa_key().public_part(), alg::hs256).error() == errc::algorithm_not_allowed);
    CHECK(device_key::from_key(rsa_key().public_part(), alg::ml_dsa_44).error() == errc::algorithm_not_allowed);
    // One key is one device, whatever it signs with.
    auto const other = device_key::from_key(rsa_key().public_part(), alg::ps256).value();
    CHECK(run(devices.add_unproved("anna", {.key_id = "another", .key = other}, now), db).error() ==
          errc::device_already_registered);
}

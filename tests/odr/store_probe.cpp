// SPDX-License-Identifier: BSL-1.0
// One version of signet among several in a program, at work on a store that all share. WHICH names its functions.
#include <signet/device.hpp>
#include <signet/proof.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/sqlite.hpp>

#include <cstdlib>
#include <string>

using namespace signet;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
constexpr proof::challenge_params login{.purpose = "login", .app = "shop", .user = "anna", .key_id = "phone-1"};

// `where` is the path of an SQLite file, or a port.
template <class Work> std::string on(std::string const& where, Work work) {
    if (where.find('/') != where.npos) {
        auto db = store::sqlite::open({.path = where});
        return db ? work(*db) : std::string{name(db.error().code)};
    }
    store::redis db{{.port = std::atoi(where.c_str()), .retry_after = std::chrono::seconds{0}}};
    auto const up = db.connect({}); // nothing was issued before
    return up ? work(db) : std::string{name(up.error().code)};
}

template <class Ruling> std::string told(Ruling const& decision) {
    return decision ? "ok" : std::string{name(decision.error().code)};
}

} // namespace

#define JOINED_(verb, which) verb##_##which
#define JOINED(verb, which) JOINED_(verb, which)
#define OF_THIS(verb) JOINED(verb, WHICH)

/// Issues a challenge and signs it: the answer, which any version may redeem.
std::string OF_THIS(issue)(std::string const& where, std::string const& key) {
    return on(where, [&](auto& db) -> std::string {
        auto const challenge = run(proof::issue_challenge(login, now), db);
        if (!challenge) return std::string{name(challenge.error().code)};
        return *proof::sign_challenge(*private_key::from_pem(key), alg::ed25519, *challenge, login);
    });
}
std::string OF_THIS(redeem)(std::string const& where, std::string const& key, std::string const& answer) {
    return on(where, [&](auto& db) {
        auto const shown = private_key::from_pem(key)->public_part();
        return told(run(proof::redeem_challenge(answer, login, shown, alg::ed25519, now), db));
    });
}
std::string OF_THIS(use)(std::string const& where, std::string const& jti) {
    return on(where, [&](auto& db) {
        return told(run(proof::replay_check{proof::jti_key("uri", jti), now + std::chrono::seconds{60}, now, now}, db));
    });
}
std::string OF_THIS(add)(std::string const& where, std::string const& key, std::string const& key_id) {
    return on(where, [&](auto& db) {
        device::device_registry const devices{"shop"};
        auto const shown = *proof::device_key::from_key(private_key::from_pem(key)->public_part());
        return told(run(
            devices.add_unproved("anna", {.key_id = key_id, .key = shown, .kind = device::device_kind::mobile}, now),
            db));
    });
}
std::string OF_THIS(find)(std::string const& where, std::string const& key_id) {
    return on(where,
              [&](auto& db) { return told(run(device::device_registry{"shop"}.find("anna", key_id, now), db)); });
}
std::string OF_THIS(block)(std::string const& where, std::string const& key_id) {
    return on(where,
              [&](auto& db) { return told(run(device::device_registry{"shop"}.block("anna", key_id, now), db)); });
}
std::string OF_THIS(fresh_key)() {
    return std::string{as_text(private_key::generate(alg::ed25519)->to_pem().reveal())};
}

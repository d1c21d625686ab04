// The code of docs/guide/webauthn.md: a site that registers passkeys and logs in by them.
#include "device.hpp"

#include <signet/crypto/random.hpp>
#include <signet/device/registry.hpp>

#include <map>

using namespace webauthn_test;

namespace guide {

// [policy]
constexpr std::string_view origins[] = {"https://shop.example"};
constexpr webauthn::relying_party shop{{.rp_id = "shop.example", .name = "Shop", .origins = origins}};
// [/policy]

// [server]
// What a server answers with, and the sessions' part of it: who is logged in, and which visitor asks.
webauthn::credentials const passkeys{"shop.example"};

// POST /passkeys/begin, for a user who is logged in. The result is the body.
result<std::string> begin_adding(std::string_view user, std::string_view name, std::string_view session, unix_time now,
                                 store::memory& db) {
    return run(webauthn::begin_registration(shop, {.user = user, .user_name = name, .session = session}, now), db);
}
// POST /passkeys/finish; the body is the answer.
result<void> finish_adding(std::string_view user, std::string_view body, std::string_view session, unix_time now,
                           store::memory& db) {
    auto const made =
        run(webauthn::finish_registration(shop, body, {.user = user, .session = session, .label = "Phone"}, now), db);
    if (!made) return webauthn::outward(made.error()); // the error itself is for the log
    return {};
}
// POST /login/begin, by a visitor: no name is needed.
result<std::string> begin_logging_in(std::string_view visit, unix_time now, store::memory& db) {
    return run(webauthn::begin_login(shop, {.session = visit}, now), db);
}
// POST /login/finish: who it is. Begin the session with `login->proof.key` as its key, or without.
result<std::string> finish_logging_in(std::string_view body, std::string_view visit, unix_time now, store::memory& db) {
    auto const login = run(webauthn::finish_login(shop, body, {.session = visit}, now), db);
    if (!login) return webauthn::outward(login.error());
    return login->credential.user;
}
// [/server]

device::device_registry const devices{"shop"};

// [device]
// After finish_registration: the passkey's authenticator becomes a device of its user.
result<device::added_device> add_device(webauthn::attested const& made, unix_time now, store::memory& db) {
    auto const key = device::attested_key::from(made); // a passkey that can be synced is refused
    if (!key) return key.error();
    auto const key_id = codec::base64url_encode(key->key().thumbprint()); // a credential id can be too long
    return run(devices.add_attested(made.credential.user, {.key_id = key_id, .key = key->key()}, *key, now), db);
}
// After finish_login: which device it was; blocked and suspended ones are not usable.
result<device::registered_device> find_device(webauthn::login const& login, unix_time now, store::memory& db) {
    return run(devices.find_by_key(login.credential.user, login.proof.key.thumbprint(), now), db);
}
// [/device]

// What an application keeps in its database.
std::map<bytes, bytes> credentials;   // by id
std::map<std::string, bytes> handles; // by user

// [begin]
// For `PublicKeyCredential.parseCreationOptionsFromJSON`. Keep the challenge for five minutes, with the user's session.
result<std::string> begin_registration(std::string_view user, std::string_view challenge) {
    return webauthn::write_creation_options(
        shop, {.challenge = challenge, .user_handle = handles.at(std::string{user}), .user_name = user});
}
// [/begin]

// [finish]
// `answer` is the credential's `toJSON()` as text. Take the challenge out of the session first, whatever follows.
result<void> finish_registration(std::string_view user, std::string_view challenge, std::string_view answer,
                                 unix_time now) {
    auto made = webauthn::judge_registration(answer, {.rp = shop, .challenge = challenge}, now);
    if (!made) return made.error();
    auto& credential = made->credential;
    credential.user = user;
    credential.user_handle = handles.at(std::string{user});
    auto const octets = webauthn::write_credential(credential);
    if (!octets) return octets.error();
    // An id belongs to one user for ever: an insert that finds it taken is a refusal.
    if (!credentials.emplace(credential.id, *octets).second) return errc::credential_registered;
    return {};
}
// [/finish]

// [login]
// Without a user name: the passkey says who it is. `user_known` is false, so the answer must have the user's handle.
result<std::string> log_in(std::string_view challenge, std::string_view answer, unix_time now) {
    auto const claimed = webauthn::read_claimed_credential(answer);
    if (!claimed) return claimed.error();
    auto const found = credentials.find(claimed->id);
    if (found == credentials.end()) return errc::webauthn_credential_unknown;
    auto stored = webauthn::read_credential(found->second);
    if (!stored) return stored.error();
    auto const seen =
        webauthn::judge_assertion(answer, {.rp = shop, .challenge = challenge, .user_known = false}, *stored);
    if (!seen) return seen.error();
    stored->count = seen->count, stored->backed_up = seen->backed_up, stored->last_used = now;
    found->second = *webauthn::write_credential(*stored); // in one step, and only if nobody else wrote meanwhile
    return stored->user;                                  // seen->key is evidence, as after a DPoP proof
}
// [/login]

} // namespace guide

TEST_CASE("docs/guide/webauthn.md: a passkey is registered once and logs its user in") {
    guide::handles["anna"] = bytes(64, 0x33);
    auto const options = guide::begin_registration("anna", challenge);
    REQUIRE(options);
    CHECK(options->find(challenge) != std::string::npos);
    registration r;
    CHECK(guide::finish_registration("anna", challenge, r.answer(), now));
    CHECK(guide::finish_registration("anna", challenge, r.answer(), now).error() == errc::credential_registered);
    assertion a;
    a.key = r.key, a.count = 1;
    CHECK(reason(guide::log_in(challenge, a.answer(), now)) == "webauthn_user_handle");
    a.user_handle = '"' + codec::base64url_encode(bytes(64, 0x33)) + '"';
    CHECK(guide::log_in(challenge, a.answer(), now).value() == "anna");
    CHECK(reason(guide::log_in(challenge, a.answer(), now)) == "webauthn_counter");
    a.id = bytes(5, 5);
    CHECK(reason(guide::log_in(challenge, a.answer(), now)) == "webauthn_credential_unknown");
}

TEST_CASE("The guide's server registers a passkey and logs in by it; refusals look alike") {
    store::memory db;
    passkey key;
    auto const creation = guide::begin_adding("user-1", "anna", "s1", now, db);
    REQUIRE(creation);
    REQUIRE(guide::finish_adding("user-1", key.created(*creation), "s1", now, db));
    CHECK(run(guide::passkeys.list("user-1", now), db)->size() == 1);
    auto const request = guide::begin_logging_in("visit", now, db);
    REQUIRE(request);
    auto const answer = key.asserted(*request);
    CHECK(guide::finish_logging_in(answer, "visit", now, db).value() == "user-1");
    CHECK(guide::finish_logging_in(answer, "visit", now, db).error() == errc::webauthn_refused);
    CHECK(guide::finish_adding("user-1", key.created(*creation), "s1", now, db).error() == errc::webauthn_refused);
}

TEST_CASE("docs/guide/webauthn.md: a passkey with RS256 becomes a device with RS256, which a login finds") {
    store::memory db;
    passkey key{1, -257};
    auto const made = register_passkey(key, db, anna);
    REQUIRE(made);
    auto const added = guide::add_device(*made, now, db);
    REQUIRE(added);
    CHECK(added->evidence == device::key_evidence::registration);
    auto const in = log_in(key, db);
    REQUIRE(in);
    auto const found = guide::find_device(*in, now, db);
    REQUIRE(found);
    CHECK(found->device_id == added->device_id);
    CHECK(found->key.algorithm_id() == alg::rs256);
    CHECK(found->key_id.size() == 43);

    passkey synced{2};
    synced.made.flags |= be;
    auto const other = register_passkey(synced, db, bert);
    REQUIRE(other);
    CHECK(reason(guide::add_device(*other, now, db)) == "device_not_compliant");

    passkey self{3};
    self.made.self_attested();
    auto const signed_it = register_passkey(self, db, bert);
    REQUIRE(signed_it);
    CHECK(guide::add_device(*signed_it, now, db)->evidence == device::key_evidence::possession);
}

// The code of docs/guide/webauthn.md: a site that registers passkeys and logs in by them.
#include "authenticator.hpp"

#include <signet/crypto/random.hpp>

#include <map>

using namespace webauthn_test;

namespace guide {

// [policy]
constexpr std::string_view origins[] = {"https://shop.example"};
constexpr webauthn::relying_party shop{{.rp_id = "shop.example", .name = "Shop", .origins = origins}};
// [/policy]

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

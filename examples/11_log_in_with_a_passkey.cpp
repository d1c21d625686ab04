// SPDX-License-Identifier: BSL-1.0
// A passkey is registered, logs its user in without a name, and confirms a payment. The browser and the authenticator
// are the last part of this file, so that it runs by itself; a page uses `navigator.credentials` instead.
#include <signet/codec.hpp>
#include <signet/crypto.hpp>
#include <signet/dbsc.hpp>
#include <signet/jose/cose_key.hpp>
#include <signet/session.hpp>
#include <signet/store/memory.hpp>
#include <signet/webauthn.hpp>

#include <iostream>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

store::memory db;

// [site]
// The site. A policy that contradicts itself does not compile.
constexpr std::string_view origins[] = {"https://shop.example"};
constexpr webauthn::relying_party site{{.rp_id = "shop.example", .name = "Shop", .origins = origins}};
webauthn::credentials const passkeys{"shop.example"};
// [/site]

// [register]
// Anna is logged in, by a password say, with the session "s1". Two requests add a passkey.
result<std::string> begin_adding(std::string_view user, std::string_view session, unix_time now) {
    return run(webauthn::begin_registration(site, {.user = user, .user_name = user, .session = session}, now), db);
}
result<void> finish_adding(std::string_view answer, std::string_view user, std::string_view session, unix_time now) {
    auto const made = run(
        webauthn::finish_registration(site, answer, {.user = user, .session = session, .label = "Laptop"}, now), db);
    if (!made) return made.error();
    return {};
}
// [/register]

// [login]
// Later, at another visit: nobody is known. The passkey says who it is, and its user was verified by a PIN or a finger.
result<session::issued_session> log_in(session::login_sessions const& sessions, std::string_view answer,
                                       std::string_view visit, unix_time now) {
    auto const login = run(webauthn::finish_login(site, answer, {.session = visit}, now), db);
    if (!login) return webauthn::outward(login.error()); // all refusals look alike; the error itself is for the log
    auto const& user = login->credential.user;
    auto const registered = run(passkeys.list(user, now), db);
    if (!registered) return registered.error();

    // Which tier it is: attested, bound to its device, or perhaps synced. A device bound session may follow.
    result<dbsc::bound_session> const none = errc::cookie_missing;
    session::backing_evidence const evidence{.passkey = session::passkey_status::from(*login),
                                             .held = session::held_status::from(*registered),
                                             .dbsc =
                                                 session::dbsc_status::from(none, {.login = visit, .user = user}, now),
                                             .browser_key = session::browser_key_status::none()};
    auto const decision = decide_backing(session::backed_use::login, evidence, {.login = session::backing::passkey});
    if (decision.step != session::backing_step::proceed) return errc::webauthn_refused;
    auto const tier = session::traits(session::shown(evidence));
    return run(sessions.log_in({.user = user, .level = tier.level, .methods = tier.methods}, {}, now), db);
}
// [/login]

// [confirm]
// A payment: the challenge is bound to the user, the session and the amount, so that the answer is worth nothing else.
result<std::string> begin_paying(std::string_view user, std::string_view session, std::string_view payment,
                                 unix_time now) {
    return run(webauthn::begin_login(site, {.user = user, .session = session, .action = payment}, now), db);
}
result<void> pay(std::string_view answer, std::string_view user, std::string_view session, std::string_view payment,
                 unix_time now) {
    auto const confirmed =
        run(webauthn::finish_login(site, answer, {.user = user, .session = session, .action = payment}, now), db);
    if (!confirmed) return webauthn::outward(confirmed.error());
    return {}; // and now the payment
}
// [/confirm]

// ---- The browser and the authenticator, in software: a page has `navigator.credentials` instead.

void append(bytes& to, bytes_view more) { to.insert(to.end(), more.begin(), more.end()); }

// A text of options, by its path.
std::string text_in(std::string_view options, std::initializer_list<std::string_view> path) {
    auto const document = codec::json_document::parse(options);
    if (!document) return {};
    auto at = document->root();
    for (auto name : path) {
        auto const member = at.find(name);
        if (!member) return {};
        at = *member;
    }
    auto const text = at.as_string();
    return text ? std::string{*text} : std::string{};
}

class authenticator {
public:
    // Answers creation options: a new key, for this site and user.
    std::string create(std::string_view options) {
        handle_ = text_in(options, {"user", "id"});
        auto data = authenticator_data(0x45); // user present, user verified, a credential follows
        append(data, bytes(16));              // no AAGUID
        append(data, bytes{0, static_cast<std::uint8_t>(id_.size())});
        append(data, id_);
        append(data, *jose::to_cose({key_.public_part(), alg::ed25519, -8}));
        // {"fmt": "none", "attStmt": {}, "authData": data} in CBOR
        bytes object{0xa3, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n',  'e',
                     0x67, 'a',  't', 't', 'S', 't',  'm', 't', 0xa0, 0x68,
                     'a',  'u',  't', 'h', 'D', 'a',  't', 'a', 0x58, static_cast<std::uint8_t>(data.size())};
        append(object, data);
        return answer("webauthn.create", options, R"("attestationObject":")" + codec::base64url_encode(object) + '"');
    }
    // Answers request options: the user touches it and is verified.
    [[nodiscard]] std::string get(std::string_view options) {
        ++count_;
        auto const data = authenticator_data(0x05);
        auto message = data;
        append(message, crypto::sha256(as_bytes(client_data("webauthn.get", options))));
        auto const signature = *crypto::sign(key_, alg::ed25519, message);
        return answer("webauthn.get", options,
                      R"("authenticatorData":")" + codec::base64url_encode(data) + R"(","signature":")" +
                          codec::base64url_encode(signature) + R"(","userHandle":")" + handle_ + '"');
    }

private:
    [[nodiscard]] bytes authenticator_data(std::uint8_t flags) const {
        auto const site_hash = crypto::sha256(as_bytes("shop.example"));
        bytes data{site_hash.begin(), site_hash.end()};
        append(data, bytes{flags, 0, 0, 0, count_});
        return data;
    }
    [[nodiscard]] static std::string client_data(std::string const& type, std::string_view options) {
        return R"({"type":")" + type + R"(","challenge":")" + text_in(options, {"challenge"}) +
               R"(","origin":"https://shop.example","crossOrigin":false})";
    }
    [[nodiscard]] std::string answer(std::string const& type, std::string_view options,
                                     std::string const& response) const {
        auto const id = codec::base64url_encode(id_);
        return R"({"type":"public-key","id":")" + id + R"(","rawId":")" + id +
               R"(","clientExtensionResults":{},"response":{"clientDataJSON":")" +
               codec::base64url_encode(as_bytes(client_data(type, options))) + "\"," + response + "}}";
    }

    private_key key_ = *private_key::generate(alg::ed25519);
    bytes id_ = bytes(16, 0x2a); // a real one is random
    std::string handle_{};       // what it keeps of the user
    std::uint8_t count_ = 0;
};

} // namespace

int main() {
    unix_time const now{1'800'000'000s};
    auto const sessions = session::login_sessions::make("acme", "shop", *mac_key::generate(alg::hs256));
    if (!sessions) return 1;
    authenticator laptop;

    auto const creation = begin_adding("anna", "s1", now);
    if (!creation || !finish_adding(laptop.create(*creation), "anna", "s1", now)) return 2;

    auto const request = run(webauthn::begin_login(site, {.session = "visit-7"}, now + 60s), db);
    if (!request) return 3;
    auto const answer = laptop.get(*request);
    auto const in = log_in(*sessions, answer, "visit-7", now + 60s);
    if (!in) return 4;
    std::cout << in->session.user() << " is logged in by " << in->session.methods() << ", level "
              << int{in->session.level()} << '\n';

    auto const again = log_in(*sessions, answer, "visit-7", now + 61s);
    std::cout << "the same answer again: " << (again ? "accepted" : again.error().name()) << '\n';
    if (again) return 5;

    auto const shown = begin_paying("anna", "s2", "pay 12 EUR to bert", now + 90s);
    auto const other = begin_paying("anna", "s2", "pay 12 EUR to bert", now + 90s);
    if (!shown || !other) return 6;
    bool const paid{pay(laptop.get(*shown), "anna", "s2", "pay 12 EUR to bert", now + 95s)};
    bool const bent{pay(laptop.get(*other), "anna", "s2", "pay 1200 EUR to carl", now + 95s)};
    std::cout << "12 to Bert: " << (paid ? "paid" : "refused")
              << "; 1200 to Carl with that answer: " << (bent ? "paid" : "refused") << '\n';
    return paid && !bent ? 0 : 7;
}

// A native application that does what a browser does: its logins at the demo site are bound to a key in an encrypted
// file.
#include "../json_object.hpp"
#include "../pkcs11/key_file.hpp"
#include "https.hpp"

#include <signet/codec.hpp>
#include <signet/dbsc.hpp>
#include <signet/device.hpp>
#include <signet/http.hpp>
#include <signet/jose.hpp>
#include <signet/proof.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>

using namespace signet;

namespace {

// A value of a form (application/x-www-form-urlencoded): a password may hold '&', '+' or '%'.
std::string form_encoded(std::string_view text) {
    static char const digits[] = "0123456789ABCDEF";
    std::string out;
    for (char const c : text) {
        auto const octet = static_cast<unsigned char>(c);
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
            c == '_')
            out += c;
        else (out += '%') += {digits[octet >> 4], digits[octet & 15]};
    }
    return out;
}

unix_time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

std::string member(std::string_view json, std::string_view name) {
    auto const document = codec::json_document::parse(json);
    if (!document || !document->root().is_object()) return {};
    auto const value = document->root().find(name);
    return value ? std::string{value->as_string().value_or(std::string_view{})} : std::string{};
}

struct application {
    client::https site;
    local_key<es256> key;
    std::string user, session{}, challenge{}; // the bound session's id, and the last challenge for it
    int failed = 0;

    bool step(std::string_view what, bool good) {
        std::cout << (good ? "ok      " : "FAILED  ") << what << '\n';
        failed += good ? 0 : 1;
        return good;
    }

    // [register]
    // The answer to the login tells where to register a key, and for which challenge.
    bool log_in(std::string const& path, std::string const& password) {
        auto const in = site.request("POST", path, {{"Content-Type", "application/x-www-form-urlencoded"}},
                                     "user=" + form_encoded(user) + "&password=" + form_encoded(password));
        auto const offers = http::sf::parse_list(in.field("secure-session-registration"));
        if (in.status != 303 || !offers || offers->empty()) return false;
        auto const* where = offers->front().params.find("path");
        auto const* what = offers->front().params.find("challenge");
        if (!where || !what || !where->as_string() || !what->as_string()) return false;
        auto const proof = dbsc::sign_registration(key.key(), alg::es256, *what->as_string());
        if (!proof) return false;
        auto const done = site.request("POST", std::string{*where->as_string()}, {{"Secure-Session-Response", *proof}});
        session = member(done.body, "session_identifier");
        remember_challenge(done);
        return done.status == 200 && !session.empty();
    }
    // [/register]

    void remember_challenge(client::answer const& a) {
        auto const list = http::sf::parse_list(a.field("secure-session-challenge"));
        if (list && !list->empty() && list->front().value.as_string()) challenge = *list->front().value.as_string();
    }

    // [refresh]
    // When the bound cookie is gone: sign the challenge that is known; where the server wants another one signed, do
    // that.
    client::answer refresh(private_key const& with) {
        client::answer done;
        for (int tries = 0; tries != 3; ++tries) {
            auto const proof = dbsc::sign_refresh(with, alg::es256, challenge);
            if (!proof) return {};
            done = site.request("POST", "/dbsc/refresh",
                                {{"Sec-Secure-Session-Id", session}, {"Secure-Session-Response", *proof}});
            remember_challenge(done);
            if (done.status != 403) break;
        }
        return done;
    }
    // [/refresh]

    // A challenge of the site for that purpose, signed.
    std::string answer_to_challenge(std::string_view purpose, std::string_view action = {}) {
        std::string const from = purpose == "device-session" ? "/device/session/challenge"
                                                             : "/device/challenge"; // the former needs no login
        auto const got = site.request("POST", from, {{"Content-Type", "application/json"}},
                                      object({{"purpose", purpose}, {"action", action}}));
        auto const text = proof::sign_challenge(key, member(got.body, "challenge"),
                                                {.purpose = purpose, .app = "shop", .action = action});
        return text ? *text : std::string{};
    }

    void run_through() {
        auto const json = std::pair<std::string_view, std::string>{"Content-Type", "application/json"};
        auto const jwk = *jose::to_json(jose::public_jwk{{}, key.key().public_part()});

        auto const bound = site.cookies["__Host-bound"];
        if (!step("the bound page is served", site.request("GET", "/account").status == 200 && !bound.empty())) return;
        site.cookies["__Host-bound"][bound.size() / 2] ^= 1;
        step("with a bound cookie that was made up it is not", site.request("GET", "/account").status == 401);
        site.cookies.erase("__Host-bound");
        step("another key renews nothing", refresh(local_key<es256>::generate()->key()).status == 403);
        step("the key does", refresh(key.key()).status == 200 && site.cookies["__Host-bound"] != bound);
        step("and the page is served again", site.request("GET", "/account").status == 200);

        auto const device = site.request("POST", "/device/register", {json},
                                         object({{"jwk", jwk}, {"answer", answer_to_challenge("register-device")}}));
        auto const key_id = member(device.body, "key_id");
        step("the key is a device of the user's",
             device.status == 200 && key_id == jose::thumbprint(key.key().public_part()));
        auto const confirmed = site.request("POST", "/confirm/challenge", {json},
                                            object({{"key_id", key_id},
                                                    {"action", "pay 3 apples"},
                                                    {"answer", answer_to_challenge("confirm", "pay 3 apples")}}));
        step("it confirms by a signed challenge", confirmed.status == 200);

        // [action]
        device::device_client here{key, "shop"};
        auto const begun = site.request("POST", "/device/session", {json},
                                        object({{"jwk", jwk}, {"answer", answer_to_challenge("device-session")}}));
        here.received({.id = member(begun.body, "id"), .token = member(begun.body, "token")}, now());
        auto const confirm = [&](std::string_view action_type) {
            auto const secure = here.secure_session_token(action_type, now());
            auto const token = here.session_token();
            if (!secure || !token) return 0u;
            return site
                .request(
                    "POST", "/confirm/token", {json},
                    object(
                        {{"session_token", *token}, {"secured_session_token", *secure}, {"action_type", action_type}}))
                .status;
        };
        // [/action]
        step("a secure action token confirms", confirm("transaction") == 200);
        step("one for another action does not", confirm("login") == 403);

        // [dpop]
        auto const token_url = site.origin() + "/oauth/token";
        auto const ask_token = [&](std::string_view nonce) {
            auto const proof = proof::make_dpop_proof(key, {.method = "POST", .url = token_url, .nonce = nonce}, now());
            return site.request("POST", "/oauth/token", {{"DPoP", proof.value_or(std::string{})}});
        };
        auto issued = ask_token({});
        if (issued.status == 400)
            issued = ask_token(issued.field("dpop-nonce")); // use_dpop_nonce: again, with the nonce
        auto const token = member(issued.body, "access_token");
        auto const orders = site.origin() + "/api/orders";
        auto const ask = [&](auto const& with, std::string_view nonce) {
            auto const proof = proof::make_dpop_proof(
                with, {.method = "GET", .url = orders, .access_token = token, .nonce = nonce}, now());
            return site.request("GET", "/api/orders",
                                {{"Authorization", "DPoP " + token}, {"DPoP", proof.value_or(std::string{})}});
        };
        auto answer = ask(key, issued.field("dpop-nonce"));
        if (answer.status == 401) answer = ask(key, answer.field("dpop-nonce"));
        // [/dpop]
        step("a token bound to the key", issued.status == 200 && !token.empty());
        step("the API answers to the token with a proof of its key", answer.status == 200);
        step("not to a proof of another key",
             ask(*local_key<es256>::generate(), answer.field("dpop-nonce")).status == 401);
        step("nor to the token alone",
             site.request("GET", "/api/orders", {{"Authorization", "Bearer " + token}}).status == 401);

        auto const copied = site.cookies; // what a thief has
        step("log out", site.request("POST", "/logout").status == 303);
        site.cookies = copied;
        step("copied cookies are worth nothing afterwards", site.request("GET", "/account").status == 401);
        auto const after = refresh(key.key());
        step("and the key is told that the session is over",
             after.status == 200 && after.body.find(R"("continue":false)") != std::string::npos);
        step("which renewed nothing", site.request("GET", "/account").status == 401);
    }
};

} // namespace

// usage: device_client HOST PORT CERTIFICATE KEY_FILE USER PASSWORD      the key's passphrase is in SIGNET_PASSPHRASE
int main(int argc, char** argv) {
    auto const* phrase = std::getenv("SIGNET_PASSPHRASE");
    if (argc != 7 || !phrase) {
        std::cerr << "usage: SIGNET_PASSPHRASE=... device_client HOST PORT CERTIFICATE KEY_FILE USER PASSWORD\n";
        return 2;
    }
    auto const passphrase = secret::copy_of(as_bytes(phrase));
    auto key = read_key_file<es256>(argv[4], passphrase);
    bool const fresh = !key && key.error() == errc::unknown_key;
    if (fresh) key = make_key_file<es256>(argv[4], passphrase);
    if (!key) {
        std::cerr << message(key.error().code) << '\n';
        return 1;
    }
    try {
        application app{{argv[1], argv[2], argv[3]}, *key, argv[5]};
        bool const in = app.log_in("/signup", argv[6]) || app.log_in("/login", argv[6]);
        if (app.step(fresh ? "logged in, with a new key in an encrypted file" : "logged in, with the key from the file",
                     in))
            app.run_through();
        return app.failed == 0 ? 0 : 1;
    } catch (std::exception const& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}

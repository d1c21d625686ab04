#include "authenticator.hpp"

#include <signet/crypto/mac.hpp>

#include <set>

using namespace webauthn_test;

namespace {
bytes const handle(64, 0x33), first_id{1, 2, 3}, second_id{4, 5};
webauthn::credential_descriptor const known[] = {{.id = first_id, .transports = "internal hybrid"}, {.id = second_id}};
} // namespace

TEST_CASE("W56: creation options exclude what is given, offer exactly the algorithms, and say what a handle is") {
    auto const rp = shop_with([](auto& p) { p.timeout = 600s; });
    static constexpr std::string_view hints[] = {"security-key"};
    auto const text = webauthn::write_creation_options(rp, {.challenge = challenge,
                                                            .user_handle = handle,
                                                            .user_name = "anna",
                                                            .display_name = "Anna \"A\"",
                                                            .exclude = known,
                                                            .hints = hints});
    REQUIRE(text);
    CHECK(
        *text ==
        R"({"rp":{"id":"shop.example","name":"Shop"},"user":{"id":")" + codec::base64url_encode(handle) +
            R"(","name":"anna","displayName":"Anna \"A\""},"challenge":")" + std::string{challenge} +
            R"(","pubKeyCredParams":[{"type":"public-key","alg":-8},{"type":"public-key","alg":-7},{"type":"public-key","alg":-257}],)"
            R"("timeout":600000,"excludeCredentials":[{"type":"public-key","id":"AQID","transports":["internal","hybrid"]},)"
            R"({"type":"public-key","id":"BAU"}],"authenticatorSelection":{"residentKey":"required","requireResidentKey":true,)"
            R"("userVerification":"required"},"attestation":"none","hints":["security-key"],"extensions":{"credProps":true}})");
    auto const lax = shop_with([](auto& p) { p.verification = webauthn::user_verification::discouraged; });
    auto const second = webauthn::write_creation_options(
        lax, {.challenge = challenge, .user_handle = handle, .user_name = "anna", .discoverable = false});
    REQUIRE(second);
    CHECK(second->find(R"("residentKey":"discouraged","requireResidentKey":false,"userVerification":"discouraged")") !=
          std::string::npos);
    CHECK(second->find(R"("displayName":"anna")") != std::string::npos);
    CHECK(second->find(R"("excludeCredentials":[],)") != std::string::npos);
    auto const trusted = shop_with([](auto& p) {
        p.attestation = webauthn::attestation_demand::trusted;
        p.anchors = [](webauthn::aaguid const&, std::string_view) {
            return result<std::vector<certificate>>{errc::out_of_range};
        };
    });
    CHECK(webauthn::write_creation_options(trusted, {.challenge = challenge, .user_handle = handle, .user_name = "a"})
              ->find(R"("attestation":"direct")") != std::string::npos);
}

TEST_CASE("5.4, 13.4.3: options with a short challenge, a handle of another size or an impossible id are not written") {
    auto const written = [](auto change) {
        webauthn::creation_params params{.challenge = challenge, .user_handle = handle, .user_name = "anna"};
        change(params);
        return reason(webauthn::write_creation_options(shop, params));
    };
    CHECK(written([](auto&) {}) == "accepted");
    static bytes const long_handle(65, 1), long_id(1024, 1);
    static webauthn::credential_descriptor const bad_id[] = {{.id = long_id}}, no_id[] = {{.id = {}}};
    static std::vector<webauthn::credential_descriptor> const many(65, known[0]);
    for (std::string_view bad :
         {"", "AAECAwQFBgcICQoLDA0O", "AAECAwQFBgcICQoLDA0ODw==", "a challenge of many characters"})
        CHECK_MESSAGE(written([&](auto& p) { p.challenge = bad; }) == "out_of_range", bad);
    static std::string const long_challenge(4 * 44, 'A');
    CHECK(written([](auto& p) { p.challenge = long_challenge; }) == "out_of_range");
    CHECK(written([](auto& p) { p.user_handle = {}; }) == "out_of_range");
    CHECK(written([](auto& p) { p.user_handle = long_handle; }) == "out_of_range");
    CHECK(written([](auto& p) { p.user_name = ""; }) == "out_of_range");
    CHECK(written([](auto& p) { p.user_name = "\xff"; }) == "json_not_utf8");
    CHECK(written([](auto& p) { p.exclude = bad_id; }) == "out_of_range");
    CHECK(written([](auto& p) { p.exclude = no_id; }) == "out_of_range");
    CHECK(written([](auto& p) { p.exclude = many; }) == "out_of_range");
    CHECK(reason(webauthn::write_request_options(shop, {.challenge = "AA"})) == "out_of_range");
    CHECK(reason(webauthn::write_request_options(shop, {.challenge = challenge, .allow = bad_id})) == "out_of_range");
}

TEST_CASE("5.5: request options, for a known user and for whoever comes") {
    CHECK(
        *webauthn::write_request_options(shop, {.challenge = challenge, .allow = known}) ==
        R"({"challenge":")" + std::string{challenge} +
            R"(","rpId":"shop.example","timeout":300000,"allowCredentials":[)"
            R"({"type":"public-key","id":"AQID","transports":["internal","hybrid"]},{"type":"public-key","id":"BAU"}],"userVerification":"required"})");
    CHECK(*webauthn::write_request_options(shop, {.challenge = challenge}) ==
          R"({"challenge":")" + std::string{challenge} +
              R"(","rpId":"shop.example","timeout":300000,"allowCredentials":[],"userVerification":"required"})");
}

TEST_CASE("W57: decoys of an unknown name repeat, differ by name, number and key, and look like ids") {
    auto const key = *mac_key::from_secret(secret{bytes(32, 9)}, alg::hs256),
               other = *mac_key::from_secret(secret{bytes(32, 8)}, alg::hs256);
    auto const anna = webauthn::decoy_credentials(key, "anna", 3);
    CHECK(anna == webauthn::decoy_credentials(key, "anna", 3));
    CHECK(webauthn::decoy_credentials(key, "anna").size() == 1);
    CHECK(webauthn::decoy_credentials(key, "anna")[0] == anna[0]);
    std::set<bytes> all{anna.begin(), anna.end()};
    for (auto const& more : {webauthn::decoy_credentials(key, "ann", 3), webauthn::decoy_credentials(other, "anna", 3),
                             webauthn::decoy_credentials(key, "", 3)})
        all.insert(more.begin(), more.end());
    CHECK(all.size() == 12);
    for (auto const& id : all) CHECK(id.size() == 32);
    CHECK(webauthn::decoy_credentials(key, "anna", 1000).size() == 16);
    CHECK(webauthn::decoy_credentials(*mac_key::from_secret(secret{bytes(64, 9)}, alg::hs512), "anna")[0].size() == 32);
}

TEST_CASE("W58: the related origins file lists the origins") {
    CHECK(*webauthn::write_related_origins(origins) ==
          R"({"origins":["https://shop.example","https://login.shop.example:8443"]})");
    static constexpr std::string_view mixed[] = {"https://shop.example",
                                                 "android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"};
    auto const rp = shop_with([](auto& p) { p.origins = mixed, p.related_origins = related; });
    CHECK(*webauthn::write_related_origins(rp) == R"({"origins":["https://shop.example","https://shop.test"]})");
}

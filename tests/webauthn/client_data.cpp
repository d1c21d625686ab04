#include "authenticator.hpp"

using namespace webauthn_test;

namespace {

// Both ceremonies with the same change of their client data.
std::string both(std::function<void(ceremony_parts&)> const& change, webauthn::relying_party const& rp = shop) {
    auto const a = registering([&](auto& r) { change(r); }, rp), b = asserting([&](auto& r) { change(r); }, rp);
    return a == b ? std::string{a} : std::string{a} + ", " + std::string{b};
}
std::string with_client(std::string const& more) {
    return both([&](auto& p) { p.more = more; });
}
std::string member(std::string const& name, std::string const& value) {
    return both([&](auto& p) {
        std::string const type = p.type;
        std::pair<std::string, std::string> members[] = {{"type", '"' + type + '"'},
                                                         {"challenge", '"' + std::string{challenge} + '"'},
                                                         {"origin", R"("https://shop.example")"}};
        p.client = "{";
        for (auto& [n, v] : members) {
            if (n == name) v = value;
            if (!v.empty()) p.client += (p.client.size() > 1 ? ",\"" : "\"") + n + "\":" + v;
        }
        p.client += "}";
    });
}

} // namespace

TEST_CASE("W5: the type is exactly this ceremony's") {
    CHECK(both([](auto&) {}) == "accepted");
    CHECK(registering([](auto& r) { r.type = "webauthn.get"; }) == "webauthn_type");
    CHECK(asserting([](auto& r) { r.type = "webauthn.create"; }) == "webauthn_type");
    for (auto bad : {"Webauthn.create", "webauthn.create ", "", "payment.get"})
        CHECK(both([&](auto& p) { p.type = bad; }) == "webauthn_type");
    CHECK(member("type", "") == "json_member_missing");
    CHECK(member("type", "null") == "json_wrong_type");
    CHECK(member("type", "[\"webauthn.get\"]") == "json_wrong_type");
}

TEST_CASE("W6: the challenge is exactly the text that was issued") {
    for (std::string bad :
         {std::string{other_challenge}, std::string{challenge} + "=", std::string{challenge}.substr(1), std::string{}})
        CHECK(both([&](auto& p) { p.challenge = bad; }) == "webauthn_challenge");
    CHECK(member("challenge", "") == "json_member_missing");
    CHECK(member("challenge", "7") == "json_wrong_type");
    // A caller who has none has issued none.
    registration r;
    r.challenge = "";
    CHECK(reason(webauthn::judge_registration(r.answer(), {.rp = shop, .challenge = ""}, now)) == "webauthn_challenge");
}

TEST_CASE("W7: the origin is exactly one of the list, never by prefix, suffix or RP ID alone") {
    CHECK(both([](auto& p) { p.origin = origins[1]; }) == "accepted");
    for (auto bad :
         {"https://evilshop.example", "https://shop.example.evil", "https://shop.example:443", "https://shop.example/",
          "http://shop.example", "https://SHOP.example", "https://a.shop.example", "shop.example", "null", ""})
        CHECK_MESSAGE(both([&](auto& p) { p.origin = bad; }) == "webauthn_origin", bad);
    CHECK(member("origin", "") == "json_member_missing");
    auto const wide = shop_with([](auto& p) { p.related_origins = related; });
    CHECK(both([](auto& p) { p.origin = related[0]; }, wide) == "accepted");
    CHECK(both([](auto& p) { p.origin = related[0]; }) == "webauthn_origin");
}

TEST_CASE("W8: a frame of another site is refused unless it is expected") {
    auto const framed = shop_with([](auto& p) { p.cross_origin = true; });
    CHECK(with_client(R"(,"crossOrigin":false)") == "accepted");
    CHECK(with_client(R"(,"crossOrigin":true)") == "webauthn_cross_origin");
    CHECK(both([](auto& p) { p.more = R"(,"crossOrigin":true)"; }, framed) == "accepted");
    CHECK(with_client(R"(,"crossOrigin":"true")") == "json_wrong_type");
    CHECK(with_client(R"(,"crossOrigin":1)") == "json_wrong_type");
}

TEST_CASE("W9: topOrigin comes only with crossOrigin and is one of the list") {
    auto const framed = shop_with([](auto& p) { p.cross_origin = true, p.top_origins = partners; });
    auto const in = [&](std::string const& more) { return both([&](auto& p) { p.more = more; }, framed); };
    CHECK(in(R"(,"crossOrigin":true,"topOrigin":"https://partner.example")") == "accepted");
    CHECK(in(R"(,"crossOrigin":true,"topOrigin":"https://other.example")") == "webauthn_top_origin");
    CHECK(in(R"(,"crossOrigin":true,"topOrigin":"https://shop.example")") == "webauthn_top_origin");
    CHECK(in(R"(,"topOrigin":"https://partner.example")") == "webauthn_top_origin");
    CHECK(in(R"(,"crossOrigin":false,"topOrigin":"https://partner.example")") == "webauthn_top_origin");
    CHECK(in(R"(,"crossOrigin":true,"topOrigin":7)") == "json_wrong_type");
    CHECK(with_client(R"(,"crossOrigin":true,"topOrigin":"https://partner.example")") == "webauthn_cross_origin");
}

TEST_CASE("W10: unknown members, any order, escapes and a byte order mark are taken") {
    CHECK(
        with_client(
            R"(,"other_keys_can_be_added_here":"do not compare","tokenBinding":{"status":"supported"},"x":[1,{"y":null}])") ==
        "accepted");
    for (std::string form :
         {R"({"origin":"https://shop.example","challenge":"CHALLENGE","type":"TYPE"})",
          R"( { "type" : "TYPE" , "challenge" : "CHALLENGE" , "origin" : "https://shop.example" } )",
          R"({"typ\u0065":"TYPE","challenge":"CHALLENGE","origin":"https:\/\/shop.example"})",
          "\xef\xbb\xbf{\"type\":\"TYPE\",\"challenge\":\"CHALLENGE\",\"origin\":\"https://shop.example\"}"})
        CHECK_MESSAGE(both([&](auto& p) {
                          auto text = form;
                          text.replace(text.find("TYPE"), 4, p.type);
                          text.replace(text.find("CHALLENGE"), 9, challenge);
                          p.client = text;
                      }) == "accepted",
                      form);
}

TEST_CASE("W10: no UTF-8, no JSON, a name twice and no object are refused") {
    CHECK(with_client(",\"x\":\"\xff\"") == "json_not_utf8");
    CHECK(with_client(R"(,"type":"webauthn.create")") == "duplicate_json_name");
    CHECK(with_client(R"(,"orig\u0069n":"https://shop.example")") == "duplicate_json_name");
    for (auto [text, why] : {std::pair{"[]", "json_wrong_type"},
                             {"\"webauthn.get\"", "json_wrong_type"},
                             {"null", "json_wrong_type"},
                             {"{", "malformed_json"},
                             {"{}{}", "malformed_json"},
                             {"{,}", "malformed_json"},
                             {"\xef\xbb\xbf", "malformed_json"}})
        CHECK_MESSAGE(both([&](auto& p) { p.client = text; }) == why, text);
    CHECK(with_client(",\"x\":\"" + std::string(20'000, 'x') + '"') == "json_too_large");
    CHECK(with_client(",\"x\":" + std::string(40, '[') + std::string(40, ']')) == "json_too_deep");
}

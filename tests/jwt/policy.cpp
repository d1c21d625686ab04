#include "support.hpp"

#include <set>
#include <tuple>

using namespace support;

namespace {

// ---- what must not compile -----------------------------------------------------------------------------------------

template <class P>
concept issuer_may_be_forgotten = requires { P{.audience = "a", .type = "t"}; };
template <class P>
concept audience_may_be_forgotten = requires { P{.issuer = "i", .type = "t"}; };
template <class P>
concept type_may_be_forgotten = requires { P{.issuer = "i", .audience = "a"}; };
template <class P>
concept issuer_may_be_waived = requires { P{.issuer = jwt::anything, .audience = "a", .type = "t"}; };
static_assert(!issuer_may_be_forgotten<jwt::policy> && issuer_may_be_waived<jwt::policy>);
static_assert(!audience_may_be_forgotten<jwt::policy> && !type_may_be_forgotten<jwt::policy>);
static_assert(!std::default_initializable<jwt::policy> && !std::default_initializable<jwt::must_be>);
static_assert(!std::constructible_from<jwt::must_be, std::nullptr_t> && !std::constructible_from<jwt::must_be, int>);
static_assert(!std::constructible_from<jwt::expiry_rule, bool>, "a missing expiry is waived by name only");

auto const good = R"({"iss":"https://id.example","aud":"orders","exp":1658060133})";

} // namespace

TEST_CASE("RFC 7519 4.1.1 iss: another one, a missing one and one that is no string are refused") {
    CHECK(judge(strict(), good) == accepted);
    CHECK(judge(strict(), R"({"iss":"https://id.example/","aud":"orders","exp":1658060133})") == errc::wrong_issuer);
    CHECK(judge(strict(), R"({"iss":"HTTPS://id.example","aud":"orders","exp":1658060133})") == errc::wrong_issuer);
    CHECK(judge(strict(), R"({"aud":"orders","exp":1658060133})") == errc::wrong_issuer);
    CHECK(judge(strict(), R"({"iss":null,"aud":"orders","exp":1658060133})") == errc::claim_wrong_type);
    CHECK(judge(strict(), R"({"iss":["https://id.example"],"aud":"orders","exp":1658060133})") ==
          errc::claim_wrong_type);

    auto rules = strict();
    rules.issuer = jwt::one_of{"https://old.example", "https://id.example"};
    CHECK(judge(rules, good) == accepted);
    rules.issuer = jwt::one_of{"https://old.example"};
    CHECK(judge(rules, good) == errc::wrong_issuer);
    rules.issuer = jwt::one_of(std::vector<std::string>{});
    CHECK(judge(rules, good) == errc::wrong_issuer);
    rules.issuer = "";
    CHECK(judge(rules, R"({"aud":"orders","exp":1658060133})") == errc::wrong_issuer);
    rules.issuer = jwt::anything;
    CHECK(judge(rules, R"({"aud":"orders","exp":1658060133})") == accepted);
}

TEST_CASE("RFC 7519 4.1.3 aud: a string or an array of strings, and one of them must be ours") {
    auto const with = [](std::string aud) {
        return R"({"iss":"https://id.example","exp":1658060133,"aud":)" + aud + "}";
    };
    CHECK(judge(strict(), with(R"(["billing","orders"])")) == accepted);
    CHECK(judge(strict(), with(R"(["billing"])")) == errc::wrong_audience);
    CHECK(judge(strict(), with("[]")) == errc::wrong_audience);
    CHECK(judge(strict(), with(R"("orders2")")) == errc::wrong_audience);
    CHECK(judge(strict(), R"({"iss":"https://id.example","exp":1658060133})") == errc::wrong_audience);
    CHECK(judge(strict(), with(R"(["orders",1])")) == errc::claim_wrong_type);
    CHECK(judge(strict(), with(R"({"orders":1})")) == errc::claim_wrong_type);
    CHECK(judge(strict(), with("7")) == errc::claim_wrong_type);
    auto rules = strict();
    rules.audience = jwt::one_of{"shop", "orders"};
    CHECK(judge(rules, with(R"(["orders","x"])")) == accepted);
}

TEST_CASE("RFC 7515 4.1.9 typ: case does not matter and application/ may be left out") {
    auto const typed = [](std::string_view typ) {
        return judge(strict(), good, now, header_of<hs256>(R"(,"kid":"k1","typ":")" + std::string{typ} + '"'));
    };
    CHECK(typed("at+jwt") == accepted);
    CHECK(typed("AT+JWT") == accepted);
    CHECK(typed("application/at+jwt") == accepted);
    CHECK(typed("Application/At+Jwt") == accepted);
    CHECK(typed("JWT") == errc::wrong_type);
    CHECK(typed("") == errc::wrong_type);
    CHECK(typed("application/") == errc::wrong_type);
    CHECK(typed("application/at+jwt/x") == errc::wrong_type);
    CHECK(typed("text/at+jwt") == errc::wrong_type);
    CHECK(judge(strict(), good, now, header_of<hs256>(R"(,"kid":"k1")")) == errc::wrong_type);
    auto rules = strict();
    rules.type = "application/at+jwt";
    CHECK(judge(rules, good) == accepted);
}

TEST_CASE("RFC 7519 4.1.4 exp: on or after it the token is refused; leeway, fractions and absence") {
    auto const at = [](std::string exp, unix_time t, std::chrono::seconds leeway = 0s) {
        auto rules = lenient();
        rules.expiry = {};
        rules.leeway = leeway;
        return judge(rules, R"({"exp":)" + exp + "}", t);
    };
    CHECK(at("1000", unix_time{999s}) == accepted);
    CHECK(at("1000", unix_time{1000s}) == errc::expired);
    CHECK(at("1000.5", unix_time{1000s}) == accepted);
    CHECK(at("1000.5", unix_time{1001s}) == errc::expired);
    CHECK(at("1000", unix_time{1029s}, 30s) == accepted);
    CHECK(at("1000", unix_time{1030s}, 30s) == errc::expired);
    CHECK(at("1000", unix_time{1000s}, -30s) == errc::expired);
    CHECK(at("1000", unix_time{999s}, -30s) == accepted);
    CHECK(at("-1", now) == errc::out_of_range);
    CHECK(at("1e30", now) == errc::out_of_range);
    CHECK(at("18446744073709551617", now) == errc::out_of_range);
    CHECK(at(R"("1000")", now) == errc::claim_wrong_type);
    CHECK(at("null", now) == errc::claim_wrong_type);
    CHECK(at("true", now) == errc::claim_wrong_type);
    CHECK(at("253402300799", now) == accepted);
    CHECK(at("253402300799", latest_time, std::chrono::seconds::max()) == accepted);
    CHECK(at("0", unix_time{1s}, std::chrono::seconds::max()) == errc::expired);

    auto rules = lenient();
    CHECK(judge(rules, "{}") == accepted);
    CHECK(judge(rules, R"({"exp":1000})") == errc::expired);
    rules.expiry = {};
    CHECK(judge(rules, "{}") == errc::expiry_missing);
}

TEST_CASE("RFC 7519 4.1.5 nbf and 4.1.6 iat: not before its time, not issued in the future, each with its errc") {
    auto const at = [](std::string payload, unix_time t, std::chrono::seconds leeway = 0s) {
        auto rules = lenient();
        rules.leeway = leeway;
        rules.max_ahead = 0s;
        return judge(rules, payload, t);
    };
    CHECK(at(R"({"nbf":1000})", unix_time{1000s}) == accepted);
    CHECK(at(R"({"nbf":1000})", unix_time{999s}) == errc::not_yet_valid);
    CHECK(at(R"({"nbf":1000.000000001})", unix_time{1000s}) == errc::not_yet_valid);
    CHECK(at(R"({"nbf":1000})", unix_time{970s}, 30s) == accepted);
    CHECK(at(R"({"nbf":1000})", unix_time{969s}, 30s) == errc::not_yet_valid);
    CHECK(at(R"({"iat":1000})", unix_time{1000s}) == accepted);
    CHECK(at(R"({"iat":1000})", unix_time{999s}) == errc::issued_in_future);
    CHECK(at(R"({"iat":1000})", unix_time{970s}, 30s) == accepted);
    CHECK(at(R"({"iat":1000})", unix_time{969s}, 30s) == errc::issued_in_future);
    CHECK(at(R"({"iat":"1000"})", now) == errc::claim_wrong_type);
}

TEST_CASE("T13: an issuer's clock may be a minute ahead, for nbf and iat; exp is not extended") {
    auto rules = lenient();
    CHECK(judge(rules, R"({"iat":1000,"nbf":1000})", unix_time{999s}) == accepted);
    CHECK(judge(rules, R"({"iat":1000})", unix_time{940s}) == accepted);
    CHECK(judge(rules, R"({"iat":1000})", unix_time{939s}) == errc::issued_in_future);
    CHECK(judge(rules, R"({"nbf":1000})", unix_time{939s}) == errc::not_yet_valid);
    CHECK(judge(rules, R"({"exp":1000})", unix_time{999s}) == accepted);
    CHECK(judge(rules, R"({"exp":1000})", unix_time{1000s}) == errc::expired);
    rules.leeway = 90s; // the larger of both
    CHECK(judge(rules, R"({"iat":1000})", unix_time{910s}) == accepted);
    CHECK(judge(rules, R"({"iat":1000})", unix_time{909s}) == errc::issued_in_future);
    rules.leeway = 0s;
    rules.max_ahead = -5s; // counts as 0
    CHECK(judge(rules, R"({"iat":1000})", unix_time{1000s}) == accepted);
    CHECK(judge(rules, R"({"iat":1000})", unix_time{999s}) == errc::issued_in_future);
    rules.max_age = 100s;
    rules.max_ahead = 60s; // nor is max_age
    CHECK(judge(rules, R"({"iat":1000})", unix_time{1101s}) == errc::too_old);
}

TEST_CASE("T13: a token of 11,400 characters, as of Entra ID with 200 groups, is accepted by default, in both forms") {
    std::string payload = R"({"sub":"ann","groups":[)";
    for (int i = 0; i != 200; ++i) {
        auto const n = std::to_string(1000 + i);
        payload += (i ? ",\"" : "\"") + n + n + "-" + n + "-" + n + "-" + n + "-" + n + n + n + "\"";
    }
    payload += "]}";
    auto const text = signed_token(header_of<hs256>(), payload);
    REQUIRE(text.size() > 10'000);
    REQUIRE(text.size() < 11'500);
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    jwt::scratch<> buffer;
    auto const token = v.verify(text, now);
    REQUIRE(token);
    CHECK(token->claim<std::vector<std::string_view>>("groups")->size() == 200);
    CHECK(v.verify(text, buffer, now));
    CHECK(buffer.capacity() == jwt::default_max_token);
    CHECK(lenient().max_token == jwt::default_max_token);
    auto small = lenient();
    small.max_token = 8192;
    CHECK(jwt::verifier<hs256>{keys<hs256>(), small}.verify(text, now).error() == errc::token_too_large);
}

TEST_CASE("max_age: counts from iat, which must then be there") {
    auto rules = lenient();
    rules.max_age = 100s;
    CHECK(judge(rules, "{}") == errc::claim_missing);
    CHECK(judge(rules, R"({"iat":1000})", unix_time{1100s}) == accepted);
    CHECK(judge(rules, R"({"iat":1000})", unix_time{1101s}) == errc::too_old);
    rules.leeway = 10s;
    CHECK(judge(rules, R"({"iat":1000})", unix_time{1110s}) == accepted);
    CHECK(judge(rules, R"({"iat":1000})", unix_time{1111s}) == errc::too_old);
    rules.max_age = std::chrono::seconds::max();
    CHECK(judge(rules, R"({"iat":0})", latest_time) == accepted);
    rules.max_age = -5s;
    rules.leeway = 0s;
    CHECK(judge(rules, R"({"iat":1000})", unix_time{1000s}) == accepted);
    CHECK(judge(rules, R"({"iat":1000})", unix_time{1001s}) == errc::too_old);
}

TEST_CASE("Required claims, the subject, and a check of the application's own") {
    auto rules = lenient();
    rules.required = {"jti", "client_id"};
    CHECK(judge(rules, R"({"jti":"1","client_id":"c"})") == accepted);
    CHECK(judge(rules, R"({"jti":"1"})") == errc::claim_missing);
    CHECK(judge(rules, R"({"jti":"1","client_id":null})") == errc::claim_missing);
    rules = lenient();
    rules.subject = "ann";
    CHECK(judge(rules, R"({"sub":"ann"})") == accepted);
    CHECK(judge(rules, R"({"sub":"bob"})") == errc::wrong_subject);
    CHECK(judge(rules, "{}") == errc::wrong_subject);
    rules = lenient();
    rules.check = [](jwt::claims_view const& c) noexcept { return c.has_role("admin"); };
    CHECK(judge(rules, R"({"roles":["admin"]})") == accepted);
    CHECK(judge(rules, R"({"roles":["user"]})") == errc::claim_refused);
}

TEST_CASE("RFC 7515 4.1.9: a policy can require that typ is absent, alone or as one of the ways") {
    auto const says = [](jwt::must_be type, std::string const& header) {
        auto rules = lenient();
        rules.type = std::move(type);
        return judge(rules, "{}", now, header);
    };
    auto const none = header_of<hs256>(""), jwt_typ = header_of<hs256>(R"(,"typ":"JWT")"),
               at = header_of<hs256>(R"(,"typ":"application/at+jwt")"), empty = header_of<hs256>(R"(,"typ":"")");
    CHECK(says(jwt::absent, none) == accepted);
    CHECK(says(jwt::absent, empty) == accepted);
    CHECK(says(jwt::absent, jwt_typ) == errc::wrong_type);
    jwt::one_of const either{jwt::absent, "at+jwt"};
    CHECK(says(either, none) == accepted);
    CHECK(says(either, at) == accepted);
    CHECK(says(either, jwt_typ) == errc::wrong_type);
    CHECK(says(jwt::one_of{"at+jwt"}, none) == errc::wrong_type);
    CHECK(says(jwt::one_of{}, none) == errc::wrong_type);
}

TEST_CASE("RFC 7519 4.1.1 to 4.1.3: iss, sub and aud that must be absent, or may be") {
    auto const says = [](auto jwt::policy::* member, jwt::must_be value, std::string_view payload) {
        auto rules = lenient();
        rules.*member = std::move(value);
        return judge(rules, payload);
    };
    jwt::one_of const either{"a", jwt::absent};
    for (auto const& [member, name, refusal] : {std::tuple{&jwt::policy::issuer, "iss", errc::wrong_issuer},
                                                {&jwt::policy::audience, "aud", errc::wrong_audience},
                                                {&jwt::policy::subject, "sub", errc::wrong_subject}}) {
        CAPTURE(std::string{name});
        auto const with = [&](std::string const& json) { return "{\"" + std::string{name} + "\":" + json + "}"; };
        CHECK(says(member, jwt::absent, "{}") == accepted);
        CHECK(says(member, jwt::absent, with("\"a\"")) == refusal);
        CHECK(says(member, jwt::absent, with("\"\"")) == refusal);
        CHECK(says(member, either, "{}") == accepted);
        CHECK(says(member, either, with("\"a\"")) == accepted);
        CHECK(says(member, either, with("\"b\"")) == refusal);
        CHECK(says(member, "a", "{}") == refusal);
    }
    CHECK(says(&jwt::policy::audience, either, R"({"aud":[]})") == errc::wrong_audience);
}

TEST_CASE("Policy: rules for claims of any name and place, with the error that says which one") {
    auto const says = [](jwt::claim_rule rule, std::string_view payload) {
        auto rules = lenient();
        rules.required = {"x"};
        rules.claim_rules = {{"x", jwt::anything}, std::move(rule)};
        jwt::verifier<hs256> const v{keys<hs256>(), rules};
        auto const token = v.verify(signed_token(header_of<hs256>(), payload), now);
        if (token) return accepted;
        auto const* broken = jwt::broken_rule(token.error(), rules);
        REQUIRE(broken == &rules.claim_rules[1]);
        if (token.error() == errc::claim_missing && !broken->at.empty())
            CHECK(jwt::missing_claim(token.error(), rules) == broken->at.names().back());
        return token.error().code;
    };
    using enum errc;
    jwt::claim_rule const use{"use", "access"};
    CHECK(says(use, R"({"x":0,"use":"access"})") == accepted);
    CHECK(says(use, R"({"x":0,"use":["id","access"]})") == accepted);
    CHECK(says(use, R"({"x":0,"use":"acces"})") == claim_refused);
    CHECK(says(use, R"({"x":0,"use":"access id"})") == claim_refused);
    CHECK(says(use, R"({"x":0,"use":[]})") == claim_refused);
    CHECK(says(use, R"({"x":0,"use":[["access"]]})") == claim_refused);
    CHECK(says(use, R"({"x":0,"use":{"access":1}})") == claim_refused);
    CHECK(says(use, R"({"x":0,"use":null})") == claim_missing);
    CHECK(says(use, R"({"x":0})") == claim_missing);
    CHECK(says({"v", "1"}, R"({"x":0,"v":1})") == accepted);
    CHECK(says({"v", "1"}, R"({"x":0,"v":1.0})") == claim_refused);
    CHECK(says({"v", "true"}, R"({"x":0,"v":true})") == accepted);
    CHECK(says({"v", "true"}, R"({"x":0,"v":false})") == claim_refused);
    CHECK(says({"v", jwt::anything}, R"({"x":0,"v":[]})") == accepted);
    CHECK(says({"v", jwt::anything}, R"({"x":0})") == claim_missing);
    CHECK(says({"v", jwt::absent}, R"({"x":0})") == accepted);
    CHECK(says({"v", jwt::absent}, R"({"x":0,"v":null})") == accepted);
    CHECK(says({"v", jwt::absent}, R"({"x":0,"v":""})") == claim_refused);
    CHECK(says({"v", jwt::one_of{"a", jwt::absent}}, R"({"x":0})") == accepted);
    CHECK(says({"v", jwt::one_of{"a", jwt::absent}}, R"({"x":0,"v":"b"})") == claim_refused);
    jwt::claim_rule const nested{{"a", "b"}, "c"};
    CHECK(says(nested, R"({"x":0,"a":{"b":"c"}})") == accepted);
    CHECK(says(nested, R"({"x":0,"a.b":"c"})") == claim_missing);
    CHECK(says(nested, R"({"x":0,"a":{"b":"d"}})") == claim_refused);
    CHECK(says(nested, R"({"x":0,"a":"c"})") == claim_refused);
    jwt::claim_rule const either{.at = "azp", .value = "web", .or_at = "client_id"};
    CHECK(says(either, R"({"x":0,"azp":"web"})") == accepted);
    CHECK(says(either, R"({"x":0,"client_id":"web"})") == accepted);
    CHECK(says(either, R"({"x":0,"azp":"app","client_id":"web"})") == claim_refused); // the first that is there counts
    CHECK(says(either, R"({"x":0})") == claim_missing);
    CHECK(says({.at = "azp", .value = jwt::absent, .or_at = "client_id"}, R"({"x":0,"client_id":"web"})") ==
          claim_refused);
    CHECK(says({{}, "web"}, R"({"x":0})") == claim_missing);

    // Neither a refusal by the application's check nor a missing iat is about a rule.
    auto rules = lenient();
    rules.claim_rules = {{"x", jwt::anything}};
    CHECK(jwt::broken_rule(errc::claim_refused, rules) == nullptr);
    CHECK(jwt::broken_rule(error{errc::claim_missing, field_name::iat}, rules) == nullptr);
    CHECK(jwt::broken_rule(error{errc::wrong_issuer, 1}, rules) == nullptr);
}

TEST_CASE("Policy fingerprint: everything that decides goes in, and strings cannot run together") {
    std::set<std::array<std::uint8_t, 32>> seen;
    auto const differs = [&](auto&& change) {
        auto rules = strict();
        change(rules);
        CHECK(seen.insert(jwt::fingerprint(rules)).second);
        CHECK(jwt::fingerprint(rules) == jwt::fingerprint(jwt::policy{rules}));
    };
    differs([](jwt::policy&) {});
    differs([](jwt::policy& p) { p.issuer = "https://id.example2"; });
    differs([](jwt::policy& p) { p.issuer = jwt::anything; });
    differs([](jwt::policy& p) { p.issuer = jwt::one_of(std::vector<std::string>{}); });
    differs([](jwt::policy& p) { p.issuer = jwt::one_of{"https://id.example", ""}; });
    differs([](jwt::policy& p) { p.audience = jwt::one_of{"or", "ders"}; });
    differs([](jwt::policy& p) { p.audience = "shop"; });
    differs([](jwt::policy& p) { p.type = jwt::anything; });
    differs([](jwt::policy& p) { p.subject = "ann"; });
    differs([](jwt::policy& p) { p.leeway = 1s; });
    differs([](jwt::policy& p) { p.max_ahead = 1s; });
    differs([](jwt::policy& p) { p.max_age = 0s; });
    differs([](jwt::policy& p) { p.max_age = 1s; });
    differs([](jwt::policy& p) { p.required = {"jti"}; });
    differs([](jwt::policy& p) { p.required = {"j", "ti"}; });
    differs([](jwt::policy& p) { p.type = jwt::absent; });
    differs([](jwt::policy& p) { p.type = jwt::one_of{"at+jwt", jwt::absent}; });
    differs([](jwt::policy& p) { p.claim_rules = {{"a", "b"}}; });
    differs([](jwt::policy& p) { p.claim_rules = {{"a", jwt::anything}}; });
    differs([](jwt::policy& p) { p.claim_rules = {{"a", jwt::absent}}; });
    differs([](jwt::policy& p) { p.claim_rules = {{{"a", "b"}, "b"}}; });
    differs([](jwt::policy& p) { p.claim_rules = {{.at = "a", .value = "b", .or_at = "b"}}; });
    differs([](jwt::policy& p) { p.claim_rules = {{"a", "b"}, {"a", "b"}}; });
    differs([](jwt::policy& p) { p.tenant_claim = "tid"; });
    differs([](jwt::policy& p) { p.expiry = jwt::anything; });
    differs([](jwt::policy& p) { p.max_token = 4096; });
    differs([](jwt::policy& p) { p.check = [](jwt::claims_view const&) noexcept { return true; }; });
    differs([](jwt::policy& p) { p.prepared_keys = false; });
    differs([](jwt::policy& p) { p.max_table_bytes = 0; });
}

TEST_CASE("check_claims: a token that was verified under one policy is judged by another, type and times too") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const token = v.verify(signed_token(header_of<hs256>(), good), now);
    REQUIRE(token);
    auto const said = [&](jwt::policy const& rules, unix_time at = now) {
        auto const ok = jwt::check_claims(*token, rules, at);
        return ok ? accepted : ok.error().code;
    };
    CHECK(said(strict()) == accepted);
    auto rules = strict();
    rules.type = "JWT";
    CHECK(said(rules) == errc::wrong_type);
    rules = strict();
    rules.audience = "invoices";
    CHECK(said(rules) == errc::wrong_audience);
    CHECK(said(strict(), now + 24h) == errc::expired);
}

TEST_CASE("a refusal says which claim or header parameter it is about") {
    auto const why = [](jwt::policy rules, std::string_view payload, std::string const& header = header_of<hs256>()) {
        jwt::verifier<hs256> const v{keys<hs256>(), std::move(rules)};
        auto const token = v.verify(signed_token(header, payload), now);
        return token ? error{accepted} : token.error();
    };
    auto rules = strict();
    rules.subject = "ann";
    rules.max_age = 60s;
    rules.required = {"jti", "tenant"};
    auto const at = [](std::chrono::seconds t) { return std::to_string((now + t).time_since_epoch().count()); };
    auto const claims = [&](std::string_view changed, std::string_view text) {
        std::string all = "{";
        for (auto const& [name, value] :
             std::initializer_list<std::pair<std::string_view, std::string>>{{"iss", "\"https://id.example\""},
                                                                             {"aud", "\"orders\""},
                                                                             {"sub", "\"ann\""},
                                                                             {"exp", at(1h)},
                                                                             {"iat", at(0s)},
                                                                             {"jti", "\"1\""},
                                                                             {"tenant", "\"t\""}}) {
            auto const& shown = name == changed ? std::string{text} : value;
            if (!shown.empty()) all += (all.size() > 1 ? ",\"" : "\"") + std::string{name} + "\":" + shown;
        }
        return all + (changed == "nbf" ? ",\"nbf\":" + std::string{text} : "") + "}";
    };
    REQUIRE(why(rules, claims("", "")) == accepted);
    struct one {
        std::string_view claim;
        std::string text;
        errc code;
        field_name about;
    };
    for (auto const& [claim, text, code, about] :
         {one{"iss", "\"https://x.example\"", errc::wrong_issuer, field_name::iss},
          one{"iss", "", errc::wrong_issuer, field_name::iss}, one{"iss", "7", errc::claim_wrong_type, field_name::iss},
          one{"aud", "\"x\"", errc::wrong_audience, field_name::aud},
          one{"aud", "[1]", errc::claim_wrong_type, field_name::aud},
          one{"sub", "\"bob\"", errc::wrong_subject, field_name::sub},
          one{"exp", "", errc::expiry_missing, field_name::exp}, one{"exp", at(-1h), errc::expired, field_name::exp},
          one{"exp", "\"soon\"", errc::claim_wrong_type, field_name::exp},
          one{"exp", "-1", errc::out_of_range, field_name::exp},
          one{"nbf", at(1h), errc::not_yet_valid, field_name::nbf},
          one{"iat", at(1h), errc::issued_in_future, field_name::iat},
          one{"iat", at(-1h), errc::too_old, field_name::iat}, one{"iat", "", errc::claim_missing, field_name::iat},
          one{"jti", "", errc::claim_missing, field_name::jti},
          one{"tenant", "", errc::claim_missing, field_name::none}}) {
        auto const said = why(rules, claims(claim, text));
        CAPTURE(claim);
        CAPTURE(text);
        CHECK(said.code == code);
        CHECK(said.about == about);
        // The name of a claim that only the application knows is in its policy.
        CHECK(jwt::missing_claim(said, rules) == (code == errc::claim_missing ? claim : std::string_view{}));
    }
    rules.type = "at+jwt";
    auto const type = why(rules, claims("", ""), R"({"alg":"HS256","typ":"JWT"})");
    CHECK(type == error{errc::wrong_type, field_name::typ});
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    CHECK(jwt::check_claims(*v.verify(signed_token(R"({"alg":"HS256"})", "{}"), now), rules, now).error() ==
          error{errc::wrong_type, field_name::typ});
    CHECK(jwt::missing_claim(error{errc::claim_missing, 2}, rules).empty());
    CHECK(why(strict(), "{}", R"({"alg":"HS256","crit":["x"],"x":1})") ==
          error{errc::unknown_critical_header, field_name::crit});
    CHECK(why(strict(), "{}", R"({"alg":"none"})") == error{errc::unsigned_token, field_name::alg});
}

TEST_CASE("a claim that cannot be read says its name, where the name is a protocol's") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const t = *v.verify(signed_token(header_of<hs256>(), R"({"scope":7,"mine":7})"), now);
    CHECK(t.claim<std::string>("scope").error() == error{errc::claim_wrong_type, field_name::scope});
    CHECK(t.claim<std::string>("client_id").error() == error{errc::claim_missing, field_name::client_id});
    CHECK(t.claim<std::string>("mine").error() == error{errc::claim_wrong_type});
    CHECK(t.claim<std::string>("yours").error() == error{errc::claim_missing});
    CHECK(t.confirmation().error() == error{errc::claim_missing, field_name::cnf});
}

TEST_CASE("A time that nobody set is refused: at 1970 whatever expired since would be good") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const text = signed_token(header_of<hs256>(), R"({"exp":4102444800})");
    unix_time const unset{};
    jwt::scratch<> buffer;
    CHECK(v.verify(text, now));
    CHECK(v.verify(text, unset).error() == errc::time_not_set);
    CHECK(v.verify(text, unset - 1s).error() == errc::time_not_set);
    CHECK(v.verify(text, buffer, unset).error() == errc::time_not_set);
    CHECK(v.make_thread_verifier().verify(text, buffer, unset).error() == errc::time_not_set);
    auto const token = *v.verify(text, now);
    CHECK(jwt::check_times(token, lenient(), unset).error() == errc::time_not_set);
    CHECK(jwt::check_claims(token, lenient(), unset).error() == errc::time_not_set);
}

TEST_CASE("A null pointer, as std::getenv returns for a variable that is not set, lets nothing pass") {
    char const* const unset = nullptr;
    jwt::must_be const nobody = unset;
    CHECK_FALSE(nobody.waived());
    CHECK_FALSE(nobody.allows(""));
    CHECK_FALSE(nobody.allows_type(""));
    auto rules = lenient();
    rules.audience = unset;
    jwt::verifier<hs256> const v{keys<hs256>(), rules};
    CHECK(v.verify(signed_token(header_of<hs256>(), R"({"aud":""})"), now).error() == errc::wrong_audience);
    CHECK(v.verify(signed_token(header_of<hs256>(), R"({"aud":"orders"})"), now).error() == errc::wrong_audience);
}

TEST_CASE("one_of: two texts in two pairs of braces are two texts, and not one from pointer to pointer") {
    using list = std::vector<std::string>;
    CHECK(jwt::one_of{{"https://a.example", "https://b.example"}}.values ==
          list{"https://a.example", "https://b.example"});
    CHECK(jwt::one_of{"https://a.example", "https://b.example"}.values ==
          list{"https://a.example", "https://b.example"});
    std::string const a = "a";
    CHECK(jwt::one_of{a, std::string_view{"b"}, "c"}.values == list{"a", "b", "c"});
    CHECK(jwt::one_of{list{"a"}}.values == list{"a"});
    CHECK(jwt::one_of{}.values.empty());
}

#include "site.hpp"

#include <signet/http/ready_cookies.hpp>

#include <array>
#include <set>
#include <sstream>

using namespace dbsc_test;
using dbsc::rule_type;
using dbsc::scope_rule;

namespace {

constexpr dbsc::policy_params good{.cookie = dbsc::bound_cookie(), .origin = "https://shop.example"};

template <class Change> constexpr std::string_view complaint(Change change) {
    auto params = good;
    change(params);
    return dbsc::policy::complaint(params);
}
static_assert(complaint([](auto&) {}).empty());
static_assert(!complaint([](auto& s) { s.origin = ""; }).empty());
static_assert(!complaint([](auto& s) { s.cookie = http::cookies::session(); }).empty());

std::set<std::string> attributes(std::string_view text) {
    std::set<std::string> all;
    std::istringstream words{std::string{text}};
    for (std::string word; std::getline(words, word, ';');) {
        word.erase(0, word.find_first_not_of(' '));
        all.insert(word);
    }
    return all;
}

} // namespace

TEST_CASE("DBSC.md 4 a policy that browsers would refuse, or that contradicts itself, is refused with a sentence") {
    auto const refused = [](auto change) {
        auto params = good;
        change(params);
        CHECK(dbsc::policy::make(params).error() == errc::invalid_dbsc_policy);
        return std::string{dbsc::policy::complaint(params)};
    };
    auto const cookie = [](http::cookie_params const& params) {
        static std::vector<http::owned_cookie_policy> kept; // its texts must live
        kept.reserve(64);
        kept.push_back(*http::cookie_policy::make(params));
        return kept.back().policy();
    };
    using http::cookie_use;
    CHECK(refused([&](auto& s) {
              s.cookie = cookie({.name = "b", .max_age = 600s, .secure = false, .use = cookie_use::other});
          }) == "a bound cookie is Secure");
    CHECK(refused([&](auto& s) {
              s.cookie = cookie({.name = "b", .max_age = 600s, .http_only = false, .use = cookie_use::other});
          }).find("HttpOnly") != std::string::npos);
    CHECK(refused([&](auto& s) {
              s.cookie = cookie({.name = "b", .max_age = 600s, .partitioned = true, .use = cookie_use::other});
          }).find("Partitioned") != std::string::npos);
    CHECK(refused([&](auto& s) { s.cookie = cookie({.name = "b", .use = cookie_use::other}); }).find("Max-Age") !=
          std::string::npos);
    CHECK(refused([&](auto& s) {
              s.cookie = cookie({.name = "__Host-Http-b", .max_age = 600s, .use = cookie_use::other});
          }).find("__Host-Http-") != std::string::npos);
    CHECK(refused([&](auto& s) {
              s.cookie = cookie({.name = "b", .max_age = 239s, .use = cookie_use::other});
          }).find("four minutes") != std::string::npos);

    for (std::string_view origin :
         {"", "http://shop.example", "https://", "https://Shop.example", "https://shop.example/",
          "https://shop.example:443", "https://shop.example:0", "https://shop.example:65536",
          "https://shop.example:", "https://a b", "shop.example", "https://-a.example", "https://a..b", "https://.a",
          "https://a.", "https://a:1x", "https://u@a.example"})
        CHECK_MESSAGE(!refused([&](auto& s) { s.origin = origin; }).empty(), origin);
    for (std::string_view domain : {"", "*.", "*.*", "a.*", "*a.example", "A.example", "a_b.example", "*.-a"}) {
        std::array const rules{scope_rule{rule_type::include, domain, "/"}};
        CHECK_MESSAGE(!refused([&](auto& s) { s.rules = rules; }).empty(), domain);
        std::array const hosts{domain};
        CHECK_MESSAGE(!refused([&](auto& s) { s.refresh_initiators = hosts; }).empty(), domain);
    }
    for (std::string_view path :
         {"", "a", "/a?b", "/a#b", "/a b", "/a/../b", "/a/..", "/./a", "/.", "/\x80", "/\"", "/<", "/%61", "/%7Eanna",
          "/a%2fb", "/a%2", "/a%", "/%GG", "/%%41"}) { // what is compared is the normal form
        std::array const rules{scope_rule{rule_type::include, "*", path}};
        CHECK_MESSAGE(!refused([&](auto& s) { s.rules = rules; }).empty(), path);
        CHECK_MESSAGE(!refused([&](auto& s) { s.register_path = path; }).empty(), path);
        CHECK_MESSAGE(!refused([&](auto& s) { s.refresh_path = path; }).empty(), path);
    }
    CHECK_FALSE(refused([](auto& s) { s.refresh_path = "http://shop.example/r"; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.refresh_path = "https://shop.example"; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.refresh_path = s.register_path; }).empty());
    static constexpr alg other[] = {alg::es384}, twice[] = {alg::es256, alg::es256}, mac[] = {alg::hs256};
    CHECK_FALSE(refused([](auto& s) { s.algorithms = {}; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.algorithms = other; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.algorithms = twice; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.algorithms = mac; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.registration_lifetime = 0s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.registration_lifetime = 3601s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.challenge_lifetime = 9s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.challenge_lifetime = 86401s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.overlap = -1s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.overlap = 301s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.latency = -1s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.latency = 121s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.session_lifetime = 600s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.session_lifetime = std::chrono::hours{24 * 400} + 1s; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.challenge_octets = 15; }).empty());
    CHECK_FALSE(refused([](auto& s) { s.challenge_octets = 65; }).empty());
    auto params = good;
    params.register_path = "https://login.shop.example/dbsc/register";
    CHECK(dbsc::policy::make(params));
    std::array const slash{scope_rule{rule_type::exclude, "*", "/a%2Fb"}};
    params.rules = slash;
    CHECK_FALSE(*dbsc::policy::make(params)->in_scope("https://shop.example/a%2fb/c"));
}

TEST_CASE("DBSC.md 4 the instructions are those of the draft, in its order") {
    static constexpr scope_rule rules[] = {{rule_type::exclude, "shop.example", "/public"},
                                           {.domain = "*.shop.example"}};
    static constexpr std::string_view initiators[] = {"*.partner.example"};
    constexpr dbsc::policy p{{.cookie = dbsc::bound_cookie(),
                              .origin = "https://shop.example:8443",
                              .include_site = true,
                              .rules = rules,
                              .refresh_initiators = initiators}};
    std::string text;
    output out{text};
    REQUIRE(dbsc::write_instructions(p, "id", out));
    CHECK(
        text ==
        R"({"session_identifier":"id","refresh_url":"/dbsc/refresh","scope":{"origin":"https://shop.example:8443",)"
        R"("include_site":true,"scope_specification":[{"type":"exclude","domain":"shop.example","path":"/public"},)"
        R"({"type":"include","domain":"*.shop.example","path":"/"}]},"credentials":[{"type":"cookie","name":"__Host-bound",)"
        R"("attributes":"Path=/; Secure; HttpOnly; SameSite=Lax"}],"allowed_refresh_initiators":["*.partner.example"]})");
    std::string end;
    output to_end{end};
    REQUIRE(dbsc::write_end("a\"b", to_end));
    CHECK(end == R"({"session_identifier":"a\"b","continue":false})");
}

TEST_CASE(
    "DBSC.md 4 name and attributes of the credential are those of the Set-Cookie, for every cookie there can be") {
    for (auto name : {"__Host-bound", "__Secure-bound", "bound"})
        for (auto domain : {"", "shop.example", "a.b.shop.example"})
            for (auto path : {"/", "/app", "/a/b"})
                for (auto mode : {http::same_site::none, http::same_site::lax, http::same_site::strict}) {
                    auto const owned = http::cookie_policy::make({.name = name,
                                                                  .path = path,
                                                                  .domain = domain,
                                                                  .max_age = 600s,
                                                                  .same_site = mode,
                                                                  .use = http::cookie_use::other});
                    if (!owned) continue; // __Host- with a domain or path
                    auto params = good;
                    params.cookie = owned->policy();
                    auto const p = dbsc::policy::make(params);
                    REQUIRE(p);
                    std::string text;
                    output out{text};
                    REQUIRE(dbsc::write_instructions(*p, "id", out));
                    auto const document = codec::json_document::parse(text);
                    auto const credential = *(*document->root().find("credentials")).begin();
                    auto told = attributes(*credential.find("attributes")->as_string());
                    auto set = attributes(*p->cookie().set("v"));
                    CHECK(set.erase(std::string{*credential.find("name")->as_string()} + "=v") == 1);
                    CHECK(set.erase("Max-Age=600") == 1);
                    CHECK(told == set);
                    auto removed = attributes(*p->cookie().remove());
                    for (auto gone : {"Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"})
                        CHECK(removed.erase(gone) == 1);
                    CHECK(removed.erase(std::string{name} + "=") == 1);
                    CHECK(removed == told);
                }
}

TEST_CASE("DBSC.md 4 scope rules are looked at from the last to the first, the first hit wins, no hit is inside") {
    auto const inside = [](dbsc::policy_params const& params, std::string_view url) {
        auto const p = dbsc::policy::make(params);
        REQUIRE(p);
        auto const answer = p->in_scope(url);
        REQUIRE(answer.has_value());
        return *answer;
    };
    auto params = good;
    CHECK(inside(params, "https://shop.example/"));
    CHECK(inside(params, "https://shop.example"));
    CHECK(inside(params, "HTTPS://SHOP.example:443/a?b#c"));
    CHECK_FALSE(inside(params, "https://shop.example:8443/"));
    CHECK_FALSE(inside(params, "https://www.shop.example/"));
    CHECK_FALSE(inside(params, "https://shop.example.org/"));
    CHECK(dbsc::policy::make(params)->in_scope("http://shop.example/").error() == errc::unsupported_uri_scheme);
    CHECK_FALSE(dbsc::policy::make(params)->in_scope("/a").has_value());

    // The refresh URL is out, whatever the rules say.
    std::array const everything{scope_rule{}};
    params.rules = everything;
    CHECK_FALSE(inside(params, "https://shop.example/dbsc/refresh"));
    CHECK_FALSE(inside(params, "https://shop.example/dbsc/refresh/x"));
    CHECK(inside(params, "https://shop.example/dbsc/refresher"));
    CHECK(inside(params, "https://shop.example/dbsc/register"));

    std::array const nested{scope_rule{rule_type::exclude, "*", "/"}, scope_rule{rule_type::include, "*", "/app"},
                            scope_rule{rule_type::exclude, "*", "/app/public"},
                            scope_rule{rule_type::include, "*", "/app/public/me/"}};
    params.rules = nested;
    CHECK_FALSE(inside(params, "https://shop.example/"));
    CHECK(inside(params, "https://shop.example/app"));
    CHECK(inside(params, "https://shop.example/app/x"));
    CHECK_FALSE(inside(params, "https://shop.example/apple"));
    CHECK_FALSE(inside(params, "https://shop.example/app/public"));
    CHECK_FALSE(inside(params, "https://shop.example/app/x/../public/y"));
    CHECK_FALSE(inside(params, "https://shop.example/app/public/me"));
    CHECK(inside(params, "https://shop.example/app/public/me/"));
    CHECK(inside(params, "https://shop.example/app/public/me/x"));
    CHECK_FALSE(inside(params, "https://shop.example/%61pple"));
    CHECK(inside(params, "https://shop.example/%61pp"));
    std::array const last{nested[1], nested[0]};
    params.rules = last;
    CHECK_FALSE(inside(params, "https://shop.example/app"));

    // The whole site, and patterns of hosts: "*.x" is not x itself.
    params.include_site = true;
    params.rules = {};
    params.refresh_path = "https://login.shop.example/r";
    CHECK(inside(params, "https://shop.example/"));
    CHECK(inside(params, "https://a.b.shop.example:8443/"));
    CHECK(inside(params, "https://shop.example/r"));
    CHECK_FALSE(inside(params, "https://login.shop.example/r"));
    CHECK_FALSE(inside(params, "https://myshop.example/"));
    CHECK_FALSE(inside(params, "https://example/"));
    std::array const hosts{scope_rule{rule_type::exclude, "*.shop.example", "/"},
                           scope_rule{rule_type::include, "api.shop.example", "/"}};
    params.rules = hosts;
    CHECK(inside(params, "https://shop.example/"));
    CHECK_FALSE(inside(params, "https://www.shop.example/"));
    CHECK_FALSE(inside(params, "https://x.api.shop.example/"));
    CHECK(inside(params, "https://api.shop.example/"));
}

TEST_CASE("DBSC.md 4 and 8 the well-known documents") {
    static constexpr std::string_view apps[] = {"https://app.shop.example", "https://www.shop.example:8443"},
                                      bad[] = {"app.shop.example"};
    CHECK(*dbsc::write_well_known({.registering_origins = apps}) ==
          R"({"registering_origins":["https://app.shop.example","https://www.shop.example:8443"]})");
    CHECK(*dbsc::write_well_known({.relying_origins = apps}) ==
          R"({"relying_origins":["https://app.shop.example","https://www.shop.example:8443"]})");
    CHECK(*dbsc::write_well_known({.provider_origin = "https://id.example"}) ==
          R"({"provider_origin":"https://id.example"})");
    CHECK(dbsc::write_well_known({}).error() == errc::invalid_dbsc_policy);
    CHECK(dbsc::write_well_known({.relying_origins = apps, .provider_origin = "https://id.example"}).error() ==
          errc::invalid_dbsc_policy);
    CHECK(dbsc::write_well_known({.registering_origins = bad}).error() == errc::invalid_dbsc_policy);
    CHECK(dbsc::write_well_known({.relying_origins = bad}).error() == errc::invalid_dbsc_policy);
    CHECK(dbsc::write_well_known({.provider_origin = "https://id.example/"}).error() == errc::invalid_dbsc_policy);
}

// What docs/guide/claims.md shows.
#include <signet/jwt.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace shop {

// [struct]
/// What this application wants to know about a user.
struct customer {
    std::string name;
    std::vector<std::string> roles;
    std::int64_t discount = 0;
};

/// Found by `into<customer>()`, because it is in the namespace of the type.
result<void> read_claims(jwt::claims_view const& claims, customer& to) {
    auto name = claims.claim<std::string>("name");
    if (!name) return name.error();
    auto roles = claims.claim<std::vector<std::string>>("roles");
    if (!roles) return roles.error();
    to = {.name = *std::move(name), .roles = *std::move(roles)};
    to.discount = claims.claim<std::int64_t>("discount").value_or(0); // may be missing
    return {};
}
// [/struct]

namespace {

constexpr unix_time now{1'763'700'000s};

jwt::token issued() {
    auto const key = *local_key<es256>::generate();
    auto const signer = *jwt::signer<es256>::make(key, {.type = "at+jwt"});
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("orders").subject("ann").expires_at(now + 300s);
    claims.scope("orders.read orders.write").roles({"customer", "tester"}).set("name", "Ann").set("discount", 10);
    claims.set_json("address", R"({"country":"NO","lines":["1 Fjord Street","0150 Oslo"]})");
    claims.set_json("realm_access", R"({"roles":["offline_access","buyer"]})");
    jose::key_set<es256> keys;
    REQUIRE(keys.add(key.verifier_key()));
    jwt::verifier const access{keys,
                               jwt::policy{.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}};
    auto token = access.verify(*signer.sign(claims), now);
    REQUIRE(token);
    return *std::move(token);
}

TEST_CASE("the guide: claims by their type") {
    auto const token = issued();
    // [typed]
    std::string_view const user = token.subject(); // registered claims have functions
    bool const may_read = token.has_scope("orders.read");
    bool const tests = token.has_role("tester");

    auto const name = token.claim<std::string_view>("name"); // every other claim by name and type
    auto const discount = token.claim<std::int64_t>("discount");
    auto const roles = token.claim<std::vector<std::string>>("roles");
    auto const missing = token.claim<bool>("trial");      // errc::claim_missing
    auto const wrong = token.claim<std::int64_t>("name"); // errc::claim_wrong_type
    bool const trial = token.claim<bool>("trial").value_or(false);
    // [/typed]
    CHECK(user == "ann");
    CHECK((may_read && tests && !trial));
    CHECK(name.value() == "Ann");
    CHECK(discount.value() == 10);
    CHECK(roles.value() == std::vector<std::string>{"customer", "tester"});
    CHECK(missing.error() == errc::claim_missing);
    CHECK(wrong.error() == errc::claim_wrong_type);
}

TEST_CASE("the guide: nested claims, one step at a time and by path") {
    auto const token = issued();
    // [nested]
    std::string mailing;
    if (auto const address = token.claim<codec::json_value>("address")) { // an object, seen in the token's memory
        if (auto const lines = address->find("lines"); lines && lines->is_array())
            for (auto const line : *lines) mailing += std::string{line.as_string().value_or("")} + ", ";
        if (auto const country = address->find("country")) mailing += country->as_string().value_or("?");
    }
    // [/nested]
    CHECK(mailing == "1 Fjord Street, 0150 Oslo, NO");

    // [use-path]
    bool buyer = false;
    if (auto const roles = token.claim_at<std::vector<std::string_view>>({"realm_access", "roles"}))
        for (auto const role : *roles) buyer = buyer || role == "buyer";

    // The same for roles and scopes, with the place said once for all tokens.
    jwt::permission_claims const names{.scope = "scope", .roles = {"realm_access", "roles"}};
    bool const buyer_too = names.has_role(token, "buyer");
    // [/use-path]
    CHECK(buyer);
    CHECK(buyer_too);
    CHECK(token.claim_at<bool>({"realm_access", "groups"}).error() == errc::claim_missing);
    CHECK(token.claim_at<bool>({"sub", "groups"}).error() == errc::claim_wrong_type);
}

TEST_CASE("the guide: claims into a struct of the application's") {
    auto const token = issued();
    // [into]
    auto const who = token.into<customer>();
    if (!who) return; // who.error() says which claim: error::about, or errc::claim_missing
    // [/into]
    CHECK(who->name == "Ann");
    CHECK(who->discount == 10);
    CHECK(who->roles.size() == 2);
}

} // namespace
} // namespace shop

// The code of docs/guide/dbsc.md, as the small server that it describes.
#include "site.hpp"

using namespace dbsc_test;

namespace {

// [policy]
constexpr dbsc::scope_rule rules[] = {{dbsc::rule_type::exclude, "*", "/static"}};
constexpr dbsc::policy bound{
    {.cookie = dbsc::bound_cookie("__Host-bound", 10min), .origin = "https://shop.example", .rules = rules}};
// [/policy]

store::memory db;

// [login]
// The answer to a good login carries the field; `login` names the login session and stays when its cookie is renewed.
result<dbsc::field> after_login(std::string_view user, std::string_view login, unix_time now) {
    auto value = run(dbsc::offer_registration(bound, {.user = user, .login = login}, now), db);
    if (!value) return value.error();
    return dbsc::field{std::string{dbsc::registration_field}, *std::move(value)};
}
// [/login]

// [endpoints]
dbsc::response register_endpoint(dbsc::request const& request, unix_time now) {
    return run(dbsc::handle_registration(bound, request, now), db)->answer;
}
dbsc::response refresh_endpoint(dbsc::request const& request, unix_time now) {
    auto const [answer, outcome] = *run(dbsc::handle_refresh(bound, request, now), db);
    // outcome: the session and a proof::verified_key, or the reason, for the log
    return answer;
}
// [/endpoints]

// [api]
std::string orders(std::string_view url, std::string_view cookies, unix_time now) {
    if (!bound.in_scope(url).value_or(false)) return "public"; // by the rules that the browser has
    auto const session = run(dbsc::cookie_check{bound, cookies, now}, db);
    if (!session) return std::to_string(http_status(session.error().code)); // 401, or 503 where the store is away
    return "orders of " + session->user();
}
// [/api]

// [logout]
result<std::vector<dbsc::field>> log_out(dbsc::bound_session const& session, unix_time now) {
    if (auto done = run(dbsc::end_session(session.id(), dbsc::ending::logged_out, now), db); !done) return done.error();
    return dbsc::make_logout_fields(bound);
}
// [/logout]

} // namespace

TEST_CASE("docs/guide/dbsc.md: a server from login to logout") {
    unix_time const now{1'800'000'000s};
    browser b;
    auto const field = after_login("anna", "login-1", now);
    REQUIRE(field);
    REQUIRE(b.learn(register_endpoint(b.registration(field->value, "login-1"), now)));
    CHECK(orders("https://shop.example/orders", b.cookie_field(bound), now) == "orders of anna");
    CHECK(orders("https://shop.example/static/x.css", "", now) == "public");
    CHECK(orders("https://shop.example/orders", "", now) == "401");
    REQUIRE(b.learn(refresh_endpoint(b.refresh("login-1"), now + 500s)));
    auto const session = run(dbsc::cookie_check{bound, b.cookie_field(bound), now + 500s}, db);
    REQUIRE(session);
    auto const fields = log_out(*session, now + 500s);
    REQUIRE(fields);
    CHECK(fields->size() == 4);
    CHECK(orders("https://shop.example/orders", b.cookie_field(bound), now + 500s) == "401");
}

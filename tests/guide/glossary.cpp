// What docs/reference/glossary.md, docs/reference/rules.md, docs/guide/errors-to-http.md, security.md, stability.md and
// platforms.md show.
#include <signet/jose.hpp>
#include <signet/jwt.hpp>
#include <signet/proof/access_token.hpp>
#include <signet/session/access.hpp>
#include <signet/store.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'763'700'000s};

// [platform]
#if SIGNET_VERSION_MAJOR == 0 && SIGNET_VERSION_MINOR < 1
#    error "this program needs signet 0.1"
#endif
static_assert(__cplusplus >= 202002L, "signet needs C++20");
// [/platform]

// [impossible]
// An RS256 key and an HMAC secret never share a verifier: the type does not exist.
template <class... A>
concept can_verify = requires { typename jwt::verifier<A...>; };
static_assert(can_verify<es256, ed25519> && can_verify<hs256>);
static_assert(!can_verify<rs256, hs256>);

// A PEM text is no secret, and a token that nobody verified is no `claims_view`.
static_assert(!std::is_convertible_v<std::string, secret>);
static_assert(!std::is_convertible_v<jose::untrusted<jose::peeked>, jwt::claims_view const&>);
// [/impossible]

// [stable]
// Name the members you set, and answer every enumerator that a newer version may add.
jwt::policy const rules{.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt", .leeway = 30s};

std::string_view describe(errc code) {
    switch (code) {
    case errc::expired: return "please log in again";
    case errc::store_unavailable: return "please try later";
    default: return message(code); // also for errors of the next version
    }
}
// [/stable]

// [http]
struct answer {
    int status;
    std::string www_authenticate, body;
};

/// What this API says in each challenge: what a route needs, and where clients learn which server issues its tokens.
constexpr jwt::challenge_params orders{.scope = "orders.write",
                                       .authentication = {.acr_values = "mfa", .max_age = 300s},
                                       .resource_metadata =
                                           "https://orders.example.com/.well-known/oauth-protected-resource"};

/// Answers a request whose access token was refused.
answer refuse(error why) {
    return {.status = why.http_status(),
            .www_authenticate =
                jwt::bearer_challenge(why.code, orders), // empty for faults of this server: do not send it
            .body = std::string{why.message()}};
}
// [/http]

// [handler]
/// Changes an order, for a request with this `Authorization` field: an empty text if there is none.
answer change_order(jwt::verifier<es256> const& access, std::string_view authorization, unix_time now) {
    auto const shown = proof::read_authorization(authorization); // <signet/proof.hpp>
    if (!shown) return refuse(shown.error());
    auto const token = access.verify(shown->token, now);
    if (!token) return refuse(token.error());
    if (auto const plain = proof::accept_bearer(*shown, *token); !plain) return refuse(plain.error());
    if (auto const may = jwt::require_scope(*token, orders.scope); !may) return refuse(may.error());
    // For what matters most: who logged in long ago, or with a password alone, has to log in again.
    if (auto const sure = jwt::require_authentication(*token, orders.authentication, now); !sure)
        return refuse(sure.error());
    return {.status = 200, .www_authenticate = {}, .body = "changed by " + std::string{token->subject()}};
}
// [/handler]

// [explain]
/// The answer of above, and a line for the log.
answer refuse_and_log(error why, std::string_view token, jwt::policy const& policy, std::string& log) {
    log += jwt::explain(why, token, policy) + '\n'; // wrong_type typ: ...: "JWT" came, "at+jwt" is required
    return refuse(why);
}
// [/explain]

// [metadata]
/// The document at `https://orders.example.com/.well-known/oauth-protected-resource`, as application/json.
std::string const metadata = *jwt::write_resource_metadata({.resource = "https://orders.example.com",
                                                            .authorization_servers = {"https://id.example.com"},
                                                            .scopes_supported = {"orders.read", "orders.write"}});
// [/metadata]

TEST_CASE("the guide: an error is a status and a code, by the role of the endpoint") {
    CHECK(describe(errc::expired) == "please log in again");
    CHECK(rules.leeway == 30s);
    auto const expired = refuse(errc::expired);
    CHECK(expired.status == 401);
    std::string const common =
        R"(scope="orders.write", resource_metadata="https://orders.example.com/.well-known/oauth-protected-resource")";
    CHECK(expired.www_authenticate == "Bearer error=\"invalid_token\", " + common);
    CHECK(jwt::resource_metadata_address("https://orders.example.com").value_or("") == orders.resource_metadata);
    CHECK(metadata.find(R"("authorization_servers":["https://id.example.com"])") != std::string::npos);
    std::string log;
    CHECK(refuse_and_log(errc::expired, "", rules, log).status == 401);
    CHECK(log == "expired: the token has expired\n");
    CHECK(refuse(errc::key_source_unavailable).status == 503);
    CHECK(refuse(errc::key_source_unavailable).www_authenticate.empty());

    // [role]
    // One error, two roles: an API says that the token is invalid, a token endpoint that the grant is.
    int const at_api = http_status(errc::expired, role::resource_server);                 // 401
    int const at_token_endpoint = http_status(errc::expired, role::authorization_server); // 400
    auto const code = oauth_error(errc::expired, role::authorization_server);             // "invalid_grant"
    // [/role]
    CHECK(at_api == 401);
    CHECK(at_token_endpoint == 400);
    CHECK(code == "invalid_grant");
}

TEST_CASE("the guide: the answers of a handler are those of RFC 6750 section 3") {
    auto const key = *local_key<es256>::generate();
    jose::key_set<es256> keys;
    REQUIRE(keys.add("k", key.verifier_key()));
    jwt::verifier<es256> const access{keys,
                                      {.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}};
    auto const signer = *jwt::signer<es256>::make(key, {.type = "at+jwt", .key_id = "k"});
    auto const field = [&](std::string_view scope, std::string_view acr = "mfa", std::int64_t ago = 10) {
        jwt::claims claims;
        claims.issuer("https://id.example.com").audience("orders").subject("ann").scope(scope).expires_at(now + 300s);
        claims.set("acr", acr).set("auth_time", now.time_since_epoch().count() - ago);
        return "Bearer " + *signer.sign(claims);
    };
    auto const look = [&](std::string_view authorization, unix_time at = now) {
        auto const a = change_order(access, authorization, at);
        auto const more = a.www_authenticate.find("scope=");
        return std::to_string(a.status) + " " + a.www_authenticate.substr(0, more);
    };
    CHECK(look(field("orders.write")) == "200 ");
    CHECK(look("") == "401 Bearer ");
    CHECK(look("Basic YTpi") == "401 Bearer ");
    CHECK(look("Bearer") == "400 Bearer error=\"invalid_request\", ");
    CHECK(look("Bearer abc") == "401 Bearer error=\"invalid_token\", ");
    CHECK(look(field("orders.write"), now + 301s) == "401 Bearer error=\"invalid_token\", ");
    CHECK(look(field("orders.read")) == "403 Bearer error=\"insufficient_scope\", ");
    CHECK(look(field("orders.write", "pwd")) == "401 Bearer error=\"insufficient_user_authentication\", ");
    CHECK(look(field("orders.write", "mfa", 301)) == "401 Bearer error=\"insufficient_user_authentication\", ");
}

TEST_CASE("the glossary: its words in one program") {
    auto const key = *local_key<es256>::generate();
    // [words]
    jose::key_set<es256> keys;                                                       // a key set
    if (!keys.add("2026-11", key.verifier_key())) return;                            // a verification key under its kid
    jwt::verifier const access{keys, jwt::policy{.issuer = "https://id.example.com", // a policy
                                                 .audience = "orders",
                                                 .type = "at+jwt"}};
    jwt::scratch<> buffer;                                       // a scratch
    auto const good = access.verify("not.a.token", buffer, now); // a result: a verified token, or an error
    if (!good) CHECK(good.error().http_status() == 401);         // an error with its status

    store::memory db; // a store
    std::array<std::uint8_t, 32> octets;
    store::request const ask = store::find({}, octets, now); // a request: one verb
    store::reply const reply = db.execute(ask);              // a reply
    CHECK(reply.outcome == store::outcome::not_applied);
    // [/words]
}

TEST_CASE("the rules: a reason names its rule") {
    // [rule]
    using namespace session;
    auto const decision = decide_access({.cookie = cookie_status::from(errc::cookie_missing),
                                         .session = session_status::from(errc::session_unknown, {}, now),
                                         .token = token_status::none(),
                                         .idp = idp_status::not_known()});
    // decision.action == access::login, decision.why == "B10 no session cookie"
    // [/rule]
    CHECK(decision.action == access::login);
    CHECK(decision.why.substr(0, 3) == "B10");
}

} // namespace

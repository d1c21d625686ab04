// Tokens and key sets as nine issuers shape them, made with keys of ours; docs/guide/providers.md quotes the policies.
#include "support.hpp"

#include <signet/codec/json_reader.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/jws.hpp>
#include <signet/proof.hpp>

#include <boost/json.hpp>

#include <functional>
#include <map>

using namespace support;

namespace {

// [program]
/// A verifier from the text at the provider's `jwks_uri`.
result<jwt::verifier<rs256>> make_access(std::string_view jwks) {
    auto keys = jose::parse_key_set<rs256>(jwks);
    if (!keys) return keys.error();
    return jwt::verifier{*std::move(keys),
                         jwt::okta({.issuer = "https://shop.okta.com/oauth2/default", .audience = "api://default"})};
}

bool may_read(jwt::verifier<rs256> const& access, std::string_view authorization, unix_time now) {
    static auto const names = jwt::okta_claims();
    auto const shown = proof::read_authorization(authorization); // <signet/proof.hpp>
    if (!shown) return false;
    auto const token = access.verify(shown->token, now);
    // A token that is bound to a key (DPoP) is no bearer token.
    return token && proof::accept_bearer(*shown, *token) && names.has_scope(*token, "orders.read");
}
// [/program]

// [entra_multi_tenant]
/// A verifier for the tenants that are customers. The keys are those of `common/discovery/v2.0/keys`.
result<jwt::verifier<rs256>> make_access_of_tenants(std::string_view jwks, std::vector<std::string> customers) {
    auto const for_all = jwt::keys_for_issuer(jwks, jwt::entra_issuer);
    if (!for_all) return for_all.error();
    auto keys = jose::parse_key_set<rs256>(*for_all);
    if (!keys) return keys.error();
    return jwt::verifier{*std::move(keys), jwt::entra_multi_tenant({.audience = "2b1c0d9e-8f7a-4b6c-9d5e-4f3a2b1c0d9e",
                                                                    .tenants = jwt::one_of(std::move(customers))})};
}
// [/entra_multi_tenant]

// [auth0]
auto const auth0 = jwt::auth0({.domain = "shop.eu.auth0.com", .audience = "https://orders.example.com"});
auto const auth0_names = jwt::auth0_claims("https://shop.example/roles"); // the claim that an action of yours adds
// [/auth0]

// [okta]
auto const okta = jwt::okta({.issuer = "https://shop.okta.com/oauth2/default", .audience = "api://default"});
auto const okta_names = jwt::okta_claims(); // scp and groups
// [/okta]

// [entra_v1]
auto const entra_v1 = jwt::entra_v1(
    {.tenant = "5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3", .audience = "api://2b1c0d9e-8f7a-4b6c-9d5e-4f3a2b1c0d9e"});
// [/entra_v1]

// [entra_v2]
auto const entra_v2 = jwt::entra_v2({.tenant = "5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3",
                                     .audience = "2b1c0d9e-8f7a-4b6c-9d5e-4f3a2b1c0d9e"}); // without api://
auto const entra_names = jwt::entra_claims();                                              // scp and roles
// [/entra_v2]

// [google]
auto const google = jwt::google_id_token({.client_id = "407408718192-abc.apps.googleusercontent.com"});
// [/google]

// [keycloak]
auto const keycloak = jwt::keycloak({.realm = "https://sso.example.com/realms/shop", .audience = "orders"});
auto const keycloak_names = jwt::keycloak_claims();                  // realm_access.roles
auto const keycloak_account_names = jwt::keycloak_claims("account"); // resource_access.account.roles
// [/keycloak]

// [cognito]
auto const cognito = jwt::cognito(
    {.region = "eu-central-1", .user_pool = "eu-central-1_Ab3dEfGhI", .client_id = "5k2vd1n8s6q7r3t4u9w0x1y2z3"});
auto const cognito_names = jwt::cognito_claims(); // cognito:groups
// [/cognito]

// [apple]
auto const apple = jwt::apple_id_token({.client_id = "com.example.shop"}); // the bundle id, or the service id
// [/apple]

// [rfc9068]
auto const rfc9068 = jwt::rfc9068({.issuer = "https://id.example.com", .audience = "https://orders.example.com"});
// [/rfc9068]

// [alb]
/// The user that the load balancer saw at the provider, from the field `x-amzn-oidc-data`.
result<std::string> read_alb_user(std::string_view data, public_key const& key, unix_time now) {
    auto const signer = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/a1b2";
    auto const claims = jwt::verify_alb_data(
        data, key, {.issuer = "https://id.example.com", .signer = signer, .client_id = "shop-web"}, now);
    if (!claims) return claims.error();
    auto const sub = claims->root().find("sub");
    if (!sub || !sub->is_string()) return errc::claim_missing;
    return std::string{*sub->as_string()};
}
// [/alb]

// ---- what they issue -----------------------------------------------------------------------------------------------

/// Base64 of so many octets: stands where an issuer has a certificate or its hash, which nothing here looks into.
std::string filler(std::size_t octets, bool url = false) {
    std::string text;
    for (std::size_t i = 0; i != (octets * 4 + 2) / 3; ++i)
        text += (url ? "ABCdef012-_" : "ABCdef012+/")[(i * 7 + octets) % 11];
    if (!url) text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

boost::json::object object(std::string_view text) {
    return boost::json::parse(boost::json::string_view{text.data(), text.size()}).as_object();
}
std::string text(boost::json::object const& o) { return boost::json::serialize(o); }

/// A JWK of that key with other members around its numbers; `members` are JSON without braces.
std::string jwk(local_key<rs256> const& key, std::string_view members) {
    auto const numbers = key.verifier_key().key();
    return R"({"kty":"RSA",)" + std::string{members} + R"(,"n":")" + codec::base64url_encode(numbers.n()) +
           R"(","e":")" + codec::base64url_encode(numbers.e()) + R"("})";
}

struct issuer {
    char const* name;
    jwt::policy rules;
    std::string header, payload;
    std::string set;
    std::map<std::string, errc> removed, changed; ///< claims whose absence or change is refused though well signed
};

std::string const kid_1 = "NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg", kid_2 = "V7bAQ2XzLw-next_1";

std::string with_kid(std::string const& more, std::string const& kid) { return R"("kid":")" + kid + R"(",)" + more; }
std::string one(std::string const& more) { return jwk(key<rs256>(), with_kid(more, kid_1)); }
std::string next(std::string const& more) { return jwk(other_key<rs256>(), with_kid(more, kid_2)); }

// iat is 1658056533, which is `now` of these tests, but a minute.
std::vector<issuer> const& issuers() {
    using enum errc;
    static std::map<std::string, errc> const no_exp{{"exp", expiry_missing}};
    static auto const both = [](std::map<std::string, errc> a, std::map<std::string, errc> const& b) {
        a.insert(b.begin(), b.end());
        return a;
    };
    static std::map<std::string, errc> const names{{"iss", wrong_issuer}, {"aud", wrong_audience}};
    static std::map<std::string, errc> const times{{"exp", expired}, {"iat", issued_in_future}};
    static std::map<std::string, errc> const three{{"exp", expired}, {"iat", issued_in_future}, {"nbf", not_yet_valid}};
    static auto const x5 = R"("x5t":")" + filler(20, true) + R"(","x5c":[")" + filler(790) + R"("])";

    static std::
        vector<issuer> const
            all{
                {"Auth0", auth0, R"({"alg":"RS256","typ":"JWT","kid":")" + kid_1 + R"("})",
                 R"({"iss":"https://shop.eu.auth0.com/","sub":"auth0|65f1c2a9d8e7b6a5c4d3e2f1","aud":["https://orders.example.com","https://shop.eu.auth0.com/userinfo"],"iat":1658056473,"exp":1658142873,"scope":"openid profile orders:read","azp":"Kq3mB5nV7xZ9aC1dE2fG4hJ6kL8mN0pQ","permissions":["orders:read"]})",
                 R"({"keys":[)" + one(R"("use":"sig","alg":"RS256",)" + x5) + "," +
                     next(R"("use":"sig","alg":"RS256",)" + x5) + "]}",
                 both(both(names, no_exp), {{"azp", claim_missing}}), both(names, times)},
                {"Auth0 with the profile of RFC 9068", auth0,
                 R"({"alg":"RS256","typ":"at+jwt","kid":")" + kid_1 + R"("})",
                 R"({"iss":"https://shop.eu.auth0.com/","sub":"Kq3mB5nV7xZ9aC1dE2fG4hJ6kL8mN0pQ@clients","aud":"https://orders.example.com","iat":1658056473,"exp":1658142873,"scope":"orders:read","jti":"Zl3kQ9","client_id":"Kq3mB5nV7xZ9aC1dE2fG4hJ6kL8mN0pQ"})",
                 R"({"keys":[)" + one(R"("use":"sig","alg":"RS256",)" + x5) + "]}",
                 both(both(names, no_exp), {{"client_id", claim_missing}}), both(names, times)},
                {"RFC 9068", rfc9068, R"({"typ":"at+jwt","alg":"RS256","kid":")" + kid_1 + R"("})",
                 R"({"iss":"https://id.example.com","sub":"5ba552d67","aud":"https://orders.example.com","exp":1658060073,"iat":1658056473,"jti":"dbe39bf3a3ba4238a513f51d6e1691c4","client_id":"s6BhdRkqt3","scope":"openid profile orders.read","roles":["buyer"]})",
                 R"({"keys":[)" + one(R"("use":"sig","alg":"RS256")") + "]}",
                 both(both(names, no_exp), {{"sub", claim_missing},
                                            {"iat", claim_missing},
                                            {"jti", claim_missing},
                                            {"client_id", claim_missing}}),
                 both(names, times)},
                {"Okta", okta, R"({"kid":")" + kid_1 + R"(","alg":"RS256"})",
                 R"({"ver":1,"jti":"AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE","iss":"https://shop.okta.com/oauth2/default","aud":"api://default","iat":1658056473,"exp":1658060073,"cid":"0oab8om4bars6Y80Z0h7","uid":"00u1a2b3c4d5e6f7g8h9","scp":["offline_access","orders.read"],"auth_time":1658056460,"sub":"ann@example.com"})",
                 R"({"keys":[)" + one(R"("alg":"RS256","use":"sig")") + "," + next(R"("alg":"RS256","use":"sig")") +
                     "]}",
                 both(both(names, no_exp), {{"cid", claim_missing}, {"scp", claim_missing}}), both(names, times)},
                {"Entra ID, version 1", entra_v1,
                 R"({"typ":"JWT","alg":"RS256","x5t":")" + kid_1 + R"(","kid":")" + kid_1 + R"("})",
                 R"({"aud":"api://2b1c0d9e-8f7a-4b6c-9d5e-4f3a2b1c0d9e","iss":"https://sts.windows.net/5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3/","iat":1658056473,"nbf":1658056473,"exp":1658061234,"acr":"1","aio":"AVQAq/8TAAAAw2Y=","amr":["pwd","mfa"],"appid":"11112222-3333-4444-5555-666677778888","appidacr":"0","family_name":"Lee","given_name":"Ann","ipaddr":"192.0.2.7","name":"Ann Lee","oid":"aaaabbbb-cccc-dddd-eeee-ffff00001111","rh":"0.AXkALRx7Wj4PW0qMbX6PkKGyww.","scp":"Orders.Read","sub":"Jv7kT0y3bq9wS2","tid":"5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3","unique_name":"ann@example.com","upn":"ann@example.com","uti":"kQ2_8yT3pUaBcDeFgHiJAA","ver":"1.0"})",
                 R"({"keys":[)" + one(R"("use":"sig",)" + x5) + "," + next(R"("use":"sig",)" + x5) + "]}",
                 both(both(names, no_exp), {{"appid", claim_missing},
                                            {"scp", claim_missing},
                                            {"tid", claim_missing},
                                            {"ver", claim_missing}}),
                 both(both(names, three), {{"tid", claim_refused}, {"ver", claim_refused}})},
                {"Entra ID, version 2", entra_v2, R"({"typ":"JWT","alg":"RS256","kid":")" + kid_1 + R"("})",
                 R"({"aud":"2b1c0d9e-8f7a-4b6c-9d5e-4f3a2b1c0d9e","iss":"https://login.microsoftonline.com/5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3/v2.0","iat":1658056473,"nbf":1658056473,"exp":1658061234,"aio":"AWQAm/8TAAAA=","azp":"11112222-3333-4444-5555-666677778888","azpacr":"1","name":"Ann Lee","oid":"aaaabbbb-cccc-dddd-eeee-ffff00001111","preferred_username":"ann@example.com","rh":"0.AXkALRx7Wj4PW0qMbX6PkKGyww.","roles":["Orders.Admin"],"scp":"Orders.Read","sub":"Jv7kT0y3bq9wS2","tid":"5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3","uti":"kQ2_8yT3pUaBcDeFgHiJAA","ver":"2.0"})",
                 R"({"keys":[)" +
                     one(R"("use":"sig",)" + x5 +
                         R"(,"cloud_instance_name":"microsoftonline.com","issuer":"https://login.microsoftonline.com/5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3/v2.0")") +
                     "," + next(R"("use":"sig",)" + x5 + R"(,"cloud_instance_name":"microsoftonline.com")") + "]}",
                 both(both(names, no_exp), {{"azp", claim_missing}, {"tid", claim_missing}, {"ver", claim_missing}}),
                 both(both(names, three), {{"tid", claim_refused}, {"ver", claim_refused}})},
                {"Google",
                 google, R"({"alg":"RS256","kid":")" + kid_1 + R"(","typ":"JWT"})", R"({"iss":"https://accounts.google.com","azp":"407408718192-abc.apps.googleusercontent.com","aud":"407408718192-abc.apps.googleusercontent.com","sub":"110169484474386276334","hd":"example.com","email":"ann@example.com","email_verified":true,"at_hash":"HK6E_P6Dh8Y93mRNtsDB1Q","name":"Ann Lee","picture":"https://lh3.googleusercontent.com/a/AATXAJ=s96-c","given_name":"Ann","family_name":"Lee","locale":"en","iat":1658056473,"exp":1658060073})",
                 R"({"keys":[)" + next(R"("use":"sig","alg":"RS256")") + "," + one(R"("alg":"RS256","use":"sig")") +
                     "]}",
                 both(both(names, no_exp), {{"sub", claim_missing}, {"iat", claim_missing}}), both(names, times)},
                {"Keycloak", keycloak, R"({"alg":"RS256","typ" : "JWT","kid" : ")" + kid_1 + R"("})",
                 R"({"exp":1658056833,"iat":1658056473,"auth_time":1658056470,"jti":"onrtac:8c0a1c6e-2d1e-4f4c-9d55-0a9e0c6f7b21","iss":"https://sso.example.com/realms/shop","aud":["orders","account"],"sub":"f1c2a9d8-e7b6-4a5c-9d3e-2f1a0b9c8d7e","typ":"Bearer","azp":"shop-web","sid":"0b9c8d7e-6f5a-4b3c-8d1e-0f9a8b7c6d5e","acr":"1","allowed-origins":["https://shop.example.com"],"realm_access":{"roles":["offline_access","uma_authorization"]},"resource_access":{"account":{"roles":["manage-account","view-profile"]}},"scope":"openid email profile","email_verified":false,"name":"Ann Lee","preferred_username":"ann","email":"ann@example.com"})",
                 R"({"keys":[)" +
                     next(R"("alg":"RSA-OAEP","use":"enc",)" + x5 + R"(,"x5t#S256":")" + filler(32, true) + '"') + "," +
                     one(R"("alg":"RS256","use":"sig",)" + x5 + R"(,"x5t#S256":")" + filler(32, true) + '"') + "]}",
                 both(both(names, no_exp), {{"azp", claim_missing}, {"typ", claim_missing}}),
                 both(both(names, times), {{"typ", claim_refused}})},
                {"Cognito", cognito, R"({"kid":")" + kid_1 + R"(","alg":"RS256"})",
                 R"({"sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","cognito:groups":["buyers"],"iss":"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab3dEfGhI","version":2,"client_id":"5k2vd1n8s6q7r3t4u9w0x1y2z3","origin_jti":"d3e2f1a0-9c8d-4e7f-8a6b-5c4d3e2f1a0b","event_id":"e2f1a0b9-8d7e-4f6a-9b5c-4d3e2f1a0b9c","token_use":"access","scope":"openid orders/read","auth_time":1658056470,"exp":1658060073,"iat":1658056473,"jti":"a0b9c8d7-7e6f-4a5b-8c4d-3e2f1a0b9c8d","username":"ann"})",
                 R"({"keys":[)" + one(R"("alg":"RS256","use":"sig")") + "," + next(R"("alg":"RS256","use":"sig")") +
                     "]}",
                 both(no_exp, {{"iss", wrong_issuer}, {"token_use", claim_missing}, {"client_id", claim_missing}}),
                 both(times, {{"iss", wrong_issuer}, {"token_use", claim_refused}, {"client_id", claim_refused}})},
                {"Apple", apple, R"({"kid":")" + kid_1 + R"(","alg":"RS256"})",
                 R"({"iss":"https://appleid.apple.com","aud":"com.example.shop","exp":1658142873,"iat":1658056473,"sub":"001234.0a1b2c3d4e5f60718293a4b5c6d7e8f9.0123","nonce":"Yq3mB5nV","c_hash":"LDktKdoQak3Pk0cnXxCltA","email":"x7y8z9@privaterelay.appleid.com","email_verified":"true","is_private_email":"true","auth_time":1658056470,"nonce_supported":true})",
                 R"({"keys":[)" + next(R"("use":"sig","alg":"RS256")") + "," + one(R"("use":"sig","alg":"RS256")") +
                     "]}",
                 both(both(names, no_exp), {{"sub", claim_missing}, {"iat", claim_missing}}), both(names, times)},
            };
    return all;
}

using verifier = jwt::verifier<rs256>;

verifier make_verifier(issuer const& of) {
    auto set = jose::parse_key_set<rs256>(of.set);
    REQUIRE(set);
    return verifier{*std::move(set), of.rules};
}
errc judged(verifier const& v, std::string_view token) {
    auto const read = v.verify(token, now);
    return read ? accepted : read.error().code;
}
std::string issued(std::string_view header, std::string_view payload) { return signed_token<rs256>(header, payload); }

/// Another value of the same type.
boost::json::value another(std::string_view name, boost::json::value const& value) {
    if (name == "exp") return 1'658'056'000;
    if (name == "iat" || name == "nbf") return 1'658'060'000;
    if (value.is_string()) return boost::json::string(value.as_string()) += "x";
    if (value.is_bool()) return !value.as_bool();
    if (value.is_int64()) return value.as_int64() + 1;
    if (value.is_object()) return boost::json::object{};
    boost::json::array changed;
    for (auto const& element : value.as_array()) changed.push_back(another("", element));
    return changed;
}

errc expected(std::map<std::string, errc> const& refusals, std::string const& name) {
    auto const found = refusals.find(name);
    return found == refusals.end() ? accepted : found->second;
}

} // namespace

TEST_CASE("Issuers: their tokens are accepted with their keys and the policy of the guide") {
    for (auto const& of : issuers()) {
        CAPTURE(of.name);
        auto const v = make_verifier(of);
        auto const token = v.verify(issued(of.header, of.payload), now);
        REQUIRE_MESSAGE(token, std::string{name(token.error().code)});
        auto const claims = object(of.payload);
        CHECK(token->subject() == claims.at("sub").as_string());
        CHECK(token->key_id() == kid_1);
        CHECK(token->has_audience("anyone") == false);
        CHECK_FALSE(token->has("nothing"));
    }
}

TEST_CASE("Issuers: scopes and roles of their tokens, by the readers of the guide") {
    auto const read = [](std::string_view name) {
        auto const& of = *std::ranges::find(issuers(), name, &issuer::name);
        auto token = make_verifier(of).verify(issued(of.header, of.payload), now);
        REQUIRE(token);
        return *std::move(token);
    };
    CHECK(auth0_names.has_scope(read("Auth0"), "orders:read"));
    CHECK_FALSE(auth0_names.has_role(read("Auth0"), "orders:read"));
    CHECK(okta_names.has_scope(read("Okta"), "orders.read"));
    CHECK(entra_names.has_scope(read("Entra ID, version 1"), "Orders.Read"));
    CHECK(entra_names.has_role(read("Entra ID, version 2"), "Orders.Admin"));
    CHECK(keycloak_names.has_role(read("Keycloak"), "offline_access"));
    CHECK(keycloak_account_names.has_role(read("Keycloak"), "view-profile"));
    CHECK(cognito_names.has_role(read("Cognito"), "buyers"));
    CHECK(jwt::rfc9068_claims().has_role(read("RFC 9068"), "buyer"));
}

TEST_CASE("Issuers: the guide's whole programs") {
    auto const& okta_one = *std::ranges::find(issuers(), std::string_view{"Okta"}, &issuer::name);
    auto const access = make_access(okta_one.set);
    REQUIRE(access);
    auto const field = "Bearer " + issued(okta_one.header, okta_one.payload);
    CHECK(may_read(*access, field, now));
    CHECK_FALSE(may_read(*access, field, now + 24h));
    auto bound = object(okta_one.payload);
    bound["cnf"] = {{"jkt", "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}};
    REQUIRE(access->verify(issued(okta_one.header, text(bound)), now));
    CHECK_FALSE(may_read(*access, "Bearer " + issued(okta_one.header, text(bound)), now));
    CHECK_FALSE(may_read(*access, "", now));

    auto const& entra = *std::ranges::find(issuers(), std::string_view{"Entra ID, version 2"}, &issuer::name);
    auto const common = R"({"keys":[)" + one(R"("issuer":"https://login.microsoftonline.com/{tenantid}/v2.0")") + "]}";
    auto const token = issued(entra.header, entra.payload);
    auto const customers = make_access_of_tenants(common, {"5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3"});
    REQUIRE(customers);
    CHECK(customers->verify(token, now));
    auto const none = make_access_of_tenants(common, {});
    REQUIRE(none);
    CHECK_FALSE(none->verify(token, now));
    auto const of_one_tenant = make_access_of_tenants(entra.set, {});
    CHECK((of_one_tenant && !of_one_tenant->keys()->has_kid(kid_1)));
}

TEST_CASE("Issuers: a claim that is changed or removed breaks the signature") {
    for (auto const& of : issuers()) {
        CAPTURE(of.name);
        auto const v = make_verifier(of);
        auto const good = issued(of.header, of.payload);
        auto const spliced = [&](boost::json::object const& claims) {
            return encode(of.header) + '.' + encode(text(claims)) + good.substr(good.rfind('.'));
        };
        auto const claims = object(of.payload);
        for (auto const& claim : claims) {
            CAPTURE(std::string{claim.key()});
            auto changed = claims, removed = claims;
            changed[claim.key()] = another(claim.key(), claim.value());
            removed.erase(claim.key());
            CHECK(judged(v, spliced(changed)) == errc::bad_signature);
            CHECK(judged(v, spliced(removed)) == errc::bad_signature);
        }
    }
}

TEST_CASE("Issuers: what the same issuer signs for others, and after its time, is refused by what the policy names") {
    for (auto const& of : issuers()) {
        CAPTURE(of.name);
        auto const v = make_verifier(of);
        auto const claims = object(of.payload);
        for (auto const& [claim, refusal] : of.removed) REQUIRE(claims.contains(claim));
        for (auto const& [claim, refusal] : of.changed) REQUIRE(claims.contains(claim));
        for (auto const& claim : claims) {
            std::string const name{claim.key()};
            CAPTURE(name);
            auto changed = claims, removed = claims;
            changed[claim.key()] = another(claim.key(), claim.value());
            removed.erase(claim.key());
            CHECK(judged(v, issued(of.header, text(changed))) == expected(of.changed, name));
            CHECK(judged(v, issued(of.header, text(removed))) == expected(of.removed, name));
        }
        // No claim that the policy reads is read from another type.
        for (auto const& name : {"iss", "aud", "exp", "iat", "nbf", "sub"}) {
            auto other = claims;
            other[name] = boost::json::object{};
            CHECK(judged(v, issued(of.header, text(other))) == errc::claim_wrong_type);
        }
    }
}

TEST_CASE("Issuers: another typ, key, kid or algorithm is refused") {
    for (auto const& of : issuers()) {
        CAPTURE(of.name);
        auto const v = make_verifier(of);
        auto const header = object(of.header);
        auto const with = [&](char const* member, std::string_view value) {
            auto other = header;
            other[member] = boost::json::string_view{value.data(), value.size()};
            return text(other);
        };
        for (auto const* other : {"logout+jwt", "secevent+jwt", "dpop+jwt", "jose", ""})
            CHECK(judged(v, issued(with("typ", other), of.payload)) ==
                  (*other == '\0' && of.rules.type.allows_absent() ? accepted : errc::wrong_type));

        CHECK(judged(v, signed_token<rs256>(of.header, of.payload, other_key<rs256>())) == errc::bad_signature);
        CHECK(judged(v, issued(with("kid", "of nobody"), of.payload)) == errc::unknown_key);
        CHECK(judged(v, issued(with("kid", kid_2), of.payload)) != accepted);

        // The same key and another algorithm, and its public half as the secret of a MAC.
        auto const& pair = key<rs256>().key();
        CHECK(judged(v, signed_token<rs512>(with("alg", "RS512"), of.payload, *local_key<rs512>::from_key(pair))) ==
              errc::algorithm_not_allowed);
        CHECK(judged(v, signed_token<ps256>(with("alg", "PS256"), of.payload, *local_key<ps256>::from_key(pair))) ==
              errc::algorithm_not_allowed);
        CHECK(judged(v, signed_token<rs512>(of.header, of.payload, *local_key<rs512>::from_key(pair))) ==
              errc::bad_signature);
        for (auto const& octets : {key<rs256>().verifier_key().key().to_pem(), of.set}) {
            auto mac = local_key<hs256>::from_key(*mac_key::from_secret(secret::copy_of(as_bytes(octets)), alg::hs256));
            REQUIRE(mac);
            CHECK(judged(v, signed_token<hs256>(with("alg", "HS256"), of.payload, *mac)) ==
                  errc::algorithm_not_allowed);
        }
        CHECK(judged(v, encode(with("alg", "none")) + '.' + encode(of.payload) + '.') == errc::unsigned_token);
    }
}

TEST_CASE("Issuers: a token that is cut anywhere, or lacks a part, is refused") {
    for (auto const& of : issuers()) {
        CAPTURE(of.name);
        auto const v = make_verifier(of);
        auto const good = issued(of.header, of.payload);
        for (std::size_t size = 0; size != good.size(); ++size)
            if (judged(v, good.substr(0, size)) == accepted) FAIL_CHECK("accepted when cut to " << size);
        for (std::size_t size = 1; size != good.size(); ++size)
            if (judged(v, good.substr(size)) == accepted) FAIL_CHECK("accepted without its first " << size);
        auto const first = good.find('.'), last = good.rfind('.');
        CHECK(judged(v, good.substr(0, first) + good.substr(last)) == errc::malformed_token);
        CHECK(judged(v, good.substr(0, first + 1) + good.substr(last)) != accepted);
    }
}

TEST_CASE("Issuers: no other issuer's token passes, though it were signed by the same key") {
    for (auto const& of : issuers()) {
        auto const v = make_verifier(of);
        for (auto const& other : issuers()) {
            CAPTURE(of.name);
            CAPTURE(other.name);
            bool const same = of.rules.issuer.values() == other.rules.issuer.values();
            CHECK((judged(v, issued(other.header, other.payload)) == accepted) == same);
        }
    }
}

TEST_CASE("Issuers: ID tokens are no access tokens") {
    auto const id_token = [](issuer const& of) {
        auto claims = object(of.payload);
        if (std::string_view{of.name} == "Cognito") {
            claims["token_use"] = "id", claims["aud"] = claims["client_id"];
            claims.erase("client_id");
        } else if (std::string_view{of.name} == "Keycloak") {
            claims["typ"] = "ID", claims["aud"] = claims["azp"];
        } else {
            claims["aud"] = "0oab8om4bars6Y80Z0h7";
        }
        return issued(of.header, text(claims));
    };
    for (auto const& of : issuers()) {
        CAPTURE(of.name);
        if (std::string_view{of.name} == "Google" || std::string_view{of.name} == "Apple")
            continue; // they are ID tokens
        CHECK(judged(make_verifier(of), id_token(of)) != accepted);
    }
    // Where the API's name is the client's, only the claim in the payload tells them apart.
    auto const& of = *std::ranges::find(issuers(), std::string_view{"Keycloak"}, &issuer::name);
    auto claims = object(of.payload);
    claims["typ"] = "ID";
    CHECK(judged(make_verifier(of), issued(of.header, text(claims))) == errc::claim_refused);
    claims["typ"] = "Refresh";
    CHECK(judged(make_verifier(of), issued(of.header, text(claims))) == errc::claim_refused);
}

TEST_CASE("Issuers: Google's other spelling of its name") {
    auto const& of = *std::ranges::find(issuers(), std::string_view{"Google"}, &issuer::name);
    auto claims = object(of.payload);
    claims["iss"] = "accounts.google.com";
    CHECK(judged(make_verifier(of), issued(of.header, text(claims))) == accepted);
    claims["iss"] = "http://accounts.google.com";
    CHECK(judged(make_verifier(of), issued(of.header, text(claims))) == errc::wrong_issuer);
}

TEST_CASE("T13: an Entra ID token with 200 groups is not too large") {
    auto const& of = *std::ranges::find(issuers(), std::string_view{"Entra ID, version 2"}, &issuer::name);
    auto claims = object(of.payload);
    boost::json::array groups;
    for (int i = 1000; i != 1200; ++i)
        groups.push_back(("5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1" + std::to_string(i)).c_str());
    claims["groups"] = groups;
    auto const token = issued(of.header, text(claims));
    CHECK(token.size() > 10'000);
    CHECK(judged(make_verifier(of), token) == accepted);
    auto small = of;
    small.rules.max_token = 8192;
    CHECK(judged(make_verifier(small), token) == errc::token_too_large);
}

TEST_CASE("RFC 7517 4 and 5: issuers' key sets are read whole, with members and certificates that nobody knows") {
    for (auto const& of : issuers()) {
        CAPTURE(of.name);
        auto const keys = object(of.set).at("keys").as_array();
        auto const usable = std::ranges::count_if(keys, [](auto const& k) { return k.at("use").as_string() == "sig"; });
        auto const set = jose::parse_key_set<rs256, rs512, ps256, es256, ed25519>(of.set);
        REQUIRE(set);
        CHECK(set->size() == static_cast<std::size_t>(usable));
        CHECK(set->as_any().has_kid(kid_1));
        // Without `alg` the key is for each RSA algorithm that is accepted (Entra ID), with it for that one.
        for (auto const& entry : set->as_any().entries()) {
            CHECK(entry.algorithms().contains(alg::rs256));
            CHECK(entry.algorithms().contains(alg::ps256) == !keys[0].as_object().contains("alg"));
        }
    }
}

TEST_CASE("RFC 7517 4.7 and 5: chains, unknown members and unknown keys are bounded by the set's limits") {
    std::string chain = "[", members, keys;
    for (int i = 0; i != 8; ++i) chain += (i ? ",\"" : "\"") + filler(1900) + '"';
    for (int i = 0; i != 100; ++i) members += ",\"x-member-" + std::to_string(i) + R"(":{"a":[1,null,"b"]})";
    auto const usual =
        one(R"("use":"sig","alg":"RS256","x5u":"https://id.example/certificates","x5c":)" + chain + "]" + members);
    // A key of a type nobody has heard of, one for a curve of others, one that is broken.
    auto const strange =
        R"({"kty":"AKP","alg":"ML-DSA-65","kid":"m","pub":")" + filler(1952, true) +
        R"("},{"kty":"OKP","crv":"X25519","kid":"x","use":"enc","x":"AAAA"},{"kty":"RSA","kid":"broken","n":"","e":"AQAB"})";
    auto const whole =
        R"({"keys":[)" + usual + ',' + strange + R"(],"next_update":"2030-01-01","signed_keys":"x.y.z"})";
    auto const set = jose::parse_key_set<rs256>(whole);
    REQUIRE(set);
    CHECK(set->size() == 1);

    auto const refusal = [](std::string const& text, jose::key_set_limits const& limits = {}) {
        auto const read = jose::parse_key_set<rs256>(text, limits);
        return read ? accepted : read.error().code;
    };
    CHECK(refusal(whole, {.max_text = whole.size()}) == accepted);
    CHECK(refusal(whole, {.max_text = whole.size() - 1}) == errc::json_too_large);
    CHECK(refusal(whole, {.max_keys = 4}) == accepted);
    CHECK(refusal(whole, {.max_keys = 3}) == errc::json_too_many_members);
    // More values than so many keys can have, in a chain that is not looked into.
    std::string endless = "[0";
    for (int i = 0; i != 4 * 24 + 1024; ++i) endless += ",0";
    auto const padded = R"({"keys":[)" + one(R"("x5c":)" + endless + "]") + "]}";
    CHECK(refusal(padded) == accepted);
    CHECK(refusal(padded, {.max_keys = 4}) == errc::json_too_many_members);
}

TEST_CASE("Issuers: AWS ALB pads the parts of its token and signs them so") {
    auto const padded = [](std::string_view part) {
        auto encoded = encode(part);
        encoded.append((4 - encoded.size() % 4) % 4, '=');
        return encoded;
    };
    auto const with_key = [&](std::string_view header, std::string_view claims, local_key<es256> const& by) {
        auto token = sign<es256>(padded(header) + '.' + padded(claims), by);
        return token + "==";
    };
    auto const header = object(
        R"({"typ":"JWT","kid":"a1b2c3d4-1111-2222-3333-444455556666","alg":"ES256","iss":"https://id.example.com","client":"shop-web","signer":"arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/a1b2","exp":1658056653})");
    auto const claims = object(
        R"({"sub":"f1c2a9d8-e7b6-4a5c-9d3e-2f1a0b9c8d7e","email_verified":"true","email":"ann@example.com","username":"ann","exp":1658056653,"iss":"https://id.example.com"})");
    // The load balancer gives its keys as PEM.
    auto const key = *verification_key<es256>::from_pem(support::key<es256>().verifier_key().key().to_pem());
    auto const judged = [&](std::string const& token) {
        auto const read = read_alb_user(token, key.key(), now);
        return read ? accepted : read.error().code;
    };
    auto const made = [&](boost::json::object const& h, boost::json::object const& c) {
        return with_key(text(h), text(c), support::key<es256>());
    };

    auto const good = made(header, claims);
    REQUIRE(good.find('=') < good.rfind('.')); // else this shows nothing
    auto const user = read_alb_user(good, key.key(), now);
    REQUIRE(user);
    CHECK(*user == "f1c2a9d8-e7b6-4a5c-9d3e-2f1a0b9c8d7e");
    jwt::verifier<es256> const strict_one{keys<es256>("a1b2c3d4-1111-2222-3333-444455556666"), lenient()};
    CHECK_FALSE(strict_one.verify(good, now));

    CHECK(judged(with_key(text(header), text(claims), other_key<es256>())) == errc::bad_signature);
    for (std::size_t size = 0; size + 2 < good.size(); ++size)
        if (judged(good.substr(0, size)) == accepted) FAIL_CHECK("accepted when cut to " << size);
    for (std::size_t bit = 0; bit < (good.size() - 2) * 8; bit += 5) {
        auto bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        if (judged(bad) == accepted) FAIL_CHECK("accepted with bit " << bit << " flipped");
    }
    auto const changed = [](boost::json::object of, char const* name, boost::json::value value) {
        of[name] = std::move(value);
        return of;
    };
    auto const without = [](boost::json::object of, char const* name) {
        of.erase(name);
        return of;
    };
    CHECK(judged(made(changed(header, "signer", "arn:aws:elasticloadbalancing:eu-central-1:999:loadbalancer/app/x/1"),
                      claims)) == errc::claim_refused);
    CHECK(judged(made(without(header, "signer"), claims)) == errc::claim_refused);
    CHECK(judged(made(changed(header, "client", "other"), claims)) == errc::wrong_audience);
    CHECK(judged(made(changed(header, "alg", "none"), claims)) == errc::unsigned_token);
    CHECK(judged(made(changed(header, "alg", "ES384"), claims)) == errc::algorithm_mismatch);
    CHECK(judged(made(header, changed(claims, "iss", "https://id.example.com/"))) == errc::wrong_issuer);
    CHECK(judged(made(header, without(claims, "iss"))) == errc::wrong_issuer);
    CHECK(judged(made(header, changed(claims, "exp", 1'658'056'503))) == errc::expired);
    CHECK(judged(made(header, changed(claims, "exp", "1658056653"))) == errc::expiry_missing);
    CHECK(judged(made(header, without(claims, "exp"))) == errc::expiry_missing);
    CHECK(judged(made(header, without(claims, "sub"))) == errc::claim_missing);
    CHECK(judged(made(header, without(claims, "email"))) == accepted);
}

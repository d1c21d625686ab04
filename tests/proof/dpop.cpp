#include "dpop_requests.hpp"
#include "jose/vectors.hpp"

#include <signet/testing/fixed_random.hpp>

#include <set>

using namespace dpop_requests;
using proof::dpop_check;
using proof::dpop_policy;

static_assert(store::operation<dpop_check>);
static_assert(proof::dpop_key<local_key<es256>> && proof::dpop_key<external_key<ed25519>>);
static_assert(!proof::dpop_key<local_key<hs256>>); // a proof is never a MAC

// ---- RFC 9449's own

TEST_CASE("RFC 9449 4.1: the proof of figure 2 verifies, its clock set") {
    auto const vectors = load_vectors("rfc9449.json");
    auto const text = [&](std::string_view name) {
        return std::string{*at(vectors, {"token_request", name}).as_string()};
    };
    request r{text("proof")};
    r.method = text("method"), r.target = text("url");
    auto const iat = unix_time{std::chrono::seconds{*at(vectors, {"token_request", "iat"}).as_int64()}};
    auto const who = decision(r, {}, iat);
    REQUIRE(who);
    CHECK(who->jkt() == *at(vectors, {"jkt"}).as_string());
    CHECK(who->algorithm_id() == alg::es256);
    CHECK(refusal(r, {}, iat + 301s) == errc::dpop_stale);
}

TEST_CASE("RFC 9449 7.1: the proof of figure 13 verifies with its access token, its clock set") {
    auto const vectors = load_vectors("rfc9449.json");
    auto const text = [&](std::string_view name) {
        return std::string{*at(vectors, {"resource_request", name}).as_string()};
    };
    request r{text("proof")};
    r.method = text("method"), r.target = text("url");
    auto const iat = unix_time{std::chrono::seconds{*at(vectors, {"resource_request", "iat"}).as_int64()}};
    auto const field = "DPoP " + text("access_token");
    auto const token =
        proof::bound_token::from_introspection(*proof::read_authorization(field), *at(vectors, {"jkt"}).as_string());
    REQUIRE(token);
    r.token = &*token;
    auto const who = decision(r, {}, iat);
    REQUIRE(who);
    CHECK(who->is(token->thumbprint()));
}

// ---- RULES 3.3

TEST_CASE("RULES 3.3.1 at most one DPoP header field") {
    auto const good = parts{}.text();
    CHECK(refusal(request{good}) == accepted);
    CHECK(refusal(request{" \t" + good + " "}) == accepted); // RFC 9110 5.5
    CHECK(refusal(request{std::vector<std::string>{}}) == errc::dpop_missing);
    CHECK(refusal(request{{good, good}}) == errc::dpop_multiple);
    CHECK(refusal(request{{good, ""}}) == errc::dpop_multiple);
    CHECK(refusal(request{good + "," + good}) == errc::dpop_multiple); // two fields, joined on the way
    CHECK(refusal(request{good + ", x"}) == errc::dpop_multiple);
}

TEST_CASE("RULES 3.3.2 it is one well-formed JWT") {
    parts const p;
    auto const good = p.text();
    auto const with = [&](std::string_view header, std::string_view payload) {
        return refusal(request{parts::signed_text(header, payload, client().key(), alg::es256)});
    };
    CHECK(with(p.header(), p.payload()) == accepted);
    CHECK(refusal(request{""}) == errc::dpop_malformed);
    CHECK(refusal(request{"a.b"}) == errc::dpop_malformed);
    CHECK(refusal(request{good + ".x"}) == errc::dpop_malformed);
    CHECK(refusal(request{good + ".x.y"}) == errc::dpop_malformed); // encrypted
    CHECK(refusal(request{good + "="}) == errc::dpop_malformed);
    CHECK(refusal(request{"DPoP " + good}) == errc::dpop_malformed);
    CHECK(with("[]", p.payload()) == errc::dpop_malformed);
    CHECK(with(p.header(), "[]") == errc::dpop_malformed);
    CHECK(with(p.header(), "") == errc::dpop_malformed);
    CHECK(with(p.header(), p.payload() + "x") == errc::dpop_malformed);
    CHECK(with(p.header(), R"({"jti":"a",)" + p.payload().substr(1)) == errc::dpop_malformed); // a name twice
    CHECK(with(R"({"typ":"dpop+jwt",)" + p.header().substr(1), p.payload()) == errc::dpop_malformed);

    parts critical;
    critical.more_header = R"("crit":["b64"],"b64":false)";
    CHECK(refusal(request{critical.text()}) == errc::dpop_malformed);
    parts wrong_type;
    wrong_type.typ = "7";
    CHECK(refusal(request{wrong_type.text()}) == errc::dpop_malformed);
}

TEST_CASE("RULES 3.3.2 its size is bounded: characters and JSON values") {
    parts p;
    p.more = "\"x\":" + in_quotes(std::string(5'000, 'x'));
    CHECK(refusal(request{p.text()}) == accepted);
    p.more = "\"x\":" + in_quotes(std::string(6'100, 'x'));
    CHECK(p.text().size() > proof::max_dpop_proof);
    CHECK(refusal(request{p.text()}) == errc::dpop_malformed);
    p.more = "\"x\":[0";
    for (int i = 0; i != 57; ++i) p.more += ",0";
    parts full = p;
    full.more += "]"; // object, four claims, array, 58 numbers: 64
    CHECK(refusal(request{full.text()}) == accepted);
    full.more = p.more + ",0]";
    CHECK(refusal(request{full.text()}) == errc::dpop_malformed);
    p.more = "\"x\":" + std::string(40, '[') + std::string(40, ']');
    CHECK(refusal(request{p.text()}) == errc::dpop_malformed);
}

TEST_CASE("RULES 3.3.3 the required claims are there, of their types") {
    auto const without = [](auto member) {
        parts p;
        p.*member = "";
        return refusal(request{p.text()});
    };
    auto const as = [](auto member, std::string value) {
        parts p;
        p.*member = std::move(value);
        return refusal(request{p.text()});
    };
    for (auto member : {&parts::jti, &parts::htm, &parts::htu}) {
        CHECK(without(member) == errc::dpop_claim_missing);
        CHECK(as(member, "\"\"") == errc::dpop_claim_missing);
        CHECK(as(member, "7") == errc::dpop_malformed);
        CHECK(as(member, "null") == errc::dpop_malformed);
    }
    CHECK(without(&parts::iat) == errc::dpop_claim_missing);
    for (auto const* value : {"\"1800000000\"", "null", "[1800000000]", "-1", "1e30"})
        CHECK(as(&parts::iat, value) == errc::dpop_malformed);
    CHECK(as(&parts::iat, "1800000000.5") == accepted); // NumericDate may have a fraction
    CHECK(as(&parts::ath, "7") == errc::dpop_malformed);
    CHECK(as(&parts::nonce, "7") == errc::dpop_malformed);
    CHECK(as(&parts::more, "\"client\":\"x\"") == accepted); // RFC 9449 4.2: others may be there
}

TEST_CASE("RULES 3.3.3 with an access token, ath is required") {
    auto const text = token_of(client().key().public_part());
    auto const token = shown_as_dpop("DPoP " + text);
    parts p;
    request r{p.text()};
    r.token = &token;
    CHECK(refusal(r) == errc::dpop_claim_missing);
    p.ath = hash_of(text);
    r.proofs = {p.text()};
    CHECK(refusal(r) == accepted);
}

TEST_CASE("RULES 3.3.4 typ is dpop+jwt") {
    for (auto const* typ : {"", "\"\"", "\"JWT\"", "\"at+jwt\"", "\"dbsc+jwt\"", "\"DPOP+JWT\"",
                            "\"application/dpop+jwt\"", "\"dpop+jwt \""}) {
        parts p;
        p.typ = typ;
        CHECK(refusal(request{p.text()}) == errc::wrong_dpop_type);
    }
}

TEST_CASE("RULES 3.3.5 alg is asymmetric, registered, supported and allowed") {
    for (auto const* name :
         {"none", "None", "HS256", "HS512", "ES384", "ES512", "ES256K", "RSA-OAEP", "es256", "dir"}) {
        parts p;
        p.alg = in_quotes(name);
        CHECK_MESSAGE(refusal(request{p.text()}) == errc::dpop_algorithm_not_allowed, name);
    }
    dpop_policy policy;
    policy.algorithms = algorithm_set::of<ed25519>();
    CHECK(refusal(request{parts{}.text()}, policy) == errc::dpop_algorithm_not_allowed);
    // A policy cannot allow what no proof may use.
    policy.algorithms = algorithm_set::of<hs256, es384>();
    auto const p384 = *private_key::generate(alg::es384);
    parts p;
    p.alg = "\"ES384\"", p.jwk = public_jwk(p384.public_part());
    CHECK(refusal(request{p.signed_by(p384, alg::es384)}, policy) == errc::dpop_algorithm_not_allowed);
}

TEST_CASE("RULES 3.3.5 the algorithm is judged before the signature's length: ML-DSA is not allowed, not malformed") {
    for (auto const a : {alg::ml_dsa_44, alg::es384, alg::es256k}) {
        parts p;
        p.alg = in_quotes(traits(a).name);
        auto const text = p.text();
        // As long as a signature of ML-DSA-44 is.
        auto const proof = text.substr(0, text.rfind('.') + 1) + codec::base64url_encode(bytes(2420, 1));
        REQUIRE(proof.size() < proof::max_dpop_proof);
        CHECK_MESSAGE(refusal(request{proof}) == errc::dpop_algorithm_not_allowed, traits(a).name);
    }
    auto const text = parts{}.text();
    auto const longer = text.substr(0, text.rfind('.') + 1) + codec::base64url_encode(bytes(513, 1));
    CHECK(refusal(request{longer}) == errc::dpop_malformed);
}

namespace {
/// A key somewhere else, of which nobody knows how it signs.
struct key_elsewhere {
    public_key shown;
    static key_elsewhere rsa(std::size_t octets) {
        bytes n(octets, 0xa7);
        return {*public_key::from_rsa(n, std::array<std::uint8_t, 3>{1, 0, 1})};
    }
    alg algorithm_id() const noexcept { return alg::ps256; }
    std::size_t signature_size() const noexcept { return shown.signature_size(); }
    result<std::size_t> sign(bytes_view, std::span<std::uint8_t> out) const {
        if (out.size() < signature_size()) return errc::buffer_too_small;
        std::fill_n(out.begin(), signature_size(), std::uint8_t{1});
        return signature_size();
    }
    verification_key<ps256> verifier_key() const { return *verification_key<ps256>::from_key(shown); }
};
} // namespace

TEST_CASE("proofs are made with RSA keys of every size that signet reads") {
    for (auto const octets : {256u, 512u, 513u, 1024u}) {
        CAPTURE(octets);
        CHECK(proof::make_dpop_proof(key_elsewhere::rsa(octets), {.method = "GET", .url = url}, now));
    }
}

TEST_CASE("RULES 3.3.5 every algorithm of dpop_algorithms works") {
    dpop_policy policy;
    policy.algorithms = proof::dpop_algorithms;
    auto const rsa = *private_key::generate(alg::ps256);
    for (std::size_t i = 0; i != alg_count; ++i) {
        auto const a = static_cast<alg>(i);
        if (!proof::dpop_algorithms.contains(a)) continue;
        auto const key = traits(a).type == key_type::rsa ? rsa : *private_key::generate(a);
        parts p;
        p.alg = in_quotes(traits(a).name), p.jwk = public_jwk(key.public_part());
        auto const who = decision(request{p.signed_by(key, a)}, policy);
        REQUIRE(who);
        CHECK(who->algorithm_id() == a);
        CHECK(who->jkt() == jose::thumbprint(key.public_part()));
        if (a != alg::ed25519) continue;
        p.alg = "\"EdDSA\""; // its older name
        CHECK(refusal(request{p.signed_by(key, a)}, policy) == accepted);
    }
}

TEST_CASE("RULES 3.3.6 the signature verifies with the key in the header") {
    CHECK(refusal(request{parts{}.signed_by(stranger().key(), alg::es256)}) == errc::invalid_dpop_signature);
    auto const good = parts{}.text();
    auto const dot = good.rfind('.');
    CHECK(refusal(request{good.substr(0, dot + 1)}) == errc::invalid_dpop_signature);
    CHECK(refusal(request{good.substr(0, dot + 1) + std::string(84, 'A')}) == errc::invalid_dpop_signature);
    CHECK(refusal(request{good + "AAAA"}) == errc::invalid_dpop_signature);
    CHECK(refusal(request{good.substr(0, dot + 1) + std::string(86, 'A')}) ==
          errc::invalid_dpop_signature); // r = s = 0
    parts moved;                         // another header over the same payload
    moved.more_header = "\"kid\":\"x\"";
    auto const other = moved.text();
    CHECK(refusal(request{other.substr(0, other.find('.')) + good.substr(good.find('.'))}) ==
          errc::invalid_dpop_signature);
}

TEST_CASE("RULES 3.3.7 the key in the header has no private part") {
    auto const secret_jwk = *jose::to_json(jose::private_jwk{{}, client().key()});
    parts p;
    p.jwk = as_text(secret_jwk.reveal());
    CHECK(refusal(request{p.text()}) == errc::dpop_private_key_refused);
    for (auto const* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
        p.jwk = public_jwk();
        p.jwk.insert(1, in_quotes(member) + ":\"AA\",");
        CHECK(refusal(request{p.text()}) == errc::dpop_private_key_refused);
    }
}

TEST_CASE("RULES 3.3.7 DECISIONS 11: the key is one of the accepted kind and size, and may be used so") {
    auto const with = [](std::string jwk) {
        parts p;
        p.jwk = std::move(jwk);
        return refusal(request{p.text()});
    };
    auto const inside = [](std::string_view member) {
        auto jwk = public_jwk();
        jwk.insert(1, std::string{member} + ",");
        return jwk;
    };
    CHECK(with("") == errc::dpop_key_refused);
    CHECK(with("{}") == errc::dpop_key_refused);
    CHECK(with("\"x\"") == errc::dpop_malformed);
    CHECK(with(public_jwk(private_key::generate(alg::ed25519)->public_part())) ==
          errc::dpop_key_refused); // not for ES256
    CHECK(with(public_jwk(private_key::generate(alg::es384)->public_part())) == errc::dpop_key_refused);
    CHECK(with(R"({"kty":"oct"})") == errc::dpop_key_refused);
    CHECK(with(inside(R"("use":"sig","alg":"ES256","key_ops":["verify"],"kid":"x","x5c":["MA=="])")) == accepted);
    CHECK(with(inside(R"("use":"enc")")) == errc::dpop_key_refused);
    CHECK(with(inside(R"("alg":"ES384")")) == errc::dpop_key_refused);
    CHECK(with(inside(R"("key_ops":["sign"])")) == errc::dpop_key_refused);
    CHECK(with(inside(R"("key_ops":["verify","verify"])")) == errc::dpop_key_refused);
    CHECK(with(inside(R"("kid":7)")) == errc::dpop_key_refused);
    auto const zero = std::string(43, 'A');
    CHECK(with(R"({"kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + R"("})") ==
          errc::dpop_key_refused); // not on the curve
    auto const x = codec::base64url_encode(client().key().public_part().x()),
               y = codec::base64url_encode(client().key().public_part().y());
    CHECK(with(R"({"kty":"EC","crv":"P-256","x":")" + x + R"("})") == errc::dpop_key_refused);
    CHECK(with(R"({"kty":"EC","crv":"P-256","x":")" + x + R"(=","y":")" + y + R"("})") == errc::dpop_key_refused);
    CHECK(with(R"({"kty":"OKP","crv":"P-256","x":")" + x + R"(","y":")" + y + R"("})") == errc::dpop_key_refused);
    CHECK(with(R"({"kty":"EC","crv":"P-256","x":")" + y + R"(","y":")" + x + R"("})") == errc::dpop_key_refused);

    dpop_policy rsa;
    rsa.algorithms = algorithm_set::of<rs256, ed25519>();
    auto const modulus = [&](std::size_t bits) { // odd, no small factors needed: the size is judged first
        parts p;
        p.alg = "\"RS256\"";
        bytes n(bits / 8, 0xff);
        p.jwk = R"({"kty":"RSA","e":"AQAB","n":")" + codec::base64url_encode(n) + R"("})";
        return refusal(request{p.text()}, rsa);
    };
    CHECK(modulus(1024) == errc::dpop_key_refused);
    CHECK(modulus(2048) == errc::invalid_dpop_signature);
    CHECK(modulus(4096) == errc::invalid_dpop_signature);
    CHECK(modulus(4104) == errc::dpop_key_refused);
    CHECK(modulus(16384) == errc::dpop_key_refused);
    parts small; // of order 4
    small.alg = "\"EdDSA\"", small.jwk = R"({"kty":"OKP","crv":"Ed25519","x":")" + zero + R"("})";
    CHECK(refusal(request{small.text()}, rsa) == errc::dpop_key_refused);
}

TEST_CASE("RULES 3.3.8 htm is the request's method, case and all") {
    for (auto const* htm : {"POST", "get", "Get", "GET ", "G", "GETT"}) {
        parts p;
        p.htm = in_quotes(htm);
        CHECK(refusal(request{p.text()}) == errc::wrong_dpop_method);
    }
}

TEST_CASE("RULES 3.3.9 htu is the request's URI without query and fragment, in normal form") {
    auto const judge = [](std::string_view htu, std::string_view target) {
        parts p;
        p.htu = in_quotes(htu);
        request r{p.text()};
        r.target = target;
        return refusal(r);
    };
    CHECK(judge(url, std::string{url} + "?page=2&x#frag") == accepted);
    CHECK(judge(std::string{url} + "?page=3", url) == accepted); // RFC 9449 4.3: ignoring query and fragment parts
    CHECK(judge("HTTPS://API.example.com:443/a/../orders", url) == accepted);
    CHECK(judge("https://api.example.com/%6frders", url) == accepted);
    CHECK(judge("https://api.example.com", "https://api.example.com/") == accepted);
    for (auto const* htu :
         {"https://api.example.com/orders/", "https://api.example.com/Orders", "http://api.example.com/orders",
          "https://api.example.com:8443/orders", "https://api.example.org/orders", "https://api.example.com/order",
          "https://api.example.com.evil.org/orders", "https://evil@api.example.com/orders", "/orders", "orders",
          "//api.example.com/orders", "https://api.example.com/orders%2f", "https://api.example.com/orders%00", "x"})
        CHECK_MESSAGE(judge(htu, url) == errc::wrong_dpop_uri, htu);
    // Of the server's own URL its own reason, since no client can help it.
    CHECK(judge(url, "/orders") == errc::unsupported_uri_scheme);
    CHECK(judge(url, "https:///orders") == errc::malformed_uri);
    CHECK(judge("https://api.example.com/" + std::string(5'000, 'x'),
                "https://api.example.com/" + std::string(5'000, 'x')) == accepted);
}

TEST_CASE("RULES 3.3.10 the nonce is one that the server gave recently") {
    proof::dpop_nonces const nonces{*mac_key::generate(alg::hs256)}, others{*mac_key::generate(alg::hs256)};
    dpop_policy policy;
    policy.nonces = &nonces;
    auto const judge = [&](std::string_view nonce, unix_time t = now) {
        parts p;
        p.nonce = nonce.empty() ? "" : in_quotes(nonce);
        return refusal(request{p.text()}, policy, t);
    };
    CHECK(judge(nonces.make(now)) == accepted);
    CHECK(judge("") == errc::dpop_nonce_required);
    CHECK(judge("x") == errc::dpop_nonce_unknown);
    CHECK(judge(others.make(now)) == errc::dpop_nonce_unknown);
    CHECK(judge(nonces.make(now - 180s)) == errc::dpop_nonce_unknown);
    CHECK(judge(nonces.make(now - 120s)) == accepted);
    // An old proof is asked for a new nonce, before its age is looked at (RULES 3.3).
    CHECK(judge(nonces.make(now), now + 400s) == errc::dpop_nonce_unknown);
    // Without nonces of ours, one of another server is ignored.
    parts p;
    p.nonce = "\"from elsewhere\"";
    CHECK(refusal(request{p.text()}) == accepted);
}

TEST_CASE("RULES 3.3.11 iat lies in the window, a little future included") {
    dpop_policy policy;
    policy.max_age = 60s, policy.future_skew = 5s;
    auto const judge = [&](std::string iat) {
        parts p;
        p.iat = std::move(iat);
        return refusal(request{p.text()}, policy);
    };
    CHECK(judge("1799999940") == accepted);
    CHECK(judge("1799999939") == errc::dpop_stale);
    CHECK(judge("1799999939.999") == errc::dpop_stale);
    CHECK(judge("0") == errc::dpop_stale);
    CHECK(judge("1800000005") == accepted);
    CHECK(judge("1800000005.001") == errc::dpop_issued_in_future);
    CHECK(judge("1800000006") == errc::dpop_issued_in_future);
    CHECK(judge("253402300799") == errc::dpop_issued_in_future);
    for (auto [age, skew] : {std::pair{0s, 5s}, {3601s, 5s}, {60s, -1s}, {60s, 301s}, {-5s, 5s}}) {
        policy.max_age = age, policy.future_skew = skew;
        CHECK(judge("1800000000") == errc::out_of_range);
    }
}

TEST_CASE("RULES 3.3.11 or the time inside the nonce, where the policy says so") {
    proof::dpop_nonces const nonces{*mac_key::generate(alg::hs256)};
    dpop_policy policy;
    policy.nonces = &nonces;
    parts p;
    p.iat = "86400"; // a clock that was never set
    p.nonce = in_quotes(nonces.make(now));
    CHECK(refusal(request{p.text()}, policy) == errc::dpop_stale);
    policy.nonce_dates_proof = true;
    CHECK(refusal(request{p.text()}, policy) == accepted);
    p.iat = "\"soon\"";
    CHECK(refusal(request{p.text()}, policy) == errc::dpop_malformed);
    p.iat = "86400";
    // It is remembered for as long as its nonce is good, whenever it is shown.
    auto const op = request{p.text()}.check(policy, now + 100s);
    REQUIRE(op.next());
    CHECK(op.next()->record.expires == nonces.expires(*nonces.issued(nonces.make(now), now)));
    CHECK(op.next()->record.expires == request{p.text()}.check(policy, now).next()->record.expires);
    CHECK(op.next()->issued == *nonces.issued(nonces.make(now), now));
}

TEST_CASE("RULES 3.3.12 ath is the hash of the token shown, and the key is the one the token is bound to") {
    auto const text = token_of(client().key().public_part()), foreign = token_of(stranger().key().public_part());
    auto const token = shown_as_dpop("DPoP " + text), foreign_token = shown_as_dpop("dpop  " + foreign);
    auto const judge = [](std::string ath, proof::bound_token const& t) {
        parts p;
        p.ath = std::move(ath);
        request r{p.text()};
        r.token = &t;
        return refusal(r);
    };
    CHECK(judge(hash_of(text), token) == accepted);
    CHECK(judge(hash_of(foreign), token) == errc::wrong_dpop_token_hash);
    CHECK(judge("\"\"", token) == errc::wrong_dpop_token_hash);
    auto longer = hash_of(text);
    longer.insert(longer.size() - 1, "A");
    CHECK(judge(longer, token) == errc::wrong_dpop_token_hash);
    CHECK(judge(hash_of(foreign), foreign_token) == errc::dpop_key_mismatch); // a stolen token with the thief's own key
    // At a token endpoint: dpop_jkt of the code, or the key of the refresh token.
    request r{parts{}.text()};
    r.bound_to = jose::thumbprint_digest(client().key().public_part());
    CHECK(refusal(r) == accepted);
    r.bound_to = jose::thumbprint_digest(stranger().key().public_part());
    CHECK(refusal(r) == errc::dpop_key_mismatch);
}

// ---- replay

TEST_CASE(
    "RULES 3.3 a jti is used once: the store sees a hash over key, URL and jti, for as long as the proof is good") {
    auto const ask = [](parts const& p, unix_time t = now, std::string_view target = url) {
        request r{p.text()};
        r.target = target;
        auto const op = r.check({}, t);
        REQUIRE(op.next());
        return *op.next();
    };
    parts const p;
    auto const first = ask(p);
    CHECK(first.verb == store::verb::insert);
    CHECK(first.single_use);
    CHECK(first.record.bytes.empty());
    CHECK(first.issued == now - dpop_policy{}.future_skew); // the client's clock may be ahead by so much
    CHECK(first.record.expires == now + 301s);              // the first second in which it is refused as stale
    CHECK(first.key ==
          proof::record_key("dpop", {as_text(jose::thumbprint_digest(client().key().public_part())), url, "jti-1"}));
    CHECK(ask(p, now + 300s).record.expires == first.record.expires); // whenever it is shown
    CHECK(ask(p, now, std::string{url} + "?other=query").key == first.key);
    parts same = p;
    same.htu = in_quotes("https://API.example.com:443/orders");
    CHECK(ask(same).key == first.key); // another spelling is the same use
    parts next = p;
    next.jti = "\"jti-2\"";
    CHECK(ask(next).key != first.key);
    parts long_one = p;
    long_one.jti = in_quotes(std::string(4'000, 'j'));
    CHECK(ask(long_one).key.size() == 32);
}

TEST_CASE("RULES 3.3 the second showing is replayed, on a guard and on a store") {
    proof::replay_guard guard{{.entries = 100, .window = 400s}};
    store::memory db;
    request const r{parts{}.text()};
    CHECK(run(r.check({}), guard));
    CHECK(run(r.check({}), guard).error() == errc::dpop_replayed);
    CHECK(run(r.check({}), db));
    CHECK(run(r.check({}), db).error() == errc::dpop_replayed);
    CHECK(run(r.check({}, now + 300s), db).error() == errc::dpop_replayed);
    CHECK(run(r.check({}, now + 301s), db).error() == errc::dpop_stale); // and no gap between the two
    parts theirs;                                                        // the same jti of another client is another
    theirs.jwk = public_jwk(stranger().key().public_part());
    CHECK(run(request{theirs.signed_by(stranger().key(), alg::es256)}.check({}), db));
}

TEST_CASE("DECISIONS 11 the jti is inserted last: nothing that is refused asks the store") {
    auto const text = token_of(client().key().public_part());
    auto const token = shown_as_dpop("DPoP " + text);
    auto const untouched = [&](parts const& p, dpop_policy const& policy = {}) {
        request r{p.text()};
        r.token = &token;
        return r.check(policy).next() == nullptr;
    };
    parts p;
    p.ath = hash_of(text);
    CHECK_FALSE(untouched(p));
    auto const changed = [&](auto member, std::string value) {
        auto other = p;
        other.*member = std::move(value);
        return other;
    };
    CHECK(untouched(changed(&parts::ath, hash_of("another"))));
    CHECK(untouched(changed(&parts::htm, "\"PUT\"")));
    CHECK(untouched(changed(&parts::htu, "\"https://api.example.com/\"")));
    CHECK(untouched(changed(&parts::iat, "1700000000")));
    CHECK(untouched(changed(&parts::jwk, public_jwk(stranger().key().public_part()))));
    proof::dpop_nonces const nonces{*mac_key::generate(alg::hs256)};
    dpop_policy policy;
    policy.nonces = &nonces;
    CHECK(untouched(p, policy));
    request unsigned_one{p.signed_by(stranger().key(), alg::es256)};
    unsigned_one.token = &token;
    CHECK(unsigned_one.check({}).next() == nullptr);
}

TEST_CASE("DECISIONS 11 a guard is not filled by valid foreign proofs: an honest client still passes") {
    proof::replay_guard guard{{.entries = 16, .window = 400s, .shards = 1}};
    auto const text = token_of(client().key().public_part());
    auto const token = shown_as_dpop("DPoP " + text);
    for (int i = 0; i != 300; ++i) { // each signed well, by a key of the attacker's, for the stolen token
        parts p;
        p.jti = in_quotes("foreign-" + std::to_string(i));
        p.jwk = public_jwk(stranger().key().public_part()), p.ath = hash_of(text);
        request r{p.signed_by(stranger().key(), alg::es256)};
        r.token = &token;
        REQUIRE(run(r.check({}), guard).error() == errc::dpop_key_mismatch);
    }
    parts honest;
    honest.ath = hash_of(text);
    request r{honest.text()};
    r.token = &token;
    CHECK(run(r.check({}), guard));
    // What does fill it are good proofs; then it refuses and says that it is our fault.
    errc last{};
    for (int i = 0; i != 300 && last != errc::replay_guard_full; ++i) {
        honest.jti = in_quotes("own-" + std::to_string(i));
        request more{honest.text()};
        more.token = &token;
        auto const ruled = run(more.check({}), guard);
        last = ruled ? errc{} : ruled.error().code;
    }
    CHECK(last == errc::replay_guard_full);
    CHECK(http_status(last) == 503);
}

TEST_CASE("DECISIONS 1 every reply at the one step: a success is a success, everything else is none") {
    request const r{parts{}.text()};
    {
        auto op = r.check({});
        CHECK(op.get().error() == errc::store_unavailable); // not asked yet is no success
        op.answer(store::reply::success());
        CHECK(op.next() == nullptr);
        CHECK(op.get());
        op.answer(store::reply::not_applied()); // no question is open
        CHECK(op.get());
    }
    auto const after = [&](store::reply const& reply) {
        auto op = r.check({});
        op.answer(reply);
        CHECK(op.next() == nullptr);
        return op.get().error();
    };
    CHECK(after(store::reply::not_applied()) == errc::dpop_replayed);
    for (auto why : {errc::store_unavailable, errc::outcome_unknown, errc::store_full, errc::store_unfit,
                     errc::store_restarted, errc::buffer_too_small, errc::record_too_large, errc::record_expired,
                     errc::replay_guard_full, errc::out_of_range})
        CHECK(after(store::reply::failure(why)) == why);
    // A refused proof stays refused, whatever is answered.
    parts p;
    p.htm = "\"PUT\"";
    auto op = request{p.text()}.check({});
    CHECK(op.next() == nullptr);
    op.answer(store::reply::success());
    CHECK(op.get().error() == errc::wrong_dpop_method);
}

// ---- make

TEST_CASE("RFC 9449 4.2 a proof that was made: its members, and that it passes") {
    proof::dpop_nonces const nonces{*mac_key::generate(alg::hs256)};
    auto const text = token_of(client().key().public_part());
    auto const token = shown_as_dpop("DPoP " + text);
    auto const nonce = nonces.make(now);
    testing::fixed_random dice{7};
    auto const made = proof::make_dpop_proof(
        client(), {.method = "GET", .url = std::string{url} + "?page=2#top", .access_token = text, .nonce = nonce}, now,
        dice);
    REQUIRE(made);
    auto const seen = jose::peek(*made, 8192);
    REQUIRE(seen);
    dpop_policy policy;
    policy.nonces = &nonces;
    request r{*made};
    r.token = &token;
    CHECK(refusal(r, policy) == accepted);

    auto const split = jose::split_compact(*made, 8192);
    auto const header = codec::json_document::parse(as_text(*codec::base64url_decode(split->header)));
    CHECK(header->root().size() == 3);
    CHECK(*header->root().find("typ")->as_string() == "dpop+jwt");
    CHECK(header->root().find("jwk")->size() == 4); // public members alone
    auto const payload = codec::json_document::parse(as_text(*codec::base64url_decode(split->payload)));
    auto const claims = payload->root();
    CHECK(claims.size() == 6);
    CHECK(claims.find("jti")->as_string()->size() == 22); // 128 random bits
    CHECK(*claims.find("htm")->as_string() == "GET");
    CHECK(*claims.find("htu")->as_string() == url);
    CHECK(*claims.find("iat")->as_int64() == 1'800'000'000);
    CHECK(in_quotes(*claims.find("ath")->as_string()) == hash_of(text));
    CHECK(*claims.find("nonce")->as_string() == nonce);
}

TEST_CASE("make_dpop_proof: any signing key, a fresh jti each time, and what is refused") {
    proof::dpop_target const target{.method = "GET", .url = url};
    std::set<std::string> all;
    for (int i = 0; i != 16; ++i) all.insert(*proof::make_dpop_proof(client(), target, now));
    CHECK(all.size() == 16);

    auto const ed = *local_key<ed25519>::generate();
    CHECK(refusal(request{*proof::make_dpop_proof(ed, target, now)}) == accepted);
    auto const rsa = *local_key<ps256>::generate();
    CHECK(refusal(request{*proof::make_dpop_proof(rsa, target, now)}) == accepted);
    external_key<es256> const elsewhere{
        client().verifier_key(), [](bytes_view m, std::span<std::uint8_t> out) { return client().sign(m, out); }};
    CHECK(refusal(request{*proof::make_dpop_proof(elsewhere, target, now)}) == accepted);

    external_key<es256> const broken{client().verifier_key(),
                                     [](bytes_view, std::span<std::uint8_t>) -> result<std::size_t> { return 64; }};
    CHECK(proof::make_dpop_proof(broken, target, now).error() == errc::signer_failed);
    auto const p384 = *local_key<es384>::generate();
    CHECK(proof::make_dpop_proof(p384, target, now).error() == errc::dpop_algorithm_not_allowed);
    CHECK(proof::make_dpop_proof(client(), {.method = "", .url = url}, now).error() == errc::out_of_range);
    CHECK(proof::make_dpop_proof(client(), {.method = "GET", .url = "/orders"}, now).error() ==
          errc::unsupported_uri_scheme);
    CHECK(proof::make_dpop_proof(client(), {.method = "GET", .url = url, .nonce = "\xff"}, now).error() ==
          errc::json_not_utf8);
}

// ---- the matrix

TEST_CASE("a matrix of mutated proofs: with every pair of faults one of the two is the reason") {
    auto const text = token_of(client().key().public_part());
    auto const token = shown_as_dpop("DPoP " + text);
    proof::dpop_nonces const nonces{*mac_key::generate(alg::hs256)};
    dpop_policy policy;
    policy.nonces = &nonces;
    struct fault {
        std::string parts::* member;
        std::string value;
        errc reason;
    };
    std::vector<fault> const faults{
        {&parts::typ, "\"JWT\"", errc::wrong_dpop_type},
        {&parts::alg, "\"HS256\"", errc::dpop_algorithm_not_allowed},
        {&parts::alg, "\"none\"", errc::dpop_algorithm_not_allowed},
        {&parts::jwk, "{}", errc::dpop_key_refused},
        {&parts::jwk, R"({"kty":"EC","d":"AA"})", errc::dpop_private_key_refused},
        {&parts::jwk, public_jwk(stranger().key().public_part()), errc::dpop_key_mismatch},
        {&parts::more_header, R"("crit":["x"],"x":1)", errc::dpop_malformed},
        {&parts::jti, "", errc::dpop_claim_missing},
        {&parts::htm, "\"PUT\"", errc::wrong_dpop_method},
        {&parts::htu, "\"https://x.example/\"", errc::wrong_dpop_uri},
        {&parts::iat, "1700000000", errc::dpop_stale},
        {&parts::iat, "1900000000", errc::dpop_issued_in_future},
        {&parts::nonce, "", errc::dpop_nonce_required},
        {&parts::nonce, "\"old\"", errc::dpop_nonce_unknown},
        {&parts::ath, hash_of("x"), errc::wrong_dpop_token_hash},
        {&parts::more, R"("x":1,"x":2)", errc::dpop_malformed},
    };
    parts good;
    good.ath = hash_of(text), good.nonce = in_quotes(nonces.make(now));
    auto const judge = [&](parts const& p) {
        request r{p.text()};
        r.token = &token;
        return refusal(r, policy);
    };
    CHECK(judge(good) == accepted);
    for (auto const& a : faults) {
        auto one = good;
        one.*a.member = a.value;
        CHECK(judge(one) == a.reason);
        for (auto const& b : faults) {
            if (a.member == b.member) continue;
            auto both = one;
            both.*b.member = b.value;
            auto const reason = judge(both);
            CHECK_MESSAGE((reason == a.reason || reason == b.reason), name(a.reason), " and ", name(b.reason), " gave ",
                          name(reason));
        }
    }
}

TEST_CASE("no octet of a proof can be changed unseen") {
    auto const good = parts{}.text();
    for (std::size_t i = 0; i != good.size(); ++i) {
        auto other = good;
        other[i] = other[i] == 'A' ? 'B' : 'A';
        if (refusal(request{other}) == accepted) FAIL("octet " << i);
    }
}

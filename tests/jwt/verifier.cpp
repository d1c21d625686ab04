#include "support.hpp"

#include <concepts>

using namespace support;

namespace {

// ---- what must not compile (DESIGN section 1) ----------------------------------------------------------------------

template <class... A>
concept can_verify = requires { typename jwt::verifier<A...>; };
static_assert(can_verify<es256> && can_verify<es256, ed25519, rs256> && can_verify<hs256>);
static_assert(!can_verify<es256, hs256>, "a signature and a MAC may never share a verifier");
static_assert(!can_verify<hs256, hs512>, "one MAC, not two");
static_assert(!can_verify<> && !can_verify<struct none>, "there is no `none`");

using access_tokens = jwt::verifier<es256, ed25519>;
static_assert(std::constructible_from<access_tokens, jose::key_set<es256, ed25519>, jwt::policy>);
static_assert(!std::constructible_from<access_tokens, jose::key_set<hs256>, jwt::policy>);
static_assert(!std::constructible_from<access_tokens, jose::key_set<es256>, jwt::policy>);
static_assert(!std::constructible_from<access_tokens, jose::any_key_set, jwt::policy>);
static_assert(!std::constructible_from<access_tokens, jose::key_set<es256, ed25519>>, "no verifier without a policy");
static_assert(!std::copy_constructible<access_tokens> && std::movable<access_tokens>);
static_assert(!std::convertible_to<std::string, secret> && !std::convertible_to<char const*, secret>);
static_assert(!std::convertible_to<bytes, secret>);

template <class K>
concept has_from_secret = requires(secret s) { K::from_secret(std::move(s)); };
template <class K>
concept has_from_pem = requires { K::from_pem(std::string_view{}); };
static_assert(has_from_pem<verification_key<es256>> && !has_from_secret<verification_key<es256>>);
static_assert(!has_from_pem<verification_key<hs256>> && has_from_secret<verification_key<hs256>>);
static_assert(!std::constructible_from<verification_key<hs256>, public_key> &&
              !std::constructible_from<mac_key, public_key>);

template <class S>
concept can_add = requires(S s, verification_key<hs256> k) { s.add("kid", k); };
static_assert(can_add<jose::key_set<hs256>> && !can_add<jose::key_set<es256, ed25519>>);

template <class B>
concept may_hold_the_token = requires(access_tokens const& v, unix_time t) { v.verify("", std::declval<B>(), t); };
static_assert(may_hold_the_token<jwt::scratch<>&> && may_hold_the_token<jwt::scratch<100>&> &&
              may_hold_the_token<jwt::scratch_base&>);
static_assert(!may_hold_the_token<jwt::scratch<>> && !may_hold_the_token<jwt::scratch<> const&>, "no dangling scratch");
static_assert(!may_hold_the_token<std::array<char, 8192>&> && !may_hold_the_token<std::string&>);

template <class V>
concept verifies_without_a_clock = requires(V const& v) { v.verify(""); };
static_assert(!verifies_without_a_clock<access_tokens>);

// ---- helpers -------------------------------------------------------------------------------------------------------

constexpr auto payload = R"({"iss":"https://id.example","aud":"orders","exp":1658060133,"sub":"ann"})";

template <algorithm A> errc refusal(jwt::verifier<A> const& v, std::string_view text) {
    jwt::scratch<> buffer;
    auto const view = v.verify(text, buffer, now);
    auto const own = v.verify(text, now);
    CHECK(view.has_value() == own.has_value());
    if (!view && !own) CHECK(view.error() == own.error());
    return view ? accepted : view.error().code;
}
template <algorithm A = hs256> errc refusal(std::string_view text) {
    static jwt::verifier<A> const v{keys<A>(), strict()};
    return refusal(v, text);
}

template <algorithm A> void flips_and_truncations() {
    CAPTURE(std::string{traits(A::id).name});
    jwt::verifier<A> const v{keys<A>(), strict()};
    auto const good = signed_token<A>(header_of<A>(), payload);
    REQUIRE(refusal(v, good) == accepted);
    auto per_thread = v.make_thread_verifier();
    jwt::scratch<> buffer;
    auto const refused = [&](std::string const& text) { return !per_thread.verify(text, buffer, now); };
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        if (!refused(bad)) FAIL_CHECK("accepted with bit " << bit << " flipped");
    }
    for (std::size_t size = 0; size != good.size(); ++size)
        if (!refused(good.substr(0, size))) FAIL_CHECK("accepted when cut to " << size);
    CHECK(per_thread.verify(good, buffer, now));
}

} // namespace

TEST_CASE_TEMPLATE("Every algorithm: signed tokens are accepted, by view, owning and per thread", A, hs256, hs384,
                   hs512, rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, es256k, ed25519) {
    jwt::verifier<A> const v{keys<A>(), strict()};
    auto const issue = *jwt::signer<A>::make(key<A>(), {.type = "at+jwt", .key_id = "k1"});
    jwt::claims c;
    c.issuer("https://id.example").audience("orders").subject("ann").expires_at(now + 5min);
    auto const text = *issue.sign(c);
    for (int i = 0; i != 2; ++i) { // the second time from the header memo
        jwt::scratch<> buffer;
        auto const view = v.verify(text, buffer, now);
        REQUIRE(view);
        CHECK(view->subject() == "ann");
        CHECK(view->algorithm() == A::id);
        CHECK(view->key_id() == "k1");
        CHECK(view->type() == "at+jwt");
        auto const own = v.verify(text, now);
        REQUIRE(own);
        CHECK(own->subject() == "ann");
        CHECK(own->key_id() == "k1");
    }
    // Signed with another key; and with the right key for another algorithm's name.
    CHECK(refusal(v, signed_token<A>(header_of<A>(), payload, other_key<A>())) == errc::bad_signature);
    CHECK(refusal(v, *issue.sign(c)) == accepted);
}

TEST_CASE("Every single-bit flip and every truncation of a valid token is refused") {
    SUBCASE("MACs") {
        flips_and_truncations<hs256>();
        flips_and_truncations<hs384>();
        flips_and_truncations<hs512>();
    }
    SUBCASE("RSA") {
        flips_and_truncations<rs256>();
        flips_and_truncations<rs384>();
        flips_and_truncations<rs512>();
        flips_and_truncations<ps256>();
        flips_and_truncations<ps384>();
        flips_and_truncations<ps512>();
    }
    SUBCASE("elliptic curves") {
        flips_and_truncations<es256>();
        flips_and_truncations<ed25519>();
        flips_and_truncations<es384>();
        flips_and_truncations<es512>();
        flips_and_truncations<es256k>();
    }
}

TEST_CASE("RFC 7515 7.1: three parts; RFC 7516 7.1: five parts are an encrypted token") {
    auto const good = signed_token(header_of<hs256>(), payload);
    CHECK(refusal(good) == accepted);
    CHECK(refusal("") == errc::malformed_token);
    CHECK(refusal("abc") == errc::malformed_token);
    CHECK(refusal("a.b") == errc::malformed_token);
    CHECK(refusal(".b.c") == errc::malformed_token);
    CHECK(refusal(good + ".x") == errc::malformed_token);
    CHECK(refusal(good + ".x.y") == errc::encrypted_token);
    CHECK(refusal(good + ".x.y.z") == errc::malformed_token);
    CHECK(refusal(' ' + good) == errc::invalid_base64_character);
    CHECK(refusal(good + '\n') != accepted);
    CHECK(refusal(good + '=') != accepted);
}

TEST_CASE("max_token: one character more is refused, before anything else is looked at") {
    auto const good = signed_token(header_of<hs256>(), payload);
    auto rules = strict();
    rules.max_token = good.size();
    CHECK(refusal(jwt::verifier<hs256>{keys<hs256>(), rules}, good) == accepted);
    rules.max_token = good.size() - 1;
    CHECK(refusal(jwt::verifier<hs256>{keys<hs256>(), rules}, good) == errc::token_too_large);

    jwt::verifier<hs256> const usual{keys<hs256>(), strict()};
    jwt::scratch<64> small;
    CHECK(usual.verify(good, small, now).error() == errc::token_too_large);
    CHECK_FALSE(small.held());
    CHECK(refusal(std::string(100'000, '.')) == errc::token_too_large);
}

TEST_CASE("RFC 7519 6 and RFC 8725 3.1: none, in any spelling, is refused") {
    for (auto const* alg : {"none", "None", "NONE", "nOnE"}) {
        auto const header = R"({"alg":")" + std::string{alg} + R"("})";
        auto const unsigned_text = encode(header) + '.' + encode(payload) + '.';
        auto const wanted = std::string_view{alg} == "none" ? errc::unsigned_token : errc::algorithm_not_allowed;
        CHECK(refusal(unsigned_text) == wanted);
        CHECK(refusal(signed_token(header, payload)) == wanted);
    }
    CHECK(refusal(encode(header_of<hs256>()) + '.' + encode(payload) + '.') == errc::bad_signature);
}

TEST_CASE("RFC 8725 3.1: the key decides the algorithm; the header may only agree") {
    // HMAC with the public key's own text as secret.
    auto const pem = key<rs256>().key().public_part().to_pem();
    auto const confused =
        *local_key<hs256>::from_key(*mac_key::from_secret(secret::copy_of(as_bytes(pem)), alg::hs256));
    jwt::verifier<rs256> const v{keys<rs256>(), strict()};
    CHECK(refusal(v, signed_token<hs256>(header_of<hs256>(), payload, confused)) == errc::algorithm_not_allowed);
    CHECK(refusal(v, signed_token<hs256>(header_of<rs256>(), payload, confused)) == errc::bad_signature);

    // Two algorithms in one verifier: a key is used for its own only.
    jose::key_set<es256, ed25519, ps256, rs256> set;
    (void)set.add("ec", key<es256>().verifier_key());
    (void)set.add("ed", key<ed25519>().verifier_key());
    (void)set.add("rsa", key<rs256>().verifier_key());
    jwt::verifier const many{std::move(set), strict()};
    auto const ask = [&](std::string const& text) {
        auto const token = many.verify(text, now);
        return token ? accepted : token.error().code;
    };
    CHECK(ask(signed_token<es256>(R"({"alg":"ES256","kid":"ec","typ":"at+jwt"})", payload)) == accepted);
    CHECK(ask(signed_token<es256>(R"({"alg":"ES256","kid":"ed","typ":"at+jwt"})", payload)) ==
          errc::algorithm_mismatch);
    CHECK(ask(signed_token<es256>(R"({"alg":"EdDSA","kid":"ec","typ":"at+jwt"})", payload)) ==
          errc::algorithm_mismatch);
    CHECK(ask(signed_token<es256>(R"({"alg":"ES256","kid":"zz","typ":"at+jwt"})", payload)) == errc::unknown_key);
    CHECK(ask(signed_token<es256>(R"({"alg":"ES384","kid":"ec","typ":"at+jwt"})", payload)) ==
          errc::algorithm_not_allowed);
    CHECK(ask(signed_token<es256>(R"({"alg":"es256","kid":"ec","typ":"at+jwt"})", payload)) ==
          errc::algorithm_not_allowed);
    CHECK(ask(signed_token<es256>(R"({"alg":"ES256","typ":"at+jwt"})", payload)) == accepted);
    // One RSA key, imported for RS256 only.
    auto const as_ps = *local_key<ps256>::from_key(key<rs256>().key());
    CHECK(ask(signed_token<ps256>(R"({"alg":"PS256","kid":"rsa","typ":"at+jwt"})", payload, as_ps)) ==
          errc::algorithm_mismatch);
}

TEST_CASE("Keys without kid: up to four are tried, five want a kid") {
    jose::key_set<hs256> set;
    for (int i = 0; i != 3; ++i) (void)set.add(local_key<hs256>::generate()->verifier_key());
    (void)set.add(key<hs256>().verifier_key());
    auto const unnamed = signed_token(R"({"alg":"HS256"})", "{}");
    jwt::verifier<hs256> v{set, lenient()};
    CHECK(refusal(v, unnamed) == accepted);
    CHECK(refusal(v, unnamed) == accepted);
    CHECK(refusal(v, signed_token(R"({"alg":"HS256"})", "{}", other_key<hs256>())) == errc::bad_signature);
    (void)set.add(other_key<hs256>().verifier_key());
    v.swap(set);
    CHECK(refusal(v, unnamed) == errc::kid_required);
    v.swap({});
    CHECK(refusal(v, unnamed) == errc::unknown_key);
}

TEST_CASE("Keys without kid: a remembered header stands for all of them, not for the one that was met first") {
    jose::key_set<hs256> set;
    (void)set.add(key<hs256>().verifier_key());
    (void)set.add(other_key<hs256>().verifier_key());
    jwt::verifier<hs256> const v{set, lenient()};
    for (int i = 0; i != 3; ++i) {
        CHECK(refusal(v, signed_token(R"({"alg":"HS256"})", "{}")) == accepted);
        CHECK(refusal(v, signed_token(R"({"alg":"HS256"})", "{}", other_key<hs256>())) == accepted);
    }
}

TEST_CASE("RFC 7515 4.1: malformed headers, crit, b64, and keys in the header that are never used") {
    auto const with = [](std::string_view header) { return refusal(signed_token(header, payload)); };
    CHECK(with("[]") == errc::malformed_header);
    CHECK(with("{}") == errc::malformed_header);
    CHECK(with(R"({"alg":7})") == errc::malformed_header);
    CHECK(with(R"({"alg":"HS256","kid":7})") == errc::malformed_header);
    CHECK(with(R"({"alg":"HS256","typ":7})") == errc::malformed_header);
    CHECK(with(R"({"alg":"HS256","alg":"HS256"})") == errc::duplicate_json_name);
    CHECK(with(R"({"alg":"HS256","\u0061lg":"none"})") == errc::duplicate_json_name);
    CHECK(with(R"({"alg":"HS256"} )") != errc::malformed_json);
    CHECK(with(R"({"alg":"HS256"}x)") == errc::malformed_json);
    CHECK(with("{\"alg\":\"HS256\",\"x\":\"\xff\"}") == errc::json_not_utf8);
    CHECK(with(header_of<hs256>(R"(,"typ":"at+jwt","crit":["exp"],"exp":1)")) == errc::unknown_critical_header);
    CHECK(with(header_of<hs256>(R"(,"typ":"at+jwt","crit":["b64"],"b64":false)")) == errc::unknown_critical_header);
    CHECK(with(header_of<hs256>(R"(,"typ":"at+jwt","crit":[])")) == errc::malformed_header);
    CHECK(with(header_of<hs256>(R"(,"typ":"at+jwt","crit":"exp")")) == errc::malformed_header);

    // The sender's own key in the header, and a signature by it.
    auto const own = jose::to_json(jose::public_jwk{{}, other_key<es256>().key().public_part()});
    REQUIRE(own);
    auto const header =
        R"({"alg":"ES256","typ":"at+jwt","kid":"k1","jku":"https://evil.example","x5u":"https://evil.example","jwk":)" +
        *own + "}";
    jwt::verifier<es256> const v{keys<es256>(), strict()};
    CHECK(refusal(v, signed_token<es256>(header, payload, other_key<es256>())) == errc::bad_signature);
    CHECK(refusal(v, signed_token<es256>(header, payload)) == accepted);
}

TEST_CASE("The order of checks: signature before payload, payload before claims") {
    auto const junk = encode(header_of<hs256>()) + '.' + encode("junk") + ".AAAA";
    CHECK(refusal(junk) == errc::bad_signature);
    auto const nested = std::string(4000, '[');
    CHECK(refusal(encode(header_of<hs256>()) + '.' + encode(nested) + ".AAAA") == errc::bad_signature);
    CHECK(refusal(signed_token(header_of<hs256>(), nested)) == errc::json_too_deep);
    CHECK(refusal(sign<hs256>(encode(header_of<hs256>()) + ".e30=")) == errc::invalid_base64_character);
    CHECK(refusal(sign<hs256>(encode(header_of<hs256>()) + ".e31")) == errc::nonzero_base64_trailing_bits);
    CHECK(refusal(sign<hs256>(encode(header_of<hs256>()) + ".e")) == errc::invalid_base64_length);
    CHECK(refusal(sign<hs256>(encode(header_of<hs256>()) + ".")) == errc::malformed_json);
    for (auto const* text : {"[]", "null", "7", "\"x\""})
        CHECK(refusal(signed_token(header_of<hs256>(), text)) == errc::malformed_payload);
    CHECK(refusal(signed_token(header_of<hs256>(), R"({"exp":1)")) == errc::malformed_json);
    CHECK(refusal(signed_token(header_of<hs256>(), R"({"a":1}{})")) == errc::malformed_json);
    CHECK(refusal(signed_token(header_of<hs256>(), R"({"exp":1,"\u0065xp":2})")) == errc::duplicate_json_name);
    CHECK(refusal(signed_token(header_of<hs256>(), std::string_view{"{\"a\":\"\0\"}", 9})) == errc::malformed_json);
    CHECK(refusal(signed_token(header_of<hs256>(), R"({"a":"\ud800"})")) != accepted);
    // The type is told only of an otherwise authentic token.
    CHECK(refusal(signed_token(R"({"alg":"HS256","kid":"k1"})", payload, other_key<hs256>())) == errc::bad_signature);
    CHECK(refusal(signed_token(R"({"alg":"HS256","kid":"k1"})", payload)) == errc::wrong_type);
}

TEST_CASE("Swapped halves: a header, payload or signature of another token does not fit") {
    auto const a = signed_token(header_of<hs256>(), payload);
    auto const b =
        signed_token(header_of<hs256>(), R"({"iss":"https://id.example","aud":"orders","exp":1658060133,"sub":"bob"})");
    auto const c = signed_token(R"({"alg":"HS256","kid":"k1","typ":"AT+JWT"})", payload);
    auto const part = [](std::string const& t, int i) {
        auto const p = t.find('.'), q = t.rfind('.');
        return i == 0 ? t.substr(0, p) : i == 1 ? t.substr(p + 1, q - p - 1) : t.substr(q + 1);
    };
    CHECK(refusal(part(a, 0) + '.' + part(a, 1) + '.' + part(b, 2)) == errc::bad_signature);
    CHECK(refusal(part(a, 0) + '.' + part(b, 1) + '.' + part(a, 2)) == errc::bad_signature);
    CHECK(refusal(part(c, 0) + '.' + part(a, 1) + '.' + part(a, 2)) == errc::bad_signature);
}

TEST_CASE("max_claim_values: a token with more values than the scratch indexes is refused with a clear errc") {
    auto rules = lenient();
    rules.max_token = 8192;
    auto const with = [&](std::size_t values) {
        std::string text = R"({"a":[0)";
        for (std::size_t i = 3; i < values; ++i) text += ",0";
        return judge(rules, text + "]}");
    };
    auto const most = jwt::max_claim_values(rules.max_token);
    CHECK(most == 512);
    CHECK(with(most) == accepted);
    CHECK(with(most + 1) == errc::json_too_many_members);
    rules.max_token = 2 * jwt::default_max_token;
    CHECK(with(most + 1) == accepted);
}

TEST_CASE("Header memo: it is filled by good signatures only and never outlives the keys") {
    jwt::verifier<es256> v{keys<es256>(), strict()};
    auto const good = signed_token<es256>(header_of<es256>(), payload);
    auto const forged = signed_token<es256>(header_of<es256>(), payload, other_key<es256>());
    for (int i = 0; i != 3; ++i) {
        CHECK(refusal(v, forged) == errc::bad_signature);
        CHECK(refusal(v, good) == accepted);
    }
    // A remembered header whose type is wrong stays wrong.
    auto const untyped = signed_token<es256>(R"({"alg":"ES256","kid":"k1"})", payload);
    for (int i = 0; i != 3; ++i) CHECK(refusal(v, untyped) == errc::wrong_type);
    CHECK(refusal(v, good) == accepted);
    // The same kid, another key: what was good is bad at once, and the other way round.
    auto const before = v.key_generation();
    v.swap(keys<es256>("k1", other_key<es256>()));
    CHECK(v.key_generation() == before + 1);
    CHECK(refusal(v, good) == errc::bad_signature);
    CHECK(refusal(v, forged) == accepted);
    v.swap(keys<es256>("k2"));
    CHECK(refusal(v, good) == errc::unknown_key);
    CHECK(v.keys()->has_kid("k2"));
}

TEST_CASE("A thread_verifier sees a swap of keys; more keys than its state keeps operations for all verify") {
    jose::key_set<hs256> set;
    std::vector<std::string> texts;
    for (int i = 0; i != 150; ++i) {
        auto const fresh = *local_key<hs256>::generate();
        auto const kid = std::to_string(i);
        REQUIRE(set.add(kid, fresh.verifier_key()));
        texts.push_back(
            signed_token(R"({"alg":"HS256","kid":")" + kid + R"("})", R"({"sub":")" + kid + R"("})", fresh));
    }
    jwt::verifier<hs256> v{set, lenient()};
    auto per_thread = v.make_thread_verifier();
    jwt::scratch<> buffer;
    for (int round = 0; round != 3; ++round)
        for (std::size_t i = 0; i != texts.size(); ++i) {
            auto const view = per_thread.verify(texts[i], buffer, now);
            REQUIRE(view);
            REQUIRE(view->subject() == std::to_string(i));
        }
    v.swap(keys<hs256>());
    CHECK(per_thread.verify(texts[0], buffer, now).error() == errc::unknown_key);
    CHECK(per_thread.verify(texts[0], now).error() == errc::unknown_key);
    CHECK(per_thread.verify(signed_token(header_of<hs256>(), "{}"), now));
}

TEST_CASE("documents/001: the access token of the documentation, issued and verified with ES256 and Ed25519") {
    auto const claims = [] {
        jwt::claims c;
        c.set("tid", "")
            .set("app_name", "Acme")
            .set("app_id", "8flFllgrd1Wqiru4IGai0")
            .roles({"smP3MD65l7hKXG6qJ-S5d"});
        c.id("IJMTqbmijVG7_LsJz-y5U").subject("bb8dc75.8AEM5PpWyJBH6opzIOrJ2.transmit");
        c.issued_at(unix_time{1658056533s}).expires_at(unix_time{1658060133s}).scope("offline_access");
        c.set("client_id", "bb8dc75.8AEM5PpWyJBH6opzIOrJ2.transmit")
            .issuer("https://userid.security")
            .audience("userid-api");
        return c;
    }();
    jose::key_set<es256, ed25519> set;
    (void)set.add("ec", key<es256>().verifier_key());
    (void)set.add("ed", key<ed25519>().verifier_key());
    jwt::verifier const v{std::move(set),
                          {.issuer = "https://userid.security", .audience = "userid-api", .type = "at+jwt"}};
    for (auto const& text :
         {*jwt::signer<es256>::make(key<es256>(), {.type = "at+jwt", .key_id = "ec"})->sign(claims),
          *jwt::signer<ed25519>::make(key<ed25519>(), {.type = "at+jwt", .key_id = "ed"})->sign(claims)}) {
        auto const t = v.verify(text, unix_time{1658056533s});
        REQUIRE(t);
        CHECK(t->subject() == "bb8dc75.8AEM5PpWyJBH6opzIOrJ2.transmit");
        CHECK(t->id() == "IJMTqbmijVG7_LsJz-y5U");
        CHECK(t->has_audience("userid-api"));
        CHECK(t->has_role("smP3MD65l7hKXG6qJ-S5d"));
        CHECK(t->has_scope("offline_access"));
        CHECK(*t->claim<std::string_view>("app_name") == "Acme");
        CHECK(t->claim<std::string_view>("tid")->empty());
        CHECK(v.verify(text, unix_time{1658060133s}).error() == errc::expired);
        CHECK(v.verify(text, unix_time{1658060132s}));
        CHECK(v.verify(text, unix_time{1658056472s}).error() == errc::issued_in_future);
    }
}

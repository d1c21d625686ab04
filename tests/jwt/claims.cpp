#include "support.hpp"

#include <limits>
#include <random>

using namespace support;

namespace {

std::string text(jwt::claims const& c) { return std::string{c.json().value()}; }
errc refusal(jwt::claims const& c) { return c.json() ? accepted : c.json().error().code; }

// A reader of claims by name for the mapping test below.
struct order_rights {
    std::string app;
    std::vector<std::string> roles;
    int limit = 0;
};
result<void> read_claims(jwt::claims_view const& claims, order_rights& out) {
    auto app = claims.claim<std::string>("app_name");
    auto roles = claims.claim<std::vector<std::string>>("roles");
    auto limit = claims.claim<int>("limit");
    if (!app) return app.error();
    if (!roles) return roles.error();
    out = {*app, *roles, limit.value_or(0)};
    return {};
}

jwt::token verify(std::string_view payload) {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    return *v.verify(signed_token(header_of<hs256>(), payload), now);
}

} // namespace

TEST_CASE("Claims are written in the order of the calls, as JSON without white space") {
    jwt::claims c;
    CHECK(text(c) == "{}");
    c.issuer("https://id")
        .subject("ann")
        .audience("a")
        .id("1")
        .expires_at(unix_time{300s})
        .not_before(unix_time{1s})
        .issued_at(unix_time{2s});
    CHECK(text(c) == R"({"iss":"https://id","sub":"ann","aud":"a","jti":"1","exp":300,"nbf":1,"iat":2})");
    jwt::claims d;
    d.audience({"a", "b"})
        .set("t", true)
        .set("n", -7)
        .set("u", std::numeric_limits<std::uint64_t>::max())
        .set("x", 0.5);
    CHECK(text(d) == R"({"aud":["a","b"],"t":true,"n":-7,"u":18446744073709551615,"x":0.5})");
    jwt::claims e;
    e.set_json("address", R"( {"country" : "DE", "codes":[1, 2.50] } )").set("quote\"", "line\nbreak \xc3\xa9");
    CHECK(text(e) == "{\"address\":{\"country\":\"DE\",\"codes\":[1,2.50]},\"quote\\\"\":\"line\\nbreak \xc3\xa9\"}");
    jwt::claims f;
    f.set_value("act", [](codec::json_writer& w) {
        w.begin_object().member("sub", "bob").name("path").begin_array().integer(1).end_array().end_object();
    });
    CHECK(text(f) == R"({"act":{"sub":"bob","path":[1]}})");
    jwt::claims g;
    std::vector<std::string> const groups{"staff", "a \"b\""};
    g.set("groups", std::span{groups}).set("none", std::span<std::string const>{});
    CHECK(text(g) == R"({"groups":["staff","a \"b\""],"none":[]})");
}

TEST_CASE("RFC 7519 4: a claim name is given once, and each mistake has its errc") {
    jwt::claims twice, utf8, nan, early, late, raw, many, name;
    CHECK(refusal(twice.set("a", 1).set("a", 2)) == errc::duplicate_json_name);
    CHECK(refusal(twice.set("b", 1)) == errc::duplicate_json_name);
    CHECK(refusal(utf8.subject("\xff")) == errc::json_not_utf8);
    CHECK(refusal(name.set("\xc0\x80", 1)) == errc::json_not_utf8);
    CHECK(refusal(nan.set("x", std::numeric_limits<double>::infinity())) == errc::invalid_json_number);
    CHECK(refusal(early.expires_at(unix_time{-1s})) == errc::out_of_range);
    CHECK(refusal(late.expires_at(latest_time + 1s)) == errc::out_of_range);
    jwt::claims none, two, more;
    CHECK(refusal(none.set_value("x", [](codec::json_writer&) {})) == errc::malformed_json);
    CHECK(refusal(two.set_value("x", [](codec::json_writer& w) { w.integer(1).integer(2); })) == errc::malformed_json);
    CHECK(refusal(more.set_value("x", [](codec::json_writer& w) { w.integer(1).name("admin").boolean(true); })) ==
          errc::malformed_json);
    CHECK(refusal(raw.set_json("x", R"(1,"admin":true)")) == errc::malformed_json);
    for (std::size_t i = 0; i != jwt::max_claims; ++i) many.set("n" + std::to_string(i), i);
    CHECK(refusal(many) == accepted);
    CHECK(refusal(many.set("one more", 1)) == errc::json_too_many_members);
}

TEST_CASE("RFC 7519 section 4: of 128 names each is new once and refused twice, also in a copy and after a move") {
    auto const name = [](std::size_t i) { return (i % 3 == 0 ? "a" : i % 3 == 1 ? "\"" : "") + std::to_string(i); };
    jwt::claims all;
    for (std::size_t i = 0; i != jwt::max_claims; ++i) {
        all.set(name(i), 1);
        REQUIRE(all.json());
        auto copy = all;
        auto moved = jwt::claims{copy};
        auto const last = std::move(moved);
        for (std::size_t k = 0; k <= i && i + 1 != jwt::max_claims; ++k) {
            auto again = last;
            CHECK(refusal(again.set(name(k), 2)) == errc::duplicate_json_name);
        }
    }
}

TEST_CASE("Claims in a caller's buffer: nothing is written past its end") {
    for (std::size_t size = 0; size != 24; ++size) {
        std::string buffer(size + 8, '#');
        jwt::claims c{std::span{buffer}.first(size)};
        c.subject("ann").set("n", 1);
        auto const wanted = std::string_view{R"({"sub":"ann","n":1})"};
        if (size >= wanted.size()) CHECK(text(c) == wanted);
        else CHECK(refusal(c) == errc::buffer_too_small);
        CHECK(buffer.substr(size) == "########");
    }
}

template <class T>
concept can_be_set = requires(jwt::claims& c, T value) { c.set("x", value); };
static_assert(can_be_set<char const*> && can_be_set<std::string> && can_be_set<int> && can_be_set<bool> &&
              can_be_set<double>);
static_assert(!can_be_set<std::nullptr_t>, "a null pointer is no text");
static_assert(!can_be_set<char>, "one letter is no number");
static_assert(!can_be_set<void*> && !can_be_set<std::chrono::seconds>);

TEST_CASE("T4: copies of claims are independent, also of claims in a caller's buffer") {
    char buffer[256];
    jwt::claims a{buffer};
    a.issuer("https://id");
    auto b = a;
    jwt::claims c;
    c.id("gone");
    c = a;
    a.subject("ann");
    b.subject("bob");
    CHECK(text(a) == R"({"iss":"https://id","sub":"ann"})");
    CHECK(text(b) == R"({"iss":"https://id","sub":"bob"})");
    CHECK(text(c) == R"({"iss":"https://id"})");
    CHECK(refusal(b.subject("eve")) == errc::duplicate_json_name);
    CHECK(text(a) == R"({"iss":"https://id","sub":"ann"})");
    b.issuer("again");
    auto const failed = b;
    CHECK(refusal(failed) == errc::duplicate_json_name);
    b = jwt::claims{};
    CHECK(text(b.subject("bob")) == R"({"sub":"bob"})");
    a = *&a;
    std::string long_name(300, 'x');
    auto grown = a;
    CHECK(text(grown.id(long_name)) ==
          R"({"iss":"https://id","sub":"ann","jti":")" + long_name + "\"}"); // beyond the buffer
    jwt::claims const empty{buffer};
    CHECK(text(jwt::claims{empty}) == "{}");
}

TEST_CASE("T4, T8: claims that are moved while one is being written are an error, here and there") {
    char buffer[256];
    for (bool const fixed : {false, true}) {
        auto a = fixed ? jwt::claims{buffer} : jwt::claims{};
        a.issuer("https://id");
        std::optional<jwt::claims> b;
        a.set_value("sub", [&](codec::json_writer& w) {
            b.emplace(std::move(a));
            w.string("ann");
        });
        CHECK(refusal(a) == errc::malformed_json);
        CHECK(refusal(*b) == errc::malformed_json);
        auto c = fixed ? jwt::claims{buffer} : jwt::claims{};
        c.issuer("https://id").set_value("sub", [&](codec::json_writer& w) {
            c = jwt::claims{};
            w.string("ann");
        });
        CHECK(refusal(c) == errc::malformed_json);
    }
}

TEST_CASE("T8: when the writer of a claim throws, the claims are as they were before it") {
    struct thrown {};
    auto const half_written = [](codec::json_writer& w) {
        w.begin_object().member("half", "written");
        throw thrown{};
    };
    char buffer[256];
    jwt::claims owning, fixed{buffer};
    for (auto* c : {&owning, &fixed}) {
        CHECK_THROWS_AS(c->set_value("act", half_written), thrown);
        CHECK(text(*c) == "{}");
        c->subject("ann");
        CHECK_THROWS_AS(c->set_value("act", half_written), thrown);
        CHECK(text(*c) == R"({"sub":"ann"})");
        CHECK_THROWS_AS(c->set_value("a", [](codec::json_writer&) { throw thrown{}; }), thrown);
        c->set("act", "bob").id("1"); // the name is free
        CHECK(text(*c) == R"({"sub":"ann","act":"bob","jti":"1"})");
    }
    auto const issue = *jwt::signer<hs256>::make(key<hs256>(), {.key_id = "k1"});
    CHECK(subject_of(jwt::verifier<hs256>{keys<hs256>(), lenient()}.verify(*issue.sign(owning), now)) == "ann");
}

TEST_CASE("T8: a claim that is set while another one is written is refused, as is a value that nests wrongly") {
    jwt::claims within;
    within.set_value("a", [&](codec::json_writer& w) {
        within.set("b", 1);
        w.integer(2);
    });
    CHECK(refusal(within) == errc::malformed_json);
    jwt::claims replaced;
    replaced.set("a", 1).set_value("b", [&](codec::json_writer& w) {
        replaced = jwt::claims{};
        w.integer(2);
    });
    CHECK(refusal(replaced) == errc::malformed_json);
    jwt::claims wrong;
    CHECK(refusal(wrong.set_value("a", [](codec::json_writer& w) { w.begin_object().end_array(); })) ==
          errc::malformed_json);
}

TEST_CASE("Claims that were moved from are empty: nothing that lies behind them can be signed") {
    char buffer[64];
    jwt::claims owning, fixed{buffer};
    owning.issuer(std::string(100, 'i'));
    fixed.issuer("i");
    auto const whole = text(owning);
    auto first = std::move(owning), second = std::move(fixed);
    CHECK(text(first) == whole);
    CHECK(text(second) == R"({"iss":"i"})");
    CHECK(text(owning) == "{}");
    CHECK(text(fixed) == "{}");
    CHECK(text(owning.subject("ann")) == R"({"sub":"ann"})");
    CHECK(refusal(fixed.subject("ann")) == errc::buffer_too_small); // the buffer is another's now
    first = std::move(second);
    CHECK(text(first) == R"({"iss":"i"})");
    CHECK(text(second) == "{}");
}

TEST_CASE("Claims from JSON text are judged before they are signed") {
    CHECK(text(*jwt::claims::parse(R"( {"exp" : 1.5e9, "aud":["a"] } )")) == R"({"exp":1.5e9,"aud":["a"]})");
    CHECK(jwt::claims::parse("[]").error() == errc::malformed_payload);
    CHECK(jwt::claims::parse("").error() == errc::malformed_json);
    CHECK(jwt::claims::parse(R"({"a":1,"\u0061":2})").error() == errc::duplicate_json_name);
    CHECK(jwt::claims::parse(R"({"exp":"soon"})").error() == errc::claim_wrong_type);
    CHECK(jwt::claims::parse(R"({"iss":7})").error() == errc::claim_wrong_type);
    CHECK(jwt::claims::parse(R"({"exp":-1})").error() == errc::out_of_range);
}

TEST_CASE("Claims of a verified token: registered ones, others by name and type") {
    auto const t =
        verify(R"({"iss":"i","sub":"s","aud":["a","b"],"jti":"j","exp":1658060133.25,"nbf":1,"iat":2,)"
               R"("app_name":"Acme","ok":true,"n":-7,"big":18446744073709551615,"x":0.1,"o":{"deep":[1,{"er":"!"}]},)"
               R"("roles":["r1","r2"],"scope":"openid offline_access","none":null,"mixed":["a",1],"f":1.5})");
    CHECK(t.issuer() == "i");
    CHECK(t.subject() == "s");
    CHECK(t.id() == "j");
    CHECK(t.audience().size() == 2);
    CHECK(std::vector<std::string_view>(t.audience().begin(), t.audience().end()) ==
          std::vector<std::string_view>{"a", "b"});
    CHECK(t.has_audience("b"));
    CHECK_FALSE(t.has_audience("c"));
    CHECK(t.expires_at()->seconds == unix_time{1658060133s});
    CHECK(t.expires_at()->nanoseconds == 250'000'000);
    CHECK(t.not_before()->seconds == unix_time{1s});
    CHECK(t.issued_at()->seconds == unix_time{2s});
    CHECK(t.type() == "at+jwt");
    CHECK(t.key_id() == "k1");
    CHECK(t.algorithm() == alg::hs256);

    CHECK(*t.claim<std::string_view>("app_name") == "Acme");
    CHECK(*t.claim<std::string>("app_name") == "Acme");
    CHECK(*t.claim<bool>("ok"));
    CHECK(*t.claim<int>("n") == -7);
    CHECK(*t.claim<std::uint64_t>("big") == std::numeric_limits<std::uint64_t>::max());
    CHECK(*t.claim<double>("x") == 0.1);
    CHECK(t.claim<jwt::numeric_date>("exp")->nanoseconds == 250'000'000);
    CHECK(*t.claim<std::vector<std::string_view>>("roles") == std::vector<std::string_view>{"r1", "r2"});
    CHECK(*t.claim<std::vector<std::string>>("app_name") == std::vector<std::string>{"Acme"});
    CHECK(t.claim<codec::json_value>("o")->find("deep")->size() == 2);

    CHECK(t.claim<bool>("absent").error() == errc::claim_missing);
    CHECK(t.claim<bool>("app_name").error() == errc::claim_wrong_type);
    CHECK(t.claim<std::string_view>("none").error() == errc::claim_wrong_type);
    CHECK(t.claim<std::vector<std::string_view>>("mixed").error() == errc::claim_wrong_type);
    CHECK(t.claim<std::int64_t>("big").error() == errc::out_of_range);
    CHECK(t.claim<std::uint8_t>("n").error() == errc::out_of_range);
    CHECK(t.claim<std::int8_t>("big").error() == errc::out_of_range);
    CHECK(t.claim<int>("f").error() == errc::out_of_range);
    CHECK(t.claim<int>("app_name").error() == errc::claim_wrong_type);

    CHECK(t.has("none"));
    CHECK_FALSE(t.has("absent"));
    CHECK(t.has_scope("openid"));
    CHECK(t.has_scope("offline_access"));
    CHECK_FALSE(t.has_scope("offline"));
    CHECK_FALSE(t.has_scope(""));
    CHECK_FALSE(t.has_scope("openid offline_access"));
    CHECK(t.has_role("r2"));
    CHECK_FALSE(t.has_role("r"));
    // The name of a role that nobody set is no role.
    auto const empty = *jwt::verifier<hs256>{keys<hs256>(), lenient()}.verify(
        signed_token(R"({"alg":"HS256"})", R"({"roles":["","a"],"scope":["","b"]})"), now);
    CHECK_FALSE(empty.has_role(""));
    CHECK_FALSE(empty.has_scope(""));
    CHECK(empty.has_role("a"));
}

TEST_CASE(
    "Claims of a verified token: absent ones are empty, aud may be one string, and header members are not claims") {
    auto const t = *jwt::verifier<hs256>{keys<hs256>(), lenient()}.verify(
        signed_token(R"({"alg":"HS256","iss":"header","sub":"header","exp":1})", R"({"aud":"one"})"), now);
    CHECK(t.issuer().empty());
    CHECK(t.subject().empty());
    CHECK(t.type().empty());
    CHECK(t.key_id().empty());
    CHECK_FALSE(t.expires_at());
    CHECK(t.audience().size() == 1);
    CHECK(*t.audience().begin() == "one");
    CHECK_FALSE(t.has_role("x"));
    CHECK_FALSE(t.has_scope("x"));
    auto const none = verify("{}");
    CHECK(none.audience().empty());
    CHECK(none.audience().begin() == none.audience().end());
}

TEST_CASE("Claims map to a struct of the application's through read_claims") {
    auto const t = verify(R"({"app_name":"Acme","roles":["a"],"limit":3})");
    auto const rights = t.into<order_rights>();
    REQUIRE(rights);
    CHECK(rights->app == "Acme");
    CHECK(rights->roles == std::vector<std::string>{"a"});
    CHECK(rights->limit == 3);
    CHECK(verify(R"({"roles":["a"]})").into<order_rights>().error() == errc::claim_missing);
    CHECK(verify(R"({"app_name":1,"roles":["a"]})").into<order_rights>().error() == errc::claim_wrong_type);
}

TEST_CASE("Random claims survive signing and verifying") {
    std::mt19937_64 dice{7515};
    auto const issue = *jwt::signer<hs256>::make(key<hs256>());
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const random_text = [&] {
        static constexpr std::string_view pieces[] = {
            "a", "Z", "\"", "\\", "\n", "\x01", "/", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x91", " ", "\x7f"};
        std::string s;
        for (auto n = dice() % 12; n != 0; --n) s += pieces[dice() % std::size(pieces)];
        return s;
    };
    for (int round = 0; round != 300; ++round) {
        jwt::claims c;
        std::vector<std::string> texts;
        std::vector<std::int64_t> numbers;
        std::vector<double> doubles;
        auto const count = dice() % 20;
        for (std::size_t i = 0; i != count; ++i) {
            auto const n = std::to_string(i);
            texts.push_back(random_text());
            numbers.push_back(static_cast<std::int64_t>(dice()));
            double x;
            do x = std::bit_cast<double>(dice());
            while (x != x || x - x != 0);
            doubles.push_back(x);
            c.set("s" + n, texts.back())
                .set("i" + n, numbers.back())
                .set("d" + n, x)
                .set(texts.back() + n, {texts.back(), "x"});
        }
        auto const text = issue.sign(c);
        REQUIRE(text);
        auto const t = v.verify(*text, now);
        REQUIRE(t);
        for (std::size_t i = 0; i != count; ++i) {
            auto const n = std::to_string(i);
            REQUIRE(*t->claim<std::string>("s" + n) == texts[i]);
            REQUIRE(*t->claim<std::int64_t>("i" + n) == numbers[i]);
            REQUIRE(*t->claim<double>("d" + n) == doubles[i]);
            REQUIRE(t->claim<std::vector<std::string>>(texts[i] + n)->front() == texts[i]);
        }
    }
}

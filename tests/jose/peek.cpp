#include "vectors.hpp"

using namespace signet;
using namespace signet::jose;

// Nothing untrusted turns into what it holds without saying so.
static_assert(!std::convertible_to<untrusted<peeked>, peeked> &&
              !std::convertible_to<untrusted<std::string>, std::string>);
template <class T>
concept dereferences = requires(T t) { *t; } || requires(T t) { t.value(); } || requires(T t) { t.get(); };
static_assert(!dereferences<untrusted<int>>);

TEST_CASE("peek: shows header and claims of a token nobody verified, unsigned ones too") {
    auto const token =
        b64(R"({"alg":"none","kid":"k","typ":"JWT"})") + "." + b64(R"({"iss":"https://id","n":1})") + ".";
    auto const seen = peek(token);
    REQUIRE(seen);
    auto const& inside = seen->unverified_value();
    CHECK(inside.algorithm() == "none");
    CHECK(inside.kid() == "k");
    CHECK(inside.type() == "JWT");
    CHECK(inside.issuer() == "https://id");
    CHECK(*inside.payload().find("n")->as_int64() == 1);
}

TEST_CASE("peek: a payload that is no object, and members of other types, read as absent") {
    for (auto const* payload : {"", "text", "[1]", "\"iss\""}) {
        auto const seen = peek(b64(R"({"alg":5})") + "." + b64(payload) + ".x");
        REQUIRE(seen);
        CHECK(seen->unverified_value().payload().is_null());
        CHECK(seen->unverified_value().issuer().empty());
        CHECK(seen->unverified_value().algorithm().empty());
    }
    auto const number = peek(b64("{}") + "." + b64(R"({"iss":5})") + ".");
    CHECK(number->unverified_value().issuer().empty());
}

TEST_CASE("peek: the form is checked") {
    CHECK(peek("").error() == errc::malformed_token);
    CHECK(peek("a.b").error() == errc::malformed_token);
    CHECK(peek("a.b.c.d.e").error() == errc::encrypted_token);
    CHECK(peek(".e30.").error() == errc::malformed_token);
    CHECK(peek("e30=.e30.").error() == errc::invalid_base64_character);
    CHECK(peek("W10.e30.").error() == errc::malformed_header); // []
    CHECK(peek("e30.e3.").error() == errc::nonzero_base64_trailing_bits);
    CHECK(peek("e30.e30.", 7).error() == errc::token_too_large);
    CHECK(peek(b64(R"({"a":1,"a":2})") + ".e30.").error() == errc::duplicate_json_name);
}

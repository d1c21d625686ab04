#include "support.hpp"

using namespace support;

namespace {

result<jwt::token> token_with(std::string_view cnf) {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    return v.verify(signed_token(header_of<hs256>(), R"({"cnf":)" + std::string{cnf} + "}"), now);
}
errc refusal(std::string_view cnf) {
    auto const token = token_with(cnf);
    REQUIRE(token);
    auto const found = token->confirmation();
    return found ? accepted : found.error().code;
}
constexpr auto thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"; // RFC 9449 section 6.1

} // namespace

TEST_CASE("RFC 7800 3, RFC 8705 3.1, RFC 9449 6.1: the four ways to name the key") {
    auto const jkt = *token_with(R"({"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})");
    auto const by_jkt = *jkt.confirmation();
    CHECK(by_jkt.method == jwt::cnf_method::jwk_thumbprint);
    CHECK(codec::base64url_encode(by_jkt.thumbprint) == thumbprint);

    auto const x5t =
        *token_with(R"({"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"})"); // RFC 8705 3.1's, last bits set
    CHECK(x5t.confirmation().error() == errc::malformed_confirmation);
    auto const x5t_canonical = *token_with(R"({"x5t#S256":"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg0"})");
    CHECK(x5t_canonical.confirmation()->method == jwt::cnf_method::certificate_thumbprint);

    auto const kid = *token_with(R"({"kid":"dfd1aa97-6d8d-4575-a0fe-34b96de2bfad"})"); // RFC 7800 3.4
    CHECK(kid.confirmation()->method == jwt::cnf_method::key_id);
    CHECK(kid.confirmation()->key_id == "dfd1aa97-6d8d-4575-a0fe-34b96de2bfad");

    auto const jwk = *token_with(R"({"jwk":{"kty":"EC","crv":"P-256"},"unknown":1})");
    CHECK(jwk.confirmation()->method == jwt::cnf_method::jwk);
    CHECK(*jwk.confirmation()->jwk.find("crv")->as_string() == "P-256");
}

TEST_CASE("RFC 7800 3.1: more than one key, none, or one in a form we cannot use is refused") {
    CHECK(refusal(R"({"kid":"a","jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})") ==
          errc::malformed_confirmation);
    CHECK(refusal(R"({"jwk":{},"kid":"a"})") == errc::malformed_confirmation);
    CHECK(refusal(R"({"jku":"https://keys.example","kid":"a"})") == errc::malformed_confirmation);
    CHECK(refusal(R"({"jwe":"x"})") == errc::malformed_confirmation);
    CHECK(refusal("{}") == errc::malformed_confirmation);
    CHECK(refusal(R"({"unknown":1})") == errc::malformed_confirmation);
    CHECK(refusal(R"("kid")") == errc::malformed_confirmation);
    CHECK(refusal("null") == errc::malformed_confirmation);
    CHECK(refusal(R"({"kid":""})") == errc::malformed_confirmation);
    CHECK(refusal(R"({"kid":7})") == errc::malformed_confirmation);
    CHECK(refusal(R"({"jwk":"x"})") == errc::malformed_confirmation);
    CHECK(refusal(R"({"jkt":"0ZcOCORZNYy"})") == errc::malformed_confirmation);
    CHECK(refusal(R"({"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I="})") == errc::malformed_confirmation);
    CHECK(refusal(R"({"jkt":"0ZcOCORZNYy+DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})") == errc::malformed_confirmation);
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const token = v.verify(signed_token(header_of<hs256>(), "{}"), now);
    CHECK(token->confirmation().error() == errc::claim_missing);
}

TEST_CASE("cnf: what the builder writes, the reader reads") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const issue = *jwt::signer<hs256>::make(key<hs256>());
    std::array<std::uint8_t, 32> print{};
    for (std::size_t i = 0; i != print.size(); ++i) print[i] = static_cast<std::uint8_t>(i * 7);
    auto const read = [&](jwt::claims const& c) { return *v.verify(*issue.sign(c), now); };

    jwt::claims jkt, x5t, kid, jwk, leak;
    auto const bound = read(jkt.confirm_jwk_thumbprint(print));
    CHECK(bound.confirmation()->thumbprint == print);
    auto const certificate = read(x5t.confirm_certificate_thumbprint(print));
    CHECK(certificate.confirmation()->method == jwt::cnf_method::certificate_thumbprint);
    auto const by_id = read(kid.confirm_key_id("k"));
    CHECK(by_id.confirmation()->method == jwt::cnf_method::key_id);
    auto const by_key = read(jwk.confirm_jwk(R"({"kty":"OKP"})"));
    CHECK(by_key.confirmation()->method == jwt::cnf_method::jwk);
    CHECK(jkt.confirm_key_id("second").json().error() == errc::duplicate_json_name);
    CHECK(leak.confirm_jwk(R"({"kty":"OKP","d":"AA"})").json().error() == errc::private_key_refused);
}

TEST_CASE("RFC 7800 3: a refused confirmation says which of its members it is about") {
    auto const about = [](std::string_view cnf) {
        auto const token = token_with(cnf);
        return token->confirmation().error().about;
    };
    CHECK(about(R"([])") == field_name::cnf);
    CHECK(about(R"({})") == field_name::cnf);
    CHECK(about(R"({"jwk":1})") == field_name::jwk);
    CHECK(about(R"({"kid":""})") == field_name::kid);
    CHECK(about(R"({"jkt":"x"})") == field_name::jkt);
    CHECK(about(R"({"x5t#S256":"x"})") == field_name::x5t_s256);
    CHECK(about(R"({"jku":"https://x.example"})") == field_name::cnf);
}

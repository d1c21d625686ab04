#include "support.hpp"

using namespace support;

namespace {

template <class S, class K>
concept can_sign_with = requires(K k) { S::make(std::move(k)); };
static_assert(can_sign_with<jwt::signer<es256>, private_key> && can_sign_with<jwt::signer<hs256>, mac_key>);
static_assert(can_sign_with<jwt::signer<es256>, local_key<es256>> &&
              can_sign_with<jwt::signer<es256>, external_key<es256>>);
static_assert(!can_sign_with<jwt::signer<es256>, mac_key> && !can_sign_with<jwt::signer<hs256>, private_key>);
static_assert(!can_sign_with<jwt::signer<hs256>, std::string> && !can_sign_with<jwt::signer<hs256>, secret>);
template <class A>
concept can_be_detached = requires { typename jwt::detached_signer<A>; };
static_assert(can_be_detached<es256> && !can_be_detached<hs256>);

std::string header_text(std::string_view token) {
    auto const octets = *codec::base64url_decode(token.substr(0, token.find('.')));
    return std::string{as_text(octets)};
}

} // namespace

TEST_CASE("RFC 7515 4.1: the header says alg, typ and kid, and nothing that was left out") {
    jwt::claims c;
    c.subject("ann");
    CHECK(header_text(*jwt::signer<es256>::make(key<es256>())->sign(c)) == R"({"alg":"ES256","typ":"JWT"})");
    CHECK(header_text(*jwt::signer<es256>::make(key<es256>(), {.type = "at+jwt", .key_id = "k\"1"})->sign(c)) ==
          R"({"alg":"ES256","typ":"at+jwt","kid":"k\"1"})");
    CHECK(header_text(*jwt::signer<hs256>::make(key<hs256>(), {.type = ""})->sign(c)) == R"({"alg":"HS256"})");
    CHECK(jwt::signer<hs256>::make(key<hs256>(), {.key_id = "\xff"}).error() == errc::json_not_utf8);
}

TEST_CASE("RFC 8037 and RFC 9864: Ed25519 tokens are issued under either name and verified under both") {
    jwt::claims c;
    c.subject("ann");
    jwt::verifier<ed25519> const v{keys<ed25519>(), lenient()};
    auto const old = *jwt::signer<ed25519>::make(key<ed25519>())->sign(c);
    auto const fresh = *jwt::signer<ed25519>::make(key<ed25519>(), {.ed25519 = jose::ed25519_name::ed25519})->sign(c);
    CHECK(header_text(old) == R"({"alg":"EdDSA","typ":"JWT"})");
    CHECK(header_text(fresh) == R"({"alg":"Ed25519","typ":"JWT"})");
    CHECK(v.verify(old, now));
    CHECK(v.verify(fresh, now));
}

TEST_CASE("Signing into a buffer: the same token, and never past the end") {
    jwt::claims c;
    c.subject("ann");
    auto const issue = *jwt::signer<hs256>::make(key<hs256>());
    auto const wanted = *issue.sign(c);
    for (std::size_t size = 0; size <= wanted.size() + 4; ++size) {
        std::string buffer(size + 8, '#');
        auto const got = issue.sign(c, std::span{buffer}.first(size));
        if (size >= wanted.size()) CHECK(*got == wanted);
        else CHECK(got.error() == errc::buffer_too_small);
        CHECK(buffer.substr(size) == "########");
    }
}

TEST_CASE("What went wrong with the claims is said by the signer, and nothing is signed") {
    jwt::claims c;
    c.set("a", 1).set("a", 2);
    auto const issue = *jwt::signer<hs256>::make(key<hs256>());
    char buffer[256];
    CHECK(issue.sign(c).error() == errc::duplicate_json_name);
    CHECK(issue.sign(c, buffer).error() == errc::duplicate_json_name);
}

TEST_CASE("A key for another algorithm makes no signer") {
    CHECK(jwt::signer<es256>::make(key<ed25519>().key()).error() == errc::wrong_key_type);
    CHECK(jwt::signer<es256>::make(key<es384>().key()).error() == errc::wrong_key_type);
    CHECK(jwt::signer<hs512>::make(key<hs256>().key()).error() == errc::wrong_key_type);
}

TEST_CASE("Keys that live elsewhere sign through a callable; what they return is checked") {
    jwt::claims c;
    c.subject("ann").expires_at(now + 5min);
    jwt::verifier<es256> const v{keys<es256>(), lenient()};
    auto const& hardware = key<es256>();
    int calls = 0;
    external_key<es256> const remote{hardware.verifier_key(), [&](bytes_view m, std::span<std::uint8_t> out) {
                                         ++calls;
                                         return hardware.sign(m, out);
                                     }};
    auto const issue = *jwt::signer<es256>::make(remote, {.key_id = "k1"});
    CHECK(v.verify(*issue.sign(c), now));
    CHECK(calls == 1);

    external_key<es256> const broken{
        hardware.verifier_key(),
        [](bytes_view, std::span<std::uint8_t>) -> result<std::size_t> { return errc::signer_failed; }};
    CHECK(jwt::signer<es256>::make(broken)->sign(c).error() == errc::signer_failed);
    external_key<es256> const lying{
        hardware.verifier_key(),
        [](bytes_view, std::span<std::uint8_t> out) -> result<std::size_t> { return out.size(); }};
    CHECK(jwt::signer<es256>::make(lying)->sign(c).error() == errc::signer_failed);
    external_key<es256> const brief{
        hardware.verifier_key(),
        [](bytes_view, std::span<std::uint8_t>) -> result<std::size_t> { return std::size_t{3}; }};
    CHECK(jwt::signer<es256>::make(brief)->sign(c).error() == errc::signer_failed);
}

TEST_CASE("The split form: signing input out, signature in") {
    jwt::claims c;
    c.subject("ann");
    auto const later = *jwt::detached_signer<es256>::make({.key_id = "k1"});
    auto const input = *later.signing_input(c);
    std::uint8_t signature[64];
    REQUIRE(key<es256>().sign(as_bytes(input), signature));
    auto const text = *later.complete(input, signature);
    CHECK(subject_of(jwt::verifier<es256>{keys<es256>(), lenient()}.verify(text, now)) == "ann");
    CHECK(later.complete(input, bytes_view{signature, 63}).error() == errc::bad_signature);
    bytes const der(72);
    CHECK(later.complete(input, der).error() == errc::bad_signature);
    auto const rsa = *jwt::detached_signer<rs256>::make();
    bytes const modulus(256);
    CHECK(rsa.complete("a.b", modulus));
    CHECK(rsa.complete("a.b", der).error() == errc::bad_signature);
}

// A program built with SIGNET_NO_CURVE_ARITHMETIC: ES256 and Ed25519 work by Botan alone, and refuse what they refuse.
#include <signet/jwt.hpp>
#include <signet/proof.hpp>

#include <cstdio>
#include <string>
#include <utility>

using namespace signet;
using namespace std::chrono_literals;

#ifndef SIGNET_NO_CURVE_ARITHMETIC
#    error this is to be built without the arithmetic
#endif

namespace {

constexpr unix_time now{1'700'000'000s};
int passed = 0, failed = 0;

void check(bool good, char const* what) {
    ++(good ? passed : failed);
    if (!good) std::printf("FAILED  %s\n", what);
}

template <algorithm A> void round_trip(local_key<A> const& key, char const* name) {
    jose::key_set<A> set;
    check(set.add("k", key.verifier_key()).has_value(), name);
    auto const signer = *jwt::signer<A>::make(key, {.type = "at+jwt", .key_id = "k"});
    jwt::claims claims;
    claims.issuer("https://id.example")
        .subject("s")
        .audience("https://api.example")
        .expires_at(now + 1h)
        .issued_at(now);
    auto const token = *signer.sign(claims);
    jwt::verifier<A> verifier{set,
                              {.issuer = "https://id.example", .audience = "https://api.example", .type = "at+jwt"}};
    jwt::scratch<> scratch;
    check(verifier.generators() == nullptr, "there are no tables");
    check(verifier.prepare() == 0, "nothing is prepared");
    check(verifier.verify(token, scratch, now).has_value(), name);
    for (std::size_t at = token.rfind('.') + 1; at < token.size(); at += 5) {
        auto spoiled = token;
        spoiled[at] = spoiled[at] == 'A' ? 'B' : 'A';
        check(!verifier.verify(spoiled, scratch, now).has_value(), name);
    }
}

} // namespace

int main() {
    std::uint8_t seed[32] = {1, 2, 3, 4};
    auto const ec = private_key::generate(alg::es256);
    auto const ed = private_key::from_ed25519(seed);
    check(ec.has_value() && ed.has_value(), "keys");
    round_trip(*local_key<es256>::from_key(*ec), "ES256");
    round_trip(*local_key<ed25519>::from_key(*ed), "Ed25519");

    for (auto const& [key, a] : {std::pair{*ec, alg::es256}, std::pair{*ed, alg::ed25519}}) {
        auto const& shown = key.public_part();
        auto signature = *crypto::sign(key, a, as_bytes("m"));
        check(crypto::verify(shown, a, as_bytes("m"), signature), "crypto::verify");
        signature[40] ^= 1;
        check(!crypto::verify(shown, a, as_bytes("m"), signature), "crypto::verify of a spoiled signature");
        check(crypto::unprepared_key::make(shown).error() == errc::unsupported_algorithm, "unprepared_key::make");
    }
    auto const proof = *proof::make_dpop_proof(*local_key<es256>::from_key(*ec),
                                               {.method = "GET", .url = "https://api.example/"}, now);
    std::string_view const proofs[] = {proof};
    check(proof::dpop_check{{.proofs = proofs, .method = "GET", .url = "https://api.example/"}, {}, now}.next() !=
              nullptr,
          "a DPoP proof");

    auto const none = crypto::generator_tables::make();
    check(!none.serves(alg::es256) && !none.serves(alg::ed25519) && none.bytes() == 0, "tables serve nothing");
    check(crypto::prepared_key::make(none, ed->public_part()).error() == errc::unsupported_algorithm, "prepared_key");
    check(crypto::unprepared_key::make(none, ec->public_part()).error() == errc::unsupported_algorithm,
          "unprepared_key");

    auto const ml_dsa = *public_key::from_ml_dsa(alg::ml_dsa_65, bytes(traits(alg::ml_dsa_65).key_size));
    check(crypto::prepared_key::make(ml_dsa).error() == errc::unsupported_algorithm, "a prepared ML-DSA key");
    check(crypto::verify_operation::make(ml_dsa, alg::ml_dsa_65).error() == errc::unsupported_algorithm,
          "an operation of ML-DSA");
    check(jwt::parse_algorithms(std::array<std::string_view, 2>{"ES256", "ML-DSA-65"}).error() ==
              errc::unsupported_algorithm,
          "the name of ML-DSA in a configuration");
    check(jwt::any_verifier::make(algorithm_set::of<ml_dsa_65>(), jose::any_key_set{algorithm_set::of<ml_dsa_65>()},
                                  {.issuer = "i", .audience = "a", .type = "at+jwt"})
                  .error() == errc::unsupported_algorithm,
          "a verifier of ML-DSA");

    // RFC 8032 5.1.3: y = 2 is of no point; y = 4 / 5 is the base point's. The points of small order are refused as
    // well.
    std::uint8_t base[32], off_curve[32] = {2}, one[32] = {1};
    for (auto& octet : base) octet = 0x66;
    base[0] = 0x58;
    int on = 0;
    for (unsigned y = 2; y != 60; ++y) {
        std::uint8_t encoded[32] = {static_cast<std::uint8_t>(y)};
        on += public_key::from_ed25519(encoded).has_value();
    }
    check(on == 37, "37 of these y are of a point");
    check(public_key::from_ed25519(base).has_value(), "the base point");
    check(!public_key::from_ed25519(off_curve).has_value(), "no point");
    check(!public_key::from_ed25519(one).has_value(), "small order");
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

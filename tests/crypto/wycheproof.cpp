// Project Wycheproof's vectors of ECDSA in DER, by the public names.
#include "support/wycheproof.hpp"

#include <signet/crypto.hpp>

#include <array>

using namespace signet;
using namespace wycheproof;

TEST_CASE("W33: Wycheproof: ECDSA with P-256 and SHA-256 in DER") {
    auto const seen = for_each_test("ecdsa_secp256r1_sha256_test.json", [](auto const& group, auto const& test) {
        auto const key = public_key::from_der(from_hex(text(group, "publicKeyDer")));
        REQUIRE(key);
        std::array<std::uint8_t, crypto::max_ecdsa_size> raw;
        auto const size = crypto::ecdsa_from_der(from_hex(text(test, "sig")), key->crv(), raw);
        return size && crypto::verify(*key, alg::es256, from_hex(text(test, "msg")), bytes_view{raw}.first(*size));
    });
    CHECK(seen.wrong == 0);
}

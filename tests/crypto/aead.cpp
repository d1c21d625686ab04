// XChaCha20-Poly1305: `aead_encrypt` and `aead_decrypt`.
#include "support/hex.hpp"

#include <signet/crypto/aead.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace signet;

TEST_CASE("aead: the example of draft-irtf-cfrg-xchacha-03, appendix A.3.1") {
    auto const key = secret::copy_of(from_hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
    auto const nonce_octets = from_hex("404142434445464748494a4b4c4d4e4f5051525354555657");
    auto const associated = from_hex("50515253c0c1c2c3c4c5c6c7");
    auto const plain = as_bytes("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
                                "future, sunscreen would be it.");
    auto const expected =
        from_hex("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
                 "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                 "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
    crypto::aead_nonce nonce;
    std::copy(nonce_octets.begin(), nonce_octets.end(), nonce.begin());
    bytes out(plain.size() + crypto::aead_tag_size), back(plain.size());
    crypto::aead_encrypt(key, nonce, associated, plain, out);
    CHECK(out == expected);
    CHECK(crypto::aead_decrypt(key, nonce, associated, out, back));
    CHECK(std::equal(back.begin(), back.end(), plain.begin(), plain.end()));

    auto const refused = [&](secret const& k, crypto::aead_nonce const& n, bytes_view a, bytes_view text) {
        bytes to(plain.size(), 0xaa);
        auto const authentic = crypto::aead_decrypt(k, n, a, text, to);
        return !authentic && to == bytes(plain.size(), 0xaa); // and nothing was written
    };
    for (std::size_t i = 0; i != out.size(); ++i) {
        auto changed = out;
        changed[i] ^= 1;
        CHECK(refused(key, nonce, associated, changed));
    }
    auto other_nonce = nonce;
    other_nonce[23] ^= 1;
    CHECK(refused(key, other_nonce, associated, out));
    CHECK(refused(key, nonce, bytes_view{associated}.first(11), out));
    CHECK(refused(secret::copy_of(bytes(32, 1)), nonce, associated, out));
}

TEST_CASE("aead: a text without octets has a tag alone") {
    auto const key = secret::copy_of(bytes(32, 7));
    bytes out(crypto::aead_tag_size);
    crypto::aead_encrypt(key, {}, {}, {}, out);
    CHECK(crypto::aead_decrypt(key, {}, {}, out, {}));
    CHECK_FALSE(crypto::aead_decrypt(key, {}, as_bytes("x"), out, {}));
}

#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;

namespace {
std::string hex(bytes_view octets) {
    std::string out;
    for (auto o : octets) out += "0123456789abcdef"[o >> 4], out += "0123456789abcdef"[o & 15];
    return out;
}
} // namespace

TEST_CASE("FIPS 180-4: SHA-2 of \"abc\" and of nothing") {
    CHECK(hex(crypto::sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(crypto::sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex(crypto::sha384(as_bytes("abc"))) ==
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    CHECK(hex(crypto::sha512(as_bytes("abc"))) == "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                                                  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    crypto::hasher h{hash_id::sha256};
    for (char c : std::string_view{"abc"}) h.update(as_bytes({&c, 1}));
    crypto::sha256_digest pieces{};
    h.finish(pieces);
    CHECK(pieces == crypto::sha256(as_bytes("abc")));
}

TEST_CASE("RFC 4231: HMAC test cases 1 and 2, and a tag of another length") {
    auto mac = *crypto::hmac::make(hash_id::sha256, bytes(20, 0x0b));
    bytes tag(32);
    mac.update(as_bytes("Hi There"));
    mac.finish(tag);
    CHECK(hex(tag) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(mac.verify(as_bytes("Hi There"), tag));
    CHECK_FALSE(mac.verify(as_bytes("Hi there"), tag));
    CHECK_FALSE(mac.verify(as_bytes("Hi There"), bytes_view{tag}.first(31)));
    CHECK_FALSE(mac.verify(as_bytes("Hi There"), {}));
    auto jefe = *crypto::hmac::make(hash_id::sha512, as_bytes("Jefe"));
    bytes longer(64);
    jefe.update(as_bytes("what do ya want for nothing?"));
    jefe.finish(longer);
    CHECK(hex(longer) == "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                         "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
    CHECK(crypto::hmac::make(hash_id::sha256, {}).error() == errc::weak_key);
    CHECK(crypto::hmac::make(hash_id::sha256, bytes(4097, 1)).error() == errc::weak_key);
}

TEST_CASE("system randomness: two draws differ") {
    bytes a(32), b(32);
    auto dice = system_random();
    dice.fill(a);
    dice.fill(b);
    CHECK(a != b);
}

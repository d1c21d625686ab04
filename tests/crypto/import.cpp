// The containers of keys, well formed and hostile: what is refused is refused before anything is computed with it.
#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <ctime>
#include <string>

using namespace signet;

namespace {

/// One element of DER.
bytes der(std::uint8_t tag, bytes_view content) {
    bytes element{tag};
    auto const size = content.size();
    if (size >= 0x1'0000)
        element.insert(element.end(), {0x83, static_cast<std::uint8_t>(size >> 16),
                                       static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
    else if (size >= 0x100)
        element.insert(element.end(), {0x82, static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size)});
    else if (size >= 0x80) element.insert(element.end(), {0x81, static_cast<std::uint8_t>(size)});
    else element.push_back(static_cast<std::uint8_t>(size));
    element.insert(element.end(), content.begin(), content.end());
    return element;
}
bytes joined(std::initializer_list<bytes> parts) {
    bytes all;
    for (auto const& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}
bytes sequence(std::initializer_list<bytes> parts) { return der(0x30, joined(parts)); }
bytes oid(std::initializer_list<std::uint8_t> octets) { return der(0x06, bytes{octets}); }
bytes integer(std::initializer_list<std::uint8_t> octets) { return der(0x02, bytes{octets}); }
bytes integer(bytes magnitude) { return der(0x02, magnitude); }
bytes octet_string(bytes_view octets) { return der(0x04, octets); }
bytes bit_string(bytes_view octets) { return der(0x03, joined({{0}, bytes(octets.begin(), octets.end())})); }
bytes null() { return {0x05, 0x00}; }
/// An odd number of that many bits, the top one set, without a sign's octet: positive in 7 of 8 bits of the first
/// octet.
bytes number(std::size_t bits) {
    bytes n(bits / 8, 0x5a);
    n.front() = 0x65;
    n.back() = 0x31;
    return n;
}

bytes const rsa_oid = oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01});
bytes const ec_oid = oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01});
bytes const p256_oid = oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07});

/// EncryptedPrivateKeyInfo of PBES2, PBKDF2 with HMAC-SHA-256 and AES-256-CBC; `length` is the optional keyLength.
bytes encrypted(bytes const& count, bytes const& length) {
    auto const prf = sequence({oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09}), null()});
    auto const derivation = sequence({oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c}),
                                      sequence({octet_string(bytes(8, 1)), count, length, prf})});
    auto const cipher =
        sequence({oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a}), octet_string(bytes(16, 2))});
    return sequence(
        {sequence({oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d}), sequence({derivation, cipher})}),
         octet_string(bytes(48, 3))});
}
secret passphrase() { return secret::copy_of(as_bytes("p")); }

/// What a refusal may take. Those below took from half a second to most of a minute when they were refused late.
constexpr double soon = 0.2;
template <class F> double seconds(F const& f) {
    auto const start = std::clock();
    f();
    return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}
template <class F> void check_refused(errc why, F const& read) {
    errc found{};
    auto const took = seconds([&] { found = read().error().code; });
    CHECK(found == why);
    CHECK(took < soon);
}

} // namespace

TEST_CASE("T2: an encrypted key's keyLength is the cipher's, or is not there; nothing is derived for another") {
    auto const pass = passphrase();
    auto const open = [&](bytes const& length) {
        return private_key::from_encrypted_der(encrypted(integer({3, 0xe8}), length), pass);
    };
    check_refused(errc::bad_key,
                  [&] { return open(integer({0x10, 0x00, 0x00})); }); // 1 Mi octets: eight seconds of PBKDF2
    check_refused(errc::bad_key, [&] { return open(integer({0x7f, 0xff, 0xff, 0xff})); });
    check_refused(errc::bad_key, [&] { return open(integer({16})); });
    check_refused(errc::bad_key, [&] { return open(integer({33})); });
    check_refused(errc::bad_key, [&] { return open(integer({0})); });
    CHECK(open({}).error() == errc::bad_passphrase); // nothing to object to but that it does not open
    CHECK(open(integer({32})).error() == errc::bad_passphrase);
    auto const iterations = [&](bytes const& count) {
        return private_key::from_encrypted_der(encrypted(count, {}), pass);
    };
    check_refused(errc::weak_key, [&] { return iterations(integer({0})); });
    check_refused(errc::weak_key, [&] { return iterations(integer({0x1e, 0x84, 0x81})); }); // 2,000,001
    check_refused(errc::weak_key, [&] { return iterations(integer({1, 0, 0, 0, 0})); });
}

TEST_CASE("RFC 8018: encrypted keys that OpenSSL wrote are read, with each cipher and digest") {
    auto const expected = public_key::from_pem("-----BEGIN PUBLIC KEY-----\n"
                                               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/fJvSaaRmpMmVgOA9nc9UyF5IYqr\n"
                                               "5C4PbIwpinju9p4gvYmy6vDNTRB50cUqdYWv5CRreaaFqC2wdgA6kMR2pQ==\n"
                                               "-----END PUBLIC KEY-----\n");
    REQUIRE(expected);
    for (std::string_view body : {// AES-128-CBC, HMAC-SHA-256
                                  "MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAhuobMHltSrUQIBAjAM\n"
                                  "BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBAgQQUkbU7R9j2Pv6BnRS9foriQSBkNOO\n"
                                  "E0hEyUh0iF1OyBB9orNBZqV+Uwlh8CXakG/4OPWatXFVuAGPiXQcMdkd8RDulFgs\n"
                                  "/p9rHBDoy+efz4cQVyl6KvkHjNWHV+k7nHMTapFfjMdBlt7Vkg15Cr8SpNzmfzw6\n"
                                  "vVgyxvf5ZuNScy4y952EciVo50EI3AZBL2i7ukPkVGUfIMXhrDAkz2zMPQOGZA==\n",
                                  // three times DES, HMAC-SHA-1, which is not named
                                  "MIHUMD8GCSqGSIb3DQEFDTAyMBoGCSqGSIb3DQEFDDANBAi+CXZr3JN6LwIBAjAU\n"
                                  "BggqhkiG9w0DBwQIpEp+JwsdQkIEgZAkgP2f2WpoTnT42KoXUbUqSSpqac0zIHgE\n"
                                  "PwSLcChtDp7KK7ZHnlxOwFG9NVUTwTke+t6bTHL4NfSRyuSoToURXMMmtZA/cH0E\n"
                                  "dZzeRX3KzIIWJsfKBYYdZaqjY5hPqXDU2MfkaFuhEevNxprF3EoTDN9tvUnsCRLt\n"
                                  "tfyPj0iQykb9Sxcw8wtoq/4N7hndTnw=\n",
                                  // AES-192-CBC, HMAC-SHA-384
                                  "MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAjViJSNFYL4IwIBAjAM\n"
                                  "BggqhkiG9w0CCgUAMB0GCWCGSAFlAwQBFgQQ2FvCbNtupC1KorkbBAePQQSBkKPo\n"
                                  "zYEeDkB6QRnK5ELGBDh/opPi+33UlpVbrrjF0M3Exp7a1cekG1VWnaMf21H+TV7p\n"
                                  "Ofhrzwk88fCtyqJ1m3AtVNuQDkNgZKWxQmhM73U6RDY1Q9zpudb+RG1c+UPn7wRN\n"
                                  "6NUW/CnW5x+H851sGZBsy3dPSPexp0XolBPi2aVtowZBP8sLBX208SDrsSELzw==\n"}) {
        auto const pem =
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + std::string{body} + "-----END ENCRYPTED PRIVATE KEY-----\n";
        auto const key = private_key::from_encrypted_pem(pem, passphrase());
        REQUIRE(key);
        CHECK(key->public_part() == *expected);
        CHECK(private_key::from_encrypted_pem(pem, secret::copy_of(as_bytes("q"))).error() == errc::bad_passphrase);
    }
}

TEST_CASE("T3: an RSA modulus beyond the limit is refused unread, public and private") {
    auto const huge = number(130'000), e = bytes{3};
    auto const algorithm = sequence({rsa_oid, null()});
    check_refused(errc::weak_key, [&] {
        return public_key::from_der(sequence({algorithm, bit_string(sequence({integer(huge), integer(e)}))}));
    });
    auto const half = number(20'000);
    auto const numbers = sequence({integer({0}), integer(number(40'000)), integer(e), integer(half), integer(half),
                                   integer(half), integer(half), integer(half), integer(half)});
    check_refused(errc::bad_key, [&] {
        return private_key::from_der(sequence({integer({0}), algorithm, octet_string(numbers)}));
    }); // over max_key_octets
    auto const small = number(8'800);
    auto const fitting = sequence({integer({0}), integer(number(60'000)), integer(e), integer(small), integer(small),
                                   integer(small), integer(small), integer(small), integer(small)});
    check_refused(errc::weak_key,
                  [&] { return private_key::from_der(sequence({integer({0}), algorithm, octet_string(fitting)})); });
}

TEST_CASE("T3, S22: keys of algorithms that signet has not are refused unread") {
    auto const group = number(40'000);
    // X9.42 and PKCS#3 DH, ElGamal, DSA: p, q and g, or p and g; then the private number.
    for (auto const& id :
         {oid({0x2a, 0x86, 0x48, 0xce, 0x3e, 0x02, 0x01}), oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01}),
          oid({0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x02, 0x01}),
          oid({0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01})}) {
        for (auto const& parameters : {sequence({integer(group), integer({2}), integer(number(256))}),
                                       sequence({integer(group), integer({2})})}) {
            check_refused(errc::unsupported_key, [&] {
                return private_key::from_der(
                    sequence({integer({0}), sequence({id, parameters}), octet_string(integer(group))}));
            });
            check_refused(errc::unsupported_key, [&] {
                return public_key::from_der(sequence({sequence({id, parameters}), bit_string(integer(group))}));
            });
        }
    }
    // A key that is for RSASSA-PSS only (RFC 4055): said, rather than "bad".
    auto const pss = sequence({oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a})});
    CHECK(public_key::from_der(sequence({pss, bit_string(sequence({integer(number(2048)), integer({3})}))})).error() ==
          errc::unsupported_key);
}

TEST_CASE("T9: curve parameters that are spelled out are refused, whatever the algorithm's identifier") {
    auto const field = sequence({oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x01, 0x01}), integer(number(50'000))});
    auto const parameters = sequence({integer({1}), field, sequence({octet_string(bytes{1}), octet_string(bytes{2})}),
                                      octet_string(bytes{4, 1, 1}), integer({7}), integer({1})});
    auto const scalar = octet_string(sequence({integer({1}), octet_string(bytes(32, 7))}));
    for (auto const& id :
         {ec_oid, oid({0x2b, 0x81, 0x04, 0x01, 0x0c}), oid({0x2b, 0x24, 0x03, 0x03, 0x02, 0x05, 0x02, 0x01}),
          oid({0x28, 0xf4, 0x28, 0x03, 0x00, 0x05}),
          oid({0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x01})}) { // ECDH, ECGDSA, ECKCDSA, SM2
        check_refused(errc::unsupported_key, [&] {
            return public_key::from_der(sequence({sequence({id, parameters}), bit_string(bytes{4, 1, 1})}));
        });
        check_refused(errc::unsupported_key, [&] {
            return private_key::from_der(sequence({integer({0}), sequence({id, parameters}), scalar}));
        });
    }
    // Inside the ECPrivateKey too: a named curve outside, P-256's parameters within.
    auto const inner = octet_string(sequence({integer({1}), octet_string(bytes(32, 7)), der(0xa0, parameters)}));
    check_refused(errc::unsupported_key,
                  [&] { return private_key::from_der(sequence({integer({0}), sequence({ec_oid, p256_oid}), inner})); });
}

TEST_CASE("T9: curve parameters that are spelled out are refused in an encrypted key too") {
    auto const* const pem =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" // P-256's, by openssl genpkey -pkeyopt ec_param_enc:explicit
        "MIIB3TBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI2r31HO3nAnYCAggA\n"
        "MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBA3xLrr/+9FHj6KxFJAd/sgBIIB\n"
        "gM15pGZQpqkfpirmIZyq+jlTg6L9xHaR2/4h2sTrAmXzVk8u3v8nWMTPrAsDZ+Zp\n"
        "jzW1V8nvnSpSWzpUQbOdYSGcAsH0/TKDuwInOK3aQCH0ygWiEoBy8HWh3WI/cE+F\n"
        "dMCm9uvUufNj3RjuKizQRQwR7S7Y4aeGRK0cg+LI0woQgJMa7D5HY0Gl9TLKE5bD\n"
        "S8Oi5vl00NDQ4/8/7PcI377KPBnTMvwYhhWCwljTQtyCl0oAut2g6h7JQ+hYYmgl\n"
        "X/V1Uy0BifmLnOTnbdocUdiXMbEBUGplfIxL5WBIP8/qPJqo2a8ne2jeL/mj3+jB\n"
        "8MynHp+3fiYrwjyq9+cxcaEoy/n4CLXRfYoq2Mn+sy2t49FVPgWCO5TlSsFg4UCZ\n"
        "AZed3T8u5TxmLOvq87kF1EvELZR+Gw//ZRwfv/XyjYwVQ2e3BD0KCMjUB/FDXQxK\n"
        "5YX30q9Kklm2c1687SYpf9vyTVDyj5fD+UohtE1zVMwDa4eX+O/e/N5PrYEJz4st\n"
        "Sw==\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n";
    CHECK(private_key::from_encrypted_pem(pem, passphrase()).error() == errc::unsupported_key);
}

TEST_CASE("PKCS#8 of version 2 has the public key as well, which belongs to the private one (RFC 5958 section 2)") {
    // RFC 8410 section 10.3, with attributes, and the public key of section 10.1.
    auto const published = private_key::from_pem("-----BEGIN PRIVATE KEY-----\n"
                                                 "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                                 "oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB\n"
                                                 "Z9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                                                 "-----END PRIVATE KEY-----\n");
    REQUIRE(published);
    CHECK(published->public_part() ==
          *public_key::from_pem("-----BEGIN PUBLIC KEY-----\n"
                                "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                                "-----END PUBLIC KEY-----\n"));

    constexpr std::uint8_t public_part = 0x81; // [1] IMPLICIT BIT STRING
    for (auto const a : {alg::ed25519, alg::es256, alg::rs256}) {
        CAPTURE(traits(a).name);
        auto const key = *private_key::generate(a), other = *private_key::generate(a);
        auto const content = [](bytes_view whole) { // of a structure with a length on one or three octets
            auto const head = whole[1] < 0x80 ? 2u : 2u + (whole[1] & 0x7fu);
            return bytes(whole.begin() + head, whole.end());
        };
        // The bit string ends a SubjectPublicKeyInfo.
        auto const bits = [&](private_key const& of) {
            auto const spki = content(of.public_part().to_der());
            return content(bytes_view{spki}.subspan(content(spki).size() == 0 ? 0 : 2u + spki[1]));
        };
        auto const plain = content(key.to_der().reveal());
        auto const with = [&](std::uint8_t version, std::initializer_list<bytes> more) {
            auto inside = plain;
            REQUIRE(inside[2] == 0);
            inside[2] = version;
            return private_key::from_der(sequence({inside, joined(more)}));
        };
        auto const error_of = [&](std::uint8_t version, std::initializer_list<bytes> more) {
            auto const read = with(version, more);
            return read ? errc{} : read.error().code;
        };
        auto const own = der(public_part, bits(key));
        auto const read = with(1, {own});
        REQUIRE(read);
        CHECK(read->public_part() == key.public_part());
        CHECK(with(1, {der(0xa0, {}), own}));
        CHECK(error_of(1, {der(public_part, bits(other))}) == errc::key_mismatch);
        CHECK(error_of(0, {}) == errc{});
        CHECK(error_of(0, {own}) == errc::bad_key);
        CHECK(error_of(1, {}) == errc::bad_key);
        CHECK(error_of(1, {own, null()}) == errc::bad_key);
        CHECK(error_of(1, {own, der(0xa0, {})}) == errc::bad_key);
        CHECK(error_of(1, {der(public_part, {})}) == errc::bad_key);
        CHECK(error_of(2, {own}) == errc::bad_key);
        auto unused = bits(key);
        unused[0] = 1;
        CHECK(error_of(1, {der(public_part, unused)}) == errc::bad_key);
    }
}

TEST_CASE("X.690 10: keys are read in DER alone") {
    auto const key = *private_key::generate(alg::es256);
    auto const d = key.d();
    auto const scalar = bytes(d.reveal().begin(), d.reveal().end());
    auto const pkcs8 = [&](bytes const& version, bytes const& inner, bytes const& more = {}) {
        return sequence({version, sequence({ec_oid, p256_oid}), octet_string(inner), more});
    };
    auto const ec = [&](bytes const& octets, bytes const& more = {}) {
        return sequence({integer({1}), octet_string(octets), more});
    };
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(scalar)))->public_part() == key.public_part());
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(scalar, der(0xa0, p256_oid))))->public_part() ==
          key.public_part());
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(scalar), der(0xa0, {})))->public_part() ==
          key.public_part()); // attributes
    auto point = joined({{4},
                         bytes(key.public_part().x().begin(), key.public_part().x().end()),
                         bytes(key.public_part().y().begin(), key.public_part().y().end())});
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(scalar, der(0xa1, bit_string(point)))))->public_part() ==
          key.public_part());
    auto const other = *private_key::generate(alg::es256);
    point = joined({{4},
                    bytes(other.public_part().x().begin(), other.public_part().x().end()),
                    bytes(other.public_part().y().begin(), other.public_part().y().end())});
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(scalar, der(0xa1, bit_string(point))))).error() ==
          errc::key_mismatch);

    CHECK(private_key::from_der(pkcs8(integer({1}), ec(scalar))).error() == errc::bad_key);
    CHECK(private_key::from_der(pkcs8(integer({0, 0}), ec(scalar))).error() == errc::bad_key);
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(joined({{0}, scalar})))).error() == errc::bad_key);
    CHECK(private_key::from_der(pkcs8(integer({0}), joined({ec(scalar), {0}}))).error() == errc::bad_key);
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(scalar, null()))).error() == errc::bad_key);
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(scalar), null())).error() == errc::bad_key);
    CHECK(private_key::from_der(pkcs8(integer({0}), ec(scalar, der(0xa0, oid({0x2b, 0x81, 0x04, 0x00, 0x22})))))
              .error() == errc::bad_key); // P-384's

    auto const whole = pkcs8(integer({0}), ec(scalar));
    for (std::size_t n = 0; n != whole.size(); ++n)
        CHECK(private_key::from_der(bytes_view{whole}.first(n)).error() == errc::bad_key);
    bytes longer{0x30, 0x82, 0x00,
                 static_cast<std::uint8_t>(whole.size() - 2)}; // a length on more octets than it needs
    longer.insert(longer.end(), whole.begin() + 2, whole.end());
    CHECK(private_key::from_der(longer).error() == errc::bad_key);

    auto const rsa = [](bytes const& n, bytes const& e) {
        return public_key::from_der(sequence({sequence({rsa_oid, null()}), bit_string(sequence({n, e}))}));
    };
    auto const n = number(2056);
    CHECK(rsa(integer(n), integer({3})));
    CHECK(rsa(integer(joined({{0}, n})), integer({3})).error() == errc::bad_key); // a zero too many
    CHECK(rsa(integer(n), integer({0x83})).error() == errc::bad_key);             // negative
    CHECK(rsa(integer(n), integer(bytes{})).error() == errc::bad_key);
    CHECK(public_key::from_der(sequence({sequence({rsa_oid}), bit_string(sequence({integer(n), integer({3})}))}))
              .error() == errc::bad_key); // no NULL
}

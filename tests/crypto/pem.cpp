// Keys as OpenSSL and ssh-keygen write them: the files of tests/crypto/pem, which make.sh there makes.
#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

using namespace signet;

namespace {

std::string file(std::string const& name) {
    std::ifstream in{SIGNET_TEST_DATA "/crypto/pem/" + name, std::ios::binary};
    REQUIRE_MESSAGE(in, name);
    return {std::istreambuf_iterator<char>{in}, {}};
}
secret passphrase() { return secret::copy_of(as_bytes("pass")); }
public_key expected(std::string const& name) {
    auto key = public_key::from_pem(file(name));
    REQUIRE(key);
    return *std::move(key);
}
errc private_refusal(std::string const& text) {
    auto const key = private_key::from_pem(text);
    REQUIRE_FALSE(key);
    return key.error().code;
}
errc public_refusal(std::string const& text) {
    auto const key = public_key::from_pem(text);
    REQUIRE_FALSE(key);
    return key.error().code;
}
bool is_of(result<private_key> const& key, public_key const& expected) { return key && key->public_part() == expected; }
bool is(result<public_key> const& key, public_key const& expected) { return key && *key == expected; }

} // namespace

TEST_CASE("RFC 8017 A.1: PKCS#1 keys in PEM, private and public") {
    auto const rsa = expected("rsa-public.pem");
    CHECK(is_of(private_key::from_pem(file("rsa-pkcs1.pem")), rsa));
    CHECK(is_of(private_key::from_pem(file("rsa-pkcs8.pem")), rsa));
    CHECK(is_of(private_key::from_pem(file("rsa-with-text.pem")), rsa));
    CHECK(is(public_key::from_pem(file("rsa-public-pkcs1.pem")), rsa));
    CHECK(public_key::from_pem(file("rsa-public-pkcs1.pem"), {.min_rsa_bits = 3072}).error() == errc::weak_key);
    CHECK(local_key<rs256>::from_key(*private_key::from_pem(file("rsa-pkcs1.pem"))));
    // The label is what is believed: the same octets under another one are no key.
    auto swapped = file("rsa-pkcs1.pem");
    for (auto at = swapped.find("RSA "); at != swapped.npos; at = swapped.find("RSA ")) swapped.erase(at, 4);
    CHECK(private_refusal(swapped) == errc::bad_key);
    CHECK(private_key::from_der(as_bytes(file("rsa-pkcs1.der"))).error() == errc::bad_key);
}

TEST_CASE("RFC 5915 4: SEC 1 keys in PEM, with the parameters that OpenSSL writes before them") {
    for (std::string const curve : {"prime256v1", "secp384r1", "secp521r1", "secp256k1"}) {
        CAPTURE(curve);
        auto const text = file("ec-" + curve + "-sec1.pem");
        REQUIRE(text.find("BEGIN EC PARAMETERS") != text.npos);
        CHECK(is_of(private_key::from_pem(text), expected("ec-" + curve + "-public.pem")));
    }
    CHECK(is_of(private_key::from_pem(file("ec-no-public.pem")), expected("ec-prime256v1-public.pem")));
    CHECK(private_refusal(file("ec-explicit.pem")) == errc::unsupported_key);
    CHECK(private_refusal(file("ec-brainpool.pem")) == errc::unsupported_key);
    CHECK(private_refusal("-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n") == errc::bad_key);
}

TEST_CASE("RFC 5280 4.1: the key of a certificate, the first of a bundle; it is a public key alone") {
    auto const rsa = expected("rsa-public.pem"), ec = expected("ec-prime256v1-public.pem"),
               ed = expected("ed25519-public.pem");
    CHECK(is(public_key::from_pem(file("certificate-rsa-pkcs1.pem")), rsa));
    CHECK(is(public_key::from_pem(file("certificate-ec-prime256v1-sec1.pem")), ec));
    CHECK(is(public_key::from_pem(file("certificate-ed25519-pkcs8.pem")), ed));
    CHECK(is(public_key::from_pem(file("certificate-with-text.pem")), rsa));
    CHECK(is(public_key::from_pem(file("certificates.pem")), ec));
    CHECK(public_key::from_pem(file("certificate-rsa-pkcs1.pem"), {.min_rsa_bits = 3072}).error() == errc::weak_key);
    CHECK(private_refusal(file("certificates.pem")) == errc::bad_key);
    // Of a file with a key and its certificate each function takes its own.
    CHECK(is(public_key::from_pem(file("pkcs12-as-text.pem")), ec));
    CHECK(is_of(private_key::from_pem(file("pkcs12-as-text.pem")), ec));
    CHECK(is(public_key::from_pem(file("ed25519-pkcs8.pem") + file("certificates.pem")), ec));
    // A certificate that is cut inside is none.
    auto const text = file("certificate-ec-prime256v1-sec1.pem");
    for (std::size_t line = text.find('\n') + 1; line < text.find("-----END"); line += 65) {
        auto cut = text;
        cut.erase(line, 65);
        if (cut.find("-----END") != cut.npos) CHECK(public_refusal(cut) == errc::bad_key);
    }
    CHECK(public_refusal(file("request.pem")) == errc::bad_key);
    CHECK(public_refusal(file("pkcs7.pem")) == errc::bad_key);
    CHECK(public_refusal(file("trusted.pem")) == errc::bad_key);
}

TEST_CASE("RFC 7468 2: text around a block is no part of it, and a second key is refused") {
    auto const ed = expected("ed25519-public.pem");
    auto const pem = file("ed25519-pkcs8.pem");
    for (auto const before : {"", "\n", "Bag Attributes\n    friendlyName: a\n", "\xef\xbb\xbf", "text\r\n", "text\r"})
        CHECK(is_of(private_key::from_pem(before + pem), ed));
    for (auto const after : {"", "\n\n", "text", "-----BEGIN", "-----"})
        CHECK(is_of(private_key::from_pem(pem + after), ed));
    std::string windows;
    for (auto const c : pem) windows += c == '\n' ? "\r\n" : std::string(1, c);
    CHECK(is_of(private_key::from_pem(windows), ed));
    CHECK(private_refusal("x" + pem) == errc::bad_key);
    CHECK(private_refusal("> " + pem) == errc::bad_key);
    CHECK(private_refusal(pem + pem) == errc::bad_key);
    CHECK(private_refusal(pem + file("rsa-pkcs1.pem")) == errc::bad_key);
    CHECK(private_refusal(file("ec-prime256v1-sec1.pem") + pem) == errc::bad_key);
    CHECK(public_refusal(file("ed25519-public.pem") + file("rsa-public.pem")) == errc::bad_key);
    CHECK(public_refusal(file("certificates.pem") + file("rsa-public.pem")) == errc::bad_key);
    CHECK(private_refusal(pem + "-----BEGIN CERTIFICATE-----\nMA") == errc::bad_key); // cut off
    CHECK(private_refusal(pem.substr(0, pem.find("-----END"))) == errc::bad_key);
    CHECK(private_refusal("-----BEGIN PRIVATE KEY-----\n" + pem) == errc::bad_key);
    CHECK(private_refusal("-----BEGIN " + std::string(100, 'A') + "-----\n" + pem) == errc::bad_key);
    auto const written = [&] { // as people put it in an environment variable
        std::string line;
        for (auto const c : pem) line += c == '\n' ? "\\n" : std::string(1, c);
        return line;
    }();
    CHECK(private_refusal(written) == errc::bad_key);
    CHECK(is_of(private_key::from_pem(std::string(max_pem_octets - pem.size() - 1, 'x') + "\n" + pem), ed));
    CHECK(private_refusal(std::string(max_pem_octets - pem.size(), 'x') + "\n" + pem) == errc::bad_key);
}

TEST_CASE("RFC 7914 7, RFC 8018 6.2: encrypted keys by scrypt, as far as its cost is bounded") {
    auto const ec = expected("ec-prime256v1-public.pem");
    CHECK(is_of(private_key::from_encrypted_pem(file("scrypt.pem"), passphrase()), ec));
    CHECK(is_of(private_key::from_encrypted_pem(file("pbkdf2.pem"), passphrase()), ec));
    CHECK(is_of(private_key::from_encrypted_pem(file("scrypt-small.pem"), passphrase()), expected("rsa-public.pem")));
    for (auto const name : {"scrypt.pem", "scrypt-small.pem", "pbkdf2.pem"})
        CHECK(private_key::from_encrypted_pem(file(name), secret::copy_of(as_bytes("Pass"))).error() ==
              errc::bad_passphrase);
    CHECK(private_key::from_encrypted_pem(file("scrypt-costly.pem"), passphrase()).error() == errc::weak_key);
    CHECK(private_key::from_encrypted_pem(file("pbes1.pem"), passphrase()).error() == errc::unsupported_key);
    // One octet of N, r or p, in the order of the structure: nothing is computed with what is out of bounds.
    auto const small = file("scrypt-small.pem");
    auto const with = [&](std::size_t from_salt, std::uint8_t value) {
        // The parameters stand behind a salt of 8 or 16 octets: 02 02 04 00 (N = 1024) 02 01 04 (r) 02 01 02 (p).
        constexpr std::uint8_t settings[]{0x02, 0x02, 0x04, 0x00, 0x02, 0x01, 0x04, 0x02, 0x01, 0x02};
        std::string body;
        for (auto const c : small.substr(small.find('\n') + 1)) {
            if (c == '-') break;
            if (c != '\n') body += c;
        }
        bytes der;
        unsigned bits = 0, held = 0;
        for (auto const c : body) {
            auto const at =
                std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"}.find(c);
            if (at == std::string_view::npos) break;
            bits = bits << 6 | static_cast<unsigned>(at);
            if ((held += 6) >= 8) der.push_back(static_cast<std::uint8_t>(bits >> (held -= 8)));
        }
        auto const place = std::search(der.begin(), der.end(), std::begin(settings), std::end(settings));
        REQUIRE(place != der.end());
        place[static_cast<std::ptrdiff_t>(from_salt)] = value;
        auto const key = private_key::from_encrypted_der(der, passphrase());
        return key ? errc{} : key.error().code;
    };
    CHECK(with(2, 0x04) == errc{});
    CHECK(with(2, 0x05) == errc::weak_key); // N is no power of two
    CHECK(with(3, 0x01) == errc::weak_key); // the same
    CHECK(with(6, 0x00) == errc::weak_key); // r
    CHECK(with(9, 0x00) == errc::weak_key); // p
    CHECK(with(9, 0x01) == errc::bad_passphrase);
    CHECK(with(6, 0x7f) == errc::bad_passphrase); // within the bounds, and another key
    CHECK(with(9, 0x7f) == errc::bad_passphrase);
    CHECK(with(2, 0x40) == errc::bad_passphrase);
    CHECK(with(2, 0x80) == errc::bad_key); // a negative N
}

TEST_CASE("keys in other forms: the error, and a line that says what it is and how it is converted") {
    auto const says = [](std::string const& text) { return crypto::describe_key_text(text); };
    auto const has = [](std::string const& line, std::string_view piece) { return line.find(piece) != line.npos; };

    CHECK(private_refusal(file("rsa-encrypted-old.pem")) == errc::unsupported_key);
    CHECK(private_refusal(file("ec-encrypted-old.pem")) == errc::unsupported_key);
    CHECK(has(says(file("rsa-encrypted-old.pem")), "openssl pkcs8 -topk8 -in FILE -out NEW"));
    CHECK(has(says(file("ec-encrypted-old.pem")), "openssl pkcs8 -topk8"));
    CHECK(private_refusal(file("openssh.pem")) == errc::unsupported_key);
    CHECK(has(says(file("openssh.pem")), "ssh-keygen -p -m PKCS8"));
    CHECK(private_refusal(file("scrypt.pem")) == errc::bad_passphrase);
    CHECK(has(says(file("scrypt.pem")), "from_encrypted_pem"));
    CHECK(private_key::from_encrypted_pem(file("rsa-pkcs8.pem"), passphrase()).error() == errc::bad_key);
    CHECK(private_refusal(file("dsa.pem")) == errc::unsupported_key);
    CHECK(private_refusal("-----BEGIN DSA PRIVATE KEY-----\nMA==\n-----END DSA PRIVATE KEY-----") ==
          errc::unsupported_key);
    CHECK(private_refusal(file("ec-prime256v1-public.pem")) == errc::bad_key);
    CHECK(public_refusal(file("rsa-pkcs1.pem")) == errc::bad_key);

    CHECK(has(says(file("rsa-pkcs1.pem")), "an RSA private key (PKCS#1): private_key::from_pem"));
    CHECK(has(says(file("rsa-with-text.pem")), "an RSA private key"));
    CHECK(has(says(file("ec-prime256v1-sec1.pem")), "an EC private key (SEC 1)")); // and not its parameters
    CHECK(has(says(file("rsa-pkcs8.pem")), "a private key (PKCS#8)"));
    CHECK(has(says(file("rsa-public.pem")), "a public key"));
    CHECK(has(says(file("certificates.pem")), "a certificate, which has a public key alone"));
    CHECK(has(says(file("request.pem")), "openssl req -in FILE -noout -pubkey"));
    CHECK(has(says(file("pkcs7.pem")), "openssl pkcs7 -in FILE -print_certs"));
    CHECK(has(says(file("trusted.pem")), "openssl x509 -in FILE -out NEW"));
    CHECK(has(says(file("store.der")), "openssl pkcs12 -in FILE -nocerts -noenc -out NEW"));
    CHECK(has(says(file("rsa-pkcs1.der")), "openssl pkey -inform DER"));
    CHECK(has(says(file("openssh-ed25519.pub")), "an OpenSSH public key"));
    CHECK(has(says(file("openssh-ecdsa.pub")), "ssh-keygen -e -m PKCS8"));
    CHECK(has(says("PuTTY-User-Key-File-3: ssh-rsa"), "puttygen"));
    CHECK(has(says(" {\"kty\":\"EC\"}"), "jose::parse"));
    CHECK(has(says(std::string{"\xff\xfe-\0", 4}), "UTF-16"));
    CHECK(has(says("\xfe\xed\xfe\xed"), "keytool"));
    CHECK(has(says(""), "an empty text"));
    CHECK(has(says(" \r\n"), "an empty text"));
    CHECK(has(says("pass"), "no key in a form that is known"));
    auto const pem = file("ed25519-pkcs8.pem");
    CHECK(has(says("key: " + pem), "does not begin a line"));
    CHECK(has(says(pem.substr(0, pem.find("-----END"))), "without its end"));
    CHECK(has(says(pem.substr(pem.find('\n') + 1, 64)), "without the lines of PEM"));
    CHECK(has(says("-----BEGIN PRIVATE KEY-----\\nMA==\\n-----END PRIVATE KEY-----"), "written \\n"));
    CHECK(says("-----BEGIN SOME \x01thing-----\nMA==\n-----END SOME \x01thing-----") ==
          "a PEM block of the label \"SOME ??????\", which is no key that can be used");
    // Nothing of a key is in the line.
    for (auto const name : {"rsa-pkcs1.pem", "openssh.pem", "rsa-encrypted-old.pem", "scrypt.pem"})
        CHECK(says(file(name)).find(file(name).substr(200, 8)) == std::string::npos);
}

TEST_CASE("RFC 7468 2: a second key is refused in either order, also one in a form that is not read") {
    auto const key = file("ec-prime256v1-public.pem"), certificate = file("certificate-rsa-pkcs1.pem");
    CHECK(public_refusal(key + certificate) == errc::bad_key);
    CHECK(public_refusal(certificate + key) == errc::bad_key);
    CHECK(public_refusal(file("rsa-public-pkcs1.pem") + certificate) == errc::bad_key);
    CHECK(is(public_key::from_pem(certificate + file("certificate-ed25519-pkcs8.pem")), expected("rsa-public.pem")));

    auto const plain = file("ed25519-pkcs8.pem");
    for (auto const name : {"scrypt.pem", "openssh.pem", "dsa.pem", "ec-encrypted-old.pem"}) {
        CAPTURE(name);
        CHECK(private_refusal(plain + file(name)) == errc::bad_key);
        CHECK(private_refusal(file(name) + plain) == errc::bad_key);
    }
    CHECK(private_key::from_encrypted_pem(file("scrypt.pem") + plain, passphrase()).error() == errc::bad_key);
    CHECK(private_key::from_encrypted_pem(plain + file("scrypt.pem"), passphrase()).error() == errc::bad_key);
    // A certificate before a key that is encrypted does not hide what is wrong.
    CHECK(private_refusal(certificate + file("scrypt.pem")) == errc::bad_passphrase);
}

TEST_CASE("an encrypted private key is no public key, which needs no passphrase: bad_key") {
    CHECK(public_refusal(file("scrypt.pem")) == errc::bad_key);
    CHECK(public_refusal(file("pbkdf2.pem")) == errc::bad_key);
}

TEST_CASE("keys in other forms: the line names no reader that refuses the text for what stands in it") {
    auto const says = [](std::string const& text) { return crypto::describe_key_text(text); };
    auto const key = file("ec-prime256v1-public.pem"), certificate = file("certificate-rsa-pkcs1.pem");
    auto const plain = file("ed25519-pkcs8.pem");
    for (auto const& text : {plain + plain, plain + file("openssh.pem"), key + certificate, certificate + key,
                             plain + "-----BEGIN CERTIFICATE-----\nMA", plain + std::string(max_pem_octets, 'x')}) {
        CAPTURE(says(text));
        CHECK(says(text).find("from_pem") == std::string::npos);
    }
    CHECK(says(plain + plain).find("several keys") != std::string::npos);
    CHECK(says(plain + std::string(max_pem_octets, 'x')).find("131072") != std::string::npos);
    CHECK(says(certificate + certificate).find("public_key::from_pem") != std::string::npos);
    CHECK(says(plain + certificate).find("private_key::from_pem") != std::string::npos);
    CHECK(says(file("openssh.pem")) ==
          "an OpenSSH private key; RSA and ECDSA are converted in place, so in a copy: ssh-keygen -p -m PKCS8 -f COPY");
}

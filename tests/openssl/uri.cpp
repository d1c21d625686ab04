// Keys that a URI names: files, and who is asked for a passphrase.
#include "support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>

#include <openssl/store.h>

using namespace on_openssl;
namespace fs = std::filesystem;

namespace {

/// A folder of its own, gone with the test.
struct folder {
    fs::path path = fs::temp_directory_path() / ("signet-openssl-" + std::to_string(std::random_device{}()));
    folder() { fs::create_directory(path); }
    ~folder() { fs::remove_all(path); }
    folder(folder const&) = delete;
    folder& operator=(folder const&) = delete;

    std::string with(std::string const& name, std::string const& text) const {
        std::ofstream{path / name} << text;
        return "file:" + (path / name).string();
    }
};

secret passphrase(std::string_view text) { return secret::copy_of(as_bytes(text)); }

template <class A> bool signs(result<openssl_key<A>> const& key) {
    std::array<std::uint8_t, 512> out;
    if (!key) return false;
    auto const size = key->sign(as_bytes("m"), out);
    return size && crypto::verify(key->verifier_key().key(), A::id, as_bytes("m"), bytes_view{out}.first(*size));
}

} // namespace

TEST_CASE_TEMPLATE("file: names a PEM file", A, rs256, ps384, es256, es384, es512, es256k, ed25519) {
    folder const here;
    auto const uri = here.with("key.pem", private_pem(shared_key<A>()));
    auto const key = openssl_key<A>::from_uri(uri);
    CHECK(signs(key));
    CHECK(key->verifier_key().key() == *public_key::from_pem(public_pem(shared_key<A>())));
}

TEST_CASE("A key encrypted by a passphrase: right, wrong, none, and not needed") {
    folder const here;
    auto const uri = here.with("key.pem", private_pem(shared_key<es256>(), "correct horse"));
    CHECK(signs(openssl_key<es256>::from_uri(uri, passphrase("correct horse"))));
    CHECK(openssl_key<es256>::from_uri(uri, passphrase("wrong")).error() == errc::bad_passphrase);
    CHECK(openssl_key<es256>::from_uri(uri, passphrase("")).error() == errc::bad_passphrase);
    CHECK(openssl_key<es256>::from_uri(uri, passphrase(std::string(5000, 'x'))).error() == errc::bad_passphrase);
    // Nobody is asked on a terminal: this would wait.
    CHECK(openssl_key<es256>::from_uri(uri).error() == errc::bad_passphrase);
    auto const open = here.with("open.pem", private_pem(shared_key<es256>()));
    CHECK(signs(openssl_key<es256>::from_uri(open, passphrase("not asked for"))));
}

TEST_CASE("PKCS#8 of signet's own, in PEM and encrypted, is read by OpenSSL") {
    folder const here;
    auto const pair = *private_key::generate(alg::ed25519);
    auto const pem = pair.to_pem();
    auto const key = openssl_key<ed25519>::from_uri(here.with("key.pem", std::string{as_text(pem.reveal())}));
    CHECK(signs(key));
    CHECK(key->verifier_key().key() == pair.public_part());
    auto const word = passphrase("word");
    CHECK(signs(openssl_key<ed25519>::from_uri(here.with("closed.pem", *pair.to_encrypted_pem(word)), word)));
}

TEST_CASE("A place without a private key, or with several, is an error") {
    folder const here;
    auto const one = private_pem(shared_key<es256>()), other = private_pem(generate(alg::es256).get());
    CHECK(openssl_key<es256>::from_uri("file:" + (here.path / "nothing.pem").string()).error() ==
          errc::key_unavailable);
    CHECK(openssl_key<es256>::from_uri("").error() == errc::key_unavailable);
    CHECK(openssl_key<es256>::from_uri("nobody:has=this;scheme=1").error() == errc::key_unavailable);
    CHECK(openssl_key<es256>::from_uri(here.with("empty.pem", "")).error() == errc::key_unavailable);
    CHECK(openssl_key<es256>::from_uri(here.with("junk.pem", "-----BEGIN PRIVATE KEY-----\n%%%\n")).error() ==
          errc::key_unavailable);
    CHECK(openssl_key<es256>::from_uri(here.with("public.pem", public_pem(shared_key<es256>()))).error() ==
          errc::key_unavailable);
    CHECK(openssl_key<es256>::from_uri(here.with("two.pem", one + other)).error() == errc::key_unavailable);
    CHECK(signs(openssl_key<es256>::from_uri(here.with("both.pem", one + public_pem(shared_key<es256>())))));
    // The path ends where a C string would: nothing may be read in its place.
    auto const uri = here.with("key.pem", one);
    CHECK(openssl_key<es256>::from_uri(uri + std::string(1, '\0') + ".txt").error() == errc::key_unavailable);
}

TEST_CASE("A key with another one behind it that cannot be opened is an error") {
    folder const here;
    auto const pem = private_pem(shared_key<es256>()), hidden = private_pem(shared_key<es256>(), "correct horse");
    auto const uri = here.with("keys.pem", pem + hidden);
    CHECK(openssl_key<es256>::from_uri(uri).error() == errc::key_unavailable);
    CHECK(openssl_key<es256>::from_uri(uri, passphrase("wrong")).error() == errc::key_unavailable);
    CHECK(openssl_key<es256>::from_uri(uri, passphrase("correct horse")).error() == errc::key_unavailable);
}

TEST_CASE("A file of many public keys has no private one") {
    folder const here;
    std::string const shown = public_pem(shared_key<es256>());
    std::string many;
    for (std::size_t i = 0; i != 256; ++i) many += shown;
    CHECK(openssl_key<es256>::from_uri(here.with("many.pem", many)).error() == errc::key_unavailable);
}

TEST_CASE("A key of another type, curve or size in a file is an error") {
    folder const here;
    CHECK(openssl_key<es256>::from_uri(here.with("rsa.pem", private_pem(shared_key<rs256>()))).error() ==
          errc::wrong_key_type);
    CHECK(openssl_key<rs256>::from_uri(here.with("ec.pem", private_pem(shared_key<es256>()))).error() ==
          errc::wrong_key_type);
    CHECK(openssl_key<es256>::from_uri(here.with("p384.pem", private_pem(shared_key<es384>()))).error() ==
          errc::wrong_key_type);
    CHECK(openssl_key<rs256>::from_uri(here.with("small.pem", private_pem(generate(alg::rs256, 1024).get()))).error() ==
          errc::weak_key);
}

TEST_CASE("A private and a public part that do not belong together are an error") {
    folder const here;
    // ECPrivateKey (RFC 5915) says its public key: the one of another key is put in its place.
    auto own = private_pem(shared_key<es256>());
    bio const memory{BIO_new_mem_buf(own.data(), static_cast<int>(own.size()))};
    auto other = generate(alg::es256);
    unsigned char *der = nullptr, *shown = nullptr;
    auto const size = i2d_PrivateKey(shared_key<es256>(), &der);
    REQUIRE(size == 121);
    auto const shown_size = EVP_PKEY_get1_encoded_public_key(other.get(), &shown);
    REQUIRE(shown_size == 65);
    std::copy_n(shown, 65, der + size - 65);
    bio const pem{BIO_new(BIO_s_mem())};
    PEM_write_bio(pem.get(), "EC PRIVATE KEY", "", der, size);
    OPENSSL_free(der);
    OPENSSL_free(shown);
    CHECK(openssl_key<es256>::from_uri(here.with("mixed.pem", text_of(pem.get()))).error() == errc::key_mismatch);
}

TEST_CASE("A library context of the program's, and its property query") {
    auto* const library = OSSL_LIB_CTX_new();
    REQUIRE(library);
    {
        folder const here;
        auto const uri = here.with("key.pem", private_pem(shared_key<es256>()));
        auto const key = openssl_key<es256>::from_uri(uri, {.library = library, .properties = "provider=default"});
        CHECK(signs(key));
        CHECK(signs(openssl_key<es256>::from_key(*private_key::generate(alg::es256), {.library = library})));
        // No provider of that name is loaded: nothing can read the key or sign.
        CHECK_FALSE(openssl_key<es256>::from_uri(uri, {.library = library, .properties = "provider=nobody"}));
    }
    OSSL_LIB_CTX_free(library);
}

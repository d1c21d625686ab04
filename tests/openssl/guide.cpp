// The code of docs/guide/openssl.md.
#include "support.hpp"

#include <signet/jwt.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include <openssl/provider.h>

using namespace on_openssl;
using namespace std::chrono_literals;

namespace {

// [file]
// #include <signet/crypto/openssl.hpp>
result<jwt::signer<es256>> make_signer(std::string const& uri) { // such as "file:/etc/shop/token.pem"
    auto key = openssl_key<es256>::from_uri(uri);
    if (!key) return key.error(); // key_unavailable, bad_passphrase, wrong_key_type
    return jwt::signer<es256>::make(*key, {.type = "at+jwt", .key_id = "2026-11"});
}
// [/file]

// [local]
// A key that signet has read, signed with at OpenSSL's speed.
result<jwt::signer<rs256>> sign_faster(private_key const& key) {
    auto copy = openssl_key<rs256>::from_key(key);
    if (!copy) return copy.error();
    return jwt::signer<rs256>::make(*copy);
}
// [/local]

// [hsm]
/// A key in a token of PKCS#11, which OpenSSL reaches by a provider. The PIN goes to the token alone.
result<openssl_key<es256>> key_of_hsm(secret const& pin) {
    // Once in a program, and kept: OpenSSL's default provider is no longer loaded by itself then.
    static auto* const own = OSSL_PROVIDER_load(nullptr, "default");
    static auto* const token = OSSL_PROVIDER_load(nullptr, "pkcs11");
    if (!own || !token) return errc::key_unavailable;
    return openssl_key<es256>::from_uri("pkcs11:token=shop;object=signing;type=private", pin);
}
// [/hsm]

} // namespace

TEST_CASE("docs/guide/openssl.md: a file, and a key of signet's") {
    auto const file =
        std::filesystem::temp_directory_path() / ("signet-guide-" + std::to_string(std::random_device{}()) + ".pem");
    std::ofstream{file} << private_pem(shared_key<es256>());
    jwt::claims claims;
    claims.subject("ann").expires_at(unix_time{1'800'000'000s});
    auto const signer = make_signer("file:" + file.string());
    REQUIRE(signer);
    CHECK(signer->sign(claims));
    std::filesystem::remove(file);
    CHECK(make_signer("file:" + file.string()).error() == errc::key_unavailable);
    CHECK(sign_faster(*private_key::generate(alg::rs256))->sign(claims));
}

TEST_CASE("docs/guide/openssl.md: without the provider for PKCS#11 its URI is an error") {
    auto const key = key_of_hsm(secret::copy_of(as_bytes("1234")));
    CHECK((key || key.error() == errc::key_unavailable || key.error() == errc::bad_passphrase));
    ERR_clear_error(); // OSSL_PROVIDER_load's
}

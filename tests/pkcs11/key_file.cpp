#include "../../examples/pkcs11/key_file.hpp"

#include "store/temporary.hpp"

#include <signet/proof/challenge.hpp>
#include <signet/store.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include <sys/stat.h>

using namespace signet;
using namespace std::chrono_literals;

TEST_CASE_TEMPLATE("issue 4.6 a device key in an encrypted PKCS#8 file signs challenges as one in a token does", A,
                   es256, ps256, ed25519) {
    temporary_directory const folder;
    auto const path = folder / "device.pem";
    auto const word = secret::copy_of(as_bytes("correct horse battery staple"));
    CHECK(read_key_file<A>(path, word).error() == errc::unknown_key);
    auto const made = make_key_file<A>(path, word);
    REQUIRE(made);
    CHECK(make_key_file<A>(path, word).error() == errc::duplicate_key);

    auto const read = read_key_file<A>(path, word);
    REQUIRE(read);
    CHECK(read->verifier_key().key() == made->verifier_key().key());
    constexpr unix_time now{1'800'000'000s};
    constexpr proof::challenge_params login{.purpose = "login", .app = "shop"};
    store::memory db;
    auto const answer = proof::sign_challenge(*read, *run(proof::issue_challenge(login, now), db), login);
    REQUIRE(answer);
    CHECK(run(proof::redeem_challenge(*answer, login, made->key().public_part(), A::id, now), db));

    CHECK(read_key_file<A>(path, secret::copy_of(as_bytes("correct horse battery stapler"))).error() ==
          errc::bad_passphrase);
    CHECK(read_key_file<A>(path, secret{}).error() == errc::bad_passphrase);
    struct stat about;
    REQUIRE(::stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
}

TEST_CASE("issue 4.6 the file is encrypted, and damage to it is told") {
    temporary_directory const folder;
    auto const path = folder / "device.pem";
    auto const word = secret::copy_of(as_bytes("pass"));
    auto const key = *make_key_file<es256>(path, word);
    std::ifstream in{path};
    std::string const text{std::istreambuf_iterator<char>{in}, {}};
    CHECK(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    CHECK_FALSE(private_key::from_pem(text));
    CHECK(text.find(std::string{as_text(key.key().to_pem().reveal().subspan(40, 60))}) == std::string::npos);

    CHECK(read_key_file<ed25519>(path, word).error() == errc::wrong_key_type);
    std::ofstream{path} << text.substr(0, text.size() / 2);
    CHECK_FALSE(read_key_file<es256>(path, word));
    CHECK(make_key_file<es256>(folder / "no/such/folder.pem", word).error() == errc::signer_failed);
}

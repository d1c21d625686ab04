// Device keys in a token of SoftHSM2, which tests/pkcs11/on_softhsm.py made in the build folder.
#include "../../examples/pkcs11/token.hpp"

#include <signet/jwt.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/store.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr proof::challenge_params login{.purpose = "login", .app = "shop", .user = "anna", .key_id = "card-1"};

std::string variable(char const* name) {
    auto const* value = std::getenv(name);
    REQUIRE(value);
    return value;
}
std::shared_ptr<pkcs11::module const> softhsm() {
    static auto const one = *pkcs11::module::load(variable("SIGNET_PKCS11_MODULE"));
    return one;
}
secret pin() { return secret::copy_of(as_bytes(variable("SIGNET_PKCS11_PIN"))); }
std::shared_ptr<pkcs11::token> opened() {
    return *pkcs11::token::open(softhsm(), variable("SIGNET_PKCS11_TOKEN"), pin());
}

std::string fresh_label() {
    static int count = 0;
    return "device key " + std::to_string(++count);
}

template <algorithm A> void proves_itself(external_key<A> const& key) {
    store::memory db;
    auto const shown = key.verifier_key().key();
    auto const answer = proof::sign_challenge(key, *run(proof::issue_challenge(login, now), db), login);
    REQUIRE(answer);
    auto const proved = run(proof::redeem_challenge(*answer, login, shown, A::id, now), db);
    REQUIRE(proved);
    CHECK(proved->is(shown));
    CHECK(run(proof::redeem_challenge(*answer, login, shown, A::id, now), db).error() == errc::challenge_unknown);

    auto const signer = jwt::signer<A>::make(key, {.key_id = "card-1"});
    REQUIRE(signer);
    auto const token = signer->sign(
        jwt::claims{}.issuer("card-1").audience("shop").subject("anna").issued_at(now).expires_at(now + 60s));
    REQUIRE(token);
    jose::key_set<A> keys;
    REQUIRE(keys.add("card-1", key.verifier_key()));
    jwt::verifier const shop{std::move(keys), {.issuer = "card-1", .audience = "shop", .type = "JWT"}};
    auto const verified = shop.verify(*token, now);
    REQUIRE(verified);
    CHECK(verified->subject() == "anna");
}

} // namespace

TEST_CASE_TEMPLATE("E7 DECISIONS 24 a key in a token signs challenges and tokens, and cannot be taken out", A, es256,
                   ps256) {
    auto const token = opened();
    auto const label = fresh_label();
    auto const handles = token->generate(A::id, label);
    REQUIRE(handles);
    auto const key = pkcs11::as_signing_key<A>(token, handles);
    REQUIRE(key);
    proves_itself(*key);

    auto const no = bytes{CK_FALSE}, yes = bytes{CK_TRUE};
    auto const inside = handles->private_part;
    CHECK(*token->attribute(inside, CKA_EXTRACTABLE) == no);
    CHECK(*token->attribute(inside, CKA_SENSITIVE) == yes);
    CHECK(*token->attribute(inside, CKA_NEVER_EXTRACTABLE) == yes);
    CHECK(*token->attribute(inside, CKA_ALWAYS_SENSITIVE) == yes);
    CHECK(*token->attribute(inside, CKA_LOCAL) == yes);
    CHECK(*token->attribute(inside, CKA_PRIVATE) == yes);

    // Its value is not told, by any of its names.
    for (CK_ATTRIBUTE_TYPE const secret_part :
         A::id == alg::es256
             ? std::vector<CK_ATTRIBUTE_TYPE>{CKA_VALUE}
             : std::vector<CK_ATTRIBUTE_TYPE>{CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_COEFFICIENT}) {
        CHECK(token->attribute(inside, secret_part).error() == errc::signer_failed);
        CHECK(token->last_answer() == CKR_ATTRIBUTE_SENSITIVE);
    }
    // Nor can that be changed afterwards, for it or for a copy.
    auto const& f = token->functions();
    CK_BBOOL on = CK_TRUE, off = CK_FALSE;
    CK_ATTRIBUTE open[]{{CKA_EXTRACTABLE, &on, sizeof on}, {CKA_SENSITIVE, &off, sizeof off}};
    CK_OBJECT_HANDLE copy = 0;
    for (auto& attribute : open) {
        CHECK(f.C_SetAttributeValue(token->session(), inside, &attribute, 1) != CKR_OK);
        CHECK(f.C_CopyObject(token->session(), inside, &attribute, 1, &copy) != CKR_OK);
    }
    // Nor does it leave wrapped in another key.
    CK_MECHANISM aes{CKM_AES_KEY_GEN, nullptr, 0}, wrap{CKM_AES_KEY_WRAP_PAD, nullptr, 0};
    CK_ULONG length = 32;
    CK_ATTRIBUTE wrapping[]{{CKA_VALUE_LEN, &length, sizeof length}, {CKA_WRAP, &on, sizeof on}};
    CK_OBJECT_HANDLE wrapper = 0;
    REQUIRE(f.C_GenerateKey(token->session(), &aes, wrapping, 2, &wrapper) == CKR_OK);
    bytes buffer(4096);
    CK_ULONG size = buffer.size();
    CHECK(f.C_WrapKey(token->session(), &wrap, wrapper, inside, buffer.data(), &size) == CKR_KEY_UNEXTRACTABLE);

    CHECK(token->generate(A::id, label).error() == errc::duplicate_key);
}

TEST_CASE_TEMPLATE("DECISIONS 24 after C_Logout the key signs nothing more, and after a new login it does again", A,
                   es256, ps256) {
    auto const token = opened();
    auto const label = fresh_label();
    auto const key = *pkcs11::as_signing_key<A>(token, token->generate(A::id, label));
    proves_itself(key);
    auto const signer = *jwt::signer<A>::make(key);

    token->log_out();
    CHECK(token->last_answer() == CKR_OK);
    bytes signature(key.signature_size());
    CHECK(key.sign(as_bytes("anything"), signature).error() == errc::signer_failed);
    CHECK(signature == bytes(signature.size()));
    CHECK(token->last_answer() != CKR_OK);
    CHECK(proof::sign_challenge(key, std::string(43, 'A'), login).error() == errc::signer_failed);
    CHECK(signer.sign(jwt::claims{}.subject("anna")).error() == errc::signer_failed);
    CHECK(token->find(A::id, label).error() == errc::unknown_key); // it does not even show
    CHECK(token->generate(A::id, fresh_label()).error() == errc::signer_failed);

    auto const again = opened();
    auto const found = pkcs11::as_signing_key<A>(again, again->find(A::id, label));
    REQUIRE(found);
    CHECK(found->verifier_key().key() == key.verifier_key().key());
    proves_itself(*found);
}

TEST_CASE("issue 4.6 what is no device key of this token is refused") {
    CHECK(pkcs11::module::load("no-such-module.so").error() == errc::signer_failed);
    CHECK(pkcs11::token::open(softhsm(), "another token", pin()).error() == errc::unknown_key);
    auto const token = opened();
    CHECK(token->find(alg::es256, "no such key").error() == errc::unknown_key);
    CHECK(token->generate(alg::hs256, "mac").error() == errc::unsupported_algorithm);

    // A key that was made elsewhere and brought here, which somebody may have kept a copy of.
    auto const outside = *private_key::generate(alg::es256);
    auto const scalar = outside.d();
    auto value = bytes(scalar.reveal().begin(), scalar.reveal().end());
    bytes p256{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    std::string label = "brought";
    CK_OBJECT_CLASS what = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_BBOOL on = CK_TRUE, off = CK_FALSE;
    CK_ATTRIBUTE attributes[]{{CKA_CLASS, &what, sizeof what},
                              {CKA_KEY_TYPE, &type, sizeof type},
                              {CKA_LABEL, label.data(), label.size()},
                              {CKA_TOKEN, &on, sizeof on},
                              {CKA_PRIVATE, &on, sizeof on},
                              {CKA_SENSITIVE, &on, sizeof on},
                              {CKA_EXTRACTABLE, &off, sizeof off},
                              {CKA_SIGN, &on, sizeof on},
                              {CKA_EC_PARAMS, p256.data(), p256.size()},
                              {CKA_VALUE, value.data(), value.size()}};
    CK_OBJECT_HANDLE brought = 0;
    REQUIRE(token->functions().C_CreateObject(token->session(), attributes, std::size(attributes), &brought) == CKR_OK);
    CHECK(token->find(alg::es256, "brought").error() == errc::key_use_refused);
}

TEST_CASE("issue 4.6 threads share one key of a token") {
    auto const token = opened();
    auto const key = *pkcs11::as_signing_key<es256>(token, token->generate(alg::es256, fresh_label()));
    std::atomic<int> good{0};
    {
        std::vector<std::jthread> crew;
        for (int t = 0; t != 8; ++t) {
            crew.emplace_back([&] {
                for (int i = 0; i != 20; ++i) {
                    bytes signature(64);
                    if (key.sign(as_bytes("message " + std::to_string(i)), signature)) ++good;
                }
            });
        }
    }
    CHECK(good == 160);
}

TEST_CASE("issue 4.6 a wrong PIN is told apart") {
    CHECK(
        pkcs11::token::open(softhsm(), variable("SIGNET_PKCS11_TOKEN"), secret::copy_of(as_bytes("000000"))).error() ==
        errc::bad_passphrase);
}

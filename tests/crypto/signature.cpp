#include <signet/crypto.hpp>
#include <signet/crypto/mac_keys.hpp>
#include <signet/crypto/prepared_key.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace signet;

namespace {

bytes unhex(std::string_view text) {
    auto const digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    bytes out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        out.push_back(static_cast<std::uint8_t>(digit(text[i]) * 16 + digit(text[i + 1])));
    return out;
}

/// One key of each kind a test run; RSA is slow to make.
template <class A> local_key<A> const& shared_key() {
    static auto const key = *local_key<A>::generate();
    return key;
}
template <> local_key<rs256> const& shared_key<rs256>() {
    static auto const key = *local_key<rs256>::generate();
    return key;
}
template <class A> private_key const& shared_private() {
    if constexpr (traits(A::id).type == key_type::rsa) return shared_key<rs256>().key();
    else return shared_key<A>().key();
}

/// What `crypto::verify` says; Botan behind signet's checks, kept or not, has to say the same.
bool all_say(public_key const& key, alg a, bytes_view message, bytes_view signature) {
    bool const answer = crypto::verify(key, a, message, signature);
    CHECK(crypto::detail::verify_by_botan(key, a, message, signature) == answer);
    CHECK(crypto::verify_operation::make(key, a)->verify(message, signature) == answer);
    return answer;
}

} // namespace

TEST_CASE_TEMPLATE("RFC 7518 section 3: sign and verify; every flipped bit, length and other message is refused", A,
                   rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, es256k, ed25519) {
    auto const message = as_bytes("a message");
    auto const pub = shared_private<A>().public_part();
    auto const made = crypto::sign(shared_private<A>(), A::id, message);
    REQUIRE(made);
    auto signature = *made;
    CHECK(signature.size() == (traits(A::id).signature_size ? traits(A::id).signature_size : 256));
    auto operation = *crypto::verify_operation::make(pub, A::id);
    CHECK(operation.verify(message, signature));
    CHECK_FALSE(operation.verify(as_bytes("another"), signature));
    for (std::size_t bit = 0; bit < signature.size() * 8; bit += signature.size() > 200 ? 37 : 1) {
        signature[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        CHECK_FALSE(operation.verify(message, signature));
        signature[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    }
    for (std::size_t n = 0; n != signature.size(); ++n)
        CHECK_FALSE(operation.verify(message, bytes_view{signature}.first(n)));
    auto longer = signature;
    longer.insert(longer.begin(), 0);
    CHECK_FALSE(operation.verify(message, longer));
    longer.assign(signature.begin(), signature.end());
    longer.push_back(0);
    CHECK_FALSE(operation.verify(message, longer));
    CHECK_FALSE(operation.verify(message, bytes(signature.size(), 0)));
    CHECK_FALSE(operation.verify(message, bytes(signature.size(), 0xff)));
    CHECK(operation.verify(message, signature)); // usable after all that
}

TEST_CASE("algorithm_set: every alg has a bit of its own, and there is room for 32") {
    static_assert(sizeof(algorithm_set) == 4);
    algorithm_set all;
    for (std::size_t i = 0; i != alg_count; ++i) {
        auto const a = static_cast<alg>(i);
        CAPTURE(i);
        CHECK(!all.contains(a));
        all.insert(a);
        CHECK(all.contains(a));
        CHECK(find_algorithm(traits(a).name) == a);
    }
    CHECK(all.bits() == (std::uint32_t{1} << alg_count) - 1);
}

TEST_CASE("the key decides the algorithm: an operation for another one cannot be made") {
    auto const ec = shared_key<es256>().key();
    auto const signature = *crypto::sign(ec, alg::es256, as_bytes("m"));
    for (auto const a : {alg::es384, alg::es256k, alg::ed25519, alg::rs256, alg::hs256})
        CHECK_FALSE(crypto::verify(ec.public_part(), a, as_bytes("m"), signature));
    CHECK(crypto::verify_operation::make(ec.public_part(), alg::es384).error() == errc::wrong_key_type);
    CHECK(crypto::verify_operation::make(ec.public_part(), alg::es256k).error() == errc::wrong_key_type);
    CHECK(crypto::verify_operation::make(ec.public_part(), alg::hs256).error() == errc::wrong_key_type);
    CHECK(crypto::sign_operation::make(ec, alg::ed25519).error() == errc::wrong_key_type);
}

TEST_CASE("BOTAN.md: an Ed25519 signature malleated to S + L is refused") {
    auto const& key = shared_key<ed25519>().key();
    auto signature = *crypto::sign(key, alg::ed25519, as_bytes("m"));
    REQUIRE(all_say(key.public_part(), alg::ed25519, as_bytes("m"), signature));
    auto const order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;
    for (std::size_t i = 0; i != 32; ++i) {
        carry += signature[32 + i] + order[i];
        signature[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    CHECK_FALSE(all_say(key.public_part(), alg::ed25519, as_bytes("m"), signature));
    std::copy(order.begin(), order.end(), signature.begin() + 32); // RFC 8032 5.1.7: S is below L, not L itself
    CHECK_FALSE(all_say(key.public_part(), alg::ed25519, as_bytes("m"), signature));
}

TEST_CASE("BOTAN.md: an RSA signature with a leading zero octet, or s + n, is refused") {
    auto const& key = shared_key<rs256>().key();
    auto const signature = *crypto::sign(key, alg::rs256, as_bytes("m"));
    bytes longer{0};
    longer.insert(longer.end(), signature.begin(), signature.end());
    CHECK_FALSE(all_say(key.public_part(), alg::rs256, as_bytes("m"), longer));
    auto const n = key.public_part().n();
    bytes shifted(signature);
    unsigned carry = 0;
    for (std::size_t i = 256; i-- != 0;) {
        carry += shifted[i] + n[i];
        shifted[i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    CHECK_FALSE(all_say(key.public_part(), alg::rs256, as_bytes("m"), shifted));
}

TEST_CASE("RFC 8032 7.1: Ed25519 test vectors") {
    struct vector {
        std::string_view seed, x, message, signature;
    };
    constexpr vector vectors[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
        {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
         "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"}};
    for (auto const& v : vectors) {
        auto const key = private_key::from_ed25519(unhex(v.seed), unhex(v.x));
        REQUIRE(key);
        CHECK(*crypto::sign(*key, alg::ed25519, unhex(v.message)) == unhex(v.signature));
        CHECK(all_say(*public_key::from_ed25519(unhex(v.x)), alg::ed25519, unhex(v.message), unhex(v.signature)));
    }
}

TEST_CASE("RFC 6979 A.2.5: ECDSA on P-256 with SHA-256 is deterministic and verifies") {
    auto const key =
        private_key::from_ec(curve::p256, unhex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"),
                             unhex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
                             unhex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"));
    REQUIRE(key);
    auto const expected = unhex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    CHECK(all_say(key->public_part(), alg::es256, as_bytes("sample"), expected));
    CHECK(*crypto::sign(*key, alg::es256, as_bytes("sample")) == expected);
}

TEST_CASE("external_key: what the outside returns is checked before it is handed on") {
    auto const& key = shared_key<es256>();
    auto const pub = key.verifier_key();
    std::array<std::uint8_t, 64> out{};
    external_key<es256> const good{pub, [&](bytes_view m, std::span<std::uint8_t> o) { return key.sign(m, o); }};
    static_assert(signing_key<external_key<es256>> && signing_key<local_key<es256>> && signing_key<local_key<hs256>>);
    CHECK(*good.sign(as_bytes("m"), out) == 64);
    out.fill(0);
    external_key<es256> const junk{
        pub, [](bytes_view, std::span<std::uint8_t>) -> result<std::size_t> { return std::size_t{64}; }};
    CHECK(junk.sign(as_bytes("m"), out).error() == errc::signer_failed);
    external_key<es256> const shorter{
        pub, [](bytes_view, std::span<std::uint8_t>) -> result<std::size_t> { return std::size_t{63}; }};
    CHECK(shorter.sign(as_bytes("m"), out).error() == errc::signer_failed);
    external_key<es256> const down{
        pub, [](bytes_view, std::span<std::uint8_t>) -> result<std::size_t> { return errc::signer_failed; }};
    CHECK(down.sign(as_bytes("m"), out).error() == errc::signer_failed);
}

// A public key cannot become a MAC secret, nor the other way round.
template <class K>
concept takes_secret = requires(secret s) { K::from_secret(std::move(s)); };
template <class K>
concept takes_pem = requires { K::from_pem(std::string_view{}); };
static_assert(takes_secret<verification_key<hs256>> && !takes_secret<verification_key<es256>> &&
              !takes_secret<verification_key<rs256>>);
static_assert(takes_pem<verification_key<rs256>> && !takes_pem<verification_key<hs256>>);

// A key that is taken out of a temporary is a key, no reference into what is gone.
template <class T> using key_of = decltype(std::declval<T>().key());
static_assert(std::is_same_v<key_of<verification_key<es256>>, public_key> &&
              std::is_same_v<key_of<verification_key<es256> const&>, public_key const&> &&
              std::is_same_v<key_of<verification_key<hs256> const>, mac_key> &&
              std::is_same_v<key_of<local_key<es256>>, private_key> &&
              std::is_same_v<key_of<crypto::prepared_key>, public_key> &&
              std::is_same_v<decltype(std::declval<private_key>().public_part()), public_key> &&
              std::is_same_v<decltype(std::declval<external_key<es256>>().verifier_key()), verification_key<es256>> &&
              std::is_same_v<decltype(std::declval<mac_keys>().current()), mac_key>);

TEST_CASE("The key of a temporary lives as long as the name that it is given") {
    auto const pair = *local_key<es256>::generate();
    auto const& shown = pair.verifier_key().key();
    auto const part = *public_key::from_der(pair.key().public_part().to_der());
    CHECK(shown == part);
    CHECK(std::ranges::equal(shown.x(), part.x()));
}
static_assert(!std::is_constructible_v<verification_key<hs256>, public_key> &&
              !std::is_constructible_v<verification_key<es256>, mac_key>);

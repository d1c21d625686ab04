#include "support/passkeys.hpp"

#include <signet/crypto.hpp>
#include <signet/jose.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>

using namespace signet;
using namespace signet::jose;

namespace {

constexpr std::int32_t all_offered[] = {-7,  -9,  -35, -51,  -36,  -52,  -8,  -19, -47,
                                        -37, -38, -39, -257, -258, -259, -48, -53, -65535};

// CBOR, as far as keys and their distortions need it.
bytes operator+(bytes a, bytes const& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}
bytes head(unsigned major, std::size_t n) {
    auto const first = static_cast<std::uint8_t>(major << 5);
    if (n < 24) return {static_cast<std::uint8_t>(first | n)};
    if (n < 256) return {static_cast<std::uint8_t>(first | 24), static_cast<std::uint8_t>(n)};
    return {static_cast<std::uint8_t>(first | 25), static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
}
bytes number(std::int64_t n) {
    return n < 0 ? head(1, static_cast<std::size_t>(-1 - n)) : head(0, static_cast<std::size_t>(n));
}
bytes octets(bytes_view v) { return head(2, v.size()) + bytes(v.begin(), v.end()); }
bytes text(std::string_view v) { return head(3, v.size()) + bytes(v.begin(), v.end()); }
bytes const yes{0xf5}, null{0xf6};

/// Members by label, which a test changes before they are written in canonical order.
using members = std::map<std::int64_t, bytes>;
bytes written(members const& m) {
    std::vector<std::pair<bytes, bytes>> sorted;
    for (auto const& [label, value] : m) sorted.emplace_back(number(label), value);
    std::sort(sorted.begin(), sorted.end(), [](auto const& a, auto const& b) {
        auto const rank = [](bytes const& key) { return std::tuple{key[0] >> 5, key.size(), key}; };
        return rank(a.first) < rank(b.first);
    });
    auto cose = head(5, m.size());
    for (auto const& [label, value] : sorted) cose = cose + label + value;
    return cose;
}

members ec2(private_key const& key, std::int32_t identifier, std::int64_t crv) {
    auto const& k = key.public_part();
    return {{1, number(2)}, {3, number(identifier)}, {-1, number(crv)}, {-2, octets(k.x())}, {-3, octets(k.y())}};
}
members okp(private_key const& key, std::int32_t identifier) {
    return {{1, number(1)}, {3, number(identifier)}, {-1, number(6)}, {-2, octets(key.public_part().x())}};
}
members rsa(bytes_view n, bytes_view e, std::int32_t identifier) {
    return {{1, number(3)}, {3, number(identifier)}, {-1, octets(n)}, {-2, octets(e)}};
}

private_key const& p256() {
    static auto const key = *private_key::generate(alg::es256);
    return key;
}
private_key const& rsa_2048() {
    static auto const key = *private_key::generate(alg::rs256);
    return key;
}
/// One key of each type, as members.
std::vector<members> one_of_each() {
    static auto const ed = *private_key::generate(alg::ed25519);
    auto const& k = rsa_2048().public_part();
    return {ec2(p256(), -7, 1), okp(ed, -8), rsa(k.n(), k.e(), -257)};
}

error refusal(bytes const& cose, std::span<std::int32_t const> offered = all_offered) {
    auto const key = parse_cose_key(cose, offered);
    REQUIRE_FALSE(key);
    return key.error();
}
error refusal(members const& m) { return refusal(written(m)); }
error bad(field_name about) { return {errc::bad_key, about}; }

} // namespace

TEST_CASE("W30: every supported algorithm is read, written, and pinned to what it was written with") {
    for (auto const& [identifier, algorithm] : cose_algorithms) {
        CAPTURE(identifier);
        auto const key = private_key::generate(algorithm);
        REQUIRE(key);
        auto const cose = to_cose({key->public_part(), algorithm, identifier});
        REQUIRE(cose);
        auto const read = parse_cose_key(*cose, all_offered);
        REQUIRE(read);
        CHECK(read->key == key->public_part());
        CHECK(read->algorithm == algorithm);
        CHECK(read->identifier == identifier);
        CHECK(find_cose_algorithm(identifier) == algorithm);
        auto const message = as_bytes("message");
        auto const signature = crypto::sign(*key, algorithm, message);
        REQUIRE(signature);
        CHECK(crypto::verify(read->key, read->algorithm, message, *signature));
    }
}

TEST_CASE("W29: an algorithm that was not offered is refused, also one that means the same") {
    auto const cose = written(ec2(p256(), -7, 1));
    constexpr std::int32_t only[] = {-7}, same[] = {-9}, others[] = {-8, -257};
    CHECK(parse_cose_key(cose, only));
    for (auto const offered : {std::span<std::int32_t const>{same}, std::span<std::int32_t const>{others}, {}})
        CHECK(refusal(cose, offered) == error{errc::algorithm_not_allowed, field_name::alg});
    // RFC 9864: -9 is taken only where it was offered.
    CHECK(refusal(written(ec2(p256(), -9, 1)), only) == errc::algorithm_not_allowed);
    CHECK(parse_cose_key(written(ec2(p256(), -9, 1)), same)->identifier == -9);
}

TEST_CASE("W29: an algorithm that was offered and is not supported has an error of its own") {
    // ML-DSA-44 (RFC 9964) with a key of its size, Ed448, RS1 (SHA-1).
    for (std::int32_t const identifier : {-48, -53, -65535}) {
        CAPTURE(identifier);
        members const key{{1, number(7)}, {3, number(identifier)}, {-1, octets(bytes(1312, 1))}};
        CHECK(refusal(key) == error{errc::unsupported_algorithm, field_name::alg});
        CHECK_FALSE(find_cose_algorithm(identifier));
    }
    constexpr std::int32_t without[] = {-7};
    members const key{{1, number(7)}, {3, number(-49)}, {-1, octets(bytes(1952, 1))}};
    CHECK(refusal(written(key), without) == errc::algorithm_not_allowed);
}

TEST_CASE("W29: alg is an integer in the key, and there") {
    for (auto key : one_of_each()) {
        key.erase(3);
        CHECK(refusal(key) == bad(field_name::alg));
        for (auto const& value :
             {text("ES256"), yes, null, octets({}), number(std::int64_t{1} << 14) /* not offered */}) {
            key[3] = value;
            auto const why = refusal(key);
            CHECK((why == bad(field_name::alg) || why == errc::algorithm_not_allowed));
        }
        // The low half is -7: webauthn4j/webauthn4j#1420.
        key[3] = {0x3b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x06};
        CHECK(refusal(key) == errc::algorithm_not_allowed);
        key[3] = bytes{0x3b} + bytes(8, 0xff); // below every std::int64_t
        CHECK(refusal(key) == bad(field_name::alg));
        key[3] = {0xfb, 0xc0, 0x1c, 0, 0, 0, 0, 0, 0}; // -7.0
        CHECK(refusal(key) == bad(field_name::alg));
    }
}

TEST_CASE("W30: kty and crv are those of the algorithm") {
    for (auto const& good : one_of_each())
        for (std::int64_t const kty : {0, 1, 2, 3, 4, 7}) {
            auto key = good;
            key[1] = number(kty);
            CAPTURE(kty);
            if (key == good) CHECK(parse_cose_key(written(key), all_offered));
            else CHECK(refusal(key) == bad(field_name::kty));
        }
    for (auto const& good : one_of_each()) {
        auto key = good;
        key[1] = text("EC"); // a text is registered for none
        CHECK(refusal(key) == bad(field_name::kty));
        key[1] = yes; // true is not 1: duo-labs/py_webauthn#265
        CHECK(refusal(key) == bad(field_name::kty));
        key.erase(1);
        CHECK(refusal(key).code == errc::bad_key);
    }
    // The curve of each algorithm, and no other (WebAuthn section 5.8.5): go-webauthn/webauthn#752.
    struct pinned {
        alg algorithm;
        std::int32_t identifier;
        std::int64_t crv;
    };
    for (auto const& [algorithm, identifier, crv] : {pinned{alg::es256, -7, 1},
                                                     {alg::es256, -9, 1},
                                                     {alg::es384, -35, 2},
                                                     {alg::es384, -51, 2},
                                                     {alg::es512, -36, 3},
                                                     {alg::es512, -52, 3},
                                                     {alg::es256k, -47, 8}})
        for (std::int64_t other = 0; other != 9; ++other) {
            CAPTURE(identifier);
            CAPTURE(other);
            auto const key = ec2(*private_key::generate(algorithm), identifier, other);
            if (other == crv) CHECK(parse_cose_key(written(key), all_offered));
            else CHECK(refusal(key) == bad(field_name::crv));
        }
    // A good key of one curve with the algorithm of another.
    CHECK(refusal(ec2(*private_key::generate(alg::es384), -7, 2)) == bad(field_name::crv));
    CHECK(refusal(ec2(*private_key::generate(alg::es384), -7, 1)) == bad(field_name::x));
    CHECK(refusal(ec2(*private_key::generate(alg::es256k), -7, 1)).code == errc::bad_key);
    auto ed = one_of_each()[1];
    for (std::int64_t const other : {1, 4, 5, 7}) {
        ed[-1] = number(other);
        CHECK(refusal(ed) == bad(field_name::crv));
    }
    ed[-1] = text("Ed25519"); // as a firmware wrote it
    CHECK(refusal(ed) == bad(field_name::crv));
}

TEST_CASE("W30: every member has to be there, and none besides") {
    for (auto const& good : one_of_each()) {
        for (auto const& [label, value] : good) {
            auto key = good;
            key.erase(label);
            CAPTURE(label);
            CHECK(refusal(key).code == errc::bad_key);
            key = good;
            key[label] = null;
            CHECK(refusal(key).code == errc::bad_key);
        }
        for (std::int64_t const label : {2, 4, 5, 6, -3, -4, -5, -70000}) { // kid, key_ops, Base IV, d, ...
            if (good.contains(label)) continue;
            auto key = good;
            key[label] = octets(bytes(32, 1));
            CAPTURE(label);
            CHECK(refusal(key).code == errc::bad_key);
        }
        auto with_text = written(good);
        ++with_text[0];
        CHECK(refusal(with_text + text("x") + null).code == errc::bad_key);
    }
}

TEST_CASE("W32: private parts and compressed points are refused") {
    auto const d = p256().d();
    auto key = ec2(p256(), -7, 1);
    key[-4] = octets(d.reveal());
    CHECK(refusal(key).code == errc::bad_key);
    for (auto& one : one_of_each()) { // also where the private part takes the place of a public one
        one[-4] = octets(bytes(32, 1));
        CHECK(refusal(one).code == errc::bad_key);
    }
    auto compressed = ec2(p256(), -7, 1);
    for (auto const& sign : {yes, bytes{0xf4}}) { // RFC 9053 section 7.1.1: y as a truth value
        compressed[-3] = sign;
        CHECK(refusal(compressed) == bad(field_name::y));
    }
    compressed[-2] = octets(bytes{2} + bytes(p256().public_part().x().begin(), p256().public_part().x().end()));
    CHECK(refusal(compressed).code == errc::bad_key);
    compressed.erase(-3);
    CHECK(refusal(compressed).code == errc::bad_key);
}

TEST_CASE("W31: points lie on the curve and have exactly its size") {
    for (auto const algorithm : {alg::es256, alg::es384, alg::es512}) {
        auto const identifier = algorithm == alg::es256 ? -7 : algorithm == alg::es384 ? -35 : -36;
        auto const crv = algorithm == alg::es256 ? 1 : algorithm == alg::es384 ? 2 : 3;
        auto const good = ec2(*private_key::generate(algorithm), identifier, crv);
        auto const size = traits(algorithm).signature_size / 2;
        CAPTURE(identifier);
        for (std::int64_t const label : {-2, -3}) {
            auto key = good;
            key[label].back() ^= 1;
            CHECK(refusal(key) == bad(field_name::x));
            for (auto const& value :
                 {bytes(size, 0), bytes(size, 0xff), bytes(size - 1, 1), bytes(size + 1, 0), bytes{}}) {
                key[label] = octets(value);
                CHECK(refusal(key) == bad(field_name::x));
            }
        }
        auto at_infinity = good;
        at_infinity[-2] = at_infinity[-3] = octets(bytes(size, 0));
        CHECK(refusal(at_infinity) == bad(field_name::x));
    }
    auto ed = one_of_each()[1];
    for (auto const& value : {bytes(31, 1), bytes(33, 1), bytes(32, 0), bytes(32, 0xff), bytes{1} + bytes(31, 0)}) {
        ed[-2] = octets(value);
        CHECK(refusal(ed) == bad(field_name::x)); // length, small order, not below p
    }
}

TEST_CASE("W31: RSA has 2048 to 4096 bits and a sane exponent") {
    auto const good_e = bytes{1, 0, 1};
    auto const modulus = [](std::size_t bits) { // odd; not a product of two primes, which nobody can tell
        bytes n(bits / 8, 0xc5);
        n.back() = 0x01;
        return n;
    };
    for (std::int32_t const identifier : {-257, -258, -259, -37, -38, -39}) {
        for (std::size_t const bits : {2048u, 2056u, 3072u, 4096u})
            CHECK(parse_cose_key(written(rsa(modulus(bits), good_e, identifier)), all_offered));
        for (std::size_t const bits : {8u, 512u, 1024u, 2040u, 4104u, 8192u})
            CHECK(refusal(rsa(modulus(bits), good_e, identifier)) == errc::weak_key);
        auto even = modulus(2048);
        even.back() = 0;
        CHECK(refusal(rsa(even, good_e, identifier)) == errc::weak_key);
        for (auto const& e : {bytes{1}, bytes{2}, bytes{1, 0, 0}, bytes{1, 0, 0, 0, 1}})
            CHECK(refusal(rsa(modulus(2048), e, identifier)) == errc::weak_key);
        for (auto const& e : {bytes{}, bytes{0}, bytes{0, 1, 0, 1}}) // RFC 8230 section 4: no leading zeros
            CHECK(refusal(rsa(modulus(2048), e, identifier)) == errc::bad_key);
        CHECK(refusal(rsa(bytes{0} + modulus(2048), good_e, identifier)) == errc::bad_key);
        CHECK(parse_cose_key(written(rsa(modulus(2048), bytes{3}, identifier)), all_offered));
    }
}

TEST_CASE("W15, W17: a key is canonical CBOR to its last octet") {
    for (auto const& good : one_of_each()) {
        auto const cose = written(good);
        CHECK(parse_cose_key(cose, all_offered));
        CHECK(refusal(cose + bytes{0}) == error{errc::cbor_trailing, cose.size()});
        for (std::size_t size = 0; size != cose.size(); ++size)
            CHECK(refusal(bytes(cose.begin(), cose.begin() + static_cast<std::ptrdiff_t>(size))) ==
                  errc::cbor_truncated);
    }
    // The members in the order of RFC 9052's table, and one twice.
    auto const good = ec2(p256(), -7, 1);
    auto const unsorted = head(5, 5) + number(-1) + good.at(-1) + number(1) + good.at(1) + number(3) + good.at(3) +
                          number(-2) + good.at(-2) + number(-3) + good.at(-3);
    CHECK(refusal(unsorted) == errc::cbor_order);
    auto const twice = head(5, 6) + number(1) + good.at(1) + number(1) + good.at(1) + number(3) + good.at(3) +
                       number(-1) + good.at(-1) + number(-2) + good.at(-2) + number(-3) + good.at(-3);
    CHECK(refusal(twice) == errc::cbor_duplicate);
    CHECK(refusal(bytes{0xd8, 0x18} + written(good)) == errc::cbor_tag);
    for (auto const& value : {number(1), bytes{0x80}, text("key"), null, octets(written(good))})
        CHECK(refusal(value) == errc::cbor_wrong_type);
    CHECK(refusal(head(2, 5000) + bytes(5000, 0)) == errc::cbor_too_large);
}

TEST_CASE("W17: a key in front of other octets is read from a prefix") {
    auto const cose = written(ec2(p256(), -7, 1));
    auto const data = cose + bytes{0xa1, 0x61, 0x61, 0xf5};
    std::array<codec::cbor_node, 16> nodes;
    auto const prefix = codec::read_cbor_prefix(data, nodes);
    REQUIRE(prefix);
    CHECK(prefix->size == cose.size());
    auto const key = parse_cose_key(prefix->value, all_offered);
    REQUIRE(key);
    CHECK(key->key == p256().public_part());
    CHECK(parse_cose_key(codec::cbor_value{}, all_offered).error() == errc::cbor_wrong_type);
}

TEST_CASE("keys that do not fit their algorithm are not written") {
    auto const& key = p256().public_part();
    CHECK(to_cose({key, alg::es256, -7}));
    CHECK(to_cose({key, alg::es256, -8}).error() == errc::wrong_key_type);
    CHECK(to_cose({key, alg::es384, -35}).error() == errc::wrong_key_type);
    CHECK(to_cose({key, alg::ed25519, -8}).error() == errc::wrong_key_type);
    CHECK(to_cose({key, alg::es256, -48}).error() == errc::wrong_key_type);
}

TEST_CASE("published and recorded passkeys: every key is read, and written as it was") {
    std::size_t keys = 0, unsupported = 0;
    auto const count = passkeys::for_each_ceremony([&](codec::json_value ceremony) {
        auto const stored = ceremony.find("credential");
        if (!stored || !stored->find("cose")) return;
        auto const name = std::string{*ceremony.find("name")->as_string()};
        CAPTURE(name);
        auto const cose = passkeys::from_base64url(*stored->find("cose"));
        auto const key = parse_cose_key(cose, all_offered);
        if (!key) {
            CHECK(*ceremony.find("expected")->as_string() == "reject");
            ++unsupported;
            return;
        }
        CHECK(*to_cose(*key) == cose);
        if (auto const jwk = stored->find("jwk"); jwk && jwk->is_object())
            CHECK(parse_public_jwk(*jwk)->key == key->key);
        ++keys;
    });
    CAPTURE(unsupported);
    if (count != 0) CHECK(keys >= 60);
}

TEST_CASE("published and recorded passkeys: keys in registrations; the order of the wrapper's members is waived") {
    std::size_t objects = 0, unsorted = 0, keys = 0;
    auto const count = passkeys::for_each_ceremony([&](codec::json_value ceremony) {
        auto const name = std::string{*ceremony.find("name")->as_string()};
        CAPTURE(name);
        auto const object = passkeys::response_member(ceremony, "attestationObject");
        if (object.empty()) return;
        auto const is_expected = *ceremony.find("expected")->as_string() == "accept";
        std::array<codec::cbor_node, 64> nodes;
        auto const strict = codec::read_cbor(object, nodes);
        auto const wrapper = codec::read_cbor(object, nodes, {.any_key_order = true});
        if (is_expected) REQUIRE(wrapper);
        if (!wrapper) return;
        ++objects;
        if (!strict) {
            ++unsorted;
            CHECK(strict.error() == errc::cbor_order);
        }
        auto const data = wrapper->find("authData")->as_bytes();
        REQUIRE(data);
        constexpr std::size_t id_at = 55; // rpIdHash, flags, count, AAGUID, length of the id
        if (data->size() < id_at || ((*data)[32] & 0x40) == 0) return;
        auto const id_size = std::size_t{(*data)[53]} << 8 | (*data)[54];
        if (data->size() < id_at + id_size) {
            CHECK_FALSE(is_expected);
            return;
        }
        std::array<codec::cbor_node, 32> key_nodes;
        auto const prefix = codec::read_cbor_prefix(data->subspan(id_at + id_size), key_nodes);
        if (!prefix) return;
        auto const key = parse_cose_key(prefix->value, all_offered);
        if (is_expected) REQUIRE(key);
        if (!key) return;
        CHECK(to_cose(*key)->size() == prefix->size);
        ++keys;
    });
    CAPTURE(objects);
    if (count != 0) CHECK(unsorted > 5);
    if (count != 0) CHECK(keys > 80);
}

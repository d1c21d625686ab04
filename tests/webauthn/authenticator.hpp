// An authenticator and a browser in one, each part of whose answers a test can bend.
#pragma once

#include <signet/codec.hpp>
#include <signet/crypto.hpp>
#include <signet/webauthn.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <string>
#include <utility>

namespace webauthn_test {

using namespace signet;
using namespace std::chrono_literals;
using webauthn::expected;

inline constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
inline constexpr std::string_view challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
inline constexpr std::string_view other_challenge = "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
inline constexpr std::string_view origins[] = {"https://shop.example", "https://login.shop.example:8443"};
inline constexpr std::string_view related[] = {"https://shop.test"};
inline constexpr std::string_view partners[] = {"https://partner.example"};
inline constexpr std::int32_t every_algorithm[] = {-8, -7, -257, -35, -36, -37, -19, -9, -51, -52, -47, -38};

inline constexpr webauthn::relying_party_params shop_params{
    .rp_id = "shop.example", .name = "Shop", .origins = origins};
inline constexpr webauthn::relying_party shop{shop_params};

/// The shop with one thing changed, until the program ends.
template <class Change> webauthn::relying_party shop_with(Change change) {
    auto params = shop_params;
    change(params);
    auto rp = webauthn::relying_party::make(params);
    INFO(webauthn::relying_party::complaint(params));
    REQUIRE(rp.has_value());
    static std::deque<webauthn::owned_relying_party> kept;
    return kept.emplace_back(*rp).policy();
}

// ---- CBOR ----------------------------------------------------------------------------------------------------------

inline void append(bytes& to, bytes_view more) { to.insert(to.end(), more.begin(), more.end()); }
inline bytes joined(std::initializer_list<bytes> parts) {
    bytes all;
    for (auto const& part : parts) append(all, part);
    return all;
}
inline bytes as_octets(std::string_view text) {
    auto const view = as_bytes(text);
    return {view.begin(), view.end()};
}

namespace cbor {
inline bytes head(unsigned major, std::size_t n) {
    auto const first = static_cast<std::uint8_t>(major << 5);
    auto const octet = [](std::size_t v) { return static_cast<std::uint8_t>(v & 0xff); };
    if (n < 24) return {octet(first | n)};
    if (n < 256) return {octet(first | 24u), octet(n)};
    return {octet(first | 25u), octet(n >> 8), octet(n)};
}
inline bytes integer(std::int64_t n) {
    return n < 0 ? head(1, static_cast<std::size_t>(-1 - n)) : head(0, static_cast<std::size_t>(n));
}
inline bytes octets(bytes_view content) {
    auto all = head(2, content.size());
    append(all, content);
    return all;
}
inline bytes text(std::string_view content) {
    auto all = head(3, content.size());
    append(all, as_bytes(content));
    return all;
}
/// Of keys and values in turn, as they are.
inline bytes map(std::initializer_list<bytes> parts) {
    auto all = head(5, parts.size() / 2);
    append(all, joined(parts));
    return all;
}
inline bytes array(std::vector<bytes> const& parts) {
    auto all = head(4, parts.size());
    for (auto const& part : parts) append(all, part);
    return all;
}
} // namespace cbor

// ---- DER -----------------------------------------------------------------------------------------------------------

namespace der {
inline bytes element(std::uint8_t tag, bytes_view content) {
    bytes all{tag};
    if (content.size() >= 256)
        append(all, bytes{0x82, static_cast<std::uint8_t>(content.size() >> 8),
                          static_cast<std::uint8_t>(content.size() & 0xff)});
    else if (content.size() >= 128) append(all, bytes{0x81, static_cast<std::uint8_t>(content.size())});
    else all.push_back(static_cast<std::uint8_t>(content.size()));
    append(all, content);
    return all;
}
inline bytes sequence(std::initializer_list<bytes> parts) { return element(0x30, joined(parts)); }
inline bytes integer(bytes_view big_endian) {
    while (big_endian.size() > 1 && big_endian[0] == 0) big_endian = big_endian.subspan(1);
    bytes content;
    if (big_endian[0] >= 0x80) content.push_back(0);
    append(content, big_endian);
    return element(2, content);
}
inline bytes small(std::uint8_t n) { return integer(bytes{n}); }
inline bytes oid(std::initializer_list<std::uint8_t> content) { return element(6, bytes{content}); }
} // namespace der

/// The signature as authenticators write it.
inline bytes sign(private_key const& key, alg a, bytes_view message) {
    auto const raw = *crypto::sign(key, a, message);
    if (key.type() != key_type::ec) return raw;
    auto const half = std::span{raw}.size() / 2;
    return der::sequence({der::integer(std::span{raw}.first(half)), der::integer(std::span{raw}.last(half))});
}

// ---- keys ----------------------------------------------------------------------------------------------------------

struct key_pair {
    private_key key;
    std::int32_t identifier;
    alg algorithm;

    explicit key_pair(std::int32_t cose = -7)
        : key{*private_key::generate(*jose::find_cose_algorithm(cose))},
          identifier{cose},
          algorithm{*jose::find_cose_algorithm(cose)} {}
    [[nodiscard]] public_key const& shown() const { return key.public_part(); }
    [[nodiscard]] bytes cose() const { return *jose::to_cose({shown(), algorithm, identifier}); }
    [[nodiscard]] bytes sign(bytes_view message) const { return webauthn_test::sign(key, algorithm, message); }
};

// ---- ceremonies ----------------------------------------------------------------------------------------------------

inline constexpr std::uint8_t up = 0x01, uv = 0x04, be = 0x08, bs = 0x10, at = 0x40, ed = 0x80;

/// What both ceremonies have, as it will be sent.
struct ceremony_parts {
    std::string type;
    std::string challenge{webauthn_test::challenge};
    std::string origin{origins[0]};
    std::string more{};   ///< further members of the client data, each after a comma
    std::string client{}; ///< instead of all of the above
    std::string rp_id = "shop.example";
    std::uint8_t flags = up | uv;
    std::uint32_t count = 0;
    bytes id = bytes(16, 0x11);
    bytes extensions{};
    bytes trailing{};
    std::string json_id{}, json_raw_id{}; ///< instead of the id
    std::string json_type = "\"public-key\"";
    std::string json_more{}; ///< further members of `response`, each after a comma

    [[nodiscard]] std::string client_json() const {
        if (!client.empty()) return client;
        return R"({"type":")" + type + R"(","challenge":")" + challenge + R"(","origin":")" + origin + '"' + more + "}";
    }
    [[nodiscard]] bytes client_hash() const {
        auto const hash = crypto::sha256(as_bytes(client_json()));
        return {hash.begin(), hash.end()};
    }
    [[nodiscard]] bytes data_head() const {
        auto const hash = crypto::sha256(as_bytes(rp_id));
        bytes all{hash.begin(), hash.end()};
        all.push_back(flags);
        for (int shift = 24; shift >= 0; shift -= 8) all.push_back(static_cast<std::uint8_t>(count >> shift & 0xff));
        return all;
    }
    [[nodiscard]] std::string json(std::string const& response) const {
        auto const text = codec::base64url_encode(id);
        return R"({"id":")" + (json_id.empty() ? text : json_id) + R"(","rawId":")" +
               (json_raw_id.empty() ? text : json_raw_id) + R"(","type":)" + json_type +
               R"(,"clientExtensionResults":{},"response":{"clientDataJSON":")" +
               codec::base64url_encode(as_bytes(client_json())) + '"' + response + json_more + "}}";
    }
};

struct registration : ceremony_parts {
    key_pair key;
    bytes aaguid = bytes(16, 0);
    bytes cose = key.cose();
    std::string format = "none";
    /// Makes the statement from what is signed.
    std::function<bytes(registration const&, bytes_view message)> statement = [](auto const&, bytes_view) {
        return cbor::map({});
    };
    bytes attested_id{}; ///< instead of the id
    bytes object{};      ///< instead of the attestation object

    explicit registration(std::int32_t identifier = -7) : ceremony_parts{.type = "webauthn.create"}, key{identifier} {
        flags |= at;
    }
    [[nodiscard]] bytes data() const {
        auto all = data_head();
        if ((flags & at) != 0) {
            auto const& own = attested_id.empty() ? id : attested_id;
            append(all, aaguid);
            append(all,
                   bytes{static_cast<std::uint8_t>(own.size() >> 8), static_cast<std::uint8_t>(own.size() & 0xff)});
            append(all, own), append(all, cose);
        }
        append(all, extensions), append(all, trailing);
        return all;
    }
    [[nodiscard]] bytes signed_octets() const { return joined({data(), client_hash()}); }
    [[nodiscard]] bytes made_object() const {
        if (!object.empty()) return object;
        return cbor::map({cbor::text("fmt"), cbor::text(format), cbor::text("attStmt"),
                          statement(*this, signed_octets()), cbor::text("authData"), cbor::octets(data())});
    }
    [[nodiscard]] std::string answer() const {
        return json(R"(,"attestationObject":")" + codec::base64url_encode(made_object()) + '"');
    }
    void self_attested() {
        format = "packed";
        statement = [](registration const& r, bytes_view message) {
            return cbor::map({cbor::text("alg"), cbor::integer(r.key.identifier), cbor::text("sig"),
                              cbor::octets(r.key.sign(message))});
        };
    }
    [[nodiscard]] result<webauthn::attested> judged(webauthn::relying_party const& rp = shop) const {
        return webauthn::judge_registration(answer(), {.rp = rp, .challenge = webauthn_test::challenge}, now);
    }
};

struct assertion : ceremony_parts {
    key_pair key;
    webauthn::credential stored;
    std::string user_handle{}; ///< as JSON; none if empty
    std::function<bytes(bytes)> bend = [](bytes signature) { return signature; };

    explicit assertion(std::int32_t identifier = -7)
        : ceremony_parts{.type = "webauthn.get"},
          key{identifier},
          stored{.id = id,
                 .user_handle = bytes{1, 2, 3},
                 .key = key.shown(),
                 .algorithm = key.algorithm,
                 .identifier = identifier} {}
    [[nodiscard]] bytes data() const { return joined({data_head(), extensions, trailing}); }
    [[nodiscard]] bytes signed_octets() const { return joined({data(), client_hash()}); }
    [[nodiscard]] std::string answer() const {
        return json(R"(,"authenticatorData":")" + codec::base64url_encode(data()) + R"(","signature":")" +
                    codec::base64url_encode(bend(key.sign(signed_octets()))) + '"' +
                    (user_handle.empty() ? "" : R"(,"userHandle":)" + user_handle));
    }
    [[nodiscard]] result<webauthn::asserted> judged(webauthn::relying_party const& rp = shop) const {
        return judged({.rp = rp, .challenge = webauthn_test::challenge});
    }
    [[nodiscard]] result<webauthn::asserted> judged(expected const& e) const {
        return webauthn::judge_assertion(answer(), e, stored);
    }
};

/// The reason of a refusal; nothing for an answer that was accepted.
template <class T> std::string_view reason(result<T> const& verdict) {
    return verdict ? "accepted" : verdict.error().name();
}

template <class Change> std::string_view registering(Change change, webauthn::relying_party const& rp = shop) {
    registration r;
    change(r);
    return reason(r.judged(rp));
}
template <class Change> std::string_view asserting(Change change, webauthn::relying_party const& rp = shop) {
    assertion a;
    change(a);
    return reason(a.judged(rp));
}

} // namespace webauthn_test

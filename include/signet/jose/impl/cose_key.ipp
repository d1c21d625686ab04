// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jose/cose_key.hpp>

#include <algorithm>
#include <array>
#include <limits>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

namespace detail {

/// The labels of the members and the values of kty and crv (RFC 9052 section 7.1, RFC 9053 section 7, RFC 8230 section
/// 4). Below zero, labels mean something else in each type of key.
namespace cose {
inline constexpr std::int64_t kty = 1, alg = 3;
inline constexpr std::int64_t crv = -1, x = -2, y = -3; // OKP and EC2
inline constexpr std::int64_t n = -1, e = -2;           // RSA
inline constexpr std::int64_t type_okp = 1, type_ec2 = 2, type_rsa = 3;
inline constexpr std::size_t okp_members = 4, ec2_members = 5, rsa_members = 4;
} // namespace cose

/// The number of a curve; 0 for one that COSE keys here do not have.
constexpr std::int64_t cose_curve(curve crv) noexcept {
    switch (crv) {
    case curve::p256: return 1;
    case curve::p384: return 2;
    case curve::p521: return 3;
    case curve::ed25519: return 6;
    case curve::secp256k1: return 8; // RFC 8812 section 3.1
    case curve::none: break;
    }
    return 0;
}

/// The number of a member.
inline result<std::int64_t> cose_number(codec::cbor_value key, std::int64_t label, field_name about) noexcept {
    auto const value = key.find(label);
    auto number = value ? value->as_int64() : value.error();
    if (!number) return error{errc::bad_key, about};
    return number;
}

/// The octets of a member.
inline result<bytes_view> cose_octets(codec::cbor_value key, std::int64_t label, field_name about) noexcept {
    auto const value = key.find(label);
    auto octets = value ? value->as_bytes() : value.error();
    if (!octets) return error{errc::bad_key, about};
    return octets;
}

inline result<public_key> about_member(result<public_key> key, field_name about) {
    if (!key && key.error() == errc::bad_key) return error{errc::bad_key, about};
    return key;
}

inline result<public_key> read_cose_rsa(codec::cbor_value key) {
    if (key.size() != cose::rsa_members) return errc::bad_key;
    auto const n = cose_octets(key, cose::n, field_name::n), e = cose_octets(key, cose::e, field_name::e);
    if (!n) return n.error();
    if (!e) return e.error();
    return public_key::from_rsa(*n, *e, limits_for_keys_in_messages);
}

inline result<public_key> read_cose_point(codec::cbor_value key, curve wanted) {
    auto const is_okp = wanted == curve::ed25519;
    if (key.size() != (is_okp ? cose::okp_members : cose::ec2_members)) return errc::bad_key;
    auto const crv = cose_number(key, cose::crv, field_name::crv);
    if (!crv) return crv.error();
    if (*crv != cose_curve(wanted)) return error{errc::bad_key, field_name::crv};
    auto const x = cose_octets(key, cose::x, field_name::x);
    if (!x) return x.error();
    if (is_okp) return about_member(public_key::from_ed25519(*x), field_name::x);
    auto const y = cose_octets(key, cose::y, field_name::y); // a truth value for a compressed point
    if (!y) return y.error();
    return about_member(public_key::from_ec(wanted, *x, *y), field_name::x);
}

/// Appends the head of a CBOR item below 2^16 (RFC 8949 section 3).
inline void write_cbor_head(bytes& out, unsigned major, std::size_t argument) {
    auto const first = major << 5;
    if (argument < 24) {
        out.push_back(static_cast<std::uint8_t>(first | argument));
        return;
    }
    out.push_back(static_cast<std::uint8_t>(first | (argument < 256 ? 24 : 25)));
    if (argument >= 256) out.push_back(static_cast<std::uint8_t>(argument >> 8));
    out.push_back(static_cast<std::uint8_t>(argument));
}
inline void write_cbor_integer(bytes& out, std::int64_t number) {
    if (number < 0) write_cbor_head(out, 1, static_cast<std::size_t>(-1 - number));
    else write_cbor_head(out, 0, static_cast<std::size_t>(number));
}
inline void write_cose_octets(bytes& out, std::int64_t label, bytes_view octets) {
    write_cbor_integer(out, label);
    write_cbor_head(out, 2, octets.size());
    out.insert(out.end(), octets.begin(), octets.end());
}

} // namespace detail

SIGNET_DECL result<cose_key> parse_cose_key(codec::cbor_value map, std::span<std::int32_t const> offered) {
    namespace cose = detail::cose;
    if (!map.is_map()) return errc::cbor_wrong_type;
    auto const identifier = detail::cose_number(map, cose::alg, field_name::alg);
    if (!identifier) return identifier.error();
    auto const allowed = std::find(offered.begin(), offered.end(), *identifier);
    if (allowed == offered.end()) return error{errc::algorithm_not_allowed, field_name::alg};
    auto const algorithm = find_cose_algorithm(*allowed);
    if (!algorithm) return error{errc::unsupported_algorithm, field_name::alg};

    auto const& wanted = traits(*algorithm);
    auto const type = detail::cose_number(map, cose::kty, field_name::kty);
    if (!type) return type.error();
    if (*type != (wanted.type == key_type::rsa  ? cose::type_rsa
                  : wanted.type == key_type::ec ? cose::type_ec2
                                                : cose::type_okp))
        return error{errc::bad_key, field_name::kty};
    auto key = wanted.type == key_type::rsa ? detail::read_cose_rsa(map) : detail::read_cose_point(map, wanted.crv);
    if (!key) return key.error();
    return cose_key{*std::move(key), *algorithm, *allowed};
}

SIGNET_DECL result<cose_key> parse_cose_key(bytes_view cose, std::span<std::int32_t const> offered) {
    std::array<codec::cbor_node, 32> nodes; // a key has 11 values at most
    auto const map = codec::read_cbor(cose, nodes, {.max_size = max_cose_key_octets});
    if (!map) return map.error();
    return parse_cose_key(*map, offered);
}

SIGNET_DECL result<bytes> to_cose(cose_key const& key) {
    namespace cose = detail::cose;
    if (find_cose_algorithm(key.identifier) != key.algorithm || !key.key.supports(key.algorithm))
        return errc::wrong_key_type;
    auto const type = key.key.type();
    auto const is_rsa = type == key_type::rsa, is_ec = type == key_type::ec;
    bytes out;
    detail::write_cbor_head(out, 5, is_rsa ? cose::rsa_members : is_ec ? cose::ec2_members : cose::okp_members);
    detail::write_cbor_integer(out, cose::kty);
    detail::write_cbor_integer(out, is_rsa ? cose::type_rsa : is_ec ? cose::type_ec2 : cose::type_okp);
    detail::write_cbor_integer(out, cose::alg);
    detail::write_cbor_integer(out, key.identifier);
    if (is_rsa) {
        detail::write_cose_octets(out, cose::n, key.key.n());
        detail::write_cose_octets(out, cose::e, key.key.e());
        return out;
    }
    detail::write_cbor_integer(out, cose::crv);
    detail::write_cbor_integer(out, detail::cose_curve(key.key.crv()));
    detail::write_cose_octets(out, cose::x, key.key.x());
    if (is_ec) detail::write_cose_octets(out, cose::y, key.key.y());
    return out;
}

}}} // namespace signet::jose

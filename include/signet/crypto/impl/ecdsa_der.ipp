// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/ecdsa_der.hpp>

#include <signet/crypto/impl/der.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

namespace detail {

// The orders (FIPS 186-5 and SP 800-186 section 3.2.1; SEC 2 section 2.4.1), big-endian.
inline constexpr std::uint8_t order_p256[] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                              0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
inline constexpr std::uint8_t order_p384[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                              0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
                                              0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};
inline constexpr std::uint8_t order_p521[] = {
    0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfa,
    0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b,
    0xb5, 0xc9, 0xb8, 0x89, 0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09};
inline constexpr std::uint8_t order_secp256k1[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                   0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                                                   0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

/// The order of the curve's group; empty for what is not a curve of ECDSA.
inline bytes_view order_of(curve crv) noexcept {
    switch (crv) {
    case curve::p256: return order_p256;
    case curve::p384: return order_p384;
    case curve::p521: return order_p521;
    case curve::secp256k1: return order_secp256k1;
    case curve::none:
    case curve::ed25519: break;
    }
    return {};
}

/// Writes a number without leading zeros on as many octets as `order` has. False unless it is in 1 .. order - 1.
inline bool write_scalar(bytes_view magnitude, bytes_view order, std::uint8_t* out) noexcept {
    if (magnitude.empty() || magnitude.size() > order.size()) return false;
    auto const zeros = order.size() - magnitude.size();
    std::fill_n(out, zeros, std::uint8_t{0});
    std::copy(magnitude.begin(), magnitude.end(), out + zeros);
    return as_text({out, order.size()}) < as_text(order);
}

} // namespace detail

SIGNET_DECL result<std::size_t> ecdsa_from_der(bytes_view der, curve crv, std::span<std::uint8_t> out) noexcept {
    auto const order = detail::order_of(crv);
    if (order.empty()) return errc::unsupported_key;
    if (out.size() < 2 * order.size()) return errc::buffer_too_small;
    signet::detail::der_reader whole{der}, numbers{{}};
    bytes_view r, s;
    if (!whole.open(signet::detail::der_reader::sequence, numbers) || !whole.at_end() || !numbers.read_integer(r) ||
        !numbers.read_integer(s) || !numbers.at_end())
        return errc::bad_signature;
    if (!detail::write_scalar(r, order, out.data()) || !detail::write_scalar(s, order, out.data() + order.size()))
        return errc::bad_signature;
    return 2 * order.size();
}

}}} // namespace signet::crypto

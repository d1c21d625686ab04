// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/impl/signature_check.hpp>

#include <signet/crypto/ecdsa_der.hpp>
#include <signet/crypto/signature.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

/// Whether the second half of an Ed25519 signature, little-endian, is below the order of the group (RFC 8032 5.1.7).
inline bool has_small_s(bytes_view signature) noexcept {
    static constexpr std::array<std::uint8_t, 32> order{
        0x10, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed};
    auto const s = signature.last(32);
    return std::lexicographical_compare(s.rbegin(), s.rend(), order.begin(), order.end());
}

SIGNET_DECL result<void> check_signature(public_key const& key, alg a, bytes_view message, bytes_view signature) {
    if (!key.supports(a)) return errc::webauthn_signature;
    std::array<std::uint8_t, crypto::max_ecdsa_size> raw;
    if (key.type() == key_type::ec) {
        auto const size = crypto::ecdsa_from_der(signature, key.crv(), raw);
        if (!size) return errc::webauthn_signature_form;
        signature = std::span{raw}.first(*size);
    }
    if (signature.size() != key.signature_size()) return errc::webauthn_signature_form;
    if (key.type() == key_type::okp && !has_small_s(signature)) return errc::webauthn_signature_form;
    if (!crypto::verify(key, a, message, signature)) return errc::webauthn_signature;
    return {};
}

}}}} // namespace signet::webauthn::detail

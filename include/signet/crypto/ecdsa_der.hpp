// SPDX-License-Identifier: BSL-1.0
// ECDSA signatures as X.509 and WebAuthn have them: Ecdsa-Sig-Value in DER (RFC 3279 section 2.2.3).
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>
#include <signet/crypto/algorithm.hpp>

#include <cstddef>
#include <cstdint>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

/// The octets of the largest signature that `ecdsa_from_der` writes: r and s of P-521.
inline constexpr std::size_t max_ecdsa_size = 132;

/// Writes an ECDSA signature in DER as r followed by s, each of the curve's size, and returns the octets written. This
/// is the form that `crypto::verify` takes.
///
/// A signature has exactly one DER form; every other one is refused. Both numbers must be in 1 .. n-1, where n is the
/// order of the curve. An s above n/2 is accepted.
///
/// Errors: `bad_signature`; `unsupported_key` if `crv` is not a curve of ECDSA; `buffer_too_small`.
[[nodiscard]] SIGNET_DECL result<std::size_t> ecdsa_from_der(bytes_view der, curve crv,
                                                             std::span<std::uint8_t> out) noexcept;

}}} // namespace signet::crypto

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/ecdsa_der.ipp>
#endif

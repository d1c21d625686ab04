// SPDX-License-Identifier: BSL-1.0
// base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strict: one spelling for each octet string.
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/output.hpp>
#include <signet/core/result.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

/// Returns the number of characters that `octets` octets encode to.
[[nodiscard]] constexpr std::size_t base64url_encoded_size(std::size_t octets) noexcept {
    return octets / 3 * 4 + (octets % 3 ? octets % 3 + 1 : 0);
}

/// Returns the number of octets that `characters` characters decode to if they are valid.
[[nodiscard]] constexpr std::size_t base64url_decoded_size(std::size_t characters) noexcept {
    return characters / 4 * 3 + (characters % 4 ? characters % 4 - 1 : 0);
}

/// Decodes into the caller's buffer and returns the number of octets written. Does not allocate.
///
/// Decoding is strict: padding, white space, characters outside the alphabet and nonzero unused bits are errors.
///
/// Errors: `errc::invalid_base64_length`; `invalid_base64_character` (with its offset); `nonzero_base64_trailing_bits`;
/// `buffer_too_small`.
[[nodiscard]] SIGNET_DECL result<std::size_t> base64url_decode(std::string_view text,
                                                               std::span<std::uint8_t> out) noexcept;

/// Decodes into a new vector. Errors: those of the overload with a buffer, except `buffer_too_small`.
[[nodiscard]] SIGNET_DECL result<bytes> base64url_decode(std::string_view text);

/// Appends the encoding of `octets` to `out`. Does not allocate if `out` writes to a buffer.
SIGNET_DECL void base64url_encode(bytes_view octets, output& out);

/// Returns the encoding of `octets`.
[[nodiscard]] SIGNET_DECL std::string base64url_encode(bytes_view octets);

}}} // namespace signet::codec

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/codec/impl/base64url.ipp>
#endif

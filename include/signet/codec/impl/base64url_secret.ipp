// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

namespace detail {

/// `value` where low < c < high, else 0. The differences are negative exactly then, and so is the shifted conjunction.
inline std::int32_t where_between(std::int32_t low, std::int32_t c, std::int32_t high, std::int32_t value) noexcept {
    return (((low - c) & (c - high)) >> 8) & value;
}

/// The six bits a character stands for, or -1.
inline std::int32_t secret_sextet(char character) noexcept {
    std::int32_t const c = static_cast<unsigned char>(character);
    return -1 + where_between('A' - 1, c, 'Z' + 1, c - 'A' + 1) + where_between('a' - 1, c, 'z' + 1, c - 'a' + 27) +
           where_between('0' - 1, c, '9' + 1, c - '0' + 53) + where_between('-' - 1, c, '-' + 1, 63) +
           where_between('_' - 1, c, '_' + 1, 64);
}

inline char secret_character(std::uint32_t sextet) noexcept {
    auto const s = static_cast<std::int32_t>(sextet & 63);
    auto distance = std::int32_t{'A'};
    distance += ((25 - s) >> 8) & ('a' - 26 - 'A');
    distance += ((51 - s) >> 8) & ('0' - 52 - ('a' - 26));
    distance += ((61 - s) >> 8) & ('-' - 62 - ('0' - 52));
    distance += ((62 - s) >> 8) & ('_' - 63 - ('-' - 62));
    return static_cast<char>(s + distance);
}

} // namespace detail

SIGNET_DECL result<secret> base64url_decode_secret(std::string_view text) {
    if (text.size() % 4 == 1) return errc::invalid_base64_length;
    bytes octets(base64url_decoded_size(text.size()));

    std::uint32_t bits = 0;
    unsigned count = 0;
    std::int32_t bad = 0;
    std::size_t written = 0;
    for (char c : text) {
        auto const s = detail::secret_sextet(c);
        bad |= s; // negative once any character was outside the alphabet
        bits = bits << 6 | (static_cast<std::uint32_t>(s) & 63);
        if ((count += 6) >= 8) octets[written++] = static_cast<std::uint8_t>(bits >> (count -= 8));
    }
    secret kept{std::move(octets)};
    if (bad < 0) return errc::invalid_base64_character;
    if ((bits & ((1u << count) - 1)) != 0) return errc::nonzero_base64_trailing_bits;
    return kept;
}

SIGNET_DECL void base64url_encode_secret(bytes_view octets, output& out) {
    char* at = out.extend(base64url_encoded_size(octets.size()));
    if (!at) return;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (auto octet : octets) {
        bits = bits << 8 | octet;
        for (count += 8; count >= 6;) *at++ = detail::secret_character(bits >> (count -= 6));
    }
    if (count != 0) *at = detail::secret_character(bits << (6 - count));
}

}}} // namespace signet::codec

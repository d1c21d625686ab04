// SPDX-License-Identifier: BSL-1.0
// base64url many characters at a time. Each function names its instruction set and is compiled for it whatever the
// flags of the translation unit; which one runs is chosen at run time. They stop before the end of the
// input and at the first block with a character outside the alphabet: the scalar code does the rest and names the
// offset.
//
// The ways: W. Mula, D. Lemire, "Faster Base64 Encoding and Decoding Using AVX2 Instructions", ACM TWEB 12(3), 2018,
// with tables of our own for base64url; SSSE3 and NEON classify characters by comparing ranges.
#pragma once

#include <signet/core/bytes.hpp>

#if defined(__x86_64__) && defined(__GNUC__)
#    include <tmmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#    include <arm_neon.h>
#endif

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

inline constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

#if defined(__x86_64__) && defined(__GNUC__)

// ---- SSSE3: 16 characters are 12 octets -----------------------------------------------------------------------------

/// 16 characters to their values; false where one is none.
__attribute__((target("ssse3"))) inline bool base64url_sextets_ssse3(__m128i c, __m128i& values) noexcept {
    // Signed comparisons: octets from 0x80 on are negative and in no range.
    auto const upper =
        _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8('A' - 1)), _mm_cmplt_epi8(c, _mm_set1_epi8('Z' + 1)));
    auto const lower =
        _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8('a' - 1)), _mm_cmplt_epi8(c, _mm_set1_epi8('z' + 1)));
    auto const digit =
        _mm_and_si128(_mm_cmpgt_epi8(c, _mm_set1_epi8('0' - 1)), _mm_cmplt_epi8(c, _mm_set1_epi8('9' + 1)));
    auto const minus = _mm_cmpeq_epi8(c, _mm_set1_epi8('-'));
    auto const under = _mm_cmpeq_epi8(c, _mm_set1_epi8('_'));
    auto const letters =
        _mm_or_si128(_mm_and_si128(upper, _mm_set1_epi8(-'A')), _mm_and_si128(lower, _mm_set1_epi8(26 - 'a')));
    auto const others = _mm_or_si128(
        _mm_and_si128(digit, _mm_set1_epi8(52 - '0')),
        _mm_or_si128(_mm_and_si128(minus, _mm_set1_epi8(62 - '-')), _mm_and_si128(under, _mm_set1_epi8(63 - '_'))));
    values = _mm_add_epi8(c, _mm_or_si128(letters, others));
    auto const known = _mm_or_si128(_mm_or_si128(upper, lower), _mm_or_si128(digit, _mm_or_si128(minus, under)));
    return _mm_movemask_epi8(known) == 0xffff;
}

/// 16 characters to 12 octets, the last four of 16 being zero; false where one is no character of the alphabet.
__attribute__((target("ssse3"))) inline bool base64url_block_ssse3(char const* text, __m128i& octets) noexcept {
    auto const pack = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    __m128i values;
    if (!base64url_sextets_ssse3(_mm_loadu_si128(reinterpret_cast<__m128i const*>(text)), values)) return false;
    auto const pairs = _mm_maddubs_epi16(values, _mm_set1_epi32(0x01400140));
    octets = _mm_shuffle_epi8(_mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000)), pack);
    return true;
}
__attribute__((target("ssse3"))) inline void base64url_store_ssse3(__m128i octets, std::uint8_t* out) noexcept {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), octets);
    auto const last = _mm_cvtsi128_si32(_mm_srli_si128(octets, 8));
    __builtin_memcpy(out + 8, &last, 4);
}

/// Goes on from `at`, a multiple of 4. Characters decoded then; a multiple of 4: all whole groups, if there are 16
/// characters.
__attribute__((target("ssse3"))) inline std::size_t base64url_decode_rest_ssse3(std::string_view text, std::size_t at,
                                                                                std::uint8_t* out) noexcept {
    __m128i octets;
    for (; at + 16 <= text.size(); at += 16) {
        if (!base64url_block_ssse3(text.data() + at, octets)) return at;
        if (at + 16 + 8 <= text.size()) // 16 octets are stored: 12 that count, and space for 4 more
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at / 4 * 3), octets);
        else base64url_store_ssse3(octets, out + at / 4 * 3);
    }
    // The last block, some of it for the second time.
    auto const whole = text.size() / 4 * 4;
    if (whole < 16 || whole == at || !base64url_block_ssse3(text.data() + whole - 16, octets)) return at;
    base64url_store_ssse3(octets, out + (whole - 16) / 4 * 3);
    return whole;
}
__attribute__((target("ssse3"))) inline std::size_t base64url_decode_ssse3(std::string_view text,
                                                                           std::uint8_t* out) noexcept {
    return base64url_decode_rest_ssse3(text, 0, out);
}

/// Octets encoded; a multiple of 3.
__attribute__((target("ssse3"))) inline std::size_t base64url_encode_ssse3(bytes_view octets, char* out) noexcept {
    auto const spread = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    auto const offsets = _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                       '0' - 52, '0' - 52, '0' - 52, '-' - 62, '_' - 63, 'A', 0, 0);
    std::size_t at = 0;
    for (; at + 16 <= octets.size(); at += 12, out += 16) {
        auto const in = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<__m128i const*>(octets.data() + at)), spread);
        auto const high = _mm_mulhi_epu16(_mm_and_si128(in, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040));
        auto const low = _mm_mullo_epi16(_mm_and_si128(in, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010));
        auto const values = _mm_or_si128(high, low);
        auto const upper = _mm_cmpgt_epi8(_mm_set1_epi8(26), values);
        auto const range =
            _mm_or_si128(_mm_subs_epu8(values, _mm_set1_epi8(51)), _mm_and_si128(upper, _mm_set1_epi8(13)));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_add_epi8(values, _mm_shuffle_epi8(offsets, range)));
    }
    return at;
}

// ---- AVX2: 32 characters are 24 octets ------------------------------------------------------------------------------
//
// Written with vectors of the compiler and its names for five instructions: <immintrin.h>, the one header that has
// AVX2, brings all of AVX-512 and costs a unit nearly as much as all standard headers together.

typedef signed char octets16 __attribute__((vector_size(16)));
typedef signed char octets32 __attribute__((vector_size(32)));
typedef char chars32 __attribute__((vector_size(32))); // what the compiler's functions take
typedef short pairs32 __attribute__((vector_size(32)));
typedef int groups32 __attribute__((vector_size(32)));
typedef long long words32 __attribute__((vector_size(32)));

/// Two tables, by the lower and the upper four bits of a character, have no bit in common where it is of the alphabet;
/// a third one, by the upper four, is what to add. '_' shares those with 'P' to 'Z' and is told apart by itself.
__attribute__((target("avx2"))) inline std::size_t base64url_decode_avx2(std::string_view text,
                                                                         std::uint8_t* out) noexcept {
    constexpr octets32 by_low = {0x0b, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x03, 0x07,
                                 0x37, 0x37, 0x35, 0x37, 0x27, 0x0b, 0x03, 0x03, 0x03, 0x03, 0x03,
                                 0x03, 0x03, 0x03, 0x03, 0x07, 0x37, 0x37, 0x35, 0x37, 0x27};
    constexpr octets32 by_high = {0x01, 0x01, 0x02, 0x04, 0x08, 0x10, 0x08, 0x20, 0x01, 0x01, 0x01,
                                  0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x02, 0x04, 0x08, 0x10,
                                  0x08, 0x20, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01};
    constexpr octets32 shift = {0, 0, 62 - '-', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0,
                                0, 0, 62 - '-', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0};
    constexpr octets32 pack = {2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,
                               2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1};
    constexpr chars32 by_pair = (chars32)(groups32{} + 0x01400140);
    constexpr pairs32 by_group = (pairs32)(groups32{} + 0x00011000);
    std::size_t at = 0;
    for (; at + 32 + 8 <= text.size(); at += 32, out += 24) {
        octets32 c;
        __builtin_memcpy(&c, text.data() + at, 32);
        auto const high = (octets32)((groups32)c >> 4) & 0x0f;
        auto const low = c & 0x0f;
        auto const under = (octets32)(c == '_');
        auto const clash = (words32)(__builtin_ia32_pshufb256((chars32)by_low, (chars32)low) &
                                     __builtin_ia32_pshufb256((chars32)by_high, (chars32)high));
        if (!__builtin_ia32_ptestz256(clash, clash)) break;
        auto const add =
            (under & (63 - '_')) | (~under & (octets32)__builtin_ia32_pshufb256((chars32)shift, (chars32)high));
        auto const pairs = __builtin_ia32_pmaddubsw256((chars32)(c + add), by_pair);
        auto const groups =
            (octets32)__builtin_ia32_pshufb256((chars32)__builtin_ia32_pmaddwd256(pairs, by_group), (chars32)pack);
        __builtin_memcpy(out, &groups, 16);
        auto const second =
            __builtin_shufflevector(groups, groups, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
        __builtin_memcpy(out + 12, &second, 16);
    }
    return at;
}

__attribute__((target("avx2"))) inline std::size_t base64url_encode_avx2(bytes_view octets, char* out) noexcept {
    constexpr octets32 spread = {1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,
                                 1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10};
    constexpr octets32 offsets = {'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                  '0' - 52, '0' - 52, '0' - 52, '-' - 62, '_' - 63, 'A',      0,        0,
                                  'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                                  '0' - 52, '0' - 52, '0' - 52, '-' - 62, '_' - 63, 'A',      0,        0};
    std::size_t at = 0;
    for (; at + 28 <= octets.size(); at += 24, out += 32) {
        octets16 first, second;
        __builtin_memcpy(&first, octets.data() + at, 16);
        __builtin_memcpy(&second, octets.data() + at + 12, 16);
        auto const both = __builtin_shufflevector(first, second, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
                                                  16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
        auto const in = (groups32)__builtin_ia32_pshufb256((chars32)both, (chars32)spread);
        auto const high =
            (octets32)__builtin_ia32_pmulhuw256((pairs32)(in & 0x0fc0fc00), (pairs32)(groups32{} + 0x04000040));
        auto const low = (octets32)((pairs32)(in & 0x003f03f0) * (pairs32)(groups32{} + 0x01000010));
        auto const values = high | low; // 0 .. 63
        auto const upper = (octets32)(values < 26), beyond = (octets32)(values > 51);
        auto const range = (beyond & (values - 51)) | (upper & 13);
        auto const text = values + (octets32)__builtin_ia32_pshufb256((chars32)offsets, (chars32)range);
        __builtin_memcpy(out, &text, 32);
    }
    return at;
}

/// What was done of the input by the widest set this processor has.
inline std::size_t base64url_decode_wide(std::string_view text, std::uint8_t* out) noexcept {
    if (text.size() < 16) return 0;
    std::size_t done = 0;
    if (__builtin_cpu_supports("avx2")) done = base64url_decode_avx2(text, out);
    if (__builtin_cpu_supports("ssse3")) done = base64url_decode_rest_ssse3(text, done, out);
    return done;
}
inline std::size_t base64url_encode_wide(bytes_view octets, char* out) noexcept {
    if (octets.size() < 16) return 0;
    std::size_t done = 0;
    if (__builtin_cpu_supports("avx2")) done = base64url_encode_avx2(octets, out);
    if (__builtin_cpu_supports("ssse3")) done += base64url_encode_ssse3(octets.subspan(done), out + done / 3 * 4);
    return done;
}

#elif defined(__aarch64__) && defined(__ARM_NEON)

// ---- NEON, which every AArch64 has: 64 characters are 48 octets -----------------------------------------------------

inline uint8x16_t base64url_range_neon(uint8x16_t c, char low, char high) noexcept {
    return vandq_u8(vcgeq_u8(c, vdupq_n_u8(static_cast<std::uint8_t>(low))),
                    vcleq_u8(c, vdupq_n_u8(static_cast<std::uint8_t>(high))));
}
inline uint8x16_t base64url_sextets_neon(uint8x16_t c, uint8x16_t& known) noexcept {
    auto const upper = base64url_range_neon(c, 'A', 'Z'), lower = base64url_range_neon(c, 'a', 'z');
    auto const digit = base64url_range_neon(c, '0', '9'), minus = base64url_range_neon(c, '-', '-');
    auto const under = base64url_range_neon(c, '_', '_');
    auto const part = [c](uint8x16_t mask, int offset) {
        return vandq_u8(mask, vaddq_u8(c, vdupq_n_u8(static_cast<std::uint8_t>(offset))));
    };
    known = vandq_u8(known, vorrq_u8(vorrq_u8(upper, lower), vorrq_u8(digit, vorrq_u8(minus, under))));
    return vorrq_u8(vorrq_u8(part(upper, -'A'), part(lower, 26 - 'a')),
                    vorrq_u8(part(digit, 52 - '0'), vorrq_u8(part(minus, 62 - '-'), part(under, 63 - '_'))));
}
inline std::size_t base64url_decode_wide(std::string_view text, std::uint8_t* out) noexcept {
    std::size_t at = 0;
    for (; at + 64 <= text.size(); at += 64, out += 48) {
        auto const c = vld4q_u8(reinterpret_cast<std::uint8_t const*>(text.data() + at));
        auto known = vdupq_n_u8(0xff);
        auto const s0 = base64url_sextets_neon(c.val[0], known), s1 = base64url_sextets_neon(c.val[1], known);
        auto const s2 = base64url_sextets_neon(c.val[2], known), s3 = base64url_sextets_neon(c.val[3], known);
        if (vminvq_u8(known) != 0xff) break;
        uint8x16x3_t octets;
        octets.val[0] = vorrq_u8(vshlq_n_u8(s0, 2), vshrq_n_u8(s1, 4));
        octets.val[1] = vorrq_u8(vshlq_n_u8(s1, 4), vshrq_n_u8(s2, 2));
        octets.val[2] = vorrq_u8(vshlq_n_u8(s2, 6), s3);
        vst3q_u8(out, octets);
    }
    return at;
}
inline std::size_t base64url_encode_wide(bytes_view octets, char* out) noexcept {
    uint8x16x4_t alphabet;
    for (int i = 0; i != 4; ++i)
        alphabet.val[i] = vld1q_u8(reinterpret_cast<std::uint8_t const*>(base64url_alphabet.data()) + 16 * i);
    auto const low = vdupq_n_u8(63);
    std::size_t at = 0;
    for (; at + 48 <= octets.size(); at += 48, out += 64) {
        auto const in = vld3q_u8(octets.data() + at);
        uint8x16x4_t c;
        c.val[0] = vqtbl4q_u8(alphabet, vshrq_n_u8(in.val[0], 2));
        c.val[1] = vqtbl4q_u8(alphabet, vandq_u8(vorrq_u8(vshlq_n_u8(in.val[0], 4), vshrq_n_u8(in.val[1], 4)), low));
        c.val[2] = vqtbl4q_u8(alphabet, vandq_u8(vorrq_u8(vshlq_n_u8(in.val[1], 2), vshrq_n_u8(in.val[2], 6)), low));
        c.val[3] = vqtbl4q_u8(alphabet, vandq_u8(in.val[2], low));
        vst4q_u8(reinterpret_cast<std::uint8_t*>(out), c);
    }
    return at;
}

#else

inline std::size_t base64url_decode_wide(std::string_view, std::uint8_t*) noexcept { return 0; }
inline std::size_t base64url_encode_wide(bytes_view, char*) noexcept { return 0; }

#endif

}}}} // namespace signet::codec::detail

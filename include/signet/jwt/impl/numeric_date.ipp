// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/portable.hpp>
#include <signet/jwt/numeric_date.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail {

inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The number that eight characters write, all at once; false where one is no digit.
inline bool eight_digits(char const* at, std::uint64_t& number) noexcept {
    auto v = signet::detail::load_little_endian(at); // the first character in the lowest eight bits
    constexpr std::uint64_t upper = 0xf0f0f0f0f0f0f0f0;
    if (((v & upper) | ((v + 0x0606060606060606) & upper) >> 4) != 0x3333333333333333) return false;
    v -= 0x3030303030303030;
    v = v * 10 + (v >> 8); // pairs, in every second octet
    constexpr std::uint64_t pair = 0x000000ff000000ff;
    number = ((v & pair) * (100 + (1'000'000ull << 32)) + (v >> 16 & pair) * (1 + (10'000ull << 32))) >> 32;
    return true;
}

/// Seconds and nothing else, as nearly every token has them: ten digits, far below the year 9999.
inline bool ten_digits(std::string_view text, std::int64_t& seconds) noexcept {
    std::uint64_t first;
    if (text.size() != 10 || text[0] == '0' || !eight_digits(text.data(), first) || !is_digit(text[8]) ||
        !is_digit(text[9]))
        return false;
    seconds = static_cast<std::int64_t>(first) * 100 + std::int64_t{10} * (text[8] - '0') + (text[9] - '0');
    return true;
}

/// A number taken apart: digits, and how many of them stand before the decimal point once the exponent is applied.
struct decimal {
    std::string_view whole, fraction;
    std::int64_t exponent = 0;

    std::int64_t point() const noexcept { return static_cast<std::int64_t>(whole.size()) + exponent; }
    std::int64_t size() const noexcept { return static_cast<std::int64_t>(whole.size() + fraction.size()); }
    unsigned digit(std::int64_t i) const noexcept {
        if (i < 0 || i >= size()) return 0;
        auto const at = static_cast<std::size_t>(i);
        return static_cast<unsigned>((at < whole.size() ? whole[at] : fraction[at - whole.size()]) - '0');
    }
};

inline std::string_view take_digits(std::string_view& text) noexcept {
    std::size_t n = 0;
    while (n != text.size() && is_digit(text[n])) ++n;
    auto const digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
}

inline bool take_exponent(std::string_view& text, std::int64_t& exponent) noexcept {
    text.remove_prefix(1);
    auto const negative = !text.empty() && text.front() == '-';
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    auto const digits = take_digits(text);
    if (digits.empty()) return false;
    for (char c : digits)
        if (exponent < 1'000'000'000) exponent = exponent * 10 + (c - '0'); // beyond that it decides nothing any more
    if (negative) exponent = -exponent;
    return true;
}

} // namespace detail

SIGNET_DECL result<numeric_date> parse_numeric_date(std::string_view text) noexcept {
    if (std::int64_t whole; detail::ten_digits(text, whole))
        return numeric_date{unix_time{std::chrono::seconds{whole}}};

    // Form: RFC 8259 section 6.
    auto const negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    detail::decimal n;
    n.whole = detail::take_digits(text);
    if (n.whole.empty() || (n.whole.size() > 1 && n.whole.front() == '0')) return errc::invalid_json_number;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        n.fraction = detail::take_digits(text);
        if (n.fraction.empty()) return errc::invalid_json_number;
    }
    if (!text.empty() && (text.front() == 'e' || text.front() == 'E') && !detail::take_exponent(text, n.exponent))
        return errc::invalid_json_number;
    if (!text.empty()) return errc::invalid_json_number;

    // Zero has any exponent and either sign; all other negative numbers are before 1970.
    auto first = std::int64_t{0};
    while (first != n.size() && n.digit(first) == 0) ++first;
    if (first == n.size()) return numeric_date{};
    if (negative) return errc::out_of_range;

    // Whole seconds: the digits before the point, at most as many as the year 9999 has.
    auto const point = n.point();
    if (point - first > 12) return errc::out_of_range;
    std::int64_t seconds = 0;
    for (auto i = first; i < point; ++i) seconds = seconds * 10 + n.digit(i);
    numeric_date date{unix_time{std::chrono::seconds{seconds}}};
    if (date.seconds > latest_time) return errc::out_of_range;

    // The fraction: nine digits, and whether anything else follows.
    for (std::int64_t i = point; i < point + 9; ++i) date.nanoseconds = date.nanoseconds * 10 + n.digit(i);
    for (auto i = point + 9 > first ? point + 9 : first; i < n.size() && !date.more; ++i) date.more = n.digit(i) != 0;
    return date;
}

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
// Decimals of structured fields from binary floating point.
#pragma once

#include <signet/http/impl/structured_syntax.hpp>
#include <signet/http/structured_value.hpp>

#include <charconv>
#include <cmath>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace sf {

SIGNET_DECL result<decimal> decimal::from(double value) noexcept {
    if (!(std::fabs(value) < 1e12)) return errc::out_of_range; // NaN too
    // The shortest digits that stand for it; half to even is judged by those, not by the binary value.
    char digits[400];
    auto const end = std::to_chars(digits, digits + sizeof digits, std::fabs(value), std::chars_format::fixed).ptr;
    std::string_view const text{digits, static_cast<std::size_t>(end - digits)};
    auto const point = text.find('.');
    std::int64_t thousandths = 0;
    for (char c : text.substr(0, point)) thousandths = thousandths * 10 + (c - '0');
    auto const fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    for (std::size_t i = 0; i != 3; ++i) thousandths = thousandths * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
    if (fraction.size() > 3) {
        bool const more = fraction.find_first_not_of('0', 4) != std::string_view::npos;
        char const next = fraction[3];
        if (next > '5' || (next == '5' && (more || thousandths % 2 != 0))) ++thousandths;
    }
    if (thousandths > detail::max_integer) return errc::out_of_range;
    return decimal{value < 0 ? -thousandths : thousandths};
}

}}}} // namespace signet::http::sf

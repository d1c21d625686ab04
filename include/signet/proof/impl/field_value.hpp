// SPDX-License-Identifier: BSL-1.0
// The value of a header field without the white space around it.
#pragma once

#include <signet/version.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof { namespace detail {

// RFC 9110 5.5: white space around a field's value is not part of it.
inline std::string_view trimmed(std::string_view value) noexcept {
    auto const first = value.find_first_not_of(" \t");
    if (first == value.npos) return {};
    return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

}}}} // namespace signet::proof::detail

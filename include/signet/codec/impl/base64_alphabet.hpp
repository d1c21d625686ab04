// SPDX-License-Identifier: BSL-1.0
// Base64 with + and / and padding (RFC 4648 section 4), as base64url reads it (section 5).
#pragma once

#include <signet/version.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

// The two characters in which the alphabets differ, and the padding if the length is that of padded text. Everything
// else stays, for base64url_decode to judge.
inline std::string base64_as_base64url(std::string_view text) {
    if (text.size() % 4 == 0)
        for (int i = 0; i != 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    std::string url{text};
    std::replace(url.begin(), url.end(), '+', '-');
    std::replace(url.begin(), url.end(), '/', '_');
    return url;
}

}}}} // namespace signet::codec::detail

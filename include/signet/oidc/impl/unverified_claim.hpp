// SPDX-License-Identifier: BSL-1.0
// What a token says of whom it is, before the keys to verify it are known.
#pragma once

#include <signet/jose/peek.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace oidc { namespace detail {

// The text of the first of these claims that is there, or the only one of its list. Nobody has verified it.
inline std::string unverified_claim(std::string_view token, std::initializer_list<std::string_view> names) {
    auto const read = jose::peek(token);
    if (!read || !read->unverified_value().payload().is_object()) return {};
    for (auto const name : names) {
        auto const claim = read->unverified_value().payload().find(name);
        if (!claim) continue;
        auto const only = claim->is_array() && claim->size() == 1 ? *claim->begin() : *claim;
        return std::string{only.as_string().value_or("")};
    }
    return {};
}

}}}} // namespace signet::oidc::detail

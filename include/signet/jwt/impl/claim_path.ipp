// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jwt/claim_path.hpp>
#include <signet/jwt/impl/claims_view.ipp>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

SIGNET_DECL result<codec::json_value> claim_path::find(claims_view const& claims) const noexcept {
    if (names_.empty()) return errc::claim_missing;
    auto value = claims.root();
    for (auto const& name : names_) {
        auto const next = detail::member_of(value, name);
        if (!next) return next.error();
        value = *next;
    }
    return value;
}

SIGNET_DECL bool has_word(codec::json_value value, std::string_view word) noexcept {
    if (word.empty()) return false;
    auto const words = value.as_string();
    if (!words) return string_list{value}.contains(word);
    for (auto rest = *words; !rest.empty();) {
        auto const end = rest.find(' ');
        if (rest.substr(0, end) == word) return true;
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    return false;
}

SIGNET_DECL bool permission_claims::has_scope(claims_view const& token, std::string_view word) const noexcept {
    auto const found = scope.find(token);
    return found && has_word(*found, word);
}

SIGNET_DECL bool permission_claims::has_role(claims_view const& token, std::string_view role) const noexcept {
    auto const found = roles.find(token);
    return found && !role.empty() && string_list{*found}.contains(role);
}

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jwt/claim_path.hpp>
#include <signet/jwt/impl/claims_view.ipp>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

SIGNET_DECL result<codec::json_value> claim_path::find(claims_view const& claims) const noexcept {
    return detail::member_at(claims.root(), names_);
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

// SPDX-License-Identifier: BSL-1.0
// Where a claim is: the names of the objects that it is in, and its own. For claims that issuers choose the place of.
#pragma once

#include <signet/jwt/claims_view.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The place of a claim: `"scp"`, or `{"realm_access", "roles"}` for a member of an object. Owns its names. A dot or a
/// slash in a name has no meaning, so that `"https://example.com/roles"` is one name.
class claim_path {
public:
    claim_path() = default; ///< no place; nothing is there
    /// Names one claim.
    claim_path(char const* name) : names_{name ? name : ""} {}
    claim_path(std::nullptr_t) = delete;
    claim_path(std::string name) { names_.push_back(std::move(name)); }
    claim_path(std::string_view name) { names_.emplace_back(name); }
    /// Names a member of objects, the outermost first.
    claim_path(std::initializer_list<std::string_view> names) : names_(names.begin(), names.end()) {}

    /// Returns the names, the outermost first.
    [[nodiscard]] std::vector<std::string> const& names() const noexcept { return names_; }
    /// Returns whether there are no names.
    [[nodiscard]] bool empty() const noexcept { return names_.empty(); }
    /// Returns the value of these claims at this place.
    ///
    /// Lifetime: the value refers to the token.
    /// Errors: `claim_missing` if nothing or null is there; `claim_wrong_type` if a name before the last is of no
    /// object.
    [[nodiscard]] SIGNET_DECL result<codec::json_value> find(claims_view const& claims) const noexcept;

private:
    std::vector<std::string> names_;
};

/// The claims in which an issuer writes what a token permits. Each issuer of <signet/jwt/providers.hpp> has a function
/// that makes it; change a member where yours is configured otherwise.
///
/// Example: `auto const names = jwt::keycloak_claims(); if (names.has_role(*token, "buyer")) ...`
struct permission_claims {
    claim_path scope{"scope"}; ///< a text of words or an array
    claim_path roles{"roles"}; ///< an array, or one role as a text

    /// Returns whether the token has that scope.
    [[nodiscard]] SIGNET_DECL bool has_scope(claims_view const& token, std::string_view word) const noexcept;
    /// Returns whether the token has that role. A role may have spaces.
    [[nodiscard]] SIGNET_DECL bool has_role(claims_view const& token, std::string_view role) const noexcept;
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/claim_path.ipp>
#endif

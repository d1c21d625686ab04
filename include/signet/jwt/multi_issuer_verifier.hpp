// SPDX-License-Identifier: BSL-1.0
// Several issuers, each with keys and a policy of its own (RFC 8725 section 3.8).
#pragma once

#include <signet/jwt/any_verifier.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

template <class V, class Allocator> class caching_verifier;

/// Passes each token to the verifier of its issuer, and refuses unknown issuers.
///
/// The unverified `iss` only selects the verifier, whose policy then requires it. So no token passes with the keys of
/// another issuer.
///
/// Thread safety: `verify` may be called concurrently, also with `swap`. Call `add` before threads share this object.
///
/// Example: `jwt::multi_issuer_verifier all; all.add(std::move(a)); all.add(std::move(b)); auto t = all.verify(text,
/// now);`
class multi_issuer_verifier {
public:
    /// Adds a verifier for the issuers that its policy names. A policy with a `tenant_claim` is for all tenants that
    /// have no verifier of their own.
    ///
    /// Errors: `wrong_issuer` for a policy that waives the issuer or names none, and for an issuer that was added
    /// already.
    template <class V> result<void> add(V verifier) { return add(std::move(verifier).handle()); }

    /// Verifies a token. Errors: those of the verifier; `wrong_issuer` for a payload that cannot be read or names no
    /// known issuer.
    [[nodiscard]] SIGNET_DECL result<verified> verify(std::string_view text,
                                                      scratch_base& buffer [[clang::lifetimebound]],
                                                      unix_time now) const;
    [[nodiscard]] SIGNET_DECL result<token> verify(std::string_view text, unix_time now) const;
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete;
    void verify(std::string_view, signet::detail::no_time) const = delete;

    /// Replaces the keys of that issuer, like `verifier::swap`. The issuer is one that a policy names, for many tenants
    /// the text with `{tenantid}`: a tenant without a verifier of its own is unknown here.
    ///
    /// Errors: `wrong_issuer` if the issuer is unknown; `algorithm_not_allowed` if the set accepts other algorithms
    /// than the verifier.
    SIGNET_DECL result<void> swap(std::string_view issuer, jose::any_key_set keys);

    /// Returns the current keys of that issuer, named as for `swap`. Errors: `wrong_issuer` if the issuer is unknown.
    [[nodiscard]] SIGNET_DECL result<std::shared_ptr<jose::any_key_set const>> keys(std::string_view issuer) const;

    /// Prepares keys of each verifier in turn, like `verifier::prepare`. The limits hold for each. Returns the number
    /// of tables made.
    SIGNET_DECL std::size_t prepare(preparation const& how = {});

private:
    template <class V, class Allocator> friend class caching_verifier;
    struct route {
        std::string issuer;
        std::shared_ptr<detail::verifier_handle const> core;
    };
    SIGNET_DECL result<void> add(detail::verifier_handle&& core);
    /// The route that was added under exactly this name.
    [[nodiscard]] SIGNET_DECL route const* find_named(std::string_view name) const noexcept;
    /// The route for a token of that issuer: its own, else one for many tenants whose name it fits.
    [[nodiscard]] SIGNET_DECL route const* find_for(std::string_view issuer) const noexcept;
    /// The verifier for a token, by its unverified issuer. Into memory that the verification writes anew, or its own.
    [[nodiscard]] SIGNET_DECL result<route const*> choose(std::string_view text, scratch_base& buffer) const;
    [[nodiscard]] SIGNET_DECL result<route const*> choose(std::string_view text) const;
    [[nodiscard]] std::size_t max_token() const noexcept;
    std::vector<route> routes_;    // those for many tenants first, then the others; each sorted by issuer
    std::size_t many_tenants_ = 0; // how many of the first kind
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/multi_issuer_verifier.ipp>
#endif

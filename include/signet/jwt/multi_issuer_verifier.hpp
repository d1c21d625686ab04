// SPDX-License-Identifier: BSL-1.0
// Several issuers, each with keys and a policy of its own (RFC 8725 section 3.8).
#pragma once

#include <signet/jwt/any_verifier.hpp>

#include <memory>
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
/// Thread safety: may be called concurrently, including `add`, so you can add a tenant while others are served.
///
/// Example: `jwt::multi_issuer_verifier all; all.add(std::move(a)); all.add(std::move(b)); auto t = all.verify(text,
/// now);`
class multi_issuer_verifier {
public:
    SIGNET_DECL multi_issuer_verifier();                                 ///< knows no issuer
    SIGNET_DECL multi_issuer_verifier(multi_issuer_verifier&&) noexcept; ///< the other one may only be destroyed
    SIGNET_DECL multi_issuer_verifier& operator=(multi_issuer_verifier&&) noexcept;
    SIGNET_DECL ~multi_issuer_verifier();

    /// Adds a verifier for the issuers that its policy names. A policy with a `tenant_claim` is for all tenants that
    /// have no verifier of their own.
    ///
    /// Errors: `wrong_issuer` for a policy that waives the issuer or names none, and for an issuer that was added
    /// already.
    template <class V> result<void> add(V verifier) {
        return add(std::make_shared<entry>(std::move(verifier).handle()));
    }

    /// Verifies a token. Errors: those of the verifier; `wrong_issuer` for a payload that cannot be read or names no
    /// known issuer.
    [[nodiscard]] SIGNET_DECL result<verified> verify(std::string_view text,
                                                      scratch_base& buffer [[clang::lifetimebound]],
                                                      unix_time now) const;
    [[nodiscard]] SIGNET_DECL result<token> verify(std::string_view text, unix_time now) const;
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete; // the same
    void verify(std::string_view, signet::detail::no_time) const = delete; // wanted: floor<std::chrono::seconds>(now)

    /// Does what the function of this name does in `verifier`.
    template <class Then> void verify_later(std::string text, unix_time now, Then then) const {
        detail::verify_later(
            now, [this, text = std::move(text)](detail::key_wait& wait) { return verify(text, wait.now, wait); },
            std::move(then));
    }
    void verify_later(std::string, signet::detail::no_time, auto) const = delete;
    /// Refreshes the keys of each verifier in turn, like `verifier::refresh`. Returns when to call again.
    SIGNET_DECL unix_time refresh(unix_time now);
    void refresh(signet::detail::no_time) = delete;

    /// Replaces the keys of that issuer, like `verifier::swap`. Name the issuer as its policy does: for many tenants,
    /// the text with `{tenantid}`. A single tenant without a verifier of its own is unknown here.
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
    struct entry {
        explicit entry(detail::verifier_handle verifier) noexcept : core{std::move(verifier)} {}
        detail::verifier_handle core;
        std::shared_ptr<void const> cache; // of a `caching_verifier`
    };
    using handle = std::shared_ptr<entry>;
    struct table; // jwt/impl
    SIGNET_DECL result<void> add(handle fresh);
    /// Each verifier once.
    [[nodiscard]] SIGNET_DECL std::vector<handle> handles() const;
    template <class F> void for_each(F f) const {
        visit([](entry& one, void* with) { (*static_cast<F*>(with))(one); }, &f);
    }
    SIGNET_DECL void visit(void (*f)(entry&, void*), void* with) const;
    /// The verifier that was added under exactly this name. Errors: `wrong_issuer`.
    [[nodiscard]] SIGNET_DECL result<handle> find_named(std::string_view name) const;
    /// The verifier for a token of that issuer: its own, else one for many tenants whose name it fits. Errors:
    /// `wrong_issuer`.
    [[nodiscard]] SIGNET_DECL result<handle> find_for(std::string_view issuer) const;
    /// The verifier for a token, by its unverified issuer. Into memory that the verification writes anew, or its own.
    [[nodiscard]] SIGNET_DECL result<handle> choose(std::string_view text, scratch_base& buffer) const;
    [[nodiscard]] SIGNET_DECL result<handle> choose(std::string_view text) const;
    [[nodiscard]] SIGNET_DECL result<token> verify(std::string_view text, unix_time now, detail::key_wait& later) const;
    std::unique_ptr<table> table_;
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/multi_issuer_verifier.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Several issuers, each with keys and a policy of its own (RFC 8725 section 3.8).
#pragma once

#include <signet/jwt/any_verifier.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// Sends each token to the one verifier for the issuer it names, and refuses unknown issuers.
///
/// The unverified `iss` only chooses; that verifier's policy then demands it, so a token can never be judged by the
/// keys of one issuer and pass for another's. Fill it before threads share it. Keys are rotated with `swap`.
///
/// Example: `jwt::multi_issuer_verifier all; all.add(std::move(a)); all.add(std::move(b)); auto t = all.verify(text,
/// now);`
class multi_issuer_verifier {
public:
    /// Takes a verifier for the issuers its policy names. A policy that waives the issuer or names none, and an issuer
    /// that is there already, are refused: `wrong_issuer`.
    template <class V> result<void> add(V verifier) { return add(std::move(verifier).handle()); }

    /// Errors as the verifier's; a payload that cannot be read or names no known issuer is `wrong_issuer`.
    [[nodiscard]] SIGNET_DECL result<verified> verify(std::string_view text,
                                                      scratch_base& buffer [[clang::lifetimebound]],
                                                      unix_time now) const;
    [[nodiscard]] SIGNET_DECL result<token> verify(std::string_view text, unix_time now) const;
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete;
    void verify(std::string_view, signet::detail::no_time) const = delete;

    /// The keys of that issuer are replaced, as `verifier::swap` does; `wrong_issuer` if it is unknown, and
    /// `algorithm_not_allowed` for a list that takes other algorithms than its verifier.
    SIGNET_DECL result<void> swap(std::string_view issuer, jose::any_key_set keys);

    /// As `verifier::prepare`, for every verifier in turn; the limits hold for each. Returns how many tables it made.
    SIGNET_DECL std::size_t prepare(preparation const& how = {});

private:
    SIGNET_DECL result<void> add(detail::verifier_handle&& core);
    [[nodiscard]] SIGNET_DECL detail::verifier_handle const* find(std::string_view issuer) const noexcept;
    [[nodiscard]] std::size_t max_token() const noexcept;
    struct route {
        std::string issuer;
        std::shared_ptr<detail::verifier_handle const> core;
    };
    std::vector<route> routes_; // sorted by issuer
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/multi_issuer_verifier.ipp>
#endif

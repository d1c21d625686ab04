// SPDX-License-Identifier: BSL-1.0
// A verifier whose algorithms come from configuration.
#pragma once

#include <signet/jwt/verifier.hpp>

#include <span>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The set named by `names`, spelled as in a header's `alg`; "EdDSA" and "Ed25519" are the same one.
///
/// Errors: `unsupported_algorithm` for a name that is unknown or "none", and for no names at all; `mixed_algorithms`
/// for a MAC beside anything else: what the types of `verifier<A...>` refuse when compiling is refused here when
/// starting.
[[nodiscard]] SIGNET_DECL result<algorithm_set> parse_algorithms(std::span<std::string_view const> names) noexcept;

/// As `verifier<A...>`, with a list of algorithms that is known only when the program starts.
///
/// Example: `auto accepted = jwt::parse_algorithms(names); auto v = jwt::any_verifier::parse(*accepted, jwks, rules);`
class any_verifier {
public:
    /// With keys that were read already; those for algorithms outside `accepted` are never used.
    /// `mixed_algorithms`, as parse_algorithms.
    [[nodiscard]] static SIGNET_DECL result<any_verifier> make(algorithm_set accepted, jose::any_key_set keys,
                                                               policy rules,
                                                               std::optional<crypto::generator_tables> generators = {});
    /// With the keys of a JWK set; errors besides as `jose::parse_key_list`.
    [[nodiscard]] static SIGNET_DECL result<any_verifier> parse(
        algorithm_set accepted, std::string_view jwks, policy rules,
        std::optional<crypto::generator_tables> generators = {});

    /// As `verifier`'s of the same names.
    [[nodiscard]] result<verified> verify(std::string_view text, scratch_base& buffer [[clang::lifetimebound]],
                                          unix_time now) const {
        return core_.verify(text, buffer, now);
    }
    [[nodiscard]] result<token> verify(std::string_view text, unix_time now) const { return core_.verify(text, now); }
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete;
    void verify(std::string_view, signet::detail::no_time) const = delete;
    SIGNET_DECL void swap(jose::any_key_set keys);
    [[nodiscard]] thread_verifier make_thread_verifier() const& [[clang::lifetimebound]] {
        return thread_verifier{core_};
    }
    thread_verifier make_thread_verifier() const&& = delete;

    /// As `verifier`'s of the same names.
    std::size_t prepare(preparation const& how = {}) { return core_.prepare(how); }
    [[nodiscard]] SIGNET_DECL std::vector<wanted_key> keys_to_prepare(preparation const& how = {
                                                                          .at_least = worth_preparing}) const;
    [[nodiscard]] bool install(crypto::prepared_key const& tables, std::size_t max_bytes = preparation{}.max_bytes) {
        return core_.install(tables, max_bytes);
    }
    [[nodiscard]] crypto::generator_tables const* generators() const& noexcept [[clang::lifetimebound]] {
        return core_.generators();
    }
    crypto::generator_tables const* generators() const&& = delete;

    /// The algorithms it was made for; the others as `verifier`'s of the same names.
    [[nodiscard]] algorithm_set accepted() const noexcept { return core_.accepted(); }
    [[nodiscard]] policy const& get_policy() const& noexcept [[clang::lifetimebound]] { return core_.get_policy(); }
    policy const& get_policy() const&& = delete;
    [[nodiscard]] std::uint64_t key_generation() const noexcept { return core_.key_generation(); }
    [[nodiscard]] SIGNET_DECL std::shared_ptr<jose::any_key_set const> keys() const;
    [[nodiscard]] detail::verifier_handle const& handle() const& noexcept { return core_; }
    [[nodiscard]] detail::verifier_handle&& handle() && noexcept { return std::move(core_); }

private:
    explicit any_verifier(detail::verifier_handle core) noexcept : core_{std::move(core)} {}
    detail::verifier_handle core_;
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/any_verifier.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// A verifier whose algorithms come from configuration.
#pragma once

#include <signet/jwt/verifier.hpp>

#include <span>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// Returns the set of the algorithms in `names`, spelled as in the `alg` of a header. "EdDSA" and "Ed25519" are the
/// same algorithm.
///
/// Errors: `unsupported_algorithm` for an unknown name, "none", or no names; `mixed_algorithms` for a MAC together with
/// anything else.
[[nodiscard]] SIGNET_DECL result<algorithm_set> parse_algorithms(std::span<std::string_view const> names) noexcept;

/// A verifier whose algorithms are chosen at run time. Otherwise it is like `verifier<A...>`.
///
/// Example: `auto accepted = jwt::parse_algorithms(names); auto v = jwt::any_verifier::parse(*accepted, jwks, policy);`
class any_verifier {
public:
    /// Makes a verifier from keys that were read already. Keys for algorithms outside `accepted` are never used.
    /// Errors: `mixed_algorithms`.
    [[nodiscard]] static SIGNET_DECL result<any_verifier> make(algorithm_set accepted, jose::any_key_set keys,
                                                               policy policy,
                                                               std::optional<crypto::generator_tables> generators = {});
    /// Makes a verifier whose keys are those of an issuer's JWK set, fetched when needed. Errors: `mixed_algorithms`.
    [[nodiscard]] static SIGNET_DECL result<any_verifier> make(algorithm_set accepted, key_source source, policy policy,
                                                               std::optional<crypto::generator_tables> generators = {});
    /// Makes a verifier from the keys of a JWK set. Errors: those of `make` and `jose::parse_key_list`.
    [[nodiscard]] static SIGNET_DECL result<any_verifier> parse(
        algorithm_set accepted, std::string_view jwks, policy policy,
        std::optional<crypto::generator_tables> generators = {});

    /// Do what the functions of these names do in `verifier`.
    [[nodiscard]] result<verified> verify(std::string_view text, scratch_base& buffer [[clang::lifetimebound]],
                                          unix_time now) const {
        return core_.verify(text, buffer, now);
    }
    [[nodiscard]] result<token> verify(std::string_view text, unix_time now) const { return core_.verify(text, now); }
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete; // the same
    void verify(std::string_view, signet::detail::no_time) const = delete; // wanted: floor<std::chrono::seconds>(now)
    template <class Then> void verify_later(std::string text, unix_time now, Then then) const {
        detail::verify_later(
            now, [this, text = std::move(text)](detail::key_wait& wait) { return core_.verify(text, wait.now, &wait); },
            std::move(then));
    }
    void verify_later(std::string, signet::detail::no_time, auto) const = delete;
    /// Do what the functions of these names do in `verifier`.
    unix_time refresh(unix_time now) { return core_.refresh(now); }
    void refresh(signet::detail::no_time) = delete;
    /// Do what the functions of these names do in `verifier`.
    SIGNET_DECL void swap(jose::any_key_set keys);
    [[nodiscard]] thread_verifier make_thread_verifier() const& [[clang::lifetimebound]] {
        return thread_verifier{core_};
    }
    thread_verifier make_thread_verifier() const&& = delete;

    /// Do what the functions of these names do in `verifier`.
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

    /// Return the algorithms, and what the functions of these names return in `verifier`.
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

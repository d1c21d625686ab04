// SPDX-License-Identifier: BSL-1.0
// Verifies signed tokens (RFC 7519 section 7.2, RFC 7515 section 5.2, RFC 8725).
#pragma once

#include <signet/crypto/algorithm.hpp>
#include <signet/jose/jwk_set.hpp>
#include <signet/jwt/policy.hpp>
#include <signet/jwt/preparation.hpp>
#include <signet/jwt/verified.hpp>

#include <memory>
#include <optional>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

class thread_verifier;

namespace detail {

class verifier_core; // policy, keys and per-thread states; jwt/impl
struct verifier_state;
class key_check; // one key's operation
struct own_functions;

[[nodiscard]] SIGNET_DECL key_check* make_mac_check(jose::key_entry const& key, alg a);
[[nodiscard]] SIGNET_DECL key_check* make_signature_check(jose::key_entry const& key, alg a);
[[nodiscard]] SIGNET_DECL own_functions const* own_arithmetic() noexcept;

/// The algorithms that a verifier accepts, and the functions that verify them. The bodies behind are no templates, yet
/// a program, and the time that a header-only unit takes, has only what some verifier names here.
struct check_functions {
    algorithm_set accepted;
    // Both give an operation that the caller deletes, or nullptr where the key cannot be used with the algorithm.
    key_check* (*make_mac)(jose::key_entry const& key, alg a) = nullptr;
    key_check* (*make_signature)(jose::key_entry const& key, alg a) = nullptr;
    own_functions const* (*own)() noexcept = nullptr; ///< ES256 and Ed25519 by signet's arithmetic
    crypto::detail::curves curves;                    ///< of that

    template <algorithm... A> static constexpr check_functions of() noexcept {
        check_functions f{.accepted = algorithm_set::of<A...>(), .curves = {}};
        if constexpr ((symmetric<A> || ...)) f.make_mac = make_mac_check;
        if constexpr ((asymmetric<A> || ...)) f.make_signature = make_signature_check;
        if constexpr ((crypto::can_be_prepared(A::id) || ...)) f.own = own_arithmetic;
        if constexpr (((A::id == alg::es256) || ...)) f.curves.p256 = crypto::detail::p256_arithmetic;
        if constexpr (((A::id == alg::ed25519) || ...)) f.curves.ed25519 = crypto::detail::ed25519_arithmetic;
        return f;
    }
};

/// What every verifier is behind its shell of constraints: no template, one pointer.
class verifier_handle {
public:
    SIGNET_DECL verifier_handle(check_functions const& how, jose::any_key_set&& keys, policy&& rules);
    SIGNET_DECL verifier_handle(check_functions const& how, jose::any_key_set&& keys, policy&& rules,
                                std::optional<crypto::generator_tables>&& generators);
    SIGNET_DECL verifier_handle(verifier_handle&&) noexcept;
    SIGNET_DECL verifier_handle& operator=(verifier_handle&&) noexcept;
    SIGNET_DECL ~verifier_handle();

    SIGNET_DECL result<verified> verify(std::string_view text, scratch_base& buffer, unix_time now) const;
    SIGNET_DECL result<token> verify(std::string_view text, unix_time now) const;
    SIGNET_DECL void swap(std::shared_ptr<jose::any_key_set const> keys) const;
    [[nodiscard]] SIGNET_DECL std::shared_ptr<jose::any_key_set const> keys() const;
    [[nodiscard]] SIGNET_DECL std::uint64_t key_generation() const noexcept;
    [[nodiscard]] SIGNET_DECL std::vector<wanted_key> keys_to_prepare(preparation const& how) const;
    [[nodiscard]] SIGNET_DECL bool install(crypto::prepared_key const& tables, std::size_t max_bytes) const;
    SIGNET_DECL std::size_t prepare(preparation const& how) const;
    [[nodiscard]] SIGNET_DECL crypto::generator_tables const* generators() const noexcept;
    [[nodiscard]] SIGNET_DECL policy const& get_policy() const noexcept;
    [[nodiscard]] SIGNET_DECL algorithm_set accepted() const noexcept;

private:
    friend class jwt::thread_verifier;
    verifier_core*
        core_; // owned; a plain pointer, as what std::unique_ptr brings is seen in the time that a unit takes
};

} // namespace detail

/// A verifier's unshared state for one thread that verifies a lot: nothing is borrowed or given back.
/// The verifier must outlive it; a later `swap` of keys is seen. For one thread at a time.
class thread_verifier {
public:
    /// As `verifier`'s of the same names.
    [[nodiscard]] SIGNET_DECL result<verified> verify(std::string_view token,
                                                      scratch_base& buffer [[clang::lifetimebound]], unix_time now);
    [[nodiscard]] SIGNET_DECL result<jwt::token> verify(std::string_view token, unix_time now);
    void verify(std::string_view, scratch_base&, signet::detail::no_time) = delete;
    void verify(std::string_view, signet::detail::no_time) = delete;

    /// Made by `verifier::make_thread_verifier()`.
    explicit SIGNET_DECL thread_verifier(detail::verifier_handle const& of);
    SIGNET_DECL thread_verifier(thread_verifier&& other) noexcept;
    SIGNET_DECL thread_verifier& operator=(thread_verifier&& other) noexcept;
    SIGNET_DECL ~thread_verifier();

private:
    detail::verifier_core* core_;
    detail::verifier_state* state_; // owned
};

/// Accepts tokens of the algorithms `A...` and no others: any number of signature algorithms, or exactly one MAC.
///
/// Made once and shared: `verify` may be called by any number of threads at the same time, without a lock on the way.
/// Checks in this order, and the first that fails is the answer: form and size, header, key, signature, payload's JSON,
/// claims. Errors: `token_too_large`, `malformed_token`, `encrypted_token`, base64_*, json_*, `malformed_header`,
/// `unknown_critical_header`, `unsigned_token`, `algorithm_not_allowed`, `algorithm_mismatch`, `unknown_key`,
/// `kid_required`, `bad_signature`, `malformed_payload`, `out_of_range` where `now` is 1970 or earlier, and those of
/// `policy`.
///
/// Key look-up: the header's `kid` names the key, and the key's own algorithm must be the header's `alg`. Without `kid`
/// at most four keys of that algorithm are tried. A key in the header (`jwk`, `jku`, `x5u`, `x5c`) is never used.
///
/// ES256 and Ed25519 are verified by signet's own arithmetic, faster still for keys with tables (`prepare`), unless the
/// policy says `.prepared_keys = false`: then, as for all other algorithms, Botan judges. docs/guide/crypto.md says
/// exactly what is accepted.
///
/// Example: `jwt::verifier access{keys, {.issuer = "https://id", .audience = "orders", .type = "at+jwt"}};`
template <algorithm... A>
    requires acceptable_together<A...>
class verifier {
public:
    /// Verifiers of ES256 or Ed25519 need base tables: those given, which may be shared with others, if they serve all
    /// of `A...`, or some of their own for the curves of `A...`: for both a millisecond and 370 KiB.
    verifier(jose::key_set<A...> keys, policy rules)
        : core_{detail::check_functions::of<A...>(), std::move(keys).as_any(), std::move(rules)} {}
    verifier(jose::key_set<A...> keys, policy rules, std::optional<crypto::generator_tables> generators)
        : core_{detail::check_functions::of<A...>(), std::move(keys).as_any(), std::move(rules),
                std::move(generators)} {}

    /// Verifies into the caller's scratch, which the result views and holds. Allocates nothing once this thread is
    /// warm. A held scratch is refused with `buffer_in_use`. The effective size limit is the smaller of policy's and
    /// scratch's.
    [[nodiscard]] result<verified> verify(std::string_view text, scratch_base& buffer [[clang::lifetimebound]],
                                          unix_time now) const {
        return core_.verify(text, buffer, now);
    }

    /// Verifies into memory that the result owns.
    [[nodiscard]] result<token> verify(std::string_view text, unix_time now) const { return core_.verify(text, now); }
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete; // `{}` is no time
    void verify(std::string_view, signet::detail::no_time) const = delete;

    /// Replaces the keys while other threads verify. After it has returned, no verification that begins accepts a key
    /// that is not in the new set; one already under way may still use the old set.
    void swap(jose::key_set<A...> keys) { core_.swap(std::move(keys).share()); }

    /// A state of its own for the calling thread.
    [[nodiscard]] thread_verifier make_thread_verifier() const& [[clang::lifetimebound]] {
        return thread_verifier{core_};
    }
    thread_verifier make_thread_verifier() const&& = delete; // it would outlive this verifier

    /// Makes tables for the ES256 and Ed25519 keys that verified most, as many as fit, and uses them from then on;
    /// returns how many. At start, when none verified anything, for any. A quarter to half a millisecond a key, on
    /// whatever thread calls; other threads verify on. Example: `access.prepare();`
    std::size_t prepare(preparation const& how = {}) { return core_.prepare(how); }
    /// The keys that `prepare` would make tables for, most used first: to be made where and when one likes, with
    /// `crypto::prepared_key::make(*access.generators(), wanted.key, how.shape)`, and installed.
    [[nodiscard]] std::vector<wanted_key> keys_to_prepare(preparation const& how = {
                                                              .at_least = worth_preparing}) const {
        return core_.keys_to_prepare(how);
    }
    /// Uses these tables from now on. Others leave, the least used first, so that all fit `max_bytes`, but none that
    /// verified half as much. False if the key is not, or no longer, one of this verifier's, if no room can be made, or
    /// if the policy wants none. Tables leave too when `swap` takes their key away; a `thread_verifier` drops them with
    /// its next use.
    [[nodiscard]] bool install(crypto::prepared_key const& tables, std::size_t max_bytes = preparation{}.max_bytes) {
        return core_.install(tables, max_bytes);
    }
    /// What all its keys share, also for other verifiers; nullptr where Botan judges everything.
    [[nodiscard]] crypto::generator_tables const* generators() const& noexcept [[clang::lifetimebound]] {
        return core_.generators();
    }
    crypto::generator_tables const* generators() const&& = delete;

    /// The policy it was made with.
    [[nodiscard]] policy const& get_policy() const& noexcept [[clang::lifetimebound]] { return core_.get_policy(); }
    policy const& get_policy() const&& = delete;
    /// Grows with every `swap`; caches compare it.
    [[nodiscard]] std::uint64_t key_generation() const noexcept { return core_.key_generation(); }
    /// The keys in use now.
    [[nodiscard]] std::shared_ptr<jose::any_key_set const> keys() const { return core_.keys(); }
    /// For caches and routers of signet.
    [[nodiscard]] detail::verifier_handle const& handle() const& noexcept { return core_; }
    [[nodiscard]] detail::verifier_handle&& handle() && noexcept { return std::move(core_); }

private:
    detail::verifier_handle core_;
};

template <algorithm... A> verifier(jose::key_set<A...>, policy) -> verifier<A...>;
template <algorithm... A> verifier(jose::key_set<A...>, policy, std::optional<crypto::generator_tables>)
    -> verifier<A...>;

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/verifier.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Verifies signed tokens (RFC 7519 section 7.2, RFC 7515 section 5.2, RFC 8725).
#pragma once

#include <signet/crypto/algorithm.hpp>
#include <signet/jose/jwk_set.hpp>
#include <signet/jwt/key_source.hpp>
#include <signet/jwt/policy.hpp>
#include <signet/jwt/preparation.hpp>
#include <signet/jwt/verified.hpp>

#include <memory>
#include <optional>
#include <string>
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
struct ml_dsa_functions;
[[nodiscard]] SIGNET_DECL ml_dsa_functions const* ml_dsa_arithmetic() noexcept;

/// Whether a program can verify ML-DSA.
#ifdef SIGNET_NO_CURVE_ARITHMETIC
inline constexpr bool has_ml_dsa = false;
#else
inline constexpr bool has_ml_dsa = true;
#endif

/// The functions that verify the algorithms of a verifier. The bodies of verifiers are not templates; through these
/// pointers a program contains only the algorithms that its verifiers name.
struct check_functions {
    algorithm_set accepted;
    // Both give an operation that the caller deletes, or nullptr where the key cannot be used with the algorithm.
    key_check* (*make_mac)(jose::key_entry const& key, alg a) = nullptr;
    key_check* (*make_signature)(jose::key_entry const& key, alg a) = nullptr;
    own_functions const* (*own)() noexcept = nullptr;       ///< for ES256, Ed25519 and ML-DSA by signet's arithmetic
    crypto::detail::curves curves;                          ///< the curves of that arithmetic
    ml_dsa_functions const* (*ml_dsa)() noexcept = nullptr; ///< ML-DSA, of that arithmetic or without it

    template <algorithm... A> static constexpr check_functions of() noexcept {
        static_assert(has_ml_dsa || ((traits(A::id).type != key_type::akp) && ...),
                      "with SIGNET_NO_CURVE_ARITHMETIC there is no verification of ML-DSA");
        check_functions f{.accepted = algorithm_set::of<A...>(), .curves = {}};
        if constexpr ((symmetric<A> || ...)) f.make_mac = make_mac_check;
        if constexpr ((asymmetric<A> || ...)) f.make_signature = make_signature_check;
        if constexpr ((crypto::can_be_prepared(A::id) || ...)) f.own = own_arithmetic;
        if constexpr (((traits(A::id).type == key_type::akp) || ...)) f.ml_dsa = ml_dsa_arithmetic;
        if constexpr (((A::id == alg::es256) || ...)) f.curves.p256 = crypto::detail::p256_arithmetic;
        if constexpr (((A::id == alg::ed25519) || ...)) f.curves.ed25519 = crypto::detail::ed25519_arithmetic;
        return f;
    }
};

/// A verifier without its algorithms in the type. Consists of one pointer.
class verifier_handle {
public:
    SIGNET_DECL verifier_handle(check_functions const& how, jose::any_key_set&& keys, policy&& policy);
    SIGNET_DECL verifier_handle(check_functions const& how, jose::any_key_set&& keys, policy&& policy,
                                std::optional<crypto::generator_tables>&& generators);
    SIGNET_DECL verifier_handle(check_functions const& how, key_source&& source, key_list_reader read, policy&& policy,
                                std::optional<crypto::generator_tables>&& generators);
    SIGNET_DECL verifier_handle(verifier_handle&&) noexcept;
    SIGNET_DECL verifier_handle& operator=(verifier_handle&&) noexcept;
    SIGNET_DECL ~verifier_handle();

    SIGNET_DECL result<verified> verify(std::string_view text, scratch_base& buffer, unix_time now) const;
    SIGNET_DECL result<token> verify(std::string_view text, unix_time now, key_wait* later = nullptr) const;
    /// Sees to it that a source's keys may be used at `now`, or waits for that.
    SIGNET_DECL result<void> look_after_keys(unix_time& now, key_wait* later) const;
    SIGNET_DECL unix_time refresh(unix_time now) const;
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

/// A per-thread verifier: the unshared state of a verifier for one thread that verifies a lot. It borrows and returns
/// nothing per call. A `swap` of the verifier's keys takes effect at the next call.
///
/// Lifetime: the verifier must outlive it.
/// Thread safety: one thread at a time.
class thread_verifier {
public:
    /// Do what the functions of these names do in `verifier`.
    [[nodiscard]] SIGNET_DECL result<verified> verify(std::string_view token,
                                                      scratch_base& buffer [[clang::lifetimebound]], unix_time now);
    [[nodiscard]] SIGNET_DECL result<jwt::token> verify(std::string_view token, unix_time now);
    void verify(std::string_view, scratch_base&, signet::detail::no_time) = delete; // the same
    void verify(std::string_view, signet::detail::no_time) = delete; // wanted: floor<std::chrono::seconds>(now)

    /// Use `verifier::make_thread_verifier()`.
    explicit SIGNET_DECL thread_verifier(detail::verifier_handle const& of);
    SIGNET_DECL thread_verifier(thread_verifier&& other) noexcept;
    SIGNET_DECL thread_verifier& operator=(thread_verifier&& other) noexcept;
    SIGNET_DECL ~thread_verifier();

private:
    detail::verifier_core* core_;
    detail::verifier_state* state_; // owned
};

/// Verifies tokens of the algorithms `A...` and no others: any number of signature algorithms, or exactly one MAC.
///
/// It checks form and size, header, key, signature, the payload's JSON and the claims, in this order. The first failure
/// is the error. The header's `kid` selects the key, whose own algorithm must be the header's `alg`. Without `kid` at
/// most four keys of that algorithm are tried. A key in the header (`jwk`, `jku`, `x5u`, `x5c`) is never used.
///
/// signet's own arithmetic verifies ES256, Ed25519 and ML-DSA, with tables for each key. The constructor and `swap`
/// make the tables if those of all keys fit in the policy's `max_table_bytes`. Botan verifies all other algorithms, and
/// with `.prepared_keys = false` ES256 and Ed25519 too. docs/guide/crypto.md says exactly what is accepted.
///
/// Thread safety: may be called concurrently, without a lock; make one verifier and share it.
/// Errors of `verify`: `token_too_large`; `malformed_token`; `encrypted_token`; `base64_*`; `json_*`;
/// `malformed_header`; `unknown_critical_header`; `unsigned_token`; `algorithm_not_allowed`; `algorithm_mismatch`;
/// `unknown_key`; `kid_required`; `bad_signature`; `malformed_payload`; those that `policy` names.
///
/// Example: `jwt::verifier access{keys, {.issuer = "https://id", .audience = "orders", .type = "at+jwt"}};`
template <algorithm... A>
    requires only_signatures_or_exactly_one_mac<A...>
class verifier {
public:
    /// Makes a verifier. For ES256 and Ed25519 it needs generator tables. It shares `generators` if they serve all of
    /// `A...`; otherwise it makes its own, which takes a millisecond and 370 KiB for both curves. A key's table takes a
    /// quarter to half a millisecond.
    verifier(jose::key_set<A...> keys, policy policy)
        : core_{detail::check_functions::of<A...>(), std::move(keys).as_any(), std::move(policy)} {}
    verifier(jose::key_set<A...> keys, policy policy, std::optional<crypto::generator_tables> generators)
        : core_{detail::check_functions::of<A...>(), std::move(keys).as_any(), std::move(policy),
                std::move(generators)} {}
    /// Makes a verifier that uses the keys of an issuer's JWK set and fetches them when needed: docs/guide/rotation.md
    explicit verifier(key_source source, policy policy, std::optional<crypto::generator_tables> generators = {})
        : core_{detail::check_functions::of<A...>(), std::move(source), read_keys, std::move(policy),
                std::move(generators)} {}

    /// Verifies a token, and decodes it into the caller's scratch. Does not allocate after this thread's first calls.
    /// The size limit is the smaller of the policy's and the scratch's.
    ///
    /// Lifetime: the result refers to `buffer`, which it holds until it is destroyed.
    /// Errors: those named above; `buffer_in_use` if another token holds `buffer`.
    [[nodiscard]] result<verified> verify(std::string_view text, scratch_base& buffer [[clang::lifetimebound]],
                                          unix_time now) const {
        return core_.verify(text, buffer, now);
    }

    /// Verifies a token; the result owns its memory. Errors: those named above.
    [[nodiscard]] result<token> verify(std::string_view text, unix_time now) const { return core_.verify(text, now); }
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete; // the same
    void verify(std::string_view, signet::detail::no_time) const = delete; // wanted: floor<std::chrono::seconds>(now)

    /// Verifies a token and calls `then(result<jwt::token>)`. It calls `then` before it returns, or, if the token must
    /// wait for a fetch of keys, later on the thread that finishes the fetch. No thread waits.
    ///
    /// What `then` throws goes to the caller of this function or of `key_fetch::finish`, after the others were called.
    /// It is dropped if a fetch was given up, or the verifier destroyed.
    /// Lifetime: this verifier must not be moved while tokens wait. It must not be destroyed while a token is being
    /// verified; tokens that still wait when it is destroyed get `key_source_unavailable`.
    template <class Then> void verify_later(std::string text, unix_time now, Then then) const {
        detail::verify_later(
            now, [this, text = std::move(text)](detail::key_wait& wait) { return core_.verify(text, wait.now, &wait); },
            std::move(then));
    }
    void verify_later(std::string, signet::detail::no_time, auto) const = delete;

    /// Fetches the keys of a key source shortly before they become stale, and returns when to call again. If you call
    /// it from a timer or a thread of yours, requests need not wait for such fetches. Does nothing without a source.
    unix_time refresh(unix_time now) { return core_.refresh(now); }
    void refresh(signet::detail::no_time) = delete;

    /// Replaces the keys while other threads verify. A verification that begins after the call uses only the new set;
    /// one that began before may still use the previous set. The calling thread first makes the tables of new keys.
    void swap(jose::key_set<A...> keys) { core_.swap(std::move(keys).share()); }

    /// Makes a per-thread verifier, which this verifier must outlive.
    [[nodiscard]] thread_verifier make_thread_verifier() const& [[clang::lifetimebound]] {
        return thread_verifier{core_};
    }
    thread_verifier make_thread_verifier() const&& = delete; // it would outlive this verifier

    /// Makes tables for the keys that verified the most tokens, as many as fit, and uses them from then on. For key
    /// sets whose tables do not fit in the policy's `max_table_bytes`. Returns the number of tables made.
    ///
    /// Takes a quarter to half a millisecond for each key, on the calling thread; other threads continue to verify.
    ///
    /// Example: `access.prepare();`
    std::size_t prepare(preparation const& how = {}) { return core_.prepare(how); }
    /// Returns the keys that `prepare` would make tables for, most used first. Make the tables with
    /// `crypto::prepared_key::make(*access.generators(), wanted.key, how.shape)` where and when you like, and `install`
    /// them.
    [[nodiscard]] std::vector<wanted_key> keys_to_prepare(preparation const& how = {
                                                              .at_least = worth_preparing}) const {
        return core_.keys_to_prepare(how);
    }
    /// Uses these tables from now on. Evicts the least-used tables until all fit in `max_bytes`; never evicts a table
    /// with at least half this key's verifications.
    ///
    /// Returns false if the key is not, or no longer, one of this verifier's, if there is not enough space, or if the
    /// policy does not allow tables. `swap` removes the tables of keys that leave the set; a `thread_verifier` releases
    /// them at its next use.
    [[nodiscard]] bool install(crypto::prepared_key const& tables, std::size_t max_bytes = preparation{}.max_bytes) {
        return core_.install(tables, max_bytes);
    }
    /// Returns the generator tables, also for other verifiers; nullptr if Botan verifies everything.
    [[nodiscard]] crypto::generator_tables const* generators() const& noexcept [[clang::lifetimebound]] {
        return core_.generators();
    }
    crypto::generator_tables const* generators() const&& = delete;

    /// Returns the policy.
    [[nodiscard]] policy const& get_policy() const& noexcept [[clang::lifetimebound]] { return core_.get_policy(); }
    policy const& get_policy() const&& = delete;
    /// Returns a number that grows with every `swap`, for caches.
    [[nodiscard]] std::uint64_t key_generation() const noexcept { return core_.key_generation(); }
    /// Returns the current keys.
    [[nodiscard]] std::shared_ptr<jose::any_key_set const> keys() const { return core_.keys(); }
    /// Returns the handle that caches and routers of signet use.
    [[nodiscard]] detail::verifier_handle const& handle() const& noexcept { return core_; }
    [[nodiscard]] detail::verifier_handle&& handle() && noexcept { return std::move(core_); }

private:
    static result<jose::any_key_set> read_keys(std::string_view json, algorithm_set accepted,
                                               jose::key_set_limits const& limits) {
        return jose::detail::read_key_list(json, accepted, limits, jose::detail::jwk_readers::of<A...>());
    }
    detail::verifier_handle core_;
};

template <algorithm... A> verifier(jose::key_set<A...>, policy) -> verifier<A...>;
template <algorithm... A> verifier(jose::key_set<A...>, policy, std::optional<crypto::generator_tables>)
    -> verifier<A...>;

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/verifier.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Tokens that were verified once are recognised by their SHA-256 while keys, time and revocations allow.
#pragma once

#include <signet/jwt/multi_issuer_verifier.hpp>
#include <signet/jwt/verifier.hpp>

#include <memory>
#include <span>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The size of a cache of verified tokens. The cache takes its memory once, when it is made: about `entries *
/// (entry_octets + 260)`.
struct cache_limits {
    std::size_t entries = 16'384;
    /// Octets for the decoded claims of one token and their index. A token of 500 characters needs about 900. Larger
    /// tokens are verified each time.
    std::size_t entry_octets = 1536;
    /// The number of revocations that can be remembered at a time.
    std::size_t denials = 16'384;
};

/// The token that `caching_verifier::deny` refuses from then on. Name the members, because two strings in a row are
/// easily swapped.
struct deny_params {
    signet::detail::named_members by_name{};
    std::string_view issuer; ///< `iss`
    std::string_view jti;    ///< its `jti`
    unix_time until{};       ///< its `exp`; the policy's leeway is added
};

/// The tokens that `caching_verifier::deny_before` refuses from then on: those of a subject that were issued before a
/// time or have no `iat`.
struct deny_before_params {
    signet::detail::named_members by_name{};
    std::string_view issuer;   ///< `iss`
    std::string_view subject;  ///< `sub`
    unix_time issued_before{}; ///< tokens with an `iat` at or after it are not denied
    unix_time until{};         ///< when the last of them has expired
};

namespace detail {
/// What denies that token; one without `exp` for ever.
inline deny_params denial_of(claims_view const& token) noexcept {
    auto const exp = token.expires_at();
    return {.issuer = token.issuer(), .jti = token.id(), .until = exp ? exp->seconds : latest_time};
}
} // namespace detail

/// The usage of a cache, summed over all threads without stopping them.
struct cache_counters {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t not_cacheable = 0; ///< verified, but single use, too large, or with a check of the application's own
    std::uint64_t dropped = 0;       ///< verified, but keys or revocations changed meanwhile
};

namespace detail {

class cache_core; // jwt/impl
struct cache_deleter {
    SIGNET_DECL void operator()(cache_core* core) const noexcept;
};

/// A cache whose verifier has no type; `caching_verifier<V>` is made of one.
class cache_handle {
public:
    /// Returns the octets that a cache with these limits needs.
    [[nodiscard]] static SIGNET_DECL std::size_t memory_size(cache_limits const& limits) noexcept;
    /// Makes a cache in `memory`, which must be aligned for any type, have that size, and outlive this object.
    SIGNET_DECL cache_handle(verifier_handle const& verifier, cache_limits const& limits, std::span<std::byte> memory);

    SIGNET_DECL result<verified> verify(verifier_handle const& with, std::string_view text, scratch_base& buffer,
                                        unix_time now) const;
    SIGNET_DECL result<token> verify(verifier_handle const& with, std::string_view text, unix_time now,
                                     key_wait* later = nullptr) const;
    SIGNET_DECL result<void> deny(deny_params const& params, unix_time now) const;
    SIGNET_DECL result<void> deny_before(deny_before_params const& params, unix_time now) const;
    SIGNET_DECL void clear() const noexcept;
    [[nodiscard]] SIGNET_DECL cache_counters counters() const noexcept;

private:
    std::unique_ptr<cache_core, cache_deleter> core_;
};

/// Memory of the allocator's, returned after the core that uses it has gone.
template <class Allocator> struct cache_memory {
    using traits = std::allocator_traits<Allocator>;
    cache_memory(Allocator from, std::size_t octets)
        : memory{std::move(from)}, units{octets / sizeof(std::max_align_t) + 1} {
        at = traits::allocate(memory, units);
    }
    cache_memory(cache_memory&& other) noexcept
        : memory{other.memory}, units{other.units}, at{std::exchange(other.at, nullptr)} {}
    cache_memory& operator=(cache_memory&&) = delete;
    ~cache_memory() {
        if (at) traits::deallocate(memory, at, units);
    }
    std::span<std::byte> octets() const noexcept {
        return {reinterpret_cast<std::byte*>(at), units * sizeof(std::max_align_t)};
    }

    Allocator memory;
    std::size_t units;
    std::max_align_t* at;
};

} // namespace detail

/// A verifier with a cache. It has the functions and results of `V`, but a token seen before costs one SHA-256.
///
/// An entry records that a signature was valid, under the SHA-256 of the whole token and the policy's fingerprint.
/// Times are checked with `now` at every call, so no token is accepted after `exp` or before `nbf`. An entry made with
/// other keys than the current ones is ignored. Tokens whose claim `single_use` is true, and policies with a `check` of
/// the application's own, are never cached.
///
/// Thread safety: may be called concurrently; no lock is held during a verification.
///
/// Example: `jwt::caching_verifier access{jwt::verifier{keys, policy}}; auto token = access.verify(bearer, scratch,
/// now);`
template <class V, class Allocator = std::allocator<std::max_align_t>> class caching_verifier {
public:
    /// Makes a cache. `memory` provides all of its memory here and receives it back at destruction.
    explicit caching_verifier(V verifier, cache_limits const& limits = {}, Allocator memory = {})
        : verifier_{std::move(verifier)},
          block_{std::move(memory), detail::cache_handle::memory_size(limits)},
          core_{verifier_.handle(), limits, block_.octets()} {}

    /// Verifies into the caller's scratch. A hit does not allocate. Errors: those of the verifier; `errc::revoked`.
    [[nodiscard]] result<verified> verify(std::string_view text, scratch_base& buffer [[clang::lifetimebound]],
                                          unix_time now) const {
        return core_.verify(verifier_.handle(), text, buffer, now);
    }
    /// Verifies into memory that the result owns. Errors: those of the verifier; `errc::revoked`.
    [[nodiscard]] result<token> verify(std::string_view text, unix_time now) const {
        return core_.verify(verifier_.handle(), text, now);
    }
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete; // the same
    void verify(std::string_view, signet::detail::no_time) const = delete; // wanted: floor<std::chrono::seconds>(now)

    /// Does what the function of this name does in `verifier`.
    template <class Then> void verify_later(std::string text, unix_time now, Then then) const {
        detail::verify_later(
            now,
            [this, text = std::move(text)](detail::key_wait& wait) {
                return core_.verify(verifier_.handle(), text, wait.now, &wait);
            },
            std::move(then));
    }
    void verify_later(std::string, signet::detail::no_time, auto) const = delete;
    /// Fetches the keys of a source ahead, as `refresh` of the verifier does. Returns when to call again.
    unix_time refresh(unix_time now) { return verifier_.refresh(now); }
    void refresh(signet::detail::no_time) = delete;

    /// Refuses that token from now on, cached or not.
    ///
    /// Errors: `claim_missing` for an empty issuer or `jti`; `time_not_set`; `out_of_range` for a time beyond 9999;
    /// `expired` if the token is past `until` and the leeway at `now`, so that there is nothing to deny; `store_full`
    /// if there is no space to remember it. Then every token issued up to `now` is refused until `until`.
    ///
    /// Example: `access.deny({.issuer = "https://id.example.com", .jti = jti, .until = exp}, now);`
    result<void> deny(deny_params const& params, unix_time now) { return core_.deny(params, now); }
    /// Refuses this token from now on, cached or not; one without `exp` for ever. Errors: those of the function above.
    result<void> deny(claims_view const& token, unix_time now) { return core_.deny(detail::denial_of(token), now); }
    void deny(std::string_view, std::string_view, unix_time, unix_time) = delete; // which is which?
    /// Refuses all tokens of a subject that were issued before a time or have no `iat`, for example after a change of
    /// password. Errors: those of `deny`; `out_of_range` if `until` is before `issued_before`.
    result<void> deny_before(deny_before_params const& params, unix_time now) { return core_.deny_before(params, now); }
    void deny_before(std::string_view, std::string_view, unix_time, unix_time, unix_time) = delete;

    /// Removes all tokens; denials stay.
    void clear() noexcept { core_.clear(); }

    /// Replaces the keys of the verifier. Entries made with the previous keys no longer count.
    template <class Keys> void swap(Keys keys) { verifier_.swap(std::move(keys)); }

    /// Returns hits, misses and the tokens that were not cached, since the cache was made. Other threads count
    /// meanwhile.
    [[nodiscard]] cache_counters counters() const noexcept { return core_.counters(); }
    /// Return the policy and the keys of the verifier.
    [[nodiscard]] policy const& get_policy() const& noexcept [[clang::lifetimebound]] { return verifier_.get_policy(); }
    policy const& get_policy() const&& = delete;
    [[nodiscard]] auto keys() const { return verifier_.keys(); }
    /// Makes tables as `prepare` of the verifier does, and returns how many.
    std::size_t prepare(preparation const& how = {}) { return verifier_.prepare(how); }
    /// Returns the verifier, which ignores the cache and accepts tokens that were denied.
    [[nodiscard]] V const& verifier_without_denials() const& noexcept [[clang::lifetimebound]] { return verifier_; }
    V const& verifier_without_denials() const&& = delete;

private:
    V verifier_;
    detail::cache_memory<Allocator> block_;
    detail::cache_handle core_;
};

/// A `multi_issuer_verifier` with a cache for each of its verifiers, each with these limits.
///
/// Denials are those of the issuer that they name.
template <class Allocator> class caching_verifier<multi_issuer_verifier, Allocator> {
public:
    /// Takes memory from `memory` for each verifier, and returns it at the end.
    explicit caching_verifier(multi_issuer_verifier verifier, cache_limits const& limits = {}, Allocator memory = {})
        : verifier_{std::move(verifier)}, limits_{limits}, memory_{memory} {
        verifier_.for_each([&](auto& one) { add_cache(one); });
    }

    /// Adds a verifier and its cache, also while others verify. Errors: those of `multi_issuer_verifier::add`.
    template <class V> result<void> add(V verifier) {
        auto fresh = std::make_shared<multi_issuer_verifier::entry>(std::move(verifier).handle());
        add_cache(*fresh);
        return verifier_.add(std::move(fresh));
    }

    /// Verifies into the caller's scratch. Errors: those of the verifier; `errc::revoked`.
    [[nodiscard]] result<verified> verify(std::string_view text, scratch_base& buffer [[clang::lifetimebound]],
                                          unix_time now) const {
        auto const way = verifier_.choose(text, buffer);
        if (!way) return way.error();
        return cache_of(**way).verify((*way)->core, text, buffer, now);
    }
    /// Verifies into memory that the result owns. Errors: those of the verifier; `errc::revoked`.
    [[nodiscard]] result<token> verify(std::string_view text, unix_time now) const {
        auto const way = verifier_.choose(text);
        if (!way) return way.error();
        return cache_of(**way).verify((*way)->core, text, now);
    }
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete; // the same
    void verify(std::string_view, signet::detail::no_time) const = delete; // wanted: floor<std::chrono::seconds>(now)

    /// Does what the function of this name does in `verifier`.
    template <class Then> void verify_later(std::string text, unix_time now, Then then) const {
        detail::verify_later(
            now,
            [this, text = std::move(text)](detail::key_wait& wait) -> result<token> {
                auto const way = verifier_.choose(text);
                if (!way) return way.error();
                return cache_of(**way).verify((*way)->core, text, wait.now, &wait);
            },
            std::move(then));
    }
    void verify_later(std::string, signet::detail::no_time, auto) const = delete;
    /// Fetches the keys of a source ahead, as `refresh` of the verifier does. Returns when to call again.
    unix_time refresh(unix_time now) { return verifier_.refresh(now); }
    void refresh(signet::detail::no_time) = delete;

    /// Refuses that token from now on. Errors: as for one verifier; `wrong_issuer` if the issuer is unknown.
    result<void> deny(deny_params const& params, unix_time now) {
        auto const way = verifier_.find_for(params.issuer);
        if (!way) return way.error();
        return cache_of(**way).deny(params, now);
    }
    /// Refuses this token from now on; one without `exp` for ever. Errors: those of the function above.
    result<void> deny(claims_view const& token, unix_time now) { return deny(detail::denial_of(token), now); }
    void deny(std::string_view, std::string_view, unix_time, unix_time) = delete;
    /// Refuses all tokens of a subject of that issuer that were issued before a time or have no `iat`. Errors: those of
    /// `deny`; `out_of_range` if `until` is before `issued_before`.
    result<void> deny_before(deny_before_params const& params, unix_time now) {
        auto const way = verifier_.find_for(params.issuer);
        if (!way) return way.error();
        return cache_of(**way).deny_before(params, now);
    }
    void deny_before(std::string_view, std::string_view, unix_time, unix_time, unix_time) = delete;

    /// Removes all tokens; denials stay.
    void clear() noexcept {
        verifier_.for_each([](auto const& one) { cache_of(one).clear(); });
    }

    /// Replaces the keys of that issuer. Errors: those of `multi_issuer_verifier::swap`.
    result<void> swap(std::string_view issuer, jose::any_key_set keys) {
        return verifier_.swap(issuer, std::move(keys));
    }
    /// Returns the current keys of that issuer. Errors: `wrong_issuer` if the issuer is unknown.
    [[nodiscard]] result<std::shared_ptr<jose::any_key_set const>> keys(std::string_view issuer) const {
        return verifier_.keys(issuer);
    }
    /// Makes tables as `prepare` of the verifier does, and returns how many.
    std::size_t prepare(preparation const& how = {}) { return verifier_.prepare(how); }

    /// Returns hits, misses and exceptions of all caches since they were made.
    [[nodiscard]] cache_counters counters() const noexcept {
        cache_counters sum;
        verifier_.for_each([&](auto const& with) {
            auto const one = cache_of(with).counters();
            sum.hits += one.hits;
            sum.misses += one.misses;
            sum.not_cacheable += one.not_cacheable;
            sum.dropped += one.dropped;
        });
        return sum;
    }
    /// Returns the verifier, which ignores the caches and accepts tokens that were denied.
    [[nodiscard]] multi_issuer_verifier const& verifier_without_denials() const& noexcept [[clang::lifetimebound]] {
        return verifier_;
    }
    multi_issuer_verifier const& verifier_without_denials() const&& = delete;

private:
    struct part {
        part(detail::verifier_handle const& core, cache_limits const& limits, Allocator memory)
            : block{std::move(memory), detail::cache_handle::memory_size(limits)},
              cache{core, limits, block.octets()} {}
        detail::cache_memory<Allocator> block;
        detail::cache_handle cache;
    };
    void add_cache(multi_issuer_verifier::entry& to) const {
        to.cache = std::make_shared<part const>(to.core, limits_, memory_);
    }
    static detail::cache_handle const& cache_of(multi_issuer_verifier::entry const& of) noexcept {
        return static_cast<part const*>(of.cache.get())->cache;
    }
    multi_issuer_verifier verifier_;
    cache_limits limits_;
    Allocator memory_;
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/cache.ipp>
#endif

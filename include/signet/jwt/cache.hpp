// SPDX-License-Identifier: BSL-1.0
// Tokens that were verified once are recognised by their SHA-256 while keys, time and revocations allow.
#pragma once

#include <signet/jwt/verifier.hpp>

#include <memory>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// What a cache of verified tokens may hold. Its memory is taken once, when it is made: about `entries * (entry_octets
/// + 260)`.
struct cache_limits {
    std::size_t entries = 16'384;
    /// For the decoded claims of one token and their index; a token of 500 characters needs some 900. Larger ones are
    /// verified each time.
    std::size_t entry_octets = 1536;
    /// Revocations that can be remembered at a time.
    std::size_t denials = 16'384;
};

/// One token that is not to be accepted any more, for `caching_verifier::deny`. Its members are named, since two texts
/// in a row are swapped sooner or later.
struct deny_params {
    signet::detail::named_members by_name{};
    std::string_view issuer; ///< `iss`
    std::string_view jti;    ///< its `jti`
    unix_time until{};       ///< its `exp`; the policy's leeway beyond it is counted in
};

/// All tokens of a subject that were issued before some time, or do not say when, for `caching_verifier::deny_before`.
struct deny_before_params {
    signet::detail::named_members by_name{};
    std::string_view issuer;   ///< `iss`
    std::string_view subject;  ///< `sub`
    unix_time issued_before{}; ///< tokens of `iat` at or after it stay good
    unix_time until{};         ///< when the last of them will have expired
};

/// How a cache was used; a sum over all threads, read without stopping them.
struct cache_counters {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t not_cacheable =
        0;                     ///< verified, but single use, too large, or judged by a check of the application's own
    std::uint64_t dropped = 0; ///< verified, but keys or revocations changed meanwhile
};

namespace detail {

class cache_core; // jwt/impl
struct cache_deleter {
    SIGNET_DECL void operator()(cache_core* core) const noexcept;
};

/// What `caching_verifier<V>` is a shell of.
class cache_handle {
public:
    /// Octets that a cache with these limits works in.
    [[nodiscard]] static SIGNET_DECL std::size_t memory_size(cache_limits const& limits) noexcept;
    /// `memory` is aligned for any type, has that size and outlives this.
    SIGNET_DECL cache_handle(verifier_handle const& verifier, cache_limits const& limits, std::span<std::byte> memory);

    SIGNET_DECL result<verified> verify(verifier_handle const& with, std::string_view text, scratch_base& buffer,
                                        unix_time now) const;
    SIGNET_DECL result<token> verify(verifier_handle const& with, std::string_view text, unix_time now) const;
    SIGNET_DECL result<void> deny(deny_params const& params, unix_time now) const;
    SIGNET_DECL result<void> deny_before(deny_before_params const& params, unix_time now) const;
    SIGNET_DECL void clear() const noexcept;
    [[nodiscard]] SIGNET_DECL cache_counters counters() const noexcept;

private:
    std::unique_ptr<cache_core, cache_deleter> core_;
};

} // namespace detail

/// A verifier that remembers: the same calls and the same answers as `V`, but a token seen before costs one SHA-256.
///
/// Remembered is what the signature proved, under the SHA-256 of the whole token and the policy's fingerprint; times
/// are judged anew by `now` at every call, so nothing is served past `exp` or before `nbf`. Entries made with other
/// keys than those in use do not count. Never remembered: tokens whose claim `single_use` is true, and anything under a
/// policy with a `check` of the application's own. Shared by threads as the verifier is; no lock is held while one
/// verifies.
///
/// Example: `jwt::caching_verifier access{jwt::verifier{keys, rules}}; auto token = access.verify(bearer, scratch,
/// now);`
template <class V, class Allocator = std::allocator<std::max_align_t>> class caching_verifier {
public:
    /// `memory` gives all of the cache's memory here and takes it back at the end; it is asked for nothing in between.
    explicit caching_verifier(V verifier, cache_limits const& limits = {}, Allocator memory = {})
        : verifier_{std::move(verifier)},
          block_{std::move(memory), detail::cache_handle::memory_size(limits)},
          core_{verifier_.handle(), limits, block_.octets()} {}

    /// As the verifier's; besides, `errc::revoked`. A hit allocates nothing.
    [[nodiscard]] result<verified> verify(std::string_view text, scratch_base& buffer [[clang::lifetimebound]],
                                          unix_time now) const {
        return core_.verify(verifier_.handle(), text, buffer, now);
    }
    /// The same into memory that the result owns.
    [[nodiscard]] result<token> verify(std::string_view text, unix_time now) const {
        return core_.verify(verifier_.handle(), text, now);
    }
    void verify(std::string_view, scratch_base&, signet::detail::no_time) const = delete; // `{}` is no time
    void verify(std::string_view, signet::detail::no_time) const = delete;

    /// From now on that token is not accepted, cached or not.
    ///
    /// Errors: `claim_missing` for an empty issuer or `jti`; `out_of_range` for a time outside 1970 .. 9999, or not
    /// set; `expired` where the token cannot be accepted at `now` any more, so that nothing was to be denied. Should
    /// there be no room to remember it, `store_full` is returned and every token issued up to `now` is refused until
    /// `until`: closed, not open.
    ///
    /// Example: `access.deny({.issuer = "https://id.example.com", .jti = jti, .until = exp}, now);`
    result<void> deny(deny_params const& params, unix_time now) { return core_.deny(params, now); }
    /// The same for a token at hand; one without `exp` stays denied for good.
    result<void> deny(claims_view const& token, unix_time now) {
        auto const exp = token.expires_at();
        return core_.deny({.issuer = token.issuer(), .jti = token.id(), .until = exp ? exp->seconds : latest_time},
                          now);
    }
    void deny(std::string_view, std::string_view, unix_time, unix_time) = delete; // which is which?
    /// The same for all tokens of a subject that were issued before some time: a user's password was changed, an
    /// account closed. Errors as `deny`; `out_of_range` besides where `until` is before `issued_before`.
    result<void> deny_before(deny_before_params const& params, unix_time now) { return core_.deny_before(params, now); }
    void deny_before(std::string_view, std::string_view, unix_time, unix_time, unix_time) = delete;

    /// Forgets all tokens; denials stay.
    void clear() noexcept { core_.clear(); }

    /// As the verifier's: what was remembered under the former keys no longer counts.
    template <class Keys> void swap(Keys keys) { verifier_.swap(std::move(keys)); }

    /// Hits, misses and what was left out since it was made; summed over its parts while others go on counting.
    [[nodiscard]] cache_counters counters() const noexcept { return core_.counters(); }
    /// The policy and the keys of the verifier behind it.
    [[nodiscard]] policy const& get_policy() const& noexcept [[clang::lifetimebound]] { return verifier_.get_policy(); }
    policy const& get_policy() const&& = delete;
    [[nodiscard]] auto keys() const { return verifier_.keys(); }
    /// As the verifier's.
    std::size_t prepare(preparation const& how = {}) { return verifier_.prepare(how); }
    /// The verifier behind it, which accepts a token that was denied.
    [[nodiscard]] V const& verifier_without_denials() const& noexcept [[clang::lifetimebound]] { return verifier_; }
    V const& verifier_without_denials() const&& = delete;

private:
    struct block { // memory of the allocator's, returned after the core that uses it has gone
        using traits = std::allocator_traits<Allocator>;
        block(Allocator from, std::size_t octets)
            : memory{std::move(from)}, units{octets / sizeof(std::max_align_t) + 1} {
            at = traits::allocate(memory, units);
        }
        block(block&& other) noexcept
            : memory{other.memory}, units{other.units}, at{std::exchange(other.at, nullptr)} {}
        block& operator=(block&&) = delete;
        ~block() {
            if (at) traits::deallocate(memory, at, units);
        }
        std::span<std::byte> octets() const noexcept {
            return {reinterpret_cast<std::byte*>(at), units * sizeof(std::max_align_t)};
        }

        Allocator memory;
        std::size_t units;
        std::max_align_t* at;
    };

    V verifier_;
    block block_;
    detail::cache_handle core_;
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/cache.ipp>
#endif

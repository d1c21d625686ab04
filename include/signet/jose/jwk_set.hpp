// SPDX-License-Identifier: BSL-1.0
// Many keys to verify with (RFC 7517 section 5), found by `kid` and algorithm in constant time.
#pragma once

#include <signet/core/result.hpp>
#include <signet/crypto/key.hpp>
#include <signet/crypto/verification_key.hpp>
#include <signet/jose/impl/jwk_readers.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

/// One key of a set and what it may verify. Copies share the key.
class key_entry {
public:
    /// The key's `kid`; nothing where it has none (RFC 7517 4.5).
    [[nodiscard]] std::optional<std::string> const& kid() const noexcept { return kid_; }
    /// What it may verify: one algorithm, or several for an RSA key whose JWK has no `alg`.
    [[nodiscard]] algorithm_set algorithms() const noexcept { return algorithms_; }
    /// The public key, or nullptr if this is a MAC key.
    [[nodiscard]] SIGNET_DECL public_key const* as_public_key() const noexcept;
    /// The MAC key, or nullptr if this is a public key.
    [[nodiscard]] SIGNET_DECL mac_key const* as_mac_key() const noexcept;
    /// Whether the other one is the same key, whatever its kid.
    [[nodiscard]] SIGNET_DECL bool same_key(key_entry const& other) const noexcept;

private:
    friend class any_key_set;
    std::optional<std::string> kid_;
    std::optional<public_key> public_;
    std::optional<mac_key> mac_;
    algorithm_set algorithms_;
    std::uint32_t next_ = none; // the next entry of the same kid
    static constexpr std::uint32_t none = ~std::uint32_t{0};
};

/// Without `kid` so many keys are tried at most: whoever sends tokens must not decide how much we
/// compute.
inline constexpr std::size_t max_candidates = 4;

/// The entries that may have signed a token, at most four, as indexes into the list.
class candidates {
public:
    [[nodiscard]] std::uint32_t const* begin() const noexcept { return index_.data(); }
    [[nodiscard]] std::uint32_t const* end() const noexcept { return index_.data() + size_; }
    /// How many candidates there are, at most four.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint32_t operator[](std::size_t i) const noexcept { return index_[i]; }

private:
    friend class any_key_set;
    std::array<std::uint32_t, max_candidates> index_{};
    std::size_t size_ = 0;
};

/// The keys themselves, for any algorithms: what `key_set<A...>` is a shell of. Entries are only ever added, so an
/// index names the same key for the list's life; share it as `shared_ptr<any_key_set const>`.
class any_key_set {
public:
    /// A list that takes keys of these algorithms only. Never MACs and signatures together: then it takes none.
    explicit SIGNET_DECL any_key_set(algorithm_set accepted) noexcept;
    SIGNET_DECL any_key_set(any_key_set const&);
    SIGNET_DECL any_key_set(any_key_set&&) noexcept; ///< moved from, it has no keys and accepts the same algorithms
    SIGNET_DECL any_key_set& operator=(any_key_set const&);
    SIGNET_DECL any_key_set& operator=(any_key_set&&) noexcept;
    SIGNET_DECL ~any_key_set();

    /// The algorithms that it takes keys for.
    [[nodiscard]] algorithm_set accepted() const noexcept { return accepted_; }
    /// How many keys there are.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] key_entry const& operator[](std::size_t index) const noexcept { return entries_[index]; }
    /// All keys, in the order they came; views that the list's own changes end.
    [[nodiscard]] std::vector<key_entry> const& entries() const noexcept { return entries_; }

    /// Which keys may have made a signature of algorithm `a`:
    /// with `kid`, the key of that kid and algorithm; is that kid unknown, the keys that have no kid, up to four;
    /// without `kid`, all keys of that algorithm, up to four.
    ///
    /// Errors: `algorithm_not_allowed` (`a` is not of this list), `algorithm_mismatch` (the kid's keys are for others),
    /// `unknown_key`, `kid_required` (more than four, and no kid). Constant time, no allocation.
    [[nodiscard]] SIGNET_DECL result<candidates> find(std::optional<std::string_view> kid, alg a) const noexcept;

    /// Whether it has that kid, for deciding on a new fetch of the set.
    [[nodiscard]] SIGNET_DECL bool has_kid(std::string_view kid) const noexcept;
    /// Whether it has the same key under the same kid for the same algorithms at least.
    [[nodiscard]] SIGNET_DECL bool holds(key_entry const& entry) const noexcept;

    /// Adds a key for these algorithms. Adding one that is there under that kid changes nothing but its algorithms;
    /// keys without kid are recognised as long as they are among the four that can be found.
    ///
    /// Errors: `algorithm_not_allowed`, `wrong_key_type`; `duplicate_key`: that kid names another key of the same
    /// algorithm.
    [[nodiscard]] SIGNET_DECL result<void> add(std::optional<std::string> kid, public_key key,
                                               algorithm_set algorithms);
    [[nodiscard]] SIGNET_DECL result<void> add(std::optional<std::string> kid, mac_key key);
    [[nodiscard]] SIGNET_DECL result<void> add(key_entry entry);
    /// Adds what `jwk` can verify of the accepted algorithms, as its `alg`, `use` and `key_ops` allow; of a key pair
    /// the public part. Besides: `key_use_refused`, `weak_key`, and `bad_key` where it holds no key at all.
    [[nodiscard]] SIGNET_DECL result<void> add(any_jwk jwk);

private:
    [[nodiscard]] std::uint32_t const* slot_of(std::string_view kid) const noexcept;
    void make_slots();
    void shelve(std::uint32_t entry, algorithm_set added) noexcept;

    struct shelf { // the first keys of one algorithm, and how many there are in all
        std::array<std::uint32_t, max_candidates> first{};
        std::uint32_t count = 0;
    };
    std::vector<key_entry> entries_;
    std::vector<std::uint32_t> slots_; // open addressing by keyed hash of kid; a power of two
    std::size_t kids_ = 0;
    std::array<shelf, alg_count> all_{};
    std::array<shelf, alg_count> without_kid_{};
    std::array<std::uint64_t, 2> seed_; // of the slots' hash
    algorithm_set accepted_;
};

/// The list, never to change again, for verifiers to share.
[[nodiscard]] SIGNET_DECL std::shared_ptr<any_key_set const> share(any_key_set list);

/// What a JWK set may be at most.
struct key_set_limits {
    std::size_t max_text = 8u << 20; ///< octets: `json_too_large`
    std::size_t max_keys = 16'384;   ///< `json_too_many_members`
    key_limits keys{};
};

/// Reads a JWK set, or a single JWK, and keeps the keys that can verify an algorithm of `accepted`.
///
/// Left out, as RFC 7517 section 5 wants: keys of other types, which are not looked into, curves and algorithms, keys
/// whose `use` or `key_ops` are for something else, and keys that are incomplete, invalid or weak. An RSA key without
/// `alg` serves each accepted RS and PS algorithm; an oct key without `alg` the accepted MAC. Refused as a whole:
/// malformed JSON (a name twice included), an element that is no object, `duplicate_key` (also if one of two keys of a
/// type and kid is invalid), and a set with a private key in it (`private_key_refused`: it has leaked). No usable key:
/// `empty_key_set`. Of a single JWK the reason is told instead.
[[nodiscard]] SIGNET_DECL result<any_key_set> parse_key_list(std::string_view json, algorithm_set accepted,
                                                             key_set_limits const& limits = {});

namespace detail {
/// parse_key_list with the readers of the accepted algorithms' types of keys.
[[nodiscard]] SIGNET_DECL result<any_key_set> read_key_list(std::string_view json, algorithm_set accepted,
                                                            key_set_limits const& limits, jwk_readers const& readers);
} // namespace detail

/// Reads all keys of a JWK set, or a single JWK, private ones too: for programs that own the keys, such as signers.
/// Of a set, keys that cannot be read are left out (RFC 7517 section 5); of a single JWK the reason is told.
[[nodiscard]] SIGNET_DECL result<std::vector<any_jwk>> parse_jwk_set(std::string_view json,
                                                                     key_set_limits const& limits = {});

/// Keys for a verifier of the algorithms `A...`: any number of signature algorithms, or one MAC, never both.
///
/// Example: `auto keys = jose::parse_key_set<es256, ed25519>(jwks); if (!keys) return keys.error();`
template <algorithm... A>
    requires acceptable_together<A...>
class key_set {
public:
    /// Empty: a verifier with it knows no key.
    key_set() noexcept : list_{algorithm_set::of<A...>()} {}

    /// Adds a key under its kid, or one that has none. A key of an algorithm not in `A...` does not compile.
    /// `duplicate_key`: that kid names another key of the same algorithm.
    template <algorithm K>
        requires(std::is_same_v<K, A> || ...)
    result<void> add(std::optional<std::string> kid, verification_key<K> const& key) {
        if constexpr (symmetric<K>) return list_.add(std::move(kid), key.key());
        else return list_.add(std::move(kid), key.key(), algorithm_set::of<K>());
    }
    /// Adds a key without a `kid`.
    template <algorithm K>
        requires(std::is_same_v<K, A> || ...)
    result<void> add(verification_key<K> const& key) {
        return add(std::nullopt, key);
    }
    /// Adds all keys of another set, such as those of the former set during a rotation. Stops at the first refusal.
    result<void> add(key_set const& other) {
        for (auto const& entry : other.list_.entries())
            if (auto done = list_.add(entry); !done) return done;
        return {};
    }

    /// How many keys there are.
    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
    [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
    /// The same keys without the algorithms in the type.
    [[nodiscard]] any_key_set const& as_any() const& noexcept { return list_; }
    [[nodiscard]] any_key_set&& as_any() && noexcept { return std::move(list_); }

    /// The keys, never to change again, for verifiers to share.
    [[nodiscard]] std::shared_ptr<any_key_set const> share() && { return jose::share(std::move(list_)); }
    [[nodiscard]] std::shared_ptr<any_key_set const> share() const& { return jose::share(list_); }

    /// As parse_key_list.
    [[nodiscard]] static result<key_set> parse(std::string_view json, key_set_limits const& limits = {}) {
        return of(detail::read_key_list(json, algorithm_set::of<A...>(), limits, detail::jwk_readers::of<A...>()));
    }

private:
    static result<key_set> of(result<any_key_set> list) {
        if (!list) return list.error();
        return key_set{*std::move(list)};
    }
    explicit key_set(any_key_set&& list) noexcept : list_{std::move(list)} {}
    any_key_set list_;
};

/// Reads a JWK set, or a single JWK; see parse_key_list for what is left out and what is refused.
template <algorithm... A>
    requires acceptable_together<A...>
[[nodiscard]] result<key_set<A...>> parse_key_set(std::string_view json, key_set_limits const& limits = {}) {
    return key_set<A...>::parse(json, limits);
}

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/jwk_set.ipp>
#endif

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

/// A key of a set, and the algorithms that it may verify. Copies share the key.
class key_entry {
public:
    /// Returns the key's `kid`, if it has one (RFC 7517 section 4.5).
    [[nodiscard]] std::optional<std::string> const& kid() const noexcept { return kid_; }
    /// Returns what the key may verify: one algorithm, or several for an RSA key whose JWK has no `alg`.
    [[nodiscard]] algorithm_set algorithms() const noexcept { return algorithms_; }
    /// Returns the public key, or nullptr if this is a MAC key.
    [[nodiscard]] SIGNET_DECL public_key const* as_public_key() const noexcept;
    /// Returns the MAC key, or nullptr if this is a public key.
    [[nodiscard]] SIGNET_DECL mac_key const* as_mac_key() const noexcept;
    /// Returns whether the other entry has the same key, with any kid.
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

/// The largest number of keys that are tried for a token without `kid`. It bounds the work that a sender can cause.
inline constexpr std::size_t max_candidates = 4;

/// The entries that may have signed a token, at most four, as indexes into the set.
class candidates {
public:
    [[nodiscard]] std::uint32_t const* begin() const noexcept { return index_.data(); }
    [[nodiscard]] std::uint32_t const* end() const noexcept { return index_.data() + size_; }
    /// Returns the number of candidates, at most four.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint32_t operator[](std::size_t i) const noexcept { return index_[i]; }

private:
    friend class any_key_set;
    std::array<std::uint32_t, max_candidates> index_{};
    std::size_t size_ = 0;
};

/// A key set whose algorithms are known at run time; `key_set<A...>` is made of one. Entries are never removed, so an
/// index names the same key for the set's life. Share it as `shared_ptr<any_key_set const>`.
class any_key_set {
public:
    /// Makes a set for keys of these algorithms. A mixture of MACs and signatures makes a set that accepts no key.
    explicit SIGNET_DECL any_key_set(algorithm_set accepted) noexcept;
    SIGNET_DECL any_key_set(any_key_set const&);
    SIGNET_DECL any_key_set(any_key_set&&) noexcept; ///< a moved-from set has no keys and accepts the same algorithms
    SIGNET_DECL any_key_set& operator=(any_key_set const&);
    SIGNET_DECL any_key_set& operator=(any_key_set&&) noexcept;
    SIGNET_DECL ~any_key_set();

    /// Returns the algorithms of the set.
    [[nodiscard]] algorithm_set accepted() const noexcept { return accepted_; }
    /// Returns the number of keys.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] key_entry const& operator[](std::size_t index) const noexcept { return entries_[index]; }
    /// Returns all keys in the order of their addition, valid until the set changes.
    [[nodiscard]] std::vector<key_entry> const& entries() const noexcept { return entries_; }

    /// Finds the keys that may have made a signature of algorithm `a`.
    ///
    /// With `kid`, these are the key of that kid and algorithm; if the kid is unknown, up to four keys without a kid.
    /// Without `kid`, these are up to four keys of the algorithm.
    ///
    /// Complexity: constant. Does not allocate.
    /// Errors: `algorithm_not_allowed` if the set does not accept `a`; `algorithm_mismatch` if the keys of that kid are
    /// for others; `unknown_key`; `kid_required` for more than four keys and no kid.
    [[nodiscard]] SIGNET_DECL result<candidates> find(std::optional<std::string_view> kid, alg a) const noexcept;

    /// Returns whether a key has that kid, to decide whether to fetch the set again.
    [[nodiscard]] SIGNET_DECL bool has_kid(std::string_view kid) const noexcept;
    /// Returns whether a key has no kid, so that it may have signed a token of any kid.
    [[nodiscard]] SIGNET_DECL bool has_keys_without_kid() const noexcept;
    /// Returns whether the set has the same key, under the same kid, for at least the same algorithms.
    [[nodiscard]] SIGNET_DECL bool holds(key_entry const& entry) const noexcept;

    /// Adds a key for these algorithms. If the key is in the set under that kid, its algorithms are added. Keys without
    /// kid are compared only with those among the four that can be found.
    ///
    /// Errors: `algorithm_not_allowed`; `wrong_key_type`; `duplicate_key` if that kid names another key of the same
    /// algorithm.
    [[nodiscard]] SIGNET_DECL result<void> add(std::optional<std::string> kid, public_key key,
                                               algorithm_set algorithms);
    [[nodiscard]] SIGNET_DECL result<void> add(std::optional<std::string> kid, mac_key key);
    [[nodiscard]] SIGNET_DECL result<void> add(key_entry entry);
    /// Adds a key that is no longer published. It never takes the place of another: a token without a `kid` finds it
    /// only as one of the first four keys, and does not need a `kid` because of it. Errors: those of the overload
    /// above.
    [[nodiscard]] SIGNET_DECL result<void> add_former(key_entry entry);
    /// Adds the algorithms of the set that `jwk` can verify and its `alg`, `use` and `key_ops` allow. Of a key pair it
    /// adds the public key.
    ///
    /// Errors: those of the overload above; `key_use_refused`; `weak_key`; `bad_key` if `jwk` has no key.
    [[nodiscard]] SIGNET_DECL result<void> add(any_jwk jwk);

private:
    [[nodiscard]] std::uint32_t const* slot_of(std::string_view kid) const noexcept;
    void make_slots();
    [[nodiscard]] result<void> place(key_entry entry, bool former);
    void shelve(std::uint32_t entry, algorithm_set added, bool former) noexcept;

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

/// Makes the set immutable, for verifiers to share.
[[nodiscard]] SIGNET_DECL std::shared_ptr<any_key_set const> share(any_key_set list);

/// Limits of a JWK set.
struct key_set_limits {
    std::size_t max_text = 8u << 20; ///< octets; beyond: `json_too_large`
    std::size_t max_keys = 16'384;   ///< beyond: `json_too_many_members`
    key_limits keys{};
};

/// Reads a JWK set, or a single JWK, and keeps the keys that can verify an algorithm of `accepted`.
///
/// These keys are skipped, as RFC 7517 section 5 recommends: keys of other types, curves and algorithms; keys whose
/// `use` or `key_ops` do not allow verifying; and keys that are incomplete, invalid or weak. An RSA key without `alg`
/// is kept for each accepted RS and PS algorithm, and an oct key without `alg` for the accepted MAC.
///
/// Errors: those of reading JSON, also for a duplicate name; `json_wrong_type` for an element that is not an object;
/// `duplicate_key`, also if one of two keys of a type and kid is invalid; `private_key_refused` for a set with a
/// private key, because that key has leaked; `empty_key_set` if no key is kept. For a single JWK the reason why it is
/// not kept.
[[nodiscard]] SIGNET_DECL result<any_key_set> parse_key_list(std::string_view json, algorithm_set accepted,
                                                             key_set_limits const& limits = {});

namespace detail {
/// Reads a key set as `parse_key_list` does, with the readers for the key types of the accepted algorithms.
[[nodiscard]] SIGNET_DECL result<any_key_set> read_key_list(std::string_view json, algorithm_set accepted,
                                                            key_set_limits const& limits, jwk_readers const& readers);
} // namespace detail

/// Reads all keys of a JWK set, or a single JWK, including private keys: for programs that own the keys, such as
/// signers. Keys of a set that cannot be read are skipped (RFC 7517 section 5); for a single JWK the error says why.
[[nodiscard]] SIGNET_DECL result<std::vector<any_jwk>> parse_jwk_set(std::string_view json,
                                                                     key_set_limits const& limits = {});

/// The keys of a verifier of the algorithms `A...`: any number of signature algorithms, or one MAC, never both.
///
/// Example: `auto keys = jose::parse_key_set<es256, ed25519>(jwks); if (!keys) return keys.error();`
template <algorithm... A>
    requires only_signatures_or_exactly_one_mac<A...>
class key_set {
public:
    /// Makes an empty set. A verifier with it accepts no token.
    key_set() noexcept : list_{algorithm_set::of<A...>()} {}

    /// Adds a key with or without a kid. A key of an algorithm outside `A...` does not compile. Errors: `duplicate_key`
    /// if that kid names another key of the same algorithm.
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
    /// Adds all keys of another set, such as the previous set during a rotation. Stops at the first error.
    result<void> add(key_set const& other) {
        for (auto const& entry : other.list_.entries())
            if (auto done = list_.add(entry); !done) return done;
        return {};
    }

    /// Returns the number of keys.
    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
    [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
    /// Returns the keys without the algorithms in the type.
    [[nodiscard]] any_key_set const& as_any() const& noexcept { return list_; }
    [[nodiscard]] any_key_set&& as_any() && noexcept { return std::move(list_); }

    /// Makes the set immutable, for verifiers to share.
    [[nodiscard]] std::shared_ptr<any_key_set const> share() && { return jose::share(std::move(list_)); }
    [[nodiscard]] std::shared_ptr<any_key_set const> share() const& { return jose::share(list_); }

    /// Reads a JWK set as `parse_key_list` does.
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

/// Reads a JWK set, or a single JWK. See `parse_key_list` for the keys that are skipped and for the errors.
template <algorithm... A>
    requires only_signatures_or_exactly_one_mac<A...>
[[nodiscard]] result<key_set<A...>> parse_key_set(std::string_view json, key_set_limits const& limits = {}) {
    return key_set<A...>::parse(json, limits);
}

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/jwk_set.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Which keys of a verifier's list have tables, and how often each verified.
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/jose/jwk_set.hpp>
#include <signet/jwt/impl/key_check.hpp>
#include <signet/jwt/preparation.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

/// The distinct ES256, Ed25519 and ML-DSA keys of a key set, in order of their octets, and how many good signatures
/// each verified. Entries of the same key under several kids are one of them. Immutable but for the counts, which any
/// thread may raise.
class countable_keys {
public:
    static constexpr std::uint32_t none = 0xffff'ffff;

    explicit countable_keys(std::shared_ptr<jose::any_key_set const> list)
        : list_{std::move(list)}, number_(list_->size(), none) {
        std::vector<std::uint32_t> order;
        for (std::uint32_t i = 0; i != list_->size(); ++i) {
            auto const& e = (*list_)[i];
            if (e.as_public_key() && crypto::detail::algorithm_to_prepare(*e.as_public_key())) order.push_back(i);
        }
        auto const before = [&](std::uint32_t a, std::uint32_t b) { return less(of_entry(a), of_entry(b)); };
        std::make_heap(order.begin(), order.end(), before); // a third of the code that std::sort is
        std::sort_heap(order.begin(), order.end(), before);
        for (auto const i : order) {
            if (entry_.empty() || of_entry(entry_.back()) != of_entry(i)) entry_.push_back(i);
            number_[i] = static_cast<std::uint32_t>(entry_.size() - 1);
        }
        verified_ = std::make_unique<std::atomic<std::uint64_t>[]>(entry_.size());
    }

    [[nodiscard]] std::size_t size() const noexcept { return entry_.size(); }
    [[nodiscard]] public_key const& key(std::size_t i) const noexcept { return of_entry(entry_[i]); }
    [[nodiscard]] alg algorithm(std::size_t i) const noexcept { return *crypto::detail::algorithm_to_prepare(key(i)); }
    [[nodiscard]] std::atomic<std::uint64_t>& verified(std::size_t i) const noexcept { return verified_[i]; }
    [[nodiscard]] std::uint64_t count(std::size_t i) const noexcept {
        return verified_[i].load(std::memory_order_relaxed);
    }

    /// Which of them an entry of the list is, or `none`.
    [[nodiscard]] std::uint32_t of(std::size_t entry) const noexcept { return number_[entry]; }
    /// The same for a key; `none` if it is not here.
    [[nodiscard]] std::uint32_t of(public_key const& wanted) const noexcept {
        auto const at =
            std::lower_bound(entry_.begin(), entry_.end(), wanted,
                             [&](std::uint32_t e, public_key const& key) { return less(of_entry(e), key); });
        return at != entry_.end() && of_entry(*at) == wanted ? static_cast<std::uint32_t>(at - entry_.begin()) : none;
    }

private:
    static bool less(public_key const& a, public_key const& b) noexcept {
        if (a.crv() != b.crv()) return a.crv() < b.crv();
        if (auto const x = as_text(a.x()).compare(as_text(b.x())); x != 0) return x < 0;
        if (auto const y = as_text(a.y()).compare(as_text(b.y())); y != 0) return y < 0;
        return as_text(a.pub()) < as_text(b.pub());
    }
    [[nodiscard]] public_key const& of_entry(std::uint32_t i) const noexcept { return *(*list_)[i].as_public_key(); }

    std::shared_ptr<jose::any_key_set const> list_;
    std::vector<std::uint32_t> number_; // of each entry of the list
    std::vector<std::uint32_t> entry_;  // the first entry of each key
    std::unique_ptr<std::atomic<std::uint64_t>[]> verified_;
};

class preparations;

/// What verifiers of ML-DSA have more than others.
struct ml_dsa_functions {
    result<crypto::prepared_key> (*prepare)(public_key const& key);
    /// An operation without tables that nothing counts, or nullptr where the key cannot be used with the algorithm.
    key_check* (*make_plain)(jose::key_entry const& key, alg a);
    /// The same with tables when there are some.
    key_check* (*make_counted)(preparations const& prepared, jose::any_key_set const& keys, std::size_t key, alg a);
};

/// The tables of a key, of whatever kind it is. `ml_dsa` is nullptr for verifiers without.
inline result<crypto::prepared_key> make_tables(crypto::generator_tables const& generators,
                                                ml_dsa_functions const* ml_dsa, public_key const& key,
                                                crypto::table_shape shape) {
    if (key.type() != key_type::akp) return crypto::prepared_key::make(generators, key, shape);
    if (!ml_dsa) return errc::unsupported_algorithm;
    return ml_dsa->prepare(key);
}

/// The tables of a key set's keys. Never changes: whoever changes tables makes another object, and per-thread states
/// take that up when the core's epoch moves.
class preparations {
public:
    explicit preparations(std::shared_ptr<jose::any_key_set const> list)
        : keys_{std::make_shared<countable_keys const>(std::move(list))} {}

    [[nodiscard]] countable_keys const& keys() const noexcept { return *keys_; }

    /// The tables of a key, if it has some.
    [[nodiscard]] crypto::prepared_key const* find(std::uint32_t key) const noexcept {
        for (auto const& p : installed_)
            if (p.key == key) return &p.tables;
        return nullptr;
    }

    /// The keys without tables that should have some: of all keys the most used, as many as fit. Equal ones in the
    /// order of their octets.
    [[nodiscard]] std::vector<wanted_key> wanted(preparation const& how) const {
        struct candidate {
            std::uint64_t rank;
            std::uint32_t key;
            std::size_t bytes;
            bool prepared;
        };
        std::vector<candidate> all;
        for (std::uint32_t i = 0; i != keys_->size(); ++i) {
            if (auto const* tables = find(i)) all.push_back({rank_of_prepared(i), i, tables->bytes(), true});
            else if (keys_->count(i) >= how.at_least)
                all.push_back({keys_->count(i), i, crypto::table_bytes(keys_->algorithm(i), how.shape), false});
        }
        std::sort(all.begin(), all.end(), [](candidate const& a, candidate const& b) {
            if (a.rank != b.rank) return a.rank > b.rank;
            return a.prepared != b.prepared ? a.prepared : a.key < b.key;
        });
        std::vector<wanted_key> r;
        std::size_t buffer = how.max_bytes;
        for (auto const& c : all) {
            if (c.bytes == 0 || c.bytes > buffer) continue;
            buffer -= c.bytes;
            if (!c.prepared) r.push_back({keys_->key(c.key), keys_->algorithm(c.key), keys_->count(c.key)});
        }
        return r;
    }

    /// Takes the tables in. Of the others those least used leave until all fit `max_bytes`, but none that was used half
    /// as often. False, and nothing changes, if the key is not here or there is not enough space.
    [[nodiscard]] bool install(crypto::prepared_key const& tables, std::size_t max_bytes) {
        auto const key = keys_->of(tables.key());
        if (key == countable_keys::none || tables.bytes() > max_bytes) return false;
        auto next = installed_;
        std::erase_if(next, [&](installed const& p) { return p.key == key; });
        std::size_t total = tables.bytes();
        for (auto const& p : next) total += p.tables.bytes();
        while (total >
               max_bytes) { // looked for each time: sorting would trust counts that other threads raise meanwhile
            auto least = next.begin();
            auto rank = rank_of_prepared(least->key);
            for (auto at = least + 1; at != next.end(); ++at)
                if (auto const other = rank_of_prepared(at->key); other < rank) least = at, rank = other;
            if (rank >= keys_->count(key)) return false;
            total -= least->tables.bytes();
            next.erase(least);
        }
        next.push_back({key, tables});
        installed_.swap(next);
        return true;
    }

    /// Makes tables for the keys without, if those of all keys fit in `max_bytes`.
    void make_all(crypto::generator_tables const& generators, ml_dsa_functions const* ml_dsa, std::size_t max_bytes) {
        auto left = max_bytes;
        for (std::uint32_t i = 0; i != keys_->size(); ++i) {
            auto const* tables = find(i);
            auto const bytes =
                tables ? tables->bytes() : crypto::table_bytes(keys_->algorithm(i), crypto::default_table);
            if (bytes > left) return;
            left -= bytes;
        }
        for (std::uint32_t i = 0; i != keys_->size(); ++i)
            if (!find(i))
                if (auto tables = make_tables(generators, ml_dsa, keys_->key(i), crypto::default_table))
                    installed_.push_back({i, *tables});
    }

    /// What another list's keys that are here too had: their counts and tables. The tables of the rest are left behind.
    void inherit(preparations const& old) {
        for (std::uint32_t i = 0; i != old.keys_->size(); ++i)
            if (auto const key = keys_->of(old.keys_->key(i)); key != countable_keys::none) {
                keys_->verified(key) = old.keys_->count(i);
                if (auto const* tables = old.find(i)) installed_.push_back({key, *tables});
            }
    }

private:
    struct installed {
        std::uint32_t key;
        crypto::prepared_key tables;
    };
    // A key with tables ranks as if used twice as often, so that two keys do not take turns.
    [[nodiscard]] std::uint64_t rank_of_prepared(std::uint32_t key) const noexcept { return 2 * keys_->count(key); }

    std::shared_ptr<countable_keys const> keys_; // shared by all objects that follow one another for a list
    std::vector<installed> installed_;
};

/// ML-DSA needs no hash object.
struct no_hasher {
    explicit no_hasher(hash_id) noexcept {}
};
template <class Plain> using hasher_for =
    std::conditional_t<std::is_same_v<Plain, crypto::verify_operation>, no_hasher, crypto::hasher>;

inline bool verify_prepared(crypto::prepared_key const& key, crypto::hasher& hash, bytes_view message,
                            bytes_view signature) {
    return key.verify(hash, message, signature);
}
inline bool verify_prepared(crypto::prepared_key const& key, no_hasher, bytes_view message, bytes_view signature) {
    return key.verify(message, signature);
}
inline bool verify_plain(crypto::unprepared_key& key, crypto::hasher& hash, bytes_view message, bytes_view signature) {
    return key.verify(hash, message, signature);
}
inline bool verify_plain(crypto::verify_operation& key, no_hasher, bytes_view message, bytes_view signature) {
    return key.verify(message, signature);
}

/// Of a signature by signet's arithmetic: with tables where there are some, else by `Plain`.
template <class Plain> class own_check final : public key_check {
public:
    own_check(Plain plain, alg a, preparations const& from, std::uint32_t key)
        : plain_{std::move(plain)}, hash_{traits(a).hash}, verified_{&from.keys().verified(key)}, key_{key} {
        own_check::take_tables(from);
    }
    /// `from` is of the same key set.
    void take_tables(preparations const& from) override {
        auto const* tables = from.find(key_);
        prepared_ = tables ? std::optional{*tables} : std::nullopt;
    }
    /// Only what holds is counted.
    [[nodiscard]] bool verify(bytes_view message, bytes_view signature) override {
        bool const good = prepared_ ? verify_prepared(*prepared_, hash_, message, signature)
                                    : verify_plain(plain_, hash_, message, signature);
        if (good) verified_->fetch_add(1, std::memory_order_relaxed);
        return good;
    }

private:
    Plain plain_;
    std::optional<crypto::prepared_key> prepared_;
    [[no_unique_address]] hasher_for<Plain> hash_;
    std::atomic<std::uint64_t>* verified_; // of the preparations that the state holds
    std::uint32_t key_;
};

inline result<crypto::prepared_key> prepare_ml_dsa(public_key const& key) { return crypto::prepared_key::make(key); }

inline key_check* make_plain_ml_dsa(jose::key_entry const& key, alg a) {
    auto operation = crypto::detail::verify_operations::by_ml_dsa(*key.as_public_key(), a);
    return operation ? new signature_check{*std::move(operation)} : nullptr;
}

inline key_check* make_counted_ml_dsa(preparations const& prepared, jose::any_key_set const& keys, std::size_t key,
                                      alg a) {
    auto operation = crypto::detail::verify_operations::by_ml_dsa(*keys[key].as_public_key(), a);
    return operation
               ? new own_check<crypto::verify_operation>{*std::move(operation), a, prepared, prepared.keys().of(key)}
               : nullptr;
}

inline constexpr ml_dsa_functions verifies_ml_dsa{prepare_ml_dsa, make_plain_ml_dsa, make_counted_ml_dsa};

/// What verifiers of ES256, Ed25519 and ML-DSA have more than others.
struct own_functions {
    crypto::generator_tables (*make_generators)(crypto::detail::curves const& wanted);
    /// For a list's keys, with what the list before it had, and tables for all keys if they fit in `max_bytes`.
    std::shared_ptr<preparations const> (*prepare)(std::shared_ptr<jose::any_key_set const> keys,
                                                   preparations const* before,
                                                   crypto::generator_tables const& generators,
                                                   ml_dsa_functions const* ml_dsa, std::size_t max_bytes);
    key_check* (*make_check)(crypto::detail::curves const& with, crypto::generator_tables const& generators,
                             preparations const& prepared, jose::any_key_set const& keys, std::size_t key, alg a);
};

inline crypto::generator_tables make_own_generators(crypto::detail::curves const& wanted) {
    return crypto::generator_tables::make(wanted);
}

inline std::shared_ptr<preparations const> make_preparations(std::shared_ptr<jose::any_key_set const> keys,
                                                             preparations const* before,
                                                             crypto::generator_tables const& generators,
                                                             ml_dsa_functions const* ml_dsa, std::size_t max_bytes) {
    auto made = std::make_shared<preparations>(std::move(keys));
    if (before) made->inherit(*before);
    made->make_all(generators, ml_dsa, max_bytes);
    return made;
}

inline key_check* make_own_check(crypto::detail::curves const& with, crypto::generator_tables const& generators,
                                 preparations const& prepared, jose::any_key_set const& keys, std::size_t key, alg a) {
    auto plain = crypto::unprepared_key::make(generators, *keys[key].as_public_key(), with);
    if (!plain || plain->algorithm_id() != a) return nullptr;
    return new own_check<crypto::unprepared_key>{*std::move(plain), a, prepared, prepared.keys().of(key)};
}

inline constexpr own_functions verifies_own{make_own_generators, make_preparations, make_own_check};

}}}} // namespace signet::jwt::detail

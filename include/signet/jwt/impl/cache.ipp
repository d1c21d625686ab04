// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/keyed_hash.hpp>
#include <signet/core/impl/portable.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/jwt/cache.hpp>
#include <signet/jwt/impl/thread_states.hpp>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

using cache_key = std::array<std::uint8_t, 32>; // SHA-256(token) xor the policy's fingerprint
using denial_key = std::array<std::uint8_t, 16>;

/// SHA-256 over two strings with the length of the first, cut to 128 bits.
inline denial_key denial_key_of(crypto::hasher& hash, std::string_view kind, std::string_view issuer,
                                std::string_view name) {
    std::uint8_t const size[4] = {
        static_cast<std::uint8_t>(issuer.size()), static_cast<std::uint8_t>(issuer.size() >> 8),
        static_cast<std::uint8_t>(issuer.size() >> 16), static_cast<std::uint8_t>(issuer.size() >> 24)};
    hash.update(as_bytes(kind));
    hash.update(size);
    hash.update(as_bytes(issuer));
    hash.update(as_bytes(name));
    crypto::sha256_digest digest;
    hash.finish(digest);
    denial_key key;
    std::copy_n(digest.begin(), key.size(), key.begin());
    return key;
}

/// Revocations: exactly as many as it was made for, wherever their keys fall. Chains of rows, under locks that seldom
/// meet.
class denial_table {
public:
    struct row {
        denial_key key{};
        unix_time until{};  // what expired by then is free to be taken
        unix_time before{}; // tokens issued before this; the largest for "whenever issued"
        std::uint32_t next = none;
    };
    using chain = std::uint32_t; // the first row of a chain, or none
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    [[nodiscard]] static std::size_t row_count(std::size_t wanted) noexcept {
        return std::clamp<std::size_t>(wanted, 1, 1u << 30);
    }
    [[nodiscard]] static std::size_t chain_count(std::size_t wanted) noexcept {
        return std::bit_ceil(row_count(wanted));
    }

    /// `chains` has a power of two of elements, each `none`.
    denial_table(std::span<row> rows, std::span<chain> chains) noexcept : rows_{rows}, chains_{chains} {
        for (std::uint32_t i = 0; i != rows_.size(); ++i) rows_[i].next = i + 1 == rows_.size() ? none : i + 1;
        free_ = 0;
    }

    /// False: as many as it holds are in force.
    bool insert(denial_key const& key, unix_time before, unix_time until, unix_time now) {
        auto const c = chain_of(key);
        while (!put(c, key, before, until, now))
            if (!sweep(now)) return false; // what it frees may be taken by others meanwhile, then it is tried again
        any_.store(true, std::memory_order_release);
        return true;
    }

    /// Whether a token with that key, issued then, is denied.
    bool denies(denial_key const& key, std::optional<unix_time> issued, unix_time now) {
        if (!any_.load(std::memory_order_acquire)) return false;
        auto const c = chain_of(key);
        std::lock_guard lock{lock_of(c)};
        for (auto at = chains_[c]; at != none; at = rows_[at].next) {
            auto const& r = rows_[at];
            if (r.until > now && r.key == key) return !issued || *issued < r.before || r.before == latest_time;
        }
        return false;
    }

private:
    static constexpr std::size_t lock_count = 16;

    bool put(std::size_t c, denial_key const& key, unix_time before, unix_time until, unix_time now) {
        std::lock_guard lock{lock_of(c)};
        for (auto at = chains_[c]; at != none; at = rows_[at].next) {
            auto& r = rows_[at];
            if (r.key != key || r.until <= now) continue;
            r.until = std::max(r.until, until);
            r.before = std::max(r.before, before);
            return true;
        }
        auto const taken = take();
        if (taken == none) return false;
        rows_[taken] = {key, until, before, chains_[c]};
        chains_[c] = taken;
        return true;
    }
    std::uint32_t take() {
        std::lock_guard lock{free_mutex_};
        auto const taken = free_;
        if (taken != none) free_ = rows_[taken].next;
        return taken;
    }
    /// Frees what expired, everywhere; false if nothing did. One at a time, so that none is turned away while another
    /// frees.
    bool sweep(unix_time now) {
        std::lock_guard sweeping{sweep_mutex_};
        {
            std::lock_guard lock{free_mutex_};
            if (free_ != none) return true;
        }
        if (now < next_expiry_) return false;
        bool freed = false;
        auto next = latest_time;
        for (std::size_t c = 0; c != chains_.size(); ++c) {
            std::lock_guard lock{lock_of(c)};
            for (auto* at = &chains_[c]; *at != none;) {
                auto& r = rows_[*at];
                if (r.until > now) {
                    next = std::min(next, r.until);
                    at = &r.next;
                    continue;
                }
                auto const gone = std::exchange(*at, r.next);
                std::lock_guard free_lock{free_mutex_};
                r.next = std::exchange(free_, gone);
                freed = true;
            }
        }
        // While all rows are in chains none comes to one, so nothing expires before `next`.
        next_expiry_ = freed ? unix_time{} : next;
        return freed;
    }

    /// By a secret: whoever has tokens denied may have a say in their names.
    std::size_t chain_of(denial_key const& key) const noexcept {
        std::uint64_t word;
        std::memcpy(&word, key.data(), sizeof word);
        return static_cast<std::size_t>((word ^ seed_.a) * (seed_.b | 1) >> 32) & (chains_.size() - 1);
    }
    std::mutex& lock_of(std::size_t c) noexcept { return locks_[c % lock_count]; }

    std::span<row> rows_;
    std::span<chain> chains_;
    signet::detail::hash_seed seed_ = signet::detail::process_seed();
    std::mutex locks_[lock_count]; // of the chains; before the two below
    std::mutex free_mutex_;
    std::uint32_t free_ = none;
    std::mutex sweep_mutex_;  // before all others
    unix_time next_expiry_{}; // while no row is free: nothing expires earlier
    std::atomic<bool> any_{false};
};

/// Where a token is looked for: by its last characters, which are its signature's and as good as random. Known before
/// the SHA-256 is, so that memory is on its way while that is computed; what decides is the digest alone.
struct cache_spot {
    std::size_t set = 0;
    std::uint32_t tag = 0; // 0: none

    cache_spot(std::string_view text, std::uint64_t sets) noexcept {
        std::uint64_t last[2]{};
        if (text.size() >= sizeof last) std::memcpy(last, text.data() + text.size() - sizeof last, sizeof last);
        auto hash =
            (last[0] ^ 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu + (last[1] ^ text.size()) * 0xc4ceb9fe1a85ec53u;
        hash = (hash ^ hash >> 32) * 0x94d049bb133111ebu;
        set = static_cast<std::size_t>((hash >> 32) * sets >> 32);
        tag = static_cast<std::uint32_t>(hash) | 1;
    }
};

/// What is looked at first, one cache line a set: which of its places may hold a token, and when each was used last.
struct alignas(64) cache_set {
    static constexpr std::size_t ways = 8;
    std::atomic<std::uint32_t> tags[ways]{}; // read without the lock too, for guessing only
    std::uint32_t used[ways]{};
};
static_assert(sizeof(cache_set) == 64);

/// What precedes a remembered token's index and text in its place.
struct cache_entry {
    cache_key key{};
    std::uint64_t generation = 0; // of the verifier's keys; 0: free
    denial_key by_id{}, by_subject{};
    bool has_id = false, has_subject = false;
    token_index index{};
};
static_assert(sizeof(cache_entry) % alignof(codec::json_node) == 0 && sizeof(codec::json_node) % 8 == 0);
static_assert(alignof(cache_entry) <= 8 && alignof(denial_table::row) <= 8);

struct cache_state {
    crypto::hasher hash{hash_id::sha256};
    std::vector<char> text; // for the owning form
    std::vector<codec::json_node> nodes;
    token_index index;
};

/// Eight places a set; the least recently used one, or one of former keys, is evicted.
class cache_core {
public:
    static constexpr std::size_t ways = cache_set::ways, lock_count = 64, line = 64;

    /// How the memory is divided, from the first whole cache line on: sets, places for tokens, then denials' rows and
    /// chains.
    struct layout {
        explicit layout(cache_limits const& limits) noexcept
            : buffer{limits.entry_octets / sizeof(codec::json_node) * sizeof(codec::json_node)},
              stride{(sizeof(cache_entry) + buffer + line - 1) / line * line},
              sets{std::clamp<std::size_t>(limits.entries / ways, 1, 1u << 31)},
              rows{denial_table::row_count(limits.denials)},
              chains{denial_table::chain_count(limits.denials)} {}
        [[nodiscard]] std::size_t places_at() const noexcept { return sets * sizeof(cache_set); }
        [[nodiscard]] std::size_t rows_at() const noexcept { return places_at() + sets * ways * stride; }
        [[nodiscard]] std::size_t chains_at() const noexcept { return rows_at() + rows * sizeof(denial_table::row); }
        [[nodiscard]] std::size_t size() const noexcept {
            return line - 1 + chains_at() + chains * sizeof(denial_table::chain);
        }
        std::size_t buffer, stride, sets, rows, chains;
    };

    cache_core(policy const& policy, cache_limits const& limits, std::span<std::byte> memory)
        : fingerprint_{fingerprint(policy)},
          cacheable_{policy.check == nullptr},
          leeway_{std::max(policy.leeway, std::chrono::seconds{0})},
          ahead_{std::max(leeway_, policy.max_ahead)},
          layout_{limits},
          memory_{first_line(memory.data())},
          denials_{make_all<denial_table::row>(memory_ + layout_.rows_at(), layout_.rows, {}),
                   make_all<denial_table::chain>(memory_ + layout_.chains_at(), layout_.chains, denial_table::none)} {
        for (std::size_t i = 0; i != layout_.sets; ++i) new (memory_ + i * sizeof(cache_set)) cache_set{};
        for (std::size_t i = 0; i != layout_.sets * ways; ++i)
            new (memory_ + layout_.places_at() + i * layout_.stride) cache_entry{};
    }
    cache_core(cache_core const&) = delete;
    ~cache_core() { wipe({reinterpret_cast<std::uint8_t*>(memory_), layout_.rows_at()}); }

    [[nodiscard]] cache_spot spot_of(std::string_view text) const noexcept { return {text, layout_.sets}; }

    /// Computes the key and meanwhile has the memory fetched that may hold the token.
    cache_key key_of(cache_state& state, std::string_view text, cache_spot const& spot) {
        cache_key key;
        auto const half = text.size() / 2;
        signet::detail::prefetch(&set_at(spot.set));
        state.hash.update(as_bytes(text.substr(0, half)));
        for (std::size_t way = 0; way != ways; ++way)
            if (set_at(spot.set).tags[way].load(std::memory_order_relaxed) == spot.tag) fetch(spot.set, way);
        state.hash.update(as_bytes(text.substr(half)));
        state.hash.finish(key);
        for (std::size_t i = 0; i != key.size(); ++i) key[i] = static_cast<std::uint8_t>(key[i] ^ fingerprint_[i]);
        return key;
    }

    /// What is remembered of that token under keys of that generation, copied out.
    struct found {
        denial_key by_id, by_subject;
        bool has_id, has_subject;
    };
    bool find(cache_spot const& spot, cache_key const& key, std::uint64_t generation, std::span<char> text,
              std::span<codec::json_node> nodes, token_index& index, found& out) {
        auto& stripe = stripes_[spot.set % lock_count];
        auto& set = set_at(spot.set);
        std::lock_guard lock{stripe.mutex};
        for (std::size_t way = 0; way != ways; ++way) {
            if (set.tags[way].load(std::memory_order_relaxed) != spot.tag) continue;
            auto const& e = place(spot.set, way);
            if (e.generation != generation || !constant_time_equal(e.key, key)) continue;
            if (e.index.text_size > text.size() || e.index.node_count > nodes.size()) break;
            set.used[way] = ++stripe.clock;
            ++stripe.counters.hits;
            auto const* values = reinterpret_cast<codec::json_node const*>(&e + 1);
            std::copy_n(values, e.index.node_count, nodes.data());
            std::memcpy(text.data(), values + e.index.node_count, e.index.text_size);
            index = e.index;
            out = {e.by_id, e.by_subject, e.has_id, e.has_subject};
            return true;
        }
        ++stripe.counters.misses;
        return false;
    }

    void insert(cache_spot const& spot, cache_key const& key, std::uint64_t generation, claims_view const& claims,
                found const& seen, std::uint64_t epoch) {
        auto const& index = token_access::index(claims);
        auto const wanted = index.node_count * sizeof(codec::json_node) + index.text_size;
        auto& stripe = stripes_[spot.set % lock_count];
        auto& set = set_at(spot.set);
        auto const single_use = claims.claim<bool>("single_use");

        std::lock_guard lock{stripe.mutex};
        if (!cacheable_ || wanted > layout_.buffer ||
            (single_use.has_value() ? *single_use : single_use.error() != errc::claim_missing)) {
            ++stripe.counters.not_cacheable;
            return;
        }
        if (epoch != this->epoch()) { // a denial or a clear() came while this one verified
            ++stripe.counters.dropped;
            return;
        }
        auto const last_use = [&](std::size_t way) {
            return place(spot.set, way).generation == generation ? set.used[way] : 0;
        };
        std::size_t victim = 0;
        for (std::size_t way = 0; way != ways; ++way) {
            auto const& e = place(spot.set, way);
            if (e.generation == generation && e.key == key) {
                victim = way;
                break;
            }
            if (last_use(way) < last_use(victim)) victim = way;
        }
        auto& e = place(spot.set, victim);
        e = {.key = key,
             .generation = generation,
             .by_id = seen.by_id,
             .by_subject = seen.by_subject,
             .has_id = seen.has_id,
             .has_subject = seen.has_subject,
             .index = index};
        set.tags[victim].store(spot.tag, std::memory_order_relaxed);
        set.used[victim] = ++stripe.clock;
        auto* values = reinterpret_cast<codec::json_node*>(&e + 1);
        std::copy_n(token_access::nodes(claims), index.node_count, values);
        std::memcpy(static_cast<void*>(values + index.node_count), token_access::text(claims), index.text_size);
    }

    void clear() noexcept {
        epoch_.fetch_add(1, std::memory_order_acq_rel);
        for (std::size_t set = 0; set != layout_.sets; ++set) {
            std::lock_guard lock{stripes_[set % lock_count].mutex};
            for (std::size_t way = 0; way != ways; ++way) {
                set_at(set).tags[way].store(0, std::memory_order_relaxed);
                place(set, way).generation = 0;
            }
        }
    }

    result<void> deny(denial_key const& key, unix_time before, unix_time until, unix_time now) {
        // The policy's leeway is granted after `exp`, which may have a fraction of a second besides.
        auto const last = saturating_add(saturating_add(until, leeway_), std::chrono::seconds{1});
        if (last <= now) return errc::expired; // nothing of it is valid any more, or two times were swapped
        auto const kept = denials_.insert(key, before, last, now);
        if (!kept) {
            std::lock_guard lock{closed_mutex_};
            closed_before_ = std::max(closed_before_, saturating_add(now, ahead_));
            closed_until_ = std::max(closed_until_, last);
            closed_.store(true, std::memory_order_release);
        }
        epoch_.fetch_add(1, std::memory_order_acq_rel);
        if (!kept) return errc::store_full;
        return {};
    }

    bool denied(found const& seen, std::optional<numeric_date> const& iat, unix_time now) {
        std::optional<unix_time> issued;
        if (iat) issued = iat->seconds;
        if (closed_.load(std::memory_order_acquire)) {
            std::lock_guard lock{closed_mutex_};
            if (now < closed_until_ && (!issued || *issued <= closed_before_)) return true;
        }
        return (seen.has_id && denials_.denies(seen.by_id, issued, now)) ||
               (seen.has_subject && denials_.denies(seen.by_subject, issued, now));
    }

    std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }
    thread_states<cache_state>::loan borrow() { return states_.borrow(); }

    cache_counters counters() noexcept {
        cache_counters sum;
        for (auto& stripe : stripes_) {
            std::lock_guard lock{stripe.mutex};
            sum.hits += stripe.counters.hits;
            sum.misses += stripe.counters.misses;
            sum.not_cacheable += stripe.counters.not_cacheable;
            sum.dropped += stripe.counters.dropped;
        }
        return sum;
    }

private:
    static std::byte* first_line(std::byte* memory) noexcept {
        auto const beyond = reinterpret_cast<std::uintptr_t>(memory) % line;
        return memory + (beyond ? line - beyond : 0);
    }
    template <class T> static std::span<T> make_all(std::byte* memory, std::size_t count, T const& value) noexcept {
        auto* all = reinterpret_cast<T*>(memory);
        for (std::size_t i = 0; i != count; ++i) new (all + i) T{value};
        return {all, count};
    }
    struct alignas(64) stripe {
        std::mutex mutex;
        std::uint32_t clock = 0; // orders uses; should it ever run over, the wrong one is evicted for a while
        cache_counters counters;
    };

    cache_set& set_at(std::size_t set) noexcept {
        return *std::launder(reinterpret_cast<cache_set*>(memory_ + set * sizeof(cache_set)));
    }
    std::byte* place_at(std::size_t set, std::size_t way) noexcept {
        return memory_ + layout_.places_at() + (set * ways + way) * layout_.stride;
    }
    cache_entry& place(std::size_t set, std::size_t way) noexcept {
        return *std::launder(reinterpret_cast<cache_entry*>(place_at(set, way)));
    }

    /// Has a place's memory brought near, as much of it as a usual token takes.
    void fetch(std::size_t set, std::size_t way) noexcept {
        auto const* const at = place_at(set, way);
        for (std::size_t i = 0; i < std::min<std::size_t>(layout_.stride, 16 * line); i += line)
            signet::detail::prefetch(at + i);
    }

    std::array<std::uint8_t, 32> fingerprint_;
    bool cacheable_;
    std::chrono::seconds leeway_, ahead_; // the second: how far a token's iat may be in the future
    layout layout_;
    std::byte* memory_;
    stripe stripes_[lock_count];
    std::atomic<std::uint64_t> epoch_{0};
    denial_table denials_;
    std::mutex closed_mutex_; // when a denial found no space: everything issued before is refused
    unix_time closed_before_{}, closed_until_{};
    std::atomic<bool> closed_{false};
    thread_states<cache_state> states_;
};

// Which denials would concern these claims.
inline cache_core::found seen_in(crypto::hasher& hash, claims_view const& claims) {
    cache_core::found seen{};
    seen.has_id = claims.has("jti");
    seen.has_subject = claims.has("sub");
    if (seen.has_id) seen.by_id = denial_key_of(hash, "jti", claims.issuer(), claims.id());
    if (seen.has_subject) seen.by_subject = denial_key_of(hash, "sub", claims.issuer(), claims.subject());
    return seen;
}

SIGNET_DECL void cache_deleter::operator()(cache_core* core) const noexcept { delete core; }

SIGNET_DECL std::size_t cache_handle::memory_size(cache_limits const& limits) noexcept {
    return cache_core::layout{limits}.size();
}

SIGNET_DECL cache_handle::cache_handle(verifier_handle const& verifier, cache_limits const& limits,
                                       std::span<std::byte> memory)
    : core_{new cache_core{verifier.get_policy(), limits, memory}} {}

SIGNET_DECL result<verified> cache_handle::verify(verifier_handle const& with, std::string_view text,
                                                  scratch_base& buffer, unix_time now) const {
    if (buffer.held()) return errc::buffer_in_use;
    auto const limit = std::min(with.get_policy().max_token, buffer.capacity());
    if (text.size() > limit) return errc::token_too_large;
    if (auto const ready = with.look_after_keys(now, nullptr); !ready) return ready.error();
    auto const generation = with.key_generation(); // before anything else: a swap from here on makes this one old
    auto const epoch = core_->epoch();
    auto state = core_->borrow();
    auto const spot = core_->spot_of(text);
    auto const key = core_->key_of(*state, text, spot);

    cache_core::found seen;
    auto const nodes = std::span{token_access::nodes(buffer), token_access::node_capacity(buffer)};
    auto& index = token_access::index(buffer);
    if (core_->find(spot, key, generation, {token_access::text(buffer), buffer.capacity()}, nodes, index, seen)) {
        state.give_back();
        token_access::raw_view const claims{token_access::text(buffer), token_access::nodes(buffer), index};
        if (auto const times = check_times(claims, with.get_policy(), now); !times) return times.error();
        if (core_->denied(seen, claims.issued_at(), now)) return errc::revoked;
        return token_access::hold(buffer);
    }

    auto answer = with.verify(text, buffer, now);
    if (answer) {
        seen = seen_in((*state).hash, *answer);
        if (core_->denied(seen, answer->issued_at(), now)) {
            state.give_back();
            return errc::revoked;
        }
        core_->insert(spot, key, generation, *answer, seen, epoch);
    }
    state.give_back();
    return answer;
}

SIGNET_DECL result<token> cache_handle::verify(verifier_handle const& with, std::string_view text, unix_time now,
                                               key_wait* later) const {
    auto const limit = with.get_policy().max_token;
    if (text.size() > limit) return errc::token_too_large;
    if (auto const ready = with.look_after_keys(now, later); !ready) return ready.error();
    auto const generation = with.key_generation();
    auto const epoch = core_->epoch();
    auto state = core_->borrow();
    auto const spot = core_->spot_of(text);
    auto const key = core_->key_of(*state, text, spot);
    auto& own = *state;
    if (own.text.size() < limit) own.text.resize(limit);
    if (own.nodes.empty()) own.nodes.resize(max_claim_values(limit));

    cache_core::found seen;
    if (core_->find(spot, key, generation, own.text, own.nodes, own.index, seen)) {
        token_access::raw_view const claims{own.text.data(), own.nodes.data(), own.index};
        auto const times = check_times(claims, with.get_policy(), now);
        if (!times || core_->denied(seen, claims.issued_at(), now)) {
            state.give_back();
            return times ? error{errc::revoked} : times.error();
        }
        result<token> answer{token_access::own(own.text.data(), own.nodes.data(), own.index)};
        state.give_back();
        return answer;
    }

    auto answer = with.verify(text, now, later);
    if (answer) {
        seen = seen_in(own.hash, *answer);
        if (core_->denied(seen, answer->issued_at(), now)) answer = errc::revoked;
        else core_->insert(spot, key, generation, *answer, seen, epoch);
    }
    state.give_back();
    return answer;
}

/// A denial of no time is a mistake, as one of nobody's tokens is.
inline result<void> check_times_set(std::initializer_list<unix_time> times) noexcept {
    for (auto const t : times) {
        if (t <= unix_time{}) return errc::time_not_set;
        if (t > latest_time) return errc::out_of_range;
    }
    return {};
}

SIGNET_DECL result<void> cache_handle::deny(deny_params const& params, unix_time now) const {
    if (auto const set = check_times_set({params.until, now}); !set) return set.error();
    if (params.issuer.empty()) return error{errc::claim_missing, field_name::iss};
    if (params.jti.empty()) return error{errc::claim_missing, field_name::jti};
    crypto::hasher hash{hash_id::sha256};
    return core_->deny(denial_key_of(hash, "jti", params.issuer, params.jti), latest_time, params.until, now);
}
SIGNET_DECL result<void> cache_handle::deny_before(deny_before_params const& params, unix_time now) const {
    if (auto const set = check_times_set({params.issued_before, params.until, now}); !set) return set.error();
    if (params.until < params.issued_before) return errc::out_of_range;
    if (params.issuer.empty()) return error{errc::claim_missing, field_name::iss};
    if (params.subject.empty()) return error{errc::claim_missing, field_name::sub};
    crypto::hasher hash{hash_id::sha256};
    return core_->deny(denial_key_of(hash, "sub", params.issuer, params.subject), params.issued_before, params.until,
                       now);
}
SIGNET_DECL void cache_handle::clear() const noexcept { core_->clear(); }
SIGNET_DECL cache_counters cache_handle::counters() const noexcept { return core_->counters(); }

}}}} // namespace signet::jwt::detail

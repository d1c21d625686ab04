// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/jwt/cache.hpp>
#include <signet/jwt/impl/lanes.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>

namespace signet::inline SIGNET_ABI::jwt::detail {

using cache_key = std::array<std::uint8_t, 32>; // SHA-256(token) xor the policy's fingerprint
using denial_key = std::array<std::uint8_t, 16>;

/// SHA-256 over two strings with the length of the first, cut to 128 bits.
inline denial_key denial_key_of(crypto::hasher& hash, std::string_view kind, std::string_view issuer, std::string_view name) {
    std::uint8_t const size[4] = {static_cast<std::uint8_t>(issuer.size()), static_cast<std::uint8_t>(issuer.size() >> 8),
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

/// Revocations: a fixed table, eight places for each key, under locks that seldom meet.
class denial_table {
public:
    struct row {
        denial_key key{};
        unix_time  until{};  // epoch: free
        unix_time  before{}; // tokens issued before this; the largest for "whenever issued"
    };

    static constexpr std::size_t ways = 8;
    [[nodiscard]] static std::size_t row_count(std::size_t wanted) noexcept { return std::max<std::size_t>(wanted / ways, 1) * ways; }

    explicit denial_table(std::span<row> rows) noexcept : rows_{rows} {}

    /// False: no room.
    bool insert(denial_key const& key, unix_time before, unix_time until, unix_time now) {
        auto const              first = set_of(key);
        std::lock_guard         lock{locks_[first / ways % lock_count]};
        row*                    free = nullptr;
        for (auto* r = &rows_[first]; r != &rows_[first] + ways; ++r) {
            if (r->key == key && r->until > now) {
                r->until = std::max(r->until, until);
                r->before = std::max(r->before, before);
                return true;
            }
            if (!free && r->until <= now) free = r;
        }
        if (!free) return false;
        *free = {key, until, before};
        any_.store(true, std::memory_order_release);
        return true;
    }

    /// Whether a token with that key, issued then, is denied.
    bool denies(denial_key const& key, std::optional<unix_time> issued, unix_time now) {
        if (!any_.load(std::memory_order_acquire)) return false;
        auto const      first = set_of(key);
        std::lock_guard lock{locks_[first / ways % lock_count]};
        for (auto const* r = &rows_[first]; r != &rows_[first] + ways; ++r)
            if (r->until > now && r->key == key) return !issued || *issued < r->before || r->before == latest_time;
        return false;
    }

private:
    static constexpr std::size_t lock_count = 16;
    std::size_t set_of(denial_key const& key) const noexcept {
        std::uint64_t hash;
        std::memcpy(&hash, key.data(), sizeof hash);
        return hash % (rows_.size() / ways) * ways;
    }

    std::span<row>    rows_;
    std::mutex        locks_[lock_count];
    std::atomic<bool> any_{false};
};

/// What precedes a remembered token's index and text in its place.
struct cache_entry {
    cache_key     key{};
    std::uint64_t generation = 0; // of the verifier's keys; 0: free
    std::uint64_t used = 0;
    denial_key    by_id{}, by_subject{};
    bool          has_id = false, has_subject = false;
    token_index   index{};
};
static_assert(sizeof(cache_entry) % alignof(codec::json_node) == 0 && sizeof(codec::json_node) % 8 == 0);
static_assert(alignof(cache_entry) <= 8 && alignof(denial_table::row) <= 8);

struct cache_lane {
    crypto::hasher                hash{hash_id::sha256};
    std::vector<char>             text;  // for the owning form
    std::vector<codec::json_node> nodes;
    token_index                   index;
};

/// A place is picked by eight in a set; the least recently used one, or one of former keys, makes room.
class cache_core {
public:
    static constexpr std::size_t ways = 8, lock_count = 64;

    /// How the memory is divided: places for tokens, then rows for denials.
    struct layout {
        explicit layout(cache_limits const& limits) noexcept
            : room{limits.entry_octets / sizeof(codec::json_node) * sizeof(codec::json_node)}, stride{sizeof(cache_entry) + room},
              sets{std::max<std::size_t>(limits.entries / ways, 1)}, rows{denial_table::row_count(limits.denials)} {}
        [[nodiscard]] std::size_t places_size() const noexcept { return sets * ways * stride; }
        [[nodiscard]] std::size_t size() const noexcept { return places_size() + rows * sizeof(denial_table::row); }
        std::size_t room, stride, sets, rows;
    };

    cache_core(policy const& rules, cache_limits const& limits, std::span<std::byte> memory)
        : fingerprint_{fingerprint(rules)}, cacheable_{rules.check == nullptr}, layout_{limits}, places_{memory.data()},
          denials_{make_rows(memory.subspan(layout_.places_size()), layout_.rows)} {
        for (std::size_t i = 0; i != layout_.sets * ways; ++i) new (places_ + i * layout_.stride) cache_entry{};
    }
    cache_core(cache_core const&) = delete;
    ~cache_core() { wipe({reinterpret_cast<std::uint8_t*>(places_), layout_.places_size()}); }

    cache_key key_of(cache_lane& lane, std::string_view text) const {
        cache_key key;
        lane.hash.update(as_bytes(text));
        lane.hash.finish(key);
        for (std::size_t i = 0; i != key.size(); ++i) key[i] = static_cast<std::uint8_t>(key[i] ^ fingerprint_[i]);
        return key;
    }

    /// What is remembered of that token under keys of that generation, copied out.
    struct found {
        denial_key by_id, by_subject;
        bool       has_id, has_subject;
    };
    bool find(cache_key const& key, std::uint64_t generation, std::span<char> text, std::span<codec::json_node> nodes, token_index& index,
              found& out) {
        auto const      set = set_of(key);
        auto&           stripe = stripes_[set % lock_count];
        std::lock_guard lock{stripe.mutex};
        for (std::size_t way = 0; way != ways; ++way) {
            auto& e = place(set, way);
            if (e.generation != generation || !constant_time_equal(e.key, key)) continue;
            if (e.index.text_size > text.size() || e.index.node_count > nodes.size()) break;
            e.used = ++stripe.clock;
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

    void insert(cache_key const& key, std::uint64_t generation, claims_view const& claims, found const& facts, std::uint64_t epoch) {
        auto const& index = token_access::index(claims);
        auto const  wanted = index.node_count * sizeof(codec::json_node) + index.text_size;
        auto const  set = set_of(key);
        auto&       stripe = stripes_[set % lock_count];
        auto const  single_use = claims.claim<bool>("single_use");

        std::lock_guard lock{stripe.mutex};
        if (!cacheable_ || wanted > layout_.room || (single_use ? *single_use : single_use.error() != errc::claim_missing)) {
            ++stripe.counters.not_cacheable;
            return;
        }
        if (epoch != this->epoch()) { // a denial or a clear() came while this one verified
            ++stripe.counters.dropped;
            return;
        }
        auto* victim = &place(set, 0);
        for (std::size_t way = 0; way != ways; ++way) {
            auto& e = place(set, way);
            if (e.generation == generation && e.key == key) {
                victim = &e;
                break;
            }
            auto const age = [&](cache_entry const& x) { return x.generation == generation ? x.used : 0; };
            if (age(e) < age(*victim)) victim = &e;
        }
        *victim = {.key = key, .generation = generation, .used = ++stripe.clock, .by_id = facts.by_id, .by_subject = facts.by_subject,
                   .has_id = facts.has_id, .has_subject = facts.has_subject, .index = index};
        auto* values = reinterpret_cast<codec::json_node*>(victim + 1);
        std::copy_n(token_access::nodes(claims), index.node_count, values);
        std::memcpy(static_cast<void*>(values + index.node_count), token_access::text(claims), index.text_size);
    }

    void clear() noexcept {
        epoch_.fetch_add(1, std::memory_order_acq_rel);
        for (std::size_t set = 0; set != layout_.sets; ++set) {
            std::lock_guard lock{stripes_[set % lock_count].mutex};
            for (std::size_t way = 0; way != ways; ++way) place(set, way).generation = 0;
        }
    }

    result<void> deny(denial_key const& key, unix_time before, unix_time until, unix_time now) {
        if (until <= now) return {}; // nothing of it is valid any more
        auto const kept = denials_.insert(key, before, until, now);
        if (!kept) {
            std::lock_guard lock{closed_mutex_};
            closed_before_ = std::max(closed_before_, now);
            closed_until_ = std::max(closed_until_, until);
            closed_.store(true, std::memory_order_release);
        }
        epoch_.fetch_add(1, std::memory_order_acq_rel);
        if (!kept) return errc::store_full;
        return {};
    }

    bool denied(found const& facts, std::optional<numeric_date> const& iat, unix_time now) {
        std::optional<unix_time> issued;
        if (iat) issued = iat->seconds;
        if (closed_.load(std::memory_order_acquire)) {
            std::lock_guard lock{closed_mutex_};
            if (now < closed_until_ && (!issued || *issued <= closed_before_)) return true;
        }
        return (facts.has_id && denials_.denies(facts.by_id, issued, now)) ||
               (facts.has_subject && denials_.denies(facts.by_subject, issued, now));
    }

    std::uint64_t epoch() const noexcept { return epoch_.load(std::memory_order_acquire); }
    lanes<cache_lane>::loan borrow() { return lanes_.borrow(); }

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
    static std::span<denial_table::row> make_rows(std::span<std::byte> memory, std::size_t count) noexcept {
        auto* rows = reinterpret_cast<denial_table::row*>(memory.data());
        for (std::size_t i = 0; i != count; ++i) new (rows + i) denial_table::row{};
        return {rows, count};
    }
    struct alignas(64) stripe {
        std::mutex     mutex;
        std::uint64_t  clock = 0;
        cache_counters counters;
    };

    std::size_t set_of(cache_key const& key) const noexcept {
        std::uint64_t hash;
        std::memcpy(&hash, key.data(), sizeof hash);
        return hash % layout_.sets;
    }
    cache_entry& place(std::size_t set, std::size_t way) noexcept {
        return *std::launder(reinterpret_cast<cache_entry*>(places_ + (set * ways + way) * layout_.stride));
    }

    std::array<std::uint8_t, 32> fingerprint_;
    bool                         cacheable_;
    layout                       layout_;
    std::byte*                   places_;
    stripe                       stripes_[lock_count];
    std::atomic<std::uint64_t>   epoch_{0};
    denial_table                 denials_;
    std::mutex                   closed_mutex_; // when a denial found no room: everything issued before is refused
    unix_time                    closed_before_{}, closed_until_{};
    std::atomic<bool>            closed_{false};
    lanes<cache_lane>            lanes_;
};

// Which denials would concern these claims.
inline cache_core::found facts_of(crypto::hasher& hash, claims_view const& claims) {
    cache_core::found facts{};
    facts.has_id = claims.has("jti");
    facts.has_subject = claims.has("sub");
    if (facts.has_id) facts.by_id = denial_key_of(hash, "jti", claims.issuer(), claims.id());
    if (facts.has_subject) facts.by_subject = denial_key_of(hash, "sub", claims.issuer(), claims.subject());
    return facts;
}

SIGNET_DECL void cache_deleter::operator()(cache_core* core) const noexcept { delete core; }

SIGNET_DECL std::size_t cache_handle::memory_size(cache_limits const& limits) noexcept { return cache_core::layout{limits}.size(); }

SIGNET_DECL cache_handle::cache_handle(verifier_handle const& verifier, cache_limits const& limits, std::span<std::byte> memory)
    : core_{new cache_core{verifier.rules(), limits, memory}} {}

SIGNET_DECL result<verified> cache_handle::verify(verifier_handle const& with, std::string_view text, any_scratch& room,
                                                  unix_time now) const {
    if (room.held()) return errc::buffer_in_use;
    auto const limit = std::min(with.rules().max_token, room.capacity());
    if (text.size() > limit) return errc::token_too_large;
    auto const generation = with.key_generation(); // before anything else: a swap from here on makes this one old
    auto const epoch = core_->epoch();
    auto       lane = core_->borrow();
    auto const key = core_->key_of(*lane, text);

    cache_core::found facts;
    auto const        nodes = std::span{token_access::nodes(room), token_access::node_capacity(room)};
    auto&             index = token_access::index(room);
    if (core_->find(key, generation, {token_access::text(room), room.capacity()}, nodes, index, facts)) {
        lane.give_back();
        token_access::raw_view const claims{token_access::text(room), token_access::nodes(room), index};
        if (auto const times = check_times(claims, with.rules(), now); !times) return times.error();
        if (core_->denied(facts, claims.issued_at(), now)) return errc::revoked;
        return token_access::hold(room);
    }

    auto answer = with.verify(text, room, now);
    if (answer) {
        facts = facts_of((*lane).hash, *answer);
        if (core_->denied(facts, answer->issued_at(), now)) {
            lane.give_back();
            return errc::revoked;
        }
        core_->insert(key, generation, *answer, facts, epoch);
    }
    lane.give_back();
    return answer;
}

SIGNET_DECL result<token> cache_handle::verify(verifier_handle const& with, std::string_view text, unix_time now) const {
    auto const generation = with.key_generation();
    auto const epoch = core_->epoch();
    auto const limit = with.rules().max_token;
    if (text.size() > limit) return errc::token_too_large;
    auto       lane = core_->borrow();
    auto const key = core_->key_of(*lane, text);
    auto&      own = *lane;
    if (own.text.size() < limit) own.text.resize(limit);
    if (own.nodes.empty()) own.nodes.resize(max_claim_values(limit));

    cache_core::found facts;
    if (core_->find(key, generation, own.text, own.nodes, own.index, facts)) {
        token_access::raw_view const claims{own.text.data(), own.nodes.data(), own.index};
        auto const                   times = check_times(claims, with.rules(), now);
        if (!times || core_->denied(facts, claims.issued_at(), now)) {
            lane.give_back();
            return times ? error{errc::revoked} : times.error();
        }
        result<token> answer{token_access::own(own.text.data(), own.nodes.data(), own.index)};
        lane.give_back();
        return answer;
    }

    auto answer = with.verify(text, now);
    if (answer) {
        facts = facts_of(own.hash, *answer);
        if (core_->denied(facts, answer->issued_at(), now)) answer = errc::revoked;
        else core_->insert(key, generation, *answer, facts, epoch);
    }
    lane.give_back();
    return answer;
}

SIGNET_DECL result<void> cache_handle::deny(std::string_view issuer, std::string_view jti, unix_time until, unix_time now) const {
    crypto::hasher hash{hash_id::sha256};
    return core_->deny(denial_key_of(hash, "jti", issuer, jti), latest_time, until, now);
}
SIGNET_DECL result<void> cache_handle::deny_before(std::string_view issuer, std::string_view subject, unix_time issued_before,
                                                   unix_time until, unix_time now) const {
    crypto::hasher hash{hash_id::sha256};
    return core_->deny(denial_key_of(hash, "sub", issuer, subject), issued_before, until, now);
}
SIGNET_DECL void cache_handle::clear() const noexcept { core_->clear(); }
SIGNET_DECL cache_counters cache_handle::counters() const noexcept { return core_->counters(); }

} // namespace signet::jwt::detail

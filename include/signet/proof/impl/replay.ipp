// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/replay.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>
#include <vector>

namespace signet::inline SIGNET_ABI::proof {

namespace detail {

inline constexpr std::size_t replay_generations = 3;

struct replay_id { // both 0: an empty slot
    std::uint64_t a = 0, b = 0;
    friend bool operator==(replay_id, replay_id) = default;
};

// Part of the entries under one lock: three tables with linear probing, at most two thirds full. New entries go into the
// current one; it gives way to the next when its share of the window is over or it is full, and that one must hold nothing
// that lives. An entry is looked for in all three.
struct alignas(64) replay_shard {
    struct generation {
        std::vector<replay_id> slots;
        std::size_t            count = 0;
        std::int64_t           started = 0;
        std::int64_t           last_expiry = 0; // of its entries
    };

    std::mutex   lock;
    generation   generations[replay_generations];
    std::size_t  current = 0;
    std::int64_t forgotten = 0; // what expires by then may have been here and is no longer

    static std::size_t place(std::uint64_t hash, std::size_t slots) noexcept { return (hash & 0xffff'ffff) * slots >> 32; }

    static replay_id* look(generation& g, replay_id id, std::size_t at) noexcept { // its slot, or the empty one for it
        while (g.slots[at] != replay_id{} && g.slots[at] != id) at = at + 1 == g.slots.size() ? 0 : at + 1;
        return &g.slots[at];
    }
    bool rotate(std::int64_t now) noexcept {
        auto const next = (current + 1) % replay_generations;
        auto&      g = generations[next];
        if (g.last_expiry > now) return false;
        if (g.count != 0) {
            forgotten = std::max(forgotten, g.last_expiry);
            std::fill(g.slots.begin(), g.slots.end(), replay_id{});
        }
        g.count = 0, g.started = now, g.last_expiry = 0;
        current = next;
        return true;
    }
};

} // namespace detail

struct replay_guard::body {
    std::int64_t                       window, slice;
    std::size_t                        each; // entries a generation
    std::vector<detail::replay_shard>  shards;
    std::uint64_t                      seed[2];

    body(replay_options o, random_ref rng)
        : window{std::max<std::int64_t>(1, o.window.count())},
          slice{(window + 1) / 2},
          shards(std::bit_ceil(std::size_t{std::clamp(o.shards, 1u, 256u)})) {
        // Entries of a window lie in three generations of half a window each. Shards fill unevenly: an eighth is added, and
        // some for small ones.
        auto const share = (o.entries + shards.size() - 1) / shards.size();
        each = share / 2 + (shards.size() == 1 ? share % 2 : share / 16 + 8);
        for (auto& s : shards) {
            for (auto& g : s.generations) g.slots.resize(each + each / 2 + 1);
        }
        std::uint8_t random[sizeof seed];
        rng.fill(random);
        std::memcpy(seed, random, sizeof seed);
    }

    // Keyed, since whoever sends proofs chooses their keys.
    std::uint64_t hash(detail::replay_id id) const noexcept {
        auto h = (id.a ^ seed[0]) * 0x9e3779b97f4a7c15;
        h = ((h ^ (h >> 32)) + id.b) * (seed[1] | 1);
        h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9;
        return h ^ (h >> 32);
    }
    result<void> insert(store::record_key const& proof, std::int64_t expires, std::int64_t now) noexcept;
};

SIGNET_DECL result<void> replay_guard::body::insert(store::record_key const& proof, std::int64_t expires, std::int64_t now) noexcept {
    if (expires <= now) return errc::record_expired;
    if (expires - now > window) return errc::out_of_range;
    detail::replay_id id;
    std::memcpy(&id, proof.data(), sizeof id);
    if (id == detail::replay_id{}) id.b = 1;
    auto const h = hash(id);
    auto&      s = shards[(h >> 32) & (shards.size() - 1)];
    auto const at = s.place(h, s.generations[0].slots.size()); // all three are of one size, fixed
    for (auto const& g : s.generations) __builtin_prefetch(&g.slots[at]);

    std::lock_guard hold{s.lock};
    if (expires <= s.forgotten) return errc::replayed; // only after time went backwards
    for (auto& g : s.generations) {
        if (*s.look(g, id, at) == id) return errc::replayed;
    }
    auto const due = [&](auto const& g) { return g.count == each || now >= g.started + slice; };
    // Rotating because of time alone may fail while older entries live: then the current one is used on while it has room.
    if (due(s.generations[s.current])) s.rotate(now);
    if (s.generations[s.current].count == each) return errc::replay_guard_full;
    auto& g = s.generations[s.current];
    *s.look(g, id, at) = id;
    ++g.count;
    g.last_expiry = std::max(g.last_expiry, expires);
    return {};
}

SIGNET_DECL replay_guard::replay_guard(replay_options options, random_ref rng) : body_{std::make_unique<body>(options, rng)} {}
SIGNET_DECL replay_guard::replay_guard(replay_guard&&) noexcept = default;
SIGNET_DECL replay_guard& replay_guard::operator=(replay_guard&&) noexcept = default;
SIGNET_DECL replay_guard::~replay_guard() = default;

SIGNET_DECL result<void> replay_guard::insert(store::record_key const& proof, unix_time expires, unix_time now) noexcept {
    return body_->insert(proof, store::detail::seconds(expires), store::detail::seconds(now));
}

SIGNET_DECL store::reply replay_guard::execute(store::request const& ask) noexcept {
    if (ask.verb != store::verb::insert) return store::reply::failure(errc::store_unfit);
    auto const first = insert(ask.key, ask.record.expires, ask.now);
    if (first) return store::reply::success({{}, {}, 1});
    if (first.error() == errc::replayed) return store::reply::decline();
    return store::reply::failure(first.error().code);
}

} // namespace signet::proof

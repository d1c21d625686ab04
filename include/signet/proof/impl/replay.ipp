// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/portable.hpp>
#include <signet/proof/replay.hpp>

#include <algorithm>
#include <bit>
#include <cstring>
#include <mutex>
#include <span>
#include <vector>

#ifdef __linux__
#    include <sys/mman.h>
#    include <unistd.h>
#endif

namespace signet { inline namespace SIGNET_ABI { namespace proof {

namespace detail {

inline constexpr std::size_t replay_generations = 3;

// 120 bits of a proof's key, and in the low octet of `b` the serial number of the generation that it was put into. A
// slot whose serial is not its generation's present one is empty, so a generation is emptied by giving it a new serial.
struct replay_id {
    std::uint64_t a = 0, b = 0;
    [[nodiscard]] std::uint8_t serial() const noexcept { return static_cast<std::uint8_t>(b); }
};

// Part of the entries under one lock: for each generation a table with linear probing that starts at cache lines, at
// most two thirds full. Lines of one index stand side by side, since an entry is looked for in all generations. New
// entries go into the current one; it gives way to the next when its share of the window is over or it is full, and
// that one must hold nothing that lives.
struct alignas(64) replay_shard {
    struct alignas(64) line {
        replay_id slot[4];
    };
    struct lines_of_all {
        line of[replay_generations];
    };
    struct generation {
        std::size_t count = 0;
        std::int64_t started = 0;
        std::int64_t last_expiry = 0; // of its entries
        std::uint8_t serial = 1;
    };

    std::mutex lock;
    std::span<lines_of_all> lines;
    generation generations[replay_generations];
    std::size_t current = 0;
    std::int64_t forgotten = 0; // what expires by then may have been here and is no longer

    std::size_t place(std::uint64_t hash) const noexcept {
        return static_cast<std::size_t>((hash & 0xffff'ffff) * lines.size() >> 32);
    }

    // Where the id stands in generation `g`, or the empty slot for it.
    replay_id& look(std::size_t g, replay_id id, std::size_t at) noexcept {
        for (;; at = at + 1 == lines.size() ? 0 : at + 1) {
            for (auto& slot : lines[at].of[g].slot) {
                if (slot.serial() != generations[g].serial || (slot.a == id.a && slot.b >> 8 == id.b >> 8)) return slot;
            }
        }
    }
    bool holds(std::size_t g, replay_id id, std::size_t at) noexcept {
        return look(g, id, at).serial() == generations[g].serial;
    }

    bool rotate(std::int64_t now) noexcept {
        auto const next = (current + 1) % replay_generations;
        auto& g = generations[next];
        if (g.last_expiry > now) return false;
        if (g.count != 0) {
            forgotten = std::max(forgotten, g.last_expiry);
            if (++g.serial == 0) { // every 255th time: what was left from the first round must not look alive
                for (auto& l : lines) l.of[next] = {};
                g.serial = 1;
            }
        }
        g.count = 0, g.started = now, g.last_expiry = 0;
        current = next;
        return true;
    }
};

// Takes memory for `count` lines, in large pages where the system gives them: an entry is looked for at a random place,
// and with small pages finding that page costs as much as half the access.
inline void replay_take(std::vector<replay_shard::lines_of_all>& block, std::size_t count) {
    block.reserve(count);
#ifdef MADV_HUGEPAGE
    auto const page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    auto const begin = reinterpret_cast<std::uintptr_t>(block.data()), end = begin + count * sizeof block[0];
    auto const first = (begin + page - 1) / page * page;
    if (end > first) ::madvise(reinterpret_cast<void*>(first), (end - first) / page * page, MADV_HUGEPAGE);
#endif
    block.resize(count);
}

} // namespace detail

struct replay_guard::body {
    std::int64_t window, slice;
    std::size_t each; // entries a generation
    std::vector<detail::replay_shard> shards;
    std::vector<detail::replay_shard::lines_of_all> block; // the shards' lines
    std::uint64_t seed[2];

    body(replay_policy o, random_ref rng)
        : window{std::max<std::int64_t>(1, o.window.count())},
          slice{(window + 1) / 2},
          shards(std::bit_ceil(std::size_t{std::clamp(o.shards, 1u, 256u)})) {
        // The entries of a window lie in two full generations, and in a third that begins as the first ends. Chance
        // fills shards unevenly, by about the root of their share: at least four times that is added.
        auto const share = (o.entries + shards.size() - 1) / shards.size();
        auto const root = std::size_t{1} << (std::bit_width(share) + 1) / 2; // or a little more
        each = share / 2 + share / 32 + 4 * root + 8;
        auto const lines = (each + each / 2) / 4 + 1;
        detail::replay_take(block, lines * shards.size());
        for (std::size_t i = 0; i != shards.size(); ++i) shards[i].lines = std::span{block}.subspan(i * lines, lines);
        std::uint8_t random[sizeof seed];
        rng.fill(random);
        std::memcpy(seed, random, sizeof seed);
    }

    // Keyed, since whoever sends proofs chooses their keys.
    std::uint64_t hash(detail::replay_id id) const noexcept {
        auto h = (id.a ^ seed[0]) * 0x9e3779b97f4a7c15;
        h = ((h ^ (h >> 32)) + (id.b >> 8)) * (seed[1] | 1);
        h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9;
        return h ^ (h >> 32);
    }
    result<void> insert(store::record_key const& proof, std::int64_t expires, std::int64_t now) noexcept;
};

SIGNET_DECL result<void> replay_guard::body::insert(store::record_key const& proof, std::int64_t expires,
                                                    std::int64_t now) noexcept {
    if (expires <= now) return errc::record_expired;
    if (expires - now > window) return errc::out_of_range;
    detail::replay_id id;
    std::memcpy(&id, proof.data(), sizeof id);
    auto const h = hash(id);
    auto& s = shards[static_cast<std::size_t>(h >> 32) & (shards.size() - 1)];
    auto const at = s.place(h); // tables are of one size, fixed
    for (auto const& line : s.lines[at].of) signet::detail::prefetch(&line);

    std::lock_guard hold{s.lock};
    if (expires <= s.forgotten) return errc::replayed; // only after time went backwards
    for (std::size_t g = 0; g != detail::replay_generations; ++g) {
        if (s.holds(g, id, at)) return errc::replayed;
    }
    // Rotating because of time alone may fail while older entries live: then the current one is used on until it is
    // full.
    auto const& before = s.generations[s.current];
    if (before.count == each || now >= before.started + slice) s.rotate(now);
    auto& g = s.generations[s.current];
    if (g.count == each) return errc::replay_guard_full;
    s.look(s.current, id, at) = {id.a, (id.b & ~std::uint64_t{0xff}) | g.serial};
    ++g.count;
    g.last_expiry = std::max(g.last_expiry, expires);
    return {};
}

SIGNET_DECL replay_guard::replay_guard(replay_policy policy, random_ref rng)
    : body_{std::make_unique<body>(policy, rng)} {}
SIGNET_DECL replay_guard::replay_guard(replay_guard&&) noexcept = default;
SIGNET_DECL replay_guard& replay_guard::operator=(replay_guard&&) noexcept = default;
SIGNET_DECL replay_guard::~replay_guard() = default;

SIGNET_DECL result<void> replay_guard::insert(store::record_key const& proof, unix_time expires,
                                              unix_time now) noexcept {
    return body_->insert(proof, store::detail::seconds(expires), store::detail::seconds(now));
}

SIGNET_DECL store::reply replay_guard::execute(store::request const& ask) noexcept {
    if (ask.verb != store::verb::insert) return store::reply::failure(errc::store_unfit);
    auto const first = insert(ask.key, ask.record.expires, ask.now);
    if (first) return store::reply::success({{}, {}, 1});
    if (first.error() == errc::replayed) return store::reply::not_applied();
    return store::reply::failure(first.error().code);
}

}}} // namespace signet::proof

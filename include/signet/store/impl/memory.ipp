// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/portable.hpp>
#include <signet/core/impl/seed.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/scan_place.hpp>
#include <signet/store/memory.hpp>

#include <atomic>
#include <bit>
#include <cstring>
#include <mutex>
#include <new>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

namespace detail {

// Random octets for hash seeds and version counters. Nothing secret hangs on them; the address stands in where the
// system has none, which costs resistance against chosen keys only.
inline std::uint64_t memory_seed(void const* address) noexcept {
    return signet::detail::random_seed().value_or(reinterpret_cast<std::uintptr_t>(address));
}

// The bits in the opposite order. A table of 2^k slots has a record's home at the lowest k bits of its hash, so by
// reversed hashes the homes follow each other in an order that stays when the table grows.
constexpr std::uint64_t reversed(std::uint64_t x) noexcept {
    x = (x >> 1 & 0x5555555555555555) | (x & 0x5555555555555555) << 1;
    x = (x >> 2 & 0x3333333333333333) | (x & 0x3333333333333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f0f0f0f0f) | (x & 0x0f0f0f0f0f0f0f0f) << 4;
    x = (x >> 8 & 0x00ff00ff00ff00ff) | (x & 0x00ff00ff00ff00ff) << 8;
    x = (x >> 16 & 0x0000ffff0000ffff) | (x & 0x0000ffff0000ffff) << 16;
    return x >> 32 | x << 32;
}

// Where a scan goes on: behind a record, or before all that have this reversed hash or a larger one.
struct memory_place {
    std::size_t shard = 0;
    std::uint64_t order = 0; // a reversed hash
    std::optional<record_key> after{};
};

// How many slots one call of a scan looks at, at most, and those of one home more.
inline constexpr std::size_t max_scanned_slots = 65'536;

// One record: this head, then its octets, in one allocation.
struct memory_node {
    record_key key;
    std::int64_t expires;
    std::uint64_t version;
    std::uint32_t size;
    std::uint32_t place; // in the shard's heap

    std::uint8_t* octets() noexcept { return reinterpret_cast<std::uint8_t*>(this + 1); }
};
static_assert(sizeof(memory_node) == 56);

// A lock with the records whose keys hash to it: an open-addressing table, and a heap ordered by expiry.
struct alignas(64) memory_shard {
    struct slot {
        std::uint64_t hash;
        memory_node* node; // nullptr: free
    };
    struct due {
        std::int64_t expires;
        memory_node* node;
    };

    std::mutex lock;
    std::pmr::memory_resource* resource;
    std::pmr::vector<slot> slots; // a power of two, at most 3/4 used
    std::pmr::vector<due> heap;   // earliest first; as many as records
    std::uint64_t last_version;

    memory_shard(std::pmr::memory_resource* r, std::uint64_t first_version)
        : resource{r}, slots{8, slot{}, r}, heap{r}, last_version{first_version} {}
    memory_shard(memory_shard const&) = delete;
    memory_shard& operator=(memory_shard const&) = delete;
    ~memory_shard() {
        for (auto& entry : heap) free(entry.node);
    }

    // ---- nodes

    memory_node* make(record_key const& key, store::record const& r, std::int64_t expires) {
        auto const size = r.bytes.size();
        void* buffer = resource->allocate(sizeof(memory_node) + size, alignof(memory_node));
        auto* node = ::new (buffer) memory_node{key, expires, next_version(), static_cast<std::uint32_t>(size), 0};
        if (size != 0) std::memcpy(node->octets(), r.bytes.data(), size);
        return node;
    }
    void free(memory_node* node) noexcept {
        auto const size = sizeof(memory_node) + node->size;
        wipe({reinterpret_cast<std::uint8_t*>(node), size});
        resource->deallocate(node, size, alignof(memory_node));
    }
    std::uint64_t next_version() noexcept {
        if (++last_version == 0) ++last_version;
        return last_version;
    }

    // ---- table: linear probing, holes closed on removal

    std::size_t first_of(std::uint64_t hash) const noexcept { return static_cast<std::size_t>(hash) & mask(); }
    std::size_t mask() const noexcept { return slots.size() - 1; }
    slot* look(std::uint64_t hash, record_key const& key) noexcept { // the key's slot, or the free one where it belongs
        for (auto i = first_of(hash);; i = (i + 1) & mask()) {
            auto& s = slots[i];
            if (!s.node) return &s;
            if (s.hash != hash) continue;
            // It is far away in memory, and most likely the one: fetch its octets along with its head.
            auto const* octets = reinterpret_cast<char const*>(s.node);
            for (std::ptrdiff_t line = 1; line != 6; ++line) signet::detail::prefetch(octets + 64 * line);
            if (s.node->key == key) return &s;
        }
    }
    void reserve_one() { // may throw; afterwards one insertion cannot
        if (heap.size() == heap.capacity()) heap.reserve(heap.size() + heap.size() / 2 + 4);
        if ((heap.size() + 1) * 4 <= slots.size() * 3) return;
        std::pmr::vector<slot> larger(slots.size() * 2, slot{}, resource);
        slots.swap(larger);
        for (auto const& s : larger) {
            if (!s.node) continue;
            auto i = first_of(s.hash);
            while (slots[i].node) i = (i + 1) & mask();
            slots[i] = s;
        }
    }
    void close_hole(std::size_t hole) noexcept {
        for (auto i = (hole + 1) & mask(); slots[i].node; i = (i + 1) & mask()) {
            auto const home = first_of(slots[i].hash);
            if (((i - home) & mask()) < ((i - hole) & mask())) continue; // it would come to lie before its home
            slots[hole] = slots[i];
            hole = i;
        }
        slots[hole] = {};
    }

    // ---- scans: by reversed hashes, and by keys where those are equal

    // The first record at or behind the place among those at home where the place is; nullptr: none. Counts the slots
    // that it looked at.
    slot const* next_at_home(memory_place const& place, std::size_t& looked) const noexcept {
        slot const* best = nullptr;
        auto const home = first_of(reversed(place.order));
        for (auto i = home; ++looked, slots[i].node; i = (i + 1) & mask()) {
            auto const& s = slots[i];
            if (first_of(s.hash) != home) continue;
            auto const order = reversed(s.hash);
            if (order < place.order || (order == place.order && place.after && s.node->key <= *place.after)) continue;
            if (best && (reversed(best->hash) < order || (best->hash == s.hash && best->node->key < s.node->key)))
                continue;
            best = &s;
        }
        return best;
    }
    // Moves on to the next home. False: there is none.
    bool next_home(memory_place& place) const noexcept {
        auto const step = reversed(mask()) & (~reversed(mask()) + 1); // the lowest bit that counts
        place.after.reset();
        place.order = (place.order & reversed(mask())) + step;
        return place.order != 0;
    }

    // ---- heap

    void put(std::size_t place, due entry) noexcept {
        heap[place] = entry;
        entry.node->place = static_cast<std::uint32_t>(place);
    }
    void settle(std::size_t place, due entry) noexcept { // moves `entry` from `place` up or down to where it belongs
        while (place != 0 && entry.expires < heap[(place - 1) / 2].expires) {
            put(place, heap[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        for (;;) {
            auto child = 2 * place + 1;
            if (child >= heap.size()) break;
            if (child + 1 < heap.size() && heap[child + 1].expires < heap[child].expires) ++child;
            if (entry.expires <= heap[child].expires) break;
            put(place, heap[child]);
            place = child;
        }
        put(place, entry);
    }

    // ---- both

    void add(slot& free_slot, std::uint64_t hash, memory_node* node) noexcept {
        free_slot = {hash, node};
        heap.push_back({node->expires, node});
        settle(heap.size() - 1, heap.back());
    }
    void swap_in(slot& s, memory_node* node) noexcept { // in the place of an older record of the same key
        auto* old = s.node;
        s.node = node;
        node->place = old->place;
        settle(node->place, {node->expires, node});
        free(old);
    }
    std::size_t remove(slot& s) noexcept { // octets set free
        auto* node = s.node;
        auto const size = node->size;
        auto const place = node->place;
        auto const last = heap.back();
        heap.pop_back();
        if (last.node != node) settle(place, last);
        close_hole(static_cast<std::size_t>(&s - slots.data()));
        free(node);
        return size;
    }
};

} // namespace detail

struct memory::body {
    memory_params params;
    std::pmr::memory_resource* resource;
    std::uint64_t seed[4];
    std::uint64_t identity; // in the positions of scans
    std::size_t shards;
    detail::memory_shard* shard;
    std::atomic<std::size_t> records{0};
    std::atomic<std::size_t> octets{0};

    body(memory_params o, std::pmr::memory_resource* r)
        : params{o},
          resource{r},
          shards{std::bit_ceil(std::size_t{o.shards == 0     ? 1u
                                           : o.shards > 4096 ? 4096u
                                                             : o.shards})} {
        params.slack = detail::bounded(params.slack);
        for (auto& s : seed) s = detail::memory_seed(this);
        identity = detail::memory_seed(this);
        shard = static_cast<detail::memory_shard*>(
            resource->allocate(shards * sizeof(detail::memory_shard), alignof(detail::memory_shard)));
        std::size_t made = 0;
        struct undo { // a shard's constructor allocates
            body* self;
            std::size_t* made;
            ~undo() {
                if (self) self->drop(*made);
            }
        } guard{this, &made};
        for (; made != shards; ++made) ::new (&shard[made]) detail::memory_shard{resource, detail::memory_seed(this)};
        guard.self = nullptr;
    }
    body(body const&) = delete;
    body& operator=(body const&) = delete;
    ~body() { drop(shards); }

    void drop(std::size_t made) noexcept {
        for (std::size_t i = 0; i != made; ++i) shard[i].~memory_shard();
        resource->deallocate(shard, shards * sizeof(detail::memory_shard), alignof(detail::memory_shard));
    }

    // Keyed, since whoever sends a `jti` chooses keys: a secret start and multipliers keep them from meeting in one
    // place.
    std::uint64_t hash(record_key const& key) const noexcept {
        auto h = seed[0];
        for (std::size_t i = 0; i != 4; ++i) {
            std::uint64_t word;
            std::memcpy(&word, key.data() + 8 * i, 8);
            h = (h ^ word) * (seed[i] | 1);
            h ^= h >> 32;
        }
        h *= 0x9e3779b97f4a7c15;
        return h ^ (h >> 29);
    }
    std::size_t shard_number(std::uint64_t h) const noexcept {
        return static_cast<std::size_t>(h >> 48) & (shards - 1);
    }
    detail::memory_shard& shard_of(std::uint64_t h) noexcept { return shard[shard_number(h)]; }

    // ---- bounds: counted for the whole store, so that they hold exactly

    static bool grow(std::atomic<std::size_t>& count, std::size_t more, std::size_t max) noexcept {
        auto held = count.load(std::memory_order_relaxed);
        do {
            if (held > max || max - held < more) return more == 0;
        } while (!count.compare_exchange_weak(held, held + more, std::memory_order_relaxed));
        return true;
    }
    bool reserve(std::size_t more_records, std::size_t more_octets) noexcept {
        if (!grow(records, more_records, params.records)) return false;
        if (grow(octets, more_octets, params.bytes)) return true;
        records.fetch_sub(more_records, std::memory_order_relaxed);
        return false;
    }
    void release(std::size_t fewer_records, std::size_t fewer_octets) noexcept {
        records.fetch_sub(fewer_records, std::memory_order_relaxed);
        octets.fetch_sub(fewer_octets, std::memory_order_relaxed);
    }
    // Removes up to `max_count` records that expired at or before `until`; with the shard's lock held.
    std::size_t reap(detail::memory_shard& s, std::int64_t until, std::size_t max_count) noexcept {
        std::size_t count = 0, freed = 0;
        for (; count != max_count && !s.heap.empty() && s.heap.front().expires <= until; ++count) {
            auto const* node = s.heap.front().node;
            freed += s.remove(*s.look(hash(node->key), node->key));
        }
        if (count != 0) release(count, freed);
        return count;
    }
    bool evict_expired(std::int64_t now) noexcept { // with no lock held
        std::size_t count = 0;
        for (std::size_t i = 0; i != shards; ++i) {
            std::lock_guard hold{shard[i].lock};
            count += reap(shard[i], now, 16);
        }
        return count != 0;
    }

    void fetch(record_key const& key) noexcept { // its place in the table, into the cache
        auto const h = hash(key);
        auto& s = shard_of(h);
        std::lock_guard hold{s.lock};
        signet::detail::prefetch(&s.slots[s.first_of(h)]);
    }

    reply execute(request const& ask);
    bool read_position(scan_position const& position, detail::memory_place& place) const;
    result<scan_position> write_position(detail::memory_place const& place) const;
    bool scan(detail::memory_place& place, std::int64_t now, scan_page& page);
    reply write(request const& ask, std::uint64_t h, std::int64_t now);
};

SIGNET_DECL reply memory::body::execute(request const& ask) {
    auto const now = detail::seconds(ask.now);
    auto const h = hash(ask.key);
    if (ask.verb == verb::insert || ask.verb == verb::replace) {
        auto answer = write(ask, h, now);
        // Full: space is made once for every record that expired, so this ends.
        while (answer.error == errc::store_full && answer.outcome == outcome::failed && evict_expired(now))
            answer = write(ask, h, now);
        return answer;
    }

    if (ask.prefetch) fetch(*ask.prefetch);
    auto& s = shard_of(h);
    std::lock_guard hold{s.lock};
    auto* at = s.look(h, ask.key);
    if (!at->node || at->node->expires <= now) return reply::not_applied();
    auto const& node = *at->node;

    if (ask.verb == verb::erase) {
        if (ask.version != 0 && ask.version != node.version) return reply::not_applied();
        release(1, s.remove(*at));
        return reply::success();
    }

    if (ask.into.size() < node.size) return reply::failure(errc::buffer_too_small, node.size);
    auto const found = ask.into.first(node.size);
    if (node.size != 0) std::memcpy(found.data(), at->node->octets(), node.size);
    store::record const r{found, unix_time{std::chrono::seconds{node.expires}}, node.version};
    if (ask.verb == verb::take) release(1, s.remove(*at));
    return reply::success(r);
}

SIGNET_DECL reply memory::body::write(request const& ask, std::uint64_t h, std::int64_t now) {
    auto const expires = detail::seconds(ask.record.expires);
    auto const size = ask.record.bytes.size();
    auto& s = shard_of(h);
    std::lock_guard hold{s.lock};
    reap(s, now - params.slack.count(), 2);

    auto* at = s.look(h, ask.key);
    auto const live = at->node && at->node->expires > now;
    if (ask.verb == verb::insert ? live : !live || at->node->version != ask.version) return reply::not_applied();

    auto const added = at->node ? std::size_t{0} : std::size_t{1};
    auto const grown = added == 0 && size <= at->node->size ? std::size_t{0} : size - (added == 0 ? at->node->size : 0);
    if (!reserve(added, grown)) return reply::failure(errc::store_full);
    struct undo { // allocation may throw
        body* self;
        std::size_t records, octets;
        ~undo() {
            if (self) self->release(records, octets);
        }
    } guard{this, added, grown};
    if (added != 0) {
        s.reserve_one();
        at = s.look(h, ask.key); // the table may have grown
    }
    auto* node = s.make(ask.key, ask.record, expires);
    guard.self = nullptr;

    if (added != 0) {
        s.add(*at, h, node);
    } else {
        if (size < at->node->size) release(0, at->node->size - size);
        s.swap_in(*at, node);
    }
    return reply::success({{}, {}, node->version});
}

// A record's key says where it is; the hash, which is secret, is not told.
SIGNET_DECL bool memory::body::read_position(scan_position const& position, detail::memory_place& place) const {
    if (position.is_start()) return true;
    std::uint64_t from_store = 0;
    auto const good = detail::read_place(position, detail::memory_scan_kind, [&](record_reader& from) {
        from_store = from.number();
        if (from.flag()) {
            from.fixed(place.after.emplace());
        } else {
            place.shard = static_cast<std::size_t>(from.number(shards - 1));
            place.order = from.number();
        }
    });
    if (!good || from_store != identity) return false;
    if (place.after) {
        auto const h = hash(*place.after);
        place.shard = shard_number(h);
        place.order = detail::reversed(h);
    }
    return true;
}

SIGNET_DECL result<scan_position> memory::body::write_position(detail::memory_place const& place) const {
    return detail::write_place(detail::memory_scan_kind, [&](record_writer& to) {
        to.number(identity);
        to.flag(place.after.has_value());
        if (place.after) {
            to.fixed(*place.after);
        } else {
            to.number(place.shard);
            to.number(place.order);
        }
    });
}

// Returns whether more may follow.
SIGNET_DECL bool memory::body::scan(detail::memory_place& place, std::int64_t now, scan_page& page) {
    std::size_t looked = 0;
    for (; place.shard != shards; place = {place.shard + 1}) {
        auto& s = shard[place.shard];
        std::lock_guard hold{s.lock};
        do {
            while (auto const* found = s.next_at_home(place, looked)) {
                auto& node = *found->node;
                if (!detail::add_scanned(page, node.key, node.version, node.expires, {node.octets(), node.size}, now))
                    return true;
                place.order = detail::reversed(found->hash);
                place.after = node.key;
            }
            if (looked >= detail::max_scanned_slots) {
                if (s.next_home(place)) return true;
                place = {place.shard + 1};
                return place.shard != shards;
            }
        } while (s.next_home(place));
    }
    return false;
}

SIGNET_DECL memory::memory(memory_params params, std::pmr::memory_resource* resource)
    : body_{std::make_unique<body>(params, resource)} {}
SIGNET_DECL memory::memory(memory&&) noexcept = default;
SIGNET_DECL memory& memory::operator=(memory&&) noexcept = default;
SIGNET_DECL memory::~memory() = default;

SIGNET_DECL reply memory::execute(request const& ask) {
    if (auto wrong = detail::check(ask); wrong.outcome == outcome::failed) return wrong;
    return body_->execute(ask);
}

SIGNET_DECL result<void> memory::scan(scan_position& position, unix_time now, scan_page& page) {
    page.clear();
    if (position.is_over()) return {};
    detail::memory_place place;
    if (!body_->read_position(position, place)) return errc::invalid_scan_position;
    if (!body_->scan(place, detail::seconds(now), page)) {
        position = scan_position::over();
        return {};
    }
    auto next = body_->write_position(place);
    if (!next) return next.error();
    position = *std::move(next);
    return {};
}

SIGNET_DECL std::size_t memory::size() const noexcept { return body_->records.load(std::memory_order_relaxed); }
SIGNET_DECL std::size_t memory::bytes() const noexcept { return body_->octets.load(std::memory_order_relaxed); }

}}} // namespace signet::store

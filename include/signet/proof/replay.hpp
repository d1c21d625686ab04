// SPDX-License-Identifier: BSL-1.0
// That a proof is used once: a guard of fixed memory, and the same on any store (RFC 9449 11.1, RFC 7523 "jti").
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/random.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/store.hpp>

#include <memory>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// Names the use of a `jti` that is unique within `scope` (an issuer, a URI, the thumbprint of a key).
[[nodiscard]] inline store::record_key jti_key(std::string_view scope, std::string_view jti) {
    return record_key("jti", {scope, jti});
}

/// The size of a guard; all its memory, about 40 octets an entry, is taken when it is made.
struct replay_policy {
    std::size_t entries = 1'000'000;  ///< how many may be remembered at once, arriving evenly
    std::chrono::seconds window{600}; ///< the longest time for which one is remembered
    unsigned shards = 16;             ///< locks; rounded up to a power of two, at most 256
};

/// Remembers proofs in this process's memory, by 120 bits of their key, until they have expired.
///
/// Any number of threads may share one. Entries live in three generations that rotate, so nothing is swept and no timer
/// runs. When it is full it refuses (`errc::replay_guard_full`) and forgets nothing that lives. Should time go
/// backwards, what it may have forgotten already counts as used. A restart forgets: until one window has passed, use a
/// store instead, or refuse proofs from before the start.
///
/// It is also a store that knows `insert` alone, so that an operation that has a proof marked runs on it as on any
/// other. Example: `replay_guard guard{{.window = 5min}}; if (auto first = guard.insert(jti_key(uri, jti), expires,
/// now); !first) ...`
class replay_guard {
public:
    /// Takes all its memory now; `rng` seeds the placement, so that nobody outside can aim at one place.
    explicit SIGNET_DECL replay_guard(replay_policy options = {}, random_ref rng = system_random());
    SIGNET_DECL replay_guard(replay_guard&&) noexcept;
    SIGNET_DECL replay_guard& operator=(replay_guard&&) noexcept;
    SIGNET_DECL ~replay_guard();

    /// Success for the first; `replayed` for all others; `replay_guard_full`; `record_expired` where `expires` is not
    /// after `now`; `out_of_range` where it is further off than the window. `expires` hangs on the proof alone (its
    /// `iat` and the time it is accepted for), so it is the same whenever the proof is shown.
    [[nodiscard]] SIGNET_DECL result<void> insert(store::record_key const& proof, unix_time expires,
                                                  unix_time now) noexcept;
    /// `insert` as a store answers it; every other verb is `store_unfit`.
    SIGNET_DECL store::reply execute(store::request const& ask) noexcept;

private:
    struct body;
    std::unique_ptr<body> body_;
};

/// Marks a proof as used, on any store: an operation of one question. `issued` is the proof's `iat`, less
/// what the sender's clock may be ahead; see `store::insert_once`.
///
/// It is a class and no task because a request with a proof makes one: it has no frame to allocate.
///
/// @par Example
/// `auto first = run(proof::replay_check{jti_key(uri, jti), expires, issued, now}, db);`
class replay_check {
public:
    /// Asks the store to remember `proof` until `expires`.
    replay_check(store::record_key const& proof, unix_time expires, unix_time issued, unix_time now) noexcept
        : ask_{store::insert_once(proof, {}, expires, issued, now)} {}

    [[nodiscard]] store::request const* next() const noexcept { return answered_ ? nullptr : &ask_; }
    void answer(store::reply const& reply) noexcept {
        auto const first = reply.done();
        outcome_ = !first ? result<void>{first.error()} : *first ? result<void>{} : result<void>{errc::replayed};
        answered_ = true;
    }
    /// Success for the first; `replayed`; or the store's error, which is not a success.
    [[nodiscard]] result<void> get() const noexcept { return outcome_; }

private:
    store::request ask_;
    result<void> outcome_ = errc::store_unavailable;
    bool answered_ = false;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/replay.ipp>
#endif

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

/// Returns the key for a `jti` that is unique within `scope` (an issuer, a URI, the thumbprint of a key).
[[nodiscard]] inline store::record_key jti_key(std::string_view scope, std::string_view jti) {
    return record_key("jti", {scope, jti});
}

/// The size of a guard. It takes all its memory, about 40 octets for each entry, when it is made.
struct replay_policy {
    std::size_t entries = 1'000'000;  ///< how many proofs are remembered at once, if they arrive evenly
    std::chrono::seconds window{600}; ///< the longest time for which a proof is remembered
    unsigned shards = 16;             ///< locks; rounded up to a power of two, at most 256
};

/// Remembers proofs in this process until they expire, by 120 bits of their key, in a fixed amount of memory.
///
/// The entries are in three generations that rotate, so there is no sweep and no timer. A full guard refuses proofs
/// (`errc::replay_guard_full`) and forgets nothing that is valid. If time goes backwards, proofs that it may have
/// forgotten count as used. A restart forgets everything: until one window has passed, use a store instead, or refuse
/// proofs from before the start. The guard is also a store that supports `insert` only.
///
/// Thread safety: may be called concurrently.
///
/// Example: `replay_guard guard{{.window = 5min}}; if (auto first = guard.insert(jti_key(uri, jti), expires, now);
/// !first) ...`
class replay_guard {
public:
    /// Allocates all memory. `rng` makes the positions of entries unpredictable.
    explicit SIGNET_DECL replay_guard(replay_policy policy = {}, random_ref rng = system_random());
    SIGNET_DECL replay_guard(replay_guard&&) noexcept;
    SIGNET_DECL replay_guard& operator=(replay_guard&&) noexcept;
    SIGNET_DECL ~replay_guard();

    /// Remembers a proof. `expires` must depend on the proof alone (its `iat` and the time for which it is accepted),
    /// so that it is the same at each use.
    ///
    /// Errors: `replayed` for all uses but the first; `replay_guard_full`; `record_expired` if `expires` is not after
    /// `now`; `out_of_range` if it is later than the window.
    [[nodiscard]] SIGNET_DECL result<void> insert(store::record_key const& proof, unix_time expires,
                                                  unix_time now) noexcept;
    /// Executes `insert` as a store does; fails with `store_unfit` for all other verbs.
    SIGNET_DECL store::reply execute(store::request const& ask) noexcept;

private:
    struct body;
    std::unique_ptr<body> body_;
};

/// Marks a proof as used, on any store: an operation of one request. `issued` is the proof's `iat`, less how far the
/// sender's clock may be ahead; see `store::insert_once`.
///
/// This is a class, not a task, because every request with a proof makes one, and a class has no frame to allocate.
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
    /// Returns success for the first use. Errors: `replayed`; those of the store.
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

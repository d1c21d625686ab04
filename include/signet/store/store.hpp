// SPDX-License-Identifier: BSL-1.0
// What a store is: five atomic verbs on opaque records, each of them a value (request) answered by a value (reply).
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/enum_names.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// The name of a record: SHA-256 over a kind and length-prefixed parts, never a secret itself. To a store it is 32
/// arbitrary octets.
using record_key = std::array<std::uint8_t, 32>;

/// The largest record of a store, in octets; beyond: `errc::record_too_large`.
inline constexpr std::size_t max_record = 65'536;

/// How long the settings that a server reported are trusted, in the caller's time.
inline constexpr std::chrono::seconds fitness_lasts{60};

/// The content under a key. It refers to octets that the caller owns.
struct record {
    bytes_view bytes;    ///< opaque to the store, at most `max_record`
    unix_time expires{}; ///< the record is absent from this second on
    std::uint64_t version =
        0; ///< set by the store at every write; never repeats for a key, even after an erase; never 0
};

class scan_position; // complete in <signet/store/scan.hpp>, as the page
class scan_page;

/// The five verbs of a store. Each is atomic, and sees only records that are live at the request's `now`.
enum class verb : std::uint8_t {
    find,    ///< read
    insert,  ///< writes if there is no live record; otherwise not applied
    replace, ///< overwrites exactly the version that was read; not applied if there was another write
    take,    ///< reads and erases in one step; not applied if there is no live record
    erase,   ///< erases; not applied if there was nothing
};
/// The names of the verbs.
inline constexpr auto verb_names = make_enum_names<verb>({
    {verb::find, "find"},
    {verb::insert, "insert"},
    {verb::replace, "replace"},
    {verb::take, "take"},
    {verb::erase, "erase"},
});
[[nodiscard]] constexpr std::string_view name(verb v) noexcept { return verb_names[v]; }

/// One question to a store. Make it with the functions below.
///
/// Lifetime: what it refers to must outlive the call that executes it.
struct request {
    store::verb verb = store::verb::find;
    record_key key{};
    store::record record{};         ///< insert, replace: the octets and expiry to write
    std::uint64_t version = 0;      ///< replace: the version that was read; erase: that version only, or 0 for any
    unix_time now{};                ///< the caller's time, which determines expiry
    std::span<std::uint8_t> into{}; ///< find, take: where the octets are written
    /// Whether the answer determines that something is used once. A `take` always does. A store that may forget writes
    /// fails with `errc::store_unfit`.
    bool single_use = false;
    unix_time issued{}; ///< single-use insert and replace: when the thing that is used was issued, see `insert_once`
    /// insert, replace, erase: whether losing this write harms nobody, so that a store that may forget accepts it.
    /// Examples are a last activity, and what belongs to visitors. Every other write is lasting: if a revocation is
    /// forgotten, a session becomes valid again.
    bool forgettable = false;
    /// find: the key of the next question, if known; a store in memory prefetches it.
    record_key const* prefetch = nullptr;
};

/// The outcome of a verb.
enum class outcome : std::uint8_t {
    done,        ///< the record was there, or was written
    not_applied, ///< the state of the record does not allow it; nothing was changed
    failed,      ///< see `error`
};
/// The names of the outcomes.
inline constexpr auto outcome_names = make_enum_names<outcome>({
    {outcome::done, "done"},
    {outcome::not_applied, "not_applied"},
    {outcome::failed, "failed"},
});
[[nodiscard]] constexpr std::string_view name(outcome o) noexcept { return outcome_names[o]; }

/// A store's answer.
///
/// Errors: `store_unavailable` (the verb did not run); `outcome_unknown` (it may have run: the reply was lost, and no
/// adapter repeats it); `store_full`; `store_unfit`; `store_restarted`; `buffer_too_small` (nothing was changed;
/// `needed` is the size); `record_too_large`; `record_expired`.
struct [[nodiscard]] reply {
    store::outcome outcome = store::outcome::failed;
    errc error = errc::store_unavailable;
    store::record record{}; ///< find and take: all of it, its octets in `into`; insert and replace: the version
    std::size_t needed = 0; ///< for buffer_too_small: the octets of the record

    /// Returns whether the verb was done (not: not applied). Errors: the reply's.
    [[nodiscard]] constexpr result<bool> done() const noexcept {
        if (outcome == store::outcome::failed) return error;
        return outcome == store::outcome::done;
    }

    /// Make the answers of an adapter: done, not applied, or failed.
    static constexpr reply success(store::record r = {}) noexcept { return {store::outcome::done, {}, r, 0}; }
    static constexpr reply not_applied() noexcept { return {store::outcome::not_applied, {}, {}, 0}; }
    static constexpr reply failure(errc why, std::size_t size = 0) noexcept {
        return {store::outcome::failed, why, {}, size};
    }
};

/// Makes a question that reads into `into`, which the reply's record then refers to.
[[nodiscard]] constexpr request find(record_key const& key, std::span<std::uint8_t> into, unix_time now) noexcept {
    return {.verb = verb::find, .key = key, .now = now, .into = into};
}

/// Makes a question that writes if there is no live record. `expires` must be after `now`.
[[nodiscard]] constexpr request insert(record_key const& key, bytes_view octets, unix_time expires,
                                       unix_time now) noexcept {
    return {.verb = verb::insert, .key = key, .record = {octets, expires}, .now = now};
}

/// Makes a question that remembers the use of something issued at `issued`: done for the first use, not applied
/// afterwards. If `issued` was told by somebody whose clock may be ahead, subtract that.
///
/// A store that may have forgotten writes in a restart refuses what was issued before it with `errc::store_restarted`.
[[nodiscard]] constexpr request insert_once(record_key const& key, bytes_view octets, unix_time expires,
                                            unix_time issued, unix_time now) noexcept {
    return {.verb = verb::insert,
            .key = key,
            .record = {octets, expires},
            .now = now,
            .single_use = true,
            .issued = issued};
}

/// Makes a question that overwrites the record if it has that `version`.
[[nodiscard]] constexpr request replace(record_key const& key, std::uint64_t version, bytes_view octets,
                                        unix_time expires, unix_time now) noexcept {
    return {.verb = verb::replace, .key = key, .record = {octets, expires}, .version = version, .now = now};
}

/// Makes a question that overwrites the record and thereby uses something in it that was issued at `issued`, such as a
/// challenge. It is refused like `insert_once` by a store that may have forgotten an earlier use.
[[nodiscard]] constexpr request replace_once(record_key const& key, std::uint64_t version, bytes_view octets,
                                             unix_time expires, unix_time issued, unix_time now) noexcept {
    return {.verb = verb::replace,
            .key = key,
            .record = {octets, expires},
            .version = version,
            .now = now,
            .single_use = true,
            .issued = issued};
}

/// Makes a question that reads into `into` and erases. Of several concurrent takes exactly one gets the record. A
/// record that does not fit stays.
[[nodiscard]] constexpr request take(record_key const& key, std::span<std::uint8_t> into, unix_time now) noexcept {
    return {.verb = verb::take, .key = key, .now = now, .into = into, .single_use = true};
}

/// Makes a question that erases the record, or, with a version other than 0, only that version.
[[nodiscard]] constexpr request erase(record_key const& key, unix_time now, std::uint64_t version = 0) noexcept {
    return {.verb = verb::erase, .key = key, .version = version, .now = now};
}

/// Marks a write whose loss harms nobody; see `request::forgettable`.
[[nodiscard]] constexpr request mark_forgettable(request ask) noexcept {
    ask.forgettable = true;
    return ask;
}

/// A store whose calls block until the answer. Each store says whether threads may share one object; those of signet
/// allow it.
template <class S>
concept blocking_store = requires(S& a_store, request const& ask) {
    { a_store.execute(ask) } -> std::same_as<reply>;
};

/// Work that needs a store, as a value that stops at every question. It never waits, so any event loop can drive it.
/// `next()` returns the open question, valid until `answer`, or nullptr at the end.
///
/// One that asks several questions at once is an `operation_of_many` too. Asked by `next()`, it gives them one after
/// another.
template <class O>
concept operation = requires(O& op, reply const& answer) {
    { op.next() } -> std::convertible_to<request const*>;
    op.answer(answer);
    op.get();
};

/// An operation that says what it asks at once. `open()` returns the open questions, which are independent of each
/// other: a store may answer them in any order, and together. The first of them is `next()`. `answer(replies)` takes
/// the answers to as many of them as there are replies, from the first on.
///
/// An operation may be over after a failed reply, or have other questions then; it drops the rest of the replies.
template <class O>
concept operation_of_many = operation<O> && requires(O& op, std::span<reply const> answers) {
    { op.open() } -> std::convertible_to<std::span<request const>>;
    op.answer(answers);
};

namespace detail {
template <class S>
concept executes_many = requires(S& a_store, std::span<request const> asks, std::span<reply> replies) {
    a_store.execute_many(asks, replies);
};
} // namespace detail

/// Executes independent requests, in one round trip if the store can. `replies` has as many elements.
template <blocking_store S> void execute_many(S& a_store, std::span<request const> asks, std::span<reply> replies) {
    if constexpr (detail::executes_many<S>) {
        a_store.execute_many(asks, replies);
    } else {
        for (std::size_t i = 0; i != asks.size(); ++i) replies[i] = a_store.execute(asks[i]);
    }
}

namespace detail {

// What every adapter refuses alike, before it does anything; `outcome::done` means go on.
constexpr reply check(request const& ask) noexcept {
    if (ask.verb != verb::insert && ask.verb != verb::replace) return reply::success();
    if (ask.record.bytes.size() > max_record) return reply::failure(errc::record_too_large);
    if (ask.record.expires <= ask.now) return reply::failure(errc::record_expired);
    return reply::success();
}

// What `run` sends in one `execute_many`, so that the replies fit the stack.
inline constexpr std::size_t max_asked_together = 64;

// Asks an operation's questions, as many as may be sent together.
template <operation_of_many O, blocking_store S> void ask_together(O& op, std::span<request const> asks, S& a_store) {
    std::array<reply, max_asked_together> replies;
    auto const together = asks.first(asks.size() < replies.size() ? asks.size() : replies.size());
    auto const given = std::span{replies}.first(together.size());
    a_store.execute_many(together, given);
    op.answer(std::span<reply const>{given});
}

// Whether the store has to keep what the request does; single use always is.
constexpr bool is_lasting(request const& ask) noexcept {
    return ask.verb != verb::find && (ask.single_use || !ask.forgettable);
}

// Seconds since 1970 as stores keep them: never negative, never past the year 9999.
constexpr std::int64_t seconds(unix_time t) noexcept {
    return saturating_add(t, std::chrono::seconds{0}).time_since_epoch().count();
}

// A walk through all 64-bit numbers from an arbitrary start, without 0: versions of adapters that many processes share.
class version_walk {
public:
    explicit constexpr version_walk(std::uint64_t start = 0) noexcept : at_{start} {}
    constexpr std::uint64_t next() noexcept {
        for (;;) {
            auto z = at_ += 0x9e3779b97f4a7c15; // odd: visits every number once; then mixed by bijections
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            z ^= z >> 31;
            if (z != 0) return z;
        }
    }

private:
    std::uint64_t at_;
};

} // namespace detail

}}} // namespace signet::store

namespace signet { inline namespace SIGNET_ABI {

/// Drives an operation to its end on a blocking store. What the operation asks at once goes to the store's
/// `execute_many`, if it has one, at most 64 questions in a call. The same loop with an awaited `execute` drives it in
/// a coroutine.
///
/// Example: `auto first = run(proof::replay_check{key, expires, issued, now}, db);`
template <class O, store::blocking_store S>
    requires store::operation<std::remove_reference_t<O>>
auto run(O&& op, S& a_store) {
    while (store::request const* ask = op.next()) {
        if constexpr (store::operation_of_many<std::remove_reference_t<O>> && store::detail::executes_many<S>) {
            std::span<store::request const> const asks = op.open();
            if (asks.size() > 1) {
                store::detail::ask_together(op, asks, a_store);
                continue;
            }
        }
        op.answer(a_store.execute(*ask));
    }
    return op.get();
}

}} // namespace signet

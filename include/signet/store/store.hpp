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
    unix_time expires{}; ///< from this second on the record counts as absent
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

/// One request to a store. Make it with the functions below.
///
/// Lifetime: the octets to write and the buffer must stay valid until the request was executed.
struct request {
    store::verb verb = store::verb::find;
    record_key key{};
    store::record record{};         ///< insert, replace: the octets and expiry to write
    std::uint64_t version = 0;      ///< replace: the version that was read; erase: that version only, or 0 for any
    unix_time now{};                ///< the caller's time, which determines expiry
    std::span<std::uint8_t> into{}; ///< find, take: where the octets are written
    /// Whether the request makes sure that something is used only once. A `take` always does. A store that may lose
    /// writes fails with `errc::store_unfit`.
    bool single_use = false;
    unix_time issued{}; ///< single-use insert and replace: when the challenge or proof was issued, see `insert_once`
    /// insert, replace, erase: whether losing this write does no harm, so that a store that may lose writes accepts it.
    /// Examples are a last activity, and records of visitors. Every other write is lasting: if a revocation were lost,
    /// a session would become valid again.
    bool forgettable = false;
    /// find: the key of the next request, if known; an in-memory store prefetches its record.
    record_key const* prefetch = nullptr;
};

/// The outcome of a verb.
enum class outcome : std::uint8_t {
    done,        ///< find, take, erase: the record was there; insert, replace: it was written
    not_applied, ///< there is no such record, it exists already, or it has another version; nothing was changed
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

/// Makes a request that reads into `into`, to which the reply's record then refers.
[[nodiscard]] constexpr request find(record_key const& key, std::span<std::uint8_t> into, unix_time now) noexcept {
    return {.verb = verb::find, .key = key, .now = now, .into = into};
}

/// Makes a request that writes if there is no live record. `expires` must be after `now`.
[[nodiscard]] constexpr request insert(record_key const& key, bytes_view octets, unix_time expires,
                                       unix_time now) noexcept {
    return {.verb = verb::insert, .key = key, .record = {octets, expires}, .now = now};
}

/// Makes a request that records the use of something issued at `issued`: done for the first use, not applied
/// afterwards. If `issued` is by a clock that may be ahead, subtract how far.
///
/// A store that may have lost writes in a restart fails with `errc::store_restarted` for what was issued before it.
[[nodiscard]] constexpr request insert_once(record_key const& key, bytes_view octets, unix_time expires,
                                            unix_time issued, unix_time now) noexcept {
    return {.verb = verb::insert,
            .key = key,
            .record = {octets, expires},
            .now = now,
            .single_use = true,
            .issued = issued};
}

/// Makes a request that overwrites the record if it has that `version`.
[[nodiscard]] constexpr request replace(record_key const& key, std::uint64_t version, bytes_view octets,
                                        unix_time expires, unix_time now) noexcept {
    return {.verb = verb::replace, .key = key, .record = {octets, expires}, .version = version, .now = now};
}

/// Makes a request that overwrites the record and thereby uses up something in it that was issued at `issued`, such as
/// a challenge. Like `insert_once`, it fails in a store that may have lost an earlier use.
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

/// Makes a request that reads into `into` and erases. Of several concurrent takes exactly one gets the record. A record
/// that does not fit stays.
[[nodiscard]] constexpr request take(record_key const& key, std::span<std::uint8_t> into, unix_time now) noexcept {
    return {.verb = verb::take, .key = key, .now = now, .into = into, .single_use = true};
}

/// Makes a request that erases the record, or, with a version other than 0, only that version.
[[nodiscard]] constexpr request erase(record_key const& key, unix_time now, std::uint64_t version = 0) noexcept {
    return {.verb = verb::erase, .key = key, .version = version, .now = now};
}

/// Marks a write whose loss does no harm; see `request::forgettable`.
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

/// Work that needs a store, as a value. It never waits, so any event loop can run it. `next()` returns the request to
/// execute, valid until `answer`, or nullptr at the end. `answer` takes the reply, and `get` returns the result.
///
/// An operation with several open requests is an `operation_of_many` too; then `next()` returns one after another.
template <class O>
concept operation = requires(O& op, reply const& answer) {
    { op.next() } -> std::convertible_to<request const*>;
    op.answer(answer);
    op.get();
};

/// An operation that may have several open requests. `open()` returns them; they are independent, so a store may
/// execute them in any order, and together. The first of them is `next()`. `answer(replies)` takes the replies to the
/// first `replies.size()` of them.
///
/// After a failed reply an operation may be over, or have other requests; it ignores the rest of the replies.
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

/// Executes independent requests, in one round trip if the store can. `replies` must have as many elements as `asks`.
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

/// Runs an operation on a blocking store and returns its result. Several open requests go to the store's
/// `execute_many`, if it has one, at most 64 in a call. In an event loop, use `store::async_run`.
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

// SPDX-License-Identifier: BSL-1.0
// Whether a store answers and keeps what it acknowledges, for a handler such as /healthz.
#pragma once

#include <signet/store/store.hpp>

#include <optional>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// The result of `check_health`.
struct health {
    /// The error of the read, if it failed.
    std::optional<errc> error{};
    /// Whether lasting writes are accepted; if not, they fail with `store_unfit`. Empty if the store does not say, or
    /// did not answer.
    std::optional<bool> accepts_lasting_writes{};
    /// The store's `last_error`, for a log; empty if nothing is wrong, or if the store has no such text.
    std::string words{};

    /// Returns whether the store answers, and does not say that it refuses lasting writes.
    [[nodiscard]] bool is_healthy() const noexcept { return !error && accepts_lasting_writes.value_or(true); }
};

namespace detail {

// The key that health checks read: no digest that anybody will ever find.
inline constexpr record_key health_key = [] {
    record_key key{};
    std::size_t at = 0;
    for (char const c : std::string_view{"signet: nothing has this key"}) key[at++] = static_cast<std::uint8_t>(c);
    return key;
}();

// What a connection knows of itself, after `answer` came.
template <class S> health describe_health(S const& a_store, reply const& answer) {
    health found;
    if (answer.outcome == outcome::failed) found.error = answer.error;
    if constexpr (requires { a_store.accepts_lasting_writes(); })
        if (!found.error) found.accepts_lasting_writes = a_store.accepts_lasting_writes();
    if constexpr (requires { a_store.last_error(); })
        if (!found.is_healthy()) found.words = a_store.last_error();
    return found;
}

} // namespace detail

/// Reads a key that no record has, and asks the store whether it accepts lasting writes. Writes nothing. Takes no
/// longer than the store's own time limits. A `pool` checks one of its connections, a `combiner` the one for finds.
///
/// Thread safety: that of the store.
///
/// Example: `auto const how = store::check_health(db, now); respond(how.is_healthy() ? 200 : 503); log(how.words);`
template <blocking_store S> [[nodiscard]] health check_health(S& a_store, unix_time now) {
    if constexpr (requires { a_store.check_health(now); }) {
        return a_store.check_health(now);
    } else {
        return detail::describe_health(a_store, a_store.execute(find(detail::health_key, {}, now)));
    }
}

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
// Counts of what stores did, and how long it took, as Prometheus reads them.
#pragma once

#include <signet/store/observed.hpp>

#include <array>
#include <atomic>
#include <iterator>
#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How many verbs and outcomes there are.
inline constexpr std::size_t verb_count = verb_names.size(), outcome_count = outcome_names.size();

/// The upper bounds of the histogram's buckets. Longer durations are in one more bucket.
inline constexpr std::array<std::chrono::nanoseconds, 16> duration_bounds = [] {
    using std::chrono::microseconds;
    return std::array<std::chrono::nanoseconds, 16>{
        microseconds{50},      microseconds{100},       microseconds{250},       microseconds{500},
        microseconds{1'000},   microseconds{2'500},     microseconds{5'000},     microseconds{10'000},
        microseconds{25'000},  microseconds{50'000},    microseconds{100'000},   microseconds{250'000},
        microseconds{500'000}, microseconds{1'000'000}, microseconds{2'500'000}, microseconds{5'000'000}};
}();

/// The errors that are counted by name. Others are counted together.
inline constexpr errc counted_errors[] = {
    errc::store_unavailable,     errc::outcome_unknown,  errc::store_full,     errc::store_unfit,
    errc::store_restarted,       errc::record_malformed, errc::record_newer,   errc::unknown_store_schema,
    errc::buffer_too_small,      errc::record_too_large, errc::record_expired, errc::record_not_encrypted,
    errc::unknown_encryption_key};

/// How many counters a verb has of errors and of durations; the last is for all others.
inline constexpr std::size_t error_count = std::size(counted_errors) + 1, duration_count = duration_bounds.size() + 1;

/// Counts at one moment. All begin at 0 with the `metrics` object, and only grow.
struct metrics_snapshot {
    /// The counts of one verb.
    struct of_verb {
        std::array<std::uint64_t, outcome_count> outcomes{};   ///< in the order of `outcome`
        std::array<std::uint64_t, error_count> errors{};       ///< the last: all others
        std::array<std::uint64_t, duration_count> durations{}; ///< not cumulative
        std::chrono::nanoseconds total_duration{};             ///< the sum of all durations
    };
    std::string_view store{};                ///< the label; see `metrics::snapshot`
    std::array<of_verb, verb_count> verbs{}; ///< in the order of `verb`
    std::uint64_t round_trips = 0;

    /// Returns the counts of one verb.
    [[nodiscard]] constexpr of_verb const& operator[](verb v) const noexcept {
        return verbs[static_cast<std::size_t>(v)];
    }
};

/// An observer that counts requests by verb and outcome, failures by error, and round trips, and has a histogram of
/// durations for each verb. A request's duration is that of its round trip.
///
/// Thread safety: may be called concurrently, without a lock. Memory: no allocation; about 1.3 kB.
///
/// @par Example
/// `store::metrics counts;`
/// `store::observed db{store::redis{params}, counts};`
/// `auto const page = store::prometheus_text(counts.snapshot("sessions"));`
class metrics {
public:
    /// Counts one request.
    SIGNET_DECL void operator()(observation const& seen) noexcept;

    /// Returns the counts. Each is read by itself, so a request in progress may be in only some of them. `store` is a
    /// label that distinguishes the stores of one process; its text must outlive the snapshot.
    [[nodiscard]] SIGNET_DECL metrics_snapshot snapshot(std::string_view store = {}) const noexcept;

private:
    struct of_verb {
        std::array<std::atomic<std::uint64_t>, outcome_count> outcomes{};
        std::array<std::atomic<std::uint64_t>, error_count> errors{};
        std::array<std::atomic<std::uint64_t>, duration_count> durations{};
        std::atomic<std::uint64_t> nanoseconds{};
    };
    std::array<of_verb, verb_count> verbs_{};
    std::atomic<std::uint64_t> round_trips_{};
};

/// Writes counts in Prometheus' text format, version 0.0.4, to be sent as `text/plain; version=0.0.4`. Pass all stores
/// of a process in one call, because a metric may be described only once.
///
/// The metrics are `signet_store_requests_total` (store, verb, outcome), `signet_store_errors_total` (store, verb,
/// error), `signet_store_round_trips_total` (store) and the histogram `signet_store_request_duration_seconds` (store,
/// verb).
[[nodiscard]] SIGNET_DECL std::string prometheus_text(std::span<metrics_snapshot const> stores);
/// Writes the counts of one store.
[[nodiscard]] inline std::string prometheus_text(metrics_snapshot const& one) { return prometheus_text({&one, 1}); }

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/metrics.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/store/metrics.hpp>

#include <algorithm>
#include <initializer_list>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store {

SIGNET_DECL void metrics::operator()(observation const& seen) noexcept {
    auto const count = [](std::atomic<std::uint64_t>& at, std::uint64_t by = 1) {
        at.fetch_add(by, std::memory_order_relaxed);
    };
    auto const verb = static_cast<std::size_t>(seen.verb), outcome = static_cast<std::size_t>(seen.outcome);
    if (verb >= verb_count || outcome >= outcome_count) return;
    auto& to = verbs_[verb];
    auto const duration = std::max(seen.duration, std::chrono::nanoseconds{0});
    auto const bound = std::lower_bound(duration_bounds.begin(), duration_bounds.end(), duration);
    count(to.outcomes[outcome]);
    count(to.durations[static_cast<std::size_t>(bound - duration_bounds.begin())]);
    count(to.nanoseconds, static_cast<std::uint64_t>(duration.count()));
    if (seen.round_trip_position == 0) count(round_trips_);
    if (seen.outcome != outcome::failed) return;
    auto const error = std::find(std::begin(counted_errors), std::end(counted_errors), seen.error);
    count(to.errors[static_cast<std::size_t>(error - std::begin(counted_errors))]);
}

SIGNET_DECL metrics_snapshot metrics::snapshot(std::string_view store) const noexcept {
    auto const read = [](auto const& from, auto& to) {
        for (std::size_t i = 0; i != to.size(); ++i) to[i] = from[i].load(std::memory_order_relaxed);
    };
    metrics_snapshot now;
    now.store = store;
    for (std::size_t v = 0; v != verb_count; ++v) {
        auto& to = now.verbs[v];
        read(verbs_[v].outcomes, to.outcomes);
        read(verbs_[v].errors, to.errors);
        read(verbs_[v].durations, to.durations);
        to.total_duration =
            std::chrono::nanoseconds{static_cast<std::int64_t>(verbs_[v].nanoseconds.load(std::memory_order_relaxed))};
    }
    now.round_trips = round_trips_.load(std::memory_order_relaxed);
    return now;
}

namespace detail {

// Writes samples: a name, labels in their order, a value.
class prometheus_writer {
public:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        append({"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"});
    }
    void sample(std::string_view name, std::initializer_list<std::pair<std::string_view, std::string_view>> labels,
                std::string_view value) {
        append({name, "{"});
        auto first = true;
        for (auto const& [label, text] : labels) {
            append({std::exchange(first, false) ? "" : ",", label, "=\""});
            for (char const c : text) {
                if (c == '\n') out += "\\n";
                else if (c == '"' || c == '\\') out += '\\', out += c;
                else out += c;
            }
            out += '"';
        }
        append({"} ", value, "\n"});
    }
    // Independent of the locale. Nine digits after the point are exact, and zeros at the end are left out.
    static std::string seconds(std::chrono::nanoseconds duration) {
        auto const count = duration.count();
        auto rest = std::to_string(1'000'000'000 + count % 1'000'000'000);
        rest[0] = '.';
        rest.erase(rest.find_last_not_of('0') + 1);
        return std::to_string(count / 1'000'000'000) + (rest == "." ? "" : rest);
    }
    std::string out;

private:
    void append(std::initializer_list<std::string_view> parts) {
        for (auto part : parts) out += part;
    }
};

inline void write_durations(prometheus_writer& to, std::string_view store, std::string_view verb,
                            metrics_snapshot::of_verb const& counts) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i != counts.durations.size(); ++i) {
        sum += counts.durations[i];
        auto const bound = i == duration_bounds.size() ? "+Inf" : to.seconds(duration_bounds[i]);
        to.sample("signet_store_request_duration_seconds_bucket", {{"store", store}, {"verb", verb}, {"le", bound}},
                  std::to_string(sum));
    }
    to.sample("signet_store_request_duration_seconds_sum", {{"store", store}, {"verb", verb}},
              to.seconds(counts.total_duration));
    to.sample("signet_store_request_duration_seconds_count", {{"store", store}, {"verb", verb}}, std::to_string(sum));
}

} // namespace detail

SIGNET_DECL std::string prometheus_text(std::span<metrics_snapshot const> stores) {
    detail::prometheus_writer to;
    auto const each = [&](auto write) {
        for (auto const& one : stores)
            for (std::size_t v = 0; v != verb_count; ++v)
                write(one.store, store::name(static_cast<verb>(v)), one.verbs[v]);
    };

    to.family("signet_store_requests_total", "counter", "Requests to a store.");
    each([&](auto store, auto verb, auto const& counts) {
        for (std::size_t o = 0; o != outcome_count; ++o)
            to.sample("signet_store_requests_total",
                      {{"store", store}, {"verb", verb}, {"outcome", name(static_cast<outcome>(o))}},
                      std::to_string(counts.outcomes[o]));
    });
    to.family("signet_store_errors_total", "counter", "Requests to a store that failed.");
    each([&](auto store, auto verb, auto const& counts) {
        for (std::size_t e = 0; e != counts.errors.size(); ++e)
            to.sample("signet_store_errors_total",
                      {{"store", store},
                       {"verb", verb},
                       {"error", e == std::size(counted_errors) ? "other" : signet::name(counted_errors[e])}},
                      std::to_string(counts.errors[e]));
    });
    to.family("signet_store_round_trips_total", "counter", "Calls of a store, which may have several requests.");
    for (auto const& one : stores)
        to.sample("signet_store_round_trips_total", {{"store", one.store}}, std::to_string(one.round_trips));
    to.family("signet_store_request_duration_seconds", "histogram", "Duration of the round trip of a request.");
    each([&](auto store, auto verb, auto const& counts) { detail::write_durations(to, store, verb, counts); });
    return std::move(to.out);
}

}}} // namespace signet::store

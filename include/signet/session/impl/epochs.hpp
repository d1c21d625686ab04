// SPDX-License-Identifier: BSL-1.0
// The epochs of a tenant: how often "everything" and each application were revoked.
#pragma once

#include <signet/session/impl/sessions_body.hpp>
#include <signet/session/impl/stored.hpp>
#include <signet/session/live_session.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

inline constexpr std::size_t max_apps = 128, max_epochs_record = 4096;

struct app_epoch {
    app_name app{};
    std::uint64_t generation = 0;
};

// Apps is a list of all, or for a look-up of one application alone.
template <class Apps> struct epochs_of {
    static constexpr std::uint8_t format = 1, kind = 'E';
    std::uint64_t everything = 0;
    Apps apps{};
};
template <class A, class R>
    requires requires(R& r) { r.everything, r.apps; }
void fields(A& a, R& r) {
    a.number(r.everything);
    a.each(r.apps, max_apps, [](auto& archive, auto& one) { archive.fixed(one.app), archive.number(one.generation); });
}

// A session made in another epoch is over: in an earlier one, or in a later one where the record was lost.
struct epoch_list : epochs_of<std::vector<app_epoch>> {
    std::uint64_t of(app_name const& app) const noexcept { // as find_epochs sees it
        std::uint64_t generation = 0;
        for (auto const& one : apps)
            if (one.app == app) generation = one.generation;
        return generation;
    }
    // Whether all sessions of the time when that one began were ended.
    bool ended(session_fields const& f, app_name const& app) const noexcept {
        return f.everything != everything || f.app_generation != of(app);
    }
};

// As a sequence that keeps one element.
struct one_app {
    app_name wanted{};
    std::uint64_t generation = 0;
    app_epoch last{};

    void clear() noexcept {}
    app_epoch& emplace_back() noexcept { return look_at_last(), last; }
    void look_at_last() noexcept {
        if (last.app == wanted) generation = last.generation;
    }
};

// The two numbers that a look-up wants, without a list: {everything, this application}.
inline result<std::array<std::uint64_t, 2>> find_epochs(bytes_view octets, app_name const& app) noexcept {
    epochs_of<one_app> epochs{.apps = {.wanted = app}};
    if (auto good = from_octets(epochs, octets); !good) return good.error();
    epochs.apps.look_at_last();
    return std::array{epochs.everything, epochs.apps.generation};
}

inline store::task<epoch_list> open_epochs(context c) {
    std::array<std::uint8_t, max_epochs_record> buffer;
    auto const found = co_await store::find(c.body->epoch_key, buffer, c.now);
    if (!found) co_return epoch_list{};
    co_return from_octets<epoch_list>(found->bytes);
}

// Epochs go up, and never by less than the clock: where the record was lost, none of before comes again.
inline std::uint64_t next_epoch(std::uint64_t epoch, unix_time now) noexcept {
    return std::max(epoch + 1, static_cast<std::uint64_t>(now.time_since_epoch().count()));
}

// The epochs that a new session is made in. The record is there before the session: where it was lost, nobody's number
// is that of a record that is not there.
inline store::task<epoch_list> begin_epochs(context c) {
    auto epochs = co_await open_epochs(c);
    if (epochs.everything != 0) co_return epochs;
    std::array<std::uint8_t, max_epochs_record> buffer;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        epochs = {};
        if (found)
            if (auto good = from_octets(epochs, found->bytes); !good) return good.error();
        if (epochs.everything != 0) return store::swap_decision::keep(); // another login was first
        epochs.everything = next_epoch(0, c.now);
        return write(epochs, latest_time);
    };
    co_await store::compare_and_swap(c.body->epoch_key, c.now, judge, c.frames, {.buffer = buffer});
    co_return epochs;
}

// Ends all sessions of the application, or of the tenant.
inline store::task<void> raise_epoch(context c, bool of_tenant) {
    std::array<std::uint8_t, max_epochs_record> buffer;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        epoch_list epochs;
        if (found)
            if (auto good = from_octets(epochs, found->bytes); !good) return good.error();
        auto at = std::ranges::find(epochs.apps, c.body->app_hash, &app_epoch::app);
        if (!of_tenant && at == epochs.apps.end()) at = epochs.apps.insert(at, {c.body->app_hash, 0});
        auto& epoch = of_tenant ? epochs.everything : at->generation;
        epoch = next_epoch(epoch, c.now);
        return write(epochs, latest_time);
    };
    auto const raised = co_await store::as_result(
        store::compare_and_swap(c.body->epoch_key, c.now, judge, c.frames, {.buffer = buffer}));
    c.body->epochs.forget(); // also where nobody knows whether it was written
    co_await raised;
    co_return {};
}

}}}} // namespace signet::session::detail

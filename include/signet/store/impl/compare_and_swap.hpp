// SPDX-License-Identifier: BSL-1.0
// Reads a record, lets a function judge it, and writes back what that decides, unless another writer was first: then
// again.
#pragma once

#include <signet/store/task.hpp>

#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How often `compare_and_swap` tries before it fails with `record_conflict`. Of n writers who race, one succeeds in
/// every round: so many can race without any of them failing.
inline constexpr unsigned max_swap_attempts = 256;

/// What is to become of a record that was read, or of its place where there is none.
class swap_decision {
public:
    /// The record stays as it is.
    static swap_decision keep() noexcept { return {}; }
    /// These octets take its place.
    static swap_decision write(signet::bytes octets, unix_time expires) noexcept {
        return {action::write, std::move(octets), expires};
    }
    /// The same where this uses up something that was issued at `issued`; see `insert_once` and `replace_once`.
    static swap_decision write_once(signet::bytes octets, unix_time expires, unix_time issued) noexcept {
        return {action::write_once, std::move(octets), expires, issued};
    }
    /// The same where losing this write harms nobody; see `request::forgettable`.
    static swap_decision write_forgettable(signet::bytes octets, unix_time expires) noexcept {
        return {action::write_forgettable, std::move(octets), expires};
    }
    /// The record is forgotten.
    static swap_decision erase() noexcept { return {action::erase}; }

    /// The request that carries it out. The decision must outlive it.
    request as_request(record_key const& key, std::optional<record> const& found, unix_time now) const noexcept {
        if (what_ == action::erase) return store::erase(key, now, found ? found->version : 0);
        if (what_ == action::write_once)
            return found ? replace_once(key, found->version, octets_, expires_, issued_, now)
                         : insert_once(key, octets_, expires_, issued_, now);
        auto ask = found ? replace(key, found->version, octets_, expires_, now) : insert(key, octets_, expires_, now);
        ask.forgettable = what_ == action::write_forgettable;
        return ask;
    }
    bool keeps() const noexcept { return what_ == action::keep; }
    bool erases() const noexcept { return what_ == action::erase; }

private:
    enum class action : std::uint8_t { keep, write, write_once, write_forgettable, erase };
    swap_decision(action what = action::keep, signet::bytes octets = {}, unix_time expires = {},
                  unix_time issued = {}) noexcept
        : what_{what}, octets_{std::move(octets)}, expires_{expires}, issued_{issued} {}

    action what_;
    signet::bytes octets_;
    unix_time expires_, issued_;
};

/// What the caller of `compare_and_swap` has already.
struct swap_start {
    /// Where records are read to; it must outlive the operation. For a record that does not fit, and where it is empty,
    /// `compare_and_swap` has a buffer of its own.
    std::span<std::uint8_t> buffer{};
    /// What the caller knows to be there, or takes to be: the first attempt goes by it and reads nothing.
    std::optional<std::optional<record>> known{};
    /// Where the version that was written goes, if it is wanted.
    std::uint64_t* written = nullptr;
};

/// Changes the record of `key` in one atomic step, however many others change it meanwhile.
///
/// `judge(found)` is given what was read as a `std::optional<record> const&`, empty where no record lives, and returns
/// a `result<swap_decision>` or, where it has questions of its own, a `task<swap_decision>`. It is called again with
/// what is there then whenever another writer was first, so what it captured is to be assigned and not added to. The
/// octets it sees are good until the task that it returned ends.
///
/// Gives whether something was written or erased. Errors: the judge's; the store's, and of those `outcome_unknown` is
/// not tried again; `record_conflict` after `max_swap_attempts`.
///
/// @par Example
/// `co_await store::compare_and_swap(key, now, [&](auto const& found) -> result<store::swap_decision> { ... });`
template <class Judge> task<bool> compare_and_swap(record_key key, unix_time now, Judge judge,
                                                   std::pmr::memory_resource* frames = nullptr, swap_start start = {}) {
    (void)frames;                         // of this coroutine
    std::array<std::uint8_t, 2048> usual; // most records fit
    signet::bytes large;
    std::span<std::uint8_t> buffer = start.buffer.empty() ? std::span<std::uint8_t>{usual} : start.buffer;
    for (unsigned attempt = 0; attempt != max_swap_attempts;) {
        std::optional<record> found;
        if (start.known) {
            found = *std::exchange(start.known, std::nullopt);
        } else {
            auto const read = co_await as_result(find(key, buffer, now));
            if (read.outcome == outcome::failed && read.error == errc::buffer_too_small && buffer.size() < max_record) {
                large.resize(read.needed > buffer.size() && read.needed < max_record ? read.needed : max_record);
                buffer = large;
                continue;
            }
            bool const there = co_await read.done();
            if (there) found = read.record;
        }
        auto judged = judge(std::as_const(found));
        auto const decision = co_await std::move(judged);
        if (decision.keeps() || (decision.erases() && !found)) co_return false;
        auto const written = co_await decision.as_request(key, found, now);
        if (written && start.written) *start.written = written->version;
        if (written) co_return true;
        ++attempt;
    }
    co_return errc::record_conflict;
}

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
// Reads one record, lets its owner judge it, writes it back by compare-and-swap, and begins anew when somebody was
// first.
#pragma once

#include <signet/store/store.hpp>

#include <optional>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

/// How often a swap that was lost is tried again before `record_conflict`: of n who race, one wins every round.
inline constexpr int most_swaps = 256;

class swap_loop {
public:
    enum class step {
        asking, ///< there is another question
        read,   ///< `found()` is there to be judged: then `write`, or nothing more
        written,
        failed, ///< see `why()`
    };

    swap_loop(store::record_key const& key, unix_time now) noexcept : key_{key}, now_{now} { read_again(); }
    swap_loop(swap_loop const&) = delete; // its question points into it
    swap_loop& operator=(swap_loop const&) = delete;

    [[nodiscard]] store::request const* next() const noexcept { return open_ ? &ask_ : nullptr; }
    /// The record that was read; nothing where none lives.
    [[nodiscard]] std::optional<store::record> const& found() const noexcept { return found_; }
    [[nodiscard]] errc why() const noexcept { return why_; }

    /// Writes what takes the place of `found()`.
    void write(signet::bytes octets, unix_time expires) {
        written_ = std::move(octets);
        ask_ = found_ ? store::replace(key_, found_->version, written_, expires, now_)
                      : store::insert(key_, written_, expires, now_);
        open_ = writing_ = true;
    }

    /// Forgets `found()`, of that version.
    void erase() {
        ask_ = store::erase(key_, now_, found_->version);
        open_ = writing_ = true;
    }

    step answer(store::reply const& reply) {
        open_ = false;
        if (!writing_ && reply.outcome == store::outcome::failed && reply.error == errc::buffer_too_small &&
            room_.size() < store::largest_record) {
            room_.resize(reply.needed > room_.size() && reply.needed <= store::largest_record ? reply.needed
                                                                                              : store::largest_record);
            read_again();
            return step::asking;
        }
        auto const done = reply.done();
        if (!done) return fail(done.error().code);
        if (!writing_) {
            found_ = *done ? std::optional{reply.record} : std::nullopt;
            return step::read;
        }
        if (*done) return step::written;
        if (++lost_ == most_swaps) return fail(errc::record_conflict);
        read_again();
        return step::asking;
    }

    step fail(errc why) noexcept {
        open_ = false;
        why_ = why;
        return step::failed;
    }

private:
    void read_again() {
        writing_ = false;
        ask_ = store::find(key_, room_, now_);
        open_ = true;
    }

    store::record_key key_;
    unix_time now_;
    std::vector<std::uint8_t> room_ = std::vector<std::uint8_t>(2048);
    signet::bytes written_;
    std::optional<store::record> found_;
    store::request ask_;
    int lost_ = 0;
    errc why_{};
    bool open_ = false, writing_ = false;
};

}}}} // namespace signet::store::detail

// SPDX-License-Identifier: BSL-1.0
// A store in front of a store that loses questions and answers when told to: for testing what happens then.
#pragma once

#include <signet/store/store.hpp>

#include <memory>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

/// A failure of one call.
enum class store_fault : std::uint8_t {
    none,
    unavailable,  ///< the call does not run, and fails with `store_unavailable`
    request_lost, ///< the call does not run, and fails with `outcome_unknown`
    reply_lost,   ///< the call runs, and fails with `outcome_unknown`
};

/// Passes calls to `inner`, except the call that must fail.
///
/// Thread safety: one thread at a time.
/// Lifetime: `inner` must outlive this object.
///
/// Example: `faulty_store flaky{db}; flaky.fail_next(store_fault::reply_lost); flaky.execute(take);` returns
/// `outcome_unknown` although the record is gone.
template <store::blocking_store S> class faulty_store {
public:
    /// Passes all calls until a failure is ordered.
    explicit faulty_store(S& inner) noexcept : inner_{std::addressof(inner)} {}

    /// Makes the call after `skip` others fail. A later call replaces the order.
    void fail_next(store_fault how, unsigned skip = 0) noexcept {
        fault_ = how;
        skip_ = skip;
    }

    store::reply execute(store::request const& ask) {
        ++calls_;
        if (fault_ == store_fault::none || skip_ != 0) {
            if (fault_ != store_fault::none) --skip_;
            return inner_->execute(ask);
        }
        auto const fault = fault_;
        fault_ = store_fault::none;
        if (fault == store_fault::reply_lost) (void)inner_->execute(ask);
        // A lost read changed nothing, so adapters call it unavailable.
        auto const known = fault == store_fault::unavailable || ask.verb == store::verb::find;
        return store::reply::failure(known ? errc::store_unavailable : errc::outcome_unknown);
    }

    /// Returns how often `execute` was called, including the calls that failed.
    [[nodiscard]] unsigned calls() const noexcept { return calls_; }

private:
    S* inner_;
    store_fault fault_ = store_fault::none;
    unsigned skip_ = 0;
    unsigned calls_ = 0;
};

}}} // namespace signet::testing

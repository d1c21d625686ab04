// SPDX-License-Identifier: BSL-1.0
// A store in front of a store that loses questions and answers when told to: for testing what happens then.
#pragma once

#include <signet/store/store.hpp>

#include <memory>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

/// What befalls one call.
enum class store_fault : std::uint8_t {
    none,
    unavailable,  ///< it does not run, and the caller is told so
    request_lost, ///< it does not run, and the caller cannot know
    reply_lost,   ///< it runs, and the caller cannot know
};

/// Passes calls on to `inner`, which must outlive it, but for the call that was marked. For one thread at a time.
///
/// Example: `faulty_store flaky{db}; flaky.fail_next(store_fault::reply_lost); flaky.execute(take);` answers
/// `outcome_unknown` although the record is gone.
template <store::blocking_store S> class faulty_store {
public:
    /// Without a fault, until one is ordered.
    explicit faulty_store(S& inner) noexcept : inner_{std::addressof(inner)} {}

    /// The call after `skip` further ones fails like this; a later word replaces an earlier one.
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

    /// How often `execute` was called, the failed ones included.
    [[nodiscard]] unsigned calls() const noexcept { return calls_; }

private:
    S* inner_;
    store_fault fault_ = store_fault::none;
    unsigned skip_ = 0;
    unsigned calls_ = 0;
};

}}} // namespace signet::testing

// SPDX-License-Identifier: BSL-1.0
// Keeps the keys of a verifier those of its source: one fetch at a time, and what waits for it.
#include <signet/jose/peek.hpp>
#include <signet/jwt/impl/key_schedule.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#ifndef SIGNET_JWT_IMPL_KEY_FOLLOWER_HPP
#    define SIGNET_JWT_IMPL_KEY_FOLLOWER_HPP

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

class key_follower : public std::enable_shared_from_this<key_follower> {
public:
    using swap_keys = shared_function<void(std::shared_ptr<jose::any_key_set const>)>;

    key_follower(key_source&& source, key_list_reader read, algorithm_set accepted, swap_keys swap)
        : fetch_{std::move(source.fetch)},
          policy_{source.policy},
          limits_{source.limits},
          read_{read},
          accepted_{accepted},
          swap_{std::move(swap)} {}

    /// Verifies with `attempt(now)`, again with newer keys if that may help. Waits for a fetch in this thread, or where
    /// there is a `later` ends with any error and `later->on` set.
    template <class Attempt> auto verify(std::string_view text, unix_time now, key_wait* later, Attempt const& attempt)
        -> decltype(attempt(now)) {
        key_wait here;
        auto& wait = begin(later ? *later : here);
        for (;;) {
            if (auto const ready = look_after(wait, now, later == nullptr); !ready) return ready.error();
            auto const with = requested_.load(std::memory_order_acquire);
            auto answer = attempt(now);
            if (answer || !may_be_new_key(answer.error())) return answer;
            if (with != requested_.load(std::memory_order_acquire)) continue; // there are newer keys already
            if (answer.error() == errc::bad_signature && !may_be_unnamed(text)) return answer;
            auto const next = ask(kid_status::unknown, wait, now, later == nullptr);
            if (!next && next.error() == errc::unknown_key) return answer;
            if (!next) return next.error();
        }
    }

    /// Sees to it that there are keys at `now`. Errors: `key_source_unavailable`.
    result<void> look_after(key_wait& wait, unix_time& now, bool may_block) {
        while (seconds(now) >= attention_.load(std::memory_order_acquire)) {
            auto const next = ask(kid_status::known, wait, now, may_block);
            if (!next) return next.error();
            if (*next == step::go_on) break;
        }
        return {};
    }
    key_wait& begin(key_wait& wait) const noexcept {
        if (!wait.known) wait.asked = begun_.load(std::memory_order_acquire);
        wait.known = true;
        return wait;
    }

    /// Fetches if it is time to. Returns when to be called next.
    unix_time refresh(unix_time now) {
        drop_left_keys(now);
        std::unique_lock lock{mutex_};
        auto const at = after_attempt(now);
        if (at >= due() && next_attempt(state_, policy_, at) <= at) {
            auto fetch = begin_fetch(at);
            lock.unlock();
            start(std::move(fetch));
            lock.lock();
        }
        auto const then = after_attempt(std::max(now, last_end_));
        auto const next = std::max(due(), next_attempt(state_, policy_, then));
        return std::max(std::min(next, unix_time{std::chrono::seconds{drop_at_.load(std::memory_order_acquire)}}),
                        saturating_add(now, std::chrono::seconds{1}));
    }

    /// The answer to a fetch. What a token's handler threw is in `thrown` afterwards.
    result<void> finish(std::uint64_t number, unix_time began, key_response const& response, unix_time now,
                        std::exception_ptr& thrown) {
        auto keys = response.status == 200 ? read_(response.body, accepted_, limits_)
                                           : result<jose::any_key_set>{errc::key_source_unavailable};
        auto const done = keys ? result<void>{} : result<void>{keys.error()};
        {
            std::lock_guard applying{applying_};
            if (!done) {
                fail(number, now);
            } else if (swap_ && number > requested_.load(std::memory_order_relaxed)) {
                use(*std::move(keys), now);
                std::lock_guard lock{mutex_};
                auto const another = state_.fetching && number != begun_.load(std::memory_order_relaxed);
                state_ = fetch_succeeded(state_, policy_, read_freshness(response), began, now);
                state_.fetching = another; // this one was late, and is better than none
                if (!another) wanted_.reset();
                requested_.store(number, std::memory_order_release);
                set_attention();
            }
        }
        thrown = end(now);
        return done;
    }
    /// A fetch that nobody answered, and so nobody to tell what handlers throw.
    void abandon(std::uint64_t number, unix_time began) {
        fail(number, began);
        (void)end(began);
    }

    /// Keeps a token until the fetch in progress has ended; false if it has already.
    bool enqueue(key_waiter& waiter) {
        std::lock_guard lock{mutex_};
        if (ended_ == waiter.wait.ended) {
            waiting_.push_back(std::move(waiter));
            return true;
        }
        waiter.wait.now = std::max(waiter.wait.now, last_end_);
        return false;
    }

    /// The verifier goes: nothing waits for its keys any more.
    void close() {
        {
            std::lock_guard applying{applying_};
            swap_ = {};
        }
        std::vector<key_waiter> left;
        {
            std::lock_guard lock{mutex_};
            left.swap(waiting_);
        }
        (void)call_each(left, [](key_waiter& waiter) { waiter.then(errc::key_source_unavailable); });
    }

private:
    enum class step : std::uint8_t { go_on, again };
    struct left_key {
        jose::key_entry key;
        unix_time until;
    };

    static std::int64_t seconds(unix_time t) noexcept { return t.time_since_epoch().count(); }

    /// Threads read the time one before the other: one that began a fetch is not in the future of the next.
    unix_time after_attempt(unix_time now) const noexcept {
        return state_.attempted > now && state_.attempted <= saturating_add(now, policy_.fetch_timeout)
                   ? state_.attempted
                   : now;
    }
    unix_time due() const noexcept {
        auto const ahead = state_.present ? state_.refresh_from : unix_time{};
        return wanted_ ? std::min(*wanted_, ahead) : ahead;
    }
    void set_attention() noexcept {
        auto at = state_.present ? seconds(state_.fresh_until) : 0;
        if (wanted_) at = std::min(at, seconds(*wanted_));
        attention_.store(std::min(at, drop_at_.load(std::memory_order_relaxed)), std::memory_order_release);
    }

    /// One that the age of the set asks for, or a token that was turned away.
    key_fetch begin_fetch(unix_time now) {
        auto const wanted = wanted_ && now >= *wanted_;
        if (wanted) wanted_.reset(), set_attention();
        return begin_fetch(wanted ? kid_status::unknown : kid_status::known, now);
    }
    key_fetch begin_fetch(kid_status kid, unix_time now) {
        state_ = fetch_began(state_, policy_, kid, now);
        return {shared_from_this(), begun_.fetch_add(1, std::memory_order_acq_rel) + 1, now};
    }

    /// Asks about a token, and fetches or waits. The time moves on with the wait.
    result<step> ask(kid_status kid, key_wait& wait, unix_time& now, bool may_block) {
        drop_left_keys(now);
        std::unique_lock lock{mutex_};
        auto const at = after_attempt(now);
        auto const newer = requested_.load(std::memory_order_relaxed) > wait.asked;
        auto decision = decide_keys(state_, policy_, {kid, newer}, at);
        using action = key_source_decision::action;
        if (decision.what == action::refuse) {
            if (decision.reason == errc::key_source_unavailable && state_.present) {
                wanted_ = decision.until; // who shows the token again finds its key then
                set_attention();
            }
            return decision.reason;
        }
        if (decision.what == action::use) {
            if (decision.fetch_in_background ||
                (wanted_ && at >= *wanted_ && next_attempt(state_, policy_, at) <= at)) {
                auto fetch = begin_fetch(at);
                lock.unlock();
                start(std::move(fetch));
            }
            return step::go_on;
        }
        auto const ended = ended_;
        if (decision.what == action::fetch) {
            auto fetch = begin_fetch(kid, at);
            lock.unlock();
            start(std::move(fetch));
            lock.lock();
        }
        if (ended == ended_) {
            if (waiting_.size() + blocked_ >= policy_.max_waiting) return errc::key_source_unavailable;
            if (!may_block) {
                wait.on = this;
                wait.ended = ended;
                return errc::key_source_unavailable;
            }
            ++blocked_;
            while (ended == ended_) ended_one_.wait(lock);
            --blocked_;
        }
        now = std::max(now, last_end_);
        return step::again;
    }

    /// Whether a key without a kid may have signed the token, or one of any kid a token without.
    bool may_be_unnamed(std::string_view text) {
        auto const peeked = jose::peek(text);
        std::lock_guard applying{applying_};
        return peeked && current_ && find_kid(*current_, peeked->unverified_value().kid()) == kid_status::unnamed;
    }

    void fail(std::uint64_t number, unix_time now) {
        std::lock_guard lock{mutex_};
        if (number == begun_.load(std::memory_order_relaxed) && state_.fetching) state_ = fetch_failed(state_, now);
    }
    std::exception_ptr end(unix_time now) {
        std::vector<key_waiter> ready;
        {
            std::lock_guard lock{mutex_};
            ++ended_;
            last_end_ = now;
            ready.swap(waiting_);
            ended_one_.notify_all();
        }
        return call_each(ready, [now](key_waiter& waiter) {
            waiter.wait.now = std::max(waiter.wait.now, now);
            run_waiter(std::move(waiter));
        });
    }
    /// Each of them is called, whatever others throw. Returns the first exception.
    template <class Call> static std::exception_ptr call_each(std::vector<key_waiter>& waiters, Call const& call) {
        std::exception_ptr first;
        for (auto& waiter : waiters) {
#    ifdef __cpp_exceptions
            try {
                call(waiter);
            } catch (...) {
                if (!first) first = std::current_exception();
            }
#    else
            call(waiter);
#    endif
        }
        return first;
    }

    // ---- under applying_

    /// Puts a set into use, and with it for a while the keys that are no longer in it.
    void use(jose::any_key_set&& fresh, unix_time now) {
        auto next = jose::share(std::move(fresh));
        if (current_ && policy_.removed_key_grace > std::chrono::seconds{0})
            for (auto const& entry : current_->entries())
                if (!next->holds(entry)) left_.push_back({entry, saturating_add(now, policy_.removed_key_grace)});
        current_ = std::move(next);
        put_into_use(now);
    }
    void put_into_use(unix_time now) {
        std::erase_if(left_, [&](left_key const& k) { return now >= k.until || current_->holds(k.key); });
        auto drop = never;
        if (left_.empty()) {
            swap_(current_);
        } else {
            auto all = *current_;
            for (auto k = left_.rbegin(); k != left_.rend(); ++k) { // the one that left last is needed most
                (void)all.add_former(k->key);                       // not if its kid names another key by now
                drop = std::min(drop, seconds(k->until));
            }
            swap_(jose::share(std::move(all)));
        }
        drop_at_.store(drop, std::memory_order_release);
    }
    void drop_left_keys(unix_time now) {
        if (seconds(now) < drop_at_.load(std::memory_order_acquire)) return;
        std::lock_guard applying{applying_};
        if (seconds(now) < drop_at_.load(std::memory_order_relaxed) || !swap_) return;
        put_into_use(now);
        std::lock_guard lock{mutex_};
        set_attention();
    }

    /// Without a lock: who has no `fetch` lets it fail at once.
    void start(key_fetch fetch) const {
        if (fetch_) fetch_(std::move(fetch));
    }

    static constexpr std::int64_t never = INT64_MAX;

    shared_function<void(key_fetch)> const fetch_;
    key_source_policy const policy_;
    jose::key_set_limits const limits_;
    key_list_reader const read_;
    algorithm_set const accepted_;

    std::mutex applying_;                              // held while keys are put into use; taken before mutex_
    swap_keys swap_;                                   // empty: the verifier has gone
    std::shared_ptr<jose::any_key_set const> current_; // as it was fetched
    std::vector<left_key> left_;

    std::mutex mutex_; // never held during a fetch, a verification or a change of keys
    std::condition_variable ended_one_;
    key_source_state state_;
    std::optional<unix_time> wanted_; // a token was turned away until then
    unix_time last_end_{};
    std::uint64_t ended_ = 0; // fetches, and how they ended does not matter
    std::size_t blocked_ = 0;
    std::vector<key_waiter> waiting_;

    std::atomic<std::uint64_t> begun_{0};     // fetches; the number of the last one
    std::atomic<std::uint64_t> requested_{0}; // the number of the one that brought the set in use
    std::atomic<std::int64_t> attention_{0};  // before this time a verification asks nothing
    std::atomic<std::int64_t> drop_at_{never};
};

}}}} // namespace signet::jwt::detail

#endif

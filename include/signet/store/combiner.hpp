// SPDX-License-Identifier: BSL-1.0
// One store object for all threads: whoever finds the connection busy sends together with the others who wait.
#pragma once

#include <signet/store/health.hpp>
#include <signet/store/impl/bounded.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// The largest number of requests that a combiner sends in one round trip.
inline constexpr std::size_t max_combined = 256;

/// How long a caller waits until its request is sent.
struct combiner_params {
    std::chrono::milliseconds wait{2000};
};

/// Two connections to one server that serve any number of threads. A caller that finds a connection idle sends all
/// queued requests in one `execute_many`, and passes on the replies. So one round trip, and one wait of the server for
/// its disk, serve all of them. Use it for `redis`; for `postgres`, whose commits occupy their connection, use `pool`.
///
/// Finds have their own connection, so that they do not wait for the disk.
///
/// A request that was not sent within `wait` fails with `store_unavailable`, and nothing happened. After it was sent,
/// the connection's time limits apply. While the server hangs, each connection, not each thread, waits for one time
/// limit.
///
/// Thread safety: may be called concurrently. No lock is held while a connection works.
///
/// Example: `store::combiner<store::redis> db{store::redis{params}, store::redis{params}};`
template <blocking_store S> class combiner {
public:
    /// Makes the object from two connections to the same server.
    combiner(S for_finds, S for_the_rest, combiner_params params = {})
        : finds_{std::move(for_finds)}, rest_{std::move(for_the_rest)}, params_{detail::bounded(params.wait)} {}

    /// Executes a request, together with those of other threads.
    reply execute(request const& ask) {
        reply answer = reply::failure(errc::store_unavailable);
        lane_of(ask).execute({&ask, 1}, {&answer, 1}, params_.wait);
        return answer;
    }

    /// Executes all requests, each atomic by itself. The finds among them are sent first.
    void execute_many(std::span<request const> asks, std::span<reply> replies) {
        for (bool const finds : {true, false}) {
            std::vector<request> part;
            std::vector<std::size_t> places;
            for (std::size_t i = 0; i != asks.size(); ++i)
                if ((asks[i].verb == verb::find) == finds) part.push_back(asks[i]), places.push_back(i);
            for (std::size_t at = 0; at != part.size();) {
                auto const some = std::span{part}.subspan(at, std::min(part.size() - at, max_combined));
                std::vector<reply> answers(some.size(), reply::failure(errc::store_unavailable));
                (finds ? finds_ : rest_).execute(some, answers, params_.wait);
                for (auto const& answer : answers) replies[places[at++]] = answer;
            }
        }
    }

    /// Checks the connection for finds.
    [[nodiscard]] health check_health(unix_time now) {
        return detail::describe_health(finds_.connection, execute(find(detail::health_key, {}, now)));
    }

    /// Return the connections, such as for `connect` at start-up. Do not execute requests on them.
    ///
    /// Lifetime: they refer to this object.
    [[nodiscard]] S& connection_for_finds() noexcept { return finds_.connection; }
    [[nodiscard]] S& connection_for_the_rest() noexcept { return rest_.connection; }

private:
    // A caller and its requests, on its own stack. Whoever takes it out of the queue answers it.
    struct waiter {
        std::span<request const> asks;
        std::span<reply> replies;
        bool taken = false, done = false, leads = false;
        std::condition_variable woken{};
    };

    struct lane {
        explicit lane(S s) : connection{std::move(s)} {}

        void execute(std::span<request const> asks, std::span<reply> replies, std::chrono::milliseconds wait) {
            waiter me{asks, replies};
            std::unique_lock lock{mutex};
            queue.push_back(&me);
            if (is_led) {
                auto const over = [&] { return me.done || me.leads; };
                if (!me.woken.wait_for(lock, wait, over)) {
                    if (!me.taken) { // nothing was sent
                        std::erase(queue, &me);
                        return;
                    }
                    me.woken.wait(lock, over);
                }
                if (me.done) return;
            }
            is_led = true;
            std::vector<waiter*> batch;
            try {
                batch = take();
                lock.unlock();
                send(batch);
            } catch (...) { // as thrown by the connection, or for want of memory: for the others it is a lost reply
                if (!lock) lock.lock();
                if (batch.empty()) std::erase(queue, &me);
                hand_over(batch);
                throw;
            }
            lock.lock();
            hand_over(batch);
        }

        // Wakes those who were answered, and whoever is to send next.
        void hand_over(std::vector<waiter*> const& batch) {
            for (auto* w : batch) w->done = true, w->woken.notify_one();
            is_led = !queue.empty();
            if (is_led) queue.front()->leads = true, queue.front()->woken.notify_one();
        }

        // The longest beginning of the queue that may be sent together; whoever leads stands first in it.
        std::vector<waiter*> take() {
            std::vector<waiter*> batch;
            batch.reserve(std::min(queue.size(), max_combined));
            std::size_t size = 0;
            while (!queue.empty() && batch.size() != batch.capacity() &&
                   (batch.empty() || size + queue.front()->asks.size() <= max_combined)) {
                size += queue.front()->asks.size();
                queue.front()->taken = true;
                batch.push_back(queue.front());
                queue.pop_front();
            }
            return batch;
        }

        void send(std::vector<waiter*> const& batch) {
            for (auto* w : batch)
                std::fill(w->replies.begin(), w->replies.end(), reply::failure(errc::outcome_unknown));
            std::vector<request> asks;
            for (auto const* w : batch) asks.insert(asks.end(), w->asks.begin(), w->asks.end());
            std::vector<reply> answers(asks.size(), reply::failure(errc::outcome_unknown));
            store::execute_many(connection, std::span<request const>{asks}, std::span<reply>{answers});
            auto at = answers.begin();
            for (auto* w : batch)
                for (auto& answer : w->replies) answer = *at++;
        }

        S connection;
        std::mutex mutex;
        std::deque<waiter*> queue; // in the order in which they came
        bool is_led = false;       // whether somebody sends, or was told to
    };

    lane& lane_of(request const& ask) noexcept { return ask.verb == verb::find ? finds_ : rest_; }

    lane finds_, rest_;
    combiner_params params_;
};

}}} // namespace signet::store

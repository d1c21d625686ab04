// Runs a few threads through every interleaving that has at most so many preemptions.
//
// The code under test is compiled with std::atomic, std::mutex, std::condition_variable and std::this_thread renamed to
// the types below (signet.hpp does that). Each of their operations first asks the scheduler which thread goes on, so
// exactly one thread runs at a time and every run can be repeated. A preemption is a switch away from a thread that
// could have gone on; few are enough to show most mistakes of order, and their number bounds the search. Before an
// operation on an object that one thread alone uses nobody is preempted, since nobody could tell; should another thread
// use it later, the search begins again.
//
// What it does not show: interleavings are sequentially consistent, so what weaker memory orders add is
// ThreadSanitizer's to find, as are accesses without any lock.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#ifdef __linux__
#    include <sched.h>
#endif

namespace explore {

using body = std::function<void()>;

/// Ends the program: what it says is about the test or a deadlock, after which no thread could be ended in order.
[[noreturn]] inline void stop(std::string const& why) {
    std::fprintf(stderr, "explorer: %s\n", why.c_str());
    std::abort();
}

/// Decides who runs, remembers its decisions, and finds the next ones to try.
class scheduler {
public:
    static constexpr int nobody = -1;
    static constexpr std::size_t max_steps = 100'000; ///< operations of one run; more is an endless loop

    // One processor for all threads, since one runs at a time: handing over to another that is busy takes a slice of
    // its time, which was a hundred times slower beside other work.
    scheduler() noexcept {
#ifdef __linux__
        cpu_set_t here;
        CPU_ZERO(&here);
        CPU_SET(static_cast<std::size_t>(std::max(sched_getcpu(), 0)), &here);
        (void)sched_setaffinity(0, sizeof here, &here);
#endif
    }
    scheduler(scheduler const&) = delete;
    scheduler& operator=(scheduler const&) = delete;
    ~scheduler() {
        leaving_ = true;
        for (auto& t : threads_) t->turn.release();
        for (auto& t : threads_) t->thread.join();
    }

    /// The thread that asks, or `nobody` for one that is not explored.
    static int me() noexcept { return me_; }

    /// What one thread does: `before` is not explored and runs alone, all threads one after another.
    struct job {
        body work;
        body before = {};
    };

    /// Runs the jobs to their end by the decisions made so far, and then on without a preemption.
    void run(std::vector<job> jobs) {
        while (threads_.size() < jobs.size()) {
            threads_.push_back(std::make_unique<explored>());
            threads_.back()->thread = std::thread{[this, i = static_cast<int>(threads_.size() - 1)] { serve(i); }};
        }
        state_.assign(jobs.size(), state::ready);
        step_ = 0;
        ran_.clear();
        for (std::size_t i = 0; i != jobs.size(); ++i)
            if (jobs[i].before) hand_over(i, jobs[i].before), main_.acquire();
        for (std::size_t i = 0; i != jobs.size(); ++i) threads_[i]->work = jobs[i].work;
        active_ = true;
        threads_[static_cast<std::size_t>(choose(nobody))]->turn.release();
        main_.acquire();
        active_ = false;
        if (plan_.empty() && step_ != path_.size()) stop("a repeated run was shorter: the test is not deterministic");
    }

    // ---- for the explored types

    /// An object is made.
    void made(void const* object) {
        auto const maker = static_cast<std::uint64_t>(me_ + 1);
        if (made_by_.size() <= maker) made_by_.resize(maker + 1);
        names_[object] = maker << 32 | made_by_[maker]++;
    }
    /// Before every operation on it: another thread may go on instead.
    void yield(void const* object) {
        if (me_ == nobody || !active_) return;
        auto& users = users_[names_[object]];
        auto const before = std::popcount(users);
        users |= 1u << me_;
        auto const shared = std::popcount(users) > 1;
        if (shared && before < 2) more_is_shared_ = true;
        pass(shared || !plan_.empty() ? choose(me_) : go_on());
    }
    /// A mutex is held: nobody chooses this thread until one is released.
    void block() {
        if (me_ == nobody || !active_) stop("a mutex is locked twice by one thread");
        state_[static_cast<std::size_t>(me_)] = state::blocked;
        pass(choose(nobody));
    }
    void unblock() {
        for (auto& s : state_)
            if (s == state::blocked) s = state::ready;
    }

    // ---- for the search

    void forget() { users_.clear(); }
    void begin(unsigned max_preemptions) {
        path_.clear();
        plan_.clear();
        bound_ = max_preemptions;
        more_is_shared_ = false;
    }
    /// Before the objects of a run are made. They are known by who made them, and as which of them.
    void prepare() {
        names_.clear();
        made_by_.clear();
    }
    /// Whether the last run used an object by more threads than any before: what was tried until then is too little.
    [[nodiscard]] bool began_to_share() const noexcept { return more_is_shared_; }
    /// The next decisions in order; false when all were tried.
    bool advance() {
        for (; !path_.empty(); path_.pop_back()) {
            auto& last = path_.back();
            for (auto next = following(last); next != nobody; next = following(last)) {
                last.taken = next;
                if (last.used + last.cost() <= bound_) return true;
            }
        }
        return false;
    }
    /// The last run as text: how many operations of which thread, "0x12 1x3" for twelve of thread 0 and three of
    /// thread 1.
    [[nodiscard]] std::string text() const {
        std::string text;
        for (std::size_t i = 0, end; i != ran_.size(); i = end) {
            for (end = i; end != ran_.size() && ran_[end] == ran_[i]; ++end) {}
            text += (text.empty() ? "" : " ") + std::to_string(ran_[i]) + 'x' + std::to_string(end - i);
        }
        return text;
    }
    /// The next run goes by such a text.
    void repeat(std::string const& text) {
        begin(0);
        for (char const* at = text.c_str(); *at;) {
            char* end = nullptr;
            auto const thread = static_cast<int>(std::strtol(at, &end, 10));
            if (end == at || *end != 'x') stop("no schedule: " + text);
            plan_.insert(plan_.end(), std::strtoul(end + 1, &end, 10), thread);
            for (at = end; *at == ' '; ++at) {}
        }
    }

private:
    enum class state : std::uint8_t { ready, blocked, done };
    struct explored {
        std::thread thread;
        std::binary_semaphore turn{0};
        body work;
    };
    struct decision {
        std::uint32_t could = 0; // threads that were ready, as bits
        int current, taken = nobody;
        unsigned used = 0; // preemptions before it
        [[nodiscard]] bool ready(int thread) const noexcept { return thread != nobody && (could >> thread & 1) != 0; }
        [[nodiscard]] unsigned cost() const noexcept { return ready(current) && taken != current ? 1 : 0; }
    };

    // The thread that runs on comes first, then the others by their numbers.
    static int first(decision const& d) { return d.ready(d.current) ? d.current : next_of(d, 0); }
    static int following(decision const& d) {
        return next_of(d, d.taken == d.current && d.ready(d.current) ? 0 : d.taken + 1);
    }
    static int next_of(decision const& d, int from) {
        for (int i = from; i != 32; ++i)
            if (i != d.current && d.ready(i)) return i;
        return nobody;
    }

    int choose(int current) {
        decision d{.current = current};
        for (std::size_t i = 0; i != state_.size(); ++i)
            if (state_[i] == state::ready) d.could |= 1u << i;
        if (d.could == 0) stop("deadlock after " + text());
        if (!plan_.empty()) {
            d.taken = ran_.size() < plan_.size() ? plan_[ran_.size()] : first(d);
            if (!d.ready(d.taken)) stop("this schedule is of another program");
        } else if (step_ == path_.size()) {
            d.used = step_ == 0 ? 0 : path_[step_ - 1].used + path_[step_ - 1].cost();
            d.taken = first(d);
            path_.push_back(d);
            ++step_;
        } else {
            auto const& told = path_[step_++];
            if (told.could != d.could || told.current != d.current)
                stop("a repeated run went another way: the test is not deterministic");
            d.taken = told.taken;
        }
        return log(d.taken);
    }
    int go_on() { return log(me_); }
    int log(int thread) {
        if (ran_.size() == max_steps) stop("endless: " + text().substr(0, 1000));
        ran_.push_back(thread);
        return thread;
    }
    void pass(int next) {
        auto const mine = me_;
        if (next == mine) return;
        threads_[static_cast<std::size_t>(next)]->turn.release();
        threads_[static_cast<std::size_t>(mine)]->turn.acquire();
    }
    void hand_over(std::size_t thread, body const& work) {
        threads_[thread]->work = work;
        threads_[thread]->turn.release();
    }
    void serve(int number) {
        auto& mine = *threads_[static_cast<std::size_t>(number)];
        for (me_ = number;;) {
            mine.turn.acquire();
            if (leaving_) return;
            mine.work();
            if (!active_) {
                main_.release();
                continue;
            }
            state_[static_cast<std::size_t>(number)] = state::done;
            bool all = true;
            for (auto const s : state_) all = all && s == state::done;
            if (all) main_.release();
            else threads_[static_cast<std::size_t>(choose(nobody))]->turn.release();
        }
    }

    static inline thread_local int me_ = nobody;

    // Touched by the one thread that has the turn, so without a lock: the semaphores order it.
    std::vector<std::unique_ptr<explored>> threads_; // the same ones in every run
    std::binary_semaphore main_{0};
    std::vector<state> state_;
    std::vector<decision> path_; // where there was a choice
    std::vector<int> ran_;       // at every operation
    std::vector<int> plan_;      // not empty: what is to be run
    std::size_t step_ = 0;
    unsigned bound_ = 0;
    bool active_ = false, leaving_ = false, more_is_shared_ = false;

    std::unordered_map<void const*, std::uint64_t> names_;
    std::vector<std::uint64_t> made_by_;                     // how many objects each thread made
    std::unordered_map<std::uint64_t, std::uint32_t> users_; // of each object, as bits
};

inline scheduler the_scheduler;

using job = scheduler::job;
inline void run(std::vector<job> jobs) { the_scheduler.run(std::move(jobs)); }

/// What a search found.
struct outcome {
    std::size_t schedules = 0;
    std::string failed; ///< the schedule that failed, with the fewest preemptions; empty: none did
};

/// Calls `once` for every schedule with at most `max_preemptions`, few preemptions first, until it returns false. It
/// makes its objects anew, calls `run`, and judges. SIGNET_SCHEDULE="0x12 1x3" repeats one schedule alone.
template <class Once> outcome every_schedule(unsigned max_preemptions, Once const& once) {
    outcome found;
    auto& all = the_scheduler;
    auto const holds = [&] {
        ++found.schedules;
        all.prepare();
        if (once()) return true;
        found.failed = all.text();
        return false;
    };
    all.forget();
    if (char const* one = std::getenv("SIGNET_SCHEDULE")) {
        all.repeat(one);
        (void)holds();
        return found;
    }
    for (unsigned bound = 0; bound <= max_preemptions; ++bound) {
        do {
            all.begin(bound);
            found.schedules = 0;
            do {
                if (!holds()) return found;
            } while (!all.began_to_share() && all.advance());
        } while (all.began_to_share());
    }
    return found;
}

/// How many preemptions a search takes: more under SIGNET_LONG=1, and as many as SIGNET_PREEMPTIONS says.
inline unsigned preemptions(unsigned usually, unsigned patiently) {
    if (char const* n = std::getenv("SIGNET_PREEMPTIONS")) return static_cast<unsigned>(std::atoi(n));
    return std::getenv("SIGNET_LONG") ? patiently : usually;
}

} // namespace explore

// In std, since the code under test names them std::atomic and so on.
namespace std {

template <class T> class explored_atomic {
public:
    explored_atomic(T value = {}) noexcept : value_{value} { explore::the_scheduler.made(this); }
    explored_atomic(explored_atomic const&) = delete;
    explored_atomic& operator=(explored_atomic const&) = delete;

    T load(memory_order = memory_order_seq_cst) const noexcept { return here(); }
    void store(T value, memory_order = memory_order_seq_cst) noexcept { here() = value; }
    T exchange(T value, memory_order = memory_order_seq_cst) noexcept { return std::exchange(here(), value); }
    T fetch_add(T more, memory_order = memory_order_seq_cst) noexcept {
        auto& value = here();
        return std::exchange(value, static_cast<T>(value + more));
    }
    T fetch_sub(T less, memory_order = memory_order_seq_cst) noexcept {
        auto& value = here();
        return std::exchange(value, static_cast<T>(value - less));
    }
    bool compare_exchange_strong(T& expected, T value, memory_order = memory_order_seq_cst) noexcept {
        auto& mine = here();
        if (mine == expected) return mine = value, true;
        expected = mine;
        return false;
    }
    bool compare_exchange_weak(T& expected, T value, memory_order order = memory_order_seq_cst) noexcept {
        return compare_exchange_strong(expected, value, order);
    }
    operator T() const noexcept { return load(); }
    T operator=(T value) noexcept {
        store(value);
        return value;
    }

private:
    T& here() noexcept {
        explore::the_scheduler.yield(this);
        return value_;
    }
    T const& here() const noexcept {
        explore::the_scheduler.yield(this);
        return value_;
    }
    T value_;
};

class explored_mutex {
public:
    explored_mutex() noexcept { explore::the_scheduler.made(this); }
    explored_mutex(explored_mutex const&) = delete;
    explored_mutex& operator=(explored_mutex const&) = delete;
    void lock() {
        explore::the_scheduler.yield(this);
        while (held_) explore::the_scheduler.block();
        held_ = true;
    }
    bool try_lock() {
        explore::the_scheduler.yield(this);
        return !std::exchange(held_, true);
    }
    // What follows on a release is another thread's business only at the next operation, so no yield is needed here.
    void unlock() {
        held_ = false;
        explore::the_scheduler.unblock();
    }

private:
    bool held_ = false;
};

class explored_condition_variable {
public:
    explored_condition_variable() noexcept { explore::the_scheduler.made(this); }
    explored_condition_variable(explored_condition_variable const&) = delete;
    explored_condition_variable& operator=(explored_condition_variable const&) = delete;
    template <class Lock> void wait(Lock& lock) {
        bool woken = false;
        waiting_.push_back(&woken);
        lock.unlock();
        while (!woken) explore::the_scheduler.block();
        lock.lock();
    }
    template <class Lock, class Predicate> void wait(Lock& lock, Predicate holds) {
        while (!holds()) wait(lock);
    }
    /// The time is over at once, or never, as `times_out` says; what others do first is explored.
    template <class Lock, class Duration, class Predicate> bool wait_for(Lock& lock, Duration, Predicate holds) {
        if (!times_out) return wait(lock, holds), true;
        if (holds()) return true;
        lock.unlock();
        explore::the_scheduler.yield(this);
        lock.lock();
        return holds();
    }
    static inline bool times_out = false;

    void notify_one() noexcept {
        if (waiting_.empty()) return;
        *waiting_.front() = true;
        waiting_.erase(waiting_.begin());
        explore::the_scheduler.unblock();
    }
    void notify_all() noexcept {
        for (auto* woken : waiting_) *woken = true;
        waiting_.clear();
        explore::the_scheduler.unblock();
    }

private:
    vector<bool*> waiting_;
};

// Thread ids that are the same in every run of the program: what the library finds by them stands in the same place.
namespace explored_this_thread {

struct thread_id {
    uintptr_t number = 0;
    operator thread::id() const noexcept { return this_thread::get_id(); }
};
inline uintptr_t same_for_all = 0; // not 0: the id that all threads have
inline thread_id get_id() noexcept {
    if (same_for_all != 0) return {same_for_all};
    return {static_cast<uintptr_t>(explore::scheduler::me() + 2) << 12};
}

} // namespace explored_this_thread

} // namespace std

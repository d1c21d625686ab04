// SPDX-License-Identifier: BSL-1.0
// task<T>: a store operation written as one coroutine, and the memory that its frame may stand in.
#pragma once

#include <signet/store/store.hpp>

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory_resource>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// For authors of coroutines, because of g++ 12 and of the language:
//  - Take arguments by value (std::string, not std::string_view): a reference or view must outlive the task. Keep
//  `*this` alive
//    by a std::shared_ptr parameter.
//  - `co_await` stands alone in its statement: `auto x = co_await f(a);`. g++ 12 destroys temporaries twice, or never,
//  where it
//    stands in `c ? co_await f() : g()`, in `a && co_await f()`, or in the condition of a loop; an `if` is fine.
//  - A braced list or a lambda with owning members is not built inside an expression that awaits: name it first.
//  - A lambda that is a coroutine must outlive its task, since its captures stand in the lambda and not in the frame.
//  - Every path ends in `co_return`; in a task<void> that is `co_return {};`. No local variable is over-aligned.

namespace signet { inline namespace SIGNET_ABI { namespace store {

template <class T> class task;

namespace detail {

class task_group;

// What tasks share, whatever their result is: the questions that are open, or the task that this one waits for.
class task_state {
public:
    task_state() = default;
    task_state(task_state const&) = delete;
    task_state& operator=(task_state const&) = delete;

    std::span<request const> open() const noexcept { return leaf_->asks_; }

    // Called on the outermost task of a chain. A loop and no recursion, however long the chain is.
    void answer(std::span<store::reply const> given) {
        auto* at = leaf_;
        if (!at->has_gone_on(given)) return;
        while (at->step_ != step::running && at != this) {
            auto* outer = at->outer_;
            outer->leaf_ = outer;
            if (at->step_ == step::failed && !outer->takes_errors_) outer->fail(at->error_);
            else outer->self_.resume();
            at = outer;
        }
        leaf_ = at->leaf_;
    }

    // Ends the task: whoever calls this suspends it, and it is not resumed.
    void fail(signet::error why) noexcept {
        error_ = why;
        step_ = step::failed;
    }
    bool has_failed() const noexcept { return step_ == step::failed; }
    bool has_ended() const noexcept { return step_ != step::running; }
    signet::error error() const noexcept { return error_; }

    // `answers` has as many elements. Of a group, the questions are its members'.
    void ask(std::span<request const> questions, store::reply* answers, bool takes_errors,
             task_group* group = nullptr) noexcept {
        asks_ = questions;
        replies_ = answers;
        group_ = group;
        takes_errors_ = takes_errors;
        leaf_ = this;
    }
    void wait_for(task_state& inner, bool takes_errors) noexcept {
        if (inner.has_failed() && !takes_errors) return fail(inner.error_);
        inner.outer_ = this;
        takes_errors_ = takes_errors;
        leaf_ = inner.leaf_;
    }

protected:
    enum class step : std::uint8_t { running, done, failed, threw };

    std::coroutine_handle<> self_{};
    task_state* leaf_ = this; // whose question is open: of this task or of one further in
    task_state* outer_ = nullptr;
    std::span<request const> asks_{}; // those without an answer yet
    store::reply* replies_ = nullptr; // where the next answer belongs
    task_group* group_ = nullptr;     // whose questions they are
    signet::error error_{errc::store_unavailable};
    std::exception_ptr exception_{};
    step step_ = step::running;
    bool takes_errors_ = false;

private:
    inline bool has_gone_on(std::span<store::reply const> given);
};

// Tasks that go on together: what they ask is one step. Each of them is the outermost of its own chain.
class task_group {
public:
    task_group(std::size_t size, std::pmr::memory_resource* memory)
        : members_{memory}, asks_{memory}, replies_{memory} {
        members_.reserve(size), asks_.reserve(size), replies_.reserve(size);
    }
    void add(task_state& one) { members_.push_back({&one}); }

    // Whether anything is asked.
    bool gather() {
        asks_.clear();
        for (auto& m : members_) {
            auto const open = m.task->open();
            m.asked = open.size();
            asks_.insert(asks_.end(), open.begin(), open.end());
        }
        replies_.resize(asks_.size());
        return !asks_.empty();
    }
    void ask(task_state& waiting) noexcept { waiting.ask(asks_, replies_.data(), true, this); }

    // Each gets all of its answers at once, since it may drop some of them. Whether there is a next step.
    bool hand_out() {
        std::span<store::reply const> rest{replies_};
        for (auto& m : members_) {
            m.task->answer(rest.first(m.asked));
            rest = rest.subspan(m.asked);
        }
        return gather();
    }

private:
    struct member {
        task_state* task;
        std::size_t asked = 0;
    };
    std::pmr::vector<member> members_;
    std::pmr::vector<request> asks_;
    std::pmr::vector<store::reply> replies_;
};

// Takes answers to the open questions. False where others are still to come.
inline bool task_state::has_gone_on(std::span<store::reply const> given) {
    if (asks_.empty()) return false;
    for (auto const& one : given) {
        if (asks_.empty()) break;
        asks_ = asks_.subspan(1);
        if (one.outcome == outcome::failed && !takes_errors_) {
            asks_ = {};
            fail(one.error);
            return true;
        }
        *replies_++ = one;
    }
    if (!asks_.empty()) return false;
    if (group_ && group_->hand_out()) group_->ask(*this);
    else self_.resume();
    return true;
}

// Before every frame: where its memory came from.
struct alignas(std::max_align_t) frame_header {
    std::pmr::memory_resource* from;
    std::size_t size;
};

template <class Argument> std::pmr::memory_resource* memory_in(Argument const& argument) noexcept {
    if constexpr (std::is_pointer_v<Argument> && std::is_convertible_v<Argument, std::pmr::memory_resource*>)
        return argument;
    else if constexpr (requires {
                           { argument.frames } -> std::convertible_to<std::pmr::memory_resource*>;
                       })
        return argument.frames;
    else return nullptr;
}

[[gnu::noinline]] inline void* allocate_frame(std::size_t size, std::pmr::memory_resource* from) {
    size = (size + sizeof(frame_header) + alignof(std::max_align_t) - 1) / alignof(std::max_align_t) *
           alignof(std::max_align_t);
    void* const memory = from ? from->allocate(size, alignof(std::max_align_t)) : ::operator new(size);
    return ::new (memory) frame_header{from, size} + 1;
}

// Frames hold cookies and keys. Eight octets at a time: a frame has some thousand of them.
[[gnu::noinline]] inline void free_frame(void* frame) noexcept {
    auto* const header = static_cast<frame_header*>(frame) - 1;
    auto const from = header->from;
    auto const size = header->size;
    auto volatile* const words = reinterpret_cast<std::uint64_t volatile*>(header);
    for (std::size_t i = 0; i != size / sizeof *words; ++i) words[i] = 0;
    if (from) from->deallocate(header, size, alignof(std::max_align_t));
    else ::operator delete(header);
}

// Not inlined, so that no compiler places the frame in its caller's, where it would not be wiped.
[[gnu::noinline]] inline void destroy_frame(std::coroutine_handle<> frame) noexcept { frame.destroy(); }

// Where the memory of that frame came from.
inline std::pmr::memory_resource* memory_of(std::coroutine_handle<> frame) noexcept {
    auto* const from = (static_cast<frame_header*>(frame.address()) - 1)->from;
    return from ? from : std::pmr::new_delete_resource();
}

template <class Awaited> struct taking_errors {
    Awaited awaited;
};

struct asked_together {
    std::span<request const> asks;
    std::span<reply> replies;
};
template <class... T> struct joined_tasks {
    std::tuple<task<T>&...> tasks;
};
template <class T> struct joined_span {
    std::span<task<T>> tasks;
};

} // namespace detail

/// Makes the coroutine that awaits receive an error instead of ending with it. `co_await as_result(request)` returns
/// the `reply`, also a failed one; `co_await as_result(a_task)` returns a `result<T>`.
///
/// @par Example
/// `auto const reply = co_await store::as_result(store::take(key, buffer, now));`
[[nodiscard]] inline detail::taking_errors<request> as_result(request const& question) noexcept { return {question}; }
template <class T> [[nodiscard]] detail::taking_errors<task<T>> as_result(task<T>&& inner) noexcept {
    return {std::move(inner)};
}
[[nodiscard]] inline detail::taking_errors<detail::asked_together> as_result(detail::asked_together asks) noexcept {
    return {asks};
}

/// Makes independent requests in one step: `run` sends them together, in any order. After
/// `co_await when_all(asks, replies)`, `replies` has their replies; it must have as many elements. A failed reply ends
/// the coroutine that awaits; with `as_result` it does not.
///
/// Lifetime: both spans must refer to the frame of the coroutine, or to objects that outlive it.
///
/// @par Example
/// `co_await store::when_all(asks, replies);`
[[nodiscard]] inline detail::asked_together when_all(std::span<request const> asks, std::span<reply> replies) noexcept {
    return {asks, replies};
}

/// Runs tasks to their ends together: in each step, the open requests of all of them are sent together. They must be
/// independent of each other. `co_await when_all(a, b)` has no value, and an error of a task does not end the
/// coroutine; get each value with `co_await std::move(a)`, or `a.get()`.
///
/// Lifetime: the tasks must stay where they are until then, in the frame of the coroutine that awaits.
/// Memory: that of the frame of the coroutine that awaits.
/// Exceptions: `std::bad_alloc`, also from `answer`. Then the task is over.
///
/// @par Example
/// `auto user = find_user(name); auto limits = find_limits(); co_await store::when_all(user, limits);`
template <class... T>
    requires(sizeof...(T) > 1)
[[nodiscard]] detail::joined_tasks<T...> when_all(task<T>&... tasks) noexcept {
    return {{tasks...}};
}
template <class T> [[nodiscard]] detail::joined_span<T> when_all(std::span<task<T>> tasks) noexcept { return {tasks}; }

/// A store operation written as one coroutine. It ends in a `result<T>`.
///
/// A call runs the coroutine up to its first request. Run it with `run(op, db)`, or with your own loop:
/// `while (auto* ask = op.next()) op.answer(db.execute(*ask));`
///
/// Inside a function that returns a task:
///
/// * `co_await store::find(...)`, or another verb, returns a `std::optional<record>`: empty if the verb was not
/// applied.
/// * `co_await another_task(...)` and `co_await a_result` return the value.
/// * `co_await when_all(...)` makes several requests together, or runs several tasks together.
/// * `co_await as_result(...)` returns the `reply`, or the `result` of the other task.
/// * `co_return` takes a value or an error.
///
/// Except with `as_result`, an error ends the task. The coroutine is not resumed; its local variables are destroyed.
///
/// Lifetime: the task owns its frame, and may be moved while it runs. The memory resource, and what the reference and
/// view parameters of the coroutine refer to, must outlive the task. `next()` points into the frame.
/// Thread safety: one thread at a time, which may be a different one for each call. Distinct tasks are independent.
/// Memory: one frame for each coroutine in progress, which is wiped before it is freed. It comes from the parameter of
/// type `std::pmr::memory_resource*`, or of a pointer to a derived class, at any position; or from the member `frames`
/// of a parameter that is a struct. Without one, or if it is null, it comes from `operator new`. Pass it on to inner
/// coroutines.
/// Exceptions: an exception that the coroutine does not catch, such as `std::bad_alloc`, propagates to the task that
/// awaits it, and finally to the caller of `get`, as with `std::future`. If there is no memory for the frame, the call
/// throws at once.
template <class T> class [[nodiscard]] task {
public:
    class promise_type;

    task(task&& other) noexcept : frame_{std::exchange(other.frame_, {})} {}
    task& operator=(task&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~task() {
        if (frame_) detail::destroy_frame(frame_);
    }

    /// Returns the first open request, valid until `answer`; nullptr at the end.
    [[nodiscard]] request const* next() const noexcept { return open().empty() ? nullptr : open().data(); }
    /// Returns all open requests, which are independent of each other, valid until `answer`; none at the end.
    [[nodiscard]] std::span<request const> open() const noexcept { return frame_.promise().open(); }
    /// Takes the reply to the first open request, or to as many of them as there are replies. After the last reply, or
    /// a failed one, the task continues to its next requests or its end. Does nothing without an open request.
    void answer(store::reply const& given) { answer({&given, 1}); }
    void answer(std::span<store::reply const> given) { frame_.promise().answer(given); }
    /// Moves the result out, like `std::future::get`.
    ///
    /// Errors: those of the task, at every call; `store_unavailable` before the end, and after the value was moved out.
    [[nodiscard]] result<T> get() { return frame_.promise().take(); }

private:
    template <class U> friend class task;
    using handle = std::coroutine_handle<promise_type>;
    explicit task(handle frame) noexcept : frame_{frame} {}

    handle frame_;
};

/// The promise of a coroutine that returns a task.
template <class T> class task<T>::promise_type : public detail::task_state {
public:
    // Inlined, because g++ takes a template and a function for two that do not belong together
    // (-Wmismatched-new-delete).
    template <class... Arguments>
    [[gnu::always_inline]] static void* operator new(std::size_t size, Arguments const&... arguments) {
        std::pmr::memory_resource* from = nullptr;
        ((from = from ? from : detail::memory_in(arguments)), ...);
        return detail::allocate_frame(size, from);
    }
    [[gnu::always_inline]] static void operator delete(void* frame) noexcept { detail::free_frame(frame); }

    promise_type() noexcept { self_ = handle::from_promise(*this); }
    promise_type(promise_type const&) = delete;
    promise_type& operator=(promise_type const&) = delete;
    ~promise_type() {
        if constexpr (requires(T& value) { wipe_secrets(value); }) // what it has elsewhere than in the frame
            if (value_ && *value_) wipe_secrets(**value_);
    }

    task get_return_object() noexcept { return task{handle::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    template <class R = std::conditional_t<std::is_void_v<T>, result<void>, T>> void return_value(R&& given) {
        value_.emplace(std::forward<R>(given));
        if (!*value_) return fail(value_->error());
        step_ = step::done;
    }
    // Kept and not thrown on: g++ 12 frees the frame twice where an exception leaves a coroutine that was not suspended
    // yet.
    void unhandled_exception() noexcept {
        exception_ = std::current_exception();
        step_ = step::threw;
    }

    result<T> take() {
        if (step_ == step::threw) std::rethrow_exception(exception_);
        if (step_ != step::done) return error_;
        step_ = step::failed; // there is one value: whoever asks again is told that there is none
        return *std::move(value_);
    }

private:
    class question {
    public:
        question(task_state* asking, request const& question, bool takes_errors) noexcept
            : asking_{asking}, ask_{question}, takes_errors_{takes_errors} {}
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<>) noexcept { asking_->ask({&ask_, 1}, &reply_, takes_errors_); }

    protected:
        task_state* asking_;
        request ask_;
        store::reply reply_{};
        bool takes_errors_;
    };
    struct request_awaiter : question {
        explicit request_awaiter(task_state* asking, request const& ask) noexcept : question{asking, ask, false} {}
        std::optional<record> await_resume() const noexcept {
            return this->reply_.outcome == outcome::done ? std::optional{this->reply_.record} : std::nullopt;
        }
    };
    struct reply_awaiter : question {
        explicit reply_awaiter(task_state* asking, request const& ask) noexcept : question{asking, ask, true} {}
        store::reply await_resume() const noexcept { return this->reply_; }
    };

    struct together_awaiter {
        task_state* asking;
        detail::asked_together what;
        bool takes_errors;

        bool await_ready() const noexcept { return what.asks.empty(); }
        void await_suspend(std::coroutine_handle<>) const noexcept {
            asking->ask(what.asks, what.replies.data(), takes_errors);
        }
        void await_resume() const noexcept {}
    };

    struct group_awaiter {
        task_state* waiting;
        detail::task_group group;

        bool await_ready() { return !group.gather(); }
        void await_suspend(std::coroutine_handle<>) noexcept { group.ask(*waiting); }
        void await_resume() const noexcept {}
    };

    // The inner task stands in the frame of the one that waits, until the awaiting expression is over.
    template <class U, bool TakesErrors> struct task_awaiter {
        task_state* waiting;
        typename task<U>::promise_type& inner;

        bool await_ready() const noexcept { return inner.has_ended() && (TakesErrors || !inner.has_failed()); }
        void await_suspend(std::coroutine_handle<>) const noexcept { waiting->wait_for(inner, TakesErrors); }
        auto await_resume() const {
            if constexpr (TakesErrors) return inner.take();
            else return *inner.take();
        }
    };

    template <class Result> struct result_awaiter {
        task_state* waiting;
        Result&& awaited;

        bool await_ready() const noexcept { return awaited.has_value(); }
        void await_suspend(std::coroutine_handle<>) const noexcept { waiting->fail(awaited.error()); }
        // The value of a temporary is moved out; that of a variable is referred to.
        auto await_resume() const
            -> std::conditional_t<std::is_lvalue_reference_v<Result>, decltype(*std::forward<Result>(awaited)),
                                  typename std::remove_cvref_t<Result>::value_type> {
            return *std::forward<Result>(awaited);
        }
    };

public:
    request_awaiter await_transform(request const& ask) noexcept { return request_awaiter{this, ask}; }
    reply_awaiter await_transform(detail::taking_errors<request>&& ask) noexcept {
        return reply_awaiter{this, ask.awaited};
    }
    template <class U> task_awaiter<U, false> await_transform(task<U>&& inner) noexcept {
        return {this, inner.frame_.promise()};
    }
    template <class U> task_awaiter<U, true> await_transform(detail::taking_errors<task<U>>&& inner) noexcept {
        return {this, inner.awaited.frame_.promise()};
    }
    together_awaiter await_transform(detail::asked_together what) noexcept { return {this, what, false}; }
    together_awaiter await_transform(detail::taking_errors<detail::asked_together> what) noexcept {
        return {this, what.awaited, true};
    }
    template <class... U> group_awaiter await_transform(detail::joined_tasks<U...> joined) {
        group_awaiter awaiter{this, {sizeof...(U), detail::memory_of(self_)}};
        std::apply([&](auto&... one) { (awaiter.group.add(one.frame_.promise()), ...); }, joined.tasks);
        return awaiter;
    }
    template <class U> group_awaiter await_transform(detail::joined_span<U> joined) {
        group_awaiter awaiter{this, {joined.tasks.size(), detail::memory_of(self_)}};
        for (auto& one : joined.tasks) awaiter.group.add(one.frame_.promise());
        return awaiter;
    }
    template <class Result>
        requires signet::detail::is_result<std::remove_cvref_t<Result>>
    result_awaiter<Result> await_transform(Result&& awaited) noexcept {
        return {this, std::forward<Result>(awaited)};
    }

private:
    std::optional<result<T>> value_{};
};

/// Memory for the frames of one task after another, in a buffer of the caller. Frames that are freed last-in first-out
/// are reused. What does not fit comes from `upstream`.
///
/// Use it for one operation at a time; otherwise holes remain in the buffer until all frames are freed.
///
/// Thread safety: one thread at a time.
/// Lifetime: the buffer, `upstream` and this object must outlive every task that has a frame here.
///
/// @par Example
/// `std::array<std::byte, 4096> buffer; store::stack_buffer_resource frames{buffer}; auto found = run(find_user(key,
/// now, &frames), db);`
class stack_buffer_resource final : public std::pmr::memory_resource {
public:
    /// Uses `buffer`, which need not be aligned. An empty buffer serves to find out the required size.
    explicit stack_buffer_resource(std::span<std::byte> buffer,
                                   std::pmr::memory_resource* upstream = std::pmr::new_delete_resource()) noexcept
        : buffer_{buffer}, upstream_{upstream} {}
    stack_buffer_resource(stack_buffer_resource const&) = delete;
    stack_buffer_resource& operator=(stack_buffer_resource const&) = delete;

    /// Returns the largest number of octets in use at once, including those of `upstream`: a buffer of this size would
    /// have been enough.
    [[nodiscard]] std::size_t max_used() const noexcept { return max_used_; }
    /// Returns how often `upstream` was used.
    [[nodiscard]] std::size_t overflows() const noexcept { return overflows_; }

private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        void* const place = fitting(size, alignment);
        void* const memory = place ? place : upstream_->allocate(size, alignment);
        if (!place) ++overflows_;
        used_ += size;
        auto const now_used = used_ + misalignment(alignof(std::max_align_t));
        if (now_used > max_used_) max_used_ = now_used;
        return memory;
    }
    void do_deallocate(void* memory, std::size_t size, std::size_t alignment) override {
        used_ -= size;
        auto const offset = reinterpret_cast<std::uintptr_t>(memory) - reinterpret_cast<std::uintptr_t>(buffer_.data());
        if (offset >= buffer_.size())
            return upstream_->deallocate(memory, size, alignment); // before the buffer: wraps around
        if (offset + size == top_) top_ = offset;
        if (--pieces_ == 0) top_ = 0;
    }
    bool do_is_equal(std::pmr::memory_resource const& other) const noexcept override { return this == &other; }

    // How far the buffer's beginning is from the next place of that alignment.
    std::size_t misalignment(std::size_t alignment) const noexcept {
        return (alignment - reinterpret_cast<std::uintptr_t>(buffer_.data()) % alignment) % alignment;
    }
    void* fitting(std::size_t size, std::size_t alignment) noexcept {
        auto const skipped = misalignment(alignment);
        auto const begin =
            top_ <= skipped ? skipped : skipped + (top_ - skipped + alignment - 1) / alignment * alignment;
        if (begin > buffer_.size() || buffer_.size() - begin < size) return nullptr;
        top_ = begin + size;
        ++pieces_;
        return buffer_.data() + begin;
    }

    std::span<std::byte> buffer_;
    std::pmr::memory_resource* upstream_;
    std::size_t top_ = 0, pieces_ = 0, used_ = 0, max_used_ = 0, overflows_ = 0;
};

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
// What a connection to PostgreSQL does, as a coroutine: it stops where the socket has to be waited for, and whoever
// drives it decides how. See <signet/store/task.hpp> for how coroutines are written here.
#pragma once

#include <signet/version.hpp>

#include <coroutine>
#include <exception>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

// Begins when it is started or awaited. To destroy it is to give up: nothing of it is resumed.
template <class T> class [[nodiscard]] postgres_work {
public:
    struct promise_type;
    using handle = std::coroutine_handle<promise_type>;

    postgres_work() noexcept = default;
    postgres_work(postgres_work&& other) noexcept : frame_{std::exchange(other.frame_, {})} {}
    postgres_work& operator=(postgres_work&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~postgres_work() {
        if (frame_) frame_.destroy();
    }

    void start() { frame_.resume(); }
    bool is_done() const noexcept { return !frame_ || frame_.done(); }
    bool has_thrown() const noexcept { return frame_ && frame_.promise().thrown != nullptr; }
    // What came of it. An exception of the coroutine is thrown here.
    T get() {
        if (frame_.promise().thrown) std::rethrow_exception(frame_.promise().thrown);
        return frame_.promise().value;
    }

    // If it ends without waiting, whoever awaits it does not wait either: so a loop of them is no recursion.
    bool await_ready() {
        start();
        return is_done();
    }
    void await_suspend(std::coroutine_handle<> outer) noexcept { frame_.promise().outer = outer; }
    T await_resume() { return get(); }

private:
    explicit postgres_work(handle frame) noexcept : frame_{frame} {}

    handle frame_{};
};

template <class T> struct postgres_work<T>::promise_type {
    struct go_on {
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(handle ended) const noexcept { return ended.promise().outer; }
        void await_resume() const noexcept {}
    };

    postgres_work get_return_object() noexcept { return postgres_work{handle::from_promise(*this)}; }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    go_on final_suspend() const noexcept { return {}; }
    void return_value(T what) noexcept { value = what; }
    void unhandled_exception() noexcept { thrown = std::current_exception(); }

    T value{};
    std::exception_ptr thrown{};
    std::coroutine_handle<> outer = std::noop_coroutine(); // who awaits it
};

}}}} // namespace signet::store::detail

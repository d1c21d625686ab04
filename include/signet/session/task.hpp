// SPDX-License-Identifier: BSL-1.0
// An operation written as one coroutine: `auto reply = co_await store::find(...)` asks, `co_return` rules.
#pragma once

#include <signet/store/store.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace signet::inline SIGNET_ABI::session {

/// Work that asks a store several times and ends in a `result<T>`; a `store::operation`. It owns all it needs and may be
/// moved while it runs. Whoever made it must outlive nothing: arguments were copied.
///
/// Example: `auto op = sessions.log_out(cookie, now); while (auto* ask = op.next()) op.answer(db.execute(*ask)); op.ruling();`
template <class T> class [[nodiscard]] task {
public:
    struct promise_type {
        store::request           ask{};
        store::reply             reply{};
        bool                     open = false;
        std::optional<result<T>> ruling{};

        task get_return_object() noexcept { return task{handle::from_promise(*this)}; }
        std::suspend_never initial_suspend() noexcept { return {}; } // runs up to its first question at once
        std::suspend_always final_suspend() noexcept { return {}; }
        template <class R> void return_value(R&& value) { ruling.emplace(std::forward<R>(value)); }
        [[noreturn]] void unhandled_exception() {
#ifdef __cpp_exceptions
            throw; // out of memory: to whoever drives the operation
#else
            std::terminate();
#endif
        }

        struct question {
            promise_type* promise;
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<>) const noexcept {}
            store::reply await_resume() const noexcept { return promise->reply; }
        };
        question await_transform(store::request const& request) noexcept {
            ask = request;
            open = true;
            return {this};
        }
    };

    task(task&& other) noexcept : handle_{std::exchange(other.handle_, {})} {}
    task& operator=(task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~task() {
        if (handle_) handle_.destroy();
    }

    /// The open question; nullptr at the end.
    [[nodiscard]] store::request const* next() const noexcept {
        auto& p = handle_.promise();
        return p.open ? &p.ask : nullptr;
    }
    void answer(store::reply const& reply) {
        auto& p = handle_.promise();
        p.reply = reply;
        p.open = false;
        handle_.resume();
    }
    /// What came out, once `next` has no more questions.
    [[nodiscard]] result<T> ruling() const {
        auto const& p = handle_.promise();
        if (!p.ruling) return errc::store_unavailable; // not at its end yet
        return *p.ruling;
    }

private:
    using handle = std::coroutine_handle<promise_type>;
    explicit task(handle h) noexcept : handle_{h} {}
    handle handle_;
};

} // namespace signet::session

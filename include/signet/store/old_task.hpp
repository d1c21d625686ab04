// SPDX-License-Identifier: BSL-1.0
// An operation written as one coroutine: `auto reply = co_await store::find(...)` asks, `co_return` rules.
#pragma once

#include <signet/store/store.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store {

namespace detail {

// What tasks of any result share: the open question, or the old_task that this one waits for.
struct old_task_state {
    store::request ask{};
    store::reply reply{};
    bool open = false;
    old_task_state* inner = nullptr; // kept in the frame of this one, so it lives as long as it is named here
    std::coroutine_handle<> self{};

    store::request const* next() const noexcept {
        auto const* at = this;
        while (at->inner) at = at->inner;
        return at->open ? &at->ask : nullptr;
    }
    // To whoever asked. Whoever waited for one that has come to its end goes on.
    void answer(store::reply const& given) {
        if (inner) {
            inner->answer(given);
            if (!inner->self.done()) return;
            inner = nullptr;
        } else {
            reply = given;
            open = false;
        }
        self.resume();
    }
};

} // namespace detail

/// Work that asks a store several times and ends in a `result<T>`; a `store::operation`. It owns all it needs and may
/// be moved while it runs. Whoever made it must outlive nothing: arguments were copied. Within one, `co_await` of a
/// request gives the reply, `co_await` of another old_task its result.
///
/// Example: `auto op = sessions.log_out(cookie, now); while (auto* ask = op.next()) op.answer(db.execute(*ask));
/// op.get();`
template <class T> class [[nodiscard]] old_task {
public:
    struct promise_type : detail::old_task_state {
        std::optional<result<T>> ruling{};

        promise_type() = default;
        promise_type(promise_type const&) = delete;
        promise_type& operator=(promise_type const&) = delete;
        ~promise_type() { // what nobody fetched, and what `get` gave a copy of
            if constexpr (requires(T& value) { wipe_secrets(value); })
                if (ruling && *ruling) wipe_secrets(**ruling);
        }
        old_task get_return_object() noexcept {
            auto const h = handle::from_promise(*this);
            this->self = h;
            return old_task{h};
        }
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
            this->ask = request;
            this->open = true;
            return {this};
        }

        template <class U> class waiting {
        public:
            waiting(old_task<U>&& inner, detail::old_task_state* outer) noexcept
                : inner_{std::move(inner)}, outer_{outer} {}
            bool await_ready() const noexcept { return inner_.handle_.done(); }
            void await_suspend(std::coroutine_handle<>) const noexcept { outer_->inner = &inner_.handle_.promise(); }
            result<U> await_resume() const { return *std::move(inner_.handle_.promise().ruling); }

        private:
            old_task<U> inner_;
            detail::old_task_state* outer_;
        };
        template <class U> waiting<U> await_transform(old_task<U>&& inner) noexcept { return {std::move(inner), this}; }
    };

    old_task(old_task&& other) noexcept : handle_{std::exchange(other.handle_, {})} {}
    old_task& operator=(old_task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~old_task() {
        if (handle_) handle_.destroy();
    }

    /// The open question; nullptr at the end.
    [[nodiscard]] store::request const* next() const noexcept { return handle_.promise().next(); }
    void answer(store::reply const& reply) { handle_.promise().answer(reply); }
    /// What came out, once `next` has no more questions.
    [[nodiscard]] result<T> get() const {
        auto const& p = handle_.promise();
        if (!p.ruling) return errc::store_unavailable; // not at its end yet
        return *p.ruling;
    }

private:
    template <class U> friend class old_task;
    using handle = std::coroutine_handle<promise_type>;
    explicit old_task(handle h) noexcept : handle_{h} {}
    handle handle_;
};

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
// A callable that is kept.
#pragma once

#include <signet/version.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace signet { inline namespace SIGNET_ABI {

/// A callable that is kept. Copies share it.
///
/// It takes what can only be moved, which `std::function` does not, and does without `<functional>`, a sixth of what
/// `<signet/jwt.hpp>` would cost to compile. An empty one must not be called.
///
/// Thread safety: that of the callable, which all copies call.
template <class Signature> class shared_function;

/// A callable that is kept, of the parameters `Args` and the result `R`.
template <class R, class... Args> class shared_function<R(Args...)> {
public:
    shared_function() noexcept = default;
    /// Keeps what can be called so.
    template <class F>
        requires(!std::same_as<std::remove_cvref_t<F>, shared_function> &&
                 std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
    shared_function(F&& f)
        : held_{std::make_shared<std::decay_t<F>>(std::forward<F>(f))}, call_{&call<std::decay_t<F>>} {}

    /// Calls what is kept.
    R operator()(Args... args) const { return call_(held_.get(), std::forward<Args>(args)...); }
    /// Returns whether there is a callable.
    explicit operator bool() const noexcept { return held_ != nullptr; }

private:
    template <class F> static R call(void* held, Args... args) {
        return static_cast<R>((*static_cast<F*>(held))(std::forward<Args>(args)...));
    }

    std::shared_ptr<void> held_;
    R (*call_)(void* held, Args... args) = nullptr;
};

}} // namespace signet

// SPDX-License-Identifier: BSL-1.0
// A value or an error: what C++23 calls std::expected<T, signet::error>, small enough for C++20 and fast to compile.
#pragma once

#include <signet/core/error.hpp>

#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace signet { inline namespace SIGNET_ABI {

template <class T> class result;

/// Marks an error in a return statement, like `std::unexpected`: `return unexpected{errc::expired};`.
class unexpected {
public:
    /// Holds that error.
    constexpr explicit unexpected(signet::error e) noexcept : error_{e} {}
    /// Returns the error.
    constexpr signet::error error() const noexcept { return error_; }

private:
    signet::error error_;
};

namespace detail {
// Reading a value that is not there is a bug of the program, not an answer to a message: it ends the program, also
// where exceptions are off, with a line on the standard error stream that names the error.
[[noreturn]] SIGNET_DECL void no_value(signet::error why) noexcept;
[[noreturn]] SIGNET_DECL void no_error() noexcept;
/// Any other mistake of the program's; `what` is a literal.
[[noreturn]] SIGNET_DECL void end_program(char const* what) noexcept;

/// A type that owns what its members show views of says so with a member type `owns_its_views`.
template <class T> inline constexpr bool shows_its_own = requires { typename T::owns_its_views; };
/// A pointer is no truth: `value_or("false")` would be true.
template <class T, class U> inline constexpr bool is_false_truth =
    std::is_same_v<std::remove_cv_t<T>, bool> &&
    (std::is_pointer_v<std::decay_t<U>> || std::is_null_pointer_v<std::remove_cvref_t<U>>);
/// A view of a temporary that owns what the view shows, as `value_or(std::string{...})` of a string_view.
template <class T, class U> inline constexpr bool is_view_of_temporary =
    std::is_class_v<T> && std::is_trivially_copyable_v<T> && !std::is_lvalue_reference_v<U> &&
    std::is_class_v<std::remove_cvref_t<U>> && !std::is_trivially_copyable_v<std::remove_cvref_t<U>>;
template <class T, class U> inline constexpr bool is_good_fallback =
    !is_false_truth<T, U> && !is_view_of_temporary<T, U>;

template <class R> inline constexpr bool is_result = false;
template <class T> inline constexpr bool is_result<result<T>> = true;
} // namespace detail

/// A `T`, or the `error` that says why there is none. Ignoring one is a compiler warning.
///
/// The interface is that of `std::expected<T, error>`. In addition, an `error` or `errc` converts: `return
/// errc::expired;`. Reading the value of an error, or the error of a value, aborts the program with a line on the
/// standard error stream that names the error.
///
/// A temporary `result<bool>` is no condition, since `if (f())` would be entered for false: ask `f().value_or(false)`.
/// A temporary has no `->` if its value owns what its members refer to, as a token does: give the result a name.
///
/// Example: `auto key = parse(text); if (!key) return key.error(); use(*key);`
template <class T> class [[nodiscard]] result {
    static_assert(!std::is_reference_v<T> && !std::is_same_v<std::remove_cv_t<T>, signet::error>);

public:
    using value_type = T;
    using error_type = signet::error;

    /// Holds a value. Implicit if `U` converts to `T`. Pointers, and so string literals, do not convert to
    /// `result<bool>`.
    template <class U = T>
        requires(std::is_constructible_v<T, U> && !std::is_same_v<std::remove_cvref_t<U>, result> &&
                 !std::is_same_v<std::remove_cvref_t<U>, unexpected> && !std::is_same_v<std::remove_cvref_t<U>, errc> &&
                 !std::is_same_v<std::remove_cvref_t<U>, signet::error> &&
                 !(std::is_same_v<std::remove_cv_t<T>, bool> && std::is_pointer_v<std::decay_t<U>>))
    constexpr explicit(!std::is_convertible_v<U, T>) result(U&& value) : has_{true} {
        std::construct_at(std::addressof(value_), std::forward<U>(value));
    }
    /// Holds an error.
    constexpr result(signet::error e) noexcept : error_{e}, has_{false} {}
    constexpr result(errc c) noexcept : result{signet::error{c}} {}
    constexpr result(unexpected e) noexcept : result{e.error()} {}

    constexpr result(result const& other)
        requires(std::is_copy_constructible_v<T>)
        : has_{other.has_} {
        if (has_) std::construct_at(std::addressof(value_), other.value_);
        else std::construct_at(std::addressof(error_), other.error_);
    }
    constexpr result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        requires(std::is_move_constructible_v<T>)
        : has_{other.has_} {
        if (has_) std::construct_at(std::addressof(value_), std::move(other.value_));
        else std::construct_at(std::addressof(error_), other.error_);
    }
    constexpr result& operator=(result const& other)
        requires(std::is_copy_constructible_v<T> && std::is_nothrow_move_constructible_v<T>)
    {
        if (this != std::addressof(other)) {
            result copy{other};
            reset(std::move(copy));
        }
        return *this;
    }
    constexpr result& operator=(result&& other) noexcept
        requires(std::is_nothrow_move_constructible_v<T>)
    {
        if (this != std::addressof(other)) reset(std::move(other));
        return *this;
    }
    constexpr ~result() {
        if (has_) std::destroy_at(std::addressof(value_));
    }

    /// Returns whether this holds a value.
    constexpr bool has_value() const noexcept { return has_; }
    constexpr explicit operator bool() const& noexcept { return has_; }
    constexpr explicit operator bool() const&& noexcept
        requires(!std::is_same_v<std::remove_cv_t<T>, bool>)
    {
        return has_;
    }
    explicit operator bool() const&&
        requires(std::is_same_v<std::remove_cv_t<T>, bool>)
    = delete; // is it the value that is asked for, or whether there is one?

    constexpr T& operator*() & noexcept [[clang::lifetimebound]] { return get(); }
    constexpr T const& operator*() const& noexcept [[clang::lifetimebound]] { return get(); }
    constexpr T&& operator*() && noexcept [[clang::lifetimebound]] { return std::move(get()); }
    constexpr T* operator->() & noexcept [[clang::lifetimebound]] { return std::addressof(get()); }
    constexpr T const* operator->() const& noexcept [[clang::lifetimebound]] { return std::addressof(get()); }
    constexpr T* operator->() && noexcept [[clang::lifetimebound]]
        requires(!detail::shows_its_own<T>)
    {
        return std::addressof(get());
    }
    T* operator->() && // give the result a name: what it shows would be gone
        requires(detail::shows_its_own<T>)
    = delete;
    T const* operator->() const&&
        requires(detail::shows_its_own<T>)
    = delete;
    /// Returns the value. Aborts the program if this holds an error.
    constexpr T& value() & noexcept [[clang::lifetimebound]] { return get(); }
    constexpr T const& value() const& noexcept [[clang::lifetimebound]] { return get(); }
    constexpr T&& value() && noexcept [[clang::lifetimebound]] { return std::move(get()); }

    /// Returns the error. Aborts the program if this holds a value.
    constexpr signet::error error() const noexcept {
        if (has_) detail::no_error();
        return error_;
    }

    /// Returns the value, or `other` if this holds an error. A pointer for a truth value does not compile, nor does a
    /// temporary string for a view.
    template <class U>
        requires(detail::is_good_fallback<T, U>)
    constexpr T value_or(U&& other) const& {
        return has_ ? value_ : static_cast<T>(std::forward<U>(other));
    }
    template <class U>
        requires(detail::is_good_fallback<T, U>)
    constexpr T value_or(U&& other) && {
        return has_ ? std::move(value_) : static_cast<T>(std::forward<U>(other));
    }
    template <class U>
        requires(!detail::is_good_fallback<T, U>)
    T value_or(U&& other) const = delete;

    /// Returns `f(value)`, which is itself a result, or this error.
    template <class F> constexpr auto and_then(F&& f) const& { return chain(*this, std::forward<F>(f)); }
    template <class F> constexpr auto and_then(F&& f) && { return chain(std::move(*this), std::forward<F>(f)); }

    /// Returns a result that holds `f(value)`, or this error.
    template <class F> constexpr auto transform(F&& f) const& { return map(*this, std::forward<F>(f)); }
    template <class F> constexpr auto transform(F&& f) && { return map(std::move(*this), std::forward<F>(f)); }

    /// Returns this value, or the result of `f(error)`.
    template <class F> constexpr result or_else(F&& f) && {
        if (has_) return std::move(*this);
        return std::forward<F>(f)(error_);
    }

private:
    constexpr T& get() noexcept {
        if (!has_) [[unlikely]]
            detail::no_value(error_);
        return value_;
    }
    constexpr T const& get() const noexcept {
        if (!has_) [[unlikely]]
            detail::no_value(error_);
        return value_;
    }
    constexpr void reset(result&& other) noexcept {
        std::destroy_at(this);
        std::construct_at(this, std::move(other));
    }
    template <class Self, class F> static constexpr auto chain(Self&& self, F&& f) {
        using next = std::remove_cvref_t<decltype(std::forward<F>(f)(*std::forward<Self>(self)))>;
        static_assert(detail::is_result<next>, "and_then wants a function that returns a result");
        if (!self.has_value()) return next{self.error()};
        return std::forward<F>(f)(*std::forward<Self>(self));
    }
    template <class Self, class F> static constexpr auto map(Self&& self, F&& f) {
        using next =
            result<std::remove_cv_t<std::remove_reference_t<decltype(std::forward<F>(f)(*std::forward<Self>(self)))>>>;
        if (!self.has_value()) return next{self.error()};
        return next{std::forward<F>(f)(*std::forward<Self>(self))};
    }

    union {
        T value_;
        signet::error error_;
    };
    bool has_;
};

/// A truth value or an error. It is no condition, since `if (r)` could ask for the value or whether there is one:
/// `r.value_or(false)` and `r.has_value()` say which.
///
/// Example: `if (token->claim<bool>("admin").value_or(false)) ...`
class [[nodiscard]] bool_result : public result<bool> {
public:
    using result<bool>::result;
    /// Holds that value or error.
    constexpr bool_result(result<bool> const& r) noexcept : result<bool>{r} {}
    explicit operator bool() const = delete;
};
namespace detail {
template <> inline constexpr bool is_result<bool_result> = true;
} // namespace detail

/// Success without a value, or an error.
template <> class [[nodiscard]] result<void> {
public:
    using value_type = void;
    using error_type = signet::error;

    constexpr result() noexcept = default;
    /// Holds an error.
    constexpr result(signet::error e) noexcept
        : word_{static_cast<std::uint64_t>(e.about) << 32 | static_cast<std::uint64_t>(e.code) << 16 | e.at} {}
    constexpr result(errc c) noexcept : result{signet::error{c}} {}
    constexpr result(unexpected e) noexcept : result{e.error()} {}

    /// Returns whether this is success.
    constexpr bool has_value() const noexcept { return word_ >> 63 != 0; }
    constexpr explicit operator bool() const noexcept { return has_value(); }
    constexpr void operator*() const noexcept { value(); }
    /// Aborts the program if this holds an error.
    constexpr void value() const noexcept {
        if (!has_value()) [[unlikely]]
            detail::no_value(said());
    }
    /// Returns the error. Aborts the program on success.
    constexpr signet::error error() const noexcept {
        if (has_value()) [[unlikely]]
            detail::no_error();
        return said();
    }

private:
    constexpr signet::error said() const noexcept {
        return {static_cast<errc>(word_ >> 16 & 0xffff), static_cast<std::size_t>(word_ & 0xffff),
                static_cast<field_name>(word_ >> 32)};
    }
    // The parts of an error, or this: one word, because checks return it all the time and a struct of three parts would
    // be put together in memory, each time waiting for its parts to arrive there.
    static constexpr std::uint64_t success = std::uint64_t{1} << 63;
    std::uint64_t word_ = success;
};

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/core/impl/result.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Randomness as an argument. The system's source is in <signet/crypto/random.hpp>.
#pragma once

#include <signet/core/bytes.hpp>

#include <concepts>
#include <memory>
#include <span>
#include <type_traits>

namespace signet { inline namespace SIGNET_ABI {

/// A source that fills a buffer with unpredictable octets. It must allow calls from all threads that use it.
template <class R>
concept random_source = requires(R& source, std::span<std::uint8_t> out) {
    { source.fill(out) } -> std::same_as<void>;
};

/// A reference to any random source. Consists of two pointers and owns nothing.
///
/// Lifetime: the source must outlive the call that this reference is passed to.
///
/// Example: `fixed_random dice{...}; auto id = make_id(dice);`
class random_ref {
public:
    /// Refers to `source`.
    template <random_source R>
        requires(!std::same_as<R, random_ref> && !std::is_const_v<R>)
    random_ref(R& source) noexcept
        : object_{std::addressof(source)},
          fill_{[](void* object, std::span<std::uint8_t> out) { static_cast<R*>(object)->fill(out); }} {}

    /// Fills all of `out`.
    void fill(std::span<std::uint8_t> out) { fill_(object_, out); }

private:
    void* object_;
    void (*fill_)(void*, std::span<std::uint8_t>);
};

}} // namespace signet

// SPDX-License-Identifier: BSL-1.0
// Bytes and text as the rest of signet passes them around.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI {

/// Octets in memory of their own.
using bytes = std::vector<std::uint8_t>;

/// A view of octets that it does not own.
using bytes_view = std::span<std::uint8_t const>;

/// Returns the octets of `text`, which must outlive the view.
[[nodiscard]] SIGNET_DECL bytes_view as_bytes(std::string_view text [[clang::lifetimebound]]) noexcept;

/// Returns the characters of `octets`, which must outlive the view. Does not check any encoding.
[[nodiscard]] SIGNET_DECL std::string_view as_text(bytes_view octets [[clang::lifetimebound]]) noexcept;

/// Compares two sequences in a time that depends on their lengths only.
[[nodiscard]] SIGNET_DECL bool constant_time_equal(bytes_view a, bytes_view b) noexcept;

/// Overwrites `octets` with zeros. The compiler cannot optimise this away.
SIGNET_DECL void wipe(std::span<std::uint8_t> octets) noexcept;

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/core/impl/bytes.ipp>
#endif

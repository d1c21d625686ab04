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

/// Owned octets.
using bytes = std::vector<std::uint8_t>;

/// Octets that somebody else owns and keeps alive.
using bytes_view = std::span<std::uint8_t const>;

/// The octets of `text`, which must outlive the view.
[[nodiscard]] SIGNET_DECL bytes_view as_bytes(std::string_view text [[clang::lifetimebound]]) noexcept;

/// The characters of `octets`, which must outlive the view. No character set is checked.
[[nodiscard]] SIGNET_DECL std::string_view as_text(bytes_view octets [[clang::lifetimebound]]) noexcept;

/// Whether `a` equals `b`, in a time that depends on the lengths only.
[[nodiscard]] SIGNET_DECL bool constant_time_equal(bytes_view a, bytes_view b) noexcept;

/// Overwrites `octets` with zeros in a way the compiler may not remove.
SIGNET_DECL void wipe(std::span<std::uint8_t> octets) noexcept;

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/core/impl/bytes.ipp>
#endif

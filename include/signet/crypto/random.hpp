// SPDX-License-Identifier: BSL-1.0
// The system's randomness.
#pragma once

#include <signet/core/random.hpp>

namespace signet { inline namespace SIGNET_ABI {

/// Returns the operating system's generator. It is the default wherever a source is a parameter.
///
/// Thread safety: may be called concurrently.
/// Errors: none. If the system cannot provide randomness, the program is terminated.
[[nodiscard]] SIGNET_DECL random_ref system_random() noexcept;

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/random.ipp>
#endif

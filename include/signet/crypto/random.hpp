// SPDX-License-Identifier: BSL-1.0
// The system's randomness.
#pragma once

#include <signet/core/random.hpp>

namespace signet { inline namespace SIGNET_ABI {

/// The operating system's generator, through Botan. May be used by any thread; the default wherever one is asked for.
/// Should the system fail to give randomness, the program ends: there is nothing safe to go on with.
[[nodiscard]] SIGNET_DECL random_ref system_random() noexcept;

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/random.ipp>
#endif

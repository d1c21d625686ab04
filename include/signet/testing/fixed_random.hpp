// SPDX-License-Identifier: BSL-1.0
// Randomness that is the same in every run.
#pragma once

#include <signet/core/random.hpp>

#include <cstdint>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

/// A random source for tests only: first the octets it was given, then mixed octets of a counter.
///
/// Thread safety: one thread at a time.
///
/// Example: `fixed_random dice{7}; run(proof::issue_challenge(params, now, 120s, dice), db);`
class fixed_random {
public:
    /// Makes a source. The same seed gives the same octets on every machine.
    explicit fixed_random(std::uint64_t seed = 1) noexcept : at_{seed} {}
    /// Makes a source that begins with `first`, which must outlive the object.
    explicit fixed_random(bytes_view first, std::uint64_t seed = 1) noexcept : first_{first}, at_{seed} {}

    /// Writes the next octets.
    void fill(std::span<std::uint8_t> out) noexcept {
        for (auto& octet : out) {
            if (!first_.empty()) {
                octet = first_.front();
                first_ = first_.subspan(1);
                continue;
            }
            auto z = at_ += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            octet = static_cast<std::uint8_t>(z >> 56);
        }
    }

private:
    bytes_view first_{};
    std::uint64_t at_;
};

}}} // namespace signet::testing

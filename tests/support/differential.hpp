// How long comparisons with another library's judgement go on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>

/// SIGNET_DIFFERENTIAL=100, as `./dev differential` sets it, makes 10^4 comparisons 10^6.
inline std::size_t differential_scale() {
    char const* const scale = std::getenv("SIGNET_DIFFERENTIAL");
    return scale ? static_cast<std::size_t>(std::max(1, std::atoi(scale))) : 1;
}

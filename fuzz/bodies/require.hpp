// SPDX-License-Identifier: BSL-1.0
// How a fuzz body says that a property is broken: the program ends, which libFuzzer and the replay both report.
#pragma once

#include <cstdlib>

inline void require(bool holds) {
    if (!holds) std::abort();
}

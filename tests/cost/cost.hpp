// Counts steps: basic blocks of signet's code that were run, told by -fsanitize-coverage=trace-pc. The same in every
// run, unlike time. What compiled libraries do is not counted: code under test is a header here, and comparisons of
// texts count as one step each.
#pragma once

#include <cstdint>

namespace cost {

extern std::uint64_t steps; // counter.cpp, which is not instrumented itself

/// The steps that `f` takes.
template <class F> std::uint64_t of(F const& f) {
    auto const before = steps;
    f();
    return steps - before;
}

} // namespace cost

// Whether tests run as long as they can. `./dev check` sets SIGNET_LONG=1, and asks for the cases of this suite alone:
// the others would do the same as ever, and some of them have time limits that a busy machine exceeds.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <string_view>

/// What a test case says of itself that asks `is_long_run()`: `TEST_CASE("title" * long_run())`.
inline doctest::test_suite long_run() { return "long"; }

inline bool is_long_run() {
    if (auto const* test = doctest::getContextOptions()->currentTest)
        REQUIRE(std::string_view{static_cast<doctest::TestCaseData const*>(test)->m_test_suite} == "long");
    auto const* value = std::getenv("SIGNET_LONG");
    return value && std::string_view{value} == "1";
}

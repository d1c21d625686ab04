#include <signet/core/time.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace signet;
using namespace std::chrono_literals;

TEST_CASE("time: sums stay within 1970 and 9999 whatever is added") {
    auto const at = [](std::int64_t s) { return unix_time{std::chrono::seconds{s}}; };
    CHECK(saturating_add(at(100), 20s) == at(120));
    CHECK(saturating_add(at(100), -20s) == at(80));
    CHECK(saturating_add(at(100), -200s) == at(0));
    CHECK(saturating_add(latest_time, 1s) == latest_time);
    constexpr auto most = std::numeric_limits<std::int64_t>::max(), least = std::numeric_limits<std::int64_t>::min();
    CHECK(saturating_add(at(most), std::chrono::seconds{most}) == latest_time);
    CHECK(saturating_add(at(least), std::chrono::seconds{least}) == at(0));
    CHECK(saturating_add(latest_time, std::chrono::seconds{least}) == at(0));
}

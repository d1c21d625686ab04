// What the demo site remembers of guessed passwords: bounded, and never all forgotten at once.
#include "../../examples/web/throttle.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using signet::unix_time;

namespace {

constexpr unix_time now{1'700'000'000s};

web::guesser stranger(std::string name, std::string address) { return {std::move(name), std::move(address), ""}; }
std::string address(int i) { return "2001:db8::" + std::to_string(i); }

} // namespace

TEST_CASE("S12: 100,000 other names from as many addresses do not give a guesser his count back") {
    web::throttle limits;
    for (int i = 0; i != 10; ++i) CHECK(limits.begin(stranger("ann", "192.0.2.1"), now));
    CHECK_FALSE(limits.begin(stranger("ann", "192.0.2.1"), now));
    // He needs 10,000 addresses within the minute to be forgotten, and then it is one who is, not all.
    for (int i = 0; i != 9'000; ++i) limits.begin(stranger("name" + std::to_string(i), address(i)), now);
    CHECK_FALSE(limits.begin(stranger("ann", "192.0.2.1"), now));
    // From one address no more than 30 names are looked at, whatever they are.
    int looked_at = 0;
    for (int i = 0; i != 100'000; ++i)
        looked_at += limits.begin(stranger("other" + std::to_string(i), "192.0.2.2"), now);
    CHECK(looked_at == 30);
    CHECK_FALSE(limits.begin(stranger("ann", "192.0.2.1"), now + 59s));
    CHECK(limits.begin(stranger("ann", "192.0.2.1"), now + 60s));
}

TEST_CASE("S12: what is counted is bounded, and the first that came is the first that goes") {
    web::counts some{1, 60s, 100};
    for (int i = 0; i != 1000; ++i) some.add(std::to_string(i), now + std::chrono::seconds{i / 100});
    CHECK(some.size() == 100);
    CHECK_FALSE(some.full("899", now + 9s));
    CHECK(some.full("900", now + 9s));
    CHECK(some.full("999", now + 9s));
    CHECK_FALSE(some.full("900", now + 69s));
    CHECK(some.size() == 0);
}

TEST_CASE("S12: a right password takes its count back, also among many at once") {
    web::throttle limits;
    for (int i = 0; i != 100; ++i) {
        auto const ann = stranger("ann", "192.0.2.1");
        CHECK(limits.begin(ann, now));
        limits.succeeded(ann, now);
    }
    int begun = 0; // all before any has ended
    for (int i = 0; i != 50; ++i) begun += limits.begin(stranger("ann", "192.0.2.1"), now);
    CHECK(begun == 10);
}

TEST_CASE("S12: strangers never lock out a browser or an address that the name has logged in from") {
    web::throttle limits;
    auto const at_home = stranger("ann", "192.0.2.1");
    CHECK(limits.begin(at_home, now));
    limits.succeeded(at_home, now);
    for (int i = 0; i != 1000; ++i) limits.begin(stranger("ann", address(i)), now + 1s);
    CHECK_FALSE(limits.begin(stranger("ann", address(2000)), now + 1s));
    CHECK(limits.begin({"ann", address(2000), "her browser"}, now + 1s));
    CHECK(limits.begin(at_home, now + 1s));
}

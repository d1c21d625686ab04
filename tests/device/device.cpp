#include <signet/device/device.hpp>

#include <doctest/doctest.h>

#include <map>

using namespace signet;
using namespace signet::device;

TEST_CASE("E9 to E13: every state and event of a device, against the rules in prose") {
    using s = device_state;
    using e = device_event;
    // Written down from RULES E and the vendor's API pages, not read from the table.
    std::map<std::pair<s, e>, s> const moves{
        {{s::active, e::block}, s::blocked},
        {{s::blocked, e::unblock}, s::active},
        {{s::active, e::suspend}, s::suspended},
        {{s::blocked, e::suspend}, s::blocked_suspended},
        {{s::suspended, e::block}, s::blocked_suspended},
        {{s::blocked_suspended, e::unblock}, s::suspended},
        {{s::suspended, e::reactivate}, s::active},
        {{s::blocked_suspended, e::reactivate}, s::blocked},
        {{s::active, e::remove}, s::removed},
        {{s::blocked, e::remove}, s::removed},
        {{s::suspended, e::remove}, s::removed},
        {{s::blocked_suspended, e::remove}, s::removed},
    };
    std::size_t pairs = 0;
    decltype(device_lifecycle)::each_pair([&](s state, e event) {
        CAPTURE(name(state));
        CAPTURE(name(event));
        auto const expected = moves.find({state, event});
        auto const next = device_lifecycle.next(state, event);
        CHECK(next.has_value() == (expected != moves.end()));
        if (next && expected != moves.end()) CHECK(*next == expected->second);
        ++pairs;
    });
    CHECK(pairs == 25);
}

TEST_CASE("E10 a new device is active; E12 only an unblock or a reactivation makes one active again") {
    CHECK(device_lifecycle.initial == device_state::active);
    CHECK(device_refusal(device_state::blocked, device_event::block) == errc::already_blocked);
    CHECK(device_refusal(device_state::active, device_event::unblock) == errc::not_blocked);
    CHECK(device_state_refusal(device_state::blocked_suspended) == errc::device_blocked);
    CHECK(device_state_refusal(device_state::suspended) == errc::device_suspended);
}

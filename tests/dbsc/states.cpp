#include "site.hpp"

using namespace dbsc_test;
using dbsc::lifecycle;
using dbsc::session_event;
using dbsc::session_state;

TEST_CASE("DBSC life of a session: what leads where, for every state and event") {
    std::size_t moves = 0;
    lifecycle.each_pair([&](session_state s, session_event e) {
        auto const to = lifecycle.next(s, e);
        moves += to.has_value();
        if (s == session_state::ended || s == session_state::revoked) CHECK_FALSE(to);
        if (e == session_event::registered) CHECK(to.has_value() == (s == session_state::awaiting));
        if (e == session_event::challenged || e == session_event::refreshed)
            CHECK(to == (s == session_state::live ? std::optional{s} : std::nullopt));
        if (e == session_event::revoked && to) CHECK(*to == session_state::revoked);
    });
    CHECK(moves == 9);
    CHECK(lifecycle.initial == session_state::awaiting);
}

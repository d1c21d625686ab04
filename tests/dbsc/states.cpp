#include "site.hpp"

using namespace dbsc_test;
using dbsc::bound_session_event;
using dbsc::bound_session_state;
using dbsc::lifecycle;

TEST_CASE("DBSC life of a session: what leads where, for every state and event") {
    std::size_t moves = 0;
    lifecycle.each_pair([&](bound_session_state s, bound_session_event e) {
        auto const to = lifecycle.next(s, e);
        moves += to.has_value();
        if (s == bound_session_state::ended || s == bound_session_state::revoked) CHECK_FALSE(to);
        if (e == bound_session_event::registered) CHECK(to.has_value() == (s == bound_session_state::awaiting));
        if (e == bound_session_event::challenged || e == bound_session_event::refreshed)
            CHECK(to == (s == bound_session_state::live ? std::optional{s} : std::nullopt));
        if (e == bound_session_event::revoked && to) CHECK(*to == bound_session_state::revoked);
    });
    CHECK(moves == 9);
    CHECK(lifecycle.initial == bound_session_state::awaiting);
}

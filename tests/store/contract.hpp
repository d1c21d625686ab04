// Runs the store contract of <signet/testing/store_suite.hpp> under doctest.
#pragma once

#include "support/long_run.hpp"

#include <signet/testing/store_suite.hpp>

#include <doctest/doctest.h>

#include <string>

// What the tests of each store say of a reply, and the keys they use.
inline bool done(signet::store::reply const& r) { return r.outcome == signet::store::outcome::done; }
inline bool not_applied(signet::store::reply const& r) { return r.outcome == signet::store::outcome::not_applied; }
inline bool failed(signet::store::reply const& r, signet::errc why) {
    return r.outcome == signet::store::outcome::failed && r.error == why;
}
inline signet::store::record_key key_of(std::uint64_t n) {
    signet::store::record_key k{};
    for (std::size_t i = 0; i != 8; ++i) k[i] = static_cast<std::uint8_t>(n >> (8 * i));
    return k;
}

/// A long run makes the careful number of rounds.

template <class Open>
void check_contract(Open open, signet::testing::store_suite_params params = {}, unsigned careful_rounds = 1000) {
    params.rounds = is_long_run() ? careful_rounds : params.rounds;
    auto report = [](std::string_view rule, bool holds, std::string_view where) {
        auto const what = std::string{rule} + ": " + std::string{where};
        CHECK_MESSAGE(holds, what);
    };
    signet::testing::store_suite suite{open, report, params};
    suite.run();
}

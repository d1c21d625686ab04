// Runs the store contract of <signet/testing/store_suite.hpp> under doctest.
#pragma once

#include <signet/testing/store_suite.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

/// SIGNET_LONG=1 (./dev check) asks for the careful number of rounds.
inline bool careful() {
    auto const* value = std::getenv("SIGNET_LONG");
    return value && std::string_view{value} == "1";
}

template <class Open>
void check_contract(Open open, signet::testing::store_suite_params params = {}, unsigned careful_rounds = 1000) {
    params.rounds = careful() ? careful_rounds : params.rounds;
    auto report = [](std::string_view rule, bool holds, std::string_view where) {
        auto const what = std::string{rule} + ": " + std::string{where};
        CHECK_MESSAGE(holds, what);
    };
    signet::testing::store_suite suite{open, report, params};
    suite.run();
}

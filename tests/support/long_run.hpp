// Whether tests run as long as they can.
#pragma once

#include <cstdlib>
#include <string_view>

/// `./dev check` sets SIGNET_LONG=1.
inline bool is_long_run() {
    auto const* value = std::getenv("SIGNET_LONG");
    return value && std::string_view{value} == "1";
}

// SPDX-License-Identifier: BSL-1.0
// What a user's first program looks like to a build system: it includes signet, and links what signet links.
#include <signet/core.hpp>

#include <cstdio>

int main() {
    auto const text = signet::message(signet::errc::expired);
    std::printf("signet %d.%d.%d: %.*s\n", SIGNET_VERSION_MAJOR, SIGNET_VERSION_MINOR, SIGNET_VERSION_PATCH, static_cast<int>(text.size()),
                text.data());
    return text == "the token has expired" ? 0 : 1;
}

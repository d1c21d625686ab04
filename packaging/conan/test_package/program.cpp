// SPDX-License-Identifier: BSL-1.0
#include <signet/codec/base64url.hpp>
#include <signet/jwt.hpp>

#include <cstdio>

int main() {
    auto const key = signet::local_key<signet::es256>::generate();
    if (!key) return 1;
    std::printf("signet %d.%d.%d\n", SIGNET_VERSION_MAJOR, SIGNET_VERSION_MINOR, SIGNET_VERSION_PATCH);
}

// SPDX-License-Identifier: BSL-1.0
// One translation unit of the ODR test: PROBE() prints what its own copy of signet does.
#include <signet/codec.hpp>
#include <signet/core.hpp>

#include <cstdio>
#include <string>

using namespace signet;

void PROBE() {
    std::string const known{message(errc::expired)};
    std::string const unknown{message(static_cast<errc>(60000))};
    // Long enough for the wide code paths.
    bytes octets;
    for (unsigned i = 0; i != 200; ++i) octets.push_back(static_cast<std::uint8_t>(i * 7));
    auto const text = codec::base64url_encode(octets);
    auto const back = codec::base64url_decode(text);
    std::printf("%d.%d.%d|%s|%s|%s|%d\n", SIGNET_VERSION_MAJOR, SIGNET_VERSION_MINOR, SIGNET_VERSION_PATCH,
                known.c_str(), unknown.c_str(), text.c_str(), back.has_value() && *back == octets);
}

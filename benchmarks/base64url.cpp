// SPDX-License-Identifier: BSL-1.0
// base64url alone, by size: what is chosen at run time against the scalar code and against a copy of the same octets.
// Header-only, since the scalar code is no function of the library's.
#undef SIGNET_SEPARATE_COMPILATION
#include "harness.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/base64url.ipp>

#include <cstring>
#include <memory>
#include <vector>

using namespace signet;

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "base64url"};
    auto& decode = suite.table("base64url decode", "octets");
    auto& encode = suite.table("base64url encode", "octets");
    for (std::size_t size : {48u, 150u, 340u, 1024u, 8192u}) {
        auto const octets = std::make_shared<bytes>(size);
        for (std::size_t i = 0; i != size; ++i) (*octets)[i] = static_cast<std::uint8_t>(i * 167 + 13);
        auto const text = std::make_shared<std::string>(codec::base64url_encode(*octets));
        auto const out = std::make_shared<bytes>(size);
        auto const chars = std::make_shared<std::vector<char>>(text->size());
        auto const x = static_cast<double>(size);
        auto const named = [&](char const* who) { return std::string{who} + ", " + std::to_string(size); };

        decode.add(named("memcpy of the text"),
                   [=] { return std::memcpy(chars->data(), text->data(), text->size()) != nullptr; },
                   {.x = x, .series = "memcpy"});
        decode.add(named("signet"), [=] { return codec::base64url_decode(*text, *out).has_value(); },
                   {.x = x, .series = "signet"});
        decode.add(named("scalar"),
                   [=] { return codec::detail::base64url_decode_scalar(*text, 0, out->data(), 0).has_value(); },
                   {.x = x, .series = "scalar"});
        encode.add(named("memcpy of the octets"),
                   [=] { return std::memcpy(out->data(), octets->data(), size) != nullptr; },
                   {.x = x, .series = "memcpy"});
        encode.add(named("signet"),
                   [=] {
                       output to{*chars};
                       codec::base64url_encode(*octets, to);
                       return to.finish().has_value();
                   },
                   {.x = x, .series = "signet"});
        encode.add(named("scalar"),
                   [=] {
                       codec::detail::base64url_encode_scalar(*octets, 0, chars->data());
                       return (*chars)[0] == (*text)[0];
                   },
                   {.x = x, .series = "scalar"});
    }
    return suite.finish();
}

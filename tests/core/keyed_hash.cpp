#include <signet/core/impl/keyed_hash.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace signet;

TEST_CASE("SipHash-2-4: the vectors of its authors") {
    detail::hash_seed const seed{0x0706050403020100, 0x0f0e0d0c0b0a0908};
    std::uint64_t const expected[] = {0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
                                      0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
                                      0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
                                      0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5};
    std::string text;
    for (auto const hash : expected) {
        CHECK(detail::keyed_hash(seed, text) == hash);
        text += static_cast<char>(text.size());
    }
}

TEST_CASE("T10: a process hashes by a seed of its own") {
    auto const seed = detail::process_seed();
    CHECK(seed.a != 0);
    CHECK(seed.b != 0);
    CHECK(detail::process_seed().a == seed.a);
    CHECK(detail::keyed_hash(seed, "kid") != detail::keyed_hash({}, "kid"));
}

#include <signet/core/secret.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <string>

using namespace signet;

static_assert(!std::convertible_to<std::string, secret> && !std::constructible_from<secret, std::string>);
static_assert(!std::constructible_from<secret, char const*> && !std::constructible_from<secret, std::string_view>);
static_assert(!std::convertible_to<bytes, secret>);
static_assert(!std::copyable<secret> && std::movable<secret>);

TEST_CASE("secret: compares by content and length") {
    auto const a = secret::copy_of(as_bytes("ring")), b = secret::copy_of(as_bytes("ring"));
    CHECK(a == b);
    CHECK_FALSE(a == secret::copy_of(as_bytes("rinG")));
    CHECK_FALSE(a == secret::copy_of(as_bytes("rings")));
    CHECK(secret{} == secret{});
}

TEST_CASE("secret: moving leaves nothing behind") {
    auto a = secret::copy_of(as_bytes("ring"));
    auto const b = std::move(a);
    CHECK(a.empty()); // NOLINT: the moved-from state is what is promised
    CHECK(as_text(b.reveal()) == "ring");
}

TEST_CASE("secret: what is overwritten by assignment is wiped first") {
    bytes raw{1, 2, 3, 4};
    auto const* where = raw.data();
    secret a{std::move(raw)};
    CHECK(a.reveal().data() == where); // taken over, not copied
    wipe({const_cast<std::uint8_t*>(where), 4});
    CHECK(a == secret{bytes{0, 0, 0, 0}});
}

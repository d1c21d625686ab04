#include <signet/core/impl/wiped_text.hpp>
#include <signet/core/secret.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <string>
#include <utility>

using namespace signet;

static_assert(!std::convertible_to<std::string, secret> && !std::constructible_from<secret, std::string>);
static_assert(!std::constructible_from<secret, char const*> && !std::constructible_from<secret, std::string_view>);
static_assert(!std::convertible_to<bytes, secret>);
static_assert(!std::copyable<secret> && std::movable<secret>);

namespace {

/// Whether these octets stand in that memory, also where a string has room only.
__attribute__((no_sanitize("address"))) bool stands_in(void const* memory, std::size_t size, std::string_view octets) {
    auto const volatile* const at = static_cast<char const*>(memory);
    for (std::size_t begin = 0; begin + octets.size() <= size; ++begin) {
        std::size_t same = 0;
        while (same != octets.size() && at[begin + same] == octets[same]) ++same;
        if (same == octets.size()) return true;
    }
    return false;
}

} // namespace

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

TEST_CASE("wipe_text: wipes what stands behind the end, too") {
    std::string text(40, 'h');
    text.replace(8, 7, "hunter2");
    auto const room = text.capacity();
    auto const* const at = text.data();
    REQUIRE(stands_in(at, room, "hunter2"));
    text.resize(3);
    wipe_text(text);
    CHECK(text.empty());
    CHECK(text.data() == at);
    CHECK_FALSE(stands_in(at, room, "hunter2"));
}

TEST_CASE("wiped_text: a short text, which a string holds in itself, is left in none that it was moved from") {
    std::string given = "hunter2";
    detail::wiped_text first{std::move(given)};
    CHECK(first.text == "hunter2");
    CHECK_FALSE(
        stands_in(&given, sizeof given, "unter2")); // a string that is emptied may overwrite its first character
    detail::wiped_text const second{std::move(first)};
    CHECK(second.text == "hunter2");
    CHECK_FALSE(stands_in(&first, sizeof first, "unter2"));
}

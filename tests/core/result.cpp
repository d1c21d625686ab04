#include <signet/core/result.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace signet;

namespace {
struct counted {
    static inline int alive = 0;
    int value;
    explicit counted(int v) : value{v} { ++alive; }
    counted(counted const& o) : value{o.value} { ++alive; }
    counted(counted&& o) noexcept : value{o.value} { ++alive; }
    counted& operator=(counted const&) = default;
    ~counted() { --alive; }
};
result<int> half(int n) {
    if (n % 2) return errc::out_of_range;
    return n / 2;
}
} // namespace

static_assert(!std::is_constructible_v<result<bool>, char const*> && !std::is_constructible_v<result<bool>, int*>,
              "a text is no truth");
static_assert(std::is_convertible_v<bool, result<bool>> && std::is_convertible_v<char const*, result<std::string>>);

TEST_CASE("result: a value or an error, as std::expected") {
    CHECK(*half(4) == 2);
    CHECK(half(4).value() == 2);
    CHECK(half(3).error() == errc::out_of_range);
    CHECK(half(3).value_or(7) == 7);
    CHECK(half(8).and_then(half).and_then(half).value() == 1);
    CHECK(half(6).and_then(half).error() == errc::out_of_range);
    CHECK(half(6).transform([](int n) { return std::to_string(n); }).value() == "3");
    CHECK(half(3).or_else([](error) { return result<int>{9}; }).value() == 9);
    result<int> said = unexpected{error{errc::expired, 5}};
    CHECK(said.error() == error{errc::expired, 5});
}

TEST_CASE("result: owns its value, through copy, move and assignment between both sides") {
    {
        result<counted> a{counted{1}}, b = errc::expired;
        CHECK(counted::alive == 1);
        b = a;
        CHECK(counted::alive == 2);
        CHECK(b->value == 1);
        a = errc::bad_key;
        CHECK(counted::alive == 1);
        a = std::move(b);
        CHECK(a->value == 1);
    }
    CHECK(counted::alive == 0);
}

TEST_CASE("result: holds what can only be moved") {
    result<std::unique_ptr<int>> a{std::make_unique<int>(3)};
    auto b = std::move(a);
    REQUIRE(b);
    CHECK(**b == 3);
    auto taken = *std::move(b);
    CHECK(*taken == 3);
    static_assert(!std::is_copy_constructible_v<result<std::unique_ptr<int>>>);
}

TEST_CASE("result: every part of an error comes back as it went in") {
    for (auto const code : {errc{}, errc::expired, static_cast<errc>(0xffff)})
        for (std::size_t const at : {0u, 1u, 0xffffu})
            for (auto const about : {field_name::none, field_name::iss, static_cast<field_name>(0xff)}) {
                error const e{code, at, about};
                result<void> const nothing = e;
                result<int> const number = e;
                CHECK(!nothing);
                CHECK(!number);
                CHECK(nothing.error() == e);
                CHECK(number.error() == e);
            }
}

TEST_CASE("result<void>: success says nothing more") {
    result<void> ok, bad = errc::expired;
    CHECK(ok);
    CHECK(!bad);
    CHECK(bad.error() == errc::expired);
}

#include <signet/core/result.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#ifndef _WIN32 // it forks
#    include <support/death.hpp>
#endif
#include <type_traits>

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

template <class R, class U>
concept can_fall_back = requires(R r, U&& other) { r.value_or(std::forward<U>(other)); };
static_assert(!can_fall_back<result<bool>, char const*> && !can_fall_back<result<bool>, char const (&)[6]> &&
                  !can_fall_back<result<bool>, std::nullptr_t> && can_fall_back<result<bool>, bool>,
              "a text is no truth, as a fallback either");
static_assert(!can_fall_back<result<std::string_view>, std::string> &&
                  can_fall_back<result<std::string_view>, std::string const&> &&
                  can_fall_back<result<std::string_view>, std::string_view> &&
                  can_fall_back<result<std::string_view>, char const (&)[2]> &&
                  can_fall_back<result<std::string>, std::string>,
              "a view's fallback lives as long as the view");
static_assert(!std::is_constructible_v<bool, bool_result&> && !std::is_constructible_v<bool, result<bool>> &&
                  std::is_constructible_v<bool, result<bool>&> && std::is_constructible_v<bool, result<int>>,
              "a truth value that nobody read is no condition");

TEST_CASE("bool_result: a truth value or an error, read by name") {
    bool_result const no = false, yes = true, none = errc::claim_missing;
    CHECK_FALSE(*no);
    CHECK(*yes);
    CHECK(no.has_value());
    CHECK_FALSE(none.has_value());
    CHECK(none.error() == errc::claim_missing);
    CHECK_FALSE(none.value_or(false));
    CHECK(yes.value_or(false));
    CHECK(yes.transform([](bool b) { return b ? 1 : 0; }).value() == 1);
    result<bool> const plain = yes;
    CHECK(plain.value());
}

#ifndef _WIN32
TEST_CASE("S22: reading what a result does not hold ends the program, with the error's name and nothing of the input") {
    using testing_support::last_words;
    result<int> const number = error{errc::expired, 12, field_name::exp}, good = 1;
    CHECK(last_words([&] { (void)*number; }) ==
          "signet: a result without a value was read as if it had one: expired exp (0x0504)\n");
    CHECK(last_words([&] { (void)number.value(); }).find("expired exp") != std::string::npos);
    CHECK(last_words([&] { (void)good.error(); }) == "signet: the error of a result that holds a value was read\n");
    result<std::string> const text = errc::bad_key;
    CHECK(last_words([&] { (void)text->size(); }).find("bad_key (0x") != std::string::npos);
    result<void> const done = error{errc::wrong_audience, field_name::aud};
    CHECK(last_words([&] { done.value(); }).find("wrong_audience aud") != std::string::npos);
    CHECK(last_words([&] { (void)result<void>{}.error(); }) ==
          "signet: the error of a result that holds a value was read\n");
    CHECK(last_words([&] { (void)*good; }) == "lived");
}
#endif

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

#include "support.hpp"

#include <random>

using namespace support;
using jwt::parse_numeric_date;

namespace {
errc refusal(std::string_view text) {
    auto const date = parse_numeric_date(text);
    return date ? accepted : date.error().code;
}
std::int64_t seconds(std::string_view text) { return parse_numeric_date(text)->seconds.time_since_epoch().count(); }
} // namespace

TEST_CASE("RFC 7519 2 NumericDate: integers, fractions and exponents are read exactly") {
    CHECK(seconds("0") == 0);
    CHECK(seconds("-0") == 0);
    CHECK(seconds("-0.000e7") == 0);
    CHECK(seconds("0e999999999999") == 0);
    CHECK(seconds("1658060133") == 1'658'060'133);
    CHECK(seconds("1658060133.0") == 1'658'060'133);
    CHECK(seconds("1.658060133e9") == 1'658'060'133);
    CHECK(seconds("1658060133000E-3") == 1'658'060'133);
    CHECK(seconds("0.00001658060133e+14") == 1'658'060'133);
    CHECK(parse_numeric_date("1.658060133e9")->whole());
    CHECK(seconds("253402300799") == 253'402'300'799);

    auto const half = *parse_numeric_date("1658060133.5");
    CHECK(half.seconds == unix_time{1'658'060'133s});
    CHECK(half.nanoseconds == 500'000'000);
    CHECK_FALSE(half.whole());
    CHECK(parse_numeric_date("1.5e-3")->nanoseconds == 1'500'000);
    CHECK(parse_numeric_date("7e-30")->more);
    CHECK(parse_numeric_date("7e-9")->nanoseconds == 7);
    CHECK_FALSE(parse_numeric_date("7e-9")->more);
    CHECK(parse_numeric_date("0.9999999999999999999999999")->nanoseconds == 999'999'999);
    CHECK(parse_numeric_date("253402300799.999")->nanoseconds == 999'000'000);
}

TEST_CASE("RFC 7519 2 NumericDate: before 1970 and after 9999 is out of range, however it is written") {
    for (auto const* text :
         {"-1", "-0.1", "-1e-40", "-1658060133", "253402300800", "1e12", "1e30", "1e999999999999999999",
          "18446744073709551617", "9223372036854775808", "10000000000000000000000000000000000000000"})
        CHECK_MESSAGE(refusal(text) == errc::out_of_range, text);
}

TEST_CASE("RFC 8259 6: what is not a number is not a date") {
    for (auto const* text :
         {"", "-", "+1", "01", "1.", ".5", "1e", "1e+", "1 ", " 1", "0x10", "NaN", "1,5", "1.5.5", "--1", "1e1.5"})
        CHECK_MESSAGE(refusal(text) == errc::invalid_json_number, text);
}

TEST_CASE("NumericDate: compared with whole seconds, a fraction counts") {
    auto const at = [](std::string_view text) { return *parse_numeric_date(text); };
    unix_time const t{1000s};
    CHECK(at("1000") <= t);
    CHECK(at("999.999999999999") <= t);
    CHECK(at("1000.000000000000000000001") > t);
    CHECK(at("1000.5") > t);
    CHECK(at("1000.000") <= t);
}

TEST_CASE("NumericDate: random values in three spellings mean the same") {
    std::mt19937_64 dice{7519};
    for (int i = 0; i != 20'000; ++i) {
        auto const whole = static_cast<std::int64_t>(dice() % 253'402'300'800);
        auto const fraction = dice() % 1'000'000'000;
        auto digits = std::to_string(fraction);
        digits.insert(0, 9 - digits.size(), '0');
        auto const plain = std::to_string(whole) + '.' + digits;
        auto const shifted_left = std::to_string(whole) + digits + "e-9";
        auto const date = *parse_numeric_date(plain);
        REQUIRE(date.seconds.time_since_epoch().count() == whole);
        REQUIRE(date.nanoseconds == fraction);
        REQUIRE_FALSE(date.more);
        if (whole != 0) REQUIRE(*parse_numeric_date(shifted_left) == date);
        auto const exponent = static_cast<int>(dice() % 40);
        auto const moved = "0." + std::string(static_cast<std::size_t>(exponent), '0') + std::to_string(whole) +
                           digits + "e" + std::to_string(exponent + static_cast<int>(std::to_string(whole).size()));
        REQUIRE(*parse_numeric_date(moved) == date);
    }
}

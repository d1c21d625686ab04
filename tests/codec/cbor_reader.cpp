#include "support/hex.hpp"

#include <signet/codec/cbor_reader.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

using namespace signet;
using namespace signet::codec;

namespace {

std::string to_hex(bytes_view octets) {
    std::string hex;
    for (auto const octet : octets) hex += "0123456789abcdef"[octet >> 4], hex += "0123456789abcdef"[octet & 15];
    return hex;
}

/// A value in RFC 8949's diagnostic notation (section 8), as far as the examples need it.
std::string diagnostic(cbor_value value) {
    switch (value.kind()) {
    case cbor_kind::null: return "null";
    case cbor_kind::undefined: return "undefined";
    case cbor_kind::boolean: return *value.as_bool() ? "true" : "false";
    case cbor_kind::integer:
        if (auto const number = value.as_int64()) return std::to_string(*number);
        if (auto const number = value.as_uint64()) return std::to_string(*number);
        return "below -2^63";
    case cbor_kind::floating: {
        auto const number = *value.as_double();
        if (std::isnan(number)) return "NaN";
        if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
        char text[40];
        std::snprintf(text, sizeof text, "%.17g", number);
        return text;
    }
    case cbor_kind::bytes: return "h'" + to_hex(*value.as_bytes()) + "'";
    case cbor_kind::text: return '"' + std::string{*value.as_text()} + '"';
    case cbor_kind::array: {
        std::string text = "[";
        for (auto const element : value) text += (text.size() > 1 ? ", " : "") + diagnostic(element);
        return text + "]";
    }
    case cbor_kind::map: {
        std::string text = "{";
        for (auto const [key, element] : value.members())
            text += (text.size() > 1 ? ", " : "") + diagnostic(key) + ": " + diagnostic(element);
        return text + "}";
    }
    }
    return "?";
}

std::string read_hex(std::string_view hex, cbor_limits const& limits = {}) {
    auto const octets = from_hex(hex);
    std::array<cbor_node, 512> nodes;
    auto const value = read_cbor(octets, nodes, limits);
    return value ? diagnostic(*value) : std::string{name(value.error().code)};
}
error refusal(std::string_view hex, cbor_limits const& limits = {}) {
    auto const octets = from_hex(hex);
    std::array<cbor_node, 512> nodes;
    auto const value = read_cbor(octets, nodes, limits);
    REQUIRE_FALSE(value);
    return value.error();
}
constexpr cbor_limits in_any_order{.any_key_order = true};

} // namespace

// The encoded values and their diagnostic notation are RFC 8949's, appendix A.
TEST_CASE("RFC 8949 appendix A: the examples that are canonical by CTAP 2.1 section 8") {
    struct example {
        char const *hex, *value;
    };
    for (auto const& [hex, value] : {
             example{"00", "0"},
             {"01", "1"},
             {"0a", "10"},
             {"17", "23"},
             {"1818", "24"},
             {"1819", "25"},
             {"1864", "100"},
             {"1903e8", "1000"},
             {"1a000f4240", "1000000"},
             {"1b000000e8d4a51000", "1000000000000"},
             {"1bffffffffffffffff", "18446744073709551615"},
             {"3bffffffffffffffff", "below -2^63"},
             {"20", "-1"},
             {"29", "-10"},
             {"3863", "-100"},
             {"3903e7", "-1000"},
             {"f90000", "0"},
             {"f98000", "-0"},
             {"f93c00", "1"},
             {"fb3ff199999999999a", "1.1000000000000001"},
             {"f93e00", "1.5"},
             {"f97bff", "65504"},
             {"fa47c35000", "100000"},
             {"fa7f7fffff", "3.4028234663852886e+38"},
             {"fb7e37e43c8800759c", "1.0000000000000001e+300"},
             {"f90001", "5.9604644775390625e-08"},
             {"f90400", "6.103515625e-05"},
             {"f9c400", "-4"},
             {"fbc010666666666666", "-4.0999999999999996"},
             {"f97c00", "Infinity"},
             {"f97e00", "NaN"},
             {"f9fc00", "-Infinity"},
             {"fa7f800000", "Infinity"},
             {"fa7fc00000", "NaN"},
             {"faff800000", "-Infinity"},
             {"fb7ff0000000000000", "Infinity"},
             {"fb7ff8000000000000", "NaN"},
             {"fbfff0000000000000", "-Infinity"},
             {"f4", "false"},
             {"f5", "true"},
             {"f6", "null"},
             {"f7", "undefined"},
             {"40", "h''"},
             {"4401020304", "h'01020304'"},
             {"60", "\"\""},
             {"6161", "\"a\""},
             {"6449455446", "\"IETF\""},
             {"62225c", "\"\"\\\""},
             {"62c3bc", "\"\u00fc\""},
             {"63e6b0b4", "\"\u6c34\""},
             {"64f0908591", "\"\U00010151\""},
             {"80", "[]"},
             {"83010203", "[1, 2, 3]"},
             {"8301820203820405", "[1, [2, 3], [4, 5]]"},
             {"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
              "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]"},
             {"a0", "{}"},
             {"a201020304", "{1: 2, 3: 4}"},
             {"a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}"},
             {"826161a161626163", "[\"a\", {\"b\": \"c\"}]"},
             {"a56161614161626142616361436164614461656145",
              "{\"a\": \"A\", \"b\": \"B\", \"c\": \"C\", \"d\": \"D\", \"e\": \"E\"}"},
         }) {
        CAPTURE(hex);
        CHECK(read_hex(hex) == value);
    }
}

TEST_CASE("RFC 8949 appendix A: the other examples (W13 indefinite lengths, W16 tags and simple values)") {
    for (auto const* tagged :
         {"c249010000000000000000", "c349010000000000000000", "c074323031332d30332d32315432303a30343a30305a",
          "c11a514b67b0", "c1fb41d452d9e8200000", "d74401020304", "d818456449455446",
          "d82076687474703a2f2f7777772e6578616d706c652e636f6d"}) {
        CAPTURE(tagged);
        CHECK(refusal(tagged) == errc::cbor_tag);
    }
    for (auto const* endless :
         {"5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff", "9f01820203820405ff",
          "83018202039f0405ff", "83019f0203ff820405", "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
          "bf61610161629f0203ffff", "826161bf61626163ff", "bf6346756ef563416d7421ff"}) {
        CAPTURE(endless);
        CHECK(refusal(endless) == errc::cbor_indefinite);
    }
    CHECK(refusal("f0") == errc::cbor_simple);
    CHECK(refusal("f8ff") == errc::cbor_simple);
}

TEST_CASE("W13: no indefinite length, wherever it stands") {
    CHECK(refusal("5fff") == error{errc::cbor_indefinite, 0});
    CHECK(refusal("820180ff").code == errc::cbor_trailing);
    CHECK(refusal("8201ff") == error{errc::cbor_indefinite, 2}); // a break without a beginning
    CHECK(refusal("a1019f01ff") == error{errc::cbor_indefinite, 2});
    CHECK(refusal("a17f6161ff01") == error{errc::cbor_indefinite, 1});
    // RFC 8949 section 3.2.4: integers have no indefinite form.
    CHECK(refusal("1f") == errc::malformed_cbor);
    CHECK(refusal("3f") == errc::malformed_cbor);
}

TEST_CASE("W14: integers and lengths are as short as possible, at each border") {
    struct border {
        char const *longer, *least;
        std::uint64_t first;
    };
    for (auto const& [longer, least, first] : {border{"1817", "1818", 24},
                                               {"1900ff", "190100", 256},
                                               {"1a0000ffff", "1a00010000", 65'536},
                                               {"1b00000000ffffffff", "1b0000000100000000", 4'294'967'296}}) {
        CAPTURE(longer);
        CHECK(refusal(longer) == error{errc::cbor_not_minimal, 0});
        CHECK(read_hex(least) == std::to_string(first));
        for (char const major : {'3', '5', '7', '9', 'b'}) { // the same head of the other types
            CAPTURE(major);
            CHECK(refusal(std::string{major} + (longer + 1)) == errc::cbor_not_minimal);
        }
    }
    CHECK(refusal("1800") == errc::cbor_not_minimal);
    CHECK(refusal("a1180100") == error{errc::cbor_not_minimal, 1});
    CHECK(refusal("a101580100") == error{errc::cbor_not_minimal, 2});
    CHECK(read_hex("38ff") == "-256");
    CHECK(refusal("3900ff") == errc::cbor_not_minimal);
    // Floating-point numbers stay as they are: 1.0 in eight octets.
    CHECK(read_hex("fb3ff0000000000000") == "1");
}

TEST_CASE("W15: a key comes once, and keys are in order: type, then length, then octets") {
    // CTAP 2.1 section 8; the order is 10, 100, -1, "z", "aa".
    CHECK(read_hex("a50a01186402200361"
                   "7a04"
                   "62616105") == "{10: 1, 100: 2, -1: 3, \"z\": 4, \"aa\": 5}");
    CHECK(refusal("a2186401"
                  "0a02") == error{errc::cbor_order, 4});
    CHECK(refusal("a22001"
                  "0a02") == errc::cbor_order); // -1 before 10
    CHECK(refusal("a2617a01"
                  "2002") == errc::cbor_order); // a text before an integer
    CHECK(refusal("a262616101"
                  "617a02") == errc::cbor_order); // the longer first
    CHECK(refusal("a2616201"
                  "616102") == errc::cbor_order);
    CHECK(refusal("a22101"
                  "2002") == errc::cbor_order); // -2 before -1

    CHECK(refusal("a201010102") == error{errc::cbor_duplicate, 3});
    CHECK(refusal("a3010102020103") == error{errc::cbor_duplicate, 5}); // not a neighbour
    CHECK(refusal("a3010103020203") == errc::cbor_order);
    CHECK(refusal("a2616101616102") == errc::cbor_duplicate);
    CHECK(refusal("a101a220012002") == error{errc::cbor_duplicate, 5});
    CHECK(refusal("a26001"
                  "6002") == errc::cbor_duplicate);
}

TEST_CASE("W15: any_key_order waives the order, at each level, and never lets a key come twice") {
    CHECK(read_hex("a202010102", in_any_order) == "{2: 1, 1: 2}");
    CHECK(read_hex("a2617a01"
                   "01a202000100",
                   in_any_order) == "{\"z\": 1, 1: {2: 0, 1: 0}}");
    CHECK(refusal("a201010102", in_any_order) == errc::cbor_duplicate);
    CHECK(refusal("a3020101000201", in_any_order) == error{errc::cbor_duplicate, 5});
    CHECK(refusal("a302010100"
                  "0101",
                  in_any_order) == error{errc::cbor_duplicate, 5});
    CHECK(refusal("a4030002000100"
                  "0200",
                  in_any_order) == errc::cbor_duplicate);
    CHECK(refusal("a101a3020001000200", in_any_order) == errc::cbor_duplicate);
    // Not equal: 1, "1" and -2 differ in type though not in what follows the first octet's type.
    CHECK(read_hex("a3613101"
                   "2102"
                   "0103",
                   in_any_order) == "{\"1\": 1, -2: 2, 1: 3}");
}

TEST_CASE("W15: keys are integers and texts") {
    for (auto const* map : {"a14000", "a18000", "a1a000", "a1f500", "a1f600", "a1f93c0000", "a1f700"}) {
        CAPTURE(map);
        CHECK(refusal(map) == error{errc::cbor_key_type, 1});
        CHECK(refusal(map, in_any_order) == errc::cbor_key_type);
    }
    // duo-labs/py_webauthn#265: true is not 1.
    auto const octets = from_hex("a101f5");
    std::array<cbor_node, 4> nodes;
    auto const map = read_cbor(octets, nodes);
    REQUIRE(map);
    CHECK(map->find(1)->as_int64().error() == errc::cbor_wrong_type);
    CHECK(map->find("1").error() == errc::cbor_member_missing);
}

TEST_CASE("W16: no tags, and no simple values but false, true, null and undefined") {
    for (unsigned tag = 0xc0; tag != 0xe0; ++tag)
        CHECK(refusal(to_hex(bytes{static_cast<std::uint8_t>(tag), 0})) == errc::cbor_tag);
    for (unsigned simple = 0xe0; simple != 0xf4; ++simple)
        CHECK(refusal(to_hex(bytes{static_cast<std::uint8_t>(simple)})) == errc::cbor_simple);
    // RFC 8949 section 3.3: the form of two octets, also of those that have one.
    for (unsigned simple = 0; simple != 256; ++simple)
        CHECK(refusal(to_hex(bytes{0xf8, static_cast<std::uint8_t>(simple)})) == errc::cbor_simple);
    CHECK(refusal("8201c000") == error{errc::cbor_tag, 2});
    CHECK(refusal("a101e0") == error{errc::cbor_simple, 2});
}

TEST_CASE("RFC 8949 section 3: additional information 28 to 30 is reserved") {
    for (unsigned major = 0; major != 8; ++major)
        for (unsigned info = 28; info != 31; ++info) {
            auto const hex = to_hex(bytes{static_cast<std::uint8_t>(major << 5 | info), 0, 0, 0, 0, 0, 0, 0, 0});
            CAPTURE(hex);
            CHECK(refusal(hex) == (major == 6 ? errc::cbor_tag : errc::malformed_cbor));
        }
}

TEST_CASE("W17: cut anywhere, or with an octet too many, an item is refused") {
    constexpr std::string_view whole = "a5"
                                       "01"
                                       "02"
                                       "03"
                                       "26"
                                       "20"
                                       "1903e8"
                                       "6474657874"
                                       "4401020304"
                                       "64747a7a7a"
                                       "83"
                                       "fb3ff199999999999a"
                                       "a1"
                                       "6161"
                                       "1a000f4240"
                                       "f6";
    auto octets = from_hex(whole);
    std::array<cbor_node, 64> nodes;
    REQUIRE(read_cbor(octets, nodes));
    for (std::size_t size = 0; size != octets.size(); ++size) {
        CAPTURE(size);
        auto const copy = bytes(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
        auto const read = read_cbor(copy, nodes);
        REQUIRE_FALSE(read);
        CHECK(read.error() == errc::cbor_truncated);
        CHECK(read_cbor_prefix(copy, nodes).error() == errc::cbor_truncated);
    }
    auto const size = octets.size();
    for (unsigned more = 0; more != 256; ++more) {
        octets.resize(size);
        octets.push_back(static_cast<std::uint8_t>(more));
        CHECK(read_cbor(octets, nodes).error() == error{errc::cbor_trailing, size});
        auto const prefix = read_cbor_prefix(octets, nodes);
        REQUIRE(prefix);
        CHECK(prefix->size == size);
        CHECK(prefix->value.encoded().size() == size);
    }
}

TEST_CASE("W18: what a length claims is neither allocated nor believed") {
    // duo-labs/webauthn#66: ten octets exhaust memory.
    for (auto const* claim : {"9bffffffffffffffff00", "bbffffffffffffffff00", "5bffffffffffffffff00",
                              "7bffffffffffffffff00", "9a7fffffff00", "ba7fffffff00", "9b000000010000000000",
                              "bb800000000000000000", "5bfffffffffffffff700", "8200", "a100", "43abcd", "61"}) {
        CAPTURE(claim);
        CHECK(refusal(claim) == errc::cbor_truncated);
    }
}

TEST_CASE("W18: depth, size and number of values are limited") {
    CHECK(read_hex("8181818100") == "[[[[0]]]]"); // CTAP 2.1 section 8: four
    CHECK(read_hex("a101a101a101a10100").size() != 0);
    CHECK(refusal("818181818100") == error{errc::cbor_too_deep, 4});
    CHECK(refusal("81818181a0") == errc::cbor_too_deep);
    CHECK(read_hex("81818100", {.max_depth = 3}) == "[[[0]]]");
    CHECK(refusal("81818100", {.max_depth = 2}) == errc::cbor_too_deep);
    CHECK(read_hex("00", {.max_depth = 0}) == "0");
    CHECK(refusal("80", {.max_depth = 0}) == errc::cbor_too_deep);
    auto nested = [](std::size_t depth) {
        std::string hex;
        for (std::size_t i = 0; i != depth; ++i) hex += "81";
        return hex + "00";
    };
    CHECK(read_hex(nested(max_cbor_depth), {.max_depth = 1000}).size() == 2 * max_cbor_depth + 1);
    CHECK(refusal(nested(max_cbor_depth + 1), {.max_depth = 1000}) == errc::cbor_too_deep);

    CHECK(read_hex("420102", {.max_size = 3}) == "h'0102'");
    CHECK(refusal("420102", {.max_size = 2}) == errc::cbor_too_large);
    CHECK(read_hex("83010203", {.max_values = 4}) == "[1, 2, 3]");
    CHECK(refusal("83010203", {.max_values = 3}) == error{errc::cbor_too_many_values, 3});
    CHECK(refusal("00", {.max_values = 0}) == errc::cbor_too_many_values);

    auto const octets = from_hex("a201020304");
    std::array<cbor_node, 4> few;
    std::array<cbor_node, 5> enough;
    CHECK(read_cbor(octets, few).error() == errc::cbor_too_many_values);
    CHECK(read_cbor(octets, enough));
    CHECK(read_cbor(octets, {}).error() == errc::cbor_too_many_values);
}

TEST_CASE("W18: a prefix is limited by its own size, whatever follows") {
    auto const octets = from_hex("8341010203ffffff");
    std::array<cbor_node, 8> nodes;
    auto const limited = [&](std::size_t size) { return read_cbor_prefix(octets, nodes, {.max_size = size}); };
    for (std::size_t size = 0; size != 5; ++size) {
        CAPTURE(size);
        REQUIRE_FALSE(limited(size));
        CHECK(limited(size).error() == errc::cbor_too_large);
    }
    CHECK(limited(5)->size == 5);
    // A claim beyond all octets is cut and not too large.
    auto const claim = from_hex("5a00010000ff");
    CHECK(read_cbor_prefix(claim, nodes, {.max_size = 5}).error() == errc::cbor_truncated);
}

TEST_CASE("W18: maps in any order have a limit of their own") {
    auto const map_of = [](unsigned keys) { // from the highest to the lowest
        bytes octets{0xb9, static_cast<std::uint8_t>(keys >> 8), static_cast<std::uint8_t>(keys)};
        for (auto key = keys + 1000; key != 1000; --key)
            octets.insert(octets.end(), {0x19, static_cast<std::uint8_t>(key >> 8), static_cast<std::uint8_t>(key), 0});
        return octets;
    };
    std::vector<cbor_node> nodes(2000);
    cbor_limits const limits{.max_values = 2000, .any_key_order = true};
    CHECK(read_cbor(map_of(max_unordered_cbor_keys), nodes, limits)); // views are not looked at
    CHECK(read_cbor(map_of(max_unordered_cbor_keys + 1), nodes, limits).error() == errc::cbor_too_many_values);
}

TEST_CASE("W19: texts are UTF-8, keys too; octets may be anything") {
    for (auto const* text : {"61ff", "6180", "62c0af", "62c32f", "63eda080", "64f4908080", "64f0808080", "61c3",
                             "6361c328", "64616263e2"}) {
        CAPTURE(text);
        CHECK(refusal(text) == errc::cbor_not_utf8);
    }
    CHECK(refusal("6361c328") == error{errc::cbor_not_utf8, 2});
    CHECK(refusal("a161ff00") == errc::cbor_not_utf8);
    CHECK(read_hex("43eda080") == "h'eda080'");
    // A sequence does not go on behind the text.
    CHECK(refusal("8261c341a9") == errc::cbor_not_utf8);
}

TEST_CASE("values: each accessor gives its own type and refuses the others") {
    auto const octets = from_hex("8a"
                                 "01"
                                 "20"
                                 "4101"
                                 "6161"
                                 "f5"
                                 "f6"
                                 "f7"
                                 "f93c00"
                                 "80"
                                 "a0");
    std::array<cbor_node, 16> nodes;
    auto const list = read_cbor(octets, nodes);
    REQUIRE(list);
    CHECK(list->size() == 10);
    std::size_t of_kind[9] = {};
    for (auto const value : *list) {
        ++of_kind[static_cast<std::size_t>(value.kind())];
        CHECK(value.as_int64().has_value() == value.is_integer());
        CHECK(value.as_bytes().has_value() == value.is_bytes());
        CHECK(value.as_text().has_value() == value.is_text());
        CHECK(value.as_bool().has_value() == (value.kind() == cbor_kind::boolean));
        CHECK(value.as_double().has_value() == (value.kind() == cbor_kind::floating));
        if (!value.is_integer()) CHECK(value.as_uint64().error() == errc::cbor_wrong_type);
        if (!value.is_map()) CHECK(value.find(1).error() == errc::cbor_wrong_type);
        if (!value.is_map()) CHECK(value.find("a").error() == errc::cbor_wrong_type);
        CHECK(value.size() == 0);
        CHECK(value.begin() == value.end());
        CHECK(value.members().begin() == value.members().end());
        CHECK(value.encoded().size() >= 1);
    }
    for (auto const kind : {cbor_kind::bytes, cbor_kind::text, cbor_kind::boolean, cbor_kind::null,
                            cbor_kind::undefined, cbor_kind::floating, cbor_kind::array, cbor_kind::map})
        CHECK(of_kind[static_cast<std::size_t>(kind)] == 1);

    cbor_value const none;
    CHECK(none.is_null());
    CHECK(none.size() == 0);
    CHECK(none.encoded().empty());
    CHECK(none.begin() == none.end());
    CHECK(none.members().begin() == none.members().end());
    CHECK(none.find(1).error() == errc::cbor_wrong_type);
}

TEST_CASE("RFC 8949 section 3.1: integers that do not fit are an error, not another number") {
    struct number {
        char const* hex;
        result<std::int64_t> narrow;
        result<std::uint64_t> wide;
    };
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
    constexpr auto highest = std::numeric_limits<std::int64_t>::max();
    for (auto const& [hex, narrow, wide] :
         {number{"1b7fffffffffffffff", highest, 9'223'372'036'854'775'807u},
          {"1b8000000000000000", errc::out_of_range, 9'223'372'036'854'775'808u},
          {"1bffffffffffffffff", errc::out_of_range, std::numeric_limits<std::uint64_t>::max()},
          {"3b7fffffffffffffff", lowest, errc::out_of_range},
          {"3b8000000000000000", errc::out_of_range, errc::out_of_range},
          {"3bffffffffffffffff", errc::out_of_range, errc::out_of_range},
          {"20", -1, errc::out_of_range}}) {
        CAPTURE(hex);
        auto const octets = from_hex(hex);
        std::array<cbor_node, 1> nodes;
        auto const value = read_cbor(octets, nodes);
        REQUIRE(value);
        REQUIRE(value->as_int64().has_value() == narrow.has_value());
        REQUIRE(value->as_uint64().has_value() == wide.has_value());
        if (narrow) CHECK(*value->as_int64() == *narrow);
        else CHECK(value->as_int64().error() == narrow.error());
        if (wide) CHECK(*value->as_uint64() == *wide);
        else CHECK(value->as_uint64().error() == wide.error());
    }
}

TEST_CASE("maps: members are found by their key, and shown with their octets") {
    auto const octets = from_hex("a4"
                                 "01"
                                 "02"
                                 "20"
                                 "83010203"
                                 "6161"
                                 "a1"
                                 "05"
                                 "06"
                                 "626162"
                                 "4107");
    std::array<cbor_node, 16> nodes;
    auto const map = read_cbor(octets, nodes);
    REQUIRE(map);
    CHECK(map->index() == 0);
    CHECK(map->size() == 4);
    CHECK(*map->find(1)->as_int64() == 2);
    CHECK(map->find(-1)->size() == 3);
    CHECK(to_hex(map->find(-1)->encoded()) == "83010203");
    CHECK(*map->find("a")->find(5)->as_int64() == 6);
    CHECK(to_hex(map->find("a")->encoded()) == "a10506");
    CHECK(to_hex(*map->find("ab")->as_bytes()) == "07");
    CHECK(map->find(2).error() == errc::cbor_member_missing); // a value and no key
    CHECK(map->find("05").error() == errc::cbor_member_missing);
    CHECK(map->find(5).error() == errc::cbor_member_missing); // of the map within
    CHECK(map->find("").error() == errc::cbor_member_missing);
    std::string seen;
    for (auto const [key, value] : map->members()) seen += diagnostic(key) + " ";
    CHECK(seen == "1 -1 \"a\" \"ab\" ");
    CHECK(std::distance(map->members().begin(), map->members().end()) == 4);
    CHECK(map->begin() == map->end()); // elements are those of arrays
}

// SPDX-License-Identifier: BSL-1.0
// Structured fields against files in the format of the HTTP working group's structured-field-tests: the examples of RFC
// 9651 in tests/vectors/rfc9651.json, and every file of the folders named by SIGNET_STRUCTURED_FIELD_TESTS (separated
// by colons).
#include <signet/http/structured_field.hpp>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

using namespace signet;
namespace sf = signet::http::sf;
namespace json = boost::json;

namespace {

std::string base32_decoded(std::string_view text) {
    std::string octets;
    std::uint32_t bits = 0;
    int held = 0;
    for (char c : text) {
        if (c == '=') break;
        bits = bits << 5 | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
        if (held += 5; held >= 8) octets.push_back(static_cast<char>(static_cast<unsigned char>(bits >> (held -= 8))));
    }
    return octets;
}

// The suite's JSON as our values. Nothing where a number cannot be put into one at all.
std::optional<sf::bare_item> bare(json::value const& v) {
    if (v.is_bool()) return sf::bare_item{v.get_bool()};
    if (v.is_int64()) return sf::bare_item{v.get_int64()};
    if (v.is_uint64()) return std::nullopt;
    if (v.is_double()) {
        auto const exact = sf::decimal::from(v.get_double());
        return exact ? std::optional{sf::bare_item{*exact}} : std::nullopt;
    }
    if (v.is_string()) return sf::bare_item{sf::string{std::string{v.get_string()}}};
    auto const& object = v.as_object();
    auto const type = std::string{object.at("__type").as_string()};
    if (type == "date") return sf::bare_item{sf::date{object.at("value").as_int64()}};
    std::string text{object.at("value").as_string()};
    if (type == "token") return sf::bare_item{sf::token{text}};
    if (type == "binary") return sf::bare_item{sf::byte_sequence{base32_decoded(text)}};
    return sf::bare_item{sf::display_string{text}};
}

std::optional<sf::parameters> params(json::value const& v) {
    sf::parameters out;
    for (auto const& one : v.as_array()) {
        auto value = bare(one.at(1));
        if (!value) return std::nullopt;
        out.set(one.at(0).as_string(), *std::move(value));
    }
    return out;
}

std::optional<sf::item> item(json::value const& v) {
    auto value = bare(v.at(0));
    auto with = params(v.at(1));
    if (!value || !with) return std::nullopt;
    return sf::item{*std::move(value), *std::move(with)};
}

std::optional<sf::member> member(json::value const& v) {
    if (!v.at(0).is_array()) {
        auto one = item(v);
        return one ? std::optional{sf::member{*std::move(one)}} : std::nullopt;
    }
    std::vector<sf::item> items;
    for (auto const& inner : v.at(0).as_array()) {
        auto one = item(inner);
        if (!one) return std::nullopt;
        items.push_back(*std::move(one));
    }
    auto with = params(v.at(1));
    if (!with) return std::nullopt;
    return sf::member{std::move(items), *std::move(with)};
}

std::optional<sf::list> list(json::value const& v) {
    sf::list out;
    for (auto const& one : v.as_array()) {
        auto m = member(one);
        if (!m) return std::nullopt;
        out.push_back(*std::move(m));
    }
    return out;
}

std::optional<sf::dictionary> dictionary(json::value const& v) {
    sf::dictionary out;
    for (auto const& one : v.as_array()) {
        auto m = member(one.at(1));
        if (!m) return std::nullopt;
        out.set(one.at(0).as_string(), *std::move(m));
    }
    return out;
}

std::vector<std::string> lines_of(json::value const& v) {
    std::vector<std::string> out;
    for (auto const& line : v.as_array()) out.emplace_back(line.as_string());
    return out;
}

// One record; what is wrong with our answer, or an empty text.
template <class Value, class Parse, class Convert>
std::string judge(json::object const& record, Parse parse, Convert convert) {
    auto const flag = [&](char const* name) { return record.contains(name) && record.at(name).as_bool(); };
    auto const canonical = record.contains("canonical") ? lines_of(record.at("canonical"))
                           : record.contains("raw")     ? lines_of(record.at("raw"))
                                                        : std::vector<std::string>{};

    if (!record.contains("raw")) { // a serialisation test
        auto const value = convert(record.at("expected"));
        auto const text = value ? sf::serialize(*value) : result<std::string>{errc::out_of_range};
        if (flag("must_fail")) return text ? "was written as " + *text : "";
        if (!text) return "was not written";
        return canonical.empty() || *text == canonical.front() ? "" : "was written as " + *text;
    }
    auto const raw = lines_of(record.at("raw"));
    std::vector<std::string_view> views(raw.begin(), raw.end());
    result<Value> const value = parse(std::span<std::string_view const>{views});
    if (flag("must_fail")) return value ? "was read" : "";
    if (!value) return flag("can_fail") ? "" : "was refused at " + std::to_string(value.error().at);
    auto const expected = convert(record.at("expected"));
    if (!expected || !(*expected == *value)) return "was read as something else";
    auto const text = sf::serialize(*value);
    if (!text) return "was not written again";
    auto const wanted = canonical.empty() ? "" : canonical.front();
    return *text == wanted ? "" : "was written as " + *text;
}

std::string judge(json::object const& record) {
    auto const type = record.at("header_type").as_string();
    sf::limits const bounds;
    if (type == "item") return judge<sf::item>(record, [&](auto lines) { return sf::parse_item(lines, bounds); }, item);
    if (type == "list") return judge<sf::list>(record, [&](auto lines) { return sf::parse_list(lines, bounds); }, list);
    return judge<sf::dictionary>(record, [&](auto lines) { return sf::parse_dictionary(lines, bounds); }, dictionary);
}

std::size_t run(std::filesystem::path const& path) {
    std::ifstream file(path);
    auto const records = json::parse(std::string{std::istreambuf_iterator<char>(file), {}});
    if (!records.is_array()) return 0; // a schema, or a package
    for (auto const& record : records.as_array()) {
        auto const wrong = judge(record.as_object());
        CHECK_MESSAGE(wrong.empty(), path.filename().string(), ": ", std::string{record.at("name").as_string()}, " ",
                      wrong);
    }
    return records.as_array().size();
}

} // namespace

TEST_CASE("RFC 9651: every example of its text is read, and written in canonical form") {
    CHECK(run(std::filesystem::path{SIGNET_TEST_DATA} / "vectors" / "rfc9651.json") == 33);
}

TEST_CASE("RFC 9651: the working group's suite, where a folder with it is given") {
    char const* const folders = std::getenv("SIGNET_STRUCTURED_FIELD_TESTS");
    if (!folders) return;
    std::size_t records = 0;
    std::string rest = folders;
    while (!rest.empty()) {
        auto const end = std::min(rest.find(':'), rest.size());
        for (auto const& entry : std::filesystem::directory_iterator(rest.substr(0, end)))
            if (entry.path().extension() == ".json") records += run(entry.path());
        rest.erase(0, end + 1);
    }
    MESSAGE("records of the suite: ", records);
    CHECK(records > 0);
}

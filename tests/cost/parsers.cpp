// No input costs much more than an honest one of its size: inputs that are made to be costly, each beside one that is
// not.
#include "cost.hpp"

#include <signet/http.hpp>
#include <signet/jwt.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

/// How many times what an honest input of the same size costs a hostile one may cost.
constexpr double allowed = 4;

/// Compares steps an octet.
template <class F>
void check_cost(char const* what, F const& read, std::string const& hostile, std::string const& honest) {
    CAPTURE(what);
    (void)cost::of([&] { read(honest); }); // what is made once
    (void)cost::of([&] { read(hostile); });
    auto const usual = static_cast<double>(cost::of([&] { read(honest); })) / static_cast<double>(honest.size());
    auto const worst = static_cast<double>(cost::of([&] { read(hostile); })) / static_cast<double>(hostile.size());
    CAPTURE(usual);
    CAPTURE(worst);
    CHECK(usual > 0);
    CHECK(worst < allowed * usual);
}

std::string padded(std::size_t number, std::size_t size) {
    auto digits = std::to_string(number);
    return std::string(size - digits.size(), '0') + digits;
}
/// `{"<name>":0,...}`.
template <class Name> std::string object_of(std::size_t members, Name const& name) {
    std::string json = "{";
    for (std::size_t i = 0; i != members; ++i) json += (i == 0 ? "\"" : ",\"") + name(i) + "\":0";
    return json + '}';
}

} // namespace

TEST_CASE("T12: JSON: names cost no more because the filter of names cannot tell them apart") {
    auto const read = [](std::string const& json) {
        std::string text = json;
        std::vector<codec::json_node> nodes(json.size() / 2 + 1);
        CHECK(codec::parse_json(text, nodes));
    };
    auto const honest = object_of(16, [](std::size_t i) {
        return std::string(1, static_cast<char>('a' + i)) + padded(i, 6) + static_cast<char>('a' + i);
    });
    for (std::size_t const members : {100u, 256u}) {
        check_cost("same first and last octet and length", read,
                   object_of(members, [](std::size_t i) { return 'a' + padded(i, 6) + 'a'; }), honest);
        check_cost("short", read, object_of(members, [](std::size_t i) { return 'a' + padded(i, 3) + 'a'; }), honest);
    }
    // In each of many objects, and in objects within objects.
    auto const small = object_of(40, [](std::size_t i) { return 'a' + padded(i, 3) + 'a'; });
    std::string many = "[" + small;
    for (int i = 0; i != 50; ++i) many += ',' + small;
    check_cost("many objects", read, many + ']', honest);
    std::string nested = small;
    for (int i = 0; i != 30; ++i) nested = small.substr(0, small.size() - 1) + ",\"n\":" + nested + '}';
    check_cost("nested objects", read, nested, honest);
}

TEST_CASE("T12: structured fields: parameters and members with many keys") {
    auto const keys = [](std::size_t count, char const* between, std::size_t size) {
        std::string text;
        for (std::size_t i = 0; i != count; ++i) text += between + ('a' + padded(i, size));
        return text;
    };
    auto const honest = [&] {
        std::string text = "x;a=1;b;c=2";
        for (int i = 0; i != 200; ++i) text += ", x;a=1;b;c=2";
        return text;
    }();
    auto const list = [](std::string const& field) { CHECK(http::sf::parse_list(field)); };
    check_cost("parameters", list, "x" + keys(256, ";", 3), honest);
    std::string many = "x" + keys(256, ";", 3);
    for (int i = 0; i != 40; ++i) many += ", x" + keys(256, ";", 3);
    check_cost("parameters of many items", list, many, honest);
    auto const dictionary = [](std::string const& field) { CHECK(http::sf::parse_dictionary(field)); };
    auto const few = [&] {
        std::string text = "b=x;a=1;b;c=2";
        for (int i = 0; i != 20; ++i) text += ", b" + std::to_string(i) + "=x;a=1;b;c=2";
        return text;
    }();
    check_cost("members", dictionary, keys(1, "", 4) + keys(1000, ",", 4), few);
    check_cost("members that come again", dictionary,
               keys(500, "", 4).substr(0, 5) + keys(500, ",", 4) + keys(500, ",", 4), few);
}

TEST_CASE("T10: key sets: kids whose hashes meet cost no more than others") {
    constexpr std::size_t keys = 4096;
    static auto const key = private_key::generate(alg::ed25519)->public_part();
    auto const only = algorithm_set::of<ed25519>();
    // Hashes that fall into a small part of any table, by the standard library's hash.
    std::vector<std::string> meeting, other;
    for (std::size_t i = 0; meeting.size() != keys; ++i) {
        auto kid = "kid-" + padded(i, 8);
        if ((std::hash<std::string_view>{}(kid) & 0x3fff) < 0x100) meeting.push_back(std::move(kid));
        else if (other.size() != keys) other.push_back(std::move(kid));
    }
    auto const fill_and_look = [&](std::vector<std::string> const& kids) {
        return cost::of([&] {
            jose::any_key_set list{only};
            for (auto const& kid : kids) CHECK(list.add(kid, key, only));
            for (auto const& kid : kids) CHECK(list.find(kid, alg::ed25519));
        });
    };
    auto const usual = fill_and_look(other), worst = fill_and_look(meeting);
    CAPTURE(usual);
    CAPTURE(worst);
    CHECK(static_cast<double>(worst) < 2 * static_cast<double>(usual));
}

// SPDX-License-Identifier: BSL-1.0
// Reads a Cookie field from each line of the standard input and prints what the reader found, as JSON of one line.
#include <signet/http/cookie.hpp>

#include <iostream>
#include <string>

int main() {
    auto const quoted = [](std::string_view text) {
        std::string out = "\"";
        for (char c : text) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        return out + '"';
    };
    for (std::string field; std::getline(std::cin, field);) {
        signet::http::cookie_reader const reader{field, {.max_size = 1u << 20}};
        auto const census = reader.census();
        std::string out = "{\"malformed\": " + std::to_string(census.malformed) +
                          ", \"nameless\": " + std::to_string(census.nameless) + ", \"cookies\": {";
        bool first = true;
        for (auto const& one : reader) {
            auto const found = reader.find(one.name); // what iteration gives, find gives
            out += (first ? "" : ", ") + quoted(one.name) + ": " + (found ? quoted(*found) : "null");
            first = false;
        }
        std::cout << out << "}}\n";
    }
}

// SPDX-License-Identifier: BSL-1.0
// Published and recorded ceremonies of passkeys. They are not part of signet: they are read from the folder that
// SIGNET_PASSKEYS names, or ../shared/passkeys beside the project. Without them the cases say that they were skipped.
#pragma once

#include <signet/codec.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace passkeys {

inline std::filesystem::path folder() {
    if (char const* const named = std::getenv("SIGNET_PASSKEYS")) return named;
    return std::filesystem::path{SIGNET_TEST_DATA} / "../../shared/passkeys";
}

inline signet::bytes from_base64url(signet::codec::json_value text) {
    auto const octets = signet::codec::base64url_decode(*text.as_string());
    REQUIRE(octets.has_value());
    return *octets;
}

/// Calls `judge` with each ceremony of published.json and of the recorded stories, and returns how many there were.
inline std::size_t for_each_ceremony(std::function<void(signet::codec::json_value)> const& judge) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::exists(folder() / "published.json")) files.push_back(folder() / "published.json");
    if (std::filesystem::is_directory(folder() / "recorded"))
        for (auto const& entry : std::filesystem::directory_iterator{folder() / "recorded"})
            files.push_back(entry.path());
    if (files.empty()) {
        // A folder that was named has to have them.
        if (std::getenv("SIGNET_PASSKEYS")) FAIL_CHECK("there are no ceremonies in that folder");
        else MESSAGE("skipped: there are no ceremonies (SIGNET_PASSKEYS names the folder)");
    }
    std::size_t count = 0;
    for (auto const& path : files) {
        std::ifstream file{path, std::ios::binary};
        std::string const text{std::istreambuf_iterator<char>{file}, {}};
        auto const document = signet::codec::json_document::parse(text);
        REQUIRE(document.has_value());
        auto const root = document->root();
        for (auto const ceremony : root.is_array() ? root : *root.find("cases")) {
            judge(ceremony);
            ++count;
        }
    }
    return count;
}

/// The octets of a member of `response.response`; empty if there is none.
inline signet::bytes response_member(signet::codec::json_value ceremony, std::string_view name) {
    auto const value = ceremony.find("response")->find("response")->find(name);
    return value ? from_base64url(*value) : signet::bytes{};
}

} // namespace passkeys

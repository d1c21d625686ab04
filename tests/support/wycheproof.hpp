// Project Wycheproof's vectors (github.com/C2SP/wycheproof, testvectors_v1). They are not part of signet: they are read
// from the folder that SIGNET_WYCHEPROOF names, or ../shared/vectors/wycheproof beside the project. Without them the
// cases say that they were skipped. `./dev vectors DIR` runs them from a folder.
#pragma once

#include "hex.hpp"

#include <signet/core/bytes.hpp>

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <string_view>

namespace wycheproof {

inline std::string_view text(boost::json::object const& in, char const* name) {
    return {in.at(name).as_string().data(), in.at(name).as_string().size()};
}

inline std::filesystem::path folder() {
    if (char const* const named = std::getenv("SIGNET_WYCHEPROOF")) return named;
    return std::filesystem::path{SIGNET_TEST_DATA} / "../../shared/vectors/wycheproof";
}

struct counts {
    int valid = 0, invalid = 0, wrong = 0;
};

/// Vectors whose answer is not the file's, by their number, with the reason.
using deviations = std::map<std::int64_t, char const*>;

/// Calls `judge(group, test)` for each test and holds its answer against the file's; "acceptable" may go either way.
/// A vector of `other` must deviate, or its line is to be removed.
inline counts for_each_test(char const* file,
                            std::function<bool(boost::json::object const&, boost::json::object const&)> const& judge,
                            deviations const& other = {}) {
    counts r;
    std::ifstream in(folder() / file);
    if (!in) {
        // A folder that was named has to have them.
        if (std::getenv("SIGNET_WYCHEPROOF")) FAIL_CHECK(std::string{file} << " is not in that folder");
        else MESSAGE("skipped: " << std::string{file} << " is not there (SIGNET_WYCHEPROOF names the folder)");
        return r;
    }
    std::stringstream content;
    content << in.rdbuf();
    auto const whole = boost::json::parse(content.str());
    for (auto const& group : whole.at("testGroups").as_array())
        for (auto const& test : group.at("tests").as_array()) {
            auto const number = test.at("tcId").as_int64();
            auto const expected = text(test.as_object(), "result");
            std::string const comment{text(test.as_object(), "comment")};
            bool const answer = judge(group.as_object(), test.as_object());
            ++(answer ? r.valid : r.invalid);
            if (expected == "acceptable") {
                MESSAGE(std::string{file} << " " << number << ", which may go either way, is "
                                          << std::string{answer ? "accepted" : "refused"} << ": " << comment);
                continue;
            }
            if ((answer == (expected == "valid")) == other.contains(number)) {
                ++r.wrong;
                FAIL_CHECK(std::string{file} << " " << number << " is " << std::string{expected} << ": " << comment);
            }
        }
    CHECK(r.valid > 0);
    CHECK(r.invalid > 0);
    MESSAGE(std::string{file} << ": " << r.valid << " accepted, " << r.invalid << " refused, " << other.size()
                              << " of them otherwise than the file says");
    return r;
}

} // namespace wycheproof

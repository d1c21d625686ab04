// SPDX-License-Identifier: BSL-1.0
// Prints the table of docs/reference/profiles.md: the numbers of session/profile.hpp.
#include <signet/session/profile.hpp>

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

using namespace signet;
using namespace std::chrono_literals;

namespace {

void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string in_words(std::chrono::seconds time) {
    if (time == 0s) return "-";
    for (auto const& [unit, name] : {std::pair{std::chrono::seconds{24h}, "day"},
                                     {std::chrono::seconds{1h}, "hour"},
                                     {std::chrono::seconds{1min}, "minute"},
                                     {1s, "second"}})
        if (time % unit == 0s) return std::to_string(time / unit) + " " + name + (time == unit ? "" : "s");
    return {};
}

struct column {
    char const* name;
    std::string (*cell)(session::session_profile const&);
};

constexpr column columns[]{
    {"`lifetime`", [](session::session_profile const& p) { return in_words(p.lifetime); }},
    {"`absolute`", [](session::session_profile const& p) { return in_words(p.absolute); }},
    {"`idle`", [](session::session_profile const& p) { return in_words(p.idle); }},
    {"after idling",
     [](session::session_profile const& p) {
         return std::string{p.idle == 0s ? "-" : p.reenter_after_idle ? "authenticate again, go on" : "over"};
     }},
    {"`renewal`", [](session::session_profile const& p) { return in_words(p.renewal); }},
    {"`overlap`",
     [](session::session_profile const& p) { return p.renewal == 0s ? std::string{"-"} : in_words(p.overlap); }},
    {"`touch_every`", [](session::session_profile const& p) { return in_words(p.touch_every); }},
};

} // namespace

int main() {
    say("| |");
    for (auto const& c : columns) say(" "), say(c.name), say(" |");
    say("\n|---|");
    for (std::size_t i = 0; i != std::size(columns); ++i) say("---|");
    for (auto const& profile : session::profiles::all) {
        say("\n| `"), say(profile.name), say("`");
        say(" |");
        for (auto const& c : columns) say(" "), say(c.cell(profile)), say(" |");
    }
    say("\n");
}

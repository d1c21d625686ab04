// SPDX-License-Identifier: BSL-1.0
// Prints docs/reference/lifecycles.md from the transition tables.
#include <signet/dbsc/states.hpp>
#include <signet/device.hpp>
#include <signet/oauth.hpp>
#include <signet/session.hpp>

#include <cstdio>
#include <string_view>

using namespace signet;

namespace {

void say(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// The picture, then every state and event: where it leads, or a dash where it is refused.
template <class S, class E, std::size_t N>
void print(std::string_view title, std::string_view about, transition_table<S, E, N> const& table) {
    say("\n## "), say(title), say("\n\n"), say(about), say("\n\n```mermaid\n");
    write_mermaid(table, say);
    say("```\n\n| |");
    for (std::size_t e = 0; e != enum_count<E>; ++e) say(" "), say(name(static_cast<E>(e))), say(" |");
    say("\n|---|");
    for (std::size_t e = 0; e != enum_count<E>; ++e) say("---|");
    for (std::size_t s = 0; s != enum_count<S>; ++s) {
        say("\n| "), say(name(static_cast<S>(s))), say(" |");
        for (std::size_t e = 0; e != enum_count<E>; ++e) {
            auto const to = table.next(static_cast<S>(s), static_cast<E>(e));
            say(" "), say(to ? name(*to) : "-"), say(" |");
        }
    }
    say("\n\n");
    for (auto const& row : table.rows)
        say("* "), say(name(row.on)), say(" to "), say(name(row.to)), say(": "), say(row.why), say("\n");
}

} // namespace

int main() {
    say("# Lifecycles\n\nEach is one constexpr table in the code. This page is printed from the tables by `./dev docs`; a test compares.\n"
        "A dash is a refusal: nothing changes, and the caller is told why.\n");
    print("Device", "`device/device.hpp`: [rules](rules.md) E9 to E14.", device::device_lifecycle);
    print("Family of refresh tokens", "`oauth/refresh_family.hpp`: RFC 9700 4.14.2.", oauth::family_lifecycle);
    print("Device session", "`device/device_session.hpp`: [rules](rules.md) A1 to A14.",
          device::device_session_lifecycle);
    print(
        "Login session",
        "`session/states.hpp`: [rules](rules.md) C1 to C12, D4, D9; at an identity provider and in an application alike.",
        session::session_lifecycle);
    print("Device bound session", "`dbsc/states.hpp`: DBSC, as Chromium and the draft have it.", dbsc::lifecycle);
}

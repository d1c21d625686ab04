// What docs/guide/core.md shows.
#include <signet/core.hpp>
#include <signet/format.hpp>

#include <doctest/doctest.h>

#include <charconv>
#include <sstream>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

// [result]
result<int> parse_port(std::string_view text) {
    int port = 0;
    auto const end = text.data() + text.size();
    auto const [stopped, bad] = std::from_chars(text.data(), end, port);
    if (bad != std::errc{} || stopped != end)
        return error{errc::out_of_range, static_cast<std::size_t>(stopped - text.data())};
    if (port < 1 || port > 65'535) return errc::out_of_range;
    return port;
}

std::string describe(std::string_view text) {
    auto port = parse_port(text);
    if (!port) return std::string{port.error().name()} + " at " + std::to_string(port.error().at);
    return "port " + std::to_string(*port);
}
// [/result]

// [table]
enum class door_state : std::uint8_t { closed, open, locked };
enum class door_event : std::uint8_t { pull, push, turn };
// An enumerator without a name does not compile.
constexpr auto state_names = make_enum_names<door_state>(
    {{door_state::closed, "closed"}, {door_state::open, "open"}, {door_state::locked, "locked"}});
constexpr auto event_names =
    make_enum_names<door_event>({{door_event::pull, "pull"}, {door_event::push, "push"}, {door_event::turn, "turn"}});
constexpr std::string_view name(door_state s) { return state_names[s]; }
constexpr std::string_view name(door_event e) { return event_names[e]; }

// Two rows for one state and event, or a state that nothing leads to, do not compile.
constexpr auto door = make_transition_table<door_state, door_event>(
    door_state::closed, {{door_state::closed, door_event::pull, door_state::open, "nobody locked it"},
                         {door_state::open, door_event::push, door_state::closed, ""},
                         {door_state::closed, door_event::turn, door_state::locked, "with a key"},
                         {door_state::locked, door_event::turn, door_state::closed, "with the same key"}});
static_assert(!door.next(door_state::locked, door_event::pull));
static_assert(door.entered_only_by(door_state::locked, {door_event::turn}));
// [/table]

} // namespace

TEST_CASE("the guide: a result is a value or a reason") {
    CHECK(describe("443") == "port 443");
    CHECK(describe("44x") == "out_of_range at 2");
    CHECK(describe("70000") == "out_of_range at 0");
}

TEST_CASE("the guide: output and secrets") {
    // [output]
    std::array<char, 16> buffer;
    output out{buffer};
    out.append("sid=");
    out.append("a value that is too long");
    auto const text = out.finish(); // errc::buffer_too_small, once, and nothing was written behind the buffer's end
    // [/output]
    REQUIRE(!text);
    CHECK(text.error() == errc::buffer_too_small);

    // [secret]
    secret const key = secret::copy_of(as_bytes("from the key store"));       // wiped when it goes
    bool const same = key == secret::copy_of(as_bytes("from the key store")); // in constant time
    auto const octets = key.reveal().size();                                  // the one way to its octets
    // [/secret]
    CHECK(same);
    CHECK(octets == 18);
}

TEST_CASE("the guide: errors and times in a log") {
    std::ostringstream out;
    auto const port = parse_port("80x");
    unix_time const now{1'763'707'205s};
    // [log]
    if (!port) out << to_text(now) << " no port: " << port.error() << '\n'; // and no secret is ever in it
    // [/log]
    CHECK(out.str() == "2025-11-21T06:40:05Z no port: out_of_range at 2\n");
}

#include <signet/core/transition_table.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;

namespace {

enum class door : std::uint8_t { open, shut, walled_up };
enum class hand : std::uint8_t { push, pull, brick };

constexpr auto door_names =
    make_enum_names<door>({{door::open, "open"}, {door::shut, "shut"}, {door::walled_up, "walled up"}});
constexpr std::string_view name(door d) { return door_names[d]; }
constexpr auto hand_names = make_enum_names<hand>({{hand::push, "push"}, {hand::pull, "pull"}, {hand::brick, "brick"}});
constexpr std::string_view name(hand h) { return hand_names[h]; }

constexpr auto lifetime = make_transition_table<door, hand>(
    door::open, {
                    {door::open, hand::push, door::shut, "it swings"},
                    {door::shut, hand::pull, door::open, "it swings back"},
                    {{door::open, door::shut}, hand::brick, door::walled_up, "for good"},
                });

static_assert(enum_count<door> == 3 && enum_count<hand> == 3);
static_assert(lifetime.terminal(door::walled_up) && !lifetime.terminal(door::shut));
static_assert(lifetime.entered_only_by(door::walled_up, hand::brick) &&
              !lifetime.entered_only_by(door::shut, hand::brick));

} // namespace

TEST_CASE("DESIGN principle 7: a pair that no row names is refused, every other leads where its row says") {
    std::size_t led = 0, refused = 0;
    lifetime.each_pair([&](door s, hand e) { ++(lifetime.next(s, e) ? led : refused); });
    CHECK(led == 4);
    CHECK(refused == 5);
    CHECK(lifetime.next(door::shut, hand::pull) == door::open);
    CHECK(!lifetime.next(door::walled_up, hand::pull));
}

TEST_CASE("transition table: two rows for one pair are found") {
    constexpr transition_table<door, hand, 2> twice{
        door::open, {{{door::open, hand::push, door::shut, ""}, {door::open, hand::push, door::open, ""}}}};
    static_assert(!twice.deterministic());
    CHECK(twice.reachable_from(door::open).contains(door::shut));
}

TEST_CASE("transition table: the picture is drawn from the rows") {
    std::string text;
    write_mermaid(lifetime, [&](std::string_view piece) { text += piece; });
    CHECK(text == "stateDiagram-v2\n"
                  "    [*] --> open\n"
                  "    open --> shut: push\n"
                  "    shut --> open: pull\n"
                  "    open --> walled_up: brick\n"
                  "    shut --> walled_up: brick\n"
                  "    walled_up --> [*]\n");
}

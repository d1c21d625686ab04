#include <signet/core/enum_names.hpp>
#include <signet/oauth/refresh_family.hpp>
#include <signet/session/states.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;

namespace {

enum class fruit : std::uint8_t { apple, pear2, quince };
constexpr auto fruit_names = make_enum_names<fruit>({
    {fruit::apple, "apple"},
    {fruit::pear2, "the second pear"},
    {fruit::quince, "quince"},
});
static_assert(fruit_names[fruit::pear2] == "the second pear");

// What the table relies on: the compiler tells an enumerator from a number, whatever its name ends in.
static_assert(detail::is_enumerator<fruit::apple>() && detail::is_enumerator<fruit::pear2>());
static_assert(!detail::is_enumerator<static_cast<fruit>(3)>() && !detail::is_enumerator<static_cast<fruit>(255)>());
static_assert(detail::is_count_of<fruit, 3> && !detail::is_count_of<fruit, 2> && !detail::is_count_of<fruit, 4>);
enum class empty : std::int16_t {};
static_assert(!detail::is_enumerator<static_cast<empty>(-7)>());

} // namespace

TEST_CASE("enum names: every enumerator has its name, and a value that is none has none") {
    CHECK(fruit_names[fruit::apple] == "apple");
    CHECK(fruit_names[fruit::quince] == "quince");
    CHECK(fruit_names[static_cast<fruit>(3)].empty());
    CHECK(fruit_names[static_cast<fruit>(255)].empty());
}

TEST_CASE("enum names: found from outside its namespace, by the argument alone") {
    CHECK(name(session::end_reason::logged_out) == "logged out");
    CHECK(name(session::session_event::step_up) == "step up");
    CHECK(name(oauth::family_event::retry) == "previous token within the grace");
    CHECK(name(static_cast<session::end_reason>(8)).empty());
}

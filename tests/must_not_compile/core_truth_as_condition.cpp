// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A result of a truth value is no condition where nobody can have looked at its error.
#include <signet/http/target.hpp>

using namespace signet;

bool is_same(std::string_view a, std::string_view b) {
#ifdef CONTROL
    return http::same_target(a, b).value_or(false);
#else
    if (http::same_target(a, b)) return true;
    return false;
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// What nobody verified dies as early as what somebody did.
#include <signet/jose/peek.hpp>

using namespace signet;

std::size_t count(std::string_view text) {
    std::size_t members = 0;
#ifdef CONTROL
    auto const seen = jose::peek(text);
    if (!seen) return 0;
    for (auto const member : seen->unverified_value().header()) members += member.name().size();
#else
    for (auto const member : jose::peek(text)->unverified_value().header()) members += member.name().size();
#endif
    return members;
}

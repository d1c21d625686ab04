// SPDX-License-Identifier: BSL-1.0
// EXPECT: an enumerator has no name: give it a row
#include <signet/core/enum_names.hpp>

using namespace signet;

enum class door {
    open,
    shut,
#ifndef CONTROL
    ajar,
#endif
};

constexpr auto names = make_enum_names<door>({{door::open, "open"}, {door::shut, "shut"}});

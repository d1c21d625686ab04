// SPDX-License-Identifier: BSL-1.0
// EXPECT: the rows are not in the enumeration's order
#include <signet/core/enum_names.hpp>

using namespace signet;

enum class door { open, shut };

#ifdef CONTROL
constexpr auto names = make_enum_names<door>({{door::open, "open"}, {door::shut, "shut"}});
#else
constexpr auto names = make_enum_names<door>({{door::shut, "shut"}, {door::open, "open"}});
#endif

// SPDX-License-Identifier: BSL-1.0
// EXPECT: only_signatures_or_exactly_one_mac
// FIRST LINES
#include <signet/jose/jwk_set.hpp>

using namespace signet;

#ifdef CONTROL
auto keys(std::string_view json) { return jose::key_set<es256, rs256>::parse(json); }
#else
auto keys(std::string_view json) { return jose::key_set<es256, hs256>::parse(json); }
#endif

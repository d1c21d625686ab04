// SPDX-License-Identifier: BSL-1.0
// EXPECT: the RP ID is the host of each origin or a domain above it
#include <signet/webauthn/relying_party.hpp>

using namespace signet;

#ifdef CONTROL
constexpr std::string_view origins[] = {"https://login.shop.example"};
#else
constexpr std::string_view origins[] = {"https://evilshop.example"};
#endif
webauthn::relying_party shop{{.rp_id = "shop.example", .name = "Shop", .origins = origins}};

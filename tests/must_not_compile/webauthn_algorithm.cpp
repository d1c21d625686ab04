// SPDX-License-Identifier: BSL-1.0
// EXPECT: an algorithm is one of jose::cose_algorithms
#include <signet/webauthn/relying_party.hpp>

using namespace signet;

constexpr std::string_view origins[] = {"https://shop.example"};
#ifdef CONTROL
constexpr std::int32_t algorithms[] = {-7, -257};
#else
constexpr std::int32_t algorithms[] = {-7, -48};
#endif
webauthn::relying_party shop{{.rp_id = "shop.example", .name = "Shop", .origins = origins, .algorithms = algorithms}};

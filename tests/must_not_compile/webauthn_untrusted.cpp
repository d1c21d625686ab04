// SPDX-License-Identifier: BSL-1.0
// EXPECT: a trusted attestation needs anchors
#include <signet/crypto/certificate.hpp>
#include <signet/webauthn/relying_party.hpp>

using namespace signet;

result<std::vector<certificate>> anchors(webauthn::aaguid const&, std::string_view);

constexpr std::string_view origins[] = {"https://shop.example"};
#ifdef CONTROL
constexpr webauthn::anchor_source source = anchors;
#else
constexpr webauthn::anchor_source source = nullptr;
#endif
webauthn::relying_party shop{{.rp_id = "shop.example",
                              .name = "Shop",
                              .origins = origins,
                              .attestation = webauthn::attestation_demand::trusted,
                              .anchors = source}};

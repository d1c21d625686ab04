// SPDX-License-Identifier: BSL-1.0
// oidc: the relying party's half of OpenID Connect: logging in at a provider, ID tokens, discovery, logout. Of the
// provider's half, logout tokens.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/oidc/id_token.hpp>
#include <signet/oidc/login.hpp>
#include <signet/oidc/provider.hpp>

// SPDX-License-Identifier: BSL-1.0
// oidc: OpenID Connect. The relying party's half: logging in at a provider, ID tokens, discovery, logout. The
// provider's half: login requests, codes, ends of sessions, discovery, logout tokens.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/oidc/authorization_code.hpp>
#include <signet/oidc/id_token.hpp>
#include <signet/oidc/login.hpp>
#include <signet/oidc/provider.hpp>

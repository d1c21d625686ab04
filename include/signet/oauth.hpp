// SPDX-License-Identifier: BSL-1.0
// oauth: refresh tokens with their families, and the issuer of a login's tokens.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/oauth/refresh.hpp>
#include <signet/oauth/refresh_family.hpp>
#include <signet/oauth/token_issuer.hpp>

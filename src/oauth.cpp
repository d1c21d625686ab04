// SPDX-License-Identifier: BSL-1.0
#include <signet/oauth/src.hpp>
#include <signet/oidc/src.hpp>

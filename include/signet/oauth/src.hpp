// SPDX-License-Identifier: BSL-1.0
// The bodies of oauth, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/oauth/impl/refresh.ipp>
#include <signet/oauth/impl/token_issuer.ipp>

// SPDX-License-Identifier: BSL-1.0
// The bodies of oidc, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/oidc/impl/authorization_code.ipp>
#include <signet/oidc/impl/id_token.ipp>
#include <signet/oidc/impl/login.ipp>
#include <signet/oidc/impl/provider.ipp>

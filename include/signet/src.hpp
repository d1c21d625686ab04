// SPDX-License-Identifier: BSL-1.0
// Separate compilation: a program whose every translation unit defines SIGNET_SEPARATE_COMPILATION includes this in
// exactly one .cpp, or each of the parts below in exactly one, so that they compile side by side.
#pragma once

#ifndef SIGNET_SEPARATE_COMPILATION
#    error "define SIGNET_SEPARATE_COMPILATION for the whole program before including <signet/src.hpp>"
#endif

#include <signet/codec/src.hpp>
#include <signet/core/src.hpp>
#include <signet/crypto/src.hpp>
#include <signet/dbsc/src.hpp>
#include <signet/device/src.hpp>
#include <signet/http/src.hpp>
#include <signet/jose/src.hpp>
#include <signet/jwt/src.hpp>
#include <signet/oauth/src.hpp>
#include <signet/oidc/src.hpp>
#include <signet/proof/src.hpp>
#include <signet/session/src.hpp>
#include <signet/store/src.hpp>
#include <signet/webauthn/src.hpp>

// SPDX-License-Identifier: BSL-1.0
// Everything but the adapters, which are asked for by name: sqlite, redis and postgres in the folder store, openssl in
// crypto.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/codec.hpp>
#include <signet/core.hpp>
#include <signet/crypto.hpp>
#include <signet/dbsc.hpp>
#include <signet/device.hpp>
#include <signet/http.hpp>
#include <signet/jose.hpp>
#include <signet/jwt.hpp>
#include <signet/oauth.hpp>
#include <signet/oidc.hpp>
#include <signet/proof.hpp>
#include <signet/session.hpp>
#include <signet/store.hpp>
#include <signet/webauthn.hpp>

// SPDX-License-Identifier: BSL-1.0
// Everything but what is included by name: most of the folder store (see store.hpp), openssl in crypto, session_summary
// in session, and testing.
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

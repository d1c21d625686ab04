// SPDX-License-Identifier: BSL-1.0
// webauthn: passkeys, the relying party's side (W3C Web Authentication Level 3).
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/webauthn/authenticator_data.hpp>
#include <signet/webauthn/ceremonies.hpp>
#include <signet/webauthn/client_data.hpp>
#include <signet/webauthn/credential.hpp>
#include <signet/webauthn/credentials.hpp>
#include <signet/webauthn/judge.hpp>
#include <signet/webauthn/options.hpp>
#include <signet/webauthn/relying_party.hpp>

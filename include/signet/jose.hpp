// SPDX-License-Identifier: BSL-1.0
// jose: JSON Web Keys and sets, COSE keys, thumbprints, compact JWS, peek.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/jose/cose_key.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/jose/jwk_set.hpp>
#include <signet/jose/jwk_set_writer.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jose/peek.hpp>
#include <signet/jose/thumbprint.hpp>

// SPDX-License-Identifier: BSL-1.0
// crypto: algorithms, keys, signatures, MACs, encryption, digests and randomness on Botan. openssl is included by name.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/crypto/aead.hpp>
#include <signet/crypto/algorithm.hpp>
#include <signet/crypto/certificate.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/ecdsa_der.hpp>
#include <signet/crypto/key.hpp>
#include <signet/crypto/key_text.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/crypto/mac_keys.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/crypto/verification_key.hpp>

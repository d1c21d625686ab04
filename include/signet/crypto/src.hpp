// SPDX-License-Identifier: BSL-1.0
// The bodies of crypto, for separate compilation: see <signet/src.hpp>.
#pragma once

#include <signet/crypto/impl/aead.ipp>
#include <signet/crypto/impl/certificate.ipp>
#include <signet/crypto/impl/digest.ipp>
#include <signet/crypto/impl/ecdsa_der.ipp>
#include <signet/crypto/impl/key.ipp>
#include <signet/crypto/impl/key_text.ipp>
#include <signet/crypto/impl/mac.ipp>
#include <signet/crypto/impl/prepared_key.ipp>
#include <signet/crypto/impl/random.ipp>
#include <signet/crypto/impl/signature.ipp>

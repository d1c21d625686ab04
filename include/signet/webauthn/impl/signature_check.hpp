// SPDX-License-Identifier: BSL-1.0
// Signatures as authenticators write them (section 6.5.5): ECDSA in DER, RSA and Ed25519 as they are.
#pragma once

#include <signet/core/result.hpp>
#include <signet/crypto/key.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

/// Verifies one signature of the message. Errors: `webauthn_signature_form`; `webauthn_signature`, also if the key
/// cannot be used with that algorithm.
SIGNET_DECL result<void> check_signature(public_key const& key, alg a, bytes_view message, bytes_view signature);

}}}} // namespace signet::webauthn::detail

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/signature_check.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/impl/signature_check.hpp>

#include <signet/crypto/ecdsa_der.hpp>
#include <signet/crypto/impl/ed25519_form.hpp>
#include <signet/crypto/prepared_key.hpp>

#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

SIGNET_DECL result<void> check_signature(public_key const& key, alg a, bytes_view message, bytes_view signature) {
    if (!key.supports(a)) return errc::webauthn_signature;
    std::array<std::uint8_t, crypto::max_ecdsa_size> raw;
    if (key.type() == key_type::ec) {
        auto const size = crypto::ecdsa_from_der(signature, key.crv(), raw);
        if (!size) return errc::webauthn_signature_form;
        signature = std::span{raw}.first(*size);
    }
    if (signature.size() != key.signature_size()) return errc::webauthn_signature_form;
    if (key.type() == key_type::okp && !crypto::detail::ed25519_s_is_canonical(signature))
        return errc::webauthn_signature_form;
    if (!crypto::detail::verify_once(key, a, message, signature)) return errc::webauthn_signature;
    return {};
}

}}}} // namespace signet::webauthn::detail

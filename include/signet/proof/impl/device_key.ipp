// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/device_key.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/base64_alphabet.hpp>
#include <signet/jose/thumbprint.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

SIGNET_DECL result<device_key> device_key::from_key(public_key key) {
    for (alg a : {alg::es256, alg::ed25519, alg::ps256})
        if (key.supports(a)) return from_key(std::move(key), a);
    return errc::unsupported_key;
}

SIGNET_DECL result<device_key> device_key::from_key(public_key key, alg registered) {
    if (!pinnable_algorithms.contains(registered)) return errc::algorithm_not_allowed;
    if (!key.supports(registered)) return errc::unsupported_key;
    if (key.type() == key_type::rsa && key.bits() > limits_for_keys_in_messages.max_rsa_bits) return errc::weak_key;
    return device_key{std::move(key), registered};
}

SIGNET_DECL result<device_key> device_key::from_jwk(std::string_view json) {
    auto jwk = jose::parse_public_jwk(json, limits_for_keys_in_messages);
    if (!jwk) return jwk.error();
    auto key = from_key(std::move(jwk->key));
    if (!key) return key;
    if (auto allowed = jwk->attributes.permits(jose::key_operation::verify, key->algorithm_); !allowed)
        return allowed.error();
    return key;
}

SIGNET_DECL result<device_key> device_key::from_base64(std::string_view spki) {
    if (spki.size() > max_key_octets) return errc::bad_key;
    auto const der = codec::base64url_decode(codec::detail::base64_as_base64url(spki));
    if (!der) return der.error();
    auto key = public_key::from_der(*der, limits_for_keys_in_messages);
    if (!key) return key.error();
    return from_key(*std::move(key));
}

SIGNET_DECL crypto::sha256_digest device_key::thumbprint() const { return jose::thumbprint_digest(key_); }

}}} // namespace signet::proof

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>
#include <signet/jose/impl/jwk.ipp>
#include <signet/jose/thumbprint.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

SIGNET_DECL crypto::sha256_digest thumbprint_digest(public_key const& key) {
    // RFC 7638 3.2 and 3.3, RFC 8037 section 2, RFC 9964 section 6: the required members in lexicographic order. No
    // value needs an escape.
    std::string text;
    output out{text};
    if (key.type() == key_type::rsa) {
        out.append(R"({"e":")");
        codec::base64url_encode(key.e(), out);
        out.append(R"(","kty":"RSA","n":")");
        codec::base64url_encode(key.n(), out);
    } else if (key.type() == key_type::akp) {
        out.append(R"({"alg":")");
        out.append(traits(signet::detail::ml_dsa_of(key.pub().size())).name);
        out.append(R"(","kty":"AKP","pub":")");
        codec::base64url_encode(key.pub(), out);
    } else {
        out.append(R"({"crv":")");
        out.append(detail::curve_name(key.crv()));
        out.append(key.type() == key_type::ec ? R"(","kty":"EC","x":")" : R"(","kty":"OKP","x":")");
        codec::base64url_encode(key.x(), out);
        if (key.type() == key_type::ec) {
            out.append(R"(","y":")");
            codec::base64url_encode(key.y(), out);
        }
    }
    out.append(R"("})");
    return crypto::sha256(as_bytes(text));
}

SIGNET_DECL std::string thumbprint(public_key const& key) { return codec::base64url_encode(thumbprint_digest(key)); }

SIGNET_DECL std::string thumbprint_uri(public_key const& key) {
    std::string uri{thumbprint_uri_prefix};
    output out{uri};
    codec::base64url_encode(thumbprint_digest(key), out);
    return uri;
}

SIGNET_DECL crypto::sha256_digest thumbprint_digest_of_secret(bytes_view octets) {
    bytes buffer(32 + codec::base64url_encoded_size(octets.size()));
    output out{{reinterpret_cast<char*>(buffer.data()), buffer.size()}};
    out.append(R"({"k":")");
    codec::base64url_encode_secret(octets, out);
    out.append(R"(","kty":"oct"})");
    auto const digest = crypto::sha256(bytes_view{buffer}.first(out.size()));
    wipe(buffer);
    return digest;
}

SIGNET_DECL std::string thumbprint_of_secret(bytes_view octets) {
    return codec::base64url_encode(thumbprint_digest_of_secret(octets));
}

}}} // namespace signet::jose

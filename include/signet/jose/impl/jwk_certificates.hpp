// SPDX-License-Identifier: BSL-1.0
// The certificates of a JWK (RFC 7517 sections 4.7 and 4.9): read, compared with the key, written.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/base64_alphabet.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/jose/impl/jwk_members.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#ifndef SIGNET_JOSE_IMPL_JWK_CERTIFICATES_HPP
#    define SIGNET_JOSE_IMPL_JWK_CERTIFICATES_HPP

namespace signet { inline namespace SIGNET_ABI { namespace jose { namespace detail {

/// Decodes base64 with its padding (RFC 4648 section 4), strictly: one spelling for each octet string.
inline result<bytes> decode_padded_base64(std::string_view text) {
    if (text.size() % 4 != 0) return errc::invalid_base64_length;
    if (text.find_first_of("-_") != text.npos) return errc::invalid_base64_character;
    return codec::base64url_decode(codec::detail::base64_as_base64url(text));
}

inline std::string encode_padded_base64(bytes_view octets) {
    auto text = codec::base64url_encode(octets);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

/// Reads the chain, and compares its first key with that of the JWK.
inline result<std::vector<bytes>> read_x5c(codec::json_value chain, public_key const* key, key_limits const& limits) {
    constexpr auto x5c = field_name::x5c;
    if (!chain.is_array()) return error{errc::json_wrong_type, x5c};
    if (chain.size() == 0) return error{errc::bad_certificate, x5c};
    if (chain.size() > max_jwk_certificates) return error{errc::json_too_many_members, x5c};
    std::vector<bytes> certificates;
    for (auto const element : chain) {
        auto const text = element.as_string();
        if (!text) return error{text.error().code, x5c};
        if (text->size() > max_jwk_certificate_size / 3 * 4) return error{errc::bad_certificate, x5c};
        auto der = decode_padded_base64(*text);
        if (!der) return error{der.error().code, x5c};
        if (certificates.empty()) {
            std::string const pem =
                "-----BEGIN CERTIFICATE-----\n" + std::string{*text} + "\n-----END CERTIFICATE-----\n";
            auto const certified = public_key::from_pem(pem, limits);
            if (!certified) return error{errc::bad_certificate, x5c};
            if (!key || !(*certified == *key)) return error{errc::key_mismatch, x5c};
        }
        certificates.push_back(*std::move(der));
    }
    return certificates;
}

/// Reads `x5c` and `x5t#S256` into the attributes of a JWK whose key was read. Where they contradict the key or each
/// other, the JWK is refused.
inline result<void> read_certificates(codec::json_value object, key_limits const& limits, any_jwk& out) {
    auto const chain = object.find("x5c");
    if (chain) {
        auto const* const key = out.public_part    ? &*out.public_part
                                : out.private_part ? &out.private_part->public_part()
                                                   : nullptr;
        auto certificates = read_x5c(*chain, key, limits);
        if (!certificates) return certificates.error();
        out.attributes.x5c = *std::move(certificates);
    }
    auto digest = optional_text(object, "x5t#S256");
    if (!digest) return digest.error();
    if (!*digest) return {};
    auto const octets = codec::base64url_decode(**digest);
    if (!octets) return error{octets.error().code, field_name::x5t_s256};
    if (octets->size() != crypto::sha256_digest{}.size()) return error{errc::bad_key, field_name::x5t_s256};
    if (chain && !std::ranges::equal(*octets, crypto::sha256(out.attributes.x5c.front())))
        return error{errc::key_mismatch, field_name::x5t_s256};
    out.attributes.x5t_s256 = *std::move(digest);
    return {};
}

inline void write_certificates(codec::json_writer& json, jwk_attributes const& attributes) {
    if (!attributes.x5c.empty()) {
        json.name("x5c").begin_array();
        for (auto const& der : attributes.x5c) json.string(encode_padded_base64(der));
        json.end_array();
    }
    if (attributes.x5t_s256) json.member("x5t#S256", *attributes.x5t_s256);
}

}}}} // namespace signet::jose::detail

#endif

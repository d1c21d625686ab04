// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/proof_token.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/jose/impl/jwk_members.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/jose/jws.hpp>

#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {

inline result<std::string> sign_proof(private_key const& key, alg a, std::string_view challenge,
                                      std::optional<std::string_view> authorization, bool with_key) {
    std::string payload;
    output to_payload{payload};
    codec::json_writer json{to_payload};
    json.begin_object();
    if (authorization) json.member("authorization", *authorization);
    json.member("jti", challenge).end_object();
    if (auto done = json.finish(); !done) return done.error();

    jose::header_params header;
    header.typ = proof_type;
    if (with_key) header.jwk = &key.public_part();
    std::string token;
    output out{token};
    if (auto done = jose::jws_sign(key, a, as_bytes(payload), header, out); !done) return done.error();
    return token;
}

SIGNET_DECL result<shown_proof> read_proof(std::string_view token) {
    auto const parts = jose::split_compact(token, max_proof_size);
    if (!parts) return parts.error();

    std::vector<char> text(codec::base64url_decoded_size(parts->header.size()) + 1);
    std::vector<codec::json_node> nodes(jose::max_header_nodes(text.size()));
    auto const header = jose::read_header(parts->header, text, nodes);
    if (!header) return header.error();
    if (header->typ != proof_type) return error{errc::wrong_dbsc_proof_type, field_name::typ};

    shown_proof shown;
    shown.algorithm = header->algorithm;
    if (header->jwk.is_object()) {
        auto const jwk = jose::detail::parse_message_jwk(header->jwk);
        if (!jwk) return jwk.error();
        if (auto allowed = jwk->attributes.permits(jose::key_operation::verify, shown.algorithm); !allowed)
            return allowed.error();
        shown.key = jwk->key;
    }

    auto const payload = codec::base64url_decode(parts->payload);
    if (!payload) return payload.error();
    auto const document = codec::json_document::parse(as_text(*payload));
    if (!document) return document.error();
    auto const jti = document->root().find("jti");
    if (!jti || !jti->is_string()) return error{errc::malformed_dbsc_proof, field_name::jti};
    shown.challenge = *jti->as_string();
    if (auto const value = document->root().find("authorization")) {
        auto const said = value->as_string();
        if (!said) return error{errc::malformed_dbsc_proof, field_name::authorization};
        shown.authorization = std::string{*said};
    }

    auto signature = codec::base64url_decode(parts->signature);
    if (!signature) return signature.error();
    shown.signature = *std::move(signature);
    shown.signing_input = parts->signing_input;
    return shown;
}

} // namespace detail

SIGNET_DECL result<std::string> sign_registration(private_key const& key, alg a, std::string_view challenge,
                                                  std::optional<std::string_view> authorization) {
    return detail::sign_proof(key, a, challenge, authorization, true);
}

SIGNET_DECL result<std::string> sign_refresh(private_key const& key, alg a, std::string_view challenge) {
    return detail::sign_proof(key, a, challenge, {}, false);
}

}}} // namespace signet::dbsc

// The keys of messages: what reads coordinates and verifies by signet's own arithmetic, held against a JWK's import and
// Botan.
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/jose/jws.hpp>
#include <signet/proof/impl/message_key.hpp>

/// Whether both judge the key in this JWS's header, and its signature, alike. True also where there is no such key.
inline bool key_is_judged_alike(std::string_view jws) {
    using namespace signet;
    auto const parts = jose::split_compact(jws, 8192);
    auto const text = parts ? codec::base64url_decode(parts->header) : result<bytes>{errc::bad_key};
    if (!text) return true;
    auto const header = codec::json_document::parse(as_text(*text));
    if (!header) return true;
    auto const jwk = header->root().find("jwk"), name = header->root().find("alg");
    auto const a = name ? find_algorithm(name->as_string().value_or(std::string_view{})) : std::nullopt;
    if (!jwk || !jwk->is_object() || (a != alg::es256 && a != alg::ed25519)) return true;

    auto const own = proof::detail::message_key::read(*jwk, *a, nullptr);
    auto const imported = jose::detail::parse_message_jwk(*jwk);
    bool const good = !jose::detail::has_private_member(*jwk) && imported &&
                      imported->attributes.permits(jose::key_operation::verify, *a) && imported->key.supports(*a);
    if (own.has_value() != good) return false;
    if (!good) return true;
    auto const signature = codec::base64url_decode(parts->signature);
    auto const message = as_bytes(parts->signing_input);
    return own->thumbprint() == jose::thumbprint_digest(imported->key) &&
           (!signature || own->verify(message, *signature) ==
                              crypto::detail::verify_by_botan(imported->key, *a, message, *signature));
}

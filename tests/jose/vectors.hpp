// Published vectors from tests/vectors, and small helpers to make JOSE texts.
#pragma once

#include <signet/codec.hpp>
#include <signet/crypto.hpp>
#include <signet/jose.hpp>

#include <doctest/doctest.h>

#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>

inline std::string read_vectors(std::string const& name) {
    std::ifstream file(std::string{SIGNET_TEST_DATA} + "/vectors/" + name, std::ios::binary);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

inline signet::codec::json_document load_vectors(std::string const& name) {
    auto document = signet::codec::json_document::parse(read_vectors(name));
    REQUIRE(document.has_value());
    return *std::move(document);
}

/// The member at that path; a value, so that a loop over it does not look into a result that is gone.
inline signet::codec::json_value at(signet::codec::json_document const& document,
                                    std::initializer_list<std::string_view> path) {
    auto value = document.root();
    for (auto const name : path) {
        auto const next = value.find(name);
        REQUIRE(next.has_value());
        value = *next;
    }
    return value;
}

/// A part of a document as JSON text of its own.
inline std::string text_of(signet::codec::json_value value) {
    std::string text;
    signet::output out{text};
    signet::codec::json_writer json{out};
    json.value(value);
    REQUIRE(json.finish().has_value());
    return text;
}

inline std::string member(signet::codec::json_value object, std::string_view name) {
    auto const value = object.find(name);
    return value ? std::string{*value->as_string()} : std::string{};
}

inline std::string b64(std::string_view text) { return signet::codec::base64url_encode(signet::as_bytes(text)); }

/// A token with any header and payload, signed with HS256, so that what is judged is the header and not the signature.
inline std::string token_with(std::string_view header, std::string_view payload, signet::mac_key const& key) {
    auto token = b64(header) + "." + b64(payload);
    auto mac = signet::crypto::hmac::make(key);
    mac.update(signet::as_bytes(token));
    signet::bytes tag(mac.size());
    mac.finish(tag);
    return token + "." + signet::codec::base64url_encode(tag);
}

inline signet::mac_key test_mac_key() {
    return *signet::mac_key::from_secret(signet::secret{signet::bytes(32, 7)}, signet::alg::hs256);
}

// SPDX-License-Identifier: BSL-1.0
// Writes DER, and certificates in it, also such as no authority would make.
#pragma once

#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace der {

using signet::bytes;
using signet::bytes_view;

inline bytes joined(std::initializer_list<bytes> parts) {
    bytes all;
    for (auto const& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}
inline bytes element(unsigned tag, bytes const& content) {
    bytes out{static_cast<std::uint8_t>(tag)};
    auto const size = content.size();
    if (size >= 0x10000) out.insert(out.end(), {0x83, static_cast<std::uint8_t>(size >> 16)});
    else if (size >= 0x100) out.push_back(0x82);
    else if (size >= 0x80) out.push_back(0x81);
    if (size >= 0x100) out.push_back(static_cast<std::uint8_t>(size >> 8));
    out.push_back(static_cast<std::uint8_t>(size));
    out.insert(out.end(), content.begin(), content.end());
    return out;
}
inline bytes sequence(std::initializer_list<bytes> parts) { return element(0x30, joined(parts)); }
inline bytes set(std::initializer_list<bytes> parts) { return element(0x31, joined(parts)); }
inline bytes octet_string(bytes const& content) { return element(0x04, content); }
inline bytes bit_string(bytes const& content, std::uint8_t unused = 0) {
    return element(0x03, joined({{unused}, content}));
}
inline bytes boolean(bool value) { return {0x01, 0x01, static_cast<std::uint8_t>(value ? 0xff : 0)}; }
inline bytes null() { return {0x05, 0x00}; }
/// A non-negative integer of big-endian octets.
inline bytes integer(bytes_view magnitude) {
    while (magnitude.size() > 1 && magnitude[0] == 0) magnitude = magnitude.subspan(1);
    bytes content(magnitude.begin(), magnitude.end());
    if (content.empty() || content[0] >= 0x80) content.insert(content.begin(), 0);
    return element(0x02, content);
}
inline bytes integer(std::uint8_t value) { return integer(bytes_view{&value, 1}); }
inline bytes text(std::string_view content, unsigned tag = 0x0c) { // UTF8String
    return element(tag, bytes(content.begin(), content.end()));
}
inline bytes oid(std::string_view dotted) {
    std::vector<std::uint64_t> parts{0};
    for (auto const c : dotted)
        if (c == '.') parts.push_back(0);
        else parts.back() = parts.back() * 10 + static_cast<std::uint64_t>(c - '0');
    parts[1] += 40 * parts[0];
    bytes content;
    for (std::size_t i = 1; i != parts.size(); ++i) {
        bytes part;
        for (auto rest = parts[i]; part.empty() || rest != 0; rest >>= 7)
            part.insert(part.begin(), static_cast<std::uint8_t>((rest & 0x7f) | (part.empty() ? 0 : 0x80)));
        content.insert(content.end(), part.begin(), part.end());
    }
    return element(0x06, content);
}

/// An ECDSA signature, of r followed by s.
inline bytes ecdsa(bytes_view signature) {
    auto const half = signature.size() / 2;
    return sequence({integer(signature.first(half)), integer(signature.subspan(half))});
}

/// A name with one attribute in each set; `type` is the last part of 2.5.4.
struct attribute {
    std::uint8_t type;
    std::string_view value;
    unsigned tag = 0x0c;
};
inline bytes name(std::vector<attribute> const& attributes) {
    bytes sets;
    for (auto const& a : attributes)
        sets = joined({sets, set({sequence({element(0x06, {0x55, 0x04, a.type}), text(a.value, a.tag)})})});
    return element(0x30, sets);
}
inline bytes common_name(std::string_view value) { return name({{3, value}}); }

inline bytes extension(std::string_view id, bytes const& value, bool critical = false) {
    return critical ? sequence({oid(id), boolean(true), octet_string(value)})
                    : sequence({oid(id), octet_string(value)});
}
inline bytes basic_constraints(bool ca, std::optional<std::uint8_t> path_length = {}) {
    auto const length = path_length ? integer(*path_length) : bytes{};
    return extension("2.5.29.19", ca ? sequence({boolean(true), length}) : sequence({length}), true);
}
/// Key usage of one octet: 0x04 is keyCertSign, 0x80 digitalSignature.
inline bytes key_usage(std::uint8_t bits, std::uint8_t unused = 0) {
    return extension("2.5.29.15", bit_string({bits}, unused), true);
}

/// The AlgorithmIdentifier of a signature in a certificate.
inline bytes signature_algorithm(signet::alg a) {
    using signet::alg;
    switch (a) {
    case alg::rs256: return sequence({oid("1.2.840.113549.1.1.11"), null()});
    case alg::rs384: return sequence({oid("1.2.840.113549.1.1.12"), null()});
    case alg::rs512: return sequence({oid("1.2.840.113549.1.1.13"), null()});
    case alg::es384: return sequence({oid("1.2.840.10045.4.3.3")});
    case alg::es512: return sequence({oid("1.2.840.10045.4.3.4")});
    case alg::ed25519: return sequence({oid("1.3.101.112")});
    default: return sequence({oid("1.2.840.10045.4.3.2")}); // ECDSA with SHA-256
    }
}

/// What is in a certificate. Each part is DER that a test may replace by something else.
struct certificate_parts {
    bytes version = element(0xa0, integer(std::uint8_t{2}));
    bytes serial = integer(std::uint8_t{1});
    bytes algorithm{}; ///< that of the issuer's key, if empty
    bytes issuer = common_name("issuer");
    bytes validity = sequence({text("200101000000Z", 0x17), text("491231235959Z", 0x17)});
    bytes subject = common_name("subject");
    bytes key{}; ///< SubjectPublicKeyInfo
    std::vector<bytes> extensions{};
    bytes behind{}; ///< what stands behind the extensions

    bytes tbs() const {
        bytes list;
        for (auto const& one : extensions) list = joined({list, one});
        return sequence({version, serial, algorithm, issuer, validity, subject, key,
                         list.empty() ? bytes{} : element(0xa3, element(0x30, list)), behind});
    }
};

/// Signs the parts. `used` is the algorithm of JOSE of the same hash; `issuer` has a key for it.
inline bytes make_certificate(certificate_parts parts, signet::private_key const& issuer, signet::alg used) {
    if (parts.algorithm.empty()) parts.algorithm = signature_algorithm(used);
    auto const tbs = parts.tbs();
    auto signature = signet::crypto::sign(issuer, used, tbs);
    REQUIRE(signature.has_value());
    if (issuer.type() == signet::key_type::ec) *signature = ecdsa(*signature);
    return sequence({tbs, parts.algorithm, bit_string(*signature)});
}

} // namespace der

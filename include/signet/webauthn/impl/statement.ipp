// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/impl/statement.hpp>

#include <signet/webauthn/impl/android_key.hpp>
#include <signet/webauthn/impl/signature_check.hpp>

#include <algorithm>
#include <limits>
#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

inline constexpr std::string_view aaguid_extension = "1.3.6.1.4.1.45724.1.1.4"; // id-fido-gen-ce-aaguid
inline constexpr std::string_view basic_constraints = "2.5.29.19";
inline constexpr std::string_view apple_extension = "1.2.840.113635.100.8.2";
inline constexpr std::string_view android_extension = "1.3.6.1.4.1.11129.2.1.17";

/// The members of a statement, of their types. No format has others.
struct statement_members {
    std::optional<std::int32_t> algorithm{};
    std::optional<bytes_view> signature{};
    std::optional<codec::cbor_value> certificates{};
};

inline result<statement_members> read_members(codec::cbor_value statement) noexcept {
    statement_members members;
    for (auto const [key, value] : statement.members()) {
        auto const name = key.as_text();
        if (!name) return errc::webauthn_attestation;
        if (*name == "alg") {
            auto const number = value.as_int64();
            if (!number || *number < std::numeric_limits<std::int32_t>::min() ||
                *number > std::numeric_limits<std::int32_t>::max())
                return errc::webauthn_attestation;
            members.algorithm = static_cast<std::int32_t>(*number);
        } else if (*name == "sig") {
            auto const octets = value.as_bytes();
            if (!octets) return errc::webauthn_attestation;
            members.signature = *octets;
        } else if (*name == "x5c" && value.is_array()) {
            members.certificates = value;
        } else {
            return errc::webauthn_attestation;
        }
    }
    return members;
}

inline result<std::vector<certificate>> read_path(std::optional<codec::cbor_value> const& list) {
    if (!list || list->size() == 0 || list->size() > max_certificate_path) return errc::webauthn_attestation;
    std::vector<certificate> path;
    for (auto const element : *list) {
        auto const der = element.as_bytes();
        if (!der) return errc::webauthn_attestation;
        auto one = certificate::parse(*der);
        if (!one) return errc::webauthn_attestation;
        path.push_back(*std::move(one));
    }
    return path;
}

/// The authenticator data and the hash of the client data: what most statements sign.
inline bytes signed_octets(statement_subject const& s) {
    bytes octets{s.octets.begin(), s.octets.end()};
    octets.insert(octets.end(), s.client_hash.begin(), s.client_hash.end());
    return octets;
}

/// Whether `key` made the statement's signature with the statement's algorithm.
inline bool has_signed(public_key const& key, statement_members const& members, bytes_view message) {
    if (!members.algorithm || !members.signature) return false;
    auto const a = jose::find_cose_algorithm(*members.algorithm);
    return a && check_signature(key, *a, message, *members.signature).has_value();
}

// ---- none and packed (8.7, 8.2) ------------------------------------------------------------------------------------

inline result<statement_finding> verify_none(statement_subject const& s) {
    if (s.statement.size() != 0) return errc::webauthn_attestation;
    return statement_finding{};
}

/// The requirements on a packed statement's leaf (8.2.1).
inline bool is_packed_leaf(certificate const& leaf, webauthn::aaguid const& model) {
    if (leaf.version() != 3 || leaf.is_ca() || !leaf.extension(basic_constraints)) return false;
    for (auto attribute : {name_attribute::country, name_attribute::organization, name_attribute::common_name}) {
        auto const text = leaf.subject(attribute);
        if (!text || text->empty()) return false;
    }
    if (leaf.subject(name_attribute::organizational_unit) != "Authenticator Attestation") return false;
    auto const extension = leaf.extension(aaguid_extension);
    if (!extension) return true;
    signet::detail::der_reader value{extension->value};
    bytes_view named;
    return !extension->critical && value.read(signet::detail::der_reader::octet_string, named) && value.at_end() &&
           std::ranges::equal(named, model);
}

inline result<statement_finding> verify_packed(statement_subject const& s) {
    auto const members = read_members(s.statement);
    if (!members) return members.error();
    if (!members->certificates) {
        if (members->algorithm != s.key.identifier || !has_signed(s.key.key, *members, signed_octets(s)))
            return errc::webauthn_attestation;
        return statement_finding{.signed_by_key = true};
    }
    auto path = read_path(members->certificates);
    if (!path) return path.error();
    auto const& leaf = path->front();
    if (!has_signed(leaf.key(), *members, signed_octets(s)) || !is_packed_leaf(leaf, s.data.credential->aaguid))
        return errc::webauthn_attestation;
    return statement_finding{.path = *std::move(path)};
}

// ---- fido-u2f (8.6) ------------------------------------------------------------------------------------------------

inline result<statement_finding> verify_fido_u2f(statement_subject const& s) {
    auto const members = read_members(s.statement);
    if (!members) return members.error();
    auto path = read_path(members->certificates);
    if (!path) return path.error();
    auto const& leaf = path->front().key();
    if (path->size() != 1 || members->algorithm || !members->signature || leaf.crv() != curve::p256 ||
        s.key.key.crv() != curve::p256)
        return errc::webauthn_attestation;
    bytes message{0};
    for (bytes_view part : {s.data.rp_id_hash, bytes_view{s.client_hash}, s.data.credential->id})
        message.insert(message.end(), part.begin(), part.end());
    message.push_back(4); // an uncompressed point follows
    for (bytes_view part : {s.key.key.x(), s.key.key.y()}) message.insert(message.end(), part.begin(), part.end());
    if (!check_signature(leaf, alg::es256, message, *members->signature)) return errc::webauthn_attestation;
    return statement_finding{.path = *std::move(path)};
}

// ---- apple (8.8) ---------------------------------------------------------------------------------------------------

inline result<statement_finding> verify_apple(statement_subject const& s) {
    using signet::detail::der_reader;
    auto const members = read_members(s.statement);
    if (!members) return members.error();
    auto path = read_path(members->certificates);
    if (!path) return path.error();
    auto const& leaf = path->front();
    auto const extension = leaf.extension(apple_extension);
    if (members->signature || !extension || leaf.key() != s.key.key) return errc::webauthn_attestation;
    der_reader outer{extension->value}, sequence{{}}, tagged{{}};
    bytes_view nonce;
    if (!outer.open(der_reader::sequence, sequence) || !outer.at_end() ||
        !sequence.open(der_reader::context(1), tagged) || !sequence.at_end() ||
        !tagged.read(der_reader::octet_string, nonce) || !tagged.at_end() ||
        !std::ranges::equal(nonce, crypto::sha256(signed_octets(s))))
        return errc::webauthn_attestation;
    return statement_finding{.path = *std::move(path)};
}

// ---- android-key (8.4) ---------------------------------------------------------------------------------------------

inline result<statement_finding> verify_android_key(statement_subject const& s) {
    auto const members = read_members(s.statement);
    if (!members) return members.error();
    auto path = read_path(members->certificates);
    if (!path) return path.error();
    auto const& leaf = path->front();
    if (leaf.key() != s.key.key || !has_signed(leaf.key(), *members, signed_octets(s)))
        return errc::webauthn_attestation;
    auto const extension = leaf.extension(android_extension);
    auto const description = extension ? read_android_description(extension->value) : std::nullopt;
    if (!description || !std::ranges::equal(description->challenge, s.client_hash) ||
        !is_good_android_key(*description, s.hardware_only))
        return errc::webauthn_attestation;
    return statement_finding{.path = *std::move(path), .signed_by_key = true};
}

inline constexpr statement_format statement_formats[] = {
    {"none", verify_none},   {"packed", verify_packed},           {"fido-u2f", verify_fido_u2f},
    {"apple", verify_apple}, {"android-key", verify_android_key},
};

SIGNET_DECL statement_format const* find_format(std::string_view name) noexcept {
    for (auto const& format : statement_formats)
        if (format.name == name) return &format;
    return nullptr;
}

}}}} // namespace signet::webauthn::detail

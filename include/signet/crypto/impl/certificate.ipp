// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/certificate.hpp>

#include <signet/crypto/ecdsa_der.hpp>
#include <signet/crypto/impl/der.hpp>
#include <signet/crypto/impl/key_encoding.hpp>
#include <signet/crypto/signature.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI {

namespace detail {

// Object identifiers are compared in DER, without tag and length.
inline constexpr std::uint8_t oid_key_usage[] = {0x55, 0x1d, 0x0f};
inline constexpr std::uint8_t oid_subject_alternative_name[] = {0x55, 0x1d, 0x11};
inline constexpr std::uint8_t oid_basic_constraints[] = {0x55, 0x1d, 0x13};
inline constexpr std::uint8_t oid_certificate_policies[] = {0x55, 0x1d, 0x20};
inline constexpr std::uint8_t oid_extended_key_usage[] = {0x55, 0x1d, 0x25};

/// What an issuer signs with. Nothing for an algorithm that is not supported, which is no reason to refuse a
/// certificate that is an anchor.
struct certificate_algorithm {
    key_type type;
    hash_id hash;
};

struct certificate_body {
    struct extension {
        bytes_view oid, value;
        bool critical;
    };

    bytes der; // the views refer to it
    bytes_view tbs, issuer, subject, signature;
    std::optional<certificate_algorithm> algorithm;
    int version = 1;
    unix_time not_before{}, not_after{};
    std::vector<extension> extensions;
    bool is_ca = false, may_sign_certificates = true;
    std::optional<std::size_t> path_length;
    std::optional<public_key> key;

    static certificate_body const& of(certificate const& c) noexcept { return *c.body_; }
    static certificate make(std::shared_ptr<certificate_body const> body) noexcept {
        return certificate{std::move(body)};
    }
    extension const* find(bytes_view oid) const noexcept {
        for (auto const& one : extensions)
            if (same_octets(one.oid, oid)) return &one;
        return nullptr;
    }
};

/// An object identifier in DER (X.690 section 8.19).
struct encoded_oid {
    std::array<std::uint8_t, 64> octets;
    std::size_t size = 0;
    bytes_view view() const noexcept { return {octets.data(), size}; }

    /// Appends a part; false if it does not fit.
    bool append(std::uint32_t part) noexcept {
        std::size_t count = 1;
        for (auto rest = part >> 7; rest != 0; rest >>= 7) ++count;
        if (size + count > octets.size()) return false;
        for (auto i = count; i-- != 0; part >>= 7)
            octets[size + i] = static_cast<std::uint8_t>((part & 0x7f) | (i + 1 == count ? 0 : 0x80));
        size += count;
        return true;
    }
};

/// Of a dotted text; empty for what is none or too long.
inline encoded_oid encode_oid(std::string_view dotted) noexcept {
    encoded_oid oid;
    std::uint64_t first = 0;
    for (std::size_t index = 0;; ++index) {
        auto const end = std::min(dotted.find('.'), dotted.size());
        std::uint64_t part = 0;
        if (end == 0 || end > 10 || (end > 1 && dotted[0] == '0')) return {};
        for (auto const c : dotted.substr(0, end)) {
            if (c < '0' || c > '9') return {};
            part = part * 10 + static_cast<unsigned>(c - '0');
        }
        bool const is_last = end == dotted.size();
        if (index == 0) {
            if (part > 2 || is_last) return {};
            first = part;
        } else {
            if (index == 1 && first < 2 && part > 39) return {};
            if (index == 1) part += 40 * first;
            if (part > UINT32_MAX || !oid.append(static_cast<std::uint32_t>(part))) return {};
        }
        if (is_last) return oid;
        dotted.remove_prefix(end + 1);
    }
}

/// UTCTime or GeneralizedTime as RFC 5280 section 4.1.2.5 restricts them: with seconds, in UTC.
inline bool read_certificate_time(der_reader& at, unix_time& time) noexcept {
    constexpr std::uint8_t utc_time = 0x17, generalized_time = 0x18;
    auto const tag = at.tag();
    auto const year_digits = tag == utc_time ? std::size_t{2} : std::size_t{4};
    bytes_view text;
    if ((tag != utc_time && tag != generalized_time) || !at.read(tag, text) || text.size() != year_digits + 11 ||
        text.back() != 'Z')
        return false;
    for (auto const c : text.first(text.size() - 1))
        if (c < '0' || c > '9') return false;
    auto const pair = [&](std::size_t i) { return unsigned{text[i]} * 10 + text[i + 1] - 11u * '0'; };
    auto year = static_cast<int>(pair(0));
    if (tag == utc_time) year += year >= 50 ? 1900 : 2000;
    else year = year * 100 + static_cast<int>(pair(2));
    auto const rest = [&](std::size_t i) { return pair(year_digits + 2 * i); };
    std::chrono::year_month_day const day{std::chrono::year{year}, std::chrono::month{rest(0)},
                                          std::chrono::day{rest(1)}};
    if (!day.ok() || rest(2) > 23 || rest(3) > 59 || rest(4) > 59) return false;
    time = std::chrono::sys_days{day} + std::chrono::hours{rest(2)} + std::chrono::minutes{rest(3)} +
           std::chrono::seconds{rest(4)};
    return true;
}

/// Calls `f(type, tag, value)` for each attribute of a name, given in DER (RFC 5280 section 4.1.2.4). False if the name
/// is malformed or has more than `max_name_attributes`.
template <class F> bool walk_name(bytes_view name, F const& f) {
    constexpr std::uint8_t set = 0x31;
    der_reader whole{name}, relative_names{{}}, attributes{{}}, attribute{{}};
    if (!whole.open(der_reader::sequence, relative_names) || !whole.at_end()) return false;
    std::size_t count = 0;
    while (!relative_names.at_end()) {
        if (!relative_names.open(set, attributes) || attributes.at_end()) return false;
        while (!attributes.at_end()) {
            bytes_view type, value;
            if (!attributes.open(der_reader::sequence, attribute) || !attribute.read(der_reader::object_id, type))
                return false;
            if (++count > max_name_attributes) return false;
            auto const tag = attribute.tag();
            if (!attribute.read(tag, value) || !attribute.at_end()) return false;
            f(type, tag, value);
        }
    }
    return true;
}

/// A truth value of one octet, 0 or 255 (X.690 sections 8.2 and 11.1). One that has its default value should be left
/// out, but certificates write it.
inline bool read_optional_boolean(der_reader& at, bool& value) noexcept {
    value = false;
    if (at.tag() != der_reader::boolean) return true;
    bytes_view octets;
    if (!at.read(der_reader::boolean, octets) || octets.size() != 1 || (octets[0] != 0 && octets[0] != 0xff))
        return false;
    value = octets[0] != 0;
    return true;
}

/// The algorithm of a signature, of the content of its AlgorithmIdentifier (RFC 4055 section 5, RFC 5758 section 3.2,
/// RFC 8410 section 3). False if it is malformed; `algorithm` stays empty if it is not supported.
inline bool read_certificate_algorithm(der_reader at, std::optional<certificate_algorithm>& algorithm) noexcept {
    constexpr std::uint8_t rsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01};
    constexpr std::uint8_t ecdsa[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03};
    bytes_view oid, parameters;
    if (!at.read(der_reader::object_id, oid) || oid.empty()) return false;
    bool const has_parameters = !at.at_end();
    bool const is_null = has_parameters && at.read(der_reader::null, parameters) && parameters.empty() && at.at_end();
    auto const last = oid.back();
    auto const base = oid.first(oid.size() - 1);
    if (same_octets(oid, oid_ed25519)) {
        if (!has_parameters) algorithm = certificate_algorithm{key_type::okp, hash_id::sha512};
    } else if (same_octets(base, rsa)) {
        if (has_parameters && !is_null) return true;
        if (last == 11) algorithm = certificate_algorithm{key_type::rsa, hash_id::sha256};
        if (last == 12) algorithm = certificate_algorithm{key_type::rsa, hash_id::sha384};
        if (last == 13) algorithm = certificate_algorithm{key_type::rsa, hash_id::sha512};
    } else if (same_octets(base, ecdsa)) {
        if (has_parameters) return true;
        if (last == 2) algorithm = certificate_algorithm{key_type::ec, hash_id::sha256};
        if (last == 3) algorithm = certificate_algorithm{key_type::ec, hash_id::sha384};
        if (last == 4) algorithm = certificate_algorithm{key_type::ec, hash_id::sha512};
    }
    return true;
}

/// The extensions that are evaluated here (RFC 5280 sections 4.2.1.3 and 4.2.1.9).
inline bool read_known_extensions(certificate_body& c) noexcept {
    if (auto const* found = c.find(oid_basic_constraints)) {
        der_reader whole{found->value}, constraints{{}};
        if (!whole.open(der_reader::sequence, constraints) || !whole.at_end() ||
            !read_optional_boolean(constraints, c.is_ca))
            return false;
        if (!constraints.at_end()) {
            std::size_t length = 0;
            if (!constraints.read_small(length) || !constraints.at_end()) return false;
            c.path_length = length;
        }
    }
    if (auto const* found = c.find(oid_key_usage)) {
        der_reader whole{found->value};
        bytes_view bits; // the first octet says how many bits of the last are unused
        if (!whole.read(der_reader::bit_string, bits) || !whole.at_end() || bits.empty() || bits[0] > 7) return false;
        c.may_sign_certificates = bits.size() > 1 && (bits[1] & 0x04) != 0; // keyCertSign, bit 5
    }
    return true;
}

inline bool read_extensions(der_reader& tbs, certificate_body& c) {
    der_reader wrapper{{}}, list{{}}, one{{}};
    if (!tbs.open(der_reader::context(3), wrapper) || !wrapper.open(der_reader::sequence, list) || !wrapper.at_end() ||
        list.at_end())
        return false;
    while (!list.at_end()) {
        certificate_body::extension e{};
        if (c.extensions.size() == max_certificate_extensions || !list.open(der_reader::sequence, one) ||
            !one.read(der_reader::object_id, e.oid) || !read_optional_boolean(one, e.critical) ||
            !one.read(der_reader::octet_string, e.value) || !one.at_end())
            return false;
        if (c.find(e.oid)) return false; // RFC 5280 section 4.2
        c.extensions.push_back(e);
    }
    return read_known_extensions(c);
}

/// TBSCertificate (RFC 5280 section 4.1.2), all but the key, whose octets are put into `key`. `algorithm` is the
/// identifier that stands beside the signature.
inline bool read_tbs(der_reader tbs, bytes_view algorithm, certificate_body& c, bytes_view& key) {
    constexpr std::uint8_t issuer_id = 0x81, subject_id = 0x82;
    constexpr auto seq = der_reader::sequence;
    der_reader version{{}}, validity{{}};
    bytes_view serial, own_algorithm, ignored;
    auto const nothing = [](bytes_view, std::uint8_t, bytes_view) {};
    if (tbs.tag() == der_reader::context(0)) {
        std::size_t number = 0;
        if (!tbs.open(der_reader::context(0), version) || !version.read_small(number) || !version.at_end())
            return false;
        if (number != 1 && number != 2) return false; // version 1 is the default, which is not written
        c.version = static_cast<int>(number) + 1;
    }
    if (!tbs.read(der_reader::integer_tag, serial) || serial.empty()) return false;
    if (!tbs.read_whole(seq, own_algorithm) || !same_octets(own_algorithm, algorithm)) return false;
    if (!tbs.read_whole(seq, c.issuer) || !walk_name(c.issuer, nothing)) return false;
    if (!tbs.open(seq, validity) || !read_certificate_time(validity, c.not_before) ||
        !read_certificate_time(validity, c.not_after) || !validity.at_end())
        return false;
    if (!tbs.read_whole(seq, c.subject) || !walk_name(c.subject, nothing)) return false;
    if (!tbs.read_whole(seq, key)) return false;
    for (auto const tag : {issuer_id, subject_id})
        if (tbs.tag() == tag && (c.version == 1 || !tbs.read(tag, ignored))) return false;
    if (tbs.tag() == der_reader::context(3) && (c.version != 3 || !read_extensions(tbs, c))) return false;
    return tbs.at_end();
}

inline result<certificate> read_certificate(bytes_view der) {
    if (der.size() > max_certificate_octets) return errc::bad_certificate;
    auto body = std::make_shared<certificate_body>();
    auto& c = *body;
    c.der.assign(der.begin(), der.end());
    bytes_view identifier, key;
    der_reader whole{c.der}, parts{{}}, tbs{{}}, algorithm{{}};
    if (!whole.open(der_reader::sequence, parts) || !whole.at_end()) return errc::bad_certificate;
    auto signed_part = parts; // which is read twice: as a whole and what is in it
    if (!parts.read_whole(der_reader::sequence, c.tbs) || !signed_part.open(der_reader::sequence, tbs))
        return errc::bad_certificate;
    auto beside = parts;
    if (!parts.read_whole(der_reader::sequence, identifier) || !beside.open(der_reader::sequence, algorithm) ||
        !parts.read(der_reader::bit_string, c.signature) || !parts.at_end() || c.signature.empty() ||
        c.signature[0] > 7)
        return errc::bad_certificate;
    // Security keys of 2014 say that bits of the signature are unused. Their keys can be used, but no signature is
    // theirs.
    c.signature = c.signature[0] == 0 ? c.signature.subspan(1) : bytes_view{};
    if (!read_certificate_algorithm(algorithm, c.algorithm) || !read_tbs(tbs, identifier, c, key))
        return errc::bad_certificate;
    auto subject_key = public_key::from_der(key, limits_for_keys_in_messages);
    if (!subject_key) return subject_key.error();
    c.key = *std::move(subject_key);
    return certificate_body::make(std::move(body));
}

/// ECDSA with any hash on any curve, which X.509 allows and JOSE does not.
inline bool verify_ecdsa(public_key const& key, hash_id hash, bytes_view message, bytes_view der) {
    std::array<std::uint8_t, crypto::max_ecdsa_size> numbers;
    auto const size = crypto::ecdsa_from_der(der, key.crv(), numbers);
    if (!size) return false;
    try {
        auto const padding = "EMSA1(" + std::string{hash_name(hash)} + ")";
        Botan::PK_Verifier operation{*key_access::body(key).key, padding};
        return operation.verify_message(message.data(), message.size(), numbers.data(), *size);
    } catch (std::exception const&) { return false; }
}

inline bool verify_certificate(public_key const& key, certificate_algorithm used, bytes_view message,
                               bytes_view signature) {
    if (key.type() != used.type) return false;
    if (used.type == key_type::ec) return verify_ecdsa(key, used.hash, message, signature);
    if (used.type == key_type::okp) return crypto::detail::verify_by_botan(key, alg::ed25519, message, signature);
    auto const algorithm = used.hash == hash_id::sha256   ? alg::rs256
                           : used.hash == hash_id::sha384 ? alg::rs384
                                                          : alg::rs512;
    return crypto::detail::verify_by_botan(key, algorithm, message, signature);
}

/// One check of a path.
class path_check {
public:
    path_check(std::span<certificate const> path, std::span<certificate const> anchors, unix_time now) noexcept
        : path_{path}, anchors_{anchors}, now_{now} {}

    result<void> run() {
        if (path_.empty() || path_.size() > max_certificate_path) return errc::untrusted_certificate;
        for (std::size_t i = 0;; ++i) {
            auto const& subject = path_[i];
            if (!subject.valid_at(now_)) return errc::certificate_not_valid;
            if (std::find(anchors_.begin(), anchors_.end(), subject) != anchors_.end()) return {};
            if (has_unknown_critical(subject)) return errc::unknown_critical_extension;
            if (i != 0 && !is_self_issued(subject)) ++intermediates_;
            auto const by_anchor = find_anchor(subject);
            if (by_anchor || i + 1 == path_.size()) return by_anchor;
            if (!is_named_as_issuer(path_[i + 1], subject)) return by_anchor;
            if (auto ok = check_issuer(path_[i + 1], subject); !ok) return ok;
        }
    }

private:
    static bool is_self_issued(certificate const& c) noexcept { return same_octets(c.subject_der(), c.issuer_der()); }
    static bool is_named_as_issuer(certificate const& issuer, certificate const& subject) noexcept {
        return same_octets(issuer.subject_der(), subject.issuer_der());
    }
    static bool has_unknown_critical(certificate const& c) noexcept {
        auto const& all = certificate_body::of(c).extensions;
        return std::any_of(all.begin(), all.end(), [](certificate_body::extension const& e) {
            return e.critical && !same_octets(e.oid, oid_key_usage) &&
                   !same_octets(e.oid, oid_subject_alternative_name) && !same_octets(e.oid, oid_basic_constraints) &&
                   !same_octets(e.oid, oid_certificate_policies) && !same_octets(e.oid, oid_extended_key_usage);
        });
    }

    /// Whether some anchor issued `subject`; else why the last one of that name did not.
    result<void> find_anchor(certificate const& subject) {
        result<void> answer = errc::untrusted_certificate;
        for (auto const& anchor : anchors_) {
            if (!is_named_as_issuer(anchor, subject)) continue;
            answer = check_issuer(anchor, subject);
            if (answer) break;
        }
        return answer;
    }

    /// What RFC 5280 sections 6.1.3 and 6.1.4 demand of an issuer.
    result<void> check_issuer(certificate const& issuer, certificate const& subject) {
        auto const& body = certificate_body::of(issuer);
        if (!body.is_ca || !body.may_sign_certificates) return errc::issuer_not_ca;
        if (body.path_length && *body.path_length < intermediates_) return errc::issuer_not_ca;
        if (!issuer.valid_at(now_)) return errc::certificate_not_valid;
        if (has_unknown_critical(issuer)) return errc::unknown_critical_extension;
        if (signatures_++ == max_path_signatures) return errc::untrusted_certificate;
        return subject.check_signature(issuer.key());
    }

    std::span<certificate const> path_, anchors_;
    unix_time now_;
    std::size_t intermediates_ = 0; // that are not self-issued, below the issuer that is looked at
    std::size_t signatures_ = 0;
};

} // namespace detail

SIGNET_DECL certificate::certificate(std::shared_ptr<detail::certificate_body const> body) noexcept
    : body_{std::move(body)} {}

SIGNET_DECL result<certificate> certificate::parse(bytes_view der) { return detail::read_certificate(der); }

SIGNET_DECL public_key const& certificate::key() const& noexcept { return *body_->key; }
SIGNET_DECL int certificate::version() const noexcept { return body_->version; }
SIGNET_DECL bool certificate::is_ca() const noexcept { return body_->is_ca; }
SIGNET_DECL unix_time certificate::not_before() const noexcept { return body_->not_before; }
SIGNET_DECL unix_time certificate::not_after() const noexcept { return body_->not_after; }
SIGNET_DECL bool certificate::valid_at(unix_time now) const noexcept {
    return body_->not_before <= now && now <= body_->not_after;
}

SIGNET_DECL std::optional<certificate_extension> certificate::extension(std::string_view oid) const& noexcept {
    auto const encoded = detail::encode_oid(oid);
    if (encoded.size == 0) return std::nullopt;
    auto const* const found = body_->find(encoded.view());
    if (!found) return std::nullopt;
    return certificate_extension{found->value, found->critical};
}

SIGNET_DECL std::optional<std::string_view> certificate::subject(name_attribute attribute) const& noexcept {
    constexpr std::uint8_t utf8_string = 0x0c, printable_string = 0x13, ia5_string = 0x16;
    std::uint8_t wanted[] = {0x55, 0x04, 0x03};
    switch (attribute) {
    case name_attribute::common_name: wanted[2] = 3; break;
    case name_attribute::country: wanted[2] = 6; break;
    case name_attribute::organization: wanted[2] = 10; break;
    case name_attribute::organizational_unit: wanted[2] = 11; break;
    }
    std::size_t count = 0;
    std::optional<std::string_view> text;
    detail::walk_name(body_->subject, [&](bytes_view type, std::uint8_t tag, bytes_view value) {
        if (!detail::same_octets(type, wanted)) return;
        ++count;
        if (tag == utf8_string || tag == printable_string || tag == ia5_string) text = as_text(value);
    });
    return count == 1 ? text : std::nullopt;
}

SIGNET_DECL bytes_view certificate::subject_der() const& noexcept { return body_->subject; }
SIGNET_DECL bytes_view certificate::issuer_der() const& noexcept { return body_->issuer; }
SIGNET_DECL bytes_view certificate::to_der() const& noexcept { return body_->der; }

SIGNET_DECL result<void> certificate::check_signature(public_key const& issuer) const {
    if (!body_->algorithm) return errc::unsupported_algorithm;
    if (!detail::verify_certificate(issuer, *body_->algorithm, body_->tbs, body_->signature))
        return errc::bad_signature;
    return {};
}

SIGNET_DECL bool operator==(certificate const& a, certificate const& b) noexcept {
    return detail::same_octets(a.body_->der, b.body_->der);
}

namespace crypto {
SIGNET_DECL result<void> check_path(std::span<certificate const> path, std::span<certificate const> anchors,
                                    unix_time now) {
    return signet::detail::path_check{path, anchors, now}.run();
}
} // namespace crypto

}} // namespace signet

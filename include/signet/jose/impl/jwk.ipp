// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/jose/impl/jwk_certificates.hpp>
#include <signet/jose/impl/jwk_members.hpp>
#include <signet/jose/impl/jwk_readers.hpp>
#include <signet/jose/jwk.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

namespace detail {

inline curve find_curve(std::string_view crv) noexcept {
    if (crv == "P-256") return curve::p256;
    if (crv == "P-384") return curve::p384;
    if (crv == "P-521") return curve::p521;
    if (crv == "secp256k1") return curve::secp256k1;
    if (crv == "Ed25519") return curve::ed25519;
    return curve::none;
}

constexpr std::string_view curve_name(curve crv) noexcept {
    switch (crv) {
    case curve::p256: return "P-256";
    case curve::p384: return "P-384";
    case curve::p521: return "P-521";
    case curve::secp256k1: return "secp256k1";
    case curve::ed25519: return "Ed25519";
    case curve::none: break;
    }
    return {};
}

/// How the private half of a key pair is read. Whoever has refused key pairs before takes none: its program then has
/// not that code, nor its units the time to compile it.
struct private_reader {
    result<private_key> (*rsa)(codec::json_value object, bytes_view n, bytes_view e);
    result<private_key> (*on_curve)(codec::json_value object, curve crv, bytes_view x, bytes_view y);
    result<private_key> (*akp)(codec::json_value object, alg a, bytes_view pub);
};

inline result<private_key> read_private_rsa(codec::json_value object, bytes_view n, bytes_view e) {
    if (object.find("oth")) return error{errc::unsupported_key, field_name::oth}; // more than two primes
    std::array<secret, 6> numbers;
    constexpr std::string_view names[] = {"d", "p", "q", "dp", "dq", "qi"};
    for (std::size_t i = 0; i != numbers.size(); ++i) {
        if (!object.find(names[i])) return about_member(i == 0 ? errc::bad_key : errc::unsupported_key, names[i]);
        auto number = private_octets(object, names[i]);
        if (!number) return number.error();
        numbers[i] = *std::move(number);
    }
    auto const view = [&](std::size_t i) { return numbers[i].reveal(); };
    return private_key::from_rsa({n, e, view(0), view(1), view(2), view(3), view(4), view(5)});
}

inline result<private_key> read_private_on_curve(codec::json_value object, curve crv, bytes_view x, bytes_view y) {
    auto d = private_octets(object, "d");
    if (!d) return d.error();
    auto const ed25519 = crv == curve::ed25519;
    if (x.empty() || (!ed25519 && y.empty()))
        return error{errc::bad_key, x.empty() ? field_name::x : field_name::y}; // crypto would compute them
    return ed25519 ? private_key::from_ed25519(d->reveal(), x) : private_key::from_ec(crv, d->reveal(), x, y);
}

/// `priv` is the seed and nothing else (RFC 9964 section 3).
inline result<private_key> read_private_akp(codec::json_value object, alg a, bytes_view pub) {
    auto seed = private_octets(object, "priv");
    if (!seed) return seed.error();
    return private_key::from_ml_dsa(a, seed->reveal(), pub);
}

inline constexpr private_reader reads_private{read_private_rsa, read_private_on_curve, read_private_akp};

/// The key of an RSA JWK: n, e, and for a key pair d and the rest of RFC 7518 6.3.2.
SIGNET_DECL result<void> read_rsa_jwk(codec::json_value object, key_limits const& limits,
                                      private_reader const* privates, any_jwk& out) {
    auto n = public_octets(object, "n");
    if (!n) return n.error();
    auto e = public_octets(object, "e");
    if (!e) return e.error();
    // Base64urlUInt (RFC 7518 section 2): no leading zeros.
    if (n->empty() || n->front() == 0) return error{errc::bad_key, field_name::n};
    if (e->empty() || e->front() == 0) return error{errc::bad_key, field_name::e};

    if (!has_private_member(object)) {
        auto key = public_key::from_rsa(*n, *e, limits);
        if (!key) return key.error();
        out.public_part = *std::move(key);
        return {};
    }
    if (!privates) return errc::private_key_refused;
    auto key = privates->rsa(object, *n, *e);
    if (!key) return key.error();
    out.private_part = *std::move(key);
    return {};
}

/// The key of an EC or OKP JWK, made by `make` of the coordinates.
inline result<void> read_curve_key(codec::json_value object, key_type type, private_reader const* privates,
                                   any_jwk& out, result<public_key> (*make)(curve crv, bytes_view x, bytes_view y)) {
    auto name = required_text(object, "crv");
    if (!name) return name.error();
    auto const crv = find_curve(*name);
    if (crv == curve::none || (crv == curve::ed25519) != (type == key_type::okp))
        return error{errc::unsupported_key, field_name::crv};

    auto x = public_octets(object, "x");
    if (!x) return x.error();
    bytes y;
    if (type == key_type::ec) {
        auto read = public_octets(object, "y");
        if (!read) return read.error();
        y = *std::move(read);
    }
    if (!has_private_member(object)) {
        auto key = make(crv, *x, y);
        if (!key) return key.error();
        out.public_part = *std::move(key);
        return {};
    }
    if (!privates) return errc::private_key_refused;
    auto key = privates->on_curve(object, crv, *x, y);
    if (!key) return key.error();
    out.private_part = *std::move(key);
    return {};
}

inline result<public_key> make_okp(curve, bytes_view x, bytes_view) { return public_key::from_ed25519(x); }

SIGNET_DECL result<void> read_ec_jwk(codec::json_value object, key_limits const&, private_reader const* privates,
                                     any_jwk& out) {
    return read_curve_key(object, key_type::ec, privates, out, public_key::from_ec);
}
SIGNET_DECL result<void> read_okp_jwk(codec::json_value object, key_limits const&, private_reader const* privates,
                                      any_jwk& out) {
    return read_curve_key(object, key_type::okp, privates, out, make_okp);
}
SIGNET_DECL result<void> read_oct_jwk(codec::json_value object, key_limits const&, private_reader const*,
                                      any_jwk& out) {
    auto octets = private_octets(object, "k");
    if (!octets) return octets.error();
    if (octets->empty()) return error{errc::weak_key, field_name::k};
    out.octets = *std::move(octets);
    return {};
}

/// The key of an AKP JWK (RFC 9964 section 3). Its `alg` is the parameter set, and so required. AKP is the type of keys
/// for other purposes as well: an `alg` that is not known is `unsupported_key`.
SIGNET_DECL result<void> read_akp_jwk(codec::json_value object, key_limits const&, private_reader const* privates,
                                      any_jwk& out) {
    if (!out.attributes.alg) return error{errc::bad_key, field_name::alg};
    auto const a = out.attributes.algorithm();
    if (!a) return error{errc::unsupported_key, field_name::alg};
    if (traits(*a).type != key_type::akp) return error{errc::wrong_key_type, field_name::alg};
    auto pub = public_octets(object, "pub");
    if (!pub) return pub.error();
    auto key = public_key::from_ml_dsa(*a, *pub);
    if (!key) return about_member(key.error(), "pub");
    if (!has_private_member(object)) {
        out.public_part = *std::move(key);
        return {};
    }
    if (!privates) return errc::private_key_refused;
    auto pair = privates->akp(object, *a, *pub);
    if (!pair) return pair.error();
    out.private_part = *std::move(pair);
    return {};
}

inline bool is_key_type(std::string_view kty) noexcept {
    return kty == "RSA" || kty == "EC" || kty == "OKP" || kty == "oct" || kty == "AKP";
}

inline constexpr jwk_readers reads_all{read_rsa_jwk, read_ec_jwk, read_okp_jwk, read_oct_jwk, read_akp_jwk};

/// The reader of that `kty`; none for a type that is not known or not wanted.
inline jwk_reader reader_of(std::string_view kty, jwk_readers const& readers) noexcept {
    return kty == "RSA"   ? readers.rsa
           : kty == "EC"  ? readers.ec
           : kty == "OKP" ? readers.okp
           : kty == "oct" ? readers.oct
           : kty == "AKP" ? readers.akp
                          : nullptr;
}

inline result<any_jwk> read_jwk(codec::json_value object, key_limits const& limits, private_reader const* privates,
                                jwk_readers const& readers = reads_all) {
    if (!object.is_object()) return errc::json_wrong_type;
    auto kty = required_text(object, "kty");
    if (!kty) return kty.error();
    auto attributes = read_attributes(object);
    if (!attributes) return attributes.error();

    any_jwk out{*std::move(attributes)};
    auto const read = reader_of(*kty, readers);
    auto const done =
        read ? read(object, limits, privates, out) : result<void>{error{errc::unsupported_key, field_name::kty}};
    if (!done) return done.error();

    // `alg` is for this key or the JWK contradicts itself; so an RSA key marked HS256 gets nowhere near a MAC.
    if (auto const a = out.attributes.algorithm()) {
        auto const* key = out.public_part    ? &*out.public_part
                          : out.private_part ? &out.private_part->public_part()
                                             : nullptr;
        if (key ? !key->supports(*a) : traits(*a).type != key_type::oct)
            return error{errc::wrong_key_type, field_name::alg};
    }
    return out;
}

/// Reads a JWK with its certificates. Verifiers' key sets have no use for these, and read none.
inline result<any_jwk> read_whole_jwk(codec::json_value object, key_limits const& limits,
                                      private_reader const* privates) {
    auto jwk = read_jwk(object, limits, privates);
    if (!jwk) return jwk;
    if (auto const done = read_certificates(object, limits, *jwk); !done) return done.error();
    return jwk;
}

// ---- writing -------------------------------------------------------------------------------------------------------

inline void write_octets(codec::json_writer& json, output& out, std::string_view name, bytes_view octets) {
    json.name(name).raw("\"");
    codec::base64url_encode(octets, out);
    out.append('"');
}
inline void write_secret(codec::json_writer& json, output& out, std::string_view name, bytes_view octets) {
    json.name(name).raw("\"");
    codec::base64url_encode_secret(octets, out);
    out.append('"');
}

inline void write_public_members(codec::json_writer& json, output& out, public_key const& key) {
    switch (key.type()) {
    case key_type::rsa:
        json.member("kty", "RSA");
        write_octets(json, out, "n", key.n());
        write_octets(json, out, "e", key.e());
        break;
    case key_type::ec:
    case key_type::okp:
        json.member("kty", key.type() == key_type::ec ? "EC" : "OKP").member("crv", curve_name(key.crv()));
        write_octets(json, out, "x", key.x());
        if (key.type() == key_type::ec) write_octets(json, out, "y", key.y());
        break;
    case key_type::akp: // `alg` is a part of the key
        json.member("kty", "AKP").member("alg", traits(signet::detail::ml_dsa_of(key.pub().size())).name);
        write_octets(json, out, "pub", key.pub());
        break;
    case key_type::oct: break;
    }
}

/// `key` is the one whose members were written; none for a secret.
inline void write_attributes(codec::json_writer& json, jwk_attributes const& attributes, public_key const* key) {
    if (attributes.kid) json.member("kid", *attributes.kid);
    if (attributes.use) json.member("use", *attributes.use);
    if (attributes.key_ops) {
        json.name("key_ops").begin_array();
        for (auto const& operation : *attributes.key_ops) json.string(operation);
        json.end_array();
    }
    if (attributes.alg && !(key && key->type() == key_type::akp)) json.member("alg", *attributes.alg);
    write_certificates(json, attributes);
}

inline std::size_t attributes_buffer(jwk_attributes const& attributes) noexcept {
    std::size_t buffer = 128;
    for (auto const* text : {&attributes.kid, &attributes.use, &attributes.alg})
        if (*text) buffer += 6 * (*text)->size(); // an escape has six characters at most
    if (attributes.key_ops)
        for (auto const& operation : *attributes.key_ops) buffer += 6 * operation.size() + 3;
    for (auto const& der : attributes.x5c) buffer += 4 * (der.size() / 3 + 1) + 3;
    if (attributes.x5t_s256) buffer += 6 * attributes.x5t_s256->size();
    return buffer;
}

/// Runs `write(json_writer, output)` over a buffer that is made large enough beforehand, so that no copy is left
/// behind.
template <class Write> result<secret> secret_text(std::size_t size, Write write) {
    bytes buffer(size);
    output out{{reinterpret_cast<char*>(buffer.data()), buffer.size()}};
    secret const whole{std::move(buffer)}; // the same memory, which is wiped also where `write` throws
    codec::json_writer json{out};
    write(json, out);
    auto const finished = json.finish();
    if (!finished) return finished.error();
    return secret::copy_of(as_bytes(*finished));
}

} // namespace detail

// ---- attributes ----------------------------------------------------------------------------------------------------

SIGNET_DECL std::optional<signet::alg> jwk_attributes::algorithm() const noexcept {
    return alg ? find_algorithm(*alg) : std::nullopt;
}

SIGNET_DECL ed25519_name jwk_attributes::spelling() const noexcept {
    return alg && *alg == "Ed25519" ? ed25519_name::ed25519 : ed25519_name::eddsa;
}

SIGNET_DECL bool jwk_attributes::permits(key_operation operation) const noexcept {
    if (use && *use != "sig") return false;
    auto const wanted = operation == key_operation::sign ? std::string_view{"sign"} : std::string_view{"verify"};
    return !key_ops || std::find(key_ops->begin(), key_ops->end(), wanted) != key_ops->end();
}

SIGNET_DECL result<void> jwk_attributes::permits(key_operation operation, signet::alg a) const noexcept {
    if (!permits(operation))
        return error{errc::key_use_refused, use && *use != "sig" ? field_name::use : field_name::key_ops};
    if (alg && algorithm() != a) return error{errc::algorithm_mismatch, field_name::alg};
    return {};
}

SIGNET_DECL jwk_attributes public_attributes(jwk_attributes const& of_private) {
    auto attributes = of_private;
    if (!attributes.key_ops) return attributes;
    attributes.key_ops->clear();
    for (std::string_view operation : *of_private.key_ops) {
        // RFC 7517 4.3: the halves of a pair. Deriving needs the private half and has no public counterpart.
        if (operation == "sign") operation = "verify";
        else if (operation == "decrypt") operation = "encrypt";
        else if (operation == "unwrapKey") operation = "wrapKey";
        else if (operation == "deriveKey" || operation == "deriveBits") continue;
        auto& named = *attributes.key_ops;
        if (std::find(named.begin(), named.end(), operation) == named.end()) named.emplace_back(operation);
    }
    return attributes;
}

// ---- reading -------------------------------------------------------------------------------------------------------

SIGNET_DECL result<any_jwk> parse_jwk(codec::json_value object, key_limits const& limits) {
    return detail::read_whole_jwk(object, limits, &detail::reads_private);
}

SIGNET_DECL result<any_jwk> parse_jwk(std::string_view json, key_limits const& limits) {
    auto document = codec::json_document::parse(json);
    if (!document) return document.error();
    return detail::read_whole_jwk(document->root(), limits, &detail::reads_private);
}

namespace detail {

template <class Read>
result<public_jwk> read_public_jwk(codec::json_value object, key_limits const& limits, Read read) {
    if (!object.is_object()) return errc::json_wrong_type;
    if (has_private_member(object)) return errc::private_key_refused;
    auto jwk = read(object, limits, nullptr);
    if (!jwk) return jwk.error();
    return public_jwk{std::move(jwk->attributes), *std::move(jwk->public_part)};
}

SIGNET_DECL result<public_jwk> parse_message_jwk(codec::json_value object) {
    return read_public_jwk(object, limits_for_keys_in_messages, [](auto... of) { return read_jwk(of...); });
}

} // namespace detail

SIGNET_DECL result<public_jwk> parse_public_jwk(codec::json_value object, key_limits const& limits) {
    return detail::read_public_jwk(object, limits, &detail::read_whole_jwk);
}

SIGNET_DECL result<public_jwk> parse_public_jwk(std::string_view json, key_limits const& limits) {
    auto document = codec::json_document::parse(json); // what is refused may well be private
    if (!document) return document.error();
    return parse_public_jwk(document->root(), limits);
}

SIGNET_DECL result<private_jwk> parse_private_jwk(std::string_view json) {
    auto jwk = parse_jwk(json);
    if (!jwk) return jwk.error();
    if (!jwk->private_part) return errc::wrong_key_type;
    return private_jwk{std::move(jwk->attributes), *std::move(jwk->private_part)};
}

SIGNET_DECL result<oct_jwk> parse_oct_jwk(std::string_view json) {
    auto jwk = parse_jwk(json);
    if (!jwk) return jwk.error();
    if (!jwk->octets) return errc::wrong_key_type;
    return oct_jwk{std::move(jwk->attributes), *std::move(jwk->octets)};
}

// ---- writing -------------------------------------------------------------------------------------------------------

SIGNET_DECL result<void> write_jwk(public_key const& key, jwk_attributes const& attributes, output& out) {
    codec::json_writer json{out};
    json.begin_object();
    detail::write_public_members(json, out, key);
    detail::write_attributes(json, attributes, &key);
    json.end_object();
    if (auto done = json.finish(); !done) return done.error();
    return {};
}

SIGNET_DECL result<std::string> to_json(public_jwk const& jwk) {
    std::string text;
    output out{text};
    if (auto done = write_jwk(jwk.key, jwk.attributes, out); !done) return done.error();
    return text;
}

SIGNET_DECL result<secret> to_json(private_jwk const& jwk) {
    auto const& pub = jwk.key.public_part();
    auto const buffer =
        detail::attributes_buffer(jwk.attributes) + 12 * (pub.n().size() + pub.x().size()) + 2 * pub.pub().size() + 256;
    return detail::secret_text(buffer, [&](codec::json_writer& json, output& out) {
        json.begin_object();
        detail::write_public_members(json, out, pub);
        if (pub.type() == key_type::rsa) {
            constexpr std::string_view names[] = {"d", "p", "q", "dp", "dq", "qi"};
            auto const numbers = jwk.key.rsa_numbers();
            for (std::size_t i = 0; i != numbers.size(); ++i)
                detail::write_secret(json, out, names[i], numbers[i].reveal());
        } else {
            detail::write_secret(json, out, pub.type() == key_type::akp ? "priv" : "d", jwk.key.d().reveal());
        }
        detail::write_attributes(json, jwk.attributes, &pub);
        json.end_object();
    });
}

SIGNET_DECL result<secret> to_json(oct_jwk const& jwk) {
    auto const buffer = detail::attributes_buffer(jwk.attributes) + 2 * jwk.octets.size() + 64;
    return detail::secret_text(buffer, [&](codec::json_writer& json, output& out) {
        json.begin_object().member("kty", "oct");
        detail::write_secret(json, out, "k", jwk.octets.reveal());
        detail::write_attributes(json, jwk.attributes, nullptr);
        json.end_object();
    });
}

}}} // namespace signet::jose

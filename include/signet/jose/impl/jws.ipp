// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/impl/jwk.ipp>
#include <signet/jose/jws.hpp>

#include <algorithm>
#include <array>
#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

// ---- form ----------------------------------------------------------------------------------------------------------

SIGNET_DECL result<compact_parts> split_compact(std::string_view token, std::size_t max_size) noexcept {
    if (token.size() > max_size) return errc::token_too_large;
    auto const* const begin = token.data();
    auto const* const end = begin + token.size();
    auto const next_dot = [&](char const* from) {
        return from == end ? nullptr
                           : static_cast<char const*>(std::memchr(from, '.', static_cast<std::size_t>(end - from)));
    };
    auto const part = [](char const* from, char const* to) {
        return std::string_view{from, static_cast<std::size_t>(to - from)};
    };

    auto const* const first = next_dot(begin);
    auto const* const second = first ? next_dot(first + 1) : nullptr;
    if (!second) return error{errc::malformed_token, token.size()};
    if (auto const* const third = next_dot(second + 1)) {
        if (std::count(third, end, '.') == 2) return errc::encrypted_token;
        return error{errc::malformed_token, static_cast<std::size_t>(third - begin)};
    }
    if (first == begin) return errc::malformed_token;
    return compact_parts{part(begin, first), part(first + 1, second), part(second + 1, end), part(begin, second)};
}

// ---- header --------------------------------------------------------------------------------------------------------

namespace detail {

/// Names that RFC 7515 4.1, RFC 7516 4.1 and RFC 7518 define, which `crit` must not hold (RFC 7515 4.1.11).
inline constexpr std::string_view registered_header_members[] = {"alg",      "jku", "jwk", "kid",  "x5u", "x5c", "x5t",
                                                                 "x5t#S256", "typ", "cty", "crit", "enc", "zip", "epk",
                                                                 "apu",      "apv", "iv",  "tag",  "p2s", "p2c"};

inline bool is_one_of(std::span<std::string_view const> names, std::string_view name) noexcept {
    for (auto const one : names)
        if (one == name) return true;
    return false;
}

inline result<void> check_critical(codec::json_value header, std::span<std::string_view const> understood) noexcept {
    auto const crit = header.find("crit");
    if (!crit) return {};
    if (!crit->is_array() || crit->size() == 0) return error{errc::malformed_header, field_name::crit};
    bool known = true;
    for (auto at = crit->begin(); at != crit->end(); ++at) {
        auto const name = (*at).as_string();
        if (!name || !header.find(*name)) return error{errc::malformed_header, field_name::crit};
        if (is_one_of(registered_header_members, *name)) return error{errc::malformed_header, field_name::crit};
        for (auto before = crit->begin(); before != at; ++before)
            if (*(*before).as_string() == *name) return error{errc::malformed_header, field_name::crit};
        known = known && (*name == "b64" || is_one_of(understood, *name));
    }
    if (!known) return error{errc::unknown_critical_header, field_name::crit};
    return {};
}

inline result<void> read_optional(codec::json_value header, std::string_view member,
                                  std::optional<std::string_view>& out) noexcept {
    auto const value = header.find(member);
    if (!value) return {};
    auto const text = value->as_string();
    if (!text) return error{errc::malformed_header, find_field_name(member)};
    out = *text;
    return {};
}

inline result<jws_header> judge_header(codec::json_value root, std::span<std::string_view const> understood) noexcept {
    if (!root.is_object()) return errc::malformed_header;
    jws_header header;
    header.root = root;

    std::optional<std::string_view> alg, unused;
    if (auto done = read_optional(root, "alg", alg); !done) return done.error();
    if (!alg) return error{errc::malformed_header, field_name::alg};
    if (*alg == "none") return error{errc::unsigned_token, field_name::alg};
    auto const known = find_algorithm(*alg);
    if (!known) return error{errc::algorithm_not_allowed, field_name::alg};
    header.algorithm = *known;
    header.spelling = *alg == "Ed25519" ? ed25519_name::ed25519 : ed25519_name::eddsa;

    if (auto done = read_optional(root, "kid", header.kid); !done) return done.error();
    if (auto done = read_optional(root, "typ", header.typ); !done) return done.error();
    if (auto done = read_optional(root, "cty", header.cty); !done) return done.error();
    for (std::string_view member : {"jku", "x5u", "x5t", "x5t#S256"}) // never used, but a string by RFC 7515 4.1
        if (auto done = read_optional(root, member, unused); !done) return done.error();
    if (auto const jwk = root.find("jwk")) {
        if (!jwk->is_object()) return error{errc::malformed_header, field_name::jwk};
        header.jwk = *jwk;
    }
    if (auto const chain = root.find("x5c"); chain && !chain->is_array())
        return error{errc::malformed_header, field_name::x5c};

    if (auto done = check_critical(root, understood); !done) return done.error();
    // RFC 7797: with false the payload would stand there undecoded. True says what is so anyway.
    if (auto const b64 = root.find("b64")) {
        auto const encoded = b64->as_bool();
        if (!encoded.has_value()) return error{errc::malformed_header, field_name::b64};
        if (!*encoded) return error{errc::unknown_critical_header, field_name::b64};
    }
    return header;
}

inline bool verifies(key_entry const& entry, alg a, bytes_view message, bytes_view signature) {
    if (auto const* key = entry.as_public_key()) return crypto::verify(*key, a, message, signature);
    return crypto::hmac::make(*entry.as_mac_key()).verify(message, signature);
}

} // namespace detail

SIGNET_DECL result<jws_header> read_header(std::string_view encoded, std::span<char> text,
                                           std::span<codec::json_node> nodes,
                                           std::span<std::string_view const> understood) {
    auto const size = codec::base64url_decode(encoded, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!size) return size.error();
    auto const root = codec::parse_json(text.first(*size), nodes);
    if (!root) return detail::without_offset(root.error());
    return detail::judge_header(*root, understood);
}

// ---- verify --------------------------------------------------------------------------------------------------------

SIGNET_DECL result<verified_jws> jws_verify(any_key_set const& keys, std::string_view token, jws_policy const& rules) {
    auto const parts = split_compact(token, rules.max_token);
    if (!parts) return parts.error();

    auto const header_text = codec::base64url_decode(parts->header);
    if (!header_text) return header_text.error();
    auto document = codec::json_document::parse(as_text(*header_text));
    if (!document) return detail::without_offset(document.error());
    auto const header = detail::judge_header(document->root(), rules.understood);
    if (!header) return header.error();

    auto const found = keys.find(header->kid, header->algorithm);
    if (!found) return found.error();

    std::array<std::uint8_t, max_signature_size> buffer;
    if (codec::base64url_decoded_size(parts->signature.size()) > buffer.size()) return errc::bad_signature;
    auto const size = codec::base64url_decode(parts->signature, buffer);
    if (!size) return detail::without_offset(size.error());
    auto const signature = bytes_view{buffer}.first(*size);
    auto const* by = found->begin();
    while (by != found->end() &&
           !detail::verifies(keys[*by], header->algorithm, as_bytes(parts->signing_input), signature))
        ++by;
    if (by == found->end()) return errc::bad_signature;

    auto payload = codec::base64url_decode(parts->payload);
    if (!payload) return detail::without_offset(payload.error());
    auto const algorithm = header->algorithm;
    verified_jws verified{*std::move(document), algorithm};
    verified.payload_ = *std::move(payload);
    verified.key_ = *by;
    return verified;
}

// ---- sign ----------------------------------------------------------------------------------------------------------

namespace detail {
/// No member of a header comes twice: readers differ in which one they take.
inline result<void> check_more(std::span<header_member const> more) noexcept {
    constexpr std::string_view own[] = {"alg", "kid", "typ", "cty", "jwk"}; // of write_header
    for (auto const& member : more) {
        if (std::ranges::find(own, member.name) != std::end(own)) return errc::duplicate_json_name;
        for (auto const* before = more.data(); before != &member; ++before)
            if (before->name == member.name) return errc::duplicate_json_name;
    }
    return {};
}
} // namespace detail

SIGNET_DECL result<void> write_header(alg a, header_params const& params, output& out) {
    if (auto fine = detail::check_more(params.more); !fine) return fine;
    codec::json_writer json{out};
    json.begin_object().member("alg", algorithm_name(a, params.spelling));
    if (params.kid) json.member("kid", *params.kid);
    if (!params.typ.empty()) json.member("typ", params.typ);
    if (!params.cty.empty()) json.member("cty", params.cty);
    if (params.jwk) {
        json.name("jwk").begin_object();
        detail::write_public_members(json, out, *params.jwk);
        json.end_object();
    }
    for (auto const& member : params.more) json.name(member.name).raw(member.json);
    json.end_object();
    if (auto done = json.finish(); !done) return done.error();
    return {};
}

SIGNET_DECL result<void> jws_signing_input(alg a, bytes_view payload, header_params const& params, output& out) {
    char small[512]; // most headers; a long one, with an RSA key in it, takes memory of its own
    output text{small};
    if (auto done = write_header(a, params, text); done) {
        codec::base64url_encode(as_bytes(*text.finish()), out);
    } else if (done.error() == errc::buffer_too_small) {
        std::string long_text;
        output again{long_text};
        if (auto second = write_header(a, params, again); !second) return second.error();
        codec::base64url_encode(as_bytes(long_text), out);
    } else {
        return done.error();
    }
    out.append('.');
    codec::base64url_encode(payload, out);
    if (out.overflowed()) return errc::buffer_too_small;
    return {};
}

SIGNET_DECL void jws_append_signature(bytes_view signature, output& out) {
    out.append('.');
    codec::base64url_encode(signature, out);
}

SIGNET_DECL result<void> jws_sign(private_key const& key, alg a, bytes_view payload, header_params const& params,
                                  output& out) {
    auto operation = crypto::sign_operation::make(key, a);
    if (!operation) return operation.error();
    auto const start = out.size();
    if (auto done = jws_signing_input(a, payload, params, out); !done) return done.error();

    std::array<std::uint8_t, max_signature_size> signature;
    auto const size = operation->sign(as_bytes(out.finish()->substr(start)), signature);
    if (!size) return size.error();
    jws_append_signature(bytes_view{signature}.first(*size), out);
    if (out.overflowed()) return errc::buffer_too_small;
    return {};
}

SIGNET_DECL result<void> jws_sign(mac_key const& key, bytes_view payload, header_params const& params, output& out) {
    auto const start = out.size();
    if (auto done = jws_signing_input(key.algorithm_id(), payload, params, out); !done) return done.error();

    auto mac = crypto::hmac::make(key);
    mac.update(as_bytes(out.finish()->substr(start)));
    std::array<std::uint8_t, 64> tag;
    auto const used = std::span{tag}.first(mac.size());
    mac.finish(used);
    jws_append_signature(used, out);
    if (out.overflowed()) return errc::buffer_too_small;
    return {};
}

}}} // namespace signet::jose

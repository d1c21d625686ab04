// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/dpop.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/http/target.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jwt/numeric_date.hpp>
#include <signet/proof/impl/field_value.hpp>
#include <signet/proof/impl/message_key.hpp>

#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

namespace detail {

/// A digest as a claim has it.
inline std::array<char, 43> digest_text(crypto::sha256_digest const& digest) {
    std::array<char, 43> text;
    output out{text};
    codec::base64url_encode(digest, out);
    return text;
}

} // namespace detail

// ---- make

SIGNET_DECL result<std::string> detail::dpop_signing_input(public_key const& key, alg a, dpop_target const& target,
                                                           unix_time now, random_ref rng) {
    if (!dpop_algorithms.contains(a)) return errc::dpop_algorithm_not_allowed;
    if (target.method.empty()) return errc::out_of_range;
    // As the client wrote it and will send it: some servers compare texts. That it has a normal form is seen to here.
    auto const url = target.url.substr(0, target.url.find_first_of("?#"));
    if (auto known = http::same_target(url, url); !known.has_value()) return known.error();

    std::array<std::uint8_t, 16> random;
    rng.fill(random);
    std::string payload;
    output to_payload{payload};
    codec::json_writer w{to_payload};
    w.begin_object().member("jti", codec::base64url_encode(random)).member("htm", target.method).member("htu", url);
    w.member("iat", std::int64_t{saturating_add(now, std::chrono::seconds{0}).time_since_epoch().count()});
    if (!target.access_token.empty()) {
        auto const hash = digest_text(crypto::sha256(as_bytes(target.access_token)));
        w.member("ath", std::string_view{hash.data(), hash.size()});
    }
    if (!target.nonce.empty()) w.member("nonce", target.nonce);
    w.end_object();
    if (auto good = w.finish(); !good) return good.error();

    jose::header_params header;
    header.typ = dpop_type;
    header.jwk = &key;
    std::string input;
    output out{input};
    if (auto good = jose::jws_signing_input(a, as_bytes(payload), header, out); !good) return good.error();
    return input;
}

SIGNET_DECL result<std::string> detail::dpop_complete(std::string input, bytes_view signature) {
    output out{input};
    jose::jws_append_signature(signature, out);
    return input;
}

// ---- check

namespace detail {

/// The claims of a proof, all views into its decoded payload.
struct dpop_claims {
    std::string_view jti, htm, htu;
    jwt::numeric_date iat;
    std::optional<std::string_view> ath, nonce;
};

inline result<dpop_claims> read_dpop_claims(codec::json_value root) noexcept {
    if (!root.is_object()) return errc::dpop_malformed;
    dpop_claims claims;
    for (auto [name, to] :
         {std::pair{"jti", &claims.jti}, std::pair{"htm", &claims.htm}, std::pair{"htu", &claims.htu}}) {
        auto const value = root.find(name);
        if (!value) return error{errc::dpop_claim_missing, find_field_name(name)};
        auto const text = value->as_string();
        if (!text) return error{errc::dpop_malformed, find_field_name(name)};
        if (text->empty()) return error{errc::dpop_claim_missing, find_field_name(name)};
        *to = *text;
    }
    auto const iat = root.find("iat");
    if (!iat) return error{errc::dpop_claim_missing, field_name::iat};
    auto const date = jwt::parse_numeric_date(iat->number_text());
    if (!date) return error{errc::dpop_malformed, field_name::iat};
    claims.iat = *date;
    for (auto [name, to] : {std::pair{"ath", &claims.ath}, std::pair{"nonce", &claims.nonce}}) {
        auto const value = root.find(name);
        if (!value) continue;
        auto const text = value->as_string();
        if (!text) return error{errc::dpop_malformed, find_field_name(name)};
        *to = *text;
    }
    return claims;
}

/// The earliest that a proof can have been made, and from when on it is no longer accepted: both hang on the proof
/// alone.
struct dpop_times {
    unix_time issued, expires;
};

/// Checks 10 and 11.
inline result<dpop_times> judge_dpop_time(dpop_claims const& claims, dpop_policy const& policy, unix_time now) {
    if (policy.nonces) {
        if (!claims.nonce) return errc::dpop_nonce_required;
        auto const given = policy.nonces->issued(*claims.nonce, now);
        if (!given) return given.error();
        if (policy.nonce_dates_proof) return dpop_times{*given, policy.nonces->expires(*given)};
    }
    auto const expires = saturating_add(claims.iat.seconds, policy.max_age + std::chrono::seconds{1});
    if (expires <= now) return errc::dpop_stale;
    if (claims.iat > saturating_add(now, policy.future_skew)) return errc::dpop_issued_in_future;
    // The client's clock may be ahead by so much, and its proof older than it says.
    return dpop_times{saturating_add(claims.iat.seconds, -policy.future_skew), expires};
}

inline errc dpop_key_error(errc why) noexcept {
    return why == errc::private_key_refused ? errc::dpop_private_key_refused : errc::dpop_key_refused;
}

/// One proof, decoded into its own buffers, which the rest refers to.
struct decoded_dpop {
    decoded_dpop() noexcept {} // the buffers are not filled beforehand
    decoded_dpop(decoded_dpop const&) = delete;
    decoded_dpop& operator=(decoded_dpop const&) = delete;

    jose::compact_parts parts{};
    jose::jws_header header{};
    codec::json_value payload{};
    bytes_view signature{};

    char header_text[codec::base64url_decoded_size(max_dpop_proof)], payload_text[sizeof header_text];
    codec::json_node header_nodes[max_dpop_values], payload_nodes[max_dpop_values];
    std::array<std::uint8_t, max_dpop_signature> signature_octets;
};

/// Checks 1 and 2: one field, and in it one JWT.
inline result<void> decode_dpop(std::span<std::string_view const> fields, decoded_dpop& to) {
    // A comma is in no JWT, so with one in it several fields were joined.
    if (fields.empty()) return errc::dpop_missing;
    if (fields.size() > 1 || fields.front().find(',') != std::string_view::npos) return errc::dpop_multiple;

    auto const parts = jose::split_compact(trimmed(fields.front()), max_dpop_proof);
    if (!parts) return errc::dpop_malformed;
    to.parts = *parts;
    auto const header = jose::read_header(parts->header, to.header_text, to.header_nodes);
    if (!header) {
        auto const why = header.error().code;
        return why == errc::unsigned_token || why == errc::algorithm_not_allowed ? errc::dpop_algorithm_not_allowed
                                                                                 : errc::dpop_malformed;
    }
    to.header = *header;
    // Before the signature's length, so that one of a longer algorithm is not called malformed.
    if (!dpop_algorithms.contains(header->algorithm)) return error{errc::dpop_algorithm_not_allowed, field_name::alg};
    if (codec::base64url_decoded_size(parts->signature.size()) > to.signature_octets.size())
        return errc::dpop_malformed;
    auto const signature_size = codec::base64url_decode(parts->signature, to.signature_octets);
    auto const payload_size = codec::base64url_decode(
        parts->payload, {reinterpret_cast<std::uint8_t*>(to.payload_text), sizeof to.payload_text});
    if (!signature_size || !payload_size) return errc::dpop_malformed;
    to.signature = bytes_view{to.signature_octets}.first(*signature_size);
    auto const payload = codec::parse_json(std::span{to.payload_text}.first(*payload_size), to.payload_nodes);
    if (!payload) return errc::dpop_malformed;
    to.payload = *payload;
    return {};
}

/// What a proof that is not signed by the right key yet says of itself.
struct dpop_statement {
    std::string_view jti;
    dpop_times lifetime;
};

/// Checks 3 to 5 and 8 to 12, but for the key. A comparison costs less than a signature, and the claims are only
/// refused by it.
inline result<dpop_statement> judge_dpop_claims(decoded_dpop const& proof, dpop_request const& request,
                                                std::string_view own_url, dpop_policy const& policy, unix_time now) {
    auto const& header = proof.header;
    if (header.typ != dpop_type) return error{errc::wrong_dpop_type, field_name::typ};
    if (!policy.algorithms.contains(header.algorithm)) return error{errc::dpop_algorithm_not_allowed, field_name::alg};
    if (!header.jwk.is_object()) return error{errc::dpop_key_refused, field_name::jwk};

    auto const claims = read_dpop_claims(proof.payload);
    if (!claims) return claims.error();
    if (request.token && !claims->ath) return error{errc::dpop_claim_missing, field_name::ath};
    if (claims->htm != request.method) return error{errc::wrong_dpop_method, field_name::htm};
    char htu_form[http::max_target_size + 1];
    output htu_out{htu_form};
    auto const htu = http::normalize_target(claims->htu, htu_out);
    if (!htu || *htu != own_url) return error{errc::wrong_dpop_uri, field_name::htu};
    auto const lifetime = judge_dpop_time(*claims, policy, now);
    if (!lifetime) return lifetime.error();
    if (request.token) {
        auto const hash = digest_text(request.token->token_hash());
        if (*claims->ath != std::string_view{hash.data(), hash.size()}) return errc::wrong_dpop_token_hash;
    }
    return dpop_statement{claims->jti, *lifetime};
}

/// Checks 7, 12 and 6: the key, whose it is, and whether it signed.
inline result<crypto::sha256_digest> judge_dpop_key(decoded_dpop const& proof, dpop_request const& request,
                                                    dpop_policy const& policy) {
    auto const key = message_key::read(proof.header.jwk, proof.header.algorithm, policy.tables);
    if (!key) return dpop_key_error(key.error().code);
    if (request.token && request.token->thumbprint() != key->thumbprint()) return errc::dpop_key_mismatch;
    if (request.bound_to && *request.bound_to != key->thumbprint()) return errc::dpop_key_mismatch;
    if (!key->verify(as_bytes(proof.parts.signing_input), proof.signature)) return errc::invalid_dpop_signature;
    return key->thumbprint();
}

/// What was found out before the store is asked.
struct dpop_findings {
    verified_key key;
    store::record_key mark;
    dpop_times lifetime;
};

inline result<dpop_findings> judge_dpop(dpop_request const& request, dpop_policy const& policy, unix_time now) {
    using std::chrono::seconds;
    if (policy.max_age < seconds{1} || policy.max_age > max_dpop_age || policy.future_skew < seconds{0} ||
        policy.future_skew > max_dpop_skew)
        return errc::out_of_range;
    char own_form[http::max_target_size + 1];
    output own_out{own_form};
    auto const own_url = http::normalize_target(request.url, own_out);
    if (!own_url) return own_url.error();

    decoded_dpop proof;
    if (auto decoded = decode_dpop(request.proofs, proof); !decoded) return decoded.error();
    auto const said = judge_dpop_claims(proof, request, *own_url, policy, now);
    if (!said) return said.error();
    auto const thumbprint = judge_dpop_key(proof, request, policy);
    if (!thumbprint) return thumbprint.error();
    return dpop_findings{verified_key_access::make(*thumbprint, proof.header.algorithm),
                         record_key("dpop", {as_text(*thumbprint), *own_url, said->jti}), said->lifetime};
}

} // namespace detail

SIGNET_DECL dpop_check::dpop_check(dpop_request const& request, dpop_policy const& policy, unix_time now)
    : proved_{errc::store_unavailable} {
    auto const found = detail::judge_dpop(request, policy, now);
    if (!found) {
        proved_ = found.error();
        return;
    }
    proved_ = found->key;
    mark_.emplace(found->mark, found->lifetime.expires, found->lifetime.issued,
                  now); // last, so that only good proofs are remembered
}

SIGNET_DECL result<verified_key> dpop_check::get() const noexcept {
    if (!proved_) return proved_.error();
    auto const first = mark_->get();
    if (!first) return first.error() == errc::replayed ? signet::error{errc::dpop_replayed} : first.error();
    return proved_;
}

}}} // namespace signet::proof

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/options.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/words.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/crypto/mac.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

namespace detail {

inline constexpr std::size_t min_challenge = 16, max_challenge = 128; // octets (13.4.3)
inline constexpr std::size_t max_descriptors = 64;
inline constexpr std::size_t max_decoys = 16;

inline bool is_challenge(std::string_view text) {
    auto const octets = codec::base64url_decode(text.substr(0, codec::base64url_encoded_size(max_challenge) + 1));
    return octets && octets->size() >= min_challenge && octets->size() <= max_challenge;
}

inline bool are_descriptors(std::span<credential_descriptor const> all) noexcept {
    return all.size() <= max_descriptors && std::ranges::all_of(all, [](credential_descriptor const& one) {
               return !one.id.empty() && one.id.size() <= max_credential_id;
           });
}

inline std::string_view text_of(user_verification v) noexcept {
    if (v == user_verification::required) return "required";
    return v == user_verification::preferred ? "preferred" : "discouraged";
}

/// Writes the words of a text that spaces separate.
inline void write_words(codec::json_writer& json, std::string_view words) {
    while (!words.empty())
        if (auto const word = codec::detail::take_word(words); !word.empty()) json.string(word);
}

inline void write_descriptors(codec::json_writer& json, std::string_view member,
                              std::span<credential_descriptor const> all) {
    json.name(member).begin_array();
    for (auto const& one : all) {
        json.begin_object().member("type", "public-key").member("id", codec::base64url_encode(one.id));
        if (!one.transports.empty()) {
            json.name("transports").begin_array();
            write_words(json, one.transports);
            json.end_array();
        }
        json.end_object();
    }
    json.end_array();
}

inline void write_hints(codec::json_writer& json, std::span<std::string_view const> hints) {
    if (hints.empty()) return;
    json.name("hints").begin_array();
    for (auto hint : hints) json.string(hint);
    json.end_array();
}

inline std::int64_t milliseconds(std::chrono::seconds s) noexcept { return std::int64_t{s.count()} * 1000; }

inline result<std::string> finish(codec::json_writer const& json, std::string text) {
    if (auto const done = json.finish(); !done) return done.error();
    return text;
}

} // namespace detail

SIGNET_DECL result<std::string> write_creation_options(relying_party const& rp, creation_params const& params) {
    if (!detail::is_challenge(params.challenge) || params.user_handle.empty() ||
        params.user_handle.size() > max_user_handle || params.user_name.empty() ||
        !detail::are_descriptors(params.exclude))
        return errc::out_of_range;
    auto const& policy = rp.params();
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object();
    json.name("rp").begin_object().member("id", policy.rp_id).member("name", policy.name).end_object();
    json.name("user").begin_object().member("id", codec::base64url_encode(params.user_handle));
    json.member("name", params.user_name);
    json.member("displayName", params.display_name.empty() ? params.user_name : params.display_name).end_object();
    json.member("challenge", params.challenge);
    json.name("pubKeyCredParams").begin_array();
    for (auto identifier : policy.algorithms)
        json.begin_object().member("type", "public-key").member("alg", identifier).end_object();
    json.end_array();
    json.member("timeout", detail::milliseconds(policy.timeout));
    detail::write_descriptors(json, "excludeCredentials", params.exclude);
    json.name("authenticatorSelection").begin_object();
    json.member("residentKey", params.discoverable ? "required" : "discouraged");
    json.member("requireResidentKey", params.discoverable);
    json.member("userVerification", detail::text_of(policy.verification)).end_object();
    json.member("attestation", policy.attestation == attestation_demand::trusted ? "direct" : "none");
    detail::write_hints(json, params.hints);
    json.name("extensions").begin_object().member("credProps", true).end_object();
    json.end_object();
    return detail::finish(json, std::move(text));
}

SIGNET_DECL result<std::string> write_request_options(relying_party const& rp, request_params const& params) {
    if (!detail::is_challenge(params.challenge) || !detail::are_descriptors(params.allow)) return errc::out_of_range;
    auto const& policy = rp.params();
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object().member("challenge", params.challenge).member("rpId", policy.rp_id);
    json.member("timeout", detail::milliseconds(policy.timeout));
    detail::write_descriptors(json, "allowCredentials", params.allow);
    json.member("userVerification", detail::text_of(policy.verification));
    detail::write_hints(json, params.hints);
    json.end_object();
    return detail::finish(json, std::move(text));
}

SIGNET_DECL result<std::string> write_related_origins(std::span<std::string_view const> origins) {
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object().name("origins").begin_array();
    for (auto origin : origins) json.string(origin);
    json.end_array().end_object();
    return detail::finish(json, std::move(text));
}

SIGNET_DECL result<std::string> write_related_origins(relying_party const& rp) {
    std::vector<std::string_view> web;
    for (auto origins : {rp.params().origins, rp.params().related_origins})
        for (auto origin : origins)
            if (!detail::is_android_origin(origin)) web.push_back(origin);
    return write_related_origins(web);
}

SIGNET_DECL std::vector<bytes> decoy_credentials(mac_key const& key, std::string_view user, std::size_t count) {
    static constexpr std::string_view purpose = "signet webauthn decoy";
    auto hmac = crypto::hmac::make(key);
    std::vector<bytes> ids;
    for (std::size_t i = 0; i != std::min(count, detail::max_decoys); ++i) {
        std::uint8_t const number = static_cast<std::uint8_t>(i);
        hmac.update(as_bytes(purpose));
        hmac.update({&number, 1}); // of fixed size, and so apart from the name
        hmac.update(as_bytes(user));
        bytes tag(hmac.size());
        hmac.finish(tag);
        tag.resize(32); // as many authenticators have them
        ids.push_back(std::move(tag));
    }
    return ids;
}

}}} // namespace signet::webauthn

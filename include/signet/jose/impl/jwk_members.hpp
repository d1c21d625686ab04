// SPDX-License-Identifier: BSL-1.0
// The members of a JWK, one at a time: texts, octets, and what the key may be used for.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/jose/jwk.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#ifndef SIGNET_JOSE_IMPL_JWK_MEMBERS_HPP
#    define SIGNET_JOSE_IMPL_JWK_MEMBERS_HPP

namespace signet { inline namespace SIGNET_ABI { namespace jose { namespace detail {

// The offset of an error inside one member says nothing about the whole text.
inline error without_offset(error e) noexcept { return {e.code, e.about}; }
inline error about_member(error e, std::string_view member) noexcept { return {e.code, find_field_name(member)}; }

/// The members that make a JWK private (RFC 7518 6.2.2, 6.3.2, 6.4.1; RFC 8037 section 2). In an AKP key `priv`
/// is one too (RFC 9964 section 3); in others it is a member that nobody knows.
inline constexpr std::string_view private_members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

inline bool has_private_member(codec::json_value object) noexcept {
    for (auto const name : private_members)
        if (object.find(name)) return true;
    if (!object.find("priv")) return false;
    auto const kty = object.find("kty");
    return kty && kty->as_string().value_or("") == "AKP";
}

/// Reads the public key that a message carries, by `limits_for_keys_in_messages`. Its certificates are not read, since
/// nobody asks for them: a sender could make a second key of them, and of no use.
SIGNET_DECL result<public_jwk> parse_message_jwk(codec::json_value object);

inline result<std::string_view> required_text(codec::json_value object, std::string_view member) noexcept {
    auto value = object.find(member);
    if (!value) return about_member(errc::bad_key, member);
    auto text = value->as_string();
    if (!text) return about_member(text.error(), member);
    return text;
}

inline result<bytes> public_octets(codec::json_value object, std::string_view member) {
    auto text = required_text(object, member);
    if (!text) return text.error();
    auto octets = codec::base64url_decode(*text);
    if (!octets) return about_member(octets.error(), member);
    return octets;
}

inline result<secret> private_octets(codec::json_value object, std::string_view member) {
    auto text = required_text(object, member);
    if (!text) return text.error();
    auto octets = codec::base64url_decode_secret(*text);
    if (!octets) return about_member(octets.error(), member);
    return octets;
}

inline result<std::optional<std::string>> optional_text(codec::json_value object, std::string_view member) {
    auto value = object.find(member);
    if (!value) return std::optional<std::string>{};
    auto text = value->as_string();
    if (!text) return about_member(text.error(), member);
    return std::optional<std::string>{*text};
}

inline result<std::optional<std::vector<std::string>>> read_key_ops(codec::json_value object) {
    auto value = object.find("key_ops");
    if (!value) return std::optional<std::vector<std::string>>{};
    if (!value->is_array()) return error{errc::json_wrong_type, field_name::key_ops};
    std::vector<std::string> operations;
    for (auto const element : *value) {
        auto name = element.as_string();
        if (!name) return error{name.error().code, field_name::key_ops};
        if (operations.size() == 64) return error{errc::bad_key, field_name::key_ops}; // eight are registered
        if (std::find(operations.begin(), operations.end(), *name) != operations.end())
            return error{errc::bad_key, field_name::key_ops}; // RFC 7517 4.3
        operations.emplace_back(*name);
    }
    return std::optional{std::move(operations)};
}

inline result<jwk_attributes> read_attributes(codec::json_value object) {
    auto kid = optional_text(object, "kid");
    if (!kid) return kid.error();
    auto use = optional_text(object, "use");
    if (!use) return use.error();
    auto key_ops = read_key_ops(object);
    if (!key_ops) return key_ops.error();
    auto alg = optional_text(object, "alg");
    if (!alg) return alg.error();
    return jwk_attributes{*std::move(kid), *std::move(use), *std::move(key_ops), *std::move(alg)};
}

}}}} // namespace signet::jose::detail

#endif

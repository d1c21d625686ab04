// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/impl/challenge_writer.hpp>
#include <signet/jose/peek.hpp>
#include <signet/jwt/answer.hpp>
#include <signet/jwt/limits.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail {

/// A text in quotes, in printable ASCII, cut off after `max_shown_text` octets.
inline std::string shown(std::string_view text) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (auto const c : text.substr(0, max_shown_text)) {
        auto const octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet > 0x7e) {
            out += "\\x";
            out += digits[octet >> 4];
            out += digits[octet & 15];
        } else {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
    }
    return out += text.size() > max_shown_text ? "\"..." : "\"";
}

} // namespace detail

SIGNET_DECL std::string bearer_challenge(errc why, std::string_view realm) {
    if (http_status(why) >= 500) return {};
    std::string text;
    output out{text};
    codec::detail::challenge_writer challenge{out, "Bearer"};
    if (!realm.empty()) challenge.add("realm", realm);
    if (auto const code = oauth_error(why); !code.empty()) challenge.add("error", code);
    return text;
}

SIGNET_DECL std::string explain(error why, std::string_view token, policy const& policy) {
    std::string out{why.name()};
    if (auto const about = name(why.about); !about.empty()) out.append(" ").append(about);
    out.append(": ").append(why.message());
    if (auto const claim = missing_claim(why, policy); !claim.empty()) out.append(": ").append(detail::shown(claim));
    if (why != errc::wrong_type) return out;

    auto const seen = jose::peek(token, policy.max_token);
    auto const typ = seen ? seen->unverified_value().header().find("typ") : result<codec::json_value>{errc::bad_key};
    auto const text = typ ? typ->as_string() : result<std::string_view>{typ.error()};
    out.append(": ").append(text ? detail::shown(*text) : "none").append(" came, ");
    auto first = true;
    for (auto const& wanted : policy.type.values()) {
        out.append(first ? "" : " or ").append(detail::shown(wanted));
        first = false;
    }
    return out.append(first ? "nothing passes" : " is required");
}

}}} // namespace signet::jwt

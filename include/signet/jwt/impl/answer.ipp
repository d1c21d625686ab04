// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/impl/challenge_writer.hpp>
#include <signet/codec/impl/words.hpp>
#include <signet/jose/peek.hpp>
#include <signet/jwt/answer.hpp>
#include <signet/jwt/impl/claim_path.ipp>
#include <signet/jwt/impl/policy.ipp>
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

/// The texts of a claim, or how a number or truth value is written; `none` if nothing is there.
inline std::string shown_value(result<codec::json_value> const& value) {
    if (!value || value->is_null()) return "none";
    if (!value->is_array()) {
        auto const text = value->as_string();
        if (text) return shown(*text);
        if (auto const truth = value->as_bool(); truth.has_value()) return *truth ? "true" : "false";
        auto const number = value->number_text();
        return number.empty() ? "an object" : std::string{number.substr(0, max_shown_text)};
    }
    std::string out = "[";
    std::size_t count = 0;
    for (auto const element : *value) {
        if (count++ != 0) out += ", ";
        if (count > max_shown_values) return out += "...]";
        out += element.is_array() ? "an array" : shown_value(element);
    }
    return out += "]";
}

/// What a policy requires, as a phrase.
inline std::string shown_wanted(must_be const& wanted) {
    if (wanted.waived()) return "any value is required";
    std::string out;
    std::size_t count = 0;
    for (auto const& value : wanted.values()) {
        if (count++ != 0) out += " or ";
        if (count > max_shown_values) {
            out += "another";
            break;
        }
        out += shown(value);
    }
    if (wanted.allows_absent()) out += out.empty() ? "none" : " or none";
    return out.empty() ? "nothing passes" : out + " is required";
}

inline std::string shown_path(claim_path const& path) {
    std::string out;
    for (auto const& name : path.names()) out.append(out.empty() ? "" : " in ").append(shown(name));
    return out;
}

inline void explain_rule(std::string& out, claim_rule const& rule, jose::peeked const& seen) {
    auto value = member_at(seen.payload(), rule.at.names());
    out.append(": ").append(shown_path(rule.at));
    if (!rule.or_at.empty()) {
        out.append(" or ").append(shown_path(rule.or_at));
        if (!value) value = member_at(seen.payload(), rule.or_at.names());
    }
    out.append(": ").append(shown_value(value)).append(" came, ").append(shown_wanted(rule.value));
}

/// What came, and what is required, for the errors that are about one value.
inline void explain_value(std::string& out, error why, jose::peeked const& seen, policy const& policy) {
    auto const came = [&](codec::json_value object, std::string_view name) {
        out.append(": ").append(shown_value(object.find(name))).append(" came");
    };
    switch (why.code) {
    case errc::wrong_type:
        came(seen.header(), "typ");
        out.append(", ").append(shown_wanted(policy.type));
        break;
    case errc::wrong_issuer:
        came(seen.payload(), "iss");
        out.append(", ").append(shown_wanted(policy.issuer));
        if (!policy.tenant_claim.empty()) {
            auto const tenant = seen.payload().find(policy.tenant_claim);
            out.append(", with ").append(shown(policy.tenant_claim)).append(": ").append(shown_value(tenant));
        }
        break;
    case errc::wrong_audience:
        came(seen.payload(), "aud");
        out.append(", ").append(shown_wanted(policy.audience));
        break;
    case errc::expired:
    case errc::not_yet_valid:
    case errc::issued_in_future:
    case errc::too_old:
        came(seen.payload(), name(why.about));
        out.append(", the leeway is ").append(std::to_string(policy.leeway.count())).append(" s");
        break;
    case errc::unknown_key:
    case errc::kid_required: came(seen.header(), "kid"); break;
    case errc::algorithm_not_allowed:
    case errc::algorithm_mismatch: came(seen.header(), "alg"); break;
    default: break;
    }
}

SIGNET_DECL void add_challenge_params(codec::detail::challenge_writer& challenge, errc why, std::string_view code,
                                      challenge_params const& params) {
    if (!params.realm.empty()) challenge.add("realm", params.realm);
    if (!code.empty()) {
        challenge.add("error", code);
        if (params.describe) challenge.add("error_description", message(why));
    }
    if (!params.scope.empty()) challenge.add("scope", params.scope);
    if (why == errc::insufficient_user_authentication) {
        auto const& wanted = params.authentication;
        if (!wanted.acr_values.empty()) challenge.add("acr_values", wanted.acr_values);
        if (wanted.max_age) challenge.add("max_age", std::to_string(not_negative(*wanted.max_age).count()));
    }
    if (!params.resource_metadata.empty()) challenge.add("resource_metadata", params.resource_metadata);
}

/// RFC 9449 7.1: the codes of DPoP are those of its own scheme.
inline std::string_view bearer_code(errc why) noexcept {
    auto const code = oauth_error(why);
    return code == "invalid_dpop_proof" || code == "use_dpop_nonce" ? std::string_view{"invalid_token"} : code;
}

} // namespace detail

SIGNET_DECL std::string bearer_challenge(errc why, challenge_params const& params) {
    if (http_status(why) >= 500) return {};
    std::string text;
    output out{text};
    codec::detail::challenge_writer challenge{out, "Bearer"};
    detail::add_challenge_params(challenge, why, detail::bearer_code(why), params);
    return text;
}

SIGNET_DECL result<void> require_scope(claims_view const& token, std::string_view scope,
                                       permission_claims const& names) noexcept {
    bool some = false;
    while (!scope.empty()) {
        auto const word = codec::detail::take_word(scope);
        if (word.empty()) continue;
        some = true;
        if (!names.has_scope(token, word)) return error{errc::insufficient_scope, field_name::scope};
    }
    if (!some) return error{errc::insufficient_scope, field_name::scope};
    return {};
}

SIGNET_DECL result<void> require_authentication(claims_view const& token, authentication_params const& wanted,
                                                unix_time now) noexcept {
    if (wanted.acr_values.empty() && !wanted.max_age)
        return error{errc::insufficient_user_authentication, field_name::acr};
    if (!wanted.acr_values.empty()) {
        auto const acr = token.claim<std::string_view>("acr");
        auto const met = acr && !acr->empty() && codec::detail::has_word(wanted.acr_values, *acr);
        if (!met) return error{errc::insufficient_user_authentication, field_name::acr};
    }
    if (wanted.max_age) {
        if (now <= unix_time{}) return errc::time_not_set;
        auto const when = token.claim<numeric_date>("auth_time");
        auto const leeway = detail::not_negative(wanted.leeway);
        auto const early = saturating_add(now, -leeway);
        if (!when || saturating_add(when->seconds, detail::not_negative(*wanted.max_age)) < early ||
            *when > saturating_add(now, leeway))
            return error{errc::insufficient_user_authentication, field_name::auth_time};
    }
    return {};
}

SIGNET_DECL std::string explain(error why, std::string_view token, policy const& policy) {
    std::string out{why.name()};
    if (auto const about = name(why.about); !about.empty()) out.append(" ").append(about);
    out.append(": ").append(why.message());
    if (why == errc::token_too_large)
        return out.append(": ")
            .append(std::to_string(token.size()))
            .append(" characters came, max_token is ")
            .append(std::to_string(policy.max_token));
    if ((why == errc::invalid_base64_character || why == errc::invalid_base64_length) && !token.empty() &&
        std::string_view{" \t\r\n"}.find(token.back()) != std::string_view::npos)
        return out.append(": the text ends in white space, as a line of a file does");
    auto const* rule = broken_rule(why, policy);
    if (why == errc::claim_refused && !rule) return out.append(": the policy's own check returned false");
    if (!rule)
        if (auto const claim = missing_claim(why, policy); !claim.empty())
            out.append(": ").append(detail::shown(claim));

    auto const peeked = jose::peek(token, policy.max_token);
    if (!peeked) return out;
    auto const& seen = peeked->unverified_value();
    if (rule) detail::explain_rule(out, *rule, seen);
    else detail::explain_value(out, why, seen, policy);
    return out;
}

}}} // namespace signet::jwt

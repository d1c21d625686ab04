// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/ascii.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/jwt/claims_view.hpp>
#include <signet/jwt/impl/claim_path.ipp>
#include <signet/jwt/policy.hpp>
#include <signet/jwt/verified.hpp>

#include <algorithm>
#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail {

/// RFC 7515 4.1.9: "application/" may be left out where no other '/' is in the type.
inline std::string_view without_application(std::string_view type) noexcept {
    constexpr std::string_view prefix = "application/";
    if (!signet::detail::equal_ignoring_case(type.substr(0, prefix.size()), prefix)) return type;
    auto const rest = type.substr(prefix.size());
    return rest.empty() || rest.find('/') != rest.npos ? type : rest;
}

inline std::chrono::seconds not_negative(std::chrono::seconds s) noexcept {
    return s < std::chrono::seconds{0} ? std::chrono::seconds{0} : s;
}

/// Feeds a hash with numbers of fixed width and strings with their lengths, so that no two policies run together.
class fingerprint_writer {
public:
    void number(std::uint64_t n) {
        std::uint8_t octets[8];
        for (auto& o : octets) {
            o = static_cast<std::uint8_t>(n);
            n >>= 8;
        }
        hash_.update(octets);
    }
    void text(std::string_view s) {
        number(s.size());
        hash_.update(as_bytes(s));
    }
    void texts(std::vector<std::string> const& list) {
        number(list.size());
        for (auto const& s : list) text(s);
    }
    void must(must_be const& m) {
        number(m.waived());
        number(m.allows_absent());
        texts(m.values());
    }
    std::array<std::uint8_t, 32> finish() {
        std::array<std::uint8_t, 32> digest;
        hash_.finish(digest);
        return digest;
    }

private:
    crypto::hasher hash_{hash_id::sha256};
};

} // namespace detail

SIGNET_DECL one_of::one_of(std::initializer_list<value> list) {
    values.reserve(list.size());
    for (auto const& one : list) {
        if (one.is_absent) may_be_absent = true;
        else values.emplace_back(one.text);
    }
}

SIGNET_DECL must_be::must_be(char const* value) {
    if (value) values_.emplace_back(value);
}
SIGNET_DECL must_be::must_be(std::string value) { values_.push_back(std::move(value)); }
SIGNET_DECL must_be::must_be(std::string_view value) { values_.emplace_back(value); }
SIGNET_DECL must_be::must_be(one_of list) noexcept : values_{std::move(list.values)}, absent_{list.may_be_absent} {}
SIGNET_DECL must_be::must_be(anything_t) noexcept : waived_{true} {}
SIGNET_DECL must_be::must_be(absent_t) noexcept : absent_{true} {}
SIGNET_DECL must_be::must_be(must_be const&) = default;
SIGNET_DECL must_be::must_be(must_be&&) noexcept = default;
SIGNET_DECL must_be& must_be::operator=(must_be const&) = default;
SIGNET_DECL must_be& must_be::operator=(must_be&&) noexcept = default;
SIGNET_DECL must_be::~must_be() = default;

SIGNET_DECL bool must_be::allows(std::string_view value) const noexcept {
    for (auto const& v : values_)
        if (v.size() == value.size() && (v.empty() || std::memcmp(v.data(), value.data(), v.size()) == 0)) return true;
    return waived_;
}

SIGNET_DECL bool must_be::allows_type(std::string_view type) const noexcept {
    if (type.empty() && absent_) return true;
    for (auto const& v : values_)
        if (signet::detail::equal_ignoring_case(detail::without_application(v), detail::without_application(type)))
            return true;
    return waived_;
}

SIGNET_DECL std::array<std::uint8_t, 32> fingerprint(policy const& policy) {
    detail::fingerprint_writer w;
    w.text("signet/policy/4");
    detail::with_members(policy,
                         [&](must_be const& issuer, must_be const& audience, must_be const& type,
                             must_be const& subject, std::chrono::seconds leeway, std::chrono::seconds max_ahead,
                             auto const& max_age, auto const& required, std::vector<claim_rule> const& claim_rules,
                             std::string_view tenant_claim, expiry_rule expiry, std::size_t max_token, auto check,
                             bool prepared_keys, std::size_t max_table_bytes) {
                             w.must(issuer);
                             w.must(audience);
                             w.must(type);
                             w.must(subject);
                             w.number(static_cast<std::uint64_t>(detail::not_negative(leeway).count()));
                             w.number(static_cast<std::uint64_t>(detail::not_negative(max_ahead).count()));
                             w.number(max_age.has_value());
                             w.number(static_cast<std::uint64_t>(max_age.value_or(std::chrono::seconds{0}).count()));
                             w.texts(required);
                             w.number(claim_rules.size());
                             for (auto const& rule : claim_rules) {
                                 w.texts(rule.at.names());
                                 w.must(rule.value);
                                 w.texts(rule.or_at.names());
                             }
                             w.text(tenant_claim);
                             w.number(expiry.required());
                             w.number(max_token);
                             w.number(check != nullptr);
                             w.number(prepared_keys);
                             w.number(max_table_bytes);
                         });
    return w.finish();
}

SIGNET_DECL result<void> check_times(claims_view const& claims, policy const& policy, unix_time now) noexcept {
    if (now <= unix_time{}) return errc::time_not_set;
    auto const leeway = detail::not_negative(policy.leeway);
    auto const early = saturating_add(now, -leeway); // the earliest that our clock may stand for
    auto const late = saturating_add(now, std::max(leeway, policy.max_ahead));

    auto const& in = detail::token_access::index(claims);
    if (!in.has_exp && policy.expiry.required()) return error{errc::expiry_missing, field_name::exp};
    if (in.has_exp && in.exp <= early)
        return error{errc::expired, field_name::exp}; // RFC 7519 4.1.4: "on or after" exp
    if (in.has_nbf && in.nbf > late) return error{errc::not_yet_valid, field_name::nbf};
    if (in.has_iat && in.iat > late) return error{errc::issued_in_future, field_name::iat};
    if (policy.max_age) {
        if (!in.has_iat) return error{errc::claim_missing, field_name::iat};
        // Older than max_age, by a clock that may be ahead by the leeway: iat + max_age < now - leeway.
        if (saturating_add(in.iat.seconds, detail::not_negative(*policy.max_age)) < early)
            return error{errc::too_old, field_name::iat};
    }
    return {};
}

namespace detail {

inline bool is_tenant(std::string_view text) noexcept {
    constexpr std::string_view others = "-._";
    for (auto const c : text)
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            others.find(c) == others.npos)
            return false;
    return !text.empty() && text.size() <= max_tenant;
}

SIGNET_DECL std::string_view tenant_in(std::string_view issuer, std::string_view name) noexcept {
    auto const at = name.find(tenant_placeholder);
    if (at == name.npos) return {};
    auto const before = name.substr(0, at), after = name.substr(at + tenant_placeholder.size());
    if (issuer.size() <= before.size() + after.size() || !issuer.starts_with(before) || !issuer.ends_with(after))
        return {};
    auto const tenant = issuer.substr(before.size(), issuer.size() - before.size() - after.size());
    return is_tenant(tenant) ? tenant : std::string_view{};
}

inline bool is_issuer_allowed(claims_view const& claims, policy const& policy) noexcept {
    if (token_access::index(claims).iss == 0) return policy.issuer.allows_absent();
    if (policy.tenant_claim.empty()) return policy.issuer.allows(claims.issuer());
    if (policy.issuer.waived()) return true;
    auto const tenant = claims.claim<std::string_view>(policy.tenant_claim);
    if (!tenant || !is_tenant(*tenant)) return false;
    for (auto const& name : policy.issuer.values()) {
        auto const named = name.find(tenant_placeholder) != name.npos;
        if (named ? tenant_in(claims.issuer(), name) == *tenant : name == claims.issuer()) return true;
    }
    return false;
}

inline bool is_audience_allowed(claims_view const& claims, must_be const& wanted) noexcept {
    if (token_access::index(claims).aud == 0) return wanted.allows_absent();
    auto const audience = claims.audience();
    auto named = wanted.waived();
    for (auto const& who : wanted.values()) named = named || audience.contains(who);
    return named;
}

/// Whether a rule allows one value, or one element of an array.
inline bool is_value_allowed(codec::json_value value, must_be const& wanted) noexcept {
    if (auto const text = value.as_string()) return wanted.allows(*text);
    if (auto const truth = value.as_bool(); truth.has_value()) return wanted.allows(*truth ? "true" : "false");
    if (auto const number = value.number_text(); !number.empty()) return wanted.allows(number);
    return false;
}

inline errc judge_rule(claims_view const& claims, claim_rule const& rule) noexcept {
    auto found = rule.at.find(claims);
    if (!found && found.error() == errc::claim_missing && !rule.or_at.empty()) found = rule.or_at.find(claims);
    if (!found && found.error() != errc::claim_missing) return errc::claim_refused;
    if (!found) return rule.value.allows_absent() && !rule.value.waived() ? errc{} : errc::claim_missing;
    if (rule.value.waived()) return errc{};
    if (!found->is_array()) return is_value_allowed(*found, rule.value) ? errc{} : errc::claim_refused;
    for (auto const element : *found)
        if (is_value_allowed(element, rule.value)) return errc{};
    return errc::claim_refused;
}

/// The positions of these errors are behind those of required claims, and behind 0, which is `check` or `iat`.
inline result<void> check_rules(claims_view const& claims, policy const& policy) noexcept {
    for (std::size_t i = 0; i != policy.claim_rules.size(); ++i) {
        auto const& rule = policy.claim_rules[i];
        auto const why = judge_rule(claims, rule);
        if (why == errc{}) continue;
        auto const about = rule.at.names().size() == 1 ? find_field_name(rule.at.names().front()) : field_name::none;
        return error{why, (why == errc::claim_missing ? policy.required.size() : 0u) + 1u + i, about};
    }
    return {};
}

SIGNET_DECL result<void> check_payload(claims_view const& claims, policy const& policy, unix_time now) noexcept {
    // Absent is refused, also where the policy wants an empty string.
    if (!policy.issuer.waived() && !is_issuer_allowed(claims, policy))
        return error{errc::wrong_issuer, field_name::iss};
    if (!policy.audience.waived() && !is_audience_allowed(claims, policy.audience))
        return error{errc::wrong_audience, field_name::aud};
    if (!policy.subject.waived()) {
        auto const present = token_access::index(claims).sub != 0;
        if (!(present ? policy.subject.allows(claims.subject()) : policy.subject.allows_absent()))
            return error{errc::wrong_subject, field_name::sub};
    }
    if (auto times = check_times(claims, policy, now); !times) return times;
    for (std::size_t i = 0; i != policy.required.size(); ++i) {
        auto const found = claims.root().find(policy.required[i]);
        if (!found || found->is_null()) return error{errc::claim_missing, i, find_field_name(policy.required[i])};
    }
    if (!policy.claim_rules.empty())
        if (auto rules = check_rules(claims, policy); !rules) return rules;
    if (policy.check && !policy.check(claims)) return errc::claim_refused;
    return {};
}

} // namespace detail

SIGNET_DECL std::string_view missing_claim(error why, policy const& policy) noexcept {
    if (why != errc::claim_missing) return {};
    if (auto const* rule = broken_rule(why, policy); rule && !rule->at.empty()) return rule->at.names().back();
    if (why.about != field_name::none) return name(why.about);
    return why.at < policy.required.size() ? std::string_view{policy.required[why.at]} : std::string_view{};
}

SIGNET_DECL claim_rule const* broken_rule(error why, policy const& policy) noexcept {
    auto const before = (why == errc::claim_missing ? policy.required.size() : 0u) + 1u;
    if ((why != errc::claim_missing && why != errc::claim_refused) || why.at < before) return nullptr;
    auto const index = why.at - before;
    return index < policy.claim_rules.size() ? &policy.claim_rules[index] : nullptr;
}

SIGNET_DECL result<void> check_claims(claims_view const& claims, policy const& policy, unix_time now) noexcept {
    if (!policy.type.waived() && !policy.type.allows_type(claims.type()))
        return error{errc::wrong_type, field_name::typ};
    return detail::check_payload(claims, policy, now);
}

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/ascii.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/jwt/claims_view.hpp>
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
    for (auto const& one : list) values.emplace_back(one.text);
}

SIGNET_DECL must_be::must_be(char const* value) {
    if (value) values_.emplace_back(value);
}
SIGNET_DECL must_be::must_be(std::string value) { values_.push_back(std::move(value)); }
SIGNET_DECL must_be::must_be(std::string_view value) { values_.emplace_back(value); }
SIGNET_DECL must_be::must_be(one_of list) noexcept : values_{std::move(list.values)} {}
SIGNET_DECL must_be::must_be(anything_t) noexcept : waived_{true} {}
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
    for (auto const& v : values_)
        if (signet::detail::equal_ignoring_case(detail::without_application(v), detail::without_application(type)))
            return true;
    return waived_;
}

SIGNET_DECL std::array<std::uint8_t, 32> fingerprint(policy const& policy) {
    detail::fingerprint_writer w;
    w.text("signet/policy/3");
    detail::with_members(policy,
                         [&](must_be const& issuer, must_be const& audience, must_be const& type,
                             must_be const& subject, std::chrono::seconds leeway, std::chrono::seconds max_ahead,
                             auto const& max_age, auto const& required, expiry_rule expiry, std::size_t max_token,
                             auto check, bool prepared_keys, std::size_t max_table_bytes) {
                             w.must(issuer);
                             w.must(audience);
                             w.must(type);
                             w.must(subject);
                             w.number(static_cast<std::uint64_t>(detail::not_negative(leeway).count()));
                             w.number(static_cast<std::uint64_t>(detail::not_negative(max_ahead).count()));
                             w.number(max_age.has_value());
                             w.number(static_cast<std::uint64_t>(max_age.value_or(std::chrono::seconds{0}).count()));
                             w.texts(required);
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

SIGNET_DECL result<void> check_payload(claims_view const& claims, policy const& policy, unix_time now) noexcept {
    // Absent is refused, also where the policy wants an empty string.
    auto const& index = token_access::index(claims);
    if (!policy.issuer.waived() && (index.iss == 0 || !policy.issuer.allows(claims.issuer())))
        return error{errc::wrong_issuer, field_name::iss};
    if (!policy.audience.waived()) {
        auto const audience = claims.audience();
        auto named = false;
        for (auto const& who : policy.audience.values()) named = named || audience.contains(who);
        if (!named) return error{errc::wrong_audience, field_name::aud};
    }
    if (!policy.subject.waived() && (index.sub == 0 || !policy.subject.allows(claims.subject())))
        return error{errc::wrong_subject, field_name::sub};
    if (auto times = check_times(claims, policy, now); !times) return times;
    for (std::size_t i = 0; i != policy.required.size(); ++i) {
        auto const found = claims.root().find(policy.required[i]);
        if (!found || found->is_null()) return error{errc::claim_missing, i, find_field_name(policy.required[i])};
    }
    if (policy.check && !policy.check(claims)) return errc::claim_refused;
    return {};
}

} // namespace detail

SIGNET_DECL std::string_view missing_claim(error why, policy const& policy) noexcept {
    if (why != errc::claim_missing) return {};
    if (why.about != field_name::none) return name(why.about);
    return why.at < policy.required.size() ? std::string_view{policy.required[why.at]} : std::string_view{};
}

SIGNET_DECL result<void> check_claims(claims_view const& claims, policy const& policy, unix_time now) noexcept {
    if (!policy.type.waived() && !policy.type.allows_type(claims.type()))
        return error{errc::wrong_type, field_name::typ};
    return detail::check_payload(claims, policy, now);
}

}}} // namespace signet::jwt

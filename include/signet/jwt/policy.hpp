// SPDX-License-Identifier: BSL-1.0
// What a token has to say to be accepted (RFC 7519 section 4.1, RFC 8725 section 3).
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/jwt/claim_path.hpp>
#include <signet/jwt/limits.hpp>

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The type of `anything`.
struct anything_t {
    explicit anything_t() = default;
};

/// Waives a check: `.issuer = jwt::anything`. A review can find it.
inline constexpr anything_t anything{};

/// The type of `absent`.
struct absent_t {
    explicit absent_t() = default;
};

/// Requires that a claim, or the header's `typ`, is absent: `.type = jwt::absent`. It may be one of several
/// alternatives: `.type = jwt::one_of{"at+jwt", jwt::absent}`.
inline constexpr absent_t absent{};

/// Any of several values: `.issuer = jwt::one_of{"https://old.example", "https://new.example"}`. An empty list accepts
/// nothing.
struct one_of {
    /// A text of the list. It has its own type, since `{{"a", "b"}}` would be one std::string_view from pointer to
    /// pointer.
    struct value {
        /// Refers to the text while the list is made.
        template <class T>
            requires(std::is_convertible_v<T const&, std::string_view>)
        value(T const& from) noexcept : text{from} {}
        /// Accepts that the claim is absent.
        value(absent_t) noexcept : is_absent{true} {}
        std::string_view text;
        bool is_absent = false;
    };
    /// Accepts any of these values; an empty list accepts none.
    SIGNET_DECL one_of(std::initializer_list<value> list);
    explicit one_of(std::vector<std::string> list) noexcept : values{std::move(list)} {}
    std::vector<std::string> values;
    bool may_be_absent = false; ///< whether a token without the claim is accepted too
};

namespace detail { // named for what a compiler says where a policy leaves one of them out
struct issuer_audience_and_type_have_no_default {};
} // namespace detail

/// The required value of a claim. There is no default: give the value, or waive the check with `anything`. Owns its
/// strings.
class must_be {
public:
    /// Requires one value, one of a list, or absence; or waives the check. With a null pointer, which `std::getenv`
    /// returns for a variable that is not set, no token is accepted.
    SIGNET_DECL must_be(char const* value);
    must_be(std::nullptr_t) = delete;
    must_be(detail::issuer_audience_and_type_have_no_default = {}) = delete; // state each, or waive it by jwt::anything
    SIGNET_DECL must_be(std::string value);
    SIGNET_DECL must_be(std::string_view value);
    SIGNET_DECL must_be(one_of list) noexcept;
    SIGNET_DECL must_be(anything_t) noexcept;
    SIGNET_DECL must_be(absent_t) noexcept;
    // Not here but once: whoever writes a policy down need not compile what handles lists of strings.
    SIGNET_DECL must_be(must_be const&);
    SIGNET_DECL must_be(must_be&&) noexcept;
    SIGNET_DECL must_be& operator=(must_be const&);
    SIGNET_DECL must_be& operator=(must_be&&) noexcept;
    SIGNET_DECL ~must_be();

    /// Returns whether the check is waived.
    [[nodiscard]] bool waived() const noexcept { return waived_; }
    /// Returns whether a token without the claim is accepted.
    [[nodiscard]] bool allows_absent() const noexcept { return waived_ || absent_; }
    /// Returns the accepted texts.
    [[nodiscard]] std::vector<std::string> const& values() const noexcept { return values_; }
    /// Compares octets without normalisation; case matters (RFC 7519 section 4.1.1).
    [[nodiscard]] SIGNET_DECL bool allows(std::string_view value) const noexcept;
    /// Compares media types (RFC 7515 section 4.1.9): "application/" may be missing, and case does not matter. An empty
    /// type counts as absent.
    [[nodiscard]] SIGNET_DECL bool allows_type(std::string_view type) const noexcept;

private:
    std::vector<std::string> values_;
    bool waived_ = false, absent_ = false;
};

/// A rule for a claim of any name. Owns its strings.
///
/// Example: `jwt::claim_rule{"token_use", "access"}`
struct claim_rule {
    claim_path at; ///< where the claim is
    /// The required value: a string, or a number or boolean as JSON writes it. In an array, one element must have it.
    /// With `anything` the claim must be present and not null; with `absent` it must be absent.
    must_be value;
    claim_path or_at{}; ///< a second place, for issuers that have two names for the claim; read if `at` is absent
};

/// The placeholder for the tenant in `policy::issuer`, if the policy has a `tenant_claim`.
inline constexpr std::string_view tenant_placeholder = "{tenantid}";

/// The number of characters of the longest tenant.
inline constexpr std::size_t max_tenant = 64;

/// Whether a token must have `exp`. It must, unless `.expiry = jwt::anything` waives it. An `exp` that is present is
/// always checked.
class expiry_rule {
public:
    constexpr expiry_rule() noexcept = default;
    /// Waives `exp`: a token without it is accepted; a token that has it still expires.
    constexpr expiry_rule(anything_t) noexcept : required_{false} {}
    /// Returns whether a token without `exp` is refused.
    [[nodiscard]] constexpr bool required() const noexcept { return required_; }

private:
    bool required_ = true;
};

/// What a token's claims must be. The first three members have no default: leaving one out does not compile.
///
/// Example: `jwt::policy{.issuer = "https://id.example", .audience = "orders", .type = "at+jwt", .leeway = 30s}`.
struct policy {
    must_be issuer;                                ///< values that `iss` may have; else `wrong_issuer`
    must_be audience;                              ///< values of which `aud` must have one; else `wrong_audience`
    must_be type;                                  ///< values that the header's `typ` may have; else `wrong_type`
    must_be subject = anything;                    ///< values that `sub` may have; else `wrong_subject`
    std::chrono::seconds leeway{0};                ///< how far clocks may differ; negative counts as 0
    std::chrono::seconds max_ahead{60};            ///< how far `nbf` and `iat` may be ahead; `exp` is not affected
    std::optional<std::chrono::seconds> max_age{}; ///< since `iat`, which is then required; else `too_old`
    std::vector<std::string> required{};           ///< claims that must be present and not null; else `claim_missing`
    /// Claims that must have these values; else `claim_missing` if none is there, or `claim_refused`.
    std::vector<claim_rule> claim_rules{};
    /// If not empty, the value of this claim replaces `{tenantid}` in `issuer`: letters, digits, `-`, `.` and `_`. So
    /// `iss` and this claim must name the same tenant; else `wrong_issuer`. Any tenant is accepted: to accept only
    /// some, add a `claim_rule`.
    std::string tenant_claim{};
    expiry_rule expiry{};                      ///< whether `exp` is required; else `expiry_missing`
    std::size_t max_token = default_max_token; ///< characters of a token; beyond: `token_too_large`
    /// Your own check, which runs last; if it returns false, the error is `claim_refused`. Tokens of such a policy are
    /// not cached. It may be called concurrently.
    bool (*check)(claims_view const& claims) noexcept = nullptr;
    /// Whether signet's own arithmetic verifies ES256 and Ed25519. If false, Botan verifies every signature but those
    /// of ML-DSA, which are then verified without tables.
    bool prepared_keys = true;
    /// The largest total size in octets of the tables that a verifier makes for its keys in its constructor and in
    /// `swap`. The default holds 12 keys of ES256, 8 of Ed25519, or 51, 28 or 15 of ML-DSA-44, 65 or 87. If the tables
    /// of all keys do not fit, none is made: call `prepare`.
    std::size_t max_table_bytes = 1u << 20;
};

namespace detail {

/// Calls `f` with every member of `policy`. A policy with one more does not compile until it is named here; a template,
/// so that a test can try one.
template <class Policy, class F> constexpr decltype(auto) with_members(Policy const& policy, F&& f) {
    auto const& [issuer, audience, type, subject, leeway, max_ahead, max_age, required, claim_rules, tenant_claim,
                 expiry, max_token, check, prepared_keys, max_table_bytes] = policy;
    return f(issuer, audience, type, subject, leeway, max_ahead, max_age, required, claim_rules, tenant_claim, expiry,
             max_token, check, prepared_keys, max_table_bytes);
}

} // namespace detail

/// Returns SHA-256 over every member of a policy: policies that accept different tokens have different fingerprints. Of
/// `check`, only its presence counts.
[[nodiscard]] SIGNET_DECL std::array<std::uint8_t, 32> fingerprint(policy const& policy);

/// Checks exp, nbf, iat and max_age of a token at `now`, in this order. Errors: `time_not_set` if `now` is 1970 or
/// earlier; `expired`; `expiry_missing`; `not_yet_valid`; `issued_in_future`; `too_old`;
/// `claim_missing`.
[[nodiscard]] SIGNET_DECL result<void> check_times(claims_view const& claims, policy const& policy,
                                                   unix_time now) noexcept;

/// Checks a token against all members of a policy at `now`: names first, then times, then claims, then `check`.
[[nodiscard]] SIGNET_DECL result<void> check_claims(claims_view const& claims, policy const& policy,
                                                    unix_time now) noexcept;

/// Returns the name of the claim that a `claim_missing` of a verifier with this policy is about; of a path, the last
/// name. Empty for other errors. Refers to `policy` or to a literal.
[[nodiscard]] SIGNET_DECL std::string_view missing_claim(error why, policy const& policy) noexcept;

/// Returns the rule that a `claim_missing` or `claim_refused` of a verifier with this policy is about. Null for other
/// errors, and for a refusal by the policy's own `check`. Refers to `policy`.
[[nodiscard]] SIGNET_DECL claim_rule const* broken_rule(error why, policy const& policy) noexcept;

namespace detail {
/// The tenant that stands in `issuer` where `name` has `{tenantid}`. Empty if the issuer has not the form of that name,
/// and for a text that no tenant can be.
[[nodiscard]] SIGNET_DECL std::string_view tenant_in(std::string_view issuer, std::string_view name) noexcept;

/// Checks everything except the type, which a verifier may have checked already.
[[nodiscard]] SIGNET_DECL result<void> check_payload(claims_view const& claims, policy const& policy,
                                                     unix_time now) noexcept;
} // namespace detail

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/policy.ipp>
#endif

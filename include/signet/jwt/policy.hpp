// SPDX-License-Identifier: BSL-1.0
// What a token has to say to be accepted (RFC 7519 section 4.1, RFC 8725 section 3).
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

class claims_view;

/// The type of `anything`.
struct anything_t {
    explicit anything_t() = default;
};

/// Waives a check, visibly: `.issuer = jwt::anything`.
inline constexpr anything_t anything{};

/// Any of several values: `.issuer = jwt::one_of{"https://old.example", "https://new.example"}`. Empty: nothing passes.
struct one_of {
    /// A text in the list; its own type, since `{{"a", "b"}}` would be one std::string_view from pointer to pointer.
    struct value {
        /// Views the text while the list is made.
        template <class T>
            requires(std::is_convertible_v<T const&, std::string_view>)
        value(T const& from) noexcept : text{from} {}
        std::string_view text;
    };
    /// Any of these is right. Without any, none is.
    SIGNET_DECL one_of(std::initializer_list<value> list);
    explicit one_of(std::vector<std::string> list) noexcept : values{std::move(list)} {}
    std::vector<std::string> values;
};

/// What a claim has to say. There is no default: give the value, or write `anything` and be seen doing so.
/// It owns its strings, so a policy outlives what it was read from.
class must_be {
public:
    /// One text, any of a list, or waived by name. A null pointer, as `std::getenv` returns for a variable that is not
    /// set, is no text: nothing passes.
    SIGNET_DECL must_be(char const* value);
    must_be(std::nullptr_t) = delete;
    must_be() = delete; // issuer, audience and type have no default: state each of them, or waive it by jwt::anything
    SIGNET_DECL must_be(std::string value);
    SIGNET_DECL must_be(std::string_view value);
    SIGNET_DECL must_be(one_of list) noexcept;
    SIGNET_DECL must_be(anything_t) noexcept;
    // Not here but once: whoever writes a policy down need not compile what handles lists of strings.
    SIGNET_DECL must_be(must_be const&);
    SIGNET_DECL must_be(must_be&&) noexcept;
    SIGNET_DECL must_be& operator=(must_be const&);
    SIGNET_DECL must_be& operator=(must_be&&) noexcept;
    SIGNET_DECL ~must_be();

    /// Whether the check was waived by name.
    [[nodiscard]] bool waived() const noexcept { return waived_; }
    /// The texts of which one has to be there.
    [[nodiscard]] std::vector<std::string> const& values() const noexcept { return values_; }
    /// Compares octets; never normalises (RFC 7519 4.1.1: case-sensitive).
    [[nodiscard]] SIGNET_DECL bool allows(std::string_view value) const noexcept;
    /// Compares media types (RFC 7515 4.1.9): "application/" may be left out and case does not matter.
    [[nodiscard]] SIGNET_DECL bool allows_type(std::string_view type) const noexcept;

private:
    std::vector<std::string> values_;
    bool waived_ = false;
};

/// Whether a token must have `exp`. It must, unless `.expiry = jwt::anything` says otherwise; one that is there counts
/// always.
class expiry_rule {
public:
    constexpr expiry_rule() noexcept = default;
    /// Waived by name: a token without `exp` passes; one that has it still expires.
    constexpr expiry_rule(anything_t) noexcept : required_{false} {}
    /// Whether a token without `exp` is refused.
    [[nodiscard]] constexpr bool required() const noexcept { return required_; }

private:
    bool required_ = true;
};

/// The claims that make a token acceptable. The first three have no default: leaving one out does not compile.
///
/// Example: `jwt::policy{.issuer = "https://id.example", .audience = "orders", .type = "at+jwt", .leeway = 30s}`.
struct policy {
    must_be issuer;                                ///< `iss`; absent is refused like another one: `wrong_issuer`
    must_be audience;                              ///< one of `aud`'s values: `wrong_audience`
    must_be type;                                  ///< the header's `typ`: `wrong_type`
    must_be subject = anything;                    ///< `sub`: `wrong_subject`
    std::chrono::seconds leeway{0};                ///< how far clocks may differ; negative counts as 0
    std::optional<std::chrono::seconds> max_age{}; ///< since `iat`, which it makes a required claim: `too_old`
    std::vector<std::string> required{};           ///< claims that must be there and not null: `claim_missing`
    expiry_rule expiry{};                          ///< `expiry_missing`
    std::size_t max_token = 8192;                  ///< characters: `token_too_large`
    /// A check of the application's own, run last: false is `claim_refused`. Tokens judged by one are not cached.
    bool (*check)(claims_view const& claims) noexcept = nullptr;
    /// Whether ES256 and Ed25519 are verified by signet's own arithmetic; false: every signature is Botan's to judge.
    bool prepared_keys = true;
};

/// SHA-256 over every member of a policy, for caches: two policies that judge differently differ in it.
/// `check` goes in as "there is one", since a function has no name.
[[nodiscard]] SIGNET_DECL std::array<std::uint8_t, 32> fingerprint(policy const& rules);

/// Judges exp, nbf, iat and max_age of a token at `now`, in this order; what a verifier does last but one.
/// Errors: `out_of_range` where `now` is 1970 or earlier, a time that nobody set; `expired`, `expiry_missing`,
/// `not_yet_valid`, `issued_in_future`, `too_old`, `claim_missing`.
[[nodiscard]] SIGNET_DECL result<void> check_times(claims_view const& claims, policy const& rules,
                                                   unix_time now) noexcept;

/// Judges everything a policy says about a token at `now`, in the order of the policy's members, times after the names.
[[nodiscard]] SIGNET_DECL result<void> check_claims(claims_view const& claims, policy const& rules,
                                                    unix_time now) noexcept;

/// The name of the claim that a `claim_missing` of a verifier with this policy is about, an application's own too.
/// Empty for other errors. A view into `rules` or a literal.
[[nodiscard]] SIGNET_DECL std::string_view missing_claim(error why, policy const& rules) noexcept;

namespace detail {
/// check_claims without the type, which a verifier may know already.
[[nodiscard]] SIGNET_DECL result<void> check_payload(claims_view const& claims, policy const& rules,
                                                     unix_time now) noexcept;
} // namespace detail

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/policy.ipp>
#endif

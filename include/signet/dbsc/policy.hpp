// SPDX-License-Identifier: BSL-1.0
// One policy for a site's device bound sessions, from which the instructions and the Set-Cookie lines both come.
#pragma once

#include <signet/crypto/algorithm.hpp>
#include <signet/dbsc/impl/policy_check.hpp>
#include <signet/http/set_cookie.hpp>

#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// What a policy is made from. Left out, a member takes the value that suits most sites.
struct policy_params {
    http::cookie_policy
        cookie; ///< the bound cookie: Secure, HttpOnly, with a Max-Age, not Partitioned; see `bound_cookie`

    /// Scheme, host and port of the site as browsers write it: "https://app.example.com", with a port other than 443.
    std::string_view origin;
    /// Whether the session covers all hosts of the site; then the origin's host is the registrable domain.
    bool include_site = false;
    /// Looked at from the last to the first, the first hit wins, no hit is inside.
    std::span<scope_rule const> rules = {};
    /// Host patterns outside the scope from which requests may trigger a refresh.
    std::span<std::string_view const> refresh_initiators = {};

    std::string_view register_path = "/dbsc/register"; ///< a path, or an https URL of the same site
    std::string_view refresh_path = "/dbsc/refresh";   ///< the same
    std::span<alg const> algorithms = es256_first;     ///< in the order of preference

    std::chrono::seconds registration_lifetime{300}; ///< from the login until the browser registers
    /// From handing a challenge out until its proof. Longer than the cookie's life, or the one handed out ahead is of
    /// no use.
    std::chrono::seconds challenge_lifetime{900};
    /// How long the previous cookie is good after a refresh, at most until its own end. Browsers refresh two minutes
    /// before that, so one that lost our answer goes on with the old cookie and is not refused.
    std::chrono::seconds overlap{120};
    std::chrono::seconds latency{
        30}; ///< how long a cookie is good beyond its Max-Age, which browsers count from when they get it
    std::chrono::seconds session_lifetime{
        std::chrono::hours{24 * 30}};  ///< from the registration, refreshed or not; at most 400 days
    std::size_t challenge_octets = 32; ///< of randomness, 16 to 64
    bool repeat_instructions = true;   ///< in the body of every refresh; else that is empty
    /// By name: a cookie life under four minutes. The browser refreshes two minutes before the end, so a shorter life
    /// means a refresh for every request, and beyond six signatures in nine minutes it sends requests without the
    /// cookie.
    bool short_cookie_for_tests = false;
};

/// How one site binds sessions to devices: checked once, by the compiler for literals.
///
/// The credentials of the instructions and the Set-Cookie are written from the same cookie policy, so they cannot
/// differ; a difference would hold up every single request. Holds views of what the specification names, which must
/// live as long. Thread-safe; nothing in it changes. Example: `constexpr dbsc::policy bound{{.cookie =
/// dbsc::bound_cookie(), .origin = "https://app.example.com"}};`
class policy {
public:
    /// Does not compile where a rule is broken; the error shows the sentence that says which.
    consteval policy(policy_params const& spec) : spec_{spec} { (void)detail::complaint(spec, detail::refuse{}); }

    /// The same checks at run time, for what comes from configuration: `errc::invalid_dbsc_policy`, and `complaint`
    /// tells why.
    [[nodiscard]] static result<policy> make(policy_params const& spec) noexcept {
        if (!complaint(spec).empty()) return errc::invalid_dbsc_policy;
        return policy{spec, 0};
    }
    /// What is wrong with a specification, in words; empty if nothing is.
    [[nodiscard]] static constexpr std::string_view complaint(policy_params const& spec) noexcept {
        return detail::complaint(spec, detail::tell{});
    }

    /// What it was made from, and of that the cookie and its Max-Age.
    [[nodiscard]] constexpr policy_params const& spec() const noexcept { return spec_; }
    [[nodiscard]] constexpr http::cookie_policy const& cookie() const noexcept { return spec_.cookie; }
    [[nodiscard]] constexpr std::chrono::seconds cookie_lifetime() const noexcept {
        return *spec_.cookie.spec().max_age;
    }
    /// Whether browsers are offered that algorithm.
    [[nodiscard]] constexpr bool offers(alg a) const noexcept {
        for (alg one : spec_.algorithms)
            if (one == a) return true;
        return false;
    }

    /// Whether the browser holds requests for `url`, an absolute https URL, back until the bound cookie is there; by
    /// the same rules, so that a server can demand the cookie exactly there. The refresh URL itself never is. Errors:
    /// `malformed_uri`, `unsupported_uri_scheme`, `header_too_large`.
    [[nodiscard]] SIGNET_DECL bool_result in_scope(std::string_view url) const;

private:
    constexpr policy(policy_params const& spec, int) noexcept : spec_{spec} {}
    policy_params spec_;
};

/// The cookie for a policy: this host only, HttpOnly, Secure, Lax, gone after `lifetime`.
[[nodiscard]] consteval http::cookie_policy bound_cookie(std::string_view name = "__Host-bound",
                                                         std::chrono::seconds lifetime = std::chrono::minutes{10}) {
    return {{.name = name, .max_age = lifetime, .use = http::cookie_use::other}};
}

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/policy.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// One policy for a site's device bound sessions, from which the instructions and the Set-Cookie lines both come.
#pragma once

#include <signet/crypto/algorithm.hpp>
#include <signet/dbsc/impl/policy_check.hpp>
#include <signet/http/set_cookie.hpp>

#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// The parameters of a policy. The defaults suit most sites.
struct policy_params {
    http::cookie_policy
        cookie; ///< the bound cookie: Secure, HttpOnly, with a Max-Age, not Partitioned; see `bound_cookie`

    /// Scheme, host and port of the site as browsers write it: "https://app.example.com", with a port other than 443.
    std::string_view origin;
    /// Whether the session covers all hosts of the site. The origin's host is then the registrable domain.
    bool include_site = false;
    /// The rules of the scope. The last rule that matches decides; without a match a URL is in the scope.
    std::span<scope_rule const> rules = {};
    /// Host patterns outside the scope from which requests may trigger a refresh.
    std::span<std::string_view const> refresh_initiators = {};

    std::string_view register_path = "/dbsc/register"; ///< a path, or an https URL of the same site
    std::string_view refresh_path = "/dbsc/refresh";   ///< a path, or an https URL of the same site
    std::span<alg const> algorithms = es256_first;     ///< in order of preference

    std::chrono::seconds registration_lifetime{300}; ///< from the login to the browser's registration
    /// From the issue of a challenge to its proof. Must be longer than the lifetime of the cookie; otherwise a
    /// challenge issued in advance has expired before it is used.
    std::chrono::seconds challenge_lifetime{900};
    /// How long the previous cookie is valid after a refresh, but not beyond its own end. Browsers refresh two minutes
    /// before that. A browser that did not receive the answer continues with the previous cookie.
    std::chrono::seconds overlap{120};
    std::chrono::seconds latency{
        30}; ///< how long a cookie is valid beyond its Max-Age, which browsers count from its arrival
    std::chrono::seconds session_lifetime{
        std::chrono::hours{24 * 30}};  ///< from the registration, refreshed or not; at most 400 days
    std::size_t challenge_octets = 32; ///< octets of randomness, 16 to 64
    bool repeat_instructions = true;   ///< in the body of every refresh; else that is empty
    /// Allows a cookie lifetime under four minutes. The browser refreshes two minutes before the end, so a shorter
    /// lifetime makes it refresh for every request. Beyond six signatures in nine minutes it sends requests without the
    /// cookie.
    bool short_cookie_for_tests = false;
};

/// The policy of a site for device bound sessions. Literals are checked by the compiler.
///
/// The instructions and the Set-Cookie lines are written from one cookie policy, so they cannot differ. If they
/// differed, the browser would delay every request.
///
/// Thread safety: immutable.
/// Lifetime: the policy refers to the texts of its parameters, which must outlive it.
///
/// Example: `constexpr dbsc::policy bound{{.cookie = dbsc::bound_cookie(), .origin = "https://app.example.com"}};`
class policy {
public:
    /// Checks the parameters at compile time. A broken rule does not compile, and the error message contains a sentence
    /// that names it.
    consteval policy(policy_params const& params) : params_{params} {
        (void)detail::complaint(params, detail::refuse{});
    }

    /// Checks the parameters at run time. Errors: `errc::invalid_dbsc_policy`; `complaint` says why.
    [[nodiscard]] static result<policy> make(policy_params const& params) noexcept {
        if (!complaint(params).empty()) return errc::invalid_dbsc_policy;
        return policy{params, 0};
    }
    /// Returns a sentence about the first rule that the parameters break; empty if there is none.
    [[nodiscard]] static constexpr std::string_view complaint(policy_params const& params) noexcept {
        return detail::complaint(params, detail::tell{});
    }

    /// Return the parameters, the cookie's policy, and the cookie's Max-Age.
    [[nodiscard]] constexpr policy_params const& params() const noexcept { return params_; }
    [[nodiscard]] constexpr http::cookie_policy const& cookie() const noexcept { return params_.cookie; }
    [[nodiscard]] constexpr std::chrono::seconds cookie_lifetime() const noexcept {
        return *params_.cookie.params().max_age;
    }
    /// Returns whether browsers are offered that algorithm.
    [[nodiscard]] constexpr bool offers(alg a) const noexcept {
        for (alg one : params_.algorithms)
            if (one == a) return true;
        return false;
    }

    /// Returns whether the browser delays requests for `url`, an absolute https URL, until it has the bound cookie. It
    /// evaluates the same rules, so a server can require the cookie exactly for these URLs. The refresh URL is never in
    /// the scope.
    ///
    /// Errors: `malformed_uri`; `unsupported_uri_scheme`; `header_too_large`.
    [[nodiscard]] SIGNET_DECL bool_result in_scope(std::string_view url) const;

private:
    constexpr policy(policy_params const& params, int) noexcept : params_{params} {}
    policy_params params_;
};

/// Returns the cookie for a policy: this host only, HttpOnly, Secure, Lax, with `lifetime` as Max-Age.
[[nodiscard]] consteval http::cookie_policy bound_cookie(std::string_view name = "__Host-bound",
                                                         std::chrono::seconds lifetime = std::chrono::minutes{10}) {
    return {{.name = name, .max_age = lifetime, .use = http::cookie_use::other}};
}

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/policy.ipp>
#endif

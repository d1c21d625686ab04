// SPDX-License-Identifier: BSL-1.0
// May this request go on, must the user log in, or is silent authentication worth a try? A pure decision.
#pragma once

#include <signet/jwt/verified.hpp>
#include <signet/proof/verified_key.hpp>
#include <signet/session/session_results.hpp>

#include <chrono>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The requirements of an application on an authentication.
struct access_requirements {
    std::uint8_t level = 1;          ///< the lowest level
    std::chrono::seconds max_age{0}; ///< since the authentication; 0: any age
    std::string_view method{};       ///< must be in its `amr`, such as "otp"; empty: any
    bool device_bound = false;       ///< bound to a key that was proved in this request
};

/// Whether the request has a session cookie, and only one.
class cookie_status {
public:
    /// The status. `ambiguous` is a cookie that was sent twice, or a field that cannot be read.
    enum class value : std::uint8_t { absent, present, ambiguous };
    /// Makes a status from the result of `http::cookie_reader::find`.
    [[nodiscard]] static constexpr cookie_status from(result<std::string_view> const& found) noexcept {
        return found ? value::present : found.error() == errc::cookie_missing ? value::absent : value::ambiguous;
    }
    /// Returns the status.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// Makes a status without evidence, for tests. Services must not call it.
    [[nodiscard]] static constexpr cookie_status without_evidence(value v) noexcept { return v; }

private:
    constexpr cookie_status(value v) noexcept : value_{v} {}
    value value_;
};

/// Whether the cookie belongs to a session, and in which state that is.
class session_status {
public:
    /// The status, from the store and the clock.
    enum class value : std::uint8_t {
        unknown,  ///< no such session, or its record is gone
        visiting, ///< nobody has logged in yet
        live,
        unmet,       ///< live, but not what the application requires; or idle, and re-authentication may resume it
        over,        ///< expired or ended
        foreign,     ///< used by another client than the one it is bound to
        unavailable, ///< the store could not answer
    };
    /// Makes a status from the result of `login_sessions::authenticate` or `find`. `proved` is the key that was proved
    /// in this request, if any; that the session is bound to a key does not prove that this request comes from its
    /// holder.
    [[nodiscard]] static SIGNET_DECL session_status from(result<used_session> const& used,
                                                         access_requirements const& wanted, unix_time now,
                                                         proof::verified_key const* proved = nullptr) noexcept;
    /// Returns the status.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// Makes a status without evidence, for tests. Services must not call it.
    [[nodiscard]] static constexpr session_status without_evidence(value v) noexcept { return v; }

private:
    constexpr session_status(value v) noexcept : value_{v} {}
    value value_;
};

/// The result of verifying the access token of the session. It cannot be made from a refresh token, because no verifier
/// accepts one.
class token_status {
public:
    /// The status. `unavailable` means that the server could not verify the token.
    enum class value : std::uint8_t { none, valid, expired, invalid, unavailable };
    /// Returns the status of a session without an access token.
    [[nodiscard]] static constexpr token_status none() noexcept { return value::none; }
    /// Makes a status from the result of a verifier.
    [[nodiscard]] static token_status from(result<jwt::verified> const& verified) noexcept {
        return verified ? token_status{value::valid} : refused(verified.error().code);
    }
    /// Makes a status from the result of a verifier.
    [[nodiscard]] static token_status from(result<jwt::token> const& verified) noexcept {
        return verified ? token_status{value::valid} : refused(verified.error().code);
    }
    /// Returns the status.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// Makes a status without evidence, for tests. Services must not call it.
    [[nodiscard]] static constexpr token_status without_evidence(value v) noexcept { return v; }

private:
    static SIGNET_DECL token_status refused(errc why) noexcept;
    constexpr token_status(value v) noexcept : value_{v} {}
    value value_;
};

/// Whether the identity provider's session continues, as far as this application knows.
class idp_status {
public:
    /// The status. With `not_known`, only asking the provider would tell.
    enum class value : std::uint8_t { not_known, live, over };
    /// Returns the status of another party's session.
    [[nodiscard]] static constexpr idp_status not_known() noexcept { return value::not_known; }
    /// Returns the status after `login_required`, or after a back-channel logout.
    [[nodiscard]] static constexpr idp_status told_over() noexcept { return value::over; }
    /// Makes a status from the result of this program's own `login_sessions`.
    [[nodiscard]] static idp_status from(result<used_session> const& used) noexcept {
        return used ? value::live : http_status(used.error().code) == 503 ? value::not_known : value::over;
    }
    /// Returns the status.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// Makes a status without evidence, for tests. Services must not call it.
    [[nodiscard]] static constexpr idp_status without_evidence(value v) noexcept { return v; }

private:
    constexpr idp_status(value v) noexcept : value_{v} {}
    value value_;
};

/// The choices of an application.
struct access_policy {
    bool silent = true; ///< whether to try silent authentication when the access token has expired
    bool silent_is_login =
        false; ///< whether a silent authentication counts as a login after the application session is over
};

/// Everything that a decision depends on.
struct access_evidence {
    cookie_status cookie;
    session_status session;
    token_status token;
    idp_status idp;
    access_policy policy{};
};

/// What to do next: continue, authenticate silently at the provider, show the login page, or answer 503 and change
/// nothing.
enum class access : std::uint8_t { allow, silent_authentication, login, unavailable };
/// The names of the decisions.
inline constexpr auto access_names = make_enum_names<access>({
    {access::allow, "allow"},
    {access::silent_authentication, "silent authentication"},
    {access::login, "login"},
    {access::unavailable, "unavailable"},
});
[[nodiscard]] constexpr std::string_view name(access a) noexcept { return access_names[a]; }

/// A decision about a request, and what to do besides.
struct access_decision {
    session::access action;
    bool clear_cookie = false; ///< expire the session cookie in the answer
    bool end_session =
        false;            ///< call `log_out` for the session: its access token is missing, invalid or cannot be renewed
    std::string_view why; ///< the reason, for a log; it begins with the number of a rule in docs/reference/rules.md
};

/// Decides about a request. Every combination of evidence has a decision, and only `allow` lets the request continue. A
/// failure of the store gives `unavailable` (503) and clears nothing, so it logs nobody out.
///
/// @par Example
/// `auto decision = decide_access({.cookie = cookie_status::from(found), .session = session_status::from(used, {},
/// now), .token = token_status::from(token), .idp = idp_status::not_known()});`
[[nodiscard]] constexpr access_decision decide_access(access_evidence const& evidence) noexcept {
    using c = cookie_status::value;
    using s = session_status::value;
    using t = token_status::value;
    bool const may_ask = evidence.policy.silent && evidence.idp.get() != idp_status::value::over;

    switch (evidence.cookie.get()) {
    case c::absent: return {access::login, false, false, "B10 no session cookie"};
    case c::ambiguous: return {access::login, true, false, "more than one session cookie"};
    case c::present: break;
    }
    switch (evidence.session.get()) {
    case s::unavailable: return {access::unavailable, false, false, "the session store is not available"};
    case s::unknown: return {access::login, true, false, "B13 no session for the cookie"};
    case s::foreign: return {access::login, true, false, "D5 the session is bound to another client"};
    case s::visiting: return {access::login, false, false, "B10 nobody has logged in yet"};
    case s::over:
        if (evidence.policy.silent_is_login && may_ask)
            return {access::silent_authentication, true, false, "B15 the application session is over"};
        return {access::login, true, false, "B15 the application session is over"};
    case s::unmet: return {access::login, false, false, "B16 the session does not meet the requirements"};
    case s::live: break;
    }
    switch (evidence.token.get()) {
    case t::unavailable: return {access::unavailable, false, false, "the issuer's keys are not available"};
    case t::none: return {access::login, true, true, "B13 no access token for the session"};
    case t::invalid: return {access::login, true, true, "B7 the stored access token is not valid"};
    case t::expired:
        if (may_ask) return {access::silent_authentication, false, false, "B12 the access token has expired"};
        return {access::login, true, true, "B12 the access token has expired"};
    case t::valid: break;
    }
    return {access::allow, false, false,
            "B11 a live session with a valid access token"}; // also when the IDP session is over
}

}}} // namespace signet::session

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/session/impl/access.ipp>
#endif

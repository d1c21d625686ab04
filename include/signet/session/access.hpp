// SPDX-License-Identifier: BSL-1.0
// May this request go on, must the user log in, or is silent authentication worth a try? A pure decision (B8-B17).
#pragma once

#include <signet/jwt/verified.hpp>
#include <signet/proof/verified_key.hpp>
#include <signet/session/session_results.hpp>

#include <chrono>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// What an application asks of an authentication beyond its being there (B16).
struct access_requirements {
    std::uint8_t level = 1;          ///< at least
    std::chrono::seconds max_age{0}; ///< since the authentication; 0: any
    std::string_view method{};       ///< among its `amr`, such as "otp"; empty: any
    bool device_bound = false;       ///< bound to a key, which is proved in this very request
};

/// Whether a session cookie came, and only one.
class cookie_status {
public:
    /// `ambiguous`: sent twice, or in a field that cannot be read.
    enum class value : std::uint8_t { absent, present, ambiguous };
    /// From `http::cookie_reader::find`.
    [[nodiscard]] static constexpr cookie_status from(result<std::string_view> const& found) noexcept {
        return found ? value::present : found.error() == errc::cookie_missing ? value::absent : value::ambiguous;
    }
    /// What it says.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// For tests: what nothing attests. A service never calls it.
    [[nodiscard]] static constexpr cookie_status without_evidence(value v) noexcept { return v; }

private:
    constexpr cookie_status(value v) noexcept : value_{v} {}
    value value_;
};

/// What the store knows of the session that the cookie names.
class session_status {
public:
    /// As the store and the clock have it.
    enum class value : std::uint8_t {
        unknown,  ///< no such session, or its record is gone (B13)
        visiting, ///< nobody has logged in yet
        live,
        unmet,   ///< live, but not what the application asks for (B16); or idle: re-authentication may take it up again
        over,    ///< expired or ended (B15)
        foreign, ///< shown by another client than it is bound to (D5)
        unavailable, ///< the store could not say
    };
    /// From what `login_sessions::authenticate` or `find` gave. `proved` is the key that a check proved in this
    /// request, where one was: that a session was bound to a key when it began says nothing of who sent this one.
    [[nodiscard]] static SIGNET_DECL session_status from(result<used_session> const& used,
                                                         access_requirements const& wanted, unix_time now,
                                                         proof::verified_key const* proved = nullptr) noexcept;
    /// What it says.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// For tests: what nothing attests. A service never calls it.
    [[nodiscard]] static constexpr session_status without_evidence(value v) noexcept { return v; }

private:
    constexpr session_status(value v) noexcept : value_{v} {}
    value value_;
};

/// What a verifier said of the access token that hangs on the session. There is no way to make one from a refresh token
/// (B14), since no verifier takes one.
class token_status {
public:
    /// `unavailable`: it could not be judged, which is nobody's fault but ours.
    enum class value : std::uint8_t { none, valid, expired, invalid, unavailable };
    /// There is no access token.
    [[nodiscard]] static constexpr token_status none() noexcept { return value::none; }
    /// From what a verifier said, in either of its forms.
    [[nodiscard]] static token_status from(result<jwt::verified> const& verified) noexcept {
        return verified ? token_status{value::valid} : refused(verified.error().code);
    }
    /// The same.
    [[nodiscard]] static token_status from(result<jwt::token> const& verified) noexcept {
        return verified ? token_status{value::valid} : refused(verified.error().code);
    }
    /// What it says.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// For tests: what nothing attests. A service never calls it.
    [[nodiscard]] static constexpr token_status without_evidence(value v) noexcept { return v; }

private:
    static SIGNET_DECL token_status refused(errc why) noexcept;
    constexpr token_status(value v) noexcept : value_{v} {}
    value value_;
};

/// Whether the identity provider's session goes on, as far as this side can know.
class idp_status {
public:
    /// `not_known`: only asking would tell.
    enum class value : std::uint8_t { not_known, live, over };
    /// Another party's: only asking (silent authentication) would tell.
    [[nodiscard]] static constexpr idp_status not_known() noexcept { return value::not_known; }
    /// After `login_required`, or a back-channel logout.
    [[nodiscard]] static constexpr idp_status told_over() noexcept { return value::over; }
    /// One's own, from what its `login_sessions` gave.
    [[nodiscard]] static idp_status from(result<used_session> const& used) noexcept {
        return used ? value::live : http_status(used.error().code) == 503 ? value::not_known : value::over;
    }
    /// What it says.
    [[nodiscard]] constexpr value get() const noexcept { return value_; }
    /// For tests: what nothing attests. A service never calls it.
    [[nodiscard]] static constexpr idp_status without_evidence(value v) noexcept { return v; }

private:
    constexpr idp_status(value v) noexcept : value_{v} {}
    value value_;
};

/// What an application allows.
struct access_policy {
    bool silent = true; ///< B12: try silent authentication when the access token has expired
    bool silent_is_login =
        false; ///< B15: a silent authentication counts as logging in after the application session is over
};

/// All that a decision rests on.
struct access_evidence {
    cookie_status cookie;
    session_status session;
    token_status token;
    idp_status idp;
    access_policy policy{};
};

/// What comes next: go on, ask the provider silently, show the login page, or answer 503 and change nothing.
enum class access : std::uint8_t { allow, silent_authentication, login, unavailable };
/// In words; literals.
inline constexpr auto access_names = make_enum_names<access>({
    {access::allow, "allow"},
    {access::silent_authentication, "silent authentication"},
    {access::login, "login"},
    {access::unavailable, "unavailable"},
});
[[nodiscard]] constexpr std::string_view name(access a) noexcept { return access_names[a]; }

/// What to do with a request.
struct access_decision {
    session::access action;
    bool clear_cookie = false; ///< expire the session cookie in the answer
    bool end_session = false;  ///< `log_out` the session: it holds what it must not hold
    std::string_view why;      ///< the rule, for a log: "B12 the access token has expired"
};

/// The decision. Total: every combination of evidence has one answer, and nothing but `allow` lets the request go on.
/// An outage answers `unavailable` (503) and clears nothing, so that it logs nobody out.
///
/// Example: `auto decision = decide_access({.cookie = cookie_status::from(found), .session = session_status::from(used,
/// {}, now), .token = token_status::from(token), .idp = idp_status::not_known()});`
[[nodiscard]] constexpr access_decision decide_access(access_evidence const& evidence) noexcept {
    using c = cookie_status::value;
    using s = session_status::value;
    using t = token_status::value;
    bool const may_ask = evidence.policy.silent && evidence.idp.get() != idp_status::value::over;

    switch (evidence.cookie.get()) {
    case c::absent: return {access::login, false, false, "B10 no session cookie"};
    case c::ambiguous: return {access::login, true, false, "RULES 2.2 more than one session cookie"};
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
            "B11 a live session with a valid access token"}; // B17: also when the IDP session is over
}

}}} // namespace signet::session

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/session/impl/access.ipp>
#endif

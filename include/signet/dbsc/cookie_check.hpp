// SPDX-License-Identifier: BSL-1.0
// From the bound cookie of an ordinary request to the live session it belongs to.
#pragma once

#include <signet/dbsc/impl/session_record.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Checks the bound cookie of a request: an operation of one question, asked for every request in the session's scope.
///
/// The value names its session and holds 32 random octets, of which the store has the hash. The current value is good
/// until its Max-Age and the latency have passed, the previous one for the overlap after a refresh. A refusal is the
/// application's to answer, with 401: the browser does not fail the request by itself. Nothing is written.
///
/// Errors: `cookie_missing`, `ambiguous_cookie`, `header_too_large` (of the field); `dbsc_cookie_mismatch` (no value of
/// ours, or not one of this session's two last ones), `dbsc_cookie_expired`, `dbsc_session_unknown`,
/// `dbsc_session_ended`, `dbsc_session_revoked`, and the store's, which are no refusal: 503.
///
/// @par Example
/// `auto session = run(dbsc::cookie_check{bound, cookie_field, now}, db); if (!session) ...; session->user();`
class cookie_check { // no coroutine, whose frame every request would allocate
public:
    /// `field` is the Cookie field; it outlives the constructor only.
    SIGNET_DECL cookie_check(policy const& p, std::string_view field, unix_time now);
    /// The same for several Cookie fields of one request.
    SIGNET_DECL cookie_check(policy const& p, std::span<std::string_view const> fields, unix_time now);
    [[nodiscard]] store::request const* next() const noexcept { return open_ ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply);
    /// The session, or why the request is refused.
    [[nodiscard]] result<bound_session> get() const { return outcome_; }
    cookie_check(cookie_check const&) = delete;
    cookie_check& operator=(cookie_check const&) = delete;

private:
    void begin(result<std::string_view> const& value);
    result<bound_session> judge(store::reply const& reply) const;

    unix_time now_;
    std::string id_;
    crypto::sha256_digest hash_{};
    store::request ask_;
    bool open_ = false;
    result<bound_session> outcome_ = errc::store_unavailable;
    std::array<std::uint8_t, detail::max_session_record> buffer_;
};

/// The answer to a request that is too sensitive for a cookie that may be minutes old: 307 to itself and the cookie
/// expired, upon which the browser refreshes with a fresh proof and repeats the request, its body included.
///
/// To be given only while `bound_session::refreshed()` is too long ago, or it never ends. `location` is the request's
/// own path, with its query; `malformed_header_field` for controls, spaces, backslashes, and for what a browser takes
/// for another site, since the request would be repeated there: an attacker's link can have "//his.example/" as path.
[[nodiscard]] SIGNET_DECL result<response> prove_again(policy const& p, std::string_view location);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/cookie_check.ipp>
#endif

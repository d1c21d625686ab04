// SPDX-License-Identifier: BSL-1.0
// From the bound cookie of an ordinary request to the live session it belongs to.
#pragma once

#include <signet/dbsc/impl/session_record.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Checks the bound cookie of a request, for every request in the session's scope. An operation of one request; it
/// writes nothing.
///
/// The value names its session and holds 32 random octets, of which the store has the hash. The current value is valid
/// until its Max-Age and the latency have passed. The previous one is valid for the overlap after a refresh. The
/// browser does not refresh because of a refusal; answer it with 401.
///
/// Errors: `cookie_missing`, `ambiguous_cookie` and `header_too_large` for the field; `dbsc_cookie_mismatch` for a
/// malformed value or one that is not among the session's last two; `dbsc_cookie_expired`; `dbsc_session_unknown`;
/// `dbsc_session_ended`; `dbsc_session_revoked`; those of the store, which mean 503.
///
/// @par Example
/// `auto session = run(dbsc::cookie_check{bound, cookie_field, now}, db); if (!session) ...; session->user();`
class cookie_check { // no coroutine, whose frame every request would allocate
public:
    /// Reads `field`, the Cookie field, which must be valid during this call only. `p` must outlive the call.
    SIGNET_DECL cookie_check(policy const& p, std::string_view field, unix_time now);
    /// Reads several Cookie fields of one request.
    SIGNET_DECL cookie_check(policy const& p, std::span<std::string_view const> fields, unix_time now);
    [[nodiscard]] store::request const* next() const noexcept { return open_ ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply);
    /// Returns the session, or why the request is refused.
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

/// Returns the answer to a request for which a cookie that is some minutes old is not enough. It is 307 to the
/// request's own URL with the cookie expired. The browser then refreshes with a new proof and repeats the request,
/// including its body.
///
/// Use it only if `bound_session::refreshed()` is too long ago; otherwise the browser repeats the request for ever.
/// `location` is the path and query of the request.
///
/// Errors: `malformed_header_field` for controls, spaces, backslashes, and for a path that browsers take for another
/// site, such as "//his.example/".
[[nodiscard]] SIGNET_DECL result<response> prove_again(policy const& p, std::string_view location);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/cookie_check.ipp>
#endif

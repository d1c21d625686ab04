// SPDX-License-Identifier: BSL-1.0
// A signed double-submit token against cross-site request forgery, bound to the session it was made for.
#pragma once

#include <signet/core/output.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/crypto/mac_keys.hpp>
#include <signet/crypto/random.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// The number of characters of a token: 16 random octets and 32 of HMAC-SHA256, in base64url.
inline constexpr std::size_t csrf_token_size = 64;

/// Makes and checks the CSRF tokens of one application. The value is sent in a cookie that the page's scripts can read
/// (`http::cookies::csrf`). It comes back in a header or form field, which other sites cannot set.
///
/// The token is an HMAC over the session's id with the server's key. So a token of another session is refused, even if
/// an attacker planted its cookie.
///
/// Thread safety: may be called concurrently.
///
/// Example: `auto token = csrf.make(session_id); ... if (auto ok = csrf.check(session_id, cookie, header); !ok) return
/// ok.error();`
class csrf_tokens {
public:
    /// Takes the key of any HMAC algorithm. Use it for this purpose only; the tokens are HMAC-SHA256.
    /// Tokens of former keys are accepted too.
    explicit csrf_tokens(mac_keys keys) noexcept : keys_{std::move(keys)} {}

    /// Returns a new token for that session: `csrf_token_size` characters that a cookie can hold.
    [[nodiscard]] SIGNET_DECL std::string make(std::string_view session_id, random_ref random = system_random()) const;

    /// Checks whether the value in the request equals the cookie's, and both are a token of this session. Compares in
    /// constant time.
    ///
    /// Errors: `header_missing` if the request has no value; `cookie_missing`; `csrf_refused` (403), always for an
    /// empty session, because such a token would be valid in every browser without one.
    [[nodiscard]] SIGNET_DECL result<void> check(std::string_view session_id, std::string_view cookie,
                                                 std::string_view submitted) const;

private:
    mac_keys keys_;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/csrf.ipp>
#endif

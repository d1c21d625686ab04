// SPDX-License-Identifier: BSL-1.0
// A signed double-submit token against cross-site request forgery, bound to the session it was made for.
#pragma once

#include <signet/core/output.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/crypto/random.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// Characters of a token: 16 octets of randomness and 32 of HMAC-SHA256, in base64url.
inline constexpr std::size_t csrf_token_size = 64;

/// Makes and checks the tokens of one application. The value goes out in a cookie that scripts of the page can read
/// (`http::cookies::csrf`) and comes back in a header or form field, where a foreign site can put nothing.
///
/// A cookie that an attacker planted does not help him: the token is an HMAC over the session's id under our key, so
/// one of another session, his own included, is refused. Shared by threads; each call sets its key anew. Example: `auto
/// token = csrf.make(session_id); ... if (auto ok = csrf.check(session_id, cookie, header); !ok) return ok.error();`
class csrf_tokens {
public:
    /// The key of any HMAC algorithm, kept for this purpose alone; the tokens are HMAC-SHA256.
    explicit csrf_tokens(mac_key key) noexcept : key_{std::move(key)} {}

    /// A fresh token for that session, `csrf_token_size` characters that a cookie may hold.
    [[nodiscard]] SIGNET_DECL std::string make(std::string_view session_id, random_ref random = system_random()) const;

    /// Whether the request's own copy equals the cookie's, and both are a token of this session.
    ///
    /// `header_missing` (no copy was sent), `cookie_missing`, `csrf_refused` (403; always without a session, since such
    /// a token would be good in every browser that has none). Constant-time comparisons.
    [[nodiscard]] SIGNET_DECL result<void> check(std::string_view session_id, std::string_view cookie,
                                                 std::string_view submitted) const;

private:
    mac_key key_;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/csrf.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Nonces that a server gives out and recognises without keeping them (RFC 9449 sections 8 and 9).
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/mac.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// How long a nonce is valid: the time steps besides the current one whose nonces are accepted.
struct dpop_nonce_policy {
    std::chrono::seconds step{60}; ///< how often the nonce changes; 1 s to 1 h
    unsigned past = 2;             ///< steps back, at most `max_dpop_nonce_steps`
    unsigned future = 2;           ///< steps ahead, for servers with one key whose clocks differ
};
/// The largest number of steps in either direction.
inline constexpr unsigned max_dpop_nonce_steps = 10;

/// The number of characters of a nonce: an HMAC-SHA256 in base64url.
inline constexpr std::size_t dpop_nonce_size = 43;

/// The nonces of one server, or of several that share the key. They are an HMAC-SHA256 over the number of the time
/// step, so nobody can predict one, and nothing is stored. Authorization and resource servers use different keys (RFC
/// 9449 section 9).
///
/// A change of key costs each client one `use_dpop_nonce`. Nonces limit how long a proof made in advance is useful;
/// they do not replace the check for replays.
///
/// Thread safety: may be called concurrently.
///
/// Example: `dpop_nonces nonces{*mac_key::generate(alg::hs256)}; response.set("DPoP-Nonce", nonces.make(now));`
class dpop_nonces {
public:
    /// Makes the nonces of a key. Values outside their range are limited to it.
    explicit SIGNET_DECL dpop_nonces(mac_key key, dpop_nonce_policy policy = {}) noexcept;

    /// Returns the nonce of this moment: the value of a `DPoP-Nonce` field, which every response may have (RFC 9449
    /// section 8.2).
    [[nodiscard]] SIGNET_DECL std::string make(unix_time now) const;

    /// Returns when the nonce was first issued. It is compared with all valid nonces, in a time that does not depend on
    /// which one it is. Errors: `dpop_nonce_unknown`.
    [[nodiscard]] SIGNET_DECL result<unix_time> issued(std::string_view nonce, unix_time now) const;

    /// Returns the second from which a nonce first issued at `issued` is refused.
    [[nodiscard]] unix_time expires(unix_time issued) const noexcept {
        return saturating_add(issued, policy_.step * (static_cast<std::int64_t>(policy_.past) + 1));
    }

private:
    mac_key key_;
    dpop_nonce_policy policy_;
};

/// Reads a response's `DPoP-Nonce` field on the client: the nonce for the next proof to that server.
///
/// Errors: `header_missing`; `malformed_header_field` for two values, and for characters that RFC 9449 section 8.1 does
/// not allow.
[[nodiscard]] SIGNET_DECL result<std::string_view> read_dpop_nonce(std::span<std::string_view const> values) noexcept;

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/dpop_nonces.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Nonces that a server gives out and recognises without keeping them (RFC 9449 sections 8 and 9).
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/mac.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// How long a nonce is good for: the steps whose nonces are accepted besides the present one.
struct dpop_nonce_policy {
    std::chrono::seconds step{60}; ///< how often the nonce changes; 1 s to 1 h
    unsigned past = 2;             ///< steps back, at most `max_dpop_nonce_steps`
    unsigned future = 2;           ///< steps ahead: for servers of one key whose clocks differ
};
/// The most steps in either direction that can be accepted.
inline constexpr unsigned max_dpop_nonce_steps = 10;

/// Characters of a nonce: an HMAC-SHA256 in base64url.
inline constexpr std::size_t dpop_nonce_size = 43;

/// The nonces of one server, or of many that share the key: HMAC-SHA256 over the number of the time step, so nobody can
/// make one in advance and nothing is stored. Authorization and resource servers take keys of their own (RFC 9449
/// section 9).
///
/// Shared by threads. A change of key costs each client one `use_dpop_nonce`. Nonces limit for how long a proof made in
/// advance is of use; that a proof is used once is the replay store's business.
/// Example: `dpop_nonces nonces{*mac_key::generate(alg::hs256)}; response.set("DPoP-Nonce", nonces.make(now));`
class dpop_nonces {
public:
    /// Options outside their range are brought into it.
    explicit SIGNET_DECL dpop_nonces(mac_key key, dpop_nonce_policy options = {}) noexcept;

    /// The nonce of this moment: the value of a `DPoP-Nonce` field, which may go out with every response (RFC
    /// 9449 8.2).
    [[nodiscard]] SIGNET_DECL std::string make(unix_time now) const;

    /// When the nonce was first given out, or `dpop_nonce_unknown`. It is compared with all that are good, in a time
    /// that does not tell which one it was.
    [[nodiscard]] SIGNET_DECL result<unix_time> issued(std::string_view nonce, unix_time now) const;

    /// From this second on a nonce first given out at `issued` is refused.
    [[nodiscard]] unix_time expires(unix_time issued) const noexcept {
        return saturating_add(issued, options_.step * (static_cast<std::int64_t>(options_.past) + 1));
    }

private:
    mac_key key_;
    dpop_nonce_policy options_;
};

/// The client's side: the nonce in the values of a response's `DPoP-Nonce` field, to be used in the next proof for that
/// server. `header_missing`; `malformed_header_field` for two values or characters that RFC 9449 8.1 does not allow. A
/// view.
[[nodiscard]] SIGNET_DECL result<std::string_view> read_dpop_nonce(std::span<std::string_view const> values) noexcept;

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/dpop_nonces.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Secure device session tokens: made by the device's own key, for one action, for minutes (A15-A22).
#pragma once

#include <signet/codec/json_writer.hpp>
#include <signet/core/output.hpp>
#include <signet/core/random.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/jose/jws.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// The `typ` of a secure token; no other token can pass for it.
inline constexpr std::string_view action_token_type = "action+jwt";

/// A19: how long it lives unless said, and at most. A longer or no life is refused, never cut:
/// `errc::invalid_action_lifetime`.
inline constexpr std::chrono::seconds default_action_lifetime{300};
inline constexpr std::chrono::seconds max_action_lifetime{3600};

/// What a secure token is for.
struct action_params {
    std::string_view device_session;               ///< the id of the device session
    std::string_view audience;                     ///< the application's name at the server
    std::optional<std::string_view> action_type{}; ///< A18: such as "login", "transaction"; nothing: bound to none
    std::chrono::seconds expiration = default_action_lifetime;
};

namespace detail {
[[nodiscard]] SIGNET_DECL result<std::string> write_action(action_params const& params, unix_time now, random_ref rng);
}

/// On the device: a new token at every call (A17), signed by a key that need never leave its hardware. Ask for it when
/// the user starts the action (A22), and for each action anew (A21).
///
/// Errors: `invalid_action_lifetime`, `json_not_utf8`, `signer_failed`. Example:
/// `auto token = device::make_action_token(key, {.device_session = id, .audience = "shop", .action_type =
/// "transaction"}, now);`
template <signing_key K> [[nodiscard]] result<std::string> make_action_token(K const& key, action_params const& params,
                                                                             unix_time now,
                                                                             random_ref rng = system_random()) {
    auto const payload = detail::write_action(params, now, rng);
    if (!payload) return payload.error();
    jose::header_params header;
    header.typ = action_token_type;
    std::string token;
    output out{token};
    if (auto good = jose::jws_sign(key, as_bytes(*payload), header, out); !good) return good.error();
    return token;
}

}}} // namespace signet::device

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/device/impl/action_token.ipp>
#endif

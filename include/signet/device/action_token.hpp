// SPDX-License-Identifier: BSL-1.0
// Secure device session tokens: made by the device's own key, for one action, valid for minutes.
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

/// The `typ` of a secure token. No other token has it.
inline constexpr std::string_view action_token_type = "action+jwt";

/// The default and the largest lifetime. A longer or zero lifetime is refused, never shortened:
/// `errc::invalid_action_lifetime`.
inline constexpr std::chrono::seconds default_action_lifetime{300};
inline constexpr std::chrono::seconds max_action_lifetime{3600};

/// The parameters of a secure token.
struct action_params {
    std::string_view device_session;               ///< the id of the device session
    std::string_view audience;                     ///< the application's name at the server
    std::optional<std::string_view> action_type{}; ///< such as "login" or "transaction"; nothing: bound to no action
    std::chrono::seconds expiration = default_action_lifetime;
};

namespace detail {
[[nodiscard]] SIGNET_DECL result<std::string> write_action(action_params const& params, unix_time now, random_ref rng);
}

/// Makes a secure token on the device. Each call makes a new one, signed by a key that need not leave its hardware.
/// Call it when the user starts an action, once for each action.
///
/// Errors: `invalid_action_lifetime`; `json_not_utf8`; `signer_failed`.
///
/// Example: `auto token = device::make_action_token(key, {.device_session = id, .audience = "shop", .action_type =
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

// SPDX-License-Identifier: BSL-1.0
// What is stored of a login awaiting registration and of a session, and the steps that all operations share.
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/key.hpp>
#include <signet/dbsc/live_session.hpp>
#include <signet/dbsc/states.hpp>
#include <signet/store/record.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

inline constexpr std::size_t largest_session_record = 4096;
inline constexpr std::size_t largest_user = 512;                               // octets
inline constexpr std::size_t largest_id = 256;                                 // octets of an identifier in a request
inline constexpr std::size_t most_challenges = 4;                              // handed out and not used up
inline constexpr std::size_t secret_characters = 43;                           // 32 octets in base64url
inline constexpr std::chrono::seconds tombstone_life = std::chrono::hours{24}; // an ended session is remembered as such

// A challenge that is out. It is no secret: whoever names the session is given it, and only the key can use it up.
struct handed_out {
    std::string text{};
    unix_time issued{};
};

// A cookie's secret, hashed, and the time from which it is refused.
struct bound_value {
    crypto::sha256_digest hash{};
    unix_time until{};
};

// Under record_key("dbsc-session", {id}).
struct session_record {
    session_state state = session_state::live;
    std::string user{};
    std::optional<crypto::sha256_digest> login{};
    alg algorithm{};
    bytes first{}, second{}; // x and y, or n and e
    crypto::sha256_digest thumbprint{};
    unix_time registered{}, refreshed{}, ends{};
    bound_value current{}, previous{};
    std::vector<handed_out> challenges{}; // the newest last

    static SIGNET_DECL result<session_record> read(bytes_view octets);
    SIGNET_DECL result<void> write(bytes& target) const;

    SIGNET_DECL void pin(public_key const& key, alg a);
    [[nodiscard]] SIGNET_DECL result<public_key> key() const;

    // A fresh challenge, added; those that are too old go.
    SIGNET_DECL std::string hand_out(policy const& p, unix_time now, random_ref rng);
    // The newest one, while it has more than half of its life before it; else nothing.
    [[nodiscard]] SIGNET_DECL std::string_view young_challenge(policy const& p, unix_time now) const noexcept;
    // When it was handed out, if it may still be used.
    [[nodiscard]] SIGNET_DECL std::optional<unix_time> issued(std::string_view challenge, policy const& p,
                                                              unix_time now) const noexcept;
    SIGNET_DECL void use_up(std::string_view challenge);

    // A fresh cookie secret; the present one becomes the previous one, good for the overlap. Gives the cookie's value.
    SIGNET_DECL std::string renew_cookie(policy const& p, std::string_view id, unix_time now, random_ref rng);
    // No cookie, no challenge, and a state that nothing leads out of.
    SIGNET_DECL void end(session_state how);
};

// Under record_key("dbsc-registration", {challenge}).
struct registration_record {
    std::string user{}, replaces{};
    std::optional<crypto::sha256_digest> login{}, authorization{}, provider_key{};

    static SIGNET_DECL result<registration_record> read(bytes_view octets);
    SIGNET_DECL result<void> write(bytes& target) const;
};

SIGNET_DECL store::record_key session_key(std::string_view id);
SIGNET_DECL store::record_key registration_key(std::string_view challenge);
SIGNET_DECL crypto::sha256_digest authorization_digest(std::string_view value);
SIGNET_DECL std::string random_text(std::size_t octets, random_ref rng);

struct live_session_access {
    static SIGNET_DECL live_session make(std::string_view id, session_record const& from);
};

// Answers. Those with a body are 200 and JSON.
SIGNET_DECL response answer_refused(errc why);                                          // by http_status of role::dbsc
SIGNET_DECL response answer_challenge(std::string_view challenge, std::string_view id); // 403
SIGNET_DECL response answer_ended(policy const& p, std::string_view id); // continue: false, and the cookie expired
SIGNET_DECL response answer_bound(policy const& p, std::string_view id, std::string_view cookie,
                                  std::string_view next_challenge, bool instructions);

}}}} // namespace signet::dbsc::detail

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/session_record.ipp>
#endif

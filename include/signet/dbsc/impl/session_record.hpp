// SPDX-License-Identifier: BSL-1.0
// What is stored of a login awaiting registration and of a session, and the steps that all operations share.
#pragma once

#include <signet/core/impl/wiped_text.hpp>
#include <signet/core/random.hpp>
#include <signet/crypto/key.hpp>
#include <signet/dbsc/bound_session.hpp>
#include <signet/dbsc/policy.hpp>
#include <signet/dbsc/states.hpp>
#include <signet/store/fields.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

inline constexpr std::uint8_t session_format = 1, session_kind = 'b', registration_format = 1, registration_kind = 'B';
inline constexpr std::size_t max_session_record = 4096;      // more than the limits of its fields add up to
inline constexpr std::size_t max_registration_record = 1024; // the same
inline constexpr std::size_t max_user = 512;                 // octets
inline constexpr std::size_t max_id = 256;                   // octets of an identifier in a request
inline constexpr std::size_t max_key_part = 1024;            // octets of a coordinate or a modulus
inline constexpr std::size_t max_challenges = 4;             // handed out and not used up
inline constexpr std::size_t max_challenge = 128;            // octets
inline constexpr std::size_t secret_characters = 43;         // 32 octets in base64url
inline constexpr std::chrono::seconds tombstone_lifetime =
    std::chrono::hours{24}; // an ended session is remembered as such

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
    bound_session_state state = bound_session_state::live;
    std::string user{};
    std::optional<crypto::sha256_digest> login{};
    alg algorithm{};
    bytes first{}, second{}; // x and y, or n and e
    crypto::sha256_digest thumbprint{};
    unix_time registered{}, refreshed{}, ends{};
    bound_value current{}, previous{};
    std::vector<handed_out> challenges{}; // the newest last

    SIGNET_DECL void pin(public_key const& key, alg a);
    [[nodiscard]] SIGNET_DECL result<public_key> key() const;

    // A fresh challenge, added; those that are too old go.
    SIGNET_DECL std::string hand_out(policy const& p, unix_time now, random_ref rng);
    // The newest one, while it has more than half of its lifetime left; else nothing.
    [[nodiscard]] SIGNET_DECL std::string_view young_challenge(policy const& p, unix_time now) const noexcept;
    // When it was handed out, if it may still be used.
    [[nodiscard]] SIGNET_DECL std::optional<unix_time> issued(std::string_view challenge, policy const& p,
                                                              unix_time now) const noexcept;
    SIGNET_DECL void use_up(std::string_view challenge);

    // What a session that is over is refused with.
    errc why_over() const noexcept {
        return state == bound_session_state::revoked ? errc::dbsc_session_revoked : errc::dbsc_session_ended;
    }

    // A fresh cookie secret; the present one becomes the previous one, good for the overlap. Gives the cookie's value.
    SIGNET_DECL signet::detail::wiped_text renew_cookie(policy const& p, std::string_view id, unix_time now,
                                                        random_ref rng);
    // No cookie, no challenge, and a state that nothing leads out of. `when` is kept in the place of the last refresh.
    SIGNET_DECL void end(bound_session_state how, unix_time when);
};

template <class Archive> void fields(Archive& a, store::archived<Archive, session_record>& s) {
    a.enumeration(s.state, static_cast<bound_session_state>(enum_count<bound_session_state> - 1));
    a.text(s.user, max_user);
    a.optional(s.login, [](auto& archive, auto& digest) { archive.fixed(digest); });
    a.enumeration(s.algorithm, static_cast<alg>(alg_count - 1));
    a.octets(s.first, max_key_part), a.octets(s.second, max_key_part), a.fixed(s.thumbprint);
    a.time(s.registered), a.time(s.refreshed), a.time(s.ends);
    for (auto* value : {&s.current, &s.previous}) a.fixed(value->hash), a.time(value->until);
    a.each(s.challenges, max_challenges,
           [](auto& archive, auto& c) { archive.text(c.text, max_challenge), archive.time(c.issued); });
}

// Under record_key("dbsc-registration", {challenge}).
struct registration_record {
    std::string user{}, replaces{};
    std::optional<crypto::sha256_digest> login{}, authorization{}, provider_key{};
};

template <class Archive> void fields(Archive& a, store::archived<Archive, registration_record>& r) {
    a.text(r.user, max_user), a.text(r.replaces, max_id);
    for (auto* one : {&r.login, &r.authorization, &r.provider_key})
        a.optional(*one, [](auto& archive, auto& digest) { archive.fixed(digest); });
}

SIGNET_DECL result<session_record> read_session(bytes_view octets);
SIGNET_DECL result<bytes> session_octets(session_record const& session);
// What takes the place of the record that was read: the session as it is now, or the memory of its end.
SIGNET_DECL result<store::swap_decision> write_session(session_record const& session);
// Where an end is to have the last word against offers of before, `ended` says when it came.
SIGNET_DECL result<store::swap_decision> write_tombstone(session_record& session, bound_session_state how,
                                                         unix_time now, unix_time ended = {});

SIGNET_DECL store::record_key session_key(std::string_view id);
SIGNET_DECL store::record_key registration_key(std::string_view challenge);
SIGNET_DECL crypto::sha256_digest authorization_digest(std::string_view value);
SIGNET_DECL std::string random_text(std::size_t octets, random_ref rng);

struct bound_session_access {
    static SIGNET_DECL bound_session make(std::string_view id, session_record const& from);
};

}}}} // namespace signet::dbsc::detail

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/session_record.ipp>
#endif

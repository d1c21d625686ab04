// SPDX-License-Identifier: BSL-1.0
// A session as it is in the store: one block of octets of fixed size, read through accessors.
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/session/states.hpp>

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The largest record of a session, and the largest data of an application in it, in octets.
inline constexpr std::size_t max_session_record = 8192;
inline constexpr std::size_t max_session_data = 1024;

namespace detail {

// What a session's record says besides texts.
struct session_fields {
    static constexpr std::uint8_t format = 1, kind = 'S';
    session_state state = session_state::visiting;
    end_reason ended = end_reason::none;
    std::uint8_t level = 0, bound = 0; // bits of `bound`: ip, user agent, certificate, device key
    unix_time created{}, auth_time{}, expires{}, absolute{}, last_seen{}, renewed{}, overlap_until{}, token_expires{};
    std::uint64_t everything = 0, app_generation = 0; // the epochs it was made in
    std::array<std::uint8_t, 16> sid{};
    crypto::sha256_digest current{}, previous{}, device_key{};
    std::array<std::array<std::uint8_t, 16>, 3> properties{};

    static constexpr std::uint8_t key_bit = 8; // of `bound`
    bool has_key() const noexcept { return (bound & key_bit) != 0; }
    void bind_key(crypto::sha256_digest const& thumbprint) noexcept {
        device_key = thumbprint, bound = static_cast<std::uint8_t>(bound | key_bit);
    }
};

// All of it. Of a record that was read, the texts point into its octets; a new one owns them.
template <class Text> struct session_record_of : session_fields {
    Text user{}, app{}, client_id{}, methods{}, idp_session{}, device{}, place{}, data{}, token{};
};
using session_record = session_record_of<std::string_view>;

} // namespace detail

/// A session by value. It has about 9 kB, of which a copy moves only the used part. Does not allocate.
///
/// Lifetime: the views of its accessors refer to this object; they do not follow a move.
class live_session {
public:
    /// Makes an empty session, for containers.
    live_session() noexcept {}
    live_session(live_session const& other) noexcept { assign(other); }
    live_session& operator=(live_session const& other) noexcept {
        if (this != &other) assign(other);
        return *this;
    }

    /// Return its state, and why it ended.
    [[nodiscard]] session_state state() const noexcept { return f_.state; }
    [[nodiscard]] end_reason ended() const noexcept { return f_.ended; }
    /// Returns the public name of the session, 22 characters, for lists, the ID token's `sid`, and other records.
    [[nodiscard]] SIGNET_DECL std::string sid() const;
    /// Returns the user; empty for a visitor.
    [[nodiscard]] std::string_view user() const noexcept [[clang::lifetimebound]] { return f_.user; }
    /// Returns the application of the session.
    [[nodiscard]] std::string_view app() const noexcept [[clang::lifetimebound]] { return f_.app; }
    /// Return the OAuth client, level, methods and IDP session of the login; empty or 0 if it did not have one.
    [[nodiscard]] std::string_view client_id() const noexcept [[clang::lifetimebound]] { return f_.client_id; }
    [[nodiscard]] std::uint8_t level() const noexcept { return f_.level; }
    /// Return the `amr`, separated by spaces, and the session of the identity provider.
    [[nodiscard]] std::string_view methods() const noexcept [[clang::lifetimebound]] { return f_.methods; }
    [[nodiscard]] std::string_view idp_session() const noexcept [[clang::lifetimebound]] { return f_.idp_session; }
    /// Return the client's device and place at login, for lists, and the application's data.
    [[nodiscard]] std::string_view device() const noexcept [[clang::lifetimebound]] { return f_.device; }
    [[nodiscard]] std::string_view place() const noexcept [[clang::lifetimebound]] { return f_.place; }
    [[nodiscard]] std::string_view data() const noexcept [[clang::lifetimebound]] { return f_.data; }
    /// Return when it began, when its user last authenticated for its level, and the last use that was written.
    [[nodiscard]] unix_time created() const noexcept { return f_.created; }
    [[nodiscard]] unix_time auth_time() const noexcept { return f_.auth_time; }
    [[nodiscard]] unix_time last_seen() const noexcept { return f_.last_seen; }
    /// Returns when it ends unless it is extended: the earlier end of `lifetime` and `absolute`.
    [[nodiscard]] unix_time expires() const noexcept { return f_.expires; }
    /// Returns the access token that is linked to it, a credential; empty if there is none.
    [[nodiscard]] std::string_view access_token() const noexcept [[clang::lifetimebound]] { return f_.token; }
    [[nodiscard]] unix_time access_token_expires() const noexcept { return f_.token_expires; }
    /// Returns the thumbprint of the key that this session is bound to, if there is one.
    [[nodiscard]] std::optional<crypto::sha256_digest> device_key() const noexcept {
        return f_.has_key() ? std::optional{f_.device_key} : std::nullopt;
    }

private:
    friend struct session_access;
    SIGNET_DECL void assign(live_session const& other) noexcept;

    detail::session_record f_{};
    std::size_t size_ = 0;
    union { // not initialised: only what is used is ever looked at
        std::uint8_t octets_[max_session_record];
    };
};

}}} // namespace signet::session

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/session/impl/live_session.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// A session's cookie: its sid, which is public, and a secret, of which the record keeps the hash.
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/core/random.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/session/impl/sessions_body.hpp>
#include <signet/session/live_session.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

using presented_cookie = std::array<std::uint8_t, 48>; // sid and secret

inline bool read_cookie(std::string_view text, presented_cookie& out) noexcept {
    if (text.size() != 64) return false;
    auto const size = codec::base64url_decode(text, out);
    return size && *size == out.size();
}

// A cookie as a request showed it, in an operation that may wait: wiped when it goes.
struct shown_cookie {
    explicit shown_cookie(std::string_view text) noexcept : well_formed{read_cookie(text, octets)} {}
    shown_cookie(shown_cookie const&) = default;
    shown_cookie& operator=(shown_cookie const&) = delete;
    ~shown_cookie() { wipe(octets); }

    session_id sid() const noexcept { return beginning_of<16>(octets); }

    presented_cookie octets{};
    bool well_formed;
};

inline crypto::sha256_digest hash_of_secret(sessions_body const& b, presented_cookie const& cookie) {
    return b.hashers.hash(std::span{cookie}.subspan(16));
}

// A fresh secret for a session: its hash goes into the record, the text into the cookie.
inline std::string renew_secret(sessions_body const& b, session_fields& f, random_ref rng) {
    presented_cookie cookie{};
    std::copy(f.sid.begin(), f.sid.end(), cookie.begin());
    rng.fill(std::span{cookie}.subspan(16));
    f.current = hash_of_secret(b, cookie);
    auto text = codec::base64url_encode(cookie);
    wipe(cookie);
    return text;
}

// What comes after a secret at a renewal: an HMAC of it, so that whoever renews the same cookie, on whatever server,
// hands out the same one, and none of two answers leaves its browser without a session.
inline presented_cookie successor(mac_key const& key, presented_cookie const& cookie) {
    presented_cookie next{};
    std::copy_n(cookie.begin(), 16, next.begin());
    auto mac = *crypto::hmac::make(hash_id::sha256, key.reveal()); // a mac_key is 32 to 4096 octets: never refused
    mac.update(as_bytes("signet/session/renewal"));
    mac.update(cookie);
    mac.finish(std::span{next}.subspan(16));
    return next;
}

enum class shown : std::uint8_t { nothing, current, previous };

inline bool has_previous(session_fields const& f) noexcept { return f.previous != crypto::sha256_digest{}; }

// Which secret it is, by its hash. After a renewal the old secret works until the new one was seen, and then for the
// overlap; so an answer that was lost on its way costs nobody the session, and a thief's copy dies soon after the owner
// goes on.
inline shown which(session_fields const& f, crypto::sha256_digest const& hash, unix_time now) noexcept {
    bool const current = constant_time_equal(hash, f.current), previous = constant_time_equal(hash, f.previous);
    if (current) return shown::current;
    if (!previous || !has_previous(f)) return shown::nothing;
    bool const seen = f.overlap_until != unix_time{};
    return !seen || now < f.overlap_until ? shown::previous : shown::nothing;
}

}}}} // namespace signet::session::detail

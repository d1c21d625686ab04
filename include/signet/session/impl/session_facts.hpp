// SPDX-License-Identifier: BSL-1.0
// What the operations on sessions share: names, secrets, bindings, clocks.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/codec/base64url.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/session/impl/client_binding.hpp>
#include <signet/session/impl/session_record.hpp>
#include <signet/session/login_session.hpp>
#include <signet/store/record.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

#ifndef SIGNET_SESSION_IMPL_SESSION_FACTS_HPP
#    define SIGNET_SESSION_IMPL_SESSION_FACTS_HPP

namespace signet { inline namespace SIGNET_ABI { namespace session {

namespace detail {

// SHA-256 objects that look-ups borrow, since making one costs more than hashing 32 octets. No lock: whoever finds his
// place empty makes one of his own, and a second one that comes back is let go.
class hasher_pool {
public:
    hasher_pool() = default;
    hasher_pool(hasher_pool const&) = delete;
    hasher_pool& operator=(hasher_pool const&) = delete;
    ~hasher_pool() {
        for (auto& place : places_) delete place.kept.load(std::memory_order_relaxed);
    }
    crypto::sha256_digest hash(bytes_view octets) {
        auto& place = places_[std::hash<std::thread::id>{}(std::this_thread::get_id()) % places_.size()];
        std::unique_ptr<crypto::hasher> borrowed{place.kept.exchange(nullptr, std::memory_order_acquire)};
        if (!borrowed) borrowed = std::make_unique<crypto::hasher>(hash_id::sha256);
        crypto::sha256_digest digest;
        borrowed->update(octets);
        borrowed->finish(digest);
        crypto::hasher* none = nullptr;
        if (place.kept.compare_exchange_strong(none, borrowed.get(), std::memory_order_release,
                                               std::memory_order_relaxed))
            (void)borrowed.release();
        return digest;
    }

private:
    struct alignas(64) place {
        std::atomic<crypto::hasher*> kept{nullptr};
    };
    std::array<place, 32> places_{};
};

} // namespace detail

struct login_sessions::body {
    body(std::string of_tenant, std::string of_app, mac_key with, session_policy const& rules)
        : tenant{std::move(of_tenant)}, app{std::move(of_app)}, key{std::move(with)}, policy{rules} {}

    std::string tenant, app;
    mac_key key;
    session_policy policy;
    store::record_key epoch_key{};
    std::array<std::uint8_t, 16> session_prefix{}; // of the keys of session records: from kind and tenant
    std::array<std::uint8_t, 8> app_name{};        // of the application's hash, for epochs and rosters
    mutable detail::hasher_pool hashers{};
};

namespace detail {

using session_body = std::shared_ptr<login_sessions::body const>;
using session_id = std::array<std::uint8_t, 16>;
using presented_cookie = std::array<std::uint8_t, 48>; // sid and secret

// ---- names and secrets

// A sid is random and public, so it needs no hash; the prefix keeps it from passing for any other kind of record.
inline store::record_key session_key(login_sessions::body const& b, std::span<std::uint8_t const> sid) noexcept {
    store::record_key key{};
    std::copy(b.session_prefix.begin(), b.session_prefix.end(), key.begin());
    std::copy_n(sid.begin(), 16, key.begin() + 16);
    return key;
}
inline store::record_key roster_key(login_sessions::body const& b, std::string_view user) {
    return proof::record_key("session roster", {b.tenant, user});
}

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

    session_id sid() const noexcept {
        session_id sid{};
        std::copy_n(octets.begin(), sid.size(), sid.begin());
        return sid;
    }

    presented_cookie octets{};
    bool well_formed;
};

inline crypto::sha256_digest hash_of_secret(login_sessions::body const& b, presented_cookie const& cookie) {
    return b.hashers.hash(std::span{cookie}.subspan(16));
}

// A fresh secret for a session: its hash goes into the record, the text into the cookie.
inline std::string renew_secret(login_sessions::body const& b, session_fields& f, random_ref rng) {
    presented_cookie cookie{};
    std::copy(f.sid.begin(), f.sid.end(), cookie.begin());
    rng.fill(std::span{cookie}.subspan(16));
    f.current = hash_of_secret(b, cookie);
    auto text = codec::base64url_encode(cookie);
    wipe(cookie);
    return text;
}

inline std::string log_name(login_sessions::body const& b, std::span<std::uint8_t const> sid) {
    auto const tag = keyed(b.key, "signet/session/log", as_text(sid));
    return codec::base64url_encode(std::span{tag}.first(12));
}

inline audit_event event_of(login_sessions::body const& b, session_event what, unix_time now, session_fields const& f) {
    return {.at = now,
            .what = name(what),
            .ended = f.ended,
            .user = std::string{f.user},
            .app = b.app,
            .session_hash = log_name(b, f.sid)};
}

// ---- which secret was shown

enum class shown : std::uint8_t { nothing, current, previous };

constexpr bool has_previous(session_fields const& f) noexcept {
    for (auto octet : f.previous)
        if (octet != 0) return true;
    return false;
}

// After a renewal the old secret works until the new one was seen, and then for the overlap; so an answer that was lost
// on its way costs nobody the session, and a thief's copy dies soon after the owner goes on.
inline shown which(session_fields const& f, crypto::sha256_digest const& hash,
                   unix_time now) noexcept { // the hash of what was shown
    bool const current = constant_time_equal(hash, f.current), previous = constant_time_equal(hash, f.previous);
    if (current) return shown::current;
    if (!previous || !has_previous(f)) return shown::nothing;
    bool const seen = f.overlap_until != unix_time{};
    return !seen || now < f.overlap_until ? shown::previous : shown::nothing;
}

// ---- properties of the client (D5)

struct property {
    std::string_view purpose, value;
    binding_mode mode;
};
inline std::array<property, 3> properties_of(session_policy const& p, client_properties const& c) {
    return {property{"signet/session/ip", c.ip, p.ip},
            {"signet/session/user-agent", c.user_agent, p.user_agent},
            {"signet/session/certificate", c.certificate, p.certificate}};
}
inline std::array<std::uint8_t, 16> hash_of_property(login_sessions::body const& b, std::size_t i, property const& p) {
    return i == 0 ? property_hash(b.key, p.purpose, network_of(p.value)) : property_hash(b.key, p.purpose, p.value);
}

inline shown_client hash_client(login_sessions::body const& b, client_properties const& client) {
    shown_client shown;
    auto const properties = properties_of(b.policy, client);
    for (std::size_t i = 0; i != properties.size(); ++i) {
        shown.modes[i] = properties[i].mode;
        if (properties[i].mode == binding_mode::off || properties[i].value.empty()) continue;
        shown.properties[i] = hash_of_property(b, i, properties[i]);
        shown.given = static_cast<std::uint8_t>(shown.given | 1u << i);
    }
    return shown;
}
// What is not shown now stays bound to what was.
inline void bind_client(session_fields& f, shown_client const& shown) noexcept {
    for (std::size_t i = 0; i != shown.properties.size(); ++i)
        if (shown.given >> i & 1u) f.properties[i] = shown.properties[i];
    f.bound = static_cast<std::uint8_t>(f.bound | shown.given);
}
// Whether something that is only watched has changed; `session_binding` where something strict has.
inline result<bool> client_changed(session_fields const& f, shown_client const& shown) noexcept {
    bool changed = false;
    for (std::size_t i = 0; i != shown.properties.size(); ++i) {
        if (shown.modes[i] == binding_mode::off || !(f.bound >> i & 1u)) continue;
        if ((shown.given >> i & 1u) && constant_time_equal(shown.properties[i], f.properties[i])) continue;
        if (shown.modes[i] == binding_mode::strict) return errc::session_binding;
        changed = true;
    }
    return changed;
}

// ---- clocks

inline unix_time end_after(session_profile const& p, unix_time absolute, unix_time now) noexcept {
    auto const end = saturating_add(now, p.lifetime);
    return absolute != unix_time{} && absolute < end ? absolute : end;
}
inline void start_clocks(session_fields& f, session_profile const& p, unix_time now) noexcept {
    f.auth_time = f.last_seen = f.renewed = now;
    f.absolute = p.absolute == std::chrono::seconds{0} ? unix_time{} : saturating_add(now, p.absolute);
    f.expires = end_after(p, f.absolute, now);
}
inline unix_time kept_until(login_sessions::body const& b, session_fields const& f, unix_time now) noexcept {
    auto const end = f.state == session_state::ended ? now : f.expires;
    return std::max(saturating_add(end, b.policy.remember_ended), saturating_add(now, std::chrono::seconds{1}));
}

} // namespace detail

}}} // namespace signet::session

#endif

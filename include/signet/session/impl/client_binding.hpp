// SPDX-License-Identifier: BSL-1.0
// Properties of a client as keyed hashes, addresses by their network.
#pragma once

#include <signet/crypto/mac.hpp>
#include <signet/session/authentication.hpp>
#include <signet/session/impl/sessions_body.hpp>
#include <signet/session/impl/shown_client.hpp>
#include <signet/session/live_session.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#if __has_include(<arpa/inet.h>)
#    include <arpa/inet.h>
#else
#    include <ws2tcpip.h>
#endif

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// The network of an address: /24 of IPv4 (also where IPv6 writes it), /56 of IPv6. What is no address counts as it
// stands.
inline std::string network_of(std::string_view address) {
    std::string const text{address.substr(0, 64)};
    std::array<unsigned char, 16> octets{};
    if (text.find('\0') != std::string::npos) return "?" + text; // would end the text for inet_pton alone
    if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1)
        return std::string{"4"} + std::string(reinterpret_cast<char*>(octets.data()), 3);
    if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) {
        constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        if (std::equal(mapped.begin(), mapped.end(), octets.begin()))
            return std::string{"4"} + std::string(reinterpret_cast<char*>(octets.data()) + 12, 3);
        return std::string{"6"} + std::string(reinterpret_cast<char*>(octets.data()), 7);
    }
    return "?" + text;
}

inline std::array<std::uint8_t, 64> keyed(mac_key const& key, std::string_view purpose, std::string_view value) {
    auto mac = crypto::hmac::make(key);
    mac.update(as_bytes(purpose));
    mac.update(std::array<std::uint8_t, 1>{0}); // no purpose holds a NUL
    mac.update(as_bytes(value));
    std::array<std::uint8_t, 64> tag{};
    mac.finish(std::span{tag}.first(mac.size()));
    return tag;
}

inline shown_client hash_client(sessions_body const& b, client_properties const& client) {
    auto const& p = b.policy;
    shown_client shown{.modes = {p.ip, p.user_agent, p.certificate}};
    auto const& former = b.keys.former();
    shown.former_keys = static_cast<std::uint8_t>(former.size());
    auto const add = [&](std::size_t i, std::string_view purpose, std::string_view value, auto const& as_compared) {
        if (shown.modes[i] == binding_mode::off || value.empty()) return;
        auto const compared = as_compared(value);
        shown.properties[i] = beginning_of<16>(keyed(b.keys.current(), purpose, compared));
        for (std::size_t k = 0; k != former.size(); ++k)
            shown.former[k][i] = beginning_of<16>(keyed(former[k], purpose, compared));
        shown.given = static_cast<std::uint8_t>(shown.given | 1u << i);
    };
    auto const as_it_is = [](std::string_view value) { return value; };
    add(0, "signet/session/ip", client.ip, network_of);
    add(1, "signet/session/user-agent", client.user_agent, as_it_is);
    add(2, "signet/session/certificate", client.certificate, as_it_is);
    return shown;
}
// What is not shown now stays bound to what was.
inline void bind_client(session_fields& f, shown_client const& shown) noexcept {
    for (std::size_t i = 0; i != shown.properties.size(); ++i)
        if (shown.given >> i & 1u) f.properties[i] = shown.properties[i];
    f.bound = static_cast<std::uint8_t>(f.bound | shown.given);
}
// Whether it is what was shown then, hashed by whichever key was current.
inline bool is_same(shown_client const& shown, std::size_t i, std::array<std::uint8_t, 16> const& then) noexcept {
    bool same = constant_time_equal(shown.properties[i], then);
    for (std::size_t k = 0; k != shown.former_keys; ++k) same |= constant_time_equal(shown.former[k][i], then);
    return same;
}
// Whether something that is only watched has changed; `session_binding_mismatch` where something strict has.
inline result<bool> client_changed(session_fields const& f, shown_client const& shown) noexcept {
    bool changed = false;
    for (std::size_t i = 0; i != shown.properties.size(); ++i) {
        if (shown.modes[i] == binding_mode::off || !(f.bound >> i & 1u)) continue;
        if ((shown.given >> i & 1u) && is_same(shown, i, f.properties[i])) continue;
        if (shown.modes[i] == binding_mode::strict) return errc::session_binding_mismatch;
        changed = true;
    }
    return changed;
}

}}}} // namespace signet::session::detail

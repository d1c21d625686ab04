// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/proof/csrf.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

namespace detail {

inline constexpr std::size_t csrf_random_size = 16, csrf_octets = csrf_random_size + 32;

/// Random octets, and behind them the HMAC over a purpose, those octets and the session's id.
inline std::array<std::uint8_t, csrf_octets> csrf_octets_of(mac_key const& key, bytes_view random,
                                                            std::string_view session_id) {
    std::array<std::uint8_t, csrf_octets> token;
    std::copy(random.begin(), random.end(), token.begin());
    auto mac =
        crypto::hmac::make(hash_id::sha256, key.reveal()); // a mac_key is 32 to 4096 octets, so it is never refused
    mac->update(as_bytes("signet/csrf/1"));
    mac->update(random); // of fixed size, so nothing runs into the id
    mac->update(as_bytes(session_id));
    mac->finish(std::span{token}.subspan(csrf_random_size));
    return token;
}

} // namespace detail

SIGNET_DECL std::string csrf_tokens::make(std::string_view session_id, random_ref random) const {
    std::array<std::uint8_t, detail::csrf_random_size> dice;
    random.fill(dice);
    return codec::base64url_encode(detail::csrf_octets_of(keys_.current(), dice, session_id));
}

SIGNET_DECL result<void> csrf_tokens::check(std::string_view session_id, std::string_view cookie,
                                            std::string_view submitted) const {
    if (submitted.empty()) return errc::header_missing;
    if (cookie.empty()) return errc::cookie_missing;
    if (session_id.empty()) return errc::csrf_refused;
    if (!constant_time_equal(as_bytes(cookie), as_bytes(submitted))) return errc::csrf_refused;
    std::array<std::uint8_t, detail::csrf_octets> sent;
    if (auto const size = codec::base64url_decode(submitted, sent); !size || *size != sent.size())
        return errc::csrf_refused;
    auto const made_by = [&](mac_key const& key) {
        return constant_time_equal(
            detail::csrf_octets_of(key, bytes_view{sent}.first(detail::csrf_random_size), session_id), sent);
    };
    if (!made_by(keys_.current()) && std::ranges::none_of(keys_.former(), made_by)) return errc::csrf_refused;
    return {};
}

}}} // namespace signet::proof

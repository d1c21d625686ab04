// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/dpop_nonces.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/proof/impl/field_value.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

namespace detail {

inline std::array<std::uint8_t, 32> dpop_nonce_octets(crypto::hmac& mac, std::int64_t step) {
    std::array<std::uint8_t, 8> number;
    for (std::size_t i = 0; i != 8; ++i)
        number[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
    std::array<std::uint8_t, 32> tag;
    mac.update(as_bytes("signet/dpop-nonce"));
    mac.update(number);
    mac.finish(tag);
    return tag;
}

inline std::int64_t step_of(unix_time t, std::chrono::seconds step) noexcept {
    return saturating_add(t, std::chrono::seconds{0}).time_since_epoch() / step;
}

} // namespace detail

SIGNET_DECL dpop_nonces::dpop_nonces(mac_key key, dpop_nonce_policy policy) noexcept
    : key_{std::move(key)}, policy_{policy} {
    policy_.step = std::clamp(policy_.step, std::chrono::seconds{1}, std::chrono::seconds{3600});
    policy_.past = std::min(policy_.past, max_dpop_nonce_steps);
    policy_.future = std::min(policy_.future, max_dpop_nonce_steps);
}

SIGNET_DECL std::string dpop_nonces::make(unix_time now) const {
    auto mac = *crypto::hmac::make(hash_id::sha256, key_.reveal()); // a mac_key is never empty or too long
    return codec::base64url_encode(detail::dpop_nonce_octets(mac, detail::step_of(now, policy_.step)));
}

SIGNET_DECL result<unix_time> dpop_nonces::issued(std::string_view nonce, unix_time now) const {
    std::array<std::uint8_t, 32> shown;
    if (nonce.size() != dpop_nonce_size || !codec::base64url_decode(nonce, shown)) return errc::dpop_nonce_unknown;

    auto mac = *crypto::hmac::make(hash_id::sha256, key_.reveal());
    auto const present = detail::step_of(now, policy_.step);
    std::int64_t found = 0, known = 0;
    for (auto step = present - policy_.past; step <= present + policy_.future;
         ++step) { // all of them, whatever comes out
        auto const same = static_cast<std::int64_t>(constant_time_equal(detail::dpop_nonce_octets(mac, step), shown));
        known |= same;
        found += same * step;
    }
    if (known == 0) return errc::dpop_nonce_unknown;
    return unix_time{policy_.step * found};
}

SIGNET_DECL result<std::string_view> read_dpop_nonce(std::span<std::string_view const> values) noexcept {
    if (values.empty()) return error{errc::header_missing, field_name::dpop_nonce_header};
    if (values.size() > 1) return error{errc::malformed_header_field, field_name::dpop_nonce_header};
    auto const nonce = detail::trimmed(values.front());
    if (nonce.empty()) return error{errc::malformed_header_field, field_name::dpop_nonce_header};
    for (char c : nonce) // NQCHAR, RFC 6749 appendix A
        if (c < 0x21 || c > 0x7e || c == '"' || c == '\\')
            return error{errc::malformed_header_field, field_name::dpop_nonce_header};
    return nonce;
}

}}} // namespace signet::proof

// SPDX-License-Identifier: BSL-1.0
// Properties of a client as keyed hashes, addresses by their network (D5).
#pragma once

#include <signet/crypto/mac.hpp>

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

inline std::array<std::uint8_t, 32> keyed(mac_key const& key, std::string_view purpose, std::string_view value) {
    auto mac = crypto::hmac::make(key);
    mac.update(as_bytes(purpose));
    mac.update(std::array<std::uint8_t, 1>{0}); // no purpose holds a NUL
    mac.update(as_bytes(value));
    std::array<std::uint8_t, 64> tag{};
    mac.finish(std::span{tag}.first(mac.size()));
    std::array<std::uint8_t, 32> out{};
    std::copy_n(tag.begin(), 32, out.begin());
    return out;
}

inline std::array<std::uint8_t, 16> property_hash(mac_key const& key, std::string_view purpose,
                                                  std::string_view value) {
    auto const tag = keyed(key, purpose, value);
    std::array<std::uint8_t, 16> half{};
    std::copy_n(tag.begin(), 16, half.begin());
    return half;
}

}}}} // namespace signet::session::detail

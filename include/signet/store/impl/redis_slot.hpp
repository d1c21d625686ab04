// SPDX-License-Identifier: BSL-1.0
// Which node of a Redis cluster has a key.
#pragma once

#include <signet/version.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

inline constexpr std::size_t redis_slots = 16'384;

// CRC-16/XMODEM: polynomial 0x1021, from 0.
constexpr std::uint16_t redis_crc16(std::string_view octets) noexcept {
    constexpr auto table = [] {
        std::array<std::uint16_t, 256> t{};
        for (std::size_t i = 0; i != 256; ++i) {
            auto crc = static_cast<unsigned>(i << 8);
            for (int bit = 0; bit != 8; ++bit) crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
            t[i] = static_cast<std::uint16_t>(crc);
        }
        return t;
    }();
    std::uint16_t crc = 0;
    for (auto c : octets)
        crc = static_cast<std::uint16_t>(crc << 8 ^ table[(crc >> 8 ^ static_cast<unsigned char>(c)) & 0xff]);
    return crc;
}

// The whole key counts, prefix and all: its braces may come from either, and only what is between the first two.
constexpr std::size_t redis_slot(std::string_view key) noexcept {
    auto const open = key.find('{');
    auto const close = open == key.npos ? key.npos : key.find('}', open + 1);
    if (close != key.npos && close != open + 1) key = key.substr(open + 1, close - open - 1);
    return redis_crc16(key) % redis_slots;
}

// "MOVED 3999 10.0.0.5:6379", "ASK 3999 ...".
struct redis_redirect {
    bool is_known = false, asking = false;
    std::size_t slot = 0;
    std::string_view host{}; // empty: the host of the node that said it
    int port = 0;
};

constexpr bool redis_port(std::string_view text, int& port) noexcept {
    port = 0;
    for (auto c : text) {
        if (c < '0' || c > '9' || port > 65'535) return false;
        port = port * 10 + (c - '0');
    }
    return port > 0 && port <= 65'535;
}

constexpr redis_redirect redis_parse_redirect(std::string_view text) noexcept {
    redis_redirect to;
    to.asking = text.starts_with("ASK ");
    if (!to.asking && !text.starts_with("MOVED ")) return to;
    text.remove_prefix(to.asking ? 4 : 6);
    auto const space = text.find(' ');
    auto const colon = text.rfind(':'); // the host may be an IPv6 address
    if (space == 0 || space > 5 || colon == text.npos || colon < space) return to;
    for (auto c : text.substr(0, space)) {
        if (c < '0' || c > '9') return to;
        to.slot = to.slot * 10 + static_cast<std::size_t>(c - '0');
    }
    to.host = text.substr(space + 1, colon - space - 1);
    to.is_known = to.slot < redis_slots && to.host != "?" && redis_port(text.substr(colon + 1), to.port);
    return to;
}

}}}} // namespace signet::store::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/record_key.hpp>

#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

SIGNET_DECL void detail::add_key_parts(crypto::hasher& hash, std::string_view kind,
                                       std::initializer_list<std::string_view> parts) {
    auto const add = [&hash](std::string_view part) {
        std::array<std::uint8_t, 8> length{};
        for (std::size_t i = 0; i != 8; ++i)
            length[i] = static_cast<std::uint8_t>(std::uint64_t{part.size()} >> (56 - 8 * i));
        hash.update(length);
        hash.update(as_bytes(part));
    };
    add(kind);
    for (auto part : parts) add(part);
}

SIGNET_DECL store::record_key record_key(std::string_view kind, std::initializer_list<std::string_view> parts) {
    crypto::hasher hash{hash_id::sha256};
    detail::add_key_parts(hash, kind, parts);
    store::record_key key{};
    hash.finish(key);
    return key;
}

}}} // namespace signet::proof

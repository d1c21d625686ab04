// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jwt/verified.hpp>

#include <algorithm>
#include <cstring>

namespace signet::inline SIGNET_ABI::jwt::detail {

SIGNET_DECL token token_access::own(char const* text, codec::json_node const* nodes, token_index const& index) {
    static_assert(std::is_trivially_copyable_v<codec::json_node>);
    auto const room = index.node_count + (index.text_size + sizeof(codec::json_node) - 1) / sizeof(codec::json_node);
    auto       block = std::make_shared<codec::json_node[]>(room);
    std::copy_n(nodes, index.node_count, block.get());
    if (index.text_size) std::memcpy(static_cast<void*>(block.get() + index.node_count), text, index.text_size);
    return {std::move(block), index};
}

} // namespace signet::jwt::detail

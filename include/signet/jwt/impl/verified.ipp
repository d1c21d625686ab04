// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jwt/verified.hpp>

#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

inline token::token(std::shared_ptr<part const[]> block, char const* text, codec::json_node const* nodes,
                    detail::token_index const* index) noexcept
    : claims_view{text, nodes, index}, block_{std::move(block)} {}

SIGNET_DECL token::token(token const& other) noexcept = default;
SIGNET_DECL token::~token() = default;

SIGNET_DECL token& token::operator=(token const& other) noexcept {
    if (this == &other) return *this;
    block_ = other.block_;
    text_ = other.text_;
    nodes_ = other.nodes_;
    index_ = other.index_;
    return *this;
}

namespace detail {

SIGNET_DECL token token_access::own(char const* text, codec::json_node const* nodes, token_index const& index) {
    static_assert(std::is_trivially_copyable_v<codec::json_node> && std::is_trivially_copyable_v<token_index>);
    static_assert(alignof(codec::json_node) <= alignof(token_index) &&
                  sizeof(token_index) % alignof(codec::json_node) == 0);
    auto const nodes_size = index.node_count * sizeof(codec::json_node);
    auto const size = sizeof index + nodes_size + index.text_size;
    auto block = std::make_shared<token::part[]>((size + sizeof(token::part) - 1) / sizeof(token::part));
    auto* const at = block[0].octets;
    std::memcpy(at, &index, sizeof index);
    std::memcpy(at + sizeof index, nodes, nodes_size);
    if (index.text_size) std::memcpy(at + sizeof index + nodes_size, text, index.text_size);
    return {std::move(block), reinterpret_cast<char const*>(at + sizeof index + nodes_size),
            reinterpret_cast<codec::json_node const*>(at + sizeof index), reinterpret_cast<token_index const*>(at)};
}

} // namespace detail

}}} // namespace signet::jwt

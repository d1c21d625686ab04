// SPDX-License-Identifier: BSL-1.0
// The memory for the index of one CBOR item of a passkey: on the stack, whatever the item says of its size.
#pragma once

#include <signet/codec/cbor_reader.hpp>

#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

inline constexpr std::size_t max_cbor_values = 256; // the index has 4 KiB then

using cbor_nodes = std::array<codec::cbor_node, max_cbor_values>;

}}}} // namespace signet::webauthn::detail

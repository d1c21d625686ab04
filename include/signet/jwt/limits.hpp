// SPDX-License-Identifier: BSL-1.0
// How large a token may be.
#pragma once

#include <signet/version.hpp>

#include <cstddef>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The number of characters of the largest token that a policy and a scratch take by default. An access token of Entra
/// ID with 200 groups has about 11,400. Beside it a server must take header fields of this size.
inline constexpr std::size_t default_max_token = 16'384;

}}} // namespace signet::jwt

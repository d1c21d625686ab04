// SPDX-License-Identifier: BSL-1.0
// How large a token may be.
#pragma once

#include <signet/version.hpp>

#include <cstddef>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The largest token, in characters, that a policy and a scratch accept by default. An access token of Entra ID with
/// 200 groups has about 11,400. Your HTTP server must accept header fields of this size too.
inline constexpr std::size_t default_max_token = 16'384;

}}} // namespace signet::jwt

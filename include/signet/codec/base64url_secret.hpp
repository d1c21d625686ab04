// SPDX-License-Identifier: BSL-1.0
// base64url for secrets: no table and no branch depends on them, and the memory is wiped (RFC 4648 section 5).
#pragma once

#include <signet/core/output.hpp>
#include <signet/core/result.hpp>
#include <signet/core/secret.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

/// Decodes as strictly as `base64url_decode`, in a time that depends on the length only. Intermediate memory is wiped.
///
/// Errors: `invalid_base64_length`; `invalid_base64_character`; `nonzero_base64_trailing_bits`. They carry no offset,
/// which would reveal something about the secret.
[[nodiscard]] SIGNET_DECL result<secret> base64url_decode_secret(std::string_view text);

/// Appends the encoding of secret octets in a time that depends on the length only. The caller wipes what `out` writes
/// to.
SIGNET_DECL void base64url_encode_secret(bytes_view octets, output& out);

}}} // namespace signet::codec

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/codec/impl/base64url_secret.ipp>
#endif

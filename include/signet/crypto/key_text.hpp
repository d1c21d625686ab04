// SPDX-License-Identifier: BSL-1.0
// What a text is that people have as a key: for messages to whoever configures a program.
#pragma once

#include <signet/version.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

/// Returns one line that says what a text is and how it is read, or with which command it is converted to a form that
/// is. For the error message of a program whose key file was refused: `from_pem` itself says only `bad_key`,
/// `unsupported_key` or `bad_passphrase`.
///
/// It shows nothing of the text but the label of a PEM block. Of several blocks it is about the first. It does not
/// decode them: a function that it names may still refuse the key.
///
/// Example: `a private key (PKCS#8): private_key::from_pem`
[[nodiscard]] SIGNET_DECL std::string describe_key_text(std::string_view text);

}}} // namespace signet::crypto

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/key_text.ipp>
#endif

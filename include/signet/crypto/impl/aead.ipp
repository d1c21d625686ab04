// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/aead.hpp>

#include <signet/crypto/impl/botan.hpp>

#include <botan/aead.h> // here: verifiers need none of it

#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

namespace detail {

// The enumerators have other names in each of Botan's versions, and the same values in all.
inline constexpr Botan::Cipher_Dir encrypts{0}, decrypts{1};

// A cipher for one message.
inline std::unique_ptr<Botan::AEAD_Mode> start_aead(Botan::Cipher_Dir direction, secret const& key,
                                                    aead_nonce const& nonce, bytes_view associated) {
    if (key.size() != aead_key_size) signet::detail::end_program("a key of authenticated encryption has another size");
    auto cipher = Botan::AEAD_Mode::create_or_throw("ChaCha20Poly1305", direction);
    cipher->set_key(key.reveal().data(), key.size());
    cipher->set_associated_data(associated.data(), associated.size());
    cipher->start(nonce.data(), nonce.size()); // with this size it is XChaCha20
    return cipher;
}

} // namespace detail

SIGNET_DECL void aead_encrypt(secret const& key, aead_nonce const& nonce, bytes_view associated, bytes_view plain,
                              std::span<std::uint8_t> out) {
    if (out.size() != plain.size() + aead_tag_size)
        signet::detail::end_program("a text is to be encrypted into memory of another size");
    auto const cipher = detail::start_aead(detail::encrypts, key, nonce, associated);
    Botan::secure_vector<std::uint8_t> text{plain.begin(), plain.end()};
    cipher->finish(text);
    std::memcpy(out.data(), text.data(), out.size());
}

SIGNET_DECL bool aead_decrypt(secret const& key, aead_nonce const& nonce, bytes_view associated, bytes_view encrypted,
                              std::span<std::uint8_t> out) {
    if (out.size() + aead_tag_size != encrypted.size())
        signet::detail::end_program("a text is to be decrypted into memory of another size");
    auto const cipher = detail::start_aead(detail::decrypts, key, nonce, associated);
    Botan::secure_vector<std::uint8_t> text{encrypted.begin(), encrypted.end()};
    try {
        cipher->finish(text);
    } catch (Botan::Invalid_Authentication_Tag const&) { return false; }
    if (!out.empty()) std::memcpy(out.data(), text.data(), out.size());
    return true;
}

}}} // namespace signet::crypto

// A device key in an encrypted PKCS#8 file (RFC 5958, PBES2), for machines without a token: whoever has both the file
// and the passphrase has the key.
#pragma once

#include <signet/crypto/signing_key.hpp>

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

/// Reads the key. Errors: `unknown_key` (no such file), `bad_passphrase`, `bad_key`, `wrong_key_type` (not a key for
/// `A`).
template <signet::asymmetric A>
[[nodiscard]] signet::result<signet::local_key<A>> read_key_file(std::string const& path,
                                                                 signet::secret const& passphrase) {
    std::string text(signet::max_key_octets, '\0');
    auto* const file = std::fopen(path.c_str(), "rb");
    if (!file) return signet::errc::unknown_key;
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    // [read]
    auto key = signet::private_key::from_encrypted_pem(text, passphrase);
    if (!key) return key.error();
    return signet::local_key<A>::from_key(*std::move(key));
    // [/read]
}

/// Makes a key and a file for it, which only its owner may read; one that is there already is left alone.
/// Errors: `duplicate_key` (there is one), `signer_failed` (it could not be written), `bad_passphrase` (an empty one).
template <signet::asymmetric A>
[[nodiscard]] signet::result<signet::local_key<A>> make_key_file(std::string const& path,
                                                                 signet::secret const& passphrase) {
    auto key = signet::local_key<A>::generate();
    if (!key) return key.error();
    auto const text = key->key().to_encrypted_pem(passphrase);
    if (!text) return text.error();
    auto const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return errno == EEXIST ? signet::errc::duplicate_key : signet::errc::signer_failed;
    bool const written =
        ::write(file, text->data(), text->size()) == static_cast<ssize_t>(text->size()) && ::fsync(file) == 0;
    if (::close(file) != 0 || !written) {
        ::unlink(path.c_str());
        return signet::errc::signer_failed;
    }
    return key;
}

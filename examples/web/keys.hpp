// What the instances of the site share besides the store: one signing key, from which the others are derived, and a
// certificate.
#pragma once

#include <signet/crypto.hpp>

#include <filesystem>
#include <string>

namespace web {

struct site_keys {
    signet::local_key<signet::es256> signing; // access tokens, device session tokens
    signet::mac_key sessions, nonces, known_browsers, refresh_tokens;
};

/// Makes `folder` where it is not there, for its owner alone. False where it is another user's, or a link.
bool make_private_folder(std::filesystem::path folder);

/// From `folder`/keys.pem, made at the first start; the file is its owner's alone.
signet::result<site_keys> load_keys(std::filesystem::path const& folder);

struct certificate {
    std::string pem, key_pem;
    std::string spki_sha256; // base64: what Chromium's --ignore-certificate-errors-spki-list takes
};

/// From `folder`/certificate.pem, made at the first start for `host` and signed by itself.
signet::result<certificate> load_certificate(std::filesystem::path const& folder, std::string const& host);

/// Makes a file that only its owner can read, whole or not at all. One that is there stays, and is no failure.
bool write_private(std::filesystem::path const& file, std::string_view text);

} // namespace web

// A device proves that it holds its key, which lies in a PKCS#11 token or in an encrypted file: signet signs with
// either.
#include "key_file.hpp"
#include "token.hpp"

#include <signet/jwt.hpp>
#include <signet/proof.hpp>
#include <signet/store.hpp>

#include <iostream>

using namespace signet;
using namespace std::chrono_literals;

namespace {

// [story]
// `key` is any signing key of ES256. The server has seen its public part when the device was registered.
template <signing_key K> result<std::string> prove(K const& key, public_key const& registered, unix_time now) {
    store::memory db; // the server's
    proof::challenge_params const login{.purpose = "login", .app = "shop", .user = "anna", .key_id = "laptop"};
    auto const challenge = run(proof::issue_challenge(login, now), db);
    if (!challenge) return challenge.error();

    auto const answer = proof::sign_challenge(key, *challenge, login); // on the device
    if (!answer) return answer.error();

    auto const proved =
        run(proof::redeem_challenge(*answer, login, registered, alg::es256, now), db); // the server again
    if (!proved) return proved.error();

    // The same key signs tokens, here one that a device shows instead of a client secret (RFC 7523).
    auto const signer = jwt::signer<es256>::make(key, {.key_id = "laptop"});
    if (!signer) return signer.error();
    jwt::claims claims;
    claims.issuer("laptop")
        .subject("laptop")
        .audience("https://id.example.com")
        .id("1")
        .issued_at(now)
        .expires_at(now + 60s);
    return signer->sign(claims);
}
// [/story]

int tell(result<std::string> const& token) {
    if (!token) return std::cerr << message(token.error().code) << '\n', 1;
    std::cout << "the device proved itself, and signed " << token->substr(0, 40) << "...\n";
    return 0;
}

// [token]
int with_token(std::string const& module_path, std::string_view label, secret const& pin, unix_time now) {
    auto const loaded = pkcs11::module::load(module_path);
    if (!loaded) return tell(loaded.error());
    auto const opened = pkcs11::token::open(*loaded, label, pin);
    if (!opened) return tell(opened.error());
    auto handles = (*opened)->find(alg::es256, "signet device key");
    if (!handles && handles.error() == errc::unknown_key)
        handles = (*opened)->generate(alg::es256, "signet device key");
    auto const key = pkcs11::as_signing_key<es256>(*opened, handles);
    if (!key) return tell(key.error());
    return tell(prove(*key, key->verifier_key().key(), now));
}
// [/token]

int with_file(std::string const& path, secret const& passphrase, unix_time now) {
    auto key = read_key_file<es256>(path, passphrase);
    if (!key && key.error() == errc::unknown_key) key = make_key_file<es256>(path, passphrase);
    if (!key) return tell(key.error());
    return tell(prove(*key, key->verifier_key().key(), now));
}

} // namespace

int main(int argc, char** argv) {
    std::string_view const where = argc > 1 ? argv[1] : "";
    if (!(where == "token" && argc == 4) && !(where == "file" && argc == 3)) {
        std::cerr << "usage: device_keys token MODULE LABEL | device_keys file PATH\n"
                     "The PIN or the passphrase is read from the standard input.\n";
        return 2;
    }
    std::string line;
    std::getline(std::cin, line);
    auto const word = secret::copy_of(as_bytes(line));
    wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return where == "token" ? with_token(argv[2], argv[3], word, now) : with_file(argv[2], word, now);
}

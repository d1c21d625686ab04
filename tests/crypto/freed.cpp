// What is in memory when it is given back: operator delete of the whole program is replaced, and searches for secrets
// that nobody wiped. Botan's own secure memory does not pass here; it is wiped by Botan.
#include <signet/jose.hpp>
#include <signet/oidc.hpp>

#include <doctest/doctest.h>

#include <malloc.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace {

/// Pieces of secrets that must not be found. None while it is empty.
struct searched {
    static constexpr std::size_t piece = 12;
    std::vector<std::array<char, piece>>* pieces = nullptr;
    std::size_t found = 0, freed = 0;
} search;

void look(void* memory) noexcept {
    if (!memory || !search.pieces) return;
    ++search.freed;
    auto const* const pieces = search.pieces;
    auto const size = malloc_usable_size(memory);
    for (auto const& piece : *pieces)
        if (memmem(memory, size, piece.data(), piece.size())) {
            ++search.found;
            return;
        }
}
void release(void* memory) noexcept {
    look(memory);
    std::free(memory);
}

} // namespace

void* operator new(std::size_t size) {
    if (auto* p = std::calloc(1, size ? size : 1)) return p; // cleared: what an older allocation left is not this one's
    throw std::bad_alloc{};
}
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }

using namespace signet;

namespace {

std::string base64_of(bytes_view octets) { // of whole groups of three, as PEM has it without its lines
    constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i + 3 <= octets.size(); i += 3) {
        auto const group = octets[i] << 16 | octets[i + 1] << 8 | octets[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) text += alphabet[group >> shift & 63];
    }
    return text;
}

/// Counts what is left in freed memory of the private octets of `key` while `f` runs.
template <class F> std::size_t left_by(private_key const& key, F const& f, std::string_view also = {}) {
    std::vector<std::array<char, searched::piece>> pieces;
    auto const add = [&](std::string_view text) {
        // The middle of it, so that borders of groups and lines do not matter.
        for (std::size_t at = text.size() / 4; at + searched::piece <= text.size() && pieces.size() < 200;
             at += searched::piece) {
            pieces.emplace_back();
            std::memcpy(pieces.back().data(), text.data() + at, searched::piece);
        }
    };
    {
        add(also);
        auto const d = key.d();
        auto const numbers = key.rsa_numbers();
        auto const der = key.to_der();
        add(as_text(d.reveal()));
        for (auto const& number : numbers) add(as_text(number.reveal()));
        // Base64 of the DER from its second half on, where an RSA key has its primes and others their scalar. A line
        // has 64 characters, so pieces are taken from within lines.
        auto const text = base64_of(der.reveal());
        if (key.type() == key_type::rsa) add(std::string_view{text}.substr(text.size() / 2));
        else
            for (std::size_t line = 0; line < text.size(); line += 64) add(std::string_view{text}.substr(line, 60));
    }
    search = {.pieces = &pieces};
    f();
    auto const found = search.found;
    search.pieces = nullptr;
    CHECK(search.freed != 0);
    return found;
}

} // namespace

TEST_CASE("The search finds what is freed without being wiped") {
    auto const key = *private_key::generate(alg::ed25519);
    auto const pem = key.to_pem();
    CHECK(left_by(key, [&] { std::string const copy{as_text(pem.reveal())}; }) != 0);
    auto const d = key.d();
    CHECK(left_by(key, [&] { bytes const copy(d.reveal().begin(), d.reveal().end()); }) != 0);
}

TEST_CASE("T11: no token of a provider's answer stays in memory that is given back") {
    auto const key = *private_key::generate(alg::ed25519);
    std::string const token(400, 'r'),
        answer = R"({"access_token":"a","token_type":"Bearer","refresh_token":")" + token + "\"}";
    CHECK(left_by(key, [&] { CHECK(oidc::read_token_response(answer)); }, token) == 0);
}

TEST_CASE("T11: no octet and no character of a private key stays in memory that is given back") {
    auto const pass = secret::copy_of(as_bytes("correct horse"));
    for (auto a : {alg::ed25519, alg::es256, alg::es512, alg::rs256}) {
        CAPTURE(traits(a).name);
        auto const key = *private_key::generate(a);
        auto const der = key.to_der(), pem = key.to_pem();
        auto const hidden = *key.to_encrypted_pem(pass);
        CHECK(left_by(key, [&] { (void)key.to_der(); }) == 0);
        CHECK(left_by(key, [&] { (void)key.to_pem(); }) == 0);
        CHECK(left_by(key, [&] { (void)key.to_encrypted_pem(pass); }) == 0);
        CHECK(left_by(key, [&] { (void)key.d(), (void)key.rsa_numbers(); }) == 0);
        CHECK(left_by(key, [&] { CHECK(private_key::from_der(der.reveal())); }) == 0);
        CHECK(left_by(key, [&] { CHECK(private_key::from_pem(as_text(pem.reveal()))); }) == 0);
        CHECK(left_by(key, [&] { CHECK(private_key::from_encrypted_pem(hidden, pass)); }) == 0);
        auto const jwk = *jose::to_json(jose::private_jwk{{}, key});
        auto const text = as_text(jwk.reveal());
        auto const d = text.substr(text.find("\"d\":\"") + 5, 40);
        CHECK(left_by(key, [&] { CHECK(jose::to_json(jose::private_jwk{{}, key})); }, d) == 0);
        CHECK(left_by(key, [&] { CHECK(jose::parse_private_jwk(text)); }, d) == 0);
    }
}

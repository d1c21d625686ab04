// SPDX-License-Identifier: BSL-1.0
// Secrets that valgrind takes for undefined memory: it then reports each branch and each address that depends on one.
// check_undefined.py runs this and says which reports are right.
#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>
#include <signet/core/secret.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/jwt.hpp>
#include <signet/proof/csrf.hpp>

#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

// What an observer may know: the lengths, and the answer.
template <class T> T known(T answer) {
    (void)VALGRIND_MAKE_MEM_DEFINED(&answer, sizeof answer);
    return answer;
}
void hide(void const* from, std::size_t size) { (void)VALGRIND_MAKE_MEM_UNDEFINED(from, size); }
void show(void const* from, std::size_t size) { (void)VALGRIND_MAKE_MEM_DEFINED(from, size); }

void must(bool good) {
    if (!good) std::abort();
}

constexpr unix_time now{1'700'000'000s};

/// The same key in each run, hidden after whoever copies it has its copy.
struct hidden_key {
    mac_key key;
    hidden_key() : key{*mac_key::from_secret(secret{bytes(32, 7)}, alg::hs256)} {}
    void hide_it() { hide(key.reveal().data(), key.reveal().size()); }
    ~hidden_key() { show(key.reveal().data(), key.reveal().size()); }
};

} // namespace

// ---- what has to be silent ------------------------------------------------------------------------------------------

extern "C" [[gnu::noinline]] void case_constant_time_equal() {
    for (std::size_t size : {1u, 7u, 8u, 31u, 32u, 64u}) {
        bytes a(size, 1), b(size, 1), c(size, 1);
        c[size - 1] = 2;
        for (auto* x : {&a, &b, &c}) hide(x->data(), size);
        must(known(constant_time_equal(a, b)));
        must(!known(constant_time_equal(a, c)));
    }
}

extern "C" [[gnu::noinline]] void case_secret_equality() {
    secret const a{bytes(32, 1)}, b{bytes(32, 1)}, c{bytes(32, 2)};
    for (auto const* x : {&a, &b, &c}) hide(x->reveal().data(), 32);
    must(known(a == b));
    must(!known(a == c));
}

extern "C" [[gnu::noinline]] void case_base64url_encode_secret() {
    for (std::size_t size : {30u, 31u, 32u}) {
        bytes octets(size);
        for (std::size_t i = 0; i != size; ++i) octets[i] = static_cast<std::uint8_t>(8 * i);
        auto const public_text = codec::base64url_encode(octets);
        hide(octets.data(), size);
        std::array<char, 64> text{};
        output out{text};
        codec::base64url_encode_secret(octets, out);
        show(text.data(), text.size());
        must(std::string_view{text.data(), out.size()} == public_text);
    }
}

extern "C" [[gnu::noinline]] void case_base64url_decode_secret() {
    std::string const good = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
                      trailing = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9";
    for (auto const* text : {&good, &trailing}) {
        auto hidden = *text;
        hide(hidden.data(), hidden.size());
        auto const decoded = codec::base64url_decode_secret(hidden);
        must(known(decoded.has_value()) == (text == &good));
    }
    std::string bad = "AAECAwQFBgcICQoLDA0O=xAREhMUFRYXGBkaGxwdHh8";
    hide(bad.data(), bad.size());
    must(!known(codec::base64url_decode_secret(bad).has_value()));
}

extern "C" [[gnu::noinline]] void case_hmac_verify() {
    bytes key(32, 7);
    auto const message = as_bytes("message");
    std::array<std::uint8_t, 32> tag{};
    auto first = *crypto::hmac::make(hash_id::sha256, key);
    first.update(message);
    first.finish(tag);
    hide(key.data(), key.size());
    auto mac = *crypto::hmac::make(hash_id::sha256, key);
    must(known(mac.verify(message, tag)));
    tag[31] ^= 1;
    must(!known(mac.verify(message, tag)));
}

extern "C" [[gnu::noinline]] void case_hs256_verify() {
    hidden_key h;
    auto const key = *local_key<hs256>::from_key(h.key);
    auto const signer = *jwt::signer<hs256>::make(key, {.type = "at+jwt", .key_id = "k"});
    jwt::claims claims;
    claims.issuer("i").audience("a").expires_at(now + 60s);
    auto good = *signer.sign(claims), bad = good;
    bad[bad.size() - 2] = bad[bad.size() - 2] == 'A' ? 'B' : 'A';
    h.hide_it();
    jose::key_set<hs256> keys;
    must(keys.add("k", key.verifier_key()).has_value());
    jwt::verifier<hs256> const verifier{std::move(keys), {.issuer = "i", .audience = "a", .type = "at+jwt"}};
    must(known(verifier.verify(good, now).has_value()));
    must(!known(verifier.verify(bad, now).has_value()));
}

extern "C" [[gnu::noinline]] void case_csrf_check() {
    hidden_key h;
    proof::csrf_tokens const tokens{h.key};
    auto const token = tokens.make("session", system_random());
    auto other = token;
    other[60] = other[60] == 'A' ? 'B' : 'A';
    h.hide_it();
    must(known(tokens.check("session", token, token).has_value()));
    must(!known(tokens.check("session", other, other).has_value()));
}

// ---- what has to be found -------------------------------------------------------------------------------------------

extern "C" [[gnu::noinline]] void control_early_exit() {
    std::array<std::uint8_t, 32> a{}, b{};
    hide(a.data(), a.size());
    std::size_t same = 0;
    for (std::size_t i = 0; i != a.size(); ++i, ++same)
        if (a[i] != b[i]) break;
    std::printf("%d", static_cast<int>(known(same) == 32));
}

extern "C" [[gnu::noinline]] void control_memcmp() {
    bytes a(32, 1), b(32, 1);
    hide(a.data(), a.size());
    int (*volatile compare)(void const*, void const*, std::size_t) = std::memcmp;
    std::printf("%d", known(compare(a.data(), b.data(), 32)));
}

extern "C" [[gnu::noinline]] void control_table() {
    static char const table[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::uint8_t octet = 17;
    hide(&octet, 1);
    std::printf("%c", known(table[octet & 63]));
}

extern "C" [[gnu::noinline]] void control_public_decode() {
    std::string hidden = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    hide(hidden.data(), hidden.size());
    (void)codec::base64url_decode(hidden);
}

int main() {
    case_constant_time_equal();
    case_secret_equality();
    case_base64url_encode_secret();
    case_base64url_decode_secret();
    case_hmac_verify();
    case_hs256_verify();
    case_csrf_check();
    control_early_exit();
    control_memcmp();
    control_table();
    control_public_decode();
}

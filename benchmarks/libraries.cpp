// SPDX-License-Identifier: BSL-1.0
// README's program and issuing a token, each as a user writes it, beside other libraries. A row's name is what was
// called.
#include "harness.hpp"
#include "peers/key_of.hpp"
#include "tokens.hpp"

#ifdef SIGNET_HAS_OPENSSL
#    include <signet/crypto/openssl.hpp>

#    include <openssl/evp.h>
#    include <openssl/pem.h>
#endif

#include <array>
#include <vector>

using namespace tokens;

namespace {

#ifdef SIGNET_HAS_OPENSSL
/// OpenSSL by hand: the signature alone, no JSON and no base64url.
template <algorithm A> struct by_hand {
    explicit by_hand(local_key<A> const& own) {
        if constexpr (symmetric<A>) {
            auto const octets = own.key().reveal();
            key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nullptr, octets.data(), octets.size());
        } else {
            auto const der = own.key().to_der();
            auto const* at = der.reveal().data();
            key = d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size()));
        }
        require(key != nullptr, "OpenSSL takes no key");
    }
    ~by_hand() { EVP_PKEY_free(key); }
    by_hand(by_hand const&) = delete;
    by_hand& operator=(by_hand const&) = delete;

    static EVP_MD const* hash() { return A::id == alg::ed25519 ? nullptr : EVP_sha256(); }

    bytes sign(bytes_view message) const {
        bytes out(512);
        auto size = out.size();
        auto* const operation = EVP_MD_CTX_new();
        bool const good = EVP_DigestSignInit(operation, nullptr, hash(), nullptr, key) == 1 &&
                          EVP_DigestSign(operation, out.data(), &size, message.data(), message.size()) == 1;
        EVP_MD_CTX_free(operation);
        out.resize(good ? size : 0);
        return out;
    }
    bool verify(bytes_view message, bytes_view signature) const {
        if constexpr (symmetric<A>) {
            return constant_time_equal(sign(message), signature);
        } else {
            auto* const operation = EVP_MD_CTX_new();
            bool const good =
                EVP_DigestVerifyInit(operation, nullptr, hash(), nullptr, key) == 1 &&
                EVP_DigestVerify(operation, signature.data(), signature.size(), message.data(), message.size()) == 1;
            EVP_MD_CTX_free(operation);
            return good;
        }
    }
    EVP_PKEY* key;
};
#endif

template <algorithm A> struct job {
    issued<A> t;
    jwt::verifier<A> verifier{t.keys(), get_policy()};
    jwt::scratch<> buffer;
    jwt::verifier<A> reads{t.keys(), [] {
                               auto p = get_policy();
                               p.type = jwt::anything;
                               return p;
                           }()};
    peers::key others{peers::key_of(t.key)};
    char out[2048];
#ifdef SIGNET_HAS_OPENSSL
    by_hand<A> openssl{t.key};
    bytes openssl_signature{openssl.sign(as_bytes(t.input))};
#endif
};

template <class A> void tables(bench::suite& suite, job<A>& j) {
    std::string const name{traits(A::id).name};

    auto& verify = suite.table(name + ": verify a token");
    verify.add("signet: verifier.verify(token, now)", [&] { return j.verifier.verify(j.t.token, now).has_value(); },
               {.refuses = [&] { return !j.verifier.verify(j.t.tampered, now); }});
    verify.add("signet: verifier.verify(token, scratch, now)",
               [&] { return j.verifier.verify(j.t.token, j.buffer, now).has_value(); });
    auto const peer = [&](char const* what, peers::verify_function function) {
        if (!function || !function(j.others, j.t.token)) return; // not here, or not able to
        verify.add(what, [&j, function] { return function(j.others, j.t.token); },
                   {.refuses = [&j, function] { return !function(j.others, j.t.tampered); }});
    };
    peer("jwt-cpp: jwt::decode, verifier.verify", peers::jwt_cpp);
    peer("cpp-jwt: jwt::decode", peers::cpp_jwt);
    peer("libjwt: jwt_decode, jwt_get_grant", peers::libjwt);
#ifdef SIGNET_HAS_OPENSSL
    verify.add("OpenSSL: the signature alone, EVP_DigestVerify",
               [&] { return j.openssl.verify(as_bytes(j.t.input), j.openssl_signature); },
               {.refuses = [&] { return !j.openssl.verify(as_bytes(j.t.tampered), j.openssl_signature); }});
#endif

    auto& sign = suite.table(name + ": issue a token");
    // README's claims of an access token, from nothing to the text.
    auto const fill = [&j](jwt::claims& c) {
        c.issuer(j.others.issuer)
            .audience(j.others.audience)
            .subject(j.others.subject)
            .issued_at(now)
            .expires_at(now + 300s);
    };
    auto const good = [&j](std::string_view token) { return j.reads.verify(token, now).has_value(); };
    auto const input = [&] { // what is signed, for those who only sign
        jwt::claims c;
        fill(c);
        auto token = *j.t.signer.sign(c);
        require(good(token), "signet's token is refused");
        return token.substr(0, token.rfind('.'));
    }();
    sign.add("signet: claims, signer.sign(claims)", [&j, fill] {
        jwt::claims c;
        fill(c);
        return j.t.signer.sign(c).has_value();
    });
    sign.add("signet: claims, signer.sign(claims, buffer)", [&j, fill] {
        jwt::claims c;
        fill(c);
        return j.t.signer.sign(c, j.out).has_value();
    });
    sign.add("signet: claims in a buffer, signer.sign(claims, buffer)",
             [&j, fill] {
                 std::array<char, 512> text;
                 jwt::claims c{text};
                 fill(c);
                 return j.t.signer.sign(c, j.out).has_value();
             },
             {.at_most = symmetric<A> ? 2.0 : 0,
              .against = symmetric<A> ? "Botan: the signature alone, operation kept" : ""});
#ifdef SIGNET_HAS_OPENSSL
    if constexpr (asymmetric<A>) {
        auto const signer = std::make_shared<jwt::signer<A>>(
            *jwt::signer<A>::make(*openssl_key<A>::from_key(j.t.key.key()), {.type = "JWT", .key_id = "key-1"}));
        jwt::claims c;
        fill(c);
        require(good(*signer->sign(c)), "a token of openssl_key is refused");
        sign.add("signet with openssl_key: claims, signer.sign(claims)",
                 [signer, fill] {
                     jwt::claims own;
                     fill(own);
                     return signer->sign(own).has_value();
                 },
                 {.at_most = peers::jwt_cpp_sign ? 0.9 : 0, .against = "jwt-cpp: jwt::create().sign"});
    }
#endif
    auto const peer_sign = [&](char const* what, peers::sign_function function) {
        if (!function) return;
        auto const seconds = now.time_since_epoch().count();
        auto const token = function(j.others, seconds);
        if (token.empty()) return;
        require(good(token), what);
        sign.add(what, [&j, function, seconds] { return !function(j.others, seconds).empty(); });
    };
    peer_sign("jwt-cpp: jwt::create().sign", peers::jwt_cpp_sign);
    peer_sign("cpp-jwt: jwt_object.signature", peers::cpp_jwt_sign);
    peer_sign("libjwt: jwt_encode_str", peers::libjwt_sign);
#ifdef SIGNET_HAS_OPENSSL
    sign.add("OpenSSL: the signature alone, EVP_DigestSign",
             [&j, input] { return !j.openssl.sign(as_bytes(input)).empty(); });
#endif
    sign.add("Botan: the signature alone, operation kept",
             [raw = std::make_shared<raw<A>>(j.t.key), input] { return raw->sign(as_bytes(input)) != 0; });
}

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "libraries"};

    job<es256> es;
    job<rs256> rs;
    job<ed25519> ed;
    job<hs256> hs;
    tables(suite, es);
    tables(suite, rs);
    tables(suite, ed);
    tables(suite, hs);
    return suite.finish();
}

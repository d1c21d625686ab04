// SPDX-License-Identifier: BSL-1.0
// What the benchmarks of whole tokens share: the 339-octet claims, a key for each algorithm, and Botan's own call on
// it.
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/jwt.hpp>

#include <botan/data_src.h>
#include <botan/mac.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/system_rng.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace tokens {

using namespace signet;
using namespace std::chrono_literals;

/// What must hold for a benchmark to mean anything.
inline void require(bool good, char const* what) {
    if (good) return;
    std::fprintf(stderr, "benchmark: %s\n", what);
    std::abort();
}

/// The peers read the system's clock, so tokens live around it.
inline unix_time const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

inline jwt::policy get_policy() {
    return {.issuer = "https://id.example.com", .audience = "https://orders.example.com", .type = "JWT", .leeway = 30s};
}

/// An access token's claims, made as long as wanted; 339 is what PERFORMANCE's peers were measured with.
inline jwt::claims claims(std::size_t octets = 339) {
    auto const filled = [&](std::size_t n) {
        jwt::claims c;
        if (octets < 260) { // no more than what is judged
            c.issuer("https://id.example.com")
                .audience("https://orders.example.com")
                .expires_at(now + 1h)
                .set("padding", std::string(n, 'p'));
            return c;
        }
        c.issuer("https://id.example.com")
            .subject("f3a7b0e2-9d1c-4c58-8f0e-2b7b7a1f6c11")
            .audience("https://orders.example.com");
        c.expires_at(now + 1h)
            .issued_at(now)
            .id("5b2f6c1e-7a54-4a8f-9a67-0f8f4b6f2d31")
            .scope("orders:read orders:write");
        if (octets > 260) c.set("client_id", "orders-frontend").set("padding", std::string(n, 'p'));
        return c;
    };
    auto const size = filled(0).json()->size();
    return filled(octets > size ? octets - size : 0);
}

/// Botan's verification and signature with the operation kept: the floor.
template <algorithm A> struct raw {
    explicit raw(local_key<A> const& key) {
        if constexpr (symmetric<A>) {
            mac = Botan::MessageAuthenticationCode::create_or_throw("HMAC(SHA-256)");
            mac->set_key(key.key().reveal().data(), key.key().reveal().size());
        } else {
            auto const der = key.key().to_der();
            Botan::DataSource_Memory source(der.reveal().data(), der.reveal().size());
            own = std::unique_ptr<Botan::Private_Key>(Botan::PKCS8::load_key(source));
            constexpr char const* padding = A::id == alg::rs256   ? "PKCS1v15(SHA-256)"
                                            : A::id == alg::ps256 ? "PSS(SHA-256,MGF1,32)"
                                            : A::id == alg::es256 ? "EMSA1(SHA-256)"
                                                                  : "Pure";
            verifier = std::make_unique<Botan::PK_Verifier>(*own, padding);
            signer = std::make_unique<Botan::PK_Signer>(*own, Botan::system_rng(), padding);
        }
    }

    bool verify(bytes_view message, bytes_view signature) {
        if constexpr (symmetric<A>) {
            std::uint8_t tag[32];
            mac->update(message.data(), message.size());
            mac->final(tag);
            return constant_time_equal(tag, signature);
        } else {
            return verifier->verify_message(message.data(), message.size(), signature.data(), signature.size());
        }
    }

    std::size_t sign(bytes_view message) {
        if constexpr (symmetric<A>) {
            std::uint8_t tag[32];
            mac->update(message.data(), message.size());
            mac->final(tag);
            return sizeof tag;
        } else {
            return signer->sign_message(message.data(), message.size(), Botan::system_rng()).size();
        }
    }

    std::unique_ptr<Botan::MessageAuthenticationCode> mac;
    std::unique_ptr<Botan::Private_Key> own;
    std::unique_ptr<Botan::PK_Verifier> verifier;
    std::unique_ptr<Botan::PK_Signer> signer;
};

/// A key, a token signed with it, and its parts.
template <algorithm A> struct issued {
    explicit issued(std::size_t octets = 339)
        : key{*local_key<A>::generate()},
          signer{*jwt::signer<A>::make(key, {.type = "JWT", .key_id = "key-1"})},
          payload{claims(octets)},
          token{*signer.sign(payload)} {
        auto const dot = token.rfind('.');
        input = token.substr(0, dot);
        signature = *codec::base64url_decode(std::string_view{token}.substr(dot + 1));
        tampered = token;
        tampered[dot - 2] = tampered[dot - 2] == 'A' ? 'B' : 'A';
    }

    [[nodiscard]] jose::key_set<A> keys() const {
        jose::key_set<A> set;
        require(set.add("key-1", key.verifier_key()).has_value(), "a key cannot be added");
        return set;
    }

    local_key<A> key;
    jwt::signer<A> signer;
    jwt::claims payload;
    std::string token, tampered, input;
    bytes signature;
};

} // namespace tokens

// SPDX-License-Identifier: BSL-1.0
// Prepared verification keys against Botan and, where it is found, OpenSSL; whole tokens; what preparing costs; tables
// and caches.
#include "harness.hpp"
#include "tokens.hpp"

#include <signet/crypto/digest.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/crypto/signature.hpp>

#ifdef SIGNET_HAS_OPENSSL
#    include <openssl/evp.h>
#    include <openssl/x509.h>
#endif

using namespace signet;

namespace {

struct subject {
    alg algorithm;
    private_key secret;
    bytes message = bytes(250, 'm');
    bytes signature;
};

subject make(alg a) {
    subject s{a, *private_key::generate(a), bytes(250, 'm'), {}};
    s.signature = *crypto::sign(s.secret, a, s.message);
    return s;
}

#ifdef SIGNET_HAS_OPENSSL
// A context that is kept: the best of OpenSSL's ways. ECDSA's signature is DER there; that conversion is left out.
class openssl {
public:
    explicit openssl(subject const& s)
        : message_{s.message}, context_{EVP_MD_CTX_new()}, ed25519_{s.algorithm == alg::ed25519} {
        auto const spki = s.secret.public_part().to_der();
        std::uint8_t const* at = spki.data();
        key_ = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
        if (ed25519_) {
            signature_ = s.signature;
            EVP_DigestVerifyInit(context_, nullptr, nullptr, nullptr, key_);
        } else {
            auto const integer = [](bytes_view raw) {
                while (raw.size() > 1 && raw[0] == 0) raw = raw.subspan(1);
                bytes r{2, static_cast<std::uint8_t>(raw.size() + (raw[0] >> 7))};
                if (raw[0] >> 7) r.push_back(0);
                r.insert(r.end(), raw.begin(), raw.end());
                return r;
            };
            auto const a = integer(bytes_view{s.signature}.first(32)), b = integer(bytes_view{s.signature}.subspan(32));
            signature_ = {0x30, static_cast<std::uint8_t>(a.size() + b.size())};
            signature_.insert(signature_.end(), a.begin(), a.end());
            signature_.insert(signature_.end(), b.begin(), b.end());
            operation_ = EVP_PKEY_CTX_new(key_, nullptr);
            EVP_PKEY_verify_init(operation_);
            digest_ = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        }
    }
    bool verify() {
        if (ed25519_)
            return EVP_DigestVerify(context_, signature_.data(), signature_.size(), message_.data(), message_.size()) ==
                   1;
        std::uint8_t hash[32];
        EVP_DigestInit_ex2(context_, digest_, nullptr);
        EVP_DigestUpdate(context_, message_.data(), message_.size());
        EVP_DigestFinal_ex(context_, hash, nullptr);
        return EVP_PKEY_verify(operation_, signature_.data(), signature_.size(), hash, sizeof hash) == 1;
    }

private:
    bytes message_, signature_;
    EVP_PKEY* key_ = nullptr; // the program's end frees them
    EVP_MD_CTX* context_;
    EVP_PKEY_CTX* operation_ = nullptr;
    EVP_MD* digest_ = nullptr;
    bool ed25519_;
};
#endif

bool unprepared(crypto::generator_tables const& generators, subject const& s, crypto::hasher& hash) {
    auto const& key = s.secret.public_part();
    auto const made = s.algorithm == alg::es256 ? crypto::unprepared_key::from_p256(generators, key.x(), key.y())
                                                : crypto::unprepared_key::from_ed25519(generators, key.x());
    return made && made->verify(hash, s.message, s.signature);
}

/// As DPoP, challenges, DBSC and passkeys do it.
bool alone(subject const& s) {
    auto const& key = s.secret.public_part();
    auto const made = s.algorithm == alg::es256 ? crypto::unprepared_key::from_p256(key.x(), key.y())
                                                : crypto::unprepared_key::from_ed25519(key.x());
    return made && made->verify(s.message, s.signature);
}

// Whole tokens: form, header, signature, payload and claims.
template <algorithm A> void whole_tokens(bench::suite& suite, crypto::generator_tables const& generators) {
    auto const t = std::make_shared<tokens::issued<A>>();
    auto const raw = std::make_shared<tokens::raw<A>>(t->key);
    auto const buffer = std::make_shared<jwt::scratch<>>();
    auto& table = suite.table(std::string{traits(A::id).name} + " whole token, to Botan's verification alone");
    table.add("raw Botan", [=] { return raw->verify(as_bytes(t->input), t->signature); });
    auto const add = [&](char const* name, bool own, bool tables, double at_most) {
        auto policy = tokens::get_policy();
        policy.prepared_keys = own;
        if (!tables) policy.max_table_bytes = 0;
        auto const v = std::make_shared<jwt::verifier<A>>(t->keys(), std::move(policy), generators);
        tokens::require(v->keys_to_prepare({}).size() == (own && !tables), "tables are there, or not");
        table.add(name, [=] { return v->verify(t->token, *buffer, tokens::now).has_value(); },
                  {.at_most = at_most, .refuses = [=] { return !v->verify(t->tampered, *buffer, tokens::now); }});
    };
    add("verifier, all by Botan", false, false, 1.02);
    add("verifier, no tables", true, false, 0);
    add("verifier, tables of the default shape", true, true, 0);
}

std::string name_of(crypto::table_shape shape) {
    return "width " + std::to_string(shape.width) + ", stride " + std::to_string(shape.stride);
}

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "prepared"};
    auto const generators = crypto::generator_tables::make();
    subject const subjects[] = {make(alg::es256), make(alg::ed25519)};

    for (auto const& s : subjects) {
        std::string const name{traits(s.algorithm).name};
        bool const ec = s.algorithm == alg::es256;
        auto const& key = s.secret.public_part();
        auto const hash = std::make_shared<crypto::hasher>(traits(s.algorithm).hash);
        auto const botan =
            std::make_shared<crypto::verify_operation>(*crypto::verify_operation::make(key, s.algorithm));

        auto& to_botan = suite.table(name + " verify, to Botan");
        to_botan.add("Botan", [=, &s] { return botan->verify(s.message, s.signature); });
        for (auto shape :
             {crypto::fastest_table, crypto::default_table, crypto::compact_table, crypto::smallest_table}) {
            auto const made = *crypto::prepared_key::make(generators, key, shape);
            to_botan.add("prepared, " + name_of(shape) + ", " + std::to_string(made.bytes() / 1024) + " KiB",
                         [=, &s] { return made.verify(*hash, s.message, s.signature); }, {.at_most = ec ? 0.1 : 0.15});
        }
        to_botan.add("key seen once, import included", [=, &s] { return unprepared(generators, s, *hash); },
                     {.at_most = 0.4});
        to_botan.add("the same without any tables", [&s] { return alone(s); }, {.at_most = 0.45});

#ifdef SIGNET_HAS_OPENSSL
        auto& to_openssl = suite.table(name + " verify, to OpenSSL");
        auto const other = std::make_shared<openssl>(s);
        to_openssl.add("OpenSSL, context kept", [=] { return other->verify(); });
        for (auto shape :
             {crypto::fastest_table, crypto::default_table, crypto::compact_table, crypto::smallest_table}) {
            auto const made = *crypto::prepared_key::make(generators, key, shape);
            to_openssl.add("prepared, " + name_of(shape),
                           [=, &s] { return made.verify(*hash, s.message, s.signature); },
                           {.at_most = ec ? 0.42 : 0.2});
        }
        to_openssl.add("key seen once, import included, without any tables", [&s] { return alone(s); },
                       {.at_most = ec ? 1 : 0.5});
#endif

        // Break-even: the ns here divided by what a verification saves.
        auto& cost = suite.table(name + " preparation, to one verification by Botan");
        cost.add("Botan verification", [=, &s] { return botan->verify(s.message, s.signature); });
        for (auto shape :
             {crypto::fastest_table, crypto::default_table, crypto::compact_table, crypto::smallest_table}) {
            auto const memory = std::make_shared<std::vector<std::byte>>(crypto::table_bytes(s.algorithm, shape));
            cost.add("prepare, " + name_of(shape), [=, &s] {
                return crypto::prepared_key::make(generators, s.secret.public_part(), shape, *memory).has_value();
            });
        }
    }
    whole_tokens<es256>(suite, generators);
    whole_tokens<ed25519>(suite, generators);
    suite.table("both base tables").add("make", [] { return crypto::generator_tables::make().bytes() != 0; });

    // Many hot keys in turn: what no longer fits a cache shows. Keys differ in their tables' place, not in their
    // numbers; 256 signatures read all parts of a table.
    std::size_t const most = suite.quick() ? 10 : 1000;
    for (auto const& s : subjects) {
        auto& plot = suite.table(std::string{traits(s.algorithm).name} + " verify, hot keys in turn", "keys");
        auto const hash = std::make_shared<crypto::hasher>(traits(s.algorithm).hash);
        auto const signatures = std::make_shared<std::vector<std::pair<bytes, bytes>>>();
        for (std::size_t i = 0; i != 256; ++i) {
            bytes message(250, static_cast<std::uint8_t>(i));
            auto signature = *crypto::sign(s.secret, s.algorithm, message);
            signatures->emplace_back(std::move(message), std::move(signature));
        }
        for (auto shape :
             {crypto::fastest_table, crypto::default_table, crypto::compact_table, crypto::smallest_table}) {
            auto const keys = std::make_shared<std::vector<crypto::prepared_key>>();
            for (std::size_t i = 0; i != most; ++i)
                keys->push_back(*crypto::prepared_key::make(generators, s.secret.public_part(), shape));
            for (std::size_t count = 1; count <= most; count *= 10)
                plot.add(name_of(shape) + ", " + std::to_string(count) + " keys",
                         [=, state = std::uint64_t{1}]() mutable {
                             state = state * 6364136223846793005u + 1442695040888963407u;
                             auto const& [message, signature] = (*signatures)[(state >> 24) % 256];
                             return (*keys)[(state >> 33) % count].verify(*hash, message, signature);
                         },
                         {.x = static_cast<double>(count), .series = name_of(shape)});
        }
    }
    return suite.finish();
}

// SPDX-License-Identifier: BSL-1.0
// Challenges and DPoP proofs, whole, against what Botan needs for the same signature with a key that comes in the
// message.
#include "harness.hpp"
#include "tokens.hpp"

#include <signet/jose/thumbprint.hpp>
#include <signet/proof.hpp>
#include <signet/store.hpp>

#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/x509_key.h>

using namespace tokens;

namespace {

/// Key import, a fresh operation and the verification, by Botan alone: the floor of whoever checks keys seen once. The
/// curve's parameters are looked up beforehand.
template <algorithm A> class botan_once {
public:
    explicit botan_once(public_key const& key) {
        auto const der = key.to_der();
        Botan::DataSource_Memory source(der.data(), der.size());
        std::unique_ptr<Botan::Public_Key> const loaded{Botan::X509::load_key(source)};
        id_ = loaded->algorithm_identifier();
        bits_ = loaded->public_key_bits();
        if constexpr (A::id == alg::es256) group_ = dynamic_cast<Botan::ECDSA_PublicKey const&>(*loaded).domain();
    }
    bool verify(bytes_view message, bytes_view signature) const {
        auto const verified = [&](Botan::Public_Key const& key, char const* padding) {
            Botan::PK_Verifier operation{key, padding};
            return operation.verify_message(message.data(), message.size(), signature.data(), signature.size());
        };
        if constexpr (A::id == alg::ed25519)
            return verified(Botan::Ed25519_PublicKey{bits_.data(), bits_.size()}, "Pure");
#if SIGNET_BOTAN_MAJOR == 2
        else return verified(Botan::ECDSA_PublicKey{group_, group_.OS2ECP(bits_)}, "EMSA1(SHA-256)");
#else
        else return verified(Botan::ECDSA_PublicKey{id_, bits_}, "EMSA1(SHA-256)");
#endif
    }

private:
    Botan::EC_Group group_;
    Botan::AlgorithmIdentifier id_;
    std::vector<std::uint8_t> bits_;
};

/// Says that a proof is new, for what is measured without a store.
struct always_new {
    store::reply execute(store::request const&) const noexcept { return store::reply::success(); }
};
/// A guard to which the same proof, shown again and again, is a new one each time.
struct fresh_each_time {
    proof::replay_guard& guard;
    std::uint64_t& count;
    store::reply execute(store::request ask) const {
        ++count;
        for (std::size_t i = 0; i != 8; ++i)
            ask.key[i] = static_cast<std::uint8_t>(ask.key[i] ^ (count * 0x9e3779b97f4a7c15 >> 8 * i));
        return guard.execute(ask);
    }
};

template <algorithm A> void dpop(bench::suite& suite, crypto::generator_tables const& generators) {
    std::string const name{traits(A::id).name};
    static auto const key = *local_key<A>::generate();
    static botan_once<A> const botan{key.key().public_part()};
    static std::string const token(600, 't');
    static std::string const field = "DPoP " + token;
    static auto const bound = *proof::bound_token::from_introspection(*proof::read_authorization(field),
                                                                      jose::thumbprint(key.key().public_part()));
    static proof::dpop_target const target{
        .method = "POST", .url = "https://orders.example.com/v1/orders/1763700000", .access_token = token};
    static std::string const text = *proof::make_dpop_proof(key, target, now);
    static std::string_view const fields[] = {text};
    static auto const parts = *jose::split_compact(text, 8192);
    static auto const signature = *codec::base64url_decode(parts.signature);
    static proof::replay_guard guard{{.entries = 4'000'000, .window = 400s}};
    static std::uint64_t count = 0;

    auto const check = [&](crypto::generator_tables const* tables, auto& db) {
        proof::dpop_policy policy;
        policy.tables = tables;
        return run(proof::dpop_check{{.proofs = fields, .method = target.method, .url = target.url, .token = &bound},
                                     policy,
                                     now},
                   db)
            .has_value();
    };
    static std::string broken = text;
    broken[broken.size() - 20] = broken[broken.size() - 20] == 'A' ? 'B' : 'A';
    static std::string_view const broken_fields[] = {broken};
    require(!proof::dpop_check{{.proofs = broken_fields, .method = target.method, .url = target.url, .token = &bound},
                               {},
                               now}
                 .next(),
            "a tampered proof is accepted");

    auto& checks = suite.table("DPoP check, " + name);
    always_new none;
    checks.add("Botan: key import, fresh operation, verify",
               [] { return botan.verify(as_bytes(parts.signing_input), signature); });
    checks.add("signet", [=]() mutable { return check(nullptr, none); }, {.at_most = 0.45});
    checks.add("signet, with tables of the base point", [=, &generators]() mutable { return check(&generators, none); },
               {.at_most = 0.45});
    checks.add("signet, and marked in a replay guard", [=, &generators]() mutable {
        if (count % 4'000'000 == 0) guard = proof::replay_guard{{.entries = 4'000'000, .window = 400s}};
        fresh_each_time db{guard, count};
        return check(&generators, db);
    });

    auto& makes = suite.table("DPoP make, " + name);
    static raw<A> signer{key};
    makes.add("raw Botan, operation kept", [] { return signer.sign(as_bytes(parts.signing_input)); });
    makes.add("Botan, fresh operation", [] {
        Botan::PK_Signer operation{*signer.own, Botan::system_rng(), A::id == alg::es256 ? "EMSA1(SHA-256)" : "Pure"};
        return operation
            .sign_message(as_bytes(parts.signing_input).data(), parts.signing_input.size(), Botan::system_rng())
            .size();
    });
    makes.add("signet", [] { return proof::make_dpop_proof(key, target, now).has_value(); });
}

void challenges(bench::suite& suite) {
    static auto const key = *local_key<es256>::generate();
    static raw<es256> botan{key};
    static proof::challenge_params const params{.purpose = "login", .app = "shop", .user = "anna", .key_id = "phone-1"};
    static store::memory db{{.records = 1'000'000}};
    auto const issue = [] { return run(proof::issue_challenge(params, now), db); };
    static auto const sample = *proof::sign_challenge(key.key(), alg::es256, *issue(), params);
    static auto const parts = *jose::split_compact(sample, 8192);
    static auto const signature = *codec::base64url_decode(parts.signature);

    auto& table = suite.table("challenge, ES256, store in memory");
    table.add("raw Botan: verify", [] { return botan.verify(as_bytes(parts.signing_input), signature); });
    table.add("issue, and take it back", [=] {
        auto const text = issue();
        if (!text) return false;
        std::array<std::uint8_t, 1024> buffer;
        return db.execute(store::take(proof::record_key("challenge", {*text}), buffer, now)).outcome ==
               store::outcome::done;
    });
    table.add("raw Botan: sign", [] { return botan.sign(as_bytes(parts.signing_input)); });
    table.add("issue, sign, redeem", [=] {
        auto const text = issue();
        if (!text) return false;
        auto const answer = proof::sign_challenge(key.key(), alg::es256, *text, params);
        return answer &&
               run(proof::redeem_challenge(*answer, params, key.key().public_part(), alg::es256, now), db).has_value();
    });
}

void nonces(bench::suite& suite) {
    static proof::dpop_nonces const given{*mac_key::generate(alg::hs256)};
    static auto const nonce = given.make(now);
    auto& table = suite.table("DPoP nonces");
    table.add("make", [] { return given.make(now).size(); });
    table.add("recognise among five", [] { return given.issued(nonce, now).has_value(); });
}

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "proof"};
    static auto const generators = crypto::generator_tables::make();
    dpop<es256>(suite, generators);
    dpop<ed25519>(suite, generators);
    challenges(suite);
    nonces(suite);
    return suite.finish();
}

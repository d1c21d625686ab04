// Certificates of real authenticators, with Botan as the model of what is in them.
#include "support/der.hpp"
#include "support/passkeys.hpp"

#include <signet/codec.hpp>
#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <botan/data_src.h>
#include <botan/pkcs8.h>
#include <botan/pkix_types.h>
#include <botan/pubkey.h>
#include <botan/system_rng.h>
#include <botan/x509cert.h>

using namespace signet;
using namespace std::chrono_literals;

namespace {

/// The certificates of each attestation, leaf first, with the name of the ceremony.
std::vector<std::pair<std::string, std::vector<bytes>>> attestations() {
    std::vector<std::pair<std::string, std::vector<bytes>>> all;
    passkeys::for_each_ceremony([&](codec::json_value ceremony) {
        auto const object = passkeys::response_member(ceremony, "attestationObject");
        std::array<codec::cbor_node, 64> nodes;
        auto const wrapper = codec::read_cbor(object, nodes, {.any_key_order = true});
        if (!wrapper) return;
        auto const statement = wrapper->find("attStmt");
        auto const x5c = statement ? statement->find("x5c") : statement;
        if (!x5c || !x5c->is_array()) return;
        std::vector<bytes> path;
        for (auto const one : *x5c) {
            auto const octets = one.as_bytes();
            if (octets) path.emplace_back(octets->begin(), octets->end());
        }
        all.emplace_back(*ceremony.find("name")->as_string(), path);
    });
    return all;
}

void compare(certificate const& c, bytes const& der) {
    Botan::X509_Certificate const model{der.data(), der.size()};
    CHECK(c.version() == static_cast<int>(model.x509_version()));
    CHECK(c.key().to_der() == model.subject_public_key_info());
    CHECK(c.is_ca() == model.is_CA_cert());
    CHECK(c.not_before().time_since_epoch() / 1s == static_cast<std::int64_t>(model.not_before().time_since_epoch()));
    constexpr unix_time last_of_botan{13'569'465'600s}; // the year 2400; certificates go on until 9999
    if (c.not_after() < last_of_botan)
        CHECK(c.not_after().time_since_epoch() / 1s == static_cast<std::int64_t>(model.not_after().time_since_epoch()));
    using enum name_attribute;
    for (auto const& [attribute, name] : {std::pair{common_name, "X520.CommonName"},
                                          {country, "X520.Country"},
                                          {organization, "X520.Organization"},
                                          {organizational_unit, "X520.OrganizationalUnit"}}) {
        auto const values = model.subject_dn().get_attribute(name);
        auto const own = c.subject(attribute);
        CHECK(own.has_value() == (values.size() == 1));
        if (own && values.size() == 1) CHECK(std::string{*own} == values.front());
    }
    for (auto const& oid : model.v3_extensions().get_extension_oids()) {
        auto const text = oid.to_string();
        CAPTURE(text);
        auto const own = c.extension(text);
        REQUIRE(own);
        CHECK(own->critical == model.v3_extensions().critical_extension_set(oid));
        auto const value = model.v3_extensions().get_extension_bits(oid);
        CHECK(bytes(own->value.begin(), own->value.end()) == bytes(value.begin(), value.end()));
    }
}

} // namespace

TEST_CASE("published certificates: all are read, and say what Botan says they say") {
    std::map<bytes, std::string> all;
    for (auto const& [name, path] : attestations())
        for (auto const& der : path) all.emplace(der, name);
    for (auto const& [der, name] : all) {
        CAPTURE(name);
        auto const c = certificate::parse(der);
        REQUIRE(c);
        compare(*c, der);
    }
    MESSAGE(all.size() << " certificates");
    if (!all.empty()) CHECK(all.size() > 50);
}

TEST_CASE("W46: published paths end in their last certificate, if that is an anchor and no date is over") {
    std::size_t paths = 0;
    for (auto const& [name, path] : attestations()) {
        CAPTURE(name);
        std::vector<certificate> parsed;
        for (auto const& der : path) parsed.push_back(*certificate::parse(der));
        if (parsed.size() < 2) continue;
        auto const end = std::vector{parsed.back()};
        parsed.pop_back();
        auto from = end.front().not_before(), until = end.front().not_after();
        for (auto const& c : parsed) from = std::max(from, c.not_before()), until = std::min(until, c.not_after());
        auto const checked = crypto::check_path(parsed, end, from);
        if (!checked) {
            MESSAGE(name << ": " << checked.error().name());
            continue;
        }
        ++paths;
        CHECK(crypto::check_path(parsed, end, until));
        CHECK(crypto::check_path(parsed, end, from - 1s).error() == errc::certificate_not_valid);
        CHECK(crypto::check_path(parsed, end, until + 1s).error() == errc::certificate_not_valid);
        CHECK(crypto::check_path(parsed, {}, from).error() == errc::untrusted_certificate);
    }
    MESSAGE(paths << " paths");
    if (!attestations().empty()) CHECK(paths > 10);
}

TEST_CASE("X.509 signs with any hash on any curve") {
    struct pair {
        alg algorithm;
        alg identifier; // the algorithm of JOSE with that hash
        char const* padding;
    };
    for (auto const& [algorithm, identifier, padding] : {pair{alg::es384, alg::es256, "EMSA1(SHA-256)"},
                                                         {alg::es512, alg::es256, "EMSA1(SHA-256)"},
                                                         {alg::es256, alg::es384, "EMSA1(SHA-384)"},
                                                         {alg::es256, alg::es512, "EMSA1(SHA-512)"},
                                                         {alg::es384, alg::es512, "EMSA1(SHA-512)"},
                                                         {alg::es512, alg::es384, "EMSA1(SHA-384)"}}) {
        CAPTURE(padding);
        auto const key = *private_key::generate(algorithm);
        der::certificate_parts parts;
        parts.key = key.public_part().to_der();
        parts.algorithm = der::signature_algorithm(identifier);
        auto const tbs = parts.tbs();
        auto const octets = key.to_der();
        Botan::DataSource_Memory source{octets.reveal().data(), octets.reveal().size()};
        auto const botan_key = Botan::PKCS8::load_key(source);
        Botan::PK_Signer signer{*botan_key, Botan::system_rng(), padding};
        auto const signature = signer.sign_message(tbs.data(), tbs.size(), Botan::system_rng());
        auto const c =
            certificate::parse(der::sequence({tbs, parts.algorithm, der::bit_string(der::ecdsa(signature))}));
        REQUIRE(c);
        CHECK(c->check_signature(key.public_part()));
    }
}

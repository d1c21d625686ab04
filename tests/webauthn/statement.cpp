#include "authenticator.hpp"

using namespace webauthn_test;

namespace {

// ---- certificates --------------------------------------------------------------------------------------------------

bytes attribute(std::uint8_t number, std::string_view text) { // of 2.5.4
    return der::element(0x31, der::sequence({der::oid({0x55, 4, number}), der::element(0x0c, as_bytes(text))}));
}
bytes const oid_aaguid{0x2b, 6, 1, 4, 1, 0x82, 0xe5, 0x1c, 1, 1, 4},
    oid_apple{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 8, 2}, oid_android{0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 1, 0x11},
    oid_constraints{0x55, 0x1d, 0x13};

bytes extension(bytes_view oid, bytes_view value, bool critical = false) {
    bytes const content =
        joined({der::element(6, oid), critical ? bytes{1, 1, 0xff} : bytes{}, der::element(4, value)});
    return der::element(0x30, content);
}
bytes constraints(bool ca) {
    return extension(oid_constraints, ca ? bytes{0x30, 3, 1, 1, 0xff} : bytes{0x30, 0}, true);
}

struct certificate_parts {
    std::string country = "SE", organization = "Keys", unit = "Authenticator Attestation", name = "Model 1";
    std::uint8_t version = 2; // v3
    std::vector<bytes> extensions{constraints(false)};
    std::string first = "20240101000000Z", last = "20440101000000Z";
};

bytes name_of(certificate_parts const& p) {
    bytes all;
    for (auto const& [number, text] : {std::pair{6, &p.country}, {10, &p.organization}, {11, &p.unit}, {3, &p.name}})
        if (!text->empty()) append(all, attribute(static_cast<std::uint8_t>(number), *text));
    return der::element(0x30, all);
}
bytes make_certificate(certificate_parts const& p, public_key const& key, bytes const& issuer, private_key const& by) {
    auto const ecdsa = der::sequence({der::oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2})});
    bytes extensions;
    for (auto const& one : p.extensions) append(extensions, one);
    auto const tbs = der::sequence(
        {p.version == 0 ? bytes{} : der::element(0xa0, der::small(p.version)), der::small(7), ecdsa, issuer,
         der::sequence({der::element(0x18, as_bytes(p.first)), der::element(0x18, as_bytes(p.last))}), name_of(p),
         key.to_der(), extensions.empty() ? bytes{} : der::element(0xa3, der::element(0x30, extensions))});
    auto bits = joined({bytes{0}, sign(by, alg::es256, tbs)});
    return der::sequence({tbs, ecdsa, der::element(3, bits)});
}

// A manufacturer: a root, an intermediate and the authenticator's leaf.
struct maker {
    key_pair root{-7}, middle{-7}, leaf{-7};
    certificate_parts root_parts{.unit = "", .name = "Root", .extensions = {constraints(true)}};
    certificate_parts middle_parts{.unit = "", .name = "Middle", .extensions = {constraints(true)}};
    certificate_parts leaf_parts{};

    [[nodiscard]] bytes root_der() const {
        return make_certificate(root_parts, root.shown(), name_of(root_parts), root.key);
    }
    [[nodiscard]] bytes middle_der() const {
        return make_certificate(middle_parts, middle.shown(), name_of(root_parts), root.key);
    }
    [[nodiscard]] bytes leaf_der() const { return leaf_der(leaf.shown()); }
    [[nodiscard]] bytes leaf_der(public_key const& key) const {
        return make_certificate(leaf_parts, key, name_of(middle_parts), middle.key);
    }
};

bytes x5c(std::vector<bytes> const& path) {
    std::vector<bytes> all;
    for (auto const& one : path) all.push_back(cbor::octets(one));
    return cbor::array(all);
}
bytes statement_of(std::int64_t identifier, bytes_view signature, bytes const& path) {
    using namespace cbor;
    return map({text("alg"), integer(identifier), text("sig"), octets(signature), text("x5c"), path});
}

// A packed registration by that maker's authenticator; each part can be bent.
registration packed(maker const& m) {
    registration r;
    r.format = "packed";
    r.statement = [m](registration const&, bytes_view message) {
        return statement_of(-7, m.leaf.sign(message), x5c({m.leaf_der(), m.middle_der()}));
    };
    return r;
}
template <class Change> std::string_view packed_with(Change change) {
    maker m;
    change(m);
    return reason(packed(m).judged());
}

// ---- trust ---------------------------------------------------------------------------------------------------------

// Never destroyed: at exit, Botan's memory may be gone before it.
std::vector<certificate>& anchors = *new std::vector<certificate>;
result<std::vector<certificate>> find_anchors(webauthn::aaguid const&, std::string_view) { return anchors; }

webauthn::relying_party trusting(std::vector<bytes> const& ders) {
    anchors.clear();
    for (auto const& one : ders) anchors.push_back(*certificate::parse(one));
    return shop_with([](auto& p) { p.attestation = webauthn::attestation_demand::trusted, p.anchors = find_anchors; });
}

} // namespace

TEST_CASE("W38: none has an empty statement") {
    CHECK(reason(registration{}.judged()) == "accepted");
    CHECK(registering([](auto& r) {
              r.statement = [](auto&, bytes_view) { return cbor::map({cbor::text("alg"), cbor::integer(-7)}); };
          }) == "webauthn_attestation");
}

TEST_CASE("W39: packed without certificates is signed by the new key, with its own algorithm") {
    auto const everything = shop_with([](auto& p) { p.algorithms = every_algorithm; });
    for (auto identifier : every_algorithm) {
        registration r{identifier};
        r.self_attested();
        auto const made = r.judged(everything);
        REQUIRE(reason(made) == "accepted");
        CHECK(made->format == "packed");
        CHECK(!made->trusted);
        CHECK(made->proved.has_value());
    }
    using namespace cbor;
    auto const with = [](auto statement) {
        return registering([&](auto& r) { r.format = "packed", r.statement = statement; });
    };
    CHECK(with([](auto const& r, bytes_view m) {
              return map({text("alg"), integer(-9), text("sig"), octets(r.key.sign(m))});
          }) == "webauthn_attestation");
    CHECK(with([](auto const& r, bytes_view m) { return map({text("sig"), octets(r.key.sign(m))}); }) ==
          "webauthn_attestation");
    CHECK(with([](auto const&, bytes_view) { return map({text("alg"), integer(-7)}); }) == "webauthn_attestation");
    CHECK(with([](auto const&, bytes_view) { return map({}); }) == "webauthn_attestation");
    CHECK(with([](auto const&, bytes_view m) {
              return map({text("alg"), integer(-7), text("sig"), octets(key_pair{-7}.sign(m))});
          }) == "webauthn_attestation");
    CHECK(with([](auto const& r, bytes_view m) {
              return map({text("alg"), integer(-7), text("sig"), octets(r.key.sign(m.first(m.size() - 32)))});
          }) == "webauthn_attestation");
    CHECK(with([](auto const& r, bytes_view m) {
              return map({text("alg"), text("ES256"), text("sig"), octets(r.key.sign(m))});
          }) == "webauthn_attestation");
    CHECK(with([](auto const& r, bytes_view m) {
              return map({text("alg"), integer(-7), text("sig"), octets(r.key.sign(m)), text("more"), integer(1)});
          }) == "webauthn_attestation");
    CHECK(with([](auto const& r, bytes_view m) {
              return map({text("alg"), integer(-7), text("sig"), octets(r.key.sign(m)), text("x5c"), array({})});
          }) == "webauthn_attestation");
}

TEST_CASE("W40: packed with certificates is signed by the leaf") {
    maker const m;
    auto const made = packed(m).judged();
    REQUIRE(reason(made) == "accepted");
    CHECK(!made->proved);
    CHECK(!made->trusted);
    auto const with = [&](auto statement) {
        auto r = packed(m);
        r.statement = statement;
        return reason(r.judged());
    };
    CHECK(with([&](auto const& r, bytes_view message) {
              return statement_of(-7, r.key.sign(message), x5c({m.leaf_der()}));
          }) == "webauthn_attestation");
    CHECK(with([&](auto const&, bytes_view message) {
              return statement_of(-35, m.leaf.sign(message), x5c({m.leaf_der()}));
          }) == "webauthn_attestation");
    CHECK(with([&](auto const&, bytes_view message) {
              return statement_of(-65535, m.leaf.sign(message), x5c({m.leaf_der()}));
          }) == "webauthn_attestation");
    CHECK(with([&](auto const&, bytes_view message) {
              return statement_of(-7, m.leaf.sign(message), x5c({m.leaf_der(), bytes{0x30, 0}}));
          }) == "webauthn_attestation");
    CHECK(with([&](auto const&, bytes_view message) {
              return statement_of(-7, m.leaf.sign(message), x5c(std::vector<bytes>(9, m.leaf_der())));
          }) == "webauthn_attestation");
    CHECK(with([&](auto const&, bytes_view message) {
              return statement_of(-7, m.leaf.sign(message), cbor::array({cbor::text("x")}));
          }) == "webauthn_attestation");
    CHECK(with([&](auto const&, bytes_view message) {
              return statement_of(-7, m.leaf.sign(message.first(message.size() - 1)), x5c({m.leaf_der()}));
          }) == "webauthn_attestation");
}

TEST_CASE("W41: the leaf of a packed statement is as section 8.2.1 demands") {
    CHECK(packed_with([](auto&) {}) == "accepted");
    CHECK(packed_with([](auto& m) { m.leaf_parts.version = 0, m.leaf_parts.extensions.clear(); }) ==
          "webauthn_attestation");
    CHECK(packed_with([](auto& m) { m.leaf_parts.country = ""; }) == "webauthn_attestation");
    CHECK(packed_with([](auto& m) { m.leaf_parts.organization = ""; }) == "webauthn_attestation");
    CHECK(packed_with([](auto& m) { m.leaf_parts.name = ""; }) == "webauthn_attestation");
    CHECK(packed_with([](auto& m) { m.leaf_parts.unit = ""; }) == "webauthn_attestation");
    CHECK(packed_with([](auto& m) { m.leaf_parts.unit = "Authenticator attestation"; }) == "webauthn_attestation");
    CHECK(packed_with([](auto& m) { m.leaf_parts.extensions = {constraints(true)}; }) == "webauthn_attestation");
    CHECK(packed_with([](auto& m) { m.leaf_parts.extensions.clear(); }) == "webauthn_attestation");
    bytes const zero(16, 0), other(16, 1);
    auto const with = [](bytes one) { return packed_with([&](auto& m) { m.leaf_parts.extensions.push_back(one); }); };
    CHECK(with(extension(oid_aaguid, der::element(4, zero))) == "accepted");
    CHECK(with(extension(oid_aaguid, der::element(4, other))) == "webauthn_attestation");
    CHECK(with(extension(oid_aaguid, zero)) == "webauthn_attestation"); // no OCTET STRING within
    CHECK(with(extension(oid_aaguid, joined({der::element(4, zero), bytes{0}}))) == "webauthn_attestation");
    CHECK(with(extension(oid_aaguid, der::element(4, zero), true)) == "webauthn_attestation");
}

TEST_CASE("W42: fido-u2f has one certificate, P-256, which signed the point") {
    maker const m;
    auto const message_of = [](registration const& r) {
        auto const hash = crypto::sha256(as_bytes(r.rp_id));
        auto const x = r.key.shown().x(), y = r.key.shown().y();
        return joined({bytes{0}, bytes{hash.begin(), hash.end()}, r.client_hash(), r.id, bytes{4},
                       bytes{x.begin(), x.end()}, bytes{y.begin(), y.end()}});
    };
    auto const u2f = [&](auto statement, std::int32_t identifier = -7) {
        registration r{identifier};
        r.format = "fido-u2f", r.aaguid = bytes(16, 9), r.statement = statement;
        auto const rp = shop_with([](auto& p) { p.algorithms = every_algorithm; });
        return reason(r.judged(rp));
    };
    auto const made = [](bytes_view signature, bytes const& path) {
        return cbor::map({cbor::text("sig"), cbor::octets(signature), cbor::text("x5c"), path});
    };
    CHECK(u2f([&](auto const& r, bytes_view) { return made(m.leaf.sign(message_of(r)), x5c({m.leaf_der()})); }) ==
          "accepted"); // with any AAGUID
    CHECK(u2f([&](auto const& r, bytes_view) {
              return made(m.leaf.sign(message_of(r)), x5c({m.leaf_der(), m.middle_der()}));
          }) == "webauthn_attestation");
    CHECK(u2f([&](auto const&, bytes_view usual) { return made(m.leaf.sign(usual), x5c({m.leaf_der()})); }) ==
          "webauthn_attestation");
    CHECK(u2f([&](auto const& r, bytes_view) { return made(r.key.sign(message_of(r)), x5c({m.leaf_der()})); }) ==
          "webauthn_attestation");
    CHECK(u2f([&](auto const& r, bytes_view) {
              return statement_of(-7, m.leaf.sign(message_of(r)), x5c({m.leaf_der()}));
          }) == "webauthn_attestation");
    CHECK(u2f([&](auto const&, bytes_view) { return cbor::map({cbor::text("x5c"), x5c({m.leaf_der()})}); }) ==
          "webauthn_attestation");
    key_pair const p384{-35};
    CHECK(u2f([&](auto const& r, bytes_view) {
              return made(p384.sign(message_of(r)), x5c({m.leaf_der(p384.shown())}));
          }) == "webauthn_attestation");
    CHECK(u2f([&](auto const& r, bytes_view) { return made(m.leaf.sign(message_of(r)), x5c({m.leaf_der()})); }, -35) ==
          "webauthn_attestation");
    CHECK(u2f([&](auto const& r, bytes_view) {
              auto other = r;
              other.id = bytes(16, 0x44);
              return made(m.leaf.sign(message_of(other)), x5c({m.leaf_der()}));
          }) == "webauthn_attestation");
}

TEST_CASE("W43: apple's leaf has the new key and the nonce") {
    auto const apple = [](std::function<bytes(bytes)> const& bend, bool own_key = true, bytes more = {}) {
        registration r;
        r.format = "apple";
        r.statement = [=](registration const& one, bytes_view message) {
            maker m;
            auto const nonce = crypto::sha256(message);
            m.leaf_parts.extensions = {
                extension(oid_apple, bend(der::sequence({der::element(0xa1, der::element(4, nonce))})))};
            auto const path = x5c({m.leaf_der(own_key ? one.key.shown() : m.leaf.shown()), m.middle_der()});
            if (!more.empty()) return cbor::map({cbor::text("alg"), cbor::integer(-7), cbor::text("x5c"), path});
            return cbor::map({cbor::text("x5c"), path});
        };
        return r;
    };
    auto const same = [](bytes value) { return value; };
    auto const made = apple(same).judged();
    REQUIRE(reason(made) == "accepted");
    CHECK(!made->proved);                                              // the manufacturer signed, not the key
    CHECK(reason(apple(same, true, bytes{1}).judged()) == "accepted"); // alg may stand beside
    CHECK(reason(apple(same, false).judged()) == "webauthn_attestation");
    CHECK(reason(apple([](bytes value) {
                     value.back() ^= 1;
                     return value;
                 }).judged()) == "webauthn_attestation");
    CHECK(reason(apple([](bytes value) {
                     value.push_back(0);
                     return value;
                 }).judged()) == "webauthn_attestation");
    CHECK(reason(apple([](bytes) { return bytes{0x30, 0}; }).judged()) == "webauthn_attestation");
    auto none = apple(same);
    none.statement = [](registration const& one, bytes_view) {
        return cbor::map({cbor::text("x5c"), x5c({maker{}.leaf_der(one.key.shown())})});
    };
    CHECK(reason(none.judged()) == "webauthn_attestation");
}

TEST_CASE(
    "W44: android-key's leaf has the new key, the hash as challenge, and a key of one application that was made there to sign") {
    bytes const purpose_sign = der::element(0xa1, der::element(0x31, der::small(2))),
                purposes = der::element(0xa1, der::element(0x31, joined({der::small(2), der::small(3)}))),
                purpose_other = der::element(0xa1, der::element(0x31, der::small(3))),
                everybody = joined({bytes{0xbf, 0x84, 0x58, 2}, bytes{5, 0}}),
                generated = joined({bytes{0xbf, 0x85, 0x3e, 3}, der::small(0)}),
                imported = joined({bytes{0xbf, 0x85, 0x3e, 3}, der::small(2)}),
                unrelated = joined({bytes{0xbf, 0x83, 0x77, 2}, bytes{5, 0}});
    struct lists {
        bytes software{}, hardware{};
    };
    auto const android = [&](lists const& all, bool own_key = true, bool own_hash = true) {
        registration r;
        r.format = "android-key";
        r.statement = [=](registration const& one, bytes_view message) {
            maker m;
            auto const hash = own_hash ? one.client_hash() : bytes(32, 1);
            auto const enumerated = der::element(0x0a, bytes{1});
            m.leaf_parts.extensions = {extension(
                oid_android, der::sequence({der::small(4), enumerated, der::small(4), enumerated, der::element(4, hash),
                                            der::element(4, bytes{}), der::element(0x30, all.software),
                                            der::element(0x30, all.hardware)}))};
            return statement_of(-7, one.key.sign(message),
                                x5c({m.leaf_der(own_key ? one.key.shown() : m.leaf.shown()), m.middle_der()}));
        };
        return r;
    };
    auto const hardware_only = shop_with([](auto& p) { p.android_hardware_only = true; });
    lists const good{.software = unrelated, .hardware = joined({purpose_sign, generated})};
    auto const made = android(good).judged();
    REQUIRE(reason(made) == "accepted");
    CHECK(made->proved.has_value());
    CHECK(reason(android(good).judged(hardware_only)) == "accepted");
    CHECK(reason(android({.hardware = joined({purposes, generated})}).judged(hardware_only)) == "accepted");
    CHECK(reason(android({.software = joined({purpose_sign, generated})}).judged()) == "accepted");
    CHECK(reason(android({.software = joined({purpose_sign, generated})}).judged(hardware_only)) ==
          "webauthn_attestation");
    CHECK(reason(android({.software = generated, .hardware = purpose_sign}).judged()) == "accepted");
    for (lists const& bad :
         {lists{}, lists{.hardware = purpose_sign}, lists{.hardware = generated},
          lists{.hardware = joined({purpose_other, generated})}, lists{.hardware = joined({purpose_sign, imported})},
          lists{.software = imported, .hardware = joined({purpose_sign, generated})},
          lists{.software = everybody, .hardware = joined({purpose_sign, generated})},
          lists{.hardware = joined({purpose_sign, everybody, generated})},
          lists{.hardware = joined({purpose_sign, generated, generated})},
          lists{.hardware = joined({purpose_sign, generated, bytes{0xbf}})},
          lists{.hardware = joined({purpose_sign, bytes{0xbf, 0x85}})},
          lists{.hardware = joined({purpose_sign, generated, bytes{0x30, 0}})}})
        CHECK(reason(android(bad).judged()) == "webauthn_attestation");
    CHECK(reason(android(good, false).judged()) == "webauthn_attestation");
    CHECK(reason(android(good, true, false).judged()) == "webauthn_attestation");
    auto forged = android(good);
    auto const honest = forged.statement;
    forged.statement = [=](registration const& one, bytes_view message) {
        return honest(one, message.first(message.size() - 1));
    };
    CHECK(reason(forged.judged()) == "webauthn_attestation");
    registration bare;
    bare.format = "android-key";
    bare.statement = [](registration const& one, bytes_view message) {
        return statement_of(-7, one.key.sign(message), x5c({maker{}.leaf_der(one.key.shown())}));
    };
    CHECK(reason(bare.judged()) == "webauthn_attestation");
}

TEST_CASE("W46: a path ends in an anchor that was given or is one; every issuer is a CA, every date holds") {
    maker const m;
    auto const made = packed(m).judged(trusting({m.root_der()}));
    REQUIRE(reason(made) == "accepted");
    CHECK(made->trusted);
    CHECK(made->credential.trusted);
    CHECK(reason(packed(m).judged(trusting({m.middle_der()}))) == "accepted");
    auto r = packed(m);
    auto const leaf = m.leaf_der();
    r.statement = [&](auto const&, bytes_view message) { return statement_of(-7, m.leaf.sign(message), x5c({leaf})); };
    CHECK(reason(r.judged(trusting({leaf}))) == "accepted");
    CHECK(reason(r.judged(trusting({m.root_der()}))) == "webauthn_attestation_untrusted"); // a gap in the path
    CHECK(reason(packed(m).judged(trusting({maker{}.root_der()}))) == "webauthn_attestation_untrusted");
    CHECK(reason(packed(m).judged(trusting({}))) == "webauthn_attestation_untrusted");
    maker no_ca = m, old = m, young = m;
    no_ca.middle_parts.extensions = {constraints(false)};
    old.leaf_parts.last = "20250101000000Z", young.middle_parts.first = "20400101000000Z";
    for (auto const& bad : {no_ca, old, young}) {
        CHECK(reason(packed(bad).judged(trusting({m.root_der()}))) == "webauthn_attestation_untrusted");
        CHECK(reason(packed(bad).judged()) == "accepted");
    }
}

TEST_CASE("W46: a root that lies in x5c is no anchor") {
    maker const m, other;
    auto r = packed(m);
    r.statement = [&](auto const&, bytes_view message) {
        return statement_of(-7, m.leaf.sign(message), x5c({m.leaf_der(), m.middle_der(), m.root_der()}));
    };
    CHECK(reason(r.judged(trusting({other.root_der()}))) == "webauthn_attestation_untrusted");
    CHECK(reason(r.judged(trusting({m.root_der()}))) == "accepted");
}

TEST_CASE("W47: where a trusted statement is demanded, none and self are refused; a source that fails is no trust") {
    maker const m;
    auto const rp = trusting({m.root_der()});
    CHECK(reason(registration{}.judged(rp)) == "webauthn_attestation_untrusted");
    registration self;
    self.self_attested();
    CHECK(reason(self.judged(rp)) == "webauthn_attestation_untrusted");
    auto const failing = [](webauthn::aaguid const&, std::string_view) {
        return result<std::vector<certificate>>{errc::store_unavailable};
    };
    auto const strict =
        shop_with([&](auto& p) { p.attestation = webauthn::attestation_demand::trusted, p.anchors = failing; });
    auto const lax = shop_with([&](auto& p) { p.anchors = failing; });
    CHECK(reason(packed(m).judged(strict)) == "store_unavailable");
    CHECK(!packed(m).judged(lax)->trusted);
    CHECK(!packed(m).judged(lax)->credential.trusted);
    auto const told = shop_with([&](auto& p) { p.anchors = find_anchors; });
    CHECK(packed(m).judged(told)->trusted);
}

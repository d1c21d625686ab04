#include "support/der.hpp"

#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;
using der::certificate_parts;
using der::make_certificate;

namespace {

constexpr unix_time now{1'800'000'000s}; // 2027-01-15T08:00:00Z
constexpr auto aaguid_extension = "1.3.6.1.4.1.45724.1.1.4";

/// A subject with a key: whoever issues, or the leaf.
struct party {
    std::string name;
    alg algorithm;
    private_key key;

    explicit party(std::string n, alg a = alg::es256)
        : name{std::move(n)}, algorithm{a}, key{*private_key::generate(a)} {}

    certificate_parts parts_by(party const& issuer) const {
        certificate_parts parts;
        parts.issuer = der::common_name(issuer.name);
        parts.subject = der::common_name(name);
        parts.key = key.public_part().to_der();
        return parts;
    }
    certificate_parts authority_by(party const& issuer, std::optional<std::uint8_t> path_length = {}) const {
        auto parts = parts_by(issuer);
        parts.extensions = {der::basic_constraints(true, path_length), der::key_usage(0x06, 1)};
        return parts;
    }
};

certificate sign(certificate_parts const& parts, party const& issuer) {
    auto const parsed = certificate::parse(make_certificate(parts, issuer.key, issuer.algorithm));
    REQUIRE(parsed);
    return *parsed;
}

party const& root() {
    static party const p{"root"};
    return p;
}
party const& middle() {
    static party const p{"middle"};
    return p;
}
party const& lower() {
    static party const p{"lower"};
    return p;
}
party const& leaf() {
    static party const p{"leaf"};
    return p;
}

certificate const& root_certificate() {
    static auto const c = sign(root().authority_by(root()), root());
    return c;
}
certificate const& middle_certificate() {
    static auto const c = sign(middle().authority_by(root()), root());
    return c;
}
certificate const& leaf_certificate() {
    static auto const c = sign(leaf().parts_by(middle()), middle());
    return c;
}

using path = std::vector<certificate>;

errc refusal(path const& p, path const& anchors, unix_time at = now) {
    auto const checked = crypto::check_path(p, anchors, at);
    REQUIRE_FALSE(checked);
    return checked.error().code;
}

/// Parts of a leaf that is good but for what a test changes.
certificate_parts good_parts() { return leaf().parts_by(middle()); }
result<certificate> parse(certificate_parts const& parts) {
    return certificate::parse(make_certificate(parts, middle().key, alg::es256));
}
errc parse_error(certificate_parts const& parts) {
    auto const c = parse(parts);
    REQUIRE_FALSE(c);
    return c.error().code;
}

} // namespace

TEST_CASE("RFC 5280 section 4.1: what is in a certificate") {
    auto parts = good_parts();
    parts.subject =
        der::name({{6, "AT", 0x13}, {10, "Example Keys"}, {11, "Authenticator Attestation"}, {3, "Example Key No. 1"}});
    bytes const aaguid(16, 0xab);
    parts.extensions = {der::basic_constraints(false), der::extension(aaguid_extension, der::octet_string(aaguid))};
    auto const made = make_certificate(parts, middle().key, alg::es256);
    auto const c = certificate::parse(made);
    REQUIRE(c);
    CHECK(c->version() == 3);
    CHECK(c->key() == leaf().key.public_part());
    CHECK_FALSE(c->is_ca());
    CHECK(c->subject(name_attribute::country) == "AT");
    CHECK(c->subject(name_attribute::organization) == "Example Keys");
    CHECK(c->subject(name_attribute::organizational_unit) == "Authenticator Attestation");
    CHECK(c->subject(name_attribute::common_name) == "Example Key No. 1");
    CHECK(as_text(c->subject_der()) == as_text(parts.subject));
    CHECK(as_text(c->issuer_der()) == as_text(parts.issuer));
    CHECK(as_text(c->to_der()) == as_text(made));
    auto const extension = c->extension(aaguid_extension);
    REQUIRE(extension);
    CHECK_FALSE(extension->critical);
    CHECK(as_text(extension->value) == as_text(der::octet_string(aaguid)));
    REQUIRE(c->extension("2.5.29.19"));
    CHECK(c->extension("2.5.29.19")->critical);
    CHECK(c->check_signature(middle().key.public_part()));
    CHECK(c->check_signature(leaf().key.public_part()).error() == errc::bad_signature);
    auto const copy = *c;
    CHECK(copy == *c);
    CHECK_FALSE(copy == leaf_certificate());
    CHECK(sign(middle().authority_by(root()), root()).is_ca());
}

TEST_CASE("object identifiers in text: those that are none find nothing") {
    auto parts = good_parts();
    // The largest part of 32 bits, a large first pair, and parts with zeros within.
    parts.extensions = {der::extension("1.3.4294967295", der::null()), der::extension("2.999.3", der::null()),
                        der::extension("2.5.29.128.16384", der::null(), true)};
    auto const c = parse(parts);
    REQUIRE(c);
    CHECK(c->extension("1.3.4294967295"));
    CHECK(c->extension("2.999.3"));
    CHECK(c->extension("2.5.29.128.16384")->critical);
    for (auto const* oid :
         {"", ".", "1", "1.", ".1", "1..3", "3.1", "1.40", "2.999.03", "2.999.3.", " 2.999.3", "2.999.3 ", "2.999.-3",
          "1.3.4294967296", "1.3.42949672950", "1.3.99999999999999999999999", "a.b", "2.999", "2.999.3.1"})
        CHECK_FALSE(c->extension(oid));
    std::string long_oid = "1.3";
    for (int i = 0; i != 100; ++i) long_oid += ".4294967295";
    CHECK_FALSE(c->extension(long_oid));
    CHECK_FALSE(c->extension(std::string(100'000, '1')));
}

TEST_CASE("W41: an attribute of the subject that comes twice, or in a form that is not read, is none") {
    using enum name_attribute;
    auto const subject_of = [](std::vector<der::attribute> const& attributes) {
        auto parts = good_parts();
        parts.subject = der::name(attributes);
        auto const c = parse(parts);
        REQUIRE(c);
        return *c;
    };
    auto const twice = subject_of({{11, "Authenticator Attestation"}, {11, "other"}, {3, "name"}});
    CHECK_FALSE(twice.subject(organizational_unit));
    CHECK(twice.subject(common_name) == "name");
    CHECK_FALSE(twice.subject(country));
    for (auto const tag : {0x0cu, 0x13u, 0x16u}) {
        auto const c = subject_of({{3, "name", tag}});
        CHECK(c.subject(common_name) == "name");
    }
    for (auto const tag : {0x14u, 0x1eu, 0x04u, 0x30u}) { // TeletexString, BMPString, others
        auto const c = subject_of({{3, "name", tag}});
        CHECK_FALSE(c.subject(common_name));
    }
    auto const mixed = subject_of({{3, "a", 0x1e}, {3, "b"}});
    CHECK_FALSE(mixed.subject(common_name));
    // Several attributes in one set.
    auto parts = good_parts();
    parts.subject = der::sequence({der::set({der::sequence({der::oid("2.5.4.6"), der::text("AT")}),
                                             der::sequence({der::oid("2.5.4.3"), der::text("name")})})});
    auto const one_set = parse(parts);
    REQUIRE(one_set);
    CHECK(one_set->subject(common_name) == "name");
    CHECK(one_set->subject(country) == "AT");
    parts.subject = der::name(std::vector<der::attribute>(max_name_attributes, {3, "name"}));
    CHECK(parse(parts));
    parts.subject = der::name(std::vector<der::attribute>(max_name_attributes + 1, {3, "name"}));
    CHECK(parse_error(parts) == errc::bad_certificate);
    parts.subject = der::sequence({}); // as TPMs have it
    auto const empty = parse(parts);
    REQUIRE(empty);
    CHECK_FALSE(empty->subject(common_name));
}

TEST_CASE("RFC 5280 section 4.1.2.5: dates, to the second") {
    auto const valid = [](std::string_view from, std::string_view until) {
        auto parts = good_parts();
        auto const time = [](std::string_view t) { return der::text(t, t.size() == 13 ? 0x17 : 0x18); };
        parts.validity = der::sequence({time(from), time(until)});
        return parse(parts);
    };
    auto const c = valid("270115080000Z", "20270115080000Z");
    REQUIRE(c);
    CHECK(c->not_before() == now);
    CHECK(c->not_after() == now);
    CHECK(c->valid_at(now));
    CHECK_FALSE(c->valid_at(now - 1s));
    CHECK_FALSE(c->valid_at(now + 1s));
    auto const century = valid("500101000000Z", "491231235959Z"); // 1950 to 2049
    REQUIRE(century);
    CHECK(century->not_before() < unix_time{});
    CHECK(century->not_after() == unix_time{2'524'607'999s});
    auto const longest = valid("000229235959Z", "99991231235959Z");
    REQUIRE(longest);
    CHECK(longest->not_after() == latest_time);
    CHECK(valid("240229000000Z", "00010101000000Z"));
    for (auto const* bad : {"270229000000Z", "271301000000Z", "270001000000Z", "270100000000Z", "270132000000Z",
                            "270115240000Z", "270115006000Z", "270115000060Z", "27011508000Z", "2701150800000",
                            "270115080000+", "2701150800Z", "2701150800001", "27011508000aZ", "-70115080000Z", "",
                            "20270115080000.0Z", "20270115080000+0000", "202701150800Z"}) {
        CAPTURE(std::string{bad});
        auto const refused = valid(bad, "491231235959Z");
        REQUIRE_FALSE(refused);
        CHECK(refused.error() == errc::bad_certificate);
        CHECK_FALSE(valid("200101000000Z", bad));
    }
}

TEST_CASE("W46: a path ends in an anchor that was given, or the leaf is one") {
    CHECK(crypto::check_path(path{leaf_certificate(), middle_certificate()}, path{root_certificate()}, now));
    CHECK(crypto::check_path(path{leaf_certificate(), middle_certificate(), root_certificate()},
                             path{root_certificate()}, now));
    CHECK(crypto::check_path(path{leaf_certificate()}, path{middle_certificate()}, now));
    CHECK(crypto::check_path(path{leaf_certificate(), middle_certificate()}, path{middle_certificate()}, now));
    CHECK(crypto::check_path(path{leaf_certificate()}, path{leaf_certificate()}, now));
    CHECK(crypto::check_path(path{leaf_certificate(), middle_certificate()},
                             path{leaf_certificate(), root_certificate()}, now));

    CHECK(refusal({leaf_certificate()}, {}) == errc::untrusted_certificate);
    CHECK(refusal({}, {root_certificate()}) == errc::untrusted_certificate);
    CHECK(refusal({leaf_certificate()}, {root_certificate()}) == errc::untrusted_certificate); // one is missing
    // What lies in the path is no anchor, also if it is self-signed.
    CHECK(refusal({leaf_certificate(), middle_certificate(), root_certificate()}, {}) == errc::untrusted_certificate);
    party const other{"other"};
    auto const other_root = sign(other.authority_by(other), other);
    CHECK(refusal({leaf_certificate(), middle_certificate(), root_certificate()}, {other_root}) ==
          errc::untrusted_certificate);
    // In another order, or with something between.
    CHECK(refusal({middle_certificate(), leaf_certificate()}, {leaf_certificate()}) == errc::untrusted_certificate);
    CHECK(refusal({leaf_certificate(), other_root, middle_certificate()}, {root_certificate()}) ==
          errc::untrusted_certificate);
    // Behind the anchor anything may stand.
    CHECK(
        crypto::check_path(path{leaf_certificate(), middle_certificate(), other_root}, path{root_certificate()}, now));
}

TEST_CASE("W46: an anchor of the same name and another key is none") {
    party const impostor{"root"};
    auto const fake = sign(impostor.authority_by(impostor), impostor);
    CHECK(refusal({leaf_certificate(), middle_certificate()}, {fake}) == errc::bad_signature);
    // But it hides no other: both orders, and both in the path and among the anchors.
    CHECK(crypto::check_path(path{leaf_certificate(), middle_certificate()}, path{fake, root_certificate()}, now));
    CHECK(crypto::check_path(path{leaf_certificate(), middle_certificate()}, path{root_certificate(), fake}, now));
    CHECK(crypto::check_path(path{leaf_certificate(), middle_certificate(), fake}, path{root_certificate()}, now));
    // A leaf of the same name and key as an anchor is another certificate.
    auto const again = sign(leaf().parts_by(lower()), lower());
    CHECK(refusal({again}, {leaf_certificate()}) == errc::untrusted_certificate);
}

TEST_CASE("W46: every signature of the path is verified, in each algorithm") {
    for (auto const algorithm :
         {alg::es256, alg::es384, alg::es512, alg::rs256, alg::rs384, alg::rs512, alg::ed25519}) {
        CAPTURE(traits(algorithm).name);
        party const issuer{"issuer", algorithm};
        auto const anchor = sign(issuer.authority_by(issuer), issuer);
        auto const good = make_certificate(leaf().parts_by(issuer), issuer.key, algorithm);
        CHECK(crypto::check_path(path{*certificate::parse(good)}, path{anchor}, now));
        // Each octet counts, of what is signed and of the signature: refused by the form or by the signature.
        for (std::size_t at = 0; at < good.size(); at += 7) {
            auto changed = good;
            changed[at] ^= 0x01;
            CAPTURE(at);
            if (auto const c = certificate::parse(changed))
                CHECK_FALSE(crypto::check_path(path{*c}, path{anchor}, now));
        }
    }
}

TEST_CASE("W46: the hash is the one that the certificate names") {
    party const issuer{"issuer", alg::es384};
    auto const anchor = sign(issuer.authority_by(issuer), issuer);
    auto parts = leaf().parts_by(issuer);
    parts.algorithm = der::signature_algorithm(alg::es256); // and signed with SHA-384
    CHECK(refusal({sign(parts, issuer)}, {anchor}) == errc::bad_signature);
}

TEST_CASE("W46: every issuer is a certification authority") {
    auto const with = [](std::vector<bytes> const& extensions, bytes const& version = der::element(0xa0, {2, 1, 2})) {
        auto parts = middle().parts_by(root());
        parts.version = version;
        parts.extensions = extensions;
        return sign(parts, root());
    };
    auto const check = [](certificate const& between) {
        auto const in_path = crypto::check_path(path{leaf_certificate(), between}, path{root_certificate()}, now);
        auto const as_anchor = crypto::check_path(path{leaf_certificate()}, path{between}, now);
        CHECK(in_path.has_value() == as_anchor.has_value());
        if (!in_path) CHECK(as_anchor.error() == in_path.error());
        return in_path ? errc{} : in_path.error().code;
    };
    CHECK(check(with({der::basic_constraints(true)})) == errc{});
    CHECK(check(with({der::basic_constraints(true), der::key_usage(0x04, 2)})) == errc{});
    CHECK(check(with({der::basic_constraints(true), der::key_usage(0xff, 0)})) == errc{});
    CHECK(check(with({})) == errc::issuer_not_ca);
    CHECK(check(with({}, {})) == errc::issuer_not_ca); // version 1 cannot say it
    CHECK(check(with({der::basic_constraints(false)})) == errc::issuer_not_ca);
    CHECK(check(with({der::basic_constraints(true), der::key_usage(0x80, 7)})) == errc::issuer_not_ca);
    CHECK(check(with({der::basic_constraints(true), der::key_usage(0x02, 1)})) == errc::issuer_not_ca); // CRLs only
    CHECK(check(with({der::key_usage(0x04, 2)})) == errc::issuer_not_ca);
    // Explicit defaults and an empty key usage.
    CHECK(check(with({der::extension("2.5.29.19", der::sequence({der::boolean(false)}))})) == errc::issuer_not_ca);
    CHECK(check(with({der::basic_constraints(true), der::extension("2.5.29.15", {0x03, 0x01, 0x00})})) ==
          errc::issuer_not_ca);
}

TEST_CASE("W46: the path's length is what the basic constraints allow (RFC 5280 section 4.2.1.9)") {
    auto const lower_certificate = sign(lower().authority_by(middle()), middle());
    auto const low_leaf = sign(leaf().parts_by(lower()), lower());
    auto const check = [&](std::optional<std::uint8_t> of_root, std::optional<std::uint8_t> of_middle) {
        auto const r = sign(root().authority_by(root(), of_root), root());
        auto const m = sign(middle().authority_by(root(), of_middle), root());
        return crypto::check_path(path{low_leaf, lower_certificate, m}, path{r}, now).has_value();
    };
    CHECK(check({}, {}));
    CHECK(check(2, 1));
    CHECK(check(200, 200));
    CHECK_FALSE(check(1, {}));
    CHECK_FALSE(check(0, {}));
    CHECK_FALSE(check({}, 0));
    auto const only_leaves = sign(middle().authority_by(root(), std::uint8_t{0}), root());
    CHECK(crypto::check_path(path{leaf_certificate(), only_leaves}, path{root_certificate()}, now));
    // A self-issued certificate does not count: the same name with a new key.
    party const renewed{"middle"};
    auto const bridge = sign(renewed.authority_by(middle()), middle());
    auto const under_renewed = sign(leaf().parts_by(renewed), renewed);
    CHECK(crypto::check_path(path{under_renewed, bridge, only_leaves}, path{root_certificate()}, now));
}

TEST_CASE("W46: every date holds, also the anchor's") {
    auto const at = [](certificate_parts parts, char const* from, char const* until, party const& issuer) {
        parts.validity = der::sequence({der::text(from, 0x17), der::text(until, 0x17)});
        return sign(parts, issuer);
    };
    struct dates {
        char const *from, *until;
        bool hold;
    };
    for (auto const& [from, until, hold] : {dates{"270115080000Z", "270115080000Z", true},
                                            {"200101000000Z", "270115075959Z", false},
                                            {"270115080001Z", "491231235959Z", false},
                                            {"491231235959Z", "200101000000Z", false}}) {
        auto const old_root = at(root().authority_by(root()), from, until, root());
        auto const old_middle = at(middle().authority_by(root()), from, until, root());
        auto const old_leaf = at(leaf().parts_by(middle()), from, until, middle());
        for (auto const& [p, anchors] : {std::pair{path{leaf_certificate(), middle_certificate()}, path{old_root}},
                                         {path{leaf_certificate(), old_middle}, path{root_certificate()}},
                                         {path{old_leaf, middle_certificate()}, path{root_certificate()}},
                                         {path{old_leaf}, path{old_leaf}}}) {
            if (hold) CHECK(crypto::check_path(p, anchors, now));
            else CHECK(refusal(p, anchors) == errc::certificate_not_valid);
        }
    }
}

TEST_CASE("RFC 5280 section 6.1.4: a critical extension that is not evaluated is refused") {
    auto const with = [](certificate_parts parts, bytes const& extension, party const& issuer) {
        parts.extensions.push_back(extension);
        return sign(parts, issuer);
    };
    auto const names = der::extension("2.5.29.30", der::sequence({}), true);
    auto const unknown = der::extension("1.2.3.4", der::null(), true);
    for (auto const& extension : {names, unknown}) {
        auto const strange_leaf = with(leaf().parts_by(middle()), extension, middle());
        auto const strange_middle = with(middle().authority_by(root()), extension, root());
        auto const strange_root = with(root().authority_by(root()), extension, root());
        CHECK(refusal({strange_leaf, middle_certificate()}, {root_certificate()}) == errc::unknown_critical_extension);
        CHECK(refusal({leaf_certificate(), strange_middle}, {root_certificate()}) == errc::unknown_critical_extension);
        CHECK(refusal({leaf_certificate(), middle_certificate()}, {strange_root}) == errc::unknown_critical_extension);
    }
    for (auto const* known : {"2.5.29.17", "2.5.29.32", "2.5.29.37"})
        CHECK(crypto::check_path(
            path{with(leaf().parts_by(middle()), der::extension(known, der::sequence({}), true), middle()),
                 middle_certificate()},
            path{root_certificate()}, now));
    auto const not_critical = with(leaf().parts_by(middle()), der::extension("1.2.3.4", der::null()), middle());
    CHECK(crypto::check_path(path{not_critical, middle_certificate()}, path{root_certificate()}, now));
}

TEST_CASE("W61: a path has a limit, and so have the signatures that are verified for it") {
    // Everybody is called the same and everybody signs: each anchor is tried.
    party const one{"same"};
    std::vector<certificate> anchors;
    for (std::size_t i = 0; i != max_path_signatures; ++i) {
        party const other{"same"};
        anchors.push_back(sign(other.authority_by(other), other));
    }
    auto const self = sign(one.authority_by(one), one);
    auto const end = sign(leaf().parts_by(one), one);
    CHECK(refusal({end}, anchors) == errc::bad_signature);
    anchors.push_back(self); // one more than is tried
    CHECK(refusal({end}, anchors) == errc::untrusted_certificate);
    anchors.erase(anchors.begin());
    CHECK(crypto::check_path(path{end}, anchors, now));

    path endless(max_certificate_path, self);
    CHECK(crypto::check_path(endless, path{self}, now));
    endless.push_back(self);
    CHECK(refusal(endless, {self}) == errc::untrusted_certificate);
    // Self-signed certificates that go on for ever.
    CHECK(refusal(path(max_certificate_path, self), {root_certificate()}) == errc::untrusted_certificate);
}

TEST_CASE("W46: a signature of an algorithm that is not supported is no reason to refuse an anchor") {
    auto parts = leaf().parts_by(middle());
    parts.algorithm = der::sequence({der::oid("1.2.840.113549.1.1.5"), der::null()}); // SHA-1 with RSA
    auto const c = sign(parts, middle());
    CHECK(crypto::check_path(path{c}, path{c}, now));
    CHECK(c.check_signature(middle().key.public_part()).error() == errc::unsupported_algorithm);
    CHECK(refusal({c}, {middle_certificate()}) == errc::unsupported_algorithm);
    for (auto const& identifier :
         {der::sequence({der::oid("1.2.840.10045.4.3.2"), der::null()}), // RFC 5758 section 3.2: no parameters
          der::sequence({der::oid("1.2.840.10045.4.1")}), der::sequence({der::oid("1.3.101.113")}),
          der::sequence({der::oid("1.3.101.112"), der::null()}),
          der::sequence({der::oid("1.2.840.113549.1.1.11"), der::sequence({})}),
          der::sequence({der::oid("1.2.840.113549.1.1.10"), der::sequence({})})}) { // PSS
        parts.algorithm = identifier;
        CHECK(refusal({sign(parts, middle())}, {middle_certificate()}) == errc::unsupported_algorithm);
    }
    // The right algorithm with a key of another type.
    parts.algorithm = der::signature_algorithm(alg::rs256);
    CHECK(refusal({sign(parts, middle())}, {middle_certificate()}) == errc::bad_signature);
}

TEST_CASE("W61: what is no certificate is refused, octet by octet and part by part") {
    auto const good = make_certificate(good_parts(), middle().key, alg::es256);
    CHECK(certificate::parse(good));
    for (std::size_t size = 0; size != good.size(); ++size)
        CHECK(certificate::parse(bytes_view{good}.first(size)).error() == errc::bad_certificate);
    CHECK(certificate::parse(der::joined({good, bytes{0}})).error() == errc::bad_certificate);

    auto const check = [](auto const& change) {
        auto parts = good_parts();
        change(parts);
        auto const c = parse(parts);
        return c ? errc{} : c.error().code;
    };
    using parts = certificate_parts;
    CHECK(check([](parts&) {}) == errc{});
    CHECK(check([](parts& p) { p.version = {}; }) == errc{}); // version 1
    CHECK(check([](parts& p) { p.version = der::element(0xa0, der::integer(std::uint8_t{1})); }) == errc{});
    for (auto const number : bytes{0, 3, 200})
        CHECK(check([&](parts& p) { p.version = der::element(0xa0, der::integer(number)); }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.version = der::element(0xa0, der::null()); }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.serial = {}; }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.serial = der::element(0x02, {}); }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.issuer = {}; }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.issuer = der::sequence({der::null()}); }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.subject = der::sequence({der::set({})}); }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.subject = der::sequence({der::set({der::sequence({der::oid("2.5.4.3")})})}); }) ==
          errc::bad_certificate);
    CHECK(check([](parts& p) { p.validity = der::sequence({}); }) == errc::bad_certificate);
    CHECK(check([](parts& p) {
              auto const t = der::text("270115080000Z", 0x17);
              p.validity = der::sequence({t, t, t});
          }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.key = {}; }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.key = der::sequence({}); }) == errc::bad_key);
    CHECK(check([](parts& p) { p.behind = der::null(); }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.behind = der::element(0xa3, der::sequence({})); }) == errc::bad_certificate);
    CHECK(check([](parts& p) { p.behind = der::element(0x81, {0, 1}); }) == errc{}); // unique identifiers
    CHECK(check([](parts& p) { p.behind = der::element(0x81, {0, 1}), p.version = {}; }) == errc::bad_certificate);
    // Extensions are version 3's.
    CHECK(check([](parts& p) { p.extensions = {der::key_usage(0x80)}, p.version = {}; }) == errc::bad_certificate);
}

TEST_CASE("RFC 5280 section 4.2: extensions come once, in their form and in a bounded number") {
    auto const check = [](std::vector<bytes> const& extensions) {
        auto parts = good_parts();
        parts.extensions = extensions;
        auto const c = parse(parts);
        return c ? errc{} : c.error().code;
    };
    auto const own = der::extension("1.2.3.4", der::null());
    CHECK(check({own}) == errc{});
    CHECK(check({own, own}) == errc::bad_certificate);
    CHECK(check({own, der::extension("1.2.3.5", der::null()), der::extension("1.2.3.4", der::sequence({}), true)}) ==
          errc::bad_certificate);
    std::vector<bytes> many;
    for (std::size_t i = 0; i != max_certificate_extensions; ++i)
        many.push_back(der::extension("1.2.3." + std::to_string(i), der::null()));
    CHECK(check(many) == errc{});
    many.push_back(own);
    CHECK(check({der::sequence({der::oid("1.2.3.4"), der::boolean(false), der::octet_string({})})}) == errc{});
    CHECK(check({der::sequence({der::oid("1.2.3.4"), {0x01, 0x01, 0x01}, der::octet_string({})})}) ==
          errc::bad_certificate); // X.690 section 11.1
    CHECK(check({der::sequence({der::oid("1.2.3.4"), der::null()})}) == errc::bad_certificate);
    CHECK(check({der::sequence({der::oid("1.2.3.4"), der::octet_string({}), der::null()})}) == errc::bad_certificate);
    CHECK(check({der::null()}) == errc::bad_certificate);
    many.back() = der::extension("1.2.3.200", der::null());
    CHECK(check(many) == errc::bad_certificate);
    // What is evaluated has to be readable.
    for (auto const& broken :
         {bytes{}, der::null(), der::sequence({der::null()}), der::joined({der::sequence({}), {0}}),
          der::sequence({der::boolean(true), der::integer(std::uint8_t{0}), der::null()}),
          der::sequence({der::boolean(true), der::element(0x02, {0xff})}),
          der::sequence({der::boolean(true), der::element(0x02, bytes(9, 1))})})
        CHECK(check({der::extension("2.5.29.19", broken, true)}) == errc::bad_certificate);
    for (auto const& broken : {bytes{}, der::null(), der::element(0x03, {}), der::element(0x03, {8, 0}),
                               der::joined({der::bit_string({4}), {0}})})
        CHECK(check({der::extension("2.5.29.15", broken, true)}) == errc::bad_certificate);
}

TEST_CASE("the algorithm beside the signature is the one that was signed (RFC 5280 section 4.1.1.2)") {
    auto parts = good_parts();
    parts.algorithm = der::signature_algorithm(alg::es256);
    auto const tbs = parts.tbs();
    auto const signature = der::ecdsa(*crypto::sign(middle().key, alg::es256, tbs));
    auto const with = [&](bytes const& identifier, bytes const& bits) {
        auto const c = certificate::parse(der::sequence({tbs, identifier, bits}));
        return c ? errc{} : c.error().code;
    };
    auto const good = der::signature_algorithm(alg::es256);
    CHECK(with(good, der::bit_string(signature)) == errc{});
    CHECK(with(der::signature_algorithm(alg::es384), der::bit_string(signature)) == errc::bad_certificate);
    CHECK(with(der::sequence({}), der::bit_string(signature)) == errc::bad_certificate);
    CHECK(with(good, der::octet_string(signature)) == errc::bad_certificate);
    CHECK(with(good, der::bit_string(signature, 8)) == errc::bad_certificate);
    CHECK(with(good, der::element(0x03, {})) == errc::bad_certificate);
    // Bits that are not used: the key can be read, as Yubico's of 2014, but no signature is valid.
    auto const odd = certificate::parse(der::sequence({tbs, good, der::bit_string(signature, 2)}));
    REQUIRE(odd);
    CHECK(odd->check_signature(middle().key.public_part()).error() == errc::bad_signature);
}

TEST_CASE("W31: a certificate's key is judged as every key in a message is") {
    auto parts = good_parts();
    auto const rsa_of = [](std::size_t octets) {
        bytes n(octets, 0xc5);
        n.back() = 1;
        auto const numbers = der::sequence({der::integer(n), der::integer(bytes{1, 0, 1})});
        return der::sequence(
            {der::sequence({der::oid("1.2.840.113549.1.1.1"), der::null()}), der::bit_string(numbers)});
    };
    parts.key = rsa_of(512);
    CHECK(parse(parts));
    for (std::size_t const octets : {64u, 128u, 513u, 1024u}) {
        parts.key = rsa_of(octets);
        CHECK(parse_error(parts) == errc::weak_key);
    }
    auto key = leaf().key.public_part().to_der();
    key.back() ^= 1; // off the curve
    parts.key = key;
    CHECK(parse_error(parts) == errc::bad_key);
    parts.key = der::sequence({der::sequence({der::oid("1.3.101.113")}), der::bit_string(bytes(57, 1))}); // Ed448
    CHECK(parse_error(parts) == errc::unsupported_key);
    CHECK(certificate::parse(bytes(max_certificate_octets + 1, 0x30)).error() == errc::bad_certificate);
    parts = good_parts();
    parts.extensions = {der::extension("1.2.3.4", bytes(max_certificate_octets, 0))};
    CHECK(parse_error(parts) == errc::bad_certificate);
}

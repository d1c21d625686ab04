#include "authenticator.hpp"

using namespace webauthn_test;

namespace {

constexpr std::int32_t with_more[] = {-7, -48, -53};

std::string_view with_cose(bytes cose, std::int32_t identifier = -7) {
    auto const rp = shop_with([](auto& p) { p.algorithms = every_algorithm; });
    registration r{identifier};
    r.cose = std::move(cose);
    return reason(r.judged(rp));
}
bytes ec_key(std::int64_t kty, std::int64_t a, std::int64_t crv, bytes_view x, bytes_view y) {
    using namespace cbor;
    return map({integer(1), integer(kty), integer(3), integer(a), integer(-1), integer(crv), integer(-2), octets(x),
                integer(-3), octets(y)});
}
bytes with_member(bytes cose, bytes member) { // appended, and counted
    ++cose[0];
    append(cose, member);
    return cose;
}

} // namespace

TEST_CASE("7.1: a registration gives the credential as it is to be kept") {
    registration r;
    r.flags = up | uv | at | be | bs;
    r.count = 0x01020304;
    r.aaguid = bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    r.json_more = R"(,"transports":["internal","hybrid","internal","Odd one","x"])";
    auto const made = r.judged();
    REQUIRE(made);
    auto const& c = made->credential;
    CHECK(c.id == r.id);
    CHECK(c.key == r.key.shown());
    CHECK(c.algorithm == alg::es256);
    CHECK(c.identifier == -7);
    CHECK(c.count == 0x01020304);
    CHECK((c.backup_eligible && c.backed_up && c.uv_initialized));
    CHECK(c.transports == "internal hybrid x");
    CHECK(std::ranges::equal(c.aaguid, r.aaguid));
    CHECK(c.created == now);
    CHECK(made->format == "none");
    CHECK(!made->trusted);
}

TEST_CASE("W1: the type is public-key, and id equals rawId") {
    CHECK(registering([](auto& r) { r.json_type = "\"Public-key\""; }) == "webauthn_credential_type");
    CHECK(registering([](auto& r) { r.json_type = "null"; }) == "json_wrong_type");
    CHECK(registering([](auto& r) { r.json_id = "EREREREREREREREREREREg"; }) == "webauthn_credential_id");
    CHECK(registering([](auto& r) {
              r.json_id = r.json_raw_id = "";
              r.id = {};
          }) == "webauthn_credential_id");
    CHECK(asserting([](auto& a) { a.json_type = "\"\""; }) == "webauthn_credential_type");
    CHECK(asserting([](auto& a) { a.json_id = "EREREREREREREREREREREg"; }) == "webauthn_credential_id");
}

TEST_CASE("W2: binary members are base64url without padding, white space or stray bits") {
    auto const raw = [](char const* id) { return registering([&](auto& r) { r.json_id = r.json_raw_id = id; }); };
    CHECK(raw("EREREREREREREREREREREQ") == "accepted");
    CHECK(raw("EREREREREREREREREREREQ==") == "invalid_base64_character");
    CHECK(raw("EREREREREREREREREREREQ ") == "invalid_base64_character");
    CHECK(raw("EREREREREREREREREREREQ+/") == "invalid_base64_character");
    CHECK(raw("EREREREREREREREREREREV") == "nonzero_base64_trailing_bits");
    CHECK(raw("EREREREREREREREREREREREQE") == "invalid_base64_length");
    auto const bent = [](std::string_view member, std::string_view more) {
        registration const r;
        auto text = r.answer();
        auto const begin = text.find('"' + std::string{member} + "\":\"") + member.size() + 4;
        text.insert(text.find('"', begin), more);
        return reason(webauthn::judge_registration(text, {.rp = shop, .challenge = challenge}, now));
    };
    for (auto member : {"clientDataJSON", "attestationObject"}) CHECK(bent(member, "==").find("invalid_base64_") == 0);
    CHECK(registering([](auto& r) { r.json_id = "EREREREREREREREREREREQ=="; }) == "invalid_base64_character");
    assertion const a;
    for (auto member : {"clientDataJSON", "authenticatorData", "signature"}) {
        auto text = a.answer();
        auto const begin = text.find('"' + std::string{member} + "\":\"") + std::string_view{member}.size() + 4;
        text.insert(text.find('"', begin), "=");
        CHECK(reason(webauthn::judge_assertion(text, {.rp = shop, .challenge = challenge}, a.stored))
                  .find("invalid_base64_") == 0);
    }
}

TEST_CASE("W3: the JSON is bounded and strict; missing optional and unknown members are fine") {
    CHECK(registering([](auto& r) {
              r.json_more = R"(,"authenticatorAttachment":null,"transports":null,"more":{"x":[1.5e3]})";
          }) == "accepted");
    CHECK(registering([](auto& r) { r.json_more = R"(,"transports":"usb")"; }) == "json_wrong_type");
    CHECK(registering([](auto& r) { r.json_more = R"(,"transports":[7])"; }) == "json_wrong_type");
    CHECK(registering([](auto& r) { r.json_more = R"(,"clientDataJSON":"e30")"; }) == "duplicate_json_name");
    CHECK(registering([](auto& r) { r.json_more = ",\"x\":" + std::string(40, '[') + std::string(40, ']'); }) ==
          "json_too_deep");
    CHECK(registering([](auto& r) { r.json_more = ",\"x\":\"" + std::string(webauthn::max_answer, 'x') + '"'; }) ==
          "json_too_large");
    auto const judged = [](std::string_view text) {
        return reason(webauthn::judge_registration(text, {.rp = shop, .challenge = challenge}, now));
    };
    CHECK(judged("") == "malformed_json");
    CHECK(judged("[]") == "json_wrong_type");
    CHECK(judged("{}") == "json_member_missing");
    CHECK(judged(R"({"type":"public-key","id":"AA","rawId":"AA"})") == "json_member_missing");
    CHECK(judged(R"({"type":"public-key","id":"AA","rawId":"AA","response":[]})") == "json_wrong_type");
    CHECK(judged(R"({"type":"public-key","id":"AA","rawId":"AA","response":{}})") == "json_member_missing");
    CHECK(judged(R"({"type":"public-key","id":7,"rawId":"AA","response":{}})") == "json_wrong_type");
    CHECK(judged(registration{}.answer() + "x") == "malformed_json");
}

TEST_CASE("W4: copies beside the attestation object are never read") {
    CHECK(registering([](auto& r) {
              r.json_more = R"(,"authenticatorData":"AA","publicKey":7,"publicKeyAlgorithm":-999)";
          }) == "accepted");
}

TEST_CASE("W13, W14, W15, W16, W17: CBOR that is not canonical is refused") {
    using namespace cbor;
    registration const whole;
    auto const object = whole.made_object();
    auto const judged = [](bytes object_octets) {
        return registering([&](auto& r) { r.object = std::move(object_octets); });
    };
    auto indefinite = object;
    indefinite[0] = 0xbf, indefinite.push_back(0xff);
    CHECK(judged(indefinite) == "cbor_indefinite");
    auto longer = object;
    longer[0] = 0xb8, longer.insert(longer.begin() + 1, 3);
    CHECK(judged(longer) == "cbor_not_minimal");
    CHECK(judged(joined({bytes{0xc1}, object})) == "cbor_tag");
    CHECK(judged(joined({object, bytes{0}})) == "cbor_trailing");
    CHECK(judged(bytes{object.begin(), object.end() - 1}) == "cbor_truncated");
    CHECK(judged(bytes{0xa1, 0x63, 'f', 'm', 't', 0xe0}) == "cbor_simple");
    auto const members = {text("fmt"), text("none"), text("attStmt"), map({}), text("authData"), octets(whole.data())};
    (void)members;
    auto twice = object;
    twice[0] = 0xa4;
    append(twice, text("fmt")), append(twice, text("none"));
    CHECK(judged(twice) == "cbor_duplicate");
    // The authenticator data: the key there is canonical, and the order of its members counts.
    auto const key = whole.key.shown();
    auto const x = key.x(), y = key.y();
    auto const unordered = map({integer(3), integer(-7), integer(1), integer(2), integer(-1), integer(1), integer(-2),
                                octets(x), integer(-3), octets(y)});
    CHECK(with_cose(unordered) == "cbor_order");
    auto long_form = ec_key(2, -7, 1, x, y);
    long_form.insert(long_form.begin() + 2, 0x18);
    CHECK(with_cose(long_form) == "cbor_not_minimal");
}

TEST_CASE("W15: some clients write the unsigned wrapper in another order, which is taken") {
    using namespace cbor;
    CHECK(registering([](auto& r) {
              r.object = map({text("authData"), octets(r.data()), text("fmt"), text("none"), text("attStmt"), map({})});
          }) == "accepted");
}

TEST_CASE("W18: what is nested deeper than four levels or larger than the limit is refused") {
    using namespace cbor;
    auto const deep = map({text("a"), map({text("b"), map({text("c"), map({text("d"), map({})})})})});
    CHECK(registering([&](auto& r) { r.flags |= ed, r.extensions = deep; }) == "cbor_too_deep");
    CHECK(registering([&](auto& r) { r.extensions = {}, r.trailing = bytes(65'380, 0); }) == "cbor_too_large");
}

TEST_CASE("W19: CBOR texts that are no UTF-8 are refused, and lengths allocate nothing") {
    CHECK(registering([](auto& r) { r.object = bytes{0xa1, 0x61, 0xff, 0x00}; }) == "cbor_not_utf8");
    CHECK(registering([](auto& r) {
              r.object = bytes{0xa1, 0x63, 'f', 'm', 't', 0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
          }) == "cbor_truncated");
    CHECK(registering([](auto& r) { r.object = bytes{0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}; }) !=
          "accepted");
}

TEST_CASE("W20: authenticator data are consumed to the last octet by what their flags say") {
    CHECK(registering([](auto& r) { r.trailing = bytes{0}; }) == "webauthn_authenticator_data");
    CHECK(registering([](auto& r) { r.trailing = cbor::map({}); }) ==
          "webauthn_authenticator_data"); // extensions without their flag
    CHECK(registering([](auto& r) { r.flags |= ed; }) == "cbor_truncated");
    CHECK(asserting([](auto& a) { a.trailing = bytes{0}; }) == "webauthn_authenticator_data");
    CHECK(asserting([](auto& a) { a.flags |= ed; }) == "cbor_truncated");
    registration const r;
    auto const data = r.data();
    for (std::size_t size = 0; size != data.size(); ++size)
        CHECK(!webauthn::read_authenticator_data(bytes_view{data}.first(size)));
    for (std::size_t size = 0; size != 55; ++size)
        CHECK(webauthn::read_authenticator_data(bytes_view{data}.first(size)).error() ==
              errc::webauthn_authenticator_data);
}

TEST_CASE("W21: a credential is in every registration and in no assertion") {
    CHECK(registering([](auto& r) { r.flags = up | uv; }) == "webauthn_authenticator_data");
    registration const r;
    CHECK(asserting([&](auto& a) {
              a.flags |= at;
              a.extensions = joined({bytes(16, 0), bytes{0, 16}, a.id, r.cose});
          }) == "webauthn_authenticator_data");
    // The flag alone decides, whatever stands behind it.
    auto const more = cbor::map({cbor::text("credProtect"), cbor::text("a text of some length, read as an id")});
    CHECK(asserting([&](auto& a) {
              a.flags |= at | ed;
              a.extensions = more;
          }) == "webauthn_authenticator_data");
    CHECK(registering([](auto& one) { one.flags = up | uv | ed; }) == "webauthn_authenticator_data");
}

TEST_CASE("W22: the hash is of this RP ID") {
    CHECK(registering([](auto& r) { r.rp_id = "example"; }) == "webauthn_rp_id");
    CHECK(registering([](auto& r) { r.rp_id = "https://shop.example"; }) == "webauthn_rp_id");
    CHECK(asserting([](auto& a) { a.rp_id = "evil.example"; }) == "webauthn_rp_id");
}

TEST_CASE("W23: somebody is present, except where a conditional create says that nobody need be") {
    registration r;
    r.flags = uv | at;
    CHECK(reason(r.judged()) == "webauthn_user_presence");
    CHECK(reason(webauthn::judge_registration(r.answer(), {.rp = shop, .challenge = challenge, .presence = false},
                                              now)) == "accepted");
    assertion a;
    a.flags = uv;
    CHECK(reason(a.judged()) == "webauthn_user_presence");
    CHECK(reason(a.judged({.rp = shop, .challenge = challenge, .presence = false})) == "webauthn_user_presence");
}

TEST_CASE("W24: the user was verified if and only if that is required") {
    auto const lax = shop_with([](auto& p) { p.verification = webauthn::user_verification::preferred; });
    auto const laxer = shop_with([](auto& p) { p.verification = webauthn::user_verification::discouraged; });
    CHECK(registering([](auto& r) { r.flags = up | at; }) == "webauthn_user_verification");
    CHECK(asserting([](auto& a) { a.flags = up; }) == "webauthn_user_verification");
    for (auto const& rp : {lax, laxer}) {
        CHECK(registering([](auto& r) { r.flags = up | at; }, rp) == "accepted");
        CHECK(asserting([](auto& a) { a.flags = up; }, rp) == "accepted");
    }
    registration r;
    r.flags = up | at;
    CHECK(!r.judged(lax)->credential.uv_initialized);
}

TEST_CASE("W25, W26: backed up is only what can be; reserved bits mean nothing") {
    CHECK(registering([](auto& r) { r.flags |= bs; }) == "webauthn_backup_flags");
    CHECK(registering([](auto& r) { r.flags |= be; }) == "accepted");
    CHECK(asserting([](auto& a) { a.flags |= bs; }) == "webauthn_backup_flags");
    CHECK(registering([](auto& r) { r.flags |= 0x22; }) == "accepted");
    CHECK(asserting([](auto& a) { a.flags |= 0x22; }) == "accepted");
}

TEST_CASE("W27: the attested id has 1 to 1023 octets and is rawId") {
    CHECK(registering([](auto& r) { r.id = bytes(1023, 7); }) == "accepted");
    CHECK(registering([](auto& r) { r.id = bytes(1, 7); }) == "accepted");
    CHECK(registering([](auto& r) { r.id = bytes(1024, 7); }) == "webauthn_credential_id");
    CHECK(registering([](auto& r) { r.attested_id = bytes(1024, 7); }) == "webauthn_credential_id");
    CHECK(registering([](auto& r) { r.attested_id = bytes(16, 7); }) == "webauthn_credential_id");
    registration r;
    auto data = r.data_head();
    append(data, bytes(18, 0)), append(data, r.cose);
    CHECK(webauthn::read_authenticator_data(data).error() == errc::webauthn_credential_id);
}

TEST_CASE("W28: extension outputs are a map with text keys and otherwise ignored") {
    using namespace cbor;
    auto const with = [](bytes extensions) {
        auto const a = registering([&](auto& r) { r.flags |= ed, r.extensions = extensions; });
        auto const b = asserting([&](auto& r) { r.flags |= ed, r.extensions = extensions; });
        CHECK(a == b);
        return a;
    };
    CHECK(with(map({})) == "accepted");
    CHECK(with(map({text("credProtect"), integer(2), text("hmac-secret"), bytes{0xf5}})) == "accepted");
    CHECK(with(map({integer(1), integer(2)})) == "webauthn_authenticator_data");
    CHECK(with(array({text("credProtect")})) == "webauthn_authenticator_data");
    CHECK(with(map({text("a"), integer(1), text("a"), integer(2)})) == "cbor_duplicate");
    CHECK(with(map({text("b"), integer(1), text("a"), integer(2)})) == "cbor_order");
    CHECK(with(joined({map({}), bytes{0}})) == "webauthn_authenticator_data");
}

TEST_CASE("W29: the algorithm is one of those offered, exactly") {
    auto const everything = shop_with([](auto& p) { p.algorithms = every_algorithm; });
    for (auto identifier : every_algorithm) {
        registration const r{identifier};
        auto const made = r.judged(everything);
        CHECK(reason(made) == "accepted");
        CHECK(made->credential.identifier == identifier);
    }
    for (auto identifier : {-35, -36, -37, -19, -9, -51, -52})
        CHECK(reason(registration{identifier}.judged()) == "algorithm_not_allowed");
    auto const wide = shop_with([](auto& p) { p.algorithms = with_more, p.any_case_for_tests = true; });
    registration r;
    auto const xy = bytes(32, 1);
    r.cose = ec_key(7, -48, 1, xy, xy);
    CHECK(reason(r.judged(wide)) == "unsupported_algorithm");
    CHECK(reason(r.judged()) == "algorithm_not_allowed");
}

TEST_CASE("W30: kty, curve, sizes and members are what the algorithm demands and no others") {
    using namespace cbor;
    key_pair const p256{-7}, p384{-35}, ed25519{-8};
    auto const x = p256.shown().x(), y = p256.shown().y();
    auto const k = [](auto... a) { return with_cose(ec_key(a...)); };
    CHECK(k(2, -7, 1, x, y) == "accepted");
    CHECK(k(1, -7, 1, x, y) == "webauthn_key");
    CHECK(k(3, -7, 1, x, y) == "webauthn_key");
    CHECK(k(2, -7, 2, x, y) == "webauthn_key");
    CHECK(k(2, -7, 8, x, y) == "webauthn_key");
    CHECK(k(2, -7, 2, bytes_view{p384.shown().x()}, bytes_view{p384.shown().y()}) == "webauthn_key");
    CHECK(k(2, -35, 1, x, y) == "webauthn_key");
    CHECK(k(2, -7, 1, x.first(31), y) == "webauthn_key");
    CHECK(k(2, -7, 1, bytes_view{joined({bytes{0}, bytes{x.begin(), x.end()}})}, y) == "webauthn_key");
    CHECK(with_cose(map({integer(1), integer(2), integer(3), integer(-7), integer(-1), integer(1), integer(-2),
                         octets(x)})) == "webauthn_key");
    CHECK(with_cose(map({integer(1), integer(2), integer(-1), integer(1), integer(-2), octets(x), integer(-3),
                         octets(y)})) == "webauthn_key"); // no alg
    CHECK(with_cose(map({integer(1), text("EC2"), integer(3), integer(-7), integer(-1), integer(1), integer(-2),
                         octets(x), integer(-3), octets(y)})) == "webauthn_key");
    CHECK(with_cose(map({integer(1), integer(2), integer(3), text("ES256"), integer(-1), integer(1), integer(-2),
                         octets(x), integer(-3), octets(y)})) == "webauthn_key");
    CHECK(with_cose(map({integer(1), integer(2), integer(2), octets(x), integer(3), integer(-7), integer(-1),
                         integer(1), integer(-2), octets(x), integer(-3), octets(y)})) == "webauthn_key"); // kid
    CHECK(with_cose(with_member(p256.cose(), joined({text("x"), integer(1)}))) == "webauthn_key");
    CHECK(with_cose(with_member(ed25519.cose(), joined({integer(-3), octets(x)})), -8) == "webauthn_key");
    CHECK(with_cose(array({integer(1)})) == "webauthn_key");
    CHECK(with_cose(map({integer(1), integer(1), integer(3), integer(-8), integer(-1), integer(7), integer(-2),
                         octets(x)})) == "webauthn_key");
}

TEST_CASE("W31: points lie on the curve; RSA has 2048 to 4096 bits and a sane exponent") {
    using namespace cbor;
    key_pair const p256{-7}, rsa{-257};
    auto const x = p256.shown().x();
    CHECK(with_cose(ec_key(2, -7, 1, x, x)) == "bad_key");
    CHECK(with_cose(ec_key(2, -7, 1, bytes(32, 0), bytes(32, 0))) == "bad_key");
    auto const n = rsa.shown().n(), e = rsa.shown().e();
    auto const k = [](bytes_view modulus, bytes_view exponent) {
        return with_cose(map({integer(1), integer(3), integer(3), integer(-257), integer(-1), octets(modulus),
                              integer(-2), octets(exponent)}),
                         -257);
    };
    CHECK(k(n, e) == "accepted");
    CHECK(k(n.first(128), e) == "weak_key");
    bytes large(513, 0xff);
    CHECK(k(large, e) == "weak_key");
    CHECK(k(bytes(2000, 0xff), e) == "weak_key");
    CHECK(k(n, bytes{1}) != "accepted");
    CHECK(k(n, bytes{2}) != "accepted");
    CHECK(k(joined({bytes{0}, bytes{n.begin(), n.end()}}), e) != "accepted");
}

TEST_CASE("W32: compressed points and private parts are refused") {
    using namespace cbor;
    key_pair const p256{-7}, okp{-8};
    auto const x = p256.shown().x();
    CHECK(with_cose(map({integer(1), integer(2), integer(3), integer(-7), integer(-1), integer(1), integer(-2),
                         octets(x), integer(-3), bytes{0xf5}})) == "webauthn_key");
    CHECK(with_cose(with_member(p256.cose(), joined({integer(-4), octets(bytes(32, 1))}))) == "webauthn_key");
    CHECK(with_cose(with_member(okp.cose(), joined({integer(-4), octets(bytes(32, 1))})), -8) == "webauthn_key");
}

TEST_CASE("W36: the attestation object has fmt, attStmt and authData, of their types") {
    using namespace cbor;
    registration const r;
    auto const data = octets(r.data());
    auto const judged = [](bytes object) { return registering([&](auto& one) { one.object = std::move(object); }); };
    CHECK(judged(map({text("fmt"), text("none"), text("attStmt"), map({})})) == "webauthn_attestation_object");
    CHECK(judged(map({text("fmt"), text("none"), text("authData"), octets(r.data())})) ==
          "webauthn_attestation_object");
    CHECK(judged(map({text("attStmt"), map({}), text("authData"), octets(r.data())})) == "webauthn_attestation_object");
    CHECK(judged(map({text("fmt"), octets(bytes{1}), text("attStmt"), map({}), text("authData"), data})) ==
          "webauthn_attestation_object");
    CHECK(judged(map({text("fmt"), text("none"), text("attStmt"), array({}), text("authData"), data})) ==
          "webauthn_attestation_object");
    CHECK(judged(map({text("fmt"), text("none"), text("attStmt"), map({}), text("authData"), text("x")})) ==
          "webauthn_attestation_object");
    CHECK(judged(array({})) == "webauthn_attestation_object");
}

TEST_CASE("W37, W45: unknown formats are refused, and so are tpm, android-safetynet and compound") {
    for (auto bad : {"tpm", "android-safetynet", "compound", "None", "packed ", "", "fido-u2f2"})
        CHECK_MESSAGE(registering([&](auto& r) { r.format = bad; }) == "webauthn_format", bad);
    // A compound statement is a list of statements, which may be a level deeper than others.
    using namespace cbor;
    registration const r;
    for (int depth : {1, 3, 4}) {
        auto statement = map({text("fmt"), text("none")});
        for (int i = 1; i != depth; ++i) statement = array({statement});
        auto const as = [&](char const* format) {
            return registering([&](auto& one) {
                one.object = map({text("fmt"), text(format), text("attStmt"), array({statement}), text("authData"),
                                  octets(r.data())});
            });
        };
        CHECK(as("compound") == (depth == 4 ? "cbor_too_deep" : "webauthn_format"));
        CHECK(as("packed") == (depth == 1 ? "webauthn_attestation_object" : "cbor_too_deep"));
    }
}

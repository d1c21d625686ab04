#include "authenticator.hpp"

#include <signet/jose/thumbprint.hpp>

using namespace webauthn_test;

namespace {

template <class Bend> std::string_view with_signature(std::int32_t identifier, Bend bend) {
    assertion a{identifier};
    a.bend = bend;
    return reason(a.judged());
}
bytes changed(bytes octets, std::ptrdiff_t at, int by = 1) {
    auto& octet = at < 0 ? *(octets.end() + at) : octets[static_cast<std::size_t>(at)];
    octet = static_cast<std::uint8_t>(octet ^ by);
    return octets;
}
// r and s of a signature in DER, each as an integer's content.
std::pair<bytes, bytes> numbers(bytes const& der) {
    std::size_t const r_size = der[3];
    return {bytes{der.begin() + 4, der.begin() + 4 + static_cast<std::ptrdiff_t>(r_size)},
            bytes{der.begin() + 6 + static_cast<std::ptrdiff_t>(r_size), der.end()}};
}
bytes const order_p256{0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                       0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

} // namespace

TEST_CASE("7.2: an assertion is accepted, and says what is to be stored") {
    for (auto identifier : every_algorithm) {
        assertion a{identifier};
        a.flags = up | uv | be | bs, a.count = 7, a.stored.count = 6, a.stored.backup_eligible = true;
        auto const seen = a.judged();
        REQUIRE(reason(seen) == "accepted");
        CHECK(seen->count == 7);
        CHECK((seen->user_verified && seen->backed_up && !seen->counter_went_back && !seen->backup_changed));
    }
}

TEST_CASE("W33: ECDSA has one form in DER") {
    auto const sequence = [](bytes const& r, bytes const& s) {
        return der::sequence({der::element(2, r), der::element(2, s)});
    };
    CHECK(with_signature(-7, [&](bytes s) {
              auto [r, t] = numbers(s);
              return sequence(r, t);
          }) == "accepted");
    std::function<bytes(bytes)> const bad[] = {
        [](bytes) { return bytes{}; },
        [](bytes s) {
            s.push_back(0);
            return s;
        },
        [](bytes s) {
            s.pop_back();
            return s;
        },
        [&](bytes s) {
            auto [r, t] = numbers(s);
            return der::sequence({der::element(2, r), der::element(2, t), der::small(1)});
        },
        [&](bytes s) {
            auto [r, t] = numbers(s);
            r.insert(r.begin(), 0);
            return sequence(r, t);
        },
        [&](bytes s) {
            auto [r, t] = numbers(s);
            return joined({bytes{0x30, 0x81, static_cast<std::uint8_t>(s.size() - 2)}, bytes{s.begin() + 2, s.end()}});
        },
        [](bytes s) { return changed(std::move(s), 0); },
        [&](bytes s) { return sequence(bytes{0}, numbers(s).second); },
        [&](bytes s) { return sequence(numbers(s).first, bytes{0}); },
        [&](bytes s) { return sequence(bytes{0x81}, numbers(s).second); }, // negative
        [&](bytes s) { return der::sequence({der::integer(order_p256), der::element(2, numbers(s).second)}); },
        [&](bytes s) { return der::sequence({der::element(2, numbers(s).first), der::integer(order_p256)}); },
        [](bytes) { return bytes(64, 1); }, // r || s, as JWS has it
    };
    for (auto const& bend : bad) CHECK(with_signature(-7, bend) == "webauthn_signature_form");
}

TEST_CASE("W33: an s above half of the order is taken") {
    auto const negated = [](bytes signature) { // s becomes n - s: whichever was high is low now
        auto [r, s] = numbers(signature);
        bytes padded(32 > s.size() ? 32 - s.size() : 0, 0);
        append(padded, std::span{s}.last(std::min<std::size_t>(s.size(), 32)));
        bytes difference(32);
        int borrow = 0;
        for (std::size_t i = 32; i-- != 0;) {
            int const d = int{order_p256[i]} - padded[i] - borrow;
            borrow = d < 0;
            difference[i] = static_cast<std::uint8_t>(d & 0xff);
        }
        return der::sequence({der::element(2, r), der::integer(difference)});
    };
    for (int i = 0; i != 8; ++i) CHECK(with_signature(-7, negated) == "accepted");
}

TEST_CASE("W34: RSA has the modulus' length, PSS the hash's salt, Ed25519 64 octets with S below L") {
    for (auto identifier : {-257, -37, -8}) {
        CHECK(with_signature(identifier, [](bytes s) {
                  s.push_back(0);
                  return s;
              }) == "webauthn_signature_form");
        CHECK(with_signature(identifier, [](bytes s) {
                  s.pop_back();
                  return s;
              }) == "webauthn_signature_form");
        CHECK(with_signature(identifier, [](bytes) { return bytes{}; }) == "webauthn_signature_form");
        CHECK(with_signature(identifier, [](bytes s) { return changed(std::move(s), 5); }) == "webauthn_signature");
    }
    static constexpr std::uint8_t order[] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                             0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14};
    CHECK(with_signature(-8, [](bytes s) { // S + L verifies where nobody looks
              unsigned carry = 0;
              for (std::size_t i = 0; i != 32; ++i) {
                  unsigned const add = i < 16 ? order[i] : i == 31 ? 0x10u : 0u;
                  carry += s[32 + i] + add;
                  s[32 + i] = static_cast<std::uint8_t>(carry & 0xff), carry >>= 8;
              }
              return s;
          }) == "webauthn_signature_form");
    // A signature of the other padding with the same key.
    assertion a{-257};
    a.stored.algorithm = alg::ps256, a.stored.identifier = -37;
    CHECK(reason(a.judged()) == "webauthn_signature");
}

TEST_CASE("W35: the signature is the stored key's over the authenticator data and the hash") {
    CHECK(asserting([](auto& a) { a.stored.key = key_pair{-7}.shown(); }) == "webauthn_signature");
    CHECK(asserting([](auto& a) { a.stored.key = key_pair{-35}.shown(), a.stored.algorithm = alg::es384; }) !=
          "accepted");
    CHECK(asserting([](auto& a) { a.stored.key = key_pair{-8}.shown(); }) ==
          "webauthn_signature"); // of another type than its algorithm
    assertion const other, a;
    for (auto message : {a.data(), a.client_hash(), joined({a.client_hash(), a.data()}), other.signed_octets()}) {
        assertion bent = a;
        bent.bend = [&](bytes) { return bent.key.sign(message); };
        bool const same = message == a.signed_octets();
        CHECK(reason(bent.judged()) == (same ? "accepted" : "webauthn_signature"));
    }
    // What was signed is what is judged: one bit of either part.
    auto text = a.answer();
    auto const sent = codec::base64url_encode(a.data());
    auto data = a.data();
    data[36] ^= 1;
    text.replace(text.find(sent), sent.size(), codec::base64url_encode(data));
    CHECK(reason(webauthn::judge_assertion(text, {.rp = shop, .challenge = challenge}, a.stored)) ==
          "webauthn_signature");
    auto const client = codec::base64url_encode(as_bytes(a.client_json()));
    text = a.answer();
    text.replace(text.find(client), client.size(), codec::base64url_encode(as_bytes(a.client_json() + " ")));
    CHECK(reason(webauthn::judge_assertion(text, {.rp = shop, .challenge = challenge}, a.stored)) ==
          "webauthn_signature");
}

TEST_CASE("W49: the credential is the one that was found and, if there is a list, in it") {
    assertion const a;
    bytes const other(16, 0x22);
    bytes_view const with[] = {other, a.id}, without[] = {other};
    CHECK(reason(a.judged({.rp = shop, .challenge = challenge, .allow_credentials = with})) == "accepted");
    CHECK(reason(a.judged({.rp = shop, .challenge = challenge, .allow_credentials = without})) ==
          "webauthn_credential_unknown");
    CHECK(asserting([](auto& one) { one.stored.id = bytes(16, 0x22); }) == "webauthn_credential_unknown");
    CHECK(asserting([](auto& one) { one.stored.id.pop_back(); }) == "webauthn_credential_unknown");
    // Whatever is in the list, the record is the answer's.
    CHECK(reason([&] {
              auto b = a;
              b.stored.id = other;
              return b.judged({.rp = shop, .challenge = challenge, .allow_credentials = with});
          }()) == "webauthn_credential_unknown");
}

TEST_CASE("W50: a user handle is that user's; null and empty are none; without a user it must be there") {
    auto const judged = [](char const* handle, bool user_known, bytes stored = {1, 2, 3}) {
        assertion a;
        a.user_handle = handle, a.stored.user_handle = std::move(stored);
        return reason(a.judged({.rp = shop, .challenge = challenge, .user_known = user_known}));
    };
    for (auto none : {"", "null", "\"\""}) {
        CHECK(judged(none, true) == "accepted");
        CHECK(judged(none, false) == "webauthn_user_handle");
        CHECK(judged(none, false, {}) == "webauthn_user_handle");
    }
    for (bool known : {true, false}) {
        CHECK(judged("\"AQID\"", known) == "accepted");
        CHECK(judged("\"AQIE\"", known) == "webauthn_user_handle");
        CHECK(judged("\"AQI\"", known) == "webauthn_user_handle");
        CHECK(judged("\"AQI=\"", known) == "invalid_base64_character");
        CHECK(judged("7", known) == "json_wrong_type");
    }
    CHECK(judged("\"AQID\"", true, {}) == "accepted"); // its handle is not known here
    CHECK(judged("\"AQID\"", false, {}) == "webauthn_user_handle");
}

TEST_CASE("W51: the count is greater, or both are 0; else it is refused or reported") {
    auto const report = shop_with([](auto& p) { p.counter = webauthn::on_signal::report; });
    struct {
        std::uint32_t stored, shown;
        bool good;
    } const counts[] = {{0, 0, true},  {0, 1, true},  {1, 2, true},  {0xfffffffe, 0xffffffff, true},
                        {1, 1, false}, {2, 1, false}, {1, 0, false}, {0xffffffff, 0, false}};
    for (auto const& c : counts) {
        assertion a;
        a.stored.count = c.stored, a.count = c.shown;
        CHECK(reason(a.judged()) == (c.good ? "accepted" : "webauthn_counter"));
        auto const reported = a.judged(report);
        REQUIRE(reported);
        CHECK(reported->counter_went_back == !c.good);
        CHECK(reported->count == c.shown);
    }
    // It is looked at only after everything else held.
    CHECK(asserting([](auto& a) {
              a.stored.count = 9, a.count = 3, a.bend = [](bytes s) { return changed(std::move(s), -1); };
          }) == "webauthn_signature");
}

TEST_CASE("W52: backup eligibility is as registered, else refused or reported; backed up may change") {
    auto const report = shop_with([](auto& p) { p.backup_change = webauthn::on_signal::report; });
    for (bool eligible : {false, true}) {
        assertion a;
        a.stored.backup_eligible = eligible, a.flags = static_cast<std::uint8_t>(up | uv | (eligible ? 0 : be));
        CHECK(reason(a.judged()) == "webauthn_backup_changed");
        CHECK(a.judged(report)->backup_changed);
    }
    assertion a;
    a.stored.backup_eligible = a.stored.backed_up = true, a.flags = up | uv | be;
    CHECK(a.judged()->backed_up == false);
    a.stored.backed_up = false, a.flags |= bs;
    CHECK(a.judged()->backed_up == true);
}

TEST_CASE("W54: a verified key comes from every assertion, and is the stored one") {
    for (auto identifier : {-7, -35, -8, -257}) {
        assertion const a{identifier};
        auto const seen = a.judged();
        REQUIRE(seen);
        CHECK(seen->key.is(a.stored.key));
        CHECK(seen->key.algorithm_id() == a.key.algorithm);
        CHECK(seen->key.jkt() == jose::thumbprint(a.stored.key));
    }
}

TEST_CASE("W54: from a registration only where the new key signed the statement") {
    registration none;
    CHECK(!none.judged()->proved);
    registration self;
    self.self_attested();
    auto const made = self.judged();
    REQUIRE(made);
    REQUIRE(made->proved);
    CHECK(made->proved->is(self.key.shown()));
}

TEST_CASE("What an assertion claims is read to find the credential by, and has the same errors") {
    assertion a;
    a.user_handle = "\"AQID\"";
    auto const claimed = webauthn::read_claimed_credential(a.answer());
    REQUIRE(claimed);
    CHECK(claimed->id == a.id);
    CHECK(claimed->user_handle == bytes{1, 2, 3});
    a.user_handle = "null";
    CHECK(webauthn::read_claimed_credential(a.answer())->user_handle.empty());
    a.json_id = "AA";
    CHECK(reason(webauthn::read_claimed_credential(a.answer())) == "webauthn_credential_id");
    CHECK(reason(webauthn::read_claimed_credential("{}")) == "json_member_missing");
}

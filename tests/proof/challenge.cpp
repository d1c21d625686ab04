#include "support/ml_dsa.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/jose/jws.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/store.hpp>
#include <signet/testing/impl/gate.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;
using proof::challenge_params;
using proof::issue_challenge;
using proof::redeem_challenge;
using proof::redeem_challenge_legacy_raw;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr challenge_params login{.purpose = "login", .app = "shop", .user = "anna", .key_id = "phone-1"};

struct handset {
    private_key key;
    explicit handset(alg a = alg::es256) : key{*private_key::generate(a)} {}
    public_key const& shown() const { return key.public_part(); }
};
handset const& phone() {
    static handset const one;
    return one;
}

std::string issued(store::memory& db, challenge_params const& params = login) {
    return *run(issue_challenge(params, now), db);
}
std::string signed_by(handset const& d, std::string_view challenge, challenge_params const& params = login,
                      alg a = alg::es256) {
    return *proof::sign_challenge(d.key, a, challenge, params);
}
result<proof::verified_key> redeem(store::memory& db, std::string_view token, challenge_params const& params = login,
                                   unix_time t = now) {
    return run(redeem_challenge(token, params, phone().shown(), alg::es256, t), db);
}

} // namespace

static_assert(store::operation<store::task<std::string>> && store::operation<store::task<proof::verified_key>>);

TEST_CASE("RULES 3.1.1 a challenge is 32 octets of the generator, in base64url, and the store never sees it") {
    struct fixed {
        void fill(std::span<std::uint8_t> out) {
            for (auto& octet : out) octet = 7;
        }
    } dice;
    auto op = issue_challenge(login, now, 120s, dice);
    REQUIRE(op.next());
    CHECK(op.next()->verb == store::verb::insert);
    CHECK(op.next()->record.expires == now + 120s);
    auto const stored = std::string{as_text(op.next()->record.bytes)};
    op.answer(store::reply::success());
    auto const text = *op.get();
    CHECK(*codec::base64url_decode(text) == bytes(32, 7));
    CHECK(stored.find(text) == std::string::npos);
    CHECK(stored.find(std::string(8, '\7')) == std::string::npos);
    store::memory db;
    CHECK(issued(db) != issued(db));
}

TEST_CASE("RULES 3.1.2 it is bound to purpose, app, user, key, session and action, and to its time") {
    store::memory db;
    challenge_params const all{
        .purpose = "approve", .app = "shop", .user = "anna", .key_id = "phone-1", .session = "s1", .action = "pay"};
    CHECK(redeem(db, signed_by(phone(), issued(db, all), all), all));
    auto const other = [&](auto change) {
        auto expected = all;
        change(expected);
        return redeem(db, signed_by(phone(), issued(db, all), expected), expected).error();
    };
    CHECK(other([](auto& t) { t.purpose = "login"; }) == errc::challenge_mismatch);
    CHECK(other([](auto& t) { t.app = "shop-pro"; }) == errc::challenge_mismatch);
    CHECK(other([](auto& t) { t.user = "bert"; }) == errc::challenge_mismatch);
    CHECK(other([](auto& t) { t.key_id = "phone-2"; }) == errc::challenge_mismatch);
    CHECK(other([](auto& t) { t.session = "s2"; }) == errc::challenge_mismatch);
    CHECK(other([](auto& t) { t.action = "refund"; }) == errc::challenge_mismatch);

    auto const token = signed_by(phone(), issued(db));
    CHECK(redeem(db, token, login, now + 120s).error() == errc::challenge_unknown); // expired
    CHECK(redeem(db, signed_by(phone(), issued(db)), login, now + 119s));
    challenge_params const open{.purpose = "login", .app = "shop"}; // the user is not known yet
    CHECK(redeem(db, signed_by(phone(), issued(db, open))));
    CHECK(run(issue_challenge(login, now, 601s), db).error() == errc::out_of_range);
    CHECK(run(issue_challenge(login, now, 0s), db).error() == errc::out_of_range);
    CHECK(run(issue_challenge({.purpose = "", .app = "shop"}, now), db).error() == errc::out_of_range);
}

TEST_CASE("RULES 3.1.3 it is consumed once, also by an answer that fails") {
    store::memory db;
    auto const good = signed_by(phone(), issued(db));
    CHECK(redeem(db, good));
    CHECK(redeem(db, good).error() == errc::challenge_unknown);

    auto const challenge = issued(db);
    CHECK(redeem(db, signed_by(handset{}, challenge)).error() == errc::invalid_challenge_signature);
    CHECK(redeem(db, signed_by(phone(), challenge)).error() == errc::challenge_unknown);
    auto const kept = issued(db);
    CHECK_FALSE(redeem(db, "not.a.token"));
    CHECK(redeem(db, signed_by(phone(), kept)));
}

TEST_CASE("RULES 3.1.3 64 threads presenting the same challenge: exactly one success") {
    store::memory db;
    constexpr int threads = 64, rounds = 20;
    std::vector<std::string> tokens;
    for (int i = 0; i != rounds; ++i) tokens.push_back(signed_by(phone(), issued(db)));
    (void)phone();
    std::atomic<int> good{0}, unknown{0};
    testing::detail::gate gate{threads};
    std::vector<std::thread> crew;
    for (int t = 0; t != threads; ++t) {
        crew.emplace_back([&] {
            for (auto const& token : tokens) {
                gate.arrive_and_wait();
                auto const decision = redeem(db, token);
                if (decision) ++good;
                else if (decision.error() == errc::challenge_unknown) ++unknown;
            }
        });
    }
    for (auto& member : crew) member.join();
    CHECK(good == rounds);
    CHECK(unknown == rounds * (threads - 1));
}

TEST_CASE("RULES 3.1.4 what is signed says its type, purpose and audience; another JWS does not pass") {
    store::memory db;
    auto const with = [&](std::string_view typ, std::string const& payload) {
        std::string token;
        output out{token};
        jose::header_params header;
        header.typ = typ;
        REQUIRE(jose::jws_sign(phone().key, alg::es256, as_bytes(payload), header, out));
        return redeem(db, token).error();
    };
    auto const payload = [&](std::string rest) { return R"({"challenge":")" + issued(db) + "\"" + rest + "}"; };
    CHECK(with("at+jwt", payload(R"(,"purpose":"login","aud":"shop")")) == errc::wrong_type);
    CHECK(with("", payload(R"(,"purpose":"login","aud":"shop")")) == errc::wrong_type);
    CHECK(with(proof::challenge_type, payload(R"(,"purpose":"pay","aud":"shop")")) == errc::challenge_mismatch);
    CHECK(with(proof::challenge_type, payload(R"(,"purpose":"login")")) == errc::challenge_mismatch);
    CHECK(with(proof::challenge_type, payload(R"(,"purpose":"login","aud":"shop","action":"pay")")) ==
          errc::challenge_mismatch);
    CHECK(with(proof::challenge_type, R"({"challenge":"short"})") == errc::malformed_token);
    CHECK(with(proof::challenge_type, "[]") == errc::malformed_token);
}

TEST_CASE("RULES 3.1.4 the raw form is accepted by its name only") {
    store::memory db;
    auto const challenge = issued(db);
    auto const signature = *crypto::sign(phone().key, alg::es256, as_bytes(challenge));
    CHECK(run(redeem_challenge_legacy_raw(challenge, signature, login, phone().shown(), alg::es256, now), db));
    auto const again = issued(db);
    CHECK(run(redeem_challenge_legacy_raw(again, signature, login, phone().shown(), alg::es256, now), db).error() ==
          errc::invalid_challenge_signature);
    CHECK(run(redeem_challenge_legacy_raw("x", signature, login, phone().shown(), alg::es256, now), db).error() ==
          errc::malformed_token);
}

TEST_CASE("RULES 3.1.6 the algorithm is that of the stored key, whatever the message says") {
    store::memory db;
    handset const ed{alg::ed25519};
    CHECK(redeem(db, signed_by(ed, issued(db), login, alg::ed25519)).error() == errc::algorithm_mismatch);
    CHECK(run(redeem_challenge(signed_by(ed, issued(db), login, alg::ed25519), login, ed.shown(), alg::ed25519, now),
              db));
    handset const rsa{alg::ps256};
    CHECK(
        run(redeem_challenge(signed_by(rsa, issued(db), login, alg::ps256), login, rsa.shown(), alg::ps256, now), db));
    CHECK(run(redeem_challenge(signed_by(rsa, issued(db), login, alg::rs256), login, rsa.shown(), alg::ps256, now), db)
              .error() == errc::algorithm_mismatch);
}

TEST_CASE(
    "issue 4.6 a challenge is signed by any signing key; one that fails, or signs something else, gives no answer") {
    store::memory db;
    auto const local = *local_key<es256>::from_key(phone().key);
    CHECK(redeem(db, *proof::sign_challenge(local, issued(db), login)));

    external_key<es256> const far_away{local.verifier_key(),
                                       [&](bytes_view m, std::span<std::uint8_t> out) { return local.sign(m, out); }};
    CHECK(redeem(db, *proof::sign_challenge(far_away, issued(db), login)));

    external_key<es256> const refuses{
        local.verifier_key(),
        [](bytes_view, std::span<std::uint8_t>) -> result<std::size_t> { return errc::signer_failed; }};
    CHECK(proof::sign_challenge(refuses, issued(db), login).error() == errc::signer_failed);

    external_key<es256> const lies{local.verifier_key(),
                                   [&](bytes_view, std::span<std::uint8_t> out) { return local.sign({}, out); }};
    CHECK(proof::sign_challenge(lies, issued(db), login).error() == errc::signer_failed);
    CHECK(proof::sign_challenge(local, "\xff", login).error() == errc::json_not_utf8);
}

TEST_CASE("RULES 3.1.6 no MAC and no unsigned answer passes, and no RSA key of less than 2048 bits gets in") {
    store::memory db;
    auto const payload = [&] { return R"({"challenge":")" + issued(db) + R"(","purpose":"login","aud":"shop"})"; };
    jose::header_params header;
    header.typ = proof::challenge_type;

    // The public key's octets as a MAC secret, which everybody knows.
    auto const mac = *mac_key::from_secret(secret{phone().shown().to_der()}, alg::hs256);
    auto const forged = [&] {
        std::string token;
        output out{token};
        REQUIRE(jose::jws_sign(mac, as_bytes(payload()), header, out));
        return token;
    };
    CHECK(redeem(db, forged()).error() == errc::algorithm_mismatch);
    auto const token = forged(); // even if the algorithm stored beside the key were wrong
    CHECK(run(redeem_challenge(token, login, phone().shown(), alg::hs256, now), db).error() ==
          errc::algorithm_mismatch);
    CHECK(run(redeem_challenge(token, login, phone().shown(), alg::hs256, now), db).error() == errc::challenge_unknown);

    auto const unsigned_header = codec::base64url_encode(as_bytes(R"({"alg":"none","typ":"signet-challenge+jws"})"));
    CHECK(redeem(db, unsigned_header + "." + codec::base64url_encode(as_bytes(payload())) + ".").error() ==
          errc::unsigned_token);

    bytes n(128, 0xff), e{1, 0, 1};
    CHECK(public_key::from_rsa(n, e).error() == errc::weak_key);
}

TEST_CASE(
    "RULES 3.1.7 the signature is over the octets received: no bit may change, no other spelling of the same will do") {
    store::memory db;
    auto token = signed_by(phone(), issued(db));
    auto const at = token.rfind('.') + 5;
    token[at] = token[at] == 'A' ? 'B' : 'A';
    CHECK(redeem(db, token).error() == errc::invalid_challenge_signature);

    auto const good = signed_by(phone(), issued(db));
    auto const parts = *jose::split_compact(good, 4096);
    auto payload = std::string{as_text(*codec::base64url_decode(parts.payload))};
    payload.insert(1, " "); // the same JSON
    CHECK(redeem(db, std::string{parts.header} + "." + codec::base64url_encode(as_bytes(payload)) + "." +
                         std::string{parts.signature})
              .error() == errc::invalid_challenge_signature);

    // Each bit of one answer; the store is asked anew each time, as if the challenge were still there.
    auto const text = issued(db);
    auto const answer = signed_by(phone(), text);
    bytes kept;
    {
        auto op = issue_challenge(login, now);
        kept.assign(op.next()->record.bytes.begin(), op.next()->record.bytes.end());
    }
    for (std::size_t bit = 0; bit < answer.size() * 8; bit += 3) {
        auto changed = answer;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        auto op = redeem_challenge(changed, login, phone().shown(), alg::es256, now);
        if (op.next()) op.answer(store::reply::success({kept, now + 60s, 1}));
        CHECK_FALSE(op.get());
    }
}

TEST_CASE(
    "RULES 3.1.8 no challenge is compared with another: the store is asked by its hash, and holds nothing to compare") {
    auto const text = std::string(42, 'q') + "A";
    auto const token = signed_by(phone(), text);
    auto op = redeem_challenge(token, login, phone().shown(), alg::es256, now);
    REQUIRE(op.next());
    CHECK(op.next()->key == proof::record_key("challenge", {text}));
    CHECK(op.next()->key != proof::record_key("session", {text}));
    CHECK(op.next()->verb == store::verb::take);
}

TEST_CASE("RULES 3.1.9 each refusal has its own reason inside, and outward all are one answer") {
    store::memory db;
    handset const other;
    auto const stale = signed_by(phone(), issued(db));
    REQUIRE(redeem(db, stale));
    auto const pay = challenge_params{.purpose = "pay", .app = "shop"};
    std::string retyped;
    {
        output out{retyped};
        jose::header_params header;
        header.typ = "dpop+jwt";
        auto const payload = R"({"challenge":")" + issued(db) + R"(","purpose":"login","aud":"shop"})";
        REQUIRE(jose::jws_sign(phone().key, alg::es256, as_bytes(payload), header, out));
    }
    struct row {
        errc inside;
        std::string answer;
    } const rows[]{{errc::challenge_unknown, stale},
                   {errc::challenge_unknown, signed_by(phone(), std::string(43, 'A'))},
                   {errc::challenge_mismatch, signed_by(phone(), issued(db, pay))},
                   {errc::challenge_mismatch, signed_by(phone(), issued(db), pay)},
                   {errc::wrong_type, retyped},
                   {errc::algorithm_mismatch, signed_by(handset{alg::ed25519}, issued(db), login, alg::ed25519)},
                   {errc::invalid_challenge_signature, signed_by(other, issued(db))}};
    for (auto const& r : rows) {
        auto const decision = redeem(db, r.answer);
        REQUIRE_FALSE(decision);
        CHECK(decision.error() == r.inside);
        CHECK(http_status(r.inside) == 401);
        CHECK(oauth_error(r.inside) == "invalid_token");
    }
    // What is no answer at all: the same answer (RFC 6750 section 3.1, "malformed").
    for (auto const* junk : {"", "a.b", "!.!.!", "e30.e30.AA", "eyJhbGciOiJFUzI1NiJ9.e30.AA"}) {
        auto const decision = redeem(db, junk);
        REQUIRE_FALSE(decision);
        CHECK(http_status(decision.error().code) == 401);
    }
}

TEST_CASE("RULES 3.1.9 every answer of a store has its own reason, and none is a success") {
    std::string const text(43, 'A');
    for (auto why : {errc::store_unavailable, errc::outcome_unknown, errc::store_unfit, errc::store_restarted}) {
        auto const token = signed_by(phone(), text);
        auto op = redeem_challenge(token, login, phone().shown(), alg::es256, now);
        REQUIRE(op.next());
        CHECK(op.next()->single_use);
        CHECK_FALSE(op.get());
        op.answer(store::reply::failure(why));
        CHECK(op.next() == nullptr);
        CHECK(op.get().error() == why);
        auto made = issue_challenge(login, now);
        made.answer(store::reply::failure(why));
        CHECK(made.get().error() == why);
    }
    auto const token = signed_by(phone(), text);
    auto damaged = redeem_challenge(token, login, phone().shown(), alg::es256, now);
    bytes const junk{1, 'x', 3};
    damaged.answer(store::reply::success({junk, now + 5s, 1}));
    CHECK(damaged.get().error() == errc::record_malformed);
}

TEST_CASE("DECISIONS 7 a challenge's record is of format 1: the six terms; each part of it alone is malformed") {
    challenge_params const all{
        .purpose = "approve", .app = "shop", .user = "anna", .key_id = "phone-1", .session = "s1", .action = "pay"};
    bytes expected;
    store::record_writer w{expected, 1, 'c'};
    for (auto text : {"approve", "shop", "anna", "phone-1", "s1", "pay"}) w.text(text);
    REQUIRE(w.finish());
    auto const issue = issue_challenge(all, now);
    auto const octets = issue.next()->record.bytes;
    CHECK(bytes(octets.begin(), octets.end()) == expected);

    auto const answer = signed_by(phone(), std::string(43, 'A'), all);
    auto const redeemed = [&](bytes_view record) {
        auto op = redeem_challenge(answer, all, phone().shown(), alg::es256, now);
        op.answer(store::reply::success({record, now + 60s, 1}));
        return op.get();
    };
    CHECK(redeemed(expected));
    for (std::size_t cut = 0; cut != expected.size(); ++cut)
        CHECK(redeemed(bytes_view{expected}.first(cut)).error() == errc::record_malformed);
    expected[0] = 2;
    CHECK(redeemed(expected).error() == errc::record_newer);

    auto long_params = all;
    std::string const text(1'000, 'x');
    long_params.action = text;
    CHECK(issue_challenge(long_params, now).get().error() == errc::buffer_too_small);
}

TEST_CASE(
    "DECISIONS 13 a redeemed challenge is evidence of the key that answered, and nothing else makes such evidence") {
    store::memory db;
    auto const proved = redeem(db, signed_by(phone(), issued(db)));
    REQUIRE(proved);
    CHECK(proved->is(phone().shown()));
    CHECK_FALSE(proved->is(handset{}.shown()));
    CHECK(proved->algorithm_id() == alg::es256);
    static_assert(!std::is_default_constructible_v<proof::verified_key>);
    static_assert(!std::is_constructible_v<proof::verified_key, crypto::sha256_digest, alg>);
}

TEST_CASE(
    "RULES 3.1 a challenge is not answered by ML-DSA: no device has such a key, and no list of algorithms would say so") {
    for (auto const a : ml_dsa_test::sets) {
        CAPTURE(traits(a).name);
        auto const key = *public_key::from_ml_dsa(a, ml_dsa_test::zero_key(a));
        store::memory db;
        auto const challenge = issued(db);
        auto const signature = ml_dsa_test::sign(a, as_bytes(challenge));
        REQUIRE(crypto::verify(key, a, as_bytes(challenge), signature));
        CHECK(run(redeem_challenge_legacy_raw(challenge, signature, login, key, a, now), db).error() ==
              errc::algorithm_mismatch);

        auto const again = issued(db);
        auto const payload = proof::detail::challenge_payload(again, login);
        REQUIRE(payload);
        auto const input =
            codec::base64url_encode(as_bytes(R"({"alg":")" + std::string{traits(a).name} + R"(","typ":")" +
                                             std::string{proof::challenge_type} + R"("})")) +
            '.' + codec::base64url_encode(as_bytes(*payload));
        auto const token = input + '.' + codec::base64url_encode(ml_dsa_test::sign(a, as_bytes(input)));
        CHECK_FALSE(run(redeem_challenge(token, login, key, a, now), db));
    }
}

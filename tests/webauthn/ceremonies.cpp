// Registration and login on a store, and what they leave there.
#include "device.hpp"
#include "support/counting_store.hpp"

#include <signet/proof/challenge.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/testing/faulty_store.hpp>

using namespace webauthn_test;
using testing::store_fault;
using webauthn::finish_login;

namespace {

webauthn::credentials const passkeys{"shop.example"};

mac_key const& decoy_key() {
    static auto const key = *mac_key::generate(alg::hs256);
    return key;
}

/// A shop where Anna has one passkey.
struct one_passkey {
    store::memory db;
    passkey key;
    one_passkey() { REQUIRE(register_passkey(key, db, anna)); }
    [[nodiscard]] std::string options(webauthn::begin_login_params const& params = {}) {
        return run(webauthn::begin_login(shop, params, now), db).value();
    }
    [[nodiscard]] std::string_view finish(std::string const& answer, webauthn::finish_login_params const& params = {},
                                          unix_time at = now) {
        return reason(run(finish_login(shop, answer, params, at), db));
    }
    [[nodiscard]] webauthn::credential stored() { return run(passkeys.find("user-1", key.id(), now), db).value(); }
};

} // namespace

TEST_CASE("A passkey is registered, listed, and logs its user in without a name and with it") {
    store::memory db;
    passkey key;
    auto const made = register_passkey(key, db, anna);
    REQUIRE(made);
    CHECK(made->credential.user == "user-1");
    CHECK(made->credential.label == "Phone");
    CHECK(made->credential.user_handle == key.handle);

    auto const all = run(passkeys.list("user-1", now), db);
    REQUIRE(all);
    REQUIRE(all->size() == 1);
    CHECK(all->front().id == key.id());
    CHECK(all->front().transports == "hybrid internal");

    auto const in = log_in(key, db);
    REQUIRE(in);
    CHECK(in->credential.user == "user-1");
    CHECK(in->proof.key.is(key.made.key.shown()));
    CHECK(in->proof.user_verified);

    auto const options = run(webauthn::begin_login(shop, {.user = "user-1"}, now), db);
    REQUIRE(options);
    CHECK(ids_in(*options, "allowCredentials") == std::vector{key.id_text()});
    CHECK(run(finish_login(shop, key.asserted(*options), {.user = "user-1"}, now), db));
}

TEST_CASE("W11: a challenge has one answer, whatever is decided of it") {
    one_passkey w;
    auto const options = w.options();
    auto const bad = w.key.asserted(options, [](assertion& a) { a.flags = up; });
    CHECK(w.finish(bad) == "webauthn_user_verification");
    CHECK(w.finish(w.key.asserted(options)) == "challenge_unknown");

    auto const second = w.options();
    CHECK(w.finish(w.key.asserted(second)) == "accepted");
    CHECK(w.finish(w.key.asserted(second)) == "challenge_unknown");

    passkey other{2};
    auto const creation = run(webauthn::begin_registration(shop, anna, now), w.db).value();
    auto const good = other.created(creation);
    other.made.flags = at | up;
    auto const finish = [&](std::string const& answer) {
        return reason(run(webauthn::finish_registration(shop, answer, {.user = "user-1", .session = "s1"}, now), w.db));
    };
    CHECK(finish(other.made.answer()) == "webauthn_user_verification");
    CHECK(finish(good) == "challenge_unknown");
}

TEST_CASE("W11: an answer that cannot be read uses up nothing") {
    one_passkey w;
    auto const options = w.options();
    CHECK(w.finish("") == "malformed_json");
    CHECK(w.finish(R"({"type":"public-key"})") == "json_member_missing");
    CHECK(w.finish(w.key.asserted(options, [](assertion& a) { a.client = "{"; })) != "accepted");
    CHECK(w.finish(w.key.asserted(options)) == "accepted");
}

TEST_CASE("W12: a challenge for another ceremony, user, session, action or site, or an expired one, is refused") {
    one_passkey w;
    auto const get = [&](webauthn::begin_login_params const& begun, webauthn::finish_login_params const& finished,
                         unix_time at = now) { return w.finish(w.key.asserted(w.options(begun)), finished, at); };
    CHECK(get({.user = "user-1", .session = "s", .action = "pay 12"},
              {.user = "user-1", .session = "s", .action = "pay 12"}) == "accepted");
    CHECK(get({.user = "user-1"}, {.user = "user-2"}) == "challenge_mismatch");
    CHECK(get({.user = "user-1"}, {}) == "challenge_mismatch");
    CHECK(get({.session = "s"}, {}) == "challenge_mismatch");
    CHECK(get({}, {.session = "s"}) == "challenge_mismatch");
    CHECK(get({.session = "s"}, {.session = "t"}) == "challenge_mismatch");
    CHECK(get({.action = "pay 12"}, {.action = "pay 1200"}) == "challenge_mismatch");
    CHECK(get({.action = "pay 12"}, {}) == "challenge_mismatch");
    CHECK(get({}, {.action = "pay 12"}) == "challenge_mismatch");
    CHECK(get({}, {}, now + 299s) == "accepted");
    CHECK(get({}, {}, now + 300s) == "challenge_unknown");

    // A registration's challenge in a login, and the reverse.
    auto const creation = run(webauthn::begin_registration(shop, anna, now), w.db).value();
    CHECK(w.finish(w.key.asserted(creation), {.user = "user-1", .session = "s1"}) == "challenge_mismatch");
    passkey other{2};
    other.made.challenge = text_in(w.options({.user = "user-1", .session = "s1"}), "challenge");
    auto const finish = [&](std::string const& answer, webauthn::finish_registration_params const& params) {
        return reason(run(webauthn::finish_registration(shop, answer, params, now), w.db));
    };
    CHECK(finish(other.made.answer(), {.user = "user-1", .session = "s1"}) == "challenge_mismatch");

    // Of another user or session.
    auto const begin = [&] { return run(webauthn::begin_registration(shop, anna, now), w.db).value(); };
    CHECK(finish(other.created(begin()), {.user = "user-2", .session = "s1"}) == "challenge_mismatch");
    CHECK(finish(other.created(begin()), {.user = "user-1", .session = "s2"}) == "challenge_mismatch");
    CHECK(finish(other.created(begin()), {.user = "", .session = "s1"}) == "challenge_mismatch");

    // Of another site that shares the store.
    static constexpr std::string_view cafe_origins[] = {"https://cafe.example"};
    static constexpr webauthn::relying_party cafe{{.rp_id = "cafe.example", .name = "Cafe", .origins = cafe_origins}};
    auto const elsewhere = run(webauthn::begin_login(cafe, {}, now), w.db).value();
    CHECK(w.finish(w.key.asserted(elsewhere)) == "challenge_mismatch");

    // And one that another protocol signs.
    proof::challenge_params const params{.purpose = "webauthn.get", .app = "shop.example"};
    auto const challenge = run(proof::issue_challenge(params, now), w.db).value();
    CHECK(run(proof::take_challenge(challenge, {.purpose = "login", .app = "shop.example"}, now), w.db).error() ==
          errc::challenge_mismatch);
    CHECK(run(proof::take_challenge(challenge, params, now), w.db).error() == errc::challenge_unknown);
}

TEST_CASE("W48: a credential id is registered once for all users, and stays so after its removal") {
    one_passkey w;
    passkey same; // with a key of its own
    CHECK(reason(register_passkey(same, w.db, bert)) == "credential_registered");
    CHECK(reason(register_passkey(same, w.db, anna)) == "credential_registered");
    CHECK(run(passkeys.list("user-2", now), w.db)->empty());
    CHECK(run(passkeys.list("user-1", now), w.db)->size() == 1);
    REQUIRE(run(passkeys.remove("user-1", w.key.id(), now), w.db));
    CHECK(reason(register_passkey(same, w.db, bert)) == "credential_registered");
    CHECK(reason(register_passkey(same, w.db, bert, now + webauthn::removed_lifetime - 1s)) == "credential_registered");
    CHECK(reason(register_passkey(same, w.db, bert, now + webauthn::removed_lifetime)) == "accepted");
}

TEST_CASE("W49 W50: a login of a known user takes only that user's passkey, and handle") {
    one_passkey w;
    passkey berts{2};
    REQUIRE(register_passkey(berts, w.db, bert));
    CHECK(w.finish(berts.asserted(w.options({.user = "user-1"})), {.user = "user-1"}) == "webauthn_credential_unknown");
    CHECK(w.finish(
              w.key.asserted(w.options({.user = "user-1"}),
                             [&](assertion& a) { a.user_handle = '"' + codec::base64url_encode(berts.handle) + '"'; }),
              {.user = "user-1"}) == "webauthn_user_handle");
    CHECK(w.finish(w.key.asserted(w.options({.user = "user-1"}), [](assertion& a) { a.user_handle.clear(); }),
                   {.user = "user-1"}) == "accepted");
    CHECK(w.finish(w.key.asserted(w.options(), [](assertion& a) { a.user_handle.clear(); })) == "webauthn_user_handle");
}

TEST_CASE("W53: count, backup state and last use are written in one step, after everything held") {
    store::memory db;
    passkey key;
    key.made.flags |= be;
    REQUIRE(register_passkey(key, db, anna));
    auto const options = run(webauthn::begin_login(shop, {}, now), db).value();
    auto const answer = key.asserted(options, [](assertion& a) { a.flags |= be | bs, a.count = 7; });
    auto login = webauthn::finish_login(shop, answer, {}, now + 60s);
    int writes = 0;
    while (auto const* ask = login.next()) {
        writes += ask->verb == store::verb::replace || ask->verb == store::verb::insert;
        CHECK(ask->verb != store::verb::insert);
        login.answer(db.execute(*ask));
    }
    REQUIRE(login.get());
    CHECK(writes == 1);
    auto const stored = run(passkeys.find("user-1", key.id(), now), db).value();
    CHECK(stored.count == 7);
    CHECK(stored.backed_up);
    CHECK(stored.last_used == now + 60s);
    CHECK(stored.created == now);

    // A refused answer writes nothing.
    auto const again = run(webauthn::begin_login(shop, {}, now), db).value();
    CHECK(reason(run(
              finish_login(shop, key.asserted(again, [](assertion& a) { a.flags |= be, a.count = 7; }), {}, now + 90s),
              db)) == "webauthn_counter");
    CHECK(run(passkeys.find("user-1", key.id(), now), db)->last_used == now + 60s);
}

TEST_CASE("W53: a login whose write fails, at any step, is no login") {
    for (auto fault : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost})
        for (unsigned step = 0;; ++step) {
            one_passkey w;
            testing::faulty_store<store::memory> flaky{w.db};
            auto const answer = w.key.asserted(w.options());
            flaky.fail_next(fault, step);
            auto const login = run(finish_login(shop, answer, {}, now), flaky);
            if (flaky.calls() <= step) {
                CHECK(login);
                CHECK(step == 4); // take, find, find the user, write
                break;
            }
            CHECK_FALSE(login);
        }
}

TEST_CASE("W53: a login that another overtakes is judged by what is stored then") {
    one_passkey w;
    auto const slow = w.key.asserted(w.options(), [](assertion& a) { a.count = 5; });
    auto const fast = w.key.asserted(w.options(), [](assertion& a) { a.count = 6; });
    auto login = finish_login(shop, slow, {}, now);
    for (auto const* ask = login.next(); ask; ask = login.next()) {
        if (ask->verb == store::verb::replace && w.stored().count == 0) CHECK(w.finish(fast) == "accepted");
        login.answer(w.db.execute(*ask));
    }
    CHECK(reason(login.get()) == "webauthn_counter");
    CHECK(w.stored().count == 6);
}

TEST_CASE("W51: where a count that went back is reported, the larger one stays") {
    store::memory db;
    static auto const lenient =
        shop_with([](webauthn::relying_party_params& p) { p.counter = webauthn::on_signal::report; });
    passkey key;
    REQUIRE(register_passkey(key, db, anna, now, lenient));
    for (auto const& [count, went_back] : {std::pair{9u, false}, {3u, true}, {4u, true}, {10u, false}}) {
        auto const options = run(webauthn::begin_login(lenient, {}, now), db).value();
        auto const login =
            run(finish_login(lenient, key.asserted(options, [&](assertion& a) { a.count = count; }), {}, now), db);
        REQUIRE(login);
        CHECK(login->proof.counter_went_back == went_back);
        CHECK(login->credential.count == std::max(count, 9u));
    }
}

TEST_CASE("W55: a blocked or removed passkey is told only of an otherwise right answer; outward all refusals are one") {
    one_passkey w;
    REQUIRE(run(passkeys.block("user-1", w.key.id(), now), w.db));
    auto const bad_signature = [](assertion& a) { a.bend = [](bytes s) { return s.back() ^= 1, s; }; };
    auto const bad_flags = [](assertion& a) { a.flags = up; };
    CHECK(w.finish(w.key.asserted(w.options())) == "webauthn_credential_blocked");
    CHECK(w.finish(w.key.asserted(w.options(), bad_signature)) == "webauthn_signature");
    CHECK(w.finish(w.key.asserted(w.options(), bad_flags)) == "webauthn_user_verification");
    CHECK(w.stored().last_used == now);
    REQUIRE(run(passkeys.unblock("user-1", w.key.id(), now), w.db));
    CHECK(w.finish(w.key.asserted(w.options())) == "accepted");

    REQUIRE(run(passkeys.remove("user-1", w.key.id(), now), w.db));
    CHECK(w.finish(w.key.asserted(w.options())) == "webauthn_credential_removed");
    CHECK(w.finish(w.key.asserted(w.options(), bad_signature)) == "webauthn_signature");
    CHECK(w.finish(w.key.asserted(w.options(), bad_flags)) == "webauthn_user_verification");
    CHECK(w.finish(w.key.asserted(w.options()), {}, now + webauthn::removed_lifetime) == "challenge_unknown");
    passkey const stranger{7};
    CHECK(w.finish(stranger.asserted(w.options())) == "webauthn_credential_unknown");

    for (auto code :
         {errc::webauthn_credential_blocked, errc::webauthn_credential_removed, errc::webauthn_signature,
          errc::webauthn_credential_unknown, errc::challenge_unknown, errc::challenge_mismatch, errc::webauthn_counter,
          errc::webauthn_user_handle, errc::webauthn_origin, errc::json_member_missing, errc::cbor_truncated,
          errc::invalid_base64_length, errc::credential_registered, errc::weak_key}) {
        CAPTURE(name(code));
        CHECK(webauthn::outward({code, 17}) == error{errc::webauthn_refused});
    }
    CHECK(webauthn::outward(errc::webauthn_refused).http_status() == 401);
    CHECK(webauthn::outward(errc::store_unavailable) == errc::store_unavailable);
    CHECK(webauthn::outward(errc::webauthn_credential_limit) == errc::webauthn_credential_limit);
}

TEST_CASE("W56: creation options exclude all of the user's ids, and the handle of 64 random octets stays") {
    store::memory db;
    passkey first{1}, second{2}, berts{3};
    auto const none = run(webauthn::begin_registration(shop, anna, now), db).value();
    CHECK(ids_in(none, "excludeCredentials").empty());
    REQUIRE(register_passkey(first, db, anna));
    REQUIRE(register_passkey(second, db, anna));
    REQUIRE(register_passkey(berts, db, bert));
    auto const options = run(webauthn::begin_registration(shop, anna, now), db).value();
    CHECK(ids_in(options, "excludeCredentials") == std::vector{first.id_text(), second.id_text()});
    CHECK(options.find(R"("transports":["hybrid","internal"])") != std::string::npos);
    auto const handle = text_in(options, "user.id");
    CHECK(handle == text_in(none, "user.id"));
    CHECK(codec::base64url_decode(handle)->size() == 64);
    CHECK(handle != codec::base64url_encode(berts.handle));

    // A blocked one stays in the list, a removed one leaves it, and the handle outlives all of them.
    REQUIRE(run(passkeys.block("user-1", first.id(), now), db));
    REQUIRE(run(passkeys.remove("user-1", second.id(), now), db));
    auto const fewer = run(webauthn::begin_registration(shop, anna, now), db).value();
    CHECK(ids_in(fewer, "excludeCredentials") == std::vector{first.id_text()});
    REQUIRE(run(passkeys.remove("user-1", first.id(), now), db));
    auto const later = run(webauthn::begin_registration(shop, anna, now + 10'000h), db).value();
    CHECK(text_in(later, "user.id") == handle);
    CHECK(text_in(later, "challenge") != text_in(fewer, "challenge"));
}

TEST_CASE("W56: a user has a limited number of passkeys, all of which are in one list") {
    store::memory db;
    for (std::uint8_t n = 0; n != webauthn::max_user_credentials; ++n) {
        passkey key{n, -8};
        key.made.id = bytes(webauthn::max_credential_id, n);
        REQUIRE(register_passkey(key, db, anna));
    }
    counting_store counting{&db}; // the user's record, again with more room, and the passkeys sixteen at a time
    CHECK(run(passkeys.list("user-1", now), counting)->size() == webauthn::max_user_credentials);
    CHECK(counting.sizes.size() == 2 + (webauthn::max_user_credentials + 15) / 16);
    CHECK(ids_in(*run(passkeys.accepted("user-1", now), db), "allAcceptedCredentialIds").size() ==
          webauthn::max_user_credentials);
    CHECK(reason(run(webauthn::begin_registration(shop, anna, now), db)) == "webauthn_credential_limit");
}

TEST_CASE("W56: the limit also holds for registrations that were begun before it was reached") {
    store::memory db;
    std::vector<std::pair<passkey, std::string>> begun;
    for (std::uint8_t n = 0; n != webauthn::max_user_credentials + 1; ++n)
        begun.emplace_back(passkey{n, -8}, *run(webauthn::begin_registration(shop, anna, now), db));
    unsigned in = 0;
    for (auto& [key, options] : begun) {
        auto const made = run(
            webauthn::finish_registration(shop, key.created(options), {.user = "user-1", .session = "s1"}, now), db);
        if (made) ++in;
        else CHECK(made.error() == errc::webauthn_credential_limit);
    }
    CHECK(in == webauthn::max_user_credentials);
    // The id of the one that was too many is free again.
    REQUIRE(run(passkeys.remove("user-1", begun.front().first.id(), now), db));
    CHECK(register_passkey(begun.back().first, db, anna));
}

TEST_CASE("W57: request options for an unknown name look like a known one's and repeat") {
    one_passkey w;
    webauthn::begin_login_params known{.user = "user-1", .decoys = &decoy_key()}, unknown = known;
    unknown.user = "nobody";
    auto const shape = [](std::string options) { // without challenge and ids
        for (auto const& text : ids_in(options, "allowCredentials"))
            options.replace(options.find(text), text.size(), "id");
        auto const challenge = text_in(options, "challenge");
        return options.replace(options.find(challenge), challenge.size(), "challenge");
    };
    auto const first = w.options(unknown), second = w.options(unknown);
    CHECK(shape(first) == shape(w.options(known)));
    CHECK(ids_in(first, "allowCredentials") == ids_in(second, "allowCredentials"));
    CHECK(ids_in(first, "allowCredentials").size() == 1);
    CHECK(text_in(first, "challenge") != text_in(second, "challenge"));
    // The same for a user who exists, but has no passkey yet or no more.
    webauthn::begin_login_params none = known;
    none.user = "user-2";
    REQUIRE(run(webauthn::begin_registration(shop, bert, now), w.db));
    auto const before = ids_in(w.options(none), "allowCredentials");
    REQUIRE(run(passkeys.remove_all("user-2", now), w.db));
    CHECK(ids_in(w.options(none), "allowCredentials") == before);
    // Without a key for decoys the caller is told.
    CHECK(reason(run(webauthn::begin_login(shop, {.user = "nobody"}, now), w.db)) == "webauthn_credential_unknown");
}

TEST_CASE("W59: the list for signalAllAcceptedCredentials is complete or not given") {
    one_passkey w;
    passkey second{2};
    REQUIRE(register_passkey(second, w.db, anna));
    REQUIRE(run(passkeys.block("user-1", second.id(), now), w.db)); // else unblocking would find it gone
    auto const list = run(passkeys.accepted("user-1", now), w.db);
    REQUIRE(list);
    CHECK(ids_in(*list, "allAcceptedCredentialIds") == std::vector{w.key.id_text(), second.id_text()});
    CHECK(text_in(*list, "rpId") == "shop.example");
    CHECK(text_in(*list, "userId") == codec::base64url_encode(w.key.handle));

    REQUIRE(run(passkeys.remove("user-1", w.key.id(), now), w.db));
    CHECK(ids_in(*run(passkeys.accepted("user-1", now), w.db), "allAcceptedCredentialIds") ==
          std::vector{second.id_text()});

    CHECK(reason(run(passkeys.accepted("nobody", now), w.db)) == "webauthn_credential_unknown");
    testing::faulty_store<store::memory> flaky{w.db};
    flaky.fail_next(store_fault::unavailable);
    CHECK_FALSE(run(passkeys.accepted("user-1", now), flaky));
    auto const key = proof::record_key("webauthn user", {"shop.example", "user-1"});
    std::array<std::uint8_t, 4096> buffer;
    auto const found = w.db.execute(store::find(key, buffer, now));
    REQUIRE(found.outcome == store::outcome::done);
    bytes const cut{found.record.bytes.begin(), found.record.bytes.end() - 1};
    REQUIRE(w.db.execute(store::replace(key, found.record.version, cut, latest_time, now)).done());
    CHECK(reason(run(passkeys.accepted("user-1", now), w.db)) == "record_malformed");
}

TEST_CASE("The other signals name the user, or the one passkey (5.1.10)") {
    one_passkey w;
    auto const details = run(passkeys.user_details("user-1", "anna2", "Anna \"A\"", now), w.db);
    REQUIRE(details);
    CHECK(text_in(*details, "rpId") == "shop.example");
    CHECK(text_in(*details, "userId") == codec::base64url_encode(w.key.handle));
    CHECK(text_in(*details, "name") == "anna2");
    CHECK(text_in(*details, "displayName") == "Anna \"A\"");
    CHECK(reason(run(passkeys.user_details("nobody", "n", "n", now), w.db)) == "webauthn_credential_unknown");
    CHECK(webauthn::write_unknown_credential("shop.example", w.key.id()).value() ==
          R"({"rpId":"shop.example","credentialId":")" + w.key.id_text() + "\"}");
}

TEST_CASE("W60: user verification is initialized only together with another factor") {
    store::memory db;
    static auto const lenient =
        shop_with([](webauthn::relying_party_params& p) { p.verification = webauthn::user_verification::preferred; });
    passkey key;
    key.made.flags = up | at;
    REQUIRE(register_passkey(key, db, anna, now, lenient));
    auto const log_in_with = [&](std::uint8_t flags, bool other_factor) {
        auto const options = run(webauthn::begin_login(lenient, {}, now), db).value();
        auto const login = run(finish_login(lenient, key.asserted(options, [&](assertion& a) { a.flags = flags; }),
                                            {.other_factor = other_factor}, now),
                               db);
        REQUIRE(login);
        CHECK(login->credential.uv_initialized == run(passkeys.find("user-1", key.id(), now), db)->uv_initialized);
        return login->credential.uv_initialized;
    };
    CHECK_FALSE(log_in_with(up | uv, false));
    CHECK_FALSE(log_in_with(up, true));
    CHECK(log_in_with(up | uv, true));
    CHECK(log_in_with(up, false)); // and stays
}

TEST_CASE("A registration that is interrupted at any step leaves a passkey that works, or one that its holder is told "
          "of, and the user registers again") {
    for (auto fault : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost}) {
        unsigned orphans = 0;
        for (unsigned step = 0;; ++step) {
            CAPTURE(step);
            store::memory db;
            testing::faulty_store<store::memory> flaky{db};
            passkey key;
            auto const options = run(webauthn::begin_registration(shop, anna, now), db).value();
            auto const answer = key.created(options);
            flaky.fail_next(fault, step);
            auto const made =
                run(webauthn::finish_registration(shop, answer, {.user = "user-1", .session = "s1"}, now), flaky);
            bool const was_hit = flaky.calls() > step;
            auto const all = run(passkeys.list("user-1", now), db);
            REQUIRE(all);
            auto const login = log_in(key, db);
            if (made) CHECK(all->size() == 1);
            CHECK(login.has_value() == (all->size() == 1));
            if (!login) {
                bool const is_orphan = login.error() == errc::webauthn_credential_removed;
                orphans += is_orphan;
                if (!is_orphan) CHECK(login.error() == errc::webauthn_credential_unknown);
                // Its page lets the device forget it; the next passkey has another id.
                passkey next{2};
                CHECK(register_passkey(next, db, anna));
                CHECK(log_in(next, db));
                // And the octets that were left can be removed.
                CHECK(run(passkeys.remove("user-1", key.id(), now), db).has_value() == is_orphan);
            }
            if (!was_hit) break;
        }
        CHECK((orphans != 0) == (fault == store_fault::reply_lost || fault == store_fault::request_lost));
    }
}

TEST_CASE("A registration that stops between its two writes, as a process that dies, is told to the passkey's holder") {
    store::memory db;
    passkey key;
    auto const options = run(webauthn::begin_registration(shop, anna, now), db).value();
    {
        auto half = webauthn::finish_registration(shop, key.created(options), {.user = "user-1", .session = "s1"}, now);
        for (auto const* ask = half.next(); ask; ask = half.next()) {
            bool const is_insert = ask->verb == store::verb::insert;
            half.answer(db.execute(*ask));
            if (is_insert) break;
        }
    }
    CHECK(run(passkeys.list("user-1", now), db)->empty());
    CHECK(reason(run(passkeys.find("user-1", key.id(), now), db)) == "webauthn_credential_unknown");
    CHECK(reason(log_in(key, db)) == "webauthn_credential_removed");
    CHECK(ids_in(*run(passkeys.accepted("user-1", now), db), "allAcceptedCredentialIds").empty());
    passkey next{2};
    CHECK(register_passkey(next, db, anna));
}

TEST_CASE("A user's credentials are renamed, blocked and removed only by that user") {
    one_passkey w;
    passkey berts{2};
    REQUIRE(register_passkey(berts, w.db, bert));
    auto const unknown = "webauthn_credential_unknown";
    CHECK(reason(run(passkeys.rename("user-2", w.key.id(), "mine", now), w.db)) == unknown);
    CHECK(reason(run(passkeys.block("user-2", w.key.id(), now), w.db)) == unknown);
    CHECK(reason(run(passkeys.unblock("user-2", w.key.id(), now), w.db)) == unknown);
    CHECK(reason(run(passkeys.remove("user-2", w.key.id(), now), w.db)) == unknown);
    CHECK(reason(run(passkeys.find("user-2", w.key.id(), now), w.db)) == unknown);
    CHECK(reason(run(webauthn::credentials{"cafe.example"}.find("user-1", w.key.id(), now), w.db)) == unknown);
    CHECK(reason(log_in(w.key, w.db)) == "accepted");

    CHECK(run(passkeys.rename("user-1", w.key.id(), "Kitchen", now), w.db)->label == "Kitchen");
    CHECK(w.stored().label == "Kitchen");
    CHECK(reason(run(passkeys.rename("user-1", w.key.id(), std::string(257, 'x'), now), w.db)) == "out_of_range");
    CHECK(run(passkeys.remove("user-1", w.key.id(), now), w.db)->label == "Kitchen");
    CHECK(reason(run(passkeys.remove("user-1", w.key.id(), now), w.db)) == unknown);
    CHECK(reason(run(passkeys.find("user-1", w.key.id(), now), w.db)) == unknown);
    CHECK(reason(log_in(berts, w.db)) == "accepted");
}

TEST_CASE(
    "Removing all credentials of a user leaves nothing, can be repeated after an interruption, and spares others") {
    for (unsigned step = 0;; ++step) {
        store::memory db;
        passkey first{1}, second{2}, berts{3};
        REQUIRE(register_passkey(first, db, anna));
        REQUIRE(register_passkey(second, db, anna));
        REQUIRE(register_passkey(berts, db, bert));
        testing::faulty_store<store::memory> flaky{db};
        flaky.fail_next(store_fault::request_lost, step);
        auto const done = run(passkeys.remove_all("user-1", now), flaky);
        bool const was_hit = flaky.calls() > step;
        if (was_hit) {
            CHECK_FALSE(done);
            CHECK(run(passkeys.remove_all("user-1", now), db));
        } else CHECK(done.value() == 2u);
        CHECK(run(passkeys.list("user-1", now), db)->empty());
        CHECK(reason(log_in(first, db)) == "webauthn_credential_unknown");
        CHECK(reason(log_in(second, db)) == "webauthn_credential_unknown");
        CHECK(reason(log_in(berts, db)) == "accepted");
        if (!was_hit) break;
    }
}

TEST_CASE("A removal that is interrupted at any step is refused at once or not at all, and can be repeated") {
    for (unsigned step = 0;; ++step) {
        one_passkey w;
        testing::faulty_store<store::memory> flaky{w.db};
        flaky.fail_next(store_fault::request_lost, step);
        auto const done = run(passkeys.remove("user-1", w.key.id(), now), flaky);
        bool const was_hit = flaky.calls() > step;
        CHECK(done.has_value() == !was_hit);
        bool const listed = run(passkeys.list("user-1", now), w.db)->size() == 1;
        CHECK(reason(log_in(w.key, w.db)) == (listed ? "accepted" : "webauthn_credential_removed"));
        if (was_hit) CHECK(run(passkeys.remove("user-1", w.key.id(), now), w.db));
        CHECK(reason(log_in(w.key, w.db)) == "webauthn_credential_removed");
        if (!was_hit) break;
    }
}

TEST_CASE("W23: a conditional registration needs nobody to be present, another does") {
    store::memory db;
    for (bool conditional : {true, false}) {
        passkey key{static_cast<std::uint8_t>(conditional ? 1 : 2)};
        key.made.flags = uv | at;
        auto const options = run(webauthn::begin_registration(shop, anna, now), db).value();
        CHECK(reason(run(webauthn::finish_registration(shop, key.created(options),
                                                       {.user = "user-1", .session = "s1", .conditional = conditional},
                                                       now),
                         db)) == (conditional ? "accepted" : "webauthn_user_presence"));
    }
}

TEST_CASE("W61: parameters beyond their limits are errors and reach no store") {
    auto const first_error = [](auto task) { return task.next() ? std::string_view{"asks"} : reason(task.get()); };
    std::string const long_user(webauthn::max_user + 1, 'u'), long_label(webauthn::max_label + 1, 'l');
    CHECK(first_error(webauthn::begin_registration(shop, {.user = "", .user_name = "a"}, now)) == "out_of_range");
    CHECK(first_error(webauthn::begin_registration(shop, {.user = "u", .user_name = ""}, now)) == "out_of_range");
    CHECK(first_error(webauthn::begin_registration(shop, {.user = long_user, .user_name = "a"}, now)) ==
          "out_of_range");
    CHECK(first_error(webauthn::begin_login(shop, {.user = long_user}, now)) == "out_of_range");
    CHECK(first_error(webauthn::begin_login(shop, {.action = std::string(1024, 'a')}, now)) == "buffer_too_small");
    CHECK(first_error(webauthn::finish_registration(shop, "{}", {.user = "u", .label = long_label}, now)) ==
          "out_of_range");
    CHECK(first_error(finish_login(shop, std::string(webauthn::max_answer + 1, ' '), {}, now)) != "asks");
}

TEST_CASE("A new operation does not depend on its arguments once they were given") {
    store::memory db;
    passkey key;
    auto begin = [&] {
        std::string const user = "user-1", name = "anna", session = "s1";
        return webauthn::begin_registration(shop, {.user = user, .user_name = name, .session = session}, now);
    }();
    auto const options = run(std::move(begin), db);
    REQUIRE(options);
    auto finish = [&] {
        std::string const answer = key.created(*options), user = "user-1", session = "s1", label = "Phone";
        return webauthn::finish_registration(shop, answer, {.user = user, .session = session, .label = label}, now);
    }();
    REQUIRE(run(std::move(finish), db));
    CHECK(log_in(key, db));
}

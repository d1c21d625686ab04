#include "support/proved_key.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/oauth/refresh.hpp>
#include <signet/store/memory.hpp>
#include <signet/store/record.hpp>
#include <signet/testing/faulty_store.hpp>
#include <signet/testing/fixed_random.hpp>
#include <signet/testing/manual_clock.hpp>

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <type_traits>

using namespace signet;
using namespace signet::oauth;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

mac_key const& key(int n) {
    static std::map<int, mac_key> made;
    auto const at = made.find(n);
    return at != made.end() ? at->second : made.emplace(n, *mac_key::generate(alg::hs256)).first->second;
}

refresh_params params() {
    return {.user = "anna",
            .client = "app",
            .session = "s1",
            .scope = "offline_access orders:read orders:write",
            .resources = {{"orders", 30 * 24h}, {"billing", 24h}}};
}

struct fixture {
    store::memory inner;
    testing::faulty_store<store::memory> db{inner};
    refresh_families families = *refresh_families::make({{1, key(1)}}, {.grace = 10s, .idle = 14 * 24h});
    std::string first = begin();

    std::string begin(unix_time at = now) {
        auto const started = run(families.start(params(), at), db);
        REQUIRE(started);
        return started->token.text();
    }
    result<refresh_grant> rotate(std::string_view token, unix_time at = now, std::string_view resource = "orders") {
        return run(families.rotate({.token = token, .client = "app", .resource = resource}, at), db);
    }
    std::string next(std::string_view token, unix_time at = now) {
        auto const grant = rotate(token, at);
        REQUIRE(grant);
        return grant->token.text();
    }
    errc why(std::string_view token, unix_time at = now, std::string_view resource = "orders") {
        auto const grant = rotate(token, at, resource);
        return grant ? errc{} : grant.error().code;
    }
    static store::record_key name_of(std::string_view token) {
        return proof::record_key("refresh", {refresh_token::parse(token)->family()});
    }
    // The record as it lies in the store.
    std::pair<std::uint64_t, bytes> record(std::string_view token) {
        bytes buffer(4096);
        auto const found = inner.execute(store::find(name_of(token), buffer, now));
        return {found.record.version, bytes(found.record.bytes.begin(), found.record.bytes.end())};
    }
};

} // namespace

TEST_CASE("the lifecycle of a family: every state with every event") {
    using enum family_state;
    using enum family_event;
    decltype(family_lifecycle)::each_pair([](family_state s, family_event e) {
        CAPTURE(name(s));
        CAPTURE(name(e));
        auto const to = family_lifecycle.next(s, e);
        if (s != live) CHECK_FALSE(to);
        else CHECK(to == (e == rotate || e == retry ? live : e == replay ? stolen : e == revoke ? ended : expired));
    });
    CHECK(family_refusal(stolen) == errc::refresh_reused);
    CHECK(family_refusal(ended) == errc::refresh_ended);
    CHECK(family_refusal(expired) == errc::refresh_expired);
    CHECK(name(static_cast<family_state>(4)).empty());
    CHECK(name(static_cast<family_event>(5)).empty());
}

TEST_CASE_FIXTURE(
    fixture,
    "DECISIONS 4 a token names key, family and generation; each use gives the next generation of the same family") {
    auto const token = *refresh_token::parse(first);
    CHECK(first.size() == refresh_token_size);
    CHECK(token.text() == first);
    CHECK(token.generation() == 0);
    CHECK(token.key_number() == 1);
    auto text = first;
    for (std::uint32_t generation = 1; generation != 300; ++generation) {
        auto const grant = rotate(text, now + std::chrono::seconds{generation});
        REQUIRE(grant);
        CHECK(grant->token.generation() == generation);
        CHECK(grant->token.family() == token.family());
        CHECK_FALSE(grant->repeated);
        text = grant->token.text();
    }
    CHECK(begin() != begin());
}

TEST_CASE_FIXTURE(
    fixture,
    "B3 RFC 9700 4.14.2 a family is bound to user, client, session, scope and resources, and says so at each refresh") {
    auto const grant = rotate(first, now + 5s);
    REQUIRE(grant);
    CHECK(grant->user == "anna");
    CHECK(grant->client == "app");
    CHECK(grant->session == "s1");
    CHECK(grant->scope == "offline_access orders:read orders:write");
    CHECK(grant->resource == "orders");
    CHECK(grant->started == now);
    CHECK(grant->expires == now + 5s + 14 * 24h);
    CHECK_FALSE(grant->sender);
}

TEST_CASE("the documentation's example") {
    store::memory db;
    mac_key const secret_key = key(1);
    // [refresh]
    auto const families = *refresh_families::make({{1, secret_key}}, {.grace = 10s, .idle = 14 * 24h});

    // Anna logged in and offline_access was granted: the first token of a family, good for 30 days of refreshing for
    // the API.
    auto const first = run(families.start({.user = "anna",
                                           .client = "app",
                                           .session = "s1",
                                           .scope = "offline_access orders:read",
                                           .resources = {{"https://api.example", 30 * 24h}}},
                                          now),
                           db);
    auto const text = first->token.text(); // goes into the token response

    // The token endpoint, an hour later. A retry within ten seconds gets the same successor.
    auto const refresh = [&](unix_time at) {
        return run(families.rotate({.token = text, .client = "app", .resource = "https://api.example"}, at), db);
    };
    auto const next = refresh(now + 1h), again = refresh(now + 1h + 2s);
    // Later the used token means that somebody has a copy: nobody goes on with this family.
    auto const stolen = refresh(now + 2h);
    // [/refresh]
    CHECK(next->token == again->token);
    CHECK(stolen.error() == errc::refresh_reused);
}

TEST_CASE_FIXTURE(fixture, "a family's record: these fields in this order, as servers of an older version read them") {
    auto const mine = private_key::generate(alg::ed25519);
    auto const my_proof = proved(inner, *mine, now);
    for (bool bound : {false, true}) {
        CAPTURE(bound);
        testing::fixed_random dice{bound ? 9u : 10u}, same{bound ? 9u : 10u};
        std::array<std::uint8_t, 16> id, salt;
        same.fill(id);
        same.fill(salt);
        auto wanted = params();
        if (bound) wanted.sender = &my_proof;
        auto const started = run(families.start(wanted, now, dice), db);
        REQUIRE(started);
        CHECK(started->token.family() == codec::base64url_encode(id));

        auto const expected = [&](std::uint64_t state, unix_time rotated, std::uint64_t generation) {
            bytes octets;
            store::record_writer w{octets, 1, 'r'};
            w.number(state);
            w.fixed(salt);
            for (std::string_view text : {"anna", "app", "s1", "offline_access orders:read orders:write"}) w.text(text);
            w.flag(bound);
            if (bound) w.fixed(my_proof.thumbprint());
            for (unix_time t : {now, rotated, rotated + 14 * 24h}) w.time(t);
            for (std::uint64_t n : {generation, std::uint64_t{1}, std::uint64_t{2}}) w.number(n); // key 1, 2 resources
            w.text("orders");
            w.number(30 * 24 * 3600);
            w.text("billing");
            w.number(24 * 3600);
            return octets;
        };
        auto const text = started->token.text();
        CHECK(record(text).second == expected(0, now, 0));
        auto const rotate = [&](unix_time at) {
            return run(families.rotate({.token = text, .client = "app", .resource = "orders", .proved = &my_proof}, at),
                       db);
        };
        REQUIRE(rotate(now + 7s));
        CHECK(record(text).second == expected(0, now + 7s, 1));
        CHECK_FALSE(rotate(now + 60s));
        CHECK(record(text).second == expected(3, now + 7s, 1)); // stolen
    }
    REQUIRE(run(families.revoke(refresh_token::parse(first)->family(), now), db));
    CHECK(record(first).second[2] == 2); // ended
}

TEST_CASE_FIXTURE(fixture,
                  "a token's octets: key, family, generation and an HMAC; the last generation has no successor") {
    auto const made = [&](std::uint32_t generation, bytes_view id, bytes_view salt) {
        bytes octets{0, 1};
        octets.insert(octets.end(), id.begin(), id.end());
        for (int shift : {24, 16, 8, 0}) octets.push_back(static_cast<std::uint8_t>(generation >> shift));
        std::array<std::uint8_t, 32> tag;
        auto mac = crypto::hmac::make(hash_id::sha256, key(1).reveal());
        for (bytes_view part : {as_bytes("signet/refresh/1"), bytes_view{octets}, salt, as_bytes("app")})
            mac->update(part);
        mac->finish(tag);
        octets.insert(octets.end(), tag.begin(), tag.end());
        return codec::base64url_encode(octets);
    };
    testing::fixed_random dice{3}, same{3};
    std::array<std::uint8_t, 16> id, salt;
    same.fill(id);
    same.fill(salt);
    auto const text = run(families.start(params(), now, dice), db)->token.text();
    CHECK(text == made(0, id, salt));
    CHECK(next(text) == made(1, id, salt));

    for (std::uint32_t generation : {0xffff'fffeu, 0xffff'ffffu}) {
        CAPTURE(generation);
        bytes octets;
        store::record_writer w{octets, 1, 'r'};
        w.number(0);
        w.fixed(salt);
        for (std::string_view field : {"anna", "app", "s1", ""}) w.text(field);
        w.flag(false);
        for (unix_time t : {now, now, now + 24h}) w.time(t);
        for (std::uint64_t n : {std::uint64_t{generation}, std::uint64_t{1}, std::uint64_t{1}}) w.number(n);
        w.text("orders");
        w.number(24 * 3600);
        REQUIRE(*inner.execute(store::erase(name_of(text), now)).done());
        REQUIRE(*inner.execute(store::insert(name_of(text), octets, now + 24h, now)).done());
        auto const last = made(generation, id, salt);
        if (generation == 0xffff'ffff) CHECK(why(last) == errc::refresh_expired);
        else CHECK(next(last) == made(generation + 1, id, salt));
        CHECK((record(text).second == octets) == (generation == 0xffff'ffff));
    }
}

TEST_CASE("B14 a refresh token is a type of its own: no text, no verified token") {
    static_assert(!std::is_convertible_v<refresh_token, std::string_view> &&
                  !std::is_convertible_v<refresh_token, std::string>);
    static_assert(!std::is_constructible_v<refresh_token, std::string> &&
                  !std::is_default_constructible_v<refresh_token>);
}

TEST_CASE_FIXTURE(
    fixture,
    "DECISIONS 4 within the grace the token before the current one gives the same successor, octet by octet, without a write") {
    auto const second = next(first);
    auto const before = record(first);
    for (auto late : {0s, 1s, 9s, 10s}) {
        auto const calls = db.calls();
        auto const again = rotate(first, now + late);
        REQUIRE(again);
        CHECK(again->token.text() == second);
        CHECK(again->repeated);
        CHECK(db.calls() == calls + 2); // two looks, no write
    }
    CHECK(record(first) == before);
    CHECK(next(second, now + 60s) != second);
}

TEST_CASE_FIXTURE(fixture, "RULES 5 the grace never slides: retries do not lengthen it") {
    (void)next(first);
    for (int s = 1; s <= 10; ++s) CHECK(rotate(first, now + std::chrono::seconds{s}));
    CHECK(why(first, now + 11s) == errc::refresh_reused);
}

TEST_CASE_FIXTURE(
    fixture, "RFC 9700 4.14.2 a token that was used before, grace over: the family dies, the current token with it") {
    auto const second = next(first);
    CHECK(why(first, now + 11s) == errc::refresh_reused);
    CHECK(why(second, now + 12s) == errc::refresh_reused);
    CHECK(why(first, now + 12s) == errc::refresh_reused);
    CHECK(why(second, now + 13 * 24h) == errc::refresh_reused); // remembered while its tokens would have lived
}

TEST_CASE_FIXTURE(fixture, "RFC 9700 4.14.2 a token two generations old is theft also within the grace") {
    auto const second = next(first), third = next(second);
    CHECK(why(first, now + 1s) == errc::refresh_reused);
    CHECK(why(third, now + 1s) == errc::refresh_reused);
    CHECK(why(second, now + 1s) == errc::refresh_reused);
}

TEST_CASE_FIXTURE(fixture, "a thief and the owner: whoever comes second with a used token ends it for both") {
    auto const stolen = first;
    auto const thief = next(stolen, now + 100s);           // the thief is faster
    CHECK(why(first, now + 200s) == errc::refresh_reused); // the owner follows
    CHECK(why(thief, now + 201s) == errc::refresh_reused);
}

TEST_CASE_FIXTURE(fixture, "DECISIONS 4 a wrong tag is unknown and changes nothing: junk cannot kill a family") {
    auto const second = next(first);
    auto const before = record(first);
    auto const octets = *codec::base64url_decode(first);
    for (std::size_t i = 0; i != octets.size(); ++i) {
        for (auto flip : {0x01, 0x80}) {
            auto changed = octets;
            changed[i] = static_cast<std::uint8_t>(changed[i] ^ flip);
            CHECK(why(codec::base64url_encode(changed), now + 100s) == errc::refresh_unknown);
        }
    }
    CHECK(record(first) == before);
    CHECK(rotate(second, now + 100s));
}

TEST_CASE_FIXTURE(fixture, "the generation is under the tag: an older or newer number on a good tag is unknown") {
    auto const second = next(first);
    auto octets = *codec::base64url_decode(second);
    for (int generation : {0, 2, 3, 255}) {
        octets[21] = static_cast<std::uint8_t>(generation);
        CHECK(why(codec::base64url_encode(octets), now + 100s) == errc::refresh_unknown);
    }
}

TEST_CASE_FIXTURE(fixture, "what is no refresh token is unknown, and the store is not asked") {
    auto const calls = db.calls();
    for (std::string const& text :
         {std::string{}, std::string{"x"}, first.substr(1), first + "A", first + "=", first.substr(0, 71) + "=",
          " " + first.substr(1), std::string(72, '*'), std::string(100'000, 'A')})
        CHECK(why(text) == errc::refresh_unknown);
    CHECK(db.calls() == calls);
}

TEST_CASE_FIXTURE(fixture, "RFC 6749 5.2 another client's token is unknown, and its family lives on") {
    auto const second = next(first);
    auto const decision =
        run(families.rotate({.token = first, .client = "other", .resource = "orders"}, now + 60s), db);
    CHECK(decision.error() == errc::refresh_unknown);
    CHECK(rotate(second, now + 60s));
}

TEST_CASE_FIXTURE(fixture, "two families with the same terms do not know each other's tokens") {
    auto const other = begin();
    auto a = *codec::base64url_decode(first), b = *codec::base64url_decode(other);
    std::copy(a.begin() + 22, a.end(), b.begin() + 22); // this family's tag under the other's name
    CHECK(why(codec::base64url_encode(b)) == errc::refresh_unknown);
}

TEST_CASE_FIXTURE(fixture, "C10 each resource has its own maximum, counted from the first token of the family") {
    auto const second = next(first, now + 12h);
    CHECK(rotate(second, now + 24h - 1s, "billing"));
    auto const third = next(begin(), now + 1s);
    auto const over = rotate(third, now + 24h, "billing");
    CHECK(over.error() == errc::refresh_expired);
    CHECK(rotate(third, now + 24h, "orders")); // that has 30 days
    // Refreshing does not lengthen it.
    auto text = begin();
    for (int day = 1; day != 30; ++day) text = next(text, now + day * 24h);
    auto const last = rotate(text, now + 30 * 24h - 1s);
    CHECK(last->expires == now + 30 * 24h);
    CHECK(last->ends == now + 30 * 24h); // the longest of its resources: until then a revocation has to find it
    CHECK(rotate(begin(), now + 1s, "billing")->ends == now + 30 * 24h);
    CHECK(last->record == name_of(text));
    CHECK(why(text, now + 30 * 24h) == errc::refresh_expired);
}

TEST_CASE_FIXTURE(fixture,
                  "RFC 9700 4.14.2 a family that nobody refreshes expires; each refresh begins the idle time anew") {
    CHECK(why(first, now + 14 * 24h) == errc::refresh_expired);
    CHECK(why(first, now + 15 * 24h - 1s) == errc::refresh_expired); // remembered for a day
    CHECK(why(first, now + 15 * 24h) == errc::refresh_unknown);
    auto const second = next(first, now + 14 * 24h - 1s);
    CHECK(rotate(second, now + 20 * 24h));
}

TEST_CASE_FIXTURE(fixture,
                  "C11 an ended family is refused with a reason different from expiry, whatever the generation") {
    auto const second = next(first);
    CHECK(run(families.revoke(refresh_token::parse(first)->family(), now), db));
    CHECK(why(second) == errc::refresh_ended);
    CHECK(why(first) == errc::refresh_ended);
    CHECK(why(first, now + 100s) == errc::refresh_ended);                        // no theft is made of it
    CHECK(run(families.revoke(refresh_token::parse(first)->family(), now), db)); // again: done
    CHECK(run(families.revoke("AAAAAAAAAAAAAAAAAAAAAA", now), db));
}

TEST_CASE_FIXTURE(fixture, "C8 an administrator's not-before ends every family of the user that began earlier") {
    auto const begun = [&](unix_time not_before) {
        return run(families.rotate({.token = first, .client = "app", .resource = "orders", .not_before = not_before},
                                   now + 1s),
                   db);
    };
    CHECK(begun(now + 1s).error() == errc::refresh_ended);
    CHECK(begun(now));
}

TEST_CASE_FIXTURE(
    fixture,
    "C8 \"The session revocation call will [...] revoke all refresh tokens\", of sessions and of none, of every client") {
    auto const begin_for = [&](std::string_view user, std::string_view session, unix_time at = now) {
        auto terms = params();
        terms.user = user, terms.session = session;
        return run(families.start(terms, at), db)->token.text();
    };
    auto const without_session = begin_for("anna", ""), of_bob = begin_for("bob", ""), second = next(first);
    REQUIRE(run(families.revoke_user("anna", now), db));
    CHECK(why(second, now + 1s) == errc::refresh_ended);
    CHECK(why(first, now + 1s) == errc::refresh_ended);   // no successor again, though the grace lasts
    CHECK(why(first, now + 100s) == errc::refresh_ended); // and no theft is made of it
    CHECK(why(without_session, now + 1s) == errc::refresh_ended);
    CHECK(why(begin_for("anna", "s2"), now + 1s) == errc::refresh_ended); // of the same second
    CHECK(rotate(of_bob, now + 1s));
    auto const later = begin_for("anna", "s3", now + 1s);
    CHECK(rotate(later, now + 2s));
    // A clock that is behind takes nothing back.
    REQUIRE(run(families.revoke_user("anna", now - 3600s), db));
    CHECK(why(without_session, now + 2s) == errc::refresh_ended);
    // Nor does time, as long as the family might live.
    CHECK(why(second, now + 13 * 24h) == errc::refresh_ended);

    CHECK(run(families.revoke_user("", now), db).error() == errc::out_of_range);
    CHECK(run(families.revoke_user(std::string(257, 'a'), now), db).error() == errc::out_of_range);
}

TEST_CASE_FIXTURE(fixture, "C8 a refresh that ran while its user was revoked gives a successor that is refused") {
    auto op = families.rotate({.token = first, .client = "app", .resource = "orders"}, now);
    for (int question = 0; question != 2; ++question) op.answer(db.execute(*op.next()));
    REQUIRE(run(families.revoke_user("anna", now), db));
    op.answer(db.execute(*op.next()));
    REQUIRE(op.next() == nullptr);
    auto const done = op.get();
    REQUIRE(done);
    CHECK(why(done->token.text(), now + 1s) == errc::refresh_ended);
}

TEST_CASE_FIXTURE(fixture, "C8 what is kept of a user and cannot be read ends no revocation: nothing is refreshed") {
    bytes const junk{1, 'x', 1};
    REQUIRE(db.execute(store::insert(proof::record_key("refresh-user", {"anna"}), junk, latest_time, now)).outcome ==
            store::outcome::done);
    CHECK(why(first) == errc::record_malformed);
    CHECK(run(families.revoke_user("anna", now), db).error() == errc::record_malformed);
}

TEST_CASE_FIXTURE(
    fixture,
    "RFC 7009 a token of any generation ends its family; one that is not ours or another client's changes nothing") {
    auto const second = next(first);
    CHECK(run(families.revoke_token("junk", "app", now), db).error() == errc::refresh_unknown);
    CHECK(run(families.revoke_token(second, "other", now), db).error() == errc::refresh_unknown);
    CHECK(rotate(first)); // still alive
    CHECK(run(families.revoke_token(first, "app", now), db));
    CHECK(why(second) == errc::refresh_ended);
}

TEST_CASE_FIXTURE(fixture, "a theft is not made into a mere end by a later revocation") {
    (void)next(first);
    CHECK(why(first, now + 60s) == errc::refresh_reused);
    CHECK(run(families.revoke(refresh_token::parse(first)->family(), now + 61s), db));
    CHECK(why(first, now + 62s) == errc::refresh_reused);
}

TEST_CASE_FIXTURE(
    fixture, "RFC 9449 5 a family bound to a DPoP key: without that key nothing is given, and nothing is changed") {
    auto const mine = private_key::generate(alg::ed25519), foreign = private_key::generate(alg::ed25519);
    auto const my_proof = proved(inner, *mine, now), foreign_proof = proved(inner, *foreign, now);
    auto bound = params();
    bound.sender = &my_proof;
    auto const started = run(families.start(bound, now), db);
    REQUIRE(started);
    CHECK(started->sender == my_proof.thumbprint());
    auto const text = started->token.text();
    auto const with = [&](proof::verified_key const* p, std::string_view token, unix_time at) {
        return run(families.rotate({.token = token, .client = "app", .resource = "orders", .proved = p}, at), db);
    };
    CHECK(with(nullptr, text, now).error() == errc::refresh_sender_mismatch);
    CHECK(with(&foreign_proof, text, now).error() == errc::refresh_sender_mismatch);
    auto const second = with(&my_proof, text, now);
    REQUIRE(second);
    CHECK(second->sender == my_proof.thumbprint());
    // A thief without the key cannot even end it.
    CHECK(with(&foreign_proof, text, now + 60s).error() == errc::refresh_sender_mismatch);
    CHECK(with(&my_proof, second->token.text(), now + 61s));
    CHECK(with(&my_proof, text, now + 61s).error() == errc::refresh_reused);
}

TEST_CASE_FIXTURE(
    fixture,
    "RFC 6749 6 RFC 8707 a refresh may ask for less scope, for no more, and for the family's resources alone") {
    auto const ask = [&](std::string_view scope, std::string_view resource = "orders") {
        return run(families.rotate({.token = first, .client = "app", .resource = resource, .scope = scope}, now), db);
    };
    for (std::string_view more : {"admin", "orders:read admin", "orders", "orders:read  orders:write", " orders:read",
                                  "orders:read ", " ", "ORDERS:READ"})
        CHECK(ask(more).error() == errc::refresh_scope_exceeded);
    CHECK(ask("orders:read", "other").error() == errc::refresh_resource_not_granted);
    CHECK(ask("orders:read", "").error() == errc::refresh_resource_not_granted);
    auto const less = ask("orders:write orders:read");
    REQUIRE(less);
    CHECK(less->scope == "orders:write orders:read");
    CHECK(rotate(less->token.text())->scope ==
          "offline_access orders:read orders:write"); // the family's has not shrunk
    CHECK(oauth_error(errc::refresh_scope_exceeded, role::authorization_server) == "invalid_scope");
    CHECK(oauth_error(errc::refresh_resource_not_granted, role::authorization_server) == "invalid_target");
    for (errc e : {errc::refresh_unknown, errc::refresh_expired, errc::refresh_reused, errc::refresh_ended,
                   errc::refresh_sender_mismatch}) {
        CHECK(oauth_error(e, role::authorization_server) == "invalid_grant");
        CHECK(http_status(e, role::authorization_server) == 400);
    }
}

TEST_CASE_FIXTURE(fixture, "an old token is theft even where it is asked with a wrong resource or scope") {
    (void)next(first);
    CHECK(why(first, now + 60s, "other") == errc::refresh_reused);
}

TEST_CASE_FIXTURE(
    fixture,
    "the clock goes backwards: no family dies of small steps, none lives longer, and no old token is let through") {
    auto const second = next(first, now + 100s);
    CHECK(next(first, now + 95s) == second);    // a server 5 s behind
    auto const third = next(second, now + 50s); // and further back
    CHECK(next(second, now + 45s) == third);
    auto const fourth = next(third, now - 3600s); // before the family began
    CHECK(rotate(fourth, now + 13 * 24h));
    // A replay an hour before the rotation is as much theft as one an hour after.
    auto const other = begin(), child = next(other, now + 4000s);
    CHECK(why(other, now + 400s) == errc::refresh_reused);
    CHECK(why(child, now + 400s) == errc::refresh_reused);
}

TEST_CASE_FIXTURE(fixture, "revoked while expired by a wrong clock: it does not come back with the right one") {
    CHECK(run(families.revoke(refresh_token::parse(first)->family(), now + 14 * 24h + 1s), db));
    CHECK(why(first, now) == errc::refresh_ended);
}

TEST_CASE_FIXTURE(fixture, "a store that was set back: a generation it has not given out yet ends the family") {
    auto const second = next(first);
    auto const old = record(first).second;
    auto const third = next(second);
    auto const name = name_of(first);
    REQUIRE(*inner.execute(store::erase(name, now)).done());
    REQUIRE(*inner.execute(store::insert(name, old, now + 14 * 24h, now)).done());
    CHECK(why(third, now + 1s) == errc::refresh_reused);
    CHECK(why(second, now + 1s) == errc::refresh_reused);
}

TEST_CASE("keys are replaced by number: old tokens are known while their key is, new ones are made with the first") {
    store::memory db;
    auto const old_keys = *refresh_families::make({{1, key(1)}}),
               both = *refresh_families::make({{2, key(2)}, {1, key(1)}}),
               new_keys = *refresh_families::make({{2, key(2)}});
    auto const rotate = [&](refresh_families const& f, std::string const& token) {
        return run(f.rotate({.token = token, .client = "app", .resource = "orders"}, now), db);
    };
    auto const first = run(old_keys.start(params(), now), db)->token.text();
    auto const other = run(old_keys.start(params(), now), db)->token.text();
    auto const second = rotate(both, first);
    REQUIRE(second);
    CHECK(second->token.key_number() == 2);
    CHECK(rotate(both, first)->token == second->token); // the same successor, made with the same key
    CHECK(rotate(new_keys, second->token.text()));
    CHECK(rotate(new_keys, other).error() == errc::refresh_unknown);
    CHECK(rotate(old_keys, second->token.text()).error() == errc::refresh_unknown);
    CHECK(rotate(old_keys, other)); // it did no harm
    // The token before the current one, where the key of its successor is not known.
    CHECK(rotate(old_keys, run(old_keys.start(params(), now), db)->token.text()));
    auto const third = run(old_keys.start(params(), now), db)->token.text();
    REQUIRE(rotate(both, third));
    CHECK(rotate(old_keys, third).error() == errc::refresh_unknown);

    CHECK(refresh_families::make({}).error() == errc::empty_key_set);
    CHECK(refresh_families::make({{1, key(1)}, {1, key(2)}}).error() == errc::duplicate_key);
    CHECK(refresh_families::make({{1, key(1)}, {2, key(1)}}).error() == errc::duplicate_key);
    CHECK(refresh_families::make({{1, key(1)}}, {.grace = 301s}).error() == errc::out_of_range);
    CHECK(refresh_families::make({{1, key(1)}}, {.grace = -1s}).error() == errc::out_of_range);
    CHECK(refresh_families::make({{1, key(1)}}, {.idle = 0s}).error() == errc::out_of_range);
    CHECK(refresh_families::make({{1, key(1)}}, {.remember = -1s}).error() == errc::out_of_range);
}

TEST_CASE_FIXTURE(fixture, "terms that are empty or too long begin no family") {
    auto const refused = [&](auto change) {
        auto t = params();
        change(t);
        auto const decision = run(families.start(t, now), db);
        return !decision && decision.error() == errc::out_of_range;
    };
    std::string const long_name(257, 'x'), long_scope(1025, 'x');
    CHECK(refused([](auto& t) { t.user = ""; }));
    CHECK(refused([](auto& t) { t.client = ""; }));
    CHECK(refused([&](auto& t) { t.user = long_name; }));
    CHECK(refused([&](auto& t) { t.client = long_name; }));
    CHECK(refused([&](auto& t) { t.session = long_name; }));
    CHECK(refused([&](auto& t) { t.scope = long_scope; }));
    CHECK(refused([](auto& t) { t.resources.clear(); }));
    CHECK(refused([](auto& t) { t.resources = {{"a", 0s}}; }));
    CHECK(refused([](auto& t) { t.resources = {{"a", 1s}, {"a", 2s}}; }));
    CHECK(refused([&](auto& t) { t.resources = {{long_name, 1s}}; }));
    CHECK(refused([](auto& t) { t.resources = std::vector<resource_limit>(17, {"a", 1s}); }));
    CHECK_FALSE(refused([](auto& t) { t.session = "", t.resources = {{"", std::chrono::seconds::max()}}; }));
}

// Every reply that a store may give, at every question of every operation.
TEST_CASE_FIXTURE(fixture,
                  "DECISIONS 1 every reply at every step gives a decision; the store's failures are told as they are") {
    bytes const junk{1, 'x', 1}, newer{2, 'r', 0};
    auto const second = next(first);
    auto const family = refresh_token::parse(first)->family();
    auto const rotation = [&](std::string_view token, unix_time at = now) {
        return families.rotate({.token = token, .client = "app", .resource = "orders"}, at);
    };
    auto const drive = [&](auto make, int question, store::reply const& reply) {
        auto op = make();
        for (int step = 0; auto* ask = op.next(); ++step) {
            REQUIRE(step < 600);
            op.answer(step == question ? reply : inner.execute(*ask));
        }
        auto const decision = op.get();
        return decision ? errc{} : decision.error().code;
    };
    for (errc failure : {errc::store_unavailable, errc::outcome_unknown, errc::store_full, errc::store_unfit,
                         errc::store_restarted, errc::record_too_large}) {
        auto const reply = store::reply::failure(failure);
        CHECK(drive([&] { return families.start(params(), now); }, 0, reply) == failure);
        for (int question : {0, 1}) {
            auto const token = begin();
            CHECK(drive([&] { return rotation(token); }, question, reply) == failure);
            CHECK(drive([&] { return rotation(token); }, 2, reply) == failure);
            CHECK(drive([&] { return rotation(token); }, 9, reply) == errc{}); // asked again
            CHECK(drive([&] { return families.revoke(family, now); }, question, reply) == failure);
            CHECK(drive([&] { return families.revoke_user("bob", now); }, question, reply) == failure);
            CHECK(drive([&] { return families.revoke_token(second, "app", now); }, question, reply) == failure);
            // A theft that could not be written is no success either.
            auto const child = next(token);
            CHECK(drive([&] { return rotation(token, now + 60s); }, question, reply) == failure);
            CHECK(rotate(child, now + 61s));
        }
    }
    CHECK(drive([&] { return families.start(params(), now); }, 0, store::reply::not_applied()) == errc::random_failed);
    CHECK(drive([&] { return rotation(second); }, 0, store::reply::not_applied()) == errc::refresh_unknown);
    for (auto const& [bytes, told] : {std::pair{&junk, errc::record_malformed}, {&newer, errc::record_newer}})
        CHECK(drive([&] { return rotation(second); }, 0, store::reply::success({*bytes, now + 1s, 1})) == told);
    auto cut = record(second).second;
    cut.pop_back();
    CHECK(drive([&] { return rotation(second); }, 0, store::reply::success({cut, now + 1s, 1})) ==
          errc::record_malformed);
    CHECK(drive([&] { return rotation(second); }, 0, store::reply::failure(errc::buffer_too_small, 3000)) ==
          errc{}); // a larger buffer is brought
}

TEST_CASE_FIXTURE(fixture, "DECISIONS 4 the loser of a swap reloads and gets the winner's child") {
    auto slow = families.rotate({.token = first, .client = "app", .resource = "orders"}, now);
    slow.answer(inner.execute(*slow.next())); // it has seen the current token
    auto const winner = next(first);
    while (auto* ask = slow.next()) slow.answer(inner.execute(*ask));
    auto const loser = slow.get();
    REQUIRE(loser);
    CHECK(loser->token.text() == winner);
    CHECK(loser->repeated);
}

TEST_CASE_FIXTURE(fixture,
                  "an outcome nobody knows: asked again with the same token, exactly one successor comes of it") {
    for (auto fault : {testing::store_fault::request_lost, testing::store_fault::reply_lost}) {
        auto const token = begin();
        db.fail_next(fault, 2); // the write
        CHECK(why(token) == errc::outcome_unknown);
        auto const again = rotate(token, now + 2s);
        REQUIRE(again);
        CHECK(again->token.generation() == 1);
        CHECK(again->repeated == (fault == testing::store_fault::reply_lost));
    }
    // Beyond the grace nobody can tell a client that lost the answer from a thief.
    auto const token = begin();
    db.fail_next(testing::store_fault::reply_lost, 2);
    CHECK(why(token) == errc::outcome_unknown);
    CHECK(rotate(token, now + 11s).error() == errc::refresh_reused);
}

TEST_CASE_FIXTURE(fixture, "a revocation beats a rotation that has already read: the late write is lost") {
    auto slow = families.rotate({.token = first, .client = "app", .resource = "orders"}, now);
    slow.answer(inner.execute(*slow.next()));
    CHECK(run(families.revoke(refresh_token::parse(first)->family(), now), db));
    while (auto* ask = slow.next()) slow.answer(inner.execute(*ask));
    CHECK(slow.get().error() == errc::refresh_ended);
}

TEST_CASE("a history of 20,000 random steps against a plain model: tokens, thieves, clocks in both directions") {
    store::memory db;
    auto const families = *refresh_families::make({{1, key(1)}}, {.grace = 10s, .idle = 1000s, .remember = 100'000s});
    testing::fixed_random dice{4};
    auto const roll = [&](unsigned sides) {
        std::array<std::uint8_t, 4> four;
        dice.fill(four);
        return static_cast<unsigned>(four[0] | four[1] << 8 | four[2] << 16) % sides;
    };
    // What is known of a family by whoever follows its history with pencil and paper.
    std::vector<std::string> tokens;
    std::int64_t started = 0, rotated = 0, state = 3; // 0 live, 1 stolen, 2 ended, 3 to begin anew
    testing::manual_clock clock{now};
    int thefts = 0, retries = 0, expiries = 0;
    for (int step = 0; step != 20'000; ++step) {
        std::int64_t const at = (clock.now() - now).count();
        if (state != 0 || roll(200) == 0) {
            tokens = {
                run(families.start({.user = "u", .client = "c", .resources = {{"r", 5000s}}}, clock.now(), dice), db)
                    ->token.text()};
            started = rotated = at, state = 0;
        }
        auto const which = roll(4) ? tokens.size() - 1 - (tokens.size() > 1 ? roll(8) == 0 : 0)
                                   : roll(static_cast<unsigned>(tokens.size()));
        auto const decision =
            run(families.rotate({.token = tokens[which], .client = "c", .resource = "r"}, clock.now()), db);
        auto const distance = at > rotated ? at - rotated : rotated - at;
        if (at >= rotated + 1000 || at >= started + 5000) {
            REQUIRE(decision.error() == errc::refresh_expired);
            ++expiries, state = 3;
        } else if (which == tokens.size() - 1) {
            REQUIRE(decision);
            tokens.push_back(decision->token.text());
            rotated = at;
        } else if (which == tokens.size() - 2 && distance <= 10) {
            REQUIRE(decision->token.text() == tokens.back());
            ++retries;
        } else {
            REQUIRE(decision.error() == errc::refresh_reused);
            REQUIRE(run(families.rotate({.token = tokens.back(), .client = "c", .resource = "r"}, clock.now()), db)
                        .error() == errc::refresh_reused);
            ++thefts, state = 1;
        }
        clock.advance(
            std::chrono::seconds{roll(10) == 0 ? static_cast<int>(roll(1500)) - 300 : static_cast<int>(roll(8)) - 2});
    }
    CHECK(thefts > 500);
    CHECK(retries > 500);
    CHECK(expiries > 100);
}

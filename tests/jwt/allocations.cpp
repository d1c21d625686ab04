// Counts allocations: operator new of the whole program is replaced, and while signet's own code runs outside of Botan
// nothing may be allocated. Botan's share is measured by making the same raw calls.
#include "support.hpp"
#include "support/count_allocations.hpp"

#include <signet/crypto/signature.hpp>

#include <algorithm>
#include <cstdio>
#include <limits>

using namespace support;
using counting::allocations;

namespace {

/// The fewest allocations that `f` makes, once it is warm: Botan's own count varies with its random blinding.
template <class F> long allocations_of(F&& f) {
    for (int i = 0; i != 3; ++i) f();
    auto fewest = std::numeric_limits<long>::max();
    for (int i = 0; i != 20; ++i) {
        auto const before = allocations;
        f();
        fewest = std::min(fewest, allocations - before);
    }
    return fewest;
}

enum class by { botan, own_arithmetic, tables };

template <algorithm A> void count(by whom = by::botan) {
    auto const name = std::string{traits(A::id).name} + (whom == by::botan    ? ""
                                                         : whom == by::tables ? " with tables"
                                                                              : " without tables");
    CAPTURE(name);
    auto rules = strict();
    rules.required = {"jti"};
    rules.prepared_keys = whom != by::botan;
    if (whom != by::tables) rules.max_table_bytes = 0;
    jwt::verifier<A> v{keys<A>(), std::move(rules)};
    auto const issue = *jwt::signer<A>::make(key<A>(), {.type = "at+jwt", .key_id = "k1"});
    char text[4096], payload[1024];
    jwt::claims c{payload};
    c.issuer("https://id.example")
        .audience({"shop", "orders"})
        .subject("ann")
        .id("1")
        .issued_at(now)
        .expires_at(now + 5min);
    c.scope("a b").roles({"r1", "r2"}).set("name\n", "line\nbreak");
    auto const token = std::string{*issue.sign(c, text)};
    auto const input = token.substr(0, token.rfind('.'));
    auto const signature = *codec::base64url_decode(std::string_view{token}.substr(token.rfind('.') + 1));

    // What the crypto library does by itself for the same octets.
    long verify_raw = 0, sign_raw = 0;
    std::uint8_t out[max_signature_size];
    if constexpr (symmetric<A>) {
        auto mac = crypto::hmac::make(key<A>().key());
        verify_raw = allocations_of([&] { CHECK(mac.verify(as_bytes(input), signature)); });
        sign_raw = allocations_of([&] { mac.update(as_bytes(input)), mac.finish(std::span{out}.first(mac.size())); });
    } else {
        auto check = *crypto::verify_operation::make(key<A>().key().public_part(), A::id);
        auto make = *crypto::sign_operation::make(key<A>().key(), A::id);
        if (whom == by::botan) verify_raw = allocations_of([&] { CHECK(check.verify(as_bytes(input), signature)); });
        sign_raw = allocations_of([&] { CHECK(make.sign(as_bytes(input), out)); });
    }

    jwt::scratch<> buffer;
    auto per_thread = v.make_thread_verifier();
    bool good = true;
    auto const use = [&](result<jwt::verified> const& t) {
        good = good && t && t->subject() == "ann" && t->has_role("r2") && t->has_scope("b") &&
               t->has_audience("orders") && t->template claim<std::string_view>("name\n").has_value();
    };
    auto const verify = allocations_of([&] { use(v.verify(token, buffer, now)); }) - verify_raw;
    auto const by_per_thread = allocations_of([&] { use(per_thread.verify(token, buffer, now)); }) - verify_raw;
    auto const owning = allocations_of([&] { good = good && v.verify(token, now).has_value(); }) - verify_raw;
    auto const refused =
        allocations_of([&] { good = good && v.verify(token, buffer, now + 1h).error() == errc::expired; }) - verify_raw;
    auto const sign =
        allocations_of([&] {
            jwt::claims d{payload};
            d.issuer("https://id.example").audience({"shop", "orders"}).subject("ann").id("1").issued_at(now);
            d.expires_at(now + 5min).scope("a b").roles({"r1", "r2"}).set("name\n", "line\nbreak");
            good = good && issue.sign(d, text).has_value();
        }) -
        sign_raw;
    CHECK(good);
    CHECK(verify == 0);
    CHECK(by_per_thread == 0);
    CHECK(refused == 0);
    if (whom == by::botan) CHECK(sign == 0);
    CHECK(owning == 1); // the block that the token owns
    std::printf("%-22s ours: verify %ld, owning verify %ld, sign %ld; the crypto library's own: verify %ld, sign %ld\n",
                name.c_str(), verify, owning, sign, verify_raw, sign_raw);
}

} // namespace

TEST_CASE("verify with the caller's scratch and sign into the caller's buffer make no allocation of ours") {
    count<hs256>();
    count<hs512>();
    count<rs256>();
    count<ps256>();
    count<es256>();
    count<es384>();
    count<ed25519>();
}

TEST_CASE("nor with signet's own arithmetic: then verify makes none at all") {
    count<es256>(by::own_arithmetic);
    count<es256>(by::tables);
    count<ed25519>(by::own_arithmetic);
    count<ed25519>(by::tables);
}

TEST_CASE("multi_issuer_verifier with the caller's scratch makes no allocation of ours") {
    jwt::multi_issuer_verifier all;
    auto rules = lenient();
    rules.issuer = "https://a";
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), rules}));
    auto const token = signed_token(header_of<hs256>(), R"({"iss":"https://a"})");
    jwt::scratch<> buffer;
    bool good = true;
    CHECK(allocations_of([&] { good = good && all.verify(token, buffer, now).has_value(); }) == 0);
    CHECK(good);
}

TEST_CASE("a key set that could not be copied for want of memory is the one of before") {
    auto const fresh = [] { return private_key::generate(alg::es256)->public_part(); };
    auto const only_es256 = algorithm_set::of<es256>();
    jose::any_key_set before{only_es256}, from{only_es256};
    for (int i = 0; i != 3; ++i) REQUIRE(before.add(std::nullopt, fresh(), only_es256));
    for (auto const* kid : {"a", "b"}) REQUIRE(from.add(kid, fresh(), only_es256));
    bool copied = false;
    for (long succeed = 0; !copied; ++succeed) {
        CAPTURE(succeed);
        auto to = before;
        counting::fail_after = succeed;
        try {
            to = from;
            copied = true;
        } catch (std::bad_alloc const&) {} // NOLINT: the set is what is looked at
        counting::fail_after = -1;
        auto const& as = copied ? from : before;
        CHECK(to.size() == as.size());
        auto const found = to.find(std::nullopt, alg::es256);
        REQUIRE(found);
        CHECK(found->size() == as.size());
        for (auto const at : *found) CHECK((at < to.size() && to[at].same_key(as[at])));
        CHECK(to.has_kid("a") == copied);
    }
}

TEST_CASE(
    "T11: a private JWK that cannot be written for want of memory leaves nothing of it in memory that is given back") {
    jose::private_jwk const jwk{{.kid = "k1", .x5c = {bytes(300)}}, *private_key::generate(alg::ed25519)};
    std::string d;
    {
        auto const text = *jose::to_json(jwk);
        auto const all = as_text(text.reveal());
        d = all.substr(all.find("\"d\":\"") + 5, 43);
    }
    bool written = false;
    counting::seen_at_free = 0;
    counting::looked_for = d.c_str();
    for (long succeed = 0; !written; ++succeed) {
        counting::fail_after = succeed;
        try {
            written = jose::to_json(jwk).has_value();
        } catch (std::bad_alloc const&) {} // NOLINT: what is left behind is looked at
        counting::fail_after = -1;
    }
    counting::looked_for = nullptr;
    CHECK(counting::seen_at_free == 0);
}

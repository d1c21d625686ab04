#include <signet/jwt/preparation.hpp>

#include "support.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace support;

namespace {

crypto::generator_tables const& generators() {
    static auto const tables = crypto::generator_tables::make(4);
    return tables;
}

std::string const payload = R"({"iss":"i","aud":"a","exp":1658056600})";

template <algorithm A> std::string token(local_key<A> const& with = key<A>(), std::string_view more = {}) {
    return signed_token<A>(header_of<A>(more), payload, with);
}
template <algorithm A> std::string forged(local_key<A> const& with = key<A>(), std::string_view more = {}) {
    auto t = token<A>(with, more);
    t[t.size() - 20] = t[t.size() - 20] == 'A' ? 'B' : 'A';
    return t;
}
template <algorithm A> public_key public_of(local_key<A> const& key) { return key.verifier_key().key(); }

/// k1 is key(), k2 is other_key().
template <algorithm A> jose::key_set<A> both() {
    auto set = keys<A>();
    REQUIRE(set.add("k2", other_key<A>().verifier_key()));
    return set;
}
template <algorithm A> std::string token_of_k2() { return token<A>(other_key<A>(), R"(,"kid":"k2")"); }

/// No tables by themselves.
jwt::policy by_usage() {
    auto policy = lenient();
    policy.max_table_bytes = 0;
    return policy;
}

crypto::prepared_key tables_of(public_key const& key, crypto::table_shape shape = crypto::default_table) {
    return *crypto::prepared_key::make(generators(), key, shape);
}

/// Installs tables of memory whose end can be seen.
std::weak_ptr<std::byte[]> install_watched(jwt::verifier<es256>& access, public_key const& key) {
    auto const size = crypto::table_bytes(alg::es256, crypto::smallest_table);
    std::shared_ptr<std::byte[]> const memory{new std::byte[size]};
    auto const tables =
        crypto::prepared_key::make(generators(), key, crypto::smallest_table, {memory.get(), size}, memory);
    REQUIRE(tables);
    REQUIRE(access.install(*tables));
    return memory;
}

} // namespace

TEST_CASE_TEMPLATE("issue 8.3 without tables, with tables and by Botan a verifier judges alike", A, es256, ed25519) {
    auto botans_policy = by_usage();
    botans_policy.prepared_keys = false;
    jwt::verifier<A> own{keys<A>(), by_usage(), generators()}, botan{keys<A>(), botans_policy};
    CHECK(own.generators() != nullptr);
    CHECK(botan.generators() == nullptr);
    auto const good = token<A>(), foreign = token<A>(other_key<A>());
    auto const check = [&](jwt::verifier<A> const& v) {
        auto per_thread = v.make_thread_verifier();
        CHECK(v.verify(good, now));
        CHECK(per_thread.verify(good, now));
        CHECK(v.verify(foreign, now).error() == errc::bad_signature);
        // Each octet of the signature wrong, and other sizes of it.
        auto const dot = good.rfind('.');
        for (auto i = dot + 1; i < good.size() - 1; i += 5) {
            auto bad = good;
            bad[i] = bad[i] == 'A' ? 'B' : 'A';
            CHECK(v.verify(bad, now).error() == errc::bad_signature);
            CHECK(per_thread.verify(bad, now).error() == errc::bad_signature);
        }
        for (auto const* signature :
             {"", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
            CHECK(v.verify(good.substr(0, dot + 1) + signature, now).error() == errc::bad_signature);
        CHECK(v.verify(good + "AAAA", now).error() == errc::bad_signature);
    };
    check(own);
    check(botan);
    CHECK(own.prepare() == 1);
    CHECK(own.keys_to_prepare({}).empty());
    check(own);
    CHECK(own.prepare() == 0);
    check(own);
}

TEST_CASE("issue 8.3 the policy field sends everything to Botan, and other algorithms go there anyway") {
    auto policy = by_usage();
    policy.prepared_keys = false;
    jwt::verifier<es256> off{keys<es256>(), policy, generators()};
    CHECK(off.generators() == nullptr);
    CHECK(off.prepare() == 0);
    CHECK(off.verify(token<es256>(), now));
    CHECK(off.keys_to_prepare({}).empty());
    CHECK_FALSE(off.install(tables_of(public_of(key<es256>()))));
    jwt::verifier<hs256> mac{keys<hs256>(), by_usage()};
    CHECK(mac.generators() == nullptr);
    CHECK(mac.prepare() == 0);
    jwt::verifier<rs256, es384> others{[] {
                                           jose::key_set<rs256, es384> set;
                                           REQUIRE(set.add("k1", key<rs256>().verifier_key()));
                                           return set;
                                       }(),
                                       by_usage()};
    CHECK(others.generators() == nullptr);
    CHECK(others.verify(token<rs256>(), now));
}

TEST_CASE("a verifier makes tables of its algorithms' curves, and its own where those given do not serve them all") {
    jwt::verifier<es256> one{keys<es256>(), by_usage()};
    REQUIRE(one.generators());
    CHECK(one.generators()->serves(alg::es256));
    CHECK_FALSE(one.generators()->serves(alg::ed25519));
    jwt::verifier<ed25519> other{keys<ed25519>(), by_usage(), *one.generators()};
    REQUIRE(other.generators());
    CHECK(other.generators()->serves(alg::ed25519));
    CHECK(other.verify(token<ed25519>(), now));
    jose::any_key_set list{algorithm_set::of<ed25519>()};
    REQUIRE(list.add("k1", key<ed25519>().verifier_key().key(), algorithm_set::of<ed25519>()));
    auto const any = jwt::any_verifier::make(algorithm_set::of<ed25519>(), std::move(list), by_usage());
    REQUIRE(any);
    CHECK(any->generators()->serves(alg::ed25519));
    CHECK_FALSE(any->generators()->serves(alg::es256));
    CHECK(any->verify(token<ed25519>(), now));
    auto const shared = generators();
    jwt::verifier<es256> sharing{keys<es256>(), by_usage(), shared};
    CHECK(sharing.generators()->bytes() == shared.bytes());
}

TEST_CASE("a verifier has tables of all its keys from the start and after each swap, if they fit in max_table_bytes") {
    auto const bytes = crypto::table_bytes(alg::es256, crypto::default_table);
    auto policy = lenient();
    policy.max_table_bytes = 2 * bytes;
    jwt::verifier<es256> access{both<es256>(), policy, generators()};
    CHECK(access.keys_to_prepare({}).empty());
    CHECK(access.verify(token<es256>(), now));
    CHECK(access.verify(token_of_k2<es256>(), now));
    CHECK(access.verify(forged<es256>(), now).error() == errc::bad_signature);

    auto three = both<es256>();
    REQUIRE(three.add("k3", local_key<es256>::generate()->verifier_key()));
    access.swap(three);
    CHECK(access.keys_to_prepare({}).size() == 1); // those that were made stay, and `prepare` chooses
    access.swap(keys<es256>("k1", *local_key<es256>::generate()));
    CHECK(access.keys_to_prepare({}).empty());
    access.swap(three);
    CHECK(access.keys_to_prepare({}).size() == 3);

    policy.max_table_bytes = 2 * bytes - 1;
    CHECK(jwt::verifier<es256>{both<es256>(), policy, generators()}.keys_to_prepare({}).size() == 2);
    CHECK(jwt::verifier<es256>{keys<es256>(), policy, generators()}.keys_to_prepare({}).empty());
}

TEST_CASE("DECISIONS 10 keys are wanted after enough good signatures; forged tokens never count") {
    jwt::verifier<es256> access{both<es256>(), by_usage(), generators()};
    auto const bad = forged<es256>();
    for (int i = 0; i != 40; ++i) CHECK_FALSE(access.verify(bad, now));
    CHECK(access.keys_to_prepare({.at_least = 1}).empty());
    for (int i = 0; i != 3; ++i) CHECK(access.verify(token<es256>(), now));
    for (int i = 0; i != 5; ++i) CHECK(access.verify(token_of_k2<es256>(), now));
    CHECK(access.keys_to_prepare({.at_least = 6}).empty());
    CHECK(access.keys_to_prepare().empty());
    auto const wanted = access.keys_to_prepare({.at_least = 3});
    REQUIRE(wanted.size() == 2);
    CHECK(wanted[0].verified == 5);
    CHECK(wanted[0].key == public_of(other_key<es256>()));
    CHECK(wanted[1].verified == 3);
    CHECK(wanted[1].algorithm == alg::es256);
    CHECK(access.install(tables_of(wanted[1].key)));
    CHECK(access.keys_to_prepare({}).size() == 1);
    for (int i = 0; i != 40; ++i) CHECK_FALSE(access.verify(bad, now)); // nor where there are tables
    for (int i = 0; i != 20; ++i) CHECK(access.verify(token_of_k2<es256>(), now));
    CHECK(access.keys_to_prepare({.at_least = 25})[0].verified == 25);
    CHECK(access.prepare({.at_least = 26}) == 0);
    CHECK(access.prepare({.at_least = 25}) == 1);
}

TEST_CASE("DECISIONS 10 within the byte budget the least used tables leave, for a key used twice as much") {
    jwt::verifier<es256> access{both<es256>(), by_usage(), generators()};
    auto const first = tables_of(public_of(key<es256>())), second = tables_of(public_of(other_key<es256>()));
    auto const budget = first.bytes() + second.bytes() - 1;
    auto const use = [&](std::string const& t, int times) {
        for (int i = 0; i != times; ++i) CHECK(access.verify(t, now));
    };
    CHECK(access.keys_to_prepare({.max_bytes = budget}).size() == 1);
    CHECK(access.keys_to_prepare({.max_bytes = first.bytes() - 1}).empty());
    CHECK_FALSE(access.install(first, first.bytes() - 1));
    CHECK(access.install(first, budget));
    CHECK(access.install(first, budget)); // again: nothing else has to leave
    CHECK_FALSE(access.install(second, budget));
    use(token<es256>(), 4);
    use(token_of_k2<es256>(), 8);
    CHECK_FALSE(access.install(second, budget)); // two keys used alike must not take turns
    CHECK(access.keys_to_prepare({.max_bytes = budget}).empty());
    use(token_of_k2<es256>(), 1);
    CHECK(access.keys_to_prepare({.max_bytes = budget}).size() == 1);
    CHECK(access.install(second, budget));
    auto const wanted = access.keys_to_prepare({});
    REQUIRE(wanted.size() == 1);
    CHECK(wanted[0].key == public_of(key<es256>()));
    use(token<es256>(), 1); // verified without tables
    use(token_of_k2<es256>(), 1);
    CHECK(access.prepare() == 1); // room for both
    CHECK(access.keys_to_prepare({}).empty());
}

TEST_CASE("DECISIONS 10 thousands of keys: tables for those that are used, as many as the budget holds") {
    jose::any_key_set list{algorithm_set::of<ed25519>()};
    std::vector<local_key<ed25519>> made;
    for (int i = 0; i != 300; ++i) {
        made.push_back(*local_key<ed25519>::generate());
        REQUIRE(list.add("k" + std::to_string(i), public_of(made.back()), algorithm_set::of<ed25519>()));
    }
    auto access = *jwt::any_verifier::make(algorithm_set::of<ed25519>(), std::move(list), by_usage(), generators());
    auto const use = [&](std::size_t i) {
        return access.verify(token<ed25519>(made[i], R"(,"kid":"k)" + std::to_string(i) + '"'), now).has_value();
    };
    for (std::size_t i = 0; i != 300; i += 10) CHECK(use(i));
    for (std::size_t i = 0; i != 3; ++i) CHECK(use(70));
    auto const bytes = crypto::table_bytes(alg::ed25519, crypto::smallest_table);
    CHECK(access.keys_to_prepare({.shape = crypto::smallest_table, .max_bytes = 10 * bytes + 1}).size() == 10);
    CHECK(access.keys_to_prepare({.shape = crypto::smallest_table, .at_least = 1}).size() == 30);
    CHECK(access.prepare({.shape = crypto::smallest_table, .max_bytes = 5 * bytes, .at_least = 1}) == 5);
    CHECK(access.keys_to_prepare({.at_least = 2}).empty()); // k70 was first
    for (std::size_t i = 0; i != 300; ++i) CHECK(use(i));
}

TEST_CASE("a key under two kids has one count and one table") {
    auto set = keys<ed25519>();
    REQUIRE(set.add("again", key<ed25519>().verifier_key()));
    jwt::verifier<ed25519> access{std::move(set), by_usage(), generators()};
    CHECK(access.verify(token<ed25519>(), now));
    CHECK(access.verify(token<ed25519>(key<ed25519>(), R"(,"kid":"again")"), now));
    auto const wanted = access.keys_to_prepare({});
    REQUIRE(wanted.size() == 1);
    CHECK(wanted[0].verified == 2);
    CHECK(access.prepare({.max_bytes = crypto::table_bytes(alg::ed25519, crypto::default_table)}) == 1);
}

TEST_CASE("a key that is not the verifier's is not installed, nor one that another verifier has") {
    jwt::verifier<es256> access{keys<es256>(), by_usage(), generators()};
    CHECK_FALSE(access.install(tables_of(public_of(other_key<es256>()))));
    CHECK_FALSE(access.install(tables_of(public_of(key<ed25519>()))));
    CHECK(access.install(tables_of(public_of(key<es256>()))));
}

TEST_CASE(
    "a swap keeps tables and counts of the keys that stay, drops those of a removed key, and refuses it at once") {
    jwt::verifier<es256> access{keys<es256>(), by_usage(), generators()};
    auto const alive = install_watched(access, public_of(key<es256>()));
    CHECK(access.verify(token<es256>(), now));
    access.swap(both<es256>());
    auto const wanted = access.keys_to_prepare({});
    REQUIRE(wanted.size() == 1); // the new one
    CHECK(wanted[0].key == public_of(other_key<es256>()));
    CHECK(access.verify(token<es256>(), now));
    CHECK(access.verify(token_of_k2<es256>(), now));
    CHECK_FALSE(alive.expired());

    // The same kid for another key: no table of the old one may serve it, and all threads' thread_states let go of it.
    std::thread{[&] { CHECK(access.verify(token<es256>(), now)); }}.join();
    access.swap(keys<es256>("k1", other_key<es256>()));
    CHECK(alive.expired());
    CHECK(access.verify(token<es256>(), now).error() == errc::bad_signature);
    CHECK(access.verify(token<es256>(other_key<es256>()), now));
    CHECK(access.keys_to_prepare({})[0].verified == 2); // as k2 and now as k1
    access.swap(keys<es256>());
    CHECK(access.keys_to_prepare({})[0].verified == 0);
    CHECK(access.verify(token<es256>(), now));
}

TEST_CASE("tables that leave are no longer used, by per-thread states neither") {
    jwt::verifier<es256> access{both<es256>(), by_usage(), generators()};
    auto per_thread = access.make_thread_verifier();
    auto const alive = install_watched(access, public_of(key<es256>()));
    CHECK(access.verify(token<es256>(), now));
    CHECK(per_thread.verify(token<es256>(), now));
    for (int i = 0; i != 5; ++i) CHECK(access.verify(token_of_k2<es256>(), now));
    auto const next = tables_of(public_of(other_key<es256>()), crypto::smallest_table);
    CHECK(access.install(next, next.bytes()));
    CHECK(access.verify(token<es256>(), now));
    CHECK(per_thread.verify(token<es256>(), now));
    CHECK(alive.expired());
}

TEST_CASE("threads verify while tables come and go and the key set is swapped: every answer is right") {
    jwt::verifier<es256, ed25519> access{[] {
                                             jose::key_set<es256, ed25519> set;
                                             REQUIRE(set.add("k1", key<es256>().verifier_key()));
                                             REQUIRE(set.add("k2", key<ed25519>().verifier_key()));
                                             return set;
                                         }(),
                                         by_usage(), generators()};
    auto const with_both = access.keys();
    auto const good_es = token<es256>(), bad_es = forged<es256>();
    auto const good_ed = token<ed25519>(key<ed25519>(), R"(,"kid":"k2")"),
               bad_ed = forged<ed25519>(key<ed25519>(), R"(,"kid":"k2")");
    std::atomic<int> wrong{0}, rounds{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t)
        threads.emplace_back([&, own = t % 2 == 0] {
            auto per_thread = access.make_thread_verifier();
            jwt::scratch<> buffer;
            while (!stop) {
                wrong += !access.verify(good_es, buffer, now).has_value();
                wrong += !(own ? per_thread.verify(good_ed, now) : access.verify(good_ed, now)).has_value();
                wrong += access.verify(bad_es, now).has_value() + per_thread.verify(bad_ed, now).has_value();
                ++rounds;
            }
        });
    auto const es = tables_of(public_of(key<es256>()), crypto::smallest_table),
               ed = tables_of(public_of(key<ed25519>()), crypto::smallest_table);
    for (int i = 0; i < 60 || rounds < 40; ++i) {
        wrong += !access.install(es);
        wrong += !access.install(ed);
        static_cast<void>(access.prepare({.shape = crypto::compact_table}));
        access.handle().swap(with_both);
        if (i % 3 == 0) {
            jose::key_set<es256, ed25519> set; // other positions, and one more
            REQUIRE(set.add("k3", other_key<es256>().verifier_key()));
            REQUIRE(set.add("k2", key<ed25519>().verifier_key()));
            REQUIRE(set.add("k1", key<es256>().verifier_key()));
            access.swap(std::move(set));
        }
        std::this_thread::yield();
    }
    stop = true;
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
}

#include "support.hpp"

#include <signet/jose.hpp>
#include <signet/jwt/impl/key_schedule.hpp>

#include <array>
#include <atomic>
#include <mutex>
#include <thread>

using namespace signet;
using namespace signet::jwt;
using namespace signet::jwt::detail;
using namespace std::chrono_literals;
using support::accepted;
using action = key_source_decision::action;

// ---- when to fetch: a plain state ----------------------------------------------------------------------------------

namespace {

constexpr unix_time start{1'763'700'000s};
constexpr key_question known{kid_status::known}, unknown{kid_status::unknown}, unnamed{kid_status::unnamed};
constexpr key_question unknown_to_newer{kid_status::unknown, true};

key_source_state began(key_source_state state, unix_time now, kid_status kid = kid_status::known,
                       key_source_policy const& policy = {}) {
    return fetch_began(state, policy, kid, now);
}
key_source_state succeeded(key_source_state state, key_source_policy const& policy, unix_time now) {
    return fetch_succeeded(state, policy, 600s, state.attempted, now);
}
/// A source whose set was fetched at `start` with a max-age of 600 s.
key_source_state fetched(key_source_policy const& policy = {}) { return succeeded(began({}, start), policy, start); }

} // namespace

TEST_CASE("S21: the first token causes the first fetch; while it runs others wait") {
    CHECK(decide_keys({}, {}, unknown, start).what == action::fetch);
    auto const decision = decide_keys(began({}, start), {}, unknown, start + 1s);
    CHECK(decision.what == action::wait);
    CHECK(decision.reason == errc::key_source_unavailable); // who cannot wait says 503
    CHECK(http_status(decision.reason) == 503);
}

TEST_CASE("key source: a fresh set serves known keys without any fetch") {
    auto const decision = decide_keys(fetched(), {}, known, start + 599s);
    CHECK(decision.what == action::use);
    CHECK_FALSE(decision.fetch_in_background);
}

TEST_CASE("key source: a stale set serves on while one fetch runs beside it (stale-while-revalidate)") {
    auto decision = decide_keys(fetched(), {}, known, start + 600s);
    CHECK(decision.what == action::use);
    CHECK(decision.fetch_in_background);
    decision = decide_keys(began(fetched(), start + 600s), {}, known, start + 601s);
    CHECK(decision.what == action::use);
    CHECK_FALSE(decision.fetch_in_background); // one at a time
}

TEST_CASE("key source: stale-if-error has a limit") {
    key_source_policy const policy{.stale_limit = 3600s};
    auto state = fetched(policy);
    auto now = start + 600s;
    for (; now < start + 600s + 3600s; now += 300s) {
        state = fetch_failed(began(state, now), now);
        CHECK(decide_keys(state, policy, known, now).what == action::use);
    }
    CHECK(decide_keys(state, policy, known, start + 4200s).what != action::use);
    state = fetch_failed(began(state, start + 4200s), start + 4200s);
    auto const decision = decide_keys(state, policy, known, start + 4201s);
    CHECK(decision.what == action::refuse);
    CHECK(decision.reason == errc::key_source_unavailable);
}

TEST_CASE("key source: unknown kids cause a burst of fetches, then one a cool-down") {
    key_source_policy const policy{.unknown_kid_cooldown = 30s, .unknown_kid_burst = 4};
    auto state = fetched(policy);
    auto now = start + 100s;
    int fetches = 0;
    for (int forged = 0; forged != 10'000; ++forged) { // a hundred forged ids a second for 100 s
        if (forged % 100 == 0) now += 1s;
        auto const decision = decide_keys(state, policy, unknown, now);
        if (decision.what == action::fetch) {
            ++fetches;
            state = succeeded(began(state, now, kid_status::unknown, policy), policy, now);
        } else {
            CHECK(decision.what == action::refuse);
            CHECK(decision.reason == errc::key_source_unavailable); // nobody knows yet, so it is our fault
            CHECK(decision.until > now);
            CHECK(decision.until <= now + policy.unknown_kid_cooldown);
        }
    }
    CHECK(fetches == 4 + 3); // after 30, 60 and 90 s
    now += 4 * 30s;          // a quiet time
    for (int i = 0; i != 4; ++i) {
        CHECK(decide_keys(state, policy, unknown, now).what == action::fetch);
        state = succeeded(began(state, now, kid_status::unknown, policy), policy, now);
    }
    CHECK(decide_keys(state, policy, unknown, now).what == action::refuse);
    CHECK(decide_keys(state, policy, known, now).what == action::use);
    CHECK(decide_keys(state, policy, unknown, start - 3600s).what == action::fetch); // the clock went back
}

TEST_CASE("key source: failed fetches are spaced out, doubling up to a limit") {
    key_source_policy const policy{.first_retry = 5s, .max_retry = 40s};
    key_source_state state;
    auto now = start;
    for (auto pause : {5s, 10s, 20s, 40s, 40s, 40s}) {
        REQUIRE(decide_keys(state, policy, unknown, now).what == action::fetch);
        state = fetch_failed(began(state, now), now);
        auto const decision = decide_keys(state, policy, unknown, now + pause - 1s);
        CHECK(decision.what == action::refuse);
        CHECK(decision.until == now + pause);
        now += pause;
    }
}

TEST_CASE("key source: any number of failures and any pause can be judged") {
    key_source_policy policy;
    auto state = fetch_failed(began({}, start), start);
    state.failures = UINT32_MAX;
    CHECK(decide_keys(state, policy, known, start + policy.max_retry - 1s).what == action::refuse);
    CHECK(decide_keys(state, policy, known, start + policy.max_retry).what == action::fetch);
    state.fetching = true; // given up without a word: one more, and not none again
    CHECK(began(state, start).failures == UINT32_MAX);
    state.fetching = false;
    policy.first_retry = 0s; // doubling it leads nowhere
    CHECK(decide_keys(state, policy, known, start).what == action::fetch);
}

TEST_CASE("key source: a fetch that is never heard of again does not block for ever, and counts as a failure") {
    auto const state = began({}, start);
    CHECK(decide_keys(state, {}, unknown, start + 29s).what == action::wait);
    CHECK(decide_keys(state, {}, unknown, start + 30s).what == action::fetch);
    CHECK(began(state, start + 30s).failures == 1);
}

TEST_CASE("key source: max-age is kept within the policy's bounds and counts from the request") {
    key_source_policy const policy{.min_freshness = 60s, .max_freshness = 3600s};
    auto const fresh_for = [&](std::chrono::seconds max_age) {
        return fetch_succeeded(began({}, start), policy, max_age, start, start + 5s).fresh_until - start;
    };
    CHECK(fresh_for(600s) == 600s);
    CHECK(fresh_for(0s) == 60s);
    CHECK(fresh_for(1'000'000s) == 3600s);
    CHECK(fresh_for(std::chrono::seconds{-1}) == policy.default_freshness);
    CHECK(fresh_for(std::chrono::seconds::max()) == 3600s);
}

TEST_CASE("RFC 9111 5.2.2: max-age is read from Cache-Control; what cannot be read is stale") {
    CHECK(read_max_age("") == -1s);
    CHECK(read_max_age("public, must-revalidate") == -1s);
    CHECK(read_max_age("public, max-age=300, must-revalidate") == 300s);
    CHECK(read_max_age("Max-Age=7") == 7s);
    CHECK(read_max_age(" max-age=7 ,x=\"y\"") == 7s);
    CHECK(read_max_age("max-age=99999999999999999999") > 100'000'000s);
    CHECK(read_max_age("max-age=") == -1s);
    CHECK(read_max_age("max-age=-1") == 0s);
    CHECK(read_max_age("max-age=300, no-store") == 0s);
    CHECK(read_max_age("no-cache") == 0s);
    CHECK(read_max_age("s-maxage=5,,") == -1s);
}

TEST_CASE("RFC 9111 4.2 and 5.1: an answer that a cache kept is fresh for its max-age without its Age") {
    auto const fresh_for = [](std::string_view cache_control, std::string_view age) {
        return read_freshness({.status = 200, .cache_control = cache_control, .age = age});
    };
    CHECK(fresh_for("max-age=600", "") == 600s);
    CHECK(fresh_for("max-age=600", "0") == 600s);
    CHECK(fresh_for("max-age=600", "400") == 200s);
    CHECK(fresh_for("max-age=600", "600") == 0s);
    CHECK(fresh_for("max-age=600", "99999999999999999999") == 0s);
    CHECK(fresh_for("max-age=99999999999999999999", "99999999999999999999") >= 0s);
    for (auto const age : {"-5", "5s", "+5", "1, 2", " 5"}) CHECK(fresh_for("max-age=600", age) == 600s);
    CHECK(fresh_for("no-store", "5") == 0s);
    CHECK(fresh_for("", "5") == -1s);
}

TEST_CASE("key source: a clock that goes backwards locks nothing") {
    auto const state = fetch_failed(began({}, start), start);
    CHECK(decide_keys(state, {}, unknown, start - 3600s).what == action::fetch);
    CHECK(decide_keys(fetched(), {}, known, start - 3600s).what == action::use);
}

TEST_CASE("S21: during a rotation the second request with the new kid waits for the fetch that the first one caused") {
    key_source_policy const policy;
    auto state = fetched(policy);
    auto const now = start + 100s;
    CHECK(decide_keys(state, policy, unknown, now).what == action::fetch);
    state = began(state, now, kid_status::unknown);
    CHECK(decide_keys(state, policy, unknown, now).what == action::wait);
    CHECK(decide_keys(state, policy, known, now).what == action::use); // the old key serves on
    // The same where a fetch before had failed.
    auto const again = began(fetch_failed(state, now), now + policy.first_retry);
    CHECK(decide_keys(again, policy, unknown, now + policy.first_retry + 1s).what == action::wait);
    // The set that was asked for after the token came says for certain.
    state = succeeded(state, policy, now);
    CHECK(decide_keys(state, policy, unknown_to_newer, now).reason == errc::unknown_key);
}

TEST_CASE("key source: while fetches fail nobody knows whether an unknown kid is real, so it is our fault") {
    auto const now = start + 100s;
    auto const state = fetch_failed(began(fetched(), now), now);
    auto const decision = decide_keys(state, {}, unknown, now + 1s);
    CHECK(decision.what == action::refuse);
    CHECK(decision.reason == errc::key_source_unavailable);
}

TEST_CASE("T5: kid is optional (RFC 7515 4.1.4): tokens and keys without one are not unknown") {
    jose::key_set<es256> named, without, both;
    auto const one = *local_key<es256>::generate(), other = *local_key<es256>::generate();
    REQUIRE(named.add("k1", one.verifier_key()));
    REQUIRE(without.add(one.verifier_key()));
    REQUIRE(both.add("k1", one.verifier_key()));
    REQUIRE(both.add(other.verifier_key()));
    CHECK(find_kid(named.as_any(), "k1") == kid_status::known);
    CHECK(find_kid(named.as_any(), "k2") == kid_status::unknown);
    CHECK(find_kid(named.as_any(), "") == kid_status::unnamed);
    CHECK(find_kid(without.as_any(), "") == kid_status::unnamed);
    CHECK(find_kid(without.as_any(), "k2") == kid_status::unnamed); // a key without a kid may be of any
    CHECK(find_kid(both.as_any(), "k1") == kid_status::known);
    CHECK(find_kid(both.as_any(), "k2") == kid_status::unnamed);
    CHECK(find_kid(jose::key_set<es256>{}.as_any(), "k1") == kid_status::unknown);

    CHECK(decide_keys(fetched(), {}, unnamed, start + 1s).what == action::use);
    CHECK(decide_keys(fetched(), {}, unnamed, start + 600s).fetch_in_background);
    CHECK(decide_keys({}, {}, unnamed, start).what == action::fetch);
    CHECK(may_be_new_key(errc::bad_signature));
    CHECK(may_be_new_key(errc::unknown_key));
    CHECK_FALSE(may_be_new_key(errc::expired));
}

// ---- the source of a verifier --------------------------------------------------------------------------------------

namespace {

/// An identity provider: what it publishes, and how often it was asked. One with a kid per key, or with none.
class provider {
public:
    explicit provider(std::string name = "https://id.example.com", bool names_keys = true)
        : name_{std::move(name)}, names_keys_{names_keys} {
        rotate();
    }
    /// Publishes one new key alone, and signs with it.
    void rotate() { publish(*local_key<es256>::generate(), false); }
    /// Publishes a new key beside the former one, and signs with it.
    void add_key() { publish(*local_key<es256>::generate(), true); }

    std::string token(unix_time now, std::string_view kid = {}) const {
        std::lock_guard lock{mutex_};
        return sign(key_, kid.empty() ? kid_ : std::string{kid}, now);
    }
    std::string forged(unix_time now, std::string_view kid) const {
        static auto const wrong = *local_key<es256>::generate();
        return sign(wrong, kid, now);
    }
    std::string jwks() const {
        std::lock_guard lock{mutex_};
        return jwks_;
    }
    std::string const& name() const { return name_; }

    /// Answers at once.
    key_source source(key_source_policy policy = {}) {
        return {.fetch =
                    [this](key_fetch fetch) {
                        ++asked;
                        (void)fetch.finish({status, jwks(), "max-age=600"}, clock);
                    },
                .policy = policy};
    }
    /// Answers when the test says so.
    key_source slow_source(key_source_policy policy = {}) {
        return {.fetch =
                    [this](key_fetch fetch) {
                        ++asked;
                        pending.push_back(std::move(fetch));
                    },
                .policy = policy};
    }
    result<void> answer(unix_time at, std::size_t which = 0) {
        auto fetch = std::move(pending.at(which));
        pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(which));
        return fetch.finish({status, jwks(), "max-age=600"}, at);
    }
    jwt::policy policy() const { return {.issuer = name_, .audience = "orders", .type = "at+jwt"}; }
    jwt::verifier<es256> verifier(key_source source) const { return jwt::verifier<es256>{std::move(source), policy()}; }

    std::atomic<int> asked{0};
    std::atomic<unix_time> clock{start};
    int status = 200;
    std::vector<key_fetch> pending;

private:
    void publish(local_key<es256> key, bool beside) {
        std::lock_guard lock{mutex_};
        key_ = std::move(key);
        kid_ = names_keys_ ? "k" + std::to_string(++count_) : "";
        auto const jwk = *jose::to_json(jose::public_jwk{
            {.kid = names_keys_ ? std::optional{kid_} : std::nullopt, .alg = "ES256"}, key_.key().public_part()});
        keys_ = beside ? keys_ + "," + jwk : jwk;
        jwks_ = "{\"keys\":[" + keys_ + "]}";
    }
    std::string sign(local_key<es256> const& key, std::string_view kid, unix_time now) const {
        claims c;
        c.issuer(name_).audience("orders").subject("ann").issued_at(now).expires_at(now + 300s);
        return *signer<es256>::make(key, {.type = "at+jwt", .key_id = std::string{kid}})->sign(c);
    }
    std::string name_;
    bool names_keys_;
    mutable std::mutex mutex_;
    local_key<es256> key_ = *local_key<es256>::generate();
    std::string kid_, keys_, jwks_;
    int count_ = 0;
};

errc code_of(result<token> const& r) { return r ? accepted : r.error().code; }

} // namespace

TEST_CASE("key source: the first token fetches the keys, the next ones do not") {
    provider idp;
    auto const access = idp.verifier(idp.source());
    CHECK(idp.asked == 0); // not when it is made
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
    jwt::scratch<> buffer;
    CHECK(access.verify(idp.token(start), buffer, start));
    CHECK(code_of(access.verify(idp.token(start + 599s), start + 599s)) == accepted);
    auto per_thread = access.make_thread_verifier();
    CHECK(code_of(per_thread.verify(idp.token(start), start)) == accepted);
    CHECK(per_thread.verify(idp.token(start), buffer, start));
    CHECK(idp.asked == 1);
    CHECK(access.keys()->size() == 1);
}

TEST_CASE("key source: a rotation costs one fetch, and the key that left is refused") {
    provider idp;
    auto const access = idp.verifier(idp.source());
    auto const before = idp.token(start);
    CHECK(code_of(access.verify(before, start)) == accepted);
    idp.rotate();
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted); // in the same second
    CHECK(idp.asked == 2);
    CHECK(code_of(access.verify(before, start)) == errc::unknown_key); // asked again, and it is not there
    CHECK(idp.asked == 3);
}

TEST_CASE("T5: an issuer without kid rotates: the signature says that there is a new key") {
    provider idp{"https://id.example.com", false};
    auto const access = idp.verifier(idp.source());
    auto const before = idp.token(start);
    CHECK(code_of(access.verify(before, start)) == accepted);
    idp.rotate();
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
    CHECK(idp.asked == 2);
    CHECK(code_of(access.verify(before, start)) == errc::bad_signature);
    CHECK(idp.asked == 3);
    for (int i = 0; i != 100; ++i) (void)access.verify(idp.forged(start, ""), start);
    CHECK(idp.asked == 1 + 5); // the burst is bounded
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
}

TEST_CASE("key source: a signature that does not hold causes no fetch where its kid is known") {
    provider idp;
    auto const access = idp.verifier(idp.source());
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
    for (int i = 0; i != 10; ++i) CHECK(code_of(access.verify(idp.forged(start, "k1"), start)) == errc::bad_signature);
    CHECK(code_of(access.verify("x", start)) == errc::malformed_token);
    CHECK(idp.asked == 1);
}

TEST_CASE("S21: a flood of forged kids is bounded, and no real new kid is ever unknown") {
    provider idp;
    auto const access = idp.verifier(idp.source());
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
    auto now = start;
    for (int i = 0; i != 1000; ++i) {
        auto const answer = code_of(access.verify(idp.forged(now, "f" + std::to_string(i)), now));
        CHECK((answer == errc::unknown_key || answer == errc::key_source_unavailable));
    }
    CHECK(idp.asked == 1 + 5);
    idp.add_key();
    CHECK(code_of(access.verify(idp.token(now), now)) == errc::key_source_unavailable); // 503, and not 401
    now += 10s; // the key comes with the next allowed fetch, whoever asks, even of a token with a known kid
    idp.clock = now;
    CHECK(code_of(access.verify(idp.token(now, "k1"), now)) == errc::bad_signature);
    CHECK(idp.asked == 7);
    CHECK(code_of(access.verify(idp.token(now), now)) == accepted);
    CHECK(idp.asked == 7);
}

TEST_CASE("key source: fetches that fail are spaced out; the answer is 503; then it goes on") {
    provider idp;
    idp.status = 500;
    auto const access = idp.verifier(idp.source());
    for (int i = 0; i != 10; ++i)
        CHECK(code_of(access.verify(idp.token(start), start)) == errc::key_source_unavailable);
    CHECK(idp.asked == 1);
    idp.clock = start + 5s;
    CHECK(code_of(access.verify(idp.token(start), start + 5s)) == errc::key_source_unavailable);
    CHECK(idp.asked == 2);
    CHECK(code_of(access.verify(idp.token(start), start + 14s)) == errc::key_source_unavailable);
    CHECK(idp.asked == 2); // twice the pause
    idp.status = 200;
    idp.clock = start + 15s;
    CHECK(code_of(access.verify(idp.token(start), start + 15s)) == accepted);
}

TEST_CASE("key source: a stale set serves while fetches fail, until the limit") {
    provider idp;
    auto const access = idp.verifier(idp.source({.stale_limit = 3600s}));
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
    idp.status = 0;
    for (auto now = start + 600s; now < start + 4200s; now += 100s) {
        idp.clock = now;
        CHECK(code_of(access.verify(idp.token(now), now)) == accepted);
    }
    CHECK(idp.asked > 8);
    CHECK(idp.asked < 20);
    auto const late = start + 4200s;
    idp.clock = late;
    CHECK(code_of(access.verify(idp.token(late), late)) == errc::key_source_unavailable);
}

TEST_CASE("key source: refresh fetches before the keys are stale, says when to come again, and no request has to") {
    provider idp;
    auto access = idp.verifier(idp.source());
    CHECK(access.refresh(start) == start + 540s); // the first set is fetched before the first token
    CHECK(idp.asked == 1);
    CHECK(access.refresh(start + 539s) == start + 540s);
    CHECK(idp.asked == 1);
    CHECK(code_of(access.verify(idp.token(start), start + 540s)) == errc::expired);
    CHECK(idp.asked == 1); // a request does not fetch ahead
    idp.clock = start + 540s;
    CHECK(access.refresh(start + 540s) == start + 1080s);
    CHECK(idp.asked == 2);
    idp.status = 500;
    idp.clock = start + 1080s;
    CHECK(access.refresh(start + 1080s) == start + 1085s); // the pause after a failure
    CHECK(access.refresh(start + 1081s) == start + 1085s);
    CHECK(idp.asked == 3);
    jwt::verifier<es256> without{jose::key_set<es256>{}, idp.policy()};
    CHECK(without.refresh(start) == latest_time);
}

TEST_CASE("key source: keys that left the set stop at once, or after the stated grace, each of its own") {
    provider idp;
    for (auto const grace : {0s, 60s}) {
        auto access = idp.verifier(idp.source({.min_freshness = 10s, .removed_key_grace = grace}));
        idp.clock = start;
        auto const first = idp.token(start);
        CHECK(code_of(access.verify(first, start)) == accepted);
        idp.rotate();
        auto const second = idp.token(start);
        CHECK(code_of(access.verify(second, start)) == accepted);
        idp.clock = start + 30s;
        idp.rotate();
        CHECK(code_of(access.verify(idp.token(start), start + 30s)) == accepted);
        if (grace == 0s) {
            CHECK(code_of(access.verify(first, start + 30s)) == errc::unknown_key);
            continue;
        }
        CHECK(access.refresh(start + 30s) == start + 60s); // to drop the first
        CHECK(code_of(access.verify(first, start + 59s)) == accepted);
        CHECK(code_of(access.verify(second, start + 59s)) == accepted);
        idp.clock = start + 60s;
        CHECK(code_of(access.verify(first, start + 60s)) == errc::unknown_key);
        CHECK(code_of(access.verify(second, start + 89s)) == accepted);
        access.refresh(start + 90s);
        CHECK(access.keys()->size() == 1);
        CHECK(code_of(access.verify(second, start + 90s)) == errc::unknown_key);
    }
}

TEST_CASE("key source: a fetch that is dropped has failed, and so has one whose function throws") {
    provider idp;
    int calls = 0;
    auto const access = idp.verifier({.fetch = [&](key_fetch) {
        if (++calls == 1) throw 7;
    }});
    CHECK_THROWS_AS((void)access.verify(idp.token(start), start), int);
    CHECK(code_of(access.verify(idp.token(start), start + 1s)) == errc::key_source_unavailable);
    CHECK(calls == 1);
    CHECK(code_of(access.verify(idp.token(start), start + 5s)) == errc::key_source_unavailable);
    CHECK(calls == 2);
}

TEST_CASE("key source: a set that is none is said, and the former keys stay") {
    provider idp;
    std::vector<key_fetch> fetches;
    auto access = idp.verifier({.fetch = [&](key_fetch f) { fetches.push_back(std::move(f)); }});
    auto const finish = [&](key_response const& response, unix_time now) {
        access.refresh(now);
        auto const done = fetches.back().finish(response, now);
        fetches.clear();
        return done ? accepted : done.error().code;
    };
    auto const set = idp.jwks();
    CHECK(finish({200, set, ""}, start) == accepted);
    CHECK(finish({200, "{\"keys\":[]}", ""}, start + 600s) == errc::empty_key_set);
    CHECK(finish({200, "<html>", ""}, start + 700s) == errc::malformed_json);
    CHECK(finish({404, set, ""}, start + 800s) == errc::key_source_unavailable);
    CHECK(code_of(access.verify(idp.token(start + 800s), start + 800s)) == accepted);
}

TEST_CASE("S21: while a fetch is under way tokens wait for it without a thread; one fetch is for all of them") {
    provider idp;
    auto access = idp.verifier(idp.slow_source({.max_waiting = 8}));
    std::vector<errc> answers;
    auto const ask = [&](std::string text, unix_time now) {
        access.verify_later(std::move(text), now, [&, one = std::make_unique<int>()](result<token> r) {
            answers.push_back(code_of(r)); // the handler is move-only, as those of Asio
        });
    };
    for (int i = 0; i != 8; ++i) ask(idp.token(start), start);
    CHECK(answers.empty());
    CHECK(idp.asked == 1);
    ask(idp.token(start), start); // more than may wait
    CHECK(answers == std::vector{errc::key_source_unavailable});
    answers.clear();
    CHECK(idp.answer(start + 1s));
    CHECK(answers == std::vector<errc>(8, accepted));
    answers.clear();
    ask(idp.token(start), start + 1s); // and now within the call
    CHECK(answers == std::vector{accepted});

    // A rotation: the old key serves on, the new one waits; the times are judged when the token goes on.
    answers.clear();
    auto const old = idp.token(start);
    idp.add_key();
    ask(idp.token(start), start + 10s);
    ask(idp.forged(start, "f"), start + 10s);
    ask(idp.token(start - 295s), start + 4s);
    CHECK(code_of(access.verify(old, start + 10s)) == accepted);
    CHECK(answers.empty());
    CHECK(idp.asked == 2);
    CHECK(idp.answer(start + 12s));
    // The forged one came after the fetch had begun, so a further one has to tell: it waits on.
    CHECK(answers == std::vector{accepted, errc::expired});
    CHECK(idp.asked == 3);
    CHECK(idp.answer(start + 13s));
    CHECK(answers == std::vector{accepted, errc::expired, errc::unknown_key});
}

TEST_CASE("key source: what waits when the verifier goes gets an answer, and the fetch may outlive both") {
    provider idp;
    errc said = accepted;
    {
        auto const access = idp.verifier(idp.slow_source());
        access.verify_later(idp.token(start), start, [&](result<token> r) { said = code_of(r); });
        CHECK(said == accepted);
    }
    CHECK(said == errc::key_source_unavailable);
    CHECK(idp.answer(start)); // of nobody any more
}

TEST_CASE("key source: a token that is too large waits for no keys, and is not kept while others wait") {
    provider idp;
    std::string const large(default_max_token + 1, 'a');
    errc said = accepted;
    auto const tell = [&](result<token> r) { said = code_of(r); };
    auto const access = idp.verifier(idp.slow_source());
    access.verify_later(large, start, tell);
    CHECK(said == errc::token_too_large);
    CHECK(code_of(access.verify(large, start)) == errc::token_too_large);
    CHECK(code_of(access.make_thread_verifier().verify(large, start)) == errc::token_too_large);
    jwt::scratch<> buffer;
    CHECK(access.verify(large, buffer, start).error() == errc::token_too_large);

    jwt::caching_verifier const cached{idp.verifier(idp.slow_source()), {.entries = 64, .denials = 64}};
    said = accepted;
    cached.verify_later(large, start, tell);
    CHECK(said == errc::token_too_large);
    CHECK(idp.asked == 0);
}

TEST_CASE("key source: a set that may not be kept serves the tokens that it was fetched for, and each fetch is one") {
    provider idp;
    std::string_view cache_control = "no-store";
    key_source source{.fetch =
                          [&](key_fetch fetch) {
                              if (++idp.asked > 9) return; // else this would never end
                              (void)fetch.finish({200, idp.jwks(), cache_control}, idp.clock);
                          },
                      .policy = {.min_freshness = 0s, .stale_limit = 0s}};
    auto const access = idp.verifier(std::move(source));
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
    CHECK(idp.asked == 1);
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
    CHECK(idp.asked == 2);
    CHECK(code_of(access.verify(idp.forged(start, "f"), start)) == errc::unknown_key); // asked after it came
    CHECK(idp.asked == 3);
    // A fetch that takes longer than the set stays fresh.
    cache_control = "max-age=1";
    idp.clock = start + 20s;
    CHECK(code_of(access.verify(idp.token(start), start + 10s)) == accepted);
    CHECK(idp.asked == 4);
}

TEST_CASE("key source: what one token's handler throws does not keep the others from their answers") {
    provider idp;
    auto const access = idp.verifier(idp.slow_source());
    int answered = 0;
    for (int i = 0; i != 6; ++i)
        access.verify_later(idp.token(start), start, [&answered, i](result<token> r) {
            answered += r.has_value();
            if (i % 2 == 0) throw i;
        });
    CHECK_THROWS_AS((void)idp.answer(start), int); // the first of them, and from the same call
    CHECK(answered == 6);
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);

    // Nobody can be told when the fetch is given up.
    for (int i = 0; i != 2; ++i)
        access.verify_later(idp.token(start), start + 90'000s, [&answered](result<token> r) {
            answered -= !r;
            throw 1;
        });
    REQUIRE(idp.pending.size() == 1);
    idp.pending.clear();
    CHECK(answered == 4);
}

TEST_CASE("key source: keys that left the set and are still accepted do not crowd out those that are in it") {
    // Without kids at most four keys are tried.
    provider unnamed_idp{"https://id.example.com", false}, named_idp;
    for (auto* idp : {&unnamed_idp, &named_idp}) {
        auto const access = idp->verifier(idp->source({.removed_key_grace = 3600s}));
        auto now = start;
        CHECK(code_of(access.verify(idp->token(now), now)) == accepted);
        std::string before;
        for (int i = 0; i != 6; ++i) {
            before = idp->token(now + 20s);
            idp->rotate();
            idp->clock = now += 20s;
            CHECK(code_of(access.verify(idp->token(now), now)) == accepted);
        }
        CHECK(code_of(access.verify(before, now)) == accepted); // the newest of those that left
    }
}

TEST_CASE("key source: without a function to fetch, a token gets an error value") {
    provider idp;
    auto access = idp.verifier({});
    CHECK(access.verify(idp.token(start), start).error().code == errc::key_source_unavailable);
    CHECK(access.refresh(start + 600s) > start + 600s);
    errc said = accepted;
    access.verify_later(idp.token(start), start + 600s, [&](result<token> r) { said = code_of(r); });
    CHECK(said == errc::key_source_unavailable);
}

TEST_CASE("key source: an answer that comes too late is better than none, and never replaces a newer one") {
    provider idp;
    auto access = idp.verifier(idp.slow_source());
    access.refresh(start);
    access.refresh(start + 29s);
    REQUIRE(idp.pending.size() == 1);
    access.refresh(start + 30s); // the first is given up
    REQUIRE(idp.pending.size() == 2);
    CHECK(idp.answer(start + 41s)); // the first, now
    CHECK(code_of(access.verify(idp.token(start), start + 41s)) == accepted);
    idp.rotate();
    CHECK(idp.answer(start + 42s)); // the second
    CHECK(code_of(access.verify(idp.token(start), start + 42s)) == accepted);

    access.refresh(start + 700s);
    access.refresh(start + 740s);
    REQUIRE(idp.pending.size() == 2);
    CHECK(idp.answer(start + 741s, 1)); // the newer one first
    auto const good = idp.token(start + 600s);
    idp.rotate();
    CHECK(idp.answer(start + 742s)); // the older one
    CHECK(code_of(access.verify(good, start + 742s)) == accepted);
}

TEST_CASE("key source: threads whose clocks differ by a second fetch once") {
    provider idp;
    auto const access = idp.verifier(idp.slow_source());
    int waiting = 0;
    auto const count = [&](result<token> r) { waiting -= r.has_value(); };
    access.verify_later(idp.token(start), start + 1s, count), ++waiting;
    access.verify_later(idp.token(start), start, count), ++waiting; // read before, comes later
    CHECK(idp.asked == 1);
    CHECK(idp.answer(start + 1s));
    CHECK(waiting == 0);
}

TEST_CASE("key source: with a cache the keys are refreshed by hits too, and stale ones end") {
    provider idp;
    jwt::caching_verifier access{idp.verifier(idp.source({.stale_limit = 100s}))};
    auto const text = idp.token(start);
    jwt::scratch<> buffer;
    auto const ask = [&](unix_time now) {
        auto const seen = access.verify(text, buffer, now);
        return seen ? accepted : seen.error().code;
    };
    CHECK(ask(start) == accepted);
    CHECK(ask(start) == accepted);
    CHECK(access.counters().hits == 1);
    idp.clock = start + 200s;
    CHECK(access.refresh(start + 200s) == start + 540s);
    bool later = false;
    access.verify_later(text, start, [&](result<token> r) { later = r.has_value(); });
    CHECK(later);

    idp.status = 500;
    idp.clock = start + 610s;
    auto const lenient_text = idp.token(start + 500s);
    auto const again = [&](unix_time now) { return code_of(access.verify(lenient_text, now)); };
    CHECK(again(start + 610s) == accepted);
    CHECK(idp.asked == 2); // it found that the set is stale
    idp.clock = start + 620s;
    CHECK(again(start + 620s) == accepted); // as does a hit
    CHECK(idp.asked == 3);
    idp.clock = start + 700s;
    CHECK(again(start + 700s) == errc::key_source_unavailable);
}

TEST_CASE("key source: many issuers with a source each, cached, and a tenant that is added while others are served") {
    provider a{"https://a"}, b{"https://b"};
    jwt::multi_issuer_verifier all;
    REQUIRE(all.add(a.verifier(a.source())));
    jwt::caching_verifier<jwt::multi_issuer_verifier> access{std::move(all), {.entries = 64, .denials = 64}};
    CHECK(code_of(access.verify(a.token(start), start)) == accepted);
    CHECK(code_of(access.verify(b.token(start), start)) == errc::wrong_issuer);
    REQUIRE(access.add(b.verifier(b.slow_source())));
    CHECK(access.add(b.verifier(b.source())).error() == errc::wrong_issuer); // twice
    int good = 0;
    for (int i = 0; i != 3; ++i)
        access.verify_later(b.token(start), start, [&](result<token> r) { good += r.has_value(); });
    CHECK(good == 0);
    CHECK(code_of(access.verify(a.token(start), start)) == accepted); // another issuer's fetch is no reason to wait
    CHECK(b.answer(start));
    CHECK(good == 3);
    CHECK(code_of(access.verify(b.token(start), start)) == accepted);
    auto const text = b.token(start);
    CHECK(code_of(access.verify(text, start)) == accepted);
    auto const hits = access.counters().hits;
    CHECK(code_of(access.verify(text, start)) == accepted);
    CHECK(access.counters().hits == hits + 1);
    CHECK(access.refresh(start) == start + 540s);
    REQUIRE(access.deny({.issuer = "https://b", .jti = "x", .until = start + 10s}, start));
}

TEST_CASE("key source: an any_verifier follows one too") {
    provider idp;
    auto access = jwt::any_verifier::make(algorithm_set::of<es256, rs256>(), idp.source(), idp.policy());
    REQUIRE(access);
    CHECK(code_of(access->verify(idp.token(start), start)) == accepted);
    CHECK(access->refresh(start) == start + 540s);
    CHECK(jwt::any_verifier::make(algorithm_set::of<es256, hs256>(), idp.source(), idp.policy()).error() ==
          errc::mixed_algorithms);
}

TEST_CASE("S21: under 8 threads no good token is refused, from the cold start on and through rotations") {
    provider idp;
    std::atomic<int> in_fetch{0}, most{0}, refused{0};
    std::array<std::atomic<int>, 8> served{};
    std::atomic<bool> done{false};
    // Until each thread has had an answer that it began to ask for now, and one more.
    auto const all_are_served = [&] {
        for (auto& one : served)
            for (int const until = one + 2; one < until && refused == 0;) std::this_thread::sleep_for(1ms);
    };
    key_source source{.fetch = [&](key_fetch fetch) {
        most = std::max(most.load(), ++in_fetch);
        ++idp.asked;
        std::this_thread::sleep_for(20ms);
        auto const set = idp.jwks();
        std::this_thread::sleep_for(5ms);
        --in_fetch;
        (void)fetch.finish({200, set, "max-age=600"}, idp.clock);
    }};
    jwt::caching_verifier access{idp.verifier(std::move(source)), {.entries = 64, .denials = 64}};
    std::vector<std::thread> threads;
    for (int i = 0; i != 8; ++i)
        threads.emplace_back([&, i] {
            jwt::scratch<> buffer;
            while (!done) {
                unix_time const now = idp.clock;
                auto const text = idp.token(now);
                bool const good =
                    i % 2 == 0 ? access.verify(text, buffer, now).has_value() : access.verify(text, now).has_value();
                ++(good ? served[static_cast<std::size_t>(i)] : refused);
                if (i == 7) CHECK_FALSE(access.verify(idp.forged(now, "k1"), now));
            }
        });
    for (int i = 0; i != 5; ++i) {
        all_are_served();
        idp.clock = idp.clock.load() + 20s;
        idp.add_key(); // and tokens of it come at once
    }
    all_are_served();
    done = true;
    for (auto& t : threads) t.join();
    CHECK(refused == 0);
    CHECK(most == 1); // one fetch at a time
    CHECK(idp.asked >= 6);
    CHECK(idp.asked <= 12); // of a rotation one, or two where the first was under way already
}

TEST_CASE("RFC 9111 4.2.3: a verifier asks again when a cache's answer is stale, not a whole max-age later") {
    provider idp;
    key_source const source{.fetch =
                                [&](key_fetch fetch) {
                                    ++idp.asked;
                                    (void)fetch.finish({200, idp.jwks(), "max-age=600", "590"}, idp.clock);
                                },
                            .policy = {.min_freshness = 0s}};
    auto const access = idp.verifier(source);
    CHECK(code_of(access.verify(idp.token(start), start)) == accepted);
    CHECK(idp.asked == 1);
    idp.clock = start + 10s;
    CHECK(code_of(access.verify(idp.token(start), start + 10s)) == accepted);
    CHECK(idp.asked == 2);
}

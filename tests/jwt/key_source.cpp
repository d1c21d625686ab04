#include <signet/jwt.hpp>

#include <doctest/doctest.h>

using namespace signet;
using namespace signet::jwt;
using namespace std::chrono_literals;
using action = key_source_decision::action;

namespace {

constexpr unix_time start{1'000'000s};

/// A source whose set was fetched at `start` with a max-age of 600 s.
key_source_state fetched(key_source_policy const& policy = {}) {
    return fetch_succeeded(fetch_began({}, start), policy, 600s, false, start);
}

} // namespace

TEST_CASE("S21: the first token causes the first fetch; while it runs others wait, and are told for how long") {
    key_source_policy const policy;
    auto decision = decide_keys({}, policy, {kid_status::unknown, start}, start);
    CHECK(decision.what == action::fetch);

    auto const began = fetch_began({}, start);
    decision = decide_keys(began, policy, {kid_status::unknown, start + 1s}, start + 1s);
    CHECK(decision.what == action::wait);
    CHECK(decision.until == start + policy.fetch_timeout);
    CHECK(decision.reason == errc::key_source_unavailable); // who cannot wait says 503
    CHECK(http_status(decision.reason) == 503);
}

TEST_CASE("key source: a fresh set serves known keys without any fetch") {
    auto const decision = decide_keys(fetched(), {}, {kid_status::known, start + 599s}, start + 599s);
    CHECK(decision.what == action::use);
    CHECK_FALSE(decision.fetch_in_background);
}

TEST_CASE("key source: a stale set serves on while one fetch runs beside it (stale-while-revalidate)") {
    auto const state = fetched();
    auto decision = decide_keys(state, {}, {kid_status::known, start + 600s}, start + 600s);
    CHECK(decision.what == action::use);
    CHECK(decision.fetch_in_background);

    decision = decide_keys(fetch_began(state, start + 600s), {}, {kid_status::known, start + 601s}, start + 601s);
    CHECK(decision.what == action::use);
    CHECK_FALSE(decision.fetch_in_background); // one at a time
}

TEST_CASE("key source: stale-if-error has a limit") {
    key_source_policy const policy{.stale_limit = 3600s};
    auto state = fetched(policy);
    auto now = start + 600s;
    while (now < start + 600s + 3600s) {
        state = fetch_failed(fetch_began(state, now), now);
        CHECK(decide_keys(state, policy, {kid_status::known, now}, now).what == action::use);
        now += 300s;
    }
    CHECK(decide_keys(state, policy, {kid_status::known, start + 4200s}, start + 4200s).what != action::use);
    state = fetch_failed(fetch_began(state, start + 4200s), start + 4200s);
    auto const decision = decide_keys(state, policy, {kid_status::known, start + 4201s}, start + 4201s);
    CHECK(decision.what == action::refuse);
    CHECK(decision.reason == errc::key_source_unavailable);
}

TEST_CASE("key source: an unknown kid causes one fetch, then none until the cool-down is over") {
    key_source_policy const policy{.unknown_kid_cooldown = 30s};
    auto state = fetched(policy);
    auto now = start + 100s;
    CHECK(decide_keys(state, policy, {kid_status::unknown, now}, now).what == action::fetch);
    state = fetch_succeeded(fetch_began(state, now), policy, 600s, false, now);

    int fetches = 0;
    for (int forged = 0; forged != 10'000; ++forged) { // a hundred forged ids a second for 100 s
        if (forged % 100 == 0) now += 1s;
        auto const decision = decide_keys(state, policy, {kid_status::unknown, now}, now);
        if (decision.what == action::fetch) {
            ++fetches;
            state = fetch_succeeded(fetch_began(state, now), policy, 600s, false, now);
        } else {
            CHECK((decision.what == action::refuse) == (decision.reason == errc::unknown_key));
            CHECK((decision.what == action::refuse) == (state.fetched == now)); // the set is as new as the token
            if (decision.what == action::wait) CHECK(decision.until == state.attempted + policy.unknown_kid_cooldown);
        }
    }
    CHECK(fetches == 3); // after 30, 60 and 90 s
}

TEST_CASE("key source: failed fetches are spaced out, doubling up to a limit") {
    key_source_policy const policy{.first_retry = 5s, .max_retry = 40s};
    key_source_state state;
    auto now = start;
    for (auto pause : {5s, 10s, 20s, 40s, 40s, 40s}) {
        REQUIRE(decide_keys(state, policy, {kid_status::unknown, now}, now).what == action::fetch);
        state = fetch_failed(fetch_began(state, now), now);
        CHECK(decide_keys(state, policy, {kid_status::unknown, now + pause - 1s}, now + pause - 1s).what ==
              action::refuse);
        now += pause;
    }
}

TEST_CASE("key source: any number of failures and any pause can be judged") {
    key_source_policy policy;
    auto state = fetch_failed(fetch_began({}, start), start);
    state.failures = UINT32_MAX;
    CHECK(decide_keys(state, policy, {kid_status::known, start + policy.max_retry - 1s}, start + policy.max_retry - 1s)
              .what == action::refuse);
    CHECK(decide_keys(state, policy, {kid_status::known, start + policy.max_retry}, start + policy.max_retry).what ==
          action::fetch);
    state.fetching = true; // given up without a word: one more, and not none again
    CHECK(fetch_began(state, start).failures == UINT32_MAX);
    state.fetching = false;
    policy.first_retry = 0s; // doubling it leads nowhere
    CHECK(decide_keys(state, policy, {kid_status::known, start}, start).what == action::fetch);
}

TEST_CASE("key source: a fetch that is never heard of again does not block for ever") {
    auto const state = fetch_began({}, start);
    CHECK(decide_keys(state, {}, {kid_status::unknown, start + 29s}, start + 29s).what == action::wait);
    CHECK(decide_keys(state, {}, {kid_status::unknown, start + 30s}, start + 30s).what == action::fetch);
}

TEST_CASE("key source: max-age is kept within the policy's bounds and counts from the request") {
    key_source_policy const policy{.min_freshness = 60s, .max_freshness = 3600s};
    auto const fresh_for = [&](std::chrono::seconds max_age) {
        auto const state = fetch_succeeded(fetch_began({}, start), policy, max_age, false, start + 5s);
        return state.fresh_until - start;
    };
    CHECK(fresh_for(600s) == 600s);
    CHECK(fresh_for(0s) == 60s);
    CHECK(fresh_for(1'000'000s) == 3600s);
    CHECK(fresh_for(std::chrono::seconds{-1}) == policy.default_freshness);
    CHECK(fresh_for(std::chrono::seconds::max()) == 3600s);
}

TEST_CASE("key source: keys that left the set stop at once, or after the stated grace") {
    auto const swapped = [](std::chrono::seconds grace) {
        key_source_policy const policy{.removed_key_grace = grace};
        return fetch_succeeded(fetch_began(fetched(policy), start + 10s), policy, 600s, true, start + 10s);
    };
    CHECK(decide_keys(swapped(0s), {}, {kid_status::known, start + 10s}, start + 10s).drop_removed_keys);

    auto const graceful = swapped(60s);
    CHECK_FALSE(decide_keys(graceful, {}, {kid_status::known, start + 69s}, start + 69s).drop_removed_keys);
    CHECK(decide_keys(graceful, {}, {kid_status::known, start + 70s}, start + 70s).drop_removed_keys);
    CHECK_FALSE(decide_keys(removed_keys_dropped(graceful), {}, {kid_status::known, start + 70s}, start + 70s)
                    .drop_removed_keys);
}

TEST_CASE("key source: a clock that goes backwards locks nothing") {
    auto const state = fetch_failed(fetch_began({}, start), start);
    CHECK(decide_keys(state, {}, {kid_status::unknown, start - 3600s}, start - 3600s).what == action::fetch);
    CHECK(decide_keys(fetched(), {}, {kid_status::known, start - 3600s}, start - 3600s).what == action::use);
}

TEST_CASE("S21: at a cold start with a fetch of 300 ms one of eight tokens fetches and seven wait; all are served") {
    key_source_policy const policy;
    key_source_state state;
    int fetches = 0, waiting = 0;
    for (int i = 0; i != 8; ++i) {
        auto const decision = decide_keys(state, policy, {kid_status::unknown, start}, start);
        fetches += decision.what == action::fetch;
        waiting += decision.what == action::wait;
        if (decision.what == action::fetch) state = fetch_began(state, start);
    }
    CHECK(fetches == 1);
    CHECK(waiting == 7);
    state = fetch_succeeded(state, policy, 600s, false, start);
    CHECK(decide_keys(state, policy, {kid_status::known, start}, start).what == action::use);
}

TEST_CASE("S21: during a rotation the second request with the new kid waits for the fetch that the first one caused") {
    key_source_policy const policy;
    auto state = fetched(policy);
    auto const now = start + 100s;
    CHECK(decide_keys(state, policy, {kid_status::unknown, now}, now).what == action::fetch);
    state = fetch_began(state, now);
    auto const second = decide_keys(state, policy, {kid_status::unknown, now}, now);
    CHECK(second.what == action::wait);
    CHECK(second.until == now + policy.fetch_timeout); // not merely for the cool-down: a fetch may take longer
    CHECK(decide_keys(state, policy, {kid_status::known, now}, now).what == action::use); // the old key serves on
    // The same where a fetch before had failed.
    auto const again = fetch_began(fetch_failed(state, now), now + policy.first_retry);
    auto const later = now + policy.first_retry + 1s;
    CHECK(decide_keys(again, policy, {kid_status::unknown, later}, later).what == action::wait);
    state = fetch_succeeded(state, policy, 600s, true, now);
    CHECK(decide_keys(state, policy, {kid_status::known, now}, now).what == action::use);
}

TEST_CASE("S21: a forged kid never makes a real new kid unknown") {
    key_source_policy const policy;
    auto state = fetched(policy);
    auto const forged = start + 100s;
    CHECK(decide_keys(state, policy, {kid_status::unknown, forged}, forged).what == action::fetch);
    state = fetch_succeeded(fetch_began(state, forged), policy, 600s, false, forged);
    auto decision =
        decide_keys(state, policy, {kid_status::unknown, forged}, forged); // the set is newer than that token
    CHECK(decision.what == action::refuse);
    CHECK(decision.reason == errc::unknown_key);

    auto const real = forged + 2s; // the issuer publishes its new key now
    decision = decide_keys(state, policy, {kid_status::unknown, real}, real);
    CHECK(decision.what == action::wait);
    CHECK(decision.reason == errc::key_source_unavailable);
    CHECK(decision.until == forged + policy.unknown_kid_cooldown);
    auto const later = decision.until;
    CHECK(decide_keys(state, policy, {kid_status::unknown, real}, later).what == action::fetch);
    state = fetch_succeeded(fetch_began(state, later), policy, 600s, false, later);
    // Had the new set not had it, the answer would be known now.
    decision = decide_keys(state, policy, {kid_status::unknown, real}, later + 1s);
    CHECK(decision.what == action::refuse);
    CHECK(decision.reason == errc::unknown_key);
}

TEST_CASE("key source: while fetches fail nobody knows whether an unknown kid is real, so it is our fault") {
    key_source_policy const policy;
    auto const now = start + 100s;
    auto const state = fetch_failed(fetch_began(fetched(policy), now), now);
    auto const decision = decide_keys(state, policy, {kid_status::unknown, now + 1s}, now + 1s);
    CHECK(decision.what == action::refuse);
    CHECK(decision.reason == errc::key_source_unavailable);
}

TEST_CASE("T5: kid is optional (RFC 7515 4.1.4): tokens and keys without one are not unknown") {
    jose::key_set<es256> named, unnamed, both;
    auto const key = *local_key<es256>::generate(), other = *local_key<es256>::generate();
    REQUIRE(named.add("k1", key.verifier_key()));
    REQUIRE(unnamed.add(key.verifier_key()));
    REQUIRE(both.add("k1", key.verifier_key()));
    REQUIRE(both.add(other.verifier_key()));
    CHECK(find_kid(named.as_any(), "k1") == kid_status::known);
    CHECK(find_kid(named.as_any(), "k2") == kid_status::unknown);
    CHECK(find_kid(named.as_any(), "") == kid_status::unnamed);
    CHECK(find_kid(unnamed.as_any(), "") == kid_status::unnamed);
    CHECK(find_kid(unnamed.as_any(), "k2") == kid_status::unnamed); // a key without a kid may be of any
    CHECK(find_kid(both.as_any(), "k1") == kid_status::known);
    CHECK(find_kid(both.as_any(), "k2") == kid_status::unnamed);
    CHECK(find_kid(jose::key_set<es256>{}.as_any(), "k1") == kid_status::unknown);

    auto const decision = decide_keys(fetched(), {}, {kid_status::unnamed, start + 1s}, start + 1s);
    CHECK(decision.what == action::use);
    CHECK_FALSE(decision.fetch_in_background);
    CHECK(decide_keys(fetched(), {}, {kid_status::unnamed, start + 600s}, start + 600s).fetch_in_background);
    CHECK(decide_keys({}, {}, {kid_status::unnamed, start}, start).what == action::fetch);
    CHECK(may_be_new_key(errc::bad_signature));
    CHECK(may_be_new_key(errc::unknown_key));
    CHECK_FALSE(may_be_new_key(errc::expired));
}

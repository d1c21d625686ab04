#include "dpop_requests.hpp"
#include "support/every_store.hpp"

#include <atomic>

using namespace dpop_requests;

TEST_CASE("RULES 3.3, issue 4: 64 threads presenting the same DPoP proof: exactly one success, on each store" *
          long_run()) {
    proof::dpop_policy policy;
    policy.tables = &tables();
    on_every_store([&](auto& db) {
        auto const then = now + 1s;
        for (int round = 0; round != rounds(20, 200); ++round) {
            parts p;
            p.jti = in_quotes("round-" + std::to_string(round)), p.iat = "1800000001";
            request const r{p.text()};
            std::atomic<int> good{0}, replayed{0};
            at_once(64, [&](int) {
                auto const decision = run(r.check(policy, then), db);
                if (decision) ++good;
                else if (decision.error() == errc::dpop_replayed) ++replayed;
            });
            REQUIRE(good == 1);
            REQUIRE(replayed == 63);
        }
    });
}

TEST_CASE("RULES 3.7: 64 threads presenting the same DPoP proof to a replay guard: exactly one success" * long_run()) {
    proof::replay_guard guard{{.entries = 10'000, .window = 400s}};
    for (int round = 0; round != rounds(20, 200); ++round) {
        parts p;
        p.jti = in_quotes("round-" + std::to_string(round));
        request const r{p.text()};
        std::atomic<int> good{0};
        at_once(64, [&](int) { good += run(r.check({.tables = &tables()}), guard) ? 1 : 0; });
        REQUIRE(good == 1);
    }
}

TEST_CASE("S1 a proof whose clock was ahead is not accepted again by a Redis that lost its log and restarted") {
    if (!redis_server::installed()) return;
    proof::dpop_policy policy;
    policy.tables = &tables();
    redis_server server;
    store::redis_params params;
    params.port = server.port(), params.retry_after = 0s;
    store::redis db{params};
    REQUIRE(db.connect(now - 3600s)); // it has been up for an hour
    parts p;
    p.iat = "1800000030";
    request const r{p.text()};
    CHECK(run(r.check(policy), db));
    CHECK(run(r.check(policy), db).error() == errc::dpop_replayed);
    server.stop(SIGKILL);
    server.lose_log();
    server.start();
    CHECK(run(r.check(policy, now + 2s), db).error() == errc::store_restarted);
    parts honest;
    honest.iat = "1800000070", honest.jti = in_quotes("after");
    CHECK(run(request{honest.text()}.check(policy, now + 70s), db)); // once the skew has passed
}

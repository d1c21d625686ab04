// What a refresh allocates: operator new and delete of this whole program are replaced.
#include "support/count_allocations.hpp"

#include <signet/oauth/refresh.hpp>
#include <signet/store/memory.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>

using namespace signet;
using namespace signet::oauth;
using namespace std::chrono_literals;
using counting::allocations;

namespace {

constexpr unix_time now{1'800'000'000s};

// What an operation allocates from its call to its result, without the store's part.
template <class Make> long allocated(store::memory& db, Make make, errc told = {}) {
    allocations = 0;
    auto op = make();
    long count = allocations;
    while (auto* ask = op.next()) {
        auto const reply = db.execute(*ask);
        allocations = 0;
        op.answer(reply);
        count += allocations;
    }
    allocations = 0;
    auto const out = op.get();
    count += allocations;
    CHECK((out ? errc{} : out.error().code) == told);
    return count;
}

} // namespace

TEST_CASE("a refresh allocates four frames; in memory of the caller's none, and 8 KB hold those of every operation") {
    store::memory db;
    auto const families = *refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    alignas(16) std::array<std::byte, 8192> buffer;
    store::stack_buffer_resource memory{buffer};

    refresh_params const params{
        .user = "anna", .client = "app", .scope = "offline_access", .resources = {{"api", 24h}}};
    std::string token;
    auto const begin = [&] { token = run(families.start(params, now), db)->token.text(); };
    auto const begin_and_rotate = [&] {
        begin();
        (void)run(families.rotate({.token = token, .client = "app", .resource = "api"}, now), db);
    };
    auto const no_token = [&] { token = "no token"; };

    auto const start = [&](auto* frames) { return families.start(params, now, system_random(), frames); };
    auto const rotate_at = [&](unix_time at) {
        return [&, at](auto* frames) {
            return families.rotate({.token = token, .client = "app", .resource = "api"}, at, frames);
        };
    };
    auto const rotate = rotate_at(now);
    auto const revoke = [&](auto* frames) {
        return families.revoke(refresh_token::parse(token)->family(), now, frames);
    };
    auto const revoke_user = [&](auto* frames) { return families.revoke_user("bob", now, frames); };
    auto const revoke_token = [&](auto* frames) { return families.revoke_token(token, "app", now, frames); };

    // The fewest of many runs: now and then Botan adds to a pool of its own.
    auto const fewest = [&](auto prepare, auto make, std::pmr::memory_resource* frames, errc told = {}) {
        long least = 1000;
        for (int n = 0; n != 16; ++n) {
            prepare();
            least = std::min(least, allocated(db, [&] { return make(frames); }, told));
        }
        return least;
    };
    auto const frames_of = [&](auto prepare, auto make, errc told = {}) {
        return fewest(prepare, make, nullptr, told) - fewest(prepare, make, &memory, told);
    };
    CHECK(frames_of(begin, start) == 1);
    CHECK(frames_of(begin, rotate) == 4);
    CHECK(frames_of(begin_and_rotate, rotate) == 4);
    CHECK(frames_of(begin_and_rotate, rotate_at(now + 60s), errc::refresh_reused) == 4);
    CHECK(frames_of(begin, revoke) == 2);
    CHECK(frames_of(begin, revoke_token) == 2);
    CHECK(frames_of(begin, revoke_user) == 2);
    CHECK(frames_of(no_token, rotate, errc::refresh_unknown) == 1);
    CHECK(frames_of(no_token, revoke_token, errc::refresh_unknown) == 1);
    CHECK(memory.overflows() == 0);

    // 37 with Botan 2, and fewer where nothing is written; most are of its hash and HMAC objects.
    CHECK(fewest(begin, rotate, &memory) <= 40);
    CHECK(fewest(begin_and_rotate, rotate, &memory) < fewest(begin, rotate, &memory));
    CHECK(fewest(no_token, rotate, &memory, errc::refresh_unknown) == 0);
}

TEST_CASE("operations outlive the object that made them and whatever they were made from") {
    store::memory db;
    mac_key const key = *mac_key::generate(alg::hs256);
    auto const operation = [&](auto make) {
        auto families = std::make_unique<refresh_families>(*refresh_families::make({{1, key}}));
        auto text = std::make_unique<std::string>();
        auto op = make(*families, *text);
        text->assign(1000, 'x');
        text.reset();
        families.reset();
        return op;
    };
    auto const first =
        run(operation([&](refresh_families const& f, std::string& text) {
                text = "a user whose name is too long for a short string";
                return f.start(
                    {.user = text, .client = text, .session = text, .scope = text, .resources = {{text, 24h}}}, now);
            }),
            db);
    REQUIRE(first);
    CHECK(first->user == "a user whose name is too long for a short string");
    auto const next = run(operation([&](refresh_families const& f, std::string& text) {
                              text = first->user + first->token.text();
                              auto const name = std::string_view{text}.substr(0, first->user.size());
                              return f.rotate({.token = std::string_view{text}.substr(name.size()),
                                               .client = name,
                                               .resource = name,
                                               .scope = "user"},
                                              now);
                          }),
                          db);
    REQUIRE(next);
    CHECK(next->resource == first->resource);
    CHECK(next->scope == "user");
    CHECK(run(operation([&](refresh_families const& f, std::string& text) {
                  text = first->user + next->token.text();
                  auto const name = std::string_view{text}.substr(0, first->user.size());
                  return f.revoke_token(std::string_view{text}.substr(name.size()), name, now);
              }),
              db));
    CHECK(run(operation([&](refresh_families const& f, std::string& text) {
                  text = next->token.family();
                  return f.revoke(text, now);
              }),
              db));
}

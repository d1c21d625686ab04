// What challenges, proofs and the registry allocate: operator new and delete of this whole program are replaced.
#include <signet/device/device_session.hpp>
#include <signet/device/registry.hpp>
#include <signet/proof/dpop.hpp>
#include <signet/store/memory.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

namespace {
long allocations = 0;

void* counted(std::size_t size) {
    ++allocations;
    if (auto* p = std::malloc(size)) return p;
    throw std::bad_alloc{};
}
} // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

using namespace signet;
using namespace signet::device;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr int runs = 5;
constexpr proof::challenge_params login{.purpose = "login", .app = "shop", .user = "anna", .key_id = "phone-1"};

struct fixture {
    alignas(std::max_align_t) std::array<std::byte, 32'768> buffer;
    store::stack_buffer_resource frames{buffer};
    store::memory db;
    private_key key = *private_key::generate(alg::ed25519);
    device_registry devices{"shop"};

    // The least of several runs, since Botan sometimes makes something for all that come after.
    long least_of(auto work, std::pmr::memory_resource* memory) {
        long least = 1'000;
        for (int i = 0; i != runs; ++i) {
            allocations = 0;
            CHECK(work(memory));
            if (allocations < least) least = allocations;
        }
        return least;
    }
    // How many allocations `work(frames)` costs more without memory for its frames: as many as it has frames.
    long frames_of(auto work) {
        auto const without = least_of(work, nullptr), with = least_of(work, &frames);
        CHECK(frames.overflows() == 0);
        MESSAGE(without, " allocations, ", with, " with memory for frames, of which ", frames.max_used(), " octets");
        return without - with;
    }
    std::vector<std::string> answers(int count) {
        std::vector<std::string> all;
        for (int i = 0; i != count; ++i)
            all.push_back(
                *proof::sign_challenge(key, alg::ed25519, *run(proof::issue_challenge(login, now), db), login));
        return all;
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "memory: issuing a challenge has one frame, redeeming it two, and nothing else changes") {
    CHECK(frames_of([&](auto* memory) {
              return run(proof::issue_challenge(login, now, 120s, system_random(), memory), db).has_value();
          }) == 1);
    auto const shown_once = answers(2 * runs);
    auto next = shown_once.begin();
    CHECK(frames_of([&](auto* memory) {
              return run(proof::redeem_challenge(*next++, login, key.public_part(), alg::ed25519, now, memory), db)
                  .has_value();
          }) == 2); // redeem_challenge, take_challenge
}

TEST_CASE_FIXTURE(fixture, "memory: an operation of the registry has two frames, a proof those of its judge besides") {
    auto const shown = *proof::device_key::from_key(key.public_part());
    REQUIRE(run(devices.add_unproved("anna", {.key_id = "phone-1", .key = shown}, now), db));
    CHECK(frames_of([&](auto* memory) { return run(devices.find("anna", "phone-1", now, memory), db).has_value(); }) ==
          2);
    CHECK(frames_of([&](auto* memory) {
              return run(devices.rename("anna", "phone-1", "work phone", now, memory), db).has_value();
          }) == 2);
    CHECK(frames_of([&](auto* memory) { return run(devices.list("anna", now, memory), db).has_value(); }) == 2);

    auto const shown_once = answers(2 * runs);
    auto next = shown_once.begin();
    CHECK(frames_of([&](auto* memory) {
              return run(devices.prove("anna", "phone-1", *next++, "login", now, {}, {}, memory), db).has_value();
          }) == 5); // prove, compare_and_swap, its judge, redeem_challenge, take_challenge
}

TEST_CASE_FIXTURE(fixture, "memory: authenticating a device session has three frames, an action in it four") {
    auto const server = *local_key<es256>::generate();
    auto const sessions = *device_sessions::make(server, "k1", "https://risk.example.com", "shop", {});
    auto const begun = run(sessions.begin_without_key(platform::web, true, now), db);
    REQUIRE(begun);
    CHECK(run(sessions.authenticate(begun->token, now), db)); // the verifier's own memory, once for all
    CHECK(frames_of([&](auto* memory) {
              return run(sessions.authenticate(begun->token, now, memory), db).has_value();
          }) == 3);
    CHECK(frames_of([&](auto* memory) {
              auto op = sessions.trigger({.session_token = begun->token, .action_type = "browse"}, now, nullptr,
                                         system_random(), memory);
              return run(op, db).has_value();
          }) == 4);
    CHECK(frames.max_used() < 12'288); // what docs/guide/device.md says
}

TEST_CASE_FIXTURE(fixture, "memory: a DPoP check allocates for hashing alone, a check for replays nothing") {
    static auto const tables = crypto::generator_tables::make(4);
    auto const client = *local_key<es256>::generate();
    auto const target = proof::dpop_target{.method = "GET", .url = "https://api.example.com/orders"};
    std::vector<std::string> texts;
    for (int i = 0; i != runs; ++i) texts.push_back(*proof::make_dpop_proof(client, target, now));
    auto text = texts.begin();
    proof::dpop_policy policy;
    policy.tables = &tables;
    proof::replay_guard guard{{.entries = 100, .window = 400s}};
    auto const checks = least_of(
        [&](auto*) {
            std::string_view const fields[] = {*text++};
            return run(proof::dpop_check{{.proofs = fields, .method = "GET", .url = target.url}, policy, now}, guard)
                .has_value();
        },
        nullptr);
    MESSAGE(checks, " allocations");
    CHECK(checks <= 10); // Botan's hash objects: of the thumbprint, the message and the record's name

    auto const id = proof::jti_key("uri", "jti");
    CHECK(least_of([&](auto*) { return proof::replay_check{id, now + 60s, now, now}.next() != nullptr; }, nullptr) ==
          0);
    CHECK(run(proof::replay_check{id, now + 60s, now, now}, guard));
    auto const refused = [&](auto*) { return !run(proof::replay_check{id, now + 60s, now, now}, guard); };
    CHECK(least_of(refused, nullptr) == 0);
}

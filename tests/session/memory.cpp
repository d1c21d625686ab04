// What operations allocate: operator new and delete of this whole program are replaced.
#include "support/count_allocations.hpp"

#include <signet/session/login_session.hpp>
#include <signet/store/memory.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace signet;
using namespace signet::session;
using namespace std::chrono_literals;
using counting::allocations;

namespace {

constexpr unix_time now{1'800'000'000s};

// Counts what it hands out.
class counting_resource : public std::pmr::memory_resource {
public:
    explicit counting_resource(std::pmr::memory_resource& from) noexcept : from_{&from} {}
    long count = 0, living = 0;

private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        ++count, ++living;
        return from_->allocate(size, alignment);
    }
    void do_deallocate(void* p, std::size_t size, std::size_t alignment) override {
        --living;
        from_->deallocate(p, size, alignment);
    }
    bool do_is_equal(std::pmr::memory_resource const& other) const noexcept override { return this == &other; }
    std::pmr::memory_resource* from_;
};

struct fixture {
    store::memory db;
    login_sessions shop = *login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256));
    client_properties laptop{.user_agent = "Firefox"};

    // How often an operation that `make(frames)` begins asks for memory.
    template <class Make> long allocated(Make make, std::pmr::memory_resource* frames) {
        auto const before = allocations;
        {
            auto op = make(frames);
            while (auto const* ask = op.next()) {
                auto const during = allocations;
                auto const reply = db.execute(*ask);
                allocations = during; // the store's own
                op.answer(reply);
            }
            CHECK(op.get());
        }
        return allocations - before;
    }
    // With frames of the caller's, exactly the frames are saved.
    template <class Make> void check_frames(Make make) {
        std::vector<std::byte> memory(256 * 1024);
        store::stack_buffer_resource buffer{memory};
        counting_resource frames{buffer};
        (void)allocated(make, nullptr); // warm: hashers, pools
        auto const without = allocated(make, nullptr);
        auto const with = allocated(make, &frames);
        CHECK(frames.count > 0);
        CHECK(frames.living == 0);
        CHECK(buffer.overflows() == 0);
        CHECK(without - with == frames.count);
        MESSAGE(without << " allocations, with frames of the caller's " << with << ", in at most " << buffer.max_used()
                        << " octets");
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a login allocates no frames where the caller gives memory for them") {
    char user = 'a'; // another one each time: a roster that grows takes more
    check_frames([&](auto* frames) {
        return shop.log_in({.user = std::string(1, user++)}, laptop, now, {}, system_random(), frames);
    });
}

TEST_CASE_FIXTURE(fixture, "every other operation takes memory for frames too") {
    auto const in = run(shop.log_in({.user = "anna"}, laptop, now), db);
    REQUIRE(in);
    auto cookie = in->cookie;
    auto const sid = in->session.sid();
    check_frames([&](auto* frames) { return shop.begin_anonymous(laptop, now, system_random(), frames); });
    check_frames([&](auto* frames) { return shop.extend(cookie, laptop, now, frames); });
    check_frames([&](auto* frames) { return shop.extend_by_sid("anna", sid, now, frames); });
    check_frames([&](auto* frames) { return shop.set_data(cookie, "3 apples", laptop, now, frames); });
    check_frames([&](auto* frames) { return shop.list("anna", now, frames); });
    check_frames([&](auto* frames) { return shop.not_before("anna", now, sid, frames); });
    check_frames([&](auto* frames) { return shop.revoke_one("anna", "no sid", now, end_reason::revoked, frames); });
    check_frames([&](auto* frames) { return shop.revoke_others("anna", sid, now, end_reason::revoked, frames); });
    check_frames([&](auto* frames) { return shop.log_out(cookie, now, frames); });
    check_frames([&](auto* frames) { return shop.log_out_user("anna", logout_scope::everywhere, now, frames); });
    check_frames([&](auto* frames) { return shop.log_out_idp_session("https://id.example", "s1", now, {}, frames); });
    check_frames([&](auto* frames) { return shop.revoke_user("anna", now, end_reason::revoked, frames); });
    check_frames([&](auto* frames) { return shop.revoke_all(logout_scope::this_app, now, frames); });
}

TEST_CASE_FIXTURE(fixture,
                  "a look-up allocates nothing, with a touch neither, and is no larger than a session and a bit") {
    static_assert(sizeof(session_lookup) < sizeof(live_session) + 800);
    auto const in = run(shop.log_in({.user = "anna"}, {}, now), db);
    REQUIRE(in);
    auto const looked_up = [&](unix_time at) {
        auto const before = allocations;
        auto op = shop.authenticate(in->cookie, {}, at);
        int questions = 0;
        while (auto const* ask = op.next()) {
            ++questions;
            auto const during = allocations;
            auto const reply = db.execute(*ask);
            allocations = during;
            op.answer(reply);
        }
        CHECK_FALSE(op.refused());
        return std::pair{questions, allocations - before};
    };
    (void)looked_up(now);
    CHECK(looked_up(now) == std::pair{2, 0L});
    CHECK(looked_up(now + 60s) == std::pair{4, 0L}); // the roster first
}

#include "support.hpp"

#include <concepts>
#include <memory>
#ifndef _WIN32 // it forks
#    include <support/death.hpp>
#endif
#include <type_traits>

using namespace support;

namespace {

static_assert(!std::default_initializable<jwt::verified> && !std::default_initializable<jwt::token>,
              "only a verifier makes one");
static_assert(!std::default_initializable<jwt::claims_view> && !std::copy_constructible<jwt::claims_view>);
static_assert(!std::copy_constructible<jwt::verified> && std::is_nothrow_move_constructible_v<jwt::verified>);
static_assert(std::is_nothrow_move_assignable_v<jwt::verified>);
static_assert(std::copyable<jwt::token>);
static_assert(!std::copy_constructible<jwt::scratch<>> && !std::move_constructible<jwt::scratch<>> &&
              !std::is_copy_assignable_v<jwt::scratch<>>);
static_assert(!std::constructible_from<jwt::verified, std::string_view> &&
              !std::constructible_from<jwt::token, std::string_view>);
static_assert(std::derived_from<jwt::verified, jwt::claims_view> && std::derived_from<jwt::token, jwt::claims_view>);

std::string subject_of(jwt::claims_view const& claims) { return std::string{claims.subject()}; }

std::string about(std::string_view who, local_key<hs256> const& with = key<hs256>()) {
    return signed_token(header_of<hs256>(), R"({"sub":")" + std::string{who} + R"("})", with);
}

} // namespace

TEST_CASE("DECISIONS 2: verifying a second token into one scratch never changes what the first one says") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    jwt::scratch<> buffer;
    auto ann = v.verify(about("ann"), buffer, now);
    REQUIRE(ann);
    CHECK(buffer.held());
    CHECK(v.verify(about("eve", other_key<hs256>()), buffer, now).error() == errc::buffer_in_use);
    CHECK(v.verify(about("bob"), buffer, now).error() == errc::buffer_in_use);
    CHECK(v.make_thread_verifier().verify(about("bob"), buffer, now).error() == errc::buffer_in_use);
    CHECK(v.verify("", buffer, now).error() == errc::buffer_in_use);
    CHECK(ann->subject() == "ann");

    auto moved = std::move(*ann);
    CHECK(moved.subject() == "ann");
    CHECK(ann->subject().empty()); // moved from: a token without claims
    CHECK_FALSE(ann->has("sub"));
    CHECK(ann->audience().empty());
    CHECK(buffer.held());
    {
        auto last = std::move(moved);
        CHECK(buffer.held());
        CHECK(last.subject() == "ann");
    }
    CHECK_FALSE(buffer.held());
    auto bob = v.verify(about("bob"), buffer, now);
    REQUIRE(bob);
    CHECK(bob->subject() == "bob");
}

TEST_CASE("DECISIONS 2: a refused token does not hold the scratch") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    jwt::scratch<> buffer;
    CHECK_FALSE(v.verify(about("eve", other_key<hs256>()), buffer, now));
    CHECK_FALSE(buffer.held());
    CHECK(v.verify(about("ann"), buffer, now));
    CHECK_FALSE(buffer.held()); // the temporary is gone
}

TEST_CASE("A verified token moves from scratch to scratch and gives back what it held") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    jwt::scratch<> one, two;
    auto a = *v.verify(about("a"), one, now);
    auto b = *v.verify(about("b"), two, now);
    a = std::move(b);
    CHECK(a.subject() == "b");
    CHECK_FALSE(one.held());
    CHECK(two.held());
    auto& self = a;
    a = std::move(self);
    CHECK(a.subject() == "b");
    CHECK(two.held());
}

TEST_CASE("An owning token outlives the text, the verifier and its copies; both kinds pass as claims_view") {
    auto token = [] {
        auto text = about("ann");
        auto t = *jwt::verifier<hs256>{keys<hs256>(), lenient()}.verify(text, now);
        std::fill(text.begin(), text.end(), 'x');
        return t;
    }();
    auto copy = token;
    token = *jwt::verifier<hs256>{keys<hs256>(), lenient()}.verify(about("bob"), now);
    CHECK(subject_of(copy) == "ann");
    CHECK(subject_of(token) == "bob");
    CHECK(copy.key_id() == "k1");
    auto moved = std::move(copy);
    CHECK(subject_of(moved) == "ann");
    jwt::scratch<> buffer;
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const view = v.verify(about("eve"), buffer, now);
    CHECK(subject_of(*view) == "eve");
}

#ifndef _WIN32
TEST_CASE("A scratch that is destroyed before the token in it ends the program, and says why") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const text = about("ann");
    auto const said = testing_support::last_words([&] {
        auto buffer = std::make_unique<jwt::scratch<>>();
        auto const kept = v.verify(text, *buffer, now);
        buffer.reset();
    });
    CHECK(said == "signet: a scratch was destroyed before the verified token in it\n");
    CHECK(testing_support::last_words([&] {
              jwt::scratch<> buffer;
              auto const kept = v.verify(text, buffer, now);
          }) == "lived");
}
#endif

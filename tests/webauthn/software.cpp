// The authenticator of <signet/testing/authenticator.hpp>: what it says is judged like a real one's answers.
#include <signet/store/memory.hpp>
#include <signet/testing/authenticator.hpp>
#include <signet/testing/fixed_random.hpp>
#include <signet/webauthn.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr std::string_view origins[] = {"https://shop.example"};
constexpr std::string_view partners[] = {"https://partner.example"};
constexpr webauthn::relying_party shop{{.rp_id = "shop.example", .name = "Shop", .origins = origins}};
constexpr webauthn::relying_party framed{
    {.rp_id = "shop.example", .name = "Shop", .origins = origins, .cross_origin = true, .top_origins = partners}};
constexpr std::int32_t only_rsa[] = {-257};
constexpr webauthn::relying_party of_rsa{
    {.rp_id = "shop.example", .name = "Shop", .origins = origins, .algorithms = only_rsa}};

struct fixture {
    store::memory db;
    testing::authenticator phone{{.origin = "https://shop.example"}};

    result<webauthn::attested> enrol(testing::authenticator& by, webauthn::relying_party const& rp = shop,
                                     std::string_view user = "anna") {
        auto const options = run(webauthn::begin_registration(rp, {.user = user, .user_name = user}, now), db);
        REQUIRE(options);
        auto const answer = by.create(*options);
        if (!answer) return answer.error();
        return run(webauthn::finish_registration(rp, *answer, {.user = user}, now), db);
    }
    result<webauthn::login> log_in(testing::authenticator& by, webauthn::relying_party const& rp = shop,
                                   std::string_view user = {}) {
        auto const options = run(webauthn::begin_login(rp, {.user = user, .session = "visit"}, now), db);
        REQUIRE(options);
        auto const answer = by.get(*options);
        if (!answer) return answer.error();
        return run(webauthn::finish_login(rp, *answer, {.user = user, .session = "visit"}, now), db);
    }
    errc why(auto const& refused) {
        REQUIRE_FALSE(refused);
        return refused.error().code;
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "testing::authenticator: a registration, and logins with and without the user's name") {
    CHECK(phone.id().empty());
    CHECK(why(log_in(phone)) == errc::webauthn_credential_unknown); // it has no passkey yet
    auto const made = enrol(phone);
    REQUIRE(made);
    CHECK(made->format == "none");
    CHECK_FALSE(made->proved);
    CHECK(made->credential.id == phone.id());
    CHECK(made->credential.algorithm == alg::es256);
    CHECK(made->credential.transports == "internal");
    for (int i = 1; i != 20; ++i) { // signatures of every length
        auto const in = log_in(phone);
        REQUIRE(in);
        CHECK(in->credential.user == "anna");
        CHECK(in->proof.count == static_cast<std::uint32_t>(i));
        CHECK(in->proof.user_verified);
        CHECK(in->proof.key.is(made->credential.key));
    }
    CHECK(log_in(phone, shop, "anna"));
}

TEST_CASE_FIXTURE(fixture, "testing::authenticator: what it says decides") {
    phone.says.self_attestation = true;
    phone.says.backup_eligible = phone.says.backed_up = true;
    auto const made = enrol(phone);
    REQUIRE(made);
    CHECK(made->format == "packed");
    CHECK(made->proved);
    CHECK(made->credential.backup_eligible);
    CHECK(made->credential.backed_up);
    auto const refused = [&](auto const& change) {
        auto bent = phone;
        change(bent.says);
        return why(log_in(bent));
    };
    CHECK(refused([](auto& s) { s.user_present = false; }) == errc::webauthn_user_presence);
    CHECK(refused([](auto& s) { s.user_verified = false; }) == errc::webauthn_user_verification);
    CHECK(refused([](auto& s) { s.backup_eligible = false; }) == errc::webauthn_backup_flags);
    CHECK(refused([](auto& s) { s.backup_eligible = s.backed_up = false; }) == errc::webauthn_backup_changed);
    CHECK(refused([](auto& s) { s.origin = "https://evil.example"; }) == errc::webauthn_origin);
    CHECK(refused([](auto& s) { s.top_origin = "https://partner.example"; }) == errc::webauthn_cross_origin);
    auto clone = phone;
    REQUIRE(log_in(phone));
    CHECK(why(log_in(clone)) == errc::webauthn_counter);
    phone.says.top_origin = "https://partner.example";
    CHECK(log_in(phone, framed));
    phone.says.top_origin = "https://evil.example";
    CHECK(why(log_in(phone, framed)) == errc::webauthn_top_origin);
}

TEST_CASE_FIXTURE(fixture, "testing::authenticator: what a browser refuses, it refuses") {
    REQUIRE(enrol(phone));
    CHECK(why(enrol(phone)) == errc::credential_registered); // excluded
    testing::authenticator tablet{{.origin = "https://shop.example", .counts_by = 0}};
    REQUIRE(enrol(tablet, shop, "bert"));
    CHECK(why(log_in(tablet, shop, "anna")) == errc::webauthn_credential_unknown); // not listed
    for (int i = 0; i != 2; ++i) CHECK(log_in(tablet, shop, "bert"));              // it does not count
    testing::authenticator other{{.origin = "https://shop.example"}};
    CHECK(why(enrol(other, of_rsa, "carl")) == errc::algorithm_not_allowed);
    CHECK_FALSE(other.create("{}"));
    CHECK_FALSE(other.get("no JSON"));
}

TEST_CASE_FIXTURE(fixture, "testing::authenticator: fixed randomness makes the same passkey again") {
    testing::fixed_random dice{7}, same{7};
    testing::authenticator first{{.origin = "https://shop.example"}, dice},
        second{{.origin = "https://shop.example"}, same};
    auto const a = enrol(first), b = enrol(second, shop, "bert");
    REQUIRE(a);
    CHECK(first.id() == second.id());
    CHECK(why(b) == errc::credential_registered); // an id is one user's
}

// [register-and-log-in]
// A route's handlers get what a browser would send; here they are signet's own.
TEST_CASE("a passkey is registered, and a clone of it is noticed") {
    store::memory db;
    testing::authenticator phone{{.origin = "https://shop.example"}};
    auto const creation = run(webauthn::begin_registration(shop, {.user = "anna", .user_name = "anna"}, now), db);
    REQUIRE(run(webauthn::finish_registration(shop, *phone.create(*creation), {.user = "anna"}, now), db));

    auto clone = phone;
    auto const log_in = [&](testing::authenticator& by) {
        auto const request = run(webauthn::begin_login(shop, {.session = "visit"}, now), db);
        return run(webauthn::finish_login(shop, *by.get(*request), {.session = "visit"}, now), db);
    };
    CHECK(log_in(phone)->credential.user == "anna");
    CHECK(log_in(clone).error() == errc::webauthn_counter);
    phone.says.user_verified = false;
    CHECK(log_in(phone).error() == errc::webauthn_user_verification);
}
// [/register-and-log-in]

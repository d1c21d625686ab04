#include <signet/http/cookie.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/session/access.hpp>
#include <signet/session/login_session.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/access_evidence.hpp>

#include <doctest/doctest.h>

using namespace signet;
using namespace signet::session;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
using c = cookie_status::value;
using s = session_status::value;
using t = token_status::value;
using i = idp_status::value;
using testing::bare_status;

constexpr access_decision decide(c cookie, s session, t token, i idp = i::not_known, access_policy policy = {}) {
    return decide_access({bare_status::cookie(cookie), bare_status::session(session), bare_status::token(token),
                          bare_status::idp(idp), policy});
}

} // namespace

// DECISIONS 16: a status comes from evidence; an enumerator, a bool or a refresh token is none.
static_assert(!std::is_constructible_v<cookie_status, c> && !std::is_constructible_v<session_status, s>);
static_assert(!std::is_constructible_v<token_status, t> && !std::is_constructible_v<idp_status, i>);
static_assert(!std::is_convertible_v<bool, token_status> && !std::is_constructible_v<token_status, std::string>);
template <class T>
concept evidence_for_a_token = requires(T const& x) { token_status::from(x); };
static_assert(evidence_for_a_token<result<jwt::verified>> && evidence_for_a_token<result<jwt::token>>);
static_assert(!evidence_for_a_token<std::string> && !evidence_for_a_token<result<std::string>> &&
                  !evidence_for_a_token<t>,
              "B14 a refresh token is a string and can extend nothing");

// Security properties of the whole input space, at compile time.
namespace {
template <class F> constexpr bool in_every_case(F f) {
    for (auto cookie : {c::absent, c::present, c::ambiguous})
        for (auto session : {s::unknown, s::visiting, s::live, s::unmet, s::over, s::foreign, s::unavailable})
            for (auto token : {t::none, t::valid, t::expired, t::invalid, t::unavailable})
                for (auto idp : {i::not_known, i::live, i::over})
                    for (bool silent : {false, true})
                        for (bool counts : {false, true})
                            if (!f(cookie, session, token, idp, access_policy{silent, counts},
                                   decide(cookie, session, token, idp, {silent, counts})))
                                return false;
    return true;
}
} // namespace
static_assert(in_every_case([](c cookie, s session, t token, i, access_policy, access_decision r) {
                  return (r.action == access::allow) ==
                         (cookie == c::present && session == s::live && token == t::valid);
              }),
              "B8 B11 a request goes on with a live session and a valid access token, and in no other case");
static_assert(in_every_case([](c, s, t, i idp, access_policy p, access_decision r) {
                  return r.action != access::silent_authentication || (p.silent && idp != i::over);
              }),
              "B12 B17 nobody is asked silently whose IDP session is known to be over");
static_assert(in_every_case([](c, s session, t, i, access_policy, access_decision r) {
                  return r.action != access::unavailable || (!r.clear_cookie && !r.end_session && session != s::over);
              }),
              "an outage logs nobody out");
static_assert(in_every_case([](c, s session, t, i, access_policy, access_decision r) {
                  return !r.end_session || session == s::live;
              }),
              "only a session that was found live is ended");

TEST_CASE("B10 no cookie: log in") {
    auto const r = decide(c::absent, s::unknown, t::none);
    CHECK(r.action == access::login);
    CHECK_FALSE(r.clear_cookie);
}

TEST_CASE("B11 B8 a live session and a valid access token go on; without the token the session alone is not enough") {
    CHECK(decide(c::present, s::live, t::valid).action == access::allow);
    CHECK(decide(c::present, s::live, t::none).action == access::login);
    CHECK(decide(c::present, s::live, t::invalid).action == access::login);
}

TEST_CASE(
    "B12 the access token has expired: silent authentication where it is allowed, else the cookie goes and the user logs in") {
    CHECK(decide(c::present, s::live, t::expired).action == access::silent_authentication);
    CHECK_FALSE(decide(c::present, s::live, t::expired).clear_cookie);
    auto const without = decide(c::present, s::live, t::expired, i::live, {.silent = false});
    CHECK(without.action == access::login);
    CHECK(without.clear_cookie);
    CHECK(decide(c::present, s::live, t::expired, i::over).action == access::login);
}

TEST_CASE("B13 a cookie without a session or without tokens: log in, and the cookie goes") {
    CHECK(decide(c::present, s::unknown, t::none).action == access::login);
    CHECK(decide(c::present, s::unknown, t::none).clear_cookie);
    CHECK(decide(c::present, s::live, t::none).clear_cookie);
}

TEST_CASE("B15 the application session is over: always log in; silently only where the application lets that count") {
    CHECK(decide(c::present, s::over, t::valid, i::live).action == access::login);
    CHECK(decide(c::present, s::over, t::valid, i::live, {.silent_is_login = true}).action ==
          access::silent_authentication);
    CHECK(decide(c::present, s::over, t::valid, i::over, {.silent_is_login = true}).action == access::login);
}

TEST_CASE("B17 the IDP session is over: the authentication holds until it expires, and is not extended") {
    CHECK(decide(c::present, s::live, t::valid, i::over).action == access::allow);
    CHECK(decide(c::present, s::live, t::expired, i::over).action == access::login);
}

TEST_CASE("B16 a session that is not what the application asks for: level, age, method, device") {
    store::memory db;
    auto const shop = *login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256));
    auto const in = run(shop.log_in({.user = "anna", .level = 2, .methods = "pwd otp"}, {}, now), db);
    auto const status = [&](access_requirements wanted, unix_time at = now) {
        return session_status::from(run(shop.authenticate(in->cookie, {}, at), db), wanted, at).get();
    };
    CHECK(status({}) == s::live);
    CHECK(status({.level = 2}) == s::live);
    CHECK(status({.level = 3}) == s::unmet);
    CHECK(status({.max_age = 300s}, now + 300s) == s::live);
    CHECK(status({.max_age = 300s}, now + 301s) == s::unmet);
    CHECK(status({.method = "otp"}) == s::live);
    CHECK(status({.method = "ot"}) == s::unmet);
    CHECK(status({.device_bound = true}) == s::unmet);
    // DECISIONS 16: a key on record is no evidence, its proof in this request is.
    auto const prove = [&](private_key const& pair) {
        proof::challenge_params const params{.purpose = "request", .app = "shop"};
        auto const challenge = *run(proof::issue_challenge(params, now), db);
        return *run(proof::redeem_challenge(*proof::sign_challenge(pair, alg::ed25519, challenge, params), params,
                                            pair.public_part(), alg::ed25519, now),
                    db);
    };
    auto const mine = *private_key::generate(alg::ed25519), another = *private_key::generate(alg::ed25519);
    auto const at_login = prove(mine), again = prove(mine), foreign = prove(another);
    auto const bound = run(shop.log_in({.user = "anna", .device_key = &at_login}, {}, now), db);
    auto const with = [&](std::string_view cookie, proof::verified_key const* proved) {
        return session_status::from(run(shop.authenticate(cookie, {}, now), db), {.device_bound = true}, now, proved)
            .get();
    };
    CHECK(with(bound->cookie, nullptr) == s::unmet);
    CHECK(with(bound->cookie, &foreign) == s::unmet);
    CHECK(with(bound->cookie, &again) == s::live);
    CHECK(with(in->cookie, &again) == s::unmet); // a session that is bound to none
    CHECK(decide(c::present, s::unmet, t::valid).action == access::login);
    CHECK_FALSE(decide(c::present, s::unmet, t::valid).clear_cookie);
}

TEST_CASE("statuses follow the evidence: every refusal of a session, a token and a cookie") {
    auto const session = [](errc why) { return session_status::from(result<used_session>{why}, {}, now).get(); };
    CHECK(session(errc::session_unknown) == s::unknown);
    CHECK(session(errc::login_required) == s::visiting);
    for (errc over : {errc::session_expired, errc::session_ended}) CHECK(session(over) == s::over);
    CHECK(session(errc::session_idle) == s::unmet); // the cookie stays: re-authentication may take the session up again
    CHECK(session(errc::session_binding_mismatch) == s::foreign);
    for (errc ours : {errc::store_unavailable, errc::outcome_unknown, errc::record_malformed, errc::record_newer})
        CHECK(session(ours) == s::unavailable);
    auto const token = [](errc why) { return token_status::from(result<jwt::token>{why}).get(); };
    CHECK(token(errc::expired) == t::expired);
    for (errc bad : {errc::bad_signature, errc::wrong_issuer, errc::malformed_token, errc::revoked})
        CHECK(token(bad) == t::invalid);
    CHECK(token(errc::key_source_unavailable) == t::unavailable);
    http::cookie_reader const twice{"__Host-sid=a; __Host-sid=b"}, once{"__Host-sid=a"}, none{"x=y"};
    CHECK(cookie_status::from(twice.find("__Host-sid")).get() == c::ambiguous);
    CHECK(cookie_status::from(once.find("__Host-sid")).get() == c::present);
    CHECK(cookie_status::from(none.find("__Host-sid")).get() == c::absent);
    CHECK(idp_status::from(result<used_session>{errc::session_expired}).get() == i::over);
    CHECK(idp_status::from(result<used_session>{errc::store_unavailable}).get() == i::not_known);
}

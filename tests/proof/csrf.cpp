#include <signet/proof/csrf.hpp>

#include <signet/http/ready_cookies.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;

namespace {
proof::csrf_tokens const& tokens() {
    static proof::csrf_tokens const made{*mac_key::generate(alg::hs256)};
    return made;
}
} // namespace

TEST_CASE("DECISIONS 21: a signed double-submit token is accepted for its own session") {
    auto const token = tokens().make("session-1");
    CHECK(token.size() == proof::csrf_token_size);
    CHECK(tokens().check("session-1", token, token));
    CHECK(tokens().make("session-1") != token); // fresh each time
    CHECK(http::cookies::csrf().set(token));    // and fit for its cookie
}

TEST_CASE("CSRF: what does not come back in both places, or is another session's, is refused with 403") {
    auto const token = tokens().make("session-1"), other = tokens().make("session-1");
    CHECK(tokens().check("session-1", token, "").error() == errc::header_missing);
    CHECK(tokens().check("session-1", "", token).error() == errc::cookie_missing);
    CHECK(tokens().check("session-1", token, other).error() == errc::csrf_refused);
    CHECK(tokens().check("session-2", token, token).error() == errc::csrf_refused); // the attacker's own, planted
    CHECK(tokens().check("", token, token).error() == errc::csrf_refused);
    proof::csrf_tokens const foreign{*mac_key::generate(alg::hs256)};
    CHECK(foreign.check("session-1", token, token).error() == errc::csrf_refused);
    for (auto as : {role::resource_server, role::dbsc, role::action}) // a token endpoint has no forms
        CHECK(http_status(errc::csrf_refused, as) == 403);
}

TEST_CASE("S13 CSRF: tokens of former keys are good, and new ones are the current key's") {
    auto const key = [](std::uint8_t n) { return *mac_key::from_secret(secret{bytes(32, n)}, alg::hs256); };
    proof::csrf_tokens const before{key(1)}, after{*mac_keys::make(key(2), {key(3), key(1)})}, without{key(2)};
    auto const old = before.make("session-1"), fresh = after.make("session-1");
    CHECK(after.check("session-1", old, old));
    CHECK(after.check("session-2", old, old).error() == errc::csrf_refused);
    CHECK(without.check("session-1", old, old).error() == errc::csrf_refused);
    CHECK(without.check("session-1", fresh, fresh));
    CHECK(before.check("session-1", fresh, fresh).error() == errc::csrf_refused);
}

TEST_CASE("CSRF: every changed, cut or extended token is refused, also where both copies agree") {
    auto const token = tokens().make("session-1");
    for (std::size_t i = 0; i != token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CHECK(tokens().check("session-1", changed, changed).error() == errc::csrf_refused);
        auto const cut = token.substr(0, i);
        CHECK_FALSE(tokens().check("session-1", cut, cut));
    }
    CHECK_FALSE(tokens().check("session-1", token + "AAAA", token + "AAAA"));
    CHECK_FALSE(tokens().check("session-1", "=", "="));
    // A token of no session would be good in every browser without one, the attacker's own included.
    auto const of_none = tokens().make("");
    CHECK(tokens().check("", of_none, of_none).error() == errc::csrf_refused);
    // The randomness cannot be moved into the id: it has a fixed size.
    CHECK_FALSE(tokens().check("", token, token));
}

// A site with device bound sessions and a browser that keeps one: what the tests of this folder play with.
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/dbsc.hpp>
#include <signet/http/structured_field.hpp>
#include <signet/store.hpp>
#include <signet/testing/fixed_random.hpp>
#include <signet/testing/manual_clock.hpp>

#include <doctest/doctest.h>

#include <string>

namespace dbsc_test {

using namespace signet;
using namespace std::chrono_literals;

inline constexpr dbsc::policy shop{{.cookie = dbsc::bound_cookie(), .origin = "https://shop.example"}};

/// The string parameter of a field with one member; empty where there is none.
inline std::string parameter(std::string_view field, std::string_view name) {
    auto const list = http::sf::parse_list(field);
    REQUIRE(list);
    REQUIRE(list->size() == 1);
    auto const* value = list->front().params.find(name);
    return value ? std::string{*value->as_string()} : std::string{};
}

/// One browser with one key.
struct browser {
    private_key key;
    alg algorithm;
    std::string id{}, cookie{}, challenge{};
    std::string last{}; // the last proof, kept for tokens that are sent twice

    explicit browser(alg a = alg::es256) : key{*private_key::generate(a)}, algorithm{a} {}

    dbsc::request registration(std::string_view field, std::string_view login = {}) {
        auto const authorization = parameter(field, "authorization");
        last = *dbsc::sign_registration(key, algorithm, parameter(field, "challenge"),
                                        authorization.empty() ? std::nullopt
                                                              : std::optional<std::string_view>{authorization});
        return {.method = "POST", .response = last, .login = login};
    }
    /// With a proof for the challenge that is known, or without.
    dbsc::request refresh(std::string_view login = {}) {
        last = challenge.empty() ? std::string{} : *dbsc::sign_refresh(key, algorithm, challenge);
        return {.method = "POST", .response = last, .session_id = id, .login = login};
    }
    /// Does with an answer what Chromium does; says whether the session goes on.
    bool learn(dbsc::response const& answer) {
        if (auto const field = answer.find("Secure-Session-Challenge"); !field.empty()) {
            auto const list = http::sf::parse_list(field);
            REQUIRE(list);
            REQUIRE(list->size() == 1);
            challenge = *list->front().value.as_string();
            if (!id.empty()) CHECK(*list->front().params.find("id")->as_string() == id);
        }
        if (auto const line = answer.find("Set-Cookie"); !line.empty()) {
            auto const equals = line.find('='), end = line.find(';');
            cookie = line.substr(equals + 1, end - equals - 1);
            if (line.find("Max-Age=0") != line.npos) cookie.clear();
        }
        if (!answer.body.empty()) {
            auto const document = codec::json_document::parse(answer.body);
            REQUIRE(document);
            auto const identifier = document->root().find("session_identifier");
            REQUIRE(identifier);
            if (!id.empty()) CHECK(*identifier->as_string() == id);
            id = *identifier->as_string();
            if (auto const goes_on = document->root().find("continue"); goes_on && !*goes_on->as_bool()) return false;
        }
        // Chromium keeps a session over 2xx, 5xx and a 403 with a challenge; every other 4xx ends it.
        return answer.status / 100 == 2 || answer.status / 100 == 5 ||
               (answer.status == 403 && !answer.find("Secure-Session-Challenge").empty());
    }
    std::string cookie_field(dbsc::policy const& p = shop) const {
        return std::string{p.cookie().name()} + "=" + cookie;
    }
};

/// One site on a store.
template <class Store = store::memory> struct site {
    dbsc::policy policy = shop;
    Store db{};
    testing::manual_clock clock{};
    testing::fixed_random dice{};

    std::string offer(dbsc::registration_params const& params = {.user = "anna", .login = "login-1"}) {
        auto const value = run(dbsc::offer_registration(policy, params, clock.now(), dice), db);
        REQUIRE(value);
        return *value;
    }
    dbsc::exchange finish(dbsc::request const& r) {
        return *run(dbsc::handle_registration(policy, r, clock.now(), dice), db);
    }
    dbsc::exchange refresh(dbsc::request const& r) {
        return *run(dbsc::handle_refresh(policy, r, clock.now(), dice), db);
    }
    result<dbsc::bound_session> check(std::string_view field) {
        return run(dbsc::cookie_check{policy, field, clock.now()}, db);
    }
    result<dbsc::bound_session> check(browser const& b) { return check(b.cookie_field(policy)); }
    result<void> end(std::string_view id, dbsc::ending how) { return run(dbsc::end_session(id, how, clock.now()), db); }

    /// A browser that has just registered.
    browser logged_in(dbsc::registration_params const& params = {.user = "anna", .login = "login-1"},
                      alg a = alg::es256) {
        browser b{a};
        auto const field = offer(params);
        auto const done = finish(b.registration(field, params.login));
        REQUIRE(done.outcome);
        REQUIRE(b.learn(done.answer));
        return b;
    }
};

} // namespace dbsc_test

// The exchange that was recorded from Chromium 156, replayed against the library (tests/vectors/dbsc-trace.txt).
#include "site.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/http/cookie.hpp>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

using namespace dbsc_test;

namespace {

constexpr dbsc::scope_rule trace_rules[] = {{dbsc::rule_type::exclude, "app.dbsc.test", "/public"}};
constexpr dbsc::policy trace_policy{{.cookie = {{.name = "bound", .max_age = 10s, .use = http::cookie_use::other}},
                                     .origin = "https://app.dbsc.test:8443",
                                     .rules = trace_rules,
                                     .challenge_octets = 16,
                                     .short_cookie_for_tests = true}};

struct recorded {
    std::string start; // "POST https://..." or the status
    std::map<std::string, std::string> fields;
    std::string body;
    long second = 0;
    std::string operator[](std::string const& name) const {
        auto const at = fields.find(name);
        return at == fields.end() ? std::string{} : at->second;
    }
};
struct step {
    recorded request, answer;
};

std::map<int, step> read_trace() {
    std::ifstream file{SIGNET_TEST_DATA "/vectors/dbsc-trace.txt"};
    REQUIRE(file);
    std::map<int, step> steps;
    recorded* now = nullptr;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("--- what CDP said")) break;
        if (line.starts_with("[")) {
            std::istringstream words{line.substr(1)};
            double time = 0;
            char bracket = 0, hash = 0, direction = 0;
            int number = 0;
            words >> time >> bracket >> hash >> number >> direction;
            now = direction == '>' ? &steps[number].request : &steps[number].answer;
            now->second = static_cast<long>(time);
            std::getline(words >> std::ws, now->start);
        } else if (!now || line.empty() || line.front() != ' ') {
            now = nullptr;
        } else {
            auto const text = line.substr(line.find_first_not_of(' '));
            if (text.starts_with("(body) ")) now->body = text.substr(7);
            else if (!text.starts_with("~"))
                now->fields[text.substr(0, text.find(": "))] = text.substr(text.find(": ") + 2);
        }
    }
    return steps;
}

std::string replaced(std::string text, std::string const& from, std::string const& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

std::string cookie_of(std::string const& field, std::string const& name) {
    auto const found = http::cookie_reader{field}.find(name);
    return found ? std::string{*found} : std::string{};
}

// Name and attributes of a Set-Cookie line; their order is nobody's business, Expires is our addition for old clients.
std::set<std::string> attributes(std::string_view line) {
    std::set<std::string> all;
    std::istringstream words{std::string{line}};
    for (std::string word; std::getline(words, word, ';');) {
        word.erase(0, word.find_first_not_of(' '));
        if (word.starts_with("bound=")) word = "bound";
        if (!word.starts_with("Expires=")) all.insert(word);
    }
    return all;
}

} // namespace

TEST_CASE(
    "DBSC trace: the exchange recorded from Chromium 156 replays, byte for byte where the protocol fixes the bytes") {
    auto steps = read_trace();
    REQUIRE(steps.size() == 11);

    // The recorded signatures are over the recorded challenges, so these come out of the dice; identifier and cookie
    // values are ours, and stand for the recorded ones wherever those occur.
    bytes octets;
    auto const add = [&octets](std::string_view text) {
        auto const more = *codec::base64url_decode(text);
        octets.insert(octets.end(), more.begin(), more.end());
    };
    std::string const our_id(43, 'A'), first(43, 'E'), second(43, 'I'), third(43, 'M');
    add("QB_xqCQsn8F7dt2rQFSPBw");                          // begin
    add(our_id), add(first), add("7b5r5fypTJFi6MeYIaN07g"); // registered; the next challenge goes out ahead
    add(second), add("WngY-aL0DC5mX2oPZXyUag");             // refreshed
    add(third), add("dd3is-dZdep3g77DAbmGHw");              // refreshed
    testing::fixed_random dice{octets};
    testing::manual_clock clock;
    auto const start = clock.now();
    store::memory db;

    std::map<std::string, std::string> const ours = {{"sid-tUbwBhbA", our_id},
                                                     {"jbDWLxmFGUI1sK9p", our_id + "." + first},
                                                     {"SqSuHySViZ8LyGqG", our_id + "." + second},
                                                     {"hCTNllnqOhaEftS6", our_id + "." + third}};
    auto const translated = [&](std::string text) {
        for (auto const& [lab, own] : ours) text = replaced(text, lab, own);
        return text;
    };
    auto const compare = [&](int number, dbsc::response const& answer) {
        CAPTURE(number);
        auto const& theirs = steps[number].answer;
        CHECK(std::to_string(answer.status) == theirs.start);
        CHECK(answer.body == translated(theirs.body));
        CHECK(answer.find("Content-Type") == theirs["Content-Type"]);
        CHECK(answer.find("Cache-Control") == "no-store");
        if (theirs.start == "403")
            CHECK(answer.find("Secure-Session-Challenge") == translated(theirs["Secure-Session-Challenge"]));
        CHECK(attributes(answer.find("Set-Cookie")) == attributes(theirs["Set-Cookie"]));
        if (auto const line = theirs["Set-Cookie"]; !line.empty())
            CHECK(answer.find("Set-Cookie").starts_with(translated(line.substr(0, line.find(';')))));
    };
    auto const at = [&](int number) { clock.set(start + std::chrono::seconds{steps[number].request.second}); };
    auto const request_of = [&](recorded const& m, std::string& login, std::string& id) {
        login = cookie_of(m["Cookie"], "login");
        id = translated(m["Sec-Secure-Session-Id"]);
        return dbsc::request{.method = std::string_view{m.start}.substr(0, m.start.find(' ')),
                             .response = m.fields.contains("Secure-Session-Response")
                                             ? std::string_view{m.fields.at("Secure-Session-Response")}
                                             : std::string_view{},
                             .session_id = id,
                             .login = login};
    };
    std::string login, id;

    // #1 the login
    at(1);
    auto const field =
        run(dbsc::offer_registration(trace_policy, {.user = "anna", .login = "Nf0v8LwTnmiR"}, clock.now(), dice), db);
    REQUIRE(field);
    CHECK(*field == steps[1].answer["Secure-Session-Registration"]);

    // #2 the registration
    at(2);
    auto const registered =
        *run(dbsc::handle_registration(trace_policy, request_of(steps[2].request, login, id), clock.now(), dice), db);
    compare(2, registered.answer);
    REQUIRE(registered.outcome);
    CHECK(registered.outcome->session.id() == our_id);
    CHECK(registered.outcome->session.user() == "anna");

    // #3 .. #9 refreshes without and with a proof; the session is ended between the last two
    for (int number : {3, 4, 5, 7, 8, 9}) {
        at(number);
        if (number == 9) REQUIRE(run(dbsc::end_session(our_id, dbsc::ending::logged_out, clock.now()), db));
        auto const done = *run(
            dbsc::handle_refresh(trace_policy, request_of(steps[number].request, login, id), clock.now(), dice), db);
        compare(number, done.answer);
        CHECK(done.outcome.has_value() == (number == 4 || number == 7));
        if (number == 4 || number == 7)
            CHECK(done.answer.find("Secure-Session-Challenge").starts_with(number == 4 ? "\"WngY" : "\"dd3i"));
        if (number == 4) { // #6 an ordinary request with the bound cookie, while the next refresh is on its way
            auto const live =
                run(dbsc::cookie_check{trace_policy, translated(steps[6].request["Cookie"]), clock.now()}, db);
            REQUIRE(live);
            CHECK(live->id() == our_id);
            CHECK(live->belongs_to("Nf0v8LwTnmiR"));
            CHECK_FALSE(live->belongs_to("another"));
        }
    }

    // #10, #11: no session, no cookie
    for (int number : {10, 11}) {
        at(number);
        CHECK(run(dbsc::cookie_check{trace_policy, steps[number].request["Cookie"], clock.now()}, db).error() ==
              errc::cookie_missing);
    }
    CHECK(run(dbsc::cookie_check{trace_policy, "bound=" + our_id + "." + third, clock.now()}, db).error() ==
          errc::dbsc_session_ended);

    // What the browser said it held back is what the server says is in scope.
    CHECK(*trace_policy.in_scope("https://app.dbsc.test:8443/api/after"));
    CHECK_FALSE(*trace_policy.in_scope("https://app.dbsc.test:8443/public/page"));
    CHECK_FALSE(*trace_policy.in_scope("https://app.dbsc.test:8443/dbsc/refresh"));
}

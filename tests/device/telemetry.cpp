#include "transport.hpp"

#include <signet/device/client.hpp>
#include <signet/store/memory.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace signet::device;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

struct fixture {
    store::memory db;
    local_key<es256> pair = *local_key<es256>::generate();
    device_sessions sessions =
        *device_sessions::make(*local_key<es256>::generate(), "k1", "https://risk.example.com", "shop");
    device_client<local_key<es256>> phone{pair, "shop"};
    testing_support::transport server{sessions, db, *proof::device_key::from_key(pair.key().public_part()), now};

    fixture() { begin(now); }
    void begin(unix_time at) {
        server.now = at;
        phone.received(*server.begin(phone), at);
    }
    // What the service does with a request: the token says whose it is.
    errc send(std::string const& json, unix_time at = now) {
        auto const in = run(sessions.authenticate(*phone.session_token(), at), db);
        if (!in) return in.error().code;
        auto batch = read_telemetry(json);
        if (!batch) return batch.error().code;
        auto const done = run(sessions.report_telemetry(*in, *std::move(batch), at), db);
        return done ? errc{} : done.error().code;
    }
    result<telemetry_batch> kept(std::uint32_t number, unix_time at = now) {
        return run(sessions.find_telemetry(phone.session().id, number, at), db);
    }
};

telemetry_batch batch(std::uint32_t number = 0, std::string session = "s1") {
    return {std::move(session), number, {{"scroll", now, "120 px"}, {"key", now + 1s, {}}}};
}
errc why(auto const& r) { return r ? errc{} : r.error().code; }

} // namespace

TEST_CASE_FIXTURE(
    fixture,
    "A30 \"The telemetry data is associated with a specific device session\": each batch is kept once, under its session") {
    auto const first = *phone.telemetry(batch().events);
    CHECK(send(first) == errc{});
    CHECK(*kept(0) == batch(0, phone.session().id));
    CHECK(send(first) == errc::replayed); // its answer was lost: the device knows that it arrived
    auto const second = *phone.telemetry({{"blur", now, "\"\\ \xc3\xa4"}});
    CHECK(send(second, now + 10s) == errc{});
    CHECK(kept(1)->events == std::vector<telemetry_event>{{"blur", now, "\"\\ \xc3\xa4"}});
    CHECK(why(kept(2)) == errc::session_unknown);
    auto const id = phone.session().id;

    begin(now + 20s); // another session of the same device: its numbers begin anew
    CHECK(phone.session().id != id);
    CHECK(read_telemetry(*phone.telemetry(batch().events))->number == 0);
    CHECK(why(kept(0)) == errc::session_unknown);
    CHECK(*run(sessions.find_telemetry(id, 0, now + 20s), db) == batch(0, id));
    CHECK(send(second, now + 20s) == errc::device_mismatch); // sent late, with the next session's token
    CHECK(why(run(sessions.find_telemetry(id, 0, now + 24h), db)) == errc::session_unknown); // it is not kept for ever
}

TEST_CASE_FIXTURE(fixture,
                  "A30 a device that floods is bounded by the clock; a session that ended keeps nothing more") {
    auto const at = [&](std::uint32_t number, unix_time when) {
        return send(*write_telemetry(batch(number, phone.session().id)), when);
    };
    CHECK(at(0, now) == errc{});
    CHECK(at(1, now + 4s) == errc::telemetry_too_early); // 10 s, of which the leeway is 5
    CHECK(at(1, now + 5s) == errc{});
    CHECK(at(60, now + 594s) == errc::telemetry_too_early);
    CHECK(at(59, now + 594s) == errc{}); // numbers may be left out
    CHECK(at(UINT32_MAX, now + 595s) == errc::telemetry_too_early);
    auto const in = *run(sessions.authenticate(*phone.session_token(), now), db);
    REQUIRE(run(sessions.end(in, now), db));
    CHECK(why(run(sessions.report_telemetry(in, batch(2, in.id()), now + 30s), db)) == errc::session_ended);
    CHECK(why(run(sessions.report_telemetry(in, {}, now + 30s), db)) == errc::out_of_range);
}

TEST_CASE("A30 telemetry as JSON: what is written is read again, within the limits and not beyond") {
    CHECK(
        *write_telemetry(batch(7)) ==
        R"({"session":"s1","number":7,"events":[{"type":"scroll","at":1800000000,"data":"120 px"},{"type":"key","at":1800000001}]})");
    telemetry_batch full{
        std::string(max_telemetry_session, 's'), UINT32_MAX,
        std::vector<telemetry_event>(max_telemetry_events, {std::string(max_telemetry_type, 't'), latest_time,
                                                            std::string(max_telemetry_data, 'd')})};
    CHECK(*read_telemetry(*write_telemetry(full)) == full);
    auto const refused = [&](auto change) {
        auto b = full;
        change(b);
        return why(write_telemetry(b));
    };
    CHECK(refused([](auto& b) { b.events.clear(); }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.events.push_back(b.events.front()); }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.session += 's'; }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.session.clear(); }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.events[3].type.clear(); }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.events[3].type += 't'; }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.events[3].data += 'd'; }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.events[3].at = unix_time{-1s}; }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.events[3].at += 1s; }) == errc::out_of_range);
    CHECK(refused([](auto& b) { b.events[3].data = "\xff"; }) == errc::json_not_utf8);

    CHECK(read_telemetry(R"({"events":[{"type":"a","at":1,"more":[1]}],"number":0,"x":null,"session":"s"})"));
    for (auto const& [json, told] :
         {std::pair{R"()", errc::malformed_json},
          {R"([])", errc::claim_wrong_type},
          {R"({})", errc::claim_missing},
          {R"({"number":0,"events":[{"type":"a","at":1}]})", errc::claim_missing},
          {R"({"session":"","number":0,"events":[{"type":"a","at":1}]})", errc::out_of_range},
          {R"({"session":7,"number":0,"events":[{"type":"a","at":1}]})", errc::claim_wrong_type},
          {R"({"session":"s","number":0})", errc::claim_missing},
          {R"({"session":"s","number":0,"events":[]})", errc::out_of_range},
          {R"({"session":"s","number":0,"events":{}})", errc::claim_wrong_type},
          {R"({"session":"s","number":-1,"events":[{"type":"a","at":1}]})", errc::out_of_range},
          {R"({"session":"s","number":4294967296,"events":[{"type":"a","at":1}]})", errc::out_of_range},
          {R"({"session":"s","number":"0","events":[{"type":"a","at":1}]})", errc::claim_wrong_type},
          {R"({"session":"s","number":0,"number":0,"events":[{"type":"a","at":1}]})", errc::duplicate_json_name},
          {R"({"session":"s","number":0,"events":[1]})", errc::claim_wrong_type},
          {R"({"session":"s","number":0,"events":[{"at":1}]})", errc::claim_missing},
          {R"({"session":"s","number":0,"events":[{"type":"","at":1}]})", errc::out_of_range},
          {R"({"session":"s","number":0,"events":[{"type":"a"}]})", errc::claim_missing},
          {R"({"session":"s","number":0,"events":[{"type":"a","at":1.5}]})", errc::out_of_range},
          {R"({"session":"s","number":0,"events":[{"type":"a","at":-1}]})", errc::out_of_range},
          {R"({"session":"s","number":0,"events":[{"type":"a","at":1,"data":1}]})", errc::claim_wrong_type}}) {
        CAPTURE(json);
        CHECK(why(read_telemetry(json)) == told);
    }
    CHECK(why(read_telemetry(std::string(max_telemetry_json + 1, ' '))) == errc::json_too_large);
}

TEST_CASE_FIXTURE(
    fixture, "A30 what is written can be read: texts that are longer in JSON count as such, and use up no number") {
    for (std::string const& data : {std::string(max_telemetry_data, '"'), std::string(max_telemetry_data, '\x01')}) {
        std::vector<telemetry_event> const events(max_telemetry_events, {"key", now, data});
        CHECK(why(phone.telemetry(events)) == errc::out_of_range);
        CHECK(read_telemetry(*phone.telemetry({events.front()})));
    }
    CHECK(read_telemetry(*phone.telemetry(batch().events))->number == 2);
}

TEST_CASE_FIXTURE(fixture,
                  "A30 each number is kept once as long as the session lives, however short telemetry is remembered") {
    auto const brief = *device_sessions::make(*local_key<es256>::generate(), "k1", "https://risk.example.com", "shop",
                                              {.remember_telemetry = 1s});
    auto const begun = *run(brief.begin_without_key(platform::web, true, now), db);
    auto const in = *run(brief.authenticate(begun.token, now), db);
    REQUIRE(run(brief.report_telemetry(in, batch(0, in.id()), now), db));
    CHECK(why(run(brief.report_telemetry(in, batch(0, in.id()), now + 60s), db)) == errc::replayed);
}

TEST_CASE_FIXTURE(fixture, "A30 a batch that is refused uses up no number; before the beginning there is none") {
    device_client before{pair, "shop"};
    CHECK(why(before.telemetry(batch().events)) == errc::out_of_range);
    CHECK(why(phone.telemetry({})) == errc::out_of_range);
    CHECK(read_telemetry(*phone.telemetry(batch().events))->number == 0);
    CHECK(read_telemetry(*phone.telemetry(batch().events))->number == 1);
}

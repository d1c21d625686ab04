#include <signet/store/record.hpp>

#include <doctest/doctest.h>

#include <array>
#include <limits>

using namespace signet;
using store::record_reader;
using store::record_writer;

namespace {
unix_time at(std::int64_t s) { return unix_time{std::chrono::seconds{s}}; }
} // namespace

TEST_CASE("record: what is written comes back, and begins with a format number") {
    bytes octets;
    record_writer w{octets, 3, 'c'};
    std::array<std::uint8_t, 4> const digest{9, 8, 7, 6};
    w.number(0), w.number(127), w.number(128), w.number(std::numeric_limits<std::uint64_t>::max());
    w.flag(true), w.time(at(1'700'000'000)), w.text("anna"), w.octets({}), w.fixed(digest);
    auto const record = w.finish();
    REQUIRE(record);
    CHECK((*record)[0] == 3);

    record_reader r{*record, 3, 'c'};
    CHECK(r.format() == 3);
    CHECK(r.number() == 0);
    CHECK(r.number() == 127);
    CHECK(r.number() == 128);
    CHECK(r.number() == std::numeric_limits<std::uint64_t>::max());
    CHECK(r.flag());
    CHECK(r.time() == at(1'700'000'000));
    CHECK(r.text() == "anna");
    CHECK(r.octets().empty());
    std::array<std::uint8_t, 4> back{};
    r.fixed(back);
    CHECK(back == digest);
    CHECK(r.finish());
}

TEST_CASE("record: a buffer of the caller's gives the same octets, or buffer_too_small") {
    std::array<std::uint8_t, 7> buffer{};
    record_writer w{buffer, 1, 'x'};
    w.text("four");
    CHECK(w.finish()->size() == 7);
    w.number(1);
    CHECK(w.finish().error() == errc::buffer_too_small);
    record_writer none{std::span<std::uint8_t>{}, 1, 'x'};
    CHECK(none.finish().error() == errc::buffer_too_small);
    bytes big;
    record_writer large{big, 1, 'x'};
    large.octets(bytes(store::max_record));
    CHECK(large.finish().error() == errc::record_too_large);
}

TEST_CASE("record: a kind is never read as another, a newer format not at all") {
    std::array<std::uint8_t, 2> const head{2, 'c'};
    CHECK(record_reader{head, 2, 'c'}.finish());
    CHECK(record_reader{head, 9, 'c'}.finish());
    CHECK(record_reader{head, 2, 'd'}.finish().error() == errc::record_malformed);
    CHECK(record_reader{head, 1, 'c'}.finish().error() == errc::record_newer);
    CHECK(record_reader{head, 1, 'd'}.finish().error() == errc::record_malformed);
    CHECK(record_reader{{}, 1, 'c'}.finish().error() == errc::record_malformed);
    CHECK(record_reader{std::span{head}.first(1), 2, 'c'}.finish().error() == errc::record_malformed);
    std::array<std::uint8_t, 2> const zero{0, 'c'};
    CHECK(record_reader{zero, 2, 'c'}.finish().error() == errc::record_malformed);
}

TEST_CASE("record: each number has one encoding") {
    auto const read = [](std::initializer_list<std::uint8_t> digits) {
        bytes octets{1, 'n'};
        octets.insert(octets.end(), digits);
        record_reader r{octets, 1, 'n'};
        (void)r.number();
        return r.finish().has_value();
    };
    CHECK(read({0x7f}));
    CHECK(read({0x80, 0x01}));
    CHECK_FALSE(read({0x80, 0x00})); // longer than needed
    CHECK_FALSE(read({0xff}));       // cut short
    CHECK(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
    CHECK_FALSE(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}));
    CHECK_FALSE(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 0x00}));
}

TEST_CASE("record: lengths, limits and trailing octets are checked; after an error everything reads as nothing") {
    bytes const long_text{1, 'n', 5, 'a', 'b'};
    record_reader r{long_text, 1, 'n'};
    CHECK(r.text().empty());
    CHECK(r.failed());
    CHECK(r.format() == 0);
    CHECK(r.number() == 0);
    CHECK(r.finish().error() == error{errc::record_malformed, 3});

    bytes const two{1, 'n', 2};
    record_reader limited{two, 1, 'n'};
    CHECK(limited.number(1) == 0);
    CHECK(limited.finish().error() == errc::record_malformed);
    record_reader flagged{two, 1, 'n'};
    CHECK_FALSE(flagged.flag());
    CHECK(flagged.failed());
    record_reader trailing{two, 1, 'n'};
    CHECK(trailing.finish().error() == error{errc::record_malformed, 2});
    record_reader digest{two, 1, 'n'};
    std::array<std::uint8_t, 2> out{1, 1};
    digest.fixed(out);
    CHECK(out == std::array<std::uint8_t, 2>{0, 0});
    CHECK(digest.failed());

    bytes far;
    record_writer w{far, 1, 'n'};
    w.number(253'402'300'800); // one second after 9999
    record_reader when{far, 1, 'n'};
    CHECK(when.time() == at(0));
    CHECK(when.failed());
}

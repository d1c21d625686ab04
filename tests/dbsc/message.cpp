#include "site.hpp"

using namespace dbsc_test;

TEST_CASE("DBSC.md 1 values of requests are read bare, as Chromium sends them, and quoted, as the draft has it") {
    CHECK(*dbsc::read_value("eyJ.a_b-c.d", 100) == "eyJ.a_b-c.d");
    CHECK(*dbsc::read_value("  \t\"eyJ.a_b-c.d\" ", 100) == "eyJ.a_b-c.d");
    CHECK(*dbsc::read_value("\"a\";x=1", 100) == "a");
    CHECK(*dbsc::read_value(R"("a\"b\\c")", 100) == R"(a"b\c)");
    CHECK(dbsc::read_value("", 100).error() == errc::header_missing);
    CHECK(dbsc::read_value(" \t", 100).error() == errc::header_missing);
    CHECK(dbsc::read_value("\"\"", 100).error() == errc::header_missing);
    for (std::string_view bad :
         {"a b", "a,b", "a;b", "a\"", "\"a", "\"a\"b", "\"a\", \"b\"", "a\\b", "\"a\\b\"", "a\nb", "a\x80", "\x7f"})
        CHECK_MESSAGE(dbsc::read_value(bad, 100).error().code == errc::malformed_header_field, bad);
    CHECK(dbsc::read_value("abcd", 4));
    CHECK(dbsc::read_value("\"abcd\"", 4));
    CHECK(dbsc::read_value("abcde", 4).error() == errc::header_too_large);
    CHECK(dbsc::read_value(std::string(100'000, 'a'), 4).error() == errc::header_too_large);
}

TEST_CASE("DBSC.md 1 Secure-Session-Challenge carries the session's id, without which browsers drop it") {
    CHECK(*dbsc::write_challenge("7b5r5fypTJFi6MeYIaN07g", "sid-tUbwBhbA") ==
          R"("7b5r5fypTJFi6MeYIaN07g";id="sid-tUbwBhbA")");
    CHECK(*dbsc::write_challenge(R"(a"b\c)", "i") == R"("a\"b\\c";id="i")");
    CHECK(dbsc::write_challenge("\xc3\xa9", "i").error() == errc::malformed_header_field);
}

TEST_CASE("DBSC.md 1 Secure-Session-Skipped is a list of words with the session's id") {
    auto const all = dbsc::read_skipped(
        R"(unreachable;session_identifier="a", server_error;session_identifier="b", quota_exceeded, later)");
    REQUIRE(all);
    REQUIRE(all->size() == 4);
    CHECK((*all)[0].reason == dbsc::skip_reason::unreachable);
    CHECK((*all)[0].session_id == "a");
    CHECK((*all)[1].reason == dbsc::skip_reason::server_error);
    CHECK((*all)[1].session_id == "b");
    CHECK((*all)[2].reason == dbsc::skip_reason::quota_exceeded);
    CHECK((*all)[2].session_id.empty());
    CHECK((*all)[3].reason == dbsc::skip_reason::other);
    CHECK(dbsc::read_skipped("")->empty());
    for (std::string_view bad :
         {"\"unreachable\"", "(unreachable)", "unreachable;session_identifier=a", "unreachable,", "1"})
        CHECK_MESSAGE(dbsc::read_skipped(bad).error().code == errc::malformed_header_field, bad);
    CHECK(dbsc::read_skipped(std::string(5000, 'a')).error() == errc::header_too_large);
    CHECK(dbsc::read_skipped("1").error().about == field_name::secure_session_skipped);
    CHECK(dbsc::read_skipped("unreachable,").error().about == field_name::secure_session_skipped);
    std::string many = "a";
    for (int i = 0; i != 64; ++i) many += ", a";
    CHECK(dbsc::read_skipped(many).error() == errc::header_too_large);
}

TEST_CASE("DBSC.md 5 the answer of a server that has no time is 503, and never 429") {
    auto const answer = dbsc::try_again_later();
    CHECK(answer.status == 503);
    CHECK(answer.find("cache-control") == "no-store");
    CHECK(answer.find("Set-Cookie").empty());
    CHECK(answer.body.empty());
}

#include <signet/core/error_rows.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace signet;

TEST_CASE("error: four bytes, every errc has a name of its own, a text and a status in every role") {
    static_assert(sizeof(error) == 4);
    std::set<std::string_view> names, texts;
    for (auto const& row : error_table) {
        CAPTURE(std::string{row.name});
        CHECK(names.insert(row.name).second);
        CHECK(texts.insert(row.text).second);
        CHECK(name(row.code) == row.name);
        CHECK(message(row.code) == row.text);
        for (auto as : {role::resource_server, role::authorization_server, role::dbsc, role::action}) {
            auto const status = http_status(row.code, as);
            CHECK(status >= 400);
            CHECK(status <= 503);
        }
    }
}

TEST_CASE("DECISIONS 15: an outage is 5xx in every role and DBSC never answers 429") {
    for (auto const& row : error_table) {
        CAPTURE(std::string{row.name});
        for (auto as : {role::resource_server, role::authorization_server, role::dbsc, role::action}) {
            auto const server_side = row.whose == fault::server || row.whose == fault::caller;
            CHECK((http_status(row.code, as) >= 500) == server_side);
            CHECK(http_status(row.code, as) != 429);
        }
    }
}

TEST_CASE("RFC 6750 3.1: status and code of a resource server") {
    CHECK(http_status(errc::expired) == 401);
    CHECK(oauth_error(errc::expired) == "invalid_token");
    CHECK(http_status(errc::malformed_token) == 400);
    CHECK(oauth_error(errc::malformed_token) == "invalid_request");
    CHECK(oauth_error(errc::store_unavailable).empty());
}

TEST_CASE("RFC 6749 5.2 and RFC 9449: codes of a token endpoint") {
    CHECK(http_status(errc::expired, role::authorization_server) == 400);
    CHECK(oauth_error(errc::expired, role::authorization_server) == "invalid_grant");
    for (auto const& row : error_table) // "unless specified otherwise" 400; what is ours is 5xx
        if (row.whose != fault::server && row.whose != fault::caller)
            CHECK(http_status(row.code, role::authorization_server) == 400);
    CHECK(oauth_error(errc::device_blocked, role::authorization_server) == "unauthorized_client");
    CHECK(oauth_error(errc::dpop_nonce_required, role::authorization_server) == "use_dpop_nonce");
    CHECK(oauth_error(errc::dpop_nonce_unknown) == "use_dpop_nonce");
    CHECK(oauth_error(errc::dpop_signature) == "invalid_dpop_proof");
    CHECK(oauth_error(errc::dpop_replayed) == "invalid_dpop_proof");
    CHECK(oauth_error(errc::dpop_key_mismatch) == "invalid_token");
    CHECK(oauth_error(errc::authorization_missing).empty());
}

TEST_CASE("error: an offset that does not fit is kept at the largest") {
    CHECK(error{errc::json_syntax, 70'000}.at == 0xffff);
    CHECK(error{errc::json_syntax, 17}.at == 17);
    CHECK(name(static_cast<errc>(60'000)).empty());
    CHECK(message(static_cast<errc>(60'000)) == "unknown error");
    CHECK(http_status(static_cast<errc>(60'000)) == 500);
}

#include <signet/core/error_rows.hpp>
#include <signet/core/result.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace signet;

TEST_CASE("error: six octets, every errc has a name of its own, a text and a status in every role") {
    static_assert(sizeof(error) == 6 && sizeof(result<void>) == 8);
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
    CHECK(oauth_error(errc::store_unavailable).empty());
}

TEST_CASE("T15, RFC 6750 3.1: a token that cannot be read is invalid_token, 401, where tokens are shown") {
    for (auto const why :
         {errc::malformed_token, errc::token_too_large, errc::encrypted_token, errc::malformed_header,
          errc::unknown_critical_header, errc::invalid_base64_length, errc::invalid_base64_character,
          errc::nonzero_base64_trailing_bits, errc::malformed_json, errc::json_too_large, errc::json_too_deep,
          errc::json_too_many_members, errc::duplicate_json_name, errc::json_not_utf8, errc::invalid_json_number,
          errc::malformed_payload, errc::out_of_range}) {
        CAPTURE(std::string{name(why)});
        for (auto const as : {role::resource_server, role::action}) {
            CHECK(http_status(why, as) == 401);
            CHECK(oauth_error(why, as) == "invalid_token");
        }
        CHECK(http_status(why, role::authorization_server) == 400); // RFC 6749 5.2
    }
    CHECK(oauth_error(errc::malformed_token, role::authorization_server) == "invalid_request");
    CHECK(http_status(errc::malformed_header_field) == 400); // the request itself
    CHECK(oauth_error(errc::malformed_header_field) == "invalid_request");
    CHECK(http_status(errc::time_not_set) == 500); // the program's mistake is nobody's token
    CHECK(oauth_error(errc::time_not_set).empty());
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
    CHECK(oauth_error(errc::invalid_dpop_signature) == "invalid_dpop_proof");
    CHECK(oauth_error(errc::dpop_replayed) == "invalid_dpop_proof");
    CHECK(oauth_error(errc::dpop_key_mismatch) == "invalid_token");
    CHECK(oauth_error(errc::authorization_missing).empty());
    CHECK(oauth_error(errc::authorization_missing, role::authorization_server) == "invalid_grant");
    CHECK(oauth_error(errc::dpop_missing) == "invalid_dpop_proof");
    CHECK(oauth_error(errc::dpop_missing, role::authorization_server) == "invalid_dpop_proof");
    CHECK(oauth_error(errc::dpop_missing, role::dbsc).empty());
    CHECK(oauth_error(errc::replayed) == "invalid_token");
    CHECK(oauth_error(errc::refresh_resource_not_granted) == "invalid_request");
    CHECK(oauth_error(errc::refresh_resource_not_granted, role::authorization_server) == "invalid_target");
    CHECK(oauth_error(errc::refresh_scope_exceeded, role::authorization_server) == "invalid_scope");
}

TEST_CASE("error: an offset that does not fit is kept at the largest") {
    CHECK(error{errc::malformed_json, 70'000}.at == 0xffff);
    CHECK(error{errc::malformed_json, 17}.at == 17);
    CHECK(name(static_cast<errc>(60'000)).empty());
    CHECK(message(static_cast<errc>(60'000)) == "unknown error");
    CHECK(http_status(static_cast<errc>(60'000)) == 500);
}

TEST_CASE("errc: fixed numbers, a block of 256 for each folder; 0 is none, and every number between is known or not") {
    CHECK(static_cast<int>(errc::buffer_too_small) == 0x0101);
    CHECK(static_cast<int>(errc::invalid_base64_length) == 0x0201);
    CHECK(static_cast<int>(errc::expired) == 0x0504);
    CHECK(name(errc{}).empty());
    CHECK(message(errc{}) == "unknown error");
    CHECK(oauth_error(errc{}).empty());
    auto const* row = std::begin(error_table);
    for (unsigned number = 0; number != 0x10000; ++number) {
        auto const code = static_cast<errc>(number);
        if (row == std::end(error_table) || row->code != code) {
            CHECK(name(code).empty());
            continue;
        }
        CHECK(name(code) == row->name);
        CHECK(!folder_of(code).empty());
        ++row;
    }
    CHECK(row == std::end(error_table));
    CHECK(folder_of(errc::buffer_too_small) == "core");
    CHECK(folder_of(errc::device_blocked) == "device");
    CHECK(folder_of(errc::refresh_reused) == "oauth");
    CHECK(folder_of(errc::login_required) == "oidc");
    CHECK(folder_of(errc::session_idle) == "session");
    CHECK(folder_of(errc::invalid_dbsc_policy) == "dbsc");
    CHECK(folder_of(static_cast<errc>(0xff01)).empty());
}

TEST_CASE("error: the members say what the free functions say of its code") {
    error const e{errc::device_blocked, field_name::kid};
    CHECK(e.name() == "device_blocked");
    CHECK(e.message() == message(errc::device_blocked));
    CHECK(e.http_status() == 403);
    CHECK(e.http_status(role::authorization_server) == 400);
    CHECK(e.oauth_error() == "insufficient_scope");
    CHECK(e.oauth_error(role::authorization_server) == "unauthorized_client");
}

TEST_CASE("error: what it is about is part of its value; a comparison with an errc looks at the code alone") {
    error const e{errc::wrong_issuer, field_name::iss};
    CHECK(e.about == field_name::iss);
    CHECK(e.at == 0);
    CHECK(name(e.about) == "iss");
    CHECK(e == errc::wrong_issuer);
    CHECK(e != error{errc::wrong_issuer});
    CHECK(e == error{errc::wrong_issuer, 0, field_name::iss});
    CHECK(e != error{errc::wrong_issuer, 1, field_name::iss});
    CHECK(error{errc::wrong_issuer}.about == field_name::none);
}

TEST_CASE("field_name: as the protocols write them; what is no name of theirs is none") {
    CHECK(name(field_name::none).empty());
    CHECK(name(field_name::x5t_s256) == "x5t#S256");
    CHECK(name(field_name::cookie_header) == "Cookie");
    CHECK(name(static_cast<field_name>(255)).empty());
    CHECK(find_field_name("x5t#S256") == field_name::x5t_s256);
    CHECK(find_field_name("Iss") == field_name::none);
    CHECK(find_field_name("iss ") == field_name::none);
    CHECK(find_field_name("none") == field_name::none);
    CHECK(find_field_name("") == field_name::none);
    for (unsigned i = 1; i != 256 && !name(static_cast<field_name>(i)).empty(); ++i)
        CHECK(find_field_name(name(static_cast<field_name>(i))) == static_cast<field_name>(i));
}

#include "authenticator.hpp"

#include "support/hex.hpp"

using namespace webauthn_test;

namespace {

webauthn::credential full(std::int32_t identifier) {
    key_pair const pair{identifier};
    return {.id = bytes(1023, 5),
            .user_handle = bytes(64, 6),
            .user = std::string(512, 'u'),
            .key = pair.shown(),
            .algorithm = pair.algorithm,
            .identifier = identifier,
            .count = 0xffffffff,
            .backup_eligible = true,
            .backed_up = true,
            .uv_initialized = true,
            .transports = std::string(256, 't'),
            .label = std::string(256, 'l'),
            .aaguid = {1, 2, 3},
            .created = now,
            .last_used = now + 1s};
}

// What the versions before `trusted` wrote: format 1, and with "01" at the end and another first octet format 2,
// blocked.
constexpr std::string_view format_1 =
    "017710111111111111111111111111111111110822222222222222224da501020326200121582059ccefb933d18e1a7b8e67"
    "1e334b0d9d9d11b22f13678fdbba0c174cb737d6b8225820147b956a5610bba11f7497219772ff8d3a1e2c193f8dcb870fca"
    "70b611ec27c604616e6e6108696e7465726e616c0550686f6e65ac020100010102030000000000000000000000000080a4a7"
    "da0681a4a7da06";
constexpr std::string_view format_2 =
    "027710111111111111111111111111111111110822222222222222224da501020326200121582059ccefb933d18e1a7b8e67"
    "1e334b0d9d9d11b22f13678fdbba0c174cb737d6b8225820147b956a5610bba11f7497219772ff8d3a1e2c193f8dcb870fca"
    "70b611ec27c604616e6e6108696e7465726e616c0550686f6e65ac020100010102030000000000000000000000000080a4a7"
    "da0681a4a7da0601";

} // namespace

TEST_CASE("A credential's record has the octets that it always had: formats 1 and 2 are not trusted, 3 is") {
    for (auto text : {format_1, format_2}) {
        auto const octets = from_hex(text);
        auto const read = webauthn::read_credential(octets);
        REQUIRE(read);
        CHECK(read->id == bytes(16, 0x11));
        CHECK(read->user == "anna");
        CHECK(read->identifier == -7);
        CHECK(read->count == 300);
        CHECK(read->last_used == now + 1s);
        CHECK(read->blocked == (text == format_2));
        CHECK_FALSE(read->trusted);
        CHECK(webauthn::write_credential(*read).value() == octets); // older programs go on reading it

        auto trusted = *read;
        trusted.trusted = true;
        auto expected = from_hex(format_2);
        expected[0] = 3, expected.back() = read->blocked ? 1 : 0, expected.push_back(1);
        auto const written = webauthn::write_credential(trusted).value();
        CHECK(written == expected);
        CHECK(webauthn::read_credential(written)->trusted);
        CHECK(webauthn::read_credential(written)->blocked == read->blocked);
        for (std::size_t size = 0; size != written.size(); ++size)
            CHECK(reason(webauthn::read_credential(bytes_view{written}.first(size))) == "record_malformed");
    }
    auto newer = from_hex(format_1);
    newer[0] = 4;
    CHECK(reason(webauthn::read_credential(newer)) == "record_newer");
}

TEST_CASE("A credential is read as it was written, with each algorithm, and has at most 4 KiB") {
    for (auto identifier : every_algorithm) {
        auto const before = full(identifier);
        auto const octets = webauthn::write_credential(before);
        REQUIRE(octets);
        CHECK(octets->size() <= webauthn::max_credential_octets);
        auto const after = webauthn::read_credential(*octets);
        REQUIRE(after);
        CHECK(after->id == before.id);
        CHECK(after->user_handle == before.user_handle);
        CHECK(after->user == before.user);
        CHECK(after->key == before.key);
        CHECK(after->algorithm == before.algorithm);
        CHECK(after->identifier == before.identifier); // -8 stays -8, RS256 stays RS256
        CHECK(after->count == before.count);
        CHECK((after->backup_eligible && after->backed_up && after->uv_initialized));
        CHECK(after->transports == before.transports);
        CHECK(after->label == before.label);
        CHECK(after->aaguid == before.aaguid);
        CHECK(after->created == before.created);
        CHECK(after->last_used == before.last_used);
        for (std::size_t size = 0; size < octets->size(); size += 7)
            CHECK(!webauthn::read_credential(bytes_view{*octets}.first(size)));
        auto longer = *octets;
        longer.push_back(0);
        CHECK(webauthn::read_credential(longer).error() == errc::record_malformed);
    }
}

TEST_CASE("Each flag is kept by itself") {
    for (auto flag : {&webauthn::credential::backup_eligible, &webauthn::credential::backed_up,
                      &webauthn::credential::uv_initialized}) {
        auto c = full(-7);
        c.backup_eligible = c.backed_up = c.uv_initialized = false;
        c.*flag = true;
        auto const after = webauthn::read_credential(*webauthn::write_credential(c));
        REQUIRE(after);
        for (auto one : {&webauthn::credential::backup_eligible, &webauthn::credential::backed_up,
                         &webauthn::credential::uv_initialized})
            CHECK(((*after).*one) == (one == flag));
    }
}

TEST_CASE("A credential beyond its limits is not written") {
    auto const refused = [](auto change) {
        auto c = full(-7);
        change(c);
        return reason(webauthn::write_credential(c));
    };
    CHECK(refused([](auto&) {}) == "accepted");
    CHECK(refused([](auto& c) { c.id = {}; }) == "out_of_range");
    CHECK(refused([](auto& c) { c.id.push_back(0); }) == "out_of_range");
    CHECK(refused([](auto& c) { c.user_handle.push_back(0); }) == "out_of_range");
    CHECK(refused([](auto& c) { c.user += 'u'; }) == "out_of_range");
    CHECK(refused([](auto& c) { c.label += 'l'; }) == "out_of_range");
    CHECK(refused([](auto& c) { c.transports += 't'; }) == "out_of_range");
    CHECK(refused([](auto& c) { c.identifier = -8; }) == "out_of_range"); // not its key's
}

TEST_CASE("The record of an RSA key of 4096 bits fits too") {
    auto c = full(-257);
    c.key = private_key::generate(alg::rs256, 4096)->public_part();
    auto const octets = webauthn::write_credential(c);
    REQUIRE(octets);
    CHECK(octets->size() <= webauthn::max_credential_octets);
    CHECK(webauthn::read_credential(*octets)->key == c.key);
}

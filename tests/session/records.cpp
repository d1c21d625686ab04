// The octets of this folder's records. They stand in stores, so they are compared with what earlier versions wrote.
#include <signet/codec/base64url.hpp>
#include <signet/session/impl/idp_session.hpp>
#include <signet/session/session_summary.hpp>

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace signet;
using namespace signet::session;
using namespace signet::session::detail;

namespace {

constexpr unix_time at(int seconds) { return unix_time{std::chrono::seconds{1'800'000'000 + seconds}}; }

std::string hex(bytes_view octets) {
    std::string text;
    for (auto octet : octets) text += "0123456789abcdef"[octet >> 4], text += "0123456789abcdef"[octet & 15u];
    return text;
}
template <class R> std::string written(R const& record) {
    auto const octets = to_octets(record);
    return octets ? hex(*octets) : std::string{name(octets.error().code)};
}

// What was written is read and written again alike, and every beginning of it is refused.
template <class R> void check_octets(R const& record, std::string_view expected) {
    CHECK(written(record) == expected);
    auto const octets = to_octets(record);
    REQUIRE(octets);
    R again;
    CHECK(from_octets(again, *octets));
    CHECK(written(again) == expected);
    for (std::size_t size = 0; size != octets->size(); ++size)
        CHECK(from_octets(again, bytes_view{*octets}.first(size)).error().code == errc::record_malformed);
    bytes newer = *octets;
    ++newer[0];
    CHECK(from_octets(again, newer).error().code == errc::record_newer);
}

session_record a_session() {
    session_record r;
    r.state = session_state::ended, r.ended = end_reason::stolen;
    r.level = 200, r.bound = 13;
    r.created = at(1), r.auth_time = at(2), r.expires = at(3), r.absolute = at(4);
    r.last_seen = at(5), r.renewed = at(6), r.overlap_until = at(7), r.token_expires = at(8);
    r.everything = 300, r.app_generation = 1;
    r.sid.fill(0x11), r.current.fill(0x22), r.previous.fill(0x33), r.device_key.fill(0x44);
    r.properties[0].fill(0x55), r.properties[1].fill(0x66), r.properties[2].fill(0x77);
    r.user = "anna", r.app = "shop", r.client_id = "web", r.methods = "pwd otp", r.idp_session = "s1";
    r.device = "Firefox on Debian", r.place = "Lisbon, PT", r.data = "basket", r.token = "eyJ";
    return r;
}

} // namespace

TEST_CASE("a session's record has the octets that it always had") {
    check_octets(
        a_session(),
        "01530407c8010d81a4a7da0682a4a7da0683a4a7da0684a4a7da0685a4a7da0686a4a7da0687a4a7da0688a4a7da06ac02011111"
        "11111111111111111111111111112222222222222222222222222222222222222222222222222222222222222222333333333333"
        "33333333333333333333333333333333333333333333333333335555555555555555555555555555555577777777777777777777"
        "777777777777444444444444444444444444444444444444444444444444444444444444444404616e6e610473686f7003776562"
        "07707764206f74700273311146697265666f78206f6e2044656269616e0a4c6973626f6e2c205054066261736b65740365794a");
    check_octets(session_record{}, "0153" + std::string(2 * 103, '0'));

    // One that owns its texts is written alike.
    auto const view = a_session();
    session_record_of<std::string> own;
    static_cast<session_fields&>(own) = view;
    own.user = view.user, own.app = view.app, own.client_id = view.client_id, own.methods = view.methods;
    own.idp_session = view.idp_session, own.device = view.device, own.place = view.place, own.data = view.data;
    own.token = view.token;
    CHECK(written(own) == written(view));
}

TEST_CASE("a summary says what the session's record says, and nothing that is secret") {
    auto const octets = to_octets(a_session());
    REQUIRE(octets);
    auto const read = read_session_summary(*octets);
    REQUIRE(read);
    REQUIRE(*read);
    auto const& s = **read;
    CHECK(s.sid == "EREREREREREREREREREREQ");
    CHECK(s.user == "anna");
    CHECK(s.app == "shop");
    CHECK(s.client_id == "web");
    CHECK(s.state == session_state::ended);
    CHECK(s.ended == end_reason::stolen);
    CHECK(s.level == 200);
    CHECK(s.methods == "pwd otp");
    CHECK(s.device == "Firefox on Debian");
    CHECK(s.place == "Lisbon, PT");
    CHECK(s.created == at(1));
    CHECK(s.auth_time == at(2));
    CHECK(s.expires == at(3));
    CHECK(s.last_seen == at(5));
}

TEST_CASE("a summary is of sessions alone, and of whole ones") {
    auto const octets = to_octets(a_session());
    REQUIRE(octets);
    // What is damaged, by an end or an octet more.
    for (std::size_t size = 2; size != octets->size(); ++size)
        CHECK(read_session_summary(bytes_view{*octets}.first(size)).error().code == errc::record_malformed);
    auto longer = *octets;
    longer.push_back(0);
    CHECK(read_session_summary(longer).error().code == errc::record_malformed);
    auto newer = *octets;
    ++newer[0];
    CHECK(read_session_summary(newer).error().code == errc::record_newer);
    bytes huge(max_session_record + 1, 'S');
    huge[0] = 1;
    CHECK(read_session_summary(huge).error().code == errc::record_malformed);
    // What is no session's: nothing, one octet, and the records of a roster, epochs and an identity provider's session.
    auto const is_none = [](bytes_view others) {
        auto const read = read_session_summary(others);
        return read.has_value() && !read->has_value();
    };
    CHECK(is_none({}));
    CHECK(is_none(bytes_view{*octets}.first(1)));
    CHECK(is_none(as_bytes("somebody's text")));
    CHECK(is_none(*to_octets(session_roster{})));
    CHECK(is_none(*to_octets(epoch_list{})));
    CHECK(is_none(*to_octets(idp_note{})));
}

TEST_CASE("nothing is written of a session that would not be read") {
    auto const with = [](auto change) {
        auto r = a_session();
        change(r);
        return written(r);
    };
    std::string const text(5000, 'x');
    auto const of = [&](std::size_t size) { return std::string_view{text}.substr(0, size); };
    for (auto field :
         {&session_record::user, &session_record::app, &session_record::client_id, &session_record::idp_session}) {
        CHECK(with([&](auto& r) { r.*field = of(max_session_name); }) != "out_of_range");
        CHECK(with([&](auto& r) { r.*field = of(max_session_name + 1); }) == "out_of_range");
    }
    for (auto field : {&session_record::methods, &session_record::device, &session_record::place}) {
        CHECK(with([&](auto& r) { r.*field = of(max_session_label); }) != "out_of_range");
        CHECK(with([&](auto& r) { r.*field = of(max_session_label + 1); }) == "out_of_range");
    }
    CHECK(with([&](auto& r) { r.data = of(max_session_data); }) != "out_of_range");
    CHECK(with([&](auto& r) { r.data = of(max_session_data + 1); }) == "out_of_range");
    CHECK(with([&](auto& r) { r.token = of(max_linked_token); }) != "out_of_range");
    CHECK(with([&](auto& r) { r.token = of(max_linked_token + 1); }) == "out_of_range");
    CHECK(with([&](auto& r) { r.bound = 16; }) == "out_of_range");
}

TEST_CASE("a user's roster has the octets that it always had") {
    session_roster r;
    r.not_before = at(1), r.others_before = at(2), r.sweeps = 300;
    r.kept.fill(0x11);
    r.entries.resize(2);
    auto &family = r.entries[0], &ending = r.entries[1];
    family.family = true;
    family.key.fill(0x22), family.app.fill(0x33), family.origin.fill(0x44);
    family.created = at(3), family.expires = at(4);
    ending.ending = true, ending.why = end_reason::credential_changed;
    ending.key.fill(0x55), ending.app.fill(0x66);
    ending.created = at(5), ending.expires = latest_time;
    check_octets(
        r, "015281a4a7da0682a4a7da0611111111111111111111111111111111ac02020100002222222222222222222222222222222222"
           "22222222222222222222222222222233333333333333334444444444444444444444444444444483a4a7da0684a4a7da060001"
           "0655555555555555555555555555555555555555555555555555555555555555556666666666666666000000000000000000000"
           "0000000000085a4a7da06ff82d1ffaf07");
    check_octets(session_roster{}, "0152" + std::string(2 * 20, '0'));
    r.entries.resize(max_entries);
    CHECK(written(r) != "out_of_range");
    r.entries.resize(max_entries + 1);
    CHECK(written(r) == "out_of_range");
}

TEST_CASE("S4 a look-up finds its session in the octets of a roster: one that is not to end, and no family of its") {
    session_roster r;
    r.entries.resize(4);
    auto const sid = [](std::uint8_t n) { return short_name{n}; };
    for (std::uint8_t n = 0; n != 4; ++n) r.entries[n].key[0] = n; // 0: the sid that is none
    r.entries[1].end(end_reason::revoked);
    r.entries[2].family = true, r.entries[2].origin = sid(9);
    for (std::size_t last = 0; last != 5; ++last) { // whatever is the last one
        CAPTURE(last);
        auto const octets = *to_octets(r);
        CHECK(find_on_roster(octets, sid(3))->has_value());
        CHECK(find_on_roster(octets, sid(0))->has_value());
        for (int n : {1, 2, 9, 4}) CHECK_FALSE(find_on_roster(octets, sid(static_cast<std::uint8_t>(n)))->has_value());
        CHECK(find_on_roster(bytes_view{octets}.first(octets.size() - 1), sid(3)).error() == errc::record_malformed);
        std::ranges::rotate(r.entries, r.entries.begin() + 1);
    }
    CHECK_FALSE(find_on_roster(*to_octets(session_roster{}), sid(0))->has_value());
}

TEST_CASE("the epochs of a tenant have the octets that they always had, and a look-up finds its two numbers in them") {
    app_name const shop{1, 2, 3, 4, 5, 6, 7, 8}, pro{9}, other{7};
    epoch_list epochs;
    epochs.everything = 300;
    epochs.apps = {{shop, 2}, {pro, 128}};
    check_octets(epochs, "0145ac020201020304050607080209000000000000008001");
    check_octets(epoch_list{}, "01450000");

    auto const octets = *to_octets(epochs);
    using two = std::array<std::uint64_t, 2>;
    CHECK(*find_epochs(octets, shop) == two{300, 2});
    CHECK(*find_epochs(octets, pro) == two{300, 128});
    CHECK(*find_epochs(octets, other) == two{300, 0});
    CHECK(*find_epochs(*to_octets(epoch_list{}), shop) == two{0, 0});
    for (std::size_t size = 0; size != octets.size(); ++size)
        CHECK(find_epochs(bytes_view{octets}.first(size), shop).error().code == errc::record_malformed);
    epochs.apps.resize(max_apps + 1);
    CHECK(written(epochs) == "out_of_range");
}

TEST_CASE("a note of a provider's session has the octets that it always had") {
    check_octets(idp_note{"anna"}, "014904616e6e61");
    check_octets(idp_note{}, "014900");
    CHECK(written(idp_note{std::string(max_session_name + 1, 'x')}) == "out_of_range");
}

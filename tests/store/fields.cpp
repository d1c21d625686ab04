#include <signet/dbsc/impl/session_record.hpp>
#include <signet/device/registry.hpp>
#include <signet/jose/thumbprint.hpp>
#include <signet/store/fields.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/fixed_random.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

unix_time at(std::int64_t s) { return unix_time{std::chrono::seconds{s}}; }

enum class colour : std::uint8_t { red, green, blue };

struct item {
    std::string name{};
    unix_time when{};
    friend bool operator==(item const&, item const&) = default;
};

// [fields]
struct everything {
    std::uint8_t small = 0;
    std::uint64_t large = 0;
    colour paint{};
    bool yes = false;
    unix_time when{};
    std::string text{};
    bytes octets{};
    std::array<std::uint8_t, 4> digest{};
    std::optional<std::uint64_t> maybe{};
    std::vector<item> items{};
    std::string since_2{}; // only format 2 has it
    friend bool operator==(everything const&, everything const&) = default;
};

template <class Archive> void fields(Archive& a, store::archived<Archive, everything>& r) {
    a.number(r.small, 10);
    a.number(r.large);
    a.enumeration(r.paint, colour::blue);
    a.flag(r.yes);
    a.time(r.when);
    a.text(r.text, 8);
    a.octets(r.octets, 8);
    a.fixed(r.digest);
    a.optional(r.maybe, [](auto& archive, auto& value) { archive.number(value); });
    a.each(r.items, 3, [](auto& archive, auto& one) {
        archive.text(one.name, 8);
        archive.time(one.when);
    });
    if (a.format() >= 2) a.text(r.since_2, 8);
    a.check(r.text != "bad");
}
// [/fields]

everything full() {
    return {.small = 7,
            .large = ~std::uint64_t{0},
            .paint = colour::blue,
            .yes = true,
            .when = at(1'700'000'000),
            .text = "anna",
            .octets = {1, 2, 3},
            .digest = {9, 8, 7, 6},
            .maybe = 300,
            .items = {{"a", at(1)}, {"b", at(2)}},
            .since_2 = "new"};
}

result<bytes> written(everything const& r, std::uint8_t format = 2) {
    bytes octets;
    if (auto done = store::write_fields(r, format, 'e', octets); !done) return done.error();
    return octets;
}
result<everything> read_back(bytes_view octets, std::uint8_t newest = 2) {
    return store::read_fields<everything>(octets, newest, 'e');
}

// Whatever is read must read alike by both, and what both take must be written alike by both.
template <class Old, class New> void read_alike(bytes const& octets, Old old_way, New new_way) {
    std::size_t taken = 0, refused = 0;
    auto const compare = [&](bytes const& attempt) {
        auto const a = old_way(attempt), b = new_way(attempt);
        if (a.has_value() != b.has_value() || (a && *a != *b)) FAIL("read differently");
        if (!a && a.error().code != b.error().code) FAIL("refused differently");
        ++(a ? taken : refused);
    };
    for (std::size_t n = 0; n <= octets.size(); ++n)
        compare(bytes(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(n)));
    for (std::size_t i = 0; i != octets.size(); ++i)
        for (int bit = 0; bit != 8; ++bit) {
            auto spoiled = octets;
            spoiled[i] = static_cast<std::uint8_t>(spoiled[i] ^ 1 << bit);
            compare(spoiled);
        }
    CHECK(taken > 0);
    CHECK(refused > octets.size());
}

} // namespace

TEST_CASE("fields: one function writes a record and reads it back") {
    auto const octets = written(full());
    REQUIRE(octets);
    CHECK(*read_back(*octets) == full());
    CHECK(*read_back(*written({})) == everything{});
    std::array<std::uint8_t, 256> memory{};
    std::span<std::uint8_t> buffer{memory};
    auto const there = store::write_fields(full(), 2, 'e', buffer);
    REQUIRE(there);
    CHECK(bytes(there->begin(), there->end()) == *octets);
    auto small = buffer.first(5);
    CHECK(store::write_fields(full(), 2, 'e', small).error() == errc::buffer_too_small);
}

TEST_CASE("fields: the octets are those of record_writer, called field by field") {
    bytes expected;
    store::record_writer w{expected, 2, 'e'};
    auto const r = full();
    w.number(7), w.number(r.large), w.number(2), w.flag(true), w.time(r.when), w.text("anna"), w.octets(r.octets),
        w.fixed(r.digest);
    w.flag(true), w.number(300);
    w.number(2), w.text("a"), w.time(at(1)), w.text("b"), w.time(at(2));
    w.text("new");
    CHECK(*written(r) == expected);
}

TEST_CASE("fields: a field of a newer format is read only from a record of that format") {
    auto const old = written(full(), 1);
    auto expected = full();
    expected.since_2.clear();
    CHECK(*read_back(*old) == expected);
    CHECK(read_back(*written(full()), 1).error() == errc::record_newer);
    CHECK(store::read_fields<everything>(*old, 2, 'f').error() == errc::record_malformed);
}

TEST_CASE("fields: what a reader would refuse is not written") {
    auto const refused = [](auto change) {
        auto r = full();
        change(r);
        return written(r).error() == errc::out_of_range;
    };
    CHECK(refused([](everything& r) { r.small = 11; }));
    CHECK(refused([](everything& r) { r.paint = static_cast<colour>(3); }));
    CHECK(refused([](everything& r) { r.text = std::string(9, 'a'); }));
    CHECK(refused([](everything& r) { r.octets = bytes(9); }));
    CHECK(refused([](everything& r) { r.items.resize(4); }));
    CHECK(refused([](everything& r) { r.items[1].name = std::string(9, 'a'); }));
    CHECK(refused([](everything& r) { r.text = "bad"; }));
}

TEST_CASE("fields: bounds and conditions hold for what is read, and a number fits its type") {
    auto const read = [](auto change) { // as written by a program with other limits
        bytes octets;
        store::record_writer w{octets, 2, 'e'};
        std::uint64_t small = 7, paint = 2, count = 0;
        std::string text = "anna";
        change(small, paint, count, text);
        w.number(small), w.number(1), w.number(paint), w.flag(true), w.time(at(1)), w.text(text), w.octets({});
        w.fixed(std::array<std::uint8_t, 4>{}), w.flag(false), w.number(count);
        for (std::uint64_t i = 0; i != count; ++i) w.text("a"), w.time(at(1));
        w.text("");
        return read_back(octets);
    };
    CHECK(read([](auto&...) {}));
    auto const malformed = [&](auto change) { return read(change).error() == errc::record_malformed; };
    CHECK(malformed([](auto& small, auto&...) { small = 11; }));
    CHECK(malformed([](auto& small, auto&...) { small = 256; }));
    CHECK(malformed([](auto&, auto& paint, auto&...) { paint = 3; }));
    CHECK(malformed([](auto&, auto&, auto& count, auto&) { count = 4; }));
    CHECK(malformed([](auto&, auto&, auto&, auto& text) { text = std::string(9, 'a'); }));
    CHECK(malformed([](auto&, auto&, auto&, auto& text) { text = "bad"; }));
    CHECK(read([](auto&, auto&, auto& count, auto&) { count = 3; }));

    bytes octets; // a small type without a limit of its own
    store::record_writer w{octets, 1, 'n'};
    w.number(256);
    store::field_reader r{octets, 1, 'n'};
    std::uint8_t small = 1;
    r.number(small);
    CHECK(small == 0);
    CHECK(r.failed());
    CHECK(r.finish().error() == errc::record_malformed);
    store::field_reader wider{octets, 1, 'n'}; // nor with one that its type does not hold
    wider.number(small, 1000);
    CHECK(wider.failed());
}

TEST_CASE("fields: texts and octets may be views into the record") {
    struct views {
        std::string_view text{};
        bytes_view octets{};
    } v{"hello", {}}, back;
    bytes octets;
    store::field_writer w{octets, 1, 'v'};
    w.text(v.text, 8), w.octets(v.octets, 8);
    REQUIRE(w.finish());
    store::field_reader r{octets, 1, 'v'};
    r.text(back.text, 8), r.octets(back.octets, 8);
    CHECK(r.finish());
    CHECK(back.text == "hello");
    CHECK(reinterpret_cast<std::uint8_t const*>(back.text.data()) == octets.data() + 3);
}

// ---- records that exist: the same octets, and the same is refused

namespace {

// Both directions as they were written before there were archives.
void write_optional(store::record_writer& w, std::optional<crypto::sha256_digest> const& digest) {
    w.flag(digest.has_value());
    if (digest) w.fixed(*digest);
}
std::optional<crypto::sha256_digest> read_optional(store::record_reader& r) {
    if (!r.flag()) return std::nullopt;
    crypto::sha256_digest digest{};
    r.fixed(digest);
    return digest;
}

bytes as_before(dbsc::detail::session_record const& s) {
    bytes octets;
    store::record_writer w{octets, 1, 'b'};
    w.number(static_cast<std::uint64_t>(s.state));
    w.text(s.user);
    write_optional(w, s.login);
    w.number(static_cast<std::uint64_t>(s.algorithm));
    w.octets(s.first), w.octets(s.second), w.fixed(s.thumbprint);
    w.time(s.registered), w.time(s.refreshed), w.time(s.ends);
    for (auto const* value : {&s.current, &s.previous}) w.fixed(value->hash), w.time(value->until);
    w.number(s.challenges.size());
    for (auto const& c : s.challenges) w.text(c.text), w.time(c.issued);
    REQUIRE(w.finish());
    return octets;
}
result<bytes> read_before(dbsc::detail::session_record s, bytes_view octets) {
    store::record_reader r{octets, 1, 'b'};
    s.state = static_cast<dbsc::bound_session_state>(r.number(3));
    s.user = r.text(512);
    s.login = read_optional(r);
    s.algorithm = static_cast<alg>(r.number(alg_count - 1));
    auto const copy = [&r](bytes& to) {
        auto const from = r.octets(1024);
        to.assign(from.begin(), from.end());
    };
    copy(s.first), copy(s.second), r.fixed(s.thumbprint);
    s.registered = r.time(), s.refreshed = r.time(), s.ends = r.time();
    for (auto* value : {&s.current, &s.previous}) r.fixed(value->hash), value->until = r.time();
    for (auto n = r.number(4); n != 0 && !r.failed(); --n) {
        dbsc::detail::handed_out c;
        c.text = r.text(128);
        c.issued = r.time();
        s.challenges.push_back(std::move(c));
    }
    if (auto good = r.finish(); !good) return good.error();
    return as_before(s);
}

bytes as_before(dbsc::detail::registration_record const& p) {
    bytes octets;
    store::record_writer w{octets, 1, 'B'};
    w.text(p.user), w.text(p.replaces);
    write_optional(w, p.login), write_optional(w, p.authorization), write_optional(w, p.provider_key);
    REQUIRE(w.finish());
    return octets;
}
result<bytes> read_before(dbsc::detail::registration_record p, bytes_view octets) {
    store::record_reader r{octets, 1, 'B'};
    p.user = r.text(512), p.replaces = r.text(256);
    p.login = read_optional(r), p.authorization = read_optional(r), p.provider_key = read_optional(r);
    if (auto good = r.finish(); !good) return good.error();
    return as_before(p);
}

template <class Record> void compare_with_before(Record const& record, std::uint8_t kind) {
    auto const octets = as_before(record);
    bytes same;
    REQUIRE(store::write_fields(record, 1, kind, same));
    CHECK(same == octets);
    read_alike(
        octets, [](bytes const& o) { return read_before(Record{}, o); },
        [kind](bytes const& o) -> result<bytes> {
            auto const read = store::read_fields<Record>(o, 1, kind);
            if (!read) return read.error();
            return as_before(*read);
        });
}

} // namespace

TEST_CASE("fields: DBSC's session and registration records are written and read octet by octet as before") {
    using namespace dbsc::detail;
    CHECK(session_format == 1);
    CHECK(session_kind == 'b');
    CHECK(registration_format == 1);
    CHECK(registration_kind == 'B');
    auto const key = private_key::generate(alg::es256)->public_part();
    for (int variant = 0; variant != 4; ++variant) {
        session_record s;
        s.user = "anna";
        s.pin(key, alg::es256);
        s.registered = at(1'800'000'000), s.refreshed = at(1'800'000'100), s.ends = at(1'900'000'000);
        s.current = {crypto::sha256(as_bytes("x")), at(1'800'000'700)};
        if (variant & 1) s.login = crypto::sha256(as_bytes("login"));
        if (variant & 2) s.challenges = {{"first", at(1)}, {std::string(128, 'c'), at(2)}};
        compare_with_before(s, session_kind);
        auto const octets = session_octets(s);
        REQUIRE(octets);
        CHECK(*octets == as_before(s));
        auto const back = read_session(*octets);
        REQUIRE(back);
        CHECK(as_before(*back) == *octets);

        registration_record p{"anna", variant & 1 ? "old" : "", {}, {}, {}};
        if (variant & 2) p.login = p.provider_key = crypto::sha256(as_bytes("login"));
        compare_with_before(p, registration_kind);
    }
}

namespace {

struct stored_device {
    std::string key_id{};
    std::optional<proof::device_key> key{}; // there is no empty one
    device::device_kind kind{};
    std::string platform{}, display_name{}, custom_data{};
    device::push_target push{};
    std::string fingerprint{}, manufacturer_id{}, device_id{};
    device::device_state state{};
    unix_time created{}, updated{}, last_activity{};
};
struct stored_roster {
    bool suspended = false;
    std::vector<stored_device> devices{};
};

bytes key_octets(std::optional<proof::device_key> const& key) {
    auto const der = key->key().to_der();
    return {der.begin(), der.end()};
}
result<std::optional<proof::device_key>> key_from(bytes_view octets) {
    auto key = public_key::from_der(octets, limits_for_keys_in_messages);
    if (!key) return key.error();
    auto pinned = proof::device_key::from_key(*std::move(key));
    if (!pinned) return pinned.error();
    return std::optional{*std::move(pinned)};
}

// Format 3: the number of the key's algorithm, which is ES256's here, and the evidence, which is none.
template <class Archive, class Record> void device_roster(Archive& a, Record& r) {
    a.flag(r.suspended);
    a.each(r.devices, store::max_record, [](auto& archive, auto& d) {
        archive.text(d.key_id, 128);
        std::uint8_t algorithm = 1, evidence = 1;
        archive.number(algorithm, 1);
        archive.converted(d.key, max_key_octets, key_octets, key_from);
        archive.enumeration(d.kind, device::device_kind::desktop);
        archive.text(d.platform, 64), archive.text(d.display_name, 128), archive.text(d.custom_data, 2048);
        archive.enumeration(d.push.type, device::push_target::service::apn);
        archive.text(d.push.device_token, 512), archive.text(d.push.bundle_id, 128);
        archive.text(d.fingerprint, 128), archive.text(d.manufacturer_id, 128), archive.text(d.device_id, 128);
        archive.enumeration(d.state, device::device_state::blocked_suspended);
        archive.time(d.created), archive.time(d.updated), archive.time(d.last_activity);
        archive.number(evidence, 1);
    });
    std::uint8_t blocked_keys = 0;
    a.number(blocked_keys, 0);
}

// Keeps the octets that were written last.
struct watching_store {
    store::memory db{};
    bytes last{};
    store::reply execute(store::request const& ask) {
        if (ask.verb == store::verb::insert || ask.verb == store::verb::replace)
            last.assign(ask.record.bytes.begin(), ask.record.bytes.end());
        return db.execute(ask);
    }
};

} // namespace

TEST_CASE("fields: the device registry's record is written and read octet by octet as before") {
    watching_store db;
    device::device_registry const registry{"shop"};
    auto const now = at(1'800'000'000);
    auto const key = [] { return *proof::device_key::from_key(private_key::generate(alg::es256)->public_part()); };
    REQUIRE(run(registry.add_unproved("anna",
                                      {.key_id = "phone",
                                       .key = key(),
                                       .kind = device::device_kind::mobile,
                                       .platform = "ios",
                                       .display_name = "Anna's",
                                       .custom_data = std::string(300, 'd'),
                                       .push = {device::push_target::service::apn, "token", "bundle"},
                                       .fingerprint = "f",
                                       .manufacturer_id = "m"},
                                      now),
                db));
    REQUIRE(run(registry.add_unproved("anna", {.key_id = "laptop", .key = key()}, now + 5s), db));
    REQUIRE(run(registry.block("anna", "laptop", now + 9s), db));
    REQUIRE(run(registry.suspend("anna", now + 9s), db));

    stored_roster roster;
    store::field_reader r{db.last, 3, 'D'};
    device_roster(r, roster);
    REQUIRE(r.finish());
    REQUIRE(roster.devices.size() == 2);
    CHECK(roster.devices[0].custom_data == std::string(300, 'd'));
    CHECK(roster.devices[1].state == device::device_state::blocked_suspended);
    bytes same;
    store::field_writer w{same, 3, 'D'};
    device_roster(w, std::as_const(roster));
    REQUIRE(w.finish());
    CHECK(same == db.last);

    auto spoiled = db.last; // a key that is none
    spoiled[13] = 0xff;
    store::field_reader broken{spoiled, 3, 'D'};
    device_roster(broken, roster);
    CHECK(broken.finish().error() == errc::record_malformed);
}

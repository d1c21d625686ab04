// SPDX-License-Identifier: BSL-1.0
// What a Redis server answers: whatever comes in, a reply is an error, a record that fits the buffer and has not
// expired, or what was asked for; a table of slots is whole, and leads to ports. And what somebody sends as the
// position of a scan: it is refused, or is a position that is written again as the same octets.
#include "require.hpp"

#include <signet/store/impl/redis_protocol.hpp>
#include <signet/store/impl/redis_slot.hpp>
#include <signet/store/impl/scan_place.hpp>

#include <array>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

void check_redirect(std::string_view text) {
    auto const to = store::detail::redis_parse_redirect(text);
    if (!to.is_known) return;
    require(to.slot < store::detail::redis_slots && to.port > 0 && to.port < 65'536 && to.host != "?");
    require(text.starts_with(to.asking ? "ASK " : "MOVED "));
    auto const where = std::string{to.host} + ":";
    require(text.find(where) != text.npos);
    // Written anew it leads to the same place.
    auto const again =
        (to.asking ? "ASK " : "MOVED ") + std::to_string(to.slot) + " " + where + std::to_string(to.port);
    auto const second = store::detail::redis_parse_redirect(again);
    require(second.is_known && second.slot == to.slot && second.port == to.port && second.host == to.host);
}

void check_slots(redisReply const& said) {
    std::vector<store::detail::redis_slots_row> rows;
    auto const good = store::detail::redis_parse_slots(said, rows);
    require(good == !rows.empty());
    for (auto const& row : rows) {
        require(row.first <= row.last && row.last < store::detail::redis_slots && !row.nodes.empty());
        for (auto const& node : row.nodes) require(node.port >= 0 && node.port < 65'536 && node.host != "?");
    }
}

void check_reply(store::request const& ask, store::reply const& r) {
    using store::outcome, store::verb;
    if (r.outcome == outcome::failed) {
        require(r.error != errc{} && r.error != errc::store_unfit);
        if (r.error == errc::buffer_too_small) {
            require(ask.verb == verb::find || ask.verb == verb::take);
            require(r.needed > ask.into.size());
        }
        return;
    }
    if (r.outcome == outcome::not_applied) return;
    auto const reads = ask.verb == verb::find || ask.verb == verb::take;
    if (!reads) return require(r.record.bytes.empty() && (ask.verb == verb::erase || r.record.version == 7));
    require(r.record.bytes.size() <= ask.into.size() && r.record.expires > now);
    require(r.record.bytes.empty() || r.record.bytes.data() == ask.into.data());
}

// A step of a scan names keys of the prefix; what stands under one is on the page, unreadable, gone, or does not fit.
void check_scan(store::detail::redis_protocol& protocol, redisReply const& said) {
    store::detail::redis_place place;
    if (protocol.read_scan(said, place))
        require(place.has_begun && place.is_over() == (place.cursor == 0 && place.named.empty()));
    store::scan_page page{2, 100};
    page.add({});
    auto const fits = store::detail::redis_protocol::read_scanned(said, {}, now.time_since_epoch() / 1s, page);
    require(page.records().size() + page.unreadable() <= 2);
    for (auto const& each : page.records().subspan(1)) require(fits && each.expires > now && each.octets.size() <= 100);
}

void check_position(bytes_view octets) {
    auto const position = store::scan_position::from_octets(octets);
    if (!position) return require(octets.size() > store::max_scan_position);
    for (auto const kind : {store::detail::redis_scan_kind, store::detail::cluster_scan_kind}) {
        store::detail::redis_place place;
        if (!place.read(*position, kind) || position->is_start()) continue;
        auto const again = place.write(kind);
        require(again && *again == *position);
    }
    for (auto const kind : {store::detail::sqlite_scan_kind, store::detail::postgres_scan_kind}) {
        std::optional<store::record_key> last;
        if (!store::detail::read_name(*position, kind, last) || !last) continue;
        auto const again = store::detail::write_name(kind, *last);
        require(again && *again == *position);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const octets{reinterpret_cast<char const*>(data), size};
    check_redirect(octets);
    check_position({data, size});
    // One whose first octets are right.
    for (auto const kind : {'r', 'c', 's', 'p'}) {
        bytes position{1, static_cast<std::uint8_t>(kind)};
        position.insert(position.end(), data, data + size);
        check_position(position);
    }

    store::detail::redis_reader reader;
    if (!reader.begin() || !reader.feed(octets)) return 0;
    std::vector<store::detail::redis_answer> answers;
    for (store::detail::redis_answer answer; reader.next(answer) && answer; answers.push_back(std::move(answer))) {}

    store::redis_params params;
    params.replicas = 1;
    store::detail::redis_protocol protocol{params};
    auto const is_known = protocol.read_greeting(answers, "broken", now.time_since_epoch() / 1s);
    if (is_known) require(!protocol.is_stale(now.time_since_epoch() / 1s) && !protocol.was_demoted());

    std::array<std::uint8_t, 16> buffer{};
    auto const later = now + 60s;
    store::request const asks[] = {store::find({}, buffer, now), store::insert({}, {}, later, now),
                                   store::replace({}, 5, {}, later, now), store::take({}, buffer, now),
                                   store::erase({}, now)};
    for (auto const& answer : answers) {
        check_redirect(store::detail::redis_string(answer.get()));
        check_slots(*answer);
        check_scan(protocol, *answer);
        (void)protocol.has_waited(answer.get());
        for (auto const& ask : asks) check_reply(ask, protocol.understand(ask, 7, *answer));
    }
    return 0;
}

// SPDX-License-Identifier: BSL-1.0
// What adapters write into a scan's position and read from it: a record, whose kind is the adapter's.
#pragma once

#include <signet/store/record.hpp>
#include <signet/store/scan.hpp>

#include <optional>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

inline constexpr std::uint8_t scan_format = 1;
inline constexpr std::uint8_t memory_scan_kind = 'm', sqlite_scan_kind = 's', postgres_scan_kind = 'p',
                              redis_scan_kind = 'r', cluster_scan_kind = 'c';

// Adds a record if it lives; one that is too large to be a record is counted. False: it is for the next page.
inline bool add_scanned(scan_page& page, record_key const& key, std::uint64_t version, std::int64_t expires,
                        bytes_view octets, std::int64_t now) {
    if (expires <= now) return true;
    if (octets.size() > max_record) return page.add_unreadable(), true;
    if (!page.fits(octets.size())) return false;
    page.add({key, secret::copy_of(octets), unix_time{std::chrono::seconds{expires}}, version});
    return true;
}

// `fill(writer)` writes what the position says.
template <class Fill> result<scan_position> write_place(std::uint8_t kind, Fill fill) {
    bytes octets;
    record_writer to{octets, scan_format, kind};
    fill(to);
    auto const all = to.finish();
    if (!all) return errc::invalid_scan_position;
    return scan_position::from_octets(*all);
}

// `take(reader)` reads it. False: it is not from such a store.
template <class Take> bool read_place(scan_position const& position, std::uint8_t kind, Take take) {
    record_reader from{position.octets(), scan_format, kind};
    take(from);
    return from.finish().has_value();
}

// A store that goes through its records in the order of their names: where to go on is the last name.
inline result<scan_position> write_name(std::uint8_t kind, record_key const& last) {
    return write_place(kind, [&](record_writer& to) { to.fixed(last); });
}
// None at the start. False: it is not from such a store.
inline bool read_name(scan_position const& position, std::uint8_t kind, std::optional<record_key>& last) {
    last.reset();
    if (position.is_start()) return true;
    return read_place(position, kind, [&](record_reader& from) { from.fixed(last.emplace()); });
}

}}}} // namespace signet::store::detail

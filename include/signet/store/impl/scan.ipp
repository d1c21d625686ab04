// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/store/scan.hpp>

#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store {

SIGNET_DECL result<scan_position> scan_position::from_octets(bytes_view octets) {
    if (octets.size() > max_scan_position) return errc::invalid_scan_position;
    scan_position made;
    made.octets_.assign(octets.begin(), octets.end());
    return made;
}

SIGNET_DECL scan_position scan_position::over() {
    scan_position made;
    made.octets_.assign(1, 0);
    return made;
}

namespace detail {
constexpr std::size_t limited_to(std::size_t wanted, std::size_t most) noexcept {
    return wanted == 0 || wanted > most ? most : wanted;
}
} // namespace detail

SIGNET_DECL scan_page::scan_page(std::size_t max_count, std::size_t max_octets) noexcept
    : max_count_{detail::limited_to(max_count, max_scan_count)},
      max_octets_{detail::limited_to(max_octets, max_scan_octets)} {}

SIGNET_DECL void scan_page::add(scanned_record record) {
    auto const size = record.octets.size();
    records_.push_back(std::move(record));
    octets_ += size;
}

SIGNET_DECL void scan_page::clear() noexcept {
    records_.clear();
    octets_ = unreadable_ = 0;
}

}}} // namespace signet::store

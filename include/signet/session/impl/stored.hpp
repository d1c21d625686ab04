// SPDX-License-Identifier: BSL-1.0
// Records of this folder as octets: each type says its format and kind, and its fields in a function `fields`.
#pragma once

#include <signet/store/fields.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

template <class R> result<bytes> to_octets(R const& r) {
    bytes octets;
    if (auto written = store::write_fields(r, R::format, R::kind, octets); !written) return written.error();
    return octets;
}
template <class R> result<void> from_octets(R& r, bytes_view octets) {
    return store::read_fields(r, octets, R::format, R::kind);
}
template <class R> result<R> from_octets(bytes_view octets) {
    return store::read_fields<R>(octets, R::format, R::kind);
}
template <class R> result<store::swap_decision> write(R const& r, unix_time expires) {
    auto octets = to_octets(r);
    if (!octets) return octets.error();
    return store::swap_decision::write(*std::move(octets), expires);
}

}}}} // namespace signet::session::detail

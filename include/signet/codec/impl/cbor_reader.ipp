// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/cbor_reader.hpp>
#include <signet/codec/impl/utf8.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

namespace detail {

/// The major types (RFC 8949 section 3.1).
enum class cbor_major : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, tag, simple };

/// The first octets of an item: type, size of the head and the argument in it.
struct cbor_head {
    cbor_major major;
    std::uint8_t size;
    std::uint64_t argument;
};

/// The head of a value that was read, which therefore is there and well-formed.
inline cbor_head head_at(std::uint8_t const* at) noexcept {
    auto const info = at[0] & 0x1fu;
    cbor_head head{static_cast<cbor_major>(at[0] >> 5), 1, info};
    if (info < 24) return head;
    auto const octets = 1u << (info - 24);
    head.argument = 0;
    for (unsigned i = 1; i <= octets; ++i) head.argument = head.argument << 8 | at[i];
    head.size = static_cast<std::uint8_t>(1 + octets);
    return head;
}

/// The order of CTAP 2.1 section 8: major type, then length, then octets. Below 0, 0 or above 0. For keys in their
/// shortest form that is the order of the octets alone, since the first ones say type and length.
inline int compare_cbor_keys(bytes_view a, bytes_view b) noexcept {
    return signet::as_text(a).compare(signet::as_text(b));
}

/// Reads one item without recursion: the arrays and maps that are open stand in a table of `max_cbor_depth` rows.
class cbor_index_builder {
public:
    cbor_index_builder(bytes_view from, std::span<cbor_node> nodes, cbor_limits const& limits) noexcept
        : octets_{from.first(std::min({from.size(), limits.max_size, std::size_t{UINT32_MAX}}))},
          cut_{from.size() - octets_.size()},
          nodes_{nodes.data()},
          max_values_{std::min({limits.max_values, nodes.size(), std::size_t{UINT32_MAX}})},
          max_depth_{std::min(limits.max_depth, max_cbor_depth)},
          any_key_order_{limits.any_key_order} {}

    /// Reads the item at the start and returns its size.
    result<std::size_t> read() noexcept {
        do {
            if (auto ok = read_value(); !ok) return ok.error();
            if (auto ok = close_what_is_full(); !ok) return ok.error();
        } while (depth_ != 0);
        return at_;
    }

private:
    struct frame {
        std::uint32_t node;
        std::uint64_t left;     // values that are still to come: keys count
        std::uint32_t last_key; // the largest key so far; 0, which is no key: none yet
        bool is_map;
        bool in_order;
    };

    // A claim of `count` values of `each` octets that goes beyond the octets after `from`: too large where only the
    // limit ends them, else truncated.
    [[nodiscard]] error beyond(std::size_t from, std::uint64_t count, std::size_t each) const noexcept {
        return {count <= (octets_.size() - from + cut_) / each ? errc::cbor_too_large : errc::cbor_truncated, at_};
    }

    // One value without what is in it.
    result<void> read_value() noexcept {
        auto const head = read_head();
        if (!head) return head.error();
        if (used_ == max_values_) return error{errc::cbor_too_many_values, at_};
        auto const kind = kind_of(*head);
        if (!kind) return kind.error();
        bool const is_key = depth_ != 0 && open_[depth_ - 1].is_map && open_[depth_ - 1].left % 2 == 0;
        if (is_key && *kind != cbor_kind::integer && *kind != cbor_kind::text) return error{errc::cbor_key_type, at_};

        auto const start = at_;
        auto const rest = octets_.size() - at_ - head->size;
        auto const node = used_++;
        std::size_t content = 0;
        if (*kind == cbor_kind::bytes || *kind == cbor_kind::text) {
            if (head->argument > rest) return beyond(start + head->size, head->argument, 1);
            content = static_cast<std::size_t>(head->argument);
        }
        if (*kind == cbor_kind::text) {
            if (auto ok = check_utf8(start + head->size, content); !ok) return ok.error();
        }
        at_ += head->size + content;
        nodes_[node] = {.at = static_cast<std::uint32_t>(start),
                        .size = static_cast<std::uint32_t>(at_ - start),
                        .next = used_,
                        .kind = *kind};
        if (depth_ != 0) {
            if (is_key)
                if (auto ok = take_key(open_[depth_ - 1], node); !ok) return ok.error();
            --open_[depth_ - 1].left;
        }
        if (*kind == cbor_kind::array || *kind == cbor_kind::map) return open(*head, node);
        return {};
    }

    // The head at this place, which does not move.
    result<cbor_head> read_head() const noexcept {
        if (at_ == octets_.size()) return beyond(at_, 1, 1);
        auto const first = octets_[at_];
        auto const major = static_cast<cbor_major>(first >> 5);
        auto const info = first & 0x1fu;
        if (major == cbor_major::tag) return error{errc::cbor_tag, at_};
        if (info == 31) return error{major < cbor_major::bytes ? errc::malformed_cbor : errc::cbor_indefinite, at_};
        if (info > 27) return error{errc::malformed_cbor, at_};
        if (auto const more = info >= 24 ? 1u << (info - 24) : 0u; octets_.size() - at_ - 1 < more)
            return beyond(at_ + 1, more, 1);
        auto const head = head_at(octets_.data() + at_);
        if (major != cbor_major::simple && info >= 24) {
            auto const least = info == 24 ? std::uint64_t{24} : std::uint64_t{1} << (8u << (info - 25));
            if (head.argument < least) return error{errc::cbor_not_minimal, at_};
        }
        return head;
    }

    result<cbor_kind> kind_of(cbor_head const& head) const noexcept {
        switch (head.major) {
        case cbor_major::unsigned_integer:
        case cbor_major::negative_integer: return cbor_kind::integer;
        case cbor_major::bytes: return cbor_kind::bytes;
        case cbor_major::text: return cbor_kind::text;
        case cbor_major::array: return cbor_kind::array;
        case cbor_major::map: return cbor_kind::map;
        case cbor_major::tag:
        case cbor_major::simple: break;
        }
        switch (octets_[at_] & 0x1f) { // RFC 8949 section 3.3
        case 20:
        case 21: return cbor_kind::boolean;
        case 22: return cbor_kind::null;
        case 23: return cbor_kind::undefined;
        case 25:
        case 26:
        case 27: return cbor_kind::floating;
        default: return error{errc::cbor_simple, at_};
        }
    }

    result<void> check_utf8(std::size_t at, std::size_t size) const noexcept {
        auto text = signet::as_text(octets_.subspan(at, size));
        while (!text.empty()) {
            auto const sequence = utf8_sequence(text);
            if (sequence == 0) return error{errc::cbor_not_utf8, at + size - text.size()};
            text.remove_prefix(sequence);
        }
        return {};
    }

    result<void> open(cbor_head const& head, std::uint32_t node) noexcept {
        if (depth_ == max_depth_) return error{errc::cbor_too_deep, nodes_[node].at};
        // Each value has an octet at the least, so that a claim beyond them is refused before anything is read.
        bool const is_map = head.major == cbor_major::map;
        auto const each = is_map ? std::size_t{2} : std::size_t{1};
        if (head.argument > (octets_.size() - at_) / each) return beyond(at_, head.argument, each);
        open_[depth_++] = {
            .node = node, .left = each * head.argument, .last_key = 0, .is_map = is_map, .in_order = true};
        return {};
    }

    result<void> take_key(frame& map, std::uint32_t node) noexcept {
        if (map.last_key == 0) {
            map.last_key = node;
            return {};
        }
        auto const order = compare_cbor_keys(encoded(map.last_key), encoded(node));
        if (order == 0) return error{errc::cbor_duplicate, nodes_[node].at};
        if (order < 0) {
            map.last_key = node;
            return {};
        }
        if (!any_key_order_)
            return error{is_among_keys(map.node, node) ? errc::cbor_duplicate : errc::cbor_order, nodes_[node].at};
        map.in_order = false;
        return {};
    }

    // Whether the map has that key before. Asked once, by whoever refuses the map.
    bool is_among_keys(std::uint32_t map, std::uint32_t key) const noexcept {
        for (auto i = map + 1; i < key; i = nodes_[nodes_[i].next].next)
            if (compare_cbor_keys(encoded(i), encoded(key)) == 0) return true;
        return false;
    }

    result<void> close_what_is_full() noexcept {
        for (; depth_ != 0 && open_[depth_ - 1].left == 0; --depth_) {
            auto const& closed = open_[depth_ - 1];
            auto& node = nodes_[closed.node];
            node.next = used_;
            node.size = static_cast<std::uint32_t>(at_ - node.at);
            if (!closed.in_order)
                if (auto ok = check_unordered(closed.node); !ok) return ok.error();
        }
        return {};
    }

    // A map whose keys are not sorted: sorted here, equal keys are neighbours.
    result<void> check_unordered(std::uint32_t map) const noexcept {
        std::array<std::uint32_t, max_unordered_cbor_keys> keys; // nodes
        std::size_t count = 0;
        for (auto i = map + 1; i != nodes_[map].next; i = nodes_[nodes_[i].next].next) {
            if (count == keys.size()) return error{errc::cbor_too_many_values, nodes_[i].at};
            keys[count++] = i;
        }
        auto const last = keys.begin() + static_cast<std::ptrdiff_t>(count);
        std::sort(keys.begin(), last, [this](std::uint32_t a, std::uint32_t b) {
            auto const order = compare_cbor_keys(encoded(a), encoded(b));
            return order != 0 ? order < 0 : a < b;
        });
        auto const twice = std::adjacent_find(keys.begin(), last, [this](std::uint32_t a, std::uint32_t b) {
            return compare_cbor_keys(encoded(a), encoded(b)) == 0;
        });
        if (twice != last) return error{errc::cbor_duplicate, nodes_[*std::next(twice)].at};
        return {};
    }

    bytes_view encoded(std::uint32_t node) const noexcept {
        return octets_.subspan(nodes_[node].at, nodes_[node].size);
    }

    bytes_view octets_;
    std::size_t cut_; // octets behind the limit
    cbor_node* nodes_;
    std::size_t max_values_;
    std::size_t max_depth_;
    bool any_key_order_;
    std::size_t at_ = 0;
    std::uint32_t used_ = 0;
    std::size_t depth_ = 0;
    std::array<frame, max_cbor_depth> open_; // written when an array or map opens
};

/// Two octets as a number (RFC 8949 appendix D).
inline double half_to_double(std::uint64_t bits) noexcept {
    auto const exponent = static_cast<int>(bits >> 10 & 0x1f);
    auto const fraction = static_cast<double>(bits & 0x3ff);
    auto const size = exponent == 0      ? std::ldexp(fraction, -24)
                      : exponent == 0x1f ? (fraction == 0 ? std::numeric_limits<double>::infinity()
                                                          : std::numeric_limits<double>::quiet_NaN())
                                         : std::ldexp(fraction + 1024, exponent - 25);
    return (bits & 0x8000) != 0 ? -size : size;
}

} // namespace detail

SIGNET_DECL result<cbor_prefix> read_cbor_prefix(bytes_view from, std::span<cbor_node> nodes,
                                                 cbor_limits const& limits) noexcept {
    auto const size = detail::cbor_index_builder{from, nodes, limits}.read();
    if (!size) return size.error();
    return cbor_prefix{{from.data(), nodes.data(), 0}, *size};
}

SIGNET_DECL result<cbor_value> read_cbor(bytes_view whole, std::span<cbor_node> nodes,
                                         cbor_limits const& limits) noexcept {
    if (whole.size() > limits.max_size) return errc::cbor_too_large;
    auto const read = read_cbor_prefix(whole, nodes, limits);
    if (!read) return read.error();
    if (read->size != whole.size()) return error{errc::cbor_trailing, read->size};
    return read->value;
}

SIGNET_DECL bytes_view cbor_value::encoded() const noexcept {
    if (!all_) return {};
    return {octets_ + all_[index_].at, all_[index_].size};
}

SIGNET_DECL result<std::uint64_t> cbor_value::as_uint64() const noexcept {
    if (kind() != cbor_kind::integer) return errc::cbor_wrong_type;
    auto const head = detail::head_at(encoded().data());
    if (head.major == detail::cbor_major::negative_integer) return errc::out_of_range;
    return head.argument;
}
SIGNET_DECL result<std::int64_t> cbor_value::as_int64() const noexcept {
    if (kind() != cbor_kind::integer) return errc::cbor_wrong_type;
    auto const head = detail::head_at(encoded().data());
    if (head.argument > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return errc::out_of_range;
    auto const number = static_cast<std::int64_t>(head.argument);
    return head.major == detail::cbor_major::negative_integer ? -1 - number : number; // RFC 8949 section 3.1
}
SIGNET_DECL result<double> cbor_value::as_double() const noexcept {
    if (kind() != cbor_kind::floating) return errc::cbor_wrong_type;
    auto const head = detail::head_at(encoded().data());
    if (head.size == 3) return detail::half_to_double(head.argument);
    if (head.size == 5) return std::bit_cast<float>(static_cast<std::uint32_t>(head.argument));
    return std::bit_cast<double>(head.argument);
}
SIGNET_DECL bool_result cbor_value::as_bool() const noexcept {
    if (kind() != cbor_kind::boolean) return errc::cbor_wrong_type;
    return encoded()[0] == 0xf5;
}
SIGNET_DECL result<bytes_view> cbor_value::as_bytes() const noexcept {
    if (kind() != cbor_kind::bytes) return errc::cbor_wrong_type;
    return encoded().subspan(detail::head_at(encoded().data()).size);
}
SIGNET_DECL result<std::string_view> cbor_value::as_text() const noexcept {
    if (kind() != cbor_kind::text) return errc::cbor_wrong_type;
    return signet::as_text(encoded().subspan(detail::head_at(encoded().data()).size));
}

SIGNET_DECL std::size_t cbor_value::size() const noexcept {
    if (!is_array() && !is_map()) return 0;
    return static_cast<std::size_t>(detail::head_at(encoded().data()).argument);
}

SIGNET_DECL result<cbor_value> cbor_value::find(std::int64_t key) const noexcept {
    if (!is_map()) return errc::cbor_wrong_type;
    for (auto const [name, value] : members())
        if (auto const number = name.as_int64(); number && *number == key) return value;
    return errc::cbor_member_missing;
}
SIGNET_DECL result<cbor_value> cbor_value::find(std::string_view key) const noexcept {
    if (!is_map()) return errc::cbor_wrong_type;
    for (auto const [name, value] : members())
        if (auto const text = name.as_text(); text && *text == key) return value;
    return errc::cbor_member_missing;
}

}}} // namespace signet::codec

// SPDX-License-Identifier: BSL-1.0
// Reads CBOR (RFC 8949) in the canonical form of CTAP2, without a tree and without allocating, into an index that can
// be walked.
#pragma once

#include <signet/codec/impl/element_iterator.hpp>
#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>

#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

/// The deepest nesting that the reader can accept, and the largest map whose keys may be in any order.
inline constexpr std::size_t max_cbor_depth = 16;
inline constexpr std::size_t max_unordered_cbor_keys = 256;

/// Limits of a CBOR item. The defaults suit passkeys (CTAP 2.1 section 8: at most four levels).
struct cbor_limits {
    std::size_t max_size = 65'536; ///< octets
    std::size_t max_depth = 4;     ///< nested arrays and maps; more than `max_cbor_depth` count as that
    std::size_t max_values = 256;  ///< values in all; a key is one too
    bool any_key_order = false;    ///< accept maps whose keys are not sorted; a key may never come twice
};

/// The type of a CBOR value. `undefined` and `floating` are valid in CTAP2's canonical form, though nothing in WebAuthn
/// uses them.
enum class cbor_kind : std::uint8_t { null, boolean, undefined, integer, floating, bytes, text, array, map };

/// One value of the index: where its octets are. 16 octets. Only the reader makes one.
struct cbor_node {
    std::uint32_t at = 0;   ///< where the encoded value begins
    std::uint32_t size = 0; ///< octets of the encoded value, with all below it
    std::uint32_t next = 0; ///< index of the value after this one and all below it
    cbor_kind kind = cbor_kind::null;
};

struct cbor_member;

/// A value in CBOR octets that were read. Consists of two pointers and an index into the memory that the reader was
/// given.
class cbor_value {
public:
    cbor_value() = default; ///< a null value
    /// Refers to the node `index` of `all`, whose positions are in `octets`.
    cbor_value(std::uint8_t const* octets, cbor_node const* all, std::uint32_t index) noexcept
        : octets_{octets}, all_{all}, index_{index} {}

    /// Returns the type of the value; null for a default-constructed object.
    [[nodiscard]] cbor_kind kind() const noexcept { return all_ ? all_[index_].kind : cbor_kind::null; }
    [[nodiscard]] bool is_map() const noexcept { return kind() == cbor_kind::map; }
    [[nodiscard]] bool is_array() const noexcept { return kind() == cbor_kind::array; }
    [[nodiscard]] bool is_bytes() const noexcept { return kind() == cbor_kind::bytes; }
    [[nodiscard]] bool is_text() const noexcept { return kind() == cbor_kind::text; }
    [[nodiscard]] bool is_integer() const noexcept { return kind() == cbor_kind::integer; }
    [[nodiscard]] bool is_null() const noexcept { return kind() == cbor_kind::null; }

    /// Each function returns the value as its type. Text is valid UTF-8; it may contain NUL.
    ///
    /// Errors: `errc::cbor_wrong_type` for another type; `out_of_range` for an integer that does not fit.
    [[nodiscard]] SIGNET_DECL result<std::int64_t> as_int64() const noexcept;
    [[nodiscard]] SIGNET_DECL result<std::uint64_t> as_uint64() const noexcept;
    [[nodiscard]] SIGNET_DECL result<double> as_double() const noexcept; ///< of 16, 32 or 64 bits; integers are none
    [[nodiscard]] SIGNET_DECL bool_result as_bool() const noexcept;
    [[nodiscard]] SIGNET_DECL result<bytes_view> as_bytes() const noexcept;
    [[nodiscard]] SIGNET_DECL result<std::string_view> as_text() const noexcept;

    /// Returns the value of the member with that key. Keys of different types are different: 1, true and "1" never
    /// match each other.
    ///
    /// Errors: `errc::cbor_member_missing`; `cbor_wrong_type` if this is not a map.
    [[nodiscard]] SIGNET_DECL result<cbor_value> find(std::int64_t key) const noexcept;
    [[nodiscard]] SIGNET_DECL result<cbor_value> find(std::string_view key) const noexcept;

    /// Returns the number of elements of an array or of members of a map; 0 for other types.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;
    /// Returns the octets of this value as they were encoded, with all below it; empty for a default-constructed
    /// object.
    [[nodiscard]] SIGNET_DECL bytes_view encoded() const noexcept;

    /// Returns the index of this value's node; the root has 0.
    [[nodiscard]] std::uint32_t index() const noexcept { return index_; }

    using iterator = detail::element_iterator<cbor_value>; ///< forward iterator over the elements of an array
    class member_range;                                    ///< the members of a map, in the order of the octets
    [[nodiscard]] inline iterator begin() const noexcept;  ///< elements of an array; no elements for other types
    [[nodiscard]] inline iterator end() const noexcept;
    /// Returns the members of a map; no members for other types.
    [[nodiscard]] inline member_range members() const noexcept;

private:
    friend iterator;
    std::uint8_t const* octets_ = nullptr;
    cbor_node const* all_ = nullptr;
    std::uint32_t index_ = 0;
};

/// A member of a map. The key is an integer or a text.
struct cbor_member {
    cbor_value key;
    cbor_value value;
};

/// The members of a map: `for (auto const [key, value] : map.members())`.
class cbor_value::member_range {
public:
    /// Iterates over members. A copy is two pointers and an index.
    class iterator {
    public:
        using value_type = cbor_member;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using iterator_concept = std::forward_iterator_tag;
        using reference = cbor_member;
        using pointer = void;

        iterator() = default;
        /// Points to the member that begins with that key.
        explicit iterator(cbor_value::iterator key) noexcept : key_{key} {}
        cbor_member operator*() const noexcept { return {*key_, *std::next(key_)}; }
        iterator& operator++() noexcept {
            ++ ++key_;
            return *this;
        }
        iterator operator++(int) noexcept {
            auto before = *this;
            ++*this;
            return before;
        }
        bool operator==(iterator const& other) const noexcept = default;

    private:
        cbor_value::iterator key_;
    };

    /// Refers to the members between these positions.
    member_range(cbor_value::iterator first, cbor_value::iterator last) noexcept : first_{first}, last_{last} {}
    [[nodiscard]] iterator begin() const noexcept { return iterator{first_}; }
    [[nodiscard]] iterator end() const noexcept { return iterator{last_}; }

private:
    cbor_value::iterator first_, last_;
};

inline cbor_value::iterator cbor_value::begin() const noexcept {
    return is_array() ? iterator{{octets_, all_, index_ + 1}} : end();
}
inline cbor_value::iterator cbor_value::end() const noexcept {
    return iterator{{octets_, all_, all_ ? all_[index_].next : 0}};
}
inline cbor_value::member_range cbor_value::members() const noexcept {
    return {is_map() ? iterator{{octets_, all_, index_ + 1}} : end(), end()};
}

/// Reads the one CBOR item that `whole` consists of into `nodes` and returns it. Does not allocate.
///
/// Accepts the canonical form of CTAP 2.1 section 8 only. Lengths are definite and numbers as short as possible. The
/// keys of a map are integers or texts, sorted by major type, then length, then octets; none comes twice.
/// Floating-point numbers of any width are accepted, because that form leaves them as they are. Lifetime: `whole` and
/// `nodes` must outlive every `cbor_value` of this item. Complexity: linear in `whole.size()`; with `any_key_order`,
/// keys that are not in order are sorted. Errors, with the offset where reading stopped: `cbor_truncated`;
/// `cbor_trailing`; `malformed_cbor` (reserved lengths); `cbor_indefinite`; `cbor_not_minimal`; `cbor_order`;
/// `cbor_duplicate`; `cbor_key_type`; `cbor_tag`; `cbor_simple` (other simple values than false, true, null and
/// undefined); `cbor_too_deep`; `cbor_too_large`; `cbor_too_many_values` (also if `nodes` is too short);
/// `cbor_not_utf8`.
[[nodiscard]] SIGNET_DECL result<cbor_value> read_cbor(bytes_view whole, std::span<cbor_node> nodes,
                                                       cbor_limits const& limits = {}) noexcept;

/// An item with other octets behind it.
struct cbor_prefix {
    cbor_value value;
    std::size_t size; ///< octets of the item
};

/// Reads the CBOR item that `from` begins with, whatever follows it. `limits.max_size` limits the item.
///
/// Lifetime and errors: those of `read_cbor`, without `cbor_trailing`.
[[nodiscard]] SIGNET_DECL result<cbor_prefix> read_cbor_prefix(bytes_view from, std::span<cbor_node> nodes,
                                                               cbor_limits const& limits = {}) noexcept;

}}} // namespace signet::codec

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/codec/impl/cbor_reader.ipp>
#endif

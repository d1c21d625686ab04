// SPDX-License-Identifier: BSL-1.0
// Reads JSON (RFC 8259) in one pass, without a tree and without allocating, into an index that can be walked.
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>

#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

/// What a JSON text may be at most. The defaults suit tokens and keys.
struct json_limits {
    std::size_t max_size = 1 << 20; ///< octets of text
    std::size_t max_depth = 32;     ///< nested objects and arrays; more than 32 count as 32
    std::size_t max_members =
        256; ///< members of one object; beyond some thousands finding a name that comes twice takes long
    std::size_t max_values = 1 << 16; ///< values in all, names not counted
};

/// What a value is; `integer` is a number without fraction and exponent.
enum class json_kind : std::uint8_t { null, boolean, integer, number, string, array, object };

/// One value of the index: where its name and its text lie. 24 octets; made by the reader only.
struct json_node {
    std::uint32_t name_at = 0, name_size = 0; ///< of a member; empty for elements
    std::uint32_t at = 0, size = 0;           ///< the text of a number or the unescaped string
    std::uint32_t next = 0;                   ///< index of the value after this one and all below it
    json_kind kind = json_kind::null;
    bool truth = false;
};

/// A value inside a JSON text that was read; a view of two pointers into what the reader was given.
class json_value {
public:
    json_value() = default; ///< null
    /// Of the node `index` of `all`, whose places are in `text`.
    json_value(char const* text, json_node const* all, std::uint32_t index) noexcept
        : text_{text}, all_{all}, index_{index} {}

    /// What it is; a default-made value is null.
    // Always inline: in a large unit the compiler's budget is spent before it comes to these, and checks of claims call
    // them.
    [[nodiscard, gnu::always_inline]] json_kind kind() const noexcept {
        return all_ ? all_[index_].kind : json_kind::null;
    }
    [[nodiscard]] bool is_object() const noexcept { return kind() == json_kind::object; }
    [[nodiscard]] bool is_array() const noexcept { return kind() == json_kind::array; }
    [[nodiscard]] bool is_string() const noexcept { return kind() == json_kind::string; }
    [[nodiscard]] bool is_null() const noexcept { return kind() == json_kind::null; }

    /// The member's name, when this is a member of an object.
    [[nodiscard, gnu::always_inline]] std::string_view name() const noexcept {
        return all_ ? std::string_view{text_ + all_[index_].name_at, all_[index_].name_size} : std::string_view{};
    }

    /// Each reads this value as that type or says errc::json_wrong_type; a number that does not fit exactly is
    /// errc::invalid_json_number. Strings are unescaped and valid UTF-8; they may hold NUL.
    [[nodiscard, gnu::always_inline]] result<std::string_view> as_string() const noexcept {
        if (kind() != json_kind::string) return errc::json_wrong_type;
        return std::string_view{text_ + all_[index_].at, all_[index_].size};
    }
    [[nodiscard]] SIGNET_DECL bool_result as_bool() const noexcept;
    [[nodiscard]] SIGNET_DECL result<std::int64_t> as_int64() const noexcept;
    [[nodiscard]] SIGNET_DECL result<std::uint64_t> as_uint64() const noexcept;
    [[nodiscard]] SIGNET_DECL result<double> as_double() const noexcept; ///< correctly rounded, by std::from_chars
    [[nodiscard, gnu::always_inline]] std::string_view number_text()
        const noexcept { ///< as written; empty for other kinds
        if (kind() != json_kind::integer && kind() != json_kind::number) return {};
        return {text_ + all_[index_].at, all_[index_].size};
    }

    /// The member of that name (unescaped, case-sensitive) or `errc::json_member_missing`; `json_wrong_type` if no
    /// object.
    [[nodiscard]] SIGNET_DECL result<json_value> find(std::string_view member) const noexcept;

    /// Where this value stands in the index it was made with; 0 is the root.
    [[nodiscard]] std::uint32_t index() const noexcept { return index_; }

    /// Number of members or elements directly below; 0 for scalars.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;

    class iterator; ///< forward iterator over members or elements, in the order of the text
    [[nodiscard]] inline iterator begin() const noexcept;
    [[nodiscard]] inline iterator end() const noexcept;

private:
    char const* text_ = nullptr;
    json_node const* all_ = nullptr;
    std::uint32_t index_ = 0;
};

/// Goes over the members of an object or the elements of an array; a copy is two pointers and an index.
class json_value::iterator {
public:
    using value_type = json_value;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag; // its reference is a value
    using iterator_concept = std::forward_iterator_tag;
    using reference = json_value;
    using pointer = void;

    iterator() = default;
    /// At that value, which has to stand in an object or array.
    explicit iterator(json_value at) noexcept : at_{at} {}
    json_value operator*() const noexcept { return at_; }
    iterator& operator++() noexcept {
        at_.index_ = at_.all_[at_.index_].next;
        return *this;
    }
    iterator operator++(int) noexcept {
        auto before = *this;
        ++*this;
        return before;
    }
    bool operator==(iterator const& other) const noexcept { return at_.index_ == other.at_.index_; }

private:
    json_value at_;
};

[[gnu::always_inline]] inline json_value::iterator json_value::begin() const noexcept {
    return is_object() || is_array() ? iterator{{text_, all_, index_ + 1}} : end();
}
[[gnu::always_inline]] inline json_value::iterator json_value::end() const noexcept {
    return iterator{{text_, all_, all_ ? all_[index_].next : 0}};
}

/// Reads `text` into `nodes` and gives the root. Allocates nothing.
///
/// `text` is rewritten where strings have escapes, so it is the caller's own buffer; it and `nodes` must outlive every
/// `json_value`. Refused with the offset where reading stopped: syntax, lone surrogates and trailing octets
/// (`malformed_json`), `json_not_utf8`, `duplicate_json_name` (after unescaping), `json_too_large`, `json_too_deep`,
/// `json_too_many_members` (also when `nodes` is too short), `invalid_json_number` for an exponent beyond 31 bits.
/// After a refusal `text` is of no use.
[[nodiscard]] SIGNET_DECL result<json_value> parse_json(std::span<char> text, std::span<json_node> nodes,
                                                        json_limits const& limits = {});

/// The owning twin: a text and its index together. Movable; values view it and die with it (moving keeps them alive).
class json_document {
public:
    using owns_its_views = void; ///< a temporary result of it has no `->`
    /// Copies the text; refusals as `parse_json`.
    [[nodiscard]] static SIGNET_DECL result<json_document> parse(std::string_view text, json_limits const& limits = {});
    /// The whole text's value, a view into this object.
    [[nodiscard]] SIGNET_DECL json_value root() const noexcept [[clang::lifetimebound]];

private:
    std::vector<char> text_;
    std::vector<json_node> nodes_;
};

}}} // namespace signet::codec

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/codec/impl/json_reader.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Reads JSON (RFC 8259) in one pass, without a tree and without allocating, into an index that can be walked.
#pragma once

#include <signet/codec/impl/element_iterator.hpp>
#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>

#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

/// Limits of a JSON text. The defaults suit tokens and keys.
struct json_limits {
    std::size_t max_size = 1 << 20; ///< octets of text
    std::size_t max_depth = 32;     ///< nested objects and arrays; more than 32 count as 32
    std::size_t max_members =
        256; ///< members of one object; with more than some thousands the search for duplicate names is slow
    std::size_t max_values = 1 << 16; ///< values in all, names not counted
};

/// The type of a JSON value. `integer` is a number without fraction and exponent.
enum class json_kind : std::uint8_t { null, boolean, integer, number, string, array, object };

/// One value of the index: where its name and its text are. 24 octets. Only the reader makes one.
struct json_node {
    std::uint32_t name_at = 0, name_size = 0; ///< the name of a member; empty for elements
    std::uint32_t at = 0, size = 0;           ///< the text of a number or the unescaped string
    std::uint32_t next = 0;                   ///< index of the value after this one and all below it
    json_kind kind = json_kind::null;
    bool truth = false;
};

/// A value in a JSON text that was read. Consists of two pointers and an index into the memory that the reader was
/// given.
class json_value {
public:
    json_value() = default; ///< a null value
    /// Refers to the node `index` of `all`, whose positions are in `text`.
    json_value(char const* text, json_node const* all, std::uint32_t index) noexcept
        : text_{text}, all_{all}, index_{index} {}

    /// Returns the type of the value; null for a default-constructed object.
    // Always inline: in a large unit the compiler's budget is spent before it comes to these, and checks of claims call
    // them.
    [[nodiscard, gnu::always_inline]] json_kind kind() const noexcept {
        return all_ ? all_[index_].kind : json_kind::null;
    }
    [[nodiscard]] bool is_object() const noexcept { return kind() == json_kind::object; }
    [[nodiscard]] bool is_array() const noexcept { return kind() == json_kind::array; }
    [[nodiscard]] bool is_string() const noexcept { return kind() == json_kind::string; }
    [[nodiscard]] bool is_null() const noexcept { return kind() == json_kind::null; }

    /// Returns the name of this member of an object; empty for other values.
    [[nodiscard, gnu::always_inline]] std::string_view name() const noexcept {
        return all_ ? std::string_view{text_ + all_[index_].name_at, all_[index_].name_size} : std::string_view{};
    }

    /// Each function returns the value as its type. Strings are unescaped and valid UTF-8; they may contain NUL.
    ///
    /// Errors: `errc::json_wrong_type` for another type; `invalid_json_number` for a number that does not fit exactly.
    [[nodiscard, gnu::always_inline]] result<std::string_view> as_string() const noexcept {
        if (kind() != json_kind::string) return errc::json_wrong_type;
        return std::string_view{text_ + all_[index_].at, all_[index_].size};
    }
    [[nodiscard]] SIGNET_DECL bool_result as_bool() const noexcept;
    [[nodiscard]] SIGNET_DECL result<std::int64_t> as_int64() const noexcept;
    [[nodiscard]] SIGNET_DECL result<std::uint64_t> as_uint64() const noexcept;
    [[nodiscard]] SIGNET_DECL result<double> as_double() const noexcept; ///< correctly rounded, as by std::from_chars
    [[nodiscard, gnu::always_inline]] std::string_view number_text()
        const noexcept { ///< as written; empty for other types
        if (kind() != json_kind::integer && kind() != json_kind::number) return {};
        return {text_ + all_[index_].at, all_[index_].size};
    }

    /// Returns the member of that name, compared after unescaping and case-sensitively.
    ///
    /// Errors: `errc::json_member_missing`; `json_wrong_type` if this is not an object.
    [[nodiscard]] SIGNET_DECL result<json_value> find(std::string_view member) const noexcept;

    /// Returns the index of this value's node; the root has 0.
    [[nodiscard]] std::uint32_t index() const noexcept { return index_; }

    /// Returns the number of members or elements directly below; 0 for scalars.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;

    /// A forward iterator over members or elements, in the order of the text.
    using iterator = detail::element_iterator<json_value>;
    [[nodiscard]] inline iterator begin() const noexcept;
    [[nodiscard]] inline iterator end() const noexcept;

private:
    friend iterator;
    char const* text_ = nullptr;
    json_node const* all_ = nullptr;
    std::uint32_t index_ = 0;
};

[[gnu::always_inline]] inline json_value::iterator json_value::begin() const noexcept {
    return is_object() || is_array() ? iterator{{text_, all_, index_ + 1}} : end();
}
[[gnu::always_inline]] inline json_value::iterator json_value::end() const noexcept {
    return iterator{{text_, all_, all_ ? all_[index_].next : 0}};
}

/// Reads `text` into `nodes` and returns the root. Does not allocate.
///
/// Strings with escapes are unescaped in place, so `text` must be writable. After an error the content of `text` is
/// unspecified.
/// Lifetime: `text` and `nodes` must outlive every `json_value` of this text.
/// Errors, with the offset where reading stopped: `malformed_json` (syntax, lone surrogates, trailing octets);
/// `json_not_utf8`; `duplicate_json_name` (compared after unescaping); `json_too_large`; `json_too_deep`;
/// `json_too_many_members` (also if `nodes` is too short); `invalid_json_number` for an exponent beyond 31 bits.
[[nodiscard]] SIGNET_DECL result<json_value> parse_json(std::span<char> text, std::span<json_node> nodes,
                                                        json_limits const& limits = {});

/// Owns a JSON text and its index. Movable. The text is wiped with it, since it may have secrets.
///
/// Lifetime: values refer to the document. They stay valid when it is moved, and end with it.
class json_document {
public:
    using owns_its_views = void;                       ///< a temporary result of it has no `->`
    json_document() = default;                         ///< holds nothing; it has no root
    json_document(json_document&&) noexcept = default; // vectors: the values keep viewing the same memory
    json_document& operator=(json_document&& other) noexcept {
        text_.swap(other.text_), nodes_.swap(other.nodes_);
        return *this;
    }
    SIGNET_DECL ~json_document();
    /// Reads a copy of the text. Errors: those of `parse_json`.
    [[nodiscard]] static SIGNET_DECL result<json_document> parse(std::string_view text, json_limits const& limits = {});
    /// Returns the value of the whole text, which refers to this object.
    [[nodiscard]] SIGNET_DECL json_value root() const noexcept [[clang::lifetimebound]];

private:
    std::vector<char> text_;
    std::vector<json_node> nodes_;
};

}}} // namespace signet::codec

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/codec/impl/json_reader.ipp>
#endif

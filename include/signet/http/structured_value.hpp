// SPDX-License-Identifier: BSL-1.0
// Values of structured fields (RFC 9651 section 3): what structured_field.hpp reads and writes. They own their memory.
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace sf {

/// A number with up to twelve digits before and three behind the point (RFC 9651 3.3.2), kept exactly: in thousandths.
struct decimal {
    std::int64_t thousandths = 0;

    /// Rounds `value` to three digits, half to even, from the shortest decimal digits that represent it (RFC 9651
    /// section 4.1.5). Errors: `errc::out_of_range` beyond twelve digits, and for infinities and NaN.
    [[nodiscard]] static SIGNET_DECL result<decimal> from(double value) noexcept;
    /// Returns the nearest double.
    [[nodiscard]] double to_double() const noexcept { return static_cast<double>(thousandths) / 1000; }

    friend constexpr bool operator==(decimal, decimal) = default;
};

/// A text of the named type, so that a token and a string cannot be confused: `bare_item{token{"ES256"}}`.
struct string {
    std::string text;
};
struct token {
    std::string text;
};
struct display_string {
    std::string text;
}; ///< UTF-8
struct byte_sequence {
    std::string octets;
};
struct date {
    std::int64_t seconds = 0;
}; ///< since 1970, may be negative

/// The types of a bare item (RFC 9651 3.3).
enum class kind : std::uint8_t { integer, decimal, string, token, byte_sequence, boolean, date, display_string };

/// A value of one of these types. Any value can be stored; writing fails for a value that a field cannot contain.
/// Reading it as another type returns nothing.
///
/// Example: `if (auto text = item.value.as_string()) use(*text);`
class bare_item {
public:
    bare_item() = default; ///< the boolean true, the value of a parameter without one
    /// Holds an integer of at most 15 digits (RFC 9651 section 3.3.1). Floating point does not convert, because the
    /// fraction would be lost; make a `decimal` of it.
    template <std::integral I>
        requires(!std::same_as<I, bool> && !std::same_as<I, char> &&
                 (std::signed_integral<I> || sizeof(I) < sizeof(std::int64_t)))
    explicit bare_item(I value) : kind_{sf::kind::integer}, number_{value} {}
    explicit bare_item(std::same_as<bool> auto value) : kind_{sf::kind::boolean}, number_{value} {}
    /// Holds a value of that type.
    explicit bare_item(sf::decimal value) : kind_{sf::kind::decimal}, number_{value.thousandths} {}
    explicit bare_item(sf::date value) : kind_{sf::kind::date}, number_{value.seconds} {}
    explicit bare_item(sf::string value) : kind_{sf::kind::string}, text_{std::move(value.text)} {}
    explicit bare_item(sf::token value) : kind_{sf::kind::token}, text_{std::move(value.text)} {}
    explicit bare_item(sf::display_string value) : kind_{sf::kind::display_string}, text_{std::move(value.text)} {}
    explicit bare_item(sf::byte_sequence value) : kind_{sf::kind::byte_sequence}, text_{std::move(value.octets)} {}

    /// Returns which of the eight types this is.
    [[nodiscard]] sf::kind kind() const noexcept { return kind_; }

    /// Return the value if it has that type, else nothing. A date is in seconds since 1970.
    [[nodiscard]] std::optional<std::int64_t> as_integer() const noexcept { return number(sf::kind::integer); }
    [[nodiscard]] std::optional<std::int64_t> as_date() const noexcept { return number(sf::kind::date); }
    [[nodiscard]] std::optional<bool> as_boolean() const noexcept {
        return kind_ == sf::kind::boolean ? std::optional{number_ != 0} : std::nullopt;
    }
    /// Returns the exact value, in thousandths.
    [[nodiscard]] std::optional<sf::decimal> as_decimal() const noexcept {
        return kind_ == sf::kind::decimal ? std::optional{sf::decimal{number_}} : std::nullopt;
    }
    /// Return a view into this object if it has that type, else nothing.
    [[nodiscard]] std::optional<std::string_view> as_string() const noexcept { return text(sf::kind::string); }
    [[nodiscard]] std::optional<std::string_view> as_token() const noexcept { return text(sf::kind::token); }
    [[nodiscard]] std::optional<std::string_view> as_display_string() const noexcept {
        return text(sf::kind::display_string);
    }
    [[nodiscard]] std::optional<bytes_view> as_byte_sequence() const noexcept {
        return kind_ == sf::kind::byte_sequence ? std::optional{as_bytes(text_)} : std::nullopt;
    }

    friend bool operator==(bare_item const&, bare_item const&) = default;

private:
    [[nodiscard]] std::optional<std::int64_t> number(sf::kind k) const noexcept {
        return kind_ == k ? std::optional{number_} : std::nullopt;
    }
    [[nodiscard]] std::optional<std::string_view> text(sf::kind k) const noexcept {
        return kind_ == k ? std::optional<std::string_view>{text_} : std::nullopt;
    }

    sf::kind kind_ = sf::kind::boolean;
    std::int64_t number_ = 1;
    std::string text_;
};

namespace detail {
template <class V> class key_index;
} // namespace detail

/// Values under keys, in order. Setting a key again keeps its place (RFC 9651 sections 3.1.2 and 3.2).
template <class V> class keyed {
public:
    /// A key and its value.
    using entry = std::pair<std::string, V>;

    /// Returns the value under `key`, valid until a key is set; nullptr if there is none.
    [[nodiscard]] V const* find(std::string_view key) const noexcept {
        for (auto const& one : entries_)
            if (one.first == key) return &one.second;
        return nullptr;
    }
    /// Sets the value under that key and returns a reference to it.
    V& set(std::string_view key, V value) {
        for (auto& one : entries_)
            if (one.first == key) return one.second = std::move(value);
        return entries_.emplace_back(std::string{key}, std::move(value)).second;
    }

    /// Returns the number of keys.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }
    [[nodiscard]] auto end() const noexcept { return entries_.end(); }

    friend bool operator==(keyed const&, keyed const&) = default;

private:
    friend class detail::key_index<V>;
    std::vector<entry> entries_;
};

/// The parameters after an item, `;a=1;b` (RFC 9651 section 3.1.2).
using parameters = keyed<bare_item>;

/// A value with parameters (RFC 9651 3.3).
struct item {
    bare_item value;
    parameters params = {};

    friend bool operator==(item const&, item const&) = default;
};

/// A member of a list or a dictionary: an item, or an inner list of items with parameters of its own (RFC 9651 section
/// 3.1.1).
struct member {
    member() = default;
    /// Holds an item, or an inner list of items.
    member(item single) : value{std::move(single.value)}, params{std::move(single.params)} {}
    explicit member(std::vector<item> many, parameters p = {})
        : params{std::move(p)}, items{std::move(many)}, is_inner_list{true} {}

    bare_item value; ///< of an item
    parameters params;
    std::vector<item> items; ///< of an inner list
    bool is_inner_list = false;

    friend bool operator==(member const&, member const&) = default;
};

/// A list and a dictionary; each member is an item or an inner list (RFC 9651 sections 3.1 and 3.2).
using list = std::vector<member>;
using dictionary = keyed<member>;

}}}} // namespace signet::http::sf

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/structured_value.ipp>
#endif

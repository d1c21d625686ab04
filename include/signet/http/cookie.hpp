// SPDX-License-Identifier: BSL-1.0
// The Cookie field (RFC 6265bis section 4.2): an exact reader without copies, decoding or allocation.
#pragma once

#include <signet/core/output.hpp>
#include <signet/http/cookie_syntax.hpp>

#include <iterator>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// One cookie as it was sent. It refers to the field.
struct cookie {
    std::string_view name;
    std::string_view value; ///< includes quotes, if there are any
};

/// The limits for a request. A larger request is refused, not truncated, because the rest could have a second cookie of
/// a name.
struct cookie_limits {
    std::size_t max_size = 16'384; ///< octets in all fields together
    std::size_t max_pairs = 256;   ///< pieces between semicolons
};

/// The number of cookies in the fields.
struct cookie_census {
    std::size_t cookies = 0;   ///< well-formed pairs
    std::size_t malformed = 0; ///< skipped: a name that is not a token, or an octet that cookies cannot have
    std::size_t nameless = 0;  ///< skipped: no "=", or nothing before it
    bool over_limits = false;
};

/// What the fields have under one name.
struct cookie_lookup {
    std::string_view value;     ///< of the first hit
    std::size_t hits = 0;       ///< exact matches; their order does not tell which is the right one
    std::size_t malformed = 0;  ///< exactly that name, but a value that cookies cannot have: skipped
    std::size_t suspicious = 0; ///< names that other software could take for this one; see `cookie_reader::inspect`
    bool over_limits = false;
};

/// Reads the Cookie fields of a request, without copies or allocation.
///
/// Pairs are split at ";", trimmed of spaces and tabs, and split at their first "=". Nothing is unquoted, decoded or
/// repaired, and names are compared exactly. There is no RFC 2109 mode: `$Version` is a name like any other. Pairs that
/// are not well-formed are skipped and counted. Several fields are read as if joined with "; " (HTTP/2, HTTP/3).
///
/// Lifetime: the fields, and the span of them, must outlive the reader.
///
/// Example: `auto id = http::cookie_reader{field}.find("__Host-sid"); if (!id) return id.error();`
class cookie_reader {
public:
    /// Reads one `Cookie` field, or several in their order.
    explicit cookie_reader(std::string_view field [[clang::lifetimebound]], cookie_limits limits = {}) noexcept
        : one_{field}, limits_{limits} {}
    explicit cookie_reader(std::span<std::string_view const> fields, cookie_limits limits = {}) noexcept
        : many_{fields}, several_{true}, limits_{limits} {}

    /// Returns the value of the only well-formed cookie of that name. Cookies of other names do not matter.
    ///
    /// Errors: `errc::cookie_missing`; `ambiguous_cookie` for more than one, because a neighbouring host can add
    /// cookies and their order proves nothing; `header_too_large` beyond the limits.
    [[nodiscard]] SIGNET_DECL result<std::string_view> find(std::string_view name) const noexcept;

    /// Returns everything about one name, for programs that try several values or log attacks.
    ///
    /// A name is suspicious if a lenient parser could read it as this one. It differs only by white space (also
    /// Unicode's), controls or quotes at its ends, or by case if the name has a prefix such as `__Host-`.
    [[nodiscard]] SIGNET_DECL cookie_lookup inspect(std::string_view name) const noexcept;

    /// Counts the cookies in the fields.
    [[nodiscard]] SIGNET_DECL cookie_census census() const noexcept;

    /// Iterates over the well-formed cookies. There are none if the limits are exceeded.
    class iterator {
    public:
        using iterator_category = std::input_iterator_tag; // its reference is a value
        using iterator_concept = std::forward_iterator_tag;
        using value_type = cookie;
        using difference_type = std::ptrdiff_t;
        using pointer = cookie const*;
        using reference = cookie;

        iterator() = default;
        reference operator*() const noexcept { return current_; }
        pointer operator->() const noexcept [[clang::lifetimebound]] { return &current_; }
        iterator& operator++() noexcept {
            advance();
            return *this;
        }
        iterator operator++(int) noexcept {
            auto before = *this;
            advance();
            return before;
        }
        friend bool operator==(iterator const& a, iterator const& b) noexcept { return a.at_ == b.at_; }

    private:
        friend class cookie_reader;
        SIGNET_DECL void advance() noexcept;

        cookie_reader const* reader_ = nullptr;
        std::string_view rest_;
        std::size_t field_ = 0;
        std::size_t at_ = static_cast<std::size_t>(-1); // number of the cookie; the end has none
        std::size_t next_ = 0;
        cookie current_;
    };

    [[nodiscard]] SIGNET_DECL iterator begin() const noexcept;
    [[nodiscard]] iterator end() const noexcept { return {}; }

private:
    [[nodiscard]] std::size_t fields() const noexcept { return several_ ? many_.size() : 1; }
    [[nodiscard]] std::string_view field(std::size_t i) const noexcept { return several_ ? many_[i] : one_; }
    [[nodiscard]] SIGNET_DECL bool within_limits() const noexcept;

    std::string_view one_;
    std::span<std::string_view const> many_;
    bool several_ = false;
    cookie_limits limits_;
};

/// Returns the octets within the quotes of a quoted value; other values unchanged. The reader never does this by
/// itself.
[[nodiscard]] constexpr std::string_view unquoted(std::string_view value) noexcept {
    return detail::within_quotes(value);
}

/// Appends `value` with each %XX decoded, for cookies of software that encodes them so. The reader never does this by
/// itself. The output may contain any octet.
///
/// Errors: `errc::invalid_cookie_value` with the offset of an incomplete escape.
[[nodiscard]] SIGNET_DECL result<std::string_view> percent_decode(std::string_view value, output& out);

}}} // namespace signet::http

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/cookie.ipp>
#endif

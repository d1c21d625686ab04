// SPDX-License-Identifier: BSL-1.0
// The Cookie field (RFC 6265bis section 4.2): an exact reader without copies, decoding or allocation.
#pragma once

#include <signet/core/output.hpp>
#include <signet/http/cookie_syntax.hpp>

#include <iterator>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// One cookie as it was sent. Views into the field.
struct cookie {
    std::string_view name;
    std::string_view value; ///< quotes, if there are any, are part of it
};

/// How much of a request is looked at. More is not cut off but refused: a second cookie of a name could hide behind the
/// cut.
struct cookie_limits {
    std::size_t max_size = 16'384; ///< octets in all fields together
    std::size_t max_pairs = 256;   ///< pieces between semicolons
};

/// What lies in the fields.
struct cookie_census {
    std::size_t cookies = 0;   ///< well-formed pairs
    std::size_t malformed = 0; ///< skipped: a name that is no token, or an octet that no cookie may have
    std::size_t nameless = 0;  ///< skipped: no "=", or nothing before it
    bool over_limits = false;
};

/// What lies there under one name.
struct cookie_lookup {
    std::string_view value;     ///< of the first hit
    std::size_t hits = 0;       ///< exact matches; order says nothing about which is the real one
    std::size_t malformed = 0;  ///< that name exactly, but a value that no cookie may have: skipped
    std::size_t suspicious = 0; ///< names that other software could take for this one (see cookie_reader::look_up)
    bool over_limits = false;
};

/// Reads one or several Cookie fields of a request. Holds views: the fields, and the span of them, must outlive it.
///
/// Pairs are split at ";", trimmed of space and tab only, and split at their first "=". Nothing is unquoted, decoded or
/// repaired, there is no RFC 2109 mode ($Version is a name like any other), and names compare exactly. A pair that is
/// not well-formed is skipped and counted, the others are kept. Several fields are as one joined with "; " (HTTP/2,
/// HTTP/3). Example: `auto id = http::cookie_reader{field}.find("__Host-sid"); if (!id) return id.error();`
class cookie_reader {
public:
    /// Of one `Cookie` field, or of several in their order; views that must outlive the reader.
    explicit cookie_reader(std::string_view field [[clang::lifetimebound]], cookie_limits limits = {}) noexcept
        : one_{field}, limits_{limits} {}
    explicit cookie_reader(std::span<std::string_view const> fields, cookie_limits limits = {}) noexcept
        : many_{fields}, several_{true}, limits_{limits} {}

    /// The value of the one well-formed cookie of that name.
    ///
    /// `errc::cookie_missing`; `ambiguous_cookie` for more than one, since a neighbouring host can add cookies and no
    /// order can be relied upon; `header_too_large` beyond the limits. Nothing is said of cookies of other names.
    [[nodiscard]] SIGNET_DECL result<std::string_view> find(std::string_view name) const noexcept;

    /// All that is to be known of a name: whoever wants to try each of several values, or to log attacks, asks this.
    ///
    /// Suspicious is a name that becomes this one when white space, of Unicode too, controls or quotes are stripped
    /// from its ends, as lenient parsers do, and, for names with a prefix such as `__Host-`, any change of case.
    [[nodiscard]] SIGNET_DECL cookie_lookup look_up(std::string_view name) const noexcept;

    /// Counts everything.
    [[nodiscard]] SIGNET_DECL cookie_census census() const noexcept;

    /// Walks over the well-formed cookies; over none when the limits are exceeded.
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

/// The octets within the quotes of a quoted value; other values as they are. Never done by the reader itself.
[[nodiscard]] constexpr std::string_view unquoted(std::string_view value) noexcept {
    return detail::within_quotes(value);
}

/// Appends `value` with each %XX decoded, for cookies of software that writes so; never done by the reader itself.
/// `errc::invalid_cookie_value` with its offset for an incomplete one. What comes out may hold any octet.
[[nodiscard]] SIGNET_DECL result<std::string_view> percent_decode(std::string_view value, output& out);

}}} // namespace signet::http

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/cookie.ipp>
#endif

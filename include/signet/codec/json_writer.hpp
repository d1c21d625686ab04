// SPDX-License-Identifier: BSL-1.0
// Writes JSON (RFC 8259) without white space, into a buffer or a string.
#pragma once

#include <signet/core/output.hpp>

#include <signet/core/error.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

class json_value;

namespace detail {
/// Appends a JSON string. Returns false, with some of it written, where the text is not UTF-8.
SIGNET_DECL bool append_quoted(output& out, std::string_view text);
} // namespace detail

/// Appends one JSON text to `out`, with commas and colons where they belong. Movable, not copyable.
///
/// Lifetime: `out` must outlive the writer.
/// Errors, all returned by `finish()`: `errc::json_not_utf8` (nothing is replaced or dropped); `malformed_json` if the
/// calls do not describe exactly one value; `json_too_deep` beyond 64 levels; `invalid_json_number`; those of `out`.
///
/// Example: `json_writer w{out}; w.begin_object().member("sub", "ann").member("exp", 300).end_object(); w.finish();`
class json_writer {
public:
    /// Appends to what `out` already holds.
    explicit json_writer(output& out) noexcept : out_{&out} {}
    json_writer(json_writer const&) = delete;
    json_writer& operator=(json_writer const&) = delete;
    json_writer(json_writer&&) noexcept = default;
    json_writer& operator=(json_writer&&) noexcept = default;

    /// Writes structure. Each begin needs its end. Inside an object each value needs a `name` before it.
    SIGNET_DECL json_writer& begin_object();
    SIGNET_DECL json_writer& end_object();
    SIGNET_DECL json_writer& begin_array();
    SIGNET_DECL json_writer& end_array();
    SIGNET_DECL json_writer& name(std::string_view member);

    /// Writes one value: an element, the value of the last `name`, or the whole text.
    SIGNET_DECL json_writer& string(std::string_view text);
    SIGNET_DECL json_writer& integer(std::int64_t number);
    SIGNET_DECL json_writer& unsigned_integer(std::uint64_t number);
    SIGNET_DECL json_writer& number(
        double number); ///< the shortest form that reads back the same; not finite: `errc::invalid_json_number`
    SIGNET_DECL json_writer& boolean(bool truth);
    SIGNET_DECL json_writer& null();
    SIGNET_DECL json_writer& raw(std::string_view json); ///< JSON text that is not checked; the caller vouches for it
    SIGNET_DECL json_writer& value(
        json_value const& value); ///< a value that was read; numbers are written as they were

    /// Writes a name and its value. The type selects the form: bool, integer, floating point, or string for everything
    /// that converts to `std::string_view`. A `char` or a null pointer does not compile.
    template <class T>
        requires(!std::same_as<T, char> && !std::same_as<T, std::nullptr_t>)
    json_writer& member(std::string_view member_name, T const& v) {
        name(member_name);
        if constexpr (std::same_as<T, bool>) return boolean(v);
        else if constexpr (std::signed_integral<T>) return integer(v);
        else if constexpr (std::unsigned_integral<T>) return unsigned_integer(v);
        else if constexpr (std::floating_point<T>) return number(v);
        else return string(std::string_view{v});
    }

    /// Returns the text written, or the first error.
    [[nodiscard]] SIGNET_DECL result<std::string_view> finish() const noexcept;

private:
    static constexpr std::size_t max_depth = 64;
    [[nodiscard]] bool in_object() const noexcept { return depth_ != 0 && (objects_ & 1) != 0; }
    inline void separate();
    inline void quote(std::string_view text);
    inline void open(char bracket);
    inline json_writer& close(char bracket);
    inline void fail(errc reason) noexcept;

    output* out_;
    std::size_t depth_ = 0;     // begun and not ended
    std::uint64_t objects_ = 0; // which of them are objects; the innermost is the lowest bit
    errc failed_{};
    bool has_failed_ = false;
    bool comma_ = false; // a value stands before what comes next
    bool named_ = false; // a name waits for its value
};

}}} // namespace signet::codec

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/codec/impl/json_writer.ipp>
#endif

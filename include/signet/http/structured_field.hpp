// SPDX-License-Identifier: BSL-1.0
// Structured field values (RFC 9651, and with it RFC 8941): reading and writing, exactly as section 4 has it.
#pragma once

#include <signet/core/output.hpp>
#include <signet/http/structured_value.hpp>

#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace sf {

/// Limits of a field; beyond them reading fails with `errc::header_too_large`. The defaults allow everything that RFC
/// 9651 requires of a parser. That is 1024 members, 256 items in an inner list, 256 parameters, byte sequences of 16384
/// octets, and keys of 64 characters.
struct limits {
    std::size_t max_size = 65'536;   ///< octets of the field, all its lines together
    std::size_t max_members = 1'024; ///< of a list or dictionary; a repeated key counts again
    std::size_t max_items = 256;     ///< of one inner list
    std::size_t max_params = 256;    ///< of one item or inner list; a repeated key counts again
};

// Reading. The whole field must be of the type asked for; it fails as a whole (RFC 9651 4.2). A malformed field is
// `errc::malformed_header_field` with the offset at which it stops making sense, counted over all lines joined with ",
// ". An item that is missing altogether is malformed_header_field too; a list or dictionary is empty then.

/// Reads a field whose value is one item. Example: `auto age = sf::parse_item("12;a"); age->value.as_integer()`.
[[nodiscard]] SIGNET_DECL result<item> parse_item(std::string_view field, limits const& bounds = {});

/// Reads a list. Example: `Secure-Session-Registration: (ES256 RS256);path="/x"` is a list with one inner list.
[[nodiscard]] SIGNET_DECL result<list> parse_list(std::string_view field, limits const& bounds = {});

/// Reads a dictionary. A repeated key replaces the value and keeps its place.
[[nodiscard]] SIGNET_DECL result<dictionary> parse_dictionary(std::string_view field, limits const& bounds = {});

/// Read a field that came in several lines of one name, in their order.
[[nodiscard]] SIGNET_DECL result<item> parse_item(std::span<std::string_view const> lines, limits const& bounds = {});
[[nodiscard]] SIGNET_DECL result<list> parse_list(std::span<std::string_view const> lines, limits const& bounds = {});
[[nodiscard]] SIGNET_DECL result<dictionary> parse_dictionary(std::span<std::string_view const> lines,
                                                              limits const& bounds = {});

/// Writes a value in canonical form and returns what was appended.
///
/// An empty list or dictionary gives an empty text; do not send the field then. After an error, what was appended must
/// not be used.
///
/// Errors (RFC 9651 section 4.1): `errc::out_of_range` for integers and dates beyond 15 digits, and decimals beyond 12
/// before the point; `malformed_header_field` for invalid keys and tokens, strings beyond ASCII, and display strings
/// that are not UTF-8.
[[nodiscard]] SIGNET_DECL result<std::string_view> serialize(item const& value, output& out);
[[nodiscard]] SIGNET_DECL result<std::string_view> serialize(list const& value, output& out);
[[nodiscard]] SIGNET_DECL result<std::string_view> serialize(dictionary const& value, output& out);

/// Returns a value in canonical form. Errors: those of the overloads with an output.
template <class Value> [[nodiscard]] result<std::string> serialize(Value const& value) {
    std::string text;
    output out{text};
    if (auto done = serialize(value, out); !done) return done.error();
    return text;
}

}}}} // namespace signet::http::sf

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/structured_field.ipp>
#    include <signet/http/impl/structured_serialize.ipp>
#endif

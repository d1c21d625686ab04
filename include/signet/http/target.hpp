// SPDX-License-Identifier: BSL-1.0
// Request targets in normal form (RFC 3986 sections 6.2.2 and 6.2.3, RFC 9110 section 4.2), as DPoP compares `htu`.
#pragma once

#include <signet/core/output.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// The longest part before the query that is read, in characters. RFC 9110 section 4.1 recommends at least 8000.
inline constexpr std::size_t max_target_size = 8'192;

/// Appends the normal form of an absolute http or https URI, without query and fragment, and returns what was appended.
///
/// Scheme and host are in lower case. Default ports, empty ports and leading zeros of ports are removed. An empty path
/// becomes `/`. Percent-encodings of unreserved characters are decoded, others are in upper case. Dot segments are
/// removed. Two URIs with one normal form name one resource (RFC 9449 section 4.3, check 9). Nothing else that servers
/// may do, such as merging slashes, is assumed.
///
/// Complexity: linear in `uri.size()`. Does not allocate if `out` writes to a buffer; the normal form has at most
/// `uri.size() + 1` characters.
/// Errors, with the offset: `errc::unsupported_uri_scheme` for another scheme or a relative reference; `malformed_uri`;
/// `header_too_large` beyond `max_target_size`.
///
/// These are malformed: user information, an empty host, a port outside 1 to 65535, characters that RFC 3986 does not
/// allow, incomplete percent-encodings, malformed IPv6 addresses, zones and future address forms. In the query, which
/// is dropped, only controls, spaces and octets beyond ASCII are malformed.
///
/// Example: `normalize_target("HTTPS://Example.COM:443/a/../b?q", out)` appends `https://example.com/b`.
[[nodiscard]] SIGNET_DECL result<std::string_view> normalize_target(std::string_view uri, output& out);

/// Returns the normal form. Errors: those of the overload with an output.
[[nodiscard]] SIGNET_DECL result<std::string> normalize_target(std::string_view uri);

/// Compares the normal forms of two URIs. Does not allocate. Errors: those of the first one that has no normal form.
[[nodiscard]] SIGNET_DECL bool_result same_target(std::string_view a, std::string_view b) noexcept;

}}} // namespace signet::http

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/target.ipp>
#endif

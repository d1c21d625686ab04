// SPDX-License-Identifier: BSL-1.0
// Request targets in normal form (RFC 3986 sections 6.2.2 and 6.2.3, RFC 9110 section 4.2), as DPoP compares `htu`.
#pragma once

#include <signet/core/output.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// Longest part before a query that is looked at. RFC 9110 4.1 asks for 8000 at least.
inline constexpr std::size_t max_target_size = 8'192;

/// Appends the normal form of an absolute http or https URI, without query and fragment, and gives what was appended.
///
/// Scheme and host in lower case; default port, empty port and leading zeros gone; an empty path is `/`;
/// percent-encodings of unreserved characters are decoded, others written in upper case; dot segments are removed. Two
/// URIs with one normal form name one resource (RFC 9449 4.3, check 9). What servers do beyond that, such as merging
/// slashes, is not assumed. No allocation where `out` is a buffer; the form is never longer than `uri` and 1.
///
/// Refused with the offset: `errc::unsupported_uri_scheme` for any other scheme or a relative reference;
/// `malformed_uri` for user information, an empty host, a port beyond 1 to 65535, characters that RFC 3986 does not
/// allow, incomplete percent-encodings, malformed IPv6 addresses, zones and future address forms; `header_too_large`
/// beyond `max_target_size`. Of the query, which is dropped, only controls, spaces and octets beyond ASCII are refused.
/// Example: `normalize_target("HTTPS://Example.COM:443/a/../b?q", out)` appends `https://example.com/b`.
[[nodiscard]] SIGNET_DECL result<std::string_view> normalize_target(std::string_view uri, output& out);

/// The same as a string of its own.
[[nodiscard]] SIGNET_DECL result<std::string> normalize_target(std::string_view uri);

/// Whether both have one normal form. No allocation; the error is that of the first one that has no normal form.
[[nodiscard]] SIGNET_DECL bool_result same_target(std::string_view a, std::string_view b) noexcept;

}}} // namespace signet::http

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/target.ipp>
#endif

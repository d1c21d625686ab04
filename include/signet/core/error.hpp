// SPDX-License-Identifier: BSL-1.0
// Every way in which something can be refused, as a small value. The texts are in core/impl/error_table.ipp.
#pragma once

#include <signet/core/field_name.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI {

/// The reasons. Each folder lists its own in its errors.def, one line a reason:
///
///     SIGNET_ERROR(number, name, fault, text [, oauth_code])
///
/// Numbers are fixed: a number is never given to another reason, and 0 is none. docs/reference/errors.md is printed
/// from the lists.
enum class errc : std::uint16_t {
#define SIGNET_ERROR(number, name, ...) name = number,
#include <signet/core/impl/all_errors.def>
#undef SIGNET_ERROR
};

/// Who caused an error. Together with the role it determines the HTTP status.
enum class fault : std::uint8_t {
    request,    ///< the message is malformed
    credential, ///< the message is well-formed, but does not prove what it should
    permission, ///< what the message proves is not enough
    server,     ///< an outage, a limit or the configuration of this server
    caller,     ///< the program that called signet
};

/// The kind of an endpoint. The same error has different statuses in different roles.
enum class role : std::uint8_t {
    resource_server,      ///< an API to which clients send access tokens (RFC 6750)
    authorization_server, ///< a token endpoint (RFC 6749)
    dbsc,                 ///< a registration or refresh endpoint of device bound sessions
    action,               ///< a backend that triggers a sensitive action
};

/// Returns the name of the enumerator, for logs: `name(errc::expired) == "expired"`. Empty for a value that is no
/// enumerator.
[[nodiscard]] SIGNET_DECL std::string_view name(errc code) noexcept;

/// Returns one sentence for people that contains no secret, such as "the token has expired".
[[nodiscard]] SIGNET_DECL std::string_view message(errc code) noexcept;

/// Returns the HTTP status with which an endpoint of that role answers.
[[nodiscard]] SIGNET_DECL int http_status(errc code, role as = role::resource_server) noexcept;

/// Returns the `error` code of RFC 6750 section 3.1, RFC 6749 section 5.2 or RFC 9449. Empty if none is to be sent, as
/// for faults of the server.
[[nodiscard]] SIGNET_DECL std::string_view oauth_error(errc code, role as = role::resource_server) noexcept;

/// Why an operation failed. Six octets, no heap, no secret: safe to log and cheap to return.
///
/// Example: `log << e.name() << ' ' << name(e.about);` prints "wrong_issuer iss".
struct error {
    errc code;
    std::uint16_t at = 0; ///< octet offset into the input, at most 65535; 0 where an offset makes no sense
    field_name about = field_name::none; ///< the claim, parameter, member or header field concerned, if known

    /// Makes an error with an offset into the input. A larger offset than 65535 is stored as 65535.
    constexpr error(errc c, std::size_t offset = 0, field_name f = field_name::none) noexcept
        : code{c}, at{static_cast<std::uint16_t>(offset < 0xffff ? offset : 0xffff)}, about{f} {}
    /// Makes an error about a claim, header parameter, member or header field.
    constexpr error(errc c, field_name f) noexcept : code{c}, about{f} {}

    /// Return what the free functions of these names return for `code`.
    [[nodiscard]] std::string_view name() const noexcept { return signet::name(code); }
    [[nodiscard]] std::string_view message() const noexcept { return signet::message(code); }
    [[nodiscard]] int http_status(role as = role::resource_server) const noexcept {
        return signet::http_status(code, as);
    }
    [[nodiscard]] std::string_view oauth_error(role as = role::resource_server) const noexcept {
        return signet::oauth_error(code, as);
    }

    friend constexpr bool operator==(error, error) noexcept = default;
    friend constexpr bool operator==(error a, errc b) noexcept { return a.code == b; }
};
static_assert(sizeof(error) == 6);

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/core/impl/error.ipp>
#endif

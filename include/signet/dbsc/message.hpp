// SPDX-License-Identifier: BSL-1.0
// Requests and answers of device bound sessions as data: the fields' names, how they are read, how they are written.
#pragma once

#include <signet/dbsc/policy.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

// The fields' names, as Chromium 156 has them.
inline constexpr std::string_view registration_field = "Secure-Session-Registration"; ///< answers: starts a session
inline constexpr std::string_view challenge_field = "Secure-Session-Challenge";       ///< answers: what to sign next
inline constexpr std::string_view response_field = "Secure-Session-Response";         ///< requests: the proof
inline constexpr std::string_view id_field = "Sec-Secure-Session-Id"; ///< requests: the session; scripts cannot set it
inline constexpr std::string_view skipped_field = "Secure-Session-Skipped"; ///< requests: why the cookie is missing

/// The parts of a request to one of the two endpoints. Leave a field that was not sent empty. Join the values of a
/// field that was sent twice with ", "; it is then refused.
///
/// Lifetime: the views must be valid during the call.
struct request {
    std::string_view method;
    std::string_view response{};   ///< Secure-Session-Response as received: bare or quoted
    std::string_view session_id{}; ///< Sec-Secure-Session-Id as received: bare or quoted
    /// The login that the request belongs to, taken from the server's own login cookie; empty without a login. Use a
    /// name that does not change when the value of that cookie is renewed.
    std::string_view login{};
};

/// A field of an answer.
struct field {
    std::string name;
    std::string value;
};

/// A complete answer. Send it as it is; do not add headers that browsers interpret.
struct response {
    int status = 503;
    std::vector<field> fields{};
    std::string body{};

    /// Returns the first value of that field, or an empty text. Names are compared without case.
    [[nodiscard]] SIGNET_DECL std::string_view find(std::string_view name) const noexcept;
};

/// Returns the answer for a server that is overloaded or cannot reach something: 503, which keeps the session. Do not
/// answer with 429 or 404 instead; both end the browser's session.
[[nodiscard]] SIGNET_DECL response try_again_later();

/// Returns the value of `Secure-Session-Response` or `Sec-Secure-Session-Id`: a quoted string in the draft, bare text
/// from Chromium.
///
/// Errors: `header_missing` if it is empty; `header_too_large` beyond `max_size` octets; `malformed_header_field`.
[[nodiscard]] SIGNET_DECL result<std::string> read_value(std::string_view field, std::size_t max_size);

/// Why a browser sends a request without a fresh bound cookie although it has a session.
enum class skip_reason : std::uint8_t {
    unreachable,    ///< no answer, or 407
    server_error,   ///< 5xx
    quota_exceeded, ///< too many signatures in a short time
    other,          ///< a word that signet does not know
};
/// One member of the field: the session that was skipped, and why.
struct skipped {
    skip_reason reason;
    std::string session_id; ///< empty if none is named
};

/// Reads `Secure-Session-Skipped`, for logs and for messages to the user. It proves nothing.
///
/// Errors: `malformed_header_field`; `header_too_large` beyond 4 KiB or 64 members.
[[nodiscard]] SIGNET_DECL result<std::vector<skipped>> read_skipped(std::string_view field);

/// Returns the value of a `Secure-Session-Challenge` field: `"challenge";id="session"`. Errors:
/// `malformed_header_field` for text that is not ASCII.
[[nodiscard]] SIGNET_DECL result<std::string> write_challenge(std::string_view challenge, std::string_view session_id);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/message.ipp>
#endif

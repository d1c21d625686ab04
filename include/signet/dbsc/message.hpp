// SPDX-License-Identifier: BSL-1.0
// Requests and answers of device bound sessions as data: the fields' names, how they are read, how they are written.
#pragma once

#include <signet/dbsc/policy.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

// The fields' names, as Chromium 156 has them.
inline constexpr std::string_view registration_field = "Secure-Session-Registration"; ///< answers: begin a session
inline constexpr std::string_view challenge_field = "Secure-Session-Challenge";       ///< answers: what to sign next
inline constexpr std::string_view response_field = "Secure-Session-Response";         ///< requests: the proof
inline constexpr std::string_view id_field = "Sec-Secure-Session-Id"; ///< requests: the session; no script can set it
inline constexpr std::string_view skipped_field = "Secure-Session-Skipped"; ///< requests: why the cookie is missing

/// What a server hands over of a request to one of the two endpoints. Views that must live as long as the operation.
/// A field that was not sent is empty; one that was sent twice is joined with ", ", as HTTP has it, and then refused.
struct request {
    std::string_view method;
    std::string_view response{};   ///< Secure-Session-Response, as it came: bare or quoted
    std::string_view session_id{}; ///< Sec-Secure-Session-Id, the same
    /// Which login the request belongs to, as the server's own login cookie says; empty where there is none. A name
    /// that stays when that cookie's value is renewed.
    std::string_view login{};
};

/// A field of an answer.
struct field {
    std::string name;
    std::string value;
};

/// What to answer, in full: nothing is to be added that a browser would judge by.
struct response {
    int status = 503;
    std::vector<field> fields{};
    std::string body{};

    /// The first value of that field (names compare without case); empty where there is none.
    [[nodiscard]] SIGNET_DECL std::string_view find(std::string_view name) const noexcept;
};

/// The answer where the server has no time, by its own limit or because something is down: 503, which keeps the
/// session. Never answer such a request with 429, or 404 from a routing mistake: both end the browser's session.
[[nodiscard]] SIGNET_DECL response try_again_later();

/// The value of `Secure-Session-Response` or `Sec-Secure-Session-Id`: a quoted string by the draft, bare text from
/// Chromium.
///
/// Errors: `header_missing` where it is empty, `header_too_large` beyond `most` octets, `malformed_header_field`.
[[nodiscard]] SIGNET_DECL result<std::string> read_value(std::string_view field, std::size_t most);

/// Why a request comes without a fresh bound cookie although the browser has a session.
enum class skip_reason : std::uint8_t {
    unreachable,    ///< no answer, or 407
    server_error,   ///< 5xx
    quota_exceeded, ///< too many signatures in a while
    other,          ///< a word that is not known here
};
/// One member of that field: the session that was skipped, and why.
struct skipped {
    skip_reason reason;
    std::string session_id; ///< empty where none is named
};

/// Reads `Secure-Session-Skipped`. For the log and for what the page says; it proves nothing and excuses nothing.
/// Errors: `malformed_header_field`, `header_too_large` beyond 4 KiB or 64 members.
[[nodiscard]] SIGNET_DECL result<std::vector<skipped>> read_skipped(std::string_view field);

/// The value of a `Secure-Session-Challenge` field: `"challenge";id="session"`. `malformed_header_field` for what is
/// not ASCII.
[[nodiscard]] SIGNET_DECL result<std::string> write_challenge(std::string_view challenge, std::string_view session_id);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/message.ipp>
#endif

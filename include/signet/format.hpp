// SPDX-License-Identifier: BSL-1.0
// What programs log, as text: operator<< and, where the standard library has std::format, std::formatter.
#pragma once

#include <signet/version.hpp> // first: says what is wrong without C++20

#include <signet/core/error.hpp>
#include <signet/core/secret.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/algorithm.hpp>

#include <ostream>
#include <string>
#include <version>

#ifdef __cpp_lib_format
#    include <format>
#endif

// The enumerations, without the headers that they are in.
namespace signet { inline namespace SIGNET_ABI {
class private_key;
class mac_key;
namespace jwt {
class verified;
class token;
} // namespace jwt
namespace device {
enum class device_state : std::uint8_t;
enum class device_event : std::uint8_t;
enum class device_session_state : std::uint8_t;
enum class device_session_event : std::uint8_t;
enum class key_evidence : std::uint8_t;
enum class recommendation : std::uint8_t;
enum class action_risk : std::uint8_t;
} // namespace device
namespace oauth {
enum class family_state : std::uint8_t;
enum class family_event : std::uint8_t;
} // namespace oauth
namespace oidc {
enum class login_refusal : std::uint8_t;
} // namespace oidc
namespace store {
enum class verb : std::uint8_t;
enum class outcome : std::uint8_t;
} // namespace store
namespace session {
enum class session_state : std::uint8_t;
enum class session_event : std::uint8_t;
enum class end_reason : std::uint8_t;
enum class access : std::uint8_t;
enum class backing : std::uint8_t;
enum class backing_step : std::uint8_t;
} // namespace session
namespace dbsc {
enum class bound_session_state : std::uint8_t;
enum class bound_session_event : std::uint8_t;
} // namespace dbsc
}} // namespace signet

namespace signet { inline namespace SIGNET_ABI {

namespace detail {

/// The enumerations that are written by their names.
template <class E> inline constexpr bool is_written_by_name = false;
template <> inline constexpr bool is_written_by_name<errc> = true;
template <> inline constexpr bool is_written_by_name<field_name> = true;
template <> inline constexpr bool is_written_by_name<alg> = true;
template <> inline constexpr bool is_written_by_name<device::device_state> = true;
template <> inline constexpr bool is_written_by_name<device::device_event> = true;
template <> inline constexpr bool is_written_by_name<device::device_session_state> = true;
template <> inline constexpr bool is_written_by_name<device::device_session_event> = true;
template <> inline constexpr bool is_written_by_name<device::recommendation> = true;
template <> inline constexpr bool is_written_by_name<device::action_risk> = true;
template <> inline constexpr bool is_written_by_name<device::key_evidence> = true;
template <> inline constexpr bool is_written_by_name<oauth::family_state> = true;
template <> inline constexpr bool is_written_by_name<oauth::family_event> = true;
template <> inline constexpr bool is_written_by_name<oidc::login_refusal> = true;
template <> inline constexpr bool is_written_by_name<store::verb> = true;
template <> inline constexpr bool is_written_by_name<store::outcome> = true;
template <> inline constexpr bool is_written_by_name<session::session_state> = true;
template <> inline constexpr bool is_written_by_name<session::session_event> = true;
template <> inline constexpr bool is_written_by_name<session::end_reason> = true;
template <> inline constexpr bool is_written_by_name<session::access> = true;
template <> inline constexpr bool is_written_by_name<session::backing> = true;
template <> inline constexpr bool is_written_by_name<session::backing_step> = true;
template <> inline constexpr bool is_written_by_name<dbsc::bound_session_state> = true;
template <> inline constexpr bool is_written_by_name<dbsc::bound_session_event> = true;

[[nodiscard]] constexpr std::string_view written_name(alg a) noexcept {
    return static_cast<std::size_t>(a) < alg_count ? traits(a).name : std::string_view{};
}
[[nodiscard]] constexpr std::string_view written_name(field_name f) noexcept {
    return f == field_name::none ? std::string_view{"none"} : name(f);
}
template <class E> [[nodiscard]] constexpr std::string_view written_name(E e) noexcept { return name(e); }

} // namespace detail

/// Returns the name of an enumerator, as `name` does; for a value that is none, its number: "(77)".
template <class E>
    requires(detail::is_written_by_name<E>)
[[nodiscard]] std::string to_text(E e) {
    std::string_view const known = detail::written_name(e);
    return known.empty() ? "(" + std::to_string(static_cast<unsigned>(e)) + ")" : std::string{known};
}

/// Returns an error as one line for a log: its name, what it is about, and where in the input it is. It has no secret.
///
/// Example: "wrong_issuer iss", "malformed_json at 17"
[[nodiscard]] inline std::string to_text(error const& e) {
    std::string text = to_text(e.code);
    if (e.about != field_name::none) text += ' ' + to_text(e.about);
    if (e.at != 0) text += " at " + std::to_string(e.at);
    return text;
}

/// Returns a time as RFC 3339 writes it: "2025-11-21T06:40:00Z". A time before 1970 or after `latest_time` is its
/// number of seconds: "@-1".
///
/// It has no `operator<<`, because `unix_time` is a type of the standard library, which may have one of its own.
[[nodiscard]] inline std::string to_text(unix_time t) {
    if (t < unix_time{} || t > latest_time) return "@" + std::to_string(t.time_since_epoch().count());
    auto const day = std::chrono::floor<std::chrono::days>(t);
    std::chrono::year_month_day const date{day};
    std::chrono::hh_mm_ss const clock{t - day};
    auto const two = [](auto n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    return std::to_string(static_cast<int>(date.year())) + '-' + two(static_cast<unsigned>(date.month())) + '-' +
           two(static_cast<unsigned>(date.day())) + 'T' + two(clock.hours().count()) + ':' +
           two(clock.minutes().count()) + ':' + two(clock.seconds().count()) + 'Z';
}

/// Writes the name of an enumerator.
///
/// Example: `std::clog << token.error() << '\n';`
template <class E>
    requires(detail::is_written_by_name<E>)
std::ostream& operator<<(std::ostream& out, E e) {
    return out << to_text(e);
}
/// Writes an error as `to_text` does.
inline std::ostream& operator<<(std::ostream& out, error const& e) { return out << to_text(e); }

// What must not be in a log.
std::ostream& operator<<(std::ostream&, secret const&) = delete;
std::ostream& operator<<(std::ostream&, private_key const&) = delete;
std::ostream& operator<<(std::ostream&, mac_key const&) = delete;
std::ostream& operator<<(std::ostream&, jwt::verified const&) = delete;
std::ostream& operator<<(std::ostream&, jwt::token const&) = delete;

// Found by the argument: an enumeration's namespace is that of its folder.
namespace device {
using signet::operator<<;
using signet::to_text;
} // namespace device
namespace oauth {
using signet::operator<<;
using signet::to_text;
} // namespace oauth
namespace oidc {
using signet::operator<<;
using signet::to_text;
} // namespace oidc
namespace store {
using signet::operator<<;
using signet::to_text;
} // namespace store
namespace session {
using signet::operator<<;
using signet::to_text;
} // namespace session
namespace dbsc {
using signet::operator<<;
using signet::to_text;
} // namespace dbsc
namespace jwt {
using signet::operator<<;
} // namespace jwt

}} // namespace signet

#ifdef __cpp_lib_format
/// Formats an enumerator by its name, with the options of a text: `std::format("{:>12}", session::access::login)`.
template <class E>
    requires(signet::detail::is_written_by_name<E>)
struct std::formatter<E, char> : std::formatter<std::string_view, char> {
    template <class Context> auto format(E e, Context& context) const {
        return std::formatter<std::string_view, char>::format(signet::to_text(e), context);
    }
};
/// Formats an error as `to_text` does, with the options of a text: `std::format("refused: {}", token.error())`.
template <> struct std::formatter<signet::error, char> : std::formatter<std::string_view, char> {
    template <class Context> auto format(signet::error const& e, Context& context) const {
        return std::formatter<std::string_view, char>::format(signet::to_text(e), context);
    }
};
#endif

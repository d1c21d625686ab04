#include <signet/core/error_rows.hpp>
#include <signet/core/result.hpp>
#include <signet/dbsc/states.hpp>
#include <signet/format.hpp>
#include <signet/oauth/refresh_family.hpp>
#include <signet/oidc/provider.hpp>
#include <signet/session/states.hpp>
#include <signet/store/store.hpp>

#include <doctest/doctest.h>

#include <iomanip>
#include <sstream>

// Names are found by their arguments, without `using namespace signet`.
namespace {

template <class T> std::string written(T const& value) {
    std::ostringstream out;
    out << value;
    return out.str();
}

template <class T>
concept writable = requires(std::ostream& out, T const& value) { out << value; };

using signet::errc, signet::error, signet::field_name, signet::unix_time;
using namespace std::chrono_literals;

} // namespace

TEST_CASE("format: errors, algorithms and enumerations are written by their names") {
    CHECK(written(errc::expired) == "expired");
    CHECK(written(static_cast<errc>(77)) == "(77)");
    CHECK(written(signet::alg::es256) == "ES256");
    CHECK(written(static_cast<signet::alg>(255)) == "(255)");
    CHECK(written(field_name::iss) == "iss");
    CHECK(written(field_name::none) == "none");
    CHECK(written(signet::session::end_reason::logged_out) == "logged out");
    CHECK(written(signet::session::session_state::active) == "active");
    CHECK(written(signet::oauth::family_state::stolen) == name(signet::oauth::family_state::stolen));
    CHECK(written(signet::dbsc::bound_session_state{}) == name(signet::dbsc::bound_session_state{}));
    CHECK(written(signet::oidc::login_refusal::login_required) == "login_required");
    CHECK(written(signet::store::verb::take) == "take");
    CHECK(written(signet::store::outcome::not_applied) == "not_applied");
    CHECK(to_text(signet::session::end_reason::logged_out) == "logged out");
    std::ostringstream wide;
    wide << std::setw(10) << errc::expired;
    CHECK(wide.str() == "   expired");
    for (auto const& row : signet::error_table) CHECK(written(row.code) == row.name);
}

TEST_CASE("format: an error says what it is about, and where") {
    CHECK(written(error{errc::expired}) == "expired");
    CHECK(written(error{errc::wrong_issuer, field_name::iss}) == "wrong_issuer iss");
    CHECK(written(error{errc::malformed_json, 17}) == "malformed_json at 17");
    CHECK(written(error{errc::claim_wrong_type, 3, field_name::aud}) == "claim_wrong_type aud at 3");
}

TEST_CASE("format: a time is RFC 3339, and one outside 1970 to 9999 is a number of seconds") {
    CHECK(signet::to_text(unix_time{}) == "1970-01-01T00:00:00Z");
    CHECK(signet::to_text(unix_time{1'763'707'205s}) == "2025-11-21T06:40:05Z");
    CHECK(signet::to_text(unix_time{951'782'400s}) == "2000-02-29T00:00:00Z");
    CHECK(signet::to_text(signet::latest_time) == "9999-12-31T23:59:59Z");
    CHECK(signet::to_text(signet::latest_time + 1s) == "@253402300800");
    CHECK(signet::to_text(unix_time{-1s}) == "@-1");
    CHECK(signet::to_text(unix_time::min()) == "@-9223372036854775808");
}

TEST_CASE("format: secrets and keys are not written") {
    static_assert(writable<error> && writable<errc>);
    static_assert(!writable<signet::secret> && !writable<signet::private_key> && !writable<signet::mac_key>);
    static_assert(!writable<signet::jwt::verified> && !writable<signet::jwt::token>);
    static_assert(!writable<signet::result<int>>);
}

#ifdef __cpp_lib_format
namespace {
template <class T> inline constexpr bool formattable = std::is_default_constructible_v<std::formatter<T, char>>;
}

TEST_CASE("format: std::format, with the options of a text") {
    CHECK(std::format("{}", errc::expired) == "expired");
    CHECK(std::format("[{:>10}]", signet::session::end_reason::logged_out) == "[logged out]");
    CHECK(std::format("[{:*<8}]", signet::alg::es256) == "[ES256***]");
    CHECK(std::format("refused: {}", error{errc::wrong_issuer, field_name::iss}) == "refused: wrong_issuer iss");
    static_assert(formattable<error> && !formattable<signet::secret> && !formattable<signet::private_key> &&
                  !formattable<signet::jwt::token>);
}
#endif

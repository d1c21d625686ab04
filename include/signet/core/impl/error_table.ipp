// SPDX-License-Identifier: BSL-1.0
// The one table of errors: what stands in each folder's errors.def. docs/reference/errors.md is printed from it.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/core/error.hpp>

#include <array>
#include <iterator>

#ifndef SIGNET_CORE_IMPL_ERROR_TABLE_IPP
#    define SIGNET_CORE_IMPL_ERROR_TABLE_IPP

namespace signet { inline namespace SIGNET_ABI {

/// The `error` code that OAuth has for an error, where its fault does not say it.
enum class oauth_code : std::uint8_t {
    by_fault,
    no_code,                ///< RFC 6750 3.1: a resource server that was shown nothing sends none
    invalid_dpop_proof,     ///< RFC 9449 5 and 7.1
    use_dpop_nonce,         ///< RFC 9449 8 and 9
    invalid_token,          ///< RFC 6750 3.1: "malformed" is a reason of invalid_token, where a token was shown
    invalid_target,         ///< RFC 8707 2, of a token endpoint
    invalid_scope,          ///< RFC 6749 5.2, of a token endpoint
    unsupported_grant_type, ///< RFC 6749 5.2, of a token endpoint
    insufficient_user_authentication, ///< RFC 9470 3, of a resource server
};

/// What is said about one `errc`.
struct error_row {
    errc code;
    std::string_view name;
    fault whose;
    std::string_view text;
    oauth_code oauth = oauth_code::by_fault;
};

/// Every error, in the order of the numbers.
inline constexpr error_row error_table[] = {
#    define SIGNET_ERROR(number, name, whose, ...) {errc::name, #name, fault::whose, __VA_ARGS__},
#    include <signet/core/impl/all_errors.def>
#    undef SIGNET_ERROR
};

/// The folders that have errors: the first one's numbers are 0x0100 to 0x01ff, the next one's 0x0200 to 0x02ff.
inline constexpr std::string_view error_folders[] = {"core", "codec",   "crypto", "jose",    "jwt",
                                                     "http", "store",   "proof",  "device",  "oauth",
                                                     "oidc", "session", "dbsc",   "webauthn"};

/// The folder whose error it is.
[[nodiscard]] constexpr std::string_view folder_of(errc code) noexcept {
    auto const block = static_cast<std::size_t>(code) >> 8;
    return block - 1 < std::size(error_folders) ? error_folders[block - 1] : std::string_view{};
}

namespace detail {
consteval bool error_numbers_ascend() {
    for (std::size_t i = 1; i != std::size(error_table); ++i)
        if (error_table[i - 1].code >= error_table[i].code) return false;
    return true;
}
} // namespace detail
static_assert(detail::error_numbers_ascend(), "two errors have one number, or a number is out of order");
static_assert(!folder_of(error_table[0].code).empty() && folder_of(errc{}).empty(), "0 is no error");
static_assert(!folder_of(std::end(error_table)[-1].code).empty(), "a block of numbers without a folder");

}} // namespace signet

#endif

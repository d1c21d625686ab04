// SPDX-License-Identifier: BSL-1.0
// What answers with credentials say to caches and, at logout, to browsers: Cache-Control (RFC 9111), Clear-Site-Data,
// Vary.
#pragma once

#include <signet/core/output.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// A header field to add to a response. It refers to literals.
struct header_field {
    std::string_view name;
    std::string_view value;
};

/// Returns the `Cache-Control` of an answer with personal data, above all tokens: no cache keeps it.
[[nodiscard]] constexpr std::string_view sensitive() noexcept { return "no-store"; }

/// Returns the `Cache-Control` of a personal page that the browser may keep for its back button, if it asks again
/// before each use.
[[nodiscard]] constexpr std::string_view revalidate() noexcept { return "private, no-cache"; }

/// Returns the `Cache-Control` that allows caching of everything except the session cookie.
///
/// Caches may treat it as a plain no-cache (RFC 9111 section 5.2.2.4), and many do. For personal pages use
/// `sensitive()`.
[[nodiscard]] constexpr std::string_view cacheable_except_cookie() noexcept {
    return "no-cache=\"Set-Cookie, Set-Cookie2\"";
}

/// Returns the `Vary` of an answer that depends on the cookies of the request.
[[nodiscard]] constexpr std::string_view vary_cookie() noexcept { return "Cookie"; }

/// Appends `existing`, a Vary field, and `name`, unless it lists `name` or "*" already (RFC 9110 section 12.5.5).
/// Returns what was appended. Errors: `errc::malformed_header_field` if `name` is not a token.
[[nodiscard]] SIGNET_DECL result<std::string_view> add_vary(std::string_view existing, std::string_view name,
                                                            output& out);

/// The kinds of data that Clear-Site-Data deletes, combined with `|`. It works over HTTPS only. `cookies` are deleted
/// for the whole registrable domain; do not use it on a domain shared with strangers.
enum class site_data : std::uint8_t { none = 0, cookies = 1, storage = 2, cache = 4, execution_contexts = 8, all = 16 };

constexpr site_data operator|(site_data a, site_data b) noexcept {
    return static_cast<site_data>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}

/// Appends the value of a `Clear-Site-Data` field and returns what was appended. Deleting the cache can take a browser
/// seconds.
///
/// Errors: `errc::header_missing` for no kind at all.
///
/// Example: `write_clear_site_data(site_data::cookies | site_data::storage, out)`.
[[nodiscard]] SIGNET_DECL result<std::string_view> write_clear_site_data(site_data kinds, output& out);

/// The fields of an answer to a logout, besides the removal of cookies. The browser deletes cookies and storage,
/// including device bound sessions, and no cache keeps the page.
inline constexpr std::array<header_field, 3> logout_fields{
    {{"Clear-Site-Data", "\"cookies\", \"storage\""}, {"Cache-Control", "no-store"}, {"Pragma", "no-cache"}}};

/// The fields of an answer to a logout on a shared registrable domain: cookies of the other hosts are kept.
inline constexpr std::array<header_field, 2> logout_fields_shared_domain{
    {{"Cache-Control", "no-store"}, {"Pragma", "no-cache"}}};

/// The directives of RFC 9111 section 5.2.2 that servers with credentials use, for other combinations than the ready
/// ones.
struct cache_control {
    bool no_store = false;
    bool no_cache = false;
    std::span<std::string_view const> no_cache_fields = {}; ///< no-cache for these fields only; tokens
    bool private_ = false;
    bool public_ = false;
    bool must_revalidate = false;
    bool no_transform = false;
    bool immutable = false; ///< RFC 8246
    std::optional<std::chrono::seconds> max_age = {};

    /// Appends the value of the field and returns what was appended.
    ///
    /// Errors: `errc::malformed_header_field` for contradictions: public with private or no-store, a lifetime with
    /// no-store, no-cache twice, and no directive at all.
    [[nodiscard]] SIGNET_DECL result<std::string_view> write(output& out) const;
};

}}} // namespace signet::http

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/cache_control.ipp>
#endif

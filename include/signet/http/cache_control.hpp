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

/// A header field to be added to a response. Views of literals in everything here.
struct header_field {
    std::string_view name;
    std::string_view value;
};

/// `Cache-Control` of an answer with anything personal in it, tokens above all (RULES A6, D7): kept by nobody.
[[nodiscard]] constexpr std::string_view sensitive() noexcept { return "no-store"; }

/// `Cache-Control` of a personal page that the browser may keep for its back button, if it asks again before each use.
[[nodiscard]] constexpr std::string_view revalidate() noexcept { return "private, no-cache"; }

/// `Cache-Control` that lets all be cached but the session cookie (RULES D8), in exactly the documented form.
///
/// Caches may treat it as a plain no-cache (RFC 9111 5.2.2.4), and many do; where the page itself is personal, take
/// `sensitive()`.
[[nodiscard]] constexpr std::string_view cacheable_except_cookie() noexcept {
    return "no-cache=\"Set-Cookie, Set-Cookie2\"";
}

/// `Vary` of an answer that depends on the cookies sent.
[[nodiscard]] constexpr std::string_view vary_cookie() noexcept { return "Cookie"; }

/// Appends `existing`, a Vary field, with `name` added unless it or "*" is listed already (RFC 9110 12.5.5), and gives
/// what was appended. `errc::malformed_header_field` where `name` is no token.
[[nodiscard]] SIGNET_DECL result<std::string_view> add_vary(std::string_view existing, std::string_view name,
                                                            output& out);

/// The kinds of data that Clear-Site-Data deletes, or-ed together. They are gone for the whole registrable domain where
/// cookies are meant, and only over HTTPS; so not for a host that shares its domain with strangers.
enum class site_data : std::uint8_t { none = 0, cookies = 1, storage = 2, cache = 4, execution_contexts = 8, all = 16 };

constexpr site_data operator|(site_data a, site_data b) noexcept {
    return static_cast<site_data>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}

/// Appends the value of a `Clear-Site-Data` field and gives what was appended; `errc::header_missing` for nothing at
/// all. The cache can take a browser seconds. Example: `write_clear_site_data(site_data::cookies | site_data::storage,
/// out)`.
[[nodiscard]] SIGNET_DECL result<std::string_view> write_clear_site_data(site_data kinds, output& out);

/// The fields of an answer to a logout besides the cookies' removal (RULES D9, 2.5): the browser forgets cookies and
/// storage, with them device-bound sessions, and no cache, however old, keeps the page.
inline constexpr std::array<header_field, 3> logout_fields{
    {{"Clear-Site-Data", "\"cookies\", \"storage\""}, {"Cache-Control", "no-store"}, {"Pragma", "no-cache"}}};

/// The same where the registrable domain is shared, so that its other hosts must keep their cookies.
inline constexpr std::array<header_field, 2> logout_fields_shared_domain{
    {{"Cache-Control", "no-store"}, {"Pragma", "no-cache"}}};

/// The directives of RFC 9111 5.2.2 that servers with credentials use, for other combinations than the ready ones.
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

    /// Appends the value of the field and gives what was appended. Combinations that contradict one another are refused
    /// as `errc::malformed_header_field`: public with private or no-store, a lifetime with no-store, no-cache twice,
    /// nothing at all.
    [[nodiscard]] SIGNET_DECL result<std::string_view> write(output& out) const;
};

}}} // namespace signet::http

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/cache_control.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// The rules of a relying party's parameters, each with its sentence, for the compiler and for configuration alike.
#pragma once

#include <signet/http/impl/origin_syntax.hpp>
#include <signet/jose/cose_key.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

inline constexpr std::size_t max_name = 64;         // octets; some authenticators cut what is longer (6.4.1)
inline constexpr std::size_t max_origins = 64;      // in each list
inline constexpr std::size_t max_origin_size = 300; // octets
inline constexpr std::string_view android_prefix = "android:apk-key-hash:";
inline constexpr std::size_t android_hash_size = 43; // SHA-256 in base64url

/// Lower-case labels of letters, digits and hyphens, of which the last is not a number: that would be an address.
constexpr bool is_domain(std::string_view host) noexcept {
    if (!http::detail::is_host(host)) return false;
    for (char c : host.substr(host.rfind('.') + 1))
        if (c >= 'a' && c <= 'z') return true;
    return false;
}

/// A domain that can own a site: "localhost", or one of at least two labels.
constexpr bool is_rp_id(std::string_view id) noexcept {
    return id == "localhost" || (is_domain(id) && id.find('.') != std::string_view::npos);
}

constexpr bool is_local_http(std::string_view origin) noexcept {
    return origin == "http://localhost" || origin.starts_with("http://localhost:");
}

/// "https://", a host, and a port that is not 443; for localhost also with "http://", and not 80.
constexpr bool is_web_origin(std::string_view origin) noexcept {
    bool const local = is_local_http(origin);
    if (origin.size() > max_origin_size || (!local && !origin.starts_with("https://"))) return false;
    if (!is_domain(http::detail::host_of(origin))) return false;
    auto const colon = origin.find(':', local ? 7 : 8);
    return colon == std::string_view::npos || http::detail::is_port(origin.substr(colon + 1), local ? "80" : "443");
}

/// "android:apk-key-hash:" and the SHA-256 digest of the certificate that signed the app.
constexpr bool is_android_origin(std::string_view origin) noexcept {
    if (!origin.starts_with(android_prefix) || origin.size() != android_prefix.size() + android_hash_size) return false;
    for (char c : origin.substr(android_prefix.size()))
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return false;
    return true;
}

/// Whether the RP ID is the origin's host or a domain above it.
constexpr bool covers(std::string_view rp_id, std::string_view origin) noexcept {
    auto const host = http::detail::host_of(origin);
    return host == rp_id ||
           (host.size() > rp_id.size() && host.ends_with(rp_id) && host[host.size() - rp_id.size() - 1] == '.');
}

template <class T> constexpr bool is_one_of(T const& value, std::span<T const> all) noexcept {
    for (auto const& one : all)
        if (one == value) return true;
    return false;
}

template <class T> constexpr bool has_duplicate(std::span<T const> list) noexcept {
    for (std::size_t i = 1; i < list.size(); ++i)
        if (is_one_of(list[i], list.first(i))) return true;
    return false;
}

template <class Params, class Why> constexpr std::string_view origins_complaint(Params const& params, Why why) {
    if (params.origins.empty()) return why("an origin must be accepted");
    if (params.origins.size() > max_origins || params.related_origins.size() > max_origins ||
        params.top_origins.size() > max_origins)
        return why("a list has at most 64 origins");
    for (auto origin : params.origins) {
        if (is_android_origin(origin)) continue;
        if (!is_web_origin(origin))
            return why("an origin is https:// with a lower-case host, http://localhost, or android:apk-key-hash: with "
                       "43 characters");
        if (!covers(params.rp_id, origin)) return why("the RP ID is the host of each origin or a domain above it");
    }
    for (auto origin : params.related_origins) {
        if (!is_web_origin(origin) || is_local_http(origin))
            return why("a related origin is https:// with a lower-case host");
        if (covers(params.rp_id, origin)) return why("a related origin is of another site than the RP ID");
    }
    if (has_duplicate(params.origins) || has_duplicate(params.related_origins) || has_duplicate(params.top_origins))
        return why("an origin is listed twice");
    if (!params.top_origins.empty() && !params.cross_origin)
        return why("top origins mean something only with cross_origin");
    for (auto origin : params.top_origins)
        if (!is_web_origin(origin)) return why("a top origin is https:// with a lower-case host");
    return {};
}

/// What is wrong with the parameters, as `why` puts it. A template, since they are complete only where it is used.
template <class Params, class Why> constexpr std::string_view complaint(Params const& params, Why why) {
    using namespace std::chrono_literals;
    if (params.name.empty() || params.name.size() > max_name) return why("the name has 1 to 64 octets");
    if (!params.any_case_for_tests) {
        if (!is_rp_id(params.rp_id)) return why("the RP ID is a lower-case domain");
        if (auto const wrong = origins_complaint(params, why); !wrong.empty()) return wrong;
        for (auto identifier : params.algorithms)
            if (!jose::find_cose_algorithm(identifier)) return why("an algorithm is one of jose::cose_algorithms");
        if (params.algorithms.empty()) return why("an algorithm must be offered");
        if (has_duplicate(params.algorithms)) return why("an algorithm is offered twice");
    }
    if (params.attestation == decltype(params.attestation)::trusted && !params.anchors)
        return why("a trusted attestation needs anchors");
    if (params.timeout < 5min || params.timeout > 10min) return why("a ceremony lasts 5 to 10 minutes");
    return {};
}

/// Not constexpr, so that reaching it at compile time is an error whose text shows the sentence.
inline void this_relying_party_is_refused(char const*) noexcept {}

struct tell {
    constexpr std::string_view operator()(char const* sentence) const noexcept { return sentence; }
};
struct refuse {
    constexpr std::string_view operator()(char const* sentence) const noexcept {
        if (*sentence != 0) this_relying_party_is_refused(sentence);
        return sentence;
    }
};

}}}} // namespace signet::webauthn::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/policy.hpp>

#include <signet/http/target.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {

inline bool host_matches(std::string_view pattern, std::string_view host) noexcept {
    if (pattern == "*") return true;
    if (!pattern.starts_with("*.")) return host == pattern;
    return host.size() + 1 > pattern.size() && host.ends_with(pattern.substr(1));
}

// Whole segments: the prefix ends where the path does, or at one of its slashes.
inline bool path_matches(std::string_view prefix, std::string_view path) noexcept {
    if (!path.starts_with(prefix)) return false;
    return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

} // namespace detail

SIGNET_DECL bool_result policy::in_scope(std::string_view url) const {
    auto const normal = http::normalize_target(url);
    if (!normal) return normal.error();
    if (!normal->starts_with("https://")) return errc::unsupported_uri_scheme;
    std::string_view const target = *normal;
    auto const slash = target.find('/', 8);
    auto const origin = target.substr(0, slash), path = target.substr(slash);
    auto const host = http::detail::host_of(origin), own_host = http::detail::host_of(params_.origin);

    if (params_.include_site) {
        bool const below =
            host.size() > own_host.size() && host.ends_with(own_host) && host[host.size() - own_host.size() - 1] == '.';
        if (host != own_host && !below) return false;
    } else if (origin != params_.origin) {
        return false;
    }

    // The browser adds the refresh URL as a last rule that excludes it.
    auto refresh = params_.refresh_path;
    bool here = true;
    if (refresh.starts_with("https://")) {
        auto const end = refresh.find('/', 8);
        here = http::detail::host_of(refresh.substr(0, end)) == host;
        refresh.remove_prefix(end);
    }
    if (here && detail::path_matches(refresh, path)) return false;

    for (std::size_t i = params_.rules.size(); i-- != 0;) {
        auto const& rule = params_.rules[i];
        if (detail::host_matches(rule.domain, host) && detail::path_matches(rule.path, path))
            return rule.type == rule_type::include;
    }
    return true;
}

}}} // namespace signet::dbsc

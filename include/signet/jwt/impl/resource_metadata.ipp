// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/json_writer.hpp>
#include <signet/jwt/resource_metadata.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail {

inline constexpr std::string_view https = "https://";

/// The octets of scheme and host in the address of a resource (RFC 9728 1.2).
inline result<std::size_t> origin_size(std::string_view resource) noexcept {
    if (!resource.starts_with(https)) return errc::malformed_uri;
    for (auto const c : resource)
        if (c <= ' ' || c > '~' || c == '#' || c == '"' || c == '\\' || c == '<' || c == '>')
            return errc::malformed_uri;
    auto const end = std::min(resource.find_first_of("/?", https.size()), resource.size());
    auto const host = resource.substr(https.size(), end - https.size());
    if (host.empty() || host.front() == ':' || host.find('@') != host.npos) return errc::malformed_uri;
    return end;
}

inline void write_texts(codec::json_writer& writer, std::string_view name, std::vector<std::string> const& texts) {
    if (texts.empty()) return;
    writer.name(name).begin_array();
    for (auto const& text : texts) writer.string(text);
    writer.end_array();
}

inline void write_text(codec::json_writer& writer, std::string_view name, std::string_view text) {
    if (!text.empty()) writer.member(name, text);
}

} // namespace detail

SIGNET_DECL result<std::string> write_resource_metadata(resource_metadata const& metadata) {
    if (auto const good = detail::origin_size(metadata.resource); !good) return good.error();
    std::string text;
    output out{text};
    codec::json_writer writer{out};
    writer.begin_object().member("resource", metadata.resource);
    detail::write_texts(writer, "authorization_servers", metadata.authorization_servers);
    detail::write_texts(writer, "scopes_supported", metadata.scopes_supported);
    detail::write_texts(writer, "bearer_methods_supported", metadata.bearer_methods_supported);
    detail::write_text(writer, "jwks_uri", metadata.jwks_uri);
    detail::write_text(writer, "resource_name", metadata.resource_name);
    detail::write_text(writer, "resource_documentation", metadata.resource_documentation);
    std::vector<std::string> algorithms;
    for (std::size_t i = 0; i != alg_count; ++i)
        if (auto const a = static_cast<alg>(i); metadata.dpop_signing_alg_values_supported.contains(a))
            algorithms.emplace_back(traits(a).name);
    detail::write_texts(writer, "dpop_signing_alg_values_supported", algorithms);
    if (metadata.dpop_bound_access_tokens_required) writer.member("dpop_bound_access_tokens_required", true);
    writer.end_object();
    if (auto const done = writer.finish(); !done) return done.error();
    return text;
}

SIGNET_DECL result<std::string> resource_metadata_address(std::string_view resource) {
    auto const origin = detail::origin_size(resource);
    if (!origin) return origin.error();
    auto rest = resource.substr(*origin);
    if (rest == "/") rest = {}; // section 3.1: a slash that ends the host is removed
    return std::string{resource.substr(0, *origin)} + "/.well-known/oauth-protected-resource" + std::string{rest};
}

}}} // namespace signet::jwt

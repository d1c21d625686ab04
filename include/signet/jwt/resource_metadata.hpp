// SPDX-License-Identifier: BSL-1.0
// The document in which an API says what clients need to know of it (RFC 9728).
#pragma once

#include <signet/core/result.hpp>
#include <signet/crypto/algorithm.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The metadata of a protected resource (RFC 9728 section 2). Empty members are left out.
struct resource_metadata {
    std::string resource;                             ///< the API's identifier: an https address without fragment
    std::vector<std::string> authorization_servers{}; ///< the issuers whose tokens it takes
    std::vector<std::string> scopes_supported{};      ///< the scopes that a client may ask for
    std::string resource_name{};                      ///< for people
    std::string resource_documentation{};             ///< an address for developers
    std::string jwks_uri{};                           ///< where the API's own public keys are
    /// How a token may be sent. signet reads the `Authorization` field alone.
    std::vector<std::string> bearer_methods_supported{"header"};
    algorithm_set dpop_signing_alg_values_supported{}; ///< of DPoP proofs
    bool dpop_bound_access_tokens_required = false;    ///< whether each token must be bound to a DPoP key
};

/// Returns the document as JSON. Serve it as `application/json` at `resource_metadata_address(resource)`.
///
/// Errors: `malformed_uri` for a `resource` that is not an https address, or has a fragment, user information, or
/// characters that an address cannot have; `json_not_utf8`.
///
/// Example: `auto text = jwt::write_resource_metadata({.resource = api, .authorization_servers = {issuer}});`
[[nodiscard]] SIGNET_DECL result<std::string> write_resource_metadata(resource_metadata const& metadata);

/// Returns the address of the document: `/.well-known/oauth-protected-resource` between the host and the path of the
/// resource (RFC 9728 section 3.1). Give it to `challenge_params::resource_metadata`. Errors: `malformed_uri` as above.
///
/// Example: for `https://api.example.com/orders` it is
/// `https://api.example.com/.well-known/oauth-protected-resource/orders`.
[[nodiscard]] SIGNET_DECL result<std::string> resource_metadata_address(std::string_view resource);

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/resource_metadata.ipp>
#endif

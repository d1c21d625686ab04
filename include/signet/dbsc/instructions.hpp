// SPDX-License-Identifier: BSL-1.0
// The JSON that browsers are told: session instructions, the end of one, and the well-known documents.
#pragma once

#include <signet/dbsc/policy.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Appends the instructions for a session: its identifier, the refresh URL, the scope, and the bound cookie with
/// exactly the attributes of its Set-Cookie. The member names and their order are those of the draft.
[[nodiscard]] SIGNET_DECL result<void> write_instructions(policy const& p, std::string_view session_id, output& out);

/// Appends the instructions that end a session in the browser: `continue` is false. They do not delete the cookie;
/// expire it too.
[[nodiscard]] SIGNET_DECL result<void> write_end(std::string_view session_id, output& out);

/// The path where browsers look for the well-known document. They ask without cookies, at the registrable domain or at
/// provider and relying party.
inline constexpr std::string_view well_known_path = "/.well-known/device-bound-sessions";

/// Which other origins take part in the sessions of a site. Origins are written as in `policy_params::origin`.
struct well_known {
    /// Subdomains that may register a session for the whole site (`include_site`).
    std::span<std::string_view const> registering_origins{};
    /// At a provider: relying parties that may bind sessions to its keys. Cannot be combined with `provider_origin`.
    std::span<std::string_view const> relying_origins{};
    /// At a relying party: its provider.
    std::string_view provider_origin{};
};

/// Returns the document, which is served as application/json.
///
/// Errors: `invalid_dbsc_policy` for a text that is not an https origin, for both a provider and relying parties, and
/// for an empty document.
[[nodiscard]] SIGNET_DECL result<std::string> write_well_known(well_known const& document);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/instructions.ipp>
#endif

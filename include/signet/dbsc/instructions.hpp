// SPDX-License-Identifier: BSL-1.0
// The JSON that browsers are told: session instructions, the end of one, and the well-known documents.
#pragma once

#include <signet/dbsc/policy.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Appends the instructions for a session: its identifier, the refresh URL, the scope, and the bound cookie with
/// exactly the attributes that its Set-Cookie has. The member names and their order are those of the draft.
[[nodiscard]] SIGNET_DECL result<void> write_instructions(policy const& p, std::string_view session_id, output& out);

/// Appends what ends a session in the browser: `continue` is false. The cookie is not deleted by it; expire it besides.
[[nodiscard]] SIGNET_DECL result<void> write_end(std::string_view session_id, output& out);

/// Where browsers look for the document below: without cookies, on the registrable domain or on provider and relying
/// party.
inline constexpr std::string_view well_known_path = "/.well-known/device-bound-sessions";

/// Which other origins may have a part in a site's sessions. Origins as browsers write them, see
/// `policy_params::origin`.
struct well_known {
    /// Subdomains that may register a session for the whole site (`include_site`).
    std::span<std::string_view const> registering_origins{};
    /// At a provider: relying parties that may bind sessions to its keys. Not together with `provider_origin`.
    std::span<std::string_view const> relying_origins{};
    /// At a relying party: its provider.
    std::string_view provider_origin{};
};

/// The document, to be served as application/json. `invalid_dbsc_policy` for what is no https origin, for both a
/// provider and relying parties, and for nothing at all.
[[nodiscard]] SIGNET_DECL result<std::string> write_well_known(well_known const& document);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/instructions.ipp>
#endif

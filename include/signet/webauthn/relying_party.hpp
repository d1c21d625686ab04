// SPDX-License-Identifier: BSL-1.0
// What a site demands of passkeys: one policy from which options are written and by which answers are judged.
#pragma once

#include <signet/core/result.hpp>
#include <signet/crypto/certificate.hpp>
#include <signet/webauthn/impl/relying_party_check.hpp>

#include <array>
#include <memory>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

/// Whether the authenticator must verify its user, by a PIN or biometrics (section 5.8.6). Only `required` is enforced.
enum class user_verification : std::uint8_t { required, preferred, discouraged };

/// Which attestation is required (section 7.1 steps 23 and 24). A statement is always verified.
enum class attestation_demand : std::uint8_t {
    any,     ///< none and self attestation are enough
    trusted, ///< the statement's certificates must lead to an anchor
};

/// Whether a login is refused, or accepted and reported, if the credential may have been copied or was changed.
enum class on_signal : std::uint8_t { refuse, report };

/// The COSE identifiers that are offered unless others are named: EdDSA, ES256, RS256 (section 5.4).
inline constexpr std::array<std::int32_t, 3> default_algorithms{-8, -7, -257};

/// An AAGUID: the model of an authenticator. Nothing proves it unless a trusted statement covers it (section 6).
using aaguid = std::array<std::uint8_t, 16>;

/// Returns the certificates that are trusted for statements of that model and format.
using anchor_source = result<std::vector<certificate>> (*)(aaguid const& model, std::string_view format);

/// The parameters of a relying party. The defaults suit a site that logs in by passkey alone.
struct relying_party_params {
    std::string_view rp_id; ///< the site's domain, such as "example.com"; credentials belong to it for ever
    std::string_view name;  ///< of the site, for its users: 1 to 64 octets
    /// The accepted origins, compared exactly: "https://login.example.com", "http://localhost:8080",
    /// "android:apk-key-hash:...". The RP ID covers the web origins.
    std::span<std::string_view const> origins;
    /// Accepted origins of other sites, which the file of `write_related_origins` must name (section 5.11).
    std::span<std::string_view const> related_origins{};
    /// Whether ceremonies are accepted in a frame of another site.
    bool cross_origin = false;
    /// The sites that may have such a frame. A browser that does not name the site is accepted without it.
    std::span<std::string_view const> top_origins{};
    std::span<std::int32_t const> algorithms = default_algorithms; ///< COSE identifiers, in order of preference
    user_verification verification = user_verification::required;
    attestation_demand attestation = attestation_demand::any;
    anchor_source anchors = nullptr;             ///< without it no statement is trusted
    on_signal counter = on_signal::refuse;       ///< for a signature counter that does not advance
    on_signal backup_change = on_signal::refuse; ///< for another backup eligibility than at the registration
    bool android_hardware_only = false;          ///< android-key: counts only what the hardware enforces
    std::chrono::seconds timeout{300};           ///< of a ceremony: 5 to 10 minutes (section 15.1)
    /// Waives the rules on the RP ID, origins and identifiers, for test vectors of other sites.
    bool any_case_for_tests = false;
};

class owned_relying_party;

/// The policy of a site for passkeys. Literals are checked by the compiler.
///
/// Thread safety: immutable.
/// Lifetime: the object refers to the texts and lists of its parameters, which must outlive it.
///
/// Example: `constexpr webauthn::relying_party shop{{.rp_id = "example.com", .name = "Shop", .origins = origins}};`
class relying_party {
public:
    /// Checks the parameters at compile time. A broken rule does not compile, and the error message contains a sentence
    /// that names it.
    consteval relying_party(relying_party_params const& params) : params_{params} {
        (void)detail::complaint(params, detail::refuse{});
    }

    /// Checks the parameters at run time. The result owns copies of its texts and lists. Errors:
    /// `errc::invalid_relying_party`; `complaint` says why.
    [[nodiscard]] static SIGNET_DECL result<owned_relying_party> make(relying_party_params const& params);
    /// Returns a sentence about the first rule that the parameters break; empty if there is none.
    [[nodiscard]] static constexpr std::string_view complaint(relying_party_params const& params) noexcept {
        return detail::complaint(params, detail::tell{});
    }

    /// Returns the parameters.
    [[nodiscard]] constexpr relying_party_params const& params() const noexcept { return params_; }
    /// Returns whether a ceremony may take place at that origin. Origins are compared exactly (section 13.4.9).
    [[nodiscard]] constexpr bool accepts(std::string_view origin) const noexcept {
        return detail::is_one_of(origin, params_.origins) || detail::is_one_of(origin, params_.related_origins);
    }

private:
    friend class owned_relying_party;
    constexpr relying_party(relying_party_params const& params, int) noexcept : params_{params} {}
    relying_party_params params_;
};

/// A policy that was checked at run time and owns its texts and lists. Copies share them.
///
/// Thread safety: immutable.
class owned_relying_party {
public:
    /// Returns the policy. It refers to what this object and its copies share, so one of them must outlive it.
    [[nodiscard]] SIGNET_DECL relying_party policy() const noexcept [[clang::lifetimebound]];

    /// Do what the functions of these names do in `relying_party`. The views refer to this object.
    [[nodiscard]] relying_party_params params() const noexcept [[clang::lifetimebound]] { return policy().params(); }
    [[nodiscard]] bool accepts(std::string_view origin) const noexcept { return policy().accepts(origin); }

    // Copies instead of moves: what was moved from would have no policy.
    owned_relying_party(owned_relying_party const&) noexcept = default;
    owned_relying_party& operator=(owned_relying_party const&) noexcept = default;
    ~owned_relying_party() = default;

private:
    friend class relying_party;
    SIGNET_DECL explicit owned_relying_party(relying_party_params const& params);

    struct contents;
    std::shared_ptr<contents const> contents_;
};

}}} // namespace signet::webauthn

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/relying_party.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// X.509 certificates (RFC 5280), as far as attestation needs them: read, asked, and checked up to an anchor.
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/key.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI {

namespace detail {
struct certificate_body;
} // namespace detail

/// Limits on what a certificate may contain and on the length of a path. Certificates of authenticators have at most
/// some 2 kB, ten extensions and paths of five.
inline constexpr std::size_t max_certificate_octets = 16'384;
inline constexpr std::size_t max_certificate_extensions = 32;
inline constexpr std::size_t max_name_attributes = 32; ///< of the subject, and of the issuer
inline constexpr std::size_t max_certificate_path = 8;
/// The signatures that one check of a path verifies at most. More are needed only where many anchors have one name.
inline constexpr std::size_t max_path_signatures = 32;

/// An attribute of a certificate's subject (RFC 5280 appendix A.1).
enum class name_attribute : std::uint8_t { common_name, country, organization, organizational_unit };

/// An extension of a certificate.
struct certificate_extension {
    bytes_view value; ///< the content of `extnValue`, which is DER
    bool critical;
};

/// An X.509 certificate whose form was checked, but nothing that it says. Copies share one immutable body.
///
/// Lifetime: views are valid while any copy of the certificate lives.
class certificate {
public:
    using owns_its_views = void; ///< a temporary result of it has no `->`

    /// Reads a certificate in DER. Its signature and its dates are not checked.
    ///
    /// Errors: `bad_certificate` if it is malformed, larger than the limits or has an extension twice; `bad_key`,
    /// `weak_key` and `unsupported_key` about its key, whose RSA modulus may have 2048 to 4096 bits.
    [[nodiscard]] static SIGNET_DECL result<certificate> parse(bytes_view der);

    /// Returns the key of the subject.
    [[nodiscard]] SIGNET_DECL public_key const& key() const& noexcept [[clang::lifetimebound]];
    public_key const& key() const&& = delete;
    [[nodiscard]] SIGNET_DECL int version() const noexcept; ///< 1, 2 or 3
    /// Returns whether the basic constraints say that the subject is a certification authority.
    [[nodiscard]] SIGNET_DECL bool is_ca() const noexcept;
    /// Returns the first and the last second of validity.
    [[nodiscard]] SIGNET_DECL unix_time not_before() const noexcept;
    [[nodiscard]] SIGNET_DECL unix_time not_after() const noexcept;
    /// Returns whether `now` is not before the first and not after the last second of validity.
    [[nodiscard]] SIGNET_DECL bool valid_at(unix_time now) const noexcept;

    /// Returns the extension of that object identifier, such as "2.5.29.19"; nothing if there is none.
    [[nodiscard]] SIGNET_DECL std::optional<certificate_extension> extension(std::string_view oid) const& noexcept
        [[clang::lifetimebound]];
    std::optional<certificate_extension> extension(std::string_view oid) const&& = delete;

    /// Returns an attribute of the subject. Nothing if it is absent, comes more than once, or is neither a UTF8String
    /// nor a PrintableString nor an IA5String.
    [[nodiscard]] SIGNET_DECL std::optional<std::string_view> subject(name_attribute attribute) const& noexcept
        [[clang::lifetimebound]];
    std::optional<std::string_view> subject(name_attribute attribute) const&& = delete;

    /// Return the names and the whole certificate in DER.
    [[nodiscard]] SIGNET_DECL bytes_view subject_der() const& noexcept [[clang::lifetimebound]];
    [[nodiscard]] SIGNET_DECL bytes_view issuer_der() const& noexcept [[clang::lifetimebound]];
    [[nodiscard]] SIGNET_DECL bytes_view to_der() const& noexcept [[clang::lifetimebound]];
    bytes_view subject_der() const&& = delete;
    bytes_view issuer_der() const&& = delete;
    bytes_view to_der() const&& = delete;

    /// Checks whether the signature was made by that key. Names, dates and constraints are not looked at.
    ///
    /// Errors: `bad_signature`; `unsupported_algorithm` for others than ECDSA, RSA PKCS #1 1.5 (each with SHA-256,
    /// SHA-384 or SHA-512) and Ed25519.
    [[nodiscard]] SIGNET_DECL result<void> check_signature(public_key const& issuer) const;

    /// Compares the octets.
    friend SIGNET_DECL bool operator==(certificate const& a, certificate const& b) noexcept;

private:
    friend struct detail::certificate_body;
    explicit SIGNET_DECL certificate(std::shared_ptr<detail::certificate_body const> body) noexcept;
    std::shared_ptr<detail::certificate_body const> body_;
};

namespace crypto {

/// Checks a path from a leaf, which comes first, to an anchor (RFC 5280 section 6.1, without policies and revocation).
///
/// The path ends where a certificate is an anchor or was signed by one; the leaf itself may be an anchor. Only
/// `anchors` are trusted. An issuer is the next certificate of the path or an anchor, and its subject is the issuer's
/// name octet by octet. Every issuer, anchors included, is a certification authority that may sign certificates and
/// whose path length allows it. Every certificate that is used, anchors included, is valid at `now`. Critical
/// extensions that are not evaluated, such as name constraints, are refused. Certificates behind the end of the path
/// are ignored.
///
/// Complexity: at most `max_path_signatures` signatures are verified.
/// Errors: `untrusted_certificate` for an empty path, one with more than `max_certificate_path` certificates, and one
/// that does not end in an anchor; `certificate_not_valid` (dates); `issuer_not_ca`; `unknown_critical_extension`;
/// `bad_signature`; `unsupported_algorithm`.
[[nodiscard]] SIGNET_DECL result<void> check_path(std::span<certificate const> path,
                                                  std::span<certificate const> anchors, unix_time now);

} // namespace crypto

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/certificate.ipp>
#endif

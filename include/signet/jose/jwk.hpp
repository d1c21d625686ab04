// SPDX-License-Identifier: BSL-1.0
// One JSON Web Key (RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2): read, judged, written.
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/core/output.hpp>
#include <signet/crypto/key.hpp>
#include <signet/crypto/verification_key.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

/// The operations that keys are used for here (RFC 7517 section 4.3).
enum class key_operation : std::uint8_t { sign, verify };

/// The name of Ed25519 in `alg`: the name of RFC 8037, which everybody reads, or that of RFC 9864.
enum class ed25519_name : std::uint8_t { eddsa, ed25519 };

/// Returns the `alg` of an algorithm.
[[nodiscard]] constexpr std::string_view algorithm_name(alg a, ed25519_name spelling = ed25519_name::eddsa) noexcept {
    return a == alg::ed25519 && spelling == ed25519_name::eddsa ? std::string_view{"EdDSA"} : traits(a).name;
}

/// The largest number of certificates in the `x5c` of a JWK, and of octets in each.
inline constexpr std::size_t max_jwk_certificates = 8;
inline constexpr std::size_t max_jwk_certificate_size = 16'383;

/// The members of a JWK besides the key itself, as they were written.
struct jwk_attributes {
    std::optional<std::string> kid{};
    std::optional<std::string> use{};                  ///< "sig", "enc" or anything else
    std::optional<std::vector<std::string>> key_ops{}; ///< operations that are not listed are refused
    std::optional<std::string> alg{};                  ///< the only algorithm the key may be used with
    /// The certificates in DER, first the one of this key (RFC 7517 section 4.7). They prove nothing until
    /// `crypto::check_path` has verified them.
    std::vector<bytes> x5c{};
    std::optional<std::string> x5t_s256{}; ///< `x5t#S256`: SHA-256 of that certificate, in base64url (section 4.9)

    /// Returns the algorithm in `alg`, if it is present and supported.
    [[nodiscard]] SIGNET_DECL std::optional<signet::alg> algorithm() const noexcept;
    /// Returns how `alg` spells Ed25519.
    [[nodiscard]] SIGNET_DECL ed25519_name spelling() const noexcept;

    /// Returns whether `use` and `key_ops` both allow the operation.
    [[nodiscard]] SIGNET_DECL bool permits(key_operation operation) const noexcept;
    /// Checks whether `use`, `key_ops` and `alg` allow the operation with algorithm `a`. Errors: `key_use_refused`;
    /// `algorithm_mismatch`.
    [[nodiscard]] SIGNET_DECL result<void> permits(key_operation operation, signet::alg a) const noexcept;
};

/// A JWK with a public key and nothing private.
struct public_jwk {
    jwk_attributes attributes;
    public_key key;
};

/// A JWK with a key pair.
struct private_jwk {
    jwk_attributes attributes;
    private_key key;
};

/// A JWK of type "oct": octets for a MAC, of any length until the algorithm is known.
struct oct_jwk {
    jwk_attributes attributes;
    secret octets;
};

/// Any of the three; exactly one of the last three members has a value.
struct any_jwk {
    jwk_attributes attributes;
    std::optional<public_key> public_part{};
    std::optional<private_key> private_part{};
    std::optional<secret> octets{};
};

// Each reads one JWK. Unknown members are ignored (RFC 7517 4); a member named twice, a member of the wrong type,
// base64url with a second spelling, an integer with leading zeros and a coordinate of any other than the curve's length
// are refused. Errors: `json_*`, `base64_*`; `bad_key` (a required member is missing; `key_ops` names something twice;
// the numbers are no key), `weak_key`, `key_mismatch`; `unsupported_key` (another `kty` or `crv`); `wrong_key_type`
// (`alg` is a signature algorithm or MAC for another type of key). A key for another `alg` or `use` can be read; it is
// not permitted anything. About `x5c` and `x5t#S256`: `key_mismatch` (the first certificate has another key, or another
// digest), `bad_certificate`, `json_too_many_members`.

/// Reads a public key. A JWK with private members is refused, not trimmed: `errc::private_key_refused`.
[[nodiscard]] SIGNET_DECL result<public_jwk> parse_public_jwk(std::string_view json, key_limits const& limits = {});
/// Reads a public key from JSON that was read already, such as the `jwk` of a header or of `cnf`. Errors: those of the
/// overload with a text.
[[nodiscard]] SIGNET_DECL result<public_jwk> parse_public_jwk(codec::json_value object, key_limits const& limits = {});

/// Reads a key pair. Private RSA numbers may have leading zeros, as .NET writes them. The working copy of the text is
/// wiped; the caller wipes `json`.
///
/// Errors: `errc::wrong_key_type` if the private members are missing; `unsupported_key` for an RSA key without all
/// eight numbers; those of `private_key`.
[[nodiscard]] SIGNET_DECL result<private_jwk> parse_private_jwk(std::string_view json);

/// Reads a shared secret. Errors: `wrong_key_type` for every other `kty`, so no key of another type becomes a MAC key.
[[nodiscard]] SIGNET_DECL result<oct_jwk> parse_oct_jwk(std::string_view json);

/// Reads a key of any type, for tools.
[[nodiscard]] SIGNET_DECL result<any_jwk> parse_jwk(std::string_view json, key_limits const& limits = {});
[[nodiscard]] SIGNET_DECL result<any_jwk> parse_jwk(codec::json_value object, key_limits const& limits = {});

/// Returns the key that verifies algorithm `A`. Errors: `key_use_refused` and `algorithm_mismatch` if `use`, `key_ops`
/// or `alg` do not allow it; `wrong_key_type`.
template <asymmetric A> [[nodiscard]] result<verification_key<A>> verification_key_of(public_jwk const& jwk) {
    if (auto allowed = jwk.attributes.permits(key_operation::verify, A::id); !allowed) return allowed.error();
    return verification_key<A>::from_key(jwk.key);
}
/// Moves the secret out of `jwk` into a key that verifies algorithm `A`. Errors: those for public keys; `weak_key`.
template <symmetric A> [[nodiscard]] result<verification_key<A>> verification_key_of(oct_jwk&& jwk) {
    if (auto allowed = jwk.attributes.permits(key_operation::verify, A::id); !allowed) return allowed.error();
    return verification_key<A>::from_secret(std::move(jwk.octets));
}

/// Returns the attributes of the public half of a key pair: what could sign can verify.
[[nodiscard]] SIGNET_DECL jwk_attributes public_attributes(jwk_attributes const& of_private);

/// Appends the JWK: type and numbers, then kid, use, key_ops, alg, x5c and x5t#S256 if present. The same key gives the
/// same text.
/// Errors: `errc::json_not_utf8` if the kid is not UTF-8.
[[nodiscard]] SIGNET_DECL result<void> write_jwk(public_key const& key, jwk_attributes const& attributes, output& out);
/// Returns the JWK as a string. Errors: those of `write_jwk`.
[[nodiscard]] SIGNET_DECL result<std::string> to_json(public_jwk const& jwk);

/// Returns the JWK with its private members, as a text that is wiped on destruction.
[[nodiscard]] SIGNET_DECL result<secret> to_json(private_jwk const& jwk);
[[nodiscard]] SIGNET_DECL result<secret> to_json(oct_jwk const& jwk);

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/jwk.ipp>
#endif

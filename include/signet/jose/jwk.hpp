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

/// The two operations that are done with keys here (RFC 7517 4.3).
enum class key_operation : std::uint8_t { sign, verify };

/// How Ed25519 is called in `alg`: RFC 8037's name, which everybody reads, or RFC 9864's.
enum class ed25519_name : std::uint8_t { eddsa, ed25519 };

/// The `alg` text of an algorithm.
[[nodiscard]] constexpr std::string_view algorithm_name(alg a, ed25519_name spelling = ed25519_name::eddsa) noexcept {
    return a == alg::ed25519 && spelling == ed25519_name::eddsa ? std::string_view{"EdDSA"} : traits(a).name;
}

/// What a JWK says about its key besides the key itself, as it was written.
struct jwk_attributes {
    std::optional<std::string> kid{};
    std::optional<std::string> use{};                  ///< "sig", "enc" or anything else
    std::optional<std::vector<std::string>> key_ops{}; ///< what it does not name is refused
    std::optional<std::string> alg{};                  ///< the only algorithm the key may be used with

    /// `alg`, if it is stated and one of ours.
    [[nodiscard]] SIGNET_DECL std::optional<signet::alg> algorithm() const noexcept;
    /// How `alg` spells Ed25519.
    [[nodiscard]] SIGNET_DECL ed25519_name spelling() const noexcept;

    /// Whether `use` and `key_ops` both allow the operation.
    [[nodiscard]] SIGNET_DECL bool permits(key_operation operation) const noexcept;
    /// As above, and whether `alg` allows `a`. Errors: `key_use_refused`, `algorithm_mismatch`.
    [[nodiscard]] SIGNET_DECL result<void> permits(key_operation operation, signet::alg a) const noexcept;
};

/// A JWK that holds a public key and nothing private.
struct public_jwk {
    jwk_attributes attributes;
    public_key key;
};

/// A JWK that holds a key pair.
struct private_jwk {
    jwk_attributes attributes;
    private_key key;
};

/// A JWK of type "oct": octets for a MAC, of any length until it is known for which.
struct oct_jwk {
    jwk_attributes attributes;
    secret octets;
};

/// Any of the three; exactly one of the last three members is there.
struct any_jwk {
    jwk_attributes attributes;
    std::optional<public_key> public_part{};
    std::optional<private_key> private_part{};
    std::optional<secret> octets{};
};

// Each reads one JWK. Unknown members are ignored (RFC 7517 4); a member named twice, a member of the wrong type,
// base64url with a second spelling, an integer with leading zeros and a coordinate of any other than the curve's length
// are refused. Errors: json_*, base64_*; `bad_key` (a required member is missing; `key_ops` names something twice; the
// numbers are no key), `weak_key`, `key_mismatch`; `unsupported_key` (another `kty` or `crv`); `wrong_key_type` (`alg`
// is a signature algorithm or MAC for another type of key). A key for another `alg` or `use` can be read; it is not
// permitted anything.

/// A public key. One that brings private members is refused, never trimmed: `errc::private_key_refused`.
[[nodiscard]] SIGNET_DECL result<public_jwk> parse_public_jwk(std::string_view json, key_limits const& limits = {});
/// As above from JSON that was read already, such as a header's `jwk` or `cnf`'s.
[[nodiscard]] SIGNET_DECL result<public_jwk> parse_public_jwk(codec::json_value object, key_limits const& limits = {});

/// A key pair. The working copy of the text is wiped; wiping `json` is the caller's business. A key without the private
/// members is `errc::wrong_key_type`; an RSA key needs all eight numbers, else `unsupported_key`. Private RSA numbers
/// may have leading zeros, as .NET writes them.
[[nodiscard]] SIGNET_DECL result<private_jwk> parse_private_jwk(std::string_view json);

/// A shared secret; `wrong_key_type` for every other `kty`, so that no key of another type ever becomes a MAC key.
[[nodiscard]] SIGNET_DECL result<oct_jwk> parse_oct_jwk(std::string_view json);

/// Whatever it is, for tools that take a key of any kind.
[[nodiscard]] SIGNET_DECL result<any_jwk> parse_jwk(std::string_view json, key_limits const& limits = {});
[[nodiscard]] SIGNET_DECL result<any_jwk> parse_jwk(codec::json_value object, key_limits const& limits = {});

/// The key for verifying with `A`, if `alg`, `use` and `key_ops` agree.
///
/// Errors: `key_use_refused`, `algorithm_mismatch`, `wrong_key_type`.
template <asymmetric A> [[nodiscard]] result<verification_key<A>> verification_key_of(public_jwk const& jwk) {
    if (auto allowed = jwk.attributes.permits(key_operation::verify, A::id); !allowed) return allowed.error();
    return verification_key<A>::from_key(jwk.key);
}
/// The secret moves out of `jwk`; besides, `weak_key`.
template <symmetric A> [[nodiscard]] result<verification_key<A>> verification_key_of(oct_jwk&& jwk) {
    if (auto allowed = jwk.attributes.permits(key_operation::verify, A::id); !allowed) return allowed.error();
    return verification_key<A>::from_secret(std::move(jwk.octets));
}

/// The attributes that the public half of a key pair gets: what could sign now verifies.
[[nodiscard]] SIGNET_DECL jwk_attributes public_attributes(jwk_attributes const& of_private);

/// Appends the JWK: type and numbers, then kid, use, key_ops and alg where they are stated. Nothing is left in doubt by
/// order: the same key gives the same text. A kid that is not UTF-8 is `errc::json_not_utf8`.
[[nodiscard]] SIGNET_DECL result<void> write_jwk(public_key const& key, jwk_attributes const& attributes, output& out);
/// The same as a string of its own.
[[nodiscard]] SIGNET_DECL result<std::string> to_json(public_jwk const& jwk);

/// The JWK with its private members, as text that is wiped when it goes.
[[nodiscard]] SIGNET_DECL result<secret> to_json(private_jwk const& jwk);
[[nodiscard]] SIGNET_DECL result<secret> to_json(oct_jwk const& jwk);

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/jwk.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// One COSE key (RFC 9052 section 7, RFC 9053 section 7, RFC 8230) as WebAuthn has it: read, judged, written.
#pragma once

#include <signet/codec/cbor_reader.hpp>
#include <signet/crypto/key.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

/// An algorithm and its number in COSE.
struct cose_algorithm {
    std::int32_t identifier;
    alg algorithm;
};

/// The algorithms of COSE keys that are supported (RFC 9053 section 2, RFC 8230, RFC 8812, RFC 9864). WebAuthn section
/// 5.8.5 pins -7, -35 and -36 to the curves that RFC 9864 has numbers of their own for, and -8 to Ed25519.
inline constexpr cose_algorithm cose_algorithms[] = {
    {-7, alg::es256},    // ES256, with P-256
    {-9, alg::es256},    // ESP256
    {-35, alg::es384},   // ES384, with P-384
    {-51, alg::es384},   // ESP384
    {-36, alg::es512},   // ES512, with P-521
    {-52, alg::es512},   // ESP512
    {-8, alg::ed25519},  // EdDSA, with Ed25519
    {-19, alg::ed25519}, // Ed25519
    {-47, alg::es256k},  // ES256K, with secp256k1
    {-37, alg::ps256},   // PS256
    {-38, alg::ps384},   // PS384
    {-39, alg::ps512},   // PS512
    {-257, alg::rs256},  // RS256
    {-258, alg::rs384},  // RS384
    {-259, alg::rs512},  // RS512
};

/// Returns the algorithm of that number; nothing for one that is not supported.
[[nodiscard]] constexpr std::optional<alg> find_cose_algorithm(std::int32_t identifier) noexcept {
    for (auto const& known : cose_algorithms)
        if (known.identifier == identifier) return known.algorithm;
    return std::nullopt;
}

/// A public key that is used with one algorithm only.
struct cose_key {
    public_key key;
    alg algorithm;
    std::int32_t identifier; ///< the number of the algorithm as it was written; -8 and -19 mean the same
};

/// The largest COSE key that is read, in octets. An RSA key of 4096 bits has 530; keys of algorithms that are not
/// supported have up to 2,600, and are to be refused for that.
inline constexpr std::size_t max_cose_key_octets = 4096;

/// Reads a COSE key whose algorithm is one of `offered`.
///
/// The key has exactly the members that WebAuthn section 5.8.5 demands for its algorithm: type, algorithm, and curve
/// and coordinates or modulus and exponent. A point is not compressed and lies on the curve. An RSA modulus has 2048 to
/// 4096 bits.
///
/// Errors: `cbor_*` if the octets are not canonical CBOR; `algorithm_not_allowed` if the algorithm is not in `offered`;
/// `unsupported_algorithm` if it is, but there is no support for it. `bad_key` (about the member, if there is one) for
/// other members, missing ones, private ones and wrong values; `weak_key`.
[[nodiscard]] SIGNET_DECL result<cose_key> parse_cose_key(bytes_view cose, std::span<std::int32_t const> offered);
/// Reads a COSE key from CBOR that was read already. Errors: those of the overload with octets.
[[nodiscard]] SIGNET_DECL result<cose_key> parse_cose_key(codec::cbor_value map, std::span<std::int32_t const> offered);

/// Returns the key in canonical CBOR: what `parse_cose_key` reads. Errors: `wrong_key_type` if the key, the algorithm
/// and the identifier do not belong together.
[[nodiscard]] SIGNET_DECL result<bytes> to_cose(cose_key const& key);

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/cose_key.ipp>
#endif

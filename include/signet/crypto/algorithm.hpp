// SPDX-License-Identifier: BSL-1.0
// The signature and MAC algorithms as types, and the traits about them (RFC 7518 section 3, RFC 8037, RFC 8812, RFC
// 9864, RFC 9964).
#pragma once

#include <signet/core/impl/enumerators.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <type_traits>

namespace signet { inline namespace SIGNET_ABI {

/// An algorithm as a value, for tables and configuration. There is no enumerator for `none`.
enum class alg : std::uint8_t {
    hs256,
    hs384,
    hs512,
    rs256,
    rs384,
    rs512,
    ps256,
    ps384,
    ps512,
    es256,
    es384,
    es512,
    es256k,
    ed25519,
    ml_dsa_44,
    ml_dsa_65,
    ml_dsa_87,
};
inline constexpr std::size_t alg_count = 17;
static_assert(detail::is_count_of<alg, alg_count>, "every alg is counted, and has its row below");

enum class key_type : std::uint8_t { oct, rsa, ec, okp, akp }; ///< JWK `kty` (RFC 7518 6.1, RFC 8037, RFC 9964)
enum class curve : std::uint8_t { none, p256, p384, p521, secp256k1, ed25519 }; ///< JWK `crv`
enum class hash_id : std::uint8_t {
    sha256,
    sha384,
    sha512,
    shake256
}; ///< FIPS 180-4; SHAKE256 of FIPS 202 with 64 octets

/// The fixed properties of an algorithm.
struct algorithm_traits {
    std::string_view name; ///< the `alg` of a header; Ed25519 is also known as "EdDSA"
    key_type type;
    curve crv;
    hash_id hash;               ///< the hash function; for Ed25519 and ML-DSA it is part of the algorithm
    std::size_t signature_size; ///< octets of a signature; 0 for RSA, where it is the size of the modulus
    std::size_t key_size = 0;   ///< ML-DSA: octets of a public key; 0 for others
};

/// The properties of each `alg`, in its order (RFC 7518 section 3.1, RFC 8812 section 3.2, RFC 9864 section 2.2, RFC
/// 9964; FIPS 204 table 2).
// clang-format off
inline constexpr algorithm_traits algorithm_table[alg_count] = {
    {"HS256",   key_type::oct, curve::none,      hash_id::sha256, 32},
    {"HS384",   key_type::oct, curve::none,      hash_id::sha384, 48},
    {"HS512",   key_type::oct, curve::none,      hash_id::sha512, 64},
    {"RS256",   key_type::rsa, curve::none,      hash_id::sha256, 0},
    {"RS384",   key_type::rsa, curve::none,      hash_id::sha384, 0},
    {"RS512",   key_type::rsa, curve::none,      hash_id::sha512, 0},
    {"PS256",   key_type::rsa, curve::none,      hash_id::sha256, 0},
    {"PS384",   key_type::rsa, curve::none,      hash_id::sha384, 0},
    {"PS512",   key_type::rsa, curve::none,      hash_id::sha512, 0},
    {"ES256",   key_type::ec,  curve::p256,      hash_id::sha256, 64},
    {"ES384",   key_type::ec,  curve::p384,      hash_id::sha384, 96},
    {"ES512",   key_type::ec,  curve::p521,      hash_id::sha512, 132},
    {"ES256K",  key_type::ec,  curve::secp256k1, hash_id::sha256, 64},
    {"Ed25519", key_type::okp, curve::ed25519,   hash_id::sha512, 64},
    {"ML-DSA-44", key_type::akp, curve::none,    hash_id::shake256, 2420, 1312},
    {"ML-DSA-65", key_type::akp, curve::none,    hash_id::shake256, 3309, 1952},
    {"ML-DSA-87", key_type::akp, curve::none,    hash_id::shake256, 4627, 2592},
};
// clang-format on
static_assert(!algorithm_table[alg_count - 1].name.empty(), "every alg has its row");

/// Returns the properties of an algorithm.
[[nodiscard]] constexpr algorithm_traits const& traits(alg a) noexcept {
    return algorithm_table[static_cast<std::size_t>(a)];
}

namespace detail {
/// The algorithm of an ML-DSA key of that size; the three differ.
constexpr alg ml_dsa_of(std::size_t key_size) noexcept {
    return key_size == traits(alg::ml_dsa_44).key_size   ? alg::ml_dsa_44
           : key_size == traits(alg::ml_dsa_65).key_size ? alg::ml_dsa_65
                                                         : alg::ml_dsa_87;
}
} // namespace detail

/// Returns the algorithm of that `alg`, by exact spelling. Returns nothing for `none` and for unknown names.
[[nodiscard]] constexpr std::optional<alg> find_algorithm(std::string_view header_name) noexcept {
    for (std::size_t i = 0; i != alg_count; ++i)
        if (algorithm_table[i].name == header_name) return static_cast<alg>(i);
    if (header_name == "EdDSA") return alg::ed25519;
    return std::nullopt;
}

/// The size of the largest signature, one of ML-DSA-87. RSA with 8192 bits has 1024 octets.
inline constexpr std::size_t max_signature_size = 4627;

namespace detail {
inline constexpr std::size_t max_rsa_signature_size = 1024;
} // namespace detail

/// The algorithms as types: the template arguments of verifiers, keys and signers.
struct hs256 {
    static constexpr alg id = alg::hs256;
};
struct hs384 {
    static constexpr alg id = alg::hs384;
};
struct hs512 {
    static constexpr alg id = alg::hs512;
};
struct rs256 {
    static constexpr alg id = alg::rs256;
};
struct rs384 {
    static constexpr alg id = alg::rs384;
};
struct rs512 {
    static constexpr alg id = alg::rs512;
};
struct ps256 {
    static constexpr alg id = alg::ps256;
};
struct ps384 {
    static constexpr alg id = alg::ps384;
};
struct ps512 {
    static constexpr alg id = alg::ps512;
};
struct es256 {
    static constexpr alg id = alg::es256;
};
struct es384 {
    static constexpr alg id = alg::es384;
};
struct es512 {
    static constexpr alg id = alg::es512;
};
struct es256k {
    static constexpr alg id = alg::es256k;
};
struct ed25519 {
    static constexpr alg id = alg::ed25519;
};
struct ml_dsa_44 {
    static constexpr alg id = alg::ml_dsa_44;
};
struct ml_dsa_65 {
    static constexpr alg id = alg::ml_dsa_65;
};
struct ml_dsa_87 {
    static constexpr alg id = alg::ml_dsa_87;
};

/// An algorithm type.
template <class A>
concept algorithm = requires { requires std::is_same_v<decltype(A::id), alg const>; };
/// A MAC algorithm: everybody who can verify can also sign.
template <class A>
concept symmetric = algorithm<A> && traits(A::id).type == key_type::oct;
/// A signature algorithm: verification uses a public key.
template <class A>
concept asymmetric = algorithm<A> && !symmetric<A>;

namespace detail { // named for what a compiler says when neither holds
template <class... A>
concept only_signatures = sizeof...(A) > 0 && (asymmetric<A> && ...);
template <class... A>
concept exactly_one_mac = sizeof...(A) == 1 && (symmetric<A> && ...);
} // namespace detail

/// The algorithms that one verifier may accept: any number of signature algorithms, or exactly one MAC. Never a
/// mixture.
template <class... A>
concept only_signatures_or_exactly_one_mac = detail::only_signatures<A...> || detail::exactly_one_mac<A...>;

/// A set of algorithms. Has 32 bits.
class algorithm_set {
public:
    constexpr algorithm_set() = default;
    /// Returns the set of these algorithm types.
    template <algorithm... A> static constexpr algorithm_set of() noexcept {
        algorithm_set s;
        (s.insert(A::id), ...);
        return s;
    }
    /// Adds an algorithm, if it is not in the set already.
    constexpr void insert(alg a) noexcept { bits_ |= std::uint32_t{1} << static_cast<unsigned>(a); }
    /// Returns whether the algorithm is in the set.
    [[nodiscard]] constexpr bool contains(alg a) const noexcept {
        return (bits_ >> static_cast<unsigned>(a) & 1u) != 0;
    }
    /// Returns whether the set is empty.
    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
    /// Returns the bits. Bit n stands for the algorithm of value n.
    [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; }
    friend constexpr bool operator==(algorithm_set, algorithm_set) = default;

private:
    std::uint32_t bits_ = 0;
    static_assert(alg_count <= std::numeric_limits<decltype(bits_)>::digits, "every alg has a bit of its own");
};

}} // namespace signet

// SPDX-License-Identifier: BSL-1.0
// What reads the key of a JWK, by its `kty` (RFC 7518 section 6, RFC 8037 section 2, RFC 9964 section 3).
#pragma once

#include <signet/core/result.hpp>
#include <signet/crypto/key.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace codec {
class json_value; // <signet/codec/json_reader.hpp>
}}} // namespace signet::codec

namespace signet { inline namespace SIGNET_ABI { namespace jose {

struct any_jwk; // <signet/jose/jwk.hpp>

namespace detail {

struct private_reader; // jose/impl
using jwk_reader = result<void> (*)(codec::json_value object, key_limits const& limits, private_reader const* privates,
                                    any_jwk& out);

// What reads a JWK's key, by its `kty`.
SIGNET_DECL result<void> read_rsa_jwk(codec::json_value object, key_limits const& limits,
                                      private_reader const* privates, any_jwk& out);
SIGNET_DECL result<void> read_ec_jwk(codec::json_value object, key_limits const& limits, private_reader const* privates,
                                     any_jwk& out);
SIGNET_DECL result<void> read_okp_jwk(codec::json_value object, key_limits const& limits,
                                      private_reader const* privates, any_jwk& out);
SIGNET_DECL result<void> read_oct_jwk(codec::json_value object, key_limits const& limits,
                                      private_reader const* privates, any_jwk& out);

SIGNET_DECL result<void> read_akp_jwk(codec::json_value object, key_limits const& limits,
                                      private_reader const* privates, any_jwk& out);

/// The readers of those types of keys that are wanted. Who names the others' nowhere has not their code in the program,
/// nor the time it takes to compile.
struct jwk_readers {
    jwk_reader rsa = nullptr, ec = nullptr, okp = nullptr, oct = nullptr, akp = nullptr;

    /// For keys of these algorithms.
    template <algorithm... A> static constexpr jwk_readers of() noexcept {
        jwk_readers r;
        if constexpr (((traits(A::id).type == key_type::rsa) || ...)) r.rsa = read_rsa_jwk;
        if constexpr (((traits(A::id).type == key_type::ec) || ...)) r.ec = read_ec_jwk;
        if constexpr (((traits(A::id).type == key_type::okp) || ...)) r.okp = read_okp_jwk;
        if constexpr (((traits(A::id).type == key_type::oct) || ...)) r.oct = read_oct_jwk;
        if constexpr (((traits(A::id).type == key_type::akp) || ...)) r.akp = read_akp_jwk;
        return r;
    }
};

} // namespace detail

}}} // namespace signet::jose

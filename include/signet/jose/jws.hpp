// SPDX-License-Identifier: BSL-1.0
// JWS in compact form (RFC 7515 sections 3, 4, 5 and 7.1): split, header, sign and verify any payload.
#pragma once

#include <signet/crypto/signing_key.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/jose/jwk_set.hpp>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

/// The three parts of a compact JWS, still encoded. They refer to the token.
struct compact_parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signing_input; ///< header, dot, payload (RFC 7515 5.1 step 8)
};

/// Splits a token at its dots. Decodes nothing. Payload and signature may be empty.
///
/// Errors: `token_too_large`; `encrypted_token` for five parts (a JWE, RFC 7516 section 9); `malformed_token` for any
/// other number than three, and for an empty header.
[[nodiscard]] SIGNET_DECL result<compact_parts> split_compact(std::string_view token, std::size_t max_size) noexcept;

/// The header of a token (RFC 7515 section 4.1). It refers to what `read_header` was given.
struct jws_header {
    alg algorithm{};
    ed25519_name spelling{}; ///< of Ed25519
    std::optional<std::string_view> kid{}, typ{}, cty{};
    codec::json_value jwk{};  ///< the `jwk` object, null if absent: a claim of the sender, not a trusted key
    codec::json_value root{}; ///< the whole header
};

/// Decodes and reads a header into the caller's memory. `text` receives the decoded octets, and `nodes` their index.
/// Extensions named in `understood` may be in `crit`; the caller must implement them. Does not allocate.
///
/// Errors: base64_*; json_*; `malformed_header`; `unsigned_token` for `none`; `algorithm_not_allowed` for an unknown
/// `alg`; `unknown_critical_header`, also for `b64: false` (RFC 7797).
///
/// These headers are malformed: not an object, no `alg`, a member of the wrong type, and an invalid `crit`. A `crit` is
/// invalid if it is empty, not an array of strings, or has duplicates, absent names, or names of RFC 7515, 7516 or
/// 7518.
[[nodiscard]] SIGNET_DECL result<jws_header> read_header(std::string_view encoded, std::span<char> text,
                                                         std::span<codec::json_node> nodes,
                                                         std::span<std::string_view const> understood = {});

/// Returns the largest number of values in a header of that many decoded octets: `nodes` of that size always suffice.
[[nodiscard]] constexpr std::size_t max_header_nodes(std::size_t octets) noexcept { return octets / 2 + 1; }

/// The parameters of verifying a JWS.
struct jws_policy {
    std::size_t max_token = 1u << 20;               ///< characters
    std::span<std::string_view const> understood{}; ///< extensions that the caller implements
};

/// A JWS whose signature was verified. Only `jws_verify` makes one.
class verified_jws {
public:
    using owns_its_views = void; ///< a temporary result of it has no `->`
    /// Returns the octets that were signed, before base64url.
    [[nodiscard]] bytes const& payload() const& noexcept [[clang::lifetimebound]] { return payload_; }
    [[nodiscard]] bytes payload() && noexcept { return std::move(payload_); }
    /// Returns the algorithm of the key that verified.
    [[nodiscard]] alg algorithm() const noexcept { return algorithm_; }
    /// Returns the index of the key that verified.
    [[nodiscard]] std::size_t key_index() const noexcept { return key_; }
    /// Returns the header, an object, which refers to this object.
    [[nodiscard]] codec::json_value header() const& noexcept [[clang::lifetimebound]] { return header_.root(); }
    codec::json_value header() const&& = delete;

private:
    friend SIGNET_DECL result<verified_jws> jws_verify(any_key_set const& keys, std::string_view token,
                                                       jws_policy const& rules);
    verified_jws(codec::json_document header, alg a) noexcept : header_{std::move(header)}, algorithm_{a} {}
    codec::json_document header_;
    bytes payload_;
    alg algorithm_;
    std::size_t key_ = 0;
};

/// Verifies a compact JWS with the keys of the set. Checks form, header, key and signature, in this order.
///
/// Errors: those of `split_compact`, `read_header` and `any_key_set::find`; `bad_signature`; base64_* for payload and
/// signature.
SIGNET_DECL result<verified_jws> jws_verify(any_key_set const& keys, std::string_view token,
                                            jws_policy const& rules = {});
template <algorithm... A> [[nodiscard]] result<verified_jws> jws_verify(key_set<A...> const& keys,
                                                                        std::string_view token,
                                                                        jws_policy const& rules = {}) {
    return jws_verify(keys.as_any(), token, rules);
}

/// A further member of a header. `alg`, `kid`, `typ`, `cty` and `jwk` have members of their own in `header_params`.
struct header_member {
    std::string_view name;
    std::string_view json; ///< its value as JSON text, which the caller vouches for
};

/// What a header contains besides `alg`. Empty members are left out.
///
/// Lifetime: the views must be valid during the call.
struct header_params {
    std::optional<std::string_view> kid{};
    std::string_view typ{};
    std::string_view cty{};
    public_key const* jwk = nullptr; ///< the signer's public key, as in DPoP and DBSC
    std::span<header_member const> more{};
    ed25519_name spelling = ed25519_name::eddsa;
};

/// Appends the JSON of the header, not encoded. Errors: `duplicate_json_name` if `more` has a name twice.
[[nodiscard]] SIGNET_DECL result<void> write_header(alg a, header_params const& params, output& out);

/// Appends header, dot and payload in base64url: the input of a signer that is elsewhere (RFC 7515 section 5.1).
[[nodiscard]] SIGNET_DECL result<void> jws_signing_input(alg a, bytes_view payload, header_params const& params,
                                                         output& out);

/// Appends the dot and the signature.
SIGNET_DECL void jws_append_signature(bytes_view signature, output& out);

/// Appends a complete compact JWS of `payload`.
///
/// Errors: `wrong_key_type` if the key is not for `a`; `buffer_too_small`; `json_not_utf8` in `params`;
/// `signer_failed`.
[[nodiscard]] SIGNET_DECL result<void> jws_sign(private_key const& key, alg a, bytes_view payload,
                                                header_params const& params, output& out);
[[nodiscard]] SIGNET_DECL result<void> jws_sign(mac_key const& key, bytes_view payload, header_params const& params,
                                                output& out);

/// Appends a complete compact JWS made by any signing key, such as one in hardware. Errors: those of the overload above
/// and of the key's `sign`.
template <signing_key K>
[[nodiscard]] result<void> jws_sign(K const& key, bytes_view payload, header_params const& params, output& out) {
    auto const start = out.size();
    if (auto done = jws_signing_input(key.algorithm_id(), payload, params, out); !done) return done.error();

    std::array<std::uint8_t, max_signature_size> signature;
    auto const size = key.sign(as_bytes(out.finish()->substr(start)), signature);
    if (!size) return size.error();
    if (*size > signature.size()) return errc::signer_failed;
    jws_append_signature(bytes_view{signature}.first(*size), out);
    if (out.overflowed()) return errc::buffer_too_small;
    return {};
}

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/jws.ipp>
#endif

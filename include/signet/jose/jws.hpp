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

/// The three parts of a compact JWS, still encoded; views into the token.
struct compact_parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signing_input; ///< header, dot, payload (RFC 7515 5.1 step 8)
};

/// Splits at the dots; nothing is decoded. The payload may be empty, and so may the signature: the header tells why.
///
/// Errors: `token_too_large`; `encrypted_token` for five parts (a JWE, RFC 7516 section 9); `malformed_token` for any
/// other number than three, and for an empty header.
[[nodiscard]] SIGNET_DECL result<compact_parts> split_compact(std::string_view token, std::size_t max_size) noexcept;

/// What a header says (RFC 7515 4.1). Views into what read_header was given.
struct jws_header {
    alg algorithm{};
    ed25519_name spelling{}; ///< of Ed25519
    std::optional<std::string_view> kid{}, typ{}, cty{};
    codec::json_value jwk{};  ///< the `jwk` object, null where absent: somebody's claim, not a trusted key
    codec::json_value root{}; ///< the whole header
};

/// Decodes and reads a header into the caller's memory: `text` has room for the decoded octets, which `nodes` index.
/// Allocates nothing. Extensions named in `understood` may stand in `crit`; the caller then has to honour them.
///
/// Errors: base64_*, json_*, `malformed_header` (no object; no `alg`; a member of the wrong type; `crit` that is empty,
/// no array of strings, names something twice, not present or of RFC 7515, 7516 or 7518 itself); `unsigned_token`
/// (`none`); `algorithm_not_allowed` (an `alg` nobody here knows); `unknown_critical_header`, also for `b64: false`
/// (RFC 7797).
[[nodiscard]] SIGNET_DECL result<jws_header> read_header(std::string_view encoded, std::span<char> text,
                                                         std::span<codec::json_node> nodes,
                                                         std::span<std::string_view const> understood = {});

/// Values that a header of so many decoded octets can hold at most: `nodes` of that size are never too few.
[[nodiscard]] constexpr std::size_t max_header_nodes(std::size_t octets) noexcept { return octets / 2 + 1; }

/// How a JWS is judged.
struct jws_policy {
    std::size_t max_token = 1u << 20;               ///< characters
    std::span<std::string_view const> understood{}; ///< extensions the caller honours itself
};

/// A JWS whose signature was checked: only jws_verify makes one.
class verified_jws {
public:
    using owns_its_views = void; ///< a temporary result of it has no `->`
    /// The octets that were signed, as they were before base64url.
    [[nodiscard]] bytes const& payload() const& noexcept [[clang::lifetimebound]] { return payload_; }
    [[nodiscard]] bytes payload() && noexcept { return std::move(payload_); }
    /// That of the key which verified.
    [[nodiscard]] alg algorithm() const noexcept { return algorithm_; }
    /// The entry of the key set that verified.
    [[nodiscard]] std::size_t key_index() const noexcept { return key_; }
    /// The header, an object; a view into this one.
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

/// Verifies a compact JWS with the keys of the list. In this order: form, header, key, signature.
///
/// Errors: those of split_compact, read_header and any_key_set::find; `bad_signature`; base64_* of payload and
/// signature.
SIGNET_DECL result<verified_jws> jws_verify(any_key_set const& keys, std::string_view token,
                                            jws_policy const& rules = {});
template <algorithm... A> [[nodiscard]] result<verified_jws> jws_verify(key_set<A...> const& keys,
                                                                        std::string_view token,
                                                                        jws_policy const& rules = {}) {
    return jws_verify(keys.as_any(), token, rules);
}

/// A further member of a header; `alg`, `kid`, `typ`, `cty` and `jwk` are given otherwise.
struct header_member {
    std::string_view name;
    std::string_view json; ///< its value as JSON text, vouched for
};

/// What a header to be written says besides `alg`. Views that must live through the call; absent where empty.
struct header_params {
    std::optional<std::string_view> kid{};
    std::string_view typ{};
    std::string_view cty{};
    public_key const* jwk = nullptr; ///< the signer's public key, as DPoP and DBSC want it
    std::span<header_member const> more{};
    ed25519_name spelling = ed25519_name::eddsa;
};

/// Appends the header's JSON, not encoded. `duplicate_json_name` if `more` names something twice.
[[nodiscard]] SIGNET_DECL result<void> write_header(alg a, header_params const& options, output& out);

/// Appends header, dot, payload, in base64url: what is to be signed (RFC 7515 5.1), for signers that are elsewhere.
[[nodiscard]] SIGNET_DECL result<void> jws_signing_input(alg a, bytes_view payload, header_params const& options,
                                                         output& out);

/// Appends the dot and the signature.
SIGNET_DECL void jws_append_signature(bytes_view signature, output& out);

/// Appends a whole compact JWS over `payload`.
///
/// Errors: `wrong_key_type` (the key is not for `a`), `buffer_too_small`, `json_not_utf8` (in `options`),
/// `signer_failed`.
[[nodiscard]] SIGNET_DECL result<void> jws_sign(private_key const& key, alg a, bytes_view payload,
                                                header_params const& options, output& out);
[[nodiscard]] SIGNET_DECL result<void> jws_sign(mac_key const& key, bytes_view payload, header_params const& options,
                                                output& out);

/// The same with any signing key, such as one that never leaves its hardware; of its errors, those of its `sign`.
template <signing_key K>
[[nodiscard]] result<void> jws_sign(K const& key, bytes_view payload, header_params const& options, output& out) {
    auto const start = out.size();
    if (auto done = jws_signing_input(key.algorithm_id(), payload, options, out); !done) return done.error();

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

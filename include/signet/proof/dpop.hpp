// SPDX-License-Identifier: BSL-1.0
// DPoP: proofs that whoever sends a request holds a key, made and checked (RFC 9449 sections 4, 7 and 11).
#pragma once

#include <signet/crypto/prepared_key.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/proof/access_token.hpp>
#include <signet/proof/dpop_nonces.hpp>
#include <signet/proof/replay.hpp>
#include <signet/proof/verified_key.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// The `typ` of a proof (RFC 9449 4.2).
inline constexpr std::string_view dpop_type = "dpop+jwt";

/// The algorithms that proofs may be signed with. Keys in proofs are RSA of 2048 to 4096 bits, P-256 and Ed25519.
inline constexpr algorithm_set dpop_algorithms =
    algorithm_set::of<es256, ed25519, ps256, ps384, ps512, rs256, rs384, rs512>();

inline constexpr std::size_t max_dpop_proof = 8'192;       ///< characters of a proof; longer ones are `dpop_malformed`
inline constexpr std::size_t max_dpop_signature = 512;     ///< octets: PS256 and RS256 with 4096 bits
inline constexpr std::size_t max_dpop_values = 64;         ///< JSON values in its header, and in its payload
inline constexpr std::chrono::seconds max_dpop_age{3'600}; ///< the largest value of a policy's `max_age`
inline constexpr std::chrono::seconds max_dpop_skew{300};  ///< the largest value of a policy's `future_skew`

// ---- make

/// The request that a proof is for. The views must be valid during the call.
struct dpop_target {
    std::string_view method;         ///< as it is sent, such as "GET"
    std::string_view url;            ///< absolute; query and fragment are omitted from the proof
    std::string_view access_token{}; ///< for a resource: the token that is sent with the request
    std::string_view nonce{};        ///< the last nonce that this server issued
};

/// A key that can make proofs: it signs, and has a public part.
template <class K>
concept dpop_key = signing_key<K> && requires(K const& key) {
    { key.verifier_key().key() } -> std::convertible_to<public_key const&>;
};

namespace detail {
SIGNET_DECL result<std::string> dpop_signing_input(public_key const& key, alg a, dpop_target const& target,
                                                   unix_time now, random_ref rng);
SIGNET_DECL result<std::string> dpop_complete(std::string input, bytes_view signature);
} // namespace detail

/// Makes a proof for one request: the value of its `DPoP` field. Every request needs a new one, even a repeated
/// request.
///
/// Errors: `dpop_algorithm_not_allowed` if the key's algorithm is not in `dpop_algorithms`; `out_of_range` without a
/// method; `malformed_uri`; `unsupported_uri_scheme`; `json_not_utf8`; those of the signer.
///
/// Example: `auto proof = make_dpop_proof(key, {.method = "GET", .url = url}, now);`
template <dpop_key K> [[nodiscard]] result<std::string> make_dpop_proof(K const& key, dpop_target const& target,
                                                                        unix_time now,
                                                                        random_ref rng = system_random()) {
    auto input = detail::dpop_signing_input(key.verifier_key().key(), key.algorithm_id(), target, now, rng);
    if (!input) return input.error();
    std::array<std::uint8_t, signet::detail::max_rsa_signature_size> signature;
    auto const size = key.sign(as_bytes(*input), signature);
    if (!size) return size.error();
    return detail::dpop_complete(*std::move(input), bytes_view{signature}.first(*size));
}

// ---- check

/// The requirements of an endpoint on proofs. Threads may share it.
///
/// Lifetime: the objects that the pointers refer to must outlive the checks.
struct dpop_policy {
    algorithm_set algorithms =
        algorithm_set::of<es256, ed25519, ps256, rs256>(); ///< algorithms outside `dpop_algorithms` are ignored
    std::chrono::seconds max_age{300};                     ///< since `iat`, 1 s to `max_dpop_age`
    std::chrono::seconds future_skew{60};                  ///< of `iat`, 0 to `max_dpop_skew`
    /// If given, every proof must have a current nonce. With `nonce_dates_proof`, a proof with such a nonce may have a
    /// wrong `iat`. Clients with wrong clocks are then accepted, and the proof is valid as long as its nonce.
    dpop_nonces const* nonces = nullptr;
    bool nonce_dates_proof = false;
    /// Tables of the base points, which make ES256 and Ed25519 proofs a little faster. They must outlive the policy.
    crypto::generator_tables const* tables = nullptr;
};

/// A request with a proof. The views must be valid until the check is made.
struct dpop_request {
    std::span<std::string_view const> proofs; ///< all values of its `DPoP` field
    std::string_view method;
    std::string_view url;               ///< absolute, as the client sees it; behind a proxy, the address of the proxy
    bound_token const* token = nullptr; ///< for a resource: the access token of the request
    /// For a token endpoint: the key that the code (`dpop_jkt`), the refresh token or the session is bound to.
    std::optional<crypto::sha256_digest> bound_to{};
};

/// Checks a proof by RFC 9449 section 4.3 and marks it as used. An operation of one request, for any store or a
/// `replay_guard`. The window of the guard must be at least `max_age`, `future_skew` and 1 s, or the lifetime of a
/// nonce.
///
/// All other checks come before the request to the store, so proofs that do not belong to a token cannot fill it. A
/// token endpoint authenticates the client first. The record is named by a hash over key, URL and `jti`. This is a
/// class, not a task, because every request with a bound token makes one, and a class has no frame to allocate.
///
/// Errors of the checks, in the order of the section: (1) `dpop_missing`, `dpop_multiple`; (2) `dpop_malformed`; (3)
/// `dpop_claim_missing`; (4) `wrong_dpop_type`; (5) `dpop_algorithm_not_allowed`; (6) `invalid_dpop_signature`; (7)
/// `dpop_private_key_refused`, `dpop_key_refused`; (8) `wrong_dpop_method`; (9) `wrong_dpop_uri`; (10)
/// `dpop_nonce_required`, `dpop_nonce_unknown`; (11) `dpop_stale`, `dpop_issued_in_future`; (12)
/// `wrong_dpop_token_hash`, `dpop_key_mismatch`.
/// Other errors: `dpop_replayed`; those of the store; `malformed_uri` and `unsupported_uri_scheme` for the server's own
/// URL; `out_of_range` for the policy.
///
/// @par Example
/// `auto who = run(dpop_check{{.proofs = values, .method = "GET", .url = url}, policy, now}, db);`
class dpop_check {
public:
    /// Makes all checks but the replay. Reads `request` and `policy` during this call only.
    SIGNET_DECL dpop_check(dpop_request const& request, dpop_policy const& policy, unix_time now);

    [[nodiscard]] store::request const* next() const noexcept { return mark_ ? mark_->next() : nullptr; }
    void answer(store::reply const& reply) noexcept {
        if (next()) mark_->answer(reply);
    }
    /// Returns the key that was proved: evidence for the rest of this request, and the key that a new token is bound
    /// to.
    [[nodiscard]] SIGNET_DECL result<verified_key> get() const noexcept;

private:
    result<verified_key> proved_;
    std::optional<replay_check> mark_;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/dpop.ipp>
#endif

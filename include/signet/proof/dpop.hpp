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

/// What proofs may be signed with at all: keys in them are RSA of 2048 to 4096 bits, P-256 and Ed25519.
inline constexpr algorithm_set dpop_algorithms =
    algorithm_set::of<es256, ed25519, ps256, ps384, ps512, rs256, rs384, rs512>();

inline constexpr std::size_t max_dpop_proof = 8'192;       ///< characters of a proof; longer ones are `dpop_malformed`
inline constexpr std::size_t max_dpop_values = 64;         ///< JSON values in its header, and in its payload
inline constexpr std::chrono::seconds max_dpop_age{3'600}; ///< the most that a policy may allow
inline constexpr std::chrono::seconds max_dpop_skew{300};  ///< the same for clocks that are ahead

// ---- make

/// The request a proof is for. Views that must live through the call.
struct dpop_target {
    std::string_view method;         ///< as it is sent, such as "GET"
    std::string_view url;            ///< absolute; query and fragment are left out of the proof
    std::string_view access_token{}; ///< at a resource: the token sent along
    std::string_view nonce{};        ///< the last one that this server gave
};

/// A key that can make proofs: it signs, and knows its public part.
template <class K>
concept dpop_key = signing_key<K> && requires(K const& key) {
    { key.verifier_key().key() } -> std::convertible_to<public_key const&>;
};

namespace detail {
SIGNET_DECL result<std::string> dpop_signing_input(public_key const& key, alg a, dpop_target const& target,
                                                   unix_time now, random_ref rng);
SIGNET_DECL result<std::string> dpop_complete(std::string input, bytes_view signature);
} // namespace detail

/// A proof for one request: the value of its `DPoP` field. Made anew for every request, also for a repeated one.
///
/// Errors: `dpop_algorithm_not_allowed` (the key's is not of `dpop_algorithms`), `out_of_range` (no method),
/// `malformed_uri`, `unsupported_uri_scheme`, `json_not_utf8`, and the signer's. Example: `auto proof =
/// make_dpop_proof(key, {.method = "GET", .url = url}, now);`
template <dpop_key K> [[nodiscard]] result<std::string> make_dpop_proof(K const& key, dpop_target const& target,
                                                                        unix_time now,
                                                                        random_ref rng = system_random()) {
    auto input = detail::dpop_signing_input(key.verifier_key().key(), key.algorithm_id(), target, now, rng);
    if (!input) return input.error();
    std::array<std::uint8_t, max_signature_size> signature;
    auto const size = key.sign(as_bytes(*input), signature);
    if (!size) return size.error();
    return detail::dpop_complete(*std::move(input), bytes_view{signature}.first(*size));
}

// ---- check

/// What an endpoint accepts. The pointers are to objects that outlive the checks; threads may share them.
struct dpop_policy {
    algorithm_set algorithms =
        algorithm_set::of<es256, ed25519, ps256, rs256>(); ///< others than `dpop_algorithms` never count
    std::chrono::seconds max_age{300};                     ///< since `iat`, 1 s to `max_dpop_age`
    std::chrono::seconds future_skew{60};                  ///< of `iat`, 0 to `max_dpop_skew`
    /// With nonces every proof must have one of them. Of a proof with a nonce that is theirs, `iat` need not be right
    /// where `nonce_dates_proof` says so: clients with wrong clocks get in, and the proof is good for as long as its
    /// nonce.
    dpop_nonces const* nonces = nullptr;
    bool nonce_dates_proof = false;
    crypto::generator_tables const* tables = nullptr; ///< with them ES256 and Ed25519 proofs cost less than half
};

/// A request with a proof. Views that must live until the check is made, not longer.
struct dpop_request {
    std::span<std::string_view const> proofs; ///< all values of its `DPoP` field
    std::string_view method;
    std::string_view url;               ///< absolute, as the client addressed it; behind a proxy, the proxy's address
    bound_token const* token = nullptr; ///< at a resource: the access token shown
    /// At a token endpoint: the key that the code (`dpop_jkt`), the refresh token or the session is bound to.
    std::optional<crypto::sha256_digest> bound_to{};
};

/// Checks a proof by RFC 9449 4.3 and has it marked as used. An operation of one question, on any store or a
/// replay_guard whose window is at least `max_age` and `future_skew` and 1 s (or all that a nonce lives).
///
/// Everything else was checked before the store is asked, so nobody fills it with proofs that belong to no token. At a
/// token endpoint the client is authenticated first. The store is asked with a hash over key, URL and `jti`. Errors, by
/// check: 1 `dpop_missing`, `dpop_multiple`; 2 `dpop_malformed`; 3 `dpop_claim_missing`; 4 `wrong_dpop_type`; 5
/// `dpop_algorithm_not_allowed`; 6 `invalid_dpop_signature`; 7 `dpop_private_key_refused`, `dpop_key_refused`; 8
/// `wrong_dpop_method`; 9 `wrong_dpop_uri`; 10 `dpop_nonce_required`, `dpop_nonce_unknown`; 11 `dpop_stale`,
/// `dpop_issued_in_future`; 12 `wrong_dpop_token_hash`, `dpop_key_mismatch`; used before: `dpop_replayed`; the store's,
/// which are no success; of the server's own url `malformed_uri`, `unsupported_uri_scheme`; of its policy
/// `out_of_range`.
///
/// It is a class and no task because every request with a bound token makes one: it has no frame to allocate.
///
/// @par Example
/// `auto who = run(dpop_check{{.proofs = values, .method = "GET", .url = url}, policy, now}, db);`
class dpop_check {
public:
    /// Judges all but the replay; `request` and `policy` are read during this call only.
    SIGNET_DECL dpop_check(dpop_request const& request, dpop_policy const& policy, unix_time now);

    [[nodiscard]] store::request const* next() const noexcept { return mark_ ? mark_->next() : nullptr; }
    void answer(store::reply const& reply) noexcept {
        if (next()) mark_->answer(reply);
    }
    /// The key that was proved: evidence for what is done next in this request, and what a new token is bound to.
    [[nodiscard]] SIGNET_DECL result<verified_key> get() const noexcept;

private:
    result<verified_key> proved_;
    std::optional<replay_check> mark_;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/dpop.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Refresh tokens that name their generation and are rotated at each use (RFC 6749 section 6, RFC 9700 section 4.14.2).
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/random.hpp>
#include <signet/oauth/refresh_family.hpp>
#include <signet/proof/verified_key.hpp>
#include <signet/store/task.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace oauth {

/// A refresh token as a type of its own: it converts to no text and is no `jwt::verified`, so it cannot be shown where
/// an access token is asked for (RULES B14). Only its spelling has been checked; whether it is ours says `rotate`.
class refresh_token {
public:
    /// `refresh_unknown` for whatever is not exactly one spelling of key number, family, generation and tag.
    [[nodiscard]] static SIGNET_DECL result<refresh_token> parse(std::string_view text) noexcept;

    /// For the token response: `refresh_token_size` characters. A secret.
    [[nodiscard]] SIGNET_DECL std::string text() const;
    /// Of its family, which is no secret: 22 characters.
    [[nodiscard]] SIGNET_DECL std::string family() const;
    /// Its place in the family, and the number of the key that made it.
    [[nodiscard]] SIGNET_DECL std::uint32_t generation() const noexcept;
    [[nodiscard]] SIGNET_DECL std::uint16_t key_number() const noexcept;
    friend bool operator==(refresh_token const& a, refresh_token const& b) noexcept {
        return constant_time_equal(a.octets_, b.octets_);
    }

private:
    friend struct refresh_token_access;
    refresh_token() = default;
    std::array<std::uint8_t, 54> octets_{}; // key number 2, family 16, generation 4, tag 32
};

/// Characters of every refresh token: 54 octets in base64url.
inline constexpr std::size_t refresh_token_size = 72;

/// What a family is bound to. Read during the call.
struct refresh_params {
    std::string_view user, client;               ///< B3
    std::string_view session{};                  ///< the IDP session; empty: none
    std::string_view scope{};                    ///< words parted by spaces; what a refresh may ask for (RFC 6749 6)
    std::vector<resource_limit> resources;       ///< one at least
    proof::verified_key const* sender = nullptr; ///< RFC 9449 5: every refresh has to prove this key again
};

/// One refresh as the token endpoint got it. Read during the call.
struct refresh_request {
    std::string_view token;
    std::string_view client;                     ///< authenticated, or named where the client is public
    std::string_view resource;                   ///< one that the family has
    std::string_view scope{};                    ///< empty: all of the family's
    proof::verified_key const* proved = nullptr; ///< the key of the request's DPoP proof
    unix_time not_before{};                      ///< the user's: families that began earlier were ended (C8)
};

/// What a refresh or a start gives: the token to send, and what the new access token is about.
struct refresh_grant {
    refresh_token token;
    std::string user, client, session, scope, resource;
    std::optional<crypto::sha256_digest> sender{}; ///< the `jkt` that the access token's `cnf` has to name
    unix_time started{};
    unix_time expires{};        ///< of this token, for this resource
    bool repeated = false;      ///< the same successor as before: nothing was written
    unix_time ends{};           ///< of the family, however often it is refreshed
    store::record_key record{}; ///< of the family; see `login_sessions::join_family`

    /// Whether the octets of a family's record say that nothing can be had from it any more: it was ended, or its time
    /// is over. `login_sessions::join_family` asks. False for what cannot be read.
    [[nodiscard]] static SIGNET_DECL bool family_is_over(bytes_view record, unix_time now);
};

/// Times of a family; each is judged by the clock of whoever asks.
struct refresh_policy {
    std::chrono::seconds grace{10}; ///< how long the token before the current one still gives its successor; 0 to 300
    std::chrono::seconds idle{1'209'600};  ///< RFC 9700 4.14.2: a family that nobody refreshes for so long is over
    std::chrono::seconds remember{86'400}; ///< how long an expired family is told from an unknown one
};

/// HMAC keys have numbers, so that they can be replaced: the first makes new tokens, all of them know their own. A new
/// key is first added last everywhere, then moved to the front; an old one may go after the longest idle time.
struct refresh_key {
    std::uint16_t number;
    mac_key key;
};

namespace detail {
struct refresh_keys; // impl/refresh.ipp
}

/// The refresh tokens of one authorization server: it holds keys and policy, the store one record a family.
///
/// Each operation is a `store::task`, for `run(operation, db)` or for your own loop. `frames` is memory for its
/// coroutines; null means `operator new`. A `store::stack_buffer_resource` over 8 KB holds any of them.
/// Lifetime: operations copy their arguments, and may outlive this object; `frames` must outlive them.
/// Thread safety: may be called concurrently.
///
/// @par Example
/// `auto families = oauth::refresh_families::make({{1, key}}, {});`
/// `auto first = run(families->start({.user = "anna", .client = "app", .session = sid, .resources = {{"api", 720h}}},
/// now), db);`
/// `auto next = run(families->rotate({.token = text, .client = "app", .resource = "api"}, now), db);`
class refresh_families {
public:
    /// `empty_key_set`, `duplicate_key` (a number or a key twice), `out_of_range` (a policy without sense).
    [[nodiscard]] static SIGNET_DECL result<refresh_families> make(std::vector<refresh_key> keys,
                                                                   refresh_policy policy = {});

    /// Begins a family, where `offline_access` was granted (rule B1). One question. `expires` is the first resource's.
    ///
    /// Errors: `out_of_range` for terms that are empty or too long, `random_failed`, and the store's.
    [[nodiscard]] SIGNET_DECL store::task<refresh_grant> start(refresh_params const& params, unix_time now,
                                                               random_ref rng = system_random(),
                                                               std::pmr::memory_resource* frames = nullptr) const;

    /// Trades a token for its successor. Two questions; more where it races.
    ///
    /// The current token is replaced by compare-and-swap. The one before it gives, for `grace` after it was replaced,
    /// that same successor, octet by octet, without a write: a client that lost the answer, or asked twice at once,
    /// goes on working. Anything older ends the family: somebody has a token that was used (RFC 9700 section 4.14.2).
    ///
    /// Errors: `refresh_unknown` (not ours, another client's, forgotten: nothing was changed),
    /// `refresh_sender_mismatch` (without the key it is bound to: nothing was changed), `refresh_expired` (idle for too
    /// long, or the resource's time is over), `refresh_ended` (revoked), `refresh_reused` (a token was used twice: now,
    /// or before), `refresh_resource_not_granted`, `refresh_scope_exceeded`, and the store's. With the store's nothing
    /// was given out; the client may ask again with the same token.
    [[nodiscard]] SIGNET_DECL store::task<refresh_grant> rotate(refresh_request const& request, unix_time now,
                                                                std::pmr::memory_resource* frames = nullptr) const;

    /// Ends the family of that id, at once and for good (rule C8). Succeeds also if it is over or unknown.
    [[nodiscard]] SIGNET_DECL store::task<void> revoke(std::string_view family, unix_time now,
                                                       std::pmr::memory_resource* frames = nullptr) const;
    /// Ends the family of a token of any generation (RFC 7009). `refresh_unknown` changes nothing; that endpoint
    /// answers 200 to it too.
    [[nodiscard]] SIGNET_DECL store::task<void> revoke_token(std::string_view token, std::string_view client,
                                                             unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const;

private:
    explicit refresh_families(std::shared_ptr<detail::refresh_keys const> keys) noexcept : keys_{std::move(keys)} {}
    std::shared_ptr<detail::refresh_keys const> keys_; // and the policy
};

}}} // namespace signet::oauth

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/oauth/impl/refresh.ipp>
#endif

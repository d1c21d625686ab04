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

/// A refresh token as a type of its own. It converts neither to a text nor to a `jwt::verified`, so it cannot be used
/// as an access token. Only its form was checked; `rotate` says whether it is valid.
class refresh_token {
public:
    /// Reads a token. Errors: `refresh_unknown` unless the text is the one spelling of a key number, family, generation
    /// and tag.
    [[nodiscard]] static SIGNET_DECL result<refresh_token> parse(std::string_view text) noexcept;

    /// Returns the text for the token response: `refresh_token_size` characters. A secret.
    [[nodiscard]] SIGNET_DECL std::string text() const;
    /// Returns the id of its family, which is not secret: 22 characters.
    [[nodiscard]] SIGNET_DECL std::string family() const;
    /// Return its position in the family, and the number of the key that made it.
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

/// The number of characters of every refresh token: 54 octets in base64url.
inline constexpr std::size_t refresh_token_size = 72;

/// What a family is bound to. Read during the call.
struct refresh_params {
    std::string_view user, client; ///< whose tokens they are
    std::string_view session{};    ///< the session of the identity provider; empty: none
    std::string_view scope{}; ///< words separated by spaces; the most that a refresh may ask for (RFC 6749 section 6)
    std::vector<resource_limit> resources;       ///< at least one
    proof::verified_key const* sender = nullptr; ///< every refresh must prove this key again (RFC 9449 section 5)
};

/// One request to the token endpoint for a refresh. Read during the call.
struct refresh_request {
    std::string_view token;
    std::string_view client;                     ///< authenticated, or only named if the client is public
    std::string_view resource;                   ///< one of the family's resources
    std::string_view scope{};                    ///< empty: the family's whole scope
    proof::verified_key const* proved = nullptr; ///< the key of the request's DPoP proof
    unix_time not_before{}; ///< the result of `login_sessions::not_before`: families that began earlier are refused
};

/// The result of a refresh or a start: the token to send, and the data of the new access token.
struct refresh_grant {
    refresh_token token;
    std::string user, client, session, scope, resource;
    std::optional<crypto::sha256_digest> sender{}; ///< the `jkt` that the access token's `cnf` must have
    unix_time started{};
    unix_time expires{};        ///< of this token, for this resource
    bool repeated = false;      ///< whether this is the same successor as before, and nothing was written
    unix_time ends{};           ///< of the family, refreshed or not
    store::record_key record{}; ///< of the family; for `login_sessions::join_family`

    /// Returns whether the octets of a family's record say that the family was ended or has expired.
    /// `login_sessions::join_family` uses it. False for octets that cannot be read.
    [[nodiscard]] static SIGNET_DECL bool family_is_over(bytes_view record, unix_time now);
};

/// Times of a family. They are measured with the caller's clock.
struct refresh_policy {
    std::chrono::seconds grace{10};        ///< how long the previous token still returns its successor; 0 to 300
    std::chrono::seconds idle{1'209'600};  ///< how long a family lives without a refresh (RFC 9700 section 4.14.2)
    std::chrono::seconds remember{86'400}; ///< how long an expired family is still reported as expired, not as unknown
};

/// An HMAC key with a number. The first key of a list makes tokens; all keys verify their own. To replace a key, first
/// append the new key on every instance, then move it to the front. Remove the old key after the longest idle time.
struct refresh_key {
    std::uint16_t number;
    mac_key key;
};

namespace detail {
struct refresh_keys; // impl/refresh.ipp
}

/// The refresh tokens of one authorization server. It has keys and a policy; the store has one record for each family.
///
/// Each operation is a `store::task`, for `run(operation, db)` or your own loop.
///
/// Thread safety: may be called concurrently.
/// Lifetime: operations copy their arguments and may outlive this object; `frames` must outlive them.
/// Memory: the frames of an operation come from `frames`, or from `operator new` if it is null. A
/// `store::stack_buffer_resource` with 8 KB fits any of them.
///
/// @par Example
/// `auto families = oauth::refresh_families::make({{1, key}}, {});`
/// `auto first = run(families->start({.user = "anna", .client = "app", .session = sid, .resources = {{"api", 720h}}},
/// now), db);`
/// `auto next = run(families->rotate({.token = text, .client = "app", .resource = "api"}, now), db);`
class refresh_families {
public:
    /// Makes the refresh tokens of a server. Errors: `empty_key_set`; `duplicate_key` for a number or a key that is
    /// given twice; `out_of_range` for a policy that contradicts itself.
    [[nodiscard]] static SIGNET_DECL result<refresh_families> make(std::vector<refresh_key> keys,
                                                                   refresh_policy policy = {});

    /// Begins a family. Call it only if the scope `offline_access` was granted. One request to the store. `expires` of
    /// the result is for the first resource.
    ///
    /// Errors: `out_of_range` for parameters that are empty or too long; `random_failed`; those of the store.
    [[nodiscard]] SIGNET_DECL store::task<refresh_grant> start(refresh_params const& params, unix_time now,
                                                               random_ref rng = system_random(),
                                                               std::pmr::memory_resource* frames = nullptr) const;

    /// Exchanges a token for its successor. Three requests to the store, more if another refresh runs at the same time.
    ///
    /// A compare-and-swap replaces the current token. For `grace` afterwards, the previous token returns the same
    /// successor, octet by octet, without a write. So a client that lost the answer, or asked twice at once, can go on.
    /// A use of any older token ends the family, because somebody has a copy (RFC 9700 section 4.14.2).
    ///
    /// Errors that change nothing: `refresh_unknown` for a token that is not the server's, is another client's, or was
    /// forgotten; `refresh_sender_mismatch` if the family's key was not proved.
    /// Other errors: `refresh_expired` for a family that is idle for too long, or a resource whose time is over;
    /// `refresh_ended`; `refresh_reused` for a token that was used twice, now or before;
    /// `refresh_resource_not_granted`; `refresh_scope_exceeded`; those of the store, after which the client may ask
    /// again with the same token: within the grace, since after `outcome_unknown` it may be used already.
    [[nodiscard]] SIGNET_DECL store::task<refresh_grant> rotate(refresh_request const& request, unix_time now,
                                                                std::pmr::memory_resource* frames = nullptr) const;

    /// Ends the family of that id permanently. Succeeds also if the family has ended or is unknown.
    [[nodiscard]] SIGNET_DECL store::task<void> revoke(std::string_view family, unix_time now,
                                                       std::pmr::memory_resource* frames = nullptr) const;
    /// Ends the family of a token of any generation (RFC 7009). Errors: `refresh_unknown`, which changes nothing;
    /// answer it with 200 too.
    [[nodiscard]] SIGNET_DECL store::task<void> revoke_token(std::string_view token, std::string_view client,
                                                             unix_time now,
                                                             std::pmr::memory_resource* frames = nullptr) const;
    /// Ends all families of the user permanently, whichever session or client they belong to. Families that begin
    /// later, from the next second of `now` on, are not affected. A refresh that runs meanwhile may still be answered;
    /// its successor is refused.
    ///
    /// To revoke a user, call `login_sessions::revoke_user` first and then this; otherwise a live session could begin
    /// another family in between. The store keeps one small record of the user from then on. It cannot be undone: if
    /// `now` is ahead, families that begin before that time end at their first refresh.
    ///
    /// Errors: `out_of_range` for a name that is empty or too long; those of the store, after which the call is
    /// repeated.
    [[nodiscard]] SIGNET_DECL store::task<void> revoke_user(std::string_view user, unix_time now,
                                                            std::pmr::memory_resource* frames = nullptr) const;

private:
    explicit refresh_families(std::shared_ptr<detail::refresh_keys const> keys) noexcept : keys_{std::move(keys)} {}
    std::shared_ptr<detail::refresh_keys const> keys_; // and the policy
};

}}} // namespace signet::oauth

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/oauth/impl/refresh.ipp>
#endif

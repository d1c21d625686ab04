// SPDX-License-Identifier: BSL-1.0
// Registration of a device bound session: the field that begins it, and the answer to the browser's proof (draft,
// DBSC).
#pragma once

#include <signet/crypto/random.hpp>
#include <signet/dbsc/impl/session_record.hpp>
#include <signet/dbsc/proof_token.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// For a relying party whose provider has a session with the browser: the key must be that session's. All three or
/// none.
struct federation {
    std::string_view provider_key{}; ///< base64url of the RFC 7638 SHA-256 thumbprint, 43 characters
    std::string_view provider_session_id{};
    std::string_view provider_url{}; ///< an https URL of the provider's origin
};

/// For whom a session is to be registered. Views that outlive the operation.
struct registration_terms {
    std::string_view user; ///< whose it will be; never empty, at most 512 octets
    /// The login it belongs to, by a name that stays when the login cookie's value changes. If given, the browser's
    /// proof must come in the same login, and so must each refresh that comes in one.
    std::string_view login{};
    /// A text that the browser copies into its proof; printable ASCII.
    std::string_view authorization{};
    /// A session of the same browser whose identifier the new one takes over, so that it ends in the browser and here:
    /// two sessions with one cookie would leave it to chance which of them refreshes. From a `live_session` or your own
    /// records, never from a request.
    std::string_view replaces{};
    federation provider{};
};

/// Tells a browser to register: stores a single-use challenge with the terms. An operation of one question.
///
/// Example: `auto value = run(dbsc::begin_registration{bound, {.user = "anna", .login = login}, now}, db);`, sent with
/// the answer to the login as `dbsc::registration_field`.
class begin_registration {
public:
    /// `p` and `terms` are read during this call only.
    SIGNET_DECL begin_registration(policy const& p, registration_terms const& terms, unix_time now,
                                   random_ref rng = system_random());
    [[nodiscard]] store::request const* next() const noexcept { return open_ ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply) noexcept;
    /// The field's value. Errors: the store's; `out_of_range` for terms that are empty or too long; `header_syntax` for
    /// texts that a field cannot carry; `dbsc_policy` for a federation in part, a key that is no thumbprint or no https
    /// URL.
    [[nodiscard]] SIGNET_DECL result<std::string> ruling() const;
    begin_registration(begin_registration const&) = delete;
    begin_registration& operator=(begin_registration const&) = delete;

private:
    result<void> begin(policy const& p, registration_terms const& terms, unix_time now, random_ref rng);

    std::string value_;
    bytes record_;
    store::request ask_;
    signet::error error_{errc::store_unavailable};
    bool open_ = false, done_ = false;
};

/// Answers the POST to the register path: takes the challenge, pins the key of the proof's header, makes session and
/// cookie.
///
/// Refused, and nothing is made: `dbsc_method` (405); 400 for what is missing or malformed, `header_missing`, json_*,
/// base64_*, `malformed_token`, `malformed_header`, `bad_key`, `weak_key`, `private_key_refused` and their like; 403
/// for `dbsc_type`, `algorithm_not_allowed`, `unsigned_token`, `dbsc_key` (none, of another kind, or not the
/// provider's), `dbsc_signature`, `dbsc_challenge`, `dbsc_login`, `dbsc_authorization`; 503 for the store's. Only a
/// good signature uses the challenge up. A session that the browser has already is not touched by any of these.
class finish_registration {
public:
    /// What the arguments refer to outlives the operation.
    SIGNET_DECL finish_registration(policy const& p, request const& r, unix_time now, random_ref rng = system_random());
    [[nodiscard]] store::request const* next() const noexcept { return step_ != step::done ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply);
    /// What to send, and for the log what came of it.
    [[nodiscard]] exchange ruling() const { return ruling_; }
    finish_registration(finish_registration const&) = delete;
    finish_registration& operator=(finish_registration const&) = delete;

private:
    enum class step : std::uint8_t { take, find, insert, replace, done };
    void refuse(errc why);
    result<void> check_proof(request const& r);
    result<void> check_terms(detail::registration_record const& pending) const;
    void taken(store::reply const& reply);
    void ask_old();
    void write(std::uint64_t version);
    void written();

    policy const* policy_;
    random_ref rng_;
    unix_time now_;
    std::optional<crypto::sha256_digest> login_;
    detail::shown_proof proof_;
    detail::session_record session_;
    std::string id_, cookie_, challenge_;
    bytes record_;
    store::request ask_;
    step step_ = step::done;
    unsigned tries_ = 0;
    bool replaces_ = false;
    exchange ruling_;
    std::array<std::uint8_t, detail::largest_session_record> buffer_;
};

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/registration.ipp>
#endif

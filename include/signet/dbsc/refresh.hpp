// SPDX-License-Identifier: BSL-1.0
// Refresh of a device bound session: a proof by its key for a new short-lived cookie (draft, DBSC).
#pragma once

#include <signet/crypto/random.hpp>
#include <signet/dbsc/impl/session_record.hpp>
#include <signet/dbsc/proof_token.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Answers the POST to the refresh path.
///
/// 200 with a new cookie and the next challenge for a good proof; 403 with a challenge for a missing or refused one,
/// which makes the browser sign again; 200 with `continue` false and the cookie expired for a session that is unknown
/// or was ended; 503 for whatever the store cannot say, which keeps the session. Only what no browser with a session
/// sends, another method or no readable identifier, is 405 or 400. There is no other status, so none ends a session by
/// accident.
///
/// A refused proof changes nothing: not the challenges, since whoever knows the identifier could else take them from
/// the owner, and not the session. A request without proof is given the challenge that is out already while that is
/// young. A challenge is used up in the same compare-and-swap that makes the new cookie; of any number of copies of one
/// proof one is answered with 200, the others, and a token that is sent again, with 403 and the next challenge.
///
/// `outcome` errors: the store's, `record_conflict`; `dbsc_method`, `header_missing`, `header_syntax`,
/// `header_too_large` (identifier); `dbsc_session_unknown`, `dbsc_session_ended`, `dbsc_session_revoked`, `dbsc_login`
/// (a good proof, in another login: the session is ended); `dbsc_proof_missing`, `dbsc_type`, `dbsc_proof`,
/// `algorithm_mismatch`, `dbsc_key` (a key in the header), `dbsc_challenge`, `dbsc_signature`, and those of reading a
/// JWS. Example: `auto [answer, outcome] = run(dbsc::begin_refresh{bound, request, now}, db); send(answer);`
class begin_refresh {
public:
    /// What the arguments refer to outlives the operation.
    SIGNET_DECL begin_refresh(policy const& p, request const& r, unix_time now, random_ref rng = system_random());
    [[nodiscard]] store::request const* next() const noexcept { return step_ != step::done ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply);
    /// What to send, and for the log what came of it.
    [[nodiscard]] exchange ruling() const { return ruling_; }
    begin_refresh(begin_refresh const&) = delete;
    begin_refresh& operator=(begin_refresh const&) = delete;

private:
    enum class step : std::uint8_t { find, challenge, commit, end, done };
    void begin(request const& r);
    void conclude(response answer, signet::error why);
    void unavailable(signet::error why);
    void found(store::reply const& reply);
    result<void> judge_proof();
    void hand_out(errc why);
    void look_again();
    void commit();
    void end();
    void written(store::reply const& reply);
    void succeed();

    policy const* policy_;
    random_ref rng_;
    unix_time now_;
    std::optional<crypto::sha256_digest> login_;
    std::string id_, cookie_, challenge_;
    result<detail::shown_proof> proof_ = errc::dbsc_proof_missing;
    std::optional<public_key> key_; // the stored one
    unix_time issued_{};            // of the challenge that the proof names
    detail::session_record session_;
    std::uint64_t version_ = 0;
    errc refused_ = errc::dbsc_proof_missing;
    bytes record_;
    store::request ask_;
    step step_ = step::done;
    unsigned tries_ = 0;
    bool restarted_ = false; // the store may have forgotten uses of the challenges that are out
    exchange ruling_;
    std::array<std::uint8_t, detail::largest_session_record> buffer_;
};

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/refresh.ipp>
#endif

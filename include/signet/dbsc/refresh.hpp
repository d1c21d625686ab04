// SPDX-License-Identifier: BSL-1.0
// Refresh of a device bound session: a proof by its key for a new short-lived cookie (draft, DBSC).
#pragma once

#include <signet/crypto/random.hpp>
#include <signet/dbsc/bound_session.hpp>
#include <signet/store/task.hpp>

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
/// Always gives an `exchange`; the task itself never ends in an error. Its `outcome` errors: the store's,
/// `record_conflict`; `wrong_dbsc_method`, `header_missing`, `malformed_header_field`, `header_too_large` (identifier);
/// `dbsc_session_unknown`, `dbsc_session_ended`, `dbsc_session_revoked`, `dbsc_login_mismatch` (a good proof, in
/// another login: the session is ended); `dbsc_proof_missing`, `wrong_dbsc_proof_type`, `malformed_dbsc_proof`,
/// `algorithm_mismatch`, `dbsc_key_refused` (a key in the header), `dbsc_challenge_refused`, `invalid_dbsc_signature`,
/// and those of reading a JWS.
///
/// Lifetime: `r` is read during this call only; `p`, the source behind `rng` and `frames` must outlive the task.
///
/// @par Example
/// `auto const [answer, outcome] = *run(dbsc::handle_refresh(bound, request, now), db); send(answer);`
SIGNET_DECL store::task<exchange> handle_refresh(policy const& p, request const& r, unix_time now,
                                                 random_ref rng = system_random(),
                                                 std::pmr::memory_resource* frames = nullptr);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/refresh.ipp>
#endif

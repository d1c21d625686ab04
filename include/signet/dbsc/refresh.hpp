// SPDX-License-Identifier: BSL-1.0
// Refresh of a device bound session: a proof by its key for a new short-lived cookie (draft, DBSC).
#pragma once

#include <signet/crypto/random.hpp>
#include <signet/dbsc/bound_session.hpp>
#include <signet/store/task.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Answers the POST to the refresh path.
///
/// A good proof is answered by 200 with a new cookie and the next challenge. A missing or bad proof is answered by 403
/// with a challenge, and the browser signs again. A session that is unknown or was ended is answered by 200 with
/// `continue` false and the cookie expired. A failure of the store is answered by 503, which keeps the session. Another
/// method or an unreadable identifier is answered by 405 or 400; browsers send neither.
///
/// A bad proof changes neither the session nor its challenges, so an attacker who knows the identifier cannot disturb
/// the owner. A request without a proof receives the current challenge while that is young. One compare-and-swap uses
/// up the challenge and makes the new cookie: of several copies of a proof exactly one is answered by 200.
///
/// Always returns an `exchange`; the task itself never ends in an error.
///
/// Lifetime: `r` is read during this call only; `p`, the source behind `rng` and `frames` must outlive the task.
/// Errors in `outcome`: those of the store; `record_conflict`; `wrong_dbsc_method`; `header_missing`,
/// `malformed_header_field` and `header_too_large` for the identifier; `dbsc_session_unknown`; `dbsc_session_ended`;
/// `dbsc_session_revoked`; `dbsc_login_mismatch` for a good proof in another login, which ends the session;
/// `dbsc_proof_missing`; `wrong_dbsc_proof_type`; `malformed_dbsc_proof`; `algorithm_mismatch`; `dbsc_key_refused` for
/// a key in the header; `dbsc_challenge_refused`; `invalid_dbsc_signature`; those of reading a JWS.
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

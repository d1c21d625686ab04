// SPDX-License-Identifier: BSL-1.0
// The end of a device bound session by its owner or by us.
#pragma once

#include <signet/dbsc/message.hpp>
#include <signet/store/task.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Why a session ends.
enum class ending : std::uint8_t {
    logged_out, ///< by its user
    revoked,    ///< by an administrator, a rule, or the list of the user's devices
};

/// Ends one session. Its cookies are then refused, and its next refresh is answered with `continue` false. Concurrent
/// operations do not prevent the end, nor does an offer of before that would replace the session. It is remembered for
/// a day.
///
/// Ending a session that has ended already succeeds. Take `id` from a `bound_session` or your own records.
///
/// Lifetime: `id` is read during this call only; `frames` must outlive the task.
/// Errors: `dbsc_session_unknown`; `record_conflict`, after which the call may be repeated; those of the store.
///
/// @par Example
/// `auto done = run(dbsc::end_session(id, dbsc::ending::revoked, now), db);`
SIGNET_DECL store::task<void> end_session(std::string_view id, ending how, unix_time now,
                                          std::pmr::memory_resource* frames = nullptr);

/// Returns the fields of the answer to a logout: the bound cookie expired, and Clear-Site-Data for cookies and storage.
/// The browser then forgets the session and its key. The server adds the removal of its own cookies.
[[nodiscard]] SIGNET_DECL result<std::vector<field>> make_logout_fields(policy const& p);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/ending.ipp>
#endif

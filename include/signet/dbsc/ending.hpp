// SPDX-License-Identifier: BSL-1.0
// The end of a device bound session by its owner or by us.
#pragma once

#include <signet/dbsc/message.hpp>
#include <signet/store/task.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Why a session is to end.
enum class ending : std::uint8_t {
    logged_out, ///< by its user
    revoked,    ///< by an administrator, a rule, or the list of the user's devices
};

/// Ends one session, whatever else happens to it at the same time. From then on its cookies are refused and its next
/// refresh is answered with `continue` false; that it was ended is remembered for a day. One that has ended already is
/// a success.
///
/// `id` is from a `bound_session` or your own records, and read during this call only; `frames` must outlive the task.
/// Errors: `dbsc_session_unknown`; the store's and `record_conflict`, after which it is to be tried again.
///
/// @par Example
/// `auto done = run(dbsc::end_session(id, dbsc::ending::revoked, now), db);`
SIGNET_DECL store::task<void> end_session(std::string_view id, ending how, unix_time now,
                                          std::pmr::memory_resource* frames = nullptr);

/// The fields of the answer to a logout, besides the server's own cookies: the bound cookie expired, and
/// Clear-Site-Data for cookies and storage, upon which the browser forgets the session and its key.
[[nodiscard]] SIGNET_DECL result<std::vector<field>> make_logout_fields(policy const& p);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/ending.ipp>
#endif

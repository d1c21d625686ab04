// SPDX-License-Identifier: BSL-1.0
// The end of a device bound session by its owner or by us.
#pragma once

#include <signet/dbsc/impl/session_record.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Why a session is to end.
enum class ending : std::uint8_t {
    logged_out, ///< by its user
    revoked,    ///< by an administrator, a rule, or the list of the user's devices
};

/// Ends one session, whatever else happens to it at the same time. From then on its cookies are refused and its next
/// refresh is answered with `continue` false; that it was ended is remembered for a day.
///
/// Errors: `dbsc_session_unknown`; the store's and `record_conflict`, after which it is to be tried again. One that has
/// ended already is a success.
/// Example: `auto done = run(dbsc::end_session{id, dbsc::ending::revoked, now}, db);`
class end_session {
public:
    /// `id` from a `live_session` or your own records.
    SIGNET_DECL end_session(std::string_view id, ending how, unix_time now);
    [[nodiscard]] store::request const* next() const noexcept { return step_ != step::done ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply);
    /// Whether it is over now.
    [[nodiscard]] result<void> ruling() const noexcept { return ruling_; }
    end_session(end_session const&) = delete;
    end_session& operator=(end_session const&) = delete;

private:
    enum class step : std::uint8_t { find, replace, done };
    void look();
    void found(store::reply const& reply);
    void conclude(result<void> ruling) noexcept;

    store::record_key key_;
    session_event event_;
    unix_time now_;
    bytes record_;
    store::request ask_;
    step step_ = step::done;
    unsigned tries_ = 0;
    result<void> ruling_ = errc::store_unavailable;
    std::array<std::uint8_t, detail::largest_session_record> buffer_;
};

/// The fields of the answer to a logout, besides the server's own cookies: the bound cookie expired, and
/// Clear-Site-Data for cookies and storage, upon which the browser forgets the session and its key.
[[nodiscard]] SIGNET_DECL result<std::vector<field>> logout_fields(policy const& p);

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/ending.ipp>
#endif

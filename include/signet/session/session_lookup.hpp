// SPDX-License-Identifier: BSL-1.0
// Looks up the session of a request's cookie and judges it.
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/session/authentication.hpp>
#include <signet/session/impl/shown_client.hpp>
#include <signet/session/session_policy.hpp>
#include <signet/session/session_results.hpp>
#include <signet/store/store.hpp>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

class login_sessions;

namespace detail {
struct sessions_body; // what login_sessions shares; impl/sessions_body.hpp
} // namespace detail

/// The operation of `authenticate` and `find`. It makes two requests together, and two more if it writes; with
/// `roster_check::always` at least three, and with `session_policy::epoch_cache` mostly one less. Not movable.
///
/// This is a class, not a task, because it runs on every request, where the frame of a coroutine would be its only
/// allocation. It allocates only if the user's roster does not fit the part of its buffer that the session leaves.
///
/// Lifetime: it owns all its data.
class session_lookup {
public:
    /// Return the first open request, and all of them; see `store::operation_of_many`.
    [[nodiscard]] store::request const* next() const noexcept { return open_.empty() ? nullptr : open_.data(); }
    [[nodiscard]] std::span<store::request const> open() const noexcept { return open_; }
    SIGNET_DECL void answer(store::reply const& reply);
    SIGNET_DECL void answer(std::span<store::reply const> replies);
    /// Returns the session, with the cookie to send if it was renewed. Errors: those of `login_sessions::authenticate`.
    [[nodiscard]] SIGNET_DECL result<used_session> get() const;
    /// Returns the session without a copy, after the operation succeeded. The reference is valid as long as this
    /// operation.
    [[nodiscard]] live_session const& session() const& noexcept [[clang::lifetimebound]] { return session_; }
    live_session const& session() const&& = delete;
    [[nodiscard]] std::optional<errc> refused() const noexcept { return why_; } ///< nothing if it succeeded
    /// Returns the audit event, at the end.
    [[nodiscard]] SIGNET_DECL audit_event event() const;
    session_lookup(session_lookup const&) = delete;
    session_lookup& operator=(session_lookup const&) = delete;
    ~session_lookup() {
        wipe(std::span{presented_}.subspan(16));
        wipe_text(new_cookie_);
    }

private:
    enum class step : std::uint8_t { reading_epochs, reading_session, reading_roster, writing };

    friend class login_sessions;
    SIGNET_DECL session_lookup(std::shared_ptr<detail::sessions_body const> body, std::string_view cookie,
                               client_properties const& client, unix_time now, bool visitors);
    void refuse(errc why) noexcept;
    void ask(step next, store::request const& question) noexcept;
    void read_both() noexcept;
    void read_session() noexcept;
    void read_roster(std::span<std::uint8_t> into);
    void hear_roster(store::reply const& reply);
    void judge();
    bool send_again(detail::session_record const& r);
    void write(detail::session_record const& next, bool forgettable);

    std::shared_ptr<detail::sessions_body const> body_;
    detail::shown_client client_{};
    unix_time now_;
    live_session session_;                     // its buffer holds the epochs too until they are read
    std::array<std::uint8_t, 48> presented_{}; // sid and secret
    crypto::sha256_digest shown_{};            // of that secret
    store::record_key session_key_{};
    std::array<std::uint64_t, 2> epochs_{}; // of everything, and of the application
    std::string new_cookie_{};
    std::unique_ptr<std::uint8_t[]> large_{}; // of a roster that does not fit
    std::array<store::request, 2> asks_{};
    std::span<store::request const> open_{}; // of asks_, from the first without an answer
    std::uint64_t version_ = 0;              // of the session's record
    std::uint64_t times_forgotten_ = 0;      // of the epochs in memory, when this began
    std::optional<errc> why_ = errc::store_unavailable;
    step step_ = step::reading_epochs;
    std::uint8_t lost_ = 0;
    bool visitors_, changed_ = false;
    bool epochs_are_cached_ = false;
    bool resent_ = false;    // new_cookie_ is what the record has already
    bool is_listed_ = false; // the user's roster says that the session lives
};

}}} // namespace signet::session

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/session/impl/session_lookup.ipp>
#endif

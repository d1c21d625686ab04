// SPDX-License-Identifier: BSL-1.0
// An access token that was verified: only such a token reaches a session.
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/secret.hpp>
#include <signet/core/time.hpp>
#include <signet/jwt/verified.hpp>

#include <concepts>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The longest access token that a session stores, in characters.
inline constexpr std::size_t max_linked_token = 4096;

/// A verified access token with its text, which is wiped on destruction. Only such a token can be linked to a session.
/// It is a credential: do not log it.
class linked_token {
public:
    linked_token(linked_token const&) = default;
    linked_token(linked_token&&) noexcept = default; // takes the text along
    linked_token& operator=(linked_token const&) = delete;
    ~linked_token() { wipe_text(text_); }

    /// Verifies `text` and keeps it. With a verifier of several issuers call `mapped_to` too, because two issuers may
    /// use one `sub` for two people. Errors: those of the verifier; `token_too_large`; `expiry_missing`.
    template <class Verifier>
        requires requires(Verifier const& v, std::string_view text, unix_time now) {
            { v.verify(text, now) } -> std::same_as<result<jwt::token>>;
        }
    [[nodiscard]] static result<linked_token> verify(Verifier const& verifier, std::string_view text, unix_time now) {
        if (text.size() > max_linked_token) return errc::token_too_large;
        auto const token = verifier.verify(text, now);
        if (!token) return token.error();
        auto const expires = token->expires_at();
        if (!expires) return errc::expiry_missing;
        return linked_token{text, token->issuer(), token->subject(), expires->seconds};
    }

    /// Returns a copy of the token that belongs to this local user, for applications with their own names of users.
    /// Look the user up by `issuer` and `subject` together. A token with an empty `local_user` cannot be linked.
    ///
    /// Example: `sessions.link(cookie, token->mapped_to(accounts.find(token->issuer(), token->subject())), client,
    /// now)`
    [[nodiscard]] linked_token mapped_to(std::string_view local_user) const {
        auto mapped = *this;
        mapped.user_ = local_user;
        return mapped;
    }

    /// Return the token, its `iss`, its `sub`, and its `exp`.
    [[nodiscard]] std::string_view text() const& noexcept [[clang::lifetimebound]] { return text_; }
    [[nodiscard]] std::string_view issuer() const& noexcept [[clang::lifetimebound]] { return issuer_; }
    [[nodiscard]] std::string_view subject() const& noexcept [[clang::lifetimebound]] { return subject_; }
    /// Returns the user whose session it can be linked to: the `sub`, unless it was mapped.
    [[nodiscard]] std::string_view user() const& noexcept [[clang::lifetimebound]] { return user_; }
    std::string_view text() const&& = delete;
    std::string_view issuer() const&& = delete;
    std::string_view subject() const&& = delete;
    std::string_view user() const&& = delete;
    [[nodiscard]] unix_time expires() const noexcept { return expires_; }

private:
    linked_token(std::string_view text, std::string_view issuer, std::string_view subject, unix_time expires)
        : text_{text}, issuer_{issuer}, subject_{subject}, user_{subject}, expires_{expires} {}
    std::string text_, issuer_, subject_, user_;
    unix_time expires_;
};

}}} // namespace signet::session

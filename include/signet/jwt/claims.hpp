// SPDX-License-Identifier: BSL-1.0
// Builds the claims of a token to be issued (RFC 7519 section 4).
#pragma once

#include <signet/codec/json_writer.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// Members of one payload that `claims` will hold.
inline constexpr std::size_t max_claims = 128;

/// Writes claims one after another, as JSON, in the order of the calls. Copies are independent: they own their text,
/// also those of one that writes into a buffer.
///
/// The first thing that goes wrong is remembered and said by `json()` or by the signer: a name given twice
/// (`duplicate_json_name`), text that is not UTF-8 (`json_not_utf8`), a number that is not finite
/// (`invalid_json_number`), a time outside 1970 .. 9999 (`out_of_range`), over `max_claims` (`json_too_many_members`),
/// a full buffer
/// (`buffer_too_small`).
///
/// Example: `jwt::claims c; c.issuer("https://id").subject("ann").expires_at(now + 5min).set("app_name", "Acme");`
class claims {
public:
    /// Owns its text.
    claims() = default;
    /// Writes into `buffer`, which must outlive it, and allocates nothing.
    explicit claims(std::span<char> buffer) noexcept : buffer_{buffer}, fixed_{true} {}
    SIGNET_DECL claims(claims const& other);
    SIGNET_DECL claims& operator=(claims const& other);
    SIGNET_DECL claims(claims&& other) noexcept; ///< moved from, it holds no claims and no buffer
    SIGNET_DECL claims& operator=(claims&& other) noexcept;

    /// Claims from JSON text: one object, checked whole (duplicate names, depth, registered claims of their types).
    [[nodiscard]] static SIGNET_DECL result<claims> parse(std::string_view json);

    /// The registered claims (RFC 7519 4.1), `scope` (RFC 8693 4.2) and `roles` (RFC 9068 2.2.3.1). A list that is a
    /// `std::vector`: `set("roles", list)`.
    claims& issuer(std::string_view who) { return set("iss", who); }
    claims& subject(std::string_view who) { return set("sub", who); }
    claims& audience(std::string_view who) { return set("aud", who); }
    claims& audience(std::initializer_list<std::string_view> who) { return set("aud", who); }
    claims& id(std::string_view unique) { return set("jti", unique); }
    claims& expires_at(unix_time t) { return set("exp", t); }
    claims& not_before(unix_time t) { return set("nbf", t); }
    claims& issued_at(unix_time t) { return set("iat", t); }
    claims& scope(std::string_view words) { return set("scope", words); }
    claims& roles(std::initializer_list<std::string_view> list) { return set("roles", list); }

    /// Binds the token to a key (RFC 7800): its RFC 7638 SHA-256 thumbprint, a certificate's, a key id, or a public
    /// JWK.
    SIGNET_DECL claims& confirm_jwk_thumbprint(std::span<std::uint8_t const, 32> jkt);
    SIGNET_DECL claims& confirm_certificate_thumbprint(std::span<std::uint8_t const, 32> x5t_s256);
    SIGNET_DECL claims& confirm_key_id(std::string_view kid);
    SIGNET_DECL claims& confirm_jwk(std::string_view public_jwk); ///< JSON text, checked to be one object

    /// Any claim, written by the type of its value; a time becomes a NumericDate in whole seconds.
    SIGNET_DECL claims& set(std::string_view name, std::string_view text);
    claims& set(std::string_view name, char const* text) { return set(name, std::string_view{text}); }
    claims& set(std::string_view name, std::nullptr_t) = delete; // a null is written by set_json(name, "null")
    claims& set(std::string_view name, std::string const& text) { return set(name, std::string_view{text}); }
    SIGNET_DECL claims& set(std::string_view name, unix_time t);
    SIGNET_DECL claims& set(std::string_view name, double number);
    SIGNET_DECL claims& set(std::string_view name, std::span<std::string_view const> list);
    SIGNET_DECL claims& set(std::string_view name, std::span<std::string const> list);
    claims& set(std::string_view name, std::initializer_list<std::string_view> list) {
        return set(name, std::span<std::string_view const>{list.begin(), list.size()});
    }
    /// A truth value, and nothing that merely converts to one.
    template <std::same_as<bool> B> claims& set(std::string_view name, B truth) { return set_bool(name, truth); }
    template <std::same_as<char> C> claims& set(std::string_view name, C letter) = delete; // neither text nor a number
    /// An integer, written exactly.
    template <std::integral I>
        requires(!std::same_as<I, bool> && !std::same_as<I, char>)
    claims& set(std::string_view name, I number) {
        if constexpr (std::signed_integral<I>) return set_signed(name, number);
        else return set_unsigned(name, number);
    }

    /// A member whose value is JSON text; checked to be exactly one well-formed value. Allocates for the check.
    SIGNET_DECL claims& set_json(std::string_view name, std::string_view json);
    /// A member whose value `write(codec::json_writer&)` writes: exactly one value, nested as it likes; anything else
    /// is `malformed_json`, and so is setting a claim of these claims meanwhile. Should `write` throw, there is no such
    /// member.
    template <class F>
        requires std::invocable<F&, codec::json_writer&>
    claims& set_value(std::string_view name, F&& write) {
        unfinished_member member{*this};
        auto out = begin(name);
        codec::json_writer w{out};
        if (!failed()) write(w);
        end(out, w);
        return *this;
    }

    /// The payload so far, `{...}`, valid until the next claim; or the first thing that went wrong.
    [[nodiscard]] SIGNET_DECL result<std::string_view> json() const noexcept;

private:
    struct name_ref {
        std::uint32_t at = 0, size = 0;
    };
    /// While a member is written. Leaves complete JSON behind: with the member if `end` has counted it in, else
    /// without.
    struct unfinished_member {
        explicit unfinished_member(claims& c) noexcept : of{c} { ++of.open_; }
        unfinished_member(unfinished_member const&) = delete;
        unfinished_member& operator=(unfinished_member const&) = delete;
        ~unfinished_member() {
            if (of.open_ != 0 && --of.open_ == 0) of.close();
        }
        claims& of;
    };
    [[nodiscard]] bool failed() const noexcept { return has_failed_; }
    SIGNET_DECL output begin(std::string_view name);
    SIGNET_DECL void end(output& out, codec::json_writer& w);
    SIGNET_DECL void close() noexcept;
    SIGNET_DECL claims& set_bool(std::string_view name, bool truth);
    SIGNET_DECL claims& set_signed(std::string_view name, std::int64_t number);
    SIGNET_DECL claims& set_unsigned(std::string_view name, std::uint64_t number);
    SIGNET_DECL void fail(error why) noexcept;
    [[nodiscard]] char const* data() const noexcept { return fixed_ ? buffer_.data() : text_.data(); }

    std::string text_;
    std::span<char> buffer_;
    std::size_t used_ = 0;                   // characters of text, the closing brace left out
    std::array<name_ref, max_claims> names_; // of the members written, as they stand in the text
    name_ref pending_;                       // of the one that is being written
    std::uint32_t count_ = 0;
    std::uint32_t open_ = 0; // members being written: one, unless that one's writer sets another
    bool fixed_ = false;
    bool has_failed_ = false;
    error failed_{errc{}};
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/claims.ipp>
#endif

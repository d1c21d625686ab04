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

/// The largest number of claims in one payload.
inline constexpr std::size_t max_claims = 128;

/// Builds the claims of a token, as JSON, in the order of the calls. Copies are independent and own their text.
///
/// Errors, of which `json()` and signers return the first: `duplicate_json_name`; `json_not_utf8`;
/// `invalid_json_number` for a number that is not finite; `out_of_range` for a time outside 1970 .. 9999;
/// `json_too_many_members` beyond `max_claims`; `buffer_too_small`.
///
/// Example: `jwt::claims c; c.issuer("https://id").subject("ann").expires_at(now + 5min).set("app_name", "Acme");`
class claims {
public:
    /// Makes an empty payload that owns its text.
    claims() = default;
    /// Writes into `buffer`, which must outlive this object. Does not allocate.
    explicit claims(std::span<char> buffer) noexcept : buffer_{buffer}, fixed_{true} {}
    SIGNET_DECL claims(claims const& other);
    SIGNET_DECL claims& operator=(claims const& other);
    SIGNET_DECL claims(claims&& other) noexcept; ///< a moved-from object has neither claims nor buffer
    SIGNET_DECL claims& operator=(claims&& other) noexcept;

    /// Reads claims from JSON text: one object. Errors: those of reading JSON; `claim_wrong_type` for a registered
    /// claim of another type.
    [[nodiscard]] static SIGNET_DECL result<claims> parse(std::string_view json);

    /// Set the registered claims (RFC 7519 section 4.1), `scope` (RFC 8693 section 4.2) and `roles` (RFC 9068 section
    /// 2.2.3.1). For a `std::vector` of texts, use `set("roles", list)`.
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

    /// Bind the token to a key (RFC 7800): by its RFC 7638 SHA-256 thumbprint, that of a certificate, a key id, or a
    /// public JWK.
    SIGNET_DECL claims& confirm_jwk_thumbprint(std::span<std::uint8_t const, 32> jkt);
    SIGNET_DECL claims& confirm_certificate_thumbprint(std::span<std::uint8_t const, 32> x5t_s256);
    SIGNET_DECL claims& confirm_key_id(std::string_view kid);
    SIGNET_DECL claims& confirm_jwk(std::string_view public_jwk); ///< JSON text of one object

    /// Set any claim by the type of its value. A time becomes a NumericDate in whole seconds.
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
    /// Sets a boolean. Types that merely convert to bool do not compile.
    template <std::same_as<bool> B> claims& set(std::string_view name, B truth) { return set_bool(name, truth); }
    template <std::same_as<char> C> claims& set(std::string_view name, C letter) = delete; // neither text nor a number
    /// Sets an integer, written exactly.
    template <std::integral I>
        requires(!std::same_as<I, bool> && !std::same_as<I, char>)
    claims& set(std::string_view name, I number) {
        if constexpr (std::signed_integral<I>) return set_signed(name, number);
        else return set_unsigned(name, number);
    }

    /// Sets a claim to a JSON text of exactly one value. Allocates for the check. Errors: those of reading JSON.
    SIGNET_DECL claims& set_json(std::string_view name, std::string_view json);
    /// Sets a claim to the value that `write(codec::json_writer&)` writes.
    ///
    /// If `write` throws, the claim is not set. Errors: `malformed_json` if `write` does not write exactly one value,
    /// or sets a claim of this object.
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

    /// Returns the payload so far, `{...}`, valid until the next claim, or the first error.
    [[nodiscard]] SIGNET_DECL result<std::string_view> json() const noexcept;

private:
    struct name_ref {
        std::uint32_t at, size;
    };
    /// The state while a claim is written. Its destructor leaves complete JSON, with the claim only if `end` was
    /// successful.
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
    std::array<name_ref, max_claims> names_; // the first `count_`: of the members written, as they stand in the text
    name_ref pending_{};                     // of the one that is being written
    std::uint64_t seen_ = 0;                 // the bits of all names begun: one that has none is new
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

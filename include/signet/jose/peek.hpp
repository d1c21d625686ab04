// SPDX-License-Identifier: BSL-1.0
// Looks into a token that nobody has verified, and marks what it finds as such.
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/core/result.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

/// A value that is not verified. It converts to nothing, and its only accessor is easy to find in a review. Use it to
/// choose a verifier or in debugging tools, never to decide.
template <class T> class untrusted {
public:
    using owns_its_views = void; ///< a temporary result of it has no `->`
    /// Marks a value as unverified.
    explicit untrusted(T value) noexcept : value_{std::move(value)} {}

    /// Returns the value, without any guarantee.
    [[nodiscard]] T const& unverified_value() const& noexcept [[clang::lifetimebound]] { return value_; }
    [[nodiscard]] T unverified_value() && noexcept { return std::move(value_); }

private:
    T value_;
};

/// The header and payload of a token, as JSON. Owns its memory.
class peeked {
public:
    /// Returns the header, an object, which refers to this object.
    [[nodiscard]] codec::json_value header() const& noexcept [[clang::lifetimebound]] { return header_.root(); }
    codec::json_value header() const&& = delete;
    /// Returns the payload; null if it is not a JSON object.
    [[nodiscard]] codec::json_value payload() const& noexcept [[clang::lifetimebound]] {
        return payload_ ? payload_->root() : codec::json_value{};
    }
    codec::json_value payload() const&& = delete;

    /// Return strings of the header and the claims, which refer to this object; empty if absent or of another type.
    [[nodiscard]] std::string_view algorithm() const& noexcept [[clang::lifetimebound]] {
        return text(header(), "alg");
    }
    [[nodiscard]] std::string_view kid() const& noexcept [[clang::lifetimebound]] { return text(header(), "kid"); }
    [[nodiscard]] std::string_view type() const& noexcept [[clang::lifetimebound]] { return text(header(), "typ"); }
    [[nodiscard]] std::string_view issuer() const& noexcept [[clang::lifetimebound]] { return text(payload(), "iss"); }
    std::string_view algorithm() const&& = delete;
    std::string_view kid() const&& = delete;
    std::string_view type() const&& = delete;
    std::string_view issuer() const&& = delete;

private:
    friend SIGNET_DECL result<untrusted<peeked>> peek(std::string_view token, std::size_t max_size);
    static SIGNET_DECL std::string_view text(codec::json_value object, std::string_view member) noexcept;
    codec::json_document header_;
    std::optional<codec::json_document> payload_;
};

/// Decodes a compact JWS and checks only its form. Unsigned tokens and unknown algorithms are decoded too.
///
/// Errors: `token_too_large`; `malformed_token`; `encrypted_token`; `base64_*`; `json_*`; `malformed_header` if the
/// header is not an object.
///
/// Example: `auto seen = jose::peek(token); if (seen) route(seen->unverified_value().issuer());`
[[nodiscard]] SIGNET_DECL result<untrusted<peeked>> peek(std::string_view token, std::size_t max_size = 1u << 16);

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/peek.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Looks into a token that nobody has verified, and marks what it finds as such.
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/core/result.hpp>

#include <optional>
#include <string_view>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

/// A value from somebody who has proved nothing. It converts to nothing and has one way in, which a review cannot miss.
/// Good for choosing a verifier or for a debugging tool; never for deciding.
template <class T> class untrusted {
public:
    using owns_its_views = void; ///< a temporary result of it has no `->`
    /// Marks a value as one that nobody vouches for.
    explicit untrusted(T value) noexcept : value_{std::move(value)} {}

    /// The value, without any promise.
    [[nodiscard]] T const& unverified_value() const& noexcept [[clang::lifetimebound]] { return value_; }
    [[nodiscard]] T unverified_value() && noexcept { return std::move(value_); }

private:
    T value_;
};

/// A token's header and payload as JSON, each with memory of its own.
class peeked {
public:
    /// The header, an object; a view into this object.
    [[nodiscard]] codec::json_value header() const& noexcept [[clang::lifetimebound]] { return header_.root(); }
    codec::json_value header() const&& = delete;
    /// Null where the payload is not a JSON object.
    [[nodiscard]] codec::json_value payload() const& noexcept [[clang::lifetimebound]] {
        return payload_ ? payload_->root() : codec::json_value{};
    }
    codec::json_value payload() const&& = delete;

    /// Strings of the header and the claims; empty where absent or of another type.
    [[nodiscard]] std::string_view algorithm() const noexcept [[clang::lifetimebound]] { return text(header(), "alg"); }
    [[nodiscard]] std::string_view kid() const noexcept [[clang::lifetimebound]] { return text(header(), "kid"); }
    [[nodiscard]] std::string_view type() const noexcept [[clang::lifetimebound]] { return text(header(), "typ"); }
    [[nodiscard]] std::string_view issuer() const noexcept [[clang::lifetimebound]] { return text(payload(), "iss"); }

private:
    friend SIGNET_DECL result<untrusted<peeked>> peek(std::string_view token, std::size_t max_size);
    static SIGNET_DECL std::string_view text(codec::json_value object, std::string_view member) noexcept;
    codec::json_document header_;
    std::optional<codec::json_document> payload_;
};

/// Decodes a compact JWS without checking anything but its form: unsigned tokens and unknown algorithms are shown too.
///
/// Errors: `token_too_large`, `malformed_token`, `encrypted_token`, base64_*, json_*, `malformed_header` (no object).
/// Example: `auto seen = jose::peek(token); if (seen) route(seen->unverified_value().issuer());`
[[nodiscard]] SIGNET_DECL result<untrusted<peeked>> peek(std::string_view token, std::size_t max_size = 1u << 16);

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/peek.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// A public key that came as JWK inside the message it signs: judged, named by its thumbprint, used once.
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/impl/jwk_members.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/jose/thumbprint.hpp>

#include <array>
#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace proof { namespace detail {

/// The keys of ES256 and Ed25519 are never imported: their coordinates go straight into the arithmetic that needs no
/// preparation. It accepts what Botan accepts; tests hold both against each other.
class message_key {
public:
    /// The key for algorithm `a`. Errors: `private_key_refused`; those of jose::detail::parse_message_jwk;
    /// `key_use_refused`; `algorithm_mismatch`; `wrong_key_type`, for ES256 and Ed25519 also if `kty` or `crv` is
    /// absent; `bad_key`; `weak_key`.
    [[nodiscard]] static result<message_key> read(codec::json_value jwk, alg a,
                                                  crypto::generator_tables const* tables) {
        if (jose::detail::has_private_member(jwk)) return errc::private_key_refused;
        if ((a == alg::es256 || a == alg::ed25519) && crypto::can_be_prepared(a))
            return read_coordinates(jwk, a, tables);
        auto read = jose::detail::parse_message_jwk(jwk);
        if (!read) return read.error();
        if (auto allowed = read->attributes.permits(jose::key_operation::verify, a); !allowed) return allowed.error();
        if (!read->key.supports(a)) return errc::wrong_key_type;
        message_key key{a};
        key.thumbprint_ = jose::thumbprint_digest(read->key);
        key.imported_ = std::move(read->key);
        return key;
    }

    [[nodiscard]] bool verify(bytes_view message, bytes_view signature) const {
        return unprepared_ ? unprepared_->verify(message, signature)
                           : crypto::detail::verify_by_botan(*imported_, algorithm_, message, signature);
    }
    [[nodiscard]] crypto::sha256_digest const& thumbprint() const noexcept { return thumbprint_; }

private:
    explicit message_key(alg a) noexcept : algorithm_{a} {}

    static result<message_key> read_coordinates(codec::json_value jwk, alg a, crypto::generator_tables const* tables) {
        auto const attributes = jose::detail::read_attributes(jwk);
        if (!attributes) return attributes.error();
        if (auto allowed = attributes->permits(jose::key_operation::verify, a); !allowed) return allowed.error();
        auto const ec = a == alg::es256;
        if (text(jwk, "kty") != (ec ? "EC" : "OKP") || text(jwk, "crv") != (ec ? "P-256" : "Ed25519"))
            return errc::wrong_key_type;

        std::array<std::uint8_t, 32> x, y;
        auto const x_text = text(jwk, "x"), y_text = ec ? text(jwk, "y") : std::string_view{};
        if (!coordinate(x_text, x) || (ec && !coordinate(y_text, y))) return errc::bad_key;
        using crypto::unprepared_key;
        if (tables && !tables->serves(a)) tables = nullptr;
        auto made = ec ? (tables ? unprepared_key::from_p256(*tables, x, y) : unprepared_key::from_p256(x, y))
                       : (tables ? unprepared_key::from_ed25519(*tables, x) : unprepared_key::from_ed25519(x));
        if (!made) return made.error();

        // RFC 7638 3.2. The texts decoded strictly, so they are the only spelling of these coordinates.
        char buffer[192];
        output out{buffer};
        out.append(ec ? R"({"crv":"P-256","kty":"EC","x":")" : R"({"crv":"Ed25519","kty":"OKP","x":")");
        out.append(x_text);
        if (ec) {
            out.append(R"(","y":")");
            out.append(y_text);
        }
        out.append(R"("})");
        message_key key{a};
        key.thumbprint_ = crypto::sha256(as_bytes(*out.finish()));
        key.unprepared_ = *std::move(made);
        return key;
    }
    static std::string_view text(codec::json_value jwk, std::string_view name) noexcept {
        auto const value = jwk.find(name);
        return value ? value->as_string().value_or(std::string_view{}) : std::string_view{};
    }
    static bool coordinate(std::string_view text, std::span<std::uint8_t, 32> out) noexcept {
        return text.size() == codec::base64url_encoded_size(32) && codec::base64url_decode(text, out);
    }

    alg algorithm_;
    crypto::sha256_digest thumbprint_{};
    std::optional<public_key> imported_;
    std::optional<crypto::unprepared_key> unprepared_;
};

}}}} // namespace signet::proof::detail

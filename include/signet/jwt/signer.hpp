// SPDX-License-Identifier: BSL-1.0
// Issues signed tokens (RFC 7519 section 7.1, RFC 7515 section 5.1).
#pragma once

#include <signet/crypto/algorithm.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/jwt/claims.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The header of every token of a signer. The views are read once, when the signer is made.
struct token_header {
    std::string_view type = "JWT";                          ///< `typ`; omitted if empty
    std::string_view key_id = {};                           ///< `kid`; omitted if empty
    jose::ed25519_name ed25519 = jose::ed25519_name::eddsa; ///< the name of RFC 8037 or that of RFC 9864
};

namespace detail {

class signer_core; // header, key and per-thread states; jwt/impl
struct signer_deleter {
    SIGNET_DECL void operator()(signer_core* core) const noexcept;
};

/// A signer behind two function pointers. Copies share `object`.
struct external_signer {
    std::shared_ptr<void const> object;
    std::size_t signature_size = 0;
    result<std::size_t> (*sign)(void const* object, bytes_view message, std::span<std::uint8_t> out) = nullptr;
};

/// A signer whose algorithm is known at run time; `signer<A>` is made of one.
class signer_handle {
public:
    static SIGNET_DECL result<signer_handle> make(alg a, private_key key, token_header const& header);
    static SIGNET_DECL result<signer_handle> make(alg a, mac_key key, token_header const& header);
    static SIGNET_DECL result<signer_handle> make(alg a, external_signer key, token_header const& header);
    /// Makes a signer without a key, which supports only the split form.
    static SIGNET_DECL result<signer_handle> make(alg a, token_header const& header);

    [[nodiscard]] SIGNET_DECL result<std::string_view> sign(claims const& payload, std::span<char> out) const;
    [[nodiscard]] SIGNET_DECL result<std::string> sign(claims const& payload) const;
    [[nodiscard]] SIGNET_DECL result<std::string_view> signing_input(claims const& payload, std::span<char> out) const;
    [[nodiscard]] SIGNET_DECL result<std::string> signing_input(claims const& payload) const;
    [[nodiscard]] SIGNET_DECL result<std::string> complete(std::string input, bytes_view signature) const;

private:
    explicit signer_handle(std::unique_ptr<signer_core, signer_deleter> core) noexcept;
    std::unique_ptr<signer_core, signer_deleter> core_;
};

} // namespace detail

/// Signs tokens with one key and the algorithm `A`. Encodes the header once.
///
/// Thread safety: may be called concurrently.
/// Errors of `make`: `wrong_key_type`; `weak_key`; `json_not_utf8` for a header that cannot be written.
///
/// Example: `auto issue = jwt::signer<es256>::make(key, {.type = "at+jwt", .key_id = "k1"}); auto text =
/// issue->sign(claims);`
template <algorithm A> class signer {
public:
    /// Makes a signer from a private key. Errors: `errc::wrong_key_type` if the key is for other algorithms;
    /// `json_not_utf8`.
    [[nodiscard]] static result<signer> make(private_key key, token_header const& header = {})
        requires asymmetric<A>
    {
        return wrap(detail::signer_handle::make(A::id, std::move(key), header));
    }
    /// Makes a signer from a MAC key. Errors: `errc::wrong_key_type` if the key is for another algorithm;
    /// `json_not_utf8`.
    [[nodiscard]] static result<signer> make(mac_key key, token_header const& header = {})
        requires symmetric<A>
    {
        return wrap(detail::signer_handle::make(A::id, std::move(key), header));
    }
    /// Makes a signer from a key whose type has the algorithm. Errors: `json_not_utf8`.
    [[nodiscard]] static result<signer> make(local_key<A> const& key, token_header const& header = {}) {
        return make(key.key(), header);
    }
    template <algorithm B>
    static void make(local_key<B> const&, token_header const& = {}) = delete; // a key of another algorithm
    /// Makes a signer from a key outside the process: `external_key<A>`, or any `signing_key` of that algorithm. The
    /// key is copied or moved.
    template <signing_key K>
        requires(!std::same_as<K, local_key<A>>)
    [[nodiscard]] static result<signer> make(K key, token_header const& header = {}) {
        if (key.algorithm_id() != A::id) return errc::wrong_key_type;
        auto const size = static_cast<std::size_t>(key.signature_size());
        return wrap(detail::signer_handle::make(
            A::id,
            detail::external_signer{std::make_shared<K const>(std::move(key)), size,
                                    [](void const* object, bytes_view message, std::span<std::uint8_t> out) {
                                        return static_cast<K const*>(object)->sign(message, out);
                                    }},
            header));
    }

    /// Writes the token into `out` and returns the part written. Does not allocate after this thread's first calls.
    /// Errors: those of the claims; `buffer_too_small`; `signer_failed`.
    [[nodiscard]] result<std::string_view> sign(claims const& payload, std::span<char> out) const {
        return core_.sign(payload, out);
    }
    /// Returns the token as a string. Errors: those of the claims; `signer_failed`.
    [[nodiscard]] result<std::string> sign(claims const& payload) const { return core_.sign(payload); }

private:
    explicit signer(detail::signer_handle core) noexcept : core_{std::move(core)} {}
    static result<signer> wrap(result<detail::signer_handle> made) {
        if (!made) return made.error();
        return signer{*std::move(made)};
    }
    detail::signer_handle core_;
};

/// Signs in two steps, for a key service that answers later. It has no key itself.
///
/// Example: `auto input = later->signing_input(claims); co_await kms(*input); auto text = later->complete(*input,
/// signature);`
template <asymmetric A> class detached_signer {
public:
    /// Makes a signer without a key. Errors: `json_not_utf8` for a header that cannot be written.
    [[nodiscard]] static result<detached_signer> make(token_header const& header = {}) {
        auto made = detail::signer_handle::make(A::id, header);
        if (!made) return made.error();
        return detached_signer{*std::move(made)};
    }
    /// Returns the text to sign: `<header>.<payload>`. Errors: those of the claims.
    [[nodiscard]] result<std::string> signing_input(claims const& payload) const {
        return core_.signing_input(payload);
    }
    /// Returns the token, made from the result of `signing_input` and its signature. The signature is not verified,
    /// because there is no key. Errors: `bad_signature` if its length is wrong.
    [[nodiscard]] result<std::string> complete(std::string input, bytes_view signature) const {
        return core_.complete(std::move(input), signature);
    }

private:
    explicit detached_signer(detail::signer_handle core) noexcept : core_{std::move(core)} {}
    detail::signer_handle core_;
};

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/signer.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Signing with OpenSSL 3: at its speed, and with keys in its providers (TPM, HSM, key service). Link with libcrypto.
#pragma once

#include <signet/crypto/signing_key.hpp>

#include <memory>
#include <span>
#include <string_view>
#include <utility>

struct evp_pkey_st;     // OpenSSL's EVP_PKEY
struct ossl_lib_ctx_st; // OpenSSL's OSSL_LIB_CTX

namespace signet { inline namespace SIGNET_ABI {

/// Where OpenSSL looks for algorithms and keys.
struct openssl_params {
    /// The library context; OpenSSL's default one if null. It must outlive all keys that are made with it.
    ossl_lib_ctx_st* library = nullptr;
    /// OpenSSL's property query, such as `?provider=tpm2`. It is copied.
    std::string_view properties = {};
};

namespace detail {

struct openssl_body; // OpenSSL's key and how it signs; crypto/impl

/// A key in OpenSSL whose algorithm is known at run time; `openssl_key<A>` is made of one.
class openssl_handle {
public:
    static SIGNET_DECL result<openssl_handle> from_uri(alg a, std::string_view uri, secret const* passphrase,
                                                       openssl_params const& params);
    static SIGNET_DECL result<openssl_handle> from_key(alg a, private_key const& key, openssl_params const& params);
    static SIGNET_DECL result<openssl_handle> from_evp_pkey(alg a, evp_pkey_st* key, openssl_params const& params);

    [[nodiscard]] SIGNET_DECL public_key const& public_part() const noexcept;
    [[nodiscard]] SIGNET_DECL result<std::size_t> sign(bytes_view message, std::span<std::uint8_t> out) const;

private:
    explicit openssl_handle(std::shared_ptr<openssl_body const> body) noexcept;
    std::shared_ptr<openssl_body const> body_;
};

} // namespace detail

/// A key in OpenSSL 3 that signs with algorithm `A`: a `signing_key`, as `jwt::signer` takes it. Cheap to copy.
///
/// When a key is made, it signs one fixed text, and the signature is verified with the public key. The signatures of
/// OpenSSL's own providers (`default`, `fips`) are not verified again. Those of all other providers are verified each
/// time, as by `external_key`. OpenSSL's queue of errors is left as it was found, as far as its 16 places
/// allow.
///
/// In separate compilation mode, one .cpp of the program includes <signet/crypto/openssl_src.hpp>.
///
/// Thread safety: all copies share OpenSSL's key. `sign` may be called concurrently.
/// Errors of all functions that make one: `wrong_key_type` if the type or curve is not that of `A`; `weak_key`;
/// `bad_key`; `unsupported_key` for types and curves that signet does not know; `unsupported_algorithm` for ML-DSA;
/// `signer_failed` if the key cannot sign, such as a public key; `key_mismatch` if its public part does not verify what
/// it signs.
///
/// Example: `auto key = openssl_key<es256>::from_uri("file:/etc/shop/token.pem"); auto issue =
/// jwt::signer<es256>::make(*key);`
template <algorithm A>
    requires asymmetric<A>
class openssl_key {
public:
    /// Loads the private key that a URI names, from a file or a provider's store: `file:/etc/shop/token.pem`,
    /// `pkcs11:object=token;type=private`, `handle:0x81000001`. The providers must be loaded. Nothing is asked on a
    /// terminal. The URI must come from configuration, never from a message.
    ///
    /// Errors: `key_unavailable` if there is no private key or more than one; `bad_passphrase` if the key is encrypted.
    [[nodiscard]] static result<openssl_key> from_uri(std::string_view uri, openssl_params const& params = {}) {
        return wrap(detail::openssl_handle::from_uri(A::id, uri, nullptr, params));
    }
    /// Loads a private key that a passphrase or PIN protects. The passphrase is read during the call and not kept by
    /// signet. A provider keeps its login for as long as it needs it.
    ///
    /// Errors: `key_unavailable` if there is no private key or more than one; `bad_passphrase`.
    [[nodiscard]] static result<openssl_key> from_uri(std::string_view uri, secret const& passphrase,
                                                      openssl_params const& params = {}) {
        return wrap(detail::openssl_handle::from_uri(A::id, uri, &passphrase, params));
    }
    /// Brings a key of signet's into OpenSSL, which then has a copy of it.
    [[nodiscard]] static result<openssl_key> from_key(private_key const& key, openssl_params const& params = {}) {
        return wrap(detail::openssl_handle::from_key(A::id, key, params));
    }
    /// Takes a reference to an `EVP_PKEY` of the program's, which may be freed after the call but not changed. Errors:
    /// `bad_key` for null.
    [[nodiscard]] static result<openssl_key> from_evp_pkey(evp_pkey_st* key, openssl_params const& params = {}) {
        return wrap(detail::openssl_handle::from_evp_pkey(A::id, key, params));
    }

    /// Return the algorithm and the size of a signature in octets, as `signing_key` requires.
    [[nodiscard]] alg algorithm_id() const noexcept { return A::id; }
    [[nodiscard]] std::size_t signature_size() const noexcept { return public_.key().signature_size(); }
    /// Signs a message. Errors: `buffer_too_small`; `signer_failed`.
    [[nodiscard]] result<std::size_t> sign(bytes_view message, std::span<std::uint8_t> out) const {
        return handle_.sign(message, out);
    }
    /// Returns the key that verifies signatures of this one.
    [[nodiscard]] verification_key<A> verifier_key() const { return public_; }

private:
    openssl_key(detail::openssl_handle handle, verification_key<A> public_part) noexcept
        : handle_{std::move(handle)}, public_{std::move(public_part)} {}
    static result<openssl_key> wrap(result<detail::openssl_handle> made) {
        if (!made) return made.error();
        auto public_part = verification_key<A>::from_key(made->public_part());
        if (!public_part) return public_part.error();
        return openssl_key{*std::move(made), *std::move(public_part)};
    }
    detail::openssl_handle handle_;
    verification_key<A> public_;
};

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/openssl.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// What can sign: a key of ours, or one that never leaves its hardware.
#pragma once

#include <signet/crypto/mac.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/crypto/verification_key.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace signet { inline namespace SIGNET_ABI {

/// A key that can sign. It has an algorithm and a signature size. `sign` writes into `out` and returns the size.
///
/// Thread safety: `sign` is const and may be called concurrently.
template <class K>
concept signing_key = requires(K const& key, bytes_view message, std::span<std::uint8_t> out) {
    { key.algorithm_id() } -> std::same_as<alg>;
    { key.signature_size() } -> std::convertible_to<std::size_t>;
    { key.sign(message, out) } -> std::same_as<result<std::size_t>>;
};

/// A key in this process that signs with algorithm `A`. Cheap to copy.
template <algorithm A> class local_key {
public:
    /// The type of key that holds the octets.
    using material = std::conditional_t<symmetric<A>, mac_key, private_key>;

    /// Makes a signing key. Errors: `errc::wrong_key_type` if `key` is for other algorithms.
    [[nodiscard]] static result<local_key> from_key(material key) {
        if constexpr (symmetric<A>) {
            if (key.algorithm_id() != A::id) return errc::wrong_key_type;
        } else {
            if (!key.public_part().supports(A::id)) return errc::wrong_key_type;
        }
        return local_key{std::move(key)};
    }
    /// Makes a new key with the system's randomness.
    [[nodiscard]] static result<local_key> generate() {
        auto key = material::generate(A::id);
        if (!key) return key.error();
        return local_key{*std::move(key)};
    }

    /// Return the algorithm and the size of a signature in octets, as `signing_key` requires.
    [[nodiscard]] alg algorithm_id() const noexcept { return A::id; }
    [[nodiscard]] std::size_t signature_size() const noexcept {
        if constexpr (symmetric<A>) return traits(A::id).signature_size;
        else return key_.public_part().signature_size();
    }
    /// Signs a message. Makes a new operation at each call; `jwt::signer` keeps one.
    [[nodiscard]] result<std::size_t> sign(bytes_view message, std::span<std::uint8_t> out) const {
        if (out.size() < signature_size()) return errc::buffer_too_small;
        if constexpr (symmetric<A>) {
            auto mac = crypto::hmac::make(key_);
            mac.update(message);
            mac.finish(out.first(mac.size()));
            return mac.size();
        } else {
            auto operation = crypto::sign_operation::make(key_, A::id);
            if (!operation) return operation.error();
            return operation->sign(message, out);
        }
    }

    /// Returns the key; a copy if this object is a temporary.
    [[nodiscard]] material const& key() const& noexcept [[clang::lifetimebound]] { return key_; }
    [[nodiscard]] material key() const&& noexcept { return key_; }

    /// Returns the key that verifies signatures of this one.
    [[nodiscard]] verification_key<A> verifier_key() const {
        if constexpr (symmetric<A>) return *verification_key<A>::from_key(key_);
        else return *verification_key<A>::from_key(key_.public_part());
    }

private:
    explicit local_key(material key) : key_{std::move(key)} {}
    material key_;
};

/// A key that is elsewhere (PKCS#11, TPM, KMS, an operating system's keystore) and signs through a callable.
///
/// The callable is `result<std::size_t>(bytes_view message, std::span<std::uint8_t> out)`. Its length and signature are
/// checked with the public key, so a token that cannot be verified is never returned.
///
/// Thread safety: all copies share the callable, which may be called concurrently.
/// Errors: `errc::signer_failed`, and those of the callable.
///
/// Example: `external_key<es256> key{public_part, [&](bytes_view m, std::span<std::uint8_t> out) { return hsm.sign(m,
/// out); }};`
template <algorithm A>
    requires asymmetric<A>
class external_key {
public:
    /// Makes a key from a callable. `public_part` verifies what `sign` makes.
    template <class F>
        requires std::is_invocable_r_v<result<std::size_t>, F const&, bytes_view, std::span<std::uint8_t>>
    external_key(verification_key<A> public_part, F sign)
        : public_{std::move(public_part)},
          object_{std::make_shared<F const>(std::move(sign))},
          call_{[](void const* object, bytes_view message, std::span<std::uint8_t> out) -> result<std::size_t> {
              return (*static_cast<F const*>(object))(message, out);
          }} {}

    /// Return the algorithm and the size of a signature in octets, as `signing_key` requires.
    [[nodiscard]] alg algorithm_id() const noexcept { return A::id; }
    [[nodiscard]] std::size_t signature_size() const noexcept { return public_.key().signature_size(); }
    [[nodiscard]] result<std::size_t> sign(bytes_view message, std::span<std::uint8_t> out) const {
        if (out.size() < signature_size()) return errc::buffer_too_small;
        auto const size = call_(object_.get(), message, out.first(signature_size()));
        if (!size) return size.error();
        if (*size != signature_size() || !verifies(message, out.first(*size))) return errc::signer_failed;
        return *size;
    }
    /// Returns the key that verifies signatures of this one; a copy if this object is a temporary.
    [[nodiscard]] verification_key<A> const& verifier_key() const& noexcept [[clang::lifetimebound]] { return public_; }
    [[nodiscard]] verification_key<A> verifier_key() const&& noexcept { return public_; }

private:
    [[nodiscard]] bool verifies(bytes_view message, bytes_view signature) const {
        if constexpr (traits(A::id).type == key_type::akp)
            return crypto::verify(public_.key(), A::id, message, signature);
        else return crypto::detail::verify_by_botan(public_.key(), A::id, message, signature);
    }
    verification_key<A> public_;
    std::shared_ptr<void const> object_;
    result<std::size_t> (*call_)(void const*, bytes_view, std::span<std::uint8_t>);
};

}} // namespace signet

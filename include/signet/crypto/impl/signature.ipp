// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/prepared_key.hpp>
#include <signet/crypto/signature.hpp>

#include <signet/crypto/impl/botan.hpp>
#include <signet/crypto/impl/ed25519_form.hpp>
#include <signet/crypto/impl/ml_dsa.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

namespace detail {

using signet::detail::key_access;

/// 1 <= number < order, both big-endian and equally long.
inline bool in_order(bytes_view number, bytes_view order) noexcept {
    std::uint8_t any = 0;
    for (auto const octet : number) any = static_cast<std::uint8_t>(any | octet);
    return any != 0 && as_text(number) < as_text(order);
}

} // namespace detail

struct verify_operation::body {
    public_key key; // keeps alive what the operation refers to
    bytes order;    // EC: of the group
    bool ed25519;
    std::unique_ptr<Botan::PK_Verifier> operation;
    bool (*own)(body const& of, bytes_view message, bytes_view signature) = nullptr; // instead of Botan
    std::array<std::uint8_t, 64> key_hash{};                                         // ML-DSA
};

SIGNET_DECL verify_operation::verify_operation(std::unique_ptr<body> b) noexcept : body_{std::move(b)} {}
SIGNET_DECL verify_operation::verify_operation(verify_operation&&) noexcept = default;
SIGNET_DECL verify_operation& verify_operation::operator=(verify_operation&&) noexcept = default;
SIGNET_DECL verify_operation::~verify_operation() = default;

namespace detail {

SIGNET_DECL result<verify_operation> verify_operations::by_botan(public_key const& key, alg a) {
    if (!key.supports(a)) return errc::wrong_key_type;
    if (!key_access::body(key).key) return errc::unsupported_algorithm;
    return signet::detail::guarded(errc::unsupported_algorithm, [&]() -> result<verify_operation> {
        auto const& botan = *key_access::body(key).key;
        bytes order;
        if (auto const* ec = dynamic_cast<Botan::EC_PublicKey const*>(&botan))
            order = signet::detail::big_endian<bytes>(ec->domain().get_order(), key.x().size());
        auto operation = std::make_unique<Botan::PK_Verifier>(botan, signet::detail::padding(a));
        return verify_operation{std::make_unique<verify_operation::body>(
            verify_operation::body{key, std::move(order), a == alg::ed25519, std::move(operation)})};
    });
}

SIGNET_DECL result<verify_operation> verify_operations::by_ml_dsa([[maybe_unused]] public_key const& key,
                                                                  [[maybe_unused]] alg a) {
    if (!key.supports(a)) return errc::wrong_key_type;
#ifdef SIGNET_NO_CURVE_ARITHMETIC
    return errc::unsupported_algorithm;
#else
    auto made = std::make_unique<verify_operation::body>(verify_operation::body{key, {}, false, nullptr});
    arith::ml_dsa::hash_key(made->key_hash.data(), *ml_dsa_parameters(a), key.pub().data());
    made->own = [](verify_operation::body const& of, bytes_view message, bytes_view signature) {
        auto const& p = *ml_dsa_parameters(of.key);
        std::array<std::uint8_t, 64> mu;
        hash_message(mu, of.key_hash.data(), message);
        return arith::ml_dsa::verify(p, of.key.pub().data(), mu.data(), signature.data(),
                                     arith::ml_dsa::fastest_ring());
    };
    return verify_operation{std::move(made)};
#endif
}

SIGNET_DECL bool verify_by_botan(public_key const& key, alg a, bytes_view message, bytes_view signature) {
    auto operation = verify_operations::by_botan(key, a);
    return operation && operation->verify(message, signature);
}

} // namespace detail

SIGNET_DECL result<verify_operation> verify_operation::make(public_key const& key, alg a) {
    return traits(a).type == key_type::akp ? detail::verify_operations::by_ml_dsa(key, a)
                                           : detail::verify_operations::by_botan(key, a);
}

SIGNET_DECL bool verify_operation::verify(bytes_view message, bytes_view signature) {
    auto& b = *body_;
    if (signature.size() != b.key.signature_size()) return false;
    if (b.own) return b.own(b, message, signature);
    if (b.ed25519) {
        if (!detail::ed25519_s_is_canonical(signature)) return false;
    } else if (!b.order.empty()) {
        auto const half = signature.size() / 2;
        if (!detail::in_order(signature.first(half), b.order) || !detail::in_order(signature.subspan(half), b.order))
            return false;
    } else if (!(as_text(signature) < as_text(b.key.n()))) { // RFC 8017 5.2.2: s < n
        return false;
    }
    try {
        return b.operation->verify_message(message.data(), message.size(), signature.data(), signature.size());
    } catch (std::exception const&) { return false; }
}

struct sign_operation::body {
    private_key key;
    signet::detail::owned_private_key own; // ML-DSA: of this operation alone
    std::unique_ptr<Botan::PK_Signer> operation;
};

SIGNET_DECL sign_operation::sign_operation(std::unique_ptr<body> b) noexcept : body_{std::move(b)} {}
SIGNET_DECL sign_operation::sign_operation(sign_operation&&) noexcept = default;
SIGNET_DECL sign_operation& sign_operation::operator=(sign_operation&&) noexcept = default;
SIGNET_DECL sign_operation::~sign_operation() = default;

SIGNET_DECL result<sign_operation> sign_operation::make(private_key const& key, alg a) {
    if (!key.public_part().supports(a)) return errc::wrong_key_type;
    return signet::detail::guarded(errc::unsupported_algorithm, [&]() -> result<sign_operation> {
        auto const& parts = detail::key_access::body(key);
        auto own = parts.key ? nullptr : signet::detail::ml_dsa_key(a, parts.d.reveal());
        if (!parts.key && !own) return errc::unsupported_algorithm;
        auto const& botan = own ? *own : *parts.key;
        auto signer = std::make_unique<Botan::PK_Signer>(botan, Botan::system_rng(), signet::detail::padding(a));
        return sign_operation{std::make_unique<body>(body{key, std::move(own), std::move(signer)})};
    });
}

SIGNET_DECL std::size_t sign_operation::signature_size() const noexcept {
    return body_->key.public_part().signature_size();
}

SIGNET_DECL result<std::size_t> sign_operation::sign(bytes_view message, std::span<std::uint8_t> out) {
    if (out.size() < signature_size()) return errc::buffer_too_small;
    return signet::detail::guarded(errc::signer_failed, [&]() -> result<std::size_t> {
        auto const signature = body_->operation->sign_message(message.data(), message.size(), Botan::system_rng());
        if (signature.size() != signature_size()) return errc::signer_failed;
        std::copy(signature.begin(), signature.end(), out.begin());
        return signature.size();
    });
}

SIGNET_DECL bool verify(public_key const& key, alg a, bytes_view message, bytes_view signature) {
    if (traits(a).type != key_type::akp) return detail::verify_once(key, a, message, signature);
    auto operation = detail::verify_operations::by_ml_dsa(key, a);
    return operation && operation->verify(message, signature);
}

SIGNET_DECL result<bytes> sign(private_key const& key, alg a, bytes_view message) {
    auto operation = sign_operation::make(key, a);
    if (!operation) return operation.error();
    bytes signature(operation->signature_size());
    auto const size = operation->sign(message, signature);
    if (!size) return size.error();
    return signature;
}

}}} // namespace signet::crypto

// SPDX-License-Identifier: BSL-1.0
// What a state keeps to verify with one key. The kinds of it are made through check_functions, so that a verifier's
// program has only those of its algorithms.
#pragma once

#include <signet/crypto/mac.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/jwk_set.hpp>

#include <memory>

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

class preparations;

/// One key's operation. For one thread at a time.
class key_check {
public:
    key_check() = default;
    key_check(key_check const&) = delete;
    key_check& operator=(key_check const&) = delete;
    virtual ~key_check() = default;

    [[nodiscard]] virtual bool verify(bytes_view message, bytes_view tag) = 0;
    /// When tables of keys came or left.
    virtual void take_tables(preparations const&) {}
};

/// Of a MAC.
class mac_check final : public key_check {
public:
    explicit mac_check(mac_key const& key) : mac_{crypto::hmac::make(key)} {}
    [[nodiscard]] bool verify(bytes_view message, bytes_view tag) override { return mac_.verify(message, tag); }

private:
    crypto::hmac mac_;
};

/// Of a signature that Botan verifies, or of ML-DSA without a table.
class signature_check final : public key_check {
public:
    explicit signature_check(crypto::verify_operation operation) noexcept : operation_{std::move(operation)} {}
    [[nodiscard]] bool verify(bytes_view message, bytes_view signature) override {
        return operation_.verify(message, signature);
    }

private:
    crypto::verify_operation operation_;
};

}}}} // namespace signet::jwt::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/mac.hpp>

#include <signet/crypto/impl/botan.hpp>

#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

struct hmac::body {
    std::unique_ptr<Botan::MessageAuthenticationCode> mac;
    std::size_t size;
};

SIGNET_DECL hmac::hmac(std::unique_ptr<body> b) noexcept : body_{std::move(b)} {}
SIGNET_DECL hmac::hmac(hmac&&) noexcept = default;
SIGNET_DECL hmac& hmac::operator=(hmac&&) noexcept = default;
SIGNET_DECL hmac::~hmac() = default;

SIGNET_DECL result<hmac> hmac::make(hash_id hash, bytes_view key) {
    if (key.empty() || key.size() > 4096) return errc::weak_key;
    return signet::detail::guarded(errc::unsupported_algorithm, [&]() -> result<hmac> {
        auto mac = Botan::MessageAuthenticationCode::create_or_throw(std::string{"HMAC("} +
                                                                     signet::detail::hash_name(hash) + ")");
        mac->set_key(key.data(), key.size());
        auto const size = mac->output_length();
        return hmac{std::make_unique<body>(body{std::move(mac), size})};
    });
}
SIGNET_DECL hmac hmac::make(mac_key const& key) { return *make(traits(key.algorithm_id()).hash, key.reveal()); }

SIGNET_DECL std::size_t hmac::size() const noexcept { return body_->size; }
SIGNET_DECL void hmac::update(bytes_view message) { body_->mac->update(message.data(), message.size()); }
SIGNET_DECL void hmac::finish(std::span<std::uint8_t> out) {
    if (out.size() != body_->size) signet::detail::end_program("a tag is to be written into memory of another size");
    body_->mac->final(out.data());
}
SIGNET_DECL bool hmac::verify(bytes_view message, bytes_view tag) {
    std::array<std::uint8_t, 64> computed{};
    auto const own = std::span{computed}.first(body_->size);
    update(message);
    finish(own);
    return constant_time_equal(own, tag);
}

}}} // namespace signet::crypto

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/digest.hpp>

#include <signet/crypto/impl/botan.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

struct hasher::body {
    std::unique_ptr<Botan::HashFunction> hash;
    std::size_t size;
};

SIGNET_DECL hasher::hasher(hash_id hash) {
    auto botan = Botan::HashFunction::create_or_throw(signet::detail::hash_name(hash)); // every Botan has SHA-2
    auto const size = botan->output_length();
    body_ = std::make_unique<body>(body{std::move(botan), size});
}
SIGNET_DECL hasher::hasher(hasher&&) noexcept = default;
SIGNET_DECL hasher& hasher::operator=(hasher&&) noexcept = default;
SIGNET_DECL hasher::~hasher() = default;

SIGNET_DECL std::size_t hasher::size() const noexcept { return body_->size; }
SIGNET_DECL void hasher::update(bytes_view data) { body_->hash->update(data.data(), data.size()); }
SIGNET_DECL void hasher::finish(std::span<std::uint8_t> out) {
    if (out.size() != body_->size) signet::detail::end_program("a digest is to be written into memory of another size");
    body_->hash->final(out.data());
}

namespace detail {
template <std::size_t N> std::array<std::uint8_t, N> digest_of(hash_id hash, bytes_view data) {
    std::array<std::uint8_t, N> out;
    hasher h{hash};
    h.update(data);
    h.finish(out);
    return out;
}
} // namespace detail

SIGNET_DECL sha256_digest sha256(bytes_view data) { return detail::digest_of<32>(hash_id::sha256, data); }
SIGNET_DECL std::array<std::uint8_t, 48> sha384(bytes_view data) {
    return detail::digest_of<48>(hash_id::sha384, data);
}
SIGNET_DECL std::array<std::uint8_t, 64> sha512(bytes_view data) {
    return detail::digest_of<64>(hash_id::sha512, data);
}

}}} // namespace signet::crypto

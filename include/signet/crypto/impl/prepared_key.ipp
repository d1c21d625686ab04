// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/crypto/prepared_key.hpp>

#include <signet/crypto/impl/arith/ed25519_verify.hpp>
#include <signet/crypto/impl/arith/p256_verify.hpp>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

namespace signet::inline SIGNET_ABI::crypto {

namespace detail {

using word = arith::native_word;
using p256_point = arith::p256::affine_point<word>;
using p256_table = arith::p256::table_view<word>;
using ed25519_point = arith::edwards25519::extended_point<word>;
using ed25519_entry = arith::edwards25519::affine_summand<word>;
using ed25519_table = arith::edwards25519::table_view<word>;

static_assert(sizeof(p256_point) == arith::p256_entry_bytes && sizeof(ed25519_entry) == arith::ed25519_entry_bytes);

inline constexpr std::size_t cache_line = 64;

template <class Entry>
Entry* aligned_entries(void* memory, std::size_t size, std::size_t count) noexcept {
    void* at = memory;
    if (!std::align(cache_line, count * sizeof(Entry), at, size)) return nullptr;
    return new (at) Entry[count];
}

struct base_tables_body {
    explicit base_tables_body(table_shape s)
        : shape{s}, memory{new std::byte[table_bytes(alg::es256, s) + table_bytes(alg::ed25519, s)]} {
        auto const p256_size = table_bytes(alg::es256, s);
        p256 = aligned_entries<p256_point>(memory.get(), p256_size, arith::entry_count(s, arith::p256_scalar_bits));
        ed25519 = aligned_entries<ed25519_entry>(memory.get() + p256_size, table_bytes(alg::ed25519, s),
                                                 arith::entry_count(s, arith::ed25519_scalar_bits));
        arith::p256::build_table(p256, s, arith::p256::base_point<word>());
        arith::edwards25519::build_table(ed25519, s, arith::edwards25519::base_point<word>());
    }
    [[nodiscard]] p256_table of_p256() const noexcept { return {p256, shape}; }
    [[nodiscard]] ed25519_table of_ed25519() const noexcept { return {ed25519, shape}; }

    table_shape                  shape;
    std::unique_ptr<std::byte[]> memory;
    p256_point*                  p256;
    ed25519_entry*               ed25519;
};

struct prepared_key_body {
    base_tables                  bases;
    public_key                   key;
    alg                          algorithm;
    table_shape                  shape;
    std::array<std::uint8_t, 32> encoded{}; // Ed25519
    std::shared_ptr<void const>  owner; // of the entries
    p256_point const*            p256 = nullptr;
    ed25519_entry const*         ed25519 = nullptr;
};

/// RFC 8032 5.1.3 and our rule on small order; gives -A.
inline result<ed25519_point> decode_minus_key(bytes_view x) noexcept {
    ed25519_point point;
    if (x.size() != 32 || !arith::edwards25519::decode(point, x.data())) return errc::bad_key;
    if (arith::edwards25519::has_small_order(point)) return errc::weak_key;
    return -point;
}

inline result<p256_point> decode_p256(bytes_view x, bytes_view y) noexcept {
    p256_point point;
    if (x.size() != 32 || y.size() != 32 || !arith::p256::decode(point, x.data(), y.data())) return errc::bad_key;
    return point;
}

/// The one algorithm that a key's table would be for.
inline result<alg> algorithm_to_prepare(public_key const& key) noexcept {
    if (key.crv() == curve::p256) return alg::es256;
    if (key.crv() == curve::ed25519) return alg::ed25519;
    return errc::unsupported_algorithm;
}

/// Hashes what the algorithm wants hashed and hands over the digest.
template <class Key>
bool hash_and_verify(Key const& key, bytes_view encoded, hasher& hash, bytes_view message, bytes_view signature) {
    if (signature.size() != 64) return false;
    std::array<std::uint8_t, 64> digest;
    if (key.algorithm_id() == alg::es256) {
        hash.update(message);
        hash.finish(std::span{digest}.first(32));
        return key.verify_digest(bytes_view{digest}.first(32), signature);
    }
    hash.update(signature.first(32));
    hash.update(encoded);
    hash.update(message);
    hash.finish(digest);
    return key.verify_digest(digest, signature);
}

} // namespace detail

// ---- base tables ---------------------------------------------------------------------------------------------------

SIGNET_DECL base_tables::base_tables(std::shared_ptr<detail::base_tables_body const> body) noexcept : body_{std::move(body)} {}

SIGNET_DECL base_tables base_tables::make(unsigned width) {
    return base_tables{std::make_shared<detail::base_tables_body const>(table_shape{std::clamp(width, 2u, arith::max_width), 1})};
}

SIGNET_DECL std::size_t base_tables::bytes() const noexcept {
    return table_bytes(alg::es256, body_->shape) + table_bytes(alg::ed25519, body_->shape);
}

// ---- prepared ------------------------------------------------------------------------------------------------------

SIGNET_DECL prepared_key::prepared_key(std::shared_ptr<detail::prepared_key_body const> body) noexcept : body_{std::move(body)} {}

SIGNET_DECL result<prepared_key> prepared_key::make(base_tables const& bases, public_key const& key, table_shape shape) {
    auto const size = table_bytes(detail::algorithm_to_prepare(key).value_or(alg::es256), shape);
    std::shared_ptr<std::byte[]> owned{new std::byte[size]};
    std::span const memory{owned.get(), size};
    return make(bases, key, shape, memory, std::move(owned));
}

SIGNET_DECL result<prepared_key> prepared_key::make(base_tables const& bases, public_key const& key, table_shape shape,
                                                    std::span<std::byte> memory, std::shared_ptr<void const> owner) {
    auto const algorithm = detail::algorithm_to_prepare(key);
    if (!algorithm) return algorithm.error();
    if (!arith::is_valid(shape)) return errc::out_of_range;
    if (memory.size() < table_bytes(*algorithm, shape)) return errc::buffer_too_small;

    auto body = std::make_shared<detail::prepared_key_body>(detail::prepared_key_body{bases, key, *algorithm, shape, {}, std::move(owner)});
    if (*algorithm == alg::es256) {
        auto const point = detail::decode_p256(key.x(), key.y());
        if (!point) return point.error();
        auto* const entries = detail::aligned_entries<detail::p256_point>(
            memory.data(), memory.size(), arith::entry_count(shape, arith::p256_scalar_bits));
        arith::p256::build_table(entries, shape, *point);
        body->p256 = entries;
    } else {
        auto const point = detail::decode_minus_key(key.x());
        if (!point) return point.error();
        std::copy_n(key.x().begin(), 32, body->encoded.begin());
        auto* const entries = detail::aligned_entries<detail::ed25519_entry>(
            memory.data(), memory.size(), arith::entry_count(shape, arith::ed25519_scalar_bits));
        arith::edwards25519::build_table(entries, shape, *point);
        body->ed25519 = entries;
    }
    return prepared_key{std::move(body)};
}

SIGNET_DECL bool prepared_key::verify_digest(bytes_view digest, bytes_view signature) const noexcept {
    auto const& b = *body_;
    if (signature.size() != 64) return false;
    auto const& base = *b.bases.body_;
    if (b.algorithm == alg::es256)
        return digest.size() == 32 && arith::p256::verify<detail::word>(base.of_p256(), {b.p256, b.shape}, digest.data(), signature.data());
    return digest.size() == 64 &&
           arith::edwards25519::verify<detail::word>(base.of_ed25519(), {b.ed25519, b.shape}, digest.data(), signature.data());
}

SIGNET_DECL bool prepared_key::verify(hasher& hash, bytes_view message, bytes_view signature) const {
    return detail::hash_and_verify(*this, body_->encoded, hash, message, signature);
}

SIGNET_DECL bool prepared_key::verify(bytes_view message, bytes_view signature) const {
    hasher hash{facts(algorithm_id()).hash};
    return verify(hash, message, signature);
}

SIGNET_DECL alg prepared_key::algorithm_id() const noexcept { return body_->algorithm; }
SIGNET_DECL std::size_t prepared_key::bytes() const noexcept { return table_bytes(body_->algorithm, body_->shape); }

SIGNET_DECL public_key const& prepared_key::key() const noexcept { return body_->key; }

// ---- unprepared ----------------------------------------------------------------------------------------------------

SIGNET_DECL unprepared_key::unprepared_key(base_tables bases, alg a) noexcept : bases_{std::move(bases)}, algorithm_{a} {}

SIGNET_DECL result<unprepared_key> unprepared_key::from_p256(base_tables const& bases, bytes_view x, bytes_view y) {
    static_assert(sizeof(detail::p256_point) <= sizeof point_ && std::is_trivially_copyable_v<detail::p256_point>);
    auto const point = detail::decode_p256(x, y);
    if (!point) return point.error();
    unprepared_key r{bases, alg::es256};
    std::memcpy(r.point_, &*point, sizeof *point);
    return r;
}

SIGNET_DECL result<unprepared_key> unprepared_key::from_ed25519(base_tables const& bases, bytes_view x) {
    static_assert(sizeof(detail::ed25519_point) <= sizeof point_ && std::is_trivially_copyable_v<detail::ed25519_point>);
    auto const point = detail::decode_minus_key(x);
    if (!point) return point.error();
    unprepared_key r{bases, alg::ed25519};
    std::copy_n(x.begin(), 32, r.encoded_.begin());
    std::memcpy(r.point_, &*point, sizeof *point);
    return r;
}

SIGNET_DECL result<unprepared_key> unprepared_key::make(base_tables const& bases, public_key const& key) {
    auto const algorithm = detail::algorithm_to_prepare(key);
    if (!algorithm) return algorithm.error();
    return *algorithm == alg::es256 ? from_p256(bases, key.x(), key.y()) : from_ed25519(bases, key.x());
}

SIGNET_DECL bool unprepared_key::verify_digest(bytes_view digest, bytes_view signature) const noexcept {
    if (signature.size() != 64) return false;
    auto const& base = *bases_.body_;
    if (algorithm_ == alg::es256) {
        detail::p256_point point;
        std::memcpy(&point, point_, sizeof point);
        return digest.size() == 32 && arith::p256::verify<detail::word>(base.of_p256(), point, digest.data(), signature.data());
    }
    detail::ed25519_point point;
    std::memcpy(&point, point_, sizeof point);
    return digest.size() == 64 && arith::edwards25519::verify<detail::word>(base.of_ed25519(), point, digest.data(), signature.data());
}

SIGNET_DECL bool unprepared_key::verify(hasher& hash, bytes_view message, bytes_view signature) const {
    return detail::hash_and_verify(*this, encoded_, hash, message, signature);
}

SIGNET_DECL bool unprepared_key::verify(bytes_view message, bytes_view signature) const {
    hasher hash{facts(algorithm_).hash};
    return verify(hash, message, signature);
}

} // namespace signet::crypto

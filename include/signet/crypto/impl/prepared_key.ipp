// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/crypto/signature.hpp>

#include <signet/crypto/impl/ml_dsa.hpp>

#ifndef SIGNET_NO_CURVE_ARITHMETIC
#    include <signet/crypto/impl/arith/ed25519_verify.hpp>
#    include <signet/crypto/impl/arith/p256_verify.hpp>
#endif

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

namespace detail {

#ifdef SIGNET_NO_CURVE_ARITHMETIC
using p256_point = void;
using ed25519_entry = void;
#else
using word = arith::native_word;
using p256_point = arith::p256::affine_point<word>;
using p256_table = arith::p256::table_view<word>;
using ed25519_point = arith::edwards25519::extended_point<word>;
using ed25519_entry = arith::edwards25519::affine_summand<word>;
using ed25519_table = arith::edwards25519::table_view<word>;

static_assert(sizeof(p256_point) == arith::p256_entry_bytes && sizeof(ed25519_entry) == arith::ed25519_entry_bytes);

inline constexpr std::size_t cache_line = 64;

template <class Entry> Entry* aligned_entries(void* memory, std::size_t size, std::size_t count) noexcept {
    void* at = memory;
    if (!std::align(cache_line, count * sizeof(Entry), at, size)) return nullptr;
    return new (at) Entry[count];
}
#endif

struct generator_tables_body {
    table_shape shape;
    std::unique_ptr<std::byte[]> memory;
    p256_point* p256 = nullptr; // none: not of that curve
    ed25519_entry* ed25519 = nullptr;

#ifndef SIGNET_NO_CURVE_ARITHMETIC
    [[nodiscard]] p256_table of_p256() const noexcept { return {p256, shape}; }
    [[nodiscard]] ed25519_table of_ed25519() const noexcept { return {ed25519, shape}; }
#endif
    [[nodiscard]] bool serves(alg a) const noexcept {
        return a == alg::es256 ? p256 != nullptr : a == alg::ed25519 && ed25519;
    }
};

/// Both verifications have 64 octets of signature, and a digest of the algorithm's size.
struct curve_arithmetic {
    alg algorithm;
    std::size_t digest_size;
    void (*fill_base)(generator_tables_body& tables, std::byte* memory);
    result<void> (*decode)(std::byte* point, bytes_view x, bytes_view y) noexcept;
    /// `base` may be null: no tables.
    bool (*verify)(generator_tables_body const* base, std::byte const* point, std::uint8_t const* digest,
                   std::uint8_t const* signature) noexcept;
};

struct prepared_key_body {
    std::optional<generator_tables> generators; // none for ML-DSA
    public_key key;
    alg algorithm;
    table_shape shape;
    bytes prefix{};                    // Ed25519: what is hashed behind R and before the message; ML-DSA: tr
    std::shared_ptr<void const> owner; // of the entries
    void const* entries = nullptr;
    bool (*verify)(generator_tables_body const* base, prepared_key_body const& key, bytes_view digest,
                   std::uint8_t const* signature) noexcept = nullptr;
    /// ML-DSA: from the message itself, which needs no hash object of Botan's.
    bool (*verify_message)(prepared_key_body const& key, bytes_view message,
                           std::uint8_t const* signature) noexcept = nullptr;
};

#ifdef SIGNET_NO_CURVE_ARITHMETIC
SIGNET_DECL curve_arithmetic const* p256_arithmetic() noexcept { return nullptr; }
SIGNET_DECL curve_arithmetic const* ed25519_arithmetic() noexcept { return nullptr; }
#else
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

inline void fill_p256_base(generator_tables_body& tables, std::byte* memory) {
    auto const size = table_bytes(alg::es256, tables.shape);
    tables.p256 = aligned_entries<p256_point>(memory, size, arith::entry_count(tables.shape, arith::p256_scalar_bits));
    arith::p256::build_table(tables.p256, tables.shape, arith::p256::base_point<word>());
}
inline void fill_ed25519_base(generator_tables_body& tables, std::byte* memory) {
    auto const size = table_bytes(alg::ed25519, tables.shape);
    tables.ed25519 =
        aligned_entries<ed25519_entry>(memory, size, arith::entry_count(tables.shape, arith::ed25519_scalar_bits));
    arith::edwards25519::build_table(tables.ed25519, tables.shape, arith::edwards25519::base_point<word>());
}

/// Puts what a decoder gave where an object without that type keeps it.
template <class Point> result<void> keep(result<Point> const& from, std::byte* point) noexcept {
    static_assert(sizeof(Point) <= 128 && std::is_trivially_copyable_v<Point>);
    if (!from) return from.error();
    std::memcpy(point, &*from, sizeof(Point));
    return {};
}
inline result<void> keep_p256(std::byte* point, bytes_view x, bytes_view y) noexcept {
    return keep(decode_p256(x, y), point);
}
inline result<void> keep_minus_ed25519(std::byte* point, bytes_view x, bytes_view) noexcept {
    return keep(decode_minus_key(x), point);
}

inline bool verify_p256(generator_tables_body const* base, std::byte const* octets, std::uint8_t const* digest,
                        std::uint8_t const* signature) noexcept {
    p256_point point;
    std::memcpy(&point, octets, sizeof point);
    return base ? arith::p256::verify<word>(base->of_p256(), point, digest, signature)
                : arith::p256::verify<word>(arith::p256::base_multiples<word>, point, digest, signature);
}
inline bool verify_ed25519(generator_tables_body const* base, std::byte const* octets, std::uint8_t const* digest,
                           std::uint8_t const* signature) noexcept {
    ed25519_point point;
    std::memcpy(&point, octets, sizeof point);
    return base ? arith::edwards25519::verify<word>(base->of_ed25519(), point, digest, signature)
                : arith::edwards25519::verify<word>(arith::edwards25519::base_point<word>(), point, digest, signature);
}

inline constexpr curve_arithmetic p256_functions{alg::es256, 32, fill_p256_base, keep_p256, verify_p256};
inline constexpr curve_arithmetic ed25519_functions{alg::ed25519, 64, fill_ed25519_base, keep_minus_ed25519,
                                                    verify_ed25519};

SIGNET_DECL curve_arithmetic const* p256_arithmetic() noexcept { return &p256_functions; }
SIGNET_DECL curve_arithmetic const* ed25519_arithmetic() noexcept { return &ed25519_functions; }

inline bool verify_prepared_p256(generator_tables_body const* base, prepared_key_body const& key, bytes_view digest,
                                 std::uint8_t const* signature) noexcept {
    p256_table const table{static_cast<p256_point const*>(key.entries), key.shape};
    return digest.size() == 32 && arith::p256::verify<word>(base->of_p256(), table, digest.data(), signature);
}
inline bool verify_prepared_ed25519(generator_tables_body const* base, prepared_key_body const& key, bytes_view digest,
                                    std::uint8_t const* signature) noexcept {
    ed25519_table const table{static_cast<ed25519_entry const*>(key.entries), key.shape};
    return digest.size() == 64 &&
           arith::edwards25519::verify<word>(base->of_ed25519(), table, digest.data(), signature);
}
inline bool verify_prepared_ml_dsa(generator_tables_body const*, prepared_key_body const& key, bytes_view digest,
                                   std::uint8_t const* signature) noexcept {
    auto const* const table = static_cast<arith::ml_dsa::polynomial const*>(key.entries);
    return digest.size() == 64 && arith::ml_dsa::verify(*ml_dsa_parameters(key.algorithm), table, digest.data(),
                                                        signature, arith::ml_dsa::fastest_ring());
}
inline bool verify_message_ml_dsa(prepared_key_body const& key, bytes_view message,
                                  std::uint8_t const* signature) noexcept {
    std::array<std::uint8_t, 64> mu;
    hash_message(mu, key.prefix.data(), message);
    return verify_prepared_ml_dsa(nullptr, key, mu, signature);
}
#endif

/// Hashes what the algorithm wants hashed and hands over the digest.
template <class Key>
bool hash_and_verify(Key const& key, bytes_view encoded, hasher& hash, bytes_view message, bytes_view signature) {
    if (signature.size() != traits(key.algorithm_id()).signature_size) return false;
    std::array<std::uint8_t, 64> digest;
    if (key.algorithm_id() == alg::es256) {
        hash.update(message);
        hash.finish(std::span{digest}.first(32));
        return key.verify_digest(bytes_view{digest}.first(32), signature);
    }
    if (key.algorithm_id() == alg::ed25519) hash.update(signature.first(32));
    hash.update(encoded);
    hash.update(message);
    hash.finish(digest);
    return key.verify_digest(digest, signature);
}

} // namespace detail

// ---- base tables ---------------------------------------------------------------------------------------------------

SIGNET_DECL generator_tables::generator_tables(std::shared_ptr<detail::generator_tables_body const> body) noexcept
    : body_{std::move(body)} {}

SIGNET_DECL generator_tables generator_tables::make(detail::curves const& wanted, unsigned width) {
    detail::generator_tables_body body{.shape = {std::clamp(width, 2u, arith::max_width), 1}, .memory = nullptr};
    auto const p256_size = wanted.p256 ? table_bytes(alg::es256, body.shape) : 0;
    auto const ed25519_size = wanted.ed25519 ? table_bytes(alg::ed25519, body.shape) : 0;
    body.memory.reset(new std::byte[p256_size + ed25519_size]);
    if (p256_size != 0) wanted.p256()->fill_base(body, body.memory.get());
    if (ed25519_size != 0) wanted.ed25519()->fill_base(body, body.memory.get() + p256_size);
    return generator_tables{std::make_shared<detail::generator_tables_body const>(std::move(body))};
}
SIGNET_DECL generator_tables generator_tables::make(unsigned width) {
    return make({detail::p256_arithmetic, detail::ed25519_arithmetic}, width);
}

SIGNET_DECL bool generator_tables::serves(alg a) const noexcept { return body_->serves(a); }
SIGNET_DECL std::size_t generator_tables::bytes() const noexcept {
    return (body_->p256 ? table_bytes(alg::es256, body_->shape) : 0) +
           (body_->ed25519 ? table_bytes(alg::ed25519, body_->shape) : 0);
}

// ---- prepared ------------------------------------------------------------------------------------------------------

SIGNET_DECL prepared_key::prepared_key(std::shared_ptr<detail::prepared_key_body const> body) noexcept
    : body_{std::move(body)} {}

SIGNET_DECL result<prepared_key> prepared_key::make(generator_tables const& generators, public_key const& key,
                                                    table_shape shape) {
    auto const size = table_bytes(detail::algorithm_to_prepare(key).value_or(alg::es256), shape);
    std::shared_ptr<std::byte[]> owned{new std::byte[size]};
    std::span const memory{owned.get(), size};
    return make(generators, key, shape, memory, std::move(owned));
}

SIGNET_DECL result<prepared_key> prepared_key::make(generator_tables const& generators, public_key const& key,
                                                    table_shape shape, std::span<std::byte> memory,
                                                    [[maybe_unused]] std::shared_ptr<void const> owner) {
    auto const algorithm = detail::algorithm_to_prepare(key);
    if (!algorithm || !generators.serves(*algorithm)) return errc::unsupported_algorithm;
    if (!arith::is_valid(shape)) return errc::out_of_range;
    if (memory.size() < table_bytes(*algorithm, shape)) return errc::buffer_too_small;

#ifdef SIGNET_NO_CURVE_ARITHMETIC
    return errc::unsupported_algorithm; // not reached: no tables serve anything
#else
    auto body = std::make_shared<detail::prepared_key_body>(
        detail::prepared_key_body{generators, key, *algorithm, shape, {}, std::move(owner)});
    if (*algorithm == alg::es256) {
        auto const point = detail::decode_p256(key.x(), key.y());
        if (!point) return point.error();
        auto* const entries = detail::aligned_entries<detail::p256_point>(
            memory.data(), memory.size(), arith::entry_count(shape, arith::p256_scalar_bits));
        arith::p256::build_table(entries, shape, *point);
        body->entries = entries;
        body->verify = detail::verify_prepared_p256;
    } else {
        auto const point = detail::decode_minus_key(key.x());
        if (!point) return point.error();
        body->prefix.assign(key.x().begin(), key.x().end());
        auto* const entries = detail::aligned_entries<detail::ed25519_entry>(
            memory.data(), memory.size(), arith::entry_count(shape, arith::ed25519_scalar_bits));
        arith::edwards25519::build_table(entries, shape, *point);
        body->entries = entries;
        body->verify = detail::verify_prepared_ed25519;
    }
    return prepared_key{std::move(body)};
#endif
}

SIGNET_DECL result<prepared_key> prepared_key::make(public_key const& key) {
    if (key.type() != key_type::akp) return errc::unsupported_algorithm;
    auto const size = table_bytes(signet::detail::ml_dsa_of(key.pub().size()), default_table);
    std::shared_ptr<std::byte[]> owned{new std::byte[size]};
    std::span const memory{owned.get(), size};
    return make(key, memory, std::move(owned));
}

SIGNET_DECL result<prepared_key> prepared_key::make(public_key const& key, [[maybe_unused]] std::span<std::byte> memory,
                                                    [[maybe_unused]] std::shared_ptr<void const> owner) {
    if (key.type() != key_type::akp) return errc::unsupported_algorithm;
#ifdef SIGNET_NO_CURVE_ARITHMETIC
    return errc::unsupported_algorithm;
#else
    namespace ml_dsa = arith::ml_dsa;
    auto const algorithm = signet::detail::ml_dsa_of(key.pub().size());
    if (memory.size() < table_bytes(algorithm, default_table)) return errc::buffer_too_small;
    auto const& p = *detail::ml_dsa_parameters(algorithm);
    auto* const entries =
        detail::aligned_entries<ml_dsa::polynomial>(memory.data(), memory.size(), ml_dsa::table_size(p));
    ml_dsa::build_table(entries, p, key.pub().data(), ml_dsa::fastest_ring());
    auto body = std::make_shared<detail::prepared_key_body>(detail::prepared_key_body{
        std::nullopt, key, algorithm, default_table, signet::bytes(arith::ml_dsa::key_hash_size), std::move(owner)});
    ml_dsa::hash_key(body->prefix.data(), p, key.pub().data());
    body->entries = entries;
    body->verify = detail::verify_prepared_ml_dsa;
    body->verify_message = detail::verify_message_ml_dsa;
    return prepared_key{std::move(body)};
#endif
}

SIGNET_DECL bool prepared_key::verify_digest(bytes_view digest, bytes_view signature) const noexcept {
    auto const& b = *body_;
    return signature.size() == traits(b.algorithm).signature_size &&
           b.verify(b.generators ? b.generators->body_.get() : nullptr, b, digest, signature.data());
}

SIGNET_DECL bool prepared_key::verify(hasher& hash, bytes_view message, bytes_view signature) const {
    if (body_->verify_message) return verify(message, signature);
    return detail::hash_and_verify(*this, body_->prefix, hash, message, signature);
}

SIGNET_DECL bool prepared_key::verify(bytes_view message, bytes_view signature) const {
    auto const& b = *body_;
    if (b.verify_message)
        return signature.size() == traits(b.algorithm).signature_size && b.verify_message(b, message, signature.data());
    hasher hash{traits(algorithm_id()).hash};
    return verify(hash, message, signature);
}

SIGNET_DECL alg prepared_key::algorithm_id() const noexcept { return body_->algorithm; }
SIGNET_DECL std::size_t prepared_key::bytes() const noexcept { return table_bytes(body_->algorithm, body_->shape); }

SIGNET_DECL public_key const& prepared_key::key() const& noexcept { return body_->key; }

// ---- unprepared ----------------------------------------------------------------------------------------------------

SIGNET_DECL unprepared_key::unprepared_key(base_tables base, detail::curve_arithmetic const* with) noexcept
    : base_{std::move(base)}, arithmetic_{with}, algorithm_{with->algorithm} {}

SIGNET_DECL result<unprepared_key> unprepared_key::from_octets(base_tables base, detail::curve_arithmetic const* with,
                                                               bytes_view x, bytes_view y) {
    if (!with || (base && !base->serves(with->algorithm))) return errc::unsupported_algorithm;
    unprepared_key r{std::move(base), with};
    if (auto const decoded = with->decode(r.point_, x, y); !decoded) return decoded.error();
    std::copy_n(x.begin(), 32, r.encoded_.begin());
    return r;
}
SIGNET_DECL result<unprepared_key> unprepared_key::from_p256(generator_tables const& generators, bytes_view x,
                                                             bytes_view y) {
    return from_octets(generators.body_, detail::p256_arithmetic(), x, y);
}
SIGNET_DECL result<unprepared_key> unprepared_key::from_p256(bytes_view x, bytes_view y) {
    return from_octets(nullptr, detail::p256_arithmetic(), x, y);
}
SIGNET_DECL result<unprepared_key> unprepared_key::from_ed25519(generator_tables const& generators, bytes_view x) {
    return from_octets(generators.body_, detail::ed25519_arithmetic(), x, {});
}
SIGNET_DECL result<unprepared_key> unprepared_key::from_ed25519(bytes_view x) {
    return from_octets(nullptr, detail::ed25519_arithmetic(), x, {});
}

SIGNET_DECL result<unprepared_key> unprepared_key::from_key(base_tables base, public_key const& key,
                                                            detail::curves const& with) {
    auto const algorithm = detail::algorithm_to_prepare(key);
    auto const arithmetic = algorithm == alg::es256 ? with.p256 : algorithm == alg::ed25519 ? with.ed25519 : nullptr;
    if (!arithmetic) return errc::unsupported_algorithm;
    return from_octets(std::move(base), arithmetic(), key.x(), key.y());
}
SIGNET_DECL result<unprepared_key> unprepared_key::make(generator_tables const& generators, public_key const& key,
                                                        detail::curves const& with) {
    return from_key(generators.body_, key, with);
}
SIGNET_DECL result<unprepared_key> unprepared_key::make(generator_tables const& generators, public_key const& key) {
    return make(generators, key, {detail::p256_arithmetic, detail::ed25519_arithmetic});
}
SIGNET_DECL result<unprepared_key> unprepared_key::make(public_key const& key) {
    return from_key(nullptr, key, {detail::p256_arithmetic, detail::ed25519_arithmetic});
}

SIGNET_DECL bool unprepared_key::verify_digest(bytes_view digest, bytes_view signature) const noexcept {
    return signature.size() == 64 && digest.size() == arithmetic_->digest_size &&
           arithmetic_->verify(base_.get(), point_, digest.data(), signature.data());
}

SIGNET_DECL bool unprepared_key::verify(hasher& hash, bytes_view message, bytes_view signature) const {
    return detail::hash_and_verify(*this, encoded_, hash, message, signature);
}

SIGNET_DECL bool unprepared_key::verify(bytes_view message, bytes_view signature) const {
    hasher hash{traits(algorithm_).hash};
    return verify(hash, message, signature);
}

namespace detail {

SIGNET_DECL bool verify_once(public_key const& key, alg a, bytes_view message, bytes_view signature) {
    if ((a != alg::es256 && a != alg::ed25519) || !can_be_prepared(a))
        return verify_by_botan(key, a, message, signature);
    if (!key.supports(a)) return false;
    auto const own = unprepared_key::make(key);
    return own && own->verify(message, signature);
}

} // namespace detail

}}} // namespace signet::crypto

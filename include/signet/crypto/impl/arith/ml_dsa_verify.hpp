// SPDX-License-Identifier: BSL-1.0
// ML-DSA verification (FIPS 204 algorithm 8) with the tables of a key, and with none. Variable time, no allocation.
//
// A key is any octets of the right length. Its t1 may be zero, although anybody can sign for such a key: the standard
// has no rule against it, and an owner can publish a private key as well.
#pragma once

#include <signet/crypto/impl/arith/ml_dsa_avx2.hpp>
#include <signet/crypto/impl/arith/ml_dsa_ring.hpp>

#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace ml_dsa {

inline constexpr unsigned key_hash_size = 64, message_digest_size = 64;

/// Polynomials of a key's table: A row by row, then the transforms of -t1 2^d. They are in the order that the transform
/// leaves its values in, the same on all machines.
constexpr unsigned table_size(parameters const& p) noexcept { return p.rows * (p.columns + 1); }

/// tr = SHAKE256(key): the hash of a key that every message begins with.
inline void hash_key(std::uint8_t* to, parameters const& p, std::uint8_t const* key) noexcept {
    keccak::shake hash{keccak::shake256_rate};
    hash.absorb(key, p.key_size);
    hash.squeeze(to, key_hash_size);
}

/// The SHAKE256 that has absorbed what stands before a message: tr, and 00 00 for pure ML-DSA without a context. It
/// absorbs the message next, and 64 octets of it are mu.
inline keccak::shake begin_message(std::uint8_t const* key_hash) noexcept {
    constexpr std::uint8_t pure_without_context[2] = {0, 0};
    keccak::shake hash{keccak::shake256_rate};
    hash.absorb(key_hash, key_hash_size);
    hash.absorb(pure_without_context, 2);
    return hash;
}

/// Fills `table_size(p)` polynomials.
inline void build_table(polynomial* table, parameters const& p, std::uint8_t const* key,
                        ring_functions const& ring) noexcept {
    unsigned const size = p.rows * p.columns;
    for (unsigned i = 0; i < size; i += max_expanded)
        ring.expand(table + i, key, i, size - i < max_expanded ? size - i : max_expanded, p.columns);
    for (unsigned i = 0; i != p.rows; ++i) {
        unpack_minus_key(table[size + i], key + 32 + 320 * i);
        ring.transform(table[size + i]);
    }
}

/// The rows of a key with a table, in turn.
class prepared_rows {
public:
    prepared_rows(polynomial const* table, parameters const& p) noexcept : table_{table}, p_{p} {}
    void begin(unsigned row) noexcept { row_ = row; }
    [[nodiscard]] polynomial const* a() const noexcept { return table_ + row_ * p_.columns; }
    [[nodiscard]] polynomial const& t() const noexcept { return table_[p_.rows * p_.columns + row_]; }

private:
    polynomial const* table_;
    parameters const& p_;
    unsigned row_ = 0;
};

/// The rows of a key without a table, in turn: A is made as it is used, four entries at a time.
class streamed_rows {
public:
    streamed_rows(std::uint8_t const* key, parameters const& p, ring_functions const& ring) noexcept
        : key_{key}, p_{p}, ring_{ring} {}
    void begin(unsigned row) noexcept {
        if (row != 0) { // keeps what was made of this row already
            made_ -= p_.columns;
            std::memmove(a_, a_ + p_.columns, made_ * sizeof(polynomial));
        }
        while (made_ < p_.columns) {
            unsigned const left = p_.rows * p_.columns - begun_, count = left < max_expanded ? left : max_expanded;
            ring_.expand(a_ + made_, key_, begun_, count, p_.columns);
            made_ += count;
            begun_ += count;
        }
        unpack_minus_key(t_, key_ + 32 + 320 * row);
        ring_.transform(t_);
    }
    [[nodiscard]] polynomial const* a() const noexcept { return a_; }
    [[nodiscard]] polynomial const& t() const noexcept { return t_; }

private:
    std::uint8_t const* key_;
    parameters const& p_;
    ring_functions const& ring_;
    unsigned begun_ = 0, made_ = 0; // entries of A: of all rows so far, and those in a_
    polynomial a_[max_columns - 1 + max_expanded], t_;
};

/// Whether the hints of a signature are encoded as algorithm 21 wants them. `hints` are max_hints places, then for each
/// row where its places end.
inline bool hints_are_canonical(std::uint8_t const* hints, parameters const& p) noexcept {
    auto const* const ends = hints + p.max_hints;
    unsigned at = 0;
    for (unsigned row = 0; row != p.rows; ++row) {
        if (ends[row] < at || ends[row] > p.max_hints) return false;
        for (unsigned const first = at; at < ends[row]; ++at)
            if (at != first && hints[at - 1] >= hints[at]) return false; // places rise: none comes twice
    }
    for (; at < p.max_hints; ++at)
        if (hints[at] != 0) return false;
    return true;
}

namespace detail {
template <class Rows> inline bool verify_rows(parameters const& p, Rows& rows, std::uint8_t const* mu,
                                              std::uint8_t const* signature, ring_functions const& ring) noexcept {
    auto const* const masks = signature + p.challenge_size;
    auto const* const hints = masks + p.columns * p.mask_size();
    auto const* const ends = hints + p.max_hints;
    if (!hints_are_canonical(hints, p)) return false;

    polynomial z[max_columns], c, w;
    for (unsigned i = 0; i != p.columns; ++i)
        if (!ring.unpack_mask(z[i], masks + i * p.mask_size(), p)) return false;
    for (unsigned i = 0; i != p.columns; ++i) ring.transform(z[i]);
    keccak::shake challenge{keccak::shake256_rate};
    challenge.absorb(signature, p.challenge_size);
    sample_in_ball(c, challenge, p.challenge_weight);
    ring.transform(c);

    keccak::shake commitment{keccak::shake256_rate};
    commitment.absorb(mu, message_digest_size);
    unsigned hint = 0;
    for (unsigned i = 0; i != p.rows; ++i) {
        rows.begin(i);
        ring.multiply_row(w, rows.a(), z, p.columns, c, rows.t());
        ring.invert(w);
        std::uint8_t high[degree], packed[degree * 6 / 8];
        ring.high_parts(high, w, p);
        for (; hint < ends[i]; ++hint) high[hints[hint]] = use_hint(w.at[hints[hint]], p);
        pack_high(packed, high, p);
        commitment.absorb(packed, p.high_size());
    }
    std::uint8_t expected[64];
    commitment.squeeze(expected, p.challenge_size);
    return std::memcmp(expected, signature, p.challenge_size) == 0;
}
} // namespace detail

/// Whether `signature`, of p.signature_size octets, is one of the message whose mu, of 64 octets, is given. `table` is
/// the key's.
inline bool verify(parameters const& p, polynomial const* table, std::uint8_t const* mu, std::uint8_t const* signature,
                   ring_functions const& ring) noexcept {
    prepared_rows rows{table, p};
    return detail::verify_rows(p, rows, mu, signature, ring);
}

/// The same for a key without a table.
inline bool verify(parameters const& p, std::uint8_t const* key, std::uint8_t const* mu, std::uint8_t const* signature,
                   ring_functions const& ring) noexcept {
    streamed_rows rows{key, p, ring};
    return detail::verify_rows(p, rows, mu, signature, ring);
}

}}}}} // namespace signet::crypto::arith::ml_dsa

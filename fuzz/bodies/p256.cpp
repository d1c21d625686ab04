// P-256: field and scalar arithmetic agree with Botan's integers, and verification with tables and without agrees with
// what follows from how a signature was made.
#include "require_field.hpp"

#include <signet/crypto/impl/arith/p256_verify.hpp>

#include <botan/numthry.h>

using namespace prepared_test;
namespace p256 = arith::p256;

namespace {

template <class Word> void scalars(BigInt const& e, BigInt const& r, BigInt const& s, unsigned width) {
    if (!s.is_zero()) {
        auto const u = p256::make_factors(from_big<Word>(e), from_big<Word>(r), from_big<Word>(s));
        auto const u1 = to_big(u.u1), u2 = to_big(u.u2);
        require(u1 < p256_n && u2 < p256_n && (u1 * s) % p256_n == e % p256_n && (u2 * s) % p256_n == r);
    }
    auto const digits = arith::to_signed_digits(from_big<Word>(e), width, 256);
    BigInt up, down; // sums of what is positive and of what is negative
    for (unsigned i = digits.count; i-- != 0;) {
        up <<= width, down <<= width;
        int const d = digits.digit[i];
        require(d <= 1 << (width - 1) && -d <= 1 << (width - 1));
        (d < 0 ? down : up) += BigInt(static_cast<std::uint64_t>(d < 0 ? -d : d));
    }
    require(up - down == e);
}

// Key d G and nonce k: (r, s) of e is valid, and s - 1 is not, unless it is the twin n - s.
template <class Word> void signature(BigInt const& d, BigInt const& k, BigInt const& e, unsigned width) {
    if (d.is_zero() || k.is_zero()) return;
    auto const g = p256::base_point<Word>();
    auto const affine = [](p256::xyzz_point<Word> const& p) {
        return std::pair{p.x * p.zz.inverse(), p.y * p.zzz.inverse()};
    };
    auto const [x, y] = affine(p256::multiply_point(g, from_big<Word>(d)));
    auto const r = to_big(affine(p256::multiply_point(g, from_big<Word>(k))).first.value()) % p256_n;
    auto const s = (Botan::inverse_mod(k, p256_n) * (e + r * d)) % p256_n;
    if (r.is_zero() || s.is_zero()) return;

    static std::vector<p256::affine_point<Word>> const base = [&] {
        std::vector<p256::affine_point<Word>> t(arith::entry_count({4, 1}, 256));
        p256::build_table(t.data(), {4, 1}, g);
        return t;
    }();
    p256::affine_point<Word> key;
    require(p256::decode(key, big_endian(to_big(x.value())).data(), big_endian(to_big(y.value())).data()));
    arith::table_shape const shape{width < 7 ? width : 6, 1 + width % 3};
    std::vector<p256::affine_point<Word>> own(arith::entry_count(shape, 256));
    p256::build_table(own.data(), shape, key);
    auto const judge = [&](BigInt const& of, BigInt const& first, BigInt const& second) {
        auto const hash = big_endian(of), a = big_endian(first), b = big_endian(second);
        std::uint8_t both[64];
        std::copy(a.begin(), a.end(), both);
        std::copy(b.begin(), b.end(), both + 32);
        bool const with = p256::verify<Word>({base.data(), {4, 1}}, {own.data(), shape}, hash.data(), both);
        require(with == p256::verify<Word>({base.data(), {4, 1}}, key, hash.data(), both));
        require(with == p256::verify(p256::base_multiples<Word>, key, hash.data(), both));
        return with;
    };
    require(judge(e, r, s));
    require(judge(e, r, p256_n - s));
    require(!judge(e, r, s == BigInt(1) ? BigInt(2) : s - BigInt(1)) || (s - BigInt(1)) == p256_n - s);
    require(!judge(e, BigInt(0), s) && !judge(e, r, BigInt(0)) && !judge(e, r, p256_n) && !judge(e, p256_n, s));
}

template <class Word> void all(BigInt const& x, BigInt const& y, BigInt const& z, std::uint8_t what) {
    unsigned const width = 2 + what % 7;
    require_field<p256::field_element<Word>, Word>(p256_p, x, y);
    scalars<Word>(x, y % p256_n, z % p256_n, width);
    if (what & 0x80) signature<Word>(x % p256_n, y % p256_n, z, width);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::uint8_t octets[97]{};
    std::copy_n(data, std::min(size, sizeof octets), octets);
    BigInt const x(octets + 1, 32), y(octets + 33, 32), z(octets + 65, 32);
    all<std::uint32_t>(x, y, z, octets[0] & 0x7f);
    all<portable_word>(x, y, z, octets[0] & 0x7f);
    all<arith::native_word>(x, y, z, octets[0]);
    return 0;
}

// Ed25519: field and scalar arithmetic agree with Botan's integers, decoding takes canonical encodings only, and
// verification with tables and without agrees with what follows from how a signature was made.
#include "require_field.hpp"

#include <signet/crypto/impl/arith/ed25519_verify.hpp>

using namespace prepared_test;
namespace ed = arith::edwards25519;

namespace {

template <class Word> void scalars(octets32 const& low, octets32 const& high) {
    auto const x = from_little(low.data(), 32), y = from_little(high.data(), 32);
    std::uint8_t both[64];
    std::copy(low.begin(), low.end(), both);
    std::copy(high.begin(), high.end(), both + 32);
    require(to_big(ed::reduce_hash<Word>(both)) == ((y << 256) + x) % ed_l);
    arith::u256<Word> s{};
    require(ed::decode_scalar(s, low.data()) == (x < ed_l));
}

template <class Word> std::array<std::uint8_t, 32> encoded(ed::extended_point<Word> const& p) {
    std::array<std::uint8_t, 32> r{};
    ed::encode(p, r.data());
    return r;
}

// A hash that stands for k, a secret a, a nonce b: R = b B, S = b + k a.
template <class Word> void signature(BigInt const& a, BigInt const& b, octets32 const& hash, unsigned width) {
    auto const base_point = ed::base_point<Word>();
    auto const minus_key = -ed::multiply_point(base_point, from_big<Word>(a % ed_l));
    static std::vector<ed::affine_summand<Word>> const base = [&] {
        std::vector<ed::affine_summand<Word>> t(arith::entry_count({4, 1}, arith::ed25519_scalar_bits));
        ed::build_table(t.data(), {4, 1}, base_point);
        return t;
    }();
    arith::table_shape const shape{width < 7 ? width : 6, 1 + width % 3};
    std::vector<ed::affine_summand<Word>> own(arith::entry_count(shape, arith::ed25519_scalar_bits));
    ed::build_table(own.data(), shape, minus_key);

    std::uint8_t digest[64]{};
    std::copy(hash.begin(), hash.end(), digest);
    auto const s = (b + from_little(digest, 64) * a) % ed_l;
    auto const r = encoded(ed::multiply_point(base_point, from_big<Word>(b % ed_l)));
    auto const judge = [&](BigInt const& of) {
        std::uint8_t both[64];
        auto const le = little_endian(of);
        std::copy(r.begin(), r.end(), both);
        std::copy(le.begin(), le.end(), both + 32);
        bool const with = ed::verify<Word>({base.data(), {4, 1}}, {own.data(), shape}, digest, both);
        require(with == ed::verify<Word>({base.data(), {4, 1}}, minus_key, digest, both));
        require(with == ed::verify<Word>(base_point, minus_key, digest, both));
        return with;
    };
    require(judge(s));
    require(!judge(s + ed_l));
    require(!judge((s + BigInt(1)) % ed_l));
}

template <class Word> void all(octets32 const& x, octets32 const& y, octets32 const& z, std::uint8_t what) {
    require_field<ed::field_element<Word>, Word>(ed_p, from_little(x.data(), 32), from_little(y.data(), 32));
    scalars<Word>(x, y);
    ed::extended_point<Word> point;
    if (ed::decode(point, x.data())) {
        require(encoded(point) == x); // RFC 8032 5.1.3: one encoding a point
        require(encoded(doubled(point)) == encoded(point + ed::to_summand(point)));
        auto back = doubled(doubled(point));
        for (int i = 0; i != 3; ++i) add(back, ed::to_summand(point), -1, i != 2);
        require(encoded(back) == x);
    }
    if (what & 0x80) signature<Word>(from_little(x.data(), 32), from_little(y.data(), 32), z, 2 + what % 7);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    octets32 x{}, y{}, z{};
    std::size_t at = 1;
    for (auto* to : {&x, &y, &z})
        for (auto& o : *to) o = at < size ? data[at++] : std::uint8_t{0};
    std::uint8_t const what = size == 0 ? 0 : data[0];
    all<std::uint32_t>(x, y, z, what & 0x7f);
    all<portable_word>(x, y, z, what & 0x7f);
    all<arith::native_word>(x, y, z, what);
    return 0;
}

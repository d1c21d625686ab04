// SPDX-License-Identifier: BSL-1.0
// What the two curves' bodies share: the arithmetic of a field against Botan's integers.
#pragma once

#include "../../tests/crypto/prepared.hpp"
#include "require.hpp"

/// Sums, differences, products and inverses of any x and y below 2^256, modulo p.
template <class Element, class Word>
void require_field(prepared_test::BigInt const& p, prepared_test::BigInt const& x, prepared_test::BigInt const& y) {
    using namespace prepared_test;
    auto const a = Element::from(from_big<Word>(x)), b = Element::from(from_big<Word>(y));
    auto const is = [&](Element const& ours, BigInt const& theirs) { require(to_big(ours.value()) == theirs % p); };
    auto const less = p - y % p;
    is(a, x);
    is(a + b, x + y);
    is(a - b, x + less);
    is(-b, less);
    is(a * b, x * y);
    is(a.squared(), x * x);
    is((a + b) * (a - b), (x + y) * (x + less));
    require((a == b) == (x % p == y % p));
    if (!a.is_zero()) require(a * a.inverse() == Element::one());
}

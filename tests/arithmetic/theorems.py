"""What each function promises: the numbers that go in, and what must hold of those that come out.

A theorem is independent of how the function was written down: `run(inputs)` follows a trace of the C++ or machine code and
returns the outputs.
"""
from kernel import for_all_cases

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
N256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
P25519 = 2**255 - 19
L25519 = 2**252 + 27742317777372353535851937790883648493
R = 2**256


class Theorem:
    def __init__(self, says, holds, product_of=None, **inputs):
        self.says, self.holds, self.product_of, self.inputs = says, holds, product_of, inputs # inputs: name -> (bits of the number, lowest, highest)

    def prove(self, kernel_of, run, aliases=None):
        """Follows `run(kernel, inputs)` in all cases; returns how many. `aliases`: inputs that are the same memory."""
        def follow(assumed):
            kernel = kernel_of(assumed)
            words = {name: kernel.number(name, size // kernel.bits, low, high) for name, (size, low, high) in self.inputs.items() if name not in (aliases or {})}
            for name, other in (aliases or {}).items():
                words[name] = words[other]
            before = {name: list(w) for name, w in words.items()}
            if self.product_of: # x y <= the product of the highest
                x, y = self.product_of
                kernel.facts.append((product(kernel, words[x], words[y]).sized, 0, self.inputs[x][2] * self.inputs[y][2]))
            outputs = run(kernel, words)
            numbers = {name: kernel.joined(w) for name, w in before.items()}
            self.holds(kernel, numbers, {name: kernel.joined(w) for name, w in outputs.items()}, before)
            return kernel
        return for_all_cases(follow)


ANY = (256, 0, R - 1)


def below(m):
    return 256, 0, m - 1


def equation(says, left, right, **inputs):
    return Theorem(says, lambda k, i, o, w: k.must_be(left(k, i, o, w), right(k, i, o, w)), **inputs)


def residue(says, m, expected, limit, factor=1, **inputs):
    """r * factor = expected mod m, and r < limit."""
    def holds(k, i, o, w):
        k.must_be(k.scaled(o["r"], factor), expected(k, i), m)
        k.must_be_below(o["r"], limit)
    return Theorem(says, holds, **inputs)


def product(k, x, y):
    r = k.constant(0)
    for i, a in enumerate(x):
        for j, b in enumerate(y):
            r = k.plus(r, k.scaled(k.times(a, b), 1 << k.bits * (i + j)))
    return r


def sum_of(k, i):
    return k.plus(i["a"], i["b"])


def difference(k, i):
    return k.minus(i["a"], i["b"])


ADD = equation("r + 2^256 carry = a + b", lambda k, i, o, w: k.plus(o["r"], k.scaled(o["carry"], R)), lambda k, i, o, w: sum_of(k, i), a=ANY, b=ANY)
SUBTRACT = equation("r - 2^256 borrow = a - b", lambda k, i, o, w: k.minus(o["r"], k.scaled(o["borrow"], R)), lambda k, i, o, w: difference(k, i), a=ANY, b=ANY)
MULTIPLY = equation("t = a b", lambda k, i, o, w: o["t"], lambda k, i, o, w: product(k, w["a"], w["b"]), a=ANY, b=ANY)
SQUARE = equation("t = a a", lambda k, i, o, w: o["t"], lambda k, i, o, w: product(k, w["a"], w["a"]), a=ANY)


def reduction(m, factor=R):
    return residue(f"r {'2^256 ' if factor == R else ''}= t mod m, r < m, for t < 2^256 m", m, lambda k, i: i["t"], m, factor, t=(512, 0, R * m - 1))


def negation(m):
    return residue("r = -a mod m, r < m, for 0 < a < m", m, lambda k, i: k.scaled(i["a"], -1), m, a=(256, 1, m - 1))


NEGATE_ZERO = residue("r = 0 for a = 0", R, lambda k, i: i["a"], 1, a=(256, 0, 0))


def modular_add(m):
    return residue("r = a + b mod m, r < m, for a, b < m", m, sum_of, m, a=below(m), b=below(m))


def modular_subtract(m):
    return residue("r = a - b mod m, r < m, for a, b < m", m, difference, m, a=below(m), b=below(m))


def modular_product(m):
    """For a, b < m. That a b <= (m - 1)^2 is the one thing that the words' products do not say by themselves."""
    def holds(k, i, o, w):
        k.must_be(k.scaled(o["r"], R), product(k, w["a"], w["b"]), m)
        k.must_be_below(o["r"], m)
    return Theorem("r 2^256 = a b mod m, r < m, for a, b < m", holds, product_of=("a", "b"), a=below(m), b=below(m))


def modular_square(m):
    def holds(k, i, o, w):
        k.must_be(k.scaled(o["r"], R), product(k, w["a"], w["a"]), m)
        k.must_be_below(o["r"], m)
    return Theorem("r 2^256 = a a mod m, r < m, for a < m", holds, product_of=("a", "a"), a=below(m))


def folded_product(says, x, y, **inputs):
    def holds(k, i, o, w):
        k.must_be(o["r"], product(k, w[x], w[y]), P25519)
        k.must_be_below(o["r"], R)
    return Theorem(says, holds, **inputs)


PRODUCT_25519 = folded_product("r = a b mod 2^255 - 19", "a", "b", a=ANY, b=ANY)
SQUARE_25519 = folded_product("r = a a mod 2^255 - 19", "a", "a", a=ANY)
FOLD_25519 = residue("r = t mod 2^255 - 19", P25519, lambda k, i: i["t"], R, t=(512, 0, R * R - 1))
ADD_25519 = residue("r = a + b mod 2^255 - 19", P25519, sum_of, R, a=ANY, b=ANY)
SUBTRACT_25519 = residue("r = a - b mod 2^255 - 19", P25519, difference, R, a=ANY, b=ANY)
NEGATE_25519 = residue("r = -a mod 2^255 - 19", P25519, lambda k, i: k.scaled(i["a"], -1), R, a=ANY)
VALUE_25519 = residue("r = a mod 2^255 - 19, r < 2^255 - 19", P25519, lambda k, i: i["a"], P25519, a=ANY)

OF_TRACES = {
    "add": ADD, "subtract": SUBTRACT, "multiply": MULTIPLY, "square": SQUARE,
    "select 1": equation("r = a", lambda k, i, o, w: o["r"], lambda k, i, o, w: i["a"], a=ANY, b=ANY),
    "select 0": equation("r = b", lambda k, i, o, w: o["r"], lambda k, i, o, w: i["b"], a=ANY, b=ANY),
    "p256 field add": modular_add(P256), "p256 field subtract": modular_subtract(P256), "p256 field negate": negation(P256),
    "p256 field reduce": reduction(P256),
    "p256 field value": residue("r 2^256 = a mod p, r < p, for a < p", P256, lambda k, i: i["a"], P256, R, a=below(P256)),
    "ed25519 field add": ADD_25519, "ed25519 field subtract": SUBTRACT_25519, "ed25519 field negate": NEGATE_25519,
    "ed25519 field fold": FOLD_25519, "ed25519 field value": VALUE_25519,
}
for name, m in (("p256::p", P256), ("p256::n", N256), ("edwards25519::order", L25519)):
    OF_TRACES |= {f"{name} add": modular_add(m), f"{name} negate": negation(m), f"{name} negate 0": NEGATE_ZERO, f"{name} reduce": reduction(m)}

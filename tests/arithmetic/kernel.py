"""Words of a straight-line program as integers: what a proof about all inputs at once rests on. Needs Python alone.

Every word is known in two linear forms over integer unknowns ("atoms"), and by a range:

* `exact` has whole coefficients. Where a word is cut (x = low + 2^k q), q is a new atom here and low is x - 2^k q.
* `sized` has rational ones. There low is the new atom, in [0, 2^k), and q is (x - low) / 2^k. A carry that has come through
  a whole chain is so the sum of all that went in, less all words that came out, over a power of two: its size follows.

Equalities and congruences are read off the coefficients of `exact`; sizes come from the smallest and largest value of
`sized`. A product of two unknown words is an atom of its own. A carry that can have one value only is that number.

Where a word depends on a bit (a selection by a mask), the program is followed once for each value of the bit: `Split` asks for
that, and what is then known (the word that was cut lies in [0, 2^k)) is a fact that sizes may use. A case whose facts
contradict each other is `Impossible`.

A mistake in these rules would show: every word carries its value for some sample inputs, which ranges must contain and
of which each must belong to a case.
"""
import random
from fractions import Fraction
from math import ceil, floor


class Split(Exception):
    """The program has to be followed with each of these values of the cut's quotient."""
    def __init__(self, key, values):
        self.key, self.values = key, values


class Impossible(Exception):
    """The facts of this case contradict each other."""


class Unproven(Exception):
    """What was to be shown does not follow."""


class Unsound(Exception):
    """A form or range is wrong for a sample: the kernel has a mistake."""


class Form:
    """constant + sum of coefficient * atom"""
    __slots__ = ("constant", "terms")

    def __init__(self, constant=0, terms=None):
        self.constant, self.terms = constant, terms or {}

    def key(self):
        return self.constant, tuple(sorted(self.terms.items()))

    def plus(self, other, factor=1):
        terms = dict(self.terms)
        for atom, c in other.terms.items():
            c = terms.get(atom, 0) + c * factor
            if c:
                terms[atom] = c
            else:
                terms.pop(atom, None)
        return Form(self.constant + other.constant * factor, terms)

    def times(self, factor):
        return Form(self.constant * factor, {a: c * factor for a, c in self.terms.items()}) if factor else Form()


def halved(form, times):
    """form / 2^times, where that is whole."""
    return Form(form.constant >> times, {a: c >> times for a, c in form.terms.items()})


class Word:
    """An integer of the program: its two forms, its range, its samples."""
    __slots__ = ("exact", "sized", "low", "high", "samples")

    def __init__(self, exact, sized, low, high, samples):
        self.exact, self.sized, self.low, self.high, self.samples = exact, sized, low, high, samples

    def is_constant(self):
        return self.low == self.high

    def is_bit(self):
        return 0 <= self.low and self.high <= 1


SAMPLES = 6


class Kernel:
    def __init__(self, bits, assumed, seed=1):
        self.bits, self.assumed = bits, assumed
        self.boxes, self.names = [], []   # of each atom
        self.cuts = {}                    # from a form and k to quotient and rest
        self.origin = {}                  # from the atom of a quotient to what it was cut from and how to ask for it
        self.products = {}
        self.facts = []                   # (sized, low, high)
        self.step, self.asked = 0, set()  # which instruction is being followed: no number may come twice
        self.random = random.Random(seed)
        self.alive = [True] * SAMPLES     # samples that belong to this case

    # ---- making words
    def atom(self, name, low, high):
        self.boxes.append((low, high))
        self.names.append(name)
        return Form(0, {len(self.boxes) - 1: 1})

    def constant(self, value):
        return Word(Form(value), Form(value), value, value, [value] * SAMPLES)

    def number(self, name, count, low=0, high=None):
        """An input of `count` words, low <= number <= high."""
        w = 1 << self.bits
        high = w ** count - 1 if high is None else high
        whole = self.atom(name, low, high)
        samples = [self.sample(low, high, i) for i in range(SAMPLES)]
        words, rest = [], whole
        for i in range(count):
            top = high >> self.bits * i if i == count - 1 else w - 1
            own = self.atom(f"{name}[{i}]", 0, top)
            sized = own if i != count - 1 else rest.times(Fraction(1, w ** i))
            words.append(Word(own, sized, 0, top, [s >> self.bits * i & (w - 1) for s in samples]))
            rest = rest.plus(own, -w ** i)
        return words

    def sample(self, low, high, i):
        if i == 0:
            return high
        if i == 1:
            return low
        r = 0
        for _ in range(high.bit_length() // self.bits + 1): # words of zeros and ones, where carries go far
            r = r << self.bits | self.random.choice([0, (1 << self.bits) - 1, self.random.getrandbits(self.bits)])
        return low + r % (high - low + 1)

    # ---- how large
    def box(self, form):
        low = high = form.constant
        for atom, c in form.terms.items():
            a, b = self.boxes[atom]
            low, high = (low + c * a, high + c * b) if c > 0 else (low + c * b, high + c * a)
        return low, high

    def bounds(self, exact, sized, low=None, high=None, depth=2):
        lows, highs = ([] if low is None else [low]), ([] if high is None else [high])
        for form in (exact, sized):
            a, b = self.box(form)
            lows.append(a), highs.append(b)
        if self.facts:
            a, b = self.by_facts(sized, depth)
            lows.append(a), highs.append(b)
        low, high = ceil(max(lows)), floor(min(highs))
        if low > high:
            if any(self.alive):
                raise Unsound("a case is impossible, and there are samples of it")
            raise Impossible
        return low, high

    def by_facts(self, form, depth):
        """form = (form - c fact) + c fact, with c so that an atom of both drops out."""
        best_low, best_high = self.box(form)
        if depth == 0:
            return best_low, best_high
        for fact, low, high in self.facts:
            for c in {form.terms[a] / Fraction(k) for a, k in fact.terms.items() if a in form.terms}:
                a, b = self.by_facts(form.plus(fact, -c), depth - 1)
                best_low = max(best_low, a + (c * low if c > 0 else c * high))
                best_high = min(best_high, b + (c * high if c > 0 else c * low))
        return best_low, best_high

    def word(self, exact, sized, samples, low=None, high=None):
        low, high = self.bounds(exact, sized, low, high)
        for alive, s in zip(self.alive, samples):
            if alive and not low <= s <= high:
                raise Unsound(f"{s} is not in [{low}, {high}]")
        return Word(exact, sized, low, high, samples)

    # ---- sums and products
    def combined(self, x, y, factor):
        ends = sorted((factor * y.low, factor * y.high))
        return self.word(x.exact.plus(y.exact, factor), x.sized.plus(y.sized, factor), [a + factor * b for a, b in zip(x.samples, y.samples)],
                         x.low + ends[0], x.high + ends[1])

    def plus(self, x, y):
        return self.combined(x, y, 1)

    def minus(self, x, y):
        return self.combined(x, y, -1)

    def scaled(self, x, factor):
        return self.combined(self.constant(0), x, factor)

    def times(self, x, y):
        for a, b in ((x, y), (y, x)):
            if not a.exact.terms:
                return self.scaled(b, a.low)
        if x.low < 0 or y.low < 0:
            raise Unproven("a product of what may be negative")
        key = tuple(sorted((x.exact.key(), y.exact.key())))
        if key not in self.products:
            a = self.atom("product", x.low * y.low, x.high * y.high)
            self.products[key] = Word(a, a, x.low * y.low, x.high * y.high, [a * b for a, b in zip(x.samples, y.samples)])
        return self.products[key]

    # ---- cuts
    def cut(self, x, k):
        """(floor(x / 2^k), x mod 2^k)"""
        if not x.exact.terms:
            return self.constant(x.low >> k), self.constant(x.low & ((1 << k) - 1))
        key = (x.exact.key(), k)
        if key not in self.cuts:
            self.cuts[key] = self.new_cut(x, k)
        return self.cuts[key]

    def new_cut(self, x, k):
        unit = 1 << k
        if x.low >> k == x.high >> k:
            q = self.constant(x.low >> k)
            return q, self.word(x.exact.plus(q.exact, -unit), x.sized.plus(q.sized, -unit), [s - (q.low << k) for s in x.samples], 0, unit - 1)
        if (x.low, x.high) == (-1, 0): # -b: a word of ones times b, borrowed once if b is 1
            return x, self.scaled(x, 1 - unit)
        coefficients = [x.exact.constant, *x.exact.terms.values()]
        twos = min((c & -c).bit_length() - 1 for c in coefficients if c)
        quotients = [s >> k for s in x.samples]
        if twos >= k: # divides
            return self.word(halved(x.exact, k), x.sized.times(Fraction(1, unit)), quotients, x.low >> k, x.high >> k), self.constant(0)
        if twos: # 2^j y / 2^k = y / 2^(k - j)
            y = self.word(halved(x.exact, twos), x.sized.times(Fraction(1, 1 << twos)), [s >> twos for s in x.samples], x.low >> twos, x.high >> twos)
            q, rest = self.cut(y, k - twos)
            return q, self.scaled(rest, 1 << twos)
        # -(2^k - 1) b is b - 2^k b: masks that are subtracted.
        masks = Form(0, {a: round(Fraction(c, unit)) for a, c in x.exact.terms.items() if abs(c) * 2 > unit and c % unit and self.boxes[a] == (0, 1)})
        if masks.terms:
            z = self.known(masks)
            q, rest = self.cut(self.combined(x, z, -unit), k)
            return self.plus(q, z), rest
        asked_by = (self.step, k)
        if asked_by in self.asked:
            raise Unsound("two cuts of one name")
        self.asked.add(asked_by)
        if asked_by in self.assumed:
            value = self.assumed[asked_by]
            for i, s in enumerate(quotients):
                self.alive[i] = self.alive[i] and s == value
            exact, sized = x.exact.plus(Form(value), -unit), x.sized.plus(Form(value), -unit)
            self.facts.append((sized, 0, unit - 1))
            self.bounds(exact, sized)
            return self.constant(value), self.word(exact, sized, [s - (value << k) for s in x.samples], 0, unit - 1)
        q_exact = self.atom("quotient", x.low >> k, x.high >> k)
        low_sized = self.atom("rest", 0, unit - 1)
        self.origin[next(iter(q_exact.terms))] = (x, asked_by, q_exact, low_sized, k)
        return (self.word(q_exact, x.sized.plus(low_sized, -1).times(Fraction(1, unit)), quotients, x.low >> k, x.high >> k),
                self.word(x.exact.plus(q_exact, -unit), low_sized, [s & (unit - 1) for s in x.samples], 0, unit - 1))

    def known(self, form):
        """A form over quotients as a word."""
        r = self.constant(form.constant)
        for atom, c in form.terms.items():
            x, _, q_exact, low_sized, k = self.origin[atom]
            q = self.word(q_exact, x.sized.plus(low_sized, -1).times(Fraction(1, 1 << k)), [s >> k for s in x.samples], *self.boxes[atom])
            r = self.combined(r, q, c)
        return r

    def wrapped(self, x):
        """x mod the size of a word."""
        return self.cut(x, self.bits)[1]

    # ---- bits
    def split_on(self, x):
        """Asks for the value of a quotient in x that has two."""
        for atom in sorted(x.exact.terms, reverse=True):
            low, high = self.boxes[atom]
            if atom in self.origin and high - low == 1:
                raise Split(self.origin[atom][1], (low, high))
        raise Unproven("a bit that is no carry")

    def mask_of(self, x):
        """b where x is b times a word of ones."""
        ones = (1 << self.bits) - 1
        if x.exact.constant % ones or any(c % ones for c in x.exact.terms.values()) or x.is_constant():
            return None
        b = self.word(Form(x.exact.constant // ones, {a: c // ones for a, c in x.exact.terms.items()}), x.sized.times(Fraction(1, ones)),
                      [s // ones for s in x.samples])
        return b if b.is_bit() else None

    def mask(self, b):
        return self.scaled(b, (1 << self.bits) - 1)

    def both(self, x, y):
        if not x.exact.terms:
            x, y = y, x
        if not y.exact.terms:
            if not x.exact.terms:
                return self.constant(x.low & y.low)
            if y.low == 0:
                return y
            if y.low & (y.low + 1) == 0: # the lowest bits
                if x.low >= 0 and x.high <= y.low:
                    return x
                b = self.mask_of(x)
                return self.scaled(b, y.low) if b else self.cut(x, y.low.bit_length())[1]
        for a, other in ((x, y), (y, x)):
            b = self.mask_of(a)
            if b is None:
                continue
            if not other.exact.terms:
                return self.scaled(b, other.low)
            self.split_on(b)
        raise Unproven("'and' of two unknown words")

    def either(self, x, y):
        for a, b in ((x, y), (y, x)):
            if not a.exact.terms and a.low == 0:
                return b
        if not x.exact.terms and not y.exact.terms:
            return self.constant(x.low | y.low)
        if x.is_bit() and y.is_bit():
            for a in (x, y):
                if a.is_constant():
                    return self.constant(1) if a.low else self.either(self.constant(0), y if a is x else x)
            self.split_on(x)
        raise Unproven("'or' of two unknown words")

    def exclusive(self, x, y):
        if not x.exact.terms and not y.exact.terms:
            return self.constant(x.low ^ y.low)
        for a, b in ((x, y), (y, x)):
            if not a.exact.terms and a.low == 0:
                return b
        for a, b in ((x, y), (y, x)):
            if b.is_bit() and a.is_constant() and a.low == 1:
                return self.minus(a, b)
        raise Unproven("'xor' of two unknown words")

    # ---- theorems
    def joined(self, words):
        r = self.constant(0)
        for i, w in enumerate(words):
            r = self.combined(r, w, 1 << self.bits * i)
        return r

    def must_be(self, left, right, modulus=0):
        """left = right, modulo `modulus` if it is not 0: every coefficient of the difference vanishes."""
        rest = self.minus(left, right).exact

        def vanishes(c):
            return not (c % modulus if modulus else c)

        for atom, c in sorted(rest.terms.items()): # carries that can have one value only here
            if not vanishes(c) and atom in self.origin:
                q = self.known(Form(0, {atom: 1}))
                if q.is_constant():
                    rest = rest.plus(Form(q.low, {atom: -1}), c)
        wrong = [atom for atom, c in sorted(rest.terms.items()) if not vanishes(c)]
        for atom in wrong: # they may depend on an earlier carry, or not be able to have both values
            if atom in self.origin and self.boxes[atom][1] - self.boxes[atom][0] == 1:
                try:
                    self.split_on(self.origin[atom][0])
                except Unproven:
                    raise Split(self.origin[atom][1], self.boxes[atom]) from None
        if wrong or not vanishes(rest.constant):
            raise Unproven("not congruent" if modulus else "not equal")

    def must_be_below(self, x, limit):
        low, high = self.bounds(x.exact, x.sized, x.low, x.high)
        if low < 0 or high >= limit:
            raise Unproven("out of range")


def for_all_cases(follow, limit=12):
    """Follows a program, which returns its kernel, in every case that it asks for; returns how many there were."""
    waiting, cases, seen = [{}], 0, [0] * SAMPLES
    while waiting:
        assumed = waiting.pop()
        if len(assumed) > limit or cases > limit:
            raise Unproven("too many cases")
        try:
            seen = [n + alive for n, alive in zip(seen, follow(assumed).alive)]
            cases += 1
        except Split as split:
            waiting += [{**assumed, split.key: value} for value in split.values]
        except Impossible:
            pass
    if 0 in seen:
        raise Unsound("a sample belongs to no case")
    return cases

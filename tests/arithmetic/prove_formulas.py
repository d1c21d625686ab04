#!/usr/bin/env python3
"""Proves that the point formulas, as the code has them, are the curves' group laws: as polynomials, for all points at once.

usage: prove_formulas.py PROGRAM    prints the formulas
Needs python3-sympy; skipped (77) without it. Ends in "N passed, N failed".

A point (x, y) is put in with every Z that represents it: X = x Z^2, Y = y Z^3 for P-256, X = x Z, Y = y Z, T = x y Z for
Edwards. What comes out is compared with the affine law multiplied out.
"""
import subprocess
import sys

try:
    from sympy import Integer, Poly, expand, groebner, numer, symbols, together
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

x1, y1, z1, x2, y2, z2, b, d, i, e = symbols("x1 y1 z1 x2 y2 z2 b d i e")
P25519 = 2**255 - 19
D25519 = -121665 * pow(121666, -1, P25519) % P25519
results = []


def check(what, holds):
    results.append(bool(holds))
    print(f"{'proved ' if holds else 'FAILED '} {what}")


class Formula:
    def __init__(self):
        self.lines, self.outputs = [], {}

    def evaluated(self, **inputs):
        """The outputs as polynomials, and what was compared with 0."""
        values, compared = {"b": b, "d": d, **inputs}, []
        get = lambda name: Integer(int(name)) if name.isdigit() else values[name]
        for name, left, operation, right in self.lines:
            if operation in ("is", "not"):
                compared.append(get(left))
                continue
            l, r = get(left), get(right)
            values[name] = expand(l + r if operation == "+" else l - r if operation == "-" else l * r)
        return {name: expand(get(v)) for name, v in self.outputs.items()}, compared


def formulas(program):
    found = {}
    for line in subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines():
        if line.startswith("formula "):
            current = found[line[8:]] = Formula()
        elif line.startswith("out "):
            current.outputs[line.split()[1]] = line.split()[3]
        else:
            name, _, left, operation, right = line.split()
            current.lines.append((name, left, operation, right))
    return found


def zero(polynomial):
    return expand(polynomial) == 0


# ---- P-256: y^2 = x^3 - 3x + b

def point(n, x, y, z):
    return {f"X{n}": x * z**2, f"Y{n}": y * z**3, f"Z{n}": z, f"ZZ{n}": z**2, f"ZZZ{n}": z**3}


def same_fraction(n1, d1, n2, d2):
    return zero(n1 * d2 - n2 * d1)


def weierstrass(all_, form, at_infinity):
    """What comes out of Jacobian sums is shown as ZZ = Z^2, ZZZ = Z^3. XYZZ sums have mixed additions alone."""
    both, mixed = {**point(1, x1, y1, z1), **point(2, x2, y2, z2)}, {**point(1, x1, y1, z1), "X2": x2, "Y2": y2}
    for name, inputs, z in ((f"{form} add", both, z1 * z2), (f"{form} mixed", mixed, z1), (f"{form} double", both, None)):
        if name == "xyzz add":
            continue
        out, compared = all_[name].evaluated(**inputs)
        double = name == f"{form} double"
        rise, run = (3 * x1**2 - 3, 2 * y1) if double else (y2 - y1, x2 - x1) # the slope of tangent or chord
        x3 = rise**2 - (x1 + (x1 if double else x2)) * run**2                 # over run^2
        y3 = rise * (x1 * run**2 - x3) - y1 * run**3                          # over run^3
        check(f"{name}: X / ZZ is x of the {'tangent' if double else 'chord'}'s law", same_fraction(out["X"], out["ZZ"], x3, run**2))
        check(f"{name}: Y / ZZZ is its y", same_fraction(out["Y"], out["ZZZ"], y3, run**3))
        check(f"{name}: ZZ^3 = ZZZ^2", zero(out["ZZ"]**3 - out["ZZZ"]**2))
        if double:
            check(f"{name}: ZZ is 0 only where Y or Z is", zero(out["ZZ"] - 4 * y1**2 * z1**8))
        else:
            check(f"{name}: the exception that is looked for is x1 = x2", zero(compared[-1] - (x2 - x1) * z**2))
            check(f"{name}: ZZ is 0 only there", zero(out["ZZ"] - ((x2 - x1) * z**3)**2))
            out, compared = all_[f"{name} equal"].evaluated(**inputs)
            expected, _ = all_[f"{form} double"].evaluated(**inputs)
            check(f"{name}: P = Q is told from P = -Q by y1 = y2", zero(compared[-1] - (y2 - y1) * z**3))
            check(f"{name}: P + P is the double", all(zero(out[k] - expected[k]) for k in out))
            out, _ = all_[f"{name} opposite"].evaluated(**inputs)
            check(f"{name}: P - P is infinity", out["ZZ"] == 0 and out["ZZZ"] == 0)
    for name, n in ((f"{form} add infinity left", 2), (f"{form} add infinity right", 1), (f"{form} mixed infinity", 2)):
        if name.startswith("xyzz add"):
            continue
        inputs = mixed if "mixed" in name else both
        out, compared = all_[name].evaluated(**inputs)
        x, y, zz, zzz = inputs[f"X{n}"], inputs[f"Y{n}"], inputs.get("ZZ2" if n == 2 else "ZZ1", 1), inputs.get("ZZZ2" if n == 2 else "ZZZ1", 1)
        check(f"{name}: is the other point, and {at_infinity} = 0 is looked for",
              zero(out["X"] - x) and zero(out["Y"] - y) and zero(out["ZZ"] - zz) and zero(out["ZZZ"] - zzz) and
              zero(compared[-1] - inputs[at_infinity + ("2" if name.endswith("right") else "1")]))
    out, _ = all_[f"{form} double"].evaluated(X1=x1, Y1=y1, Z1=0, ZZ1=0, ZZZ1=0)
    check(f"{form} double: infinity stays infinity", out["ZZ"] == 0 and out["ZZZ"] == 0)


def points_of_the_curve(all_):
    _, compared = all_["on curve"].evaluated(X1=x1, Y1=y1)
    check("is_on_curve: y^2 = x^3 - 3x + b", zero(compared[0] - (y1**2 - x1**3 + 3 * x1 - b)))


# ---- edwards25519: -x^2 + y^2 = 1 + d x^2 y^2

def on_curve(polynomial):
    """Whether it vanishes for points of the curve: y^2 = (1 + x^2) / (1 - d x^2) put in."""
    for y, x in ((y1, x1), (y2, x2)):
        put_in = sum(c * ((1 + x**2) / (1 - d * x**2))**(k // 2) * y**(k % 2) for (k,), c in Poly(expand(polynomial), y).terms())
        polynomial = expand(numer(together(put_in)))
    return polynomial == 0


def edwards(all_):
    inputs = {"X1": x1 * z1, "Y1": y1 * z1, "Z1": z1, "T1": x1 * y1 * z1, "X2": x2 * z2, "Y2": y2 * z2, "Z2": z2, "T2": x2 * y2 * z2}
    for name in ("extended add", "extended subtract", "extended add affine", "extended subtract affine", "extended add negated",
                 "extended add affine negated", "extended double"):
        out, _ = all_[name].evaluated(**inputs | ({"X2": x2, "Y2": y2} if "affine" in name else {}))
        x, y = (x1, y1) if name.endswith("double") else (-x2 if "subtract" in name or "negated" in name else x2, y2)
        t = d * x1 * x * y1 * y
        check(f"{name}: X / Z = (x1 y2 + x2 y1) / (1 + d x1 x2 y1 y2)", on_curve(out["X"] * (1 + t) - (x1 * y + x * y1) * out["Z"]))
        check(f"{name}: Y / Z = (y1 y2 + x1 x2) / (1 - d x1 x2 y1 y2)", on_curve(out["Y"] * (1 - t) - (y1 * y + x1 * x) * out["Z"]))
        check(f"{name}: T Z = X Y", zero(out["T"] * out["Z"] - out["X"] * out["Y"]))
        scale = z1**4 if name.endswith("double") else 4 * z1**2 * (1 if "affine" in name else z2**2)
        check(f"{name}: Z is the product of both denominators and a power of Z",
              on_curve(out["Z"] - scale * (1 + t) * (1 - t)) or on_curve(out["Z"] + scale * (1 + t) * (1 - t)))
    out, _ = all_["extended negate"].evaluated(**inputs)
    check("extended negate: (-x, y)", zero(out["X"] + inputs["X1"]) and zero(out["Y"] - inputs["Y1"]) and zero(out["T"] + inputs["T1"]) and zero(out["Z"] - z1))
    # Were a denominator 0, d x1 x2 y1 y2 = e = +-1; with i^2 = -1 then (i x1 + e y1)^2 = d x1^2 y1^2 (i x2 + y2)^2, and the same
    # with minus signs. Not both right sides are 0 for a point, so d would be a square.
    curve1, curve2 = (-x**2 + y**2 - 1 - d * x**2 * y**2 for x, y in ((x1, y1), (x2, y2)))
    basis = groebner([i**2 + 1, e**2 - 1, e - d * x1 * x2 * y1 * y2, curve1, curve2], i, e, d, y1, y2, x1, x2, order="grevlex")
    for sign in (1, -1):
        check(f"completeness: (i x1 {'+' if sign > 0 else '-'} e y1)^2 = d x1^2 y1^2 (i x2 {'+' if sign > 0 else '-'} y2)^2 where a denominator is 0",
              basis.reduce(expand((i * x1 + sign * e * y1)**2 - d * x1**2 * y1**2 * (i * x2 + sign * y2)**2))[1] == 0)
    check("completeness: d is no square modulo 2^255 - 19, and -1 is one",
          pow(D25519, (P25519 - 1) // 2, P25519) == P25519 - 1 and pow(P25519 - 1, (P25519 - 1) // 2, P25519) == 1)


def main():
    found = formulas(sys.argv[1])
    weierstrass(found, "xyzz", "ZZ")
    weierstrass(found, "jacobian", "Z")
    points_of_the_curve(found)
    edwards(found)
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


if __name__ == "__main__":
    sys.exit(main())

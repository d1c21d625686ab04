#!/usr/bin/env python3
"""Plants bugs in copies of the arithmetic, one at a time, and shows which evidence notices each.

usage: planted.py [TEXT...]  only bugs whose name, file or evidence contains a TEXT
       planted.py --check    whether each bug's text stands in its file, once
       planted.py --write [TEXT...]  writes what was noticed into the table of docs/internals/arithmetic.md
Every piece of evidence that a bug names has to fail. Ends in "N passed, N failed".
"""
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "mutate"))

from bugs import BUGS as NAMED_BUGS  # noqa: E402
from mutate import places_of  # noqa: E402
ARITH = Path("signet/crypto/impl/arith")
PAGE = ROOT / "docs" / "internals" / "arithmetic.md"
COMPILER = os.environ.get("CXX", "g++").split()


class Bug(NamedTuple):
    name: str
    file: str
    search: str
    replace: str
    evidence: str  # names of EVIDENCE; each has to notice


BUGS = [
    Bug("a carry that comes in is dropped", "limbs.hpp", "(a) + b + carry);", "(a) + b);", "words"),
    Bug("a borrow's sign", "limbs.hpp", "(a) - b - borrow);", "(a) - b + borrow);", "words"),
    Bug("a selection the other way round", "limbs.hpp", "(chosen.w[i] & mask) | (other.w[i] &", "(other.w[i] & mask) | (chosen.w[i] &", "words"),
    Bug("a column's third word stays 0", "limbs.hpp", "c2 = static_cast<Word>(c2 + carry);", "c2 = static_cast<Word>(c2 + 0 * carry);", "words"),
    Bug("a product lacks a term", "limbs.hpp", "std::size_t const first = k < n ? 0 : k - n + 1;", "std::size_t const first = k < n ? 0 : k - n + 1 + (k == 2 * n - 3);", "words"),
    Bug("a square counts a term twice", "limbs.hpp", "2 * i < k; ++i)", "2 * i < k + (k == 2); ++i)", "words"),
    Bug("bits end at a word's border", "limbs.hpp", "if (shift != 0 && word + 1 != a.size) r |=", "if (shift == 0 && word + 1 != a.size) r |=", "small"),
    Bug("big-endian octets read in the other order", "limbs.hpp", "octets[31 - i]) << 8", "octets[i]) << 8", "small"),
    Bug("Montgomery: the final subtraction left out", "montgomery.hpp", "return select(static_cast<Word>(top | (borrow ^ 1u)), less, high);", "return select(Word{0}, less, high);", "words small"),
    Bug("Montgomery: the carry at the top is not looked at", "montgomery.hpp", "top | (borrow ^ 1u)", "0 * top | (borrow ^ 1u)", "words"),
    Bug("Montgomery: a sum's carry is not looked at", "montgomery.hpp", "carry | (borrow ^ 1u)), less, sum", "0 * carry | (borrow ^ 1u)), less, sum", "words"),
    Bug("Montgomery: -0 is the modulus", "montgomery.hpp", "if (is_zero(a)) return a;\n", "", "words small"),
    Bug("inverse: 2^k counted one short", "montgomery.hpp", "        ++k;\n", "", "small"),
    Bug("inverse: the zeros moved are not counted", "montgomery.hpp", "        k += z;\n", "        k += z - (z > 3);\n", "small"),
    Bug("P-256's reduction: a borrow between two words is lost", "p256_field.hpp", "q - right - (q < left)}", "q - right}", "words"),
    Bug("P-256's reduction: the carry of the last sum is not looked at", "p256_field.hpp", "static_cast<Word>(carry | (borrow ^ 1u))", "static_cast<Word>(0 * carry | (borrow ^ 1u))", "words"),
    Bug("P-256: a negative difference stays", "p256_field.hpp", "select(borrow, more, r)", "select(Word{0}, more, r)", "words"),
    Bug("P-256's reduction in assembly: a borrow between two words is lost", "x86_64.hpp", "SIGNET_X86(sbb, right, r0)", "SIGNET_X86(sub, right, r0)", "compiled"),
    Bug("P-256's sum in assembly: the carry is not looked at", "x86_64.hpp", "SIGNET_X86(sbb, i0, more) ", "", "compiled"),
    Bug("P-256's difference in assembly: p's second word is not added", "x86_64.hpp", "SIGNET_X86(adc, low, r1)", "SIGNET_X86(adc, i0, r1)", "compiled"),
    Bug("P + P without its exception", "p256_point.hpp", "- s1;\n    if (h.is_zero()) return r.is_zero() ? doubled(a) :", "- s1;\n    if (h.is_zero()) return r.is_zero() ? jacobian_point<Word>::infinity() :", "toy_p256 formulas"),
    Bug("P - P by the mixed addition is 2P", "p256_point.hpp", "- a.y;\n    if (p.is_zero()) return r.is_zero() ? doubled(a) : xyzz_point<Word>::infinity();", "- a.y;\n    if (p.is_zero()) return doubled(a);", "toy_p256 formulas"),
    Bug("P + P by the mixed Jacobian addition is infinity", "p256_point.hpp", "- a.y;\n    if (h.is_zero()) return r.is_zero() ? doubled(a) : jacobian_point<Word>::infinity();", "- a.y;\n    if (h.is_zero()) return jacobian_point<Word>::infinity();", "toy_p256 formulas"),
    Bug("a Jacobian doubling's X", "p256_point.hpp", "alpha.squared() - (four_beta + four_beta)", "alpha.squared() - four_beta", "toy_p256 formulas"),
    Bug("infinity + P is infinity", "p256_point.hpp", "    if (a.is_infinity()) return b.point;\n", "    if (a.is_infinity()) return a;\n", "toy_p256 formulas"),
    Bug("a doubling's X", "p256_point.hpp", "m.squared() - (s + s)", "m.squared() - s", "toy_p256 formulas"),
    Bug("y from p up is decoded", "p256_point.hpp", " || !is_less(py, fe::modulus)) return false;", ") return false;", "toy_p256"),
    Bug("u2 = e / s", "p256_scalar.hpp", "modular::multiply(r, w)};", "modular::multiply(e, w)};", "toy_p256"),
    Bug("P-256's table: rows shifted by a bit", "p256_verify.hpp", "k != shape.width * shape.stride; ++k) chain", "k != shape.width * shape.stride + 1; ++k) chain", "toy_p256"),
    Bug("P-256's table: no entry is a doubling", "p256_verify.hpp", "                if (i == m - 1) {", "                if (i == m) {", "toy_p256"),
    Bug("P-256 without any table: digits above the key's scalar are left out", "p256_verify.hpp", "std::max(of_base.count, of_point.count)", "of_point.count", "toy_p256"),
    Bug("x(R) = r + n where that is beyond p", "p256_verify.hpp", " != 0 || !is_less(second, fe::modulus)) return false;", " != 0) return false;", "toy_p256"),
    Bug("r = n and above", "p256_verify.hpp", "is_less(r, order) && ", "", "toy_p256"),
    Bug("a digit one larger than a row", "window.hpp", "carry = d > 1u << (width - 1);", "carry = d > (1u << (width - 1)) + 1;", "small"),
    Bug("a NAF forgets its carry", "window.hpp", "bits(scalar, i, width) + carry;", "bits(scalar, i, width) + 0 * carry;", "small toy_p256 toy_ed25519"),
    Bug("no digit for the last carry", "table_shape.hpp", "(scalar_bits + width) / width", "(scalar_bits + width - 1) / width", "small toy_p256"),
    Bug("a row too few where the stride does not divide", "table_shape.hpp", "(digit_count(s.width, scalar_bits) + s.stride - 1) / s.stride", "digit_count(s.width, scalar_bits) / s.stride", "small"),
    Bug("2^255 - 19: a sum's second carry is lost", "ed25519_field.hpp", "r.w[0] + 38 * carry", "r.w[0] + 0 * carry", "words"),
    Bug("2^255 - 19: a difference's second borrow is lost", "ed25519_field.hpp", "r.w[0] - 38 * borrow", "r.w[0] - 0 * borrow", "words"),
    Bug("2^255 - 19: a value from p up", "ed25519_field.hpp", "for (int i = 0; i != 2; ++i) {", "for (int i = 0; i != 1; ++i) {", "words"),
    Bug("Edwards: signs below 0 count as those above", "ed25519_point.hpp", "bool const minus = sign < 0;", "bool const minus = sign < -50;", "toy_ed25519 formulas"),
    Bug("Edwards: F and G of a subtraction not exchanged", "ed25519_point.hpp", "auto const& f = *(minus ? &more : &less);", "auto const& f = less;", "toy_ed25519 formulas"),
    Bug("Edwards: a doubling's F", "ed25519_point.hpp", "g + (zz + zz)", "g + zz", "toy_ed25519 formulas"),
    Bug("Edwards: negative zero is decoded", "ed25519_point.hpp", "if (x.is_zero() && sign != 0) return false;", "", "toy_ed25519"),
    Bug("Edwards: a point of order 8 is let through", "ed25519_point.hpp", "doubled(doubled(doubled(p)))", "doubled(doubled(p))", "toy_ed25519"),
    Bug("the hash's upper half by 2^256 too little", "ed25519_scalar.hpp", "(hash + 32), modular::r2)", "(hash + 32), modular::r1)", "toy_ed25519"),
    Bug("S = L", "ed25519_scalar.hpp", "return is_less(s, order::value<Word>());", "return is_less(s, order::value<Word>()) || s == order::value<Word>();", "toy_ed25519"),
    Bug("Ed25519's table: rows shifted by a bit", "ed25519_verify.hpp", "shape.width * (shape.stride - 1) + 1; k--", "shape.width * (shape.stride - 1); k--", "toy_ed25519"),
    Bug("Ed25519: an addition with the T of an earlier point", "ed25519_verify.hpp", "double_in_place(sum, additions != 0 || i == 0);", "double_in_place(sum, i == 0);", "toy_ed25519"),
    Bug("Ed25519 without any table: the second addition with the T of an earlier point", "ed25519_verify.hpp", "digit, additions != 0 || i == 0);", "digit, i == 0);", "toy_ed25519"),
    Bug("R's last octet is not compared", "ed25519_verify.hpp", "for (int i = 0; i != 32; ++i)\n        if (encoded", "for (int i = 0; i != 31; ++i)\n        if (encoded", "toy_ed25519"),
    Bug("assembly: a sum's carry is 0", "x86_64.hpp", 'SIGNET_X86(adc, i0, carry)', 'SIGNET_X86_ZERO(carry)', "compiled"),
    Bug("assembly: a borrow between two words is lost", "x86_64.hpp", 'SIGNET_X86(sbb, b2, r2) SIGNET_X86(sbb, b3, r3) SIGNET_X86(adc, i0, borrow)', 'SIGNET_X86(sub, b2, r2) SIGNET_X86(sbb, b3, r3) SIGNET_X86(adc, i0, borrow)', "compiled"),
    Bug("assembly: a carry between the rows of a product is lost", "x86_64.hpp", 'SIGNET_X86(adc, high, t3) SIGNET_X86(adc, i0, t4)', 'SIGNET_X86(adc, high, t3)', "compiled"),
    Bug("assembly: a square's rare carry is lost", "x86_64.hpp", 'SIGNET_X86(adc, high, t4) SIGNET_X86(adc, i0, t5) SIGNET_X86(adc, i0, t6)', 'SIGNET_X86(adc, high, t4) SIGNET_X86(adc, i0, t5)', "compiled"),
    Bug("assembly: a sum's second carry is lost modulo 2^255 - 19", "x86_64.hpp", 'SIGNET_X86(adc, i0, r3) SIGNET_X86(sbb, more, more) SIGNET_X86_LOW(and, i38, more)', 'SIGNET_X86(adc, i0, r3) SIGNET_X86_ZERO(more)', "compiled"),
    Bug("assembly: a fold's carry is lost", "x86_64.hpp", 'SIGNET_X86(adc, i0, high) SIGNET_X86(sub, t6, high)', 'SIGNET_X86(sub, t6, high)', "compiled"),
    Bug("assembly: an output that may share an input's register", "x86_64.hpp", '[t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [low]', '[t0] "=r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [low]', "compiled"),
]

PROGRAMS = {"words": "traces.cpp", "formulas": "formulas.cpp", "small": "small.cpp", "toy_p256": "toy_p256.cpp", "toy_ed25519": "toy_ed25519.cpp"}
TITLES = {"words": "words", "compiled": "compiled", "formulas": "formulas", "small": "small numbers", "toy_p256": "small curves", "toy_ed25519": "small curves"}


def run(*command):
    return subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


class Tree:
    """A copy of the headers and of the tests of the arithmetic."""

    def __init__(self, place):
        self.place, self.include = place, place / "include"
        shutil.copytree(ROOT / "include", self.include)
        shutil.copytree(HERE, place / "tests" / "arithmetic", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "tests" / "support", place / "tests" / "support")
        self.tests = place / "tests" / "arithmetic"

    def notices(self, evidence, patience=3600):
        """The first complaint, or None. A program that runs for longer than `patience` seconds will never end."""
        if evidence == "compiled":
            done = run(sys.executable, self.tests / "prove_compiled.py", " ".join(COMPILER), "--first")
        else:
            program, source = self.place / evidence, self.tests / PROGRAMS[evidence]
            doctest = evidence not in ("words", "formulas")
            built = run(*COMPILER, "-std=c++20", "-O0", "-w", f"-I{self.include}", source, *([self.place / "tests/support/main.cpp"] if doctest else []),
                        "-o", program)
            if built.returncode:
                raise RuntimeError(built.stdout[-2000:])
            prover = {"words": "prove_traces.py", "formulas": "prove_formulas.py"}.get(evidence)
            done = run(sys.executable, self.tests / prover, program, *(["--first"] if evidence == "words" else [])) if prover else run("timeout", str(patience), program, "--abort-after=1")
        if done.returncode == 77:
            raise RuntimeError(done.stdout)
        if done.returncode == 0:
            return None
        found = re.search(r"^(?:FAILED  |TEST CASE:  )(.*)$", done.stdout, re.M)
        return re.sub(r"<.*", "", found[1]).strip() if found else f"exit code {done.returncode}"

    def plant(self, bug, patience):
        path = self.include / ARITH / bug.file
        text = path.read_text()
        places = places_of(bug, text)
        if len(places) != 1:
            return {"its text": f"stands {len(places)} times in {bug.file}"}, False
        path.write_text(text[:places[0].start()] + bug.replace + text[places[0].end():])
        try:
            said = {e: self.notices(e, patience) for e in bug.evidence.split()}
        except RuntimeError as error:
            return {"does not compile": str(error)}, False
        finally:
            path.write_text(text)
        return said, all(said.values())


def row_of(bug, said):
    return f"| `{bug.file}` | {bug.name} | {', '.join(dict.fromkeys(f'{TITLES[e]} ({why})' if e in TITLES else e for e, why in said.items()))} |\n"


def write(rows):
    text = PAGE.read_text()
    known = {(file, name): line for line, file, name in re.findall(r"^(\| `([\w.]+)` \| (.*?) \| .*\|\n)", text, re.M)}
    known |= {(bug.file, bug.name): row for bug, row in rows.items()}
    table = "| file | planted bug | noticed by |\n|---|---|---|\n" + "".join(known.get((bug.file, bug.name), "") for bug in BUGS)
    PAGE.write_text(re.sub(r"(<!-- planted -->\n).*?(<!-- /planted -->)", lambda m: m[1] + table + m[2], text, flags=re.S))


def main():
    arguments = sys.argv[1:]
    if arguments == ["--check"]:
        lost = [b for b in BUGS if len(places_of(b, (ROOT / "include" / ARITH / b.file).read_text())) != 1]
        # Those of ML-DSA are among the named bugs (./dev mutate ml_dsa keccak), since its tests are ordinary ones.
        named = {Path(b.file).name for b in NAMED_BUGS if b.file.startswith("crypto/impl/arith/")}
        bare = {p.name for p in (ROOT / "include" / ARITH).glob("*.hpp")} - {b.file for b in BUGS} - named
        for b in lost:
            print(f"{b.file}: the text of the bug '{b.name}' does not stand there once")
        for file in sorted(bare):
            print(f"{file}: no bug is planted in it")
        print(f"{len(BUGS) - len(lost)} passed, {len(lost) + len(bare)} failed")
        return bool(lost or bare)
    only = [a for a in arguments if a != "--write"]
    bugs = [b for b in BUGS if not only or any(o in b.name or o in b.file or o in b.evidence.split() for o in only)]
    if not bugs:
        print("0 passed, 0 failed")
        return 0
    waiting, lock, counts, rows = queue.SimpleQueue(), threading.Lock(), {True: 0, False: 0}, {}
    for bug in bugs:
        waiting.put(bug)

    def work(tree):
        while True:
            try:
                bug = waiting.get_nowait()
            except queue.Empty:
                return
            said, good = tree.plant(bug, patience)
            with lock:
                counts[good] += 1
                print(f"{'red    ' if good else 'MISSED '} {bug.file}, {bug.name}: " + "; ".join(f"{e}: {why}" for e, why in said.items()), flush=True)
                rows[bug] = row_of(bug, said)

    with tempfile.TemporaryDirectory(prefix="signet-planted-") as folder:
        trees = [Tree(Path(folder) / str(i)) for i in range(min(len(os.sched_getaffinity(0)), len(bugs)))]
        begun = time.monotonic()
        before = {e: trees[0].notices(e) for e in sorted({e for b in bugs for e in b.evidence.split()})}
        patience = int(10 * (time.monotonic() - begun))
        if any(before.values()):
            print(f"red before any bug is planted: {before}\n0 passed, {len(bugs)} failed")
            return 1
        workers = [threading.Thread(target=work, args=(tree,)) for tree in trees]
        for w in workers:
            w.start()
        for w in workers:
            w.join()
    if "--write" in arguments and not counts[False]:
        write(rows)
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] != 0


if __name__ == "__main__":
    sys.exit(main())

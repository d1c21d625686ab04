#!/usr/bin/env python3
"""Whether a program works, and has none of the arithmetic's code, or none of a part's.

usage: check_without.py PROGRAM [PART]
without_arithmetic.cpp, which is built with SIGNET_NO_CURVE_ARITHMETIC, has none; classical.cpp none of ml_dsa. Ends in "N passed, N failed".
"""
import re
import subprocess
import sys
from pathlib import Path

program, part = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
done = subprocess.run([program], capture_output=True, text=True)
print(done.stdout + done.stderr)
passed, failed = map(int, re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M).groups()) if done.returncode in (0, 1) else (0, 1)

symbols = subprocess.run(["nm", "--demangle", program], capture_output=True, text=True, check=True).stdout
# Sizes of tables, which public names mention, are all that may be there.
sizes = re.findall(r"(?:constexpr|struct)\b.*?\b(\w+)(?:\(|\s*=|\s*\{)", (Path(__file__).resolve().parents[2] / "include/signet/crypto/impl/arith/table_shape.hpp").read_text())
arithmetic = sorted({name for name in re.findall(r"crypto::arith::([\w:]+)", symbols) if name not in sizes and name.startswith(part)})
if arithmetic or "signet" not in symbols:
    print(f"FAILED  symbols of the arithmetic: {arithmetic[:5]}")
    failed += 1
else:
    passed += 1
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)

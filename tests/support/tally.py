#!/usr/bin/env python3
"""Adds up the test cases in Meson's test logs (testlog.json): prints "PASSED FAILED".

doctest programs report their cases, scripts end in a line "N passed, N failed"; any other test counts as one.
"""
import json
import re
import sys

DOCTEST = re.compile(r"^\[doctest\] test cases: +(\d+) \| +(\d+) passed \| +(\d+) failed", re.M)
PLAIN = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)


def count(test):
    output = test.get("stdout", "")
    reports = [(int(p), int(f)) for _, p, f in DOCTEST.findall(output)] + [(int(p), int(f)) for p, f in PLAIN.findall(output)]
    passed, failed = sum(p for p, _ in reports), sum(f for _, f in reports)
    bad = test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")
    if bad and not failed:
        failed = 1
    if not bad and not reports and test["result"] == "OK":
        passed = 1
    return passed, failed


counts = [count(json.loads(line)) for path in sys.argv[1:] for line in open(path, encoding="utf-8")]
print(sum(p for p, _ in counts), sum(f for _, f in counts))

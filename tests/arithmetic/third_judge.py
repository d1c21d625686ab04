#!/usr/bin/env python3
"""Valid and spoiled signatures, judged by signet and by python-ecdsa, which shares no code with Botan, OpenSSL or signet.

usage: third_judge.py TEST_ARITHMETIC_VECTORS
Ends in "N passed, N failed"; exits with 77, skipped, where the Python module ecdsa is missing.
"""
import hashlib
import os
import subprocess
import sys
import tempfile

try:
    import ecdsa
except ImportError:
    print("skipped: the Python module ecdsa is not there")
    sys.exit(77)


def accepts(algorithm, x, y, message, signature):
    if algorithm == "ES256":
        key = ecdsa.VerifyingKey.from_string(x + y, curve=ecdsa.NIST256p, hashfunc=hashlib.sha256)
    else:
        key = ecdsa.VerifyingKey.from_string(x, curve=ecdsa.Ed25519)
    try:
        return key.verify(signature, message)
    except ecdsa.BadSignatureError:
        return False


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cases")
        subprocess.run([sys.argv[1], "--test-case=Cases for another judge*"], check=True, env={**os.environ, "SIGNET_CASES": path})
        with open(path, encoding="ascii") as cases:
            lines = cases.read().splitlines()
    counts, answers = {True: 0, False: 0}, set()
    for line in lines:
        algorithm, *octets, ours = line.split()
        x, y, message, signature = (b"" if o == "-" else bytes.fromhex(o) for o in octets)
        same = accepts(algorithm, x, y, message, signature) == (ours == "1")
        counts[same] += 1
        answers.add((algorithm, ours))
        if not same:
            print(f"{line}: python-ecdsa says otherwise")
    if len(answers) != 4:
        print("each algorithm needs accepted and refused signatures")
        counts[False] += 1
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] != 0


if __name__ == "__main__":
    sys.exit(main())

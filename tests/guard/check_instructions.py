#!/usr/bin/env python3
"""Counts the instructions of signet's own functions in a fixed set of jobs, and compares with the committed figures.

usage: check_instructions.py [--write] COMPILER BOTAN_MAJOR
callgrind counts instructions, the same in each run on any machine. Only what the program itself contains is counted: signet
and the templates compiled into it. What Botan and libc do is left out, since under valgrind they choose other code than
on the bare machine. instructions.json holds a figure for each job and compiler; +-2 % is allowed, in both directions, so
that an improvement is written down too. A compiler without figures is only reported.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FIGURES = HERE / "instructions.json"
JOBS = ["verify", "verify_ed25519", "verify_ed25519_prepared", "refuse", "sign"]
TIMES = 200
TOLERANCE = 0.02


def own_instructions(profile, program):
    """Self cost of all functions of `program` in a callgrind profile."""
    names, total, current, skip = {}, 0, "", False
    for line in profile.read_text().splitlines():
        if found := re.match(r"(c?ob)=\((\d+)\)(?: (.*))?$", line):
            if found[3]:
                names[found[2]] = found[3]
            if found[1] == "ob":
                current = names[found[2]]
        elif line.startswith("calls="):
            skip = True  # the next line is the cost of what was called
        elif re.match(r"[+\-*\d]", line):
            if not skip and Path(current) == program:
                total += int(line.split()[-1])
            skip = False
    return total


def main():
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    write = len(arguments) != len(sys.argv) - 1
    compiler, botan = arguments
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", f"botan-{botan}"], capture_output=True, text=True, check=True).stdout.split()
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    known, counted = figures.get(version, {}), {}

    with tempfile.TemporaryDirectory(prefix="signet-guard-") as folder:
        program = Path(folder).resolve() / "guard"
        subprocess.run([compiler, "-std=c++20", "-O2", "-g", f"-I{ROOT / 'include'}", HERE / "guard.cpp", "-o", program, *flags, "-lboost_json",
                        "-pthread"], check=True)
        for job in JOBS:
            profile = Path(folder) / job
            done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", "--collect-atstart=no",
                                   "--toggle-collect=guarded_*", program, job, str(TIMES)], capture_output=True, text=True)
            if done.returncode:
                print(done.stderr[-3000:])
                return 1
            counted[job] = round(own_instructions(profile, program) / TIMES)

    if write:
        figures[version] = counted
        FIGURES.write_text(json.dumps(figures, indent=2) + "\n")
    passed = failed = 0
    for job, count in counted.items():
        if job not in known:
            print(f"{job}: {count:,} instructions; no figure for {version}")
            continue
        change = count / known[job] - 1
        good = write or abs(change) <= TOLERANCE
        passed, failed = passed + good, failed + (not good)
        print(f"{job}: {count:,} instructions, {change:+.1%} of {known[job]:,}" + ("" if good else "; if it is meant, write it: tests/guard/check_instructions.py --write"))
    if not known:
        passed += 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

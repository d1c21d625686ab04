#!/usr/bin/env python3
"""Each header and each file of bodies compiles on its own, in both modes, and what a header drags in is bounded.

usage: check_headers.py COMPILER FLAG...     (the flags that find Botan and Boost)
Separate mode is tried with -fno-exceptions for every header, and for <signet/signet.hpp>, where all meet; the umbrellas
must see no Botan and no Boost file in it. Header-only mode is tried for the umbrellas, which include everything else, and
once more without assembly, as on every machine but x86-64. Each file under impl/ is a unit of its own in separate mode.
"""
import concurrent.futures
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include" / "signet"

# Preprocessed lines that a translation unit pays for an include, at most: of g++ -E -P, which leaves out empty lines and
# line markers. The standard headers of the public interface (span to memory) alone are 46,000 with g++ 12.
SEPARATE_LIMIT = {"core.hpp": 49_000, "codec.hpp": 42_000, "crypto.hpp": 44_000, "jose.hpp": 44_000, "jwt/verifier.hpp": 49_500,
                  "jwt.hpp": 50_500, "http.hpp": 59_000, "store.hpp": 49_000, "proof.hpp": 51_000, "dbsc.hpp": 60_000,
                  "signet.hpp": 65_000}
HEADER_ONLY_LIMIT = {"jwt/verifier.hpp": 108_000, "jwt.hpp": 110_000}


def main():
    compiler, *flags = sys.argv[1:]
    common = [compiler, "-std=c++20", f"-I{ROOT / 'include'}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-x", "c++", *flags]
    separate = [*common, "-DSIGNET_SEPARATE_COMPILATION"]

    everything = sorted(p.relative_to(HEADERS).as_posix() for p in HEADERS.rglob("*.[hi]pp"))
    names = [n for n in everything if not n.endswith("src.hpp") and "/impl/" not in n]
    problems = []
    jobs = {}  # a name of the check -> a function that returns None or what is wrong

    def including(name, command, *how):
        # Twice: once for what it needs, once for its guard.
        text = f"#include <signet/{name}>\n#include <signet/{name}>\n"
        return subprocess.run([*command, *how, "-"], input=text, capture_output=True, text=True)

    def compiles(command, name):
        done = including(name, command, "-fsyntax-only")
        return None if done.returncode == 0 else done.stderr[:2000]

    for name in names:
        umbrella = "/" not in name
        if not umbrella or name == "signet.hpp":
            jobs[f"{name} alone, separate"] = lambda name=name: compiles([*separate, "-fno-exceptions"], name)
        if umbrella:
            jobs[f"{name} alone, header-only"] = lambda name=name: compiles(common, name)

    for name in everything:
        if "/impl/" in name:
            jobs[f"{name} alone, separate"] = lambda name=name: compiles(separate, name)
    # What the verifiers of all algorithms instantiate, where there is no assembly: a check in the program's own size.
    jobs["jwt.hpp without assembly"] = lambda: compiles([*common, "-DSIGNET_NO_ASSEMBLY", "-fsyntax-only"], "jwt.hpp")

    def lines(command, name, limit):
        done = including(name, command, "-E", "-P")
        count = done.stdout.count("\n")
        print(f"{count:8,} of {limit:,} preprocessed lines: {name}, {'separate' if command is separate else 'header-only'}")
        return None if done.returncode == 0 and count <= limit else f"{count} lines {done.stderr[:1000]}"

    def third_party(name):
        done = including(name, separate, "-M")
        seen = [f for f in done.stdout.replace("\\\n", " ").split() if "botan" in f or "/boost/" in f]
        return None if done.returncode == 0 and not seen else f"{seen[:3]} {done.stderr[:1000]}"

    for name, limit in SEPARATE_LIMIT.items():
        if name in names:
            jobs[f"{name} lines, separate"] = lambda name=name, limit=limit: lines(separate, name, limit)
            jobs[f"{name} without Botan and Boost"] = lambda name=name: third_party(name)
    for name, limit in HEADER_ONLY_LIMIT.items():
        if name in names:
            jobs[f"{name} lines, header-only"] = lambda name=name, limit=limit: lines(common, name, limit)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, wrong in zip(jobs, pool.map(lambda job: job(), jobs.values())):
            if wrong:
                problems.append(name)
                print(f"{name}:\n{wrong}")
    print(f"{len(jobs) - len(problems)} passed, {len(problems)} failed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The headers compile, in both modes, and what one drags in is bounded.

usage: check_headers.py COMPILER FLAG...             (the flags that find Botan and Boost)
       check_headers.py --each COMPILER FLAG...      each file under include/ by itself, which takes half an hour

All public headers together: in separate mode with -fno-exceptions and -fno-rtti, header-only, and the verifiers once more without
assembly, as on every machine but x86-64. The umbrellas must see no Botan and no Boost file in separate mode. That each file
can be opened by itself is alone.py's, which needs one run of clang for it; --each is the proof by compiling.
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from alone import OTHER_MACHINES, closure, read_files

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include" / "signet"

# Preprocessed lines that a translation unit pays for an include, at most: of g++ -E -P, which leaves out empty lines and
# line markers. The standard headers of the public interface (span to memory) alone are 46,000 with g++ 12.
SEPARATE_LIMIT = {"core.hpp": 49_000, "codec.hpp": 42_000, "crypto.hpp": 48_000, "jose.hpp": 44_000, "jwt/verifier.hpp": 49_500,
                  "jwt.hpp": 50_500, "http.hpp": 59_000, "store.hpp": 49_000, "proof.hpp": 51_000, "dbsc.hpp": 60_000, "webauthn.hpp": 50_000,
                  "signet.hpp": 65_500}
HEADER_ONLY_LIMIT = {"jwt/verifier.hpp": 111_500, "jwt.hpp": 114_500}


def public(name):
    return "/impl/" not in name and not name.endswith("src.hpp")


def precompiled(command, files, work):
    """What the headers of others cost only once; returns the flags that use it."""
    theirs = sorted(set().union(*(file.standard() for file in files.values())) - OTHER_MACHINES)
    header = Path(work) / "theirs.hpp"
    header.write_text("".join(f"#if __has_include(<{name}>)\n#include <{name}>\n#endif\n" for name in theirs))
    gcc = "Free Software Foundation" in subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout
    made = Path(f"{header}.gch" if gcc else f"{header}.pch")
    subprocess.run([*(f if f != "c++" else "c++-header" for f in command), str(header), "-o", str(made)], check=True)
    return ["-include", str(header)] if gcc else ["-include-pch", str(made)]


def each(compiler, flags, work):
    """(what, command, text) of every file in both modes, but those that another one begins with.

    Header-only the headers of others are precompiled: whether a file includes those is seen in separate mode.
    """
    files = read_files()
    theirs = precompiled([compiler, *flags], files, work)
    for separate in (True, False):
        mode = ["-DSIGNET_SEPARATE_COMPILATION"] if separate else theirs
        first = {file.includes[separate][0][0] for file in files.values() if file.includes[separate]}
        for name in files:
            # Its text is the beginning of another unit's then, unless that one is among its own includes.
            users = [n for n, f in files.items() if f.includes[separate] and f.includes[separate][0][0] == name]
            if name in first and any(n not in closure(files, name, separate) for n in users):
                continue
            if separate or not name.endswith("src.hpp"):
                yield f"{name}, {'separate' if separate else 'header-only'}", [compiler, *flags, *mode], name


def main():
    arguments = sys.argv[1:]
    every = arguments[0] == "--each"
    compiler, *flags = arguments[every:]
    flags = ["-std=c++20", f"-I{ROOT / 'include'}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-x", "c++", *flags]
    common = [compiler, *flags]
    separate = [*common, "-DSIGNET_SEPARATE_COMPILATION"]

    everything = sorted(p.relative_to(HEADERS).as_posix() for p in HEADERS.rglob("*.[hi]pp"))
    problems = []
    jobs = {}  # a name of the check -> a function that returns None or what is wrong

    def including(names, command, *how):
        # Twice: once for what it needs, once for its guard.
        text = "".join(f"#include <signet/{name}>\n" for name in names)
        return subprocess.run([*command, *how, "-"], input=text + text, capture_output=True, text=True)

    def compiles(command, *names):
        done = including(names, command, "-fsyntax-only")
        return None if done.returncode == 0 else done.stderr[:2000]

    work = tempfile.TemporaryDirectory()
    if every:
        for what, command, name in each(compiler, flags, work.name):
            jobs[what] = lambda command=command, name=name: compiles(command, name.removeprefix("signet/"))
    else:
        names = list(filter(public, everything))
        jobs["every header, separate"] = lambda: compiles([*separate, "-fno-exceptions", "-fno-rtti"], *names)
        jobs["every header, header-only"] = lambda: compiles(common, *names)
        # What the verifiers of all algorithms instantiate, where there is no assembly: a check in the program's own size.
        jobs["jwt.hpp without assembly"] = lambda: compiles([*common, "-DSIGNET_NO_ASSEMBLY"], "jwt.hpp")

    def lines(command, name, limit):
        done = including([name], command, "-E", "-P")
        count = done.stdout.count("\n")
        print(f"{count:8,} of {limit:,} preprocessed lines: {name}, {'separate' if command is separate else 'header-only'}")
        return None if done.returncode == 0 and count <= limit else f"{count} lines {done.stderr[:1000]}"

    def third_party(name):
        done = including([name], separate, "-M")
        seen = [f for f in done.stdout.replace("\\\n", " ").split() if "botan" in f or "/boost/" in f]
        return None if done.returncode == 0 and not seen else f"{seen[:3]} {done.stderr[:1000]}"

    for name, limit in SEPARATE_LIMIT.items() if not every else ():
        jobs[f"{name} lines, separate"] = lambda name=name, limit=limit: lines(separate, name, limit)
        jobs[f"{name} without Botan and Boost"] = lambda name=name: third_party(name)
    for name, limit in HEADER_ONLY_LIMIT.items() if not every else ():
        jobs[f"{name} lines, header-only"] = lambda name=name, limit=limit: lines(common, name, limit)

    with work, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, wrong in zip(jobs, pool.map(lambda job: job(), jobs.values())):
            if wrong:
                problems.append(name)
                print(f"{name}:\n{wrong}")
    print(f"{len(jobs) - len(problems)} passed, {len(problems)} failed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

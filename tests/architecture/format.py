#!/usr/bin/env python3
"""Every tracked C++ file is as clang-format 19 writes it by .clang-format; --write writes it so.

usage: format.py [--write]     (needs Debian's clang-format-19; without it, or outside a clone, the test is skipped)
Other versions of clang-format break lines elsewhere.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("*.cpp", "*.hpp", "*.ipp", "*.h")


def program():
    for name in ("clang-format-19", "clang-format"):
        if path := shutil.which(name):
            said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
            if re.search(r"\bversion 19\.", said):
                return path
    return None


def main():
    clang_format = program()
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", *SOURCES], capture_output=True)
    if clang_format is None or listed.returncode:
        print("skipped: " + ("no clang-format 19" if clang_format is None else "not a clone"))
        return 77
    files = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    how = ["-i"] if "--write" in sys.argv else ["--dry-run", "-Werror", "--fno-color-diagnostics"]
    # All files by one process: starting it takes longer than formatting a file.
    done = subprocess.run([clang_format, "--style=file", *how, *files], cwd=ROOT, capture_output=True, text=True)
    different = {}
    for name, line in re.findall(r"^(.+?):(\d+):\d+: error: ", done.stderr, re.M):
        different.setdefault(name, line)
    for name, line in different.items():
        print(f"{name}:{line}: not as clang-format 19 writes it; run ./dev format")
    if done.returncode and not different:
        different[""] = None
        print(done.stderr)
    print(f"{len(files) - len(different)} passed, {len(different)} failed")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())

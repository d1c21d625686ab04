#!/usr/bin/env python3
"""Writes compile_commands.json beside README.md: Meson's, and an entry for each file under include/.

usage: compile_commands.py BUILD_DIR [--check]     (./dev calls it; the file is not tracked)
With --check clangd 19 opens some files that are hard to open, which must show no error.
Meson knows the .cpp files alone. An editor's clangd guesses the flags of a header from those of a .cpp with a name like it, and a
.ipp is nothing that it knows. Here they get those of the file that compiles the bodies: separate compilation, as headers.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from adapters import ADAPTERS, adapter_of

ROOT = Path(__file__).resolve().parents[2]
HARD = ["codec/impl/base64url_simd.ipp", "core/impl/error_table.ipp", "crypto/impl/botan.hpp", "crypto/impl/key.ipp", "crypto/impl/key_checks.hpp",
        "jwt/impl/verifier.ipp", "jwt/verifier.hpp", "session/impl/login_session.ipp", "store/impl/redis.ipp", "store/task.hpp"]


def flags_of(command):
    """Compiler and flags, without what says which file is read and written."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        if word in ("-o", "-MF", "-MQ", "-MT", "-c"):
            next(words)
        elif word not in ("-MD", "-MMD") and not word.endswith("ccache"):
            kept.append(word)
    return kept


def errors_in(name):
    """What clangd shows of it in red."""
    opened = subprocess.run(["clangd-19", f"--check={ROOT / 'include' / 'signet' / name}", "--check-locations=0"], cwd=ROOT, capture_output=True, text=True)
    red = re.findall(r"^E\[[\d:.]+\] (\[\w+\] Line .*)$", opened.stderr, re.M)
    return red if red or opened.returncode == 0 else [opened.stderr[-2000:]]


def main():
    build = Path(sys.argv[1]).resolve()
    entries = json.loads((build / "compile_commands.json").read_text())
    known = {Path(e["directory"], e["file"]).resolve(): e for e in entries}
    unused = set(ADAPTERS)
    for path in sorted((ROOT / "include" / "signet").rglob("*.[hi]pp")):
        adapter = adapter_of(path)
        unused.discard(adapter)
        source = ROOT / "src" / f"{adapter.split('/')[1] if adapter else 'crypto'}.cpp"
        if source not in known:
            continue  # a store whose library is not there
        entries.append({"directory": str(build), "file": str(path),
                        "arguments": [*flags_of(known[source]["command"]), "-x", "c++-header", "-c", str(path)]})
    (ROOT / "compile_commands.json").write_text(json.dumps(entries, indent=1) + "\n")
    print(f"{len(entries)} entries in compile_commands.json")
    for adapter in sorted(unused):
        print(f"{adapter}: no file of the library has its flags")
    if unused:
        return len(unused)
    if "--check" in sys.argv:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = {name: red for name, red in zip(HARD, pool.map(errors_in, HARD)) if red}
        for name, red in found.items():
            print(f"{name}:", *red, sep="\n    ")
        print(f"{len(HARD) - len(found)} passed, {len(found)} failed")
        return len(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())

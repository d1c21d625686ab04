#!/usr/bin/env python3
"""modules/signet.cppm exports every public name of signet/signet.hpp, and a program that imports it works, with each clang that is here.

usage: check_module.py [--names | --write] [BOTAN_MAJOR LIBRARY]
With --names the list alone is compared; --write writes it. Needs Debian's python3-clang-19 for the list, and is skipped without. The program
links LIBRARY, a libsignet.a, where that is there; else it is compiled alone.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "modules" / "signet.cppm"
# Not in signet.hpp: what needs another library, what waits for other threads or event loops, what only those need, what counts, what encrypts and what only administrators need, what logs and what tests are written with.
APART = re.compile(r"signet/(format\.hpp|store/(sqlite|redis|postgres|combiner|pool|breaker|metrics|scan|encrypted|encryption_keys|async_run|asio_redis|asio_postgres|redis_cluster)\.hpp|session/session_summary\.hpp|crypto/openssl\.hpp|testing/)")

HEAD = """// SPDX-License-Identifier: BSL-1.0
// import signet;   EXPERIMENTAL: for clang 16 and later, with a compiled signet to link (docs/guide/packaging.md).
// tests/packaging/check_module.py --write writes the list: every public name of signet/signet.hpp.
module;
#include <signet/signet.hpp>
export module signet;

"""


def wanted():
    """What the file should be, or None where clang's parser is not there."""
    sys.path.insert(0, str(ROOT / "tests" / "architecture"))
    try:
        from public_names import read
        names, _, errors = read()
    except Exception as why:  # noqa: BLE001 - no module, or no library behind it
        print(f"skipped: no list of names ({why})")
        return None
    if errors:
        raise SystemExit("\n".join(map(str, errors)))
    scopes = {}
    for name in names:
        scope, _, last = name.qualified.rpartition("::")
        # No operators, whose operands' types find them; no members.
        if not APART.match(name.header) and re.fullmatch(r"\w+", last) and name.cursor.semantic_parent.kind.name == "NAMESPACE":
            scopes.setdefault(scope, set()).add(last)
    lines = []
    for scope, members in sorted(scopes.items()):
        within = "signet" + (f"::{scope}" if scope else "")
        lines += [f"export namespace {within} {{", *(f"using {within}::{m};" for m in sorted(members)), "}"]
    return HEAD + "\n".join(lines) + "\n"


def program(botan, library):
    """The packaging test's program with an import in place of the include."""
    passed = failed = 0
    flags = ["-std=c++20", "-pthread", f"-I{ROOT / 'include'}", f"-DSIGNET_BOTAN_MAJOR={botan}", "-DSIGNET_SEPARATE_COMPILATION"]
    libraries = subprocess.run(["pkg-config", "--libs-only-L", "--libs-only-l", f"botan-{botan}"], capture_output=True, text=True).stdout.split() + ["-lboost_json"]
    text = (ROOT / "tests/packaging/program.cpp").read_text()
    text = text.replace("#include <signet/jwt.hpp>\n", "#include <signet/version.hpp>\n\n#include <chrono>\n#include <string>\n").replace("#include <cstdio>\n", "#include <cstdio>\n\nimport signet;\n")
    for compiler in ("clang++-16", "clang++-17", "clang++-18", "clang++-19"):
        if subprocess.run(["sh", "-c", f"command -v {compiler}"], capture_output=True).returncode:
            continue
        with tempfile.TemporaryDirectory(prefix="signet-module-") as place:
            place = Path(place)
            (place / "program.cpp").write_text(text)
            end = ["signet.o", str(library), *libraries, "-o", "program"] if library.exists() else ["-c"]
            for command in ([compiler, *flags, "--precompile", str(MODULE), "-o", "signet.pcm"],
                            [compiler, "-c", "signet.pcm", "-o", "signet.o"],
                            [compiler, *flags, "-fmodule-file=signet=signet.pcm", "program.cpp", *end], ["./program"] if library.exists() else ["true"]):
                done = subprocess.run(command, cwd=place, capture_output=True, text=True)
                if done.returncode:
                    break
        if done.returncode:
            failed += 1
            print(f"{compiler}: {' '.join(command)}\n{(done.stdout + done.stderr)[:3000]}")
        else:
            passed += 1
    return passed, failed


def main():
    expected = wanted()
    if "--write" in sys.argv and expected:
        MODULE.parent.mkdir(exist_ok=True)
        MODULE.write_text(expected)
    passed = failed = 0
    if expected:
        there = MODULE.read_text()
        differ = set(expected.splitlines()) ^ set(there.splitlines())
        passed, failed = int(not differ), int(bool(differ))
        for line in sorted(differ):
            print(f"modules/signet.cppm {'has' if line in there else 'lacks'}: {line}")
    if "--names" not in sys.argv and "--write" not in sys.argv:
        more = program(sys.argv[1], Path(sys.argv[2]).resolve())
        passed, failed = passed + more[0], failed + more[1]
    if not passed + failed:
        passed = 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

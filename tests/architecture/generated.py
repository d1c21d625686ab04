#!/usr/bin/env python3
"""The pages of docs/ that are printed from the code: compared with what the code prints now, or written with --write.

usage: generated.py [--write] PAGE=PROGRAM...     e.g. docs/reference/errors.md=build-test/tests/architecture/print_errors
Of a page with lines `<!-- printed -->` and `<!-- /printed -->` only what lies between them is printed.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BY_SCRIPT = {"docs/internals/layers.md": [sys.executable, str(ROOT / "tests/architecture/check_layers.py"), "--draw"]}

PART = re.compile(r"(^<!-- printed -->\n).*?(^<!-- /printed -->$)", re.M | re.S)


def main():
    write = "--write" in sys.argv
    pages = {**BY_SCRIPT, **{page: [program] for page, program in (a.split("=", 1) for a in sys.argv[1:] if a != "--write")}}
    passed = failed = 0
    for page, command in pages.items():
        fresh = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        path = ROOT / page
        if path.exists():
            fresh = PART.sub(lambda m: f"{m[1]}{fresh}{m[2]}", path.read_text()) if PART.search(path.read_text()) else fresh
        if write:
            path.write_text(fresh)
        if path.exists() and path.read_text() == fresh:
            passed += 1
        else:
            failed += 1
            print(f"{page} is not what the code prints; run ./dev docs")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

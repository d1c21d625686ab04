#!/usr/bin/env python3
"""Keeps the code in README.md and the pages of docs/ the code that is compiled.

A line `<!-- from FILE -->` or `<!-- from FILE#REGION -->` stands before a ```cpp block, or one of a build file's language.
The block is FILE's text, or what lies between the lines `// [REGION]` and `// [/REGION]` in it. Each folder of include/signet
has a page in docs/guide/ with such a block. Without arguments the blocks are compared, with --write they are written anew.
"""
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(<!-- from ([^\s#]+)(?:#(\S+))? -->\n```(?:cpp|cmake|meson)\n)(.*?)(^```$)", re.M | re.S)


def code_of(file: str, region: str | None) -> str:
    if not (ROOT / file).is_file():
        raise SystemExit(f"there is no {file}")
    text = (ROOT / file).read_text()
    if region is None:
        return text
    name = re.escape(region)
    found = re.search(rf"^\s*// \[{name}\]\n(.*?)^\s*// \[/{name}\]$", text, re.M | re.S)
    if not found:
        raise SystemExit(f"{file} has no region {region}")
    return textwrap.dedent(found[1])


def main() -> int:
    write = sys.argv[1:] == ["--write"]
    passed = failed = 0
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text = page.read_text()
        fresh = BLOCK.sub(lambda m: m[1] + code_of(m[2], m[3]) + m[5], text)
        if write:
            page.write_text(fresh)
        for old, new in zip(BLOCK.finditer(text), BLOCK.finditer(fresh)):
            if old[4] == new[4] or write:
                passed += 1
            else:
                failed += 1
                print(f"{page.relative_to(ROOT)}: the block from {old[2]} is not what the file says; run ./dev docs")
    # Each folder has a page, and each page shows code.
    for folder in sorted(p.name for p in (ROOT / "include" / "signet").iterdir() if p.is_dir() and p.name != "impl"):
        page = ROOT / "docs" / "guide" / f"{folder}.md"
        if page.exists() and BLOCK.search(page.read_text()):
            passed += 1
        else:
            failed += 1
            print(f"docs/guide/{folder}.md shows no code from a file that is compiled")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Every link in a page (*.md here, in .github/ and in docs/) leads to a file of this repository and to a heading that is in it.

Links to the web are not followed. Needs Python alone; docs/site/build.py looks at the finished pages once more.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / ".github").rglob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^(`{3,}).*?^\1\s*$", re.M | re.S)
CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(<?([^()\s>]*(?:\([^()\s]*\))?[^()\s>]*)>?(?:\s+\"[^\"]*\")?\)")
DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:\s+<?(\S+?)>?\s*$", re.M)


def anchors_of(text):
    """The headings' anchors as GitHub makes them, a number behind those that come again."""
    seen, found = {}, set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", FENCE.sub("", text), re.M):
        plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("\\", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        found.add(slug if slug not in seen else f"{slug}-{seen[slug]}")
        seen[slug] = seen.get(slug, 0) + 1
    return found


def problem_of(page, address):
    if re.match(r"(https?|mailto):", address):
        return None
    path, _, anchor = address.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return "there is no such file"
    if anchor and (target.suffix != ".md" or anchor not in anchors_of(target.read_text())):
        return "there is no such heading"
    return None


def main():
    passed = failed = 0
    for page in PAGES:
        text = CODE.sub("", FENCE.sub("", page.read_text()))
        for address in LINK.findall(text) + DEFINITION.findall(text):
            if problem := problem_of(page, address):
                failed += 1
                print(f"{page.relative_to(ROOT)}: {address}: {problem}")
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

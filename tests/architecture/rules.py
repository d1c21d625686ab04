#!/usr/bin/env python3
"""Each rule of docs/reference/rules.md is named by a test, and no test or header names one that is not there."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"\b([A-EW])([1-9]\d?)(?:(?: to |-)\1([1-9]\d?))?\b(?!['\d.])")


def named_in(text):
    found = set()
    for letter, first, last in NAME.findall(text):
        found |= {f"{letter}{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def prose_of(text):
    """Titles, messages and comments of a test, not its data."""
    strings = [s for s in re.findall(r'"((?:[^"\\\n]|\\.)*)"', text) if re.search(r"[a-z]{3,} [a-z]", s)]
    return "\n".join(strings + re.findall(r"//.*", text))


def main():
    rules = set(re.findall(r"^\* \*\*([A-EW]\d+)\*\* ", (ROOT / "docs" / "reference" / "rules.md").read_text(), re.M))
    files = {p: p.read_text() for folder in ("tests", "fuzz") for p in (ROOT / folder).rglob("*.[ch]pp")}
    tested = set().union(*(named_in(prose_of(text)) for text in files.values()))
    failed = 0
    for rule in sorted(rules - tested):
        failed += 1
        print(f"{rule}: no test names it")
    for folder in ("device", "oauth", "oidc", "session", "dbsc", "webauthn", "proof"):
        for path in sorted((ROOT / "include" / "signet" / folder).rglob("*.[hi]pp")):
            comments = "\n".join(re.findall(r"//.*", path.read_text()))
            for rule in sorted(named_in(comments) - rules):
                failed += 1
                print(f"{path.relative_to(ROOT)}: there is no rule {rule}")
    print(f"{len(rules)} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Each cell of the tables in docs/reference/kept.md names tests, and each test it names is there.

A cell ends in the numbers of tests, "(2, 5)". The list at the end of the page has the title of each number, which must be the
title of exactly one test.
"""
import re
import sys

from rules import ROOT, titles

PAGE = ROOT / "docs" / "reference" / "kept.md"
NUMBERS = re.compile(r"\((\d+(?:, \d+)*)\)")


def complaints_of(text, tests):
    rows = re.findall(r"^\| (.+) \|$", text, re.M)
    listed = re.findall(r"^(\d+)\. `(.+)`$", text, re.M)
    cells, heading = 0, None
    for row in (row.split(" | ") for row in rows):
        if row[0] in ("after", "to a replica that"):
            heading = row
            continue
        if heading is None or len(row) != len(heading):
            yield f'"{row[0]}" has {len(row)} cells'
            continue
        for store, cell in zip(heading[1:], row[1:]):
            cells += 1
            if not re.search(NUMBERS.pattern + "$", cell):
                yield f'"{row[0]}", {store}: names no test'
    if not cells:
        yield "there is no table"
    named = {number for group in NUMBERS.findall(text) for number in group.split(", ")}
    yield from (f"{number} is no test of the list" for number in sorted(named - {number for number, _ in listed}))
    for place, (number, title) in enumerate(listed, 1):
        if number != str(place):
            yield f"{number} stands in place {place} of the list"
        if number not in named:
            yield f"nothing names test {number}"
        if (found := tests.count(title)) != 1:
            yield f'{found} tests have the title "{title}"'


def main():
    text, tests = PAGE.read_text(), list(titles())
    broken = text.replace(" (17) |", " |").replace("5. `sqlite", "5. `SQLite")  # what the check is for
    complaints = list(complaints_of(text, tests))
    if len(list(complaints_of(broken, tests))) < len(complaints) + 3:
        complaints.append("cells without a test and titles that are not there are not noticed")
    for complaint in complaints:
        print(f"{PAGE.relative_to(ROOT)}: {complaint}")
    print(f"{len(re.findall(NUMBERS, text))} passed, {len(complaints)} failed")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Each cell of the tables in docs/reference/kept.md names tests, and so does each line of the table of faults; each test that
they name is there.

A cell, or the last cell of a fault, ends in the numbers of tests, "(2, 5)". The list at the end of the page has the title of
each number, which must be the title of exactly one test, and says which tests run in ./dev check alone.
"""
import re
import sys

from rules import ROOT, STRING, TITLE, titles

PAGE = ROOT / "docs" / "reference" / "kept.md"
NUMBERS = re.compile(r"\((\d+(?:, \d+)*)\)")
PATIENT = ", in `./dev check`"


def patient_titles():
    """Of tests that leave at once unless the run is a long one."""
    for path in sorted((ROOT / "tests").rglob("*.cpp")):
        for test in re.split(r"(?=^TEST_CASE)", path.read_text(), flags=re.M):
            title, body = TITLE.match(test), test.split("\n}\n")[0]
            if title and re.search(r"^    if \(!is_long_run\(\)\) return;", body, re.M):
                yield "".join(s[1:-1] for s in re.findall(STRING, title[1])).replace('\\"', '"')


def complaints_of(text, tests, patient):
    rows = re.findall(r"^\| (.+) \|$", text, re.M)
    listed = re.findall(rf"^(\d+)\. `(.+?)`(|{PATIENT})$", text, re.M)
    cells, faults, heading = 0, 0, None
    for row in (row.split(" | ") for row in rows):
        if row[0] in ("after", "to a replica that", "fault"):
            heading = row
            continue
        if heading is None or len(row) != len(heading):
            yield f'"{row[0]}" has {len(row)} cells'
            continue
        faults += heading[0] == "fault"
        for store, cell in list(zip(heading, row))[-1 if heading[0] == "fault" else 1:]:
            cells += 1
            if not re.search(NUMBERS.pattern + "$", cell):
                yield f'"{row[0]}", {store}: names no test'
    if not faults or cells == faults:
        yield "a table is missing"
    named = {number for group in NUMBERS.findall(text) for number in group.split(", ")}
    yield from (f"{number} is no test of the list" for number in sorted(named - {number for number, *_ in listed}))
    for place, (number, title, when) in enumerate(listed, 1):
        if number != str(place):
            yield f"{number} stands in place {place} of the list"
        if number not in named:
            yield f"nothing names test {number}"
        if (found := tests.count(title)) != 1:
            yield f'{found} tests have the title "{title}"'
        if (title in patient) != (when == PATIENT):
            yield f'whether "{title}" runs in ./dev check alone is not as it says'


def main():
    text, tests, patient = PAGE.read_text(), list(titles()), set(patient_titles())
    complaints = list(complaints_of(text, tests, patient))
    broken = text.replace(" (17) |", " |").replace("5. `sqlite", "5. `SQLite").replace("| (2) |", "| |").replace(PATIENT, "")
    if len(list(complaints_of(broken, tests, patient))) < len(complaints) + 3 + 1 + 2:  # what the check is for
        complaints.append("cells without a test and titles that are not there are not noticed")
    for complaint in complaints:
        print(f"{PAGE.relative_to(ROOT)}: {complaint}")
    print(f"{len(re.findall(NUMBERS, text))} passed, {len(complaints)} failed")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Each rule of docs/reference/rules.md is named by a test, no test or header names one that is not there, and each sentence of
the four documents has its row in docs/reference/documents.md: a rule, a test, a page, or one word why it needs none.

The rows are compared with the documents themselves where these are: in the folder SIGNET_DOCUMENTS, else in ../shared/documents
beside the project. Elsewhere the heading of a table says how many rows it has, and a digest of them.

What a sentence is: a line of text is cut behind each . ! or ? that a space and a capital letter follow. A heading, an item of a
list and a block of code are lines of their own. The markup of links, emphasis, lists and comments is left out. A text that comes
again gets a number. A row begins with 8 digits of the sentence's SHA-256 and then has its first words.
"""
import hashlib
import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES, TABLE = ROOT / "docs" / "reference" / "rules.md", ROOT / "docs" / "reference" / "documents.md"
DOCUMENTS = Path(os.environ.get("SIGNET_DOCUMENTS") or ROOT.parent / "shared" / "documents")
NAME = re.compile(r"\b([A-EW])([1-9]\d?)(?:(?: to |-)\1([1-9]\d?))?\b(?!['\d.])")
STRING = r'"(?:[^"\\\n]|\\.)*"'
TITLE = re.compile(rf"(?:TEST_CASE|SUBCASE)\w*\(\s*(?:\w+,\s*)?((?:{STRING}\s*)+)")
CHECK = re.compile(r"\bcheck\((['\"`])(.+?)\1")
ROW = re.compile(r"^\| ([0-9a-f]{8}) \| (.+?)(?: \.\.\.)? \| (.*?) ?\| (.*?) ?\| (.*?) ?\|$", re.M)
NAMES = ["000-device-sessions.md", "001-manage-sessions.md", "002-frontend-sessions.md", "003-device-management.md"]
NO_BEHAVIOUR = ("heading", "label", "introduction", "purpose", "link")


def named_in(text):
    found = set()
    for letter, first, last in NAME.findall(text):
        found |= {f"{letter}{number}" for number in range(int(first), int(last or first) + 1)}
    return found


def prose_of(text):
    """Titles, messages and comments of a test, not its data."""
    strings = [s[1:-1] for s in re.findall(STRING, text) if re.search(r"[a-z]{3,} [a-z]", s)]
    return "\n".join(strings + re.findall(r"//.*", text))


def titles():
    """Titles of tests, checks of scripts, and programs that must not compile with the comment that says why."""
    for path in sorted(p for folder in ("tests", "examples") for p in (ROOT / folder).rglob("*.*") if p.suffix in (".cpp", ".mjs", ".py")):
        text = path.read_text()
        if path.parent.name == "must_not_compile":
            yield f"{path.relative_to(ROOT)} " + " ".join(re.findall(r"^// (?!SPDX|EXPECT).*", text, re.M))
        elif path.suffix == ".cpp":
            yield from ("".join(s[1:-1] for s in re.findall(STRING, m[1])).replace('\\"', '"') for m in TITLE.finditer(text))
        else:
            yield from (m[2] for m in CHECK.finditer(text))


def digest_of(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def sentences_of(text):
    found, code = [], None
    for line in text.splitlines():
        if line.startswith("```"):
            found += [" ".join(code)] if code else []
            code = [] if code is None else None
        elif code is not None:
            code.append(line)
        else:
            line = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line)
            line = re.sub(r"<!--|-->|[`*]|^\s*(?:#+|-+|\d+\.|:::\w*)(?=\s|$)", "", line)
            found += re.split(r"(?<=[.!?])\s+(?=[A-Z])", line)
    found = [" ".join(s.split()) for s in found if re.search(r"\w", s)]
    again = [found[:at].count(s) + 1 for at, s in enumerate(found)]
    return [s if n == 1 else f"{s} ({n})" for s, n in zip(found, again)]


def problems_of(row, rules, tests, pages):
    """What is wrong with a row by itself. Where its pages are is for links.py."""
    named, shown, page = row
    if named in NO_BEHAVIOUR and not shown + page:
        return
    mine, open_for = re.fullmatch(r"((?:[A-EW]\d+ ?)*)(?:; )?(open: .+)?|.*", named).groups()
    mine = set((mine or "").split())
    named_tests, named_pages = re.findall(r"`(.+?)`", shown), re.findall(r"\[(.+?)\]", page)
    if not open_for and not (mine and named_tests and named_pages):
        yield "needs a rule, a test and a page, or one word of " + ", ".join(NO_BEHAVIOUR)
    yield from (f"there is no rule {rule}" for rule in sorted(mine - rules))
    yield from (f"there is no page [{name}]" for name in named_pages if name not in pages)
    named_by_tests = []
    for text in named_tests:
        found = [t for t in tests if text in t]
        if len(found) != 1:
            yield f'{len(found)} tests have "{text}" in their title'
            continue
        named_by_tests.append(named_in(found[0]))
        if named_by_tests[-1] and not named_by_tests[-1] & mine:
            yield f'the test "{text}" is for another rule'
    if any(named_by_tests) and (left := mine - set().union(*named_by_tests)) and not open_for:
        yield f"none of its tests names {', '.join(sorted(left))}"


def table(rules):
    """Complaints about documents.md, and how many rows it has."""
    out, seen, tests, text = [], 0, list(titles()), TABLE.read_text()
    pages = re.findall(r"^\[(.+?)\]: ", text, re.M)
    there = {p.name: sentences_of(p.read_text()) for p in sorted(DOCUMENTS.glob("*.md"))}
    if not there:
        print(f"the documents are not in {DOCUMENTS}: their digests stand for them")
    parts = re.split(r"^## (\S+\.md).*$", text, flags=re.M)
    for what, names in ("tables", parts[1::2]), ("documents", list(there) or NAMES):
        if names != NAMES:
            out.append(f"the {what} are {', '.join(names)}, and not {', '.join(NAMES)}")
    for document, part in zip(parts[1::2], parts[2::2]):
        rows = ROW.findall(part)
        marks = [row[0] for row in rows]
        said, is_so = re.search(r"^\d+ sentences, \w+\.$", part, re.M), f"{len(rows)} sentences, {digest_of(' '.join(marks))}."
        if not said or said[0] != is_so:
            out.append(f'{document}: the rows are "{is_so}", the heading says "{said and said[0]}"')
        seen += len(rows)
        out += [f"{document}: {mark} comes twice" for mark in sorted(set(marks)) if marks.count(mark) > 1]
        sentences = {digest_of(s): s for s in there.get(document, ())}
        out += [f"{document}: no row for | {mark} | {s[:90]}" for mark, s in sentences.items() if mark not in marks]
        for mark, first_words, *row in rows:
            where = f"{document}: {mark} {first_words[:50]}"
            out += [f"{where}: {problem}" for problem in problems_of(row, rules, tests, pages)]
            if sentences and not sentences.get(mark, "").startswith(first_words):
                out.append(f"{where}: is no sentence of the document")
    return out, seen


def main():
    rules = set(re.findall(r"^\* \*\*([A-EW]\d+)\*\* ", RULES.read_text(), re.M))
    files = {p: p.read_text() for folder in ("tests", "fuzz") for p in (ROOT / folder).rglob("*.[ch]pp")}
    tested = set().union(*(named_in(prose_of(text)) for text in files.values()))
    complaints = [f"{rule}: no test names it" for rule in sorted(rules - tested)]
    for folder in ("device", "oauth", "oidc", "session", "dbsc", "webauthn", "proof"):
        for path in sorted((ROOT / "include" / "signet" / folder).rglob("*.[hi]pp")):
            comments = "\n".join(re.findall(r"//.*", path.read_text()))
            complaints += [f"{path.relative_to(ROOT)}: there is no rule {rule}" for rule in sorted(named_in(comments) - rules)]
    wrong, rows = table(rules)
    for complaint in (complaints := complaints + wrong):
        print(complaint)
    print(f"{len(rules) + rows} passed, {len(complaints)} failed")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())

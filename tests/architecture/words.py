#!/usr/bin/env python3
"""Comments and pages that a stranger reads once. Counts four things, and each count has to be 0.

usage: words.py     (the first and third count need Debian's python3-clang-19; without it they are left out)

1. Public names without a contract. A name that documented.py wants documented has a comment. A comment before a function begins
   with a verb ("Returns", "Makes"; "Return" where several functions share it). No comment leans on its neighbour ("The same",
   "As above"), since a reference page shows it elsewhere.
2. References that lead nowhere: in comments and pages, a path or header that does not exist, a name in backticks that is in no
   code, and numbers of documents that a reader does not have.
3. Sentences of more than 40 words in public comments. A name in backticks is one word. A line "Errors: ..." is a list, whose
   items end with semicolons.
4. Pages of docs/guide and docs/reference without a working program: a block that snippets.py compares with a file that is
   compiled, or a page that such a program prints.

Words that only insiders know (JARGON) count as a reference that leads nowhere.
"""
import re
import sys
from pathlib import Path

try:
    from clang.cindex import LibclangError
    from public_names import FUNCTIONS, Kind, read
except ImportError:
    read = None

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 40
HEADED = ("Thread safety", "Lifetime", "Complexity", "Memory", "Exceptions", "Example", "Errors", "Other errors")
HEAD = re.compile(r"(?:" + "|".join(HEADED) + r")[^.:]*:")
PLURAL = {"Return", "Do", "Set", "Bind", "Make", "Read", "Write", "Use", "Each"}
NO_VERB = {"This", "As", "Its", "Others"}
LEANING = re.compile(r"(The same\b(?! (?:key|text))|As above|As said|See above|Likewise|Ditto|By name:|As `?[\w:']+`?'s of the same)")
JARGON = re.compile(r"\b(workers?|lanes?|rulings?|rooms?|declined|facts?)\b|\b(?:its|their|the) terms\b", re.I)
UNSEEN = re.compile(r"\b(?:RULES|DECISIONS|FINDINGS|WORDS|NAMES)\b(?!\.md)(?: [\dA-E])?|\(?\bissue \d+|\[pub\]|\bshared/\w+\.md")
RULE = re.compile(r"\b[A-E][1-9]\d?\b(?!['\d.])")
PRINTED = re.compile(r"printed by|printed from|made by `?\./dev|<!-- (?:printed|measured) -->", re.I)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def words_in(text):
    text = re.sub(r"`[^`]*`(?:'s)?|\{[^}]*\}|\"[^\"]*\"", " name ", text)
    return re.findall(r"\w[\w'.:/*-]*", text)


def paragraphs_of(lines):
    """A comment's paragraphs; a headed line, an item of a list and code begin one."""
    out, new = [], True
    for line in lines:
        text = line.strip()
        if not text or text.startswith(("@par", "SIGNET_ERROR")):
            new = True
            continue
        if new or HEAD.match(text) or text.startswith(("* ", "- ")):
            out.append(text)
        else:
            out[-1] += " " + text
        new = False
    return out


def sentences_of(paragraph):
    if re.fullmatch(r"(?:Example: )?`[^`]*`.*", paragraph) and len(words_in(paragraph)) < LONGEST:
        return []
    plain = re.sub(r"`[^`]*`", lambda m: m[0].replace(".", "·").replace(";", "·").replace("?", "·").replace("!", "·"), paragraph)
    plain = re.sub(r"\b(e\.g|i\.e|etc|vs)\.", r"\1", plain)
    out = []
    for sentence in re.split(r"(?<=[.!?])[)\"']?\s+(?=[A-Z`(\d<%])", plain):
        at = re.search(r"\b[Ee]rrors\b[^.:;]*:", sentence)
        out += re.split(r";\s", sentence) if at else [sentence]
    return out


def all_names(names):
    for name in names:
        yield name
        yield from all_names(name.members)


def contracts():
    """Complaints about contracts and about sentences of public comments, and how many comments were looked at."""
    bare, long, seen = [], [], 0
    names, reader, _ = read()
    for name in all_names(names):
        where = f"include/{name.header}:{name.line}: {name.qualified}"
        if name.needs_comment and not name.documented:
            bare.append(f"{where} has no comment")
        if not name.own or not name.comment:
            continue
        seen += 1
        paragraphs = paragraphs_of(name.comment)
        first = paragraphs[0] if paragraphs else ""
        behind = "///<" in reader.line_of(name.cursor.location.file.name, name.line) or "///<" in "".join(
            reader.line_of(name.cursor.location.file.name, n) for n in range(name.line, name.cursor.extent.end.line + 1))
        if lean := LEANING.match(first):
            bare.append(f"{where} leans on its neighbour: {lean[0]}")
        if name.cursor.kind in FUNCTIONS and not behind:
            verb = re.match(r"[A-Z][a-z]+", first)
            if not verb or verb[0] in NO_VERB or not (verb[0].endswith("s") or verb[0] in PLURAL):
                bare.append(f"{where} does not begin with a verb: {first[:60]}")
        for paragraph in paragraphs:
            for sentence in sentences_of(paragraph):
                if len(words_in(sentence)) > LONGEST:
                    long.append(f"{where}: {len(words_in(sentence))} words: {sentence[:90]}...")
    return bare, long, seen


def comment_lines(text):
    return [(n, m[1]) for n, line in enumerate(text.splitlines(), 1) if (m := re.search(r"(?<![:\"'])//+<?(.*)", line))]


def known_words():
    """Every word of code, strings and build files, without the comments of C++."""
    out = set()
    for folder in ("include", "examples", "tests", "src", "fuzz", "benchmarks", "cmake"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".hpp", ".ipp", ".cpp", ".def", ".h", ".js", ".html", ".py", ".cmake", ".css", ".build") or path.name == "CMakeLists.txt":
                text = path.read_text(errors="replace")
                if path.suffix in (".hpp", ".ipp", ".cpp", ".h"):
                    text = re.sub(r"(?m)(?<![:\"'])//.*$", "", text)
                out.update(re.findall(r"\w+", text))
    for path in (ROOT / "meson.build", ROOT / "meson_options.txt", ROOT / "CMakeLists.txt", ROOT / "dev"):
        out.update(re.findall(r"\w+", path.read_text()))
    return out


def problems_of(text, known, rules_named, foreign=False):
    for path in re.findall(r"(?<![\w/.-])((?:docs|tests|include|examples|fuzz|benchmarks|src|cmake)/[\w./-]*\w)", text):
        if not (ROOT / path).exists() and not list((ROOT / path).parent.glob(Path(path).name + "*")):
            yield f"there is no {path}"
    for header in re.findall(r"<(signet/[\w./-]+\.\w+)>", text):
        if not (ROOT / "include" / header).exists():
            yield f"there is no <{header}>"
    for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text) if not foreign else ():
        name = re.fullmatch(r"(?:signet::)?([a-z][\w]*(?:::[a-z]\w*)*)(?:<[^>]*>)?(?:\(\))?", code)
        if not name or code.startswith(("std::", "lib")):
            continue
        if "::" in name[1] or "_" in name[1] or code.endswith("()"):
            missing = [part for part in name[1].split("::") if part not in known]
            if missing:
                yield f"no code has `{code}`"
    for unseen in UNSEEN.findall(text):
        yield f"a reader does not have {unseen}"
    if not rules_named:
        for number in RULE.findall(text):
            yield f"a reader does not know {number}"
    for insider in JARGON.finditer(text):
        yield f"only insiders know \"{insider[0]}\""


def references():
    known, out, seen = known_words(), [], 0
    for path in sorted((ROOT / "include").rglob("*.[hi]pp")):
        for number, text in comment_lines(path.read_text()):
            seen += 1
            out += [f"{path.relative_to(ROOT)}:{number}: {p}" for p in problems_of(text, known, False)]
    for page in PAGES:
        fence = False
        for number, line in enumerate(page.read_text().splitlines(), 1):
            fence ^= line.startswith("```")
            if fence or line.startswith("<!--"):
                continue
            seen += 1
            rules_named = page.name in ("rules.md", "lifecycles.md", "profiles.md", "coverage.md") or "rules.md" in page.read_text()
            out += [f"{page.relative_to(ROOT)}:{number}: {p}" for p in problems_of(line, known, rules_named, page.name.startswith(("from-", "vectors")))]
    return out, seen


def pages():
    out, seen = [], 0
    for folder in ("guide", "reference"):
        for page in sorted((ROOT / "docs" / folder).glob("*.md")):
            seen += 1
            text = page.read_text()
            if not re.search(r"<!-- from \S+ -->\n```", text) and not PRINTED.search(text):
                out.append(f"{page.relative_to(ROOT)} has no working program")
    return out, seen


def main():
    passed = failed = 0
    counted = []
    if read is not None:
        try:
            bare, long, seen = contracts()
            counted += [("public names without a contract", bare), (f"sentences of more than {LONGEST} words", long)]
            passed += seen
        except LibclangError as e:
            print(f"no libclang, so names and sentences are not counted: {e}")
    lost, seen = references()
    passed += seen
    without, seen = pages()
    passed += seen
    counted += [("references that lead nowhere", lost), ("pages without a working program", without)]
    for what, complaints in counted:
        for complaint in complaints:
            print(complaint)
        print(f"{len(complaints)} {what}")
        failed += len(complaints)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

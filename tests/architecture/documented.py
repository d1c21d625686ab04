#!/usr/bin/env python3
"""Every public name of include/signet has a `///` comment: what clang's parser sees, not what a pattern finds.

usage: documented.py     (needs Debian's python3-clang-19; without it the test is skipped)

Public is what a header outside impl/ declares in namespace signet, outside the namespaces detail and the members that are
private. The rule:

* A type, function, concept, alias, constant at namespace scope and a member function has a comment directly before it or
  `///<` behind it.
* Names of one run share the comment of its first: overloads, pairs, fields and enumerators that follow each other without an
  empty line. A field, constant or enumerator may also rely on the comment of its type, which has to be there.
* Nothing has to be said of destructors, of constructors that copy or move, of what is defaulted or deleted, of operators but
  the call, of a declaration whose definition follows, and of names that somebody else prescribes (PRESCRIBED).
"""
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include" / "signet"

try:
    from clang.cindex import AccessSpecifier, CursorKind as Kind, Index, LibclangError
except ImportError:
    print("skipped: no python3-clang-19")
    sys.exit(77)

TYPES = {Kind.CLASS_DECL, Kind.STRUCT_DECL, Kind.UNION_DECL, Kind.ENUM_DECL, Kind.CLASS_TEMPLATE,
         Kind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION}
FUNCTIONS = {Kind.FUNCTION_DECL, Kind.FUNCTION_TEMPLATE, Kind.CXX_METHOD, Kind.CONSTRUCTOR, Kind.CONVERSION_FUNCTION}
VALUES = {Kind.VAR_DECL, Kind.FIELD_DECL, Kind.ENUM_CONSTANT_DECL}
ALIASES = {Kind.TYPE_ALIAS_DECL, Kind.TYPEDEF_DECL, Kind.TYPE_ALIAS_TEMPLATE_DECL, Kind.CONCEPT_DECL}
# Names that the language prescribes, or a documented concept of signet.
PRESCRIBED = {
    "value_type", "error_type", "difference_type", "iterator_category", "iterator_concept", "reference", "pointer",  # std
    "begin", "end", "iterator", "promise_type",  # the language
    "next", "answer", "execute",  # store::operation, store::blocking_store
}
NAMED = TYPES | FUNCTIONS | VALUES | ALIASES


class Checker:
    def __init__(self):
        self.lines = {}
        self.seen = set()
        self.missing = []

    def line_of(self, file, number):
        if file not in self.lines:
            self.lines[file] = Path(file).read_text().splitlines()
        return self.lines[file][number - 1] if 1 <= number <= len(self.lines[file]) else ""

    def first_line(self, cursor):
        """Where its declaration begins: libclang leaves out `template <...>` of some kinds, and attributes."""
        file, number = cursor.location.file.name, cursor.extent.start.line
        while True:
            above = self.line_of(file, number - 1).strip()
            if not above.startswith(("template ", "template<", "requires ", "requires(", "[[")) or above.endswith((";", "}")):
                return number
            number -= 1

    def has_own(self, cursor):
        file, above = cursor.location.file.name, self.first_line(cursor) - 1
        while self.line_of(file, above).lstrip().startswith("// "):  # a remark for maintainers in between
            above -= 1
        if self.line_of(file, above).lstrip().startswith("///"):
            return True
        # A trailing one stands on the declaration's first line, its last, or where its body opens.
        lines = {cursor.location.line, cursor.extent.start.line, cursor.extent.end.line}
        if any("///<" in self.line_of(file, n) for n in lines):
            return True
        # One that is continued below, or that stands under a long declaration.
        return self.line_of(file, cursor.extent.end.line + 1).lstrip().startswith("///<")

    def exempt(self, cursor):
        if cursor.spelling in PRESCRIBED or cursor.is_copy_constructor() or cursor.is_move_constructor():
            return True
        if cursor.kind in TYPES and not cursor.is_definition() and cursor.get_definition() is not None:
            return True
        if cursor.kind in FUNCTIONS:
            name = cursor.spelling
            if cursor.is_default_method() or cursor.is_deleted_method() or name.startswith("<deduction"):
                return True
            if name.startswith("operator") and not name[8:9].isalnum() and name != "operator()":
                return True
        return False

    def check_scope(self, scope, within, type_has_comment):
        """Goes through the names of a namespace or a type in their order."""
        run_end, run_documented = -1, False
        for cursor in scope.get_children():
            location = cursor.location
            if location.file is None or not Path(location.file.name).resolve().is_relative_to(HEADERS):
                continue
            file = location.file.name
            if "/impl/" in file:
                continue
            if cursor.kind == Kind.NAMESPACE:
                if cursor.spelling != "detail":
                    inline = cursor.semantic_parent.spelling == "signet" and cursor.spelling.startswith("v")
                    self.check_scope(cursor, within if inline else f"{within}{cursor.spelling}::", True)
                continue
            if cursor.kind == Kind.UNEXPOSED_DECL or cursor.kind == Kind.LINKAGE_SPEC:
                self.check_scope(cursor, within, type_has_comment)
                continue
            if cursor.kind not in NAMED or cursor.access_specifier in (AccessSpecifier.PRIVATE, AccessSpecifier.PROTECTED):
                continue
            if not cursor.spelling or "(unnamed" in cursor.spelling or "(anonymous" in cursor.spelling:
                self.check_scope(cursor, within, True)
                continue
            relies = type_has_comment and cursor.kind in VALUES and scope.kind in TYPES
            start, end = self.first_line(cursor), cursor.extent.end.line
            # A friend, a specialization or an inline definition of what a class declared is nothing new.
            redeclared = cursor.semantic_parent != cursor.lexical_parent or cursor.canonical != cursor
            own = self.has_own(cursor)
            adjoining = start <= run_end + 1
            documented = own or (adjoining and run_documented)
            run_end, run_documented = max(run_end, end), documented
            place = (file, location.line, cursor.spelling)
            if place in self.seen:
                continue
            self.seen.add(place)
            if not (documented or relies or redeclared or self.exempt(cursor)):
                self.missing.append((Path(file).resolve().relative_to(ROOT).as_posix(), location.line, within + cursor.spelling))
            if cursor.kind in TYPES and cursor.is_definition() and cursor.spelling != "promise_type":
                self.check_scope(cursor, f"{within}{cursor.spelling}::", documented)


def main():
    headers = sorted(p.relative_to(HEADERS.parent).as_posix() for p in HEADERS.rglob("*.hpp"))
    headers = [h for h in headers if "/impl/" not in h and h != "signet/src.hpp"]
    text = "".join(f"#include <{h}>\n" for h in headers)
    arguments = ["-x", "c++", "-std=c++20", f"-I{HEADERS.parent}", "-DSIGNET_SEPARATE_COMPILATION", "-Wno-everything"]
    try:
        index = Index.create()
    except LibclangError as e:
        print(f"skipped: {e}")
        return 77
    unit = index.parse("every.cpp", args=arguments, unsaved_files=[("every.cpp", text)])
    errors = [d for d in unit.diagnostics if d.severity >= d.Error]
    for e in errors:
        print(e)
    checker = Checker()
    for cursor in unit.cursor.get_children():
        if cursor.kind == Kind.NAMESPACE and cursor.spelling == "signet":
            checker.check_scope(cursor, "", True)
    for file, line, name in sorted(checker.missing):
        print(f"{file}:{line}: {name} has no comment")
    failed = len(checker.missing) + len(errors)
    print(f"{len(checker.seen) - len(checker.missing)} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

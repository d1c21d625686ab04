"""The public names of include/signet, as clang's parser sees them (Debian's python3-clang-19).

Public is what a header outside impl/ declares in namespace signet, outside the namespaces detail and the members that are
private. read() gives them as a tree, with the comments that belong to them; see documented.py for which those are.
"""
from dataclasses import dataclass, field
from pathlib import Path

from clang.cindex import AccessSpecifier, CursorKind as Kind, Index

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include" / "signet"

TYPES = {Kind.CLASS_DECL, Kind.STRUCT_DECL, Kind.UNION_DECL, Kind.ENUM_DECL, Kind.CLASS_TEMPLATE,
         Kind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION}
FUNCTIONS = {Kind.FUNCTION_DECL, Kind.FUNCTION_TEMPLATE, Kind.CXX_METHOD, Kind.CONSTRUCTOR, Kind.CONVERSION_FUNCTION}
VALUES = {Kind.VAR_DECL, Kind.FIELD_DECL, Kind.ENUM_CONSTANT_DECL}
ALIASES = {Kind.TYPE_ALIAS_DECL, Kind.TYPEDEF_DECL, Kind.TYPE_ALIAS_TEMPLATE_DECL, Kind.CONCEPT_DECL}
NAMED = TYPES | FUNCTIONS | VALUES | ALIASES

# Names that the language prescribes, or a documented concept of signet.
PRESCRIBED = {
    "value_type", "error_type", "difference_type", "iterator_category", "iterator_concept", "reference", "pointer",  # std
    "begin", "end", "iterator", "promise_type",  # the language
    "next", "answer", "execute",  # store::operation, store::blocking_store
}


@dataclass
class Name:
    cursor: object
    qualified: str        # without signet and its inline namespace
    header: str           # under include/, as in an #include
    line: int
    comment: list         # lines of its own or its run's comment, without the slashes
    own: bool             # whether the comment is its own
    needs_comment: bool
    members: list = field(default_factory=list)

    @property
    def documented(self):
        return bool(self.comment)

    @property
    def is_type(self):
        return self.cursor.kind in TYPES


class Reader:
    def __init__(self):
        self.lines = {}
        self.seen = set()

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

    def comment_of(self, cursor):
        """The lines directly before it, and those behind it after `///<`."""
        file, above = cursor.location.file.name, self.first_line(cursor) - 1
        while self.line_of(file, above).lstrip().startswith("// "):  # a remark for maintainers in between
            above -= 1
        before, behind = [], []
        while self.line_of(file, above).lstrip().startswith("///") and not self.line_of(file, above).lstrip().startswith("///<"):
            before.insert(0, self.line_of(file, above).strip()[3:].removeprefix(" "))
            above -= 1
        # A trailing one stands on the declaration's first line, where its body opens, on its last, or below.
        last = cursor.extent.end.line
        for number in sorted({cursor.extent.start.line, cursor.location.line, last, last + 1}):
            line = self.line_of(file, number)
            if "///<" in line and (number <= last or line.lstrip().startswith("///<")):
                behind.append(line.split("///<", 1)[1].strip())
        return before, behind

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
        # A friend, a specialization or an inline definition of what a class declared is nothing new.
        return cursor.semantic_parent != cursor.lexical_parent or cursor.canonical != cursor

    def names_in(self, scope, within, type_documented):
        """The names of a namespace or a type, in their order."""
        names, run_end, run_comment = [], -1, []
        for cursor in scope.get_children():
            location = cursor.location
            if location.file is None or not Path(location.file.name).resolve().is_relative_to(HEADERS) or "/impl/" in location.file.name:
                continue
            file = location.file.name
            if cursor.kind == Kind.NAMESPACE:
                if cursor.spelling != "detail":
                    inline = cursor.semantic_parent.spelling == "signet" and cursor.spelling.startswith("v")
                    names += self.names_in(cursor, within if inline else f"{within}{cursor.spelling}::", False)
                continue
            if cursor.kind == Kind.UNEXPOSED_DECL or cursor.kind == Kind.LINKAGE_SPEC:
                names += self.names_in(cursor, within, type_documented)
                continue
            if cursor.kind not in NAMED or cursor.access_specifier in (AccessSpecifier.PRIVATE, AccessSpecifier.PROTECTED):
                continue
            if not cursor.spelling or "(unnamed" in cursor.spelling or "(anonymous" in cursor.spelling:
                names += self.names_in(cursor, within, type_documented)
                continue
            before, behind = self.comment_of(cursor)
            comment, own = before + behind if behind else before, bool(before or behind)
            if before or self.first_line(cursor) > run_end + 1:
                run_comment = before
            run_end = max(run_end, cursor.extent.end.line)
            comment = comment or run_comment
            place = (file, location.line, location.column, cursor.spelling)
            if place in self.seen:
                continue
            self.seen.add(place)
            relies = type_documented and cursor.kind in VALUES and scope.kind in TYPES
            name = Name(cursor, within + cursor.spelling, Path(file).resolve().relative_to(HEADERS.parent).as_posix(), location.line,
                        comment, own, not (relies or self.exempt(cursor)))
            if name.is_type and cursor.is_definition() and cursor.spelling != "promise_type":
                name.members = self.names_in(cursor, f"{name.qualified}::", name.documented)
            names.append(name)
        return names


def read():
    """(names, reader, the compiler's complaints). Raises clang.cindex.LibclangError where there is no libclang."""
    headers = sorted(p.relative_to(HEADERS.parent).as_posix() for p in HEADERS.rglob("*.hpp"))
    headers = [h for h in headers if "/impl/" not in h and not h.endswith("src.hpp")]
    text = "".join(f"#include <{h}>\n" for h in headers)
    arguments = ["-x", "c++", "-std=c++20", f"-I{HEADERS.parent}", "-DSIGNET_SEPARATE_COMPILATION", "-Wno-everything"]
    unit = Index.create().parse("every.cpp", args=arguments, unsaved_files=[("every.cpp", text)])
    reader, names = Reader(), []
    for cursor in unit.cursor.get_children():
        if cursor.kind == Kind.NAMESPACE and cursor.spelling == "signet":
            names += reader.names_in(cursor, "", False)
    # The index owns what the cursors point to; the reader keeps it.
    reader.unit = unit
    return names, reader, [d for d in unit.diagnostics if d.severity >= d.Error]

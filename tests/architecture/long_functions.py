#!/usr/bin/env python3
"""No function under include/ is longer than 60 lines, unless it says which specification's steps stand in it one by one.

usage: long_functions.py FLAG...     (the flags that find Botan; needs Debian's python3-clang-19, without it the test is skipped)
From the line of its name to its closing brace, as clang's parser sees them. One that is longer has a comment above it or in it:
`// The steps of RFC 9449 section 4.3, in their order.`
"""
import re
import sys

from adapters import ADAPTERS, adapter_of

try:
    from clang.cindex import CursorKind as Kind, Index, LibclangError
    from public_names import FUNCTIONS, HEADERS
except ImportError:
    print("skipped: no python3-clang-19")
    sys.exit(77)

LONGEST = 60
STEPS = re.compile(r"// .*\b[Tt]he steps of [A-Z]")
SCOPES = {Kind.NAMESPACE, Kind.CLASS_DECL, Kind.STRUCT_DECL, Kind.CLASS_TEMPLATE, Kind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION,
          Kind.UNEXPOSED_DECL, Kind.LINKAGE_SPEC}


def definitions(scope):
    for cursor in scope.get_children():
        file = cursor.location.file
        if file is None or not file.name.startswith(str(HEADERS)):
            continue
        if cursor.kind in FUNCTIONS | {Kind.DESTRUCTOR} and cursor.is_definition():
            yield cursor
        elif cursor.kind in SCOPES:
            yield from definitions(cursor)


def main():
    files = sorted(HEADERS.rglob("*.[hi]pp"))
    text = "".join(f"#if __has_include(<{ADAPTERS.get(adapter_of(p), 'cstddef')}>)\n#include <{p.relative_to(HEADERS.parent)}>\n#endif\n" for p in files)
    flags = ["-x", "c++", "-std=c++20", f"-I{HEADERS.parent}", "-DSIGNET_SEPARATE_COMPILATION", "-Wno-everything", *sys.argv[1:]]
    try:
        unit = Index.create().parse("every.cpp", args=flags, unsaved_files=[("every.cpp", text)])
    except LibclangError as e:
        print(f"skipped: {e}")
        return 77
    errors = [d for d in unit.diagnostics if d.severity >= d.Error]
    for error in errors:
        print(error)
    passed, failed, lines = 0, len(errors), {}
    for cursor in definitions(unit.cursor):
        name, first, last = cursor.location.file.name, cursor.location.line, cursor.extent.end.line
        if last - first + 1 > LONGEST:
            if name not in lines:
                lines[name] = open(name).read().splitlines()
            above = first - 1
            while lines[name][above - 1].lstrip().startswith(("//", "template", "requires", "[[", "inline", "SIGNET_DECL")):
                above -= 1
            if not any(STEPS.search(line) for line in lines[name][above:last]):
                failed += 1
                print(f"include/{name.removeprefix(str(HEADERS.parent) + '/')}:{first}: {cursor.spelling} has {last - first + 1} lines, more than {LONGEST}")
                continue
        passed += 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

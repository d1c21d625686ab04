#!/usr/bin/env python3
"""Whoever reads the headers with an indexer finds every public name, and every body, under the name that C++ gives it.

usage: indexers.py     (needs Debian's universal-ctags and python3-clang-19; without them the test is skipped)
What clang's parser sees (public_names.py) is compared with what universal-ctags sees, whose parser knows no types, as those of
most editors and code hosts: types, functions, concepts, aliases and values, each in its scope. A function that its header
only declares has its body in include/ too. .ctags.d/signet.ctags, which ctags reads by itself, says that .ipp is C++.
"""
import json
import shutil
import subprocess
import sys

try:
    from clang.cindex import CursorKind as Kind, LibclangError
    from public_names import ALIASES, FUNCTIONS, ROOT, TYPES, VALUES, read
except ImportError:
    print("skipped: no python3-clang-19")
    sys.exit(77)

OURS = {"signet", "SIGNET_ABI"}  # the scope of everything; ctags expands no macro


def tags():
    """The kinds of each (file, qualified name) as ctags sees them."""
    done = subprocess.run(["ctags", "--output-format=json", "--fields=+nKzZS", "-R", "-f", "-", "include"],
                          cwd=ROOT, capture_output=True, text=True, check=True)
    found = {}
    for tag in map(json.loads, done.stdout.splitlines()):
        scope = [s for s in tag.get("scope", "").split("::") if s and s not in OURS]
        name = "::".join([*scope, tag["name"].replace("operator ", "operator")])
        # What a regular expression found has no scope: concepts stand in namespaces alone.
        found.setdefault((tag["path"], name), set()).add(tag["kind"])
    return found


def qualified(cursor):
    """Its name by the scopes that it belongs to, not those that its definition stands in."""
    name = cursor.spelling if cursor.spelling.startswith("operator") else cursor.spelling.split("<")[0]
    parts, scope = [name.replace("operator ", "operator")], cursor.semantic_parent
    while scope is not None and scope.spelling != "signet":
        if scope.kind != Kind.NAMESPACE or scope.semantic_parent.spelling != "signet" or not scope.spelling.startswith("v"):
            if scope.kind != Kind.ENUM_DECL or scope.is_scoped_enum():
                parts.insert(0, scope.spelling)
        scope = scope.semantic_parent
    return "::".join(parts)


def has_body(cursor):
    """Whether it says all there is: a definition, `= default`, `= delete`, `= 0`."""
    return cursor.is_definition() or cursor.is_default_method() or cursor.is_deleted_method() or cursor.is_pure_virtual_method()


def main():
    if not shutil.which("ctags") or "Universal Ctags" not in subprocess.run(["ctags", "--version"], capture_output=True, text=True).stdout:
        print("skipped: no universal-ctags")
        return 77
    try:
        names, _, errors = read()
    except LibclangError as e:
        print(f"skipped: {e}")
        return 77
    for error in errors:
        print(error)
    seen = tags()
    # What is defaulted in an .ipp is a prototype to ctags.
    bodies = {name for (path, name), kinds in seen.items() if "function" in kinds or path.endswith(".ipp")}
    passed, failed = 0, len(errors)
    while names:
        name = names.pop(0)
        names[:0] = name.members
        cursor = name.cursor
        if cursor.kind not in TYPES | FUNCTIONS | ALIASES | VALUES or cursor.spelling.startswith("<deduction"):
            continue
        if cursor.kind in TYPES and not cursor.is_definition():
            continue
        full = qualified(cursor)
        # What a regular expression of .ctags.d finds: concepts, and the errors that folders list.
        wanted = full.split("::")[-1] if cursor.kind == Kind.CONCEPT_DECL or name.header.endswith(".def") else full
        problem = None
        if (f"include/{name.header}", wanted) not in seen:
            problem = "ctags does not see it"
        elif cursor.kind in FUNCTIONS and not has_body(cursor) and full not in bodies:
            problem = "ctags does not see its body"
        passed, failed = passed + (problem is None), failed + (problem is not None)
        if problem:
            print(f"include/{name.header}:{name.line}: {full}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Every public name of include/signet has a `///` comment: what clang's parser sees, not what a pattern finds.

usage: documented.py     (needs Debian's python3-clang-19; without it the test is skipped)

The rule, for the names that public_names.py calls public:

* A type, function, concept, alias, constant at namespace scope and a member function has a comment directly before it or
  `///<` behind it.
* Names of one run share the comment before its first: overloads, pairs, fields and enumerators that follow each other without
  an empty line. A field, constant or enumerator may also rely on the comment of its type, which has to be there.
* Nothing has to be said of destructors, of constructors that copy or move, of what is defaulted or deleted, of operators but
  the call, of a declaration whose definition follows, and of names that somebody else prescribes (PRESCRIBED).
"""
import sys

try:
    from clang.cindex import LibclangError
    from public_names import read
except ImportError:
    print("skipped: no python3-clang-19")
    sys.exit(77)


def main():
    try:
        names, _, errors = read()
    except LibclangError as e:
        print(f"skipped: {e}")
        return 77
    for error in errors:
        print(error)
    passed = failed = 0
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        waiting[:0] = name.members
        if name.documented or not name.needs_comment:
            passed += 1
        else:
            failed += 1
            print(f"include/{name.header}:{name.line}: {name.qualified} has no comment")
    print(f"{passed} passed, {failed + len(errors)} failed")
    return failed + len(errors) != 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Every file under include/ can be opened alone, in both modes: what it uses, it includes, and in an order that holds.

usage: alone.py FLAG...     (the flags that find Botan and Boost; needs Debian's clang-19, without it the test is skipped)

To compile each file by itself takes half an hour, which ./dev headers does (check_headers.py --each). Here each mode is one run of
clang: include/signet becomes a Clang module whose files are submodules. Each is then parsed once and sees no declaration, no
definition and no macro but those of the files that it includes itself, whatever was parsed before. The standard library,
Botan, Boost, SQLite, hiredis, libpq and OpenSSL are a module each, all of which is seen once any of its headers is included; so the standard
headers of some names are looked for in the text.

Header-only, a header ends with the bodies of what it declares, and these include others again. Whatever file is opened first,
a file that is still being read may only be included again from where nothing of it is needed any more, or not yet.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from adapters import ADAPTERS

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include"
CLANG = "clang++-19"
OTHER_MACHINES = {"arm_neon.h"}  # there, and of no use here
IF = re.compile(r"^\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b\s*(.*)")
DIRECTIVE = re.compile(r"^\s*#\s*include\s*<([^>]+)>")
# A name of the standard library, and the headers of which one has to be included, by the file or by what it includes.
STANDARD = {
    r"vector<": "vector", r"array<": "array", r"optional<": "optional", r"span<": "span", r"atomic<": "atomic", r"deque<": "deque",
    r"string_view\b": "string_view", r"string\b": "string", r"(?:to|from)_chars\b": "charconv", r"tuple<": "tuple", r"set<": "set", r"map<": "map",
    r"(?:unique|shared|weak)_ptr<|make_(?:unique|shared)\b": "memory", r"pmr::": "memory_resource", r"chrono::": "chrono",
    r"(?:mutex|lock_guard|unique_lock|scoped_lock)\b": "mutex", r"thread\b|this_thread\b": "thread", r"function<": "functional",
    r"coroutine_handle\b": "coroutine", r"numeric_limits<": "limits", r"countl_zero\b|bit_cast\b|popcount\b|rotl\b": "bit",
    r"mem(?:cpy|move|set|cmp)\b": "cstring", r"(?:sort|lower_bound|find_if|copy|fill|equal|any_of|all_of|max|min)\(": "algorithm",
    r"(?:same_as|convertible_to|derived_from|integral)<": "concepts", r"u?int(?:8|16|32|64)_t\b": "cstdint", r"barrier\b": "barrier",
}


class File:
    """Its includes in each mode, and whether they stand behind everything that it says itself."""

    def __init__(self, name):
        self.name = name
        self.text = (INCLUDE / name).read_text()
        self.includes = {True: [], False: []}  # separate?: (file, whether nothing follows)
        lines = self.text.splitlines()
        code = [i for i, line in enumerate(lines) if re.match(r"\s*[^\s/#}]", line)]
        end = code[-1] if code else -1
        # Instead of #pragma once: what it includes may include it again, and then finds all of it.
        self.guarded = bool(re.search(r"^#ifndef (SIGNET_\w+)\n#\s*define \1$", self.text, re.M))
        open_ifs = []
        for number, line in enumerate(lines):
            if found := IF.match(line):
                kind, of = found[1], found[2].startswith("SIGNET_SEPARATE_COMPILATION")
                if kind.startswith("if"):
                    open_ifs.append({True: kind == "ifdef", False: kind == "ifndef"} if of and kind != "if" else {True: True, False: True})
                elif kind == "else":
                    last = open_ifs[-1]
                    open_ifs[-1] = {mode: not last[mode] if last[True] != last[False] else True for mode in last}
                elif kind == "endif":
                    open_ifs.pop()
            elif found := DIRECTIVE.match(line):
                for mode in (True, False):
                    if all(one[mode] for one in open_ifs):
                        self.includes[mode].append((found[1], number > end))

    def standard(self):
        return {name for name, _ in self.includes[True] + self.includes[False] if not name.startswith("signet/")}


def closure(files, name, mode):
    seen, waiting = set(), [name]
    while waiting:
        if (one := waiting.pop()) not in seen:
            seen.add(one)
            waiting += [n for n, _ in files[one].includes[mode] if n in files]
    return seen


def order_problems(files, mode):
    """Opens each file as a compiler would, and names each place where a file comes up again while something of it is missing."""
    problems = set()
    for entry in files:
        done, reading = set(), {}  # a file that is being read -> whether it has come to its last includes

        def read(name):
            reading[name] = False
            for other, last in files[name].includes[mode]:
                reading[name] = last
                if other not in files or other in done:
                    continue
                if other not in reading or files[other].guarded:
                    read(other)
                elif not last and not reading[other]:
                    problems.add(f"{name} includes {other}, of which too little is there when {entry} is opened first")
            reading.pop(name, None)
            done.add(name)

        read(entry)
    return sorted(problems)


def standard_problems(files):
    for name, file in files.items():
        known = set().union(*(files[f].standard() for f in closure(files, name, True)))
        code = re.sub(r"//.*", "", file.text)
        for pattern, header in STANDARD.items():
            if header not in known and (found := re.search(r"\bstd::(?:" + pattern + ")", code)):
                yield f"{name} says {found[0].rstrip('<(')} and does not include <{header}>"


def search_path(flags):
    """Where clang looks for headers in angle brackets."""
    said = subprocess.run([CLANG, "-std=c++20", *flags, "-E", "-v", "-x", "c++", os.devnull], capture_output=True, text=True).stderr
    listed = re.search(r"^#include <\.\.\.> search starts here:\n(.*?)^End of search list", said, re.M | re.S)
    return [Path(line.strip()) for line in listed[1].splitlines()]


def libraries_of(files, folders):
    """The modules of what is not signet's: what of it is there, by library."""
    libraries = {}
    for name in sorted(set().union(*(file.standard() for file in files.values())) - OTHER_MACHINES):
        if name.startswith("boost/asio/ssl/"):  # with SIGNET_ASIO_TLS alone, and OpenSSL's headers are no module within Boost's
            continue
        found = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if found is not None:
            # A folder of its own is a library's; the headers of C and C++ and of the system belong together.
            owner = name.split("/")[0] if "/" in name or name in ADAPTERS.values() else "standard"
            owner = re.sub(r"\W", "_", owner) if owner not in ("sys", "arpa") else "standard"
            libraries.setdefault(owner, []).append(os.path.normpath(found))
    def order(path):  # Botan 2's aead.h does not include <memory>
        return path.endswith("botan/aead.h"), path
    return "".join(f"module {library} [system] {{\n" + "".join(f'  header "{p}"\n' for p in sorted(set(paths), key=order)) + "  export *\n}\n"
                   for library, paths in libraries.items())


def parse(files, flags, libraries, separate):
    """One run of clang over all files as submodules; its errors."""
    files = [name for name in files if separate or name != "signet/src.hpp"]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "module.modulemap").write_text(libraries + "module signet {\n" + "".join(
            f'  module f{i} {{ header "{INCLUDE / name}" export * }}\n' for i, name in enumerate(files)) + "}\n")
        (work / "opened.cpp").write_text(f"#include <{files[0]}>\n")
        done = subprocess.run(
            [CLANG, "-std=c++20", f"-I{INCLUDE}", *flags, *(["-DSIGNET_SEPARATE_COMPILATION"] if separate else []), "-fsyntax-only",
             "-fno-color-diagnostics", "-fmodules", "-fno-implicit-module-maps",
             f"-fmodules-cache-path={work / 'cache'}", f"-fmodule-map-file={work / 'module.modulemap'}", str(work / "opened.cpp")],
            capture_output=True, text=True)
    return done.stderr if done.returncode else None


def read_files():
    return {name: File(name) for name in sorted(p.relative_to(INCLUDE).as_posix() for p in (INCLUDE / "signet").rglob("*.[hi]pp"))}


def main():
    flags = sys.argv[1:]
    if not shutil.which(CLANG):
        print("skipped: no clang-19")
        return 77
    files, folders = read_files(), search_path(flags)
    for adapter, header in ADAPTERS.items():
        if not any((folder / header).is_file() for folder in folders):
            files = {name: file for name, file in files.items() if name not in (f"signet/{adapter}.hpp", f"signet/{adapter}_src.hpp", f"signet/{adapter.replace('/', '/impl/')}.ipp")}
            print(f"without {adapter}: there is no <{header}>")
    failed = 0
    libraries = libraries_of(files, folders)
    for separate in (True, False):
        mode = "separate" if separate else "header-only"
        if wrong := parse(files, flags, libraries, separate):
            failed += 1
            print(f"{mode}: what a file uses, it does not include:\n{wrong[:20000]}")
        for problem in order_problems(files, separate):
            failed += 1
            print(f"{mode}: {problem}")
    for problem in standard_problems(files):
        failed += 1
        print(problem)
    print(f"{max(2 * len(files) - failed, 0)} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""What the headers may be: who includes whom, who may touch which library, and the form that each file has.

MAY_INCLUDE is the architecture. Without arguments it is checked; --draw prints it as docs/internals/layers.md.
"""
import re
import statistics
import subprocess
import sys
from pathlib import Path

from adapters import ADAPTERS

ROOT = Path(__file__).resolve().parents[2]
HEADERS = ROOT / "include" / "signet"

MAY_INCLUDE = {
    "core":    [],
    "codec":   ["core"],
    "http":    ["core", "codec"],
    "store":   ["core", "crypto"],  # crypto for encrypted records alone
    "crypto":  ["core"],
    "jose":    ["core", "codec", "crypto"],
    "jwt":     ["core", "codec", "crypto", "jose"],
    "proof":   ["core", "codec", "http", "store", "crypto", "jose", "jwt"],
    "device":  ["core", "codec", "store", "crypto", "jose", "jwt", "proof"],
    "oauth":   ["core", "codec", "http", "store", "crypto", "jwt", "proof"],
    "oidc":    ["core", "codec", "http", "store", "crypto", "jose", "jwt", "proof", "oauth"],
    "session": ["core", "codec", "store", "crypto", "jwt", "proof"],
    "dbsc":    ["core", "codec", "http", "store", "crypto", "jose", "proof"],
    "webauthn": ["core", "codec", "http", "store", "crypto", "jose", "proof"],
    "testing": ["core", "codec", "store", "crypto", "jose", "session"],
}
THIRD_PARTY = {  # the only files that may name these
    "botan/":    r"crypto/impl/|version\.hpp$",
    "boost/":    r"codec/impl/|store/(impl/)?(asio_\w+|async_run)\.[hi]pp$",
    **{re.sub("/.*", "/", header): name.replace("/", "/(impl/)?") + r"(_protocol)?\.[hi]pp$" for name, header in ADAPTERS.items()},
}
BY_NAME_ONLY = {f"{name}.hpp" for name in ADAPTERS}
# For whoever prints the table, while everybody else asks name() and message(); what waits for other threads,
# and what only these need; what needs Botan or atomics, which other stores do not; what needs Boost.Asio.
BY_NAME = {"core/error_rows.hpp", "store/combiner.hpp", "store/pool.hpp", "store/breaker.hpp", "store/encrypted.hpp", "store/encryption_keys.hpp", "store/metrics.hpp", "store/scan.hpp", "session/session_summary.hpp", "store/async_run.hpp",
           "store/asio_redis.hpp", "store/asio_postgres.hpp", "store/redis_cluster.hpp"}
TOO_HEAVY = {"iostream", "regex", "format", "expected"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
ISA = re.compile(r"^\s*#\s*(?:el)?if.*\b__(?:AVX|SSE|SSSE|BMI|ADX|FMA|SHA|AES|VAES|PCLMUL|ARM_FEATURE)\w*", re.M)
LONG = 700  # lines of a file: more is worth a look, not an error, since a file holds one idea, long or short


def files():
    return [(p.relative_to(HEADERS).as_posix(), p.read_text()) for p in sorted(HEADERS.rglob("*.[hi]pp"))]


def folder_of(name):
    return name.split("/")[0] if "/" in name else None


def layers():
    """Each folder includes only what stands below it, and what the table allows is used; only testing names testing."""
    unused = {(folder, below) for folder, allowed in MAY_INCLUDE.items() for below in allowed}
    for here, text in files():
        folder = folder_of(here)
        if folder is None:
            continue  # an umbrella
        if folder not in MAY_INCLUDE:
            yield f"{here}: {folder} is not in the table of {Path(__file__).name}"
            continue
        for name in INCLUDE.findall(text):
            m = re.match(r"signet/([a-z_]+)(?:/|\.hpp$)", name)
            if m and m[1] in MAY_INCLUDE and m[1] != folder and m[1] not in MAY_INCLUDE[folder]:
                yield f"{here}: {folder} may not include {m[1]} (<{name}>)"
            if m:
                unused.discard((folder, m[1]))
        if folder != "testing" and re.search(r"\btesting\b", re.sub(r"//.*", "", text)):
            yield f"{here}: names testing"
    for folder, below in sorted(unused):
        yield f"the table allows {folder} to include {below}, which no file does"


def third_party():
    """Only crypto/impl sees Botan, only codec/impl Boost.JSON, only the adapters their libraries."""
    for here, text in files():
        for name in INCLUDE.findall(text):
            for prefix, owner in THIRD_PARTY.items():
                if name.startswith(prefix) and not re.match(owner, here):
                    yield f"{here}: <{name}> belongs in {owner}"
            if name in TOO_HEAVY and here != "format.hpp":
                yield f"{here}: <{name}> is not used in signet"


def form():
    """SPDX line, purpose line, #pragma once, no macro that outlives the file, no thread_local.

    A private header whose own includes include it again, header-only, has a guard behind its includes instead (alone.py).
    """
    for here, text in files():
        lines = text.splitlines()
        if lines[0] != "// SPDX-License-Identifier: BSL-1.0":
            yield f"{here}: the first line is the SPDX line"
        if here.endswith(".hpp") and not re.match(r"// \S", lines[1]):
            yield f"{here}: the second line says what the header is for"
        guard = "SIGNET_" + re.sub(r"\W", "_", here).upper()
        guarded = "/impl/" in here and re.search(rf"^#ifndef {guard}\n#    define {guard}\n", text, re.M)
        if not guarded and next((line for line in lines if line and not line.startswith("//")), "") != "#pragma once":
            yield f"{here}: #pragma once stands under the purpose line, before anything else"
        if here != "version.hpp":
            undefined = set(re.findall(r"^\s*#\s*undef\s+(SIGNET_\w+)", text, re.M))
            for name in re.findall(r"^\s*#\s*define\s+(\w+)", text, re.M):
                if name not in undefined and (not guarded or name != guard):
                    yield f"{here}: the macro {name} outlives the file"
        if "thread_local" in re.sub(r"//.*", "", text):
            yield f"{here}: thread_local"


def errors():
    """Each folder's errors.def holds one line an error, with numbers of the folder's own block, and is in the list of all."""
    table = (HEADERS / "core/impl/error_table.ipp").read_text()
    blocks = re.findall(r'"(\w+)"', re.search(r"error_folders\[\] = \{(.*?)\};", table, re.S)[1])
    listed = re.findall(r"^#include <signet/(\w+)/errors\.def>$", (HEADERS / "core/impl/all_errors.def").read_text(), re.M)
    if listed != blocks:
        yield f"core/impl/all_errors.def includes {listed}, error_folders says {blocks}"
    for path in sorted(HEADERS.rglob("errors.def")):
        here, folder = path.relative_to(HEADERS).as_posix(), path.parent.name
        if here != f"{folder}/errors.def" or folder not in blocks:
            yield f"{here}: is not in error_folders"
            continue
        for line in path.read_text().splitlines():
            row = re.fullmatch(r'SIGNET_ERROR\(0x(\w\w)\w\w, \w+, \w+, "[^"]+"(, oauth_code::\w+)?\)', line)
            if not line.startswith("// ") and (not row or int(row[1], 16) != blocks.index(folder) + 1):
                yield f"{here}: {line}"


def evidence():
    """Only the checks of proof, dbsc and webauthn make evidence that a key is held (DECISIONS 13)."""
    for here, text in files():
        if "verified_key_access::make" in text and not re.match(r"(proof|dbsc|webauthn)/impl/", here):
            yield f"{here}: a proof::verified_key is made by a check only"


def instruction_sets():
    """No #if on an instruction set: in an inline body it would differ between translation units (DECISIONS 6)."""
    for here, text in files():
        for found in ISA.findall(text):
            yield f"{here}: {found.strip()}: choose at run time, in a function with __attribute__((target))"


def bodies():
    """Each .ipp is in its folder's src.hpp and at the end of the header it belongs to; each header is in its folder's umbrella."""
    source = "".join(p.read_text() for p in HEADERS.rglob("*src.hpp"))
    texts = dict(files())
    for here, text in texts.items():
        folder = folder_of(here)
        if here.endswith(".ipp"):
            # A body that only other bodies include (a helper, marked inline) needs no line of its own.
            users = [h for h, t in texts.items() if f"<signet/{here}>" in t and not h.endswith("src.hpp")]
            public = [h for h in users if h.endswith(".hpp") and h not in BY_NAME]
            if not users:
                yield f"{here}: no file includes it"
            if public and not set(public) & BY_NAME_ONLY and f"<signet/{here}>" not in source:
                yield f"{here}: is missing in {folder}/src.hpp"
            for user in public:
                if not re.search(r"# *ifndef SIGNET_SEPARATE_COMPILATION\n(?:# +include .*\n)*# +include <signet/" + re.escape(here), texts[user]):
                    yield f"{user}: {here} is to be included under #ifndef SIGNET_SEPARATE_COMPILATION"
        elif folder and folder != "testing" and "/impl/" not in here and "/detail/" not in here and here not in BY_NAME_ONLY | BY_NAME and not here.endswith("src.hpp"):
            umbrella = texts.get(f"{folder}.hpp")
            if umbrella is not None and f"<signet/{here}>" not in umbrella:
                yield f"{folder}.hpp: does not include <signet/{here}>"
    for here, text in texts.items():
        if folder_of(here) is None and here not in ("version.hpp", "src.hpp") and INCLUDE.findall(text)[0] != "signet/version.hpp":
            yield f"{here}: includes <signet/version.hpp> first, which says in the first lines that C++20 is needed"
    for name in sorted(BY_NAME_ONLY):
        for here, text in texts.items():
            if folder_of(here) is None and f"<signet/{name}>" in text:
                yield f"{here}: {name} is an adapter, and in no umbrella"


def formatted():
    """Every enumeration with a table of names is one that format.hpp writes."""
    text = (HEADERS / "format.hpp").read_text()
    for here, other in files():
        for enum in re.findall(r"^inline constexpr auto \w+ = make_enum_names<(\w+)>", other, re.M):
            wanted = enum if folder_of(here) == "core" else f"{folder_of(here)}::{enum}"
            if f"is_written_by_name<{wanted}> = true" not in text:
                yield f"{here}: {enum} has names, and is not in format.hpp"


def repository():
    """No machine paths and no leftovers in any committed file."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode:
        return  # not a clone: nothing is known about what is committed
    paths = re.compile(r"(?<![\w.])/(?:root|home|work)/[\w.]")
    leftovers = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if name.startswith(("tests/vectors/", "fuzz/corpus/")) or not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for what, pattern in (("a machine's path", paths), ("a leftover", leftovers)):
            for found in pattern.finditer(text):
                yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}: {what}: {found[0]}"


def report():
    lengths, shares = [], []
    for here, text in files():
        if len(text.splitlines()) > LONG:
            print(f"warning: include/signet/{here} has {len(text.splitlines())} lines, more than {LONG}: is it one idea?")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if here.endswith(".hpp"):
            lengths.append(len(text.splitlines()))
            shares.append(sum(line.startswith("//") or "///<" in line for line in lines) / len(lines))
    lengths.sort()
    print(f"{len(lengths)} headers: median {statistics.median(lengths):.0f} lines (130 wanted), p90 {lengths[len(lengths) * 9 // 10]} (300),"
          f" longest {lengths[-1]}; comments {100 * statistics.mean(shares):.0f} %")


def draw():
    used = [f for f in MAY_INCLUDE if (HEADERS / f).is_dir()]
    print("# Layers\n")
    print("Printed from the table in `tests/architecture/check_layers.py`, which every test run checks; `./dev docs` writes it anew.\n")
    print("A folder includes only what it points to, directly or further down.\n")
    print("```mermaid\ngraph TD")
    for folder in used:
        below = MAY_INCLUDE[folder]
        for b in [b for b in below if not any(b in MAY_INCLUDE[o] for o in below if o != b)]:
            print(f"    {folder} --> {b}")
    print("```\n")
    print("| folder | may include | library |\n|---|---|---|")
    library = {"codec": "Boost.JSON, in `codec/impl/`", "crypto": "Botan, in `crypto/impl/`; OpenSSL, in the adapter of that name", "store": "SQLite, hiredis and libpq, in the adapters of that name"}
    for folder in used:
        print(f"| `{folder}` | {', '.join(MAY_INCLUDE[folder]) or '-'} | {library.get(folder, '-')} |")


def main():
    if sys.argv[1:] == ["--draw"]:
        draw()
        return 0
    passed = failed = 0
    for rule in (layers, third_party, form, errors, evidence, instruction_sets, bodies, formatted, repository):
        found = list(rule())
        passed, failed = passed + (not found), failed + bool(found)
        if found:
            print(f"{rule.__name__}: {rule.__doc__}")
            print("\n".join(f"    {line}" for line in found))
    report()
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

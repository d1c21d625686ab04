#!/usr/bin/env python3
"""No branch and no address depends on a secret: undefined.cpp under valgrind, which takes secrets for undefined memory.

usage: check_undefined.py COMPILER BOTAN_MAJOR; ends in "N passed, N failed"
Each case_* has to be silent, but for the answer itself, which everybody may know: the lines in ANSWERS. Each control_* leaks on
purpose, and has to be reported: otherwise the silence of the others would mean nothing. At last a leak is put into a copy of the
library's own comparison, and has to be found there.
"""
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SECONDS = 120  # for a run under valgrind

# Where an answer is given that may be known, by the file and the text of the line.
ANSWERS = {
    ("base64url_secret.ipp", "if (bad < 0) return errc::invalid_base64_character;"),
    ("base64url_secret.ipp", "if ((bits & ((1u << count) - 1)) != 0) return errc::nonzero_base64_trailing_bits;"),
    ("verifier.ipp", "for (auto const* key = keys.begin(); key != keys.end() && !holds; ++key) {"),
    ("verifier.ipp", "if (!holds) return errc::bad_signature;"),
    ("csrf.ipp", "if (!made_by(keys_.current()) && std::ranges::none_of(keys_.former(), made_by)) return errc::csrf_refused;"),
}
PLANTED = ("signet/core/impl/bytes.ipp", "difference = difference | (x ^ y);", "if (x != y) return false;")


def reports(compiler, flags, include, folder):
    """What valgrind reports: the case, file, line and text of each."""
    program, log = folder / "undefined", folder / "log.xml"
    subprocess.run([*compiler, "-std=c++20", "-O2", "-g", f"-I{include}", HERE / "undefined.cpp", "-o", program, *flags, "-lboost_json", "-pthread"], check=True)
    ran = subprocess.run(["valgrind", "--tool=memcheck", "--num-callers=30", "--read-inline-info=yes", "--error-limit=no", "--xml=yes", f"--xml-file={log}", program],
                         capture_output=True, text=True, timeout=SECONDS)
    if ran.returncode:
        raise SystemExit(f"the cases ended with {ran.returncode}\n{ran.stderr[-2000:]}\n0 passed, 1 failed")
    found = []
    for error in ElementTree.parse(log).iter("error"):
        if not error.findtext("kind", "").startswith("Uninit"):
            continue
        frames = [(f.findtext("fn") or "", f.findtext("dir") or "", f.findtext("file") or "", int(f.findtext("line") or 0)) for f in error.find("stack")]
        case = next((name for fn, *_ in frames for name in re.findall(r"^((?:case|control)_\w+)", fn)), "?")
        _, where, file, line = frames[0]
        source = Path(where) / file
        text = source.read_text().splitlines()[line - 1].strip() if line and source.is_file() else ""
        found.append((case, file, line, text))
    return found


def main():
    *compiler, botan = sys.argv[1:]
    if not shutil.which("valgrind") or subprocess.run([*compiler, "-E", "-include", "valgrind/memcheck.h", "-x", "c++", "/dev/null"], capture_output=True).returncode:
        print("skipped: valgrind is not here")
        return 77
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", f"botan-{botan}"], capture_output=True, text=True, check=True).stdout.split()
    cases = re.findall(r"\bvoid ((?:case|control)_\w+)\(\)", (HERE / "undefined.cpp").read_text())
    passed = failed = 0

    def check(what, good, said=""):
        nonlocal passed, failed
        passed, failed = passed + good, failed + (not good)
        print(f"{'ok     ' if good else 'FAILED '} {what}{'' if good else chr(10) + said}", flush=True)

    with tempfile.TemporaryDirectory(prefix="signet-secrets-") as name:
        folder = Path(name)
        found = reports(compiler, flags, ROOT / "include", folder)
        for case in cases:
            theirs = sorted({r[1:] for r in found if r[0] == case})
            leaks = [r for r in theirs if (r[0], r[2]) not in ANSWERS]
            said = "\n".join(f"    {file}:{line}: {text}" for file, line, text in leaks)
            if case.startswith("control_"):
                check(f"{case}: a leak on purpose is reported", bool(leaks))
            else:
                check(f"{case}: nothing but the answer depends on the secret", not leaks, said)
        lines = {(p.name, line.strip()) for p in (ROOT / "include").rglob("*.ipp") for line in p.read_text().splitlines()}
        check("each line that gives an answer is still there", lines >= ANSWERS, ANSWERS - lines)
        check("no report from elsewhere", all(r[0] in cases for r in found), str([r for r in found if r[0] not in cases]))

        shutil.copytree(ROOT / "include", folder / "include")
        file, old, new = PLANTED
        text = (folder / "include" / file).read_text()
        check(f"{file} has what a leak is planted in", text.count(old) == 1)
        (folder / "include" / file).write_text(text.replace(old, new))
        spoiled = {r[0] for r in reports(compiler, flags, folder / "include", folder) if (r[1], r[3]) not in ANSWERS}
        for case in ("case_constant_time_equal", "case_secret_equality", "case_hmac_verify", "case_hs256_verify", "case_csrf_check"):
            check(f"{case}: finds an early exit in constant_time_equal", case in spoiled)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

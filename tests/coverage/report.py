#!/usr/bin/env python3
"""Writes docs/internals/coverage.md from what the tests of an instrumented build ran, and a page a file with each line's counts.

usage: report.py BUILD_DIR
Lines and branches of include/signet as gcov counts them, summed over all units that include a header. Branches that only an
exception takes are left out: the compiler makes one of nearly every call. left.md says of each file what no test reaches and why;
a file with such lines and no word there, or fewer than 95 % of all lines, is a failure. Ends in "N passed, N failed".
"""
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "internals" / "coverage.md"
REQUIRED = 95.0


def measure(build):
    pages = build / "coverage"
    pages.mkdir(exist_ok=True)
    subprocess.run(["gcovr", "--root", ROOT, "--filter", "include/signet/", "--object-directory", build, build,
                    "--exclude-throw-branches", "--exclude-unreachable-branches", "-j", "2",
                    "--json", pages / "coverage.json", "--json-summary", pages / "summary.json", "--html-details", pages / "index.html"],
                   check=True, cwd=ROOT)
    return json.loads((pages / "coverage.json").read_text())["files"]


def of_file(entry):
    """Lines, lines run, branches, branches taken, and the lines that were not run."""
    lines = [l for l in entry["lines"] if not l.get("gcovr/noncode")]
    branches = [b for l in lines for b in l["branches"]]
    missed = sorted(l["line_number"] for l in lines if l["count"] == 0)
    return [len(lines), len(lines) - len(missed), len(branches), sum(b["count"] > 0 for b in branches)], missed


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else ""


def ranges(numbers):
    """12, 14-16: what follows one another as one."""
    out = []
    for n in numbers:
        if out and n == out[-1][1] + 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in out)


def main():
    build = Path(sys.argv[1]).resolve()
    about_left = Path(__file__).with_name("left.md").read_text()
    reasons = dict(re.findall(r"^\* `([^`]+)`: (.+?)(?=^\* |\Z)", about_left, re.M | re.S))
    folders, left, problems = {}, [], []
    for entry in measure(build):
        name = entry["file"].removeprefix("include/signet/")
        counts, missed = of_file(entry)
        folder = name.split("/")[0] if "/" in name else "(umbrellas)"
        folders[folder] = [a + b for a, b in zip(folders.get(folder, [0] * 4), counts)]
        if missed:
            left.append((name, missed))
            print(f"{name}: not run: {ranges(missed)}")
            if name not in reasons:
                problems.append(f"{name} has lines that no test runs, and left.md does not say why")
    known = {name for name, _ in left}
    for name in reasons.keys() - known:
        print(f"left.md speaks of {name}, all of which is run now")

    rows = [[f"`{name}`", *folders[name]] for name in sorted(folders) if folders[name][0]]
    total = [sum(column) for column in zip(*(r[1:] for r in rows))]
    text = ("# Coverage\n\nWritten by `./dev coverage`: what the tests run of `include/signet`, the bodies in `.ipp` files too, built by g++ without\n"
            "optimisation and counted by gcov. Lines in no program, such as what is only called by the compiler, are not among them. Nothing is\n"
            "excluded but branches that only an exception takes, of which there is one for nearly every call. A template's branches count once\n"
            "for each type that it was made for, so that few of these are ever all taken; lines count once.\n\n"
            "| folder | lines | run | share | branches | taken | share |\n|---|---:|---:|---:|---:|---:|---:|\n")
    for name, lines, run, branches, taken in [*rows, ["all", *total]]:
        text += f"| {name} | {lines:,} | {run:,} | {share(run, lines)} | {branches:,} | {taken:,} | {share(taken, branches)} |\n"
    text += "\n" + about_left.split("\n* ")[0].replace("# ", "## ", 1).strip() + "\n\n"
    if left:
        text += "".join(f"* `{name}`, {len(missed)} {'line' if len(missed) == 1 else 'lines'}: {reasons.get(name, 'no reason is given.').strip()}\n"
                        for name, missed in sorted(left))
    PAGE.write_text(text)
    print(text)
    if 100 * total[1] < REQUIRED * total[0]:
        problems.append(f"{share(total[1], total[0])} of the lines are run, less than {REQUIRED} %")
    for one in problems:
        print(one)
    print(f"{max(0, len(left) + 1 - len(problems))} passed, {len(problems)} failed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

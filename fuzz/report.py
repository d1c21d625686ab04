#!/usr/bin/env python3
"""Writes docs/internals/fuzzing.md from the logs of `./dev fuzz SECONDS keep`.

usage: report.py LOG_DIR      the folder of fuzzing-<body>.txt
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "internals" / "fuzzing.md"


def first_sentence(name):
    """What the body's comment, which opens its file, says it holds against what."""
    lines = (ROOT / "fuzz" / "bodies" / f"{name}.cpp").read_text().splitlines()
    comment = []
    for line in lines:
        if line.startswith("// SPDX"):
            continue
        if not line.startswith("//"):
            break
        comment.append(line[2:].strip())
    return re.split(r"(?<=\.)\s", " ".join(comment))[0].replace("|", "\\|")


def row(log):
    name, text = log.stem.removeprefix("fuzzing-"), log.read_text(errors="replace")
    done = re.search(r"^Done (\d+) runs in (\d+) second", text, re.M)
    edges = re.findall(r"\bcov: (\d+)", text)
    corpus = len(list((ROOT / "fuzz" / "corpus" / name).iterdir()))
    if not done or not edges:
        raise SystemExit(f"{log}: the run did not end well")
    return f"| `{name}` | {first_sentence(name)} | {int(done[2]) // 60} | {int(done[1]):,} | {edges[-1]} | {corpus} |\n"


def main():
    logs = sorted(Path(sys.argv[1]).glob("fuzzing-*.txt"))
    head, tail = re.split(r"(?<=<!-- measured -->\n).*(?=<!-- /measured -->)", PAGE.read_text(), flags=re.S)
    table = ("| body | what it holds | minutes | runs | edges reached | inputs kept |\n|---|---|---:|---:|---:|---:|\n" + "".join(map(row, logs)))
    PAGE.write_text(head + table + tail)
    print(f"{len(logs)} passed, 0 failed")


if __name__ == "__main__":
    main()

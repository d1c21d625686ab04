#!/usr/bin/env python3
"""Puts named bugs back, one at a time, and expects a test to turn red for each.

usage: mutate.py BUILD_DIR [TEXT...]   only the bugs whose name or file contains one of the texts
       mutate.py --check               whether each bug's text still stands in its file, once; a test of its own
Works on copies of the tree in BUILD_DIR, one a core that it may use (taskset). A bug that the compiler refuses through a static_assert counts as
found. A bug whose text is no longer in its file, or there more than once, fails: the list in bugs.py follows the code. How a text
is broken into lines does not matter.
"""
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from bugs import BUGS

ROOT = Path(__file__).resolve().parents[2]
NOT_COPIED = shutil.ignore_patterns(".git", "build*", "node_modules", "docs", "__pycache__")


def run(*command, timeout=600):
    try:
        done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=timeout)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        return -1, f"{late.stdout or ''}\nstopped after {timeout} s"


def places_of(bug, text):
    """Where the bug's text stands, whatever white space parts its words."""
    return list(re.finditer(r"\s+".join(re.escape(word) for word in bug.search.split()), text))


class Tree:
    """A copy of the sources and its build directory."""

    def __init__(self, place):
        self.source, self.build = place / "source", place / "build"
        shutil.rmtree(self.source, ignore_errors=True)
        shutil.copytree(ROOT, self.source, ignore=NOT_COPIED, copy_function=shutil.copy)  # new for ninja, whatever a bug left built
        code, said = run("meson", "setup", *(["--reconfigure"] if (self.build / "build.ninja").exists() else []), self.build, self.source,
                         "-Dbuildtype=plain", "-Dexamples=false", "-Db_pch=false")
        if code:
            raise SystemExit(said)

    def red(self, folder):
        """What makes the tests of a folder fail, or None when they pass."""
        program = f"tests/{folder.split(':')[0]}/test_{folder.replace(':', '_')}"  # store:sqlite is test_store_sqlite
        code, said = run("ninja", "-C", self.build, program)
        if code:
            if "static assertion failed" not in said and "static_assert failed" not in said:
                raise RuntimeError(said[-3000:])
            return "does not compile: a static_assert"
        code, said = run(self.build / program, "--abort-after=1", timeout=300)
        if code == 0:
            return None
        # A case that only has a message has a heading too.
        cases = [case for case in said.split("TEST CASE:")[1:] if "ERROR" in case]
        return cases[0].splitlines()[0].strip() if cases else f"exit code {code}"

    def try_bug(self, bug):
        path = self.source / "include" / "signet" / bug.file
        if not path.exists():
            return False, f"no file {bug.file}"
        text = path.read_text()
        places = places_of(bug, text)
        if len(places) != 1:
            return False, f"its text is {len(places)} times in {bug.file}"
        try:
            path.write_text(text[:places[0].start()] + bug.replace + text[places[0].end():])
            for folder in bug.tests:
                why = self.red(folder)
                if why:
                    return True, f"{folder}: {why}"
            return False, "no test turns red"
        except RuntimeError as error:
            return False, f"does not compile:\n{error}"
        finally:
            path.write_text(text)


def check():
    headers = ROOT / "include" / "signet"
    lost = [b for b in BUGS if not (headers / b.file).exists() or len(places_of(b, (headers / b.file).read_text())) != 1]
    for b in lost:
        print(f"{b.file}: the text of the bug '{b.name}' does not stand there once")
    print(f"{len(BUGS) - len(lost)} passed, {len(lost)} failed")
    return len(lost) != 0


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    place, *only = sys.argv[1:]
    bugs = [b for b in BUGS if not only or any(text in b.name or text in b.file for text in only)]
    trees = [Tree(Path(place) / str(i)) for i in range(min(len(os.sched_getaffinity(0)), len(bugs)))]

    before = {folder: trees[0].red(folder) for folder in sorted({f for b in bugs for f in b.tests})}
    broken = {folder: why for folder, why in before.items() if why}
    if broken:
        print(f"red before any bug was put back: {broken}\n0 passed, {len(bugs)} failed")
        return 1

    waiting, lock, counts = queue.SimpleQueue(), threading.Lock(), {True: 0, False: 0}
    for bug in bugs:
        waiting.put(bug)

    def work(tree):
        while True:
            try:
                bug = waiting.get_nowait()
            except queue.Empty:
                return
            found, how = tree.try_bug(bug)
            with lock:
                counts[found] += 1
                print(f"{'red  ' if found else 'MISSED'} {bug.name}: {how}", flush=True)

    workers = [threading.Thread(target=work, args=(tree,)) for tree in trees]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] != 0


if __name__ == "__main__":
    sys.exit(main())

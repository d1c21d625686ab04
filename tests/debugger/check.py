#!/usr/bin/env python3
"""What gdb and lldb show of values with the printers in share/. usage: check.py gdb|lldb PROGRAM; ends in "N passed, N failed"."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

SHARE = Path(__file__).resolve().parents[2] / "share"
EXPECTED = {
    "why": "wrong_issuer iss at 17",
    "good": "a value = {value = 42}",
    "bad": "error expired",
    "done": "success",
    "refused": "error wrong_issuer iss at 17",
    "truth": "a value = {value = true}",
    "key": "a secret of 22 octets",
    "none": "a secret of 0 octets",
    "kept": "a value = {value = a secret of 22 octets}",
    "time": "2025-11-21T06:40:05Z",
    "early": "@-1",
    "octets": "20 octets: 01 02 ff 00 00 00 00 00 00 00 00 00 00 00 00 00 ...",
    "few": "2 octets: 01 02",
    "no_octets": "0 octets",
}

def in_gdb(gdb, program):
    command = [gdb, "-nx", "-batch", "-iex", "set auto-load off", "-iex", "set debuginfod enabled off", "-ex", f"source {SHARE / 'signet-gdb.py'}", "-ex", "set print pretty off",
               "-ex", "break show_to_debugger", "-ex", "run", "-ex", "up"]
    for name in EXPECTED:
        command += ["-ex", f"echo \\n{name}:", "-ex", f"output {name}"]
    return [*command, "-ex", "echo \\n", "-ex", "kill", program]


def in_lldb(lldb, program):
    commands = [f"command script import {SHARE / 'signet_lldb.py'}", "breakpoint set -n show_to_debugger", "run", "up"]
    commands += [f"script print('{name}:' + str(lldb.frame.FindVariable('{name}').GetSummary()))" for name in EXPECTED]
    return [lldb, "--no-lldbinit", "--batch", *[word for one in commands for word in ("-o", one)], "-o", "kill", program]


debugger, program = sys.argv[1:]
found = next((path for name in (debugger, f"{debugger}-19") if (path := shutil.which(name))), None)
if not found:
    print(f"skipped: {debugger} is not installed")
    sys.exit(77)
ran = subprocess.run({"gdb": in_gdb, "lldb": in_lldb}[debugger](found, program), capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=100)
if not re.search(r"Breakpoint 1, show_to_debugger|stop reason = breakpoint", ran.stdout):
    # A container may not let one process trace another, and a debugger may be without Python.
    print(f"skipped: {debugger} cannot stop the program here\n{ran.stdout}{ran.stderr}")
    sys.exit(77)
shown = dict(line.split(":", 1) for line in ran.stdout.splitlines() if ":" in line)
if debugger == "lldb":  # which shows no names of members in a line
    EXPECTED = {name: re.sub(r"\{value = (.*)\}", r"\1", text) for name, text in EXPECTED.items()}
passed = failed = 0
for name, expected in EXPECTED.items():
    good = shown.get(name) == expected
    passed, failed = passed + good, failed + (not good)
    print(f"{'ok     ' if good else 'FAILED '} {name}{'' if good else f': {shown.get(name)!r}, not {expected!r}'}")
secret_seen = "nobody" in "\n".join(line for line in ran.stdout.splitlines() if line.startswith(("key:", "kept:")))
passed, failed = passed + (not secret_seen), failed + secret_seen
print(f"{'FAILED ' if secret_seen else 'ok     '} a secret is not shown")
if failed:
    print(ran.stdout + ran.stderr)
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)

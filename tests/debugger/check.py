#!/usr/bin/env python3
"""What gdb shows of values with share/signet-gdb.py. usage: check.py PROGRAM; ends in "N passed, N failed"."""
import shutil
import subprocess
import sys
from pathlib import Path

PRINTERS = Path(__file__).resolve().parents[2] / "share" / "signet-gdb.py"
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

if not shutil.which("gdb"):
    print("skipped: gdb is not installed")
    sys.exit(77)
command = ["gdb", "-nx", "-batch", "-iex", "set auto-load off", "-iex", "set debuginfod enabled off", "-ex", f"source {PRINTERS}", "-ex", "set print pretty off", "-ex", "break show_to_debugger",
           "-ex", "run", "-ex", "up"]
for name in EXPECTED:
    command += ["-ex", f"echo \\n{name}:", "-ex", f"output {name}"]
ran = subprocess.run([*command, "-ex", "echo \\n", "-ex", "kill", sys.argv[1]], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=100)
if "Breakpoint 1, show_to_debugger" not in ran.stdout:
    # A container may not let one process trace another, and a gdb may be without Python.
    print(f"skipped: gdb cannot stop the program here\n{ran.stdout}{ran.stderr}")
    sys.exit(77)
shown = dict(line.split(":", 1) for line in ran.stdout.splitlines() if ":" in line)
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

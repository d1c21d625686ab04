#!/usr/bin/env python3
"""Runs an example with `--postgres CONNINFO` on a PostgreSQL server of its own. usage: on_postgres.py EXAMPLE"""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from postgres_server import postgres_server

with postgres_server() as conninfo:
    sys.exit(77 if conninfo is None else subprocess.run([sys.argv[1], "--postgres", conninfo]).returncode)

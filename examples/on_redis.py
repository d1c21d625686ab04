#!/usr/bin/env python3
"""Runs an example with `--redis PORT` on a redis-server of its own. usage: on_redis.py EXAMPLE"""
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from redis_server import redis_server

with redis_server() as port:
    sys.exit(77 if port is None else subprocess.run([sys.argv[1], "--redis", str(port)]).returncode)

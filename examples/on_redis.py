#!/usr/bin/env python3
"""Runs an example with `--redis PORT` on a redis-server of its own. usage: on_redis.py EXAMPLE"""
import shutil
import socket
import subprocess
import sys
import tempfile
import time

if not shutil.which("redis-server"):
    print("skipped: redis-server is not installed (./dev installs it)")
    sys.exit(77)
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
with tempfile.TemporaryDirectory(prefix="signet-") as folder:
    server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes",
                               "--appendfsync", "always", "--maxmemory-policy", "noeviction"], stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        time.sleep(2)  # what is issued in the second of the server's start counts as issued before it
        sys.exit(subprocess.run([sys.argv[1], "--redis", str(port)]).returncode)
    finally:
        server.kill()
        server.wait()

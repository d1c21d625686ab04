#!/usr/bin/env python3
"""Versions of signet side by side in one program, on one SQLite file and on one redis-server (DECISIONS 7).

usage: check_stores.py COMPILER BOTAN_MAJOR
"""
import concurrent.futures
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from check_odr import ROOT, vendor

HERE = Path(__file__).resolve().parent
FORMATS = {"proof/impl/challenge.ipp": ("challenge_format = 1", "challenge_format = 2"),
           "session/impl/device_registry.ipp": ("device_format = 1", "device_format = 2")}
VERSIONS = {
    "old": None,
    "next": {"version.hpp": ("SIGNET_VERSION_MINOR 1", "SIGNET_VERSION_MINOR 2")},
    "later": {"version.hpp": ("SIGNET_VERSION_MINOR 1", "SIGNET_VERSION_MINOR 3"), **FORMATS},
}


def redis_server(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes",
                               "--appendfsync", "always", "--maxmemory-policy", "noeviction"], stdout=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    time.sleep(1.1)  # what is issued in the second of the server's start counts as issued before it
    return server, port


def main():
    compiler, botan = sys.argv[1:]
    packages = [f"botan-{botan}", "sqlite3", "hiredis"]
    libraries = subprocess.run(["pkg-config", "--cflags", "--libs", *packages], capture_output=True, text=True, check=True).stdout.split()
    libraries += ["-lboost_json", "-pthread"]
    with tempfile.TemporaryDirectory(prefix="signet-versions-") as folder:
        work = Path(folder)

        def compile_(name):
            include = ROOT / "include"
            if VERSIONS.get(name):
                include = work / name
                vendor(include, VERSIONS[name])
            source = HERE / ("store_probe.cpp" if name in VERSIONS else "store_main.cpp")
            command = [compiler, "-std=c++20", "-O0", f"-I{include}", f"-DWHICH={name}", "-c", source, "-o", work / f"{name}.o", *libraries]
            return subprocess.run(command, capture_output=True, text=True)

        names = [*VERSIONS, "main"]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name, done in zip(names, pool.map(compile_, names)):
                if done.returncode:
                    print(f"{name} does not compile:\n{done.stderr[:3000]}\n0 passed, 1 failed")
                    return 1
        linked = subprocess.run([compiler, *(work / f"{name}.o" for name in names), *libraries, "-o", work / "program"], capture_output=True, text=True)
        if linked.returncode:
            print(f"does not link:\n{linked.stderr[:3000]}\n0 passed, 1 failed")
            return 1
        stores, server = [str(work / "store.db")], None
        if shutil.which("redis-server"):
            server, port = redis_server(folder)
            stores.append(str(port))
        else:
            print("redis is left out: redis-server is not installed (./dev installs it)")
        try:
            return subprocess.run([work / "program", *stores]).returncode
        finally:
            if server:
                server.kill()
                server.wait()


if __name__ == "__main__":
    sys.exit(main())

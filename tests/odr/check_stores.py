#!/usr/bin/env python3
"""Versions of signet side by side in one program, on one SQLite file and on one redis-server (DECISIONS 7).

usage: check_stores.py COMPILER BOTAN_MAJOR
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from check_odr import ROOT, vendor

sys.path.insert(0, str(ROOT / "tests" / "support"))
from redis_server import redis_server

HERE = Path(__file__).resolve().parent
FORMATS = {"proof/impl/challenge.ipp": ("challenge_format = 1", "challenge_format = 2"),
           "device/impl/registry.ipp": ("device_format = 3,", "device_format = 4,")}
VERSIONS = {
    "old": None,
    "next": {"version.hpp": ("SIGNET_VERSION_MINOR 1", "SIGNET_VERSION_MINOR 2")},
    "later": {"version.hpp": ("SIGNET_VERSION_MINOR 1", "SIGNET_VERSION_MINOR 3"), **FORMATS},
}


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
        with redis_server() as port:
            stores = [work / "store.db", *([port] if port else [])]
            return subprocess.run([str(word) for word in (work / "program", *stores)]).returncode


if __name__ == "__main__":
    sys.exit(main())

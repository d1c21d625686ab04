"""A PostgreSQL server of one's own, on a Unix socket, for as long as the `with` lasts: its conninfo, or None where PostgreSQL is not installed."""
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path


@contextlib.contextmanager
def postgres_server():
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if not programs:
        print("skipped on PostgreSQL: it is not installed (./dev installs it)")
        yield None
        return
    folder = tempfile.mkdtemp()
    who = {}
    if os.geteuid() == 0:  # PostgreSQL refuses root
        shutil.chown(folder, "nobody")
        who = {"user": "nobody"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **who}
    subprocess.run([programs[-1] / "initdb", "-D", f"{folder}/data", "-N", "-A", "trust", "-U", "signet", "--no-locale", "-E", "UTF8"], check=True, **quiet)
    server = subprocess.Popen([programs[-1] / "postgres", "-D", f"{folder}/data", "-k", folder, "-h", ""], **quiet)
    try:
        conninfo = f"host={folder} user=signet dbname=postgres"
        deadline = time.monotonic() + 60
        while subprocess.run([programs[-1] / "pg_isready", "-q", "-d", conninfo]).returncode != 0:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL does not start")
            time.sleep(0.05)
        yield conninfo
    finally:
        server.send_signal(signal.SIGQUIT)  # at once, and it leaves no memory behind
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)

"""A redis-server of a test's own: on a free port of this machine, in a folder that goes with it, forgetting nothing it acknowledged."""
import contextlib
import shutil
import socket
import subprocess
import tempfile
import time


@contextlib.contextmanager
def redis_server():
    """Gives the port, or None where redis-server is not installed."""
    if not shutil.which("redis-server"):
        print("skipped on Redis: redis-server is not installed (./dev installs it)")
        yield None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="signet-redis-") as folder:
        server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "yes",
                                   "--appendfsync", "always", "--maxmemory-policy", "noeviction"], stdout=subprocess.DEVNULL)
        try:
            for _ in range(500):
                with socket.socket() as client:
                    if client.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.02)
            yield port
        finally:
            server.kill()
            server.wait()

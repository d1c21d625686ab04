#!/usr/bin/env python3
"""Runs the device client against a demo site of its own. usage: check.py DEMO DEVICE_CLIENT; ends in "N passed, N failed"."""
import http.client
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlencode

demo, client = sys.argv[1:]
passed = failed = 0


PASSWORD = "correct&keep=on+horse %41"  # what a form gives a meaning to


def check(what, good, said=""):
    global passed, failed
    passed, failed = passed + good, failed + (not good)
    print(f"{'ok     ' if good else 'FAILED '} {what}{'' if good else chr(10) + said}", flush=True)


with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = str(probe.getsockname()[1])
with tempfile.TemporaryDirectory(prefix="signet-") as folder:
    data, key = Path(folder) / "data", Path(folder) / "device.pem"
    site = subprocess.Popen([demo, "--port", port, "--origin", f"https://localhost:{port}", "--data", data, "--admin-password", "only for this test"],
                            stdout=subprocess.PIPE, text=True)
    hurry = threading.Timer(60, site.kill)  # a site that never says that it serves
    hurry.start()
    try:
        for line in site.stdout:
            if "Ctrl-C" in line:
                break
        hurry.cancel()

        def run(passphrase, file=key):
            return subprocess.run([client, "localhost", port, data / "certificate.pem", file, "anna", PASSWORD], env={**os.environ, "SIGNET_PASSPHRASE": passphrase},
                                  capture_output=True, text=True, timeout=60)

        first = run("of the file")
        check("a new key: login, refresh, challenge, actions, DPoP, logout", first.returncode == 0, first.stdout + first.stderr)
        check("the key's file is encrypted and its owner's alone", "ENCRYPTED PRIVATE KEY" in key.read_text() and key.stat().st_mode & 0o77 == 0)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(data / "certificate.pem")
        asked = http.client.HTTPSConnection("localhost", int(port), context=context, timeout=60)
        asked.request("POST", "/login", urlencode({"user": "anna", "password": PASSWORD}),
                      {"Origin": f"https://localhost:{port}", "Content-Type": "application/x-www-form-urlencoded"})
        got = asked.getresponse()
        check("the password that it sent is the one that it was given", got.status == 303, f"{got.status}")
        asked.close()
        again = run("of the file")
        check("the same key again, another login", again.returncode == 0, again.stdout + again.stderr)
        wrong = run("another")
        check("a wrong passphrase opens nothing", wrong.returncode == 1 and "passphrase" in wrong.stderr, wrong.stdout + wrong.stderr)
        text = key.read_text()
        plain = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], capture_output=True, text=True, check=True).stdout
        for what, content in [("cut off", text[: len(text) // 2]), ("changed", text[:200] + ("A" if text[200] != "A" else "B") + text[201:]), ("empty", ""), ("not encrypted", plain)]:
            spoiled = Path(folder) / "spoiled.pem"
            spoiled.write_text(content)
            refused = run("of the file", spoiled)
            check(f"a key file that is {what} is refused and left as it is", refused.returncode == 1 and refused.stderr and spoiled.read_text() == content,
                  refused.stdout + refused.stderr)
        stranger = subprocess.run([client, "example.com", port, data / "certificate.pem", key, "anna", "correct horse"],
                                  env={**os.environ, "SIGNET_PASSPHRASE": "of the file"}, capture_output=True, text=True, timeout=60)
        check("a certificate for another host is refused", stranger.returncode == 1 and not stranger.stdout, stranger.stdout + stranger.stderr)
    finally:
        hurry.cancel()
        site.kill()
        site.wait()
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)

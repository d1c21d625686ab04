#!/usr/bin/env python3
"""Runs a program with a fresh SoftHSM2 token of its own. usage: on_softhsm.py MODULE PROGRAM [ARGUMENT...]

The token lies in a new folder below the working directory, and goes with it. The program finds it through SOFTHSM2_CONF,
SIGNET_PKCS11_MODULE, SIGNET_PKCS11_TOKEN (its label) and SIGNET_PKCS11_PIN; the PIN also stands on its standard input.
"""
import os
import secrets
import subprocess
import sys
import tempfile

module, program = sys.argv[1], sys.argv[2:]
pin, officer = secrets.token_hex(8), secrets.token_hex(8)
with tempfile.TemporaryDirectory(prefix="softhsm-", dir=os.getcwd()) as folder:
    tokens, conf = os.path.join(folder, "tokens"), os.path.join(folder, "softhsm2.conf")
    os.mkdir(tokens, 0o700)
    with open(conf, "w") as out:
        out.write(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n")
    environment = dict(os.environ, SOFTHSM2_CONF=conf, SIGNET_PKCS11_MODULE=module, SIGNET_PKCS11_TOKEN="signet", SIGNET_PKCS11_PIN=pin,
                       SIGNET_KEY_FILE=os.path.join(folder, "device.pem"))
    made = subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "signet", "--pin", pin, "--so-pin", officer],
                          env=environment, capture_output=True, text=True)
    if made.returncode != 0:
        sys.exit(f"softhsm2-util: {made.stdout}{made.stderr}")
    sys.exit(subprocess.run(program, env=environment, input=pin + "\n", text=True).returncode)

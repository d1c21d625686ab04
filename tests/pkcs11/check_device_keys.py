#!/usr/bin/env python3
"""Runs examples/pkcs11/device_keys.cpp in the token of on_softhsm.py, and with a file. usage: check_device_keys.py PROGRAM"""
import os
import subprocess
import sys

program, pin = sys.argv[1], os.environ["SIGNET_PKCS11_PIN"]
token = [program, "token", os.environ["SIGNET_PKCS11_MODULE"], os.environ["SIGNET_PKCS11_TOKEN"]]
file = [program, "file", os.environ["SIGNET_KEY_FILE"]]


def run(command, word):
    done = subprocess.run(command, input=word + "\n", capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


failed = 0
for name, command, word, expected in [
    ("makes a key in the token", token, pin, 0),
    ("finds it there", token, pin, 0),
    ("a wrong PIN", token, "wrong", 1),
    ("makes a key in a file", file, "a passphrase", 0),
    ("finds it there", file, "a passphrase", 0),
    ("a wrong passphrase", file, "another", 1),
    ("no command", [program], "", 2),
]:
    code, said = run(command, word)
    good = code == expected and ("the device proved itself" in said) == (expected == 0)
    failed += not good
    print(f"{'ok' if good else 'FAILED'}  {name}: {said.strip()}")
sys.exit(failed != 0)

"""What the check.py of the folders here share: a line for each check, and tokens signed by another library than signet."""
import base64
import hashlib
import json
import shutil
import sys

try:
    import ecdsa
except ImportError:
    ecdsa = None

passed = failed = 0


def need(program):
    """Skips the test where the program, or the library that signs, is not installed."""
    if not shutil.which(program) or not ecdsa:
        print(f"skipped: {program} or python3-ecdsa is not installed (./dev test installs them)")
        sys.exit(77)


def check(what, good, said=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok     ' if good else 'FAILED '} {what}{'' if good else f': {said}'}", flush=True)


def close():
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


def text(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Key:
    """A P-256 key."""

    def __init__(self):
        self.key = ecdsa.SigningKey.generate(curve=ecdsa.NIST256p)
        point = self.key.get_verifying_key().to_string()
        self.jwk = {"crv": "P-256", "kty": "EC", "x": text(point[:32]), "y": text(point[32:])}
        self.thumbprint = text(hashlib.sha256(json.dumps(self.jwk, separators=(",", ":")).encode()).digest())

    def sign(self, header, claims):
        signed = text(json.dumps({"alg": "ES256", **header}).encode()) + "." + text(json.dumps(claims).encode())
        return signed + "." + text(self.key.sign(signed.encode(), hashfunc=hashlib.sha256, sigencode=ecdsa.util.sigencode_string))

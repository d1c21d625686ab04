#!/usr/bin/env python3
"""Gives each program here the tokens of a provider on this machine, whose keys change. usage: check.py PROGRAM...; ends in "N passed, N failed"."""
import http.server
import json
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import checking
from checking import check, close, need

need("openssl")


class Key(checking.Key):
    """A key of the issuer, by its name."""

    def __init__(self, kid):
        super().__init__()
        self.kid = kid
        self.jwk |= {"kid": kid, "alg": "ES256", "use": "sig"}

    def token(self, issuer, kid=None):
        claims = {"iss": issuer, "aud": "orders", "sub": "ann", "exp": int(time.time()) + 86_400}
        return self.sign({"typ": "at+jwt", "kid": kid or self.kid}, claims)


class Provider(http.server.ThreadingHTTPServer):
    """https://localhost:PORT with metadata and a key set."""

    def __init__(self, certificate):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.issuer = f"https://localhost:{self.server_port}"
        self.named, self.keys, self.status, self.body, self.fetches, self.seen = self.issuer, [], 200, None, 0, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a client that does not trust the certificate


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        provider = self.server
        provider.seen.append(self.path)
        status, said = 404, ""
        if self.path == "/.well-known/openid-configuration":
            endpoints = {name: f"{provider.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            status, said = 200, json.dumps({"issuer": provider.named, **endpoints, "response_types_supported": ["code"],
                                            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["ES256"]})
        elif self.path == "/jwks_uri":
            provider.fetches += 1
            status, said = provider.status, provider.body or json.dumps({"keys": [key.jwk for key in provider.keys]})
        self.send_response(status)
        self.send_header("Cache-Control", "public, max-age=86400")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_):
        pass


class Program:
    """One that is running; a question is a list of tokens, an answer what it says of them, in their order."""

    def __init__(self, path, issuer, ca):
        self.numbered, self.asked = "beast" in Path(path).name, 0
        self.process = subprocess.Popen([path, issuer, ca], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.hurry = threading.Timer(120, self.process.kill)
        self.hurry.start()

    def ask(self, *tokens):
        self.process.stdin.write("".join(token + "\n" for token in tokens))
        self.process.stdin.flush()
        said = [self.process.stdout.readline().strip() for _ in tokens]
        if self.numbered:
            said = [line.partition(" ")[::2] for line in said]
            said = [what for _, what in sorted((int(number or 0), what) for number, what in said)]
        return said

    def end(self):
        _, said = self.process.communicate()
        self.hurry.cancel()
        return self.process.returncode, said


def story(path, certificate, other):
    name, provider = Path(path).name, Provider(certificate)
    old, new, forged = Key("2026-11"), Key("2026-12"), Key("2027-01")
    provider.keys = [old]
    program = Program(path, provider.issuer, certificate)
    check(f"{name}: eight tokens before there are keys", program.ask(*[old.token(provider.issuer)] * 8) == ["ann"] * 8)
    check(f"{name}: the metadata was read first, then the keys, once", provider.seen == ["/.well-known/openid-configuration", "/jwks_uri"], provider.seen)
    provider.keys = [old, new]
    said = program.ask(new.token(provider.issuer), *[old.token(provider.issuer)] * 3)
    check(f"{name}: a token of a new key has it fetched", said == ["ann"] * 4 and provider.fetches == 2, (said, provider.fetches))
    said = program.ask(forged.token(provider.issuer))
    check(f"{name}: a key that the issuer does not have is unknown_key", said == ["unknown_key"], said)
    said = program.ask(forged.token(provider.issuer, kid="2026-12"))
    check(f"{name}: a forged signature is no reason to fetch", said == ["bad_signature"], said)
    for what, status, body in ("a server that answers 503", 503, None), ("a set of two MiB", 200, json.dumps({"keys": [old.jwk], "x": "x" * (2 << 20)})), ("a set that is no JSON", 200, "keys"):
        provider.status, provider.body = status, body
        said = program.ask(Key("2027-02").token(provider.issuer), old.token(provider.issuer))
        check(f"{name}: {what} leaves the former keys in use", said == ["key_source_unavailable", "ann"], said)
    code, said = program.end()
    check(f"{name}: ends well, and has logged what failed", code == 0 and "jwks_uri" in said, (code, said))

    code, said = Program(path, provider.issuer, other).end()
    check(f"{name}: a certificate of a stranger is refused", code == 1 and provider.issuer in said, (code, said))
    provider.named = "https://id.example.com"
    code, said = Program(path, provider.issuer, certificate).end()
    check(f"{name}: metadata of another issuer are refused", code == 1 and "issuer" in said, (code, said))
    provider.shutdown()
    provider.server_close()


with tempfile.TemporaryDirectory(prefix="signet-") as folder:
    certificates = []
    for one in "certificate", "other":
        certificates.append(Path(folder) / f"{one}.pem")
        key = Path(folder) / f"{one}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificates[-1]], capture_output=True, check=True)
        certificates[-1].write_text(certificates[-1].read_text() + key.read_text())
    for program in sys.argv[1:]:
        story(program, *certificates)
close()

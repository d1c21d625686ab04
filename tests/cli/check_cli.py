#!/usr/bin/env python3
"""The signet command as its users see it: exit codes, exact octets, one line of reason. Usage: check_cli.py PATH_TO_SIGNET."""
import base64
import hashlib
import json
import os
import pty
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

SIGNET = sys.argv[1]
VECTORS = Path(__file__).resolve().parents[1] / "vectors"
FOLDER = Path(tempfile.mkdtemp(prefix="signet-cli-"))
ALGORITHMS = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
              "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519"]
passed = failed = 0


def check(name, condition, detail=""):
    global passed, failed
    passed, failed = passed + bool(condition), failed + (not condition)
    if not condition:
        print(f"FAILED {name} {detail}")


class Run:
    def __init__(self, *arguments, stdin=b""):
        done = subprocess.run([SIGNET, *map(str, arguments)], input=stdin.encode() if isinstance(stdin, str) else stdin,
                              capture_output=True, timeout=60)
        self.code, self.out, self.reason = done.returncode, done.stdout, done.stderr.decode()

    @property
    def text(self):
        return self.out.decode().rstrip("\n")


def file(content, name=[0]):
    name[0] += 1
    path = FOLDER / f"{name[0]}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def refused(name, run, reason, code=1):
    good = run.code == code and run.out == b"" and run.reason.count("\n") == 1 and reason in run.reason
    check(name, good, f"-> {run.code} {run.out[:80]} {run.reason!r}")


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def key(alg, **more):
    jwk = json.loads(Run("key", "generate", "--alg", alg).text)
    return {k: v for k, v in {**jwk, **more}.items() if v is not None}


def public(jwk):
    return json.loads(Run("key", "public", stdin=json.dumps(jwk)).text)


def signed(jwk, payload=b"payload", *more):
    return Run("jws", "sign", "--key", file(jwk), *more, stdin=payload).text


def part(token, number):
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def header(token):
    return part(token, 0)


def claims_of(run):
    return part(run.text, 1)


# --- usage -----------------------------------------------------------------------------------------------------------

check("--help is good", Run("--help").code == 0 and b"signet jws verify" in Run("--help").out)
for arguments in ([], ["key"], ["key", "destroy"], ["jws", "sign"], ["jws", "verify"], ["key", "generate"], ["jwt", "verify"],
                  ["key", "generate", "--alg", "none"], ["key", "generate", "--alg", "es256"], ["key", "generate", "--alg"],
                  ["key", "generate", "--alg", "ES256", "--alg", "ES256"], ["key", "public", "--kid", "k"], ["key", "thumbprint", "file"],
                  ["jws", "sign", "--key", FOLDER / "absent"], ["jws", "verify", "--key", FOLDER],
                  ["jwt", "verify", "--keys", FOLDER / "absent", "--issuer", "i", "--audience", "a"],
                  ["jwt", "verify", "--keys", "x", "--issuer", "i", "--audience", "a", "--leeway", "-1"],
                  ["jwt", "verify", "--keys", "x", "--issuer", "i", "--audience", "a", "--now", "soon"],
                  ["jwt", "verify", "--issuer", "i", "--audience", "a"], ["jwt", "verify", "--keys", "x", "--audience", "a"],
                  ["jwt", "verify", "--keys", "x", "--issuer", "i"]):
    refused(f"wrong usage: {arguments}", Run(*arguments), "signet: ", 2)

# --- every algorithm -------------------------------------------------------------------------------------------------

# Private ML-DSA keys need Botan 3.6; public ones do not.
ML_DSA = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"]
signs_ml_dsa = Run("key", "generate", "--alg", "ML-DSA-44").code == 0
if not signs_ml_dsa:
    for alg in ML_DSA:
        refused(f"{alg} generate without Botan 3.6", Run("key", "generate", "--alg", alg), "unsupported_algorithm")
for vector in json.loads((VECTORS / "rfc9964.json").read_text())["vectors"]:
    shown = {k: v for k, v in vector["private"].items() if k != "priv"}
    seen = Run("jws", "verify", "--key", file(shown), stdin=vector["jws"])
    check(f"RFC 9964 {vector['name']}", seen.code == 0 and "dangerous business" in seen.out.decode(), seen.reason)
    check(f"RFC 9964 {vector['name']} thumbprint", Run("key", "thumbprint", stdin=json.dumps(shown)).text == shown["kid"])
    head, body, signature = vector["jws"].split(".")
    refused(f"RFC 9964 {vector['name']} spoiled", Run("jws", "verify", "--key", file(shown), stdin=f"{head}.{body}A{signature[1:]}"), "")

payload = bytes(range(256)) + b"\n\n"
for alg in ALGORITHMS + (ML_DSA if signs_ml_dsa else []):
    made = Run("key", "generate", "--alg", alg, "--kid", f"kid of {alg} \u00e9")
    check(f"{alg} generate", made.code == 0, made.reason)
    jwk = json.loads(made.text)
    check(f"{alg} kid and alg", jwk["kid"] == f"kid of {alg} \u00e9" and jwk["alg"] == alg and made.out.endswith(b"}\n"))
    token = signed(jwk, payload)
    check(f"{alg} header", header(token) == {"alg": alg, "kid": jwk["kid"]}, token)
    verifying = jwk
    if not alg.startswith("HS"):
        verifying = public(jwk)
        check(f"{alg} public", set(verifying) & {"d", "p", "q", "dp", "dq", "qi", "k", "priv"} == set()
              and all(jwk[k] == v for k, v in verifying.items()))
        check(f"{alg} one thumbprint", Run("key", "thumbprint", stdin=json.dumps(jwk)).text
              == Run("key", "thumbprint", stdin=json.dumps(verifying)).text)
    for name, content in (("JWK", verifying), ("key pair", jwk), ("set", {"keys": [verifying]})):
        seen = Run("jws", "verify", "--key", file(content), stdin=token + "\n")
        check(f"{alg} verifies with a {name}, octet by octet", seen.code == 0 and seen.out == payload, seen.reason)
    check(f"{alg} --alg agrees", Run("jws", "verify", "--key", file(verifying), "--alg", alg, stdin=token).code == 0)
    other = "ES384" if alg != "ES384" else "ES256"
    refused(f"{alg} --alg differs", Run("jws", "verify", "--key", file(verifying), "--alg", other, stdin=token), "algorithm")
    refused(f"{alg} another key", Run("jws", "verify", "--key", file(key(alg)), stdin=token), "bad_signature")
    refused(f"{alg} tampered", Run("jws", "verify", "--key", file(verifying), stdin=token.replace(".", ".AAAA", 1)), "bad_signature")
    unknown = {"keys": [{**verifying, "kid": "somebody else"}]}
    refused(f"{alg} kid not in the set", Run("jws", "verify", "--key", file(unknown), stdin=token), "unknown_key")

# --- the RFCs' own tokens --------------------------------------------------------------------------------------------

for source in ("rfc7515", "rfc7519", "rfc7520", "rfc8037"):
    for vector in json.loads((VECTORS / f"{source}.json").read_text())["vectors"]:
        name = f"{source} {vector['name']}"
        if "refused" in vector:
            some = file(json.loads((VECTORS / "rfc7515.json").read_text())["vectors"][0]["key"])
            refused(name, Run("jws", "verify", "--key", some, stdin=vector["token"]), vector["refused"])
            continue
        seen = Run("jws", "verify", "--key", file(vector["key"]), stdin=vector["token"])
        check(name, seen.code == 0 and ("payload" not in vector or seen.out.decode() == vector["payload"]), seen.reason)
        again = signed(vector["key"], seen.out, "--alg", vector["alg"])
        check(f"{name} signed again", Run("jws", "verify", "--key", file(vector["key"]), stdin=again).out == seen.out)
        if vector.get("reproducible"):
            check(f"{name} is made again octet by octet", again == vector["token"], again)
for name in ("rfc7638", "rfc8037"):
    vector = json.loads((VECTORS / f"{name}.json").read_text())
    jwk = vector.get("key") or vector["public"]
    check(f"{name} thumbprint", Run("key", "thumbprint", stdin=json.dumps(jwk)).out.decode() == vector["thumbprint"] + "\n")

# --- keys ------------------------------------------------------------------------------------------------------------

ec, rsa, mac = key("ES256"), key("RS256"), key("HS256")
for name, text, reason in (("no JSON", "{", "malformed_json"), ("no key", "{}", "bad_key"), ("twice", '{"kty":"EC","kty":"EC"}', "duplicate_json_name"),
                           ("oct", json.dumps(mac), "wrong_key_type"), ("unknown type", '{"kty":"OTHER"}', "unsupported_key"),
                           ("off the curve", json.dumps({**public(ec), "x": public(ec)["y"]}), "bad_key"),
                           ("not its pair", json.dumps({**ec, "d": key("ES256")["d"]}), "key_mismatch"),
                           ("padding", json.dumps({**ec, "x": ec["x"] + "="}), "base64"), ("nothing", "", "malformed_json")):
    refused(f"key public: {name}", Run("key", "public", stdin=text), reason)
check("key public keeps what the key is for", public({**ec, "use": "enc", "alg": "ECDH-ES", "kid": "k", "note": 1})
      == {k: v for k, v in {**ec, "use": "enc", "alg": "ECDH-ES", "kid": "k"}.items() if k != "d"})
check("key public turns sign into verify", public({**ec, "use": None, "key_ops": ["sign"]} | {"use": "sig"})["key_ops"] == ["verify"])

token = signed(ec)
for name, content, reason in (("use", {**ec, "use": "enc"}, "key_use_refused"), ("key_ops", {**ec, "key_ops": ["sign"]}, "key_use_refused"),
                              ("alg", {**ec, "alg": "ECDH-ES"}, "algorithm_mismatch"), ("type", public(rsa), "algorithm_mismatch"),
                              ("set of others", {"keys": [public(rsa)]}, "algorithm_mismatch"), ("empty set", {"keys": []}, "empty_key_set"),
                              ("no object", [], "json_wrong_type"), ("MACs and signatures", {"keys": [public(ec), mac]}, "mixed_algorithms"),
                              ("one kid, two keys", {"keys": [{**public(ec), "kid": "k"}, {**public(key("ES256")), "kid": "k"}]}, "duplicate_key")):
    refused(f"jws verify honours {name}", Run("jws", "verify", "--key", file(content), stdin=token), reason)
for name, content, reason in (("use", {**ec, "use": "enc"}, "key_use_refused"), ("key_ops", {**ec, "key_ops": ["verify"]}, "key_use_refused"),
                              ("that it has no private part", public(ec), "wrong_key_type"), ("alg", {**ec, "alg": "ECDH-ES"}, "algorithm_mismatch"),
                              ("a short secret", {"kty": "oct", "alg": "HS256", "k": b64(bytes(31))}, "weak_key")):
    refused(f"jws sign honours {name}", Run("jws", "sign", "--key", file(content)), reason)
refused("jws sign --alg against the key's", Run("jws", "sign", "--key", file(ec), "--alg", "ES384"), "algorithm_mismatch")
bare = {k: v for k, v in rsa.items() if k not in ("alg", "use")}
refused("an RSA key without alg needs --alg", Run("jws", "sign", "--key", file(bare)), "--alg", 2)
for alg in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"):
    token = signed(bare, b"x", "--alg", alg)
    check(f"an RSA key without alg signs and verifies {alg}", header(token)["alg"] == alg
          and Run("jws", "verify", "--key", file(public(bare)), stdin=token).out == b"x")
refused("an RSA key without alg never signs a MAC", Run("jws", "sign", "--key", file(bare), "--alg", "HS256"), "algorithm_mismatch")
check("an EC key without alg has one algorithm", header(signed({k: v for k, v in ec.items() if k != "alg"}))["alg"] == "ES256")
check("of a set the first key that may sign", header(signed({"keys": [public(rsa), {**rsa, "use": "enc"}, ec]}))["alg"] == "ES256")
check("a set of a pair and others verifies", Run("jws", "verify", "--key", file({"keys": [{"kty": "AKP"}, public(rsa), ec]}), stdin=signed(ec)).code == 0)

# RFC 8725 2.1: the public key as HMAC secret, as JWK text.
text = json.dumps(public(rsa))
forged = signed({"kty": "oct", "alg": "HS256", "k": b64(text.encode())})
refused("a public key is no secret", Run("jws", "verify", "--key", file(text), stdin=forged), "algorithm_mismatch")

# --- tokens ----------------------------------------------------------------------------------------------------------

keyfile, token = file(mac), signed(mac)
one, two, three = token.split(".")
for name, bad, reason in (("nothing", "", "malformed_token"), ("two parts", f"{one}.{two}", "malformed_token"),
                          ("four parts", token + ".x", "malformed_token"), ("five parts", token + ".x.y", "encrypted_token"),
                          ("no signature", f"{one}.{two}.", "bad_signature"), ("white space", token + " ", "base64"),
                          ("two newlines", token + "\n\n", "base64"), ("a space before", " " + token, "base64"),
                          ("padding", f"{one}.{two}.{three}=", "base64"), ("JSON", json.dumps({"payload": two, "signature": three}), "malformed_token"),
                          ("b64", b64(b'{"alg":"HS256","b64":false,"crit":["b64"]}') + "..", "unknown_critical_header"),
                          ("crit", b64(b'{"alg":"HS256","x":1,"crit":["x"]}') + "..", "unknown_critical_header"),
                          ("alg none", b64(b'{"alg":"none"}') + f".{two}.", "unsigned_token"),
                          ("alg nOnE", b64(b'{"alg":"nOnE"}') + f".{two}.", "algorithm_not_allowed")):
    refused(f"token: {name}", Run("jws", "verify", "--key", keyfile, stdin=bad), reason)
check("an empty payload", Run("jws", "verify", "--key", keyfile, stdin=signed(mac, b"")).out == b"")
big = bytes(3_000_000)
check("three megabytes", Run("jws", "verify", "--key", keyfile, stdin=signed(mac, big)).out == big)

# --- jwt -------------------------------------------------------------------------------------------------------------

claims = {"iss": "https://id.example.com", "aud": ["https://orders.example.com", "b"], "sub": "ann", "iat": 1_700_000_000,
          "nbf": 1_700_000_000, "exp": 1_700_000_300, "n": 12345678901234567890, "f": 0.1, "na\u00efve": {"list": [1, None, True]}}
jwt = Run("jwt", "sign", "--key", file({**ec, "kid": "k"}), "--type", "at+jwt", stdin=json.dumps(claims))
check("jwt sign", jwt.code == 0 and header(jwt.text) == {"alg": "ES256", "kid": "k", "typ": "at+jwt"}, jwt.reason)
keys = file({"keys": [public({**ec, "kid": "k"})]})


def verify(*more, token=jwt.text, issuer=claims["iss"], audience="b", now=1_700_000_100, keys=keys):
    return Run("jwt", "verify", "--keys", keys, "--issuer", issuer, "--audience", audience, "--now", now, *more, stdin=token)


check("jwt verify", json.loads(verify("--type", "at+jwt").text) == claims, verify().reason)
check("jwt verify without --type takes any", verify().code == 0)
check("jwt verify, --option=value", verify("--type=at+jwt", "--leeway=1").code == 0)
for name, run, reason in (("type", verify("--type", "JWT"), "wrong_type: typ"), ("issuer", verify(issuer="x"), "wrong_issuer: iss"),
                          ("audience", verify(audience="x"), "wrong_audience"), ("expired", verify(now=1_700_000_300), "expired"),
                          ("not yet", verify(now=1_699_999_999), "not_yet_valid"), ("tampered", verify(token=jwt.text[:-4] + "AAAA"), "bad_signature"),
                          ("other keys", verify(keys=file(public(key("ES256")))), "bad_signature"), ("the time now", Run(
                              "jwt", "verify", "--keys", keys, "--issuer", claims["iss"], "--audience", "b", stdin=jwt.text), "expired")):
    refused(f"jwt verify: {name}", run, reason)
check("jwt verify --leeway", verify("--leeway", "5", now=1_700_000_304).code == 0)
refused("jwt verify --leeway ends", verify("--leeway", "5", now=1_700_000_305), "expired")
for name, text, reason in (("text", "hello", "malformed_json"), ("an array", "[]", "malformed_payload"), ("exp as text", '{"exp":"1"}', "claim_wrong_type"),
                           ("exp before 1970", '{"exp":-1}', "out_of_range"), ("aud as number", '{"aud":1}', "claim_wrong_type"),
                           ("aud of numbers", '{"aud":[1]}', "claim_wrong_type"), ("iss as number", '{"iss":1}', "claim_wrong_type"),
                           ("twice", '{"a":1,"a":1}', "duplicate_json_name")):
    refused(f"jwt sign: {name}", Run("jwt", "sign", "--key", file(ec), stdin=text), reason)
eternal = Run("jwt", "sign", "--key", file(mac), stdin=json.dumps({"iss": "i", "aud": "b"})).text
check("jwt sign: typ is JWT if nothing else is said", header(eternal)["typ"] == "JWT")
refused("jwt verify: exp is required", verify(token=eternal, keys=keyfile, issuer="i"), "expiry_missing")
refused("jwt verify: none", verify(token=b64(b'{"alg":"none"}') + "." + jwt.text.split(".")[1] + "."), "unsigned_token")
refused("jwt verify: a payload that is no claims", verify(token=signed(ec)), "malformed_json")
refused("jwt verify: a payload that is no object", verify(token=signed(ec, b"[]")), "malformed_payload")


# Claims by options.
def made(*more, stdin=b""):
    return Run("jwt", "sign", "--key", file(ec), "--now", 1_700_000_000, *more, stdin=stdin)


by_options = made("--issuer", "i", "--subject", "ann", "--audience=b", "--lifetime", "300", stdin="not read")
check("jwt sign: claims by options alone, without stdin", claims_of(by_options) == {"iss": "i", "sub": "ann", "aud": "b", "iat": 1_700_000_000, "exp": 1_700_000_300}, by_options.reason)
check("and it verifies", verify(token=by_options.text, keys=file(ec), issuer="i").code == 0)
more = {"n": 12345678901234567890, "list": [1, {"a": None}]}
check("jwt sign: options add to a file", claims_of(made("--subject", "ann", file(more))) == {**more, "sub": "ann"})
check("jwt sign: options add to stdin", claims_of(made("--lifetime", "1", "-", stdin=json.dumps(more))) == {**more, "iat": 1_700_000_000, "exp": 1_700_000_001})
check("jwt sign: a file alone", claims_of(made(file(more))) == more)
ids = {claims_of(made("--id"))["jti"] for _ in range(3)}
check("jwt sign: --id is a fresh jti of 128 bits", len(ids) == 3 and all(len(one) == 22 for one in ids), ids)
refused("jwt sign: a claim in the file and by an option", made("--issuer", "i", file({"iss": "i"})), "duplicate_json_name")
refused("jwt sign: options and no object", made("--issuer", "i", file([])), "malformed_payload")
refused("jwt sign: exp behind the year 9999", made("--lifetime", "253402300799"), "out_of_range")
refused("jwt sign: --lifetime", made("--lifetime", "5m"), "--lifetime", 2)

seen = Run("jwt", "inspect", stdin=jwt.text + "\n")
check("jwt inspect", seen.code == 0 and json.loads(seen.text) == {"verified": False, "header": header(jwt.text), "claims": claims}
      and "NOT VERIFIED" in seen.reason)
check("jwt inspect shows unsigned tokens too", json.loads(Run("jwt", "inspect", stdin=b64(b'{"alg":"none"}') + ".e30.").text)["claims"] == {})
refused("jwt inspect: five parts", Run("jwt", "inspect", stdin="a.b.c.d.e"), "encrypted_token")

# --- as a daily tool: help, version, completions, manual page -----------------------------------------------------------

ROOT = VECTORS.parents[1]
version = ".".join(re.findall(r"^#define SIGNET_VERSION_\w+ (\d+)$", (ROOT / "include/signet/version.hpp").read_text(), re.M))
check("--version", Run("--version").out.decode() == f"signet {version}\n", Run("--version").out)
overview = Run("--help").text
names = re.findall(r"^  signet (\w+ [a-z-]+) ", overview, re.M)
names = [n for n in names if not n.startswith("completion")]
check("--help names each subcommand", names == ["key generate", "key public", "key thumbprint", "key to-jwk", "key to-pem", "key set", "jws sign",
                                               "jws verify", "jwt sign", "jwt verify", "jwt inspect", "token decode", "webauthn verify"], names)
check("docs/guide/command.md has what --help prints", "```text\n" + overview.strip() + "\n```" in (ROOT / "docs/guide/command.md").read_text())
check("--help of a group has its own alone", "signet key set" in Run("key", "--help").text and "signet jwt" not in Run("key", "--help").text)
manual, bash, zsh = Run("--man").text, Run("completion", "bash").text, Run("completion", "zsh").text
plain_manual = manual.replace("\\-", "-")
for name in names:
    own = Run(*name.split(), "--help")
    known = re.findall(r"^  (--[a-z-]+)(?: ([A-Z]+))?  ", own.text, re.M)
    check(f"help of {name}", own.code == 0 and own.text.startswith(f"usage: signet {name}") and ("--help", "") in known, own.text[:80])
    page = plain_manual.split(f".SS signet {name}", 1)[-1].split("\n.S", 1)[0]
    check(f"manual page and completions of {name} have the options of its help", all(f"\\fB{o}\\fR" in page for o, _ in known if o != "--help")
          and all(re.search(rf"'{name}'\) (?:words='|compadd -- )[^;]*{o}\b", text) for o, _ in known for text in (bash, zsh)), known)
    # Each option is one that the subcommand reads: a value that is missing is said of it, and an unknown one refused.
    for o, value in known:
        if value:
            refused(f"{name} {o} without a value", Run(*name.split(), o), f"{o} needs a value", 2)
for file_name, text in (("signet.1", manual), ("signet.bash", bash), ("_signet", zsh)):
    kept = ROOT / "examples" / "cli" / "share" / file_name
    check(f"examples/cli/share/{file_name} is what the command prints (./dev docs writes it)", kept.read_text().rstrip("\n") == text)


def completed(*words):
    script = f"source {ROOT / 'examples/cli/share/signet.bash'}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _signet; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=FOLDER).stdout.split()


check("bash completes groups", completed("signet", "''")[:5] == ["key", "jws", "jwt", "token", "webauthn"], completed("signet", "''"))
check("bash completes subcommands", completed("signet", "key", "t") == ["thumbprint", "to-jwk", "to-pem"], completed("signet", "key", "t"))
check("bash completes options", completed("signet", "jwt", "verify", "--is") == ["--issuer"])
check("bash completes algorithms", completed("signet", "key", "generate", "--alg", "ES") == ["ES256", "ES384", "ES512", "ES256K"])
file("{}")
check("bash completes files", set(completed("signet", "jws", "sign", "--key", "''")) == {p.name for p in FOLDER.iterdir()})
if shutil.which("zsh"):
    # Zsh's own functions for completion are stood in for: what is added is printed.
    script = f"compadd() {{ shift; print -l -- $@ }}; _files() {{ print FILES }}; compdef() {{ }}; source {ROOT / 'examples/cli/share/_signet'}; words=(signet key generate --alg ''); CURRENT=5; _signet; words=(signet key ''); CURRENT=3; _signet"
    seen = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True)
    check("zsh completes", seen.stdout.split()[0] == "HS256" and "to-pem" in seen.stdout.split() and not seen.stderr, seen)
if shutil.which("man"):
    seen = subprocess.run(["man", "--warnings", "-l", str(ROOT / "examples/cli/share/signet.1")], capture_output=True, text=True, env={**os.environ, "MANWIDTH": "120", "LC_ALL": "C.UTF-8"})
    check("man reads the manual page without a warning", seen.returncode == 0 and not seen.stderr and "NO_COLOR" in seen.stdout, seen.stderr[:300])

# --- tokens that people read ------------------------------------------------------------------------------------------

NOW = 1_700_000_100
pretty = Run("token", "decode", jwt.text, "--now", NOW)
check("token decode: the token as argument, times that people read", pretty.code == 0 and "NOT VERIFIED" in pretty.reason
      and '"exp": 1700000300  // 2023-11-14 22:18:20 UTC, expires in 3 minutes' in re.sub(r",(?=  //)", "", pretty.text)
      and "// 2023-11-14 22:13:20 UTC, 1 minute ago" in pretty.text and '"alg": "ES256"' in pretty.text and "64 octets, NOT VERIFIED" in pretty.text, pretty.text)
check("token decode: expired", "expired 1 day ago" in Run("token", "decode", jwt.text, "--now", 1_700_000_300 + 86_400).text)
check("token decode: not valid yet", "not valid yet: in 1 second" in Run("token", "decode", jwt.text, "--now", 1_699_999_999).text)
token_path = file(jwt.text + "\n")
for name, run in (("stdin", Run("token", "decode", "--now", NOW, stdin=jwt.text + "\n")), ("-", Run("token", "decode", "-", "--now", NOW, stdin=jwt.text)),
                  ("--file", Run("token", "decode", "--file", token_path, "--now", NOW))):
    check(f"token decode: {name} says the same", run.out == pretty.out, run.reason)
check("token decode: what it shows without notes is the JSON", json.loads(re.sub(r"  // .*", "", pretty.text.split("Claims\n")[1].split("Signature\n")[0])) == claims)
check("token decode --json is what jwt inspect says", Run("token", "decode", "--json", jwt.text).out == Run("jwt", "inspect", jwt.text).out)
check("token decode: a payload that is no JSON", "no JSON object" in Run("token", "decode", signed(ec, b"text")).text)
sly = Run("token", "decode", signed(ec, '{"a":"\\u001b[2J\u009b1m\u202egnp\u2066\u200b\u007f\U000e0041","\\u001b[31mb":"\u00e9\u65e5"}'.encode()))
check("token decode: what a terminal would obey is escaped", not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\u200b\U000e0041]", sly.text)
      and '"\\u001b[2J\\u009b1m\\u202egnp\\u2066\\u200b\\u007f\\udb40\\udc41"' in sly.text and '"\\u001b[31mb": "\u00e9\u65e5"' in sly.text, ascii(sly.text))

refused("token decode: a file's name in a token's place", Run("token", "decode", token_path), "--file", 2)
refused("jwt verify: the same", Run("jwt", "verify", "--keys", keys, "--issuer", "i", "--audience", "a", token_path), "--file", 2)

for name, arguments in (("an option's place", ["jwt", "verify", "--" + jwt.text]), ("an option with =", ["jwt", "verify", "--" + jwt.text + "=x"]),
                        ("a file's place", ["jws", "verify", "--key", jwt.text, jwt.text]), ("an algorithm's place", ["key", "generate", "--alg", jwt.text]),
                        ("a subcommand's place", ["token", jwt.text]), ("a group's place", [jwt.text, "decode"]),
                        ("an operand's place", ["jwt", "sign", jwt.text]), ("two operands", ["token", "decode", jwt.text, jwt.text]),
                        ("a malformed token", ["token", "decode", jwt.text.replace(".", "")]), ("a claims' place", ["jwt", "sign", "--key", file(ec), jwt.text]), ("a token for a set", ["key", "set", jwt.text]),
                        ("a file for thumbprints", ["key", "thumbprint", jwt.text]), ("a new file", ["key", "generate", "--alg", "ES256", "--out", "/" + jwt.text]),
                        ("a secret for a file", ["jws", "sign", "--key", mac["k"]]), ("a JWK for a file", ["jws", "sign", "--key", json.dumps(mac)])):
    seen = Run(*arguments)
    parts = [p for p in jwt.text.replace(".", " ").split() + [mac["k"]] if p[:20] in seen.reason]
    check(f"a token or key is never echoed: {name}", seen.code != 0 and not parts and seen.reason.count("\n") == 1 and seen.out == b"", seen.reason)


class Terminal:
    """What the command writes to a terminal."""
    def __init__(self, *arguments, **environment):
        ours, theirs = pty.openpty()
        env = {**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, "TERM": "xterm", **environment}
        with subprocess.Popen([SIGNET, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, env=env) as process:
            os.close(theirs)
            self.out = b""
            try:
                while some := os.read(ours, 65536):
                    self.out += some
            except OSError:  # the other end was closed
                pass
            self.reason = process.stderr.read().decode()
        os.close(ours)
        self.code = process.returncode


coloured = Terminal("token", "decode", jwt.text, "--now", NOW)
plain = re.sub(r"\x1b\[\d*m", "", coloured.out.decode()).replace("\r\n", "\n")
check("colours on a terminal", b"\x1b[36m" in coloured.out and plain == pretty.out.decode(), coloured.out[:200])
check("no colours in a pipe", b"\x1b" not in pretty.out)
for name, environment in (("NO_COLOR", {"NO_COLOR": "1"}), ("TERM=dumb", {"TERM": "dumb"})):
    check(f"no colours with {name}", b"\x1b" not in Terminal("token", "decode", jwt.text, **environment).out)
check("an empty NO_COLOR says nothing", b"\x1b" in Terminal("token", "decode", jwt.text, NO_COLOR="").out)

# --- private keys: files of their owner's, never on a terminal unless asked ----------------------------------------------

for name, arguments in (("key generate", ["--alg", "ES256"]), ("key generate", ["--alg", "ES256", "--pem"]), ("key generate", ["--alg", "HS256"]),
                        ("key to-jwk", [file(ec)]), ("key to-pem", [file(ec)]), ("key to-jwk", [file(mac)])):
    seen = Terminal(*name.split(), *arguments)
    check(f"no private key on a terminal: {name} {arguments[0]}", seen.code == 2 and seen.out == b"" and "--show" in seen.reason, seen.out[:60])
check("a private key on a terminal with --show", b'"d":"' in Terminal("key", "generate", "--alg", "ES256", "--show").out)
check("a public key on a terminal", Terminal("key", "public", file(ec)).out.startswith(b"{"))
old_mask = os.umask(0)
for name, arguments in (("jwk", ["--alg", "ES256"]), ("pem", ["--alg", "RS256", "--bits", "3072", "--pem"]), ("oct", ["--alg", "HS256", "--bits", "512"])):
    path = FOLDER / f"new.{name}"
    made = Run("key", "generate", *arguments, "--out", path)
    check(f"--out writes for the owner alone: {name}", made.code == 0 and made.out == b"" and stat.S_IMODE(path.stat().st_mode) == 0o600, made.reason)
    before = path.read_bytes()
    refused(f"--out replaces nothing: {name}", Run("key", "generate", *arguments, "--out", path), "exists", 2)
    check(f"--out left the file as it was: {name}", path.read_bytes() == before)
link = FOLDER / "link"
link.symlink_to(FOLDER / "elsewhere")
refused("--out follows no link", Run("key", "generate", "--alg", "ES256", "--out", link), "exists", 2)
check("--out followed no link", not (FOLDER / "elsewhere").exists())
Run("key", "public", FOLDER / "new.jwk", "--out", FOLDER / "new.public")
check("a public key is for everybody", stat.S_IMODE((FOLDER / "new.public").stat().st_mode) == 0o644)
os.umask(old_mask)
refused("--out into no folder", Run("key", "generate", "--alg", "ES256", "--out", FOLDER / "no" / "key"), "cannot be written", 2)

# --- sizes, PEM to JWK and back, sets, thumbprints -----------------------------------------------------------------------


def size(text):
    return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) * 8


for bits in (2048, 3072, 4096):
    check(f"an RSA key of {bits} bits", size(json.loads(Run("key", "generate", "--alg", "PS256", "--bits", bits).text)["n"]) == bits)
check("an HMAC key of 512 bits", size(json.loads((FOLDER / "new.oct").read_text())["k"]) == 512)
for arguments, reason, code in ((["RS256", "--bits", "1024"], "2048 to 8192", 2), (["RS256", "--bits", "16384"], "2048 to 8192", 2), (["RS256", "--bits", "2050"], "multiple of 8", 2),
                                (["RS256", "--bits", "x"], "multiple of 8", 2), (["RS256", "--bits", "-8"], "multiple of 8", 2), (["ES256", "--bits", "256"], "one size", 2),
                                (["HS256", "--bits", "128"], "weak_key", 1), (["HS256", "--bits", "40000"], "32768", 2), (["HS256", "--pem"], "no PEM", 2)):
    refused(f"sizes that are refused: {arguments}", Run("key", "generate", "--alg", *arguments), reason, code)

for alg in ("RS256", "PS384", "ES256", "ES384", "ES512", "ES256K", "EdDSA"):
    jwk = key(alg, kid="k")
    for is_public in (False, True):
        before = public(jwk) if is_public else jwk
        as_pem = Run("key", "to-pem", file(before))
        label = "PUBLIC KEY" if is_public else "PRIVATE KEY"
        back = Run("key", "to-jwk", "--alg", alg, "--kid", "k", stdin=as_pem.out)
        check(f"{alg} JWK to {label} and back", as_pem.text.startswith(f"-----BEGIN {label}-----") and json.loads(back.text) == before, back.reason)
    check(f"{alg} to-pem --public", Run("key", "to-pem", "--public", file(jwk)).out == Run("key", "public", "--pem", file(jwk)).out == Run("key", "to-pem", file(public(jwk))).out)
    check(f"{alg} to-jwk --public", "d" not in json.loads(Run("key", "to-jwk", "--public", file(jwk)).text))
    print_ = Run("key", "thumbprint", file(jwk)).text
    check(f"{alg} thumbprints of PEM, as URI, as JSON", Run("key", "thumbprint", stdin=Run("key", "to-pem", file(jwk)).out).text == print_
          and Run("key", "thumbprint", "--uri", file(jwk)).text == "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + print_
          and json.loads(Run("key", "thumbprint", "--json", file(jwk)).text) == {"thumbprint": print_, "uri": "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + print_})
unnamed = json.loads(Run("key", "to-jwk", stdin=Run("key", "to-pem", file(ec)).out).text)
check("a key from PEM gets its thumbprint as kid, and the alg that its type has", unnamed["kid"] == Run("key", "thumbprint", file(ec)).text and unnamed["alg"] == "ES256" and unnamed["use"] == "sig")
check("an RSA key from PEM has no alg of its own", "alg" not in json.loads(Run("key", "to-jwk", stdin=Run("key", "to-pem", file(rsa)).out).text))
refused("to-jwk --alg of another type", Run("key", "to-jwk", "--alg", "RS256", file(ec)), "algorithm_mismatch")
refused("a secret has no PEM", Run("key", "to-pem", file(mac)), "wrong_key_type")
refused("a secret has no public part", Run("key", "to-jwk", "--public", file(mac)), "wrong_key_type")

# HMAC secrets as people have them.
public_pem = Run("key", "public", "--pem", file(ec)).text
phrase = "correct horse battery staple, and more"
for name, content in (("text", phrase.encode()), ("text with a newline", phrase.encode() + b"\n"), ("octets", bytes(range(40)) + b"\n")):
    path = FOLDER / "hmac"
    path.write_bytes(content)
    seen = Run("key", "to-jwk", "--secret", "--alg", "HS256", "--kid", "s", path)
    wanted = content if name == "octets" else phrase.encode()
    check(f"a secret of {name} to a JWK", seen.code == 0 and json.loads(seen.text) == {"kty": "oct", "kid": "s", "use": "sig", "alg": "HS256", "k": b64(wanted)}, seen.reason)
shared = file(Run("key", "to-jwk", "--secret", "--alg", "HS256", stdin=phrase).text)
check("and it verifies", Run("jws", "verify", "--key", shared, signed(json.loads(shared.read_text()))).out == b"payload")
for name, arguments, content, reason, code in (("no --alg", [], phrase, "--alg", 2), ("short", ["--alg", "HS256"], "hunter2", "weak_key", 1), ("of another type", ["--alg", "ES256"], phrase, "wrong_key_type", 1),
                                               ("RFC 8725 2.1: PEM", ["--alg", "HS256"], public_pem, "has a key", 2), ("a JWK", ["--alg", "HS256"], json.dumps(mac), "has a key", 2),
                                               ("--public", ["--alg", "HS256", "--public"], phrase, "no public part", 2)):
    refused(f"a secret that is refused: {name}", Run("key", "to-jwk", "--secret", *arguments, stdin=content), reason, code)
check("no secret on a terminal", Terminal("key", "to-jwk", "--secret", "--alg", "HS256", file(phrase)).code == 2)

secret, other_secret = file("correct horse\n"), file("battery")
locked = Run("key", "to-pem", "--new-passphrase-file", secret, file(rsa))
check("PEM that is encrypted", locked.text.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----"), locked.reason)
check("and read again", json.loads(Run("key", "to-jwk", "--alg", "RS256", "--passphrase-file", secret, stdin=locked.out).text)["d"] == rsa["d"])
refused("the wrong passphrase", Run("key", "to-jwk", "--passphrase-file", other_secret, stdin=locked.out), "bad_passphrase")
refused("no passphrase", Run("key", "to-jwk", stdin=locked.out), "bad_passphrase")
check("an encrypted key signs", header(Run("jws", "sign", "--key", file(locked.text), "--passphrase-file", secret, "--alg", "RS256", "--kid", "mine", stdin=b"x").text)
      == {"alg": "RS256", "kid": "mine"})

pem = {name: file(Run("key", "to-pem", file(jwk)).text) for name, jwk in (("ec", ec), ("rsa", rsa))}
set_ = Run("key", "set", pem["ec"], file({"keys": [{**rsa, "kid": "r"}]}), file(public(key("EdDSA", kid="o"))))
keys_ = json.loads(set_.text)["keys"]
check("a set from several files has the public parts", [k["kty"] for k in keys_] == ["EC", "RSA", "OKP"] and keys_[0]["kid"] == unnamed["kid"]
      and keys_[1]["kid"] == "r" and not any(set(k) & {"d", "p", "q", "dp", "dq", "qi", "k"} for k in keys_), set_.text)
check("a set without a key that has gone", [k["kid"] for k in json.loads(Run("key", "set", file(set_.text), "--without", "r").text)["keys"]] == [keys_[0]["kid"], "o"])
refused("a set without a key that was never there", Run("key", "set", file(set_.text), "--without", "x"), "unknown_key")
refused("a set of one kid twice", Run("key", "set", pem["ec"], pem["ec"]), "duplicate_key")
refused("a set has no secret", Run("key", "set", pem["ec"], file(mac)), "wrong_key_type")
refused("a set of no file", Run("key", "set"), "needs the files", 2)
refused("a set of what is no key", Run("key", "set", file("hello")), "malformed_json")
check("a set verifies", Run("jwt", "verify", "--keys", file(set_.text), "--issuer", claims["iss"], "--audience", "b", "--now", NOW,
                            Run("jwt", "sign", "--key", pem["ec"], "--kid", unnamed["kid"], stdin=json.dumps(claims)).text).code == 0)

# --- verifying with PEM, DER and certificates ----------------------------------------------------------------------------

der = FOLDER / "key.der"
der.write_bytes(base64.b64decode("".join(public_pem.split("\n")[1:-1])))
forms = [("a public key in PEM", file(public_pem)), ("a private key in PEM", pem["ec"]), ("DER", der), ("text before the block", file("Bag Attributes\n" + public_pem))]
if shutil.which("openssl"):
    certificate = subprocess.run(["openssl", "req", "-x509", "-key", pem["ec"], "-subj", "/CN=test", "-days", "1"], capture_output=True, text=True).stdout
    der_certificate = FOLDER / "certificate.der"
    subprocess.run(["openssl", "x509", "-outform", "der", "-out", der_certificate], input=certificate, text=True)
    sec1 = subprocess.run(["openssl", "ec", "-in", pem["ec"]], capture_output=True, text=True).stdout
    der_private = FOLDER / "private.der"
    subprocess.run(["openssl", "pkcs8", "-topk8", "-nocrypt", "-in", pem["ec"], "-outform", "der", "-out", der_private])
    octets, other = der_certificate.read_bytes(), key("ES256")
    for what, path in ("a certificate", file(certificate)), ("a certificate in DER", der_certificate), ("a chain", file(certificate + certificate)):
        published = json.loads(Run("key", "to-jwk", path).text)
        count = 2 if what == "a chain" else 1
        check(f"RFC 7517 4.7, 4.9: {what} is in the JWK of its key", published.get("x5c") == [base64.b64encode(octets).decode()] * count
              and published.get("x5t#S256") == b64(hashlib.sha256(octets).digest()), published)
        in_set = json.loads(Run("key", "set", path).text)["keys"][0]
        check(f"and in a key set: {what}", in_set == published, in_set)
        check(f"and read again: {what}", json.loads(Run("key", "public", stdin=json.dumps(published)).text) == published)
        refused(f"and refused beside another key: {what}", Run("key", "public", stdin=json.dumps({**published, **{m: other[m] for m in "xy"}})), "key_mismatch: x5c")
    check("a key without a certificate has no x5c", not {"x5c", "x5t#S256"} & json.loads(Run("key", "to-jwk", file(public_pem)).text).keys())
    forms += [("a certificate", file(certificate)), ("a certificate in DER", der_certificate), ("SEC 1", file(sec1)), ("PKCS#8 in DER", der_private)]
for name, path in forms:
    seen = verify(keys=path)
    check(f"jwt verify with {name}", seen.code == 0 and json.loads(seen.text) == claims, seen.reason)
    check(f"jws verify with {name}, the token as argument", Run("jws", "verify", "--key", path, jwt.text).code == 0)
    refused(f"another token than that of {name}", verify(keys=path, token=signed(key("ES256"))), "bad_signature")
refused("RFC 8725 2.1: PEM as an HMAC secret", Run("jws", "verify", "--key", file(public_pem), stdin=signed({"kty": "oct", "alg": "HS256", "k": b64(public_pem.encode())})), "algorithm_mismatch")
refused("jwt verify --alg", verify("--alg", "ES384"), "algorithm_not_allowed")
check("jwt verify --alg that agrees", verify("--alg", "ES256").code == 0)
for name, text, reason in (("an OpenSSH key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA", "ssh-keygen"), ("a request", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n", "openssl req")):
    refused(f"what is no key is named, with what converts it: {name}", verify(keys=file(text)), reason)

# --- answers for scripts --------------------------------------------------------------------------------------------------

seen = verify("--json", audience="x")
check("--json: a refusal on stdout too", seen.code == 1 and "(wrong_audience: aud)" in seen.reason
      and {**json.loads(seen.text), "message": ""} == {"error": "wrong_audience", "message": "", "about": "aud"}, seen.out)
check("--json: a token that is accepted is its claims, as ever", json.loads(verify("--json").text) == claims)
seen = verify("--explain", "--type", "JWT")
check("--explain says what came and what was required", seen.code == 1 and '"at+jwt"' in seen.reason and '"JWT"' in seen.reason and seen.reason.count("\n") == 1, seen.reason)

# --- passkeys --------------------------------------------------------------------------------------------------------

# Ceremonies that were recorded from Chromium: tests/vectors/passkeys. Each by itself, then all of them as lines.
def ceremony(case, *more):
    return Run("webauthn", "verify", *more, stdin=json.dumps(case))


recorded = [case for path in sorted((VECTORS / "passkeys").glob("*.json")) for case in json.loads(path.read_text())["cases"]]
check("passkeys: 42 ceremonies were recorded", len(recorded) == 42, len(recorded))
for case in recorded:
    seen = ceremony(case)
    if case["expected"] == "accept":
        check(f"passkeys: {case['name']}", seen.code == 0 and seen.out == b"accept\n" and seen.reason == "", seen.reason)
    else:
        refused(f"passkeys: {case['name']}", seen, f"({case.get('errc', 'webauthn_signature_form')})\n")
lines = Run("webauthn", "verify", "--lines", stdin="".join(json.dumps(case) + "\n" for case in recorded))
expected = ["accept" if case["expected"] == "accept" else case.get("errc", "webauthn_signature_form") for case in recorded]
check("passkeys: --lines", lines.code == 0 and lines.text.split("\n") == expected, lines.reason)

# What other projects published. That file is not part of signet: it is read from SIGNET_PASSKEYS, or beside the project.
published = Path(os.environ.get("SIGNET_PASSKEYS") or VECTORS.parents[2] / "shared" / "passkeys" / "published.json")
OTHERWISE = {"tpm": "webauthn_format"}  # `optional`, and not supported here
if published.exists():
    cases = json.loads(published.read_text())
    lines = Run("webauthn", "verify", "--lines", stdin="".join(json.dumps(case) + "\n" for case in cases))
    check("passkeys: published, one line a case", lines.code == 0 and lines.text.count("\n") == len(cases) - 1, lines.reason)
    for case, verdict in zip(cases, lines.text.split("\n")):
        wanted = OTHERWISE.get(case.get("optional")) or (
            "accept" if case["expected"] == "accept" else case["expected"] if case["expected"] != "reject" else case["errc"])
        check(f"passkeys: published {case['name']}", verdict == wanted, f"-> {verdict}, not {wanted}")
    # The same with the known keys as JWKs, which do not say an algorithm.
    known = {name: verdict for case, verdict in zip(cases, lines.text.split("\n")) if "jwk" in case.get("credential", {}) for name in [case["name"]]}
    jwks = [{**case, "credential": {k: v for k, v in case["credential"].items() if k != "cose"}} for case in cases if case["name"] in known]
    lines = Run("webauthn", "verify", "--lines", stdin="".join(json.dumps(case) + "\n" for case in jwks))
    check("passkeys: published, keys as JWKs", jwks and lines.text.split("\n") == list(known.values()), lines.text)
elif os.environ.get("SIGNET_PASSKEYS"):
    check("passkeys: SIGNET_PASSKEYS is there", False, published)
else:
    print("skipped: the published passkeys are not there (SIGNET_PASSKEYS names the file)")

# Each verdict comes before the next case is asked for.
with subprocess.Popen([SIGNET, "webauthn", "verify", "--lines"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as waiting:
    for case in recorded[:2]:
        waiting.stdin.write(json.dumps(case) + "\n")
        waiting.stdin.flush()
        check("passkeys: --lines answers at once", waiting.stdout.readline() == "accept\n")

first, login = recorded[0], recorded[1]


def bent(case, **options):
    return {**case, "options": {**case["options"], **options}}


def answered(case, text):  # with the answer as a text, which need not be JSON
    return {**case, "response": text}


credential_id = first["response"]["id"]
for name, case, reason in (
        ("W48 a known id", bent(first, registered=["AAAA", credential_id]), "credential_registered"),
        ("W49 not in the list", bent(login, allow_credentials=["AAAA"]), "webauthn_credential_unknown"),
        ("W50 another user", {**login, "credential": {**login["credential"], "user_handle": "AAAA"}}, "webauthn_user_handle"),
        ("W52 BE differs", {**login, "credential": {**login["credential"], "backup_eligible": True}}, "webauthn_backup_changed"),
        ("W7 another origin", bent(first, origins=["https://shop.signet.test"]), "webauthn_origin"),
        ("W22 another RP ID", bent(first, rp_id="signet.test"), "webauthn_rp_id"),
        ("W29 nothing offered", bent(first, algorithms=[]), "algorithm_not_allowed"),
        ("W47 nothing is trusted", bent(first, attestation="trusted"), "webauthn_attestation_untrusted"),
        ("W3 an answer that is a text", answered(first, "[]"), "json_wrong_type"),
        ("W3 an answer with a name twice", answered(first, '{"id":"AA","id":"AA"}'), "duplicate_json_name"),
        ("W3 an answer without an end", answered(first, "{"), "malformed_json"),
        ("a stored key that nothing supports", {**login, "credential": {**login["credential"], "cose": "pAEBAzg0IAchWDmA"}}, "cbor_truncated")):
    refused(f"passkeys: {name}", ceremony(case), f"({reason})\n")
for name, case in (("registered elsewhere", bent(first, registered=["AAAA"])), ("listed", bent(login, allow_credentials=["AAAA", credential_id])),
                   ("W52 BE differs, reported", bent({**login, "credential": {**login["credential"], "backup_eligible": True}}, backup_change="report")),
                   ("BE not known", {**login, "credential": {k: v for k, v in login["credential"].items() if k != "backup_eligible"}}),
                   ("an answer as a text", answered(first, json.dumps(first["response"]))), ("other members", {**first, "more": {"x": [1]}})):
    seen = ceremony(case)
    check(f"passkeys: {name}", seen.code == 0 and seen.text == "accept", seen.reason)
raw = json.dumps(first)
for name, text in (("nothing", ""), ("an array", "[]"), ("a text", "x"), ("no options", json.dumps({**first, "options": None})),
                   ("no answer", json.dumps({k: v for k, v in first.items() if k != "response"})), ("cut", raw[:-1]), ("twice", raw + raw),
                   ("no challenge", json.dumps(bent(first, challenge=None))), ("another ceremony", json.dumps({**first, "ceremony": "x"})),
                   ("another word", json.dumps(bent(first, user_verification="always"))), ("anchors", json.dumps(bent(first, trust_anchors=["="]))),
                   ("a count below 0", json.dumps({**login, "credential": {**login["credential"], "sign_count": -1}})),
                   ("no credential", json.dumps({**login, "credential": None})), ("now", json.dumps(bent(first, now=-1)))):
    refused(f"passkeys: a case that cannot be read: {name}", Run("webauthn", "verify", stdin=text), "signet: the case cannot be read", 2)
mixed = Run("webauthn", "verify", "--lines", stdin=f"\n{raw}\nx\n\n{raw}")
check("passkeys: --lines with one that cannot be read", mixed.code == 2 and mixed.text.split("\n") == ["accept", "unreadable", "accept"], mixed.text)
for arguments in (["--line"], ["--lines", "--lines"], ["file"]):
    refused(f"passkeys: wrong usage: {arguments}", Run("webauthn", "verify", *arguments), "signet: ", 2)
deep = f'{{"ceremony":"registration","options":{json.dumps(first["options"])},"response":{"[" * 100000}{"]" * 100000}}}'
refused("W18 passkeys: an answer of 100000 arrays", Run("webauthn", "verify", stdin=deep), "(json_too_deep)")

for path in FOLDER.iterdir():
    path.unlink()
FOLDER.rmdir()
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)

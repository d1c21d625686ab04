#!/usr/bin/env python3
"""Asks each server of this folder the same things with curl. usage: check.py SERVER...; ends in "N passed, N failed"."""
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from checking import Key, check, close, need, text

need("curl")

now = int(time.time())
issuer, client, thief = Key(), Key(), Key()


def token(**claims):
    """An access token that lives for a day, so that a slow machine makes no difference."""
    all_claims = {"iss": "https://id.example.com", "aud": "shop", "sub": "ann", "iat": now, "exp": now + 86_400, "scope": "openid orders.read", **claims}
    return issuer.sign({"typ": "at+jwt"}, all_claims)


def proof(key, url, access_token, nonce=None, method="GET"):
    claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time()), "ath": text(hashlib.sha256(access_token.encode()).digest())}
    return key.sign({"typ": "dpop+jwt", "jwk": key.jwk}, {**claims, "nonce": nonce} if nonce else claims)


class Answer:
    def __init__(self, said):
        head, _, self.body = said.replace("\r\n", "\n").partition("\n\n")
        first, *lines = head.split("\n")
        self.status = int(first.split()[1])
        self.fields = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in lines)]

    def all(self, name):
        return [value for one, value in self.fields if one == name]

    def __repr__(self):
        return f"{self.status} {self.fields} {self.body!r}"


def ask(url, *fields, method="GET"):
    command = ["curl", "--silent", "--show-error", "--include", "--noproxy", "*", "--max-time", "60", "--request", method, url]
    if method == "POST":
        command += ["--data", ""]
    for field in fields:
        command += ["--header", field]
    said = subprocess.run(command, capture_output=True, text=True)
    return Answer(said.stdout) if said.returncode == 0 and said.stdout else Answer(f"HTTP/1.1 0 {said.stderr}")


def refused(name, answer, status, *challenges):
    check(name, answer.status == status and answer.all("www-authenticate") == list(challenges), answer)


def story(name, origin, inside):
    def is_(what, *args):
        refused(f"{name}: {what}", *args)

    def good(what, answer, body):
        check(f"{name}: {what}", answer.status == 200 and answer.body == body, answer)

    orders, payments, session = f"{origin}/orders", f"{origin}/payments", f"{origin}/session"
    plain = token()

    # Bearer tokens (RFC 6750 section 3).
    nobody = ask(orders)
    said = nobody.all("www-authenticate")
    check(f"{name}: no token is 401 with a challenge of each scheme",
          nobody.status == 401 and len(said) == 2 and said[0] == 'Bearer scope="orders.read"' and re.match(r'DPoP scope="orders.read", algs="', said[1]), nobody)
    good("a good token", ask(orders, f"Authorization: Bearer {plain}"), "orders of ann\n")
    good("a query changes nothing", ask(orders + "?page=2", f"Authorization: Bearer {plain}"), "orders of ann\n")
    is_("a token that is none is 401", ask(orders, "Authorization: Bearer abc"), 401, 'Bearer error="invalid_token", scope="orders.read"')
    is_("an expired token is 401", ask(orders, f"Authorization: Bearer {token(exp=now - 3_600)}"), 401, 'Bearer error="invalid_token", scope="orders.read"')
    is_("a token of another issuer's key is 401", ask(orders, f"Authorization: Bearer {plain[:-8]}AAAAAAAA"), 401, 'Bearer error="invalid_token", scope="orders.read"')
    is_("a token without the scope is 403", ask(orders, f"Authorization: Bearer {token(scope='openid')}"), 403, 'Bearer error="insufficient_scope", scope="orders.read"')
    answer = ask(orders, f"Authorization: Bearer {plain}", f"Authorization: Bearer {plain}")
    check(f"{name}: two Authorization fields are 400", answer.status == 400, answer)
    check(f"{name}: what is not there is 404", ask(origin + "/nothing").status == 404)

    # Step-up (RFC 9470): the challenge says what the login has to be.
    wanted = 'Bearer error="insufficient_user_authentication", scope="orders.pay", acr_values="mfa", max_age="300"'
    is_("a login without a second factor is 401", ask(payments, f"Authorization: Bearer {token(scope='orders.pay', acr='pwd', auth_time=now)}", method="POST"), 401, wanted)
    is_("a login of yesterday is 401", ask(payments, f"Authorization: Bearer {token(scope='orders.pay', acr='mfa', auth_time=now - 86_400)}", method="POST"), 401, wanted)
    fresh = token(scope="orders.pay", acr="mfa", auth_time=int(time.time()))
    good("a login of now, with it", ask(payments, f"Authorization: Bearer {fresh}", method="POST"), "paid by ann\n")

    # DPoP (RFC 9449 section 7): the first answer gives the nonce.
    bound = token(cnf={"jkt": client.thumbprint})
    shown = f"Authorization: DPoP {bound}"
    first = ask(orders, shown, f"DPoP: {proof(client, orders, bound)}")
    check(f"{name}: a proof without a nonce is use_dpop_nonce", first.status == 401 and "use_dpop_nonce" in first.all("www-authenticate")[0] and len(first.all("dpop-nonce")) == 1, first)
    nonce = (first.all("dpop-nonce") or [None])[0]

    def with_nonce(*makers):
        """Asks with these proofs; as a client does, again if the nonce was too old."""
        nonlocal nonce
        for _ in range(5):
            proofs = [make(nonce) for make in makers]
            answer = ask(orders, shown, *(f"DPoP: {one}" for one in proofs))
            if not any("use_dpop_nonce" in said for said in answer.all("www-authenticate")):
                break
            nonce = answer.all("dpop-nonce")[0]
        return answer, proofs

    answer, used = with_nonce(lambda n: proof(client, orders, bound, n))
    good("a proof with it", answer, "orders of ann\n")

    def no_proof(what, answer):
        said = answer.all("www-authenticate")
        check(f"{name}: {what} is 401", answer.status == 401 and len(said) == 1 and re.match(r'DPoP error="(invalid_token|invalid_dpop_proof)"', said[0]), answer)

    # Once more within the life of its nonce: the time between the two requests may have been longer on a slow machine.
    for _ in range(5):
        again = ask(orders, shown, f"DPoP: {used[0]}")
        if "use_dpop_nonce" not in "".join(again.all("www-authenticate")):
            break
        used = with_nonce(lambda n: proof(client, orders, bound, n))[1]
    no_proof("the same proof again", again)
    no_proof("a proof by another key", with_nonce(lambda n: proof(thief, orders, bound, n))[0])
    no_proof("a proof for another address", with_nonce(lambda n: proof(client, payments, bound, n))[0])
    no_proof("a bound token without a proof", ask(orders, shown))
    no_proof("two proofs", with_nonce(*[lambda n: proof(client, orders, bound, n)] * 2)[0])
    is_("a bound token that is shown as Bearer is 401", ask(orders, f"Authorization: Bearer {bound}"), 401, 'Bearer error="invalid_token", scope="orders.read"')

    # The session.
    begun = ask(session, f"Authorization: Bearer {plain}", method="POST")
    set_cookie = (begun.all("set-cookie") or [""])[0]
    attributes = set_cookie.split("; ")[1:]
    check(f"{name}: a session begins with a cookie that scripts cannot read", begun.status == 200 and {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes), begun)
    check(f"{name}: and that no cache keeps", begun.all("cache-control") == ["no-store"], begun)
    cookie = "Cookie: theme=dark; " + set_cookie.split(";")[0]
    good("the cookie is who came", ask(session, cookie), "hello ann\n")
    check(f"{name}: no cookie is 401", ask(session).status == 401)
    check(f"{name}: a cookie that was made up is 401", ask(session, f"Cookie: __Host-sid={'A' * 64}").status == 401)
    check(f"{name}: two cookies of the name are refused", ask(session, cookie + "; " + set_cookie.split(";")[0]).status in (400, 401))
    ended = ask(session, cookie, method="DELETE")
    check(f"{name}: the logout removes the cookie", ended.status == 200 and "Max-Age=0" in ended.all("set-cookie")[0], ended)
    check(f"{name}: and ends the session", ask(session, cookie).status == 401)

    # Operators, on a listener of their own.
    check(f"{name}: the listener of operators is another, on this host alone", inside.startswith("http://localhost:") and inside != origin, inside)
    good("the store is healthy", ask(inside + "/healthz"), "healthy\n")
    counts = ask(inside + "/metrics")
    check(f"{name}: the metrics count what the store was asked",
          counts.status == 200 and counts.all("content-type") == ["text/plain; version=0.0.4"]
          and re.search(r'^signet_store_requests_total\{store="sessions",verb="insert",outcome="done"\} [1-9]', counts.body, re.M), counts)
    check(f"{name}: and name nobody", "ann" not in counts.body, counts)
    for path in ("/metrics", "/healthz"):
        check(f"{name}: clients have no {path}", ask(origin + path).status == 404 and ask(origin + path, f"Authorization: Bearer {plain}").status == 404)
    check(f"{name}: operators have nothing else", ask(inside + "/orders", f"Authorization: Bearer {plain}").status == 404)


with tempfile.TemporaryDirectory(prefix="signet-") as folder:
    keys = Path(folder) / "keys.json"
    keys.write_text(json.dumps({"keys": [{**issuer.jwk, "alg": "ES256", "use": "sig"}]}))
    for program in sys.argv[1:]:
        server = subprocess.Popen([program, keys, "0", "0"], stdout=subprocess.PIPE, text=True)
        hurry = threading.Timer(120, server.kill)  # one that never says where it serves, or never ends
        hurry.start()
        try:
            story(Path(program).name, *(server.stdout.readline().strip() for _ in range(2)))
        finally:
            hurry.cancel()
            server.kill()
            server.wait()
close()

#!/usr/bin/env python3
"""What strangers do to the demo site: no descriptors left, slow and half-open clients, floods of passwords, malformed requests,
signals, a full disk. usage: strangers.py DEMO [NAME...]; ends in "N passed, N failed".

Nothing is measured: a client waits until the site closes or answers, and only a site that never does so fails by time.
"""
import contextlib
import os
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote_plus

DEMO, *ONLY = sys.argv[1:]
PATIENCE = 60  # seconds until a test gives up
passed = failed = 0


def check(what, good, seen=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print(f"{'ok     ' if good else 'FAILED '} {what}{'' if good else ': ' + repr(seen)}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """The site as a process of its own, over a folder that stays."""

    def __init__(self, data, *options, host="shop.signet.test", limits=None, env=None, wait=True):
        self.port = free_port()
        self.host = f"{host}:{self.port}"
        arguments = [DEMO, "--port", self.port, "--origin", f"https://{self.host}", "--admin-password", "only for this test", *options]
        if data:
            arguments += ["--data", data]
        self.process = subprocess.Popen([str(a) for a in arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limits, env=env,
                                        restore_signals=False)
        hurry = threading.Timer(PATIENCE, self.process.kill)
        hurry.start()
        self.said = ""
        while wait and (line := self.process.stdout.readline()):
            self.said += line
            if "Ctrl-C" in line:
                break
        if not wait:
            self.said, self.complaint = self.process.communicate()
        hurry.cancel()

    def connect(self, source="127.0.0.1"):
        plain = socket.socket()
        plain.settimeout(PATIENCE)
        plain.bind((source, 0))
        plain.connect(("127.0.0.1", self.port))
        return plain

    def client(self, source="127.0.0.1"):
        return Client(self, self.connect(source))

    def end(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class Client:
    """One TLS connection; with the cookies that it is given."""

    def __init__(self, site, plain):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate is the site's own
        self.site, self.cookies, self.left = site, {}, b""
        self.socket = context.wrap_socket(plain, server_hostname="localhost")

    def send(self, method, path, fields=(), body=b"", length=True):
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.site.host}", f"Origin: https://{self.site.host}", *fields]
        if self.cookies:
            head.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if length:
            head.append(f"Content-Length: {len(body)}")
        self.raw("\r\n".join([*head, "", ""]).encode() + body)

    def raw(self, octets):
        self.socket.sendall(octets)

    def answer(self, has_body=True):
        """Status, fields (in lower case) and body; status 0 where the site closed instead."""
        try:
            while b"\r\n\r\n" not in self.left:
                if not (more := self.socket.recv(65536)):
                    return 0, {}, b""
                self.left += more
            head, self.left = self.left.split(b"\r\n\r\n", 1)
            first, *lines = head.decode().split("\r\n")
            fields = {}
            for line in lines:
                name, value = line.split(":", 1)
                if name.lower() == "set-cookie":
                    cookie, cookie_value = value.strip().split(";")[0].split("=", 1)
                    self.cookies[cookie] = cookie_value
                fields[name.lower()] = value.strip()
            size = int(fields.get("content-length", 0)) if has_body else 0
            while len(self.left) < size:
                if not (more := self.socket.recv(65536)):
                    return 0, {}, b""
                self.left += more
            body, self.left = self.left[:size], self.left[size:]
            return int(first.split()[1]), fields, body
        except (ConnectionError, ssl.SSLError):
            return 0, {}, b""

    def is_answered(self):
        """Whether some of an answer is there already; waits for none. What TLS sends by itself is no answer."""
        self.socket.settimeout(0)
        try:
            self.left += self.socket.recv(1)
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        self.socket.settimeout(PATIENCE)
        return self.left != b""

    def ask(self, *request, **more):
        self.send(*request, **more)
        return self.answer()

    def enter(self, path, user, password):
        form = f"user={quote_plus(user)}&password={quote_plus(password)}".encode()
        self.send("POST", path, ["Content-Type: application/x-www-form-urlencoded"], form)

    def log_in(self, user, password, path="/login"):
        self.enter(path, user, password)
        return self.answer()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.close()


def closed_by_site(plain):
    """Whether the site ends the connection, whatever it says before."""
    try:
        while plain.recv(65536):
            pass
        return True
    except TimeoutError:
        return False
    except OSError:
        return True


def serves(site, source="127.0.0.1"):
    try:
        client = site.client(source)
        try:
            return client.ask("GET", "/static/style.css")[0] == 200
        finally:
            client.close()
    except OSError:
        return False


# ---- S2: descriptors and connections ---------------------------------------------------------------------------------

def descriptors_run_out(folder):
    with Site(folder / "data", limits=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))) as site:
        check("S2: the site serves with 64 descriptors", serves(site))
        held = [site.connect(f"127.0.0.{2 + i % 8}") for i in range(120)]
        for _ in range(2000):  # until it has taken what it can
            if len(in_use := os.listdir(f"/proc/{site.process.pid}/fd")) == 64:
                break
            time.sleep(0.01)
        check("S2: 120 connections, and no descriptor is left", len(in_use) == 64, in_use)
        for one in held:
            one.close()
        check("S2: descriptors come back, and the site accepts again", serves(site))
        check("S2: it still runs", site.process.poll() is None)


def too_many_connections(folder):
    with Site(folder / "data", "--connections", 16) as site:
        first = [site.client() for _ in range(8)]
        check("S2: one address may have half of the connections", closed_by_site(site.connect()))
        second = [site.client("127.0.0.2") for _ in range(7)]
        check("S2: another address is served meanwhile", second[-1].ask("GET", "/static/style.css")[0] == 200)
        second.append(site.client("127.0.0.2"))
        check("S2: beyond the most connections they are closed at once", closed_by_site(site.connect("127.0.0.3")))
        first.pop().close()
        for _ in range(100):  # until the site has seen that it went
            if good := serves(site, "127.0.0.3"):
                break
        check("S2: a connection that ends makes room", good)
        check("S2: those that are there go on", all(c.ask("GET", "/static/style.css")[0] == 200 for c in first + second))


def slow_clients(folder):
    with Site(folder / "data", "--timeout", 1) as site:
        silent = site.connect()
        half_hello = site.connect()
        half_hello.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        idle = site.client()
        half_header = site.client()
        half_header.raw(b"GET / HTTP/1.1\r\nHost: x\r\nX-Sl")
        half_body = site.client()
        half_body.raw(f"POST /login HTTP/1.1\r\nHost: {site.host}\r\nOrigin: https://{site.host}\r\nContent-Length: 100\r\n\r\nuser=".encode())
        used = site.client()
        check("S2: a connection is used again", used.ask("GET", "/static/style.css")[0] == 200)

        dribbling = site.client()
        dripped = threading.Event()

        def drip():
            with contextlib.suppress(OSError):
                for octet in b"GET / HTTP/1.1\r\nX-Slow: " + b"a" * 100_000:
                    dribbling.raw(bytes([octet]))
                    if dripped.wait(0.05):
                        return

        dripper = threading.Thread(target=drip, daemon=True)
        dripper.start()

        # Asks again and again and reads nothing, until the site no longer waits for it.
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.settimeout(PATIENCE)
        deaf.connect(("127.0.0.1", site.port))
        deaf = Client(site, deaf)
        deaf_ended = False
        try:
            while True:
                deaf.send("GET", "/static/style.css")
        except TimeoutError:
            pass
        except OSError:
            deaf_ended = True

        for what, plain in (("that says nothing", silent), ("with half a TLS greeting", half_hello), ("that asks nothing", idle.socket), ("with half a header", half_header.socket),
                            ("with half a body", half_body.socket), ("that stays idle after an answer", used.socket), ("whose header comes an octet at a time", dribbling.socket)):
            check(f"S2: a client {what} is not waited for", closed_by_site(plain))
        check("S2: a client that never reads is not waited for", deaf_ended)
        dripped.set()
        check("S2: others are served", serves(site))


# ---- S12: passwords --------------------------------------------------------------------------------------------------

def hashing_elsewhere(folder):
    with Site(folder / "data") as site:
        logins = [site.client(f"127.0.1.{1 + i}") for i in range(30)]
        file = site.client()
        for i, one in enumerate(logins):
            one.enter("/login", f"nobody-{i}", "whatever it is")
        file.send("GET", "/static/style.css")
        status = file.answer()[0]
        before = sum(one.is_answered() for one in logins)
        check("S12: a file does not wait behind 30 passwords", status == 200 and before < 25, (status, before))
        check("S12: each of the 30 is answered", [one.answer()[0] for one in logins] == [401] * 30)

        many = [site.client(f"127.0.2.{1 + i}") for i in range(80)]
        for i, one in enumerate(many):
            one.enter("/login", f"nobody-{i}", "whatever it is")
        answers = [one.answer() for one in many]
        check("S12: beyond what the pool takes, 503 with Retry-After", {a[0] for a in answers} == {401, 503} and all("retry-after" in a[1] for a in answers if a[0] == 503),
              sorted(a[0] for a in answers))
        check("S12: afterwards passwords are looked at again", many[0].log_in("nobody", "whatever it is")[0] == 401)


def guesses(folder):
    with Site(folder / "data") as site:
        ann = site.client("127.0.0.1")
        check("S12: signing up", ann.log_in("ann", "correct horse", "/signup")[0] == 303)
        known = {name: value for name, value in ann.cookies.items() if "sid" not in name}

        stranger = site.client("127.0.0.9")
        codes = [stranger.log_in("ann", f"wrong guess {i}")[0] for i in range(12)]
        check("S12: ten wrong passwords from an address, then it rests", codes == [401] * 10 + [429] * 2, codes)
        check("S12: and says for how long", "retry-after" in stranger.log_in("ann", "another guess")[1])
        check("S12: the right password is no exception there", stranger.log_in("ann", "correct horse")[0] == 429)
        check("S12: the owner logs in meanwhile", site.client("127.0.0.1").log_in("ann", "correct horse")[0] == 303)
        check("S12: from a new address too", site.client("127.0.0.77").log_in("ann", "correct horse")[0] == 303)

        codes = []
        for i in range(60):
            one = site.client(f"127.0.3.{1 + i}")
            codes.append(one.log_in("ann", "wrong guess")[0])
            one.close()
        check("S12: from many addresses 50 wrong passwords for a name, then strangers rest", 401 in codes[:30] and codes[-1] == 429, codes)
        owner = site.client("127.0.0.55")
        check("S12: a stranger from elsewhere rests", owner.log_in("ann", "correct horse")[0] == 429)
        owner.cookies = dict(known)
        check("S12: the owner's browser does not, wherever it is", owner.log_in("ann", "correct horse")[0] == 303)
        check("S12: nor does the owner's address", site.client("127.0.0.1").log_in("ann", "correct horse")[0] == 303)
        thief = site.client("127.0.0.56")
        thief.cookies = {name: value[:-2] + ("AA" if value[-2:] != "AA" else "BB") for name, value in known.items()}
        check("S12: a browser's mark that is forged is none", thief.log_in("ann", "correct horse")[0] == 429)
        other = site.client("127.0.0.57")
        other.log_in("bob", "battery staple", "/signup")
        other.cookies = {name: value for name, value in other.cookies.items() if "sid" not in name}
        check("S12: the mark of another user's is none", other.log_in("ann", "correct horse")[0] == 429)

        sweep = site.client("127.0.0.90")
        codes = [sweep.log_in(f"name-{i}", "password1")[0] for i in range(35)]
        check("S12: one address that tries many names rests after 30", codes == [401] * 30 + [429] * 5, codes)
        check("S12: other addresses do not", site.client("127.0.0.91").log_in("name-1", "password1")[0] == 401)

        marked = site.client("127.0.0.60")
        marked.cookies = dict(known)
        codes = [marked.log_in("ann", f"wrong guess {i}")[0] for i in range(12)]
        check("S12: a browser of the owner's has ten guesses too", codes == [401] * 10 + [429] * 2, codes)


# ---- S11: redirects --------------------------------------------------------------------------------------------------

def redirects(folder):
    with Site(folder / "data") as site:
        ann = site.client()
        ann.log_in("ann", "correct horse", "/signup")
        for next_page in ("/%09/evil.example", "/%0a/evil.example", "//evil.example", "/%5Cevil.example", "https://evil.example", "javascript:alert(1)", "/%20/evil.example", ""):
            status, _, body = ann.ask("GET", f"/prove?next={next_page}")
            check(f"S11: /prove?next={next_page} leads to this site", status == 200 and b'data-next="/"' in body and b"evil" not in body, (status, body[-400:]))
        body = ann.ask("GET", "/prove?next=/devices")[2]
        check("S11: a page of this site is gone on to", b'data-next="/devices"' in body, body[-400:])
        script = ann.ask("GET", "/static/prove.js")[2]
        check("S11: the script takes nothing from the address", b"location.search" not in script)


# ---- S20: the rest ---------------------------------------------------------------------------------------------------

def head(folder):
    with Site(folder / "data") as site:
        one = site.client()
        one.send("HEAD", "/static/style.css", length=False)
        status, fields, _ = one.answer(has_body=False)
        size = int(fields.get("content-length", 0))
        check("S20: HEAD says the length", status == 200 and size > 0, (status, fields))
        one.send("GET", "/static/style.css", length=False)
        status, _, body = one.answer()
        check("S20: HEAD has no body: the next answer begins at once", status == 200 and len(body) == size, (status, len(body), size))
        one.send("HEAD", "/", length=False)
        check("S20: HEAD of a page", one.answer(has_body=False)[0] == 200)
        check("S20: HEAD of what is only for POST is 405", (one.send("HEAD", "/login", length=False), one.answer(has_body=False))[1][0] == 405)


def malformed(folder):
    with Site(folder / "data") as site:
        def refused(octets):
            client = site.client()
            with contextlib.suppress(OSError):
                client.raw(octets)
            status, fields, _ = client.answer()
            ended = closed_by_site(client.socket)
            client.close()
            return status if ended and fields.get("connection") == "close" else (status, fields, ended)

        host = f"Host: {site.host}\r\n".encode()
        check("S20: what is no HTTP is 400", refused(b"what is this\r\n\r\n") == 400)
        check("S20: a malformed field is 400", refused(b"GET / HTTP/1.1\r\n" + host + b"no colon\r\n\r\n") == 400)
        check("S20: a malformed length is 400", refused(b"POST /login HTTP/1.1\r\n" + host + b"Content-Length: x\r\n\r\n") == 400)
        check("RFC 9112 3.2: no Host is 400", refused(b"GET / HTTP/1.1\r\n\r\n") == 400)
        check("RFC 9112 3.2: two Hosts are 400", refused(b"GET / HTTP/1.1\r\n" + host + host + b"\r\n") == 400)
        check("S20: a header that is too large is 431", refused(b"GET / HTTP/1.1\r\n" + host + b"X-Large: " + b"a" * 40_000 + b"\r\n\r\n") == 431)
        check("S20: a body that is too large is 413", refused(b"POST /login HTTP/1.1\r\n" + host + b"Content-Length: 10000000\r\n\r\n") == 413)
        chunk = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
        check("S20: in chunks too", refused(b"POST /login HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 3 + b"0\r\n\r\n") == 413)
        check("S20: and one that comes after all", refused(b"POST /login HTTP/1.1\r\n" + host + b"Content-Length: 200000\r\n\r\n" + b"a" * 200_000) == 413)

        asking = site.client()
        asking.send("POST", "/login", ["Expect: 100-continue", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 27"], length=False)
        check("RFC 9110 10.1.1: 100 Continue before the body", asking.answer(has_body=False)[0] == 100)
        asking.raw(b"user=nobody&password=secret")
        check("RFC 9110 10.1.1: then the answer", asking.answer()[0] == 401)
        asking.send("POST", "/login", ["Expect: 100-continue", "Content-Length: 10000000"], length=False)
        check("RFC 9110 10.1.1: a body that is too large is not asked for", asking.answer()[0] == 413)


def transport_security(folder):
    with Site(folder / "data") as site:
        check("S20: a name of its own is for HTTPS alone", "max-age=" in site.client().ask("GET", "/")[1].get("strict-transport-security", ""))
    for host in ("localhost", "127.0.0.1"):
        with Site(folder / "data", host=host) as site:
            check(f"S20: {host} is left to other programs", "strict-transport-security" not in site.client().ask("GET", "/")[1])


def full_disk(folder):
    data = folder / "data"

    def no_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    site = Site(data, limits=no_room, wait=False)
    check("S20: where nothing can be written the site does not start", site.process.returncode == 1 and site.complaint, (site.process.returncode, site.complaint))
    left = [p.name for p in data.iterdir()] if data.exists() else []
    check("S20: and leaves no half of a file", not [n for n in left if "pem" in n], left)
    with Site(data) as site:
        check("S20: once there is room it starts", serves(site))
    modes = {p.name: oct(p.stat().st_mode & 0o777) for p in data.glob("*.pem")}
    check("S20: keys are their owner's alone", set(modes.values()) == {"0o600"} and len(modes) == 2, modes)


def certificates(folder):
    data = folder / "data"
    site = Site(data, host="", wait=False)
    check("S20: a host that no certificate can name is refused", site.process.returncode == 1, site.process.returncode)
    with Site(data) as site:
        check("S20: and leaves nothing behind", serves(site))


def sign_ups(folder):
    with Site(folder / "data") as site:
        stranger = site.client("127.0.0.66")
        codes = [stranger.log_in(f"name{n}", "correct horse", "/signup")[0] for n in range(31)]
        check("S12: 30 new accounts from an address in a minute, then it rests", codes == [303] * 30 + [429], codes)
        check("S12: others sign up meanwhile", site.client("127.0.0.67").log_in("bob", "correct horse", "/signup")[0] == 303)


def folders(folder):
    home = folder / "home"
    home.mkdir()
    env = {**{k: v for k, v in os.environ.items() if k != "XDG_STATE_HOME"}, "HOME": str(home)}
    with Site(None, env=env):
        data = home / ".local" / "state" / "signet-demo"
        check("S20: the default folder is the user's own", data.is_dir() and data.stat().st_mode & 0o777 == 0o700)
    if os.geteuid() != 0:
        print("skipped: folders of other users, which only root can make")
        return
    theirs = folder / "theirs"
    theirs.mkdir(mode=0o777)
    os.chown(theirs, 65534, 65534)
    site = Site(theirs, wait=False)
    check("S20: another user's folder is not used", site.process.returncode == 1 and not list(theirs.iterdir()), (site.process.returncode, list(theirs.iterdir())))
    link = folder / "link"
    link.symlink_to(theirs)
    site = Site(link, wait=False)
    check("S20: nor is a link to it", site.process.returncode == 1 and not list(theirs.iterdir()), site.process.returncode)


def signals(folder):
    for how in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Site(folder / "data", limits=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)) as site:
            idle = site.client()
            busy = site.client()
            busy.send("POST", "/login", ["Expect: 100-continue", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 27"], length=False)
            begun = busy.answer(has_body=False)[0] == 100
            site.process.send_signal(how)
            while begun and site.process.poll() is None:  # until it no longer takes connections
                try:
                    site.connect().close()
                except OSError:
                    break
            with contextlib.suppress(OSError):
                busy.raw(b"user=nobody&password=secret")
            check(f"signals: {how.name}, and the request that was begun is answered", begun and busy.answer()[0] == 401)
            check(f"signals: {how.name} ends the site in order", site.process.wait(PATIENCE) == 0, site.process.returncode)
            idle.close()
    with Site(folder / "data") as site:
        busy = site.client()
        busy.send("POST", "/login", ["Expect: 100-continue", "Content-Length: 27"], length=False)
        busy.answer(has_body=False)
        site.process.send_signal(signal.SIGTERM)
        check("signals: a second one does not wait for what was begun", site.end() == 0)
    with Site(folder / "data", limits=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as site:
        site.process.send_signal(signal.SIGHUP)
        check("signals: under nohup SIGHUP is nothing", serves(site) and site.end() == 0)
    with Site(folder / "data") as site:
        site.process.stdout.close()
        site.process.stderr.close()
        check("signals: nobody reads its output, and it serves", serves(site) and site.end() == 0)


for story in (descriptors_run_out, too_many_connections, slow_clients, hashing_elsewhere, guesses, redirects, head, malformed, transport_security, full_disk, certificates, sign_ups, folders,
              signals):
    if ONLY and story.__name__ not in ONLY:
        continue
    with tempfile.TemporaryDirectory(prefix="signet-strangers-") as name:
        try:
            story(Path(name))
        except Exception as e:  # one story's trouble is not another's
            check(f"{story.__name__} comes to its end", False, e)
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)

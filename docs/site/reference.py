"""The reference of every public name, from the comments in the headers: a page for each class, and one for each folder."""
import html
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "architecture"))
from public_names import FUNCTIONS, HEADERS, VALUES, Kind, read  # noqa: E402

# What a folder is about: its classes in this order, before the others in the order of the headers.
MAIN = {
    "core": ("result", "error", "secret", "output", "random_ref"),
    "codec": ("codec::json_document", "codec::json_value", "codec::json_writer"),
    "crypto": ("public_key", "private_key", "mac_key", "verification_key", "local_key", "external_key", "openssl_key", "crypto::prepared_key"),
    "jose": ("jose::key_set", "jose::any_key_set", "jose::public_jwk", "jose::verified_jws", "jose::untrusted"),
    "jwt": ("jwt::verifier", "jwt::policy", "jwt::claims_view", "jwt::token", "jwt::verified", "jwt::scratch", "jwt::signer", "jwt::claims",
            "jwt::caching_verifier", "jwt::multi_issuer_verifier", "jwt::any_verifier", "jwt::thread_verifier", "jwt::key_source", "jwt::key_source_policy",
            "jwt::key_fetch", "jwt::key_response"),
    "http": ("http::cookie_policy", "http::cookie_params", "http::cookie_reader", "http::owned_cookie_policy"),
    "store": ("store::memory", "store::sqlite", "store::redis", "store::asio_redis", "store::postgres", "store::asio_postgres", "store::request", "store::reply", "store::task"),
    "proof": ("proof::verified_key", "proof::device_key", "proof::dpop_check", "proof::dpop_policy", "proof::replay_guard", "proof::csrf_tokens"),
    "device": ("device::device_registry", "device::device_sessions", "device::device_client"),
    "oauth": ("oauth::token_issuer", "oauth::refresh_families", "oauth::refresh_token"),
    "oidc": ("oidc::login_states", "oidc::oidc_client"),
    "session": ("session::login_sessions", "session::session_policy", "session::session_profile", "session::live_session"),
    "webauthn": ("webauthn::relying_party", "webauthn::owned_relying_party", "webauthn::relying_party_params", "webauthn::credential"),
    "dbsc": ("dbsc::policy", "dbsc::policy_params", "dbsc::cookie_check", "dbsc::bound_session"),
    "testing": ("testing::store_suite", "testing::faulty_store", "testing::fixed_random", "testing::manual_clock"),
}
HEAD = re.compile(r"((?:Thread safety|Lifetime|Complexity|Memory|Exceptions|Errors|Other errors)[^.:]*):\s*")


def declaration(name, reader):
    """Its text in the header, without body, comments and the marks of separate compilation."""
    cursor = name.cursor
    file, first = cursor.location.file.name, reader.first_line(cursor)
    text = Path(file).read_bytes()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    begin, end = starts[first - 1], cursor.extent.end.offset
    for child in cursor.walk_preorder() if cursor.kind in FUNCTIONS else ():
        if child.kind == Kind.COMPOUND_STMT:
            end = child.extent.start.offset
            break
    shown = text[begin:end].decode()
    shown = re.sub(r"//.*", "", shown)
    shown = re.sub(r"\bSIGNET_DECL\s+|\binline constexpr\b", lambda m: "constexpr" if "constexpr" in m[0] else "", shown)
    if cursor.kind == Kind.CONSTRUCTOR or cursor.spelling == cursor.semantic_parent.spelling:
        shown = re.sub(r"\)\s*(noexcept(?:\([^)]*\))?)?\s*:(?!:).*", lambda m: ")" + (f" {m[1]}" if m[1] else ""), shown, flags=re.S)
    if cursor.kind == Kind.ENUM_DECL and "#include" in shown:
        shown = re.sub(r"(?s)\{.*", "{ ... };", shown)  # errc, whose enumerators are lists of the folders
    if name.is_type and cursor.kind != Kind.ENUM_DECL:
        shown = re.sub(r"(?s)\{.*", "", shown)
    if cursor.kind == Kind.VAR_DECL:
        shown = re.sub(r"(?s)=\s*(\{.*\n|\[).*", "= ...", shown)
    lines = [line.rstrip() for line in shown.strip().splitlines() if line.strip()]
    if not lines:
        return name.qualified
    rest = [line.strip() for line in lines[1:]]
    return "\n".join([lines[0], *(line if line.startswith(("}", "requires", "class", "struct")) else "    " + line for line in rest)])


def anchor_of(qualified):
    return re.sub(r"[^a-z0-9_]+", "-", qualified.lower()).strip("-")


def first_sentence(comment):
    text = " ".join(line.strip() for line in comment).strip()
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0] if text else ""


def statements(code):
    """A line each, where several stand in one comment."""
    out, depth, at = [], 0, 0
    for i, c in enumerate(code):
        depth += (c in "({[") - (c in ")}]")
        if c == ";" and depth == 0 and code[i + 1:i + 2] == " ":
            out.append(code[at:i + 1])
            at = i + 2
    return "\n".join([*out, code[at:]])


def example(text):
    """Code in backticks as a block, and the words between."""
    parts = re.split(r"`([^`]*)`", text)
    if len(parts) < 3:
        return text
    out = []
    for words, code in zip(parts[0::2], parts[1::2]):
        if words.strip():
            out.append(words.strip())
        out.append(f"```cpp\n{statements(code)}\n```")
    if parts[-1].strip(" ."):
        out.append(parts[-1].strip())
    return "\n\n".join(out)


def as_markdown(comment):
    """A comment with its headed lines as paragraphs of their own, and errors with their conditions as a list."""
    blocks = [[]]
    for line in comment:
        if not line.strip():
            blocks.append([])
        elif HEAD.match(line) or line.startswith("Example: `"):
            blocks.append([line])
        elif line.strip() == "@par Example":
            blocks.append(["Example:"])
        else:
            blocks[-1].append(line)
    out = []
    for block in blocks:
        head = HEAD.match(block[0]) if block else None
        if block and block[0].startswith("Example:"):
            out.append(example(" ".join(line.strip() for line in block).removeprefix("Example:")))
            continue
        if not head:
            out.append("\n".join(block))
            continue
        text = " ".join(line.strip() for line in block)[head.end():]
        items = [item.strip().rstrip(".") for item in text.split(";")] if "rrors" in head[1] else []
        if len(items) > 1 and any(len(item) > 34 for item in items[:-1]):
            out.append(f"**{head[1]}**\n\n" + "\n".join(f"* {item}" for item in items))
        else:
            out.append(f"**{head[1]}**: {', '.join(items) + '.' if len(items) > 1 else text}")
    return "\n\n".join(out)


class Reference:
    """names: what can be linked to, as "proof::verified_key" -> "reference-proof-verified_key.html"."""

    def __init__(self):
        names, self.reader, errors = read()
        if errors:
            raise SystemExit("\n".join(map(str, errors)))
        self.names, self.folders, self.classes = {}, {}, {}
        for name in names:
            parts = name.header.split("/")
            folder = parts[1] if len(parts) > 2 else "core"
            self.folders.setdefault(folder, {}).setdefault(name.header, []).append(name)
            if self.has_page(name):
                self.classes.setdefault(folder, {}).setdefault(name.qualified, []).append(name)
        for folder, headers in self.folders.items():
            for name in (n for names in headers.values() for n in names):
                page = self.class_page(folder, name.qualified) if name.qualified in self.classes.get(folder, {}) else None
                if name.needs_comment or page:
                    self.names.setdefault(name.qualified, page or f"reference-{folder}.html#{anchor_of(name.qualified)}")
                for member in name.members:
                    if member.needs_comment and member.cursor.kind in FUNCTIONS:
                        where = f"{page}#{anchor_of(self.label(member))}" if page else self.names.get(name.qualified)
                        if where:
                            self.names.setdefault(member.qualified, where)

    @staticmethod
    def has_page(name):
        return name.is_type and name.cursor.kind != Kind.ENUM_DECL and name.cursor.is_definition() and bool(name.members)

    @staticmethod
    def class_page(folder, qualified):
        return f"reference-{folder}-{anchor_of(qualified.removeprefix(folder + '::'))}.html"

    def classes_of(self, folder):
        """Those of MAIN first, then the others in the order of their headers."""
        found, main = self.classes.get(folder, {}), MAIN.get(folder, ())
        if lost := [name for name in main if name not in found]:
            raise SystemExit(f"docs/site/reference.py: {folder} has no class {lost[0]}")
        return [*main, *(name for name in found if name not in main)]

    def runs(self, names):
        """Names that share one comment stand together."""
        groups = []
        for name in names:
            if name.cursor.kind in FUNCTIONS and not name.needs_comment and not name.documented:
                continue
            if groups and not name.own and name.comment and groups[-1][-1].comment is name.comment and not name.is_type:
                groups[-1].append(name)
            else:
                groups.append([name])
        return groups

    def shown(self, group, code, prose):
        """Declarations, comment, and a table of fields or enumerators."""
        first = group[0]
        out = [code("\n".join(declaration(name, self.reader).rstrip(";") for name in group))]
        if first.comment:
            out.append(prose(as_markdown(first.comment)))
        said = [m for m in first.members if m.cursor.kind == Kind.FIELD_DECL or (m.cursor.kind == Kind.ENUM_CONSTANT_DECL and m.own and m.line != first.line)]
        if said:
            rows = "".join(f"<tr><td><code>{html.escape(declaration(m, self.reader).rstrip(';'))}</code></td>"
                           f"<td>{prose(' '.join(m.comment)) if m.comment else ''}</td></tr>" for m in said)
            out.append(f'<div class="wide"><table class="fields">{rows}</table></div>')
        return "".join(out)

    def section(self, group, code, prose, used, title, anchors):
        own = [anchor_of(a) for a in anchors]
        fresh = [a for a in dict.fromkeys(own) if a not in used]
        used.update(fresh)
        identity = f' id="{fresh[0]}"' if fresh else ""
        more = "".join(f'<a id="{a}"></a>' for a in fresh[1:])
        heading = f"<h3>{', '.join(f'<code>{html.escape(t)}</code>' for t in dict.fromkeys(title))}</h3>"
        inner = "".join(self.section(run, code, prose, used, [n.cursor.spelling for n in run], [n.qualified for n in run])
                        for n in group for run in self.runs([m for m in n.members if m.cursor.kind not in VALUES]) if n.cursor.kind != Kind.ENUM_DECL)
        return f'<section class="name"{identity}>{more}{heading}{self.shown(group, code, prose)}{inner}</section>\n'

    def pages(self, folder, code, prose):
        """(file, title, body) of a folder's page and of its classes' pages."""
        umbrella = (HEADERS / f"{folder}.hpp").exists()
        where = f"<code>&lt;signet/{folder}.hpp&gt;</code>" if umbrella else f"the headers <code>&lt;signet/{folder}/...&gt;</code>"
        order = self.classes_of(folder)
        out, used = [f"<h1>Reference: {folder}</h1>\n<p>Every public name of {where}.</p>\n"], set()
        main, rest = order[:len(MAIN.get(folder, ()))], order[len(MAIN.get(folder, ())):]
        for title, names in (("Main classes", main), ("Other classes", rest)):
            if not names:
                continue
            rows = "".join(f'<tr><td><a href="{self.class_page(folder, n)}"><code>{html.escape(n)}</code></a></td>'
                           f"<td>{prose(first_sentence(self.classes[folder][n][0].comment))}</td></tr>" for n in names)
            out.append(f'<h2 id="{anchor_of(title)}">{title}</h2>\n<div class="wide"><table class="fields">{rows}</table></div>')
        for kind, title in (("f", "Functions"), ("e", "Enumerations and types"), ("v", "Constants")):
            blocks = []
            for header, names in self.folders[folder].items():
                for group in self.runs([n for n in names if n.qualified not in self.classes.get(folder, {})]):
                    is_kind = "f" if group[0].cursor.kind in FUNCTIONS else "v" if group[0].cursor.kind in VALUES else "e"
                    if is_kind == kind and any(n.needs_comment or n.documented for n in group):
                        blocks.append(self.section(group, code, prose, used, [n.qualified for n in group], [n.qualified for n in group])
                                      .replace("</h3>", f' <small>&lt;{header}&gt;</small></h3>', 1))
            if blocks:
                out.append(f'<h2 id="{anchor_of(title)}-of-{folder}">{title}</h2>\n' + "".join(blocks))
        yield f"reference-{folder}.html", f"Reference: {folder}", "".join(out)
        for qualified in order:
            yield self.class_page(folder, qualified), qualified, self.class_body(folder, qualified, code, prose)

    def class_body(self, folder, qualified, code, prose):
        parts, used = self.classes[folder][qualified], set()
        header = parts[0].header
        umbrella = f", which <code>&lt;signet/{folder}.hpp&gt;</code> includes" if (HEADERS / f"{folder}.hpp").exists() and folder in header else ""
        out = [f"<h1><code>{html.escape(qualified)}</code></h1>\n<p class=\"quiet\">In <code>&lt;{header}&gt;</code>{umbrella}. "
               f'<a href="reference-{folder}.html">All of {folder}</a></p>\n']
        for name in parts:
            out.append(self.shown([name], code, prose))
            for run in self.runs([m for m in name.members if m.cursor.kind not in (Kind.FIELD_DECL, Kind.ENUM_CONSTANT_DECL)]):
                if any(n.needs_comment or n.documented for n in run):
                    plain = [self.label(n) for n in run]
                    out.append(self.section(run, code, prose, used, plain, plain))
        return "".join(out)

    @staticmethod
    def label(name):
        """A member's name; a constructor of a template without its arguments."""
        return re.sub(r"<.*>$", "", name.cursor.spelling) if name.cursor.kind in FUNCTIONS and not name.cursor.spelling.startswith("operator") else name.cursor.spelling

    def entries(self):
        """(name, address, first sentence) for the search."""
        for folder, headers in self.folders.items():
            for name in (n for names in headers.values() for n in names):
                if name.qualified in self.names:
                    yield name.qualified, self.names[name.qualified], first_sentence(name.comment)
                for member in name.members:
                    if member.qualified in self.names and "#" in self.names[member.qualified]:
                        yield member.qualified, self.names[member.qualified], first_sentence(member.comment)

#!/usr/bin/env python3
"""Writes the documentation as a site of plain files: docs/, README and CHANGELOG, and a reference from the headers.

usage: build.py DIRECTORY
Needs Debian's python3-markdown-it, python3-pygments, graphviz and python3-clang-19; without them it is skipped (77). Nothing in
the site comes from elsewhere; its one script is the search, which works from a folder without a server. Ends in "N passed, N failed": pages, and links and anchors that lead somewhere.
"""
import html
import json
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path

try:
    from markdown_it import MarkdownIt
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name

    from diagrams import svg_of
    from reference import Reference
    if not shutil.which("dot"):
        raise ImportError("graphviz")
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# The pages, in the order of the navigation. What stands in docs/ has to stand here.
FOLDERS = ("jwt", "jose", "crypto", "proof", "device", "dbsc", "webauthn", "session", "oauth", "oidc", "http", "store", "core", "codec", "testing")


def guide(**titles):
    return {f"docs/guide/{name.replace('_', '-')}.md": title for name, title in titles.items()}


PAGES = {
    "Start": guide(packaging="Install", modes="Which mode", platforms="Platforms", from_jwt_cpp="From jwt-cpp", command="The command", demo="The demo site"),
    "Tokens": guide(jwt="Verify", claims="Read claims", providers="Identity providers", rotation="Key rotation", post_quantum="Post-quantum tokens", issue="Issue", openssl="Keys in OpenSSL",
                    errors_to_http="Errors to HTTP"),
    "Keys of devices": guide(proof="Challenges and DPoP", device="Devices", dbsc="Bound sessions", webauthn="Passkeys"),
    "Logins": guide(session="Sessions", oauth="Refresh tokens", oidc="OpenID Connect", http="Cookies"),
    "State": guide(store="Stores", connections="Threads and connections") | {"docs/reference/kept.md": "What is kept", "docs/reference/fleets.md": "Fleets in figures"},
    "Quality": {"docs/reference/performance.md": "Performance"} | guide(security="Security", stability="Stability", testing="Your tests"),
    "Building blocks": guide(jose="JWK and JWS", crypto="Keys and signatures", core="Results and secrets", codec="JSON and base64url"),
    "Look up": {f"docs/reference/{page.lower().replace(' ', '-')}.md": page for page in ("Glossary", "Errors", "Lifecycles", "Profiles", "Round trips", "Rules", "Documents")}
    | {"README.md": "README", "docs/README.md": "All pages", "CHANGELOG.md": "Changes", "SECURITY.md": "Reporting a weakness",
       "CONTRIBUTING.md": "Contributing"},
    "Internals": {f"docs/internals/{page.name}": page.stem.capitalize() for page in sorted((ROOT / "docs" / "internals").glob("*.md"))},
}
FORMATTER = HtmlFormatter(nowrap=True)


def site_name(source):
    special = {"README.md": "readme.html", "docs/README.md": "pages.html", "CHANGELOG.md": "changes.html", "SECURITY.md": "reporting.html"}
    return special.get(source, Path(source).stem.lower() + ".html")


def source_name(file):
    return "source-" + re.sub(r"[^\w.]", "-", file) + ".html"


def slug_of(text):
    """As GitHub makes it, so that links work there too."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def code_block(text, language="cpp"):
    shown = highlight(text, get_lexer_by_name(language), FORMATTER) if language else html.escape(text)
    return f'<pre><code class="code">{shown}</code></pre>\n'


class Site:
    def __init__(self, target):
        self.target = target
        self.markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
        self.reference = Reference()
        self.entries = []  # of the search
        self.sources = set()  # files of the repository that pages lead to

    def links_of(self, source):
        """Where a link in that page leads in the site."""
        folder = (ROOT / source).parent

        def lead(address):
            if re.match(r"[a-z]+:", address) or address.startswith("#"):
                return address
            path, _, anchor = address.partition("#")
            file = (folder / path).resolve().relative_to(ROOT).as_posix()
            known = {name: site_name(name) for group in PAGES.values() for name in group}
            if file == "docs":
                file = "docs/README.md"
            if file in known:
                return known[file] + (f"#{anchor}" if anchor else "")
            self.sources.add(file)
            return source_name(file)
        return lead

    def inline_code(self, text):
        """A public name in running text leads to its place in the reference."""
        # Options and their like stay in one piece where a command is broken into lines.
        words = (f"<span>{html.escape(w)}</span>" if "-" in w and len(w) < 40 else html.escape(w) for w in text.split(" "))
        shown = f"<code>{' '.join(words)}</code>"
        word = re.fullmatch(r"(?:signet::)?([\w:]+)(?:\(.*\))?", text)
        if word and "::" in word[1] and word[1] in self.reference.names:
            return f'<a class="name" href="{self.reference.names[word[1]]}">{shown}</a>'
        return shown

    def render(self, text, source):
        lead, used = self.links_of(source), {}
        tokens = self.markdown.parse(re.sub(r"<!-- (?:from .*?|/?measured|/?printed) -->\n", "", text))
        title, headings = "signet", []
        for at, token in enumerate(tokens):
            if token.type == "heading_open":
                inline = tokens[at + 1]
                plain = "".join(t.content for t in inline.children)
                slug = slug_of(plain)
                used[slug] = used.get(slug, -1) + 1
                slug += f"-{used[slug]}" if used[slug] else ""
                token.attrSet("id", slug)
                if token.tag == "h1":
                    title = plain
                if token.tag == "h2":
                    headings.append((slug, plain))
            for inner in token.children or ():
                if inner.type == "link_open":
                    inner.attrSet("href", lead(inner.attrGet("href")))
        rules = {
            "fence": lambda ts, i, *_: svg_of(ts[i].content, title) if ts[i].info == "mermaid" else code_block(ts[i].content, ts[i].info.strip()),
            "code_inline": lambda ts, i, *_: self.inline_code(ts[i].content),
            "image": lambda ts, i, *_: self.plot(ts[i].attrGet("src"), source),
            "table_open": lambda *_: '<div class="wide"><table>',
            "table_close": lambda *_: "</table></div>\n",
        }
        for name, rule in rules.items():
            self.markdown.renderer.rules[name] = rule
        return title, headings, self.markdown.renderer.render(tokens, self.markdown.options, {})

    def plot(self, address, source):
        """Inline, in the colours of the page."""
        drawn = ((ROOT / source).parent / address).read_text()
        drawn = re.sub(r'<rect width="\d+" height="\d+" fill="#fff"/>', "", drawn).replace("#222", "currentColor").replace('"#ddd"', '"var(--line)"')
        drawn = re.sub(r' width="(\d+)" height="\d+"', r' style="max-width:\1px" role="img"', drawn, count=1)
        return f'<span class="plot">{drawn.strip()}</span>'

    def prose(self, text):
        """A comment of a header: Markdown, more or less."""
        self.markdown.renderer.rules["code_inline"] = lambda ts, i, *_: self.inline_code(ts[i].content)
        def linked(m):
            page = site_name(m[0])
            return f"[{page.removesuffix('.html')}]({page})"
        text = re.sub(r"(?<![`/\w])docs/(?:guide|reference|internals)/[\w-]+\.md", linked, text)
        return self.markdown.render(re.sub(r"<(?=\w)", "&lt;", text) if "`" not in text else text)

    def navigation(self, current, headings):
        out = []
        groups = {group: {site_name(s): t for s, t in pages.items()} for group, pages in PAGES.items()}
        reference = {f"reference-{folder}.html": folder for folder in self.folders()}
        last = {"Reference": reference, "Look up": groups.pop("Look up"), "Internals": groups.pop("Internals")}
        groups |= last
        for group, pages in groups.items():
            out.append(f"<h2>{group}</h2><ul>")
            for page, title in pages.items():
                here = page == current
                folder = page.removeprefix("reference-").removesuffix(".html")
                within = current.startswith(page.removesuffix(".html") + "-") and group == "Reference"
                out.append(f'<li><a href="{page}"{" aria-current=page" if here else ""}>{html.escape(title)}</a>')
                if group == "Reference" and (here or within):
                    links = [(self.reference.class_page(folder, n), n.removeprefix(folder + "::")) for n in self.reference.classes_of(folder)]
                    out.append("<ul>" + "".join(f'<li><a href="{link}"{" aria-current=page" if link == current else ""}>{html.escape(text)}</a></li>'
                                                for link, text in links) + "</ul>")
                elif here and headings:
                    out.append("<ul>" + "".join(f'<li><a href="#{slug}">{html.escape(text)}</a></li>' for slug, text in headings) + "</ul>")
                out.append("</li>")
            out.append("</ul>")
        return "".join(out)

    def folders(self):
        return sorted(self.reference.folders, key=lambda f: FOLDERS.index(f) if f in FOLDERS else len(FOLDERS))

    def write(self, page, title, headings, body):
        heading = title if title == "signet" else f"{title} · signet"
        menu = self.navigation(page, headings)
        self.index(page, title, body)
        (self.target / page).write_text(f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{html.escape(heading)}</title>
<link rel="stylesheet" href="style.css">
<body>
<header><a class="home" href="index.html">signet</a>
<span class="search"><input id="search" type="search" placeholder="Search (press /)" aria-label="Search" autocomplete="off" spellcheck="false"><ul id="hits" hidden></ul></span>
<a class="menu" href="#menu">menu</a></header>
<main>
{body}</main>
<nav id="menu">{menu}</nav>
<script src="search.js"></script>
</body>
</html>
""")

    def index(self, page, title, body):
        """Each section of a page of prose, for the search: what it is called, where it is, and how it begins."""
        if page.startswith(("reference-", "source-")):
            return
        parts = re.split(r'<h[123] id="([^"]*)">(.*?)</h[123]>', re.sub(r"(?s)<pre>.*?</pre>|<figure.*?</figure>|<svg.*?</svg>", " ", body))
        plain = lambda text: re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", text))).strip()  # noqa: E731
        for slug, name, text in zip(parts[1::3], parts[2::3], parts[3::3]):
            name = plain(name)
            self.entries.append([name, "" if name == title else title, f"{page}#{slug}", plain(text)[:600]])
        if page == "errors.html":
            for name, text in re.findall(r"<tr>\s*<td><code>(\w+)</code></td>\s*<td>[^<]*</td>\s*<td>(.*?)</td>", body):
                self.entries.append([name, "error", page, plain(text)])

    def build(self):
        for pages in PAGES.values():
            for source in pages:
                self.write(site_name(source), *self.render((ROOT / source).read_text(), source))
        shown = re.search(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
        self.write("index.html", "signet", [], (HERE / "start.html").read_text().replace("{{code}}", code_block(shown)))
        for folder in self.folders():
            for page, title, body in self.reference.pages(folder, code_block, self.prose):
                self.write(page, title, [], body)
        self.entries += [[name, "reference", address, text.replace("`", "")] for name, address, text in self.reference.entries()]
        (self.target / "search-index.js").write_text("window.signetIndex = " + json.dumps(self.entries, ensure_ascii=False, separators=(",", ":")) + ";\n")
        shutil.copy(HERE / "search.js", self.target / "search.js")
        for file in sorted(self.sources):
            language = {".cpp": "cpp", ".hpp": "cpp", ".py": "python"}.get(Path(file).suffix, "")
            text = (ROOT / file).read_text() if (ROOT / file).is_file() else "\n".join(sorted(p.name for p in (ROOT / file).iterdir()))
            self.write(source_name(file), file, [], f"<h1>{html.escape(file)}</h1>\n{code_block(text, language)}")
        light, dark = HtmlFormatter(style="default"), HtmlFormatter(style="monokai")
        colours = re.sub(r"background-color: [^;}]*;?", "", "\n".join(l for l in light.get_style_defs(".code").splitlines() if l.startswith(".code .")))
        night = re.sub(r"background-color: [^;}]*;?", "", "\n".join(l for l in dark.get_style_defs(".code").splitlines() if l.startswith(".code .")))
        (self.target / "style.css").write_text((HERE / "style.css").read_text() + f"\n@media (prefers-color-scheme: light) {{\n{colours}\n}}\n@media (prefers-color-scheme: dark) {{\n{night}\n.code .c1, .code .cm, .code .cp, .code .cs {{ color: #a49d83; }}\n}}\n")


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.ids, self.twice, self.links = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for key, value in attributes:
            if key == "id":
                if value in self.ids:
                    self.twice.append(value)
                self.ids.add(value)
            elif key in ("href", "src"):
                self.links.append(value)


def check(target):
    """Every link of every page, and every hit of the search, leads to a file of the site and an anchor in it."""
    pages = {p.name: Page(p.read_text()) for p in target.glob("*.html")}
    passed = failed = 0
    found = json.loads((target / "search-index.js").read_text().removeprefix("window.signetIndex = ").rstrip(";\n"))
    for title, _, address, _ in found:
        file, _, anchor = address.partition("#")
        if file in pages and (not anchor or anchor in pages[file].ids):
            passed += 1
        else:
            failed += 1
            print(f"the search leads nowhere: {title}: {address}")
    for name, page in pages.items():
        problems = [f"the anchor {twice} is there twice" for twice in page.twice]
        for link in page.links:
            if re.match(r"(https?|mailto):", link):
                passed += 1
                continue
            file, _, anchor = link.partition("#")
            file = file or name
            if not (target / file).is_file():
                problems.append(f"no {link}")
            elif anchor and anchor not in pages[file].ids:
                problems.append(f"no anchor {link}")
            else:
                passed += 1
        for problem in problems:
            print(f"{name}: {problem}")
        failed += len(problems)
        passed += not problems
    return passed, failed


def main():
    target = Path(sys.argv[1])
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    listed = {source for pages in PAGES.values() for source in pages}
    missing = {p.relative_to(ROOT).as_posix() for p in (ROOT / "docs").rglob("*.md")} - listed
    for page in sorted(missing):
        print(f"{page} stands in no part of the navigation")
    Site(target).build()
    passed, failed = check(target)
    print(f"{passed} passed, {failed + len(missing)} failed")
    return failed + len(missing) != 0


if __name__ == "__main__":
    sys.exit(main())

"""A page of every public name for each folder of include/signet, from the comments in the headers."""
import html
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "architecture"))
from public_names import FUNCTIONS, HEADERS, Kind, read  # noqa: E402


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


class Reference:
    """names: what can be linked to, as "proof::verified_key" -> "reference-proof.html#proof-verified_key"."""

    def __init__(self):
        names, self.reader, errors = read()
        if errors:
            raise SystemExit("\n".join(map(str, errors)))
        self.names = {}
        self.folders = {}
        for name in names:
            parts = name.header.split("/")
            folder = parts[1] if len(parts) > 2 else "core"
            self.folders.setdefault(folder, {}).setdefault(name.header, []).append(name)
            if name.needs_comment:
                self.names.setdefault(name.qualified, f"reference-{folder}.html#{anchor_of(name.qualified)}")
                for member in name.members:
                    if member.needs_comment and member.cursor.kind in FUNCTIONS:
                        self.names.setdefault(member.qualified, f"reference-{folder}.html#{anchor_of(name.qualified)}")

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

    def block(self, group, code, prose, depth, used):
        first = group[0]
        text = "\n".join(declaration(name, self.reader).rstrip(";") for name in group)
        out = [f'<section class="name depth{depth}"']
        anchor = anchor_of(first.qualified)
        if depth == 1 and anchor not in used:
            used.add(anchor)
            out.append(f' id="{anchor}"')
        out.append(">")
        if depth == 1:
            title = dict.fromkeys(name.qualified for name in group)
            out.append("<h3>" + ", ".join(f"<code>{html.escape(t)}</code>" for t in title) + "</h3>")
        for name in group[1:] if depth == 1 else ():
            extra = anchor_of(name.qualified)
            if extra not in used:
                used.add(extra)
                out.append(f'<a id="{extra}"></a>')
        out.append(code(text))
        if first.comment:
            out.append(prose("\n".join(first.comment)))
        said = [m for m in first.members if m.cursor.kind == Kind.FIELD_DECL or (m.cursor.kind == Kind.ENUM_CONSTANT_DECL and m.own and m.line != first.line)]
        if said:
            rows = "".join(f"<tr><td><code>{html.escape(declaration(m, self.reader).rstrip(';'))}</code></td>"
                           f"<td>{prose(' '.join(m.comment)) if m.comment else ''}</td></tr>" for m in said)
            out.append(f'<div class="wide"><table class="fields">{rows}</table></div>')
        for inner in self.runs([m for m in first.members if m.cursor.kind not in (Kind.FIELD_DECL, Kind.ENUM_CONSTANT_DECL)]):
            out.append(self.block(inner, code, prose, depth + 1, used))
        out.append("</section>\n")
        return "".join(out)

    def page(self, folder, code, prose):
        umbrella = (HEADERS / f"{folder}.hpp").exists()
        where = f"<code>&lt;signet/{folder}.hpp&gt;</code>" if umbrella else f"the headers <code>&lt;signet/{folder}/...&gt;</code>"
        out, used = [f"<h1>Reference: {folder}</h1>\n<p>Every public name of {where}, from the comments there.</p>\n"], set()
        for header, names in sorted(self.folders[folder].items()):
            purpose = (HEADERS.parent / header).read_text().splitlines()[1].removeprefix("// ")
            file = anchor_of(header.removeprefix("signet/"))
            used.add("header-" + file)
            out.append(f'<h2 id="header-{file}"><code>{header}</code></h2>\n{prose(purpose)}')
            for group in self.runs(names):
                if any(name.needs_comment or name.documented for name in group):
                    out.append(self.block(group, code, prose, 1, used))
        return "".join(out)

"""The mermaid texts of the pages as SVG, drawn by graphviz: GitHub draws the text, the site needs no script for it."""
import html
import re
import subprocess

WIDEST = 660  # points; a page has no more


def dot_of(text, direction):
    """`graph TD` and `stateDiagram-v2` as signet prints them. Arrows between the same two states share one line; what leads from a
    state to itself stands inside it."""
    lines = [line.strip() for line in text.strip().splitlines()]
    states = lines[0] == "stateDiagram-v2"
    if not states and lines[0] != "graph TD":
        raise ValueError(f"no picture for {lines[0]!r}")
    nodes, edges = {}, {}
    for line in lines[1:]:
        found = re.fullmatch(r"(\[\*\]|\w+) *--> *(\[\*\]|\w+)(?: *: *(.*))?", line)
        if not found:
            raise ValueError(f"no picture for {line!r}")
        a, b = (("begin", "end")[side] if name == "[*]" else name for side, name in enumerate(found.groups()[:2]))
        nodes.setdefault(a, []), nodes.setdefault(b, [])
        if a == b:
            nodes[a].append(found[3] or "")
        else:
            edges.setdefault((a, b), []).append(found[3] or "")
    out = ["digraph {", f'rankdir={direction}; nodesep=0.35; ranksep={"0.6" if states else "0.35"}; bgcolor="transparent";',
           'node [shape=box, style="rounded,filled", fillcolor="white", fontname="sans-serif", fontsize=13, margin="0.16,0.08"];',
           'edge [fontname="sans-serif", fontsize=11, arrowsize=0.7];']
    for name, loops in nodes.items():
        if name == "begin":
            out.append('"begin" [shape=circle, label="", width=0.16, style=filled, fillcolor="black"];')
        elif name == "end":
            out.append('"end" [shape=doublecircle, label="", width=0.12, style=filled, fillcolor="black"];')
        else:
            inside = "".join(f'<br/><font point-size="10">\u21bb {html.escape(loop)}</font>' for loop in loops)
            out.append(f'"{name}" [label=<{name.replace("_", " ")}{inside}>];')
    for (a, b), labels in edges.items():
        text = "\\n".join(f" {label} " for label in labels if label)
        out.append(f'"{a}" -> "{b}" [label="{text}"];')
    return "\n".join([*out, "}"])


def draw(text, direction):
    drawn = subprocess.run(["dot", "-Tsvg"], input=dot_of(text, direction), capture_output=True, text=True, check=True).stdout
    drawn = drawn[drawn.index("<svg"):]
    return drawn, int(re.search(r'width="(\d+)pt"', drawn)[1])


def svg_of(text, title):
    drawn, width = draw(text, "LR" if "stateDiagram" in text else "TB")
    if width > WIDEST:
        drawn, width = draw(text, "TB")
    drawn = re.sub(r'width="\d+pt" height="\d+pt"', f'style="max-width:{width}pt" role="img" aria-label="{html.escape(title)}"', drawn, count=1)
    drawn = re.sub(r"<!--.*?-->\n?|<title>.*?</title>\n?|<polygon fill=\"(?:transparent|white)\" stroke=\"(?:transparent|none)\"[^>]*/>\n?", "", drawn, flags=re.S)
    drawn = re.sub(r' id="[^"]*"', "", drawn)  # several pictures on one page
    drawn = re.sub(r"<text ", '<text fill="currentColor" ', drawn)
    drawn = drawn.replace('stroke="black"', 'stroke="currentColor"').replace('fill="black"', 'fill="currentColor"').replace('fill="white"', 'class="box"')
    return f'<figure class="diagram">{drawn.strip()}</figure>\n'

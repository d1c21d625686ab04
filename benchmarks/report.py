#!/usr/bin/env python3
"""Runs the benchmark programs and writes docs/reference/performance.md and its plots from what they measured.

usage: report.py BUILD_DIR [--quick] [--only TEXT] [--compile-cost] [PROGRAM...]     e.g. report.py build-bench jwt json
       report.py --compare OLD.json NEW.json
Each run ends with what changed by more than noise since the committed one, measured.json; --quick has too few rounds for that.
What stands outside the lines <!-- measured --> and <!-- /measured --> of the page is kept; with --quick, --only or
programs named, nothing is written and the tables are only printed.
"""
import html
import json
import math
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "performance.md"
PLOTS = PAGE.with_suffix("")
LEAST_CHANGE = 0.05
# The programs whose tables come first: what people look for.
FIRST = ["libraries"]
COLOURS = ["#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0"]


def number(ns):
    return f"{ns:,.1f}" if ns < 100 else f"{ns:,.0f}"


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class Drawing:
    def __init__(self, width, height, title):
        self.parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
                      f'font-family="sans-serif" font-size="12" fill="#222"><title>{html.escape(title)}</title>'
                      f'<rect width="{width}" height="{height}" fill="#fff"/>']
        self.text(width / 2, 20, title, "middle", 'font-size="14" font-weight="bold"')

    def text(self, x, y, text, anchor="start", more=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{html.escape(text)}</text>')

    def rect(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}" fill="{colour}"/>')

    def line(self, points, colour, width=2.0):
        self.parts.append(f'<polyline points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in points)}" fill="none" stroke="{colour}" stroke-width="{width}"/>')

    def dot(self, x, y, colour):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')

    def finish(self):
        return "\n".join([*self.parts, "</svg>\n"])


def bars(table):
    """One bar a variant, in ns; from zero, so that lengths compare."""
    variants = table["variants"]
    out = Drawing(720, 50 + 26 * len(variants), f"{table['title']}: ns, median")
    longest = max(v["ns"] for v in variants)
    for i, v in enumerate(variants):
        y = 36 + 26 * i
        width = 330 * v["ns"] / longest
        out.text(290, y + 14, v["name"], "end")
        out.rect(300, y, width, 19, "#9498a0" if i == 0 else COLOURS[0])
        out.text(306 + width, y + 14, f"{number(v['ns'])} ({v['ratio']:.2f})")
    return out.finish()


def lines(table):
    """One line a series over the table's axis, both logarithmic."""
    series = {}
    for v in table["variants"]:
        series.setdefault(v["series"], []).append((v["x"], v["ns"]))
    out = Drawing(720, 400, f"{table['title']}: ns, median")
    left, right, top, bottom = 70, 500, 40, 350
    xs = [x for points in series.values() for x, _ in points]
    ys = [y for points in series.values() for _, y in points]
    log_x = min(xs) > 0 and max(xs) / min(xs) > 20

    def place(value, low, high, start, end, log):
        f = math.log10 if log else float
        return start if high == low else start + (end - start) * (f(value) - f(low)) / (f(high) - f(low))

    low, high = 10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys)) + 1e-9)
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        y = place(10.0 ** power, low, high, bottom, top, True)
        out.line([(left, y), (right, y)], "#ddd", 1)
        out.text(left - 6, y + 4, f"{10 ** power:,}", "end")
    for x in sorted(set(xs)):
        at = place(x, min(xs), max(xs), left, right, log_x)
        out.line([(at, bottom), (at, bottom + 4)], "#222", 1)
        out.text(at, bottom + 18, f"{x:,g}", "middle")
    out.text((left + right) / 2, bottom + 38, table["axis"], "middle")
    for i, (name, points) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        placed = [(place(x, min(xs), max(xs), left, right, log_x), place(y, low, high, bottom, top, True)) for x, y in sorted(points)]
        out.line(placed, colour)
        for x, y in placed:
            out.dot(x, y, colour)
        out.rect(right + 14, top + 20 * i, 12, 12, colour)
        out.text(right + 32, top + 11 + 20 * i, name)
    return out.finish()


def markdown(suite, table):
    out = [f"### {table['title']}\n"]
    with_allocations = any(v["allocations"] is not None for v in table["variants"])
    first = table["variants"][0]["name"]
    own_baselines = any(v["against"] != first for v in table["variants"])
    out.append("| variant | ns | ratio |" + (" to |" if own_baselines else "") + (" allocations |" if with_allocations else "") + " target |")
    out.append("|---|---:|---:|" + ("---|" if own_baselines else "") + ("---:|" if with_allocations else "") + "---|")
    for v in table["variants"]:
        allocations = "" if v["allocations"] is None else f"{v['allocations']:g}"
        out.append(f"| {v['name']} | {number(v['ns'])} | {v['ratio']:.3f} |" + (f" {v['against']} |" if own_baselines else "") + (f" {allocations} |" if with_allocations else "") + f" {v['target']} |")
    picture = PLOTS / f"{suite}-{slug(table['title'])}.svg"
    picture.write_text(lines(table) if table["axis"] and len({v["x"] for v in table["variants"]}) > 2 else bars(table))
    out.append(f"\n![{table['title']}](performance/{picture.name})\n")
    return "\n".join(out)


def machine(build):
    cpu = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    def said(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout.strip().splitlines()[0] if done.returncode == 0 else ""
    botan = next((f"Botan {v}" for name in ("botan-3", "botan-2") if (v := said("pkg-config", "--modversion", name))), "")
    compiler = said(os.environ.get("CXX", "g++"), "--version")
    return ", ".join(filter(None, [cpu[1] if cpu else platform.machine(), f"{os.cpu_count()} cores", compiler, botan,
                                   said("date", "-u", "+%Y-%m-%d")]))


def between(text, name, body):
    """Puts `body` between <!-- name --> and <!-- /name -->, at the end of the page if they are not there yet."""
    if f"<!-- {name} -->" not in text:
        text += f"\n<!-- {name} -->\n<!-- /{name} -->\n"
    return re.sub(rf"(<!-- {name} -->\n).*(<!-- /{name} -->)", lambda m: m[1] + body + m[2], text, flags=re.S)


def minimal(algorithms):
    """As little as a unit can have that makes a verifier of these algorithms and verifies one token."""
    return MINIMAL.replace("ALGORITHMS", algorithms)


MINIMAL = """#include <signet/jwt/verifier.hpp>
using namespace signet;
bool accepts(std::string_view jwks, std::string_view bearer, unix_time now) {
    auto keys = jose::parse_key_set<ALGORITHMS>(jwks);
    if (!keys) return false;
    jwt::verifier access{*std::move(keys), {.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}};
    auto token = access.verify(bearer, now);
    return token && token->subject() == "ann";
}
"""


def third_party_flags():
    botan = next(b for b in ("botan-3", "botan-2") if subprocess.run(["pkg-config", "--exists", b]).returncode == 0)
    return subprocess.run(["pkg-config", "--cflags", botan], capture_output=True, text=True, check=True).stdout.split()


def seconds_to_compile(text, flags):
    """CPU seconds for one compilation."""
    before = os.times()
    subprocess.run([os.environ.get("CXX", "g++"), "-std=c++20", *flags, "-x", "c++", "-", "-c", "-o", "/dev/null"], input=text, text=True, check=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def compile_cost():
    """What a translation unit that verifies one token costs: the fastest of five compilations, and the median of the ratios
    to the standard headers within each round."""
    example = (ROOT / "examples" / "01_verify_a_token.cpp").read_text()
    unit = example.split("// [verify]\n")[1].split("// [/verify]")[0]
    floor = "".join(f"#include <{h}>\n" for h in ("span", "string_view", "string", "vector", "optional", "chrono", "memory"))
    third_party = third_party_flags()
    compiler = [os.environ.get("CXX", "g++"), "-std=c++20", "-O2", f"-I{ROOT / 'include'}", "-x", "c++", "-"]
    units = {}
    botans = re.findall(r"^#include <botan/.*$", (ROOT / "include/signet/crypto/impl/botan.hpp").read_text(), re.M)
    others = floor + "\n".join([*botans, "#include <boost/json/basic_parser_impl.hpp>\n"])
    both = minimal("es256, ed25519")
    umbrella = both.replace("jwt/verifier.hpp", "jwt.hpp")
    for name, text, flags in (("the standard headers of the interface alone", floor, []),
                              ("separate compilation, a minimal unit for ES256 and Ed25519", both, ["-DSIGNET_SEPARATE_COMPILATION"]),
                              ("separate compilation, the same with <signet/jwt.hpp>", umbrella, ["-DSIGNET_SEPARATE_COMPILATION"]),
                              ("separate compilation, the function of examples/01", unit, ["-DSIGNET_SEPARATE_COMPILATION"]),
                              ("Botan's and Boost.JSON's headers alone", others, third_party),
                              ("header-only, <signet/jwt/verifier.hpp> alone", "#include <signet/jwt/verifier.hpp>\n", third_party),
                              ("header-only, a minimal unit for HS256", minimal("hs256"), third_party),
                              ("header-only, a minimal unit for RS256", minimal("rs256"), third_party),
                              ("header-only, a minimal unit for ES256", minimal("es256"), third_party),
                              ("header-only, a minimal unit for ES256 and Ed25519", both, third_party),
                              ("header-only, the same with <signet/jwt.hpp>", umbrella, third_party),
                              ("header-only, the function of examples/01", unit, third_party)):
        expanded = subprocess.run([*compiler, *flags, "-E", "-P"], input=text, capture_output=True, text=True, check=True).stdout.count("\n")
        units[name] = (text, flags, expanded, [])
    for _ in range(5):  # in turns: what else the machine does then falls on all of them
        for text, flags, _, times in units.values():
            times.append(seconds_to_compile(text, ["-O2", f"-I{ROOT / 'include'}", *flags]))
    floor_times = next(iter(units.values()))[3]
    rows = []
    for name, (_, _, expanded, times) in units.items():
        ratio = statistics.median(mine / least for mine, least in zip(times, floor_times))
        rows.append(f"| {name} | {min(times):.2f} | {ratio:.2f} | {expanded:,} |\n")
    body = ("## Compile cost\n\nOf a unit that verifies one token, at `-O2`, CPU time. Lines are those of `-E -P`.\n\n"
            "| translation unit | s | ratio | preprocessed lines |\n|---|---:|---:|---:|\n" + "".join(rows))
    PAGE.write_text(between(PAGE.read_text(), "compile cost", body))
    print(body)
    if jwt_cpp := os.environ.get("SIGNET_JWT_CPP"):
        compile_cost_to_jwt_cpp(jwt_cpp)


# The same job by jwt-cpp: a key set read, a token verified with its key, the subject read.
JWT_CPP_MINIMAL = """#include <jwt-cpp/jwt.h>
bool accepts(std::string const& jwks, std::string const& bearer) {
    auto const token = jwt::decode(bearer);
    auto const key = jwt::parse_jwks(jwks).get_jwk(token.get_key_id());
    auto const coordinate = [&](char const* name) { return key.get_jwk_claim(name).as_string(); };
    auto const pem = jwt::helper::create_public_key_from_ec_components(key.get_curve(), coordinate("x"), coordinate("y"));
    auto const verifier = jwt::verify().allow_algorithm(jwt::algorithm::es256(pem)).with_issuer("https://id.example.com")
                              .with_audience("orders").with_type("at+jwt");
    std::error_code refused;
    verifier.verify(token, refused);
    return !refused && token.get_subject() == "ann";
}
"""


def compile_cost_to_jwt_cpp(jwt_cpp):
    """The minimal unit for ES256 against jwt-cpp's, compiled in turns: CPU seconds and medians of the ratios within each round."""
    modes = {"-O0": ["-O0"], "-O2": ["-O2"], "-O0, address and undefined sanitizers": ["-O0", "-g", "-fsanitize=address,undefined"]}
    mine = minimal("es256")
    ways = {"jwt-cpp": (JWT_CPP_MINIMAL, [f"-I{jwt_cpp}/include"]),
            "signet, the default: bodies compiled once": (mine, [f"-I{ROOT / 'include'}", "-DSIGNET_SEPARATE_COMPILATION"]),
            "signet, header-only": (mine, [f"-I{ROOT / 'include'}", *third_party_flags()])}
    times = {(way, mode): [] for way in ways for mode in modes}
    for _ in range(5):
        for mode, how in modes.items():
            for way, (text, flags) in ways.items():
                times[way, mode].append(seconds_to_compile(text, [*how, *flags]))
    commit = subprocess.run(["git", "-C", jwt_cpp, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    body = (f"## Compile cost, to jwt-cpp's\n\nA unit that reads a key set, verifies one ES256 token and reads its subject; jwt-cpp {commit} with picojson. CPU seconds, and the ratio to jwt-cpp.\n\n"
            f"| | {' | | '.join(modes)} | |\n|---|{'---:|---:|' * len(modes)}\n")
    for way in ways:
        cells = [f"{statistics.median(times[way, mode]):.2f} | {statistics.median(m / t for m, t in zip(times[way, mode], times['jwt-cpp', mode])):.2f}" for mode in modes]
        body += f"| {way} | {' | '.join(cells)} |\n"
    PAGE.write_text(between(PAGE.read_text(), "compile cost to jwt-cpp", body))
    print(body)


def write_page(build, suites):
    PLOTS.mkdir(parents=True, exist_ok=True)
    for old in PLOTS.glob("*.svg"):
        old.unlink()
    body = [f"Measured by `./dev bench` on {machine(build)}. Medians of interleaved rounds on one pinned core, CPU time; ratios are "
            "medians of the ratios within each round, to the first line of the table where no other is named. Allocations are the thread's calls of operator new, Botan's too; libraries in C use malloc, which is not counted.\n"]
    for suite in suites:
        body.append(f"## {suite['suite']}\n")
        body += [markdown(suite["suite"], table) for table in suite["tables"]]
    text = PAGE.read_text() if PAGE.exists() else "# Performance\n\n<!-- measured -->\n<!-- /measured -->\n"
    PAGE.write_text(between(text, "measured", "\n".join(body)))
    compile_cost()
    (PLOTS / "measured.json").write_text(json.dumps(suites, indent=1) + "\n")
    print(f"\nwritten: {PAGE.relative_to(ROOT)} and {len(list(PLOTS.glob('*.svg')))} plots")


def changes(old, new):
    """What two runs differ in by more than noise, worst first: (by how much, a line).

    Ratios are compared, which hold on a busy machine and, within limits, between machines; a baseline's own is 1 and says nothing.
    Noise is twice the larger spread of the two runs, and never less than LEAST_CHANGE.
    """
    before = {(s["suite"], t["title"], v["name"]): v for s in old for t in s["tables"] for v in t["variants"]}
    found = []
    for suite in new:
        for table in suite["tables"]:
            for v in table["variants"]:
                was = before.get((suite["suite"], table["title"], v["name"]))
                if not was or was["against"] != v["against"] or v["against"] == v["name"]:
                    continue
                noise = max(LEAST_CHANGE, 2 * max(was.get("spread", 0), v.get("spread", 0)))
                change = v["ratio"] / was["ratio"] - 1
                if abs(change) > noise:
                    found.append((change, f"{suite['suite']}, {table['title']}, {v['name']}: {was['ratio']:.3f} -> {v['ratio']:.3f} of {v['against']} ({change:+.0%}, noise {noise:.0%})"))
                if was["allocations"] is not None and v["allocations"] is not None and v["allocations"] > was["allocations"] + 0.5:
                    found.append((math.inf, f"{suite['suite']}, {table['title']}, {v['name']}: {was['allocations']:g} -> {v['allocations']:g} allocations"))
    return sorted(found, reverse=True)


def compare(old, new):
    found = changes(old, new)
    print("\n## Since the committed run\n")
    for change, line in found:
        print(f"{'slower' if change > 0 else 'faster'}: {line}")
    compared = {(s["suite"], t["title"]) for s in new for t in s["tables"]} & {(s["suite"], t["title"]) for s in old for t in s["tables"]}
    print(f"{len(compared)} tables compared, {len(found)} changes beyond noise")


def main():
    if sys.argv[1:2] == ["--compare"]:
        compare(*(json.loads(Path(name).read_text()) for name in sys.argv[2:4]))
        return 0
    build, *rest = sys.argv[1:]
    if "--compile-cost" in rest:
        compile_cost()
        return 0
    pass_on = ["--quick"] if "--quick" in rest else []
    if "--only" in rest:
        pass_on += ["--only", rest[rest.index("--only") + 1]]
    named = [r for r in rest if r not in pass_on]
    programs = sorted(p for p in (Path(build) / "benchmarks").glob("bench_*") if p.is_file() and p.name != "bench_timing")  # ./dev timing
    programs = [p for p in programs if not named or p.name.removeprefix("bench_") in named]
    programs.sort(key=lambda p: (p.name.removeprefix("bench_") not in FIRST, p.name))
    if not programs:
        print("no benchmark of that name", file=sys.stderr)
        return 2

    suites = []
    for program in programs:
        print(f"\n## {program.name.removeprefix('bench_')}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            measured = Path(folder) / "measured.json"
            # Botan's locked pool can put the state of two threads on one cache line; without it, threads are measured, not that.
            done = subprocess.run([program, "--json", measured, *pass_on], env={**os.environ, "BOTAN_MLOCK_POOL_SIZE": "0"})
            if done.returncode:
                return 1
            suites.append(json.loads(measured.read_text()))
    committed = PLOTS / "measured.json"
    old = json.loads(committed.read_text()) if committed.exists() else []
    if "--quick" not in pass_on:
        compare(old, suites)
    if pass_on or named:
        return 0
    if shutil.which("node") and (ROOT / "benchmarks" / "npm" / "node_modules").exists():
        for peer in ("cookie", "webauthn"):
            print(f"\n## npm {peer}", flush=True)
            done = subprocess.run(["node", ROOT / "benchmarks" / "npm" / f"{peer}.mjs"], capture_output=True, text=True, check=True)
            suites.append(json.loads(done.stdout))

    write_page(build, suites)
    return 0


if __name__ == "__main__":
    sys.exit(main())

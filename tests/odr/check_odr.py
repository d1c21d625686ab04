#!/usr/bin/env python3
"""One definition each: copies of signet in one program run their own bodies, in whichever order they are linked.

usage: check_odr.py COMPILER BOTAN_MAJOR
Two translation units header-only; two in separate compilation; both modes together; a second vendored version, whose
bodies differ, beside the first in both modes; and a unit built with -mavx2 beside a baseline one. Besides, whatever all
the bodies define has the version in its name, so that no other version's can be taken for it.
"""
import concurrent.futures
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).resolve().with_name("probe.cpp")
CHANGES = {  # what the second version does otherwise: a constant in a header and one in a body
    "version.hpp": ("SIGNET_VERSION_MINOR 1", "SIGNET_VERSION_MINOR 2"),
    "jwt/errors.def": ("the token has expired", "the second version's token has expired"),
    "core/impl/error.ipp": ("unknown error", "the second version's unknown error"),
}


def vendor(place, changes):
    """Copies the headers to `place`, as a user would, with these changes: by file, each old text before its new one."""
    place.mkdir()
    subprocess.run(["cp", "-r", ROOT / "include" / "signet", place / "signet"], check=True)
    for name, texts in changes.items():
        path = place / "signet" / name
        for old, new in zip(texts[::2], texts[1::2]):
            text = path.read_text()
            assert text.count(old) == 1, f"{name}: {old}"
            path.write_text(text.replace(old, new))


def names_without_version(bodies, botan):
    """What an object of <signet/src.hpp> defines in signet without the inline namespace, or in no namespace at all."""
    version = re.findall(r"#define SIGNET_VERSION_\w+ (\d+)", (ROOT / "include/signet/version.hpp").read_text())
    tag = f"v{'_'.join(version)}_s{botan}"
    listed = subprocess.run(["nm", "--defined-only", "--extern-only", "--format=posix", bodies], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in listed.splitlines()]
    assert sum(tag in name for name in names) > 1000, f"{tag} is hardly ever seen"
    unversioned = re.compile(rf"6signet(?!{len(tag)}{tag})|^_Z\d|^(?!_Z|DW\.ref\.)")
    return [name for name in names if unversioned.search(name)]


def main():
    compiler, botan = sys.argv[1:]
    libraries = subprocess.run(["pkg-config", "--cflags", "--libs", f"botan-{botan}"], capture_output=True, text=True, check=True).stdout.split()
    libraries += ["-lboost_json", "-pthread"]
    work_holder = tempfile.TemporaryDirectory(prefix="signet-odr-")
    work = Path(work_holder.name)
    vendor(work / "second", CHANGES)

    includes = {"first": ROOT / "include", "second": work / "second"}
    separate = ["-DSIGNET_SEPARATE_COMPILATION", f"-DSIGNET_BOTAN_MAJOR={botan}"]

    def compile(name, version, flags, source=PROBE):
        out = work / f"{name}.o"
        done = subprocess.run([compiler, "-std=c++20", f"-I{includes[version]}", *flags, f"-DPROBE=probe_{name}", "-c", source, "-o", out, *libraries],
                              capture_output=True, text=True)
        return out if done.returncode == 0 else done.stderr

    bodies, some = work / "bodies.cpp", work / "some.cpp"
    bodies.write_text("#include <signet/src.hpp>\n")
    # What the probe uses: it is enough for the second version, since no name of the first one's bodies is without its version.
    some.write_text("#include <signet/core/src.hpp>\n#include <signet/codec/src.hpp>\n")
    # -O0: nothing is inlined, so that each call goes through a symbol that another unit might have defined.
    jobs = {
        "a": ("first", ["-O0"]), "b": ("first", ["-O0"]),
        "c": ("first", ["-O0", *separate]), "d": ("first", ["-O0", *separate]), "bodies": ("first", ["-O0", *separate], bodies),
        "e": ("second", ["-O0"]), "f": ("second", ["-O0", *separate]), "bodies2": ("second", ["-O0", *separate], some),
        "g": ("first", ["-O2"]),
    }
    if platform.machine() == "x86_64":
        jobs["h"] = ("first", ["-O2", "-mavx2"])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = dict(zip(jobs, pool.map(lambda item: compile(item[0], *item[1]), jobs.items())))
    broken = {name: text for name, text in objects.items() if isinstance(text, str)}
    if broken:
        print("\n".join(f"{name} does not compile:\n{text[:3000]}" for name, text in broken.items()))
        print(f"0 passed, {len(broken)} failed")
        return 1

    def output_of(parts):
        """Links the parts in this order and runs each probe among them."""
        probes = [p for p in parts if not p.startswith("bodies")]
        source = work / "main.cpp"
        source.write_text("".join(f"void probe_{p}();\n" for p in probes) + "int main() {\n" + "".join(f"    probe_{p}();\n" for p in probes) + "}\n")
        linked = subprocess.run([compiler, source, *(objects[p] for p in parts), *libraries, "-o", work / "program"], capture_output=True, text=True)
        if linked.returncode:
            return {p: f"does not link: {linked.stderr[:500]}" for p in probes}
        lines = subprocess.run([work / "program"], capture_output=True, text=True, check=True).stdout.splitlines()
        return dict(zip(probes, lines, strict=True))

    expected = {"first": output_of(["a"])["a"], "second": output_of(["e"])["e"]}
    programs = {
        "two units, header-only": ["a", "b"],
        "two units, separate compilation": ["c", "d", "bodies"],
        "both modes": ["a", "c", "bodies"],
        "two versions, header-only": ["a", "e"],
        "two versions in both modes": ["a", "c", "bodies", "e", "f", "bodies2"],
        "-mavx2 beside baseline": ["g", "h"],
    }
    problems = 0 if expected["first"] != expected["second"] and "second version" in expected["second"] else 1
    unversioned = names_without_version(objects["bodies"], botan)
    if unversioned:
        problems += 1
        print(f"defined without the version in the name: {' '.join(unversioned[:20])}")
    total = 2
    for name, parts in programs.items():
        if not all(p in objects for p in parts):
            continue
        for order in (parts, parts[::-1]):
            total += 1
            wrong = {p: line for p, line in output_of(order).items() if line != expected[jobs[p][0]]}
            if wrong:
                problems += 1
                print(f"{name}, linked as {' '.join(order)}: {wrong}")
    print(f"{total - problems} passed, {problems} failed")
    return problems != 0


if __name__ == "__main__":
    sys.exit(main())

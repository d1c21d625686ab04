#!/usr/bin/env python3
"""One version everywhere: version.hpp, which a copied directory carries, meson.build, the recipes of packaging/, CHANGELOG.md and the tags.

A tag vX.Y.Z stands on a commit whose version.hpp says X.Y.Z, and once it stands, no change of include/ goes by that version.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


# Where each recipe says the version.
RECIPES = {
    "signet.wrap": r"^revision = v(.*)$",
    "conan/conanfile.py": r'^    version = "(.*)"$',
    "vcpkg/signet/vcpkg.json": r'^  "version": "(.*)",$',
    "xmake/xmake.lua": r'add_versions\("([^"]*)"',
}


def of_header(text):
    return ".".join(re.findall(r"^#define SIGNET_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", text, re.M))


def git(*arguments):
    """What git says, or None where there is no git or no repository: a released archive has neither."""
    try:
        done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None


def main():
    problems = []
    version = of_header((ROOT / "include/signet/version.hpp").read_text())
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        problems.append(f"version.hpp has no version of three numbers: {version!r}")
    project = re.search(r"^  version: '([^']*)'", (ROOT / "meson.build").read_text(), re.M)[1]
    if project != version:
        problems.append(f"meson.build says {project}, version.hpp says {version}")
    for recipe, pattern in RECIPES.items():
        said = re.search(pattern, (ROOT / "packaging" / recipe).read_text(), re.M)
        if not said or said[1] != version:
            problems.append(f"packaging/{recipe} says {said[1] if said else 'no version'}, version.hpp says {version}")
    heading = re.search(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.M)[1]
    if not re.fullmatch(rf"{re.escape(version)}, (not released yet|\d\d\d\d-\d\d-\d\d)", heading):
        problems.append(f"CHANGELOG.md begins with {heading!r}, version.hpp says {version}")

    tags = (git("tag", "--list", "v[0-9]*") or "").split()
    for tag in tags:
        there = git("show", f"{tag}:include/signet/version.hpp")
        if there is None or tag != "v" + of_header(there):
            problems.append(f"at the tag {tag} version.hpp says something else")
    if f"v{version}" in tags:
        if heading.endswith("not released yet"):
            problems.append(f"v{version} is tagged, and CHANGELOG.md says that it is not released yet")
        if git("diff", "--name-only", f"v{version}", "--", "include"):
            problems.append(f"include/ is no longer what v{version} is: raise the version")
    for one in problems:
        print(one)
    checks = 3 + len(RECIPES) + len(tags) + 2 * (f"v{version}" in tags)
    print(f"{checks - len(problems)} passed, {len(problems)} failed")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The recipes of packaging/ against what the tree has: names, versions, options, files.

usage: check_recipes.py COMPILER BOTAN_MAJOR
What is tried, and what for want of its tool is not, stands in packaging/README.md. Nothing is compiled but by Meson's wrap, in configuring.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
RECIPES = ROOT / "packaging"
CMAKE = (ROOT / "CMakeLists.txt").read_text()
VERSION = ".".join(re.findall(r"^#define SIGNET_VERSION_\w+ (\d+)$", (ROOT / "include/signet/version.hpp").read_text(), re.M))
# SIGNET_BOTAN is no option() but a choice.
OPTIONS = set(re.findall(r"^option\((SIGNET_\w+)", CMAKE, re.M)) | set(re.findall(r"^set\((SIGNET_\w+) .*CACHE", CMAKE, re.M))


class Failed(Exception):
    pass


def expect(truth, what):
    if not truth:
        raise Failed(what)


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}")
    return done.stdout


def only_known(text, where):
    unknown = set(re.findall(r"SIGNET_(?:INSTALL|COMPILED|SQLITE|REDIS|POSTGRES|OPENSSL|BOTAN\b)\w*|(?<=-D)SIGNET_\w+", text)) - OPTIONS
    expect(not unknown, f"{where}: CMakeLists.txt has no option {sorted(unknown)}")


def vcpkg(work, compiler, botan):
    """The portfile, run with stand-ins for vcpkg's functions, installs the headers, the package and the licence."""
    port = json.loads((RECIPES / "vcpkg/signet/vcpkg.json").read_text())
    expect(port["name"] == "signet" and port["version"] == VERSION and port["license"] == "BSL-1.0", "vcpkg.json: name, version or licence")
    text = (RECIPES / "vcpkg/signet/portfile.cmake").read_text()
    only_known(text, "portfile.cmake")
    expect(set(port["features"]) == set(re.findall(r"^ +(\w+) +SIGNET_\w+$", text, re.M)), "vcpkg.json and portfile.cmake differ in the features")
    usage = (RECIPES / "vcpkg/signet/usage").read_text()
    expect(all(f"signet::{name}" in usage for name in ("sqlite", "redis", "postgres", "openssl")), "usage names no target of a feature")
    package = work / "packages"
    # Headers alone: the library is compiled in the test "packaging".
    run("cmake", f"-DPORTFILE={RECIPES / 'vcpkg/signet/portfile.cmake'}", f"-DCURRENT_PACKAGES_DIR={package}", f"-DCURRENT_BUILDTREES_DIR={work / 'trees'}",
        "-DFEATURES=core", f"-DMORE=-DSIGNET_BOTAN={botan};-DSIGNET_COMPILED=OFF;-DCMAKE_CXX_COMPILER={compiler}", "-P", HERE / "stand_ins/vcpkg.cmake")
    for file in ("include/signet/signet.hpp", "share/signet/signet-config.cmake", "share/signet/copyright", "share/signet/usage"):
        expect((package / file).is_file(), f"portfile.cmake installed no {file}")


def conan(work, compiler, botan):
    """The recipe as Python, with stand-ins for Conan's classes: its version, options, files and components."""
    copied, cached = [], {}

    class Anything:
        def __init__(self, *_):
            self.cache_variables = cached

        def __getattr__(self, _):
            return lambda *a, **k: None

    class Options(types.SimpleNamespace):
        def get_safe(self, name):
            return getattr(self, name, None)

    class Component(types.SimpleNamespace):
        def __init__(self):
            super().__init__(libs=[], defines=[], requires=[], properties={}, components=Components())

        def set_property(self, name, value):
            self.properties[name] = value

    class Components(dict):
        def __missing__(self, name):
            self[name] = Component()
            return self[name]

    def copy(_, pattern, src, dst):
        copied.append(pattern)

    modules = {"conan": {"ConanFile": object}, "conan.tools": {}, "conan.tools.build": {"check_min_cppstd": print, "can_run": print},
               "conan.tools.cmake": dict.fromkeys(("CMake", "CMakeDeps", "CMakeToolchain", "cmake_layout"), Anything),
               "conan.tools.files": {"copy": copy, "rmdir": print}}
    for name, members in modules.items():
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(members)
    recipes = []
    for file in (RECIPES / "conan/conanfile.py", RECIPES / "conan/test_package/conanfile.py"):
        scope = {}
        exec(compile(file.read_text(), file, "exec"), scope)  # noqa: S102 - our own file
        recipes += [value for name, value in scope.items() if name.startswith("Signet")]
    recipe = recipes[0]()
    expect(recipe.name == "signet" and recipe.version == VERSION and recipe.license == "BSL-1.0", "conanfile.py: name, version or licence")
    expect(set(recipe.options) == set(recipe.default_options), "conanfile.py: options without a default")

    recipe.recipe_folder, recipe.export_sources_folder = RECIPES / "conan", work
    recipe.export_sources()
    for pattern in copied:
        expect(list(ROOT.glob(pattern)), f"conanfile.py exports {pattern}, which is nothing here")
    listed = [line for line in re.findall(r"include\((cmake/[^)]*)\)|configure_file\((\S+)", CMAKE)]
    expect("cmake/*" in copied and listed, "conanfile.py does not export cmake/")

    required = []
    recipe.requires = lambda name, **_: required.append(name.split("/")[0])
    recipe.options = Options(shared=False, sqlite=True, redis=True, postgres=True, openssl=True)
    recipe.settings = types.SimpleNamespace(os="Linux")
    recipe.cpp_info = Component()
    recipe.requirements()
    recipe.generate()
    recipe.package_info()
    expect(set(cached) <= OPTIONS, f"conanfile.py: CMakeLists.txt has no option {sorted(set(cached) - OPTIONS)}")
    components = recipe.cpp_info.components
    expect({c.properties["cmake_target_name"] for c in components.values()} == {"signet::signet", "signet::header_only", "signet::sqlite", "signet::redis", "signet::postgres",
                                                                                    "signet::openssl"},
           f"conanfile.py has the targets {sorted(components)}")
    for c in components.values():
        for library in c.libs:
            expect(re.search(rf"\b(add_library|signet_compiled)\({library}\b", CMAKE), f"conanfile.py: CMakeLists.txt makes no {library}")
        for need in c.requires:
            expect(need in components or need.split("::")[0] in required, f"conanfile.py: {need} is not required")


def conan_test_package(work, compiler, botan):
    """test_package compiles against an installed signet, by CMake alone; headers alone here, so that no library has to be built."""
    prefix, place = work / "installed", work / "test_package"
    run("cmake", "-S", ROOT, "-B", work / "for_conan", f"-DCMAKE_INSTALL_PREFIX={prefix}", "-DSIGNET_COMPILED=OFF", f"-DSIGNET_BOTAN={botan}",
        f"-DCMAKE_CXX_COMPILER={compiler}")
    run("cmake", "--install", work / "for_conan")
    shutil.copytree(RECIPES / "conan/test_package", place)
    project = (place / "CMakeLists.txt").read_text()
    expect("signet::signet" in project, "test_package links another target")
    (place / "CMakeLists.txt").write_text(project.replace("signet::signet", "signet::header_only"))
    run("cmake", "-S", place, "-B", place / "build", f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Debug")
    run("cmake", "--build", place / "build")
    expect(run(place / "build" / "program") == f"signet {VERSION}\n", "test_package says another version")


def xmake(work, compiler, botan):
    """By text alone: the version, and the options that CMake has."""
    text = (RECIPES / "xmake/xmake.lua").read_text()
    expect(f'add_versions("{VERSION}"' in text and 'package("signet")' in text and 'set_license("BSL-1.0")' in text, "xmake.lua: name, version or licence")
    only_known(text, "xmake.lua")
    expect(text.count("\n    on_") == text.count("\n    end)"), "xmake.lua: a function has no end")
    for library in re.findall(r'add\("links", "(\w+)"\)', text):
        expect(re.search(rf"signet_compiled\({library}\b", CMAKE), f"xmake.lua: CMakeLists.txt makes no {library}")


def wrap(work, compiler, botan):
    """Meson itself clones this tree by the wrap file, configures a user's project and finds each dependency that the file names."""
    text = (RECIPES / "signet.wrap").read_text()
    expect(f"revision = v{VERSION}\n" in text, "signet.wrap names another version")
    names = re.search(r"^dependency_names = (.*)$", text, re.M)[1].split(", ")
    provided = set(re.findall(r"override_dependency\('([\w-]+)'", (ROOT / "meson.build").read_text()))
    expect(set(names) == provided, f"signet.wrap provides {names}, meson.build {sorted(provided)}")
    sys.path.insert(0, str(HERE))
    from check_packaging import copy_of_repository
    clone, place = work / "clone", work / "wrapped"
    copy_of_repository(clone)
    git = ["git", "-c", "user.name=packaging", "-c", "user.email=packaging@localhost", "-C", clone]
    run(*git, "init", "-q", "-b", "main")
    run(*git, "add", "-A")
    run(*git, "commit", "-qm", "signet")
    run(*git, "tag", f"v{VERSION}")
    shutil.copytree(HERE / "users/meson", place)
    shutil.copy(HERE / "program.cpp", place)
    (place / "subprojects").mkdir()
    (place / "subprojects/signet.wrap").write_text(re.sub(r"^url = .*$", f"url = file://{clone}", text, flags=re.M))
    said = run("meson", "setup", place / "build", place, env={**os.environ, "CXX": compiler, "PKG_CONFIG_PATH": ""})
    expect("Executing subproject signet" in said, "Meson did not take the wrap file")


def presets(work, compiler, botan):
    """CMake itself lists each preset, and no preset names an option that is not there."""
    text = (ROOT / "CMakePresets.json").read_text()
    unknown = set(re.findall(r'"(SIGNET_\w+)"', text)) - OPTIONS
    expect(not unknown, f"CMakePresets.json: no option {sorted(unknown)}")
    version = tuple(map(int, re.search(r"version (\d+)\.(\d+)", run("cmake", "--version")).groups()))
    if version >= (3, 21):
        said = run("cmake", "--list-presets", cwd=ROOT)
        for preset in json.loads(text)["configurePresets"]:
            expect(preset.get("hidden") or f'"{preset["name"]}"' in said, f"cmake does not list the preset {preset['name']}")
        run("cmake", "--preset", "headers", "-B", work / "preset", f"-DSIGNET_BOTAN={botan}", f"-DCMAKE_CXX_COMPILER={compiler}", cwd=ROOT)


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="signet-recipes-") as work:
        for recipe in (vcpkg, conan, conan_test_package, xmake, wrap, presets):
            try:
                recipe(Path(work), *sys.argv[1:])
                passed += 1
            except (Failed, AssertionError, KeyError, AttributeError) as why:
                failed += 1
                print(f"{recipe.__name__}: {why!r}" if not isinstance(why, Failed) else f"{recipe.__name__}: {why}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

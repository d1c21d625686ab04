#!/usr/bin/env python3
"""Takes signet in, in each way that README.md names, as a user would: from a clean copy, with a program that verifies a
token and sees two refusals.

usage: check_packaging.py [--meson | --cxx23] COMPILER BOTAN_MAJOR
The commands are README's own, read from its table. With --meson the ways of Meson, in ./dev check. With --cxx23, which ./dev check runs with each compiler: the whole of
signet in C++23, as headers and in a shared library, and nothing else.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PROGRAM = HERE / "program.cpp"
VERSION = ".".join(re.findall(r"^#define SIGNET_VERSION_\w+ (\d+)$", (ROOT / "include/signet/version.hpp").read_text(), re.M))


class Failed(Exception):
    pass


def run(*command, cwd=None, env=None):
    done = subprocess.run([str(c) for c in command], cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\nexit code {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def works(program, **more):
    """The user's program verifies and refuses, and the copy of signet in it says its version."""
    said = run(program, **more)
    if said != f"signet {VERSION}\n":
        raise Failed(f"{program} said {said!r}")


def refused(*command, because):
    try:
        run(*command)
    except Failed as why:
        if because not in str(why):
            raise Failed(f"expected {because!r}: {why}") from None
    else:
        raise Failed(f"{' '.join(map(str, command))}\nshould have been refused: {because}")


class Ways:
    """One method a way. They run in this order; installed ones need `install`, and those with bodies `bodies`."""

    def __init__(self, work, compiler, botan):
        self.work, self.compiler, self.botan = work, compiler, botan
        self.clone, self.prefix = work / "clone", work / "prefix"
        copy_of_repository(self.clone)
        shutil.copytree(self.clone / "include" / "signet", work / "vendor" / "signet")
        self.libraries = run("pkg-config", "--cflags", "--libs", f"botan-{botan}").split() + ["-lboost_json"]
        self.more = []
        self.separate = [f"-I{work / 'vendor'}", "-DSIGNET_SEPARATE_COMPILATION", f"-DSIGNET_BOTAN_MAJOR={botan}"]

    def readme(self, containing, cwd, env=None):
        """Runs the one command of README.md that contains this, with the compiler, the Botan and the prefix at hand."""
        found = [c for c in re.findall(r"`([^`\n]+)`", (self.clone / "README.md").read_text()) if containing in c]
        if len(found) != 1:
            raise Failed(f"README.md has {len(found)} commands with {containing!r}")
        command = re.sub(r"^g\+\+ ", f"{self.compiler} ", found[0]).replace("botan-2", f"botan-{self.botan}")
        command = command.replace("/usr/local", str(self.prefix))
        run("sh", "-c", command, cwd=cwd, env={"CXX": self.compiler, **(env or {})})

    def project(self, name):
        """A user's project: the files that docs/guide/packaging.md shows, and the program."""
        place = self.work / name
        shutil.copytree(HERE / "users" / name, place)
        shutil.copy(PROGRAM, place / "program.cpp")
        return place

    # Header-only.

    def copied(self):
        shutil.copy(PROGRAM, self.work)
        self.readme("-Ivendor", self.work)
        works(self.work / "program")

    def project_of(self, name, build_type="Debug"):
        """Configures, builds and runs a user's project with CMake; what is configured is returned."""
        place = self.work / name
        run("cmake", "-S", place, "-B", place / "build", f"-DCMAKE_CXX_COMPILER={self.compiler}", f"-DCMAKE_BUILD_TYPE={build_type}",
            f"-DSIGNET_BOTAN={self.botan}", f"-DCMAKE_PREFIX_PATH={self.prefix}", *self.more)
        run("cmake", "--build", place / "build", "-j", os.cpu_count())
        works(place / "build" / "program")
        return place / "build"

    def cmake_fetched(self):
        self.project("cmake_fetch")
        # As a clone has it; the prefix of the next way is installed from what was built here.
        git = ["git", "-c", "user.name=packaging", "-c", "user.email=packaging@localhost", "-C", self.clone]
        if not (self.clone / ".git").exists():
            run(*git, "init", "-q", "-b", "main")
            run(*git, "add", "-A")
            run(*git, "commit", "-qm", "signet")
        self.more = [f"-DSIGNET_REPOSITORY={self.clone}", "-DSIGNET_INSTALL=ON", f"-DCMAKE_INSTALL_PREFIX={self.prefix}"]
        built = self.project_of("cmake_fetch")
        self.more = []
        run("cmake", "--install", built)

    def cmake_installed(self):
        include = self.clone / "include"
        expected = {"include/" + p.relative_to(include).as_posix() for p in include.rglob("*") if p.is_file()}
        self.package_is(expected)
        self.project("cmake")
        place = self.project_of("cmake").parent
        # A version that is not this one is refused before anything is compiled.
        (place / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.18)\nproject(program CXX)\nfind_package(signet 97.0 CONFIG REQUIRED)\n")
        refused("cmake", "-S", place, "-B", place / "other", f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_CXX_COMPILER={self.compiler}", because="97.0")

    def package_is(self, headers, command=False):
        """What a package holds: one folder of headers with its licence, the libraries, and small files for build systems."""
        files = {re.sub(r"^lib/[^/]*-linux-gnu[^/]*/", "lib/", p.relative_to(self.prefix).as_posix()) for p in self.prefix.rglob("*") if p.is_file()}
        expected = headers | {f"lib/{p}" for p in ("libsignet.a", "libsignet_sqlite.a", "pkgconfig/signet.pc", "pkgconfig/signet-header-only.pc",
                              "cmake/signet/signet-config.cmake", "cmake/signet/signet-config-version.cmake", "cmake/signet/SignetDependencies.cmake")}
        expected |= {"share/signet/signet-gdb.py", "share/signet/signet_lldb.py"}
        if command:
            expected |= {"bin/signet", "share/man/man1/signet.1", "share/bash-completion/completions/signet", "share/zsh/site-functions/_signet"}
        if files - {"lib/libsignet_redis.a", "lib/libsignet_postgres.a", "lib/libsignet_openssl.a"} != expected:
            raise Failed(f"installed, or not, against expectation: {sorted(files ^ expected)}")

    def folders_outside_the_prefix(self):
        """As distributions have them that give each part of a package a folder of its own: the folders' paths are absolute."""
        place = self.work / "apart"
        user = place / "user"
        user.mkdir(parents=True)
        (user / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.18)\nproject(user CXX)\nfind_package(signet CONFIG REQUIRED)\n"
            "get_target_property(folder signet::header_only INTERFACE_INCLUDE_DIRECTORIES)\n"
            "if(NOT EXISTS \"${folder}/signet/version.hpp\")\n    message(FATAL_ERROR \"no headers in ${folder}\")\nendif()\n")
        for number, (lib, include) in enumerate((("lib", place / "dev" / "include"), (place / "far" / "lib", "include"),
                                                 (place / "far" / "lib", place / "dev" / "include"))):
            prefix, build = place / f"prefix{number}", place / f"build{number}"
            run("cmake", "-S", self.clone, "-B", build, f"-DCMAKE_CXX_COMPILER={self.compiler}", f"-DSIGNET_BOTAN={self.botan}",
                "-DSIGNET_COMPILED=OFF", f"-DCMAKE_INSTALL_PREFIX={prefix}", f"-DCMAKE_INSTALL_LIBDIR={lib}", f"-DCMAKE_INSTALL_INCLUDEDIR={include}")
            run("cmake", "--install", build)
            run("cmake", "-S", user, "-B", user / f"build{number}", f"-DCMAKE_CXX_COMPILER={self.compiler}",
                f"-Dsignet_DIR={prefix / lib / 'cmake' / 'signet'}")
            env = {"PKG_CONFIG_PATH": str(prefix / lib / "pkgconfig")}
            named = run("pkg-config", "--variable=includedir", "signet-header-only", env=env).strip()
            if not (Path(named) / "signet" / "version.hpp").is_file():
                raise Failed(f"signet-header-only.pc names {named}, where no headers are")

    def target_of_conan(self):
        """Botan as Conan's CMakeDeps describes it: another name, no file of its own, and folders that hold for a configuration alone."""
        place = self.work / "conan"
        (place / "include" / "botan").mkdir(parents=True)
        (place / "more").mkdir()
        (place / "include" / "botan" / "build.h").write_text("#define BOTAN_VERSION_MAJOR 3\n")
        (place / "botan-config.cmake").write_text("add_library(botan::botan INTERFACE IMPORTED)\n"
            f"set_property(TARGET botan::botan APPEND PROPERTY INTERFACE_INCLUDE_DIRECTORIES $<$<CONFIG:Release>:{place / 'include'};{place / 'more'}>)\n")
        (place / "botan-config-version.cmake").write_text("set(PACKAGE_VERSION 3.7.1)\nset(PACKAGE_VERSION_COMPATIBLE TRUE)\n")
        for name, before in (("found", ""), ("there_before", "find_package(botan CONFIG REQUIRED)\n")):
            user = place / name
            user.mkdir()
            (user / "own.cpp").touch()
            (user / "CMakeLists.txt").write_text(f"cmake_minimum_required(VERSION 3.18)\nproject(user CXX)\n{before}add_subdirectory({self.clone} signet)\n"
                "add_library(own STATIC own.cpp)\ntarget_link_libraries(own PRIVATE signet::header_only)\n"
                "get_target_property(taken signet_botan INTERFACE_LINK_LIBRARIES)\nget_target_property(defined signet_header_only INTERFACE_COMPILE_DEFINITIONS)\n"
                "if(NOT taken STREQUAL \"botan::botan\" OR NOT defined MATCHES \"SIGNET_BOTAN_MAJOR=3\")\n"
                "    message(FATAL_ERROR \"${taken} was taken, with ${defined}\")\nendif()\n")
            run("cmake", "-S", user, "-B", user / "build", f"-DCMAKE_CXX_COMPILER={self.compiler}", "-DSIGNET_BOTAN=3", f"-DCMAKE_PREFIX_PATH={place}",
                "-DCMAKE_BUILD_TYPE=Release")
        refused("cmake", "-S", place / "there_before", "-B", place / "other", f"-DCMAKE_CXX_COMPILER={self.compiler}", "-DSIGNET_BOTAN=2",
                f"-DCMAKE_PREFIX_PATH={place}", because="needs Botan 2")

    def cmake_header_only(self):
        place = self.project("cmake_subdirectory")
        shutil.copytree(self.clone, place / "vendor" / "signet", ignore=shutil.ignore_patterns(".git"))
        # Without pkg-config Botan is found by its files.
        self.more = ["-DCMAKE_DISABLE_FIND_PACKAGE_PkgConfig=ON"]
        built = self.project_of("cmake_subdirectory")
        self.more = []
        if libraries := [p.name for p in built.rglob("libsignet*")]:
            raise Failed(f"a program of headers alone waited for {libraries}")

    def meson_subproject(self):
        place = self.project("meson")
        shutil.copytree(self.clone, place / "subprojects" / "signet")
        said = run("meson", "setup", place / "build", place, "-Dbuildtype=plain", env={"CXX": self.compiler})
        if "Executing subproject signet" not in said:
            raise Failed("an installed signet was taken instead of the subproject")
        run("ninja", "-C", place / "build")
        works(place / "build" / "program")

    def meson_installed(self):
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.readme("meson install", self.clone)
        include = self.clone / "include"
        self.package_is({"include/" + p.relative_to(include).as_posix() for p in include.rglob("*") if p.is_file()}, command=True)
        if run(self.prefix / "bin" / "signet", "--version") != f"signet {VERSION}\n":
            raise Failed("the installed command says another version")
        shutil.rmtree(self.work / "cmake" / "build", ignore_errors=True)
        shutil.copy(HERE / "users" / "cmake" / "CMakeLists.txt", self.work / "cmake")
        self.project_of("cmake")

    def pkg_config(self):
        folder = next(self.prefix.rglob("signet.pc")).parent
        env = {"PKG_CONFIG_PATH": str(folder)}
        self.readme("--libs signet", self.work, env)
        works(self.work / "program")
        if run("pkg-config", "--modversion", "signet", env=env).strip() != VERSION:
            raise Failed("pkg-config says another version")

    # The bodies once: position-independent and hidden, but for what the file exports, so that a program and a library can have them.

    def bodies(self):
        place = self.project("shared")
        run(self.compiler, "-std=c++20", "-fPIC", "-fvisibility=hidden", *self.separate, *self.libraries, "-c", place / "bodies.cpp", "-o", self.work / "bodies.o")

    def unit(self, name, *flags):
        """The program against the bodies' declarations alone: no flag of Botan or Boost."""
        run(self.compiler, *flags, *self.separate, "-c", PROGRAM, "-o", self.work / name)
        return self.work / name

    def separate_compilation(self):
        run(self.compiler, self.unit("separate.o", "-std=c++20"), self.work / "bodies.o", *self.libraries, "-o", self.work / "separate")
        works(self.work / "separate")

    def without_exceptions_and_type_information(self):
        unit = self.unit("bare.o", "-std=c++20", "-fno-exceptions", "-fno-rtti")
        run(self.compiler, unit, self.work / "bodies.o", *self.libraries, "-o", self.work / "bare")
        works(self.work / "bare")

    def shared_library(self, bodies="bodies.o", flags=("-std=c++20", "-fvisibility=hidden")):
        run(self.compiler, "-shared", self.work / bodies, *self.libraries, "-o", self.work / "libbodies.so", "-Wl,-z,defs")
        # The program links the library and nothing of Botan or Boost itself.
        run(self.compiler, self.unit("shared.o", *flags), f"-L{self.work}", "-lbodies", "-o", self.work / "shared-program")
        works(self.work / "shared-program", env={"LD_LIBRARY_PATH": str(self.work)})

    def program_in_cxx23(self):
        """A program in C++23 on bodies in C++20."""
        run(self.compiler, self.unit("cxx23.o", cxx23(self.compiler)), self.work / "bodies.o", *self.libraries, "-o", self.work / "cxx23")
        works(self.work / "cxx23")

    def parts_without_exceptions(self):
        """Header-only where Botan is not needed: no flag of it, no exceptions, no run-time type information."""
        run(self.compiler, "-std=c++20", "-fno-exceptions", "-fno-rtti", f"-I{self.work / 'vendor'}", HERE / "parts.cpp", "-lboost_json", "-o", self.work / "parts")
        run(self.work / "parts")

    # The whole in C++23.

    def cxx23_headers(self):
        run(self.compiler, cxx23(self.compiler), f"-I{self.work / 'vendor'}", PROGRAM, *self.libraries, "-o", self.work / "headers23")
        works(self.work / "headers23")

    def cxx23_shared_library(self):
        """All of signet in C++23, exported as everything is by default."""
        (self.work / "plain.cpp").write_text("#include <signet/src.hpp>\n")
        run(self.compiler, cxx23(self.compiler), "-fPIC", *self.separate, *self.libraries, "-c", self.work / "plain.cpp", "-o", self.work / "bodies23.o")
        self.shared_library("bodies23.o", (cxx23(self.compiler),))


def cxx23(compiler):
    probe = subprocess.run([compiler, "-std=c++23", "-fsyntax-only", "-x", "c++", "/dev/null"], capture_output=True)
    return "-std=c++23" if probe.returncode == 0 else "-std=c++2b"


def copy_of_repository(place):
    """What a clone of it would have: the files that git knows, or in a released archive all but build directories."""
    known = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True)
    if known.returncode == 0 and known.stdout:
        for name in known.stdout.split("\0"):
            if (ROOT / name).is_file():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, place / name)
    else:
        shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns("build*", ".git", "node_modules", "__pycache__"))


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    ways = ["copied", "cmake_fetched", "cmake_installed", "pkg_config", "folders_outside_the_prefix", "target_of_conan", "cmake_header_only", "bodies", "separate_compilation",
            "without_exceptions_and_type_information", "shared_library", "program_in_cxx23", "parts_without_exceptions"]
    if "--meson" in sys.argv:
        ways = ["meson_subproject", "cmake_fetched", "cmake_installed", "meson_installed", "pkg_config"]
    if "--cxx23" in sys.argv:
        ways = ["cxx23_headers", "cxx23_shared_library"]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="signet-packaging-") as work:
        all_ways = Ways(Path(work), *arguments)
        for way in ways:
            try:
                getattr(all_ways, way)()
                passed += 1
            except Failed as why:
                failed += 1
                print(f"{way}: {why}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Builds one small program in each way in which a user can take signet in, and runs it.

usage: check_packaging.py COMPILER BOTAN_MAJOR
Meson subproject; installed, then pkg-config; installed, then CMake find_package; the directory include/signet copied,
header-only and in separate compilation. None of them sees this repository but as a user would.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).resolve().with_name("program.cpp")


class Failed(Exception):
    pass


def run(*command, cwd=None, env=None):
    done = subprocess.run([str(c) for c in command], cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}")
    return done.stdout


def project(work, name, build_file, text):
    """A user's project: the program and one build file."""
    place = work / name
    place.mkdir()
    shutil.copy(PROGRAM, place / "program.cpp")
    (place / build_file).write_text(text)
    return place


def meson_subproject(work, compiler, _):
    place = project(work, "meson", "meson.build", """
project('program', 'cpp', default_options: ['cpp_std=c++20', 'buildtype=plain'])
executable('program', 'program.cpp', dependencies: dependency('signet'))
""")
    (place / "subprojects").mkdir()
    # A copy without what is not committed, such as build directories.
    vendored = place / "subprojects" / "signet"
    vendored.mkdir()
    for name in ("meson.build", "meson_options.txt"):
        shutil.copy(ROOT / name, vendored / name)
    for name in ("cmake", "include"):
        shutil.copytree(ROOT / name, vendored / name)
    run("meson", "setup", place / "build", place, "--wrap-mode=nodownload", "--force-fallback-for=signet", env={"CXX": compiler})
    run("ninja", "-C", place / "build")
    run(place / "build" / "program")


def install(work, compiler, _):
    run("meson", "setup", work / "signet", ROOT, f"--prefix={work / 'prefix'}", "-Dtests=false", "-Dexamples=false", env={"CXX": compiler})
    run("meson", "install", "-C", work / "signet")


def pkg_config(work, compiler, _):
    path = {"PKG_CONFIG_PATH": str(work / "prefix" / "share" / "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "signet", env=path).split()
    run(compiler, "-std=c++20", PROGRAM, *flags, "-o", work / "by-pkg-config")
    run(work / "by-pkg-config")


def cmake(work, compiler, _):
    place = project(work, "cmake", "CMakeLists.txt", """
cmake_minimum_required(VERSION 3.18)
project(program CXX)
find_package(signet 0.1 REQUIRED)
add_executable(program program.cpp)
target_link_libraries(program PRIVATE signet::signet)
""")
    run("cmake", "-S", place, "-B", place / "build", f"-DCMAKE_PREFIX_PATH={work / 'prefix'}", f"-DCMAKE_CXX_COMPILER={compiler}")
    run("cmake", "--build", place / "build")
    run(place / "build" / "program")


def libraries(botan):
    flags = run("pkg-config", "--cflags", "--libs", f"botan-{botan}").split()
    return [*flags, "-lboost_json", "-pthread"]


def copied(work, compiler, botan):
    shutil.copytree(ROOT / "include" / "signet", work / "vendor" / "signet", dirs_exist_ok=True)
    run(compiler, "-std=c++20", f"-I{work / 'vendor'}", PROGRAM, *libraries(botan), "-o", work / "copied")
    run(work / "copied")


def copied_separate(work, compiler, botan):
    shutil.copytree(ROOT / "include" / "signet", work / "vendor" / "signet", dirs_exist_ok=True)
    flags = ["-std=c++20", f"-I{work / 'vendor'}", "-DSIGNET_SEPARATE_COMPILATION", f"-DSIGNET_BOTAN_MAJOR={botan}"]
    (work / "bodies.cpp").write_text("#include <signet/src.hpp>\n")
    run(compiler, *flags, "-c", work / "bodies.cpp", "-o", work / "bodies.o", *libraries(botan))
    # No Botan or Boost flag here, and no exceptions: declarations only.
    run(compiler, *flags, "-fno-exceptions", "-c", PROGRAM, "-o", work / "program.o")
    run(compiler, work / "program.o", work / "bodies.o", *libraries(botan), "-o", work / "separate")
    run(work / "separate")


def main():
    compiler, botan = sys.argv[1:]
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="signet-packaging-") as work:
        for way in (install, pkg_config, cmake, meson_subproject, copied, copied_separate):
            try:
                way(Path(work), compiler, botan)
                passed += 1
            except Failed as why:
                failed += 1
                print(f"{way.__name__}: {why}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

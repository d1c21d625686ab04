#!/usr/bin/env python3
"""The unit tests on other machines and systems than this one: ./dev platforms [NAME...]

Each platform is skipped, and says so, where its tools are missing. Their file systems are made once, in build-platforms/, of Debian's packages
alone. A foreign machine is emulated: the cross compiler runs here, the tests under qemu-user. Ends in "N passed, N failed".
docs/internals/ports.md says what ran when, and what each cannot show.
"""
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build-platforms"
MIRROR = os.environ.get("SIGNET_DEBIAN_MIRROR", "http://deb.debian.org/debian")
FOLDERS = ["core", "codec", "http", "crypto", "jose", "jwt", "store", "proof", "device", "oauth", "oidc", "session", "dbsc", "webauthn",
           "crypto:prepared", "crypto:ml_dsa", "crypto:vectors"]
TOOLS = "g++,meson,ninja-build,pkg-config,python3,doctest-dev,libsqlite3-dev,libssl-dev"
LIBRARIES = "libbotan-2-dev,libboost-json1.81-dev,libboost1.81-dev,doctest-dev,libstdc++-12-dev"
OPTIONS = ["-Dbuildtype=plain", "-Dexamples=false", "-Dcommand=false", "-Dwerror=true"]
passed = failed = 0


def run(*command, **more):
    return subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **more)


def step(what, *command, **more):
    """One thing that passes or fails; its last words on failure."""
    global passed, failed
    began = time.monotonic()
    done = run(*command, **more)
    good = done.returncode == 0
    passed, failed = passed + good, failed + (not good)
    cases = re.findall(r"test cases: +\d+ \| +(\d+) passed", done.stdout)
    print(f"{'ok     ' if good else 'FAILED '} {what}{f', {cases[-1]} test cases' if cases else ''} ({time.monotonic() - began:.0f} s)", flush=True)
    if not good:
        print(done.stdout[-4000:], flush=True)
    return good


def missing(*programs):
    return [p for p in programs if not shutil.which(p)]


def root_of(name, suite, architecture, packages, foreign=False):
    """A file system of Debian's, made once."""
    root = PLACE / name
    if (root / "made").exists():
        return root
    shutil.rmtree(root, ignore_errors=True)
    PLACE.mkdir(exist_ok=True)
    if not step(f"{name}: debootstrap {suite}", "debootstrap", *(["--foreign"] if foreign else []), f"--arch={architecture}", "--variant=minbase",
                f"--include={packages}", suite, root, MIRROR):
        return None
    if foreign:  # never started: unpacked, with its absolute links made to stay inside
        for archive in sorted((root / "var/cache/apt/archives").glob("*.deb")):
            run("dpkg-deb", "-x", archive, root)
        for link in [p for top in ("usr/lib", "etc/alternatives") for p in (root / top).rglob("*") if p.is_symlink()]:
            if os.readlink(link).startswith("/") and not os.readlink(link).startswith(str(root)):
                target = str(root) + os.readlink(link)
                link.unlink()
                link.symlink_to(target)
    (root / "made").touch()
    return root


def copy_tree(place):
    place.mkdir(parents=True, exist_ok=True)
    names = run("git", "-C", ROOT, "ls-files").stdout.splitlines()
    for name in names:
        source, target = ROOT / name, place / name
        if source.is_file() and not (target.is_file() and target.read_bytes() == source.read_bytes()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def program(folder):
    """Of crypto:prepared that is tests/crypto/test_crypto_prepared."""
    return f"tests/{folder.split(':')[0]}/test_{folder.replace(':', '_')}"


def folders(more=()):
    named = os.environ.get("SIGNET_FOLDERS", "").split()
    return named or [*FOLDERS, *more]


def native(name, suite, architecture, botan, boost, servers="", on_servers=()):
    """In a file system that this processor runs itself: Meson, Ninja and the compiler are that system's."""
    if lacking := missing("debootstrap", "chroot", "unshare"):
        return skip(name, f"needs {', '.join(lacking)}")
    if os.geteuid() != 0:
        return skip(name, "debootstrap and chroot need root")
    root = root_of(name, suite, architecture, ",".join(filter(None, [TOOLS, botan, boost, servers])))
    if not root:
        return
    copy_tree(root / "signet")
    # With the devices and processes of this machine, which servers need, for as long as the command runs.
    mounts = f"mount --rbind /dev {root}/dev && mount -t proc proc {root}/proc && exec chroot {root} \"$@\""
    within = ["unshare", "--mount", "sh", "-c", mounts, "-", "setarch", "linux32" if architecture == "i386" else "linux64", "sh", "-c"]
    reconfigure = "--reconfigure" if (root / "signet/build/build.ninja").exists() else ""
    if step(f"{name}: configure", *within, f"cd /signet && meson setup {reconfigure} build {' '.join(OPTIONS)} -Dcpp_args=-D_GLIBCXX_ASSERTIONS"):
        for folder in folders(["openssl", *on_servers]):  # Debian 13 has 3.5, with ML-DSA
            if step(f"{name}: build {folder}", *within, f"cd /signet && ninja -C build {program(folder)}"):
                valkey = "SIGNET_REDIS_SERVER=valkey-server " if "redis" in folder else ""
                step(f"{name}: {valkey}{folder}", *within, f"cd /signet && {valkey}build/{program(folder)}")


def foreign(name, architecture, triplet, qemu, endian="little"):
    """The cross compiler here, with the libraries of a file system that never runs; the tests under qemu-user."""
    compiler = f"{triplet}-g++"
    if lacking := missing("debootstrap", compiler, qemu):
        return skip(name, f"needs {', '.join(lacking)}")
    if os.geteuid() != 0:
        return skip(name, "debootstrap needs root")
    root = root_of(name, "bookworm", architecture, LIBRARIES, foreign=True)
    if not root:
        return
    # Botan, Boost and doctest alone: headers and libraries of C and C++ are the cross compiler's.
    third = root / "third"
    shutil.rmtree(third, ignore_errors=True)
    for folder in ("include", "lib"):
        (third / folder).mkdir(parents=True)
    for header in ("boost", "doctest"):
        (third / "include" / header).symlink_to(root / "usr/include" / header)
    libraries = root / "usr/lib" / triplet
    for library in [*libraries.glob("libbotan*"), *libraries.glob("libboost*")]:
        (third / "lib" / library.name).symlink_to(library)
    file = root / "cross.ini"
    include = f"['-isystem', '{third}/include', '-isystem', '{root}/usr/include/botan-2', '-D_GLIBCXX_ASSERTIONS']"
    found = f"['-L{third}/lib', '-Wl,-rpath-link,{libraries}', '-Wl,-rpath-link,{root}/lib/{triplet}']"
    processor = triplet.split("-")[0]
    file.write_text(f"""[binaries]
cpp = '{compiler}'
ar = '{triplet}-ar'
strip = '{triplet}-strip'
pkgconfig = 'pkg-config'
pkg-config = 'pkg-config'
exe_wrapper = ['{qemu}', '-L', '{root}']
[properties]
pkg_config_libdir = '{libraries}/pkgconfig'
boost_root = '{third}'
[built-in options]
cpp_args = {include}
cpp_link_args = {found}
[host_machine]
system = 'linux'
cpu_family = '{processor}'
cpu = '{processor}'
endian = '{endian}'
""")
    cross(name, root / "build", file, [qemu, "-L", root])


def cross(name, build, file, emulator, suffix=""):
    """Configures with a cross file, builds the folders' tests, and runs them."""
    again = ["--reconfigure"] if (build / "build.ninja").exists() else []
    without = [f"-D{adapter}=disabled" for adapter in ("sqlite", "redis", "postgres", "openssl")]
    if step(f"{name}: configure", "meson", "setup", *again, build, ROOT, "--cross-file", file, *OPTIONS, *without):
        for folder in folders():
            if step(f"{name}: build {folder}", "ninja", "-C", build, program(folder) + suffix):
                step(f"{name}: {folder}", *emulator, build / (program(folder) + suffix), cwd=ROOT)


def without_botan():
    """The tests that need no Botan."""
    return [path for folder in ("core", "codec") for path in (ROOT / "tests" / folder).glob("*.cpp")]


def windows():
    """With mingw-w64 and wine, what needs no Botan: Debian has neither Botan nor Boost.JSON for it. SIGNET_BOTAN_SOURCE is a directory with
    botan_all.h and botan_all.cpp, from Botan 2's `configure.py --os=mingw --cpu=x86_64 --amalgamation`; with it the tests of all folders run."""
    compiler, wine = "x86_64-w64-mingw32-g++-posix", shutil.which("wine64") or "wine"
    if lacking := missing(compiler, wine):
        return skip("windows", f"needs {', '.join(lacking)}")
    os.environ["WINEDEBUG"] = "-all"
    place = PLACE / "windows"
    include, lib = place / "include", place / "lib"
    for folder in (include / "botan", lib):
        folder.mkdir(parents=True, exist_ok=True)
    # Boost's headers know no system; only they are taken from /usr/include.
    for header in ("boost", "doctest"):
        if not (include / header).exists():
            (include / header).symlink_to(f"/usr/include/{header}")
    (place / "boost_json.cpp").write_text("#include <boost/json/src.hpp>\n")

    def archive(name, source, *flags):
        made = place / f"{name}.o"
        return step(f"windows: compile {name}", compiler, "-std=c++20", "-O1", "-Wa,-mbig-obj", "-isystem", include, *flags, "-c", source, "-o", made) and \
            step(f"windows: {name}", "x86_64-w64-mingw32-ar", "rcs", lib / f"lib{name}.a", made)

    if not archive("boost_json", place / "boost_json.cpp"):
        return
    botan = os.environ.get("SIGNET_BOTAN_SOURCE")
    if not botan:
        skip("windows: what needs Botan", "SIGNET_BOTAN_SOURCE is not set")
        if step("windows: build core and codec", compiler, "-std=c++20", "-Wall", "-Wextra", "-O0", "-Wa,-mbig-obj", f"-I{ROOT}/include", f"-I{ROOT}/tests",
                "-isystem", include, f'-DSIGNET_TEST_DATA="{ROOT}/tests"', "-static", ROOT / "tests/support/main.cpp", *without_botan(), f"-L{lib}", "-lboost_json", "-o", place / "tests.exe"):
            step("windows: core and codec", wine, place / "tests.exe")
        return
    if not archive("botan-2", Path(botan, "botan_all.cpp"), "-I", botan):
        return
    # Each header that is asked for is the one that has them all.
    texts = [path.read_text() for folder in ("include", "tests") for path in (ROOT / folder).rglob("*.?pp")]
    for header in {name for text in texts for name in re.findall(r"<botan/(\w+\.h)>", text)}:
        (include / "botan" / header).write_text("#include <botan_all.h>\n")
    (lib / "pkgconfig").mkdir(exist_ok=True)
    (lib / "pkgconfig/botan-2.pc").write_text(f"Name: botan\nDescription: its amalgamation\nVersion: 2.19\nLibs: -L{lib} -lbotan-2 -lws2_32\nCflags: -I{botan}\n")
    (place / "cross.ini").write_text(f"""[binaries]
cpp = '{compiler}'
ar = 'x86_64-w64-mingw32-ar'
pkgconfig = 'pkg-config'
pkg-config = 'pkg-config'
exe_wrapper = ['{wine}']
[properties]
pkg_config_libdir = '{lib}/pkgconfig'
boost_root = '{place}'
[built-in options]
cpp_args = ['-isystem', '{include}', '-Wa,-mbig-obj', '-D_GLIBCXX_ASSERTIONS', '-DNOMINMAX']
cpp_link_args = ['-static']
[host_machine]
system = 'windows'
cpu_family = 'x86_64'
cpu = 'x86_64'
endian = 'little'
""")
    cross("windows", place / "build", place / "cross.ini", [wine], ".exe")


def quick():
    """What ./dev check has time for: the foreign compilers that are here read the packaging program, whole and without a library to link."""
    sources = [ROOT / "tests/packaging/program.cpp"]
    botan = run("pkg-config", "--cflags-only-I", "botan-2").stdout.replace("-I", "-isystem ").split()
    major = "2" if botan else "3"
    botan = botan or run("pkg-config", "--cflags-only-I", "botan-3").stdout.replace("-I", "-isystem ").split()
    third = PLACE / "quick"
    third.mkdir(parents=True, exist_ok=True)
    if not (third / "boost").exists():
        (third / "boost").symlink_to("/usr/include/boost")
    # Botan's headers say which processor they were configured for, and refuse another.
    (third / "botan").mkdir(exist_ok=True)
    configured = Path(next(p for p in [*botan, "/usr/include/botan-2"] if p.startswith("/")), "botan/build.h").read_text()
    (third / "botan/build.h").write_text(re.sub(r"^ *#define BOTAN_TARGET_(ARCH_IS|CPU_IS|CPU_HAS|SUPPORTS).*$|^ *#error .*non-.*$", "", configured, flags=re.M))
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-fsyntax-only", f"-I{ROOT}/include", "-isystem", third, *botan, f"-DSIGNET_BOTAN_MAJOR={major}"]
    step("quick: core and codec name no header of Botan", "g++", "-std=c++20", "-M", f"-I{ROOT}/include", f"-I{ROOT}/tests", *without_botan())
    step("quick: no assembly", "g++", *flags, "-DSIGNET_NO_ASSEMBLY", *sources)
    for name, compiler, more in (("arm64", "aarch64-linux-gnu-g++", []), ("s390x", "s390x-linux-gnu-g++", [])):
        if missing(compiler):
            skip(f"quick: {name}", f"needs {compiler}")
        else:
            step(f"quick: {name}", compiler, *flags, *more, *sources)
    if Path("/usr/include/x86_64-linux-gnu/c++/12/32").exists():
        step("quick: i386", "g++", "-m32", *flags, *sources)
    else:
        skip("quick: i386", "needs g++-multilib, which Debian does not install beside cross compilers")


def skip(name, why):
    print(f"skipped {name}: {why}", flush=True)


PLATFORMS = {
    "i386": lambda: native("i386", "bookworm", "i386", "libbotan-2-dev", "libboost-json1.81-dev,libboost1.81-dev"),
    "trixie": lambda: native("trixie", "trixie", "amd64", "libbotan-3-dev", "libboost-json-dev,libboost-dev",
                             "libhiredis-dev,libpq-dev,postgresql,valkey-server",
                             ["store:sqlite", "store:redis", "store:redis_cluster", "store:asio_redis", "store:postgres", "store:asio_postgres"]),
    "arm64": lambda: foreign("arm64", "arm64", "aarch64-linux-gnu", "qemu-aarch64"),
    "s390x": lambda: foreign("s390x", "s390x", "s390x-linux-gnu", "qemu-s390x", endian="big"),
    "windows": windows,
}


def main():
    names = sys.argv[1:] or list(PLATFORMS)
    for name in names:
        if name != "quick" and name not in PLATFORMS:
            sys.exit(f"no such platform: {name}; there are {', '.join(PLATFORMS)} and quick")
    for name in names:
        (quick if name == "quick" else PLATFORMS[name])()
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())

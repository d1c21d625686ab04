# conan create packaging/conan          (Conan 2; it builds the tree that it lies in)
import os

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, rmdir


class SignetConan(ConanFile):
    name = "signet"
    version = "0.1.0"
    description = "JSON Web Tokens, device-bound keys, sessions and cookies"
    license = "BSL-1.0"
    topics = ("jwt", "jose", "dpop", "sessions", "cookies")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "sqlite": [True, False], "redis": [True, False],
               "postgres": [True, False], "openssl": [True, False]}
    default_options = {"shared": False, "fPIC": True, "sqlite": False, "redis": False, "postgres": False, "openssl": False}
    implements = ["auto_shared_fpic"]

    def export_sources(self):
        tree = os.path.join(self.recipe_folder, "..", "..")
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*", "src/*"):
            copy(self, pattern, tree, self.export_sources_folder)

    def validate(self):
        check_min_cppstd(self, 20)

    def requirements(self):
        # Header-only users of the package see them; signet::signet alone needs no header of theirs.
        self.requires("botan/[>=3.0 <4]", transitive_headers=True)
        self.requires("boost/[>=1.81]", transitive_headers=True)
        if self.options.sqlite:
            self.requires("sqlite3/[>=3.37]")
        if self.options.redis:
            self.requires("hiredis/[>=1.0]")
        if self.options.postgres:
            self.requires("libpq/[>=14]")
        if self.options.openssl:
            self.requires("openssl/[>=3.0]")

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["SIGNET_INSTALL"] = True
        toolchain.cache_variables["SIGNET_BOTAN"] = "3"
        toolchain.cache_variables["SIGNET_SQLITE"] = bool(self.options.sqlite)
        toolchain.cache_variables["SIGNET_REDIS"] = bool(self.options.redis)
        toolchain.cache_variables["SIGNET_POSTGRES"] = bool(self.options.postgres)
        toolchain.cache_variables["SIGNET_OPENSSL"] = bool(self.options.openssl)
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "signet")
        botan_and_json = ["botan::botan", "boost::json"]

        compiled = self.cpp_info.components["signet"]
        compiled.set_property("cmake_target_name", "signet::signet")
        compiled.libs = ["signet"]
        compiled.defines = ["SIGNET_SEPARATE_COMPILATION", "SIGNET_BOTAN_MAJOR=3"]
        compiled.requires = botan_and_json
        if self.settings.os in ("Linux", "FreeBSD"):
            compiled.system_libs = ["pthread"]

        headers = self.cpp_info.components["header_only"]
        headers.set_property("cmake_target_name", "signet::header_only")
        headers.defines = ["SIGNET_BOTAN_MAJOR=3"]
        headers.requires = botan_and_json

        for name, library in (("sqlite", "sqlite3::sqlite3"), ("redis", "hiredis::hiredis"), ("postgres", "libpq::libpq"),
                              ("openssl", "openssl::crypto")):
            if self.options.get_safe(name):
                adapter = self.cpp_info.components[name]
                adapter.set_property("cmake_target_name", f"signet::{name}")
                adapter.libs = [f"signet_{name}"]
                adapter.requires = ["signet", library]

// A directory that goes when its owner goes.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

struct temporary_directory {
    std::filesystem::path path;

    explicit temporary_directory(std::filesystem::path const& in = std::filesystem::temp_directory_path()) {
        auto name = (in / "signet-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    std::string operator/(char const* name) const { return (path / name).string(); }
};

// A disk of a few megabytes that a test can fill. Only root may make one, and not in every container.
#pragma once

#include "temporary.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

#ifdef __linux__
#    include <sys/mount.h>
#endif

class small_disk {
public:
    explicit small_disk([[maybe_unused]] int megabytes) {
#ifdef __linux__
        auto const size = "mode=0755,size=" + std::to_string(megabytes) + "m";
        is_there_ = ::mount("signet", directory_.path.c_str(), "tmpfs", 0, size.c_str()) == 0;
#endif
        if (!is_there_) MESSAGE("skipped: no disk can be made here, which takes root");
    }
    small_disk(small_disk const&) = delete;
    small_disk& operator=(small_disk const&) = delete;
    ~small_disk() {
#ifdef __linux__
        if (is_there_) ::umount2(directory_.path.c_str(), MNT_DETACH);
#endif
    }

    bool is_there() const { return is_there_; }
    std::filesystem::path const& path() const { return directory_.path; }
    /// Leaves room for so many octets and less than a page more.
    void fill(std::uintmax_t but = 0) const {
        std::string const page(4096, 'x');
        for (std::ofstream file{path() / "filler"}; std::filesystem::space(path()).available >= but + page.size();)
            if (!(file << page << std::flush)) break;
    }
    void make_room() const { std::filesystem::remove(path() / "filler"); }

private:
    temporary_directory directory_;
    bool is_there_ = false;
};

// The store of an example: an SQLite file by default, Redis with `--redis PORT`. The story is the same either way.
#pragma once

#include <signet/store/redis.hpp>
#include <signet/store/sqlite.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string_view>

template <class Story> int with_store(int argc, char** argv, std::string_view name, Story story) {
    if (argc == 3 && std::string_view{argv[1]} == "--redis") {
        signet::store::redis_params params;
        params.port = std::atoi(argv[2]);
        signet::store::redis db{params};
        // A server that is used for the first time refuses for a minute what may have been used before. By this clock
        // that was an hour ago.
        auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        if (!db.connect(now - std::chrono::hours{1})) return 1;
        return story(db);
    }
    if (argc != 1) {
        std::cerr << "usage: " << name << " [--redis PORT]\n";
        return 2;
    }
    auto const file = std::filesystem::temp_directory_path() / ("signet-" + std::string{name} + ".db");
    std::filesystem::remove(file); // an example begins anew
    auto db = signet::store::sqlite::open({.path = file.string()});
    if (!db) return 1;
    return story(*db);
}

// SQL on a store's file, past the store.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include <sqlite3.h>

inline void raw(std::string const& path, char const* sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
}

// SPDX-License-Identifier: BSL-1.0
// The folders that need no Botan, header-only and without exceptions and run-time type information: each accepts and
// refuses.
#include <signet/codec.hpp>
#include <signet/core.hpp>
#include <signet/http.hpp>
#include <signet/store.hpp>

#include <cstdio>

using namespace signet;
using namespace std::chrono_literals;

int main() {
    auto const json = codec::json_document::parse(R"({"sub":"ann"})");
    if (!json || codec::json_document::parse(R"({"sub":"ann","sub":"bob"})").error() != errc::duplicate_json_name)
        return 1;

    http::cookie_reader const cookies{"a=1; __Host-sid=x"};
    if (*cookies.find("__Host-sid") != "x" || cookies.find("sid").error() != errc::cookie_missing) return 2;

    store::memory db;
    store::record_key const key{1};
    unix_time const now{1'763'700'000s};
    if (db.execute(store::insert(key, {}, now + 60s, now)).outcome != store::outcome::done) return 3;
    if (db.execute(store::insert(key, {}, now + 60s, now)).outcome != store::outcome::not_applied) return 4;
    std::puts("signet without exceptions");
}

// SPDX-License-Identifier: BSL-1.0
// Prints docs/reference/errors.md from the one table of refusals.
#include <signet/core/error_rows.hpp>

#include <cstdio>
#include <string>

using namespace signet;

namespace {

std::string_view text_of(fault f) {
    switch (f) {
    case fault::request: return "the message";
    case fault::credential: return "the credential";
    case fault::permission: return "the permission";
    case fault::server: return "ours";
    case fault::caller: return "the program";
    }
    return "";
}

std::string answer(errc code, role as) {
    auto const oauth = oauth_error(code, as);
    return std::to_string(http_status(code, as)) + (oauth.empty() ? "" : " `" + std::string{oauth} + "`");
}

} // namespace

int main() {
    std::puts(
        "# Errors\n\n"
        "Every way in which signet refuses something, printed from the `errors.def` of each folder by `./dev docs`; a test\n"
        "compares. Numbers are fixed. The HTTP status and the OAuth error code depend on what an endpoint is\n"
        "(`http_status(code, role)`, `oauth_error(code, role)`).");
    std::string_view folder;
    for (auto const& row : error_table) {
        if (folder_of(row.code) != folder) {
            folder = folder_of(row.code);
            std::printf(
                "\n## %.*s\n\n| `errc` | number | text | whose fault | resource server | authorization server | DBSC | action |\n"
                "|---|---|---|---|---|---|---|---|\n",
                static_cast<int>(folder.size()), folder.data());
        }
        auto const whose = text_of(row.whose);
        std::printf("| `%.*s` | %#06x | %.*s | %.*s | %s | %s | %s | %s |\n", static_cast<int>(row.name.size()),
                    row.name.data(), static_cast<unsigned>(row.code), static_cast<int>(row.text.size()),
                    row.text.data(), static_cast<int>(whose.size()), whose.data(),
                    answer(row.code, role::resource_server).c_str(),
                    answer(row.code, role::authorization_server).c_str(), answer(row.code, role::dbsc).c_str(),
                    answer(row.code, role::action).c_str());
    }
}

// SPDX-License-Identifier: BSL-1.0
// Request targets: a normal form is its own normal form, bounded, printable, and free of what was to be removed.
#include <signet/http/target.hpp>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signet;
    auto const require = [](bool holds) {
        if (!holds) std::abort();
    };
    std::string_view const uri{reinterpret_cast<char const*>(data), size};
    auto const form = http::normalize_target(uri);
    if (!form) {
        require(form.error().at <= uri.size());
        return 0;
    }
    require(form->size() <= uri.size() + 1);
    require(form->starts_with("http://") || form->starts_with("https://"));
    for (char c : *form) require(c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '\\');
    auto const authority = form->substr(form->find("//") + 2);
    auto const slash = authority.find('/');
    require(slash != std::string::npos && slash != 0);
    require(authority.substr(0, slash).find('@') == std::string::npos);
    auto const path = authority.substr(slash); // a host may be called ".."
    require(path.find("/../") == std::string::npos && path.find("/./") == std::string::npos);
    require(!path.ends_with("/..") && !path.ends_with("/."));
    require(*http::normalize_target(*form) == *form);
    require(*http::same_target(uri, *form));
    return 0;
}

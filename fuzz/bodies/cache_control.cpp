// SPDX-License-Identifier: BSL-1.0
// Vary and Cache-Control: what is written is a list of tokens, whatever was there before.
#include <signet/http/cache_control.hpp>

#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signet;
    auto const require = [](bool holds) {
        if (!holds) std::abort();
    };
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const split = std::min(text.find('\n'), text.size());
    auto const existing = text.substr(0, split), name = text.substr(std::min(split + 1, size));
    std::string vary, again, cache;
    output out{vary};
    if (auto field = http::add_vary(existing, name, out)) {
        for (char c : *field) require(c == '\t' || (c >= 0x20 && c < 0x7f));
        output twice{again};
        auto const second = http::add_vary(*field, name, twice);
        require(second && *second == *field); // it is listed now
    }
    output to{cache};
    if (auto field = http::cache_control{.no_cache_fields = {&name, 1}, .private_ = true}.write(to))
        require(*field == "private, no-cache=\"" + std::string{name} + "\"");
    return 0;
}

// The JSON reader against a plain reader that shares no code with it or with Boost: the same texts are accepted, they
// say the same, the writer gives them back, and refusals have the right reason and place. Any room for values will do.
#include "../../tests/support/json_against_plain.hpp"

#include <cstdint>
#include <cstdio>

namespace {

void check(std::string_view text, std::size_t buffer = std::string::npos) {
    auto const what = json_against_plain::disagreement(text, buffer);
    if (what.empty()) return;
    std::fprintf(stderr, "%s\n", what.c_str());
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    check(text);
    check(text, size % 8);

    // The same octets inside a string that begins with an escape: another path of the parser, and its buffer's edge.
    std::string inside = "[\"\\n" + std::string(size % 3 == 0 ? 4090 - size % 64 : 0, 'x');
    check((inside += text) += "\"]");
    return 0;
}

// SPDX-License-Identifier: BSL-1.0
// The Cookie reader against a plain model: what it yields, finds and counts. Fields are separated by newlines.
#include "require.hpp"

#include <signet/http/cookie.hpp>

#include <string>
#include <vector>

namespace {

bool octet(char c) { return c > 32 && c < 127 && c != '"' && c != ',' && c != ';' && c != '\\'; }
bool tchar(char c) {
    return c > 32 && c < 127 && std::string_view{"()<>@,;:\\\"/[]?={}"}.find(c) == std::string_view::npos;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signet;
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    std::vector<std::string_view> fields;
    for (std::size_t start = 0; start <= text.size();) {
        auto const end = std::min(text.find('\n', start), text.size());
        fields.push_back(text.substr(start, end - start));
        start = end + 1;
    }

    std::vector<http::cookie> expected;
    std::size_t malformed = 0, nameless = 0;
    for (auto field : fields)
        for (std::size_t start = 0; start <= field.size();) {
            auto const end = std::min(field.find(';', start), field.size());
            auto piece = field.substr(start, end - start);
            start = end + 1;
            auto const first = piece.find_first_not_of(" \t");
            if (first == piece.npos) continue;
            piece = piece.substr(first, piece.find_last_not_of(" \t") - first + 1);
            auto const equals = piece.find('=');
            if (equals == 0 || equals == piece.npos) {
                ++nameless;
                continue;
            }
            http::cookie const one{piece.substr(0, equals), piece.substr(equals + 1)};
            auto inner = one.value;
            if (inner.size() > 1 && inner.front() == '"' && inner.back() == '"')
                inner = inner.substr(1, inner.size() - 2);
            bool fine = true;
            for (char c : one.name) fine = fine && tchar(c);
            for (char c : inner) fine = fine && octet(c);
            if (fine) expected.push_back(one);
            else ++malformed;
        }

    http::cookie_reader const reader{fields, {.max_size = 1u << 24, .max_pairs = 1u << 24}};
    std::size_t i = 0;
    for (auto const& one : reader) {
        require(i < expected.size() && one.name == expected[i].name && one.value == expected[i].value);
        require(one.name.data() >= text.data() &&
                one.value.data() + one.value.size() <= text.data() + text.size()); // no copies
        ++i;
    }
    require(i == expected.size());
    auto const census = reader.census();
    require(census.cookies == i && census.malformed == malformed && census.nameless == nameless);
    for (auto const& wanted : expected) {
        std::size_t hits = 0;
        for (auto const& one : expected) hits += one.name == wanted.name;
        auto const found = reader.find(wanted.name);
        require(hits == 1 ? found && *found == wanted.value : !found && found.error() == errc::ambiguous_cookie);
        require(reader.inspect(wanted.name).hits == hits);
        if (expected.size() > 64) break;
    }

    // Limits refuse; they never change an answer.
    http::cookie_reader const narrow{fields, {.max_size = 64, .max_pairs = 4}};
    for (std::string_view name : {"a", "sid", "__Host-sid"}) {
        auto const few = narrow.find(name), all = reader.find(name);
        require(!few || (all && *few == *all));
        (void)narrow.inspect(name);
    }
    std::string decoded;
    output out{decoded};
    if (auto plain = http::percent_decode(text, out)) require(plain->size() <= text.size());
    return 0;
}

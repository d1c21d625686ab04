// The fields and URLs of device bound sessions, against a plain reading of the same text.
#include <signet/dbsc.hpp>
#include <signet/http/structured_field.hpp>
#include <signet/http/target.hpp>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

using namespace signet;

namespace {

// What the value is, if it is bare or a quoted string with nothing behind it.
std::optional<std::string> plainly(std::string text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.erase(0, 1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
    std::string value;
    if (text.empty()) return std::nullopt;
    if (text.front() != '"') {
        for (char c : text)
            if (c <= ' ' || c > '~' || c == '"' || c == ',' || c == ';' || c == '\\') return std::nullopt;
        return text;
    }
    for (std::size_t i = 1; i < text.size(); ++i) {
        char const c = text[i];
        if (c == '"') return i + 1 == text.size() && !value.empty() ? std::optional{value} : std::nullopt;
        if (c < ' ' || c > '~') return std::nullopt;
        if (c != '\\') value += c;
        else if (++i < text.size() && (text[i] == '"' || text[i] == '\\')) value += text[i];
        else return std::nullopt;
    }
    return std::nullopt;
}

constexpr dbsc::scope_rule rules[] = {{dbsc::rule_type::exclude, "*", "/public"},
                                      {dbsc::rule_type::include, "*.shop.example", "/public/me"}};
constexpr dbsc::policy shop{
    {.cookie = dbsc::bound_cookie(), .origin = "https://shop.example", .include_site = true, .rules = rules}};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string const text{reinterpret_cast<char const*>(data) + 1, size - 1};
    switch (data[0] % 4) {
    case 0: {
        auto const value = dbsc::read_value(text, 256);
        auto const plain = plainly(text);
        if (plain && plain->size() <= 256 && text.size() <= 256 && (!value || *value != *plain)) std::abort();
        if (value && !plain && text.find(';') == text.npos)
            std::abort(); // parameters are all that the plain one does not read
        if (value && (value->empty() || value->size() > 256)) std::abort();
        break;
    }
    case 1:
        if (auto const all = dbsc::read_skipped(text)) {
            auto const list = http::sf::parse_list(text);
            if (!list || list->size() != all->size()) std::abort();
        }
        break;
    case 2: {
        auto const half = text.size() / 2;
        auto const line = dbsc::write_challenge(text.substr(0, half), text.substr(half));
        bool ascii = true;
        for (char c : text) ascii = ascii && c >= ' ' && c <= '~';
        if (line.has_value() != ascii) std::abort();
        if (!line) break;
        auto const list = http::sf::parse_list(*line);
        if (!list || list->size() != 1 || *list->front().value.as_string() != text.substr(0, half)) std::abort();
        if (*list->front().params.find("id")->as_string() != text.substr(half)) std::abort();
        break;
    }
    default: {
        auto const inside = shop.in_scope(text);
        auto const normal = http::normalize_target(text);
        if (inside.has_value() && !normal) std::abort();
        if (!inside.has_value()) break;
        auto const again = shop.in_scope(*normal);
        if (!again.has_value() || *again != *inside) std::abort();
        auto const host = normal->substr(8, normal->find_first_of(":/", 8) - 8);
        if (*inside && host != "shop.example" && !host.ends_with(".shop.example")) std::abort();
        if (*inside && normal->substr(std::min(normal->find('/', 8), normal->size())) == "/dbsc/refresh") std::abort();
    }
    }
    return 0;
}

// signet token: decode. Shows a token to people; nothing is verified.
#include "cli.hpp"

#include <signet/codec.hpp>
#include <signet/jose.hpp>
#include <signet/jwt.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace cli {

using namespace signet;
using codec::json_value;

namespace {

enum class colour : unsigned char { name, text, number, word, note, heading };
constexpr std::array<std::string_view, 6> colour_codes{"\033[36m", "\033[32m", "\033[33m",
                                                       "\033[35m", "\033[2m",  "\033[1m"};

/// Whether a terminal, or a reader of it, would take the character for something else: controls, and what changes the
/// direction of writing or is not seen.
bool is_misleading(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c >= 0xe0000;
}

/// Takes the first character of UTF-8 that was checked.
char32_t take_character(std::string_view& text) {
    auto const first = static_cast<unsigned char>(text.front());
    std::size_t const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t c = size == 1 ? first : first & (0x7fu >> size);
    for (std::size_t i = 1; i < size && i < text.size(); ++i)
        c = c << 6 | (static_cast<unsigned char>(text[i]) & 0x3fu);
    text.remove_prefix(std::min(size, text.size()));
    return c;
}

class page {
public:
    page(bool colours, unix_time now) noexcept : colours_{colours}, now_{now} {}

    void heading(std::string_view title) {
        paint(colour::heading, title);
        text_ += '\n';
    }
    void object(json_value value) {
        this->value(value, 0);
        text_ += '\n';
    }
    void line(std::string_view words) { (text_ += words) += '\n'; }
    std::string const& text() const noexcept { return text_; }

private:
    void paint(colour c, std::string_view words) {
        if (colours_) text_ += colour_codes[static_cast<std::size_t>(c)];
        text_ += words;
        if (colours_) text_ += "\033[0m";
    }
    void indent(std::size_t depth) { text_.append(2 * depth, ' '); }

    static std::string quoted(std::string_view words) {
        std::string out = "\"";
        auto const escape = [&out](char32_t unit) {
            char hex[8];
            std::snprintf(hex, sizeof hex, "\\u%04x", static_cast<unsigned>(unit));
            out += hex;
        };
        while (!words.empty()) {
            auto const start = words;
            auto const c = take_character(words);
            if (c == '"' || c == '\\') (out += '\\') += static_cast<char>(c);
            else if (c >= 0x10000 && is_misleading(c)) {
                escape(0xd800 + ((c - 0x10000) >> 10));
                escape(0xdc00 + ((c - 0x10000) & 0x3ff));
            } else if (is_misleading(c)) escape(c);
            else out += start.substr(0, start.size() - words.size());
        }
        return out += '"';
    }

    void value(json_value v, std::size_t depth) {
        if (v.is_object() || v.is_array()) return several(v, depth);
        if (v.is_string()) paint(colour::text, quoted(*v.as_string()));
        else if (auto const digits = v.number_text(); !digits.empty()) paint(colour::number, digits);
        else if (v.is_null()) paint(colour::word, "null");
        else paint(colour::word, v.as_bool().value_or(false) ? "true" : "false");
    }

    void several(json_value v, std::size_t depth) {
        bool const is_object = v.is_object();
        if (v.size() == 0) {
            text_ += is_object ? "{}" : "[]";
            return;
        }
        text_ += is_object ? "{\n" : "[\n";
        auto left = v.size();
        for (auto const one : v) {
            indent(depth + 1);
            if (is_object) {
                paint(colour::name, quoted(one.name()));
                text_ += ": ";
            }
            value(one, depth + 1);
            if (--left != 0) text_ += ',';
            if (is_object && depth == 0) add_time(one);
            text_ += '\n';
        }
        indent(depth);
        text_ += is_object ? '}' : ']';
    }

    void add_time(json_value member) {
        constexpr std::string_view times[]{"exp", "nbf", "iat", "auth_time", "updated_at"};
        if (std::ranges::find(times, member.name()) == std::end(times)) return;
        auto const time = jwt::parse_numeric_date(member.number_text());
        if (!time) return;
        text_ += "  ";
        paint(colour::note, "// " + said(time->seconds, member.name()));
    }

    std::string said(unix_time t, std::string_view claim) const {
        auto const day = std::chrono::floor<std::chrono::days>(t);
        std::chrono::year_month_day const date{day};
        std::chrono::hh_mm_ss const clock{t - day};
        char text[64];
        std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d UTC, ", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
        auto const apart = distance(t);
        if (claim == "exp") return text + (t <= now_ ? "expired " + apart : "expires " + apart);
        if (claim == "nbf") return text + (t > now_ ? "not valid yet: " + apart : apart);
        return text + apart;
    }

    std::string distance(unix_time t) const {
        auto const between = t < now_ ? now_ - t : t - now_;
        struct unit {
            std::int64_t seconds;
            std::string_view name;
        };
        constexpr unit units[]{{31'556'952, "year"}, {86'400, "day"}, {3'600, "hour"}, {60, "minute"}, {1, "second"}};
        if (between.count() == 0) return "now";
        for (auto const& u : units) {
            auto const count = between.count() / u.seconds;
            if (count == 0) continue;
            auto const words = std::to_string(count) + " " + std::string{u.name} + (count == 1 ? "" : "s");
            return t < now_ ? words + " ago" : "in " + words;
        }
        return "now";
    }

    bool colours_;
    unix_time now_;
    std::string text_;
};

} // namespace

int token_decode(options const& given) {
    if (given.has("--json")) return jwt_inspect(given);
    auto const now = read_now(given);
    if (!now) return wrong_usage;
    auto const input = read_token(given);
    if (!input) return wrong_usage;
    auto const token = without_newline(as_text(input->reveal()));
    auto const seen = jose::peek(token, max_jwt);
    if (!seen) return refuse(seen.error());

    auto const& read = seen->unverified_value();
    page out{has_colours(), *now};
    out.heading("Header");
    out.object(read.header());
    if (auto const claims = read.payload(); claims.is_object()) {
        out.heading("Claims");
        out.object(claims);
    } else {
        out.heading("Payload");
        out.line("no JSON object; signet jws verify writes it once it is verified");
    }
    auto const signature = codec::base64url_decoded_size(token.size() - token.rfind('.') - 1);
    out.heading("Signature");
    out.line(signature == 0 ? "none" : std::to_string(signature) + " octets, NOT VERIFIED");
    std::fputs("signet: NOT VERIFIED: anybody may have written this token\n", stderr);
    return write(out.text());
}

} // namespace cli

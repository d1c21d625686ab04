// RFC 8259 as it reads, a character at a time and in its own words: what the JSON reader is compared with. It shares no
// code with signet or Boost, makes a tree, and is as slow as it likes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plain_json {

struct value {
    char kind = 'n';                // n t f, i integer of 64 bits, d other number, s string, a array, o object
    std::string text;               // of a number, or the unescaped string
    std::vector<std::string> names; // of an object's members
    std::vector<value> below;
};

/// The whole value in one line, so that two of them can be compared and shown.
inline std::string canonical(value const& v) {
    std::string out{v.kind};
    out += std::to_string(v.text.size()) + ":" + v.text;
    if (v.kind == 'a' || v.kind == 'o') {
        out += "(";
        for (std::size_t i = 0; i != v.below.size(); ++i) {
            if (v.kind == 'o') out += std::to_string(v.names[i].size()) + "=" + v.names[i];
            out += canonical(v.below[i]);
        }
        out += ")";
    }
    return out;
}

class reader {
public:
    reader(std::string_view text, int depth, std::size_t members) : text_{text}, depth_{depth}, members_{members} {}

    /// The value, or nothing: then `at()` is the first octet with which no text can begin that is JSON within the
    /// limits.
    std::optional<value> read() {
        value v;
        space();
        if (!any(v, depth_)) return std::nullopt;
        space();
        if (at_ != text_.size()) return std::nullopt;
        return v;
    }
    std::size_t at() const { return at_; }
    bool named_twice() const { return named_twice_; }
    bool huge_exponent() const { return huge_exponent_; }

private:
    bool end() const { return at_ == text_.size(); }
    char here() const { return end() ? '\0' : text_[at_]; }
    bool is(char c) const { return !end() && text_[at_] == c; }
    bool one_of(std::string_view set) const { return !end() && set.find(text_[at_]) != set.npos; }
    bool digit() const { return one_of("0123456789"); }
    bool eat(char c) { return is(c) ? (++at_, true) : false; }
    void space() {
        while (one_of(" \t\n\r")) ++at_;
    }
    bool word(std::string_view w) {
        for (char c : w)
            if (!eat(c)) return false;
        return true;
    }

    bool any(value& v, int depth) {
        switch (here()) {
        case 'n': return v.kind = 'n', word("null");
        case 't': return v.kind = 't', word("true");
        case 'f': return v.kind = 'f', word("false");
        case '"': return v.kind = 's', string(v.text);
        case '[': return v.kind = 'a', depth > 0 && array(v, depth - 1);
        case '{': return v.kind = 'o', depth > 0 && object(v, depth - 1);
        default: return number(v);
        }
    }
    bool array(value& v, int depth) {
        ++at_, space();
        if (eat(']')) return true;
        for (;;) {
            if (!any(v.below.emplace_back(), depth)) return false;
            space();
            if (eat(']')) return true;
            if (!eat(',')) return false;
            space();
        }
    }
    bool object(value& v, int depth) {
        ++at_, space();
        if (eat('}')) return true;
        for (;;) {
            std::string name;
            if (!string(name)) return false;
            if (v.names.size() == members_) return false;
            for (auto const& before : v.names)
                if (before == name) return named_twice_ = true, false;
            v.names.push_back(name);
            space();
            if (!eat(':')) return false;
            space();
            if (!any(v.below.emplace_back(), depth)) return false;
            space();
            if (eat('}')) return true;
            if (!eat(',')) return false;
            space();
        }
    }
    bool digits() {
        if (!digit()) return false;
        while (digit()) ++at_;
        return true;
    }
    bool number(value& v) {
        auto const start = at_;
        bool const minus = eat('-');
        auto const whole = at_;
        if (eat('0')) {
        } else if (!digits()) return false;
        auto const whole_end = at_;
        v.kind = 'i';
        if (eat('.')) {
            v.kind = 'd';
            if (!digits()) return false;
        }
        if (one_of("eE")) {
            v.kind = 'd';
            ++at_;
            if (one_of("+-")) ++at_;
            auto exponent_at = at_;
            if (!digits()) return false;
            while (exponent_at != at_ && text_[exponent_at] == '0') ++exponent_at;
            huge_exponent_ = huge_exponent_ || at_ - exponent_at > 9;
        }
        v.text = text_.substr(start, at_ - start);
        if (v.kind == 'i') { // compared as text: no arithmetic that could be wrong
            auto const magnitude = text_.substr(whole, whole_end - whole);
            std::string_view const most = minus ? "9223372036854775808" : "18446744073709551615";
            if (magnitude.size() > most.size() || (magnitude.size() == most.size() && magnitude > most)) v.kind = 'd';
        }
        return true;
    }
    static void utf8(std::string& out, unsigned long c) {
        auto const put = [&](unsigned long octet) { out += static_cast<char>(static_cast<unsigned char>(octet)); };
        if (c < 0x80) put(c);
        else if (c < 0x800) put(0xc0 + c / 64), put(0x80 + c % 64);
        else if (c < 0x10000) put(0xe0 + c / 4096), put(0x80 + c / 64 % 64), put(0x80 + c % 64);
        else put(0xf0 + c / 262144), put(0x80 + c / 4096 % 64), put(0x80 + c / 64 % 64), put(0x80 + c % 64);
    }
    bool hex4(unsigned long& unit) {
        unit = 0;
        for (int i = 0; i != 4; ++i) {
            std::string_view const low = "0123456789abcdef", high = "0123456789ABCDEF";
            auto const n = end() ? low.npos : low.find(here()) != low.npos ? low.find(here()) : high.find(here());
            if (n == low.npos) return false;
            unit = unit * 16 + static_cast<unsigned long>(n);
            ++at_;
        }
        return true;
    }
    bool escape(std::string& out) {
        ++at_;
        std::string_view const letters = "\"\\/bfnrt", meant = "\"\\/\b\f\n\r\t";
        if (one_of(letters)) return out += meant[letters.find(text_[at_++])], true;
        unsigned long first = 0, second = 0;
        if (!eat('u') || !hex4(first)) return false;
        if (first < 0xd800 || first > 0xdfff) return utf8(out, first), true;
        if (first > 0xdbff || !eat('\\') || !eat('u') || !hex4(second) || second < 0xdc00 || second > 0xdfff)
            return false;
        return utf8(out, 0x10000 + (first - 0xd800) * 0x400 + (second - 0xdc00)), true;
    }
    /// One character of several octets: decoded, then encoded anew; only the same octets will do.
    bool wide(std::string& out) {
        auto const first = static_cast<unsigned char>(here());
        int const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        unsigned long c = first & (more == 3 ? 0x07u : more == 2 ? 0x0fu : 0x1fu);
        if (first < 0xc0 || first >= 0xf8 || text_.size() - at_ < static_cast<std::size_t>(more) + 1) return false;
        for (int i = 1; i <= more; ++i)
            c = c * 64 + (static_cast<unsigned char>(text_[at_ + static_cast<std::size_t>(i)]) & 0x3f);
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return false;
        std::string again;
        utf8(again, c);
        if (text_.substr(at_, again.size()) != again) return false;
        at_ += again.size();
        out += again;
        return true;
    }
    bool string(std::string& out) {
        if (!eat('"')) return false;
        for (;;) {
            if (end()) return false;
            auto const c = static_cast<unsigned char>(here());
            if (c == '"') return ++at_, true;
            if (c < 0x20) return false;
            if (c == '\\') {
                if (!escape(out)) return false;
            } else if (c >= 0x80) {
                if (!wide(out)) return false;
            } else {
                out += here();
                ++at_;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_;
    std::size_t members_;
    bool named_twice_ = false;
    bool huge_exponent_ = false;
};

} // namespace plain_json

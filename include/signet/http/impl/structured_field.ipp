// SPDX-License-Identifier: BSL-1.0
// RFC 9651 section 4.2, parsing: one function an algorithm.
#pragma once

#include <signet/core/impl/keyed_hash.hpp>
#include <signet/http/impl/structured_syntax.hpp>
#include <signet/http/structured_field.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace sf {

namespace detail {

/// Sets values under keys as `keyed` does, in constant time where there are many: whoever sends a field chooses its
/// keys.
template <class V> class key_index {
public:
    explicit key_index(keyed<V>& into) noexcept : entries_{into.entries_}, into_{into} {}

    void set(std::string_view key, V value) {
        constexpr std::size_t few = 16;
        if (entries_.size() < few) return void(into_.set(key, std::move(value)));
        if (slots_.size() < 2 * (entries_.size() + 1)) {
            slots_.assign(std::max(4 * few, 2 * slots_.size()), 0);
            for (std::uint32_t i = 0; i != entries_.size(); ++i) slots_[slot_of(entries_[i].first)] = i + 1;
        }
        auto& slot = slots_[slot_of(key)];
        if (slot != 0) {
            entries_[slot - 1].second = std::move(value);
        } else {
            entries_.emplace_back(std::string{key}, std::move(value));
            slot = static_cast<std::uint32_t>(entries_.size());
        }
    }

private:
    // Where the key stands, or belongs.
    std::size_t slot_of(std::string_view key) const noexcept {
        auto const mask = slots_.size() - 1;
        auto const hash = static_cast<std::size_t>(signet::detail::keyed_hash(seed_, key));
        for (auto at = hash & mask;; at = (at + 1) & mask)
            if (slots_[at] == 0 || entries_[slots_[at] - 1].first == key) return at;
    }
    std::vector<typename keyed<V>::entry>& entries_;
    keyed<V>& into_;
    std::vector<std::uint32_t> slots_; // position + 1; 0: empty. A power of two, at most half full
    signet::detail::hash_seed seed_ = signet::detail::process_seed();
};

class parser {
public:
    parser(std::string_view text, limits const& bounds) noexcept : text_{text}, bounds_{bounds} {}

    // 4.2: spaces around the whole value; everything must have been used up
    template <class Value> result<Value> whole(result<Value> (parser::*read)()) {
        if (text_.size() > bounds_.max_size) return errc::header_too_large;
        skip_spaces();
        auto value = (this->*read)();
        if (!value) return value;
        skip_spaces();
        if (!done()) return here();
        return value;
    }

    // 4.2.1
    result<list> read_list() {
        list members;
        while (!done()) {
            if (members.size() == bounds_.max_members) return too_large();
            auto one = read_member();
            if (!one) return one.error();
            members.push_back(*std::move(one));
            if (auto more = next_member(); !more) return more.error();
            else if (!*more) break;
        }
        return members;
    }

    // 4.2.2
    result<dictionary> read_dictionary() {
        dictionary members;
        key_index<member> index{members};
        for (std::size_t count = 0; !done(); ++count) { // of keys that come again too
            if (count == bounds_.max_members) return too_large();
            auto key = read_key();
            if (!key) return key.error();
            member value; // without "=": the boolean true with parameters
            if (take('=')) {
                auto given = read_member();
                if (!given) return given.error();
                value = *std::move(given);
            } else if (auto bad = read_parameters(value.params); !bad) {
                return bad.error();
            }
            index.set(*key, std::move(value));
            if (auto more = next_member(); !more) return more.error();
            else if (!*more) break;
        }
        return members;
    }

    // 4.2.3
    result<item> read_item() {
        auto value = read_bare_item();
        if (!value) return value.error();
        item one{*std::move(value), {}};
        if (auto bad = read_parameters(one.params); !bad) return bad.error();
        return one;
    }

private:
    bool done() const noexcept { return at_ == text_.size(); }
    bool next_is(char c) const noexcept { return !done() && text_[at_] == c; }
    bool take(char c) noexcept { return next_is(c) && (++at_, true); }
    void skip_spaces() noexcept {
        while (take(' ')) {}
    }
    void skip_blanks() noexcept {
        while (take(' ') || take('\t')) {}
    }
    error here() const noexcept { return {errc::malformed_header_field, at_}; }
    error too_large() const noexcept { return {errc::header_too_large, at_}; }

    // Between members of a list or dictionary: whether another one follows.
    result<bool> next_member() noexcept {
        skip_blanks();
        if (done()) return false;
        auto const comma = at_;
        if (!take(',')) return here();
        skip_blanks();
        if (done()) return error{errc::malformed_header_field, comma}; // a trailing comma
        return true;
    }

    // 4.2.1.1
    result<member> read_member() {
        if (next_is('(')) return read_inner_list();
        auto one = read_item();
        if (!one) return one.error();
        return member{*std::move(one)};
    }

    // 4.2.1.2
    result<member> read_inner_list() {
        member out;
        out.is_inner_list = true;
        ++at_;
        while (true) {
            skip_spaces();
            if (done()) return here();
            if (take(')')) break;
            if (out.items.size() == bounds_.max_items) return too_large();
            auto one = read_item();
            if (!one) return one.error();
            out.items.push_back(*std::move(one));
            if (!next_is(' ') && !next_is(')')) return here();
        }
        if (auto bad = read_parameters(out.params); !bad) return bad.error();
        return out;
    }

    // 4.2.3.1
    result<bare_item> read_bare_item() {
        if (done()) return here();
        char const c = text_[at_];
        if (c == '-' || is_digit(c)) return read_number();
        if (c == '"') return read_string();
        if (is_token_start(c)) return read_token();
        switch (c) {
        case ':': return read_byte_sequence();
        case '?': return read_boolean();
        case '@': return read_date();
        case '%': return read_display_string();
        default: return here();
        }
    }

    // 4.2.3.2
    result<void> read_parameters(parameters& into) {
        key_index<bare_item> index{into};
        for (std::size_t count = 0; take(';'); ++count) {
            if (count == bounds_.max_params) return too_large();
            skip_spaces();
            auto key = read_key();
            if (!key) return key.error();
            bare_item value;
            if (take('=')) {
                auto given = read_bare_item();
                if (!given) return given.error();
                value = *std::move(given);
            }
            index.set(*key, std::move(value));
        }
        return {};
    }

    // 4.2.3.3
    result<std::string_view> read_key() noexcept {
        auto const start = at_;
        if (done() || !is_key_start(text_[at_])) return here();
        while (!done() && is_key_char(text_[at_])) ++at_;
        return text_.substr(start, at_ - start);
    }

    // 4.2.4
    result<bare_item> read_number() noexcept {
        bool const negative = take('-');
        std::int64_t value = 0;
        std::size_t digits = 0, fraction = 0;
        bool point = false;
        if (done() || !is_digit(text_[at_])) return here();
        for (; !done(); ++at_) {
            char const c = text_[at_];
            if (is_digit(c)) {
                if (point ? fraction == 3 : digits == 15) return here();
                ++(point ? fraction : digits);
                value = value * 10 + (c - '0');
            } else if (c == '.' && !point) {
                if (digits > 12) return here();
                point = true;
            } else {
                break;
            }
        }
        if (point && fraction == 0) return here();
        if (!point) return bare_item{negative ? -value : value};
        for (; fraction != 3; ++fraction) value *= 10;
        return bare_item{decimal{negative ? -value : value}};
    }

    // 4.2.5
    result<bare_item> read_string() {
        std::string text;
        for (++at_; !done(); ++at_) {
            char c = text_[at_];
            if (c == '"') return ++at_, bare_item{string{std::move(text)}};
            if (!is_printable(c)) return here();
            if (c == '\\') {
                if (++at_, done()) break;
                c = text_[at_];
                if (c != '"' && c != '\\') return here();
            }
            text.push_back(c);
        }
        return here();
    }

    // 4.2.6
    result<bare_item> read_token() {
        auto const start = at_;
        while (!done() && is_token_char(text_[at_])) ++at_;
        return bare_item{token{std::string{text_.substr(start, at_ - start)}}};
    }

    // 4.2.7. Padding may be missing, and unused bits may be anything, as the RFC recommends to parsers.
    result<bare_item> read_byte_sequence() {
        auto const start = ++at_;
        auto const end = text_.find(':', start);
        if (end == std::string_view::npos) return at_ = text_.size(), here();
        std::string octets;
        octets.reserve((end - start) / 4 * 3 + 2);
        std::uint32_t bits = 0;
        std::size_t sextets = 0;
        for (; at_ != end && text_[at_] != '='; ++at_, ++sextets) {
            char const c = text_[at_];
            int const v = c >= 'A' && c <= 'Z' ? c - 'A'
                          : is_lower(c)        ? c - 'a' + 26
                          : is_digit(c)        ? c - '0' + 52
                          : c == '+'           ? 62
                          : c == '/'           ? 63
                                               : -1;
            if (v < 0) return here();
            bits = (bits << 6 | static_cast<std::uint32_t>(v)) & 0xffffff;
            if (sextets % 4 == 1) octets.push_back(static_cast<char>(bits >> 4 & 0xff));
            if (sextets % 4 == 2) octets.push_back(static_cast<char>(bits >> 2 & 0xff));
            if (sextets % 4 == 3) octets.push_back(static_cast<char>(bits & 0xff));
        }
        if (sextets % 4 == 1) return here();
        if (auto const padding = end - at_; padding != 0 && (sextets % 4 == 0 || padding != 4 - sextets % 4))
            return here();
        for (; at_ != end; ++at_)
            if (text_[at_] != '=') return here();
        ++at_;
        return bare_item{byte_sequence{std::move(octets)}};
    }

    // 4.2.8
    result<bare_item> read_boolean() noexcept {
        ++at_;
        if (take('1')) return bare_item{true};
        if (take('0')) return bare_item{false};
        return here();
    }

    // 4.2.9
    result<bare_item> read_date() noexcept {
        auto const start = ++at_;
        auto const number = read_number();
        if (!number) return number.error();
        auto const seconds = number->as_integer();
        if (!seconds) return error{errc::malformed_header_field, start};
        return bare_item{date{*seconds}};
    }

    // 4.2.10
    result<bare_item> read_display_string() {
        auto const start = at_++;
        if (!take('"')) return here();
        std::string text;
        for (; !done(); ++at_) {
            char c = text_[at_];
            if (!is_printable(c)) return here();
            if (c == '"') {
                if (!is_utf8(text)) return error{errc::malformed_header_field, start};
                return ++at_, bare_item{display_string{std::move(text)}};
            }
            if (c == '%') { // two hex digits, of lower case only
                unsigned value = 0;
                for (int i = 0; i != 2; ++i) {
                    if (++at_, done()) return here();
                    char const d = text_[at_];
                    if (!is_digit(d) && !(d >= 'a' && d <= 'f')) return here();
                    value = value * 16 + static_cast<unsigned>(is_digit(d) ? d - '0' : d - 'a' + 10);
                }
                c = static_cast<char>(static_cast<unsigned char>(value));
            }
            text.push_back(c);
        }
        return here();
    }

    std::string_view text_;
    limits const& bounds_;
    std::size_t at_ = 0;
};

// 4.2: lines of one name are one value
template <class Value>
result<Value> parse(std::span<std::string_view const> lines, limits const& bounds, result<Value> (parser::*read)()) {
    if (lines.size() == 1) return parser{lines[0], bounds}.whole(read);
    std::string joined;
    for (auto const& line : lines) {
        if (line.size() > bounds.max_size || joined.size() > bounds.max_size) return errc::header_too_large;
        if (&line != &lines.front()) joined += ", ";
        joined += line;
    }
    return parser{joined, bounds}.whole(read);
}

} // namespace detail

SIGNET_DECL result<item> parse_item(std::string_view field, limits const& b) {
    return detail::parser{field, b}.whole(&detail::parser::read_item);
}
SIGNET_DECL result<list> parse_list(std::string_view field, limits const& b) {
    return detail::parser{field, b}.whole(&detail::parser::read_list);
}
SIGNET_DECL result<dictionary> parse_dictionary(std::string_view field, limits const& b) {
    return detail::parser{field, b}.whole(&detail::parser::read_dictionary);
}
SIGNET_DECL result<item> parse_item(std::span<std::string_view const> lines, limits const& b) {
    return detail::parse(lines, b, &detail::parser::read_item);
}
SIGNET_DECL result<list> parse_list(std::span<std::string_view const> lines, limits const& b) {
    return detail::parse(lines, b, &detail::parser::read_list);
}
SIGNET_DECL result<dictionary> parse_dictionary(std::span<std::string_view const> lines, limits const& b) {
    return detail::parse(lines, b, &detail::parser::read_dictionary);
}

}}}} // namespace signet::http::sf

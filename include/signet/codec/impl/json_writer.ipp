// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/impl/utf8.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>

#include <charconv>
#include <cmath>
#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

inline void json_writer::separate() {
    if (depth_ == 0 ? comma_ : in_object() && !named_) fail(errc::malformed_json);
    if (comma_) out_->append(',');
    comma_ = true;
    named_ = false;
}
inline void json_writer::open(char bracket) {
    separate();
    if (depth_ == max_depth) return fail(errc::json_too_deep);
    out_->append(bracket);
    comma_ = false;
    objects_ = objects_ << 1 | (bracket == '{' ? 1 : 0);
    ++depth_;
}
inline json_writer& json_writer::close(char bracket) {
    if (depth_ == 0 || named_ || in_object() != (bracket == '}')) fail(errc::malformed_json);
    else --depth_, objects_ >>= 1;
    out_->append(bracket);
    comma_ = true;
    return *this;
}
inline void json_writer::fail(errc reason) noexcept {
    if (!has_failed_) failed_ = reason;
    has_failed_ = true;
}

SIGNET_DECL json_writer& json_writer::begin_object() { return open('{'), *this; }
SIGNET_DECL json_writer& json_writer::end_object() { return close('}'); }
SIGNET_DECL json_writer& json_writer::begin_array() { return open('['), *this; }
SIGNET_DECL json_writer& json_writer::end_array() { return close(']'); }
SIGNET_DECL json_writer& json_writer::name(std::string_view member) {
    if (!in_object() || named_) fail(errc::malformed_json);
    if (comma_) out_->append(',');
    quote(member);
    out_->append(':');
    comma_ = false;
    named_ = true;
    return *this;
}

SIGNET_DECL json_writer& json_writer::string(std::string_view text) {
    separate();
    quote(text);
    return *this;
}

namespace detail {
/// Whether all of the text is ASCII that needs no escape: nothing below 0x20, '"', '\\' or above 0x7f.
inline bool is_plain(std::string_view text) noexcept {
    constexpr std::uint64_t each = 0x0101010101010101, top = 0x80 * each;
    for (; text.size() >= 8; text.remove_prefix(8)) {
        std::uint64_t w;
        std::memcpy(&w, text.data(), sizeof w);
        // A difference below zero sets its octet's top bit. It borrows from the next octet, but by then it is caught.
        auto const quote = w ^ ('"' * each), backslash = w ^ ('\\' * each);
        if (((w | (w - 0x20 * each) | (quote - each) | (backslash - each)) & top) != 0) return false;
    }
    for (auto const c : text)
        if (auto const o = static_cast<unsigned char>(c); o < 0x20 || o > 0x7f || c == '"' || c == '\\') return false;
    return true;
}

SIGNET_DECL bool append_quoted(output& out, std::string_view text) {
    if (is_plain(text)) { // nearly every name and value
        auto* const at = out.extend(text.size() + 2);
        if (!at) return true;
        *at = '"';
        text.copy(at + 1, text.size());
        at[1 + text.size()] = '"';
        return true;
    }
    out.append('"');
    std::size_t plain = 0; // what needs no escape goes out in one piece
    auto const flush = [&](std::size_t until) { out.append(text.substr(plain, until - plain)); };
    for (std::size_t i = 0; i != text.size();) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') {
            auto const size = c < 0x80 ? 1 : utf8_sequence(text.substr(i));
            if (size == 0) return false;
            i += size;
            continue;
        }
        flush(i);
        constexpr std::string_view hex = "0123456789abcdef";
        switch (c) {
        case '"': out.append("\\\""); break;
        case '\\': out.append("\\\\"); break;
        case '\b': out.append("\\b"); break;
        case '\f': out.append("\\f"); break;
        case '\n': out.append("\\n"); break;
        case '\r': out.append("\\r"); break;
        case '\t': out.append("\\t"); break;
        default:
            out.append("\\u00");
            out.append(hex[c >> 4]);
            out.append(hex[c & 15]);
        }
        plain = ++i;
    }
    flush(text.size());
    out.append('"');
    return true;
}
} // namespace detail

inline void json_writer::quote(std::string_view text) {
    if (!detail::append_quoted(*out_, text)) fail(errc::json_not_utf8);
}

namespace detail {
template <class N> void append_number(output& out, N number) {
    char digits[32];
    auto const end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(std::string_view{digits, static_cast<std::size_t>(end - digits)});
}
} // namespace detail

SIGNET_DECL json_writer& json_writer::integer(std::int64_t number) {
    separate();
    detail::append_number(*out_, number);
    return *this;
}
SIGNET_DECL json_writer& json_writer::unsigned_integer(std::uint64_t number) {
    separate();
    detail::append_number(*out_, number);
    return *this;
}
SIGNET_DECL json_writer& json_writer::number(double number) {
    separate();
    if (std::isfinite(number)) detail::append_number(*out_, number);
    else fail(errc::invalid_json_number);
    return *this;
}
SIGNET_DECL json_writer& json_writer::boolean(bool truth) { return raw(truth ? "true" : "false"); }
SIGNET_DECL json_writer& json_writer::null() { return raw("null"); }
SIGNET_DECL json_writer& json_writer::raw(std::string_view json) {
    separate();
    out_->append(json);
    return *this;
}

SIGNET_DECL json_writer& json_writer::value(json_value const& value) {
    switch (value.kind()) {
    case json_kind::null: return null();
    case json_kind::boolean: return boolean(*value.as_bool());
    case json_kind::integer:
    case json_kind::number: return raw(value.number_text());
    case json_kind::string: return string(*value.as_string());
    case json_kind::array:
        begin_array();
        for (auto const element : value) this->value(element); // as deep as the reader's limit at most
        return end_array();
    case json_kind::object:
        begin_object();
        for (auto const member : value) name(member.name()).value(member);
        return end_object();
    }
    return *this;
}

SIGNET_DECL result<std::string_view> json_writer::finish() const noexcept {
    if (has_failed_) return failed_;
    if (depth_ != 0 || !comma_) return errc::malformed_json;
    return out_->finish();
}

}}} // namespace signet::codec

// SPDX-License-Identifier: BSL-1.0
// RFC 9651 section 4.1, serialising: one function an algorithm.
#pragma once

#include <signet/http/impl/structured_syntax.hpp>
#include <signet/http/structured_field.hpp>

#include <charconv>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace sf {

namespace detail {

// --- serialising -----------------------------------------------------------------------------------------------------

class writer {
public:
    explicit writer(output& out) noexcept : out_{out}, before_{out.size()} {}

    // 4.1.1
    result<void> put(list const& members) {
        for (auto const& one : members) {
            if (&one != &members.front()) out_.append(", ");
            if (auto bad = put(one); !bad) return bad;
        }
        return {};
    }

    // 4.1.2
    result<void> put(dictionary const& members) {
        bool first = true;
        for (auto const& [key, value] : members) {
            if (!first) out_.append(", ");
            first = false;
            if (auto bad = put_key(key); !bad) return bad;
            if (!value.is_inner_list && value.value.as_boolean() == true) {
                if (auto bad = put(value.params); !bad) return bad;
            } else {
                out_.append('=');
                if (auto bad = put(value); !bad) return bad;
            }
        }
        return {};
    }

    // 4.1.3
    result<void> put(item const& one) {
        if (auto bad = put(one.value); !bad) return bad;
        return put(one.params);
    }

    // What was written, or that a buffer was too small for it.
    result<std::string_view> finish(result<void> done) const noexcept {
        if (!done) return done.error();
        auto const all = out_.finish();
        if (!all) return all.error();
        return all->substr(before_);
    }

private:
    // 4.1.1.1
    result<void> put(member const& one) {
        if (!one.is_inner_list) {
            if (auto bad = put(one.value); !bad) return bad;
            return put(one.params);
        }
        out_.append('(');
        for (auto const& inner : one.items) {
            if (&inner != &one.items.front()) out_.append(' ');
            if (auto bad = put(inner); !bad) return bad;
        }
        out_.append(')');
        return put(one.params);
    }

    // 4.1.1.2
    result<void> put(parameters const& params) {
        for (auto const& [key, value] : params) {
            out_.append(';');
            if (auto bad = put_key(key); !bad) return bad;
            if (value.as_boolean() == true) continue;
            out_.append('=');
            if (auto bad = put(value); !bad) return bad;
        }
        return {};
    }

    // 4.1.1.3
    result<void> put_key(std::string_view key) {
        if (key.empty() || !is_key_start(key.front())) return errc::malformed_header_field;
        for (char c : key)
            if (!is_key_char(c)) return errc::malformed_header_field;
        out_.append(key);
        return {};
    }

    // 4.1.3.1
    result<void> put(bare_item const& value) {
        switch (value.kind()) {
        case kind::integer: return put_integer(*value.as_integer());
        case kind::decimal: return put_decimal(*value.as_decimal());
        case kind::string: return put_string(*value.as_string());
        case kind::token: return put_token(*value.as_token());
        case kind::byte_sequence: return put_byte_sequence(*value.as_byte_sequence());
        case kind::boolean: return out_.append(*value.as_boolean() ? "?1" : "?0"), result<void>{};
        case kind::date: return out_.append('@'), put_integer(*value.as_date());
        case kind::display_string: return put_display_string(*value.as_display_string());
        }
        return errc::malformed_header_field;
    }

    // 4.1.4
    result<void> put_integer(std::int64_t value) {
        if (value < -max_integer || value > max_integer) return errc::out_of_range;
        char digits[20];
        auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out_.append({digits, static_cast<std::size_t>(end - digits)});
        return {};
    }

    // 4.1.5
    result<void> put_decimal(decimal value) {
        if (value.thousandths < -max_integer || value.thousandths > max_integer) return errc::out_of_range;
        if (value.thousandths < 0) out_.append('-');
        auto const size = value.thousandths < 0 ? -value.thousandths : value.thousandths;
        if (auto bad = put_integer(size / 1000); !bad) return bad;
        auto const rest = static_cast<int>(size % 1000);
        char const fraction[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                                 static_cast<char>('0' + rest % 10)};
        out_.append({fraction, rest % 10 != 0 ? 4u : rest % 100 != 0 ? 3u : 2u});
        return {};
    }

    // 4.1.6
    result<void> put_string(std::string_view text) {
        out_.append('"');
        for (char c : text) {
            if (!is_printable(c)) return errc::malformed_header_field;
            if (c == '"' || c == '\\') out_.append('\\');
            out_.append(c);
        }
        out_.append('"');
        return {};
    }

    // 4.1.7
    result<void> put_token(std::string_view text) {
        if (text.empty() || !is_token_start(text.front())) return errc::malformed_header_field;
        for (char c : text)
            if (!is_token_char(c)) return errc::malformed_header_field;
        out_.append(text);
        return {};
    }

    // 4.1.8
    result<void> put_byte_sequence(bytes_view octets) {
        constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        out_.append(':');
        for (std::size_t i = 0; i < octets.size(); i += 3) {
            auto const n = octets.size() - i < 3 ? octets.size() - i : 3;
            std::uint32_t group = 0;
            for (std::size_t k = 0; k != 3; ++k) group = group << 8 | (k < n ? octets[i + k] : 0u);
            char const four[] = {alphabet[group >> 18], alphabet[group >> 12 & 63],
                                 n > 1 ? alphabet[group >> 6 & 63] : '=', n > 2 ? alphabet[group & 63] : '='};
            out_.append({four, 4});
        }
        out_.append(':');
        return {};
    }

    // 4.1.11
    result<void> put_display_string(std::string_view text) {
        constexpr char hex[] = "0123456789abcdef";
        if (!is_utf8(text)) return errc::malformed_header_field;
        out_.append("%\"");
        for (char c : text) {
            if (c == '%' || c == '"' || !is_printable(c)) {
                auto const v = static_cast<unsigned char>(c);
                char const escaped[] = {'%', hex[v >> 4], hex[v & 15]};
                out_.append({escaped, 3});
            } else {
                out_.append(c);
            }
        }
        out_.append('"');
        return {};
    }

    output& out_;
    std::size_t before_;
};

} // namespace detail

SIGNET_DECL result<std::string_view> serialize(item const& value, output& out) {
    detail::writer to{out};
    return to.finish(to.put(value));
}
SIGNET_DECL result<std::string_view> serialize(list const& value, output& out) {
    detail::writer to{out};
    return to.finish(to.put(value));
}
SIGNET_DECL result<std::string_view> serialize(dictionary const& value, output& out) {
    detail::writer to{out};
    return to.finish(to.put(value));
}

}}}} // namespace signet::http::sf

// SPDX-License-Identifier: BSL-1.0
// application/x-www-form-urlencoded, as OAuth uses it in queries and bodies (RFC 6749 appendix B).
#pragma once

#include <signet/core/result.hpp>
#include <signet/http/impl/uri_syntax.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace detail {

/// Adds `name=value`, behind what is there already.
class form_writer {
public:
    explicit form_writer(std::string& out, char first = '\0') noexcept : out_{&out}, next_{first} {}

    form_writer& add(std::string_view name, std::string_view value) {
        if (next_ != '\0') *out_ += next_;
        next_ = '&';
        encode(name);
        *out_ += '=';
        encode(value);
        return *this;
    }
    form_writer& add_unless_empty(std::string_view name, std::string_view value) {
        return value.empty() ? *this : add(name, value);
    }

private:
    void encode(std::string_view text) {
        for (char c : text) {
            if (is_unreserved(c)) {
                *out_ += c;
                continue;
            }
            auto const octet = static_cast<unsigned char>(c);
            *out_ += '%';
            *out_ += "0123456789ABCDEF"[octet >> 4];
            *out_ += "0123456789ABCDEF"[octet & 15];
        }
    }
    std::string* out_;
    char next_;
};

/// The parameters of a query or body, decoded, in their order; each name once.
class form {
public:
    static constexpr std::size_t max_size = 8192, max_parameters = 64;

    static result<form> parse(std::string_view text) {
        if (text.size() > max_size) return errc::header_too_large;
        form f;
        std::size_t at = 0;
        while (at < text.size()) {
            auto const end = std::min(text.find('&', at), text.size());
            auto const piece = text.substr(at, end - at);
            if (!piece.empty()) {
                if (f.all_.size() == max_parameters) return errc::header_too_large;
                auto const middle = std::min(piece.find('='), piece.size());
                auto name = decode(piece.substr(0, middle));
                auto value = decode(middle == piece.size() ? std::string_view{} : piece.substr(middle + 1));
                if (!name || !value || f.find(*name))
                    return error{errc::malformed_uri, at}; // RFC 6749 3.1: not more than once
                f.all_.emplace_back(*std::move(name), *std::move(value));
            }
            at = end + 1;
        }
        return f;
    }

    /// Nothing where there is none; RFC 6749 3.1: one without a value counts as not sent.
    [[nodiscard]] std::string_view operator[](std::string_view name) const noexcept {
        auto const* value = find(name);
        return value ? *value : std::string_view{};
    }

private:
    [[nodiscard]] std::string const* find(std::string_view name) const noexcept {
        for (auto const& [n, v] : all_)
            if (n == name) return &v;
        return nullptr;
    }

    static result<std::string> decode(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i != text.size(); ++i) {
            char const c = text[i];
            if (c == '+') {
                out += ' ';
            } else if (c != '%') {
                if (c <= ' ' || c >= '\x7f')
                    return errc::malformed_uri; // char may be signed: octets from 128 are below
                out += c;
            } else {
                if (text.size() - i < 3 || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
                    return errc::malformed_uri;
                out += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
                i += 2;
            }
        }
        return out;
    }

    std::vector<std::pair<std::string, std::string>> all_;
};

}}}} // namespace signet::http::detail

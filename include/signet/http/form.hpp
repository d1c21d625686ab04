// SPDX-License-Identifier: BSL-1.0
// application/x-www-form-urlencoded: queries and the bodies of forms, as OAuth has them (RFC 6749 appendix B).
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/secret.hpp>
#include <signet/http/impl/uri_syntax.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// Writes the parameters of a form or of a URL's query. Every character except the unreserved ones of RFC 3986 is
/// percent-encoded.
///
/// Lifetime: the text must outlive the writer.
///
/// Example: `std::string body; http::form_writer w{body}; w.add("grant_type", "refresh_token").add("scope", "a b");`
class form_writer {
public:
    /// Appends to `out`. `first` comes before the first parameter: '?' or '&' for a URL.
    explicit form_writer(std::string& out, char first = '\0') noexcept : out_{&out}, next_{first} {}

    /// Adds `name=value`.
    form_writer& add(std::string_view name, std::string_view value) {
        if (next_ != '\0') *out_ += next_;
        next_ = '&';
        encode(name);
        *out_ += '=';
        encode(value);
        return *this;
    }
    /// Adds `name=value` unless the value is empty.
    form_writer& add_unless_empty(std::string_view name, std::string_view value) {
        return value.empty() ? *this : add(name, value);
    }

private:
    void encode(std::string_view text) {
        for (char c : text) {
            if (detail::is_unreserved(c)) {
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

/// The limits of a form: characters, and parameters.
inline constexpr std::size_t max_form_size = 8192, max_form_parameters = 64;

/// The parameters of a query or of a form's body, decoded. Owns its texts, and wipes the values on destruction.
///
/// Example: `auto const form = http::form::parse(body); if (form) log_in((*form)["user"], (*form)["password"]);`
class form {
public:
    /// Reads the text, without the question mark of a URL. Errors: `header_too_large` beyond the limits;
    /// `malformed_uri`, with the offset, for a malformed percent-encoding, for characters that have to be encoded, and
    /// for a name that comes twice (RFC 6749 section 3.1).
    [[nodiscard]] static result<form> parse(std::string_view text) {
        if (text.size() > max_form_size) return errc::header_too_large;
        form f;
        auto const pieces = static_cast<std::size_t>(std::count(text.begin(), text.end(), '&')) + 1;
        f.all_.reserve(std::min(pieces, max_form_parameters)); // moves no text, of which a copy would stay behind
        std::size_t at = 0;
        while (at < text.size()) {
            auto const end = std::min(text.find('&', at), text.size());
            auto const piece = text.substr(at, end - at);
            if (!piece.empty()) {
                if (f.all_.size() == max_form_parameters) return errc::header_too_large;
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

    form(form const&) = delete;
    form& operator=(form const&) = delete;
    form(form&&) noexcept = default;
    form& operator=(form&&) = delete;
    ~form() {
        for (auto& parameter : all_) wipe_text(parameter.second);
    }

    /// Returns the value of that name. Empty if there is none: a parameter without a value counts as not sent (RFC 6749
    /// section 3.1).
    [[nodiscard]] std::string_view operator[](std::string_view name) const& noexcept [[clang::lifetimebound]] {
        auto const* value = find(name);
        return value ? *value : std::string_view{};
    }
    std::string_view operator[](std::string_view name) const&& = delete; // it would refer to what was wiped

private:
    form() = default;

    [[nodiscard]] std::string const* find(std::string_view name) const noexcept {
        for (auto const& [n, v] : all_)
            if (n == name) return &v;
        return nullptr;
    }

    static result<std::string> decode(std::string_view text) {
        std::string out;
        out.reserve(text.size());
        for (std::size_t i = 0; i != text.size(); ++i) {
            char const c = text[i];
            if (c == '+') {
                out += ' ';
            } else if (c != '%') {
                if (c <= ' ' || c >= '\x7f')
                    return errc::malformed_uri; // char may be signed: octets from 128 are below
                out += c;
            } else {
                if (text.size() - i < 3 || detail::hex_value(text[i + 1]) < 0 || detail::hex_value(text[i + 2]) < 0)
                    return errc::malformed_uri;
                out += static_cast<char>(detail::hex_value(text[i + 1]) * 16 + detail::hex_value(text[i + 2]));
                i += 2;
            }
        }
        return out;
    }

    std::vector<std::pair<std::string, std::string>> all_;
};

}}} // namespace signet::http

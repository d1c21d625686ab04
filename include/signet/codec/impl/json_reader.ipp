// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/impl/name_bit.hpp>
#include <signet/codec/impl/utf8.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/core/impl/keyed_hash.hpp>

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <functional>
#include <limits>

#ifndef __cpp_lib_to_chars
#    include <locale.h>
#    include <stdlib.h>
#endif

namespace signet { inline namespace SIGNET_ABI { namespace codec {

namespace detail {

inline constexpr std::size_t max_depth = 32; // bounds Boost.JSON's recursion

/// Boost.JSON's handler: writes one node a value and puts unescaped strings where they stood.
///
/// A string without escapes arrives as a view of the text and stays where it is. One with escapes arrives in pieces
/// from a buffer of the parser; it is written behind the last octet that a node refers to. That lies before the
/// string's opening quote, and what was unescaped so far is never longer than what was read of it, so nothing unread is
/// overwritten.
class index_builder {
public:
    static constexpr std::size_t max_object_size = ~std::size_t{0};
    static constexpr std::size_t max_array_size = ~std::size_t{0};
    static constexpr std::size_t max_key_size = ~std::size_t{0};
    static constexpr std::size_t max_string_size = ~std::size_t{0};

    index_builder(std::span<char> text, std::span<json_node> nodes, json_limits const& limits) noexcept
        : text_{text},
          nodes_{nodes.data()},
          max_members_{limits.max_members},
          max_values_{std::min(limits.max_values, nodes.size())},
          kept_{text.data()} {}

    [[nodiscard]] errc reason() const noexcept { return reason_; }
    [[nodiscard]] bool refused() const noexcept { return refused_; }
    [[nodiscard]] std::size_t refused_at(std::size_t read) const noexcept { return refused_at_ ? refused_at_ : read; }

    using error_code = boost::json::error_code;
    using piece = boost::json::string_view;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code& ec) { return open(json_kind::object, ec); }
    bool on_array_begin(error_code& ec) { return open(json_kind::array, ec); }
    bool on_object_end(std::size_t, error_code& ec) {
        if (open_[depth_ - 1].walks > max_walks && has_name_twice(open_[depth_ - 1])) [[unlikely]]
            return refuse(errc::duplicate_json_name, ec);
        return close();
    }
    bool on_array_end(std::size_t, error_code&) { return close(); }

    bool on_key_part(piece s, std::size_t, error_code&) { return take(s); }
    bool on_string_part(piece s, std::size_t, error_code&) { return take(s); }
    // Always inline, as what a member of an object calls is: a large unit leaves the compiler no budget for it.
    [[gnu::always_inline]] bool on_key(piece s, std::size_t, error_code& ec) {
        auto const name = whole_string(s);
        auto& parent = open_[depth_ - 1];
        if (++parent.members > max_members_) return refuse(errc::json_too_many_members, ec);
        auto const bit = name_bit(name);
        if ((parent.seen & bit) != 0 && named_before(parent, name)) return refuse(errc::duplicate_json_name, ec);
        parent.seen |= bit;
        name_at_ = offset(name.data());
        name_size_ = static_cast<std::uint32_t>(name.size());
        return true;
    }
    bool on_string(piece s, std::size_t, error_code& ec) { return add(json_kind::string, whole_string(s), ec); }
    bool on_number_part(piece, error_code&) { return true; } // only for input in pieces
    bool on_int64(std::int64_t, piece s, error_code& ec) { return number(json_kind::integer, s, ec); }
    bool on_uint64(std::uint64_t, piece s, error_code& ec) { return number(json_kind::integer, s, ec); }
    bool on_double(double, piece s, error_code& ec) {
        if (auto const end = end_of_exponent(s); end != s.size()) [[unlikely]] {
            refused_at_ = offset(s.data()) + end;
            return refuse(errc::invalid_json_number, ec);
        }
        return number(json_kind::number, s, ec);
    }
    bool on_bool(bool truth, error_code& ec) {
        if (!add(json_kind::boolean, {text_.data(), 0}, ec)) return false;
        nodes_[used_ - 1].truth = truth;
        return true;
    }
    bool on_null(error_code& ec) { return add(json_kind::null, {text_.data(), 0}, ec); }
    bool on_comment_part(piece, error_code&) { return true; }
    bool on_comment(piece, error_code&) { return true; }

private:
    struct frame {
        std::uint32_t node;
        std::uint32_t members;
        std::uint64_t seen; // one bit a name: a name whose bit is not set yet is new without comparing
        std::uint32_t
            walks; // how often names were compared because their bit was set; more than max_walks: left to the end
    };
    static constexpr std::uint32_t max_walks = 8; // each costs as many comparisons as there are members

    [[gnu::noinline]] bool refuse(errc reason, error_code& ec) {
        reason_ = reason;
        refused_ = true;
        ec = boost::json::make_error_code(boost::json::error::syntax);
        return false;
    }
    std::uint32_t offset(char const* at) const { return static_cast<std::uint32_t>(at - text_.data()); }
    bool inside(char const* at) const {
        return reinterpret_cast<std::uintptr_t>(at) - reinterpret_cast<std::uintptr_t>(text_.data()) < text_.size();
    }

    // A piece of a string. The first may be a view of the text; further ones are put behind it.
    [[gnu::noinline]] bool take(piece s) {
        if (!string_ && inside(s.data())) {
            string_ = text_.data() + offset(s.data());
            string_size_ = s.size();
            return true;
        }
        if (!string_) {
            string_ = kept_;
            string_size_ = 0;
        }
        if (!s.empty()) std::memmove(string_ + string_size_, s.data(), s.size());
        string_size_ += s.size();
        return true;
    }
    // The string that ends with this piece. Nearly every one is a single view of the text, so that path stands in the
    // parser's loop and the other one apart.
    [[gnu::always_inline]] std::string_view whole_string(piece s) {
        if (!string_ && inside(s.data())) [[likely]] {
            kept_ = text_.data() + offset(s.data()) + s.size();
            return {s.data(), s.size()};
        }
        return pieced_string(s);
    }
    [[gnu::noinline]] std::string_view pieced_string(piece s) {
        take(s);
        kept_ = string_ + string_size_;
        string_ = nullptr;
        return {kept_ - string_size_, string_size_};
    }
    [[gnu::always_inline]] bool number(json_kind kind, piece s, error_code& ec) {
        kept_ = text_.data() + offset(s.data()) + s.size();
        return add(kind, {s.data(), s.size()}, ec);
    }
    /// Where an exponent no longer fits an int, else the number's end. Boost.JSON 1.81 looks itself, 1.83 does not.
    static std::size_t end_of_exponent(piece s) noexcept {
        auto at = s.find_first_of("eE");
        if (at == piece::npos) return s.size();
        if (s[++at] == '+' || s[at] == '-') ++at;
        for (int exponent = 0; at != s.size(); ++at) {
            int const digit = s[at] - '0';
            if (exponent > (std::numeric_limits<int>::max() - digit) / 10) break;
            exponent = exponent * 10 + digit;
        }
        return at;
    }
    std::string_view name_of(json_node const& node) const { return {text_.data() + node.name_at, node.name_size}; }
    [[gnu::noinline]] bool named_before(frame& parent, std::string_view name) const {
        if (parent.walks > max_walks || ++parent.walks > max_walks) return false;
        for (auto i = parent.node + 1; i < used_; i = nodes_[i].next)
            if (name_of(nodes_[i]) == name) return true;
        return false;
    }
    // For an object that is complete, whatever names a stranger chose: each is hashed once, or once for every 512 of
    // them.
    [[gnu::noinline]] bool has_name_twice(frame const& object) const {
        constexpr std::size_t slots = 1024;
        auto const seed = signet::detail::process_seed();
        auto const parts = object.members / (slots / 2) + 1;
        for (std::uint64_t part = 0; part != parts; ++part) {
            std::array<std::uint32_t, slots> table{}; // nodes; 0, the root: empty
            std::size_t held = 0;
            for (auto i = object.node + 1; i < used_; i = nodes_[i].next) {
                auto const hash = signet::detail::keyed_hash(seed, name_of(nodes_[i]));
                if ((hash >> 32) % parts != part) continue;
                if (++held == slots) return true; // never, unless a name comes very often
                auto at = static_cast<std::size_t>(hash % slots);
                for (; table[at] != 0; at = (at + 1) % slots)
                    if (name_of(nodes_[table[at]]) == name_of(nodes_[i])) return true;
                table[at] = i;
            }
        }
        return false;
    }
    [[gnu::always_inline]] bool add(json_kind kind, std::string_view text, error_code& ec) {
        if (used_ >= max_values_) [[unlikely]]
            return refuse(errc::json_too_many_members, ec);
        nodes_[used_] = {.name_at = name_at_,
                         .name_size = name_size_,
                         .at = offset(text.data()),
                         .size = static_cast<std::uint32_t>(text.size()),
                         .next = used_ + 1,
                         .kind = kind};
        name_at_ = name_size_ = 0;
        ++used_;
        return true;
    }
    bool open(json_kind kind, error_code& ec) {
        if (depth_ == open_.size()) return refuse(errc::json_too_deep, ec);
        if (!add(kind, {text_.data(), 0}, ec)) return false;
        open_[depth_++] = {.node = used_ - 1, .members = 0, .seen = 0, .walks = 0};
        return true;
    }
    bool close() {
        nodes_[open_[--depth_].node].next = used_;
        return true;
    }

    std::span<char> text_;
    json_node* nodes_;
    std::size_t max_members_;
    std::size_t max_values_;
    char* kept_;             // behind the last octet a node refers to
    char* string_ = nullptr; // the string being taken, where it comes in pieces
    std::size_t string_size_ = 0;
    std::uint32_t name_at_ = 0, name_size_ = 0;
    std::uint32_t used_ = 0;
    std::uint32_t depth_ = 0;
    errc reason_ = errc::malformed_json;
    bool refused_ = false;
    std::size_t refused_at_ = 0;        // where that is not where reading stopped
    std::array<frame, max_depth> open_; // written when an object or array opens
};

/// Whether reading stopped at, or up to three octets behind the start of, something that is not UTF-8. It may have
/// stopped inside of a character that is.
inline bool ill_formed_near(std::string_view text, std::size_t at) noexcept {
    bool inside = false;
    for (std::size_t back = 1; back <= 3 && back <= at; ++back) {
        auto const size = utf8_sequence(text.substr(at - back));
        if (size == 0 && static_cast<unsigned char>(text[at - back]) >= 0xc0) return true;
        inside = inside || size > back;
    }
    return !inside && at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80 &&
           utf8_sequence(text.substr(at)) == 0;
}

} // namespace detail

SIGNET_DECL result<json_value> parse_json(std::span<char> text, std::span<json_node> nodes, json_limits const& limits) {
    if (text.size() > limits.max_size || text.size() >= UINT32_MAX) return errc::json_too_large;
    if (text.empty()) return errc::malformed_json;

    boost::json::parse_options options;
    options.max_depth = std::min(limits.max_depth, detail::max_depth);
    boost::json::basic_parser<detail::index_builder> parser{options, text, nodes, limits};
    boost::json::error_code ec;
    auto const read = parser.write_some(false, text.data(), text.size(), ec);
    auto const& handler = parser.handler();
    if (ec) [[unlikely]] {
        if (handler.refused()) return error{handler.reason(), handler.refused_at(read)};
        if (ec == boost::json::error::too_deep) return error{errc::json_too_deep, read};
        if (ec == boost::json::error::exponent_overflow) return error{errc::invalid_json_number, read};
        return error{detail::ill_formed_near({text.data(), text.size()}, read) ? errc::json_not_utf8
                                                                               : errc::malformed_json,
                     read};
    }
    if (read != text.size()) return error{errc::malformed_json, read};
    return json_value{text.data(), nodes.data(), 0};
}

SIGNET_DECL result<json_document> json_document::parse(std::string_view text, json_limits const& limits) {
    if (text.size() > limits.max_size) return errc::json_too_large;
    json_document document;
    document.text_.assign(text.begin(), text.end());
    // Two octets a value at the least, but for the first: what a text of this size can hold is bounded by that.
    document.nodes_.resize(std::min(limits.max_values, text.size() / 2 + 1));
    auto const root = parse_json(document.text_, document.nodes_, limits);
    if (!root) return root.error();
    return document;
}

SIGNET_DECL json_document::~json_document() { wipe({reinterpret_cast<std::uint8_t*>(text_.data()), text_.size()}); }

SIGNET_DECL json_value json_document::root() const noexcept { return {text_.data(), nodes_.data(), 0}; }

SIGNET_DECL bool_result json_value::as_bool() const noexcept {
    if (kind() != json_kind::boolean) return errc::json_wrong_type;
    return all_[index_].truth;
}

namespace detail {
using std::from_chars;

#ifndef __cpp_lib_to_chars // libc++ before 20 has from_chars for integers only
inline std::from_chars_result from_chars(char const* first, char const* last, double& number) noexcept {
    constexpr std::ptrdiff_t max_digits = 1023; // more digits than any double needs to be rounded correctly
    if (last - first > max_digits) return {first, std::errc::result_out_of_range};
    char text[max_digits + 1] = {};
    std::copy(first, last, text);
    auto const c_locale = newlocale(LC_ALL_MASK, "C", nullptr); // not the process's: it may write 0,5
    if (!c_locale) return {first, std::errc::not_enough_memory};
    char* end = text;
    number = strtod_l(text, &end, c_locale);
    freelocale(c_locale);
    auto const exponent = std::find_if(first, last, [](char c) { return c == 'e' || c == 'E'; });
    bool const lost = number == 0 && std::any_of(first, exponent, [](char c) { return c >= '1' && c <= '9'; });
    if (lost || number > std::numeric_limits<double>::max() || number < std::numeric_limits<double>::lowest())
        return {first, std::errc::result_out_of_range};
    return {first + (end - text), std::errc{}};
}
#endif

template <class N> result<N> exact_number(json_value const& value) noexcept {
    auto text = value.number_text();
    if (text.empty()) return errc::json_wrong_type;
    if (std::is_integral_v<N> && value.kind() != json_kind::integer) return errc::invalid_json_number;
    if (std::is_unsigned_v<N> && text == "-0") text.remove_prefix(1);
    N number{};
    auto const end = text.data() + text.size();
    auto const [at, ec] = from_chars(text.data(), end, number);
    if (ec != std::errc{} || at != end) return errc::invalid_json_number;
    return number;
}
} // namespace detail

SIGNET_DECL result<std::int64_t> json_value::as_int64() const noexcept {
    return detail::exact_number<std::int64_t>(*this);
}
SIGNET_DECL result<std::uint64_t> json_value::as_uint64() const noexcept {
    return detail::exact_number<std::uint64_t>(*this);
}
SIGNET_DECL result<double> json_value::as_double() const noexcept { return detail::exact_number<double>(*this); }

SIGNET_DECL result<json_value> json_value::find(std::string_view member) const noexcept {
    if (!is_object()) return errc::json_wrong_type;
    for (auto const value : *this)
        if (value.name() == member) return value;
    return errc::json_member_missing;
}

SIGNET_DECL std::size_t json_value::size() const noexcept {
    return static_cast<std::size_t>(std::distance(begin(), end()));
}

}}} // namespace signet::codec

// SPDX-License-Identifier: BSL-1.0
// Writing Cache-Control, Clear-Site-Data and Vary.
#pragma once

#include <signet/http/cache_control.hpp>
#include <signet/http/cookie_syntax.hpp>

#include <algorithm>
#include <charconv>

namespace signet { inline namespace SIGNET_ABI { namespace http {

namespace detail {

// The part of `out` that was written since it had `before` characters.
inline result<std::string_view> written_since(output const& out, std::size_t before) noexcept {
    auto const all = out.finish();
    if (!all) return all.error();
    return all->substr(before);
}

// Joins the members of a list with ", ".
class list_writer {
public:
    explicit list_writer(output& out) noexcept : out_{out} {}
    void add(std::string_view piece) {
        if (!first_) out_.append(", ");
        first_ = false;
        out_.append(piece);
    }
    [[nodiscard]] bool empty() const noexcept { return first_; }

private:
    output& out_;
    bool first_ = true;
};

inline void put_number(std::int64_t value, output& out) {
    char digits[20];
    auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append({digits, static_cast<std::size_t>(end - digits)});
}

} // namespace detail

SIGNET_DECL result<std::string_view> add_vary(std::string_view existing, std::string_view name, output& out) {
    if (name != "*" && !detail::is_token(name)) return errc::malformed_header_field;
    bool listed = false, any = false;
    for (std::size_t start = 0; start <= existing.size();) {
        auto const end = std::min(existing.find(',', start), existing.size());
        auto const one = detail::trim_blanks(existing.substr(start, end - start));
        if (!one.empty() && !detail::is_token(one)) return error{errc::malformed_header_field, start};
        listed = listed || one == "*" || detail::equal_ignoring_case(one, name);
        any = any || !one.empty();
        start = end + 1;
    }
    auto const before = out.size();
    if (any) out.append(existing);
    if (!listed) {
        if (any) out.append(", ");
        out.append(name);
    }
    return detail::written_since(out, before);
}

SIGNET_DECL result<std::string_view> write_clear_site_data(site_data kinds, output& out) {
    static constexpr struct {
        site_data kind;
        std::string_view text;
    } names[] = {{site_data::cookies, "\"cookies\""},
                 {site_data::storage, "\"storage\""},
                 {site_data::cache, "\"cache\""},
                 {site_data::execution_contexts, "\"executionContexts\""},
                 {site_data::all, "\"*\""}};
    auto const before = out.size();
    detail::list_writer list{out};
    for (auto const& [kind, text] : names)
        if ((static_cast<unsigned>(kinds) & static_cast<unsigned>(kind)) != 0) list.add(text);
    if (list.empty()) return errc::header_missing;
    return detail::written_since(out, before);
}

SIGNET_DECL result<std::string_view> cache_control::write(output& out) const {
    if ((public_ && (private_ || no_store)) || (max_age && (no_store || max_age->count() < 0)) ||
        (no_cache && !no_cache_fields.empty()))
        return errc::malformed_header_field;
    if (!std::all_of(no_cache_fields.begin(), no_cache_fields.end(), [](auto f) { return detail::is_token(f); }))
        return errc::malformed_header_field;
    if (!(no_store || no_cache || !no_cache_fields.empty() || private_ || public_ || must_revalidate || no_transform ||
          immutable || max_age))
        return errc::malformed_header_field;

    auto const before = out.size();
    detail::list_writer list{out};
    if (no_store) list.add("no-store");
    if (private_) list.add("private");
    if (public_) list.add("public");
    if (no_cache) list.add("no-cache");
    if (!no_cache_fields.empty()) {
        list.add("no-cache=\"");
        detail::list_writer fields{out};
        for (auto field : no_cache_fields) fields.add(field);
        out.append('"');
    }
    if (must_revalidate) list.add("must-revalidate");
    if (no_transform) list.add("no-transform");
    if (max_age) list.add("max-age="), detail::put_number(max_age->count(), out);
    if (immutable) list.add("immutable");
    return detail::written_since(out, before);
}

}}} // namespace signet::http

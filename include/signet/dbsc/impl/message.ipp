// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/message.hpp>

#include <signet/dbsc/impl/answers.hpp>
#include <signet/http/cookie_syntax.hpp>
#include <signet/http/structured_field.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

SIGNET_DECL std::string_view response::find(std::string_view name) const noexcept {
    for (auto const& f : fields)
        if (http::detail::equal_ignoring_case(f.name, name)) return f.value;
    return {};
}

SIGNET_DECL response try_again_later() { return detail::answer_of(503); }

SIGNET_DECL result<std::string> read_value(std::string_view field, std::size_t max_size) {
    field = http::detail::trim_blanks(field);
    if (field.empty()) return errc::header_missing;
    if (field.size() > max_size + 2) return errc::header_too_large;

    std::string value;
    if (field.front() == '"') {
        auto const item = http::sf::parse_item(field, {.max_size = max_size + 2, .max_params = 4});
        if (!item) return item.error();
        auto const text = item->value.as_string();
        if (!text) return errc::malformed_header_field;
        value = *text;
    } else {
        for (std::size_t i = 0; i != field.size(); ++i)
            if (!http::detail::is_cookie_octet(field[i])) return error{errc::malformed_header_field, i};
        value = field;
    }
    if (value.empty()) return errc::header_missing;
    if (value.size() > max_size) return errc::header_too_large;
    return value;
}

SIGNET_DECL result<std::vector<skipped>> read_skipped(std::string_view field) {
    auto const list =
        http::sf::parse_list(field, {.max_size = 4096, .max_members = 64, .max_items = 1, .max_params = 16});
    if (!list) return error{list.error().code, list.error().at, field_name::secure_session_skipped};
    std::vector<skipped> all;
    for (auto const& member : *list) {
        auto const word = member.is_inner_list ? std::nullopt : member.value.as_token();
        if (!word) return error{errc::malformed_header_field, field_name::secure_session_skipped};
        auto const reason = *word == "unreachable"      ? skip_reason::unreachable
                            : *word == "server_error"   ? skip_reason::server_error
                            : *word == "quota_exceeded" ? skip_reason::quota_exceeded
                                                        : skip_reason::other;
        auto const* id = member.params.find("session_identifier");
        auto const text = id ? id->as_string() : std::nullopt;
        if (id && !text) return error{errc::malformed_header_field, field_name::secure_session_skipped};
        all.push_back({reason, std::string{text.value_or(std::string_view{})}});
    }
    return all;
}

SIGNET_DECL result<std::string> write_challenge(std::string_view challenge, std::string_view session_id) {
    http::sf::item item{http::sf::bare_item{http::sf::string{std::string{challenge}}}};
    item.params.set("id", http::sf::bare_item{http::sf::string{std::string{session_id}}});
    http::sf::list list;
    list.push_back(std::move(item));
    return http::sf::serialize(list);
}

}}} // namespace signet::dbsc

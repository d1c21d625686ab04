// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/impl/words.hpp>
#include <signet/jwt/claims_view.hpp>
#include <signet/jwt/confirmation.hpp>
#include <signet/jwt/impl/numeric_date.ipp>

#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

// ---- string_list ---------------------------------------------------------------------------------------------------

SIGNET_DECL std::size_t string_list::size() const noexcept {
    return value_.is_string() ? 1 : value_.is_array() ? value_.size() : 0;
}

SIGNET_DECL bool string_list::contains(std::string_view text) const noexcept {
    auto const is_it = [&](codec::json_value value) {
        auto const one = value.as_string();
        return one && one->size() == text.size() &&
               (text.empty() || std::memcmp(one->data(), text.data(), text.size()) == 0);
    };
    if (!value_.is_array()) return is_it(value_);
    for (auto const element : value_)
        if (is_it(element)) return true;
    return false;
}

SIGNET_DECL bool has_word(codec::json_value value, std::string_view word) noexcept {
    if (word.empty()) return false;
    auto const words = value.as_string();
    if (!words) return string_list{value}.contains(word);
    return codec::detail::has_word(*words, word);
}

// ---- claims_view ---------------------------------------------------------------------------------------------------

SIGNET_DECL string_list claims_view::audience() const& noexcept {
    return index_->aud ? string_list{codec::json_value{text_, nodes_, index_->aud}} : string_list{};
}

SIGNET_DECL bool claims_view::has_scope(std::string_view scope) const noexcept {
    auto const found = root().find("scope");
    return found && has_word(*found, scope);
}

SIGNET_DECL bool claims_view::has_role(std::string_view role) const noexcept {
    auto const found = root().find("roles");
    return found && !role.empty() && string_list{*found}.contains(role);
}

SIGNET_DECL result<cnf> claims_view::confirmation() const& noexcept { return read_confirmation(root()); }

// ---- dates ---------------------------------------------------------------------------------------------------------

SIGNET_DECL std::optional<numeric_date> claims_view::expires_at() const noexcept {
    return index_->has_exp ? std::optional{index_->exp} : std::nullopt;
}
SIGNET_DECL std::optional<numeric_date> claims_view::not_before() const noexcept {
    return index_->has_nbf ? std::optional{index_->nbf} : std::nullopt;
}
SIGNET_DECL std::optional<numeric_date> claims_view::issued_at() const noexcept {
    return index_->has_iat ? std::optional{index_->iat} : std::nullopt;
}

// ---- values --------------------------------------------------------------------------------------------------------

namespace detail {

SIGNET_DECL error about_claim(errc code, std::string_view name) noexcept { return {code, find_field_name(name)}; }

SIGNET_DECL result<codec::json_value> member_of(codec::json_value object, std::string_view name) noexcept {
    auto const member = object.find(name);
    if (!member)
        return about_claim(member.error() == errc::json_wrong_type ? errc::claim_wrong_type : errc::claim_missing,
                           name);
    if (member->is_null()) return about_claim(errc::claim_missing, name);
    return *member;
}

/// The reader's refusals in the words of claims.
template <class T> result<void> take(result<T> const& read, T& out) noexcept {
    if (!read) return read.error() == errc::json_wrong_type ? errc::claim_wrong_type : errc::out_of_range;
    out = *read;
    return {};
}

SIGNET_DECL result<void> read_value(codec::json_value value, std::string_view& out) noexcept {
    return take(value.as_string(), out);
}
SIGNET_DECL result<void> read_value(codec::json_value value, bool& out) noexcept { return take(value.as_bool(), out); }
SIGNET_DECL result<void> read_value(codec::json_value value, std::int64_t& out) noexcept {
    return take(value.as_int64(), out);
}
SIGNET_DECL result<void> read_value(codec::json_value value, std::uint64_t& out) noexcept {
    return take(value.as_uint64(), out);
}
SIGNET_DECL result<void> read_value(codec::json_value value, double& out) noexcept {
    return take(value.as_double(), out);
}

SIGNET_DECL result<void> read_value(codec::json_value value, codec::json_value& out) noexcept {
    out = value;
    return {};
}
SIGNET_DECL result<void> read_value(codec::json_value value, std::string& out) {
    std::string_view view;
    auto done = read_value(value, view);
    out = view;
    return done;
}

inline result<void> read_date(std::string_view number, numeric_date& out) noexcept {
    if (std::int64_t seconds; ten_digits(number, seconds)) { // what nearly every token has
        out.seconds = unix_time{std::chrono::seconds{seconds}};
        out.nanoseconds = 0;
        out.more = false;
        return {};
    }
    if (number.empty()) return errc::claim_wrong_type;
    return take(parse_numeric_date(number), out);
}

SIGNET_DECL result<void> read_value(codec::json_value value, numeric_date& out) noexcept {
    return read_date(value.number_text(), out);
}

template <class S> result<void> read_strings(codec::json_value value, std::vector<S>& out) {
    out.clear();
    if (auto const one = value.as_string()) {
        out.emplace_back(*one);
        return {};
    }
    if (!value.is_array()) return errc::claim_wrong_type;
    out.reserve(value.size());
    for (auto const element : value) {
        auto const one = element.as_string();
        if (!one) return errc::claim_wrong_type;
        out.emplace_back(*one);
    }
    return {};
}
SIGNET_DECL result<void> read_value(codec::json_value value, std::vector<std::string_view>& out) {
    return read_strings(value, out);
}
SIGNET_DECL result<void> read_value(codec::json_value value, std::vector<std::string>& out) {
    return read_strings(value, out);
}

// ---- registered claims ---------------------------------------------------------------------------------------------

inline bool is_string_or_strings(codec::json_value value) noexcept {
    if (!value.is_array()) return value.is_string();
    for (auto const element : value)
        if (!element.is_string()) return false;
    return true;
}

/// A name of three letters as one number, so that all of them are told apart by one switch.
constexpr std::uint32_t letters(std::string_view name) noexcept {
    auto const letter = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(name[i])); };
    return letter(0) << 16 | letter(1) << 8 | letter(2);
}

inline result<void> index_string(codec::json_value value, std::uint32_t& where) noexcept {
    if (!value.is_string()) return errc::claim_wrong_type;
    where = value.index();
    return {};
}

SIGNET_DECL result<void> index_claims(codec::json_value root, token_index& index) noexcept {
    index.iss = index.sub = index.aud = index.jti = 0;
    index.has_exp = index.has_nbf = index.has_iat = false;
    for (auto const value : root) {
        auto const name = value.name();
        if (name.size() != 3) continue;
        result<void> read;
        switch (letters(name)) {
        case letters("iss"): read = index_string(value, index.iss); break;
        case letters("sub"): read = index_string(value, index.sub); break;
        case letters("jti"): read = index_string(value, index.jti); break;
        case letters("exp"):
            index.has_exp = true;
            read = read_date(value.number_text(), index.exp);
            break;
        case letters("nbf"):
            index.has_nbf = true;
            read = read_date(value.number_text(), index.nbf);
            break;
        case letters("iat"):
            index.has_iat = true;
            read = read_date(value.number_text(), index.iat);
            break;
        case letters("aud"):
            if (!is_string_or_strings(value)) return error{errc::claim_wrong_type, field_name::aud};
            index.aud = value.index();
            break;
        default: break;
        }
        if (!read) return error{read.error().code, find_field_name(name)};
    }
    return {};
}

} // namespace detail

}}} // namespace signet::jwt

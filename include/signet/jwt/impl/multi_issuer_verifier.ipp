// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jwt/multi_issuer_verifier.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail {

/// The `iss` that an unverified payload names, decoded into memory that the verification will write anew.
inline result<std::string_view> peek_issuer(std::string_view text, std::span<char> memory,
                                            std::span<codec::json_node> nodes) {
    auto const token = jose::split_compact(text, memory.size());
    if (!token) return token.error();
    auto const buffer = memory.first(codec::base64url_decoded_size(token->payload.size()));
    auto const size =
        codec::base64url_decode(token->payload, {reinterpret_cast<std::uint8_t*>(buffer.data()), buffer.size()});
    if (!size) return error{errc::wrong_issuer, field_name::iss};
    auto const root = codec::parse_json(buffer.first(*size), nodes, {.max_size = *size});
    if (!root) return error{errc::wrong_issuer, field_name::iss};
    auto const issuer = root->find("iss");
    if (!issuer) return error{errc::wrong_issuer, field_name::iss};
    auto const name = issuer->as_string();
    if (!name) return error{errc::wrong_issuer, field_name::iss};
    return *name;
}

} // namespace detail

SIGNET_DECL result<void> multi_issuer_verifier::add(detail::verifier_handle&& core) {
    auto const& issuer = core.get_policy().issuer;
    if (issuer.waived() || issuer.values().empty()) return error{errc::wrong_issuer, field_name::iss};
    for (auto const& name : issuer.values())
        if (find_named(name)) return error{errc::wrong_issuer, field_name::iss};

    auto const names = issuer.values();
    auto const for_tenants = !core.get_policy().tenant_claim.empty();
    auto const has_place = [&](std::string_view name) { return name.find(tenant_placeholder) != name.npos; };
    auto const shared = std::make_shared<detail::verifier_handle const>(std::move(core));
    auto const by_issuer = [](route const& a, route const& b) { return a.issuer < b.issuer; };
    for (auto const& name : names) {
        auto const first = for_tenants && has_place(name);
        auto const middle = routes_.begin() + static_cast<std::ptrdiff_t>(many_tenants_);
        route fresh{name, shared};
        routes_.insert(first ? std::lower_bound(routes_.begin(), middle, fresh, by_issuer)
                             : std::lower_bound(middle, routes_.end(), fresh, by_issuer),
                       std::move(fresh));
        many_tenants_ += first;
    }
    return {};
}

SIGNET_DECL multi_issuer_verifier::route const* multi_issuer_verifier::find_named(
    std::string_view name) const noexcept {
    auto const middle = routes_.begin() + static_cast<std::ptrdiff_t>(many_tenants_);
    auto const search = [&](auto first, auto last) -> route const* {
        auto const at =
            std::lower_bound(first, last, name, [](route const& r, std::string_view text) { return r.issuer < text; });
        return at != last && at->issuer == name ? &*at : nullptr;
    };
    if (auto const* exact = search(middle, routes_.end())) return exact;
    return search(routes_.begin(), middle);
}

SIGNET_DECL multi_issuer_verifier::route const* multi_issuer_verifier::find_for(
    std::string_view issuer) const noexcept {
    if (auto const* exact = find_named(issuer)) return exact;
    auto const middle = routes_.begin() + static_cast<std::ptrdiff_t>(many_tenants_);
    for (auto many = routes_.begin(); many != middle; ++many)
        if (!detail::tenant_in(issuer, many->issuer).empty()) return &*many;
    return nullptr;
}

/// The most characters that any of the verifiers takes.
inline std::size_t multi_issuer_verifier::max_token() const noexcept {
    std::size_t max_size = 0;
    for (auto const& r : routes_) max_size = std::max(max_size, r.core->get_policy().max_token);
    return max_size;
}

SIGNET_DECL result<multi_issuer_verifier::route const*> multi_issuer_verifier::choose(std::string_view text,
                                                                                      scratch_base& buffer) const {
    using access = detail::token_access;
    if (buffer.held()) return errc::buffer_in_use;
    if (text.size() > max_token()) return errc::token_too_large; // before anything of it is read
    auto const issuer = detail::peek_issuer(text, {access::text(buffer), buffer.capacity()},
                                            {access::nodes(buffer), access::node_capacity(buffer)});
    if (!issuer) return issuer.error();
    auto const* way = find_for(*issuer);
    if (!way) return error{errc::wrong_issuer, field_name::iss};
    return way;
}

SIGNET_DECL result<multi_issuer_verifier::route const*> multi_issuer_verifier::choose(std::string_view text) const {
    auto const max_size = max_token();
    if (text.size() > max_size) return errc::token_too_large;
    std::vector<char> memory(text.size());
    // As many values as the verifier behind will take, but no more than fit the text: each has two octets of the
    // payload.
    std::vector<codec::json_node> nodes(std::min(max_claim_values(max_size), text.size() / 2 + 1));
    auto const issuer = detail::peek_issuer(text, memory, nodes);
    if (!issuer) return issuer.error();
    auto const* way = find_for(*issuer);
    if (!way) return error{errc::wrong_issuer, field_name::iss};
    return way;
}

SIGNET_DECL result<verified> multi_issuer_verifier::verify(std::string_view text, scratch_base& buffer,
                                                           unix_time now) const {
    auto const way = choose(text, buffer);
    if (!way) return way.error();
    return (*way)->core->verify(text, buffer, now);
}

SIGNET_DECL result<token> multi_issuer_verifier::verify(std::string_view text, unix_time now) const {
    auto const way = choose(text);
    if (!way) return way.error();
    return (*way)->core->verify(text, now);
}

SIGNET_DECL result<void> multi_issuer_verifier::swap(std::string_view issuer, jose::any_key_set keys) {
    auto const* way = find_named(issuer);
    if (!way) return error{errc::wrong_issuer, field_name::iss};
    if (keys.accepted() != way->core->accepted()) return errc::algorithm_not_allowed;
    way->core->swap(std::make_shared<jose::any_key_set const>(std::move(keys)));
    return {};
}

SIGNET_DECL result<std::shared_ptr<jose::any_key_set const>> multi_issuer_verifier::keys(
    std::string_view issuer) const {
    auto const* way = find_named(issuer);
    if (!way) return error{errc::wrong_issuer, field_name::iss};
    return way->core->keys();
}

SIGNET_DECL std::size_t multi_issuer_verifier::prepare(preparation const& how) {
    std::size_t made = 0;
    for (auto const& r : routes_) made += r.core->prepare(how); // of several routes to one verifier the first does it
    return made;
}

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jwt/multi_issuer_verifier.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <shared_mutex>

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

struct multi_issuer_verifier::table {
    struct route {
        std::string issuer;
        handle to;
    };
    std::shared_mutex mutex; // held for a look or an insertion, never during a verification
    std::vector<handle> all;
    std::vector<route> routes;             // those for many tenants first, then the others; each sorted by issuer
    std::size_t many_tenants{};            // how many of the first kind
    std::atomic<std::size_t> max_token{0}; // the most characters that any of the verifiers takes

    auto middle() const noexcept { return routes.begin() + static_cast<std::ptrdiff_t>(many_tenants); }

    route const* find(std::string_view name) const noexcept {
        auto const search = [&](auto first, auto last) -> route const* {
            auto const at = std::lower_bound(first, last, name,
                                             [](route const& r, std::string_view text) { return r.issuer < text; });
            return at != last && at->issuer == name ? &*at : nullptr;
        };
        if (auto const* exact = search(middle(), routes.end())) return exact;
        return search(routes.begin(), middle());
    }
};

SIGNET_DECL multi_issuer_verifier::multi_issuer_verifier() : table_{std::make_unique<table>()} {}
SIGNET_DECL multi_issuer_verifier::multi_issuer_verifier(multi_issuer_verifier&&) noexcept = default;
SIGNET_DECL multi_issuer_verifier& multi_issuer_verifier::operator=(multi_issuer_verifier&&) noexcept = default;
SIGNET_DECL multi_issuer_verifier::~multi_issuer_verifier() = default;

SIGNET_DECL result<void> multi_issuer_verifier::add(handle fresh) {
    auto const& policy = fresh->core.get_policy();
    if (policy.issuer.waived() || policy.issuer.values().empty()) return error{errc::wrong_issuer, field_name::iss};
    auto const for_tenants = !policy.tenant_claim.empty();
    auto const has_place = [&](std::string_view name) { return name.find(tenant_placeholder) != name.npos; };
    auto const by_issuer = [](table::route const& a, table::route const& b) { return a.issuer < b.issuer; };

    std::unique_lock lock{table_->mutex};
    for (auto const& name : policy.issuer.values())
        if (table_->find(name)) return error{errc::wrong_issuer, field_name::iss};
    for (auto const& name : policy.issuer.values()) {
        auto const first = for_tenants && has_place(name);
        auto& routes = table_->routes;
        table::route way{name, fresh};
        routes.insert(first ? std::lower_bound(routes.cbegin(), table_->middle(), way, by_issuer)
                            : std::lower_bound(table_->middle(), routes.cend(), way, by_issuer),
                      std::move(way));
        table_->many_tenants += first;
    }
    table_->max_token = std::max(table_->max_token.load(), policy.max_token);
    table_->all.push_back(std::move(fresh));
    return {};
}

SIGNET_DECL std::vector<multi_issuer_verifier::handle> multi_issuer_verifier::handles() const {
    std::shared_lock lock{table_->mutex};
    return table_->all;
}

SIGNET_DECL void multi_issuer_verifier::visit(void (*f)(entry&, void*), void* with) const {
    std::shared_lock lock{table_->mutex};
    for (auto const& one : table_->all) f(*one, with);
}

SIGNET_DECL result<multi_issuer_verifier::handle> multi_issuer_verifier::find_named(std::string_view name) const {
    std::shared_lock lock{table_->mutex};
    if (auto const* way = table_->find(name)) return way->to;
    return error{errc::wrong_issuer, field_name::iss};
}

SIGNET_DECL result<multi_issuer_verifier::handle> multi_issuer_verifier::find_for(std::string_view issuer) const {
    std::shared_lock lock{table_->mutex};
    if (auto const* exact = table_->find(issuer)) return exact->to;
    for (auto many = table_->routes.cbegin(); many != table_->middle(); ++many)
        if (!detail::tenant_in(issuer, many->issuer).empty()) return many->to;
    return error{errc::wrong_issuer, field_name::iss};
}

SIGNET_DECL result<multi_issuer_verifier::handle> multi_issuer_verifier::choose(std::string_view text,
                                                                                scratch_base& buffer) const {
    using access = detail::token_access;
    if (buffer.held()) return errc::buffer_in_use;
    if (text.size() > table_->max_token) return errc::token_too_large; // before anything of it is read
    auto const issuer = detail::peek_issuer(text, {access::text(buffer), buffer.capacity()},
                                            {access::nodes(buffer), access::node_capacity(buffer)});
    if (!issuer) return issuer.error();
    return find_for(*issuer);
}

SIGNET_DECL result<multi_issuer_verifier::handle> multi_issuer_verifier::choose(std::string_view text) const {
    std::size_t const max_size = table_->max_token;
    if (text.size() > max_size) return errc::token_too_large;
    std::vector<char> memory(text.size());
    // As many values as the verifier behind will take, but no more than fit the text: each has two octets of the
    // payload.
    std::vector<codec::json_node> nodes(std::min(max_claim_values(max_size), text.size() / 2 + 1));
    auto const issuer = detail::peek_issuer(text, memory, nodes);
    if (!issuer) return issuer.error();
    return find_for(*issuer);
}

SIGNET_DECL result<verified> multi_issuer_verifier::verify(std::string_view text, scratch_base& buffer,
                                                           unix_time now) const {
    auto const way = choose(text, buffer);
    if (!way) return way.error();
    return (*way)->core.verify(text, buffer, now);
}

SIGNET_DECL result<token> multi_issuer_verifier::verify(std::string_view text, unix_time now) const {
    auto const way = choose(text);
    if (!way) return way.error();
    return (*way)->core.verify(text, now);
}
SIGNET_DECL result<token> multi_issuer_verifier::verify(std::string_view text, unix_time now,
                                                        detail::key_wait& later) const {
    auto const way = choose(text);
    if (!way) return way.error();
    return (*way)->core.verify(text, now, &later);
}

SIGNET_DECL unix_time multi_issuer_verifier::refresh(unix_time now) {
    auto next = latest_time;
    for (auto const& one : handles()) next = std::min(next, one->core.refresh(now));
    return next;
}

SIGNET_DECL result<void> multi_issuer_verifier::swap(std::string_view issuer, jose::any_key_set keys) {
    auto const way = find_named(issuer);
    if (!way) return way.error();
    auto const& core = (*way)->core;
    if (keys.accepted() != core.accepted()) return errc::algorithm_not_allowed;
    core.swap(std::make_shared<jose::any_key_set const>(std::move(keys)));
    return {};
}

SIGNET_DECL result<std::shared_ptr<jose::any_key_set const>> multi_issuer_verifier::keys(
    std::string_view issuer) const {
    auto const way = find_named(issuer);
    if (!way) return way.error();
    return (*way)->core.keys();
}

SIGNET_DECL std::size_t multi_issuer_verifier::prepare(preparation const& how) {
    std::size_t made = 0;
    for (auto const& one : handles()) made += one->core.prepare(how);
    return made;
}

}}} // namespace signet::jwt

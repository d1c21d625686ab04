// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jwt/by_issuer.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail {

/// The `iss` that an unverified payload names, decoded into memory that the verification will write anew.
inline result<std::string_view> peek_issuer(std::string_view text, std::span<char> memory,
                                            std::span<codec::json_node> nodes) {
    auto const token = jose::split_compact(text, memory.size());
    if (!token) return token.error();
    auto const room = memory.first(codec::base64url_decoded_size(token->payload.size()));
    auto const size =
        codec::base64url_decode(token->payload, {reinterpret_cast<std::uint8_t*>(room.data()), room.size()});
    if (!size) return error{errc::wrong_issuer, field_name::iss};
    auto const root = codec::parse_json(room.first(*size), nodes, {.max_size = *size});
    if (!root) return error{errc::wrong_issuer, field_name::iss};
    auto const issuer = root->find("iss");
    if (!issuer) return error{errc::wrong_issuer, field_name::iss};
    auto const name = issuer->as_string();
    if (!name) return error{errc::wrong_issuer, field_name::iss};
    return *name;
}

} // namespace detail

SIGNET_DECL result<void> by_issuer::add(detail::verifier_handle&& core) {
    auto const& issuer = core.rules().issuer;
    if (issuer.waived() || issuer.values().empty()) return error{errc::wrong_issuer, field_name::iss};
    for (auto const& name : issuer.values())
        if (find(name)) return error{errc::wrong_issuer, field_name::iss};

    auto const names = issuer.values();
    auto const shared = std::make_shared<detail::verifier_handle const>(std::move(core));
    for (auto const& name : names) routes_.push_back({name, shared});
    std::sort(routes_.begin(), routes_.end(), [](route const& a, route const& b) { return a.issuer < b.issuer; });
    return {};
}

SIGNET_DECL detail::verifier_handle const* by_issuer::find(std::string_view issuer) const noexcept {
    auto const at = std::lower_bound(routes_.begin(), routes_.end(), issuer,
                                     [](route const& r, std::string_view name) { return r.issuer < name; });
    return at != routes_.end() && at->issuer == issuer ? at->core.get() : nullptr;
}

/// The most characters that any of the verifiers takes.
inline std::size_t by_issuer::largest_token() const noexcept {
    std::size_t largest = 0;
    for (auto const& r : routes_) largest = std::max(largest, r.core->rules().max_token);
    return largest;
}

SIGNET_DECL result<verified> by_issuer::verify(std::string_view text, any_scratch& room, unix_time now) const {
    using access = detail::token_access;
    if (room.held()) return errc::buffer_in_use;
    if (text.size() > largest_token()) return errc::token_too_large; // before anything of it is read
    auto const issuer = detail::peek_issuer(text, {access::text(room), room.capacity()},
                                            {access::nodes(room), access::node_capacity(room)});
    if (!issuer) return issuer.error();
    auto const* core = find(*issuer);
    if (!core) return error{errc::wrong_issuer, field_name::iss};
    return core->verify(text, room, now);
}

SIGNET_DECL result<token> by_issuer::verify(std::string_view text, unix_time now) const {
    auto const largest = largest_token();
    if (text.size() > largest) return errc::token_too_large;
    std::vector<char> memory(text.size());
    // As many values as the verifier behind will take, but no more than fit the text: each has two octets of the
    // payload.
    std::vector<codec::json_node> nodes(std::min(max_claim_values(largest), text.size() / 2 + 1));
    auto const issuer = detail::peek_issuer(text, memory, nodes);
    if (!issuer) return issuer.error();
    auto const* core = find(*issuer);
    if (!core) return error{errc::wrong_issuer, field_name::iss};
    return core->verify(text, now);
}

SIGNET_DECL result<void> by_issuer::swap(std::string_view issuer, jose::key_list keys) {
    auto const* core = find(issuer);
    if (!core) return error{errc::wrong_issuer, field_name::iss};
    if (keys.accepted() != core->accepted()) return errc::algorithm_not_allowed;
    core->swap(std::make_shared<jose::key_list const>(std::move(keys)));
    return {};
}

SIGNET_DECL std::size_t by_issuer::prepare(preparation const& how) {
    std::size_t made = 0;
    for (auto const& r : routes_) made += r.core->prepare(how); // of several routes to one verifier the first does it
    return made;
}

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
// EXPECT: decomposes into 16 elements
// A policy's fingerprint is taken over its members by name: one that is added has to be named there.
#include <signet/jwt/policy.hpp>

using namespace signet;

// jwt::policy again, and with CONTROL as it is.
struct policy {
    jwt::must_be issuer, audience, type, subject;
    std::chrono::seconds leeway, max_ahead;
    std::optional<std::chrono::seconds> max_age;
    std::vector<std::string> required;
    std::vector<jwt::claim_rule> claim_rules;
    std::string tenant_claim;
    jwt::expiry_rule expiry;
    std::size_t max_token;
    bool (*check)(jwt::claims_view const& claims) noexcept;
    bool prepared_keys;
    std::size_t max_table_bytes;
#ifndef CONTROL
    bool added;
#endif
};

std::size_t count(policy const& rules) {
    return jwt::detail::with_members(rules, [](auto const&... members) { return sizeof...(members); });
}
std::size_t count(jwt::policy const& rules) {
    return jwt::detail::with_members(rules, [](auto const&... members) { return sizeof...(members); });
}

// SPDX-License-Identifier: BSL-1.0
// The members of a policy, all of them: a policy with one more does not compile here until it is named.
#pragma once

#include <signet/version.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

/// Calls `f` with every member of `rules`, a `policy`; a template so that a test can try a type with one more.
template <class Policy, class F> constexpr decltype(auto) with_members(Policy const& rules, F&& f) {
    auto const& [issuer, audience, type, subject, leeway, max_age, required, expiry, max_token, check, prepared_keys] =
        rules;
    return f(issuer, audience, type, subject, leeway, max_age, required, expiry, max_token, check, prepared_keys);
}

}}}} // namespace signet::jwt::detail

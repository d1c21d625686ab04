// SPDX-License-Identifier: BSL-1.0
// An issuer's JWK set (RFC 7517 section 5) that a verifier follows: your function fetches, the verifier says when.
#pragma once

#include <signet/core/error.hpp>
#include <signet/core/shared_function.hpp>
#include <signet/core/time.hpp>
#include <signet/jose/jwk_set.hpp>
#include <signet/jwt/verified.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// How long the keys of an issuer are used, and when they are fetched. The defaults suit issuers that publish a new key
/// an hour before they sign with it, and those that sign at once.
struct key_source_policy {
    std::chrono::seconds default_freshness{600}; ///< if the answer has no Cache-Control max-age
    std::chrono::seconds min_freshness{60};      ///< a shorter max-age counts as this
    std::chrono::seconds max_freshness{86'400};  ///< a longer max-age counts as this
    /// How long before the end of freshness `refresh` fetches; at most half of the freshness.
    std::chrono::seconds refresh_ahead{60};
    std::chrono::seconds unknown_kid_cooldown{10}; ///< between two fetches caused by unknown key ids, on average
    std::uint32_t unknown_kid_burst = 5;           ///< how many of them may come at once after a quiet time
    std::chrono::seconds first_retry{5};           ///< after a failed fetch; doubles with each further failure
    std::chrono::seconds max_retry{300};           ///< the longest time between attempts
    std::chrono::seconds fetch_timeout{30};        ///< a fetch without an answer for this long counts as failed
    std::chrono::seconds stale_limit{86'400};      ///< how long keys are used after their freshness while fetches fail
    /// How long a key that left the set is still accepted; 0: not at all. For tokens without a `kid` that holds of the
    /// last ones that left, as far as four keys go.
    std::chrono::seconds removed_key_grace{0};
    std::size_t max_waiting = 1024; ///< tokens that wait for a fetch at a time; others get an error at once
};

/// What the issuer's server answered to the request for its JWK set.
struct key_response {
    int status = 0;                   ///< of HTTP; 0: there was no answer. Any other than 200 is a failure.
    std::string_view body{};          ///< the JWK set
    std::string_view cache_control{}; ///< the field `Cache-Control`, empty if there was none
    /// The field `Age`, empty if there was none: how long a cache before the server had the answer (RFC 9111 section
    /// 5.1). The keys are fresh for that much less.
    std::string_view age{};
};

namespace detail {
class key_follower; // jwt/impl
}

/// A fetch that has begun. Call `finish` with the answer, before `key_source::fetch` returns or later from any thread.
///
/// If it is destroyed without an answer, the fetch has failed. It may outlive the verifier.
class key_fetch {
public:
    /// Takes the server's answer and uses its keys from then on. Calls the functions that wait for them: see
    /// `verifier::verify_later`.
    ///
    /// Errors, which you may log: `key_source_unavailable` for a status other than 200; those of
    /// `jose::parse_key_list`. The fetch has failed then, and the former keys stay in use.
    SIGNET_DECL result<void> finish(key_response const& response, unix_time now);

    SIGNET_DECL key_fetch(key_fetch&&) noexcept;
    SIGNET_DECL key_fetch& operator=(key_fetch&&) noexcept;
    SIGNET_DECL ~key_fetch();

private:
    friend class detail::key_follower;
    key_fetch(std::shared_ptr<detail::key_follower> of, std::uint64_t number, unix_time began) noexcept;
    std::shared_ptr<detail::key_follower> of_;
    std::uint64_t number_;
    unix_time began_;
};

/// The source of an issuer's keys, for a verifier that fetches them itself.
///
/// `fetch` requests the JWK set and calls `finish` of the `key_fetch`, before it returns or later from an HTTP client's
/// callback. Give the client a timeout. Only one fetch runs at a time. `fetch` is called without a lock, on the thread
/// whose token needs keys or that calls `refresh`. If it throws, that caller gets the exception, and the fetch has
/// failed. Without `fetch` every fetch fails.
///
/// Example: `jwt::verifier<es256> access{jwt::key_source{.fetch = [&](jwt::key_fetch keys) { auto answer = get(url);
/// (void)keys.finish({answer.status, answer.body, answer.cache_control, answer.age}, now()); }}, policy};`
struct key_source {
    shared_function<void(key_fetch)> fetch;
    key_source_policy policy{};
    jose::key_set_limits limits{}; ///< of the JWK set
};

namespace detail {

/// What is remembered of a token that may have to wait for keys.
struct key_wait {
    bool known = false;      ///< whether it was asked about already
    std::uint64_t asked = 0; ///< how many fetches had begun when it came
    unix_time now{};         ///< when it goes on
    key_follower* on = nullptr;
    std::uint64_t ended = 0; ///< how many fetches had ended when it began to wait
};

/// A token that waits without a thread.
struct key_waiter {
    shared_function<result<token>(key_wait&)> verify;
    shared_function<void(result<token>)> then;
    key_wait wait{};
};

/// Verifies and calls `then`, now or when the fetch that it waits for has ended.
SIGNET_DECL void run_waiter(key_waiter waiter);

template <class Verify, class Then> void verify_later(unix_time now, Verify verify, Then then) {
    run_waiter({std::move(verify), std::move(then), {.now = now}});
}

using key_list_reader = result<jose::any_key_set> (*)(std::string_view json, algorithm_set accepted,
                                                      jose::key_set_limits const& limits);

} // namespace detail

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/key_source.ipp>
#endif

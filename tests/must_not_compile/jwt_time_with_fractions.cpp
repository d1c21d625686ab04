// SPDX-License-Identifier: BSL-1.0
// EXPECT: floor<std::chrono::seconds>
// WITH: jwt::verifier<es256> const
// WITH: jwt::any_verifier const
// WITH: jwt::caching_verifier<jwt::verifier<es256>> const
// WITH: jwt::multi_issuer_verifier const
// WITH: jwt::thread_verifier
// A clock counts fractions of a second. The compiler says how to leave them out.
#include <signet/jwt/any_verifier.hpp>
#include <signet/jwt/cache.hpp>
#include <signet/jwt/multi_issuer_verifier.hpp>
#include <signet/jwt/verifier.hpp>

using namespace signet;

bool is_good(WITH& access, std::string_view text) {
#ifdef CONTROL
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
#else
    auto const now = std::chrono::system_clock::now();
#endif
    return access.verify(text, now).has_value();
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: stack memory associated with local variable 'buffer'
// ONLY: clang++
// A verified token lives in its scratch. g++ does not see it; then destroying a held scratch ends the program.
#include <signet/jwt/verifier.hpp>

using namespace signet;

#ifdef CONTROL
result<jwt::verified> check(jwt::verifier<es256> const& access, std::string_view text, jwt::scratch_base& buffer,
                            unix_time now) {
#else
result<jwt::verified> check(jwt::verifier<es256> const& access, std::string_view text, unix_time now) {
    jwt::scratch<> buffer;
#endif
    return access.verify(text, buffer, now);
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A thread_verifier reads the verifier that it was made from.
#include <signet/jwt/verifier.hpp>

using namespace signet;

bool is_good(jose::key_set<es256> keys, jwt::policy rules, std::string_view text, unix_time now) {
#ifdef CONTROL
    jwt::verifier const access{std::move(keys), std::move(rules)};
    auto mine = access.make_thread_verifier();
#else
    auto mine = jwt::verifier{std::move(keys), std::move(rules)}.make_thread_verifier();
#endif
    return mine.verify(text, now).has_value();
}

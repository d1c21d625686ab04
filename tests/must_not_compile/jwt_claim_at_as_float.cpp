// SPDX-License-Identifier: BSL-1.0
// EXPECT: is unavailable: claim_at<T> reads
// FIRST LINES
// Of a temporary too.
#include <signet/jwt/verifier.hpp>

using namespace signet;

#ifdef CONTROL
auto ratio(jwt::verifier<es256> const& access, std::string_view text, unix_time now) {
    return access.verify(text, now).value().claim_at<double>({"a", "ratio"});
}
#else
auto ratio(jwt::verifier<es256> const& access, std::string_view text, unix_time now) {
    return access.verify(text, now).value().claim_at<float>({"a", "ratio"});
}
#endif

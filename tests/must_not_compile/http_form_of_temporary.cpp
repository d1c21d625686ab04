// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A form owns the values of its parameters, and wipes them.
#include <signet/http/form.hpp>

using namespace signet;

std::string_view code_of(std::string_view body, std::string& kept) {
#ifdef CONTROL
    auto const form = http::form::parse(body);
    if (form) kept = (*form)["code"];
    return kept;
#else
    (void)kept;
    return http::form::parse(body).value()["code"];
#endif
}

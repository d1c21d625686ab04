// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/result.hpp>

#include <cstdio>
#include <cstdlib>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

SIGNET_DECL void no_value(signet::error why) noexcept {
    auto const code = why.name();
    auto const about = signet::name(why.about);
    auto const width = [](std::string_view text) { return static_cast<int>(text.size()); };
    // Names of this library only: an error holds nothing of the input.
    std::fprintf(stderr, "signet: a result without a value was read as if it had one: %.*s%s%.*s (0x%04x)\n",
                 width(code), code.data(), about.empty() ? "" : " ", width(about), about.data(),
                 static_cast<unsigned>(why.code));
    std::abort();
}

SIGNET_DECL void end_program(char const* what) noexcept {
    std::fprintf(stderr, "signet: %s\n", what);
    std::abort();
}

SIGNET_DECL void no_error() noexcept { end_program("the error of a result that holds a value was read"); }

}}} // namespace signet::detail

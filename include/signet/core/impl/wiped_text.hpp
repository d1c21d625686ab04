// SPDX-License-Identifier: BSL-1.0
// A secret in a std::string.
#pragma once

#include <signet/core/secret.hpp>

#include <string>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

// Wiped when it goes, also by an exception. What it is moved from is wiped, since a short text stands in the string
// itself and is copied.
struct wiped_text {
    wiped_text() = default;
    explicit wiped_text(std::string&& made) noexcept : text{std::move(made)} { wipe_text(made); }
    wiped_text(wiped_text&& other) noexcept : text{std::move(other.text)} { wipe_text(other.text); }
    wiped_text& operator=(wiped_text&&) = delete;
    ~wiped_text() { wipe_text(text); }
    std::string text{};
};

}}} // namespace signet::detail

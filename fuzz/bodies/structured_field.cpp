// SPDX-License-Identifier: BSL-1.0
// Structured fields: what is read can be written, is read again as the same value, and is written as the same text.
#include "require.hpp"

#include <signet/http/structured_field.hpp>

namespace {

using namespace signet;

template <class Value>
void round_trip(std::string_view text, result<Value> (*parse)(std::string_view, http::sf::limits const&)) {
    auto const value = parse(text, {});
    if (!value) {
        require(value.error() == errc::malformed_header_field || value.error() == errc::header_too_large);
        require(value.error().at <= text.size());
        return;
    }
    auto const canonical = http::sf::serialize(*value);
    require(canonical.has_value());
    for (char c : *canonical) require(c >= 0x20 && c < 0x7f);
    auto const again = parse(*canonical, {.max_size = 1u << 24});
    require(again && *again == *value);
    require(*http::sf::serialize(*again) == *canonical);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    round_trip<http::sf::item>(text, http::sf::parse_item);
    round_trip<http::sf::list>(text, http::sf::parse_list);
    round_trip<http::sf::dictionary>(text, http::sf::parse_dictionary);
    return 0;
}

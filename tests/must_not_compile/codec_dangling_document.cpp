// SPDX-License-Identifier: BSL-1.0
// EXPECT: will be destroyed at the end of the full-expression
// ONLY: clang++
// Values of a JSON text view their document.
#include <signet/codec/json_reader.hpp>

using namespace signet;

bool has_members(std::string_view text) {
#ifdef CONTROL
    auto const document = codec::json_document::parse(text);
    auto const& kept = *document;
#else
    auto const& kept = *codec::json_document::parse(text);
#endif
    return kept.root().size() != 0;
}

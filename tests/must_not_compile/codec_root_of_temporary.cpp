// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// The values of a JSON text end with the document that owns it.
#include <signet/codec/json_reader.hpp>

using namespace signet;

bool is_object(std::string_view text) {
#ifdef CONTROL
    auto const document = codec::json_document::parse(text);
    auto const root = document.value().root();
#else
    auto const root = codec::json_document::parse(text).value().root();
#endif
    return root.is_object();
}

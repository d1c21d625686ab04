// What parse_json makes of a text against what plain_json makes of it.
#pragma once

#include "plain_json.hpp"

#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

namespace json_against_plain {

using namespace signet;

inline plain_json::value tree(codec::json_value v) {
    using codec::json_kind;
    plain_json::value out;
    switch (v.kind()) {
    case json_kind::null: out.kind = 'n'; break;
    case json_kind::boolean: out.kind = *v.as_bool() ? 't' : 'f'; break;
    case json_kind::integer: out.kind = 'i', out.text = v.number_text(); break;
    case json_kind::number: out.kind = 'd', out.text = v.number_text(); break;
    case json_kind::string: out.kind = 's', out.text = *v.as_string(); break;
    case json_kind::array: out.kind = 'a'; break;
    case json_kind::object: out.kind = 'o'; break;
    }
    for (auto const below : v) {
        if (v.is_object()) out.names.emplace_back(below.name());
        out.below.push_back(tree(below));
    }
    return out;
}

/// Every character of UTF-8 once: the same rule as in plain_json, on the whole text instead of inside strings.
inline bool all_utf8(std::string_view text) {
    std::string quoted = "\"";
    for (char c : text)
        if (static_cast<unsigned char>(c) >= 0x80) quoted += c;
        else quoted += 'x';
    return plain_json::reader{quoted + "\"", 1, 1}.read().has_value();
}

/// What the two disagree about; empty where they agree. `nodes` is how many values the reader is given room for.
inline std::string disagreement(std::string_view original, std::size_t buffer = std::string::npos) {
    auto const size = original.size();
    auto const text = std::make_unique<char[]>(size); // exactly so long: ASan sees a read past the end
    std::copy(original.begin(), original.end(), text.get());
    auto const count = std::min(buffer, size / 2 + 1);
    auto const nodes = std::make_unique<codec::json_node[]>(count);

    codec::json_limits const limits;
    auto const root = codec::parse_json({text.get(), size}, {nodes.get(), count}, limits);
    plain_json::reader plain{original, static_cast<int>(limits.max_depth), limits.max_members};
    auto const expected = plain.read();

    if (root) {
        if (!expected) return "accepted, and the text is wrong at " + std::to_string(plain.at());
        auto const ours = plain_json::canonical(tree(*root)), theirs = plain_json::canonical(*expected);
        if (ours != theirs) return ours + "\n  instead of\n" + theirs;
        std::string again;
        output out{again};
        codec::json_writer w{out};
        if (!w.value(*root).finish()) return "what was read cannot be written";
        auto const reread = codec::json_document::parse(again);
        if (!reread || plain_json::canonical(tree(reread->root())) != theirs)
            return "written and read again it is " + again;
        if (again.size() > 6 * size) return "written it is far longer";
        return {};
    }

    auto const reason = root.error().code;
    auto const at = root.error().at;
    if (expected && reason == errc::json_too_many_members && (buffer != std::string::npos || size > limits.max_values))
        return {};
    if (expected && !(reason == errc::invalid_json_number && plain.huge_exponent()))
        return "refused as " + std::string{name(reason)} + " at " + std::to_string(at) + ", and it is JSON";
    if (at > size) return "the offset lies behind the text";
    if (reason == errc::duplicate_json_name && !plain.named_twice()) return "no name comes twice";
    if (reason == errc::json_not_utf8 && all_utf8(original)) return "the text is UTF-8";
    if (reason == errc::invalid_json_number && !plain.huge_exponent()) return "no number is out of bounds";
    // A literal and a lone surrogate may be refused where they begin, a pair of escapes at most eleven octets too late.
    if (reason == errc::malformed_json && size < 0xffff && !plain.huge_exponent() && buffer == std::string::npos &&
        (at + 5u < plain.at() || at > plain.at() + 11))
        return "the fault is at " + std::to_string(plain.at()) + ", the offset is " + std::to_string(at);
    return {};
}

} // namespace json_against_plain

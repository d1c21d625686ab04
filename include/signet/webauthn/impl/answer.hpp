// SPDX-License-Identifier: BSL-1.0
// The JSON forms of answers (section 5.1), taken apart as far as both ceremonies have the same members.
#pragma once

#include <signet/webauthn/credential.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_reader.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

/// A member that must be there. For members of an object that may be missing see `optional_member`.
inline result<std::string_view> text_member(codec::json_value object, std::string_view name) noexcept {
    auto const value = object.find(name);
    return value ? value->as_string() : value.error();
}

inline result<bytes> octets_member(codec::json_value object, std::string_view name) {
    auto const text = text_member(object, name);
    if (!text) return text.error();
    return codec::base64url_decode(*text);
}

/// A member that is missing or null counts as null.
inline codec::json_value optional_member(codec::json_value object, std::string_view name) noexcept {
    auto const value = object.find(name);
    return value ? *value : codec::json_value{};
}

/// What answers to both ceremonies begin with.
struct answer {
    codec::json_document document;
    bytes id;

    /// The member "response" of a document that was read.
    [[nodiscard]] codec::json_value response() const { return *document.root().find("response"); }
};

SIGNET_DECL result<answer> read_answer(std::string_view json);

/// The transports of a registration: hints of letters, digits and hyphens, each once, separated by spaces.
SIGNET_DECL result<std::string> read_transports(codec::json_value list);

}}}} // namespace signet::webauthn::detail

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/answer.ipp>
#endif

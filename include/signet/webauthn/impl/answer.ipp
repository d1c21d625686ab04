// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/impl/answer.hpp>

#include <signet/webauthn/judge.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

SIGNET_DECL result<answer> read_answer(std::string_view json) {
    auto document = codec::json_document::parse(json, {.max_size = max_answer});
    if (!document) return document.error();
    auto const root = document->root();
    auto const type = text_member(root, "type"), id = text_member(root, "id"), raw_id = text_member(root, "rawId");
    if (!type) return type.error();
    if (*type != "public-key") return errc::webauthn_credential_type;
    if (!id) return id.error();
    if (!raw_id) return raw_id.error();
    if (auto const same = codec::base64url_decode(*id); !same) return same.error();
    auto octets = codec::base64url_decode(*raw_id);
    if (!octets) return octets.error();
    if (*id != *raw_id || octets->empty() || octets->size() > max_credential_id) return errc::webauthn_credential_id;
    auto const response = root.find("response");
    if (!response) return response.error();
    if (!response->is_object()) return errc::json_wrong_type;
    return answer{*std::move(document), *std::move(octets)};
}

inline bool is_transport(std::string_view word) noexcept {
    return !word.empty() && word.size() <= 32 && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

SIGNET_DECL result<std::string> read_transports(codec::json_value list) {
    std::string words;
    if (list.is_null()) return words;
    if (!list.is_array()) return errc::json_wrong_type;
    for (auto const element : list) {
        auto const word = element.as_string();
        if (!word) return word.error();
        if (!is_transport(*word) || words.size() + 1 + word->size() > max_transports) continue;
        if ((' ' + words + ' ').find(' ' + std::string{*word} + ' ') != std::string::npos) continue;
        if (!words.empty()) words += ' ';
        words += *word;
    }
    return words;
}

}}}} // namespace signet::webauthn::detail

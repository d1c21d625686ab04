// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jose/peek.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

SIGNET_DECL std::string_view peeked::text(codec::json_value object, std::string_view member) noexcept {
    auto const value = object.find(member);
    if (!value) return {};
    auto const text = value->as_string();
    return text ? *text : std::string_view{};
}

SIGNET_DECL result<untrusted<peeked>> peek(std::string_view token, std::size_t max_size) {
    auto const parts = split_compact(token, max_size);
    if (!parts) return parts.error();

    auto const header = codec::base64url_decode(parts->header);
    if (!header) return header.error();
    auto document = codec::json_document::parse(as_text(*header));
    if (!document) return document.error();
    if (!document->root().is_object()) return errc::malformed_header;

    auto const payload = codec::base64url_decode(parts->payload);
    if (!payload) return payload.error();
    peeked seen;
    seen.header_ = *std::move(document);
    if (auto claims = codec::json_document::parse(as_text(*payload)); claims && claims->root().is_object())
        seen.payload_ = *std::move(claims);
    return untrusted<peeked>{std::move(seen)};
}

}}} // namespace signet::jose

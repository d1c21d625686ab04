// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/client_data.hpp>

#include <signet/codec/json_reader.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

SIGNET_DECL result<client_data> read_client_data(bytes_view json) {
    static constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    auto text = as_text(json);
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size()); // "UTF-8 decode" skips it
    auto const document = codec::json_document::parse(text, {.max_size = max_client_data});
    if (!document) return document.error();
    auto const root = document->root();

    client_data data;
    for (auto const& [member, to] :
         {std::pair{"type", &data.type}, {"challenge", &data.challenge}, {"origin", &data.origin}}) {
        auto const text_of = root.find(member).and_then([](codec::json_value v) { return v.as_string(); });
        if (!text_of) return text_of.error();
        *to = *text_of;
    }
    if (auto const cross = root.find("crossOrigin")) {
        auto const truth = cross->as_bool();
        if (!truth.has_value()) return truth.error();
        data.cross_origin = *truth;
    }
    if (auto const top = root.find("topOrigin")) {
        auto const origin = top->as_string();
        if (!origin) return origin.error();
        data.top_origin = *origin;
    }
    return data;
}

SIGNET_DECL result<void> check_client_data(client_data const& data, ceremony which, relying_party const& rp,
                                           std::string_view challenge) {
    if (data.type != (which == ceremony::registration ? "webauthn.create" : "webauthn.get")) return errc::webauthn_type;
    if (challenge.empty() || data.challenge != challenge) return errc::webauthn_challenge;
    if (!rp.accepts(data.origin)) return errc::webauthn_origin;
    if (data.cross_origin && !rp.params().cross_origin) return errc::webauthn_cross_origin;
    if (!data.top_origin) return {};
    if (!data.cross_origin || !detail::is_one_of<std::string_view>(*data.top_origin, rp.params().top_origins))
        return errc::webauthn_top_origin;
    return {};
}

}}} // namespace signet::webauthn

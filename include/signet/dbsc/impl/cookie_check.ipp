// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/cookie_check.hpp>

#include <signet/dbsc/impl/answers.hpp>
#include <signet/dbsc/impl/session_record.hpp>
#include <signet/http/cookie.hpp>
#include <signet/http/own_path.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

SIGNET_DECL cookie_check::cookie_check(policy const& p, std::string_view field, unix_time now) : now_{now} {
    begin(http::cookie_reader{field}.find(p.cookie().name()));
}

SIGNET_DECL cookie_check::cookie_check(policy const& p, std::span<std::string_view const> fields, unix_time now)
    : now_{now} {
    begin(http::cookie_reader{fields}.find(p.cookie().name()));
}

SIGNET_DECL void cookie_check::begin(result<std::string_view> const& value) {
    if (!value) return void(outcome_ = value.error());
    auto const dot = value->rfind('.'); // identifier, dot, secret
    if (dot == std::string_view::npos || dot == 0 || dot > detail::max_id ||
        value->size() - dot - 1 != detail::secret_characters)
        return void(outcome_ = errc::dbsc_cookie_mismatch);
    id_ = value->substr(0, dot);
    hash_ = crypto::sha256(as_bytes(value->substr(dot + 1)));
    ask_ = store::find(detail::session_key(id_), buffer_, now_);
    open_ = true;
}

SIGNET_DECL void cookie_check::answer(store::reply const& reply) {
    open_ = false;
    outcome_ = judge(reply);
}

SIGNET_DECL result<bound_session> cookie_check::judge(store::reply const& reply) const {
    auto const there = reply.done();
    if (!there) return there.error();
    if (!*there) return errc::dbsc_session_unknown;
    auto const session = detail::read_session(reply.record.bytes);
    if (!session) return session.error();
    if (session->state != bound_session_state::live) return session->why_over();

    for (auto const* one : {&session->current, &session->previous}) {
        if (one->until == unix_time{} || !constant_time_equal(one->hash, hash_)) continue;
        if (one->until <= now_) return errc::dbsc_cookie_expired;
        return detail::bound_session_access::make(id_, *session);
    }
    return errc::dbsc_cookie_mismatch;
}

SIGNET_DECL result<response> prove_again(policy const& p, std::string_view location) {
    if (!http::is_own_path(location)) return errc::malformed_header_field;
    auto cookie = p.cookie().remove();
    if (!cookie) return cookie.error();
    auto answer = detail::answer_of(307);
    answer.fields.push_back({"Location", std::string{location}});
    answer.fields.push_back({"Set-Cookie", *std::move(cookie)});
    return answer;
}

}}} // namespace signet::dbsc

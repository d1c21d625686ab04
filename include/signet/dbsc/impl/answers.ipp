// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/impl/answers.hpp>

#include <signet/dbsc/instructions.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

SIGNET_DECL response answer_refused(errc why) {
    auto answer = answer_of(why == errc::wrong_dbsc_method ? 405 : http_status(why, role::dbsc));
    if (why == errc::wrong_dbsc_method) answer.fields.push_back({"Allow", "POST"});
    return answer;
}

SIGNET_DECL response answer_challenge(std::string_view challenge, std::string_view id) {
    auto answer = answer_of(403);
    auto const value = write_challenge(challenge, id);
    if (!value) return answer_of(500);
    answer.fields.push_back({std::string{challenge_field}, *value});
    return answer;
}

SIGNET_DECL response answer_ended(policy const& p, std::string_view id) {
    auto answer = answer_of(200);
    auto const cookie = p.cookie().remove();
    output body{answer.body};
    if (!cookie || !write_end(id, body)) return answer_of(500);
    answer.fields.push_back({"Content-Type", "application/json"});
    answer.fields.push_back({"Set-Cookie", *cookie});
    return answer;
}

SIGNET_DECL response answer_bound(policy const& p, std::string_view id, std::string_view value,
                                  std::string_view next_challenge, bool instructions) {
    auto answer = answer_of(200);
    auto cookie = p.cookie().set(value);
    auto const challenge = write_challenge(next_challenge, id);
    if (!cookie || !challenge) return answer_of(500);
    if (instructions) {
        output body{answer.body};
        if (!write_instructions(p, id, body)) return answer_of(500);
        answer.fields.push_back({"Content-Type", "application/json"});
    }
    answer.fields.push_back({"Set-Cookie", *std::move(cookie)}); // no copy is left
    answer.fields.push_back({std::string{challenge_field}, *challenge});
    return answer;
}

}}}} // namespace signet::dbsc::detail

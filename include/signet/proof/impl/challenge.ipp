// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/challenge.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/jose/jws.hpp>
#include <signet/store/fields.hpp>

#include <array>
#include <optional>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

namespace detail {

inline constexpr std::uint8_t challenge_format = 1, challenge_kind = 'c';
inline constexpr std::size_t challenge_characters = 43; // 32 octets
inline constexpr std::size_t max_challenge_record = 1024, max_challenge_answer = 4096;

inline store::record_key challenge_key(std::string_view text) { return record_key("challenge", {text}); }

} // namespace detail

/// The record of a challenge: the parameters it was issued for.
template <class A> void fields(A& a, store::archived<A, challenge_params>& t) {
    for (auto* term : {&t.purpose, &t.app, &t.user, &t.key_id, &t.session, &t.action})
        a.text(*term, std::string_view::npos); // the buffer limits them
}

// ---- issue: the parameters are read before the first question

SIGNET_DECL store::task<std::string> issue_challenge(challenge_params params, unix_time now,
                                                     std::chrono::seconds lifetime, random_ref rng,
                                                     std::pmr::memory_resource* frames) {
    (void)frames;
    if (params.purpose.empty() || params.app.empty() || lifetime < std::chrono::seconds{1} ||
        lifetime > detail::max_challenge_lifetime)
        co_return errc::out_of_range;
    std::array<std::uint8_t, 32> random;
    rng.fill(random);
    auto text = codec::base64url_encode(random);

    std::array<std::uint8_t, detail::max_challenge_record> buffer;
    std::span<std::uint8_t> target{buffer};
    auto const octets = co_await store::write_fields(params, detail::challenge_format, detail::challenge_kind, target);
    auto const inserted =
        co_await store::insert(detail::challenge_key(text), octets, saturating_add(now, lifetime), now);
    if (!inserted) co_return errc::random_failed; // 32 octets that were there before: no randomness
    co_return text;
}

// ---- sign

SIGNET_DECL result<std::string> detail::challenge_payload(std::string_view challenge, challenge_params const& params) {
    std::string payload;
    output to_payload{payload};
    codec::json_writer w{to_payload};
    w.begin_object().member("challenge", challenge).member("purpose", params.purpose).member("aud", params.app);
    if (!params.action.empty()) w.member("action", params.action);
    w.end_object();
    if (auto good = w.finish(); !good) return good.error();
    return payload;
}

SIGNET_DECL result<std::string> sign_challenge(private_key const& key, alg a, std::string_view challenge,
                                               challenge_params const& params) {
    auto const payload = detail::challenge_payload(challenge, params);
    if (!payload) return payload.error();
    std::string token;
    output to_token{token};
    jose::header_params header;
    header.typ = challenge_type;
    if (auto good = jose::jws_sign(key, a, as_bytes(*payload), header, to_token); !good) return good.error();
    return token;
}

// ---- redeem

namespace detail {

// The parameters, as they are needed after the store's reply.
struct expected_challenge {
    explicit expected_challenge(challenge_params const& t)
        : purpose{t.purpose}, app{t.app}, user{t.user}, key_id{t.key_id}, session{t.session}, action{t.action} {}

    // What was not known at issue binds nothing.
    bool matches(challenge_params const& issued) const noexcept {
        return issued.purpose == purpose && issued.app == app && issued.session == session && issued.action == action &&
               (issued.user.empty() || issued.user == user) && (issued.key_id.empty() || issued.key_id == key_id);
    }

    std::string purpose, app, user, key_id, session, action;
};

// What a device sent.
struct challenge_answer {
    store::record_key challenge;
    std::string signed_text;
    bytes signature;
    std::optional<errc> flaw{}; // of an answer that could be parsed; told only after the challenge was taken
};

inline result<challenge_answer> read_challenge_answer(std::string_view token, challenge_params const& expected, alg a) {
    auto const parts = jose::split_compact(token, max_challenge_answer);
    if (!parts) return parts.error();
    std::array<char, 1024> text;
    std::vector<codec::json_node> nodes(jose::max_header_nodes(text.size()));
    auto const header = jose::read_header(parts->header, text, nodes);
    if (!header) return header.error();

    auto const payload = codec::base64url_decode(parts->payload);
    if (!payload) return payload.error();
    auto const document = codec::json_document::parse(as_text(*payload));
    if (!document) return document.error();
    auto const member = [&](std::string_view name) -> std::string_view { // absent: empty
        auto const value = document->root().find(name);
        return value ? value->as_string().value_or(std::string_view{}) : std::string_view{};
    };
    auto const challenge = member("challenge");
    if (challenge.size() != challenge_characters) return errc::malformed_token;
    auto signature = codec::base64url_decode(parts->signature);
    if (!signature) return signature.error();

    challenge_answer answer{challenge_key(challenge), std::string{parts->signing_input}, *std::move(signature)};
    if (header->typ != challenge_type) answer.flaw = errc::wrong_type;
    else if (header->algorithm != a) answer.flaw = errc::algorithm_mismatch;
    else if (member("purpose") != expected.purpose || member("aud") != expected.app ||
             member("action") != expected.action)
        answer.flaw = errc::challenge_mismatch;
    return answer;
}

// Whatever is decided of it, nobody gets it again.
inline store::task<void> take_record(store::record_key challenge, expected_challenge expected, unix_time now,
                                     std::pmr::memory_resource* frames) {
    (void)frames;
    std::array<std::uint8_t, max_challenge_record> buffer;
    auto const taken = co_await store::take(challenge, buffer, now);
    if (!taken) co_return errc::challenge_unknown;
    auto const issued = co_await store::read_fields<challenge_params>(taken->bytes, challenge_format, challenge_kind);
    if (!expected.matches(issued)) co_return errc::challenge_mismatch;
    co_return {};
}

inline store::task<verified_key> redeem(result<challenge_answer> read, expected_challenge expected, public_key key,
                                        alg a, unix_time now, std::pmr::memory_resource* frames) {
    auto const& answer = co_await read;
    co_await take_record(answer.challenge, std::move(expected), now, frames);

    // Signed for this, by the stored key in the stored way?
    if (answer.flaw) co_return *answer.flaw;
    if (!key.supports(a) || key.type() == key_type::akp) co_return errc::algorithm_mismatch;
    if (!crypto::detail::verify_once(key, a, as_bytes(answer.signed_text), answer.signature))
        co_return errc::invalid_challenge_signature;
    co_return verified_key_access::make(key, a);
}

} // namespace detail

SIGNET_DECL store::task<verified_key> redeem_challenge(std::string_view token, challenge_params const& expected,
                                                       public_key const& key, alg a, unix_time now,
                                                       std::pmr::memory_resource* frames) {
    return detail::redeem(detail::read_challenge_answer(token, expected, a), detail::expected_challenge{expected}, key,
                          a, now, frames);
}

SIGNET_DECL store::task<verified_key> redeem_challenge_legacy_raw(std::string_view challenge, bytes_view signature,
                                                                  challenge_params const& expected,
                                                                  public_key const& key, alg a, unix_time now,
                                                                  std::pmr::memory_resource* frames) {
    result<detail::challenge_answer> answer = errc::malformed_token;
    if (challenge.size() == detail::challenge_characters)
        answer = detail::challenge_answer{
            detail::challenge_key(challenge), std::string{challenge}, {signature.begin(), signature.end()}};
    return detail::redeem(std::move(answer), detail::expected_challenge{expected}, key, a, now, frames);
}

SIGNET_DECL store::task<void> take_challenge(std::string_view challenge, challenge_params const& expected,
                                             unix_time now, std::pmr::memory_resource* frames) {
    return detail::take_record(detail::challenge_key(challenge), detail::expected_challenge{expected}, now, frames);
}

}}} // namespace signet::proof

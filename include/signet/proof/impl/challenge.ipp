// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/challenge.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/jose/jws.hpp>
#include <signet/store/record.hpp>

#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

namespace detail {

inline constexpr std::uint8_t challenge_format = 1, challenge_kind = 'c';
inline constexpr std::size_t challenge_characters = 43; // 32 octets

inline store::record_key challenge_key(std::string_view text) { return record_key("challenge", {text}); }

} // namespace detail

// ---- issue

SIGNET_DECL issue_challenge::issue_challenge(challenge_terms const& terms, unix_time now, std::chrono::seconds life,
                                             random_ref rng) {
    using namespace std::chrono_literals;
    if (terms.purpose.empty() || terms.app.empty() || life < 1s || life > 600s) {
        error_ = errc::out_of_range;
        return;
    }
    std::array<std::uint8_t, 32> random;
    rng.fill(random);
    text_ = codec::base64url_encode(random);

    auto const expires = saturating_add(now, life);
    store::record_writer w{record_, detail::challenge_format, detail::challenge_kind};
    for (auto term : {terms.purpose, terms.app, terms.user, terms.key_id, terms.session, terms.action}) w.text(term);
    auto const octets = w.finish();
    if (!octets) {
        error_ = octets.error();
        return;
    }
    ask_ = store::insert(detail::challenge_key(text_), *octets, expires, now);
    open_ = true;
}

SIGNET_DECL void issue_challenge::answer(store::reply const& reply) noexcept {
    open_ = false;
    auto const written = reply.done();
    done_ = written && *written;
    error_ = written ? signet::error{errc::random_failed}
                     : written.error(); // 32 octets that were there before: no randomness
}

SIGNET_DECL result<std::string> issue_challenge::ruling() const {
    if (!done_) return error_;
    return text_;
}

// ---- sign

SIGNET_DECL result<std::string> detail::challenge_payload(std::string_view challenge, challenge_terms const& terms) {
    std::string payload;
    output to_payload{payload};
    codec::json_writer w{to_payload};
    w.begin_object().member("challenge", challenge).member("purpose", terms.purpose).member("aud", terms.app);
    if (!terms.action.empty()) w.member("action", terms.action);
    w.end_object();
    if (auto good = w.finish(); !good) return good.error();
    return payload;
}

SIGNET_DECL result<std::string> sign_challenge(private_key const& key, alg a, std::string_view challenge,
                                               challenge_terms const& terms) {
    auto const payload = detail::challenge_payload(challenge, terms);
    if (!payload) return payload.error();
    std::string token;
    output to_token{token};
    jose::header_options header;
    header.typ = challenge_type;
    if (auto good = jose::jws_sign(key, a, as_bytes(*payload), header, to_token); !good) return good.error();
    return token;
}

// ---- redeem

SIGNET_DECL redeem_challenge::redeem_challenge(std::string_view token, challenge_terms const& expected,
                                               public_key const& key, alg a, unix_time now)
    : expected_{expected}, key_{key}, alg_{a} {
    if (auto good = parse(token, now); !good) ruling_ = good.error();
}

SIGNET_DECL redeem_challenge::redeem_challenge(raw, std::string_view challenge, bytes_view signature,
                                               challenge_terms const& expected, public_key const& key, alg a,
                                               unix_time now)
    : expected_{expected}, key_{key}, alg_{a}, message_{challenge}, signature_(signature.begin(), signature.end()) {
    if (challenge.size() != detail::challenge_characters) ruling_ = errc::malformed_token;
    else ask(challenge, now);
}

SIGNET_DECL redeem_challenge redeem_challenge::legacy_raw(std::string_view challenge, bytes_view signature,
                                                          challenge_terms const& expected, public_key const& key, alg a,
                                                          unix_time now) {
    return redeem_challenge{raw{}, challenge, signature, expected, key, a, now};
}

SIGNET_DECL void redeem_challenge::ask(std::string_view challenge, unix_time now) {
    ask_ = store::take(detail::challenge_key(challenge), record_, now);
    open_ = true;
}

// The signed form. Errors here leave the challenge alone; what is wrong beyond the form is noted, and told after the
// take.
SIGNET_DECL result<void> redeem_challenge::parse(std::string_view token, unix_time now) {
    auto const parts = jose::split_compact(token, 4096);
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
    if (challenge.size() != detail::challenge_characters) return errc::malformed_token;

    auto signature = codec::base64url_decode(parts->signature);
    if (!signature) return signature.error();
    signature_ = *std::move(signature);
    message_ = parts->signing_input;
    auto const flaw = [&](bool found, errc why) {
        if (found && !flawed_) flawed_ = true, flaw_ = why;
    };
    flaw(header->typ != challenge_type, errc::wrong_type);
    flaw(header->algorithm != alg_, errc::algorithm_mismatch);
    flaw(member("purpose") != expected_.purpose || member("aud") != expected_.app ||
             member("action") != expected_.action,
         errc::challenge_mismatch);
    ask(challenge, now);
    return errc::store_unavailable; // until it is answered
}

SIGNET_DECL void redeem_challenge::answer(store::reply const& reply) {
    open_ = false;
    auto const taken = reply.done();
    if (!taken) ruling_ = taken.error();
    else if (!*taken) ruling_ = errc::challenge_unknown;
    else ruling_ = judge(reply.record);
}

SIGNET_DECL result<verified_key> redeem_challenge::judge(store::record const& found) {
    store::record_reader r{found.bytes, detail::challenge_format, detail::challenge_kind};
    auto const purpose = r.text(), app = r.text(), user = r.text(), key_id = r.text(), session = r.text(),
               action = r.text();
    if (auto good = r.finish(); !good) return good.error();

    // Issued for this? What was not known at issue binds nothing.
    if (purpose != expected_.purpose || app != expected_.app || session != expected_.session ||
        action != expected_.action) {
        return errc::challenge_mismatch;
    }
    if ((!user.empty() && user != expected_.user) || (!key_id.empty() && key_id != expected_.key_id))
        return errc::challenge_mismatch;

    // Signed for this, by the stored key in the stored way?
    if (flawed_) return flaw_;
    if (!key_.supports(alg_)) return errc::algorithm_mismatch;
    if (!crypto::verify(key_, alg_, as_bytes(message_), signature_)) return errc::challenge_signature;
    return verified_key_access::make(key_, alg_);
}

}}} // namespace signet::proof

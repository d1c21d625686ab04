// What a cookie alone is not enough for: confirming a transaction, and an API with DPoP tokens.
#include "site.hpp"

#include <signet/codec/base64url.hpp>

namespace web {

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view api_scope = "orders:read offline_access";

} // namespace

void site::confirm_page(exchange& x) { page(x, "confirm", "Confirm a transaction", {}); }
void site::api_page(exchange& x) { page(x, "tokens", "DPoP", {}); }

// The session's own token, and one that the device's key made for this kind of action.
void site::confirm_by_token(exchange& x) {
    auto asked = device::action_request::parse(x.in.body);
    if (!asked) return refuse_action(x, asked.error().code);
    asked->action_type = "transaction"; // what this address does, whatever the request says
    auto const device = run(device_sessions_.authenticate(asked->session_token, x.now), db_);
    if (!device) return refuse_action(x, device.error().code);
    if (device->user() != x.who->session.user()) return refuse(x, errc::subject_mismatch, 403);
    auto const known =
        run(devices_.find(device->user(), codec::base64url_encode(device->key_thumbprint()), x.now), db_);
    if (!known) return refuse_action(x, known.error().code);
    if (!known->usable()) return refuse(x, device::device_state_refusal(known->state), 403);
    auto const done = run(device_sessions_.trigger(*asked, x.now), db_);
    if (!done) return refuse_action(x, done.error().code);
    note_action(*device, *done, x.now);
    x.outcome = "confirmed by a secure action token";
    json(x, object({{"action_id", done->action_id}, {"user", done->user}, {"by", "secure action token"}}));
}

// The device signed a challenge that names exactly what is being agreed to.
void site::confirm_by_challenge(exchange& x) {
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const user = x.who->session.user();
    auto const action = member(*body, "action");
    auto const proved = run(
        devices_.prove(user, member(*body, "key_id"), member(*body, "answer"), "confirm", x.now, x.who->sid, action),
        db_);
    if (!proved) return refuse_action(x, proved.error().code);
    x.outcome = "confirmed by a signed challenge: " + action;
    json(x, object({{"action", action}, {"user", user}, {"by", "signed challenge"}}));
}

void site::send(exchange& x, proof::dpop_answer answer) {
    json(x, answer.body.empty() ? "{}" : std::move(answer.body), answer.status);
    if (!answer.www_authenticate.empty()) x.out.set("WWW-Authenticate", answer.www_authenticate);
    if (!answer.dpop_nonce.empty()) x.out.set("DPoP-Nonce", answer.dpop_nonce);
}

// The key of the request's DPoP proof, for a token endpoint at `url`. None where it was refused.
std::optional<proof::verified_key> site::proved_key(exchange& x, std::string_view url) {
    std::string_view const fields[] = {x.in.find("dpop")};
    auto const shown = std::span{fields}.first(fields[0].empty() ? 0 : 1);
    auto proved = run(proof::dpop_check{{.proofs = shown, .method = "POST", .url = url}, dpop_, x.now}, db_);
    if (proved) return *std::move(proved);
    x.outcome = "refused: " + std::string{name(proved.error().code)};
    send(x, proof::answer_dpop(proved.error().code, dpop_, x.now, role::authorization_server));
    return std::nullopt;
}

void site::send(exchange& x, oauth::token_set const& tokens) {
    auto const body = tokens.to_json();
    if (!body) return refuse(x, body.error().code);
    json(x, *body);
    x.out.set("DPoP-Nonce", nonces_.make(x.now));
}

// An access token and a refresh token for this login, both bound to the key of the request's DPoP proof.
void site::token(exchange& x) {
    auto const proved = proved_key(x, token_url_);
    if (!proved) return;
    auto const& login = x.who->session;
    auto made =
        issuer_.issue({.user = login.user(), .client = "web", .session = x.who->sid, .auth_time = login.auth_time()},
                      {.resource = api_, .scope = api_scope, .sender = proved->thumbprint(), .lifetime = 300s}, x.now);
    if (!made) return refuse(x, made.error().code);
    auto const family = run(families_.start({.user = login.user(),
                                             .client = "web",
                                             .session = x.who->sid,
                                             .scope = api_scope,
                                             .resources = {{api_, 8h}},
                                             .sender = &*proved},
                                            x.now),
                            db_);
    if (!family) return refuse(x, family.error().code);
    // Before the token is sent: then a revocation of the session ends the family too. A logout does not (C9).
    if (auto const joined = run(sessions_.join_family(*family, x.now), db_); !joined)
        return refuse(x, joined.error().code);
    if (auto const added = made->add(*family); !added) return refuse(x, added.error().code);
    if (auto const until = run(sessions_.extend_by_sid(login.user(), x.who->sid, x.now), db_); !until)
        return refuse(x, until.error().code);
    x.outcome = "tokens bound to " + proved->jkt() + "; the session is extended";
    send(x, *made);
}

// No cookie counts here: the refresh token and a proof of its key.
void site::refresh_token(exchange& x) {
    auto const proved = proved_key(x, refresh_url_);
    if (!proved) return;
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const text = member(*body, "refresh_token");
    auto const next =
        run(families_.rotate({.token = text, .client = "web", .resource = api_, .proved = &*proved}, x.now), db_);
    if (!next) return refuse(x, next.error().code, http_status(next.error().code, role::authorization_server));
    auto const made = issuer_.renew(*next, {.lifetime = 300s}, x.now);
    if (!made) return refuse(x, made.error().code);
    x.user = next->user;
    x.outcome = "the next tokens of this family";
    send(x, *made);
}

// No cookie counts here, only the token and a proof of its key.
void site::orders(exchange& x) {
    auto const refused = [&](error why) {
        x.outcome = "refused: " + std::string{name(why.code)};
        send(x, proof::answer_dpop(why.code, dpop_, x.now));
    };
    auto const shown = proof::read_authorization(x.in.find("authorization"));
    if (!shown) return refused(shown.error());
    auto const token = tokens_.verify(shown->token, x.now);
    if (!token) return refused(token.error());
    x.user = token->subject();
    auto const bound = proof::bound_token::from(*shown, *token);
    if (!bound) return refused(bound.error());
    std::string_view const fields[] = {x.in.find("dpop")};
    auto const who = run(
        proof::dpop_check{{.proofs = fields, .method = x.in.method, .url = api_, .token = &*bound}, dpop_, x.now}, db_);
    if (!who) return refused(who.error());
    // Tokens say nothing of what happened after they were made: an administrator may have ended everything of this
    // user, or the user all other sessions.
    auto const sid = token->claim<std::string_view>("sid").value_or(std::string_view{});
    auto const not_before = run(sessions_.not_before(token->subject(), x.now, sid), db_);
    if (!not_before) return refused(not_before.error());
    if (auto const issued = token->issued_at(); !issued || issued->seconds < *not_before)
        return refused(errc::session_ended);
    x.outcome = "the proof holds";
    json(x, object({{"orders_of", token->subject()}, {"order", "3 apples"}, {"key", who->jkt()}}));
    x.out.set("DPoP-Nonce", nonces_.make(x.now));
}

} // namespace web

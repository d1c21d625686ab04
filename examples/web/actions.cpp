// What a cookie alone is not enough for: confirming a transaction, and an API with DPoP tokens.
#include "site.hpp"

#include <signet/codec/base64url.hpp>

namespace web {

using namespace signet;
using namespace std::chrono_literals;

void site::confirm_page(exchange& x) { page(x, "confirm", "Confirm a transaction", {}); }
void site::api_page(exchange& x) { page(x, "tokens", "DPoP", {}); }

// Begins a device session for the browser's key, or gives a fresh token for the one it has. The key was proved in this
// request.
void site::device_session(exchange& x) {
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const key = proof::device_key::from_jwk(member(*body, "jwk"));
    if (!key) return refuse(x, key.error().code, 400);
    auto const user = x.who->session.user();
    auto const answer = member(*body, "answer"), old = member(*body, "token");
    proof::challenge_params const params{
        .purpose = "device-session", .app = "shop", .user = user, .session = x.who->sid};
    auto const proved = run(proof::redeem_challenge(answer, params, key->key(), key->algorithm_id(), x.now), db_);
    if (!proved) return refuse(x, proved.error().code);
    auto info = old.empty() ? result<device::device_session_info>{errc::session_unknown}
                            : run(device_sessions_.refresh(old, &*proved, x.now), db_);
    if (!info && http_status(info.error().code) >= 500) return refuse(x, info.error().code);
    if (!info) info = run(device_sessions_.begin(*key, *proved, device::platform::web, true, x.now), db_);
    if (!info) return refuse(x, info.error().code);
    auto const device = run(device_sessions_.authenticate(info->token, x.now), db_);
    if (!device) return refuse(x, device.error().code);
    if (device->user() != user) {
        auto const set = run(device_sessions_.set_user(*device, std::string{user}, x.now), db_);
        if (!set) return refuse(x, set.error().code);
    }
    x.outcome = "device session " + info->id;
    json(x, object({{"id", info->id}, {"token", info->token}}));
}

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

// An access token for this login, bound to the key of the request's DPoP proof.
void site::token(exchange& x) {
    std::string_view const fields[] = {x.in.find("dpop")};
    auto const shown = std::span{fields}.first(fields[0].empty() ? 0 : 1);
    auto const proved =
        run(proof::dpop_check{{.proofs = shown, .method = "POST", .url = token_url_}, dpop_, x.now}, db_);
    if (!proved) {
        x.outcome = "refused: " + std::string{name(proved.error().code)};
        return send(x, proof::answer_dpop(proved.error().code, dpop_, x.now, role::authorization_server));
    }
    auto const& login = x.who->session;
    auto const made = issuer_.issue(
        {.user = login.user(), .client = "web", .session = x.who->sid, .auth_time = login.auth_time()},
        {.resource = api_, .scope = "orders:read", .sender = proved->thumbprint(), .lifetime = 300s}, x.now);
    auto const body = made ? made->to_json() : result<std::string>{made.error()};
    if (!body) return refuse(x, body.error().code);
    x.outcome = "an access token bound to " + proved->jkt();
    json(x, *body);
    x.out.set("DPoP-Nonce", nonces_.make(x.now));
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

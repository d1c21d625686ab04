// Passkeys: sign up and log in with one, add, rename and remove them, and confirm a transaction.
#include "site.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/jose/thumbprint.hpp>

namespace web {

using namespace signet;

namespace {

constexpr std::size_t visit_octets = 16, visit_size = 22; // in base64url

std::string_view where_it_lives(webauthn::credential const& passkey) {
    if (!passkey.backup_eligible) return "this device only";
    return passkey.backed_up ? "synced" : "not synced yet";
}

} // namespace

// The name of this browser's visit. One without a name gets a new one, which fits no challenge.
std::string site::visit(exchange& x) const {
    auto const cookie = http::cookie_reader{x.in.find("cookie")}.find(visit_cookie.name());
    if (cookie && cookie->size() == visit_size) return std::string{*cookie};
    std::array<std::uint8_t, visit_octets> dice;
    system_random().fill(dice);
    auto made = codec::base64url_encode(dice);
    if (auto const line = visit_cookie.set(made)) x.out.set("Set-Cookie", *line);
    return made;
}

// Whether this address may have one more challenge without a login.
bool site::begin_visit(exchange& x) {
    if (visits_.begin(x.in.ip, x.now)) return true;
    json(x, object({{"error", "too_many"}, {"message", "too many requests from here, try again in a minute"}}), 429);
    x.out.set("Retry-After", "60");
    return false;
}

// Clients are told that a passkey was refused; the reason is for the wire's page.
void site::refuse_passkey(exchange& x, error why) const {
    refuse(x, webauthn::outward(why).code);
    x.outcome = "refused: " + std::string{name(why.code)};
}

void site::begin_passkey_sign_up(exchange& x) {
    if (!begin_visit(x)) return;
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const user = member(*body, "user");
    if (auto const free = users_.check_free(user, x.now); !free) {
        auto const why = free.error().code;
        if (why == errc::record_conflict)
            return json(x, object({{"error", name(why)}, {"message", "That name is taken."}}), 409);
        if (why == errc::out_of_range)
            return json(x,
                        object({{"error", name(why)}, {"message", "A name has lower-case letters, digits, . - and _"}}),
                        400);
        return refuse(x, why);
    }
    auto const options =
        run(webauthn::begin_registration(passkey_policy_->policy(),
                                         {.user = user, .user_name = user, .session = visit(x)}, x.now),
            db_);
    if (!options) return refuse(x, options.error().code);
    json(x, *options);
}

// The account first: whoever has the name is the only one who can register a passkey for it.
void site::finish_passkey_sign_up(exchange& x) {
    if (!begin_visit(x)) return;
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const made = users_.add_without_password(member(*body, "user"), x.now);
    if (!made) return refuse(x, made.error().code, http_status(made.error().code) == 503 ? 503 : 409);
    auto const passkey =
        run(webauthn::finish_registration(
                passkey_policy_->policy(), member(*body, "answer"),
                {.user = made->name, .session = visit(x), .label = device_name(x.in.find("user-agent"))}, x.now),
            db_);
    if (!passkey) {
        // Where the store did not answer, the passkey may be there. Then nobody else may have the name.
        if (http_status(passkey.error().code) < 500) (void)users_.remove(made->name, x.now);
        return refuse_passkey(x, passkey.error());
    }
    // Nothing need be signed at a registration, so it says nothing of how this login came about.
    if (begin_login(x, *made, form_value(x.in.query, "keep") == "on", {.methods = {}}))
        json(x, object({{"next", "/account"}}));
}

// For the button and for autofill alike: no name is asked, the passkey says whose it is.
void site::begin_passkey_login(exchange& x) {
    if (!begin_visit(x)) return;
    auto const options = run(webauthn::begin_login(passkey_policy_->policy(), {.session = visit(x)}, x.now), db_);
    if (!options) return refuse(x, options.error().code);
    json(x, *options);
}

void site::finish_passkey_login(exchange& x) {
    auto const in =
        run(webauthn::finish_login(passkey_policy_->policy(), x.in.body, {.session = visit(x)}, x.now), db_);
    if (!in && in.error() == errc::webauthn_credential_removed) {
        // Only who holds the passkey's key comes here. The page lets the browser forget it.
        auto const claimed = webauthn::read_claimed_credential(x.in.body);
        if (!claimed) return refuse_passkey(x, claimed.error());
        auto const unknown = webauthn::write_unknown_credential(passkey_policy_->params().rp_id, claimed->id);
        if (!unknown) return refuse(x, unknown.error().code);
        auto const why = errc::webauthn_credential_removed;
        return json(x, object({{"error", name(why)}, {"message", "This passkey was removed."}, {"unknown", *unknown}}),
                    401);
    }
    if (!in) return refuse_passkey(x, in.error());
    auto const who = users_.find(in->credential.user, x.now);
    if (!who) return refuse(x, who.error().code);
    auto const means = session::traits(session::backing::passkey); // the policy demands that its user was verified
    if (begin_login(x, *who, form_value(x.in.query, "keep") == "on",
                    {.level = means.level, .methods = means.methods, .key = &in->proof.key}))
        json(x, object({{"next", "/account"}}));
}

void site::begin_adding_passkey(exchange& x) {
    auto const user = x.who->session.user();
    auto const options =
        run(webauthn::begin_registration(passkey_policy_->policy(),
                                         {.user = user, .user_name = user, .session = x.who->sid}, x.now),
            db_);
    if (!options) return refuse(x, options.error().code);
    x.outcome = "a challenge for a new passkey";
    json(x, *options);
}

void site::finish_adding_passkey(exchange& x) {
    webauthn::finish_registration_params const params{
        .user = x.who->session.user(), .session = x.who->sid, .label = x.who->session.device()};
    auto const made = run(webauthn::finish_registration(passkey_policy_->policy(), x.in.body, params, x.now), db_);
    if (!made) return refuse_passkey(x, made.error());
    x.outcome = "a new passkey, " + std::string{where_it_lives(made->credential)};
    json(x, object({{"id", codec::base64url_encode(made->credential.id)}}));
}

result<std::string> site::passkey_rows(exchange const& x) {
    auto const mine = run(passkeys_.list(x.who->session.user(), x.now), db_);
    if (!mine) return mine.error();
    std::string rows;
    for (auto const& p : *mine)
        rows += pages_.make_part("passkey-row", {{"id", codec::base64url_encode(p.id)},
                                                 {"label", p.label},
                                                 {"lives", std::string{where_it_lives(p)}},
                                                 {"used", when(p.last_used, x.now)}});
    return rows;
}

// Removed: whatever was logged in with it ends, but for the login in which it was asked for.
void site::change_passkey(exchange& x) {
    auto const user = x.who->session.user();
    auto const id = codec::base64url_decode(form_value(x.in.body, "id"));
    if (!id) return refuse(x, id.error().code, 400);
    if (form_value(x.in.body, "change") == "rename") {
        auto const done = run(passkeys_.rename(user, *id, form_value(x.in.body, "label"), x.now), db_);
        if (!done) return refuse(x, done.error().code, done.error() == errc::out_of_range ? 400 : 404);
        return redirect(x, "/devices");
    }
    auto const who = users_.find(user, x.now);
    auto const all = run(passkeys_.list(user, x.now), db_);
    if (!who || !all) return refuse(x, (who ? all.error() : who.error()).code);
    if (!who->has_password && all->size() == 1)
        return page(x, "message", "Not removed", {{"text", "This passkey is the only way into this account."}}, 409);
    auto const done = run(passkeys_.remove(user, *id, x.now), db_);
    if (!done) return refuse(x, done.error().code, http_status(done.error().code) == 503 ? 503 : 404);
    auto mine = run(sessions_.list(user, x.now), db_);
    if (!mine) return refuse(x, mine.error().code);
    auto const key = jose::thumbprint_digest(done->key);
    std::erase_if(*mine, [&](auto const& s) { return s.device_key() != key || s.sid() == x.who->sid; });
    for (auto const& s : *mine)
        if (auto ended = run(sessions_.revoke_one(user, s.sid(), x.now), db_); !ended)
            return refuse(x, ended.error().code);
    end_bound(*mine, dbsc::ending::revoked, x.now);
    redirect(x, "/devices");
}

// What the browser and its password manager are told: which passkeys there are, and what the user is called.
void site::passkey_signals(exchange& x) {
    auto const user = x.who->session.user();
    auto const accepted = run(passkeys_.accepted(user, x.now), db_);
    if (!accepted && accepted.error() == errc::webauthn_credential_unknown) return json(x, "{}"); // never had one
    if (!accepted) return refuse(x, accepted.error().code);
    auto const details = run(passkeys_.user_details(user, std::string{user}, std::string{user}, x.now), db_);
    if (!details) return refuse(x, details.error().code);
    json(x, R"({"accepted":)" + *accepted + R"(,"details":)" + *details + "}");
}

// The challenge is for this user, this login and exactly this action.
void site::begin_passkey_confirmation(exchange& x) {
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const action = member(*body, "action");
    if (action.empty() || action.size() > 200) return refuse(x, errc::out_of_range, 400);
    webauthn::begin_login_params const params{.user = x.who->session.user(), .session = x.who->sid, .action = action};
    auto const options = run(webauthn::begin_login(passkey_policy_->policy(), params, x.now), db_);
    if (!options && options.error() == errc::webauthn_credential_unknown)
        return json(x, object({{"error", name(options.error().code)}, {"message", "You have no passkey yet."}}), 409);
    if (!options) return refuse(x, options.error().code);
    x.outcome = "a challenge for: " + action;
    json(x, *options);
}

void site::confirm_by_passkey(exchange& x) {
    auto const body = codec::json_document::parse(x.in.body);
    if (!body) return refuse(x, body.error().code, 400);
    auto const user = x.who->session.user();
    auto const action = member(*body, "action");
    if (action.empty()) return refuse(x, errc::out_of_range, 400);
    webauthn::finish_login_params const params{.user = user, .session = x.who->sid, .action = action};
    auto const done =
        run(webauthn::finish_login(passkey_policy_->policy(), member(*body, "answer"), params, x.now), db_);
    if (!done) return refuse_passkey(x, done.error());
    x.outcome = "confirmed by a passkey, its user verified: " + action;
    json(x, object({{"action", action}, {"user", user}, {"by", "passkey"}}));
}

// Other sites of ours that may use these passkeys; here there is none but this one.
void site::related_origins(exchange& x) {
    auto const file = webauthn::write_related_origins(passkey_policy_->policy());
    if (!file) return refuse(x, file.error().code);
    json(x, *file);
}

} // namespace web

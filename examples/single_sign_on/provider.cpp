// An OpenID provider for a few applications: one login for all of them (single sign-on), silent answers, and one logout
// that ends the sessions of all (RP-initiated and back-channel logout).
#include "../web/pages.hpp"
#include "../web/throttle.hpp"
#include "../web/users.hpp"
#include "common.hpp"

#include <signet/jose.hpp>
#include <signet/jwt.hpp>
#include <signet/oauth.hpp>
#include <signet/oidc.hpp>
#include <signet/proof.hpp>
#include <signet/session.hpp>
#include <signet/store.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view usage = R"(usage: provider ORIGIN TLS_FILE CA_FILE CLIENTS_FILE NAME:PASSWORD...

  ORIGIN        the address of this provider and its issuer, as https://id.localhost:8443; it listens on 127.0.0.1
  TLS_FILE      its certificate and key for TLS (PEM)
  CA_FILE       the authorities that vouch for the applications' certificates (PEM)
  CLIENTS_FILE  the applications: {"shop": {"redirect_uris": [...], "post_logout_redirect_uris": [...],
                "backchannel_logout_uri": "https://...", "scopes": ["orders:read", "offline_access"],
                "resources": ["https://orders.example"], "jwks": {...}}}; without jwks it is a public client
  NAME:PASSWORD the users
)";

// Lax: the browser comes from the applications and has to bring it.
constexpr auto session_cookie = http::cookies::session("__Host-id", http::same_site::lax);

struct client {
    oidc::registered_client registered;
    std::string logout_uri{};
    std::optional<jose::key_set<es256>> keys{}; // of its assertions; none: a public client
};
using client_map = std::map<std::string, client, std::less<>>;

session::client_properties properties_of(web::request const& in) {
    return {.ip = in.ip, .user_agent = in.find("user-agent")};
}

// What came by GET in the query, or by POST as a form.
std::string_view form_of(web::request const& in) { return in.method == "POST" ? in.body : in.query; }

web::response json(int status, std::string body) {
    web::response out{.status = status};
    for (auto const& [name, value] : oauth::token_response_fields) out.set(name, value);
    out.body = std::move(body);
    return out;
}

// Nobody knows where the browser came from, so it stays here.
web::response refused(std::string_view doing, error why) {
    std::cerr << doing << ": " << why.message() << '\n';
    return sso::page(why.http_status(role::authorization_server),
                     "<p>This request cannot be answered: " + std::string{why.name()} + ".</p>");
}

// The answer of the token endpoint (RFC 6749 section 5.2).
web::response token_error(error why) {
    std::cerr << "token: " << why.message() << '\n';
    return json(why.http_status(role::authorization_server),
                R"({"error":")" + std::string{why.oauth_error(role::authorization_server)} + "\"}");
}

class provider {
public:
    provider(std::string issuer, client_map clients, local_key<es256> const& key, sso::https_client& https)
        : issuer_{std::move(issuer)},
          clients_{std::move(clients)},
          https_{https},
          key_id_{jose::thumbprint(key.key().public_part())},
          keys_{jose::write_jwk_set(
                    {{jose::public_jwk{{.kid = key_id_, .use = "sig", .alg = "ES256"}, key.key().public_part()}}})
                    .value()},
          tokens_{oauth::token_issuer<es256>::make(key, issuer_, key_id_).value()},
          logout_tokens_{oidc::logout_token_issuer<es256>::make(key, issuer_, key_id_).value()} {
        (void)own_keys_.add(key_id_, key.verifier_key());
    }

    void add_user(std::string_view name, std::string_view password) {
        users_.add(name, password, false, sso::now()).value();
    }

    web::response answer(web::request const& in) {
        if (lacks_cookie(in)) return sso::redirect(issuer_ + in.path + "?" + in.body);
        if (in.path == "/.well-known/openid-configuration") return show_discovery();
        if (in.path == "/keys") return json(200, keys_);
        if (in.path == "/authorize") return authorize(in);
        if (in.path == "/login" && in.method == "POST") return log_in(in);
        if (in.path == "/token" && in.method == "POST") return exchange(in);
        if (in.path == "/end") return end_session(in);
        if (in.path == "/logout" && in.method == "POST") return confirmed_logout(in);
        return sso::page(404, "<p>There is no such page.</p>");
    }

    // Whether a request hashes a password, or sends logout tokens.
    static bool is_slow(web::request const& in) {
        return in.path == "/login" || in.path == "/token" || in.path == "/end" || in.path == "/logout";
    }

private:
    client const* find_client(std::string_view name) const {
        auto const at = clients_.find(name);
        return at == clients_.end() ? nullptr : &at->second;
    }
    client const* find_named(std::string_view form) const {
        auto const name = oidc::named_client(form);
        return name ? find_client(*name) : nullptr;
    }
    auto session_of(web::request const& in) {
        return run(sessions_.authenticate(sso::cookie_of(in, session_cookie), properties_of(in), sso::now()), store_);
    }
    // Whether an application's page posted the request as a form, as it may: then the browser leaves out the cookie,
    // which is Lax, but brings it when it asks again by GET. Only what a URL can have goes into the header.
    static bool lacks_cookie(web::request const& in) {
        return in.method == "POST" && (in.path == "/authorize" || in.path == "/end") &&
               sso::cookie_of(in, session_cookie).empty() && in.body.size() <= 8192 &&
               std::all_of(in.body.begin(), in.body.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    }
    // A page of another site cannot send this provider's forms.
    bool is_own_form(web::request const& in) const { return in.find("origin") == issuer_; }

    web::response show_discovery() const {
        return json(200, oidc::write_discovery({.issuer = issuer_,
                                                .authorization_endpoint = issuer_ + "/authorize",
                                                .token_endpoint = issuer_ + "/token",
                                                .jwks_uri = issuer_ + "/keys",
                                                .end_session_endpoint = issuer_ + "/end",
                                                .id_token_algorithms = algorithm_set::of<es256>(),
                                                .answers_name_issuer = true,
                                                .pkce_s256 = true,
                                                .back_channel_logout = true,
                                                .back_channel_logout_session = true,
                                                .refresh_tokens = true})
                             .value());
    }

    // [authorize]
    web::response authorize(web::request const& in) {
        std::string_view const form = form_of(in);
        std::string answer;
        auto const request = read_login(form, answer);
        if (!request) return answer.empty() ? refused("authorize", request.error()) : sso::redirect(answer);

        auto const used = session_of(in);
        if (!used && used.error().http_status() >= 500) // the store is away
            return sso::redirect(oidc::refusal_url(*request, issuer_, oidc::login_refusal::temporarily_unavailable));
        auto const now = sso::now();
        oidc::browser_session browser{.arrived = now}; // for the first and only time: `log_in` answers by itself
        if (used) browser.user = used->session.user(), browser.authenticated = used->session.auth_time();
        auto const hint = read_hint(request->id_token_hint, request->client);
        if (hint) browser.expected_user = hint->user;
        switch (oidc::decide_login(*request, browser, now)) {
        case oidc::login_decision::ask_user: return show_login(200, form, request->login_hint, {});
        case oidc::login_decision::refuse:
            return sso::redirect(oidc::refusal_url(*request, issuer_, oidc::login_refusal::login_required));
        case oidc::login_decision::answer: break;
        }
        auto out = send_code(*request, used->session);
        if (!used->new_cookie.empty()) sso::set_cookie(out, session_cookie, used->new_cookie); // the id was renewed
        return out;
    }

    result<oidc::login_request> read_login(std::string_view form, std::string& answer) const {
        auto const name = oidc::named_client(form);
        if (!name) return name.error();
        auto const* who = find_client(*name);
        if (!who) return errc::client_mismatch;
        return oidc::read_login_request(form, who->registered, issuer_, answer);
    }

    // Whose ID token the application sent as a hint.
    std::optional<oidc::id_token_hint> read_hint(std::string_view text, std::string_view client_id) const {
        jwt::verifier<es256> const verifier{own_keys_, oidc::id_token_hint_policy(issuer_, client_id)};
        auto const token = verifier.verify(text, sso::now());
        auto const hint = token ? oidc::read_id_token_hint(*token) : token.error();
        return hint ? std::optional{*hint} : std::nullopt;
    }

    web::response show_login(int status, std::string_view form, std::string_view user, std::string_view why) const {
        return sso::page(status, "<p>" + web::escape(why) + "</p><form method=\"post\" action=\"/login\">" +
                                     "<input type=\"hidden\" name=\"request\" value=\"" + web::escape(form) + "\">" +
                                     "<label>Name <input name=\"user\" value=\"" + web::escape(user) + "\"></label>" +
                                     "<label>Password <input name=\"password\" type=\"password\"></label>" +
                                     "<button>Log in</button></form>");
    }

    // The request comes back with the form, and is read again as if it had just arrived.
    web::response log_in(web::request const& in) {
        if (!is_own_form(in)) return refused("login", errc::csrf_refused);
        auto const form = web::form_value(in.body, "request");
        std::string answer;
        auto const request = read_login(form, answer);
        if (!request) return refused("login", request.error());
        auto const user = web::form_value(in.body, "user");
        web::guesser const guesser{.name = user, .address = in.ip, .browser = {}};
        if (!guesses_.begin(guesser, sso::now())) return show_login(429, form, user, "Wait a minute.");
        auto const known = users_.check(user, web::form_value(in.body, "password"), sso::now());
        if (!known && known.error() == errc::login_refused) return show_login(401, form, user, "That did not work.");
        if (!known) return refused("login", known.error());
        guesses_.succeeded(guesser, sso::now());
        auto const hint = read_hint(request->id_token_hint, request->client);
        if (!request->id_token_hint.empty() && (!hint || hint->user != known->name))
            return sso::redirect(oidc::refusal_url(*request, issuer_, oidc::login_refusal::login_required));

        // The session of the same user goes on, and so do those of the applications that began with it. Another user's
        // ends, and the applications are told.
        auto const before = session_of(in);
        bool const again = before && before->session.user() == known->name;
        session::authentication const login{.user = known->name, .methods = "pwd"};
        auto const cookie = sso::cookie_of(in, session_cookie);
        auto const made = run(again ? sessions_.step_up(cookie, login, properties_of(in), sso::now())
                                    : sessions_.log_in(login, properties_of(in), sso::now(), cookie),
                              store_);
        if (!made) return refused("login", made.error());
        std::cerr << made->event.text() << '\n';
        tell_clients(made->ended);
        auto out = send_code(*request, made->session);
        sso::set_cookie(out, session_cookie, made->cookie);
        return out;
    }

    web::response send_code(oidc::login_request const& request, session::live_session const& of) {
        auto const sid = of.sid();
        auto const code = run(codes_.issue(request,
                                           {.user = of.user(),
                                            .client = request.client,
                                            .session = sid,
                                            .auth_time = of.auth_time(),
                                            .amr = {of.methods()}},
                                           sso::now()),
                              store_);
        if (!code) return sso::redirect(oidc::refusal_url(request, issuer_, oidc::login_refusal::server_error));
        return sso::redirect(oidc::code_url(request, issuer_, *code));
    }
    // [/authorize]

    // [token]
    web::response exchange(web::request const& in) {
        auto const request = oidc::read_token_request(in.body);
        if (!request) return token_error(request.error());
        auto const* who = find_client(request->client);
        if (!who || !is_authentic(*who, request->client_assertion))
            return json(401, R"({"error":"invalid_client"})"); // RFC 6749 section 5.2
        if (request->grant == oidc::grant_type::refresh_token) return refresh(*request);
        auto const grant = run(codes_.exchange({.code = request->code,
                                                .client = request->client,
                                                .redirect_uri = request->redirect_uri,
                                                .code_verifier = as_text(request->code_verifier.reveal())},
                                               sso::now()),
                               store_);
        if (!grant) {
            if (grant.error() == errc::code_reused) end_stolen(request->code);
            return token_error(grant.error());
        }
        // The session may have ended since the code was issued. If it lives, new access tokens extend it.
        if (auto const lives = run(sessions_.extend_by_sid(grant->user, grant->session, sso::now()), store_); !lives)
            return token_error(lives.error());
        auto access = grant->access();
        access.resource = resource_of(access.resource);
        auto set = tokens_.issue(grant->login(), access, sso::now());
        if (!set) return token_error(set.error());
        if ((' ' + grant->scope + ' ').find(" offline_access ") == std::string::npos) return send_tokens(*set);
        auto const family = begin_family(*grant);
        if (!family) return token_error(family.error());
        if (auto const added = set->add(*family); !added) return token_error(added.error());
        return send_tokens(*set);
    }

    static web::response send_tokens(oauth::token_set const& set) {
        auto const body = set.to_json();
        return body ? json(200, *body) : token_error(body.error());
    }
    // Whoever asks for no resource gets access tokens for the provider itself.
    std::string_view resource_of(std::string_view asked) const { return asked.empty() ? issuer_ : asked; }

    // Refresh tokens for when the user is away (`offline_access`). They end when the session is revoked.
    result<oauth::refresh_grant> begin_family(oidc::code_grant const& grant) {
        auto first = run(families_.start({.user = grant.user,
                                          .client = grant.client,
                                          .session = grant.session,
                                          .scope = grant.scope,
                                          .resources = {{std::string{resource_of(grant.resource)}, 24h * 30}}},
                                         sso::now()),
                         store_);
        if (!first) return first;
        if (auto const joined = run(sessions_.join_family(*first, sso::now()), store_); !joined) return joined.error();
        return first;
    }

    web::response refresh(oidc::token_request const& request) {
        auto const next = run(families_.rotate({.token = as_text(request.refresh_token.reveal()),
                                                .client = request.client,
                                                .resource = resource_of(request.resource),
                                                .scope = request.scope},
                                               sso::now()),
                              store_);
        if (!next) return token_error(next.error());
        auto const set = tokens_.renew(*next, {}, sso::now());
        return set ? send_tokens(*set) : token_error(set.error());
    }

    // A confidential client signs; of a public one PKCE protects the code.
    bool is_authentic(client const& who, std::string_view assertion) {
        if (!who.keys) return assertion.empty();
        jwt::verifier<es256> const verifier{
            *who.keys, oidc::client_assertion_policy(who.registered.client_id, issuer_, issuer_ + "/token")};
        auto const token = verifier.verify(assertion, sso::now());
        if (!token || !token->expires_at()) return false;
        return heard_
            .insert(proof::jti_key(who.registered.client_id, token->id()), token->expires_at()->seconds, sso::now())
            .has_value();
    }

    // Somebody has a copy of the code and its verifier: the session that came of it ends everywhere.
    void end_stolen(std::string_view code) {
        auto const first = run(codes_.find_exchanged(code, sso::now()), store_);
        auto const ended =
            first ? run(sessions_.revoke_one(first->user, first->session, sso::now()), store_) : first.error();
        if (ended) tell_clients(ended->sids);
        else std::cerr << "stolen code: " << ended.error().message() << '\n';
    }
    // [/token]

    // [end]
    // With a hint for this browser's session it ends at once; otherwise the user is asked, since any page can link
    // here.
    web::response end_session(web::request const& in) {
        auto const* who = find_named(form_of(in));
        if (!who) return ask_logout({});
        auto const request = oidc::read_end_session_request(form_of(in), who->registered);
        if (!request) return refused("end of session", request.error());
        auto const back = oidc::post_logout_url(*request);
        auto const used = session_of(in);
        if (!used && used.error().http_status() >= 500) return refused("end of session", used.error());
        if (!used) return log_out(in, back); // it is over already: nobody is asked
        auto const hint = read_hint(request->id_token_hint, request->client);
        if (!hint || hint->session != used->session.sid()) return ask_logout(form_of(in));
        return log_out(in, back);
    }

    web::response ask_logout(std::string_view form) const {
        return sso::page(200,
                         "<form method=\"post\" action=\"/logout\"><input type=\"hidden\" name=\"request\" value=\"" +
                             web::escape(form) + "\"><button>Log out everywhere</button></form>");
    }

    web::response confirmed_logout(web::request const& in) {
        if (!is_own_form(in)) return refused("logout", errc::csrf_refused);
        auto const form = web::form_value(in.body, "request");
        auto const* who = find_named(form);
        auto const request = who ? oidc::read_end_session_request(form, who->registered)
                                 : result<oidc::end_session_request>{errc::client_mismatch};
        return log_out(in, request ? oidc::post_logout_url(*request) : std::string{});
    }

    web::response log_out(web::request const& in, std::string_view back) {
        auto const ended = run(sessions_.log_out(sso::cookie_of(in, session_cookie), sso::now()), store_);
        if (!ended) return refused("logout", ended.error());
        tell_clients(ended->sids);
        auto out = back.empty() ? sso::page(200, "<p>You are logged out.</p>") : sso::redirect(back);
        sso::set_cookie(out, session_cookie, {});
        return out;
    }

    // Every application is told, also one that a session never visited: it finds no session of that name.
    void tell_clients(std::vector<std::string> const& sids) {
        for (auto const& sid : sids)
            for (auto const& [name, one] : clients_)
                if (!one.logout_uri.empty()) tell(name, one.logout_uri, sid);
    }
    void tell(std::string const& name, std::string const& uri, std::string const& sid) {
        auto const token = logout_tokens_.issue({.client = name, .session = sid}, sso::now());
        if (!token) return;
        auto const got = https_.post(uri, "logout_token=" + *token); // base64url and dots need no escape
        if (got.result_int() != 200 && got.result_int() != 204)
            std::cerr << name << " was not told of a logout: " << got.result_int() << '\n';
    }
    // [/end]

    std::string issuer_;
    client_map clients_;
    sso::https_client& https_;
    std::string key_id_, keys_; // the thumbprint, so that the key of another run has another name
    jose::key_set<es256> own_keys_{};
    oauth::token_issuer<es256> tokens_;
    oidc::logout_token_issuer<es256> logout_tokens_;
    // In memory, by keys of this run: a restart logs everybody out. With several instances, all of this is shared.
    web::store_of<store::memory> store_{store::memory{}};
    web::users users_{store_};
    web::throttle guesses_{};
    oidc::authorization_codes codes_ = oidc::authorization_codes::make().value();
    oauth::refresh_families families_ =
        oauth::refresh_families::make({{1, mac_key::generate(alg::hs256).value()}}).value();
    proof::replay_guard heard_{{.entries = 10'000, .window = 10min}};
    session::login_sessions sessions_ =
        session::login_sessions::make("example", "provider", mac_key::generate(alg::hs256).value(), {}).value();
};

client_map read_clients(std::string const& file) {
    client_map all;
    auto const document = boost::json::parse(sso::read_file(file));
    for (auto const& [name, value] : document.as_object()) {
        auto const& object = value.as_object();
        auto const texts = [&](std::string_view member) {
            std::vector<std::string> all_texts;
            if (auto const* list = object.if_contains(member))
                for (auto const& uri : list->as_array()) all_texts.emplace_back(uri.as_string());
            return all_texts;
        };
        client one{.registered = {std::string{name}, texts("redirect_uris"), texts("post_logout_redirect_uris")}};
        if (auto const* uri = object.if_contains("backchannel_logout_uri")) one.logout_uri = uri->as_string();
        one.registered.scopes = texts("scopes"), one.registered.resources = texts("resources");
        if (auto const* keys = object.if_contains("jwks"))
            one.keys = jose::parse_key_set<es256>(boost::json::serialize(*keys)).value();
        all.emplace(name, std::move(one));
    }
    return all;
}

int start(std::string const& origin, char** argv, int argc) {
    if (sso::port_of(origin) == 0) return std::cerr << usage, 2;
    sso::https_client https{argv[3]};
    provider id{origin, read_clients(argv[4]), local_key<es256>::generate().value(), https};
    for (int i = 5; i != argc; ++i) {
        std::string_view const user = argv[i];
        auto const middle = user.find(':');
        if (middle == user.npos) return std::cerr << usage, 2;
        id.add_user(user.substr(0, middle), user.substr(middle + 1));
    }
    sso::serve(id, origin, argv[2]);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 6) return std::cerr << usage, 2;
    try {
        return start(argv[1], argv, argc);
    } catch (std::exception const& e) { return std::cerr << e.what() << '\n', 1; }
}

// A web application whose users log in at an OpenID provider: by code and PKCE, and silently if the provider knows them
// already. A logout here ends the provider's session too; a logout there ends the sessions here (back-channel logout).
#include "../web/pages.hpp"
#include "common.hpp"

#include <signet/jose.hpp>
#include <signet/jwt.hpp>
#include <signet/oidc.hpp>
#include <signet/proof.hpp>
#include <signet/session.hpp>
#include <signet/store.hpp>

#include <iostream>
#include <optional>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view usage = R"(usage: application ISSUER CLIENT_ID ORIGIN TLS_FILE CA_FILE [KEY_FILE]

  ISSUER      the OpenID provider, as its discovery document names it
  CLIENT_ID   what it calls this application. Registered there are the redirect URI ORIGIN/callback, the URI ORIGIN/ for
              after a logout, and the back-channel logout URI ORIGIN/backchannel-logout.
  ORIGIN      the address of this application, as https://shop.localhost:8444; it listens on 127.0.0.1
  TLS_FILE    its certificate and key for TLS (PEM)
  CA_FILE     the authorities that vouch for the provider's certificate (PEM)
  KEY_FILE    the private JWK (ES256) by which the provider knows this application; without it, it is a public client
)";

// Lax: the browser comes from the provider and has to bring both. No other site can make it POST with them.
constexpr auto session_cookie = http::cookies::session("__Host-sid", http::same_site::lax);
constexpr auto login_cookie = http::cookies::login_state();

session::client_properties client_of(web::request const& in) {
    return {.ip = in.ip, .user_agent = in.find("user-agent")};
}

// Says in the page what went wrong, and in the log where.
web::response refused(std::string_view doing, error why, std::string_view detail = {}) {
    std::cerr << doing << ": " << why.message() << (detail.empty() ? "" : ": ") << detail << '\n';
    return sso::page(why.http_status(role::authorization_server), "<p>That did not work: " + std::string{why.name()} +
                                                                      ".</p>" + "<p><a href=\"/login\">Log in</a></p>");
}

class application {
public:
    application(oidc::oidc_client self, oidc::discovery provider, std::optional<jwt::signer<es256>> key,
                sso::https_client& https, std::string home)
        : self_{std::move(self)},
          provider_{std::move(provider)},
          key_{std::move(key)},
          https_{https},
          home_{std::move(home)} {}

    web::response answer(web::request const& in) {
        if (in.method == "GET" && in.path == "/") return show_home(in);
        if (in.method == "GET" && in.path == "/login") return begin_login(in, {});
        if (in.method == "GET" && in.path == "/silent") return ask_silently(in);
        if (in.method == "GET" && in.path == "/callback") return finish_login(in);
        if (in.method == "POST" && in.path == "/logout") return log_out(in);
        if (in.method == "POST" && in.path == "/backchannel-logout") return hear_logout(in);
        return sso::page(404, "<p>There is no such page.</p>");
    }

    // Whether a request may wait for the provider.
    static bool is_slow(web::request const& in) { return in.path == "/callback" || in.path == "/backchannel-logout"; }

private:
    auto session_of(web::request const& in) {
        return run(sessions_.authenticate(sso::cookie_of(in, session_cookie), client_of(in), sso::now()), db_);
    }

    // A user who is logged in at the provider is logged in here without a click.
    web::response show_home(web::request const& in) {
        auto const used = session_of(in);
        if (!used && used.error().http_status() >= 500) return refused("session", used.error()); // the store is away
        if (!used) return begin_login(in, oidc::silent_authentication());
        auto out = sso::page(200, "<p>You are <b>" + web::escape(used->session.user()) + "</b>.</p>" +
                                      "<form method=\"post\" action=\"/logout\"><button>Log out</button></form>");
        if (!used->new_cookie.empty()) sso::set_cookie(out, session_cookie, used->new_cookie); // the id was renewed
        return out;
    }

    // [begin]
    web::response begin_login(web::request const& in, oidc::authorization_request const& request) {
        auto const wanted = web::form_value(in.query, "return_to");
        auto const begun = states_.begin(self_, wanted.empty() ? "/" : wanted, sso::now());
        if (!begun) return refused("login", begun.error());
        auto const url = oidc::authorization_url(provider_.authorization_endpoint, self_, request, begun->state);
        if (!url) return refused("login", url.error());
        auto out = sso::redirect(*url);
        sso::set_cookie(out, login_cookie, begun->sealed);
        return out;
    }

    // Whether the user of this session is still logged in at the provider.
    web::response ask_silently(web::request const& in) {
        auto const used = session_of(in);
        return begin_login(in, oidc::silent_authentication({}, used ? used->session.data() : std::string_view{}));
    }
    // [/begin]

    // [finish]
    web::response finish_login(web::request const& in) {
        auto const login = states_.open(sso::cookie_of(in, login_cookie), sso::now());
        if (!login) return refused("login", login.error());
        std::string why;
        auto const code = oidc::read_authorization_answer(in.query, *login, self_, &why);
        if (!code && code.error() == errc::login_required) return nobody(in);
        if (!code) return refused("login", code.error(), why);

        auto const posted =
            https_.post(provider_.token_endpoint, oidc::code_request(*code, *login, self_, {}, assertion()));
        auto const tokens = oidc::read_token_response(posted.body(), &why);
        if (!tokens) return refused("token endpoint", tokens.error(), why);
        // A browser that has a session keeps its user; another user logs out first.
        auto const before = session_of(in);
        auto const id = oidc::finish_login(id_tokens_, *tokens, *login, self_, sso::now(), {},
                                           before ? before->session.user() : std::string_view{});
        if (!id) return refused("ID token", id.error());

        // The session is linked to the provider's, so that it ends with it. It keeps the ID token for `log_out`.
        auto const made = run(sessions_.log_in({.user = id->subject(),
                                                .idp_session = id->claim<std::string_view>("sid").value_or(""),
                                                .idp_issuer = id->issuer()},
                                               client_of(in), sso::now(), sso::cookie_of(in, session_cookie)),
                              db_);
        if (!made) return refused("session", made.error());
        if (auto const kept = run(sessions_.set_data(made->cookie, tokens->id_token, client_of(in), sso::now()), db_);
            !kept)
            std::cerr << "ID token: " << kept.error().message() << '\n'; // the provider will ask before it logs out
        std::cerr << made->event.text() << '\n';
        auto out = sso::redirect(login->return_to);
        sso::set_cookie(out, session_cookie, made->cookie);
        sso::set_cookie(out, login_cookie, {});
        return out;
    }

    // The provider knows no user in this browser, or another one: a session that is still here ends.
    web::response nobody(web::request const& in) {
        (void)run(sessions_.log_out(sso::cookie_of(in, session_cookie), sso::now()), db_);
        auto out = sso::page(401, "<p>Nobody is logged in.</p><p><a href=\"/login\">Log in</a></p>");
        sso::set_cookie(out, session_cookie, {});
        sso::set_cookie(out, login_cookie, {});
        return out;
    }
    // [/finish]

    // [logout]
    web::response log_out(web::request const& in) {
        auto const used = session_of(in);
        std::string const id_token{used ? used->session.data() : std::string_view{}};
        if (auto const ended = run(sessions_.log_out(sso::cookie_of(in, session_cookie), sso::now()), db_); !ended)
            return refused("logout", ended.error());
        // No `http::logout_fields` here: they would remove the cookies of a provider on the same registrable domain,
        // which would then not find the session that is to end.
        auto const url = oidc::end_session_url(provider_.end_session_endpoint, self_,
                                               {.id_token_hint = id_token, .post_logout_redirect_uri = home_});
        auto out = sso::redirect(url ? *url : home_); // not every provider has the endpoint
        sso::set_cookie(out, session_cookie, {});
        return out;
    }

    // The provider names a session that ended, or a user all of whose sessions did. Each token is accepted once: a
    // second time it would end what the user began since.
    web::response hear_logout(web::request const& in) {
        auto const token = logout_tokens_.verify(web::form_value(in.body, "logout_token"), sso::now());
        auto const notice = token ? oidc::read_logout_token(*token) : token.error();
        if (!notice) return refused("logout token", notice.error());
        auto const first =
            heard_.insert(proof::jti_key(self_.issuer, notice->id), notice->issued + heard_for, sso::now());
        if (!first) return refused("logout token", first.error());
        auto const ended =
            run(sessions_.log_out_idp_session(self_.issuer, notice->session, sso::now(), notice->user), db_);
        if (!ended) return refused("back-channel logout", ended.error());
        std::cerr << ended->event.text() << '\n';
        web::response out;
        out.set("Cache-Control", "no-store");
        return out;
    }
    // [/logout]

    std::string assertion() const {
        return key_ ? oidc::client_assertion(*key_, self_.client_id, self_.issuer, sso::now()).value_or("") : "";
    }

    // The keys of the provider, fetched when a token needs them.
    jwt::key_source keys() const {
        return {.fetch = [this](jwt::key_fetch keys) {
            auto const got = https_.get(provider_.jwks_uri);
            auto const taken =
                keys.finish({static_cast<int>(got.result_int()), got.body(),
                             got[boost::beast::http::field::cache_control], got[boost::beast::http::field::age]},
                            sso::now());
            if (!taken) std::cerr << provider_.jwks_uri << ": " << taken.error().message() << '\n';
        }};
    }

    static constexpr auto heard_for = oidc::max_logout_token_age + 1min;

    oidc::oidc_client self_;
    oidc::discovery provider_;
    std::optional<jwt::signer<es256>> key_;
    sso::https_client& https_;
    std::string home_;
    jwt::verifier<es256, rs256> id_tokens_{keys(), oidc::id_token_policy(self_)};
    jwt::verifier<es256, rs256> logout_tokens_{keys(), oidc::logout_token_policy(self_)};
    // In memory, by keys of this run: a restart logs everybody out. With several instances, all of this is shared.
    store::memory db_{};
    proof::replay_guard heard_{{.entries = 10'000, .window = heard_for + 1min}};
    oidc::login_states states_{mac_key::generate(alg::hs256).value()};
    session::login_sessions sessions_ =
        session::login_sessions::make("example", self_.client_id, mac_key::generate(alg::hs256).value(), {}).value();
};

// The private key of this client, with the name that it has at the provider.
jwt::signer<es256> load_key(std::string const& file) {
    auto jwk = jose::parse_private_jwk(sso::read_file(file)).value();
    return jwt::signer<es256>::make(std::move(jwk.key), {.key_id = jwk.attributes.kid.value_or("")}).value();
}

int start(std::string const& issuer, std::string const& client_id, std::string const& origin,
          std::string const& tls_file, std::string const& ca_file, char const* key_file) {
    if (sso::port_of(origin) == 0) return std::cerr << usage, 2;

    sso::https_client https{ca_file};
    auto const metadata = https.get(oidc::discovery_url(issuer));
    if (metadata.result_int() != 200) return std::cerr << issuer << " has no metadata\n", 1;
    auto const provider = oidc::read_discovery(metadata.body(), issuer);
    if (!provider) return std::cerr << issuer << ": " << provider.error().message() << '\n', 1;
    oidc::oidc_client const self{.issuer = issuer,
                                 .client_id = client_id,
                                 .redirect_uri = origin + "/callback",
                                 .answers_name_issuer = provider->answers_name_issuer,
                                 .leeway = 5s};
    application app{self, *provider, key_file ? std::optional{load_key(key_file)} : std::nullopt, https, origin + "/"};
    sso::serve(app, origin, tls_file);
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 6 && argc != 7) return std::cerr << usage, 2;
    try {
        return start(argv[1], argv[2], argv[3], argv[4], argv[5], argc == 7 ? argv[6] : nullptr);
    } catch (std::exception const& e) { return std::cerr << e.what() << '\n', 1; }
}

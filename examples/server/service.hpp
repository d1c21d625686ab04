// The service itself, on plain data: what it asks of a request is signet's, what it does then is its own. The servers
// beside this file bring the requests.
#pragma once

#include <signet/http.hpp>
#include <signet/jwt.hpp>
#include <signet/proof.hpp>
#include <signet/session.hpp>
#include <signet/store/health.hpp>
#include <signet/store/memory.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/observed.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shop {

using namespace signet;
using namespace std::chrono_literals;

// A request and its answer, as every server knows them. The views are valid while the request is answered.
struct request {
    std::string_view method, path;                             // without the query
    std::vector<std::string_view> authorization, dpop, cookie; // all values of the fields of these names
};

struct answer {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> fields{};
    std::string body{};
    std::string type = "text/plain; charset=utf-8";
};

inline constexpr jwt::challenge_params read_orders{.scope = "orders.read"};
// Payments are for who logged in a short time ago, with a second factor (RFC 9470).
inline constexpr jwt::challenge_params pay{.scope = "orders.pay",
                                           .authentication = {.acr_values = "mfa", .max_age = 300s}};
inline constexpr jwt::challenge_params log_in{.scope = "openid"};
inline constexpr http::cookie_policy session_cookie{{.name = "__Host-sid", .same_site = http::same_site::lax}};

// Made once at start and shared by all threads; it stays where it is, since the policy points into it.
class service {
public:
    // `origin` is what clients see, such as "https://api.example.com": their proofs name it.
    service(std::string origin, jose::key_set<es256> keys)
        : origin_{std::move(origin)},
          tokens_{std::move(keys), {.issuer = "https://id.example.com", .audience = "shop", .type = "at+jwt"}} {}

    answer handle(request const& r, unix_time now) {
        if (r.path == "/orders" && r.method == "GET")
            return with_token(r, read_orders, now, [](auto const& token) {
                return answer{.body = "orders of " + std::string{token.subject()} + '\n'};
            });
        if (r.path == "/payments" && r.method == "POST")
            return with_token(r, pay, now, [](auto const& token) {
                return answer{.body = "paid by " + std::string{token.subject()} + '\n'};
            });
        // A page that has an access token exchanges it for a cookie, which scripts cannot read.
        if (r.path == "/session" && r.method == "POST")
            return with_token(r, log_in, now, [&](auto const& token) { return begin_session(token.subject(), now); });
        if (r.path == "/session" && r.method == "GET") return show_session(r, now);
        if (r.path == "/session" && r.method == "DELETE") return end_session(r, now);
        return {.status = 404, .body = "there is nothing here\n"};
    }

    // [operate]
    // For those who operate the service, on a port of their own: whoever reaches it is asked for nothing.
    answer operate(request const& r, unix_time now) {
        if (r.path == "/healthz" && r.method == "GET") {
            auto const how = store::check_health(db_, now);
            if (how.is_healthy()) return {.body = "healthy\n"};
            return {.status = 503,
                    .body = (how.error ? std::string{name(*how.error)} : "unfit") + ": " + how.words + '\n'};
        }
        if (r.path == "/metrics" && r.method == "GET")
            return {.body = store::prometheus_text(counts_.snapshot("sessions")), .type = "text/plain; version=0.0.4"};
        return {.status = 404, .body = "there is nothing here\n"};
    }
    // [/operate]

private:
    // [authorize]
    // The token of a request, if it is good for what is wanted. A token that is bound to a key needs a proof of it.
    result<jwt::token> authorize(request const& r, jwt::challenge_params const& wanted, unix_time now) {
        auto const shown = proof::read_authorization(r.authorization);
        if (!shown) return shown.error();
        auto token = tokens_.verify(shown->token, now);
        if (!token) return token.error();
        if (shown->scheme == proof::token_scheme::dpop) {
            auto const bound = proof::bound_token::from(*shown, *token);
            if (!bound) return bound.error();
            auto const url = origin_ + std::string{r.path};
            proof::dpop_request const sent{.proofs = r.dpop, .method = r.method, .url = url, .token = &*bound};
            if (auto const who = run(proof::dpop_check{sent, proofs_, now}, db_); !who) return who.error();
        } else if (auto const plain = proof::accept_bearer(*shown, *token); !plain) return plain.error();
        if (auto const may = jwt::require_scope(*token, wanted.scope); !may) return may.error();
        auto const& login = wanted.authentication;
        if (!login.acr_values.empty() || login.max_age)
            if (auto const sure = jwt::require_authentication(*token, login, now); !sure) return sure.error();
        return token;
    }

    // 400, 401, 403 or 503, with a challenge of each scheme that the client may use.
    answer refuse(request const& r, error why, jwt::challenge_params const& wanted, unix_time now) const {
        answer out{.status = why.http_status(), .fields = {}, .body = std::string{why.message()} + '\n'};
        auto const shown = proof::read_authorization(r.authorization);
        if (!shown || shown->scheme == proof::token_scheme::bearer)
            out.fields.emplace_back("WWW-Authenticate", jwt::bearer_challenge(why.code, wanted));
        if (!shown || shown->scheme == proof::token_scheme::dpop) {
            auto said = proof::answer_dpop(why.code, proofs_, now, role::resource_server, wanted);
            out.fields.emplace_back("WWW-Authenticate", std::move(said.www_authenticate));
            out.fields.emplace_back("DPoP-Nonce", std::move(said.dpop_nonce));
        }
        std::erase_if(out.fields, [](auto const& field) { return field.second.empty(); });
        return out;
    }
    // [/authorize]

    template <class Then>
    answer with_token(request const& r, jwt::challenge_params const& wanted, unix_time now, Then then) {
        auto const token = authorize(r, wanted, now);
        return token ? then(*token) : refuse(r, token.error(), wanted, now);
    }

    answer begin_session(std::string_view user, unix_time now) {
        auto const begun = run(sessions_.log_in({.user = user}, {}, now), db_);
        if (!begun) return {.status = begun.error().http_status()};
        return {.fields = {{"Set-Cookie", session_cookie.set(begun->cookie).value()}}, .body = "logged in\n"};
    }
    answer show_session(request const& r, unix_time now) {
        auto const cookie = http::cookie_reader{r.cookie}.find(session_cookie.name());
        if (!cookie) return {.status = cookie.error().http_status(), .body = "not logged in\n"};
        auto const used = run(sessions_.authenticate(*cookie, {}, now), db_);
        if (!used) return {.status = used.error().http_status(), .body = std::string{used.error().message()} + '\n'};
        answer out{.body = "hello " + std::string{used->session.user()} + '\n'};
        if (!used->new_cookie.empty()) // the id was renewed: the browser has to learn the new one
            out.fields.emplace_back("Set-Cookie", session_cookie.set(used->new_cookie).value());
        return out;
    }
    answer end_session(request const& r, unix_time now) {
        auto const cookie = http::cookie_reader{r.cookie}.find(session_cookie.name());
        if (cookie)
            if (auto const ended = run(sessions_.log_out(*cookie, now), db_); !ended)
                return {.status = ended.error().http_status()};
        return {.fields = {{"Set-Cookie", session_cookie.remove().value()}}, .body = "logged out\n"};
    }

    std::string origin_;
    jwt::verifier<es256> tokens_;
    proof::dpop_nonces nonces_{*mac_key::generate(alg::hs256)}; // of several instances: one key
    proof::dpop_policy proofs_{.nonces = &nonces_};
    session::login_sessions sessions_ = *session::login_sessions::make("acme", "shop", *mac_key::generate(alg::hs256),
                                                                       {.profile = session::profiles::owasp_low});
    store::memory records_; // of several instances: store::redis
    store::metrics counts_;
    store::observed<store::memory&, store::metrics> db_{records_, counts_};
};

// Whom a listener answers: everybody by `handle`, or operators by `operate`.
using handler = answer (service::*)(request const&, unix_time);

} // namespace shop

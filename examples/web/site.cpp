#include "site.hpp"

namespace web {

using namespace signet;
using namespace std::chrono_literals;

namespace {

// Where "keep me logged in" was ticked: as long as the session lives at most.
constexpr http::cookie_policy kept_cookie{
    {.name = "__Host-sid", .max_age = 8h, .same_site = http::same_site::strict, .use = http::cookie_use::other}};

// What never needs the bound cookie: the browser does not wait for it there, and neither do we.
constexpr dbsc::scope_rule rules[] = {
    {dbsc::rule_type::exclude, "*", "/static"},
    {dbsc::rule_type::exclude, "*", "/wire/events"},
    {dbsc::rule_type::exclude, "*", "/api"},
    {dbsc::rule_type::exclude, "*", "/oauth/refresh"},
    {dbsc::rule_type::exclude, "*", "/telemetry/batch"},
};

constexpr http::header_field security_fields[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
     "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

// How long a login may go on before its browser has registered a key, and how long requests that were on their way then
// may come without the bound cookie, or with that of the login before.
constexpr auto bind_within = 30s, settle = 5s;

// Names of this machine are shared with other programs, whose HTTP a browser would no longer ask.
bool https_only(std::string_view origin) {
    auto const host = origin.substr(8, origin.find(':', 8) - 8);
    return host != "localhost" && !host.ends_with(".localhost") && !host.starts_with("127.") && !host.starts_with('[');
}

// Also whoever just lost a login, to an administrator, and logs in again.
bool is_of_earlier_login(error why) {
    return why == errc::cookie_missing || why == errc::dbsc_session_ended || why == errc::dbsc_session_revoked;
}

template <class T> T must(result<T> made) {
    if (!made) throw std::runtime_error{std::string{message(made.error().code)}};
    return *std::move(made);
}

http::owned_cookie_policy bound_cookie(std::chrono::seconds lifetime) {
    return must(
        http::cookie_policy::make({.name = "__Host-bound", .max_age = lifetime, .use = http::cookie_use::other}));
}

dbsc::policy bound_policy(settings const& s, http::owned_cookie_policy const& cookie) {
    bool const short_lifetime = s.cookie_lifetime < 240s;
    return must(dbsc::policy::make({.cookie = cookie.policy(),
                                    .origin = s.origin,
                                    .rules = rules,
                                    .overlap = short_lifetime ? 2s : 120s,
                                    .latency = short_lifetime ? 2s : 30s,
                                    .session_lifetime = 8h,
                                    .short_cookie_for_tests = short_lifetime}));
}

// The host: browsers tie passkeys to it for ever.
std::string_view host_of(std::string_view origin) { return origin.substr(8, origin.find_first_of(":/", 8) - 8); }

bool is_of_passkeys(std::string_view path) { return path.starts_with("/passkey/") || path == "/.well-known/webauthn"; }

// Passkeys are for names; a site at an IP address has none.
std::optional<webauthn::owned_relying_party> passkey_policy(std::span<std::string_view const> origins) {
    auto const made =
        webauthn::relying_party::make({.rp_id = host_of(origins.front()), .name = "signet demo", .origins = origins});
    return made ? std::optional{*made} : std::nullopt;
}

jwt::verifier<es256> token_verifier(local_key<es256> const& key, std::string const& issuer,
                                    std::string const& audience) {
    jose::key_set<es256> keys;
    if (!keys.add(key.verifier_key())) throw std::runtime_error{"key set"};
    return {std::move(keys), {.issuer = issuer, .audience = audience, .type = oauth::access_token_type}};
}

} // namespace

site::site(settings s, site_keys keys, any_store& db, pages& texts)
    : settings_{std::move(s)},
      db_{db},
      pages_{texts},
      users_{db},
      known_browsers_{keys.known_browsers},
      bound_cookie_{bound_cookie(settings_.cookie_lifetime)},
      api_{settings_.origin + "/api/orders"},
      token_url_{settings_.origin + "/oauth/token"},
      refresh_url_{settings_.origin + "/oauth/refresh"},
      bound_{bound_policy(settings_, bound_cookie_)},
      origins_{settings_.origin},
      passkey_policy_{passkey_policy(origins_)},
      passkeys_{std::string{host_of(settings_.origin)}},
      sessions_{must(
          session::login_sessions::make("demo", "shop", keys.sessions, {.profile = session::profiles::owasp_low}))},
      devices_{"shop", {.touch_every = 10s, .index_key_ids = true}},
      device_sessions_{must(device::device_sessions::make(keys.signing, "k1", settings_.origin, "shop",
                                                          {.remember_telemetry = 1h,
                                                           .telemetry_every = 1s,
                                                           .actions = {{.action_type = "transaction"}},
                                                           .devices = devices_}))},
      issuer_{must(oauth::token_issuer<es256>::make(keys.signing, settings_.origin, "k1"))},
      families_{must(oauth::refresh_families::make({{1, keys.refresh_tokens}}))},
      tokens_{token_verifier(keys.signing, settings_.origin, api_)},
      nonces_{keys.nonces},
      tables_{crypto::generator_tables::make()},
      dpop_{.algorithms = algorithm_set::of<es256>(), .nonces = &nonces_, .tables = &tables_} {}

site::route const site::routes[] = {
    {"GET", "/", need::nothing, &site::front},
    {"POST", "/signup", need::nothing, &site::sign_up},
    {"POST", "/login", need::nothing, &site::log_in},
    {"POST", "/logout", need::login, &site::log_out},
    {"POST", "/logout-everywhere", need::login, &site::log_out_everywhere},
    {"GET", "/account", need::bound, &site::account_page},
    {"GET", "/echo", need::bound, &site::echo},
    {"POST", "/echo", need::bound, &site::echo},
    {"GET", "/binding", need::login, &site::binding},
    {"GET", "/devices", need::bound, &site::devices_page},
    {"POST", "/sessions/end", need::bound, &site::end_session},
    {"POST", "/sessions/end-others", need::bound, &site::end_others},
    {"POST", "/devices/change", need::bound, &site::change_device},
    {"POST", "/passkey/signup/begin", need::nothing, &site::begin_passkey_sign_up},
    {"POST", "/passkey/signup/finish", need::nothing, &site::finish_passkey_sign_up},
    {"POST", "/passkey/login/begin", need::nothing, &site::begin_passkey_login},
    {"POST", "/passkey/login/finish", need::nothing, &site::finish_passkey_login},
    {"POST", "/passkey/add/begin", need::bound, &site::begin_adding_passkey},
    {"POST", "/passkey/add/finish", need::bound, &site::finish_adding_passkey},
    {"POST", "/passkey/change", need::bound, &site::change_passkey},
    {"GET", "/passkey/signals", need::bound, &site::passkey_signals},
    {"GET", "/.well-known/webauthn", need::nothing, &site::related_origins},
    {"POST", "/device/challenge", need::login, &site::challenge},
    {"POST", "/device/register", need::bound, &site::register_device},
    {"POST", "/device/prove", need::login, &site::prove_device},
    {"GET", "/prove", need::login, &site::prove_page},
    {"GET", "/confirm", need::bound, &site::confirm_page},
    {"GET", "/telemetry", need::visitor, &site::telemetry_page},
    {"POST", "/device/session/challenge", need::visitor, &site::session_challenge},
    {"POST", "/device/session", need::visitor, &site::device_session},
    {"POST", "/telemetry/batch", need::nothing, &site::telemetry_batch},
    {"POST", "/confirm/token", need::bound, &site::confirm_by_token},
    {"POST", "/confirm/challenge", need::bound, &site::confirm_by_challenge},
    {"POST", "/passkey/confirm/begin", need::bound, &site::begin_passkey_confirmation},
    {"POST", "/passkey/confirm/finish", need::bound, &site::confirm_by_passkey},
    {"GET", "/tokens", need::bound, &site::api_page},
    {"POST", "/oauth/token", need::bound, &site::token},
    {"POST", "/oauth/refresh", need::nothing, &site::refresh_token},
    {"GET", "/api/orders", need::nothing, &site::orders},
    {"GET", "/wire", need::bound, &site::wire_page},
    {"GET", "/wire/events", need::bound, &site::wire_events},
    {"GET", "/admin", need::admin, &site::admin_page},
    {"POST", "/admin/session/end", need::admin, &site::admin_end_session},
    {"POST", "/admin/device", need::admin, &site::admin_change_device},
    {"POST", "/admin/revoke", need::admin, &site::admin_revoke},
    {"GET", "/admin/activity", need::admin, &site::admin_activity},
};

response site::answer(request const& in, unix_time now) {
    exchange x{in, now};
    if (in.path == "/dbsc/register") dbsc_register(x);
    else if (in.path == "/dbsc/refresh") dbsc_refresh(x);
    else if (in.path.starts_with("/static/")) {
        auto const file = pages_.file(std::string_view{in.path}.substr(8));
        x.out.status = file ? 200 : 404;
        x.out.body = file.value_or("");
        x.out.set("Content-Type",
                  in.path.ends_with(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
        x.out.set("Cache-Control", "no-cache");
    } else {
        dispatch(x);
        x.out.set("Cache-Control", http::sensitive());
    }
    for (auto const& f : security_fields) x.out.set(f.name, f.value);
    if (https_only(settings_.origin)) x.out.set("Strict-Transport-Security", "max-age=31536000");
    if (x.who && !x.who->new_cookie.empty()) set_session_cookie(x, x.who->new_cookie, x.who->keep);
    if (x.user.empty() && x.who) x.user = x.who->session.user();
    bool const quiet = in.path == "/wire/events" || in.path == "/admin/activity" || in.path.starts_with("/static/") ||
                       in.path == "/binding" || in.path == "/passkey/signals";
    if (!x.user.empty() && !quiet) wire_.add(x.user, in, x.out, std::move(x.outcome), now);
    return std::move(x.out);
}

void site::dispatch(exchange& x) {
    bool known_path = false;
    for (auto const& r : routes) {
        if (r.path != x.in.path || (is_of_passkeys(r.path) && !passkey_policy_)) continue;
        known_path = true;
        if (r.method != x.in.method && !(r.method == "GET" && x.in.method == "HEAD")) continue;
        // Against forgery: the cookies are SameSite=Strict, and what changes anything comes from our own pages.
        if (r.method == "POST" && !same_origin(x.in)) return refuse(x, errc::csrf_refused, 403);
        if (r.demand != need::nothing) {
            auto const known = identify(x);
            bool const may_be_nobody = r.demand == need::visitor && !known && http_status(known.error().code) < 500;
            if (!known && !may_be_nobody) return refuse(x, known.error().code);
        }
        if (x.who && r.demand != need::login) {
            if (auto bound = check_binding(x); !bound) return refuse(x, bound.error().code);
        }
        if (r.demand == need::admin) {
            auto const who = users_.find(x.who->session.user(), x.now);
            if (!who) return refuse(x, who.error().code);
            if (!who->admin) return refuse(x, errc::login_refused, 403);
        }
        return (this->*r.call)(x);
    }
    auto const why = known_path ? "That method is not for this address." : "There is no such page.";
    page(x, "message", "Not here", {{"text", why}}, known_path ? 405 : 404);
}

bool site::same_origin(request const& in) const { return in.find("origin") == settings_.origin; }

result<void> site::identify(exchange& x) const {
    auto const cookie = http::cookie_reader{x.in.find("cookie")}.find(session_cookie.name());
    if (!cookie) return cookie.error();
    session::client_properties const client{.ip = x.in.ip, .user_agent = x.in.find("user-agent")};
    auto const used = run(sessions_.authenticate(*cookie, client, x.now), db_);
    if (!used) return used.error();
    // What this site keeps with a session: "keep" or "-", then the bound session and when it was registered.
    auto const data = used->session.data();
    login who{.session = used->session,
              .sid = used->session.sid(),
              .cookie = std::string{*cookie},
              .new_cookie = used->new_cookie,
              .dbsc = {},
              .bound_at = {},
              .keep = data.starts_with("keep")};
    if (auto const first = data.find(' '), second = data.rfind(' '); first != data.npos && second > first) {
        who.dbsc = data.substr(first + 1, second - first - 1);
        who.bound_at = unix_time{std::chrono::seconds{std::atoll(std::string{data.substr(second + 1)}.c_str())}};
    }
    x.who = std::move(who);
    return {};
}

// A cookie that was copied is of no use without the device: there has to be one of minutes that only the browser's key
// renews (DBSC), or, where the browser has no such thing, a signature of a key in its IndexedDB that is not older.
result<void> site::check_binding(exchange const& x) {
    auto const& who = *x.who;
    if (!who.dbsc.empty()) {
        bool const settling = x.now < who.bound_at + settle;
        auto const shown = run(dbsc::cookie_check{bound_, x.in.find("cookie"), x.now}, db_);
        if (settling && !shown && is_of_earlier_login(shown.error())) return {};
        if (!shown) return shown.error();
        if (shown->id() != who.dbsc || !shown->belongs_to(who.sid)) return errc::dbsc_cookie_mismatch;
        return {};
    }
    auto const key = bound_key(who.sid, x.now);
    if (!key) return key.error();
    auto const good_until =
        key->key_id.empty() ? who.session.auth_time() + bind_within : key->proved + settings_.cookie_lifetime;
    if (x.now >= good_until) return errc::possession_missing;
    return {};
}

void site::refuse(exchange& x, errc why, int status) const {
    x.outcome = "refused: " + std::string{name(why)};
    bool const from_script = x.in.find("accept").find("text/html") == std::string_view::npos;
    if (from_script) return json(x, object({{"error", name(why)}, {"message", message(why)}}), status);
    if (why == errc::possession_missing && x.in.method == "GET") return redirect(x, "/prove?next=" + x.in.path);
    std::string text{message(why)};
    if (why == errc::cookie_missing)
        text = x.who ? "This browser did not show that it holds the key of this login." : "Please log in.";
    if (!x.who && status == 401) return page(x, "login", "Log in", {{"notice", text}}, status);
    page(x, "refused", "Not allowed", {{"text", text}, {"reason", std::string{name(why)}}}, status);
}

void site::page(exchange& x, std::string_view name, std::string_view title, values const& v, int status) const {
    values all = v;
    all.push_back({"title", std::string{title}});
    if (x.who) {
        all.push_back({"user", std::string{x.who->session.user()}});
        all.push_back({"nav", pages_.make_part("nav", {{"user", std::string{x.who->session.user()}}}), true});
    }
    x.out.status = status;
    x.out.body = pages_.make(name, all);
    x.out.set("Content-Type", "text/html; charset=utf-8");
}

void site::redirect(exchange& x, std::string_view to) {
    x.out.status = 303;
    x.out.set("Location", to);
}

void site::json(exchange& x, std::string body, int status) {
    x.out.status = status;
    x.out.body = std::move(body);
    x.out.set("Content-Type", "application/json");
}

void site::set_session_cookie(exchange& x, std::string_view value, bool keep) const {
    if (auto line = (keep ? kept_cookie : session_cookie).set(value)) x.out.set("Set-Cookie", *line);
}

void site::wire_page(exchange& x) { page(x, "wire", "On the wire", {}); }

void site::wire_events(exchange& x) { json(x, wire_.since(x.who->session.user(), after(x.in.query))); }

std::uint64_t after(std::string_view query) { return std::strtoull(form_value(query, "after").c_str(), nullptr, 10); }

std::string member(codec::json_document const& body, std::string_view name) {
    auto const found = body.root().find(name);
    return std::string{found ? found->as_string().value_or(std::string_view{}) : std::string_view{}};
}

} // namespace web

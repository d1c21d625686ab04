// The site itself: from a request and the time to an answer. It asks its store and waits for nothing else.
#pragma once

#include "../json_object.hpp"
#include "activity.hpp"
#include "any_store.hpp"
#include "form.hpp"
#include "keys.hpp"
#include "message.hpp"
#include "pages.hpp"
#include "throttle.hpp"
#include "users.hpp"
#include "wire.hpp"

#include <signet/dbsc.hpp>
#include <signet/device.hpp>
#include <signet/http.hpp>
#include <signet/jwt.hpp>
#include <signet/oauth.hpp>
#include <signet/proof.hpp>
#include <signet/session.hpp>
#include <signet/webauthn.hpp>

#include <optional>

namespace web {

inline constexpr signet::http::cookie_policy session_cookie{
    {.name = "__Host-sid", .same_site = signet::http::same_site::strict}};

/// Marks a browser in which a user has logged in: wrong passwords of strangers do not count there.
inline constexpr signet::http::cookie_policy known_browser_cookie{{.name = "__Host-known",
                                                                   .max_age = std::chrono::hours{24 * 365},
                                                                   .same_site = signet::http::same_site::strict,
                                                                   .use = signet::http::cookie_use::other}};

/// Names a browser before its login: a passkey's challenge is answered by the browser that asked for it.
inline constexpr signet::http::cookie_policy visit_cookie{
    {.name = "__Host-visit", .same_site = signet::http::same_site::strict, .use = signet::http::cookie_use::other}};

struct settings {
    std::string origin; // "https://localhost:8443", as browsers write it
    std::chrono::seconds cookie_lifetime{
        600}; // of the bound cookie; and how long a device's proof counts in browsers without DBSC
};

/// The login that a request belongs to.
struct login {
    signet::session::live_session session;
    std::string sid;
    std::string cookie;     // what the request showed
    std::string new_cookie; // not empty: the id was renewed
    std::string dbsc;       // the bound session of this login; empty where the browser has none
    signet::unix_time bound_at{};
    bool keep = false; // its cookie outlives the browser

    std::string const& current_cookie() const { return new_cookie.empty() ? cookie : new_cookie; }
};

/// One request on its way through the site.
struct exchange {
    request const& in;
    signet::unix_time now;
    response out{};
    std::optional<login> who{};
    std::string user{};    // whose event on the wire it is
    std::string outcome{}; // for the wire
};

class site {
public:
    site(settings s, site_keys keys, any_store& db, pages& texts);
    response answer(request const& in, signet::unix_time now);
    /// Whether `answer` hashes a password, which takes long.
    static bool is_slow(request const& in) {
        return in.method == "POST" && (in.path == "/login" || in.path == "/signup");
    }
    [[nodiscard]] web::users const& accounts() const { return users_; }

private:
    /// What a route demands before its function is called.
    enum class need : std::uint8_t {
        nothing,
        login,   ///< a live login session; its device need not be proved
        bound,   ///< and the device behind it: the bound cookie, or a young proof by its key
        visitor, ///< no login; but where there is one, it is bound
        admin,   ///< and an administrator
    };
    struct route {
        std::string_view method, path;
        need demand;
        void (site::*call)(exchange&);
    };
    static route const routes[];

    // site.cpp
    void dispatch(exchange& x);
    bool same_origin(request const& in) const;
    signet::result<void> identify(exchange& x) const;
    signet::result<void> check_binding(exchange const& x);
    void refuse(exchange& x, signet::errc why) const { refuse(x, why, http_status(why)); }
    void refuse_action(exchange& x, signet::errc why) const { refuse(x, why, http_status(why, signet::role::action)); }
    void refuse(exchange& x, signet::errc why, int status) const;
    void page(exchange& x, std::string_view name, std::string_view title, values const& v, int status = 200) const;
    static void redirect(exchange& x, std::string_view to);
    static void json(exchange& x, std::string body, int status = 200);
    void set_session_cookie(exchange& x, std::string_view value, bool keep) const;

    // account.cpp
    void front(exchange& x);
    void sign_up(exchange& x);
    void log_in(exchange& x);
    void log_out(exchange& x);
    void log_out_everywhere(exchange& x);
    void leave(exchange& x); // what the browser is told after a logout
    void account_page(exchange& x);
    void echo(exchange& x);
    struct login_proof {
        std::uint8_t level = 1;
        std::string_view methods = "pwd";
        signet::proof::verified_key const* key = nullptr; // of the passkey
    };
    bool begin_login(exchange& x, account const& who, bool keep, login_proof const& by);
    signet::bytes browser_mark(std::string_view user, signet::bytes_view dice) const;
    std::string known_browser(request const& in, std::string_view user) const;
    void remember_browser(exchange& x, std::string_view user) const;
    void end_bound(std::vector<signet::session::live_session> const& sessions, signet::dbsc::ending how,
                   signet::unix_time now);

    // bound.cpp
    void dbsc_register(exchange& x);
    void dbsc_refresh(exchange& x);
    static void send(exchange& x, signet::dbsc::response answer);

    // devices.cpp
    void devices_page(exchange& x);
    void end_session(exchange& x);
    void end_others(exchange& x);
    void change_device(exchange& x);
    void challenge(exchange& x);
    void register_device(exchange& x);
    void prove_device(exchange& x);
    void prove_page(exchange& x);
    void binding(exchange& x);
    signet::result<void> bind_key(login const& who, std::string_view key_id, signet::unix_time now);
    struct key_binding {
        std::string key_id;
        signet::unix_time proved{};
    };
    signet::result<key_binding> bound_key(std::string_view sid, signet::unix_time now);

    signet::result<void> end_one(std::string_view user, std::string_view sid, signet::unix_time now);
    signet::result<signet::device::registered_device> block_device(std::string_view user, std::string_view key_id,
                                                                   signet::unix_time now);
    signet::result<void> end_device(std::string_view user, signet::device::registered_device const& device,
                                    std::string_view keep_sid, signet::unix_time now);

    // admin.cpp
    void admin_page(exchange& x);
    void admin_end_session(exchange& x);
    void admin_change_device(exchange& x);
    void admin_revoke(exchange& x);
    void show_user(exchange& x, std::string const& user, std::string const& notice);
    void show_key(exchange& x, std::string const& key_id);
    std::string admin_device_row(std::string const& user, signet::device::registered_device const& d,
                                 signet::unix_time now) const;
    std::optional<std::string> user_of_form(exchange& x) const;

    // telemetry.cpp
    void telemetry_page(exchange& x);
    void session_challenge(exchange& x);
    void device_session(exchange& x);
    void telemetry_batch(exchange& x);
    void admin_activity(exchange& x);
    void note_action(signet::device::authenticated_device const& device, signet::device::triggered_action const& done,
                     signet::unix_time now);
    struct story {
        std::string line, outcome;
    };
    story told(activity::entry const& e, signet::unix_time now);

    // passkeys.cpp
    std::string visit(exchange& x) const;
    bool begin_visit(exchange& x);
    void begin_passkey_sign_up(exchange& x);
    void finish_passkey_sign_up(exchange& x);
    void begin_passkey_login(exchange& x);
    void finish_passkey_login(exchange& x);
    void begin_adding_passkey(exchange& x);
    void finish_adding_passkey(exchange& x);
    void change_passkey(exchange& x);
    void passkey_signals(exchange& x);
    void begin_passkey_confirmation(exchange& x);
    void confirm_by_passkey(exchange& x);
    void related_origins(exchange& x);
    void refuse_passkey(exchange& x, signet::error why) const;
    signet::result<std::string> passkey_rows(exchange const& x);

    // actions.cpp
    void confirm_page(exchange& x);
    void confirm_by_token(exchange& x);
    void confirm_by_challenge(exchange& x);
    void api_page(exchange& x);
    void token(exchange& x);
    void refresh_token(exchange& x);
    void orders(exchange& x);
    std::optional<signet::proof::verified_key> proved_key(exchange& x, std::string_view url);
    void send(exchange& x, signet::proof::dpop_answer answer);
    void send(exchange& x, signet::oauth::token_set const& tokens);

    // pages
    void wire_page(exchange& x);
    void wire_events(exchange& x);

    settings settings_;
    any_store& db_;
    pages& pages_;
    web::users users_;
    web::wire wire_;
    web::activity activity_;
    throttle throttle_;
    address_limit sign_ups_{30}; // each costs a hash, as a password that is looked at does
    address_limit visits_{300};  // each leaves a challenge in the store
    signet::mac_key known_browsers_;
    signet::http::owned_cookie_policy bound_cookie_;
    std::string api_, token_url_, refresh_url_;
    signet::dbsc::policy bound_;
    std::string_view origins_[1];
    std::optional<signet::webauthn::owned_relying_party> passkey_policy_; // none where the site has no name
    signet::webauthn::credentials passkeys_;
    signet::session::login_sessions sessions_;
    signet::device::device_registry devices_;
    signet::device::device_sessions device_sessions_;
    signet::oauth::token_issuer<signet::es256> issuer_;
    signet::oauth::refresh_families families_;
    signet::jwt::verifier<signet::es256> tokens_;
    signet::proof::dpop_nonces nonces_;
    signet::crypto::generator_tables tables_;
    signet::proof::dpop_policy dpop_;
};

/// A member of a JSON body; empty where it is missing or no string.
std::string member(signet::codec::json_document const& body, std::string_view name);
/// What a browser calls itself, in short.
std::string device_name(std::string_view user_agent);
/// How long ago that was, in words.
std::string when(signet::unix_time t, signet::unix_time now);
/// The number of the last event that a page has, by its query.
std::uint64_t after(std::string_view query);

} // namespace web

// Device Bound Session Credentials: the two endpoints.
#include "site.hpp"

namespace web {

using namespace signet;

namespace {

// The login that the request belongs to, by the name that stays when its cookie is renewed. An outage is no missing
// login.
result<std::string> login_of(exchange const& x, result<void> const& known) {
    if (known) return x.who->sid;
    if (http_status(known.error().code) >= 500) return known.error();
    return std::string{};
}

dbsc::request request_of(request const& in, std::string_view login) {
    return {.method = in.method,
            .response = in.find("secure-session-response"),
            .session_id = in.find("sec-secure-session-id"),
            .login = login};
}

} // namespace

void site::send(exchange& x, dbsc::response answer) {
    x.out.status = answer.status;
    for (auto& f : answer.fields) x.out.fields.push_back({std::move(f.name), std::move(f.value)});
    x.out.body = std::move(answer.body);
}

void site::dbsc_register(exchange& x) {
    auto const login = login_of(x, identify(x));
    if (!login) return send(x, dbsc::try_again_later());
    auto const r = request_of(x.in, *login);
    auto const [answer, outcome] = *run(dbsc::handle_registration(bound_, r, x.now), db_);
    x.outcome = outcome ? "the key is pinned to this login" : "refused: " + std::string{name(outcome.error().code)};
    if (outcome && x.who) { // from now on this login demands the bound cookie
        auto const note = (x.who->keep ? "keep " : "- ") + outcome->session.id() + " " +
                          std::to_string(x.now.time_since_epoch().count());
        session::client_properties const client{.ip = x.in.ip, .user_agent = x.in.find("user-agent")};
        if (!run(sessions_.set_data(x.who->current_cookie(), note, client, x.now), db_))
            return send(x, dbsc::try_again_later());
    }
    send(x, answer);
}

void site::dbsc_refresh(exchange& x) {
    auto const login = login_of(x, identify(x));
    if (!login) return send(x, dbsc::try_again_later());
    auto const r = request_of(x.in, *login);
    auto const [answer, outcome] = *run(dbsc::handle_refresh(bound_, r, x.now), db_);
    if (outcome) x.user = outcome->session.user();
    x.outcome = outcome ? "proved; a new bound cookie" : "no new cookie: " + std::string{name(outcome.error().code)};
    send(x, answer);
}

} // namespace web

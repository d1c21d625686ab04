#include "wire.hpp"

#include <signet/codec.hpp>
#include <signet/http.hpp>
#include <signet/webauthn.hpp>

#include <algorithm>
#include <array>

namespace web {

using namespace signet;

namespace {

constexpr std::string_view shown_fields[] = {"secure-session-response", "sec-secure-session-id",
                                             "secure-session-skipped", "dpop", "authorization"};
constexpr std::string_view shown_answers[] = {"secure-session-registration",
                                              "secure-session-challenge",
                                              "dpop-nonce",
                                              "www-authenticate",
                                              "clear-site-data",
                                              "location",
                                              "cache-control"};

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

// As JSON takes it: of a value with octets that are no UTF-8, perhaps since it was cut within a character, those beyond
// ASCII are shown as ?.
void make_text(std::string& value) {
    std::string json;
    output out{json};
    codec::json_writer w{out};
    w.string(value);
    if (w.finish()) return;
    std::replace_if(value.begin(), value.end(), [](unsigned char c) { return c >= 0x80; }, '?');
}

std::string cut(std::string_view text, std::size_t max_size) {
    return text.size() <= max_size ? std::string{text} : std::string{text.substr(0, max_size)} + "...";
}

// The header and payload of a compact JWS in plain text, its signature cut off.
std::string readable(std::string_view value) {
    auto const first = value.find('.'), second = first == value.npos ? first : value.find('.', first + 1);
    if (second == value.npos) return cut(value, 300);
    auto const scheme = value.substr(0, first).rfind(' ');
    auto const start = scheme == value.npos ? 0 : scheme + 1;
    auto const header = codec::base64url_decode(value.substr(start, first - start));
    auto const payload = codec::base64url_decode(value.substr(first + 1, second - first - 1));
    if (!header || !payload) return cut(value, 300);
    return std::string{value.substr(0, start)} + cut(as_text(*header), 400) + " . " + cut(as_text(*payload), 600) +
           " . " + cut(value.substr(second + 1), 8);
}

// Names and attributes; the values are nobody's business.
std::string without_value(std::string_view set_cookie) {
    auto const equals = set_cookie.find('='), end = set_cookie.find(';');
    if (equals == set_cookie.npos) return {};
    auto const value = set_cookie.substr(equals + 1, end == set_cookie.npos ? end : end - equals - 1);
    auto const attributes = end == set_cookie.npos ? std::string_view{} : set_cookie.substr(end);
    return std::string{set_cookie.substr(0, equals + 1)} + (value.empty() ? "" : "...") + std::string{attributes};
}

std::string cookie_names(std::string_view field) {
    std::string names;
    for (auto const& one : http::cookie_reader{field}) names += (names.empty() ? "" : ", ") + std::string{one.name};
    return names;
}

bool contains(auto const& list, std::string_view name) {
    for (auto one : list)
        if (one == name) return true;
    return false;
}

void write_list(codec::json_writer& w, std::string_view name, std::vector<std::string> const& list) {
    w.name(name).begin_array();
    for (auto const& one : list) w.string(one);
    w.end_array();
}

std::string flags_of(webauthn::authenticator_data const& data) {
    std::string text{data.user_present() ? "user present" : "nobody present"};
    text += data.user_verified() ? ", user verified" : ", user not verified";
    text += data.backup_eligible() ? ", can be synced" : ", cannot be synced";
    if (data.backed_up()) text += ", is synced";
    return text + ", count " + std::to_string(data.count);
}

// What a passkey's answer says: where the ceremony took place, for which challenge, and who was there.
void add_answer(std::vector<std::string>& sent, std::string_view body) {
    auto const document = codec::json_document::parse(body);
    if (!document) return;
    if (auto const inner = document->root().find("answer")) // beside an action or a name
        return add_answer(sent, inner->as_string().value_or(std::string_view{}));
    auto const response = document->root().find("response");
    if (!response) return;
    auto const octets = [&](std::string_view name) {
        auto const text = response->find(name);
        return codec::base64url_decode(text ? text->as_string().value_or(std::string_view{}) : std::string_view{})
            .value_or(bytes{});
    };
    auto const client = octets("clientDataJSON");
    if (client.size() <= 600 && webauthn::read_client_data(client)) // then it is UTF-8
        sent.push_back("client data: " + std::string{as_text(client)});
    if (auto const attestation = octets("attestationObject"); !attestation.empty())
        return sent.push_back("attestation object: " + std::to_string(attestation.size()) +
                              " octets, the new key in it");
    auto const authenticator = octets("authenticatorData"); // the data below view it
    if (auto const data = webauthn::read_authenticator_data(authenticator))
        sent.push_back("authenticator data: " + flags_of(*data));
}

} // namespace

void wire::add(std::string user, request const& in, response const& out, std::string outcome, unix_time now) {
    auto line = in.method + " " + in.path + " -> " + std::to_string(out.status);
    event e{0, now, std::move(user), std::move(line), std::move(outcome), {}, {}};
    for (auto const& f : in.fields) {
        if (f.name == "cookie") e.sent.push_back("cookie: " + cookie_names(f.value));
        else if (contains(shown_fields, f.name)) e.sent.push_back(f.name + ": " + readable(f.value));
    }
    for (auto const& f : out.fields) {
        auto const name = lower(f.name);
        if (name == "set-cookie") e.answered.push_back("set-cookie: " + without_value(f.value));
        else if (contains(shown_answers, name)) e.answered.push_back(name + ": " + cut(f.value, 300));
    }
    bool const is_passkey = in.path.starts_with("/passkey/");
    if (is_passkey && in.path.ends_with("/finish")) add_answer(e.sent, in.body);
    if ((in.path.starts_with("/dbsc/") || (is_passkey && in.path.ends_with("/begin"))) && !out.body.empty())
        e.answered.push_back(cut(out.body, 1200));
    for (auto* const texts : {&e.sent, &e.answered}) std::for_each(texts->begin(), texts->end(), make_text);
    make_text(e.line);
    std::lock_guard const lock{mutex_};
    e.number = ++last_;
    events_.push_back(std::move(e));
    if (events_.size() > max_events) events_.pop_front();
}

std::string wire::since(std::string_view user, std::uint64_t after) const {
    std::string text;
    output out{text};
    codec::json_writer w{out};
    w.begin_array();
    std::lock_guard const lock{mutex_};
    for (auto const& e : events_) {
        if (e.number <= after || e.user != user) continue;
        w.begin_object()
            .member("number", e.number)
            .member("at", std::int64_t{e.at.time_since_epoch().count()})
            .member("line", e.line);
        w.member("outcome", e.outcome);
        write_list(w, "sent", e.sent);
        write_list(w, "answered", e.answered);
        w.end_object();
    }
    w.end_array();
    return w.finish() ? text : "[]";
}

} // namespace web

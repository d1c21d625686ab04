// SPDX-License-Identifier: BSL-1.0
// A session cookie from login to logout: what the server writes, what the browser sends back, what is refused.
#include <signet/http.hpp>

#include <cstdio>
#include <string>

using namespace signet;

// [policy]
// A wrong combination, such as a __Host- cookie with a domain, does not compile.
constexpr http::cookie_policy session_cookie{{.name = "__Host-sid", .same_site = http::same_site::strict}};
// [/policy]

// [login]
// After the password was right: a fresh id in a fresh cookie (D4), and an answer that no cache keeps.
result<void> answer_login(std::string_view fresh_id, std::string& head) {
    head += "HTTP/1.1 204 No Content\r\nCache-Control: ";
    head += http::sensitive();
    head += "\r\nSet-Cookie: ";
    output out{head};
    if (auto line = session_cookie.set(fresh_id, out); !line) return line.error();
    head += "\r\n\r\n";
    return {};
}
// [/login]

// [request]
// The id in a later request. A name that was sent twice is refused, not guessed at.
result<std::string_view> session_id(std::string_view cookie_field) {
    return http::cookie_reader{cookie_field}.find(session_cookie.name());
}
// [/request]

// [logout]
// The cookie goes with the attributes it came with; the browser forgets what else it stored of this site.
void answer_logout(std::string& head) {
    head += "HTTP/1.1 204 No Content\r\n";
    for (auto const& field : http::logout_fields) {
        head += field.name;
        head += ": ";
        head += field.value;
        head += "\r\n";
    }
    head += "Set-Cookie: " + session_cookie.remove().value() + "\r\n\r\n";
}
// [/logout]

int main() {
    std::string head;
    if (!answer_login("k3m9-_Zq0YxPpLw7uVbA2cD4eF6gH8iJ1kL3mN5oP7q", head)) return 1;
    std::printf("%s", head.c_str());

    auto const id = session_id("lang=de; __Host-sid=k3m9-_Zq0YxPpLw7uVbA2cD4eF6gH8iJ1kL3mN5oP7q");
    if (!id) return 1;
    std::printf("the request is of session %.*s...\n\n", 8, id->data());

    // A neighbouring host planted a second one; lines cannot be broken out of.
    if (session_id("__Host-sid=a; __Host-sid=b").error() != errc::ambiguous_cookie) return 1;
    if (answer_login("x\r\nSet-Cookie: admin=1", head).error() != errc::invalid_cookie_value) return 1;

    head.clear();
    answer_logout(head);
    std::printf("%s", head.c_str());
}

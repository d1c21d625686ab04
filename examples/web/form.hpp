// application/x-www-form-urlencoded: what queries and posted forms say.
#pragma once

#include <signet/http/cookie.hpp>

#include <string>
#include <string_view>

namespace web {

/// The first value of that name in a query or posted form; empty where there is none.
inline std::string form_value(std::string_view body, std::string_view name) {
    while (!body.empty()) {
        auto const end = body.find('&');
        auto const pair = body.substr(0, end);
        body = end == body.npos ? std::string_view{} : body.substr(end + 1);
        auto const equals = pair.find('=');
        if (pair.substr(0, equals) != name || equals == pair.npos) continue;
        std::string plus{pair.substr(equals + 1)}, decoded;
        for (char& c : plus)
            if (c == '+') c = ' ';
        signet::output out{decoded};
        return signet::http::percent_decode(plus, out) ? decoded : std::string{};
    }
    return {};
}

} // namespace web

// SPDX-License-Identifier: BSL-1.0
// Cookies: building a session cookie beside a bare copy of the same octets, finding one among three and among ten.
#include "harness.hpp"

#include <signet/http/cookie.hpp>
#include <signet/http/ready_cookies.hpp>
#include <signet/http/target.hpp>

#include <array>
#include <string>

using namespace signet;

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "cookies"};
    constexpr auto policy = http::cookies::session();
    std::string const id = "k3m9-_Zq0YxPpLw7uVbA2cD4eF6gH8iJ1kL3mN5oP7q"; // 32 octets as base64url
    std::string const line = policy.set(id).value();
    std::array<char, 256> buffer{};

    auto& build = suite.table("build and print a session cookie");
    build.add("bare memcpy of the same octets", [&] {
        bench::keep(line);
        std::memcpy(buffer.data(), line.data(), line.size());
        bench::keep(buffer);
        return buffer[0] == '_';
    });
    build.add("signet, into a buffer", [&] {
        bench::keep(id);
        output out{buffer};
        auto const made = policy.set(id, out);
        bench::keep(buffer);
        return made && made->size() == line.size();
    });
    build.add("signet, removal", [&] {
        output out{buffer};
        auto const made = policy.remove(out);
        bench::keep(buffer);
        return made.has_value();
    });

    auto const header = [&](int others) {
        std::string text;
        for (int i = 0; i != others; ++i)
            text += "cookie-" + std::to_string(i) + "=value-of-it-" + std::to_string(i * 7919) + "; ";
        return text + "__Host-sid=" + id;
    };
    for (int count : {3, 10}) {
        auto& find = suite.table("find a cookie among " + std::to_string(count));
        find.add("signet", [&, text = header(count - 1)] {
            bench::keep(text);
            auto const value = http::cookie_reader{text}.find("__Host-sid");
            return value && value->size() == 43;
        });
        find.add("signet, by iteration", [&, text = header(count - 1)] {
            bench::keep(text);
            std::size_t found = 0;
            for (auto const& one : http::cookie_reader{text})
                if (one.name == "__Host-sid") found = one.value.size();
            return found == 43;
        });
    }

    auto& target = suite.table("normalise a request target");
    target.add("signet", [&] {
        output out{buffer};
        auto const form = http::normalize_target("https://server.example.com:443/resource/%7euser/../a", out);
        bench::keep(buffer);
        return form && form->size() == 37;
    });
    return suite.finish();
}

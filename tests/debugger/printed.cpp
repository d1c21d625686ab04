// Values that a debugger is to show: check.py stops in `show_to_debugger`.
#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>
#include <signet/core/secret.hpp>
#include <signet/core/time.hpp>

#include <array>
#include <cstdio>
#include <string_view>

using namespace signet;

[[gnu::noinline]] void show_to_debugger() { std::puts("stopped"); }

int main() {
    error const why{errc::wrong_issuer, 17, field_name::iss};
    result<int> const good = 42, bad = errc::expired;
    result<void> const done, refused = why;
    bool_result const truth = true;
    std::string_view const text = "nobody is to read this";
    secret const key = secret::copy_of(as_bytes(text)), none;
    result<secret> const kept = secret::copy_of(as_bytes(text));
    unix_time const time{std::chrono::seconds{1'763'707'205}}, early{std::chrono::seconds{-1}};
    std::array<std::uint8_t, 20> const numbers{1, 2, 0xff};
    bytes_view const octets = numbers, few = octets.first(2), no_octets;
    show_to_debugger();
    return good.has_value() && !bad && done && !refused && truth.has_value() && key.size() && none.empty() && kept &&
                   time > early && few.size() && no_octets.empty() && why.at
               ? 0
               : 1;
}

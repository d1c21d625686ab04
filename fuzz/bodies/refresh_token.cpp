// Texts of refresh tokens: one spelling each, and of all of them only those that were made are ever traded.
#include <signet/oauth/refresh.hpp>
#include <signet/store/memory.hpp>

#include <cstdlib>
#include <string>

using namespace signet;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
    static store::memory db;
    static auto const families = *oauth::refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    static std::string const first =
        run(families.start({.user = "u", .client = "c", .resources = {{"r", std::chrono::hours{1}}}}, now), db)
            ->token.text();
    auto const rotate = [](std::string_view token) {
        return run(families.rotate({.token = token, .client = "c", .resource = "r"}, now), db);
    };
    static std::string const second = rotate(first)->token.text();

    // Even first octet: the input is the text. Odd: it says what is changed in a good one.
    if (size == 0) return 0;
    std::string text{reinterpret_cast<char const*>(data) + 1, size - 1};
    if (data[0] % 2 != 0) {
        text = first;
        for (std::size_t i = 1; i + 1 < size; i += 2) text[data[i] % text.size()] = static_cast<char>(data[i + 1]);
    }
    auto const token = oauth::refresh_token::parse(text);
    if (token) {
        if (token->text() != text || text.size() != oauth::refresh_token_size) std::abort();
        if (token->family().size() != 22) std::abort();
    } else if (token.error() != errc::refresh_unknown) {
        std::abort();
    }
    // The first gives the second, octet by octet; all others are unknown, and none of them ends the family.
    if (text != second) {
        auto const grant = rotate(text);
        if (grant.has_value() != (text == first)) std::abort();
        if (grant && (grant->token.text() != second || !grant->repeated)) std::abort();
        if (!grant && grant.error() != errc::refresh_unknown) std::abort();
    }
    return 0;
}

// Answers of an authorization endpoint against a plain reader: a code comes out of exactly those that carry this
// login's state, this provider's name or none, one code and no error; and every refusal is the one that the plain
// reader comes to.
#include <signet/oidc/login.hpp>

#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string>

using namespace signet;

namespace {

using parameters = std::map<std::string, std::string>;

std::optional<std::string> decode(std::string const& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto const c = static_cast<unsigned char>(text[i]);
        if (c <= 32 || c >= 127) return std::nullopt;
        if (c == '%') {
            auto const hex = text.substr(i + 1, 2);
            if (hex.size() != 2 || hex.find_first_not_of("0123456789abcdefABCDEF") != hex.npos) return std::nullopt;
            out.push_back(static_cast<char>(std::stoi(hex, nullptr, 16)));
            i += 2;
        } else {
            out.push_back(c == '+' ? ' ' : text[i]);
        }
    }
    return out;
}

std::optional<parameters> read(std::string const& query, bool& too_many) {
    parameters all;
    std::istringstream pieces{query};
    for (std::string piece; std::getline(pieces, piece, '&');) {
        if (piece.empty()) continue;
        if (all.size() == 64) return too_many = true, std::nullopt;
        auto const middle = piece.find('=');
        auto const name = decode(piece.substr(0, middle));
        auto const value = decode(middle == piece.npos ? "" : piece.substr(middle + 1));
        if (!name || !value || !all.emplace(*name, *value).second) return std::nullopt;
    }
    return all;
}

bool printable(std::string const& text) {
    for (char c : text)
        if (static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126) return false;
    return true;
}

errc plain(std::string const& query, std::string const& state, std::string const& issuer, bool named,
           std::string& code) {
    if (query.size() > 8192) return errc::header_too_large;
    bool too_many = false;
    auto const all = read(query, too_many);
    if (!all) return too_many ? errc::header_too_large : errc::malformed_uri;
    auto const get = [&](char const* name) { return all->contains(name) ? all->at(name) : std::string{}; };
    if (get("code").empty() == get("error").empty()) return errc::malformed_uri;
    if (get("state") != state) return errc::login_state_mismatch;
    if (get("iss").empty() ? named : get("iss") != issuer) return errc::login_state_mismatch;
    if (!printable(get("code")) || !printable(get("error"))) return errc::malformed_uri;
    code = get("code");
    if (!code.empty()) return errc{};
    auto const e = get("error");
    bool const user = e == "login_required" || e == "interaction_required" || e == "consent_required" ||
                      e == "account_selection_required";
    return user ? errc::login_required : errc::login_refused;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    oidc::oidc_client client{
        .issuer = "https://id.example", .client_id = "shop", .redirect_uri = "https://shop.example/"};
    oidc::login_state login;
    login.state = "s3cr3t-state";
    login.issuer = client.issuer;
    // The first octet: whether the provider has to name itself, and whether a state is put in front of the rest.
    if (size == 0) return 0;
    client.answers_name_issuer = (data[0] & 1) != 0;
    std::string query{reinterpret_cast<char const*>(data) + 1, size - 1};
    if (data[0] & 2) query.insert(0, "state=s3cr3t-state&");

    std::string code, said;
    auto const expected = plain(query, login.state, client.issuer, client.answers_name_issuer, code);
    auto const got = oidc::read_authorization_answer(query, login, client, &said);
    if (got.has_value() != (expected == errc{})) std::abort();
    if (got && *got != code) std::abort();
    if (!got && got.error() != expected && got.error().code != expected) std::abort();
    if (!said.empty() && !printable(said)) std::abort();
    // A login that was never begun is finished by nothing.
    if (oidc::read_authorization_answer(query, {}, client)) std::abort();
    return 0;
}

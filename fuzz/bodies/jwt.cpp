// jwt::verifier against a plain model. The body signs what the fuzzer wrote, so that it gets past the signature.
// Input: one octet of flags, then the payload; with flag 1 the header, a line feed, and the payload; with flag 2 a
// whole token.
#include "require.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/jwt.hpp>

#include <cstdint>
#include <string>
#include <string_view>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'658'056'533s};

mac_key const& key() {
    static auto const made = *mac_key::from_secret(secret{bytes(32, 0x42)}, alg::hs256);
    return made;
}

jwt::verifier<hs256> const& verifier() {
    static jwt::verifier<hs256> const made{
        [] {
            jose::key_set<hs256> set;
            (void)set.add("k", *verification_key<hs256>::from_key(key()));
            return set;
        }(),
        {.issuer = "i", .audience = jwt::one_of{"a", "b"}, .type = "t", .leeway = 10s, .max_age = 1000s}};
    return made;
}

std::string sign(std::string_view header, std::string_view payload) {
    auto text = codec::base64url_encode(as_bytes(header)) + '.' + codec::base64url_encode(as_bytes(payload));
    auto mac = crypto::hmac::make(key());
    std::uint8_t tag[32];
    mac.update(as_bytes(text));
    mac.finish(tag);
    return text + '.' + codec::base64url_encode(tag);
}

std::size_t count(codec::json_value value) {
    std::size_t n = 1;
    if (value.is_object() || value.is_array())
        for (auto const child : value) n += count(child);
    return n;
}

enum class verdict { refused, accepted, too_close_to_say };

// The policy above in the plainest words: dates as long double, which is exact but within a millisecond of a border.
verdict model(std::string_view payload) {
    auto const read = codec::json_document::parse(payload);
    if (!read || !read->root().is_object() || count(read->root()) > jwt::max_claim_values(jwt::default_max_token))
        return verdict::refused;
    auto const root = read->root();
    bool close = false;

    auto const text = [&](char const* name, bool& fine) -> std::string {
        auto const v = root.find(name);
        if (!v) return "";
        if (!v->is_string()) return fine = false, "";
        return std::string{*v->as_string()};
    };
    auto const date = [&](char const* name, bool& fine, bool& there) -> long double {
        auto const v = root.find(name);
        there = v.has_value();
        if (!v) return 0;
        if (v->number_text().empty()) return fine = false, 0;
        auto const x = std::strtold(std::string{v->number_text()}.c_str(), nullptr);
        if (x < 0 || x > 253402300799.0L + 1) fine = false;
        if (x > 253402300798.0L) close = true;
        if (x < 0.001L && v->number_text().front() == '-') close = true; // a tiny negative number
        return x;
    };
    auto const border = [&](long double x, long double edge) {
        auto const distance = x - edge;
        if (distance != 0 && distance < 0.001L && distance > -0.001L) close = true;
        if (distance == 0) close = true; // may have digits that long double lost
        return distance;
    };

    bool fine = true, exp_there = false, nbf_there = false, iat_there = false;
    auto const iss = text("iss", fine);
    (void)text("sub", fine);
    (void)text("jti", fine);
    auto const exp = date("exp", fine, exp_there), nbf = date("nbf", fine, nbf_there),
               iat = date("iat", fine, iat_there);
    bool audience = false;
    if (auto const aud = root.find("aud")) {
        auto const one = [&](codec::json_value v) {
            if (!v.is_string()) fine = false;
            else audience = audience || *v.as_string() == "a" || *v.as_string() == "b";
        };
        if (aud->is_array())
            for (auto const v : *aud) one(v);
        else one(*aud);
    }
    auto const time = static_cast<long double>(now.time_since_epoch().count());
    fine = fine && iss == "i" && root.find("iss").has_value() && audience && exp_there && iat_there;
    fine = fine && border(exp, time - 10) > 0;
    // An issuer may be a minute ahead: max_ahead, beyond the leeway.
    fine = fine && (!nbf_there || border(nbf, time + 60) <= 0);
    fine = fine && border(iat, time + 60) <= 0 && border(iat, time - 1010 + 1) > -1; // age in whole seconds
    if (iat_there && iat > time - 1012 && iat < time - 1008) close = true;
    return close ? verdict::too_close_to_say : fine ? verdict::accepted : verdict::refused;
}

bool verify(std::string_view token) {
    jwt::scratch<> buffer;
    auto const view = verifier().verify(token, buffer, now);
    auto const own = verifier().verify(token, now);
    require(view.has_value() == own.has_value() && buffer.held() == view.has_value());
    if (!view) {
        require(view.error() == own.error());
        return false;
    }
    require(view->issuer() == "i" && own->issuer() == "i" && view->subject() == own->subject() &&
            view->id() == own->id());
    require(view->has_audience("a") || view->has_audience("b"));
    require(count(view->root()) == count(own->root()) && view->type() == own->type() &&
            view->key_id() == own->key_id());
    (void)view->confirmation();
    for (auto const who : view->audience()) require(own->has_audience(who));
    (void)(view->has_scope("x") || view->has_role("x"));
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view const rest{reinterpret_cast<char const*>(data + 1), size - 1};
    if (data[0] & 2) {
        (void)verify(rest);
        return 0;
    }
    std::string_view header = R"({"alg":"HS256","typ":"T"})", payload = rest;
    auto const own_header = (data[0] & 1) != 0;
    if (own_header) {
        header = rest.substr(0, rest.find('\n'));
        payload = rest.substr(std::min(rest.size(), header.size() + 1));
    }
    auto const token = sign(header, payload);
    auto const accepted = verify(token);
    auto const expected = token.size() > jwt::default_max_token ? verdict::refused : model(payload);
    if (expected == verdict::refused) require(!accepted);
    if (expected == verdict::accepted && !own_header) require(accepted);
    if (accepted) {
        // One more or one other character anywhere near the end is another token, and refused.
        auto bad = token;
        bad.back() = bad.back() == 'A' ? 'Q' : 'A';
        require(!verify(bad) && !verify(token + 'A') && !verify(token.substr(0, token.size() - 1)));
    }
    return 0;
}

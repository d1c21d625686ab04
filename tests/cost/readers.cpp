// Everything that parses, over what fuzzing found and over inputs that are made to be costly: none may cost much more
// than an honest input of its size.
#include "cost.hpp"
#include "support/der.hpp"

#include <signet/codec.hpp>
#include <signet/crypto.hpp>
#include <signet/dbsc.hpp>
#include <signet/device.hpp>
#include <signet/http.hpp>
#include <signet/http/form.hpp>
#include <signet/jose.hpp>
#include <signet/jwt.hpp>
#include <signet/oauth.hpp>
#include <signet/proof.hpp>
#include <signet/session.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

/// How many times the steps of an honest input of its size a hostile one may take.
constexpr double allowed = 4;
/// The same where each part costs and a hostile input has far more of them: an empty element of a key set has three
/// octets, and no key less than eighty; an empty attribute of a cookie has one, and a bare item of a list two.
constexpr double allowed_parts = 12; // sanitizers add steps of their own: 9.8 with them, 5.2 without
/// Smaller inputs may cost what an honest one of this size does: below it, what each call costs decides.
constexpr std::size_t smallest = 256;
/// How many times the processor time of the costliest honest key a hostile one may take. Big numbers are Botan's, whose
/// steps are not counted.
constexpr double allowed_time = 4;

constexpr unix_time now{1'800'000'000s};
constexpr std::string_view url = "https://api.example.com/orders";

using texts = std::vector<std::string>;
using make_text = std::function<std::string(std::size_t)>; // of about that size, and not smaller

std::string times(std::string_view what, std::size_t size) {
    std::string text;
    while (text.size() < size) text += what;
    return text;
}
/// `what(0)`, `what(1)`, ... with `between` until the text has that size.
std::string counted(std::size_t size, std::string_view between, std::function<std::string(std::size_t)> const& what) {
    std::string text;
    for (std::size_t i = 0; text.size() < size; ++i) text.append(i ? between : "").append(what(i));
    return text;
}
std::string number(std::size_t i, std::size_t digits = 6) {
    auto text = std::to_string(i);
    return std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
}

texts corpus(std::initializer_list<char const*> folders) {
    texts all;
    for (auto const* folder : folders) {
        auto const from = all.size();
        for (auto const& entry :
             std::filesystem::directory_iterator{std::filesystem::path{SIGNET_FUZZ_CORPUS} / folder}) {
            std::ifstream file{entry.path(), std::ios::binary};
            all.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
            if (all.back().size() > 1) all.push_back(all.back().substr(1)); // without the octet that selects
        }
        CAPTURE(folder);
        CHECK(all.size() > from + 20);
    }
    return all;
}

/// Judges `hostile` inputs of a reader, each against `honest` of its size. `read` returns whether it accepts the input:
/// where a limit of size or number refuses an honest one, a smaller one counts, as often as it fits.
template <class F> void judge(std::string const& name, F const& read, make_text const& honest, texts const& hostile,
                              double factor = allowed) {
    CAPTURE(name);
    std::map<std::size_t, double> usual;
    auto const usual_for = [&](std::size_t size) {
        auto const rounded = std::max(smallest, (size + 255) / 256 * 256);
        auto const [at, fresh] = usual.try_emplace(rounded, 0);
        for (auto fits = rounded; fresh && at->second == 0 && fits >= smallest / 4; fits = fits * 3 / 4) {
            auto const text = honest(fits);
            if (!read(text)) continue;
            auto const steps = static_cast<double>(cost::of([&] { read(text); }));
            at->second = steps * std::max(1.0, static_cast<double>(rounded) / static_cast<double>(text.size()));
        }
        return at->second;
    };
    double worst = 0;
    std::string costliest;
    for (auto const& text : hostile) {
        REQUIRE(usual_for(text.size()) > 0); // one that is accepted
        auto const ratio = static_cast<double>(cost::of([&] { read(text); })) / usual_for(text.size());
        if (ratio > worst) worst = ratio, costliest = text;
    }
    auto const start = costliest.substr(0, 100);
    auto const size = costliest.size();
    CAPTURE(start);
    CAPTURE(size);
    if (std::getenv("SIGNET_SHOW_COST"))
        std::printf("%-30s %7.2f of %5zu inputs\n", name.c_str(), worst, hostile.size());
    CHECK(worst > 0);
    CHECK(worst < factor);
}

/// JSON texts of that size that cost as much as any that we know.
texts costly_json(std::size_t size) {
    auto const object = [&](auto const& member) { return '{' + counted(size, ",", member) + '}'; };
    return {times("[", size),
            times("[", 31) + times("1,", size) + "1" + std::string(31, ']'),
            '[' + times("0,", size) + "0]",
            '[' + times("{},", size) + "{}]",
            '[' + times("[],", size) + "[]]",
            '[' + times("1.5e3,", size) + "0]",
            '[' + times("\"\",", size) + "0]",
            '[' + times("-0.0000001E-30,", size) + "0]",
            '[' + times(" ", size) + ']',
            '"' + times("\\u0041", size) + '"',
            '"' + times("\\ud83d\\ude00", size) + '"',
            '"' + times("\\n", size) + '"',
            '"' + times("\xf0\x9f\x98\x80", size) + '"',
            '"' + times("a", size),
            std::string(size, '9'),
            object([](std::size_t i) { return "\"a" + number(i) + "a\":0"; }),
            object([](std::size_t i) { return "\"" + number(i, 3) + "\":0"; }),
            object([](std::size_t i) { return "\"\\u0061" + number(i) + "\":{}"; }),
            object([](std::size_t) { return std::string{"\"a\":0"}; }),
            times("{\"a\":", size),
            object([](std::size_t i) { return "\"n" + number(i, 3) + "\":{\"a\":[{\"b\":[{}]}]}"; })};
}
/// An ordinary object of that size: `start`, and a list of small objects.
std::string honest_json(std::string_view start, std::size_t size) {
    auto text = "{" + std::string{start} + ",\"list\":[";
    text += counted(size > text.size() ? size - text.size() : 1, ",",
                    [](std::size_t i) { return "{\"id\":" + number(i + 100'000) + ",\"name\":\"Ann Lee\"}"; });
    return text + "]}";
}
texts with(texts all, texts const& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

struct issuer {
    local_key<hs256> key = *local_key<hs256>::generate();
    jwt::verifier<hs256> access = [this] {
        jose::key_set<hs256> keys;
        REQUIRE(keys.add("k1", key.verifier_key()));
        return jwt::verifier{std::move(keys),
                             {.issuer = "https://id.example.com", .audience = "orders", .type = "JWT"}};
    }();

    std::string sign(std::string_view header, std::string_view payload) const {
        auto text = codec::base64url_encode(as_bytes(header)) + '.' + codec::base64url_encode(as_bytes(payload));
        std::array<std::uint8_t, 32> tag;
        REQUIRE(key.sign(as_bytes(text), tag));
        return text + '.' + codec::base64url_encode(tag);
    }
};

constexpr std::string_view good_header = R"({"alg":"HS256","typ":"JWT","kid":"k1"})";
constexpr std::string_view good_claims =
    R"("iss":"https://id.example.com","sub":"ann","aud":"orders","exp":1800000300,"iat":1800000000)";

} // namespace

TEST_CASE("Cost: JSON") {
    auto const read = [](std::string const& json) {
        std::string text = json;
        std::vector<codec::json_node> nodes(json.size() / 2 + 1);
        return codec::parse_json(text, nodes).has_value();
    };
    judge(
        "JSON", read, [](std::size_t size) { return honest_json("\"a\":1", size); },
        with(with(costly_json(1000), costly_json(8000)), corpus({"json_reader", "jwk_set", "oidc"})));
}

TEST_CASE("Cost: CBOR, with keys in order and in any order") {
    // Larger than the defaults, so that the reader and not a limit ends the work.
    static std::vector<codec::cbor_node> nodes(1 << 17);
    auto const with = [](bool any_order) {
        return [any_order](std::string const& text) {
            codec::cbor_limits const limits{.max_size = 1 << 20,
                                            .max_depth = codec::max_cbor_depth,
                                            .max_values = nodes.size(),
                                            .any_key_order = any_order};
            return codec::read_cbor_prefix(as_bytes(text), nodes, limits).has_value();
        };
    };
    auto const head = [](unsigned major, std::size_t n) {
        return std::string{static_cast<char>(major << 5 | 26), static_cast<char>(n >> 24), static_cast<char>(n >> 16),
                           static_cast<char>(n >> 8), static_cast<char>(n)};
    };
    auto const list = [&](std::string_view what, std::size_t size) { // of 65536 elements at the least
        return head(4, std::max<std::size_t>(size / what.size() + 1, 65'536)) +
               times(what, std::max(size, 65'536 * what.size()));
    };
    // Keys of two octets; `order` says which comes at which place.
    auto const map = [](std::size_t keys, auto const& order) {
        std::string text{'\xb9', static_cast<char>(keys >> 8), static_cast<char>(keys)};
        for (std::size_t i = 0; i != keys; ++i) {
            auto const key = order(i) + 1000;
            text += std::string{'\x19', static_cast<char>(key >> 8), static_cast<char>(key), '\0'};
        }
        return text;
    };
    auto const falling = map(codec::max_unordered_cbor_keys, [](std::size_t i) { return 10'000 - i; });
    auto const mixed = map(codec::max_unordered_cbor_keys, [](std::size_t i) { return i * 97 % 256; });
    auto const organ = map(codec::max_unordered_cbor_keys, [](std::size_t i) { return i < 128 ? 2 * i : 511 - 2 * i; });
    auto const too_many = map(4000, [](std::size_t i) { return 10'000 - i; });
    texts hostile = corpus({"cbor_reader", "cose_key"});
    for (std::size_t const size : {500u, 4000u, 30'000u})
        for (auto const* what : {"\x81", "\xa1\x01", "\x9b\x7f", "\xff", "\x5b", "\xf6", "\x60", "\xa0", "\x80"})
            hostile.push_back(times(what, size));
    for (auto const* what : {"\xf6", "\x60", "\xa0", "\x80", "\x81\xf6", "\xa1\x01\x02", "\x61\xff"})
        hostile.push_back(list(what, 65'536));
    hostile.push_back(head(3, 70'000) + times("\xf0\x9f\x98\x80", 70'000));
    hostile.push_back(head(3, 70'000) + times("\xc3\xa9", 70'000));
    for (auto const& one : {falling, mixed, organ, too_many}) {
        hostile.push_back(one);
        hostile.push_back(std::string{'\x98', '\x20'} + times(one, 32 * one.size()));
    }
    auto const honest = [&](std::size_t size) {
        std::string elements;
        std::size_t count = 0;
        for (; elements.size() + 5 < size || count == 0; ++count)
            elements += "\xa3\x01\x02" + std::string{"\x62id\x18\x63"} +
                        "\x64name\x67"
                        "Ann Lee";
        std::string text{'\x99', static_cast<char>(count >> 8), static_cast<char>(count)};
        return count < 24    ? std::string(1, static_cast<char>(0x80 | count)) + elements
               : count < 256 ? std::string{'\x98', static_cast<char>(count)} + elements
                             : text + elements;
    };
    judge("CBOR, in order", with(false), honest, hostile, allowed_parts);
    judge("CBOR, in any order", with(true), honest, hostile, allowed_parts);
}

TEST_CASE("Cost: compact JWS and JWT, as a whole, by their header and by their payload") {
    issuer const one;
    auto const verify = [&](std::string const& text) { return one.access.verify(text, now).has_value(); };
    auto const peek = [&](std::string const& text) { return jose::peek(text).has_value(); };
    auto const whole = [&](std::size_t size) {
        return one.sign(good_header, honest_json(good_claims, size * 3 / 4 < 60 ? 1 : size * 3 / 4 - 60));
    };
    CHECK(one.access.verify(whole(1000), now));
    texts hostile = corpus({"jwt", "jws", "peek", "base64url"});
    for (std::size_t const size : {500u, 4000u, 16'000u, 40'000u})
        for (auto const* what : {".", "a", "a.", "..a", "eyJ", "=", "A", "e30.", "-_"})
            hostile.push_back(times(what, size)), hostile.push_back(times(what, size) + "." + times("a", size) + ".a");
    texts headers, payloads;
    for (std::size_t const size : {200u, 1000u, 8000u})
        for (auto const& json : costly_json(size)) {
            headers.push_back(one.sign(json, "{}"));
            headers.push_back(
                one.sign(std::string{good_header.substr(0, good_header.size() - 1)} + ",\"x\":" + json + "}", "{}"));
            payloads.push_back(one.sign(good_header, json));
            payloads.push_back(one.sign(good_header, "{" + std::string{good_claims} + ",\"scope\":" + json + "}"));
        }
    judge("JWT, whole", verify, whole, hostile);
    judge("JWT, header", verify, whole, headers);
    judge("JWT, payload", verify, whole, payloads);
    judge("peek, whole", peek, whole, hostile);
    judge("peek, header and payload", peek, whole, with(headers, payloads));
}

TEST_CASE("Cost: JWK and JWK sets") {
    auto const only = algorithm_set::of<es256, ed25519, rs256>();
    auto const sets = [&](std::string const& json) {
        auto const why = jose::parse_key_list(json, only);
        return why || why.error() == errc::empty_key_set; // of other curves, so that Botan has nothing to do
    };
    auto const jwk = [](std::string const& json) {
        auto const why = jose::parse_jwk(json);
        return why || why.error() == errc::unsupported_key;
    };
    auto const one = [](std::size_t i) {
        return R"({"kty":"OKP","crv":"X25519","use":"sig","alg":"EdDSA","kid":"key-)" + number(i) +
               R"(","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
    };
    texts hostile = corpus({"jwk", "jwk_set"});
    for (std::size_t const size : {500u, 4000u, 30'000u}) {
        hostile = with(std::move(hostile), costly_json(size));
        for (auto const& json : costly_json(size))
            hostile.push_back(R"({"keys":[)" + json + "]}"),
                hostile.push_back(R"({"kty":"EC","crv":"P-256","x":)" + json + "}");
        hostile.push_back(R"({"keys":[)" + times("{},", size) + "{}]}");
        hostile.push_back(R"({"keys":[)" + times(R"({"kty":"RSA","n":"","e":""},)", size) + "{}]}");
        hostile.push_back(R"({"kty":"RSA","e":"AQAB","n":")" + times("_", size) + R"("})");
        hostile.push_back(R"({"kty":"oct","k":")" + times("A", size) + R"("})");
    }
    judge(
        "JWK set", sets, [&](std::size_t size) { return R"({"keys":[)" + counted(size, ",", one) + "]}"; }, hostile,
        allowed_parts);
    judge(
        "JWK", jwk,
        [](std::size_t size) {
            return honest_json(R"("kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")", size);
        },
        hostile);
}

TEST_CASE("Cost: cookies, Set-Cookie") {
    auto const cookies = [](std::string const& field) {
        http::cookie_reader const reader{std::string_view{field}};
        (void)reader.find("sid");
        (void)reader.inspect("__Host-sid");
        return reader.census().cookies != 0;
    };
    auto const set_cookie = [](std::string const& line) {
        std::string_view const lines[] = {line};
        return http::check_response(lines).has_value();
    };
    texts hostile = corpus({"cookie", "set_cookie", "shown_secret"});
    for (std::size_t const size : {500u, 4000u, 16'000u})
        for (auto const* what :
             {";", "=", "a=1;", "sid=1;", " ", "\t;", "\"", "a", "a=\"", "__Host-sid=1; ", "__HOST-SID =1;",
              "\xc2\xa0sid=1;", "; Path=/", "; Secure", ";=", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"})
            hostile.push_back(times(what, size)), hostile.push_back("__Host-a=b" + times(what, size));
    judge(
        "Cookie", cookies,
        [](std::size_t size) {
            return "__Host-sid=0123456789abcdef; " +
                   counted(size, "; ", [](std::size_t i) { return "c" + number(i, 3) + "=v"; });
        },
        hostile);
    judge(
        "Set-Cookie", set_cookie,
        [](std::size_t) { return std::string{"a=b; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60"}; }, hostile,
        allowed_parts);
}

TEST_CASE("Cost: fields of DBSC and structured fields, Vary") {
    texts hostile = corpus({"dbsc_headers", "structured_field", "cache_control"});
    for (std::size_t const size : {500u, 4000u, 16'000u})
        for (auto const* what : {";a", "x,", "x;a=1, ", "\"\\\\\"", "\"", "(", "(x) ,", "?1;", ":AAAA:,", "1.5,", "  ",
                                 "a=1,", "((", "*;*", "999999999999999,"})
            hostile.push_back(times(what, size)), hostile.push_back("x" + times(what, size));
    auto const items = [](std::string_view between) {
        return [between](std::size_t size) {
            return counted(size, between, [](std::size_t i) { return "x;a=" + std::to_string(i % 10) + ";b;c=2"; });
        };
    };
    judge(
        "structured field, list", [](std::string const& text) { return http::sf::parse_list(text).has_value(); },
        items(", "), hostile);
    judge(
        "structured field, dictionary",
        [](std::string const& text) { return http::sf::parse_dictionary(text).has_value(); },
        [](std::size_t size) {
            return counted(size, ", ", [](std::size_t i) { return "k" + number(i, 3) + "=\"v\";a=1"; });
        },
        hostile);
    judge(
        "Secure-Session-Skipped", [](std::string const& text) { return dbsc::read_skipped(text).has_value(); },
        [](std::size_t size) {
            return counted(size, ", ",
                           [](std::size_t i) { return "unreachable;session_identifier=\"" + number(i, 3) + "\""; });
        },
        hostile, allowed_parts);
    judge(
        "a value of DBSC",
        [](std::string const& text) { return dbsc::read_value(text, dbsc::max_proof_size).has_value(); },
        [](std::size_t size) { return '"' + times("eyJhbGciOiJFUzI1NiJ9", size) + '"'; }, hostile);
}

TEST_CASE("Cost: DPoP proofs and DBSC proofs, up to the signature") {
    static auto const key = *local_key<es256>::generate();
    auto const dpop = [](std::string const& field) {
        std::string_view const fields[] = {field};
        proof::dpop_policy policy;
        proof::dpop_check op{{.proofs = fields, .method = "GET", .url = url}, policy, now};
        if (op.next()) op.answer(store::reply::success());
        return op.get().has_value();
    };
    static constexpr dbsc::policy shop{{.cookie = dbsc::bound_cookie(), .origin = "https://shop.example"}};
    auto const registration = [](std::string const& field) {
        auto op = dbsc::handle_registration(shop, {.method = "POST", .response = field, .login = "one"}, now);
        auto const asked = op.next() != nullptr; // for the challenge: the proof could be read
        if (asked) op.answer(store::reply::not_applied());
        if (op.next()) op.answer(store::reply::success());
        (void)op.get();
        return asked;
    };
    auto const good = *proof::make_dpop_proof(key, {.method = "GET", .url = url}, now);
    auto const parts = *jose::split_compact(good, 8192);
    auto const signed_by = [](std::string text) {
        auto const signature = crypto::sign(key.key(), alg::es256, as_bytes(text));
        return text + '.' + codec::base64url_encode(*signature);
    };
    auto const header_json = *codec::base64url_decode(parts.header);
    auto const payload_json = std::string{as_text(*codec::base64url_decode(parts.payload))};
    auto const head = std::string{as_text(header_json)};
    auto const more = [](std::string const& json, std::string_view member) {
        return codec::base64url_encode(
            as_bytes(json.substr(0, json.size() - 1) + ",\"x\":" + std::string{member} + "}"));
    };
    texts hostile = corpus({"dpop", "dbsc_proof"});
    for (std::size_t const size : {300u, 2000u, 5000u}) {
        for (auto const& json : costly_json(size)) {
            hostile.push_back(signed_by(codec::base64url_encode(as_bytes(json)) + '.' + std::string{parts.payload}));
            hostile.push_back(signed_by(more(head, json) + '.' + std::string{parts.payload}));
            hostile.push_back(signed_by(std::string{parts.header} + '.' + more(payload_json, json)));
        }
        for (auto const* what : {".", "a.", "e30.", "a", " ", ",", "\""}) hostile.push_back(times(what, size));
    }
    auto const honest = [&](std::size_t size) {
        auto const room = size > good.size() ? (size - good.size()) * 3 / 4 : 1;
        return signed_by(std::string{parts.header} + '.' + more(payload_json, honest_json("\"a\":1", room)));
    };
    judge("DPoP proof", dpop, honest, hostile);
    judge(
        "DBSC registration", registration,
        [](std::size_t size) {
            return *dbsc::sign_registration(key.key(), alg::es256, times("0123456789abcdef", size / 2));
        },
        hostile);
}

TEST_CASE("Cost: forms and URLs") {
    texts hostile = corpus({"target", "authorization_answer"});
    for (std::size_t const size : {500u, 4000u, 8000u})
        for (auto const* what : {"%41", "%2f", "../", "./", "//", "@", ":", "?", "#", "a=1&", "&", "=", "+", "%", "%%",
                                 "a", "[", "%c3%a9", "A"})
            for (auto const* before : {"", "https://a.example/", "https://", "https://a.example?", "code=1&state="})
                hostile.push_back(before + times(what, size));
    hostile.push_back(counted(8000, "&", [](std::size_t i) { return "a" + number(i, 3) + "=1"; }));
    judge(
        "URL", [](std::string const& text) { return http::normalize_target(text).has_value(); },
        [](std::size_t size) {
            return "https://Shop.example:443/" +
                   counted(size, "/", [](std::size_t i) { return "p%41th" + number(i, 3); });
        },
        hostile);
    judge(
        "form", [](std::string const& text) { return http::form::parse(text).has_value(); },
        [](std::size_t size) {
            return "code=abc&" + counted(size, "&", [](std::size_t i) { return "n" + number(i, 2) + "=v"; });
        },
        hostile);
}

TEST_CASE("Cost: stored records") {
    namespace records = session::detail;
    auto const text_of = [](auto const& octets) { return std::string{as_text(octets)}; };
    auto const roster = [&](std::size_t size) {
        for (std::size_t n = 1;; ++n) {
            records::session_roster r;
            r.entries.resize(n);
            auto text = text_of(*records::to_octets(r));
            if (text.size() >= size || n == 256) return text;
        }
    };
    auto const epochs = [&](std::size_t size) {
        for (std::size_t n = 1;; ++n) {
            records::epoch_list all;
            for (std::size_t i = 0; i != n; ++i)
                all.apps.push_back({{static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i), 1}, i + 1});
            auto const octets = records::to_octets(all);
            if (!octets) return std::string(size, '\0');
            auto text = text_of(*octets);
            if (text.size() >= size) return text;
        }
    };
    texts hostile = corpus({"session_record", "store", "refresh_token"});
    auto const changed = [&](std::string const& good) { // every octet of it, to what counts and lengths are largest by
        for (std::size_t i = 0; i < good.size(); i += 1 + good.size() / 200)
            for (char const c : {'\xff', '\x7f', '\0'}) {
                hostile.push_back(good);
                hostile.back()[i] = c;
            }
    };
    changed(roster(256));
    changed(roster(4000));
    changed(epochs(1000));
    for (auto const* what : {"\xff", "\x7f", "\x01", "R", "E"}) hostile.push_back(times(what, 4000));
    judge(
        "roster",
        [](std::string const& text) {
            return records::from_octets<records::session_roster>(as_bytes(text)).has_value();
        },
        roster, hostile);
    judge(
        "epochs",
        [](std::string const& text) { return records::from_octets<records::epoch_list>(as_bytes(text)).has_value(); },
        epochs, hostile);
    judge(
        "family of refresh tokens",
        [](std::string const& text) {
            using namespace oauth::detail;
            return store::read_fields<family_record>(as_bytes(text), family_format, family_kind).has_value();
        },
        [&](std::size_t size) {
            oauth::detail::family_record f;
            f.user = "ann", f.client = "web", f.session = "s", f.scope = "openid";
            f.started = f.rotated = now;
            bytes octets;
            for (std::size_t i = 0; octets.size() < size && i != 16; ++i) {
                f.resources.push_back({"https://" + number(i) + ".example", 24h});
                octets.clear();
                if (!store::write_fields(f, oauth::detail::family_format, oauth::detail::family_kind, octets)) break;
            }
            return text_of(octets);
        },
        hostile);
}

// ---- keys: by the processor's time, since big numbers are computed in a compiled library ---------------------------

namespace {

template <class F> double seconds_of(F const& f) { // the least of three: what else runs only adds
    double least = 1e9;
    for (int i = 0; i != 3; ++i) {
        timespec from{}, to{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        f();
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        least = std::min(least, static_cast<double>(to.tv_sec - from.tv_sec) +
                                    static_cast<double>(to.tv_nsec - from.tv_nsec) * 1e-9);
    }
    return least;
}

std::string element(char tag, std::string const& content) {
    std::string size;
    if (content.size() < 128) size = std::string(1, static_cast<char>(content.size()));
    else size = {'\x82', static_cast<char>(content.size() >> 8), static_cast<char>(content.size())};
    return tag + size + content;
}

/// A certificate of these parts, whose signature nobody looks at.
std::string unsigned_certificate(der::certificate_parts parts) {
    parts.algorithm = der::signature_algorithm(alg::es256);
    if (parts.key.empty()) {
        static auto const key = private_key::generate(alg::es256)->public_part().to_der();
        parts.key = key;
    }
    return std::string{as_text(der::sequence({parts.tbs(), parts.algorithm, der::bit_string(bytes(70, 1))}))};
}

} // namespace

TEST_CASE("Cost: certificates, without what a key costs") {
    auto const read = [](std::string const& text) {
        auto const c = certificate::parse(as_bytes(text));
        if (!c) return false;
        for (auto const attribute : {name_attribute::common_name, name_attribute::organization})
            (void)c->subject(attribute);
        (void)c->extension("1.3.6.1.4.1.45724.1.1.4");
        return true;
    };
    auto const honest = [](std::size_t size) {
        der::certificate_parts parts;
        parts.extensions = {der::basic_constraints(false), der::key_usage(0x80, 7)};
        auto const least = unsigned_certificate(parts).size();
        parts.extensions.push_back(der::extension("1.3.6.1.4.1.45724.1.1.4", bytes(size > least ? size - least : 1)));
        return unsigned_certificate(parts);
    };
    texts hostile = corpus({"certificate"});
    for (std::size_t const size : {1000u, 4000u, 15'000u}) {
        der::certificate_parts parts;
        std::vector<der::attribute> names;
        while (names.size() * 11 < size) names.push_back({3, ""});
        parts.subject = der::name(names);
        hostile.push_back(unsigned_certificate(parts));
        parts.issuer = parts.subject;
        hostile.push_back(unsigned_certificate(parts)); // for the largest size too large
        parts = {};
        for (std::size_t i = 0; i * 10 < size; ++i)
            parts.extensions.push_back(der::extension("1.2." + std::to_string(i), {}));
        hostile.push_back(unsigned_certificate(parts));
        parts.extensions.resize(max_certificate_extensions);
        hostile.push_back(unsigned_certificate(parts));
        for (auto const* what : {"\x30\x80", "\x30", "\x30\x82\x30\x82", "\xa0", "\x31"})
            hostile.push_back(times(what, size));
    }
    judge("certificate", read, honest, hostile, allowed_parts);
}

TEST_CASE("Cost: COSE keys, certificates and ECDSA in DER, in time") {
    auto const offered = [] {
        std::vector<std::int32_t> all;
        for (auto const& known : jose::cose_algorithms) all.push_back(known.identifier);
        return all;
    }();
    auto const read = [&](std::string const& text) {
        (void)jose::parse_cose_key(as_bytes(text), offered);
        (void)certificate::parse(as_bytes(text));
        std::array<std::uint8_t, crypto::max_ecdsa_size> out;
        (void)crypto::ecdsa_from_der(as_bytes(text), curve::p521, out);
    };
    auto const modulus = [] { // of the most bits that are accepted: the costliest of honest keys
        bytes n(512, 0xc5);
        n.back() = 1;
        return n;
    }();
    jose::cose_key const rsa{*public_key::from_rsa(modulus, bytes{1, 0, 1}, limits_for_keys_in_messages), alg::rs256,
                             -257};
    auto const cose = *jose::to_cose(rsa);
    der::certificate_parts parts;
    parts.key = rsa.key.to_der();
    auto const usual = std::max(seconds_of([&] { read(std::string{as_text(cose)}); }),
                                seconds_of([&] { read(unsigned_certificate(parts)); }));
    texts hostile = corpus({"cose_key", "certificate", "ecdsa_der", "cbor_reader"});
    for (std::size_t const size : {500u, 2000u, 4000u, 16'000u}) {
        // A modulus as large as the limits of size let it be.
        auto const big = bytes(size, 0xff);
        auto large = cose;
        large.insert(large.begin() + 20, big.begin(), big.end());
        hostile.emplace_back(as_text(large));
        auto const numbers = der::sequence({der::integer(big), der::integer(bytes{1, 0, 1})});
        parts.key =
            der::sequence({der::sequence({der::oid("1.2.840.113549.1.1.1"), der::null()}), der::bit_string(numbers)});
        hostile.push_back(unsigned_certificate(parts));
        hostile.emplace_back(as_text(der::sequence({der::integer(big), der::integer(big)})));
    }
    double worst = 0;
    std::size_t which = 0;
    for (std::size_t i = 0; i != hostile.size(); ++i)
        if (auto const took = seconds_of([&] { read(hostile[i]); }); took > worst) worst = took, which = i;
    CAPTURE(hostile[which].size());
    if (std::getenv("SIGNET_SHOW_COST")) std::printf("%-30s %7.2f times in time\n", "passkeys' keys", worst / usual);
    CHECK(worst < allowed_time * usual);
}

TEST_CASE("T3: Cost: PEM and DER keys") {
    auto const read = [](std::string const& text) {
        (void)public_key::from_der(as_bytes(text));
        (void)public_key::from_pem(text);
        (void)private_key::from_der(as_bytes(text));
        (void)private_key::from_pem(text);
    };
    auto const honest = private_key::generate(alg::rs256);
    auto const pem = honest->to_pem();
    std::string const text{as_text(pem.reveal())};
    auto const usual = seconds_of([&] { read(text); });

    std::string const rsa{"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 13};
    std::string const dh{"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01", 11};
    texts hostile = corpus({"key_import"});
    for (std::size_t const size : {2000u, 16'000u, 60'000u}) {
        auto const big = element('\x02', '\x7f' + std::string(size, '\xff'));
        auto const key = element('\x30', big + element('\x02', "\x03"));
        hostile.push_back(element('\x30', element('\x30', rsa) + element('\x03', '\0' + key)));
        hostile.push_back(
            element('\x30', element('\x02', std::string(1, '\0')) + element('\x30', rsa) +
                                element('\x04', element('\x30', element('\x02', std::string(1, '\0')) + big + big))));
        hostile.push_back(element('\x30', element('\x02', std::string(1, '\0')) +
                                              element('\x30', dh + element('\x30', big + element('\x02', "\x02"))) +
                                              element('\x04', big)));
        hostile.push_back("-----BEGIN PUBLIC KEY-----\n" + times("AAAA\n", size) + "-----END PUBLIC KEY-----\n");
        for (auto const* what :
             {"-----BEGIN ", "-----BEGIN PUBLIC KEY-----\n", "\n", "A", "30", "\x30\x80", "\x30\x82\xff\xff", "\xff"})
            hostile.push_back(times(what, size));
    }
    double worst = 0;
    std::size_t which = 0;
    for (std::size_t i = 0; i != hostile.size(); ++i)
        if (auto const took = seconds_of([&] { read(hostile[i]); }); took > worst) worst = took, which = i;
    CAPTURE(hostile[which].substr(0, 100));
    CAPTURE(hostile[which].size());
    if (std::getenv("SIGNET_SHOW_COST")) std::printf("%-30s %7.2f times in time\n", "keys", worst / usual);
    CHECK(worst < allowed_time * usual);
}

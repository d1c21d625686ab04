// signet webauthn: verify.
#include "cli.hpp"

#include <signet/codec.hpp>
#include <signet/webauthn.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace cli {

using namespace signet;
using codec::json_value;

namespace {

// ---- the JSON of a case --------------------------------------------------------------------------------------------

// A case whose answer was cut out: that is judged octet by octet, whether it is JSON or not.
struct split_case {
    std::string rest;
    std::string_view answer;
};

std::size_t end_of_string(std::string_view text, std::size_t at) { // of the one that begins at `at`
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return std::min(at + 1, text.size());
}

std::size_t end_of_value(std::string_view text, std::size_t at) {
    for (std::size_t depth = 0; at < text.size();) {
        char const c = text[at];
        if (c == '"') {
            at = end_of_string(text, at);
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}')) break;
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && depth-- == 1) return at + 1;
        ++at;
    }
    return at;
}

std::optional<split_case> cut_answer(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    auto const skip = [&](std::size_t at) { return std::min(text.find_first_not_of(space, at), text.size()); };
    auto at = skip(0);
    if (at == text.size() || text[at] != '{') return std::nullopt;
    while ((at = skip(at + 1)) < text.size() && text[at] == '"') {
        auto const end = end_of_string(text, at);
        auto const name = text.substr(at, end - at);
        at = skip(end);
        if (at == text.size() || text[at] != ':') return std::nullopt;
        at = skip(at + 1);
        auto const last = end_of_value(text, at);
        if (name == "\"response\"")
            return split_case{std::string{text.substr(0, at)} + "null" + std::string{text.substr(last)},
                              text.substr(at, last - at)};
        at = skip(last);
        if (at == text.size() || text[at] != ',') return std::nullopt;
    }
    return std::nullopt;
}

// What the reader of a case has found wrong; then no answer is judged.
struct case_reader {
    bool failed = false;

    json_value find(json_value object, std::string_view name) {
        auto const value = object.find(name);
        return value ? *value : json_value{};
    }
    std::string_view text(json_value object, std::string_view name, std::string_view otherwise = {}) {
        auto const value = find(object, name);
        if (value.is_null()) return otherwise;
        auto const text = value.as_string();
        if (!text) failed = true;
        return text ? *text : std::string_view{};
    }
    bool truth(json_value object, std::string_view name, bool otherwise) {
        auto const value = find(object, name);
        if (value.is_null()) return otherwise;
        auto const truth = value.as_bool();
        if (!truth.has_value()) failed = true;
        return truth.value_or(false);
    }
    std::optional<std::int64_t> number(json_value object, std::string_view name) {
        auto const value = find(object, name);
        if (value.is_null()) return std::nullopt;
        auto const number = value.as_int64();
        if (!number) failed = true;
        return number.value_or(0);
    }
    bytes octets(json_value text) {
        auto const characters = text.as_string();
        auto octets = characters ? codec::base64url_decode(*characters) : result<bytes>{characters.error()};
        if (!octets) failed = true;
        return octets ? *std::move(octets) : bytes{};
    }
    bytes octets(json_value object, std::string_view name) {
        auto const value = find(object, name);
        return value.is_null() ? bytes{} : octets(value);
    }
    template <class F> void each(json_value object, std::string_view name, F take) {
        auto const list = find(object, name);
        if (!list.is_null() && !list.is_array()) failed = true;
        if (!failed)
            for (auto const element : list) take(element);
    }
    std::vector<std::string_view> texts(json_value object, std::string_view name) {
        std::vector<std::string_view> all;
        each(object, name, [&](json_value element) {
            auto const text = element.as_string();
            if (!text) failed = true;
            if (text) all.push_back(*text);
        });
        return all;
    }
    std::vector<bytes> octet_strings(json_value object, std::string_view name) {
        std::vector<bytes> all;
        each(object, name, [&](json_value element) { all.push_back(octets(element)); });
        return all;
    }
    // One of two or three words; the first one if there is none.
    template <std::size_t N>
    std::size_t word(json_value object, std::string_view name, std::string_view const (&words)[N]) {
        auto const at = std::ranges::find(words, text(object, name, words[0])) - std::begin(words);
        if (at == std::ptrdiff_t{N}) failed = true;
        return static_cast<std::size_t>(at);
    }
};

// ---- verdicts ------------------------------------------------------------------------------------------------------

struct verdict {
    bool readable = true;
    std::optional<error> refused{};
};
constexpr verdict unreadable{.readable = false};

// What a source of anchors has no argument for. The certificates are the case's: none may outlive main, and Botan.
std::vector<certificate> const* anchors_of_case = nullptr;

result<std::vector<certificate>> find_anchors(webauthn::aaguid const&, std::string_view) { return *anchors_of_case; }

std::vector<certificate> read_anchors(case_reader& read, json_value options) {
    std::vector<certificate> anchors;
    for (auto const& der : read.octet_strings(options, "trust_anchors"))
        if (auto anchor = certificate::parse(der)) anchors.push_back(*std::move(anchor)); // others help nobody
    return anchors;
}

// The key of a credential that is known: a COSE key, else a JWK.
result<jose::cose_key> read_known_key(case_reader& read, json_value credential, std::span<std::int32_t const> offered) {
    if (auto const cose = read.octets(credential, "cose"); !cose.empty()) {
        std::vector<codec::cbor_node> nodes(64);
        auto const map = codec::read_cbor(cose, nodes);
        if (!map) return map.error();
        auto const identifier = map->find(3).and_then([](codec::cbor_value v) { return v.as_int64(); });
        bool const fits = identifier && *identifier >= INT32_MIN && *identifier <= INT32_MAX;
        auto const own = fits ? static_cast<std::int32_t>(*identifier) : 0;
        return jose::parse_cose_key(*map, {&own, 1});
    }
    auto const jwk = jose::parse_public_jwk(read.find(credential, "jwk"), limits_for_keys_in_messages);
    if (!jwk) return jwk.error();
    // Where the JWK does not say its algorithm: one that was offered, else one of those that are offered by default.
    auto const fits = [&](auto const& row) {
        return jwk->key.supports(row.algorithm) && jwk->attributes.algorithm().value_or(row.algorithm) == row.algorithm;
    };
    std::vector<std::int32_t> preferred(offered.begin(), offered.end());
    preferred.insert(preferred.end(), webauthn::default_algorithms.begin(), webauthn::default_algorithms.end());
    for (auto const& row : jose::cose_algorithms) preferred.push_back(row.identifier);
    for (auto const identifier : preferred)
        for (auto const& row : jose::cose_algorithms)
            if (row.identifier == identifier && fits(row))
                return jose::cose_key{jwk->key, row.algorithm, row.identifier};
    return errc::unsupported_key;
}

verdict judge_assertion(case_reader& read, json_value known, std::string_view answer, webauthn::expected const& e) {
    if (!known.is_object()) return unreadable;
    auto const key = read_known_key(read, known, e.rp.params().algorithms);
    auto const count = read.number(known, "sign_count").value_or(0);
    if (count < 0 || count > 0xffff'ffff) read.failed = true;
    bool const eligible = read.truth(known, "backup_eligible", false);
    auto id = read.octets(known, "id"), handle = read.octets(known, "user_handle");
    // A case without the handle has nothing to compare that of the answer with.
    if (handle.empty() && !e.user_known)
        if (auto claimed = webauthn::read_claimed_credential(answer)) handle = claimed->user_handle;
    if (read.failed) return unreadable;
    if (!key) return {.refused = key.error()};
    webauthn::credential const stored{.id = std::move(id),
                                      .user_handle = std::move(handle),
                                      .key = key->key,
                                      .algorithm = key->algorithm,
                                      .identifier = key->identifier,
                                      .count = static_cast<std::uint32_t>(count),
                                      .backup_eligible = eligible};
    auto const asserted = webauthn::judge_assertion(answer, e, stored);
    return asserted ? verdict{} : verdict{.refused = asserted.error()};
}

verdict judge_registration(std::span<bytes const> registered, std::string_view answer, webauthn::expected const& e,
                           unix_time now) {
    auto const attested = webauthn::judge_registration(answer, e, now);
    if (!attested) return {.refused = attested.error()};
    if (std::ranges::find(registered, attested->credential.id) != registered.end())
        return {.refused = errc::credential_registered};
    return {};
}

verdict judge_case(std::string_view text) {
    auto const split = cut_answer(text);
    if (!split) return unreadable;
    auto const document = codec::json_document::parse(split->rest);
    if (!document) return unreadable;
    case_reader read;
    auto const root = document->root(), options = read.find(root, "options"), known = read.find(root, "credential");
    if (!options.is_object()) return unreadable;

    auto const origins = read.texts(options, "origins"), top_origins = read.texts(options, "top_origins");
    std::vector<std::int32_t> algorithms;
    read.each(options, "algorithms", [&](json_value element) {
        auto const number = element.as_int64();
        if (number && *number >= INT32_MIN && *number <= INT32_MAX) // nothing else can be offered
            algorithms.push_back(static_cast<std::int32_t>(*number));
    });
    auto const anchors = read_anchors(read, options);
    anchors_of_case = &anchors;
    constexpr std::string_view verifications[] = {"preferred", "required", "discouraged"},
                               demands[] = {"any", "trusted"}, signals[] = {"refuse", "report"};
    using webauthn::user_verification;
    constexpr user_verification verification[] = {user_verification::preferred, user_verification::required,
                                                  user_verification::discouraged};
    auto const asked = read.word(options, "user_verification", verifications);
    bool const comparable = !read.find(known, "backup_eligible").is_null(); // with nothing else nothing can change
    auto const rp = webauthn::relying_party::make(
        {.rp_id = read.text(options, "rp_id"),
         .name = "a case",
         .origins = origins,
         .cross_origin = read.truth(options, "cross_origin", false),
         .top_origins = top_origins,
         .algorithms = algorithms,
         .verification = verification[asked % std::size(verification)],
         .attestation = static_cast<webauthn::attestation_demand>(read.word(options, "attestation", demands)),
         .anchors = find_anchors,
         .counter = static_cast<webauthn::on_signal>(read.word(options, "counter", signals)),
         .backup_change = comparable ? static_cast<webauthn::on_signal>(read.word(options, "backup_change", signals))
                                     : webauthn::on_signal::report,
         .android_hardware_only = read.truth(options, "android_tee_only", false),
         .any_case_for_tests = true});
    auto const allowed = read.octet_strings(options, "allow_credentials");
    std::vector<bytes_view> const allow{allowed.begin(), allowed.end()};
    auto const registered = read.octet_strings(options, "registered");
    bool const presence = read.truth(options, "user_presence", true);
    bool const discoverable = read.truth(options, "discoverable", false);
    auto const challenge = read.find(options, "challenge").as_string();
    auto const ceremony = read.text(root, "ceremony");
    auto const now = read.number(options, "now");
    if (read.failed || !rp || !challenge || (now && (*now < 0 || *now > latest_time.time_since_epoch().count())))
        return unreadable;

    std::string answer{split->answer};
    if (answer.starts_with('"')) { // the text of an answer, which may be any
        auto const unescaped = codec::json_document::parse(answer);
        if (!unescaped) return unreadable;
        answer = *unescaped->root().as_string();
    }
    auto const policy = rp->policy();
    webauthn::expected const e{.rp = policy,
                               .challenge = *challenge,
                               .presence = presence,
                               .allow_credentials = allow,
                               .user_known = !discoverable};
    if (ceremony == "assertion") return judge_assertion(read, known, answer, e);
    if (ceremony != "registration") return unreadable;
    auto const clock = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return judge_registration(registered, answer, e, now ? unix_time{std::chrono::seconds{*now}} : clock);
}

// A line of standard input without its end; a longer one is cut off, which no case survives.
bool read_line(std::string& line) {
    constexpr std::size_t max_line = 1u << 20;
    line.clear();
    int c = 0;
    while ((c = std::getc(stdin)) != EOF && c != '\n')
        if (line.size() < max_line) line.push_back(static_cast<char>(c));
    return c != EOF || !line.empty();
}

// Each verdict is out before the next case is read.
int judge_lines() {
    int code = good;
    for (std::string line; read_line(line);) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        auto const seen = judge_case(line);
        if (!seen.readable) code = wrong_usage;
        auto const printed = write_line(!seen.readable ? "unreadable" : seen.refused ? seen.refused->name() : "accept");
        if (printed != good) return printed;
    }
    return code;
}

} // namespace

int webauthn_verify(std::span<char* const> arguments) {
    bool lines = false;
    for (std::string_view argument : arguments) {
        if (argument != "--lines") return misused("the option " + std::string{argument} + " is unknown");
        if (lines) return misused("the option --lines was given twice");
        lines = true;
    }
    if (lines) return judge_lines();
    auto const input = read_input();
    if (!input) return wrong_usage;
    auto const text = as_text(input->reveal());
    auto const seen = judge_case(text);
    if (!seen.readable) return misused("the case cannot be read");
    if (seen.refused) return refuse(seen.refused->code);
    return write_line("accept");
}

} // namespace cli

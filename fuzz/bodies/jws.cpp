// JWS: header and payload are the fuzzer's, signed here with the right key, so that it gets past the signature; and the
// input as a token of its own. What is accepted has to be what a plain reading of RFC 7515 accepts.
#include "require.hpp"

#include <signet/codec.hpp>
#include <signet/crypto.hpp>
#include <signet/jose.hpp>

#include <algorithm>
#include <string>

using namespace signet;
using namespace signet::jose;

namespace {

mac_key const& key() {
    static auto const k = *mac_key::from_secret(secret{bytes(32, 7)}, alg::hs256);
    return k;
}
any_key_set const& keys() {
    static auto const list = [] {
        any_key_set made{algorithm_set::of<hs256>()};
        require(made.add("k", key()).has_value());
        return made;
    }();
    return list;
}

std::string encode(std::string_view text) { return codec::base64url_encode(as_bytes(text)); }

std::string sign(std::string_view header, std::string_view payload) {
    auto token = encode(header) + "." + encode(payload);
    auto mac = crypto::hmac::make(key());
    mac.update(as_bytes(token));
    bytes tag(mac.size());
    mac.finish(tag);
    return token + "." + codec::base64url_encode(tag);
}

bool is_text(codec::json_value object, std::string_view name) {
    auto const value = object.find(name);
    return !value || value->is_string();
}

/// Whether this header may stand over a JWS that the key "k" verifies with HS256.
bool model(std::string_view text) {
    auto const document = codec::json_document::parse(text);
    if (!document || !document->root().is_object()) return false;
    auto const header = document->root();
    auto const alg = header.find("alg");
    if (!alg || !alg->is_string() || *alg->as_string() != "HS256") return false;
    for (auto const* name : {"kid", "typ", "cty", "jku", "x5u", "x5t", "x5t#S256"})
        if (!is_text(header, name)) return false;
    if (auto const kid = header.find("kid"); kid && *kid->as_string() != "k") return false;
    if (auto const jwk = header.find("jwk"); jwk && !jwk->is_object()) return false;
    if (auto const x5c = header.find("x5c"); x5c && !x5c->is_array()) return false;
    if (auto const b64 = header.find("b64"); b64 && !b64->as_bool().value_or(false)) return false;
    auto const crit = header.find("crit");
    if (!crit) return true;
    // b64 is the only extension understood, and it is to be there.
    return crit->is_array() && crit->size() == 1 && (*crit->begin()).is_string() &&
           *(*crit->begin()).as_string() == "b64" && header.find("b64").has_value();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const input{reinterpret_cast<char const*>(data), size};

    // Header, newline, payload.
    auto const split = std::min(input.find('\n'), input.size());
    auto const header = input.substr(0, split), payload = input.substr(std::min(split + 1, input.size()));
    auto const token = sign(header, payload);
    auto const seen = jws_verify(keys(), token);
    require(seen.has_value() == (!header.empty() && model(header)));
    if (seen) require(as_text(seen->payload()) == payload && seen->algorithm() == alg::hs256 && seen->key_index() == 0);
    require(!jws_verify(keys(), token.substr(0, token.size() - 1)));

    // The caller's memory gives the same answer, short memory never a wrong one.
    auto const size_of_header = header.size();
    std::string text(size_of_header, '\0');
    std::vector<codec::json_node> nodes(max_header_nodes(size_of_header));
    auto const encoded = encode(header);
    auto const read = read_header(encoded, text, nodes);
    if (seen) require(read && read->algorithm == alg::hs256);
    if (!read && !header.empty()) require(!seen && seen.error().code == read.error().code);
    if (nodes.size() > 1) {
        nodes.resize(nodes.size() / 2);
        auto const tight = read_header(encoded, text, nodes);
        if (tight)
            require(read && tight->algorithm == read->algorithm && tight->kid.has_value() == read->kid.has_value());
    }

    // The input itself as a token.
    auto const raw = jws_verify(keys(), input);
    auto const looked = peek(input);
    auto const dots = std::ranges::count(input, '.');
    if (dots != 2) require(!raw && !looked);
    if (dots == 4) require(raw.error() == errc::encrypted_token);
    if (raw) {
        auto const first = input.find('.'), second = input.find('.', first + 1);
        require(encode(as_text(raw->payload())) == input.substr(first + 1, second - first - 1));
        require(looked.has_value());
    }
    return 0;
}

// peek: shows what a token's parts say, and only where they have the form of a compact JWS.
#include "require.hpp"

#include <signet/codec.hpp>
#include <signet/jose.hpp>

#include <string>

using namespace signet;

namespace {

std::string_view text(codec::json_value object, std::string_view name) {
    auto const value = object.find(name);
    return value && value->is_string() ? *value->as_string() : std::string_view{};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const token{reinterpret_cast<char const*>(data), size};
    auto const seen = jose::peek(token);

    // The model: cut at the dots, decode, parse.
    auto const first = token.find('.'), second = first == token.npos ? first : token.find('.', first + 1);
    if (second == token.npos || token.find('.', second + 1) != token.npos || first == 0) {
        require(!seen);
        return 0;
    }
    auto const header_text = codec::base64url_decode(token.substr(0, first));
    auto const payload_text = codec::base64url_decode(token.substr(first + 1, second - first - 1));
    auto const header = header_text ? codec::json_document::parse(as_text(*header_text)) : errc::malformed_json;
    require(seen.has_value() == (header && header->root().is_object() && payload_text));
    if (!seen) return 0;

    auto const& inside = seen->unverified_value();
    require(inside.algorithm() == text(header->root(), "alg") && inside.kid() == text(header->root(), "kid") &&
            inside.type() == text(header->root(), "typ"));
    auto const payload = codec::json_document::parse(as_text(*payload_text));
    if (payload && payload->root().is_object()) require(inside.issuer() == text(payload->root(), "iss"));
    else require(inside.payload().is_null() && inside.issuer().empty());
    return 0;
}

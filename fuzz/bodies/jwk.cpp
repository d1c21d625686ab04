// JWK: what is read, written and read again is the same key, and a public key has nothing private in it.
#include "require.hpp"

#include <signet/codec.hpp>
#include <signet/jose.hpp>

using namespace signet;
using namespace signet::jose;

namespace {

bool same(jwk_attributes const& a, jwk_attributes const& b) {
    return a.kid == b.kid && a.use == b.use && a.key_ops == b.key_ops && a.alg == b.alg && a.x5c == b.x5c &&
           a.x5t_s256 == b.x5t_s256;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    auto const any = parse_jwk(text);
    auto const pub = parse_public_jwk(text);
    auto const document = codec::json_document::parse(text);

    bool has_private = false;
    if (document && document->root().is_object())
        for (auto const member : document->root())
            for (std::string_view name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
                has_private = has_private || member.name() == name;
    if (has_private) require(!pub && pub.error() == errc::private_key_refused);
    else if (any) require(pub.has_value());
    if (!any) {
        require(!pub);
        return 0;
    }
    require(document.has_value());
    require(any->attributes.x5c.size() <= max_jwk_certificates);
    require(any->attributes.x5c.empty() || !any->octets);
    require(any->public_part.has_value() + any->private_part.has_value() + any->octets.has_value() == 1);

    // An algorithm is permitted only if the key can do it and the JWK names no other.
    if (auto const a = any->attributes.algorithm()) {
        auto const* key = any->public_part    ? &*any->public_part
                          : any->private_part ? &any->private_part->public_part()
                                              : nullptr;
        require(key ? key->supports(*a) : traits(*a).type == key_type::oct);
        for (std::size_t i = 0; i != alg_count; ++i)
            if (static_cast<alg>(i) != *a)
                require(!any->attributes.permits(key_operation::verify, static_cast<alg>(i)));
    }

    if (any->octets) {
        auto const written = to_json(oct_jwk{any->attributes, secret::copy_of(any->octets->reveal())});
        require(written.has_value());
        auto const again = parse_oct_jwk(as_text(written->reveal()));
        require(again && again->octets == *any->octets && same(again->attributes, any->attributes));
        return 0;
    }
    if (any->private_part) {
        auto const written = to_json(private_jwk{any->attributes, *any->private_part});
        require(written.has_value());
        auto const again = parse_private_jwk(as_text(written->reveal()));
        require(again && again->key.public_part() == any->private_part->public_part() &&
                same(again->attributes, any->attributes));
    }
    auto const& key = any->private_part ? any->private_part->public_part() : *any->public_part;
    auto const written = to_json(public_jwk{any->attributes, key});
    require(written.has_value());
    auto const again = parse_public_jwk(*written);
    require(again && again->key == key && same(again->attributes, any->attributes));
    require(thumbprint(again->key) == thumbprint(key));
    return 0;
}

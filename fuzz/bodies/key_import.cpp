// Keys from outside: whatever the octets, an errc or a key that is written and read back as itself.
#include "require.hpp"

#include <signet/crypto.hpp>

#include <string_view>

using namespace signet;

namespace {

void check_public(result<public_key> const& key) {
    if (!key) return;
    auto const written = key->to_der();
    auto const der = public_key::from_der(written);
    auto const pem = public_key::from_pem(key->to_pem());
    require(der && *der == *key);
    require(pem && *pem == *key);
    require(key->bits() >= 255 && key->bits() <= 8192);
    require(key->type() == key_type::rsa ? key->crv() == curve::none : key->crv() != curve::none);
}

void check_private(result<private_key> const& key) {
    if (!key) return;
    check_public(key->public_part());
    auto const der = key->to_der();
    auto const again = private_key::from_der(der.reveal());
    require(again && again->public_part() == key->public_part());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    bytes_view const input{data, size};
    auto const text = as_text(input);
    check_public(public_key::from_der(input));
    check_public(public_key::from_pem(text));
    check_private(private_key::from_der(input));
    check_private(private_key::from_pem(text));
    check_public(public_key::from_ed25519(input));
    if (size % 2 == 0)
        for (auto crv : {curve::p256, curve::p384, curve::p521, curve::secp256k1})
            check_public(public_key::from_ec(crv, input.first(size / 2), input.subspan(size / 2)));
    if (size > 3) check_public(public_key::from_rsa(input.subspan(3), input.first(3), limits_for_keys_in_messages));
    return 0;
}

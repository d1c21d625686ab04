// ECDSA signatures in DER: one that is accepted is written back as exactly the octets that were read, on each curve
// that is large enough.
#include "require.hpp"

#include <signet/crypto.hpp>

#include <array>

using namespace signet;

namespace {

void append_integer(bytes& out, bytes_view number) {
    while (number.size() > 1 && number[0] == 0) number = number.subspan(1);
    bool const padded = number[0] >= 0x80;
    out.push_back(0x02);
    out.push_back(static_cast<std::uint8_t>(number.size() + padded));
    if (padded) out.push_back(0);
    out.insert(out.end(), number.begin(), number.end());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    bytes_view const input{data, size};
    for (auto const crv : {curve::p256, curve::secp256k1, curve::p384, curve::p521}) {
        std::array<std::uint8_t, crypto::max_ecdsa_size> out;
        auto const written = crypto::ecdsa_from_der(input, crv, out);
        if (!written) {
            require(written.error() == errc::bad_signature);
            continue;
        }
        auto const half = *written / 2;
        require(half == (crv == curve::p521 ? 66u : crv == curve::p384 ? 48u : 32u));
        bytes content;
        append_integer(content, bytes_view{out}.first(half));
        append_integer(content, bytes_view{out}.subspan(half, half));
        bytes der{0x30};
        if (content.size() >= 0x80) der.push_back(0x81);
        der.push_back(static_cast<std::uint8_t>(content.size()));
        der.insert(der.end(), content.begin(), content.end());
        require(as_text(der) == as_text(input));
        // The other curves of that size or a larger one take it too, unless a number is not below their order.
        require(crypto::ecdsa_from_der(input, curve::p521, out).has_value());
    }
    std::array<std::uint8_t, crypto::max_ecdsa_size - 1> small;
    require(!crypto::ecdsa_from_der(input, curve::p521, small));
    require(!crypto::ecdsa_from_der(input, curve::ed25519, small));
    return 0;
}

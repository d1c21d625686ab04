// COSE keys: a key that is read is written as exactly the octets that were read, serves the one algorithm that it
// names, and only if that was offered.
#include "require.hpp"

#include <signet/jose.hpp>

#include <vector>

using namespace signet;
using namespace signet::jose;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static auto const offered = [] {
        std::vector<std::int32_t> all{-48, -65535};
        for (auto const& known : cose_algorithms) all.push_back(known.identifier);
        return all;
    }();
    bytes_view const input{data, size};
    auto const key = parse_cose_key(input, offered);
    require(!parse_cose_key(input, {}));
    if (!key) return 0;
    require(find_cose_algorithm(key->identifier) == key->algorithm);
    require(key->key.supports(key->algorithm));
    auto const written = to_cose(*key);
    require(written && as_text(*written) == as_text(input));
    std::int32_t const only[] = {key->identifier};
    auto const again = parse_cose_key(input, only);
    require(again && again->key == key->key && again->identifier == key->identifier);
    auto others = offered;
    std::erase(others, key->identifier);
    auto const refused = parse_cose_key(input, others);
    require(!refused && refused.error() == errc::algorithm_not_allowed);
    if (key->key.type() == key_type::rsa) require(key->key.bits() >= 2048 && key->key.bits() <= 4096);
    return 0;
}

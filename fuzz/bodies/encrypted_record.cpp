// SPDX-License-Identifier: BSL-1.0
// Encrypted records: of all octets that a store may give back, only those that were encrypted for this name and expiry
// are read, with the key that did it.
#include "changed.hpp"
#include "require.hpp"

#include <signet/store/encrypted.hpp>
#include <signet/testing/fixed_random.hpp>

#include <algorithm>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr unix_time later = now + 60s;

// Gives back whatever it is told to.
struct parrot {
    bytes_view octets;
    store::reply execute(store::request const& ask) {
        if (octets.size() > ask.into.size()) return store::reply::failure(errc::buffer_too_small, octets.size());
        std::copy(octets.begin(), octets.end(), ask.into.begin());
        return store::reply::success({ask.into.first(octets.size()), later, 1});
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < 2) return 0;
    auto const plain_size = std::min<std::size_t>(data[0], size - 2);
    bytes_view const plain{data + 2, plain_size}, rest{data + 2 + plain_size, size - 2 - plain_size};
    auto const key = [](std::uint8_t n) { return secret{bytes(32, n)}; };
    std::vector<secret> former;
    former.push_back(key(2));
    auto const keys = *store::encryption_keys::make(key(1), std::move(former)),
               old = *store::encryption_keys::make(key(2)), strange = *store::encryption_keys::make(key(3));
    testing::fixed_random random;
    bytes stored;
    (data[1] % 2 ? keys : old).encrypt({}, later, plain, random, stored);
    require(stored.size() == plain.size() + store::encryption_overhead);

    // As it is: by both keys, into no less than it needs, under its own name and expiry alone.
    bytes into(256);
    auto const read = keys.decrypt({}, later, stored, into);
    require(read && std::equal(read->begin(), read->end(), plain.begin(), plain.end()));
    require(strange.decrypt({}, later, stored, into).error() == errc::unknown_encryption_key);
    store::record_key other{};
    other[data[1] % 32] = 1;
    require(keys.decrypt(other, later, stored, into).error() == errc::record_malformed);
    require(keys.decrypt({}, later + 1s, stored, into).error() == errc::record_malformed);
    if (!plain.empty())
        require(keys.decrypt({}, later, stored, std::span{into}.first(plain.size() - 1)).error() ==
                errc::buffer_too_small);

    // Changed somewhere, cut, or anything else.
    auto const text = std::string{as_text(stored)};
    auto const altered = changed(text, rest.data(), rest.size());
    if (altered != text) require(!keys.decrypt({}, later, as_bytes(altered), into));
    if (!rest.empty()) require(!keys.decrypt({}, later, as_bytes(text).first(rest[0] % stored.size()), into));
    require(!keys.decrypt({}, later, rest, into));

    // The store: what is not encrypted is read only where that is accepted, and as it is.
    parrot const behind{rest};
    auto const ask = store::find({}, into, now);
    require(store::encrypted{parrot{behind}, keys}.execute(ask).outcome == store::outcome::failed);
    auto const accepted = store::encrypted{parrot{behind}, keys, {.accept_unencrypted = true}}.execute(ask);
    if (accepted.outcome == store::outcome::done)
        require(!store::encryption_keys::is_encrypted(rest) &&
                std::equal(rest.begin(), rest.end(), accepted.record.bytes.begin(), accepted.record.bytes.end()));
    return 0;
}

// Records that benchmarks of stores ask for.
#pragma once

#include <signet/store/store.hpp>

#include <cstring>

/// The key of a number, spread as a digest is.
inline signet::store::record_key numbered(std::uint64_t n) {
    signet::store::detail::version_walk walk{n << 8};
    signet::store::record_key k{};
    for (std::size_t i = 0; i != k.size(); i += 8) {
        auto const word = walk.next();
        std::memcpy(k.data() + i, &word, 8);
    }
    return k;
}

inline bool done(signet::store::reply const& r) { return r.outcome == signet::store::outcome::done; }

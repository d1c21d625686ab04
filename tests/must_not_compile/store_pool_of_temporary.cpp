// SPDX-License-Identifier: BSL-1.0
// EXPECT: a store that cannot be moved, such as a pool, is made first and passed by its name
// WITH: store::encrypted(store::pool{std::move(some)}, keys)
// WITH: store::observed(store::pool{std::move(some)}, counts)
// A pool has locks and places that its threads wait at.
#include <signet/store.hpp>
#include <signet/store/encrypted.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/pool.hpp>

using namespace signet;

store::reply ask(std::vector<store::memory> some, store::encryption_keys const& keys, store::request const& what) {
    store::metrics counts;
#ifdef CONTROL
    store::pool first{std::move(some)};
    store::encrypted second{first, keys};
    store::observed db{second, counts};
#else
    auto db = WITH;
    (void)keys;
#endif
    return db.execute(what);
}

// One of signet's stores, chosen when the program starts.
#pragma once

#include <signet/store/store.hpp>

namespace web {

struct any_store {
    virtual ~any_store() = default;
    virtual signet::store::reply execute(signet::store::request const& ask) = 0;
};

template <signet::store::blocking_store S> struct store_of final : any_store {
    explicit store_of(S store) : db{std::move(store)} {}
    signet::store::reply execute(signet::store::request const& ask) override { return db.execute(ask); }
    S db;
};

} // namespace web

// A store in front of another one that counts round trips: each call is one, however many questions it has.
#pragma once

#include <signet/store/store.hpp>

#include <algorithm>
#include <vector>

template <signet::store::blocking_store S> struct counting_store {
    S* inner;
    std::vector<std::size_t> sizes{}; // of the round trips

    signet::store::reply execute(signet::store::request const& ask) {
        sizes.push_back(1);
        return inner->execute(ask);
    }
    void execute_many(std::span<signet::store::request const> asks, std::span<signet::store::reply> replies) {
        sizes.push_back(asks.size());
        std::ranges::transform(asks, replies.begin(), [&](auto const& ask) { return inner->execute(ask); });
    }
};
template <signet::store::blocking_store S> counting_store(S*) -> counting_store<S>; // for clang 16

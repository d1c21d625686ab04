// SPDX-License-Identifier: BSL-1.0
// Iterates over the values of an index that stand directly below one of them.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <iterator>

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

/// A forward iterator whose reference is a value. A copy is two pointers and an index.
template <class Value> class element_iterator {
public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag; // its reference is a value
    using iterator_concept = std::forward_iterator_tag;
    using reference = Value;
    using pointer = void;

    element_iterator() = default;
    /// Points to that value, which must be in an object, a map or an array.
    explicit element_iterator(Value at) noexcept : at_{at} {}
    Value operator*() const noexcept { return at_; }
    element_iterator& operator++() noexcept {
        at_.index_ = at_.all_[at_.index_].next;
        return *this;
    }
    element_iterator operator++(int) noexcept {
        auto before = *this;
        ++*this;
        return before;
    }
    bool operator==(element_iterator const& other) const noexcept { return at_.index_ == other.at_.index_; }

private:
    Value at_;
};

}}}} // namespace signet::codec::detail

// SPDX-License-Identifier: BSL-1.0
// The names of an enumeration's values as one table, which does not compile while an enumerator has no name.
#pragma once

#include <signet/core/impl/enumerators.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI {

/// An enumerator and its name.
template <class E> struct enum_name {
    E value;
    std::string_view name;
};

/// The names of all enumerators of `E`, which are numbered from 0. Made by `make_enum_names`.
///
/// Example: `inline constexpr auto door_names = make_enum_names<door>({{door::open, "open"}, {door::shut, "shut"}});`
/// and beside it `constexpr std::string_view name(door d) noexcept { return door_names[d]; }`.
template <class E, std::size_t Count> class enum_names {
public:
    /// Takes the rows in the order of the enumeration, without a gap.
    constexpr explicit enum_names(std::array<enum_name<E>, Count> const& rows) noexcept : rows_{rows} {}
    /// Returns the number of enumerators.
    [[nodiscard]] static constexpr std::size_t size() noexcept { return Count; }
    /// Returns the name of an enumerator, with static storage; empty for a value that is no enumerator.
    [[nodiscard]] constexpr std::string_view operator[](E e) const noexcept {
        auto const at = static_cast<std::size_t>(e);
        return at < Count ? rows_[at].name : std::string_view{};
    }
    /// Returns the enumerator of exactly that name, if there is one.
    [[nodiscard]] constexpr std::optional<E> find(std::string_view name) const noexcept {
        for (auto const& row : rows_)
            if (row.name == name) return row.value;
        return std::nullopt;
    }

private:
    std::array<enum_name<E>, Count> rows_;
};

/// Makes the table of names at compile time. A missing or unordered enumerator, an empty name and a name used twice do
/// not compile.
template <class E, std::size_t Count>
[[nodiscard]] consteval enum_names<E, Count> make_enum_names(enum_name<E> const (&rows)[Count]) {
    static_assert(!detail::is_enumerator<static_cast<E>(Count)>(), "an enumerator has no name: give it a row");
    for (std::size_t i = 0; i != Count; ++i) {
        if (rows[i].value != static_cast<E>(i))
            detail::this_table_is_refused("the rows are not in the enumeration's order");
        if (rows[i].name.empty()) detail::this_table_is_refused("a name is empty");
        for (std::size_t before = 0; before != i; ++before)
            if (rows[before].name == rows[i].name) detail::this_table_is_refused("two enumerators have one name");
    }
    return enum_names<E, Count>{std::to_array(rows)};
}

}} // namespace signet

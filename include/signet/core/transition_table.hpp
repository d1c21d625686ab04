// SPDX-License-Identifier: BSL-1.0
// A lifecycle as one constexpr table of values: the code, the picture and the exhaustive tests come from the same rows.
#pragma once

#include <signet/core/enum_names.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI {

namespace detail {
template <class E> constexpr std::size_t count_names() {
    std::size_t n = 0;
    while (!name(static_cast<E>(n)).empty()) ++n;
    return n;
}
} // namespace detail

/// The number of enumerators of `E`, which are numbered from 0: the first value for which `name(E)` is empty. A table
/// of `enum_names` does not compile while an enumerator has no name, so the count is always current.
template <class E> inline constexpr std::size_t enum_count = detail::count_names<E>();

/// A set of enumerators of an enumeration with at most 32 of them: `enum_set{state::active, state::blocked}`.
template <class E> class enum_set {
public:
    constexpr enum_set() = default;
    /// Holds the given enumerators.
    constexpr enum_set(E one) { insert(one); }
    constexpr enum_set(std::initializer_list<E> many) {
        for (E e : many) insert(e);
    }
    /// Adds an enumerator, if it is not in the set already.
    constexpr void insert(E e) { bits_ |= std::uint32_t{1} << static_cast<unsigned>(e); }
    /// Returns whether the enumerator is in the set.
    [[nodiscard]] constexpr bool contains(E e) const { return (bits_ >> static_cast<unsigned>(e) & 1u) != 0; }
    friend constexpr bool operator==(enum_set, enum_set) = default;

private:
    std::uint32_t bits_ = 0;
};

/// One row of a lifecycle: in any state of `from`, the event `on` leads to `to`. The diagram shows `why`.
template <class S, class E> struct transition {
    enum_set<S> from;
    E on;
    S to;
    std::string_view why;
};

/// A lifecycle. A pair of state and event without a row is an error, never ignored. Made by `make_transition_table`,
/// which does not compile if two rows name one pair or a state is unreachable.
template <class S, class E, std::size_t Rows> struct transition_table {
    static_assert(enum_count<S> <= 32 && enum_count<E> <= 32, "an enum_set holds at most 32");

    S initial;
    std::array<transition<S, E>, Rows> rows;

    /// Returns the state after `e` in `s`, or nothing if `e` is not allowed there.
    [[nodiscard]] constexpr std::optional<S> next(S s, E e) const {
        for (auto const& row : rows)
            if (row.on == e && row.from.contains(s)) return row.to;
        return std::nullopt;
    }

    /// Returns whether no pair has two rows.
    [[nodiscard]] constexpr bool deterministic() const {
        bool once = true;
        each_pair([&](S s, E e) {
            std::size_t claims = 0;
            for (auto const& row : rows) claims += row.on == e && row.from.contains(s) ? 1u : 0u;
            once = once && claims <= 1;
        });
        return once;
    }

    /// Returns every state that a sequence of events leads to from `start`, including `start`.
    [[nodiscard]] constexpr enum_set<S> reachable_from(S start) const {
        enum_set<S> seen{start};
        for (std::size_t round = 0; round != enum_count<S>; ++round)
            each_pair([&](S s, E e) {
                if (auto to = next(s, e); to && seen.contains(s)) seen.insert(*to);
            });
        return seen;
    }

    /// Returns whether nothing leads out of `s`.
    [[nodiscard]] constexpr bool terminal(S s) const { return reachable_from(s) == enum_set<S>{s}; }

    /// Returns whether only these events lead to `s` from another state.
    [[nodiscard]] constexpr bool entered_only_by(S s, enum_set<E> by) const {
        for (auto const& row : rows)
            if (row.to == s && row.from != enum_set<S>{s} && !by.contains(row.on)) return false;
        return true;
    }

    /// Calls `f(state, event)` for every pair.
    template <class F> static constexpr void each_pair(F f) {
        for (std::size_t s = 0; s != enum_count<S>; ++s)
            for (std::size_t e = 0; e != enum_count<E>; ++e) f(static_cast<S>(s), static_cast<E>(e));
    }
};

/// Makes a table at compile time. A nondeterministic table and an unreachable state do not compile.
template <class S, class E, std::size_t N>
[[nodiscard]] consteval transition_table<S, E, N> make_transition_table(S initial, transition<S, E> const (&rows)[N]) {
    transition_table<S, E, N> const table{initial, std::to_array(rows)};
    if (!table.deterministic()) detail::this_table_is_refused("two rows of the table claim the same state and event");
    auto const reached = table.reachable_from(initial);
    for (std::size_t s = 0; s != enum_count<S>; ++s)
        if (!reached.contains(static_cast<S>(s)))
            detail::this_table_is_refused("a state of the table cannot be reached");
    return table;
}

/// Writes the table as a Mermaid state diagram, in pieces, by calls of `write(std::string_view)`.
template <class S, class E, std::size_t N, class Write>
constexpr void write_mermaid(transition_table<S, E, N> const& table, Write write) {
    // Mermaid's state identifiers have no spaces; names of two words are joined by an underscore.
    auto const identifier = [&](S s) {
        for (char c : name(s)) {
            char const joined = c == ' ' ? '_' : c;
            write(std::string_view{&joined, 1});
        }
    };
    write("stateDiagram-v2\n    [*] --> "), identifier(table.initial), write("\n");
    for (auto const& row : table.rows)
        for (std::size_t i = 0; i != enum_count<S>; ++i)
            if (auto const s = static_cast<S>(i); row.from.contains(s)) {
                write("    "), identifier(s), write(" --> "), identifier(row.to);
                write(": "), write(name(row.on)), write("\n");
            }
    for (std::size_t i = 0; i != enum_count<S>; ++i)
        if (auto const s = static_cast<S>(i); table.terminal(s)) write("    "), identifier(s), write(" --> [*]\n");
}

}} // namespace signet

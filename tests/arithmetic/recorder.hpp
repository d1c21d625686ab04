// Word types for the library's templates that write down what is done with them: one line for each operation, numbered.
// A word holds a number or refers to a line. Branches on what is not known take the way that the test names beforehand.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <vector>

namespace recorder {

struct recording {
    std::vector<std::string> lines;
    std::vector<bool> decisions;
    std::size_t decided = 0;
};
inline recording current;

inline std::size_t write_down(std::string line) {
    current.lines.push_back(std::move(line));
    return current.lines.size() - 1;
}

__extension__ typedef unsigned __int128 uint128;

/// `bits` wide: a number, or the line of that index. Numbers that look like lines do not compile or stop the program.
template <unsigned bits> class word {
    using raw = std::conditional_t<bits == 64, std::uint64_t, std::uint32_t>;
    static constexpr unsigned tag_shift = bits == 64 ? 32 : 18;
    static constexpr raw tag = static_cast<raw>(bits == 64 ? 0xc0de5a5au : 0x2e95u);

public:
    constexpr word() noexcept = default;
    template <std::integral T> constexpr word(T x) noexcept : v_{static_cast<raw>(x)} {
        if (is_line()) std::abort();
    }
    static word line(std::size_t index) {
        word r;
        r.v_ = static_cast<raw>(tag << tag_shift | static_cast<raw>(index));
        return r;
    }
    [[nodiscard]] constexpr bool is_line() const noexcept { return v_ >> tag_shift == tag; }
    [[nodiscard]] constexpr raw number() const noexcept { return v_; }
    [[nodiscard]] std::size_t index() const noexcept { return v_ & ((raw{1} << tag_shift) - 1); }
    [[nodiscard]] std::string text() const { return is_line() ? "n" + std::to_string(index()) : std::to_string(v_); }

private:
    raw v_ = 0;
};

/// Twice as wide.
template <unsigned bits> class wide {
public:
    constexpr wide() noexcept = default;
    constexpr explicit wide(uint128 x) noexcept : number_{x} {}
    constexpr explicit wide(word<bits> const& a) noexcept : line_{a.is_line()}, number_{a.is_line() ? 0 : a.number()} {
        if (line_) index_ = a.index();
    }
    static wide line(std::size_t index) {
        wide r;
        r.line_ = true, r.index_ = index;
        return r;
    }
    constexpr explicit operator word<bits>() const {
        if (!line_) return word<bits>{static_cast<std::uint64_t>(bits == 64 ? number_ : number_ & 0xffffffffu)};
        return word<bits>::line(write_down("low " + text()));
    }
    [[nodiscard]] constexpr bool is_line() const noexcept { return line_; }
    [[nodiscard]] constexpr uint128 number() const noexcept { return number_; }
    [[nodiscard]] std::string text() const {
        if (line_) return "n" + std::to_string(index_);
        std::string digits;
        for (auto x = number_; digits.empty() || x != 0; x /= 10)
            digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(x % 10)));
        return digits;
    }

private:
    bool line_ = false;
    std::size_t index_ = 0;
    uint128 number_ = 0;
};

/// The outcome of a comparison.
class truth {
public:
    constexpr truth(bool known) noexcept : known_{true}, value_{known} {}
    static truth line(std::size_t index) {
        truth r{false};
        r.known_ = false, r.index_ = index;
        return r;
    }
    constexpr operator bool() const {
        if (known_) return value_;
        bool const decision = current.decided < current.decisions.size() && current.decisions[current.decided];
        ++current.decided;
        write_down("branch n" + std::to_string(index_) + (decision ? " 1" : " 0"));
        return decision;
    }
    template <unsigned bits> constexpr word<bits> as_word() const {
        return known_ ? word<bits>{value_} : word<bits>::line(index_);
    }

private:
    bool known_, value_;
    std::size_t index_ = 0;
};

#define SIGNET_RECORDED(op, name)                                                                                      \
    template <unsigned bits> constexpr word<bits> operator op(word<bits> const& a, word<bits> const& b) {              \
        if (!a.is_line() && !b.is_line()) return word<bits>{a.number() op b.number()};                                 \
        return word<bits>::line(write_down(name " " + a.text() + " " + b.text()));                                     \
    }                                                                                                                  \
    template <unsigned bits, std::integral T> constexpr word<bits> operator op(word<bits> const& a, T b) {             \
        return a op word<bits>{b};                                                                                     \
    }                                                                                                                  \
    template <unsigned bits, std::integral T> constexpr word<bits> operator op(T a, word<bits> const& b) {             \
        return word<bits>{a} op b;                                                                                     \
    }
SIGNET_RECORDED(+, "add")
SIGNET_RECORDED(-, "sub")
SIGNET_RECORDED(*, "mul")
SIGNET_RECORDED(&, "and")
SIGNET_RECORDED(|, "or")
SIGNET_RECORDED(^, "xor")
#undef SIGNET_RECORDED

#define SIGNET_RECORDED(op, name)                                                                                      \
    template <unsigned bits> constexpr wide<bits> operator op(wide<bits> const& a, wide<bits> const& b) {              \
        if (!a.is_line() && !b.is_line()) return wide<bits>{a.number() op b.number()};                                 \
        return wide<bits>::line(write_down(name " " + a.text() + " " + b.text()));                                     \
    }                                                                                                                  \
    template <unsigned bits> constexpr wide<bits> operator op(wide<bits> const& a, word<bits> const& b) {              \
        return a op wide<bits>{b};                                                                                     \
    }                                                                                                                  \
    template <unsigned bits> constexpr wide<bits> operator op(wide<bits> const& a, unsigned b) {                       \
        return a op wide<bits>{uint128{b}};                                                                            \
    }
SIGNET_RECORDED(+, "wide_add")
SIGNET_RECORDED(-, "wide_sub")
SIGNET_RECORDED(*, "wide_mul")
#undef SIGNET_RECORDED

template <unsigned bits> constexpr wide<bits> operator>>(wide<bits> const& a, unsigned k) {
    if (!a.is_line()) return wide<bits>{a.number() >> k};
    return wide<bits>::line(write_down("wide_shr " + a.text() + " " + std::to_string(k)));
}
template <unsigned bits> constexpr word<bits> operator~(word<bits> const& a) {
    if (!a.is_line())
        return word<bits>{static_cast<std::conditional_t<bits == 64, std::uint64_t, std::uint32_t>>(~a.number())};
    return word<bits>::line(write_down("not " + a.text()));
}
template <unsigned bits, std::integral T> constexpr word<bits> operator<<(word<bits> const& a, T k) {
    if (!a.is_line()) return word<bits>{a.number() << k};
    return word<bits>::line(write_down("shl " + a.text() + " " + std::to_string(k)));
}
template <unsigned bits, std::integral T> constexpr word<bits> operator>>(word<bits> const& a, T k) {
    if (!a.is_line()) return word<bits>{a.number() >> k};
    return word<bits>::line(write_down("shr " + a.text() + " " + std::to_string(k)));
}
template <unsigned bits> constexpr word<bits>& operator|=(word<bits>& a, word<bits> const& b) { return a = a | b; }
template <unsigned bits> constexpr word<bits>& operator&=(word<bits>& a, word<bits> const& b) { return a = a & b; }

template <unsigned bits> constexpr truth operator<(word<bits> const& a, word<bits> const& b) {
    if (!a.is_line() && !b.is_line()) return a.number() < b.number();
    return truth::line(write_down("less " + a.text() + " " + b.text()));
}
template <unsigned bits> constexpr truth operator==(word<bits> const& a, word<bits> const& b) {
    if (!a.is_line() && !b.is_line()) return a.number() == b.number();
    return truth::line(write_down("equal " + a.text() + " " + b.text()));
}
template <unsigned bits, std::integral T> constexpr truth operator==(word<bits> const& a, T b) {
    return a == word<bits>{b};
}
template <unsigned bits> constexpr word<bits> operator-(word<bits> const& a, truth const& b) {
    return a - b.as_word<bits>();
}

/// The test says how many zeros the word of a line ends in.
inline unsigned zeros_of_lines = 0;
template <unsigned bits> constexpr unsigned trailing_zeros(word<bits> const& a) {
    if (!a.is_line()) return static_cast<unsigned>(std::countr_zero(a.number()));
    write_down("zeros " + a.text() + " " + std::to_string(zeros_of_lines));
    return zeros_of_lines;
}

} // namespace recorder

// SPDX-License-Identifier: BSL-1.0
// A token whose signature and claims were checked (RFC 7519 section 7.2): as a view into a scratch, or owning.
#pragma once

#include <signet/jwt/claims_view.hpp>
#include <signet/jwt/limits.hpp>

#include <memory>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// Memory for one decoded token, of any size. Made by `scratch<N>`.
class scratch_base {
public:
    scratch_base(scratch_base const&) = delete;
    scratch_base& operator=(scratch_base const&) = delete;

    /// Returns whether a `verified` uses it.
    [[nodiscard]] bool held() const noexcept { return held_; }
    /// Returns the characters of the largest token that fits.
    [[nodiscard]] std::size_t capacity() const noexcept { return size_; }

protected:
    scratch_base(char* text, std::size_t size, codec::json_node* nodes, std::size_t count) noexcept
        : text_{text}, size_{size}, nodes_{nodes}, count_{count} {}
    /// Aborts the program if a `verified` still refers to it.
    ~scratch_base() {
        if (held_) [[unlikely]]
            signet::detail::end_program("a scratch was destroyed before the verified token in it");
    }

private:
    friend detail::token_access;
    friend class verified;
    char* text_;
    std::size_t size_;
    codec::json_node* nodes_;
    std::size_t count_;
    bool held_ = false;
    // Written by whoever verifies, before anybody reads it.
    union {
        detail::token_index index_;
    };
};

/// Returns the largest number of JSON values in a token of at most `max_token` characters; beyond:
/// `json_too_many_members`.
[[nodiscard]] constexpr std::size_t max_claim_values(std::size_t max_token) noexcept {
    return max_token / 16 < 64 ? 64 : max_token / 16;
}

/// The memory that a token is decoded into, usually on the stack. Fits tokens of up to `N` characters in about 2.5 N
/// octets. Neither copyable nor movable.
///
/// A `verified` holds its scratch until it is destroyed. Verifying into a held scratch fails with `errc::buffer_in_use`
/// and writes nothing, so the claims of one token never become those of another.
///
/// Lifetime: must outlive the `verified` made in it; a temporary does not compile. Destroying a held scratch aborts the
/// program with a line on the standard error stream.
/// Thread safety: one thread at a time.
///
/// Example: `jwt::scratch<> buffer; auto t = v.verify(text, buffer, now);`
template <std::size_t N = default_max_token> class scratch final : public scratch_base {
public:
    /// Makes a scratch that no token holds.
    scratch() noexcept : scratch_base{octets_, N, values_, max_claim_values(N)} {}

private:
    // Not initialised: that would cost more than the check of the token.
    union {
        char octets_[N];
    };
    union {
        codec::json_node values_[max_claim_values(N)];
    };
};

/// A token whose signature and claims were verified. Only verifiers make one. Move-only; a moved-from one reads as a
/// token without claims.
///
/// Lifetime: it refers to the caller's scratch, which it holds until it is destroyed.
class verified : public claims_view {
public:
    using owns_its_views = void; ///< a temporary result of it has no `->`
    verified(verified&& other) noexcept;
    verified& operator=(verified&& other) noexcept;
    ~verified() { release(); }

private:
    friend detail::token_access;
    explicit verified(scratch_base& buffer) noexcept;
    inline void leave() noexcept; // what was moved elsewhere
    void release() noexcept {
        if (held_) held_->held_ = false;
        held_ = nullptr;
    }

    scratch_base* held_;
};

/// A verified token that owns its memory: one block, shared by copies. Only verifiers make one.
class token : public claims_view {
public:
    using owns_its_views = void; ///< a temporary result of it has no `->`
    SIGNET_DECL token(token const& other) noexcept;
    SIGNET_DECL token& operator=(token const& other) noexcept;
    SIGNET_DECL ~token();

private:
    friend detail::token_access;
    // Index, values and text, one behind the other.
    struct alignas(detail::token_index) part {
        part() noexcept {} // not zeroed before it is written
        unsigned char octets[sizeof(detail::token_index)];
    };
    token(std::shared_ptr<part const[]> block, char const* text, codec::json_node const* nodes,
          detail::token_index const* index) noexcept;

    std::shared_ptr<part const[]> block_;
};

// ---- bodies --------------------------------------------------------------------------------------------------------

namespace detail {
/// The index of a moved-from token: one node, null.
inline constexpr codec::json_node no_claims[1]{};
inline constexpr token_index no_index{};

/// Access for the verifiers, caches and tests of signet, which make tokens and read their parts.
struct token_access {
    static token_index& index(scratch_base& buffer) noexcept { return buffer.index_; }
    static char* text(scratch_base& buffer) noexcept { return buffer.text_; }
    static codec::json_node* nodes(scratch_base& buffer) noexcept { return buffer.nodes_; }
    static std::size_t node_capacity(scratch_base const& buffer) noexcept { return buffer.count_; }
    static char const* text(claims_view const& claims) noexcept { return claims.text_; }
    static codec::json_node const* nodes(claims_view const& claims) noexcept { return claims.nodes_; }
    static token_index const& index(claims_view const& claims) noexcept { return *claims.index_; }

    /// Claims before they are checked; never returned to callers.
    struct raw_view : claims_view {
        raw_view(char const* text, codec::json_node const* nodes, token_index const& index) noexcept
            : claims_view{text, nodes, &index} {}
    };
    /// Returns a token whose text, values and index are in `buffer`, and holds the buffer.
    static verified hold(scratch_base& buffer) noexcept { return verified{buffer}; }
    /// Copies text, nodes and index into one block.
    static SIGNET_DECL token own(char const* text, codec::json_node const* nodes, token_index const& index);
};
} // namespace detail

inline verified::verified(scratch_base& buffer) noexcept
    : claims_view{buffer.text_, buffer.nodes_, &buffer.index_}, held_{&buffer} {
    buffer.held_ = true;
}

inline void verified::leave() noexcept {
    text_ = "";
    nodes_ = detail::no_claims;
    index_ = &detail::no_index;
    held_ = nullptr;
}

inline verified::verified(verified&& other) noexcept : claims_view{other}, held_{other.held_} { other.leave(); }

inline verified& verified::operator=(verified&& other) noexcept {
    if (this == &other) return *this;
    release();
    text_ = other.text_;
    nodes_ = other.nodes_;
    index_ = other.index_;
    held_ = other.held_;
    other.leave();
    return *this;
}

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/verified.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// The claims of a token that was verified (RFC 7519 section 4), as views.
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/crypto/algorithm.hpp>
#include <signet/jwt/numeric_date.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

struct cnf;

namespace detail {
struct token_access; // how verifiers and caches make and read tokens

/// Where things lie in a token's text and index: plain offsets, so that both may be copied elsewhere together.
struct token_index {
    std::uint32_t text_size = 0, node_count = 0;
    std::uint32_t type_at = 0, type_size = 0, key_id_at = 0, key_id_size = 0;
    std::uint32_t iss = 0, sub = 0, aud = 0, jti = 0; ///< node indexes; 0, the root, stands for "absent"
    bool has_exp = false, has_nbf = false, has_iat = false;
    alg algorithm{};
    numeric_date exp{}, nbf{}, iat{}; ///< of those absent anything
};
} // namespace detail

/// The strings of a claim that is one string or an array of strings, as `aud` is. Views; iterates as string_views.
class string_list {
public:
    string_list() = default; ///< empty
    /// Of a string or an array of strings; anything else is empty.
    explicit string_list(codec::json_value value) noexcept : value_{value} {}

    class iterator;
    [[nodiscard]] inline iterator begin() const noexcept;
    [[nodiscard]] inline iterator end() const noexcept;
    /// How many texts there are; 0 where the claim is absent.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// Whether exactly that text is among them.
    [[nodiscard]] SIGNET_DECL bool contains(std::string_view text) const noexcept;

private:
    codec::json_value value_{};
};

/// What reading a claim as `T` gives: a `result<T>`, and of a truth value one that is no condition.
template <class T> using claim_result = std::conditional_t<std::same_as<T, bool>, bool_result, result<T>>;

namespace detail {
template <class T> inline constexpr bool is_claim_view = std::same_as<T, std::string_view> ||
                                                         std::same_as<T, std::vector<std::string_view>> ||
                                                         std::same_as<T, codec::json_value>;
template <class T> inline constexpr bool is_readable_claim =
    is_claim_view<T> || std::same_as<T, std::string> || std::same_as<T, std::vector<std::string>> ||
    std::same_as<T, double> || std::same_as<T, numeric_date> ||
    (std::integral<T> && !std::same_as<T, char> && !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
     !std::same_as<T, char16_t> && !std::same_as<T, char32_t>);
} // namespace detail

/// What `verified` and `token` have in common: every way to read claims. Only a verifier makes one of them, so a
/// function that takes a `claims_view const&` cannot be handed a token nobody checked.
///
/// All views die with the `verified` or `token`, so give it a name: views of a temporary do not compile. Registered
/// claims that are absent read as empty; a verifier has checked that those present have their type. Example: `if
/// (token->has_scope("orders:read")) use(token->subject());`
class claims_view {
public:
    claims_view& operator=(claims_view const&) = delete;

    /// `iss`
    [[nodiscard]] std::string_view issuer() const& noexcept [[clang::lifetimebound]] { return text_of(index_->iss); }
    std::string_view issuer() const&& = delete;
    /// `sub`
    [[nodiscard]] std::string_view subject() const& noexcept [[clang::lifetimebound]] { return text_of(index_->sub); }
    std::string_view subject() const&& = delete;
    /// `jti`
    [[nodiscard]] std::string_view id() const& noexcept [[clang::lifetimebound]] { return text_of(index_->jti); }
    std::string_view id() const&& = delete;
    /// `aud`, string or array
    [[nodiscard]] SIGNET_DECL string_list audience() const& noexcept [[clang::lifetimebound]];
    string_list audience() const&& = delete;
    /// Whether exactly that text is among them.
    [[nodiscard]] bool has_audience(std::string_view who) const noexcept { return audience().contains(who); }
    /// `exp`, `nbf` and `iat`; nothing where absent.
    [[nodiscard]] SIGNET_DECL std::optional<numeric_date> expires_at() const noexcept;
    [[nodiscard]] SIGNET_DECL std::optional<numeric_date> not_before() const noexcept;
    [[nodiscard]] SIGNET_DECL std::optional<numeric_date> issued_at() const noexcept;

    /// The header's `typ`, its `kid` (empty where absent) and the algorithm of the key that verified.
    [[nodiscard]] std::string_view type() const& noexcept [[clang::lifetimebound]] {
        return {text_ + index_->type_at, index_->type_size};
    }
    std::string_view type() const&& = delete;
    /// The header's `kid`; empty where there is none.
    [[nodiscard]] std::string_view key_id() const& noexcept [[clang::lifetimebound]] {
        return {text_ + index_->key_id_at, index_->key_id_size};
    }
    std::string_view key_id() const&& = delete;
    /// That of the key which verified.
    [[nodiscard]] alg algorithm() const noexcept { return index_->algorithm; }

    /// Whether the payload has that member, null included.
    [[nodiscard]] bool has(std::string_view name) const noexcept { return root().find(name).has_value(); }

    /// Any claim by name as `T`: std::string_view, std::string, bool, integers, double, numeric_date,
    /// codec::json_value, or a std::vector of strings or string_views (an array of strings, or one string). The vectors
    /// and std::string allocate.
    ///
    /// `claim_missing`, `claim_wrong_type`, and `out_of_range` for a number that does not fit.
    /// Example: `auto app = token->claim<std::string_view>("app_name");`
    template <class T> [[nodiscard]] claim_result<T> claim(std::string_view name) const& [[clang::lifetimebound]];
    template <class T>
        requires(!detail::is_claim_view<T>)
    [[nodiscard]] claim_result<T> claim(std::string_view name) const&& {
        return claim<T>(name);
    }
    template <class T>
        requires(detail::is_claim_view<T>)
    claim_result<T> claim(std::string_view name) const&& = delete;

    /// Whether `scope` (RFC 8693 4.2: words parted by single spaces; or an array of strings) has that word.
    [[nodiscard]] SIGNET_DECL bool has_scope(std::string_view scope) const noexcept;
    /// Whether `roles` (RFC 9068 2.2.3.1: an array of strings, or one) has that role.
    [[nodiscard]] SIGNET_DECL bool has_role(std::string_view role) const noexcept;

    /// The key this token is bound to (RFC 7800, `cnf`); in <signet/jwt/confirmation.hpp>.
    [[nodiscard]] SIGNET_DECL result<cnf> confirmation() const& noexcept [[clang::lifetimebound]];
    result<cnf> confirmation() const&& = delete;

    /// A struct of yours, by the free function `result<void> read_claims(claims_view const&, T&)` found beside it.
    template <class T> [[nodiscard]] result<T> into() const {
        T value{};
        if (result<void> done = read_claims(*this, value); !done) return done.error();
        return value;
    }

    /// All claims, to be walked.
    [[nodiscard]] codec::json_value root() const& noexcept [[clang::lifetimebound]] { return {text_, nodes_, 0}; }
    codec::json_value root() const&& = delete;

protected:
    claims_view(claims_view const&) = default;
    ~claims_view() = default;

private:
    friend detail::token_access;
    friend class verified;
    friend class token;
    claims_view(char const* text, codec::json_node const* nodes, detail::token_index const* index) noexcept
        : text_{text}, nodes_{nodes}, index_{index} {}

    std::string_view text_of(std::uint32_t node) const noexcept {
        return node ? std::string_view{text_ + nodes_[node].at, nodes_[node].size} : std::string_view{};
    }

    char const* text_;
    codec::json_node const* nodes_;
    detail::token_index const* index_;
};

// ---- reading values ------------------------------------------------------------------------------------------------

class string_list::iterator {
public:
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    iterator(string_list const& list, std::size_t left) noexcept : whole_{list.value_}, left_{left} {
        if (whole_.is_array()) at_ = whole_.begin();
        read();
    }
    [[nodiscard]] std::string_view operator*() const noexcept { return now_; }
    iterator& operator++() noexcept {
        --left_;
        if (whole_.is_array()) ++at_;
        read();
        return *this;
    }
    iterator operator++(int) noexcept {
        auto before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(iterator const& a, iterator const& b) noexcept { return a.left_ == b.left_; }

private:
    void read() noexcept {
        if (left_ == 0) return;
        auto const text = (whole_.is_array() ? *at_ : whole_).as_string();
        now_ = text ? *text : std::string_view{};
    }
    codec::json_value whole_{};
    codec::json_value::iterator at_{};
    std::string_view now_{};
    std::size_t left_ = 0;
};
inline string_list::iterator string_list::begin() const noexcept { return {*this, size()}; }
inline string_list::iterator string_list::end() const noexcept { return {*this, 0}; }

namespace detail {

/// Notes where the registered claims of an object lie and reads its dates. `claim_wrong_type`, with its offset in the
/// text, for one that has not the type RFC 7519 4.1 gives it; `out_of_range` for a date.
SIGNET_DECL result<void> index_claims(codec::json_value root, token_index& index) noexcept;

SIGNET_DECL error about_claim(errc code, std::string_view name) noexcept;
SIGNET_DECL result<void> read_value(codec::json_value value, std::string_view& out) noexcept;
SIGNET_DECL result<void> read_value(codec::json_value value, bool& out) noexcept;
SIGNET_DECL result<void> read_value(codec::json_value value, std::int64_t& out) noexcept;
SIGNET_DECL result<void> read_value(codec::json_value value, std::uint64_t& out) noexcept;
SIGNET_DECL result<void> read_value(codec::json_value value, double& out) noexcept;
SIGNET_DECL result<void> read_value(codec::json_value value, numeric_date& out) noexcept;
SIGNET_DECL result<void> read_value(codec::json_value value, std::vector<std::string_view>& out);
SIGNET_DECL result<void> read_value(codec::json_value value, std::vector<std::string>& out);
SIGNET_DECL result<void> read_value(codec::json_value value, codec::json_value& out) noexcept;
SIGNET_DECL result<void> read_value(codec::json_value value, std::string& out);
template <std::integral T> result<void> read_value(codec::json_value value, T& out) noexcept {
    std::conditional_t<std::signed_integral<T>, std::int64_t, std::uint64_t> wide{};
    if (auto done = read_value(value, wide); !done) return done;
    out = static_cast<T>(wide);
    if (out != wide) return errc::out_of_range;
    return {};
}

} // namespace detail

template <class T> claim_result<T> claims_view::claim(std::string_view name) const& {
    static_assert(
        detail::is_readable_claim<T>,
        "claim<T> reads std::string_view, std::string, bool, integers, double, numeric_date, codec::json_value, "
        "and vectors of std::string or std::string_view");
    auto found = root().find(name);
    if (!found) return detail::about_claim(errc::claim_missing, name);
    T value{};
    if (auto done = detail::read_value(*found, value); !done) return detail::about_claim(done.error().code, name);
    return value;
}

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/claims_view.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// The claims of a token that was verified (RFC 7519 section 4), as views.
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/crypto/algorithm.hpp>
#include <signet/jwt/numeric_date.hpp>

#include <concepts>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

struct cnf;

namespace detail {
struct token_access; // how verifiers and caches make and read tokens

/// The positions of claims in a token's text and index. They are offsets, so text and index may be copied together.
struct token_index {
    std::uint32_t text_size = 0, node_count = 0;
    std::uint32_t type_at = 0, type_size = 0, key_id_at = 0, key_id_size = 0;
    std::uint32_t iss = 0, sub = 0, aud = 0, jti = 0; ///< node indexes; 0, the root, means "absent"
    bool has_exp = false, has_nbf = false, has_iat = false;
    alg algorithm{};
    numeric_date exp{}, nbf{}, iat{}; ///< unspecified if absent
};
} // namespace detail

/// The strings of a claim that is one string or an array of strings, as `aud` is. Iterates over string_views.
class string_list {
public:
    string_list() = default; ///< empty
    /// Reads a string or an array of strings; any other value is an empty list.
    explicit string_list(codec::json_value value) noexcept : value_{value} {}

    class iterator;
    [[nodiscard]] inline iterator begin() const noexcept;
    [[nodiscard]] inline iterator end() const noexcept;
    /// Returns the number of strings; 0 if the claim is absent.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }
    /// Returns whether exactly that string is in the list.
    [[nodiscard]] SIGNET_DECL bool contains(std::string_view text) const noexcept;

private:
    codec::json_value value_{};
};

/// The type that `claim<T>` returns: `bool_result` for a truth value, else `result<T>`.
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

/// Returns whether a value is that word, an array with that string, or a text of words separated by single spaces that
/// has it. `scope` is such a text (RFC 8693 section 4.2), `scp` of Okta an array. False for an empty word.
[[nodiscard]] SIGNET_DECL bool has_word(codec::json_value value, std::string_view word) noexcept;

/// The claims of a verified token: the common base of `verified` and `token`. Only verifiers make these, so a function
/// with a parameter `claims_view const&` cannot receive an unverified token.
///
/// Registered claims that are absent read as empty. Those that are present have the right type; the verifier has
/// checked it.
///
/// Lifetime: all views are valid as long as the `verified` or `token`. Views of a temporary one do not compile.
///
/// Example: `if (token->has_scope("orders:read")) use(token->subject());`
class claims_view {
public:
    claims_view& operator=(claims_view const&) = delete;

    /// Returns `iss`.
    [[nodiscard]] std::string_view issuer() const& noexcept [[clang::lifetimebound]] { return text_of(index_->iss); }
    std::string_view issuer() const&& = delete;
    /// Returns `sub`.
    [[nodiscard]] std::string_view subject() const& noexcept [[clang::lifetimebound]] { return text_of(index_->sub); }
    std::string_view subject() const&& = delete;
    /// Returns `jti`.
    [[nodiscard]] std::string_view id() const& noexcept [[clang::lifetimebound]] { return text_of(index_->jti); }
    std::string_view id() const&& = delete;
    /// Returns `aud`, a string or an array.
    [[nodiscard]] SIGNET_DECL string_list audience() const& noexcept [[clang::lifetimebound]];
    string_list audience() const&& = delete;
    /// Returns whether exactly that text is an audience.
    [[nodiscard]] bool has_audience(std::string_view who) const noexcept { return audience().contains(who); }
    /// Return `exp`, `nbf` and `iat`; nothing if absent.
    [[nodiscard]] SIGNET_DECL std::optional<numeric_date> expires_at() const noexcept;
    [[nodiscard]] SIGNET_DECL std::optional<numeric_date> not_before() const noexcept;
    [[nodiscard]] SIGNET_DECL std::optional<numeric_date> issued_at() const noexcept;

    /// Returns the header's `typ`; empty if absent.
    [[nodiscard]] std::string_view type() const& noexcept [[clang::lifetimebound]] {
        return {text_ + index_->type_at, index_->type_size};
    }
    std::string_view type() const&& = delete;
    /// Returns the header's `kid`; empty if absent.
    [[nodiscard]] std::string_view key_id() const& noexcept [[clang::lifetimebound]] {
        return {text_ + index_->key_id_at, index_->key_id_size};
    }
    std::string_view key_id() const&& = delete;
    /// Returns the algorithm of the key that verified.
    [[nodiscard]] alg algorithm() const noexcept { return index_->algorithm; }

    /// Returns whether the payload has that member, even if it is null.
    [[nodiscard]] bool has(std::string_view name) const noexcept { return root().find(name).has_value(); }

    /// Returns a claim by name as `T`: std::string_view, std::string, bool, an integer, double, numeric_date,
    /// codec::json_value, or a std::vector of strings or string_views. A vector reads an array of strings, or one
    /// string. Vectors and std::string allocate.
    ///
    /// Errors: `claim_missing`; `claim_wrong_type`; `out_of_range` for a number that does not fit.
    ///
    /// Example: `auto app = token->claim<std::string_view>("app_name");`
    template <class T>
        requires(detail::is_readable_claim<T>)
    [[nodiscard]] claim_result<T> claim(std::string_view name) const& [[clang::lifetimebound]];
    template <class T>
        requires(detail::is_readable_claim<T> && !detail::is_claim_view<T>)
    [[nodiscard]] claim_result<T> claim(std::string_view name) const&& {
        return claim<T>(name);
    }
    template <class T>
        requires(detail::is_claim_view<T>)
    claim_result<T> claim(std::string_view name) const&& = delete;
    /// Does not compile: another type is reported where it was written, not in here.
    template <class T>
        requires(!detail::is_readable_claim<T>)
    __attribute__((unavailable(
        "claim<T> reads std::string_view, std::string, bool, integers, double, numeric_date, codec::json_value, and vectors "
        "of std::string or std::string_view"))) claim_result<T>
    claim(std::string_view name) const;

    /// Returns a claim inside others as `T`, by the names on the way to it. A name may contain dots and slashes.
    ///
    /// Errors: those of `claim`; `claim_wrong_type` also if a name before the last is of no object.
    ///
    /// Example: `auto roles = token->claim_at<std::vector<std::string>>({"realm_access", "roles"});`
    template <class T>
        requires(detail::is_readable_claim<T>)
    [[nodiscard]] claim_result<T> claim_at(
        std::initializer_list<std::string_view> path) const& [[clang::lifetimebound]];
    template <class T>
        requires(detail::is_readable_claim<T> && !detail::is_claim_view<T>)
    [[nodiscard]] claim_result<T> claim_at(std::initializer_list<std::string_view> path) const&& {
        return claim_at<T>(path);
    }
    template <class T>
        requires(detail::is_claim_view<T>)
    claim_result<T> claim_at(std::initializer_list<std::string_view> path) const&& = delete;
    template <class T>
        requires(!detail::is_readable_claim<T>)
    __attribute__((unavailable(
        "claim_at<T> reads what claim<T> reads: text, bool, integers, double, numeric_date, json_value and vectors of text")))
    claim_result<T>
    claim_at(std::initializer_list<std::string_view> path) const;

    /// Returns whether `scope` has that word. `scope` is a text of words separated by single spaces (RFC 8693 section
    /// 4.2) or an array of strings.
    [[nodiscard]] SIGNET_DECL bool has_scope(std::string_view scope) const noexcept;
    /// Returns whether `roles` has that role. `roles` is an array of strings or one string (RFC 9068 section 2.2.3.1).
    /// False for an empty role.
    [[nodiscard]] SIGNET_DECL bool has_role(std::string_view role) const noexcept;

    /// Returns the key that this token is bound to (RFC 7800, `cnf`). Defined in <signet/jwt/confirmation.hpp>.
    [[nodiscard]] SIGNET_DECL result<cnf> confirmation() const& noexcept [[clang::lifetimebound]];
    result<cnf> confirmation() const&& = delete;

    /// Reads the claims into your type, by a free function `result<void> read_claims(claims_view const&, T&)` in its
    /// namespace.
    template <class T> [[nodiscard]] result<T> into() const {
        T value{};
        if (result<void> done = read_claims(*this, value); !done) return done.error();
        return value;
    }

    /// Returns all claims as an object.
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

/// Finds the registered claims of an object and reads its dates.
///
/// Errors: `claim_wrong_type` with the offset of a claim of another type than RFC 7519 section 4.1 requires;
/// `out_of_range` for a date.
SIGNET_DECL result<void> index_claims(codec::json_value root, token_index& index) noexcept;

SIGNET_DECL error about_claim(errc code, std::string_view name) noexcept;
/// One step down in an object: `claim_missing` if it has no such member or null, `claim_wrong_type` if it is no object.
SIGNET_DECL result<codec::json_value> member_of(codec::json_value object, std::string_view name) noexcept;
/// The value at the end of a path of names, with the errors of the step that fails; `claim_missing` for no names.
template <class Names> result<codec::json_value> member_at(codec::json_value at, Names const& names) noexcept {
    if (std::empty(names)) return errc::claim_missing;
    for (auto const& name : names) {
        auto const next = member_of(at, name);
        if (!next) return next.error();
        at = *next;
    }
    return at;
}
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

template <class T>
    requires(detail::is_readable_claim<T>)
claim_result<T> claims_view::claim(std::string_view name) const& {
    auto found = root().find(name);
    if (!found) return detail::about_claim(errc::claim_missing, name);
    T value{};
    if (auto done = detail::read_value(*found, value); !done) return detail::about_claim(done.error().code, name);
    return value;
}

template <class T>
    requires(detail::is_readable_claim<T>)
claim_result<T> claims_view::claim_at(std::initializer_list<std::string_view> path) const& {
    auto const at = detail::member_at(root(), path);
    if (!at) return at.error();
    T value{};
    if (auto done = detail::read_value(*at, value); !done)
        return detail::about_claim(done.error().code, *(path.end() - 1));
    return value;
}

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/claims_view.ipp>
#endif

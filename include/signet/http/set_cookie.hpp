// SPDX-License-Identifier: BSL-1.0
// Set-Cookie (RFC 6265bis section 4.1, CHIPS): a policy that the compiler checks, and the lines written from it.
#pragma once

#include <signet/core/output.hpp>
#include <signet/core/time.hpp>
#include <signet/http/cookie_syntax.hpp>
#include <signet/http/impl/cookie_check.hpp>

#include <optional>
#include <span>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace http {

class owned_cookie_policy;

/// What may differ between two lines of one policy.
struct set_cookie_params {
    /// Instead of the policy's domain, where a service answers for several; checked like it.
    std::string_view domain = {};

    /// Where given, `Expires` is written besides `Max-Age`, as this time plus the policy's lifetime, for very old
    /// clients.
    std::optional<unix_time> expires_from = {};
};

/// How a cookie is set and removed: everything but its value, checked once.
///
/// A policy made of literals is checked by the compiler, even where the variable is not constexpr: a wrong one does not
/// compile, and the error shows a sentence that says what is wrong. It holds views of what the specification names,
/// which for literals live for ever. Thread-safe; nothing in it changes. Example: `constexpr http::cookie_policy
/// session_cookie{{.name = "__Host-sid", .same_site = http::same_site::strict}};`
class cookie_policy {
public:
    /// Does not compile for a specification that browsers would drop or that breaks a rule for its use.
    consteval cookie_policy(cookie_params const& params) : cookie_policy{params, 0} {
        detail::refuse(detail::check(params));
    }

    /// The same checks at run time, for what comes from configuration; the policy owns its texts.
    ///
    /// `errc::invalid_cookie_name`, `cookie_prefix_violated`, `conflicting_cookie_attributes`, `invalid_cookie_domain`,
    /// `invalid_cookie_path` or `invalid_cookie_lifetime`.
    [[nodiscard]] static SIGNET_DECL result<owned_cookie_policy> make(cookie_params const& params);

    /// Appends the value of a `Set-Cookie` field that sets the cookie, and gives what was appended. No allocation into
    /// a buffer.
    ///
    /// The value is refused, never repaired: `errc::invalid_cookie_value` with its offset for an octet outside RFC
    /// 6265bis' cookie-octet (encode other data as base64url), `cookie_too_large` beyond `max_value_size()`,
    /// `invalid_cookie_domain` or `cookie_prefix_violated` for the domain of `options`, `invalid_cookie_lifetime` for
    /// an Expires without a lifetime or after 9999. Example: `output out{buffer}; auto line = session_cookie.set(id,
    /// out);`
    [[nodiscard]] SIGNET_DECL result<std::string_view> set(std::string_view value, output& out,
                                                           set_cookie_params const& options = {}) const;

    /// The same as a string of its own.
    [[nodiscard]] SIGNET_DECL result<std::string> set(std::string_view value,
                                                      set_cookie_params const& options = {}) const;

    /// Appends the line that makes a browser forget the cookie: the same attributes, so that a prefixed name is
    /// accepted and the very same cookie is meant; an empty value, `Max-Age=0` and `Expires` in 1970.
    [[nodiscard]] SIGNET_DECL result<std::string_view> remove(output& out, set_cookie_params const& options = {}) const;

    /// The same as a string of its own.
    [[nodiscard]] SIGNET_DECL result<std::string> remove(set_cookie_params const& options = {}) const;

    /// What the policy says, with views as in the specification it was made from.
    [[nodiscard]] constexpr cookie_params const& params() const noexcept { return params_; }
    [[nodiscard]] constexpr std::string_view name() const noexcept { return params_.name; } ///< prefix included

    /// Octets that a value may have: browsers drop a cookie whose name and value are longer than 4096 together.
    [[nodiscard]] constexpr std::size_t max_value_size() const noexcept {
        return max_cookie_size - params_.name.size();
    }

    /// A buffer of this size holds every line for values of up to `value_size` octets, removal included.
    [[nodiscard]] constexpr std::size_t line_size(std::size_t value_size) const noexcept {
        // name=value; Domain= 255; Path= path, Expires and Max-Age=0 of the removal, and the attributes themselves
        return params_.name.size() + 1 + value_size + 9 + 255 + 7 + params_.path.size() + 39 + 11 + fixed_.size;
    }

private:
    friend class owned_cookie_policy;
    constexpr cookie_policy(cookie_params const& params, int) : params_{params}, fixed_{detail::write_fixed(params)} {}

    SIGNET_DECL result<std::string_view> write(std::string_view value, output& out, set_cookie_params const& options,
                                               bool removal) const;

    cookie_params params_;
    detail::fixed_attributes fixed_; // "; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax", written once
};

/// A policy checked at run time, with texts of its own. Copies and moves freely; used like a `cookie_policy`.
class owned_cookie_policy {
public:
    /// The policy itself, which refers to this object's texts: keep this object longer.
    [[nodiscard]] SIGNET_DECL cookie_policy policy() const noexcept [[clang::lifetimebound]];

    /// As `cookie_policy`'s of the same names.
    [[nodiscard]] result<std::string_view> set(std::string_view value, output& out,
                                               set_cookie_params const& o = {}) const {
        return policy().set(value, out, o);
    }
    [[nodiscard]] result<std::string> set(std::string_view value, set_cookie_params const& o = {}) const {
        return policy().set(value, o);
    }
    [[nodiscard]] result<std::string_view> remove(output& out, set_cookie_params const& o = {}) const {
        return policy().remove(out, o);
    }
    [[nodiscard]] result<std::string> remove(set_cookie_params const& o = {}) const { return policy().remove(o); }

    /// As `cookie_policy`'s; the views are into this object.
    [[nodiscard]] cookie_params params() const noexcept [[clang::lifetimebound]] { return policy().params(); }
    [[nodiscard]] std::string_view name() const noexcept [[clang::lifetimebound]] { return name_; }
    [[nodiscard]] std::size_t max_value_size() const noexcept { return max_cookie_size - name_.size(); }
    [[nodiscard]] std::size_t line_size(std::size_t value_size) const noexcept {
        return policy().line_size(value_size);
    }

private:
    friend class cookie_policy;
    SIGNET_DECL explicit owned_cookie_policy(cookie_params const& params);

    std::string name_, path_, domain_;
    cookie_params rest_; // its views are empty
};

/// What every cookie of a response must have, whoever set it: the last look before the answer leaves.
struct cookie_floor {
    bool secure = true;
    bool http_only = false;
    http::same_site at_least = same_site::lax; ///< none < lax < strict
    std::size_t max_cookies = 50;              ///< what RFC 6265bis lets a browser keep for one domain
};

/// Checks all `Set-Cookie` values of one response, also those of other software, against the floor.
///
/// Each must be well-formed with each attribute at most once, keep its prefix's promise and the floor, and no name may
/// be set twice (RFC 6265bis 4.1.1). The error's `at` is the index of the line: `errc::invalid_cookie_name`,
/// `invalid_cookie_value`, `cookie_too_large`, `cookie_prefix_violated`, or `conflicting_cookie_attributes` for
/// everything else. Names in `exempt` need not keep the floor, as a CSRF cookie that scripts read; all other rules hold
/// for them too.
[[nodiscard]] SIGNET_DECL result<void> check_response(std::span<std::string_view const> set_cookie_values,
                                                      cookie_floor const& floor = {},
                                                      std::span<std::string_view const> exempt = {}) noexcept;

/// Appends `t` as an IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7); `errc::out_of_range` beyond the
/// years 1970 to 9999.
SIGNET_DECL result<void> write_http_date(unix_time t, output& out);

}}} // namespace signet::http

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/set_cookie.ipp>
#endif

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

/// The parameters in which two lines of one policy may differ.
struct set_cookie_params {
    /// A domain instead of the policy's, for a service with several. Checked like the policy's.
    std::string_view domain = {};

    /// If given, the line has `Expires` besides `Max-Age`: this time plus the policy's lifetime, for very old clients.
    std::optional<unix_time> expires_from = {};
};

/// How a cookie is set and removed: everything except its value.
///
/// A policy of literals is checked by the compiler, even if the variable is not constexpr. A wrong one does not
/// compile, and the error message contains a sentence that says why.
///
/// Thread safety: immutable.
/// Lifetime: it refers to the texts of its parameters, which must outlive it.
///
/// Example: `constexpr http::cookie_policy session_cookie{{.name = "__Host-sid", .same_site =
/// http::same_site::strict}};`
class cookie_policy {
public:
    /// Checks the parameters at compile time. Parameters that browsers would refuse, or that break a rule of the
    /// cookie's purpose, do not compile.
    consteval cookie_policy(cookie_params const& params) : cookie_policy{params, 0} {
        detail::refuse(detail::check(params));
    }

    /// Checks the parameters at run time. The policy owns its texts.
    ///
    /// Errors: `errc::invalid_cookie_name`; `cookie_prefix_violated`; `conflicting_cookie_attributes`;
    /// `invalid_cookie_domain`; `invalid_cookie_path`; `invalid_cookie_lifetime`.
    [[nodiscard]] static SIGNET_DECL result<owned_cookie_policy> make(cookie_params const& params);

    /// Appends the value of a `Set-Cookie` field that sets the cookie, and returns what was appended. Does not allocate
    /// if `out` writes to a buffer. The value is never repaired.
    ///
    /// Errors: `errc::invalid_cookie_value` with the offset of an octet that cookies cannot have (encode other data as
    /// base64url); `cookie_too_large` beyond `max_value_size()`; `invalid_cookie_domain` or `cookie_prefix_violated`
    /// for the domain in `params`; `invalid_cookie_lifetime` for an Expires without a lifetime or after 9999.
    ///
    /// Example: `output out{buffer}; auto line = session_cookie.set(id, out);`
    [[nodiscard]] SIGNET_DECL result<std::string_view> set(std::string_view value, output& out,
                                                           set_cookie_params const& params = {}) const;

    /// Returns the value of a `Set-Cookie` field that sets the cookie. Errors: those of the overload with an output.
    [[nodiscard]] SIGNET_DECL result<std::string> set(std::string_view value,
                                                      set_cookie_params const& params = {}) const;

    /// Appends the value of a field that removes the cookie: an empty value, `Max-Age=0`, and `Expires` in 1970. The
    /// other attributes are the same, so that browsers accept a prefixed name and remove the right cookie.
    [[nodiscard]] SIGNET_DECL result<std::string_view> remove(output& out, set_cookie_params const& params = {}) const;

    /// Returns the value of a field that removes the cookie.
    [[nodiscard]] SIGNET_DECL result<std::string> remove(set_cookie_params const& params = {}) const;

    /// Returns the parameters that the policy was made from.
    [[nodiscard]] constexpr cookie_params const& params() const noexcept { return params_; }
    [[nodiscard]] constexpr std::string_view name() const noexcept { return params_.name; } ///< prefix included

    /// Returns the octets that a value may have. Browsers drop cookies whose name and value together exceed 4096.
    [[nodiscard]] constexpr std::size_t max_value_size() const noexcept {
        return max_cookie_size - params_.name.size();
    }

    /// Returns the size of a buffer that holds every line for values of up to `value_size` octets, including the
    /// removal.
    [[nodiscard]] constexpr std::size_t line_size(std::size_t value_size) const noexcept {
        // name=value; Domain= 255; Path= path, Expires and Max-Age=0 of the removal, and the attributes themselves
        return params_.name.size() + 1 + value_size + 9 + 255 + 7 + params_.path.size() + 39 + 11 + fixed_.size;
    }

private:
    friend class owned_cookie_policy;
    constexpr cookie_policy(cookie_params const& params, int) : params_{params}, fixed_{detail::write_fixed(params)} {}

    SIGNET_DECL result<std::string_view> write(std::string_view value, output& out, set_cookie_params const& params,
                                               bool removal) const;

    cookie_params params_;
    detail::fixed_attributes fixed_; // "; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax", written once
};

/// A policy that was checked at run time and owns its texts. Copyable and movable; used like a `cookie_policy`.
class owned_cookie_policy {
public:
    /// Returns the policy. It refers to this object's texts, so this object must outlive it.
    [[nodiscard]] SIGNET_DECL cookie_policy policy() const& noexcept [[clang::lifetimebound]];
    cookie_policy policy() const&& = delete;

    /// Do what the functions of these names do in `cookie_policy`.
    [[nodiscard]] result<std::string_view> set(std::string_view value, output& out,
                                               set_cookie_params const& params = {}) const {
        return policy().set(value, out, params);
    }
    [[nodiscard]] result<std::string> set(std::string_view value, set_cookie_params const& params = {}) const {
        return policy().set(value, params);
    }
    [[nodiscard]] result<std::string_view> remove(output& out, set_cookie_params const& params = {}) const {
        return policy().remove(out, params);
    }
    [[nodiscard]] result<std::string> remove(set_cookie_params const& params = {}) const {
        return policy().remove(params);
    }

    /// Return what the functions of these names return in `cookie_policy`. The views refer to this object.
    [[nodiscard]] cookie_params params() const& noexcept [[clang::lifetimebound]] { return policy().params(); }
    [[nodiscard]] std::string_view name() const& noexcept [[clang::lifetimebound]] { return name_; }
    cookie_params params() const&& = delete;
    std::string_view name() const&& = delete;
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

/// The attributes that every cookie of a response must have, whichever software set it.
struct cookie_floor {
    bool secure = true;
    bool http_only = false;
    http::same_site at_least = same_site::lax; ///< none < lax < strict
    std::size_t max_cookies = 50;              ///< the number that RFC 6265bis lets a browser keep for one domain
};

/// Checks all `Set-Cookie` values of one response, including those of other software.
///
/// Each value must be well-formed, have each attribute at most once, and keep its prefix's promise and the floor. No
/// name may be set twice (RFC 6265bis section 4.1.1). Names in `exempt`, such as a CSRF cookie that scripts read, need
/// not keep the floor.
///
/// Errors, with the index of the line in `at`: `errc::invalid_cookie_name`; `invalid_cookie_value`; `cookie_too_large`;
/// `cookie_prefix_violated`; `conflicting_cookie_attributes` for everything else.
[[nodiscard]] SIGNET_DECL result<void> check_response(std::span<std::string_view const> set_cookie_values,
                                                      cookie_floor const& floor = {},
                                                      std::span<std::string_view const> exempt = {}) noexcept;

/// Appends `t` as an IMF-fixdate, such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7). Errors:
/// `errc::out_of_range` outside the years 1970 to 9999.
SIGNET_DECL result<void> write_http_date(unix_time t, output& out);

}}} // namespace signet::http

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/http/impl/set_cookie.ipp>
#endif

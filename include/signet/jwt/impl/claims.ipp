// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/name_bit.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/jwt/claims.hpp>
#include <signet/jwt/claims_view.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

// Told apart from copies so that what was moved from does not go on counting characters that it no longer has.
SIGNET_DECL claims::claims(claims&& other) noexcept
    : text_{std::exchange(other.text_, {})},
      buffer_{std::exchange(other.buffer_, {})},
      used_{std::exchange(other.used_, 0)},
      seen_{std::exchange(other.seen_, 0)},
      count_{std::exchange(other.count_, 0)},
      fixed_{other.fixed_},
      has_failed_{std::exchange(other.has_failed_, false)},
      failed_{other.failed_} {
    std::copy_n(other.names_.begin(), count_, names_.begin());
    if (std::exchange(other.open_, 0) == 0) return;
    fail(errc::malformed_json); // moved by the writer of a claim: neither object has complete JSON
    other.fail(errc::malformed_json);
}

SIGNET_DECL claims& claims::operator=(claims&& other) noexcept {
    if (this == &other) return *this;
    std::destroy_at(this);
    std::construct_at(this, std::move(other));
    return *this;
}

SIGNET_DECL claims::claims(claims const& other)
    : used_{other.used_},
      seen_{other.seen_},
      count_{other.count_},
      has_failed_{other.has_failed_},
      failed_{other.failed_} {
    std::copy_n(other.names_.begin(), count_, names_.begin());
    if (count_ == 0) return;
    text_.reserve(used_ + 1);
    text_.append(std::string_view{other.data(), used_}).push_back('}');
}

SIGNET_DECL claims& claims::operator=(claims const& other) {
    if (this != &other) *this = claims{other};
    return *this;
}

// ---- one member: begin, value, end ---------------------------------------------------------------------------------

SIGNET_DECL output claims::begin(std::string_view name) {
    if (open_ != 1) fail(errc::malformed_json); // within another member
    if (failed()) return output{std::span<char>{}};
    if (count_ == max_claims) fail(errc::json_too_many_members);
    if (!fixed_) text_.resize(used_); // the closing brace goes
    auto out = fixed_ ? output{buffer_.subspan(used_)} : output{text_};

    out.append(count_ == 0 ? '{' : ',');
    auto const at = used_ + out.size();
    if (!codec::detail::append_quoted(out, name)) fail(errc::json_not_utf8);
    name_ref const ref{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(used_ + out.size() - at)};
    out.append(':');
    if (out.overflowed()) fail(errc::buffer_too_small);
    if (failed()) return out;

    // The writer escapes the same name always the same way, so that written names may be compared as they stand.
    auto const written = [&](name_ref r) { return std::string_view{data() + r.at, r.size}; };
    auto const bit = codec::detail::name_bit(name);
    if ((seen_ & bit) != 0)
        for (std::uint32_t i = 0; i != count_; ++i)
            if (written(names_[i]) == written(ref)) fail(errc::duplicate_json_name);
    seen_ |= bit;
    pending_ = ref;
    return out;
}

SIGNET_DECL void claims::end(output& out, codec::json_writer& w) {
    if (open_ != 1) fail(errc::malformed_json);
    if (failed()) return;
    if (auto const written = w.finish(); !written) return fail(written.error());
    auto const size = out.size();
    out.append('}');
    if (out.overflowed()) return fail(errc::buffer_too_small);
    used_ += size;
    names_[count_++] = pending_;
}

/// The text ends behind the members that count. Writes only where there was a brace before.
SIGNET_DECL void claims::close() noexcept {
    if (count_ == 0 || failed()) return;
    if (fixed_) {
        buffer_[used_] = '}';
    } else {
        text_.resize(used_);
        text_.push_back('}');
    }
}

SIGNET_DECL void claims::fail(error why) noexcept {
    if (!failed()) failed_ = why;
    has_failed_ = true;
}

SIGNET_DECL result<std::string_view> claims::json() const noexcept {
    if (failed()) return failed_;
    if (count_ == 0) return std::string_view{"{}"};
    return std::string_view{data(), used_ + 1};
}

// ---- values --------------------------------------------------------------------------------------------------------

SIGNET_DECL claims& claims::set(std::string_view name, std::string_view text) {
    return set_value(name, [&](codec::json_writer& w) { w.string(text); });
}
SIGNET_DECL claims& claims::set(std::string_view name, unix_time t) {
    if (t < unix_time{} || t > latest_time) return fail(errc::out_of_range), *this;
    return set_signed(name, t.time_since_epoch().count());
}
SIGNET_DECL claims& claims::set(std::string_view name, double number) {
    return set_value(name, [&](codec::json_writer& w) { w.number(number); });
}
SIGNET_DECL claims& claims::set(std::string_view name, std::span<std::string_view const> list) {
    return set_value(name, [&](codec::json_writer& w) {
        w.begin_array();
        for (auto const& text : list) w.string(text);
        w.end_array();
    });
}
SIGNET_DECL claims& claims::set(std::string_view name, std::span<std::string const> list) {
    return set_value(name, [&](codec::json_writer& w) {
        w.begin_array();
        for (auto const& text : list) w.string(text);
        w.end_array();
    });
}
SIGNET_DECL claims& claims::set_bool(std::string_view name, bool truth) {
    return set_value(name, [&](codec::json_writer& w) { w.boolean(truth); });
}
SIGNET_DECL claims& claims::set_signed(std::string_view name, std::int64_t number) {
    return set_value(name, [&](codec::json_writer& w) { w.integer(number); });
}
SIGNET_DECL claims& claims::set_unsigned(std::string_view name, std::uint64_t number) {
    return set_value(name, [&](codec::json_writer& w) { w.unsigned_integer(number); });
}

SIGNET_DECL claims& claims::set_json(std::string_view name, std::string_view json) {
    auto const read = codec::json_document::parse(json);
    if (!read) return fail(read.error()), *this;
    return set_value(name, [&](codec::json_writer& w) { w.value(read->root()); });
}

SIGNET_DECL result<claims> claims::parse(std::string_view json) {
    auto const read = codec::json_document::parse(json);
    if (!read) return read.error();
    if (!read->root().is_object()) return errc::malformed_payload;
    detail::token_index index;
    if (auto known = detail::index_claims(read->root(), index); !known) return known.error();

    claims c;
    for (auto const member : read->root()) c.set_value(member.name(), [&](codec::json_writer& w) { w.value(member); });
    if (c.failed()) return c.failed_;
    return c;
}

// ---- cnf -----------------------------------------------------------------------------------------------------------

namespace detail {
/// Writes `{"<method>":"<base64url of 32 octets>"}`.
inline void write_thumbprint(codec::json_writer& w, std::string_view method, bytes_view octets) {
    char text[codec::base64url_encoded_size(32)];
    output out{text};
    codec::base64url_encode(octets, out);
    w.begin_object().member(method, std::string_view{text, sizeof text}).end_object();
}
} // namespace detail

SIGNET_DECL claims& claims::confirm_jwk_thumbprint(std::span<std::uint8_t const, 32> jkt) {
    return set_value("cnf", [&](codec::json_writer& w) { detail::write_thumbprint(w, "jkt", jkt); });
}
SIGNET_DECL claims& claims::confirm_certificate_thumbprint(std::span<std::uint8_t const, 32> x5t_s256) {
    return set_value("cnf", [&](codec::json_writer& w) { detail::write_thumbprint(w, "x5t#S256", x5t_s256); });
}
SIGNET_DECL claims& claims::confirm_key_id(std::string_view kid) {
    return set_value("cnf", [&](codec::json_writer& w) { w.begin_object().member("kid", kid).end_object(); });
}
SIGNET_DECL claims& claims::confirm_jwk(std::string_view public_jwk) {
    auto const read = codec::json_document::parse(public_jwk);
    if (!read) return fail(read.error()), *this;
    if (!read->root().is_object()) return fail(errc::bad_key), *this;
    for (auto const name : {"d", "k", "p", "q", "dp", "dq", "qi", "oth"}) // RFC 7518 6: what only a secret key has
        if (read->root().find(name)) return fail(errc::private_key_refused), *this;
    return set_value("cnf",
                     [&](codec::json_writer& w) { w.begin_object().name("jwk").value(read->root()).end_object(); });
}

}}} // namespace signet::jwt

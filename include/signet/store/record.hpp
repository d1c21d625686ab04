// SPDX-License-Identifier: BSL-1.0
// The octets of a record: a format number, a kind, then numbers and texts, each with one encoding only.
#pragma once

#include <signet/store/store.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// Writes a record. It begins with two octets: a format number and the kind. So versions of a program can share a
/// store, and no record is taken for one of another kind.
///
/// Lifetime: the target, a buffer of fixed size or a `bytes`, must outlive the writer.
///
/// Example: `record_writer w{buffer, 1, 'c'}; w.text(user); w.time(expires); auto octets = w.finish();`
class record_writer {
public:
    /// Writes the first two octets into a buffer.
    SIGNET_DECL record_writer(std::span<std::uint8_t> buffer, std::uint8_t format, std::uint8_t kind) noexcept;
    /// Replaces the content of `target` by the first two octets.
    SIGNET_DECL record_writer(signet::bytes& target, std::uint8_t format, std::uint8_t kind);

    /// Writes a number in 1 to 10 octets: seven bits each, low bits first (LEB128), in the shortest form.
    SIGNET_DECL void number(std::uint64_t value);
    /// Writes one octet, 0 or 1.
    SIGNET_DECL void flag(bool value);
    /// Writes the seconds since 1970. Times outside 1970 .. 9999 are limited to it.
    SIGNET_DECL void time(unix_time value);
    /// Write a length as `number` does, then the octets.
    SIGNET_DECL void octets(bytes_view value);
    SIGNET_DECL void text(std::string_view value);
    /// Writes exactly these octets without a length, for digests and keys of a fixed size.
    SIGNET_DECL void fixed(bytes_view value);

    /// Returns all octets written. Errors: `buffer_too_small`; `record_too_large` beyond `max_record`.
    [[nodiscard]] SIGNET_DECL result<bytes_view> finish() const noexcept;

private:
    void put(std::uint8_t const* data, std::size_t size);

    std::span<std::uint8_t> buffer_{};
    signet::bytes* target_ = nullptr;
    std::size_t size_ = 0;
    bool overflowed_ = false;
};

/// Reads a record, which need not be trusted. After the first error every read returns zero or nothing, and `finish()`
/// returns the error, so one check at the end is enough.
///
/// Lifetime: views refer to the record's octets.
///
/// Example: `record_reader r{found.bytes, 1, 'c'}; auto user = r.text(); auto until = r.time(); if (auto ok =
/// r.finish(); !ok) ...`
class record_reader {
public:
    /// Reads `record`. `newest` is the highest format number that this program supports for the kind; beyond:
    /// `errc::record_newer`.
    SIGNET_DECL record_reader(bytes_view record, std::uint8_t newest, std::uint8_t kind) noexcept;

    /// Returns the format number of the record; 0 after an error.
    [[nodiscard]] std::uint8_t format() const noexcept { return failed_ ? std::uint8_t{0} : format_; }

    /// Reads the next field, which must have been written by the function of the same name.
    SIGNET_DECL std::uint64_t number() noexcept;
    /// Reads a number, for enumerations and counts. A number above `max_value` is malformed.
    SIGNET_DECL std::uint64_t number(std::uint64_t max_value) noexcept;
    /// Read the next field. Octets and texts longer than `max_size` are malformed.
    SIGNET_DECL bool flag() noexcept;
    SIGNET_DECL unix_time time() noexcept;
    SIGNET_DECL bytes_view octets(std::size_t max_size = max_record) noexcept;
    SIGNET_DECL std::string_view text(std::size_t max_size = max_record) noexcept;
    /// Fills `out` with octets that have no length.
    SIGNET_DECL void fixed(std::span<std::uint8_t> out) noexcept;

    /// Returns whether there was an error so far, to leave loops over a count early.
    [[nodiscard]] bool failed() const noexcept { return failed_; }

    /// Returns success if everything was well-formed and nothing is left. Errors: `record_malformed` with its offset;
    /// `record_newer`.
    [[nodiscard]] SIGNET_DECL result<void> finish() const noexcept;

private:
    void fail(errc why = errc::record_malformed) noexcept;

    bytes_view rest_;
    std::size_t total_;
    signet::error error_{errc::record_malformed};
    std::uint8_t format_ = 0;
    bool failed_ = false;
};

namespace detail {

// What is wrong with one record, and with no other: it is damaged, of a newer version, or not encrypted where it must
// be.
constexpr bool is_broken_record(errc why) noexcept {
    return why == errc::record_malformed || why == errc::record_newer || why == errc::record_not_encrypted;
}

} // namespace detail

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/record.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// The octets of a record: a format number, a kind, then numbers and texts, each with one encoding only.
#pragma once

#include <signet/store/store.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// Writes a record. Two octets lead: the format number of its kind, and the kind, so that versions of a program may run
/// side by side on one store and a record of one kind is never read as another.
///
/// Either into a buffer of the caller's, which never grows, or into `bytes`; the target must outlive the writer.
/// Example: `record_writer w{buffer, 1, 'c'}; w.text(user); w.time(expires); auto octets = w.finish();`
class record_writer {
public:
    /// Begins with the two octets that lead.
    SIGNET_DECL record_writer(std::span<std::uint8_t> buffer, std::uint8_t format, std::uint8_t kind) noexcept;
    /// Replaces what `target` held.
    SIGNET_DECL record_writer(signet::bytes& target, std::uint8_t format, std::uint8_t kind);

    /// 1 to 10 octets: seven bits each, the low ones first (LEB128), never longer than needed.
    SIGNET_DECL void number(std::uint64_t value);
    /// One octet, 0 or 1.
    SIGNET_DECL void flag(bool value);
    /// Seconds since 1970; times outside 1970..9999 are brought inside.
    SIGNET_DECL void time(unix_time value);
    /// A length as `number`, then the octets.
    SIGNET_DECL void octets(bytes_view value);
    SIGNET_DECL void text(std::string_view value);
    /// Exactly these octets, without a length: for digests and keys of a fixed size.
    SIGNET_DECL void fixed(bytes_view value);

    /// All that was written; or `buffer_too_small`, or `record_too_large` beyond `max_record`.
    [[nodiscard]] SIGNET_DECL result<bytes_view> finish() const noexcept;

private:
    void put(std::uint8_t const* data, std::size_t size);

    std::span<std::uint8_t> buffer_{};
    signet::bytes* target_ = nullptr;
    std::size_t size_ = 0;
    bool overflowed_ = false;
};

/// Reads a record back, trusting nothing in it: the store may be damaged, or another's.
///
/// After the first thing that is wrong every read gives zero or nothing and `finish()` says so; check once, at the end.
/// Views point into the record's octets. Example:
/// `record_reader r{found.bytes, 1, 'c'}; auto user = r.text(); auto until = r.time(); if (auto ok = r.finish(); !ok)
/// ...`
class record_reader {
public:
    /// `newest`: the highest format number this program knows for the kind; a higher one is `errc::record_newer`.
    SIGNET_DECL record_reader(bytes_view record, std::uint8_t newest, std::uint8_t kind) noexcept;

    /// The format number it was written with; 0 after an error.
    [[nodiscard]] std::uint8_t format() const noexcept { return failed_ ? std::uint8_t{0} : format_; }

    /// The next field, which has to have been written by the function of this name.
    SIGNET_DECL std::uint64_t number() noexcept;
    /// A number of at most `most`, larger is malformed: for enumerations and counts.
    SIGNET_DECL std::uint64_t number(std::uint64_t most) noexcept;
    /// The next field, as above; octets and text of at most `most`, longer is malformed.
    SIGNET_DECL bool flag() noexcept;
    SIGNET_DECL unix_time time() noexcept;
    SIGNET_DECL bytes_view octets(std::size_t most = max_record) noexcept;
    SIGNET_DECL std::string_view text(std::size_t most = max_record) noexcept;
    /// Fills `out`.
    SIGNET_DECL void fixed(std::span<std::uint8_t> out) noexcept;

    /// Whether anything went wrong so far: to leave loops over a count early.
    [[nodiscard]] bool failed() const noexcept { return failed_; }

    /// Success if everything was well-formed and nothing is left; else `record_malformed` (with the offset) or
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

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/record.ipp>
#endif

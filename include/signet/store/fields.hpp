// SPDX-License-Identifier: BSL-1.0
// One function per record says its fields for both directions: an archive that writes them, and one that reads them.
#pragma once

#include <signet/store/record.hpp>

#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// Writes the fields of a record. `field_reader` has the same functions, so `fields(archive, record)` is written once
/// for both directions.
///
/// A value beyond its `max`, which the reader would refuse, makes `finish` fail with `out_of_range`.
///
/// @par Example
/// `template <class A> void fields(A& a, store::archived<A, visit>& v) { a.text(v.user, 128); a.time(v.at); }`
class field_writer {
public:
    /// Whether fields are read, for code that only one direction has.
    static constexpr bool is_reader = false;

    /// Writes into `target`, a `std::span<std::uint8_t>` or a `bytes`, which must outlive the writer.
    template <class Target> field_writer(Target& target, std::uint8_t format, std::uint8_t kind)
        : to_{target, format, kind}, format_{format} {}

    /// Returns the format that is written.
    [[nodiscard]] std::uint8_t format() const noexcept { return format_; }

    /// Write the next field; see `record_writer` for their encodings.
    template <std::unsigned_integral N> void number(N value, std::uint64_t max = std::numeric_limits<N>::max()) {
        check(value <= max);
        to_.number(value);
    }
    /// Writes an enumerator as its number. `last` is the largest.
    template <class E> void enumeration(E value, E last) {
        number(static_cast<std::uint64_t>(value), static_cast<std::uint64_t>(last));
    }
    void flag(bool value) { to_.flag(value); }
    void time(unix_time value) { to_.time(value); }
    void octets(bytes_view value, std::size_t max) {
        check(value.size() <= max);
        to_.octets(value);
    }
    void text(std::string_view value, std::size_t max) { octets(as_bytes(value), max); }
    void fixed(bytes_view value) { to_.fixed(value); }
    /// Writes a flag, and if it is set what `field(archive, value)` writes.
    template <class T, class F> void optional(std::optional<T> const& value, F field) {
        to_.flag(value.has_value());
        if (value) field(*this, *value);
    }
    /// Writes a count, and for each element what `field(archive, element)` writes.
    template <class Sequence, class F> void each(Sequence const& elements, std::size_t max, F field) {
        number(std::uint64_t{elements.size()}, max);
        for (auto const& element : elements) field(*this, element);
    }
    /// Writes a value in another form: `encode(value)` returns octets, `decode(octets)` a result of the value.
    template <class T, class Encode, class Decode>
    void converted(T const& value, std::size_t max, Encode encode, Decode const&) {
        octets(encode(value), max);
    }
    /// Adds a condition on fields that were written before.
    void check(bool good) noexcept { good_ = good_ && good; }

    /// Returns all octets written. Errors: `out_of_range`; those of `record_writer::finish`.
    [[nodiscard]] result<bytes_view> finish() const noexcept {
        if (!good_) return errc::out_of_range;
        return to_.finish();
    }

private:
    record_writer to_;
    std::uint8_t format_;
    bool good_ = true;
};

/// Reads the fields of a record that a `field_writer` wrote, which need not be trusted. After the first error every
/// field reads as zero or empty.
///
/// Texts and octets are copied into `std::string` and `bytes`.
///
/// Lifetime: a `std::string_view` or `bytes_view` refers to the record's octets, which must outlive it.
class field_reader {
public:
    /// Whether fields are read, for code that only one direction has.
    static constexpr bool is_reader = true;

    /// Reads `octets`. `newest` is the highest format that this program supports.
    field_reader(bytes_view octets, std::uint8_t newest, std::uint8_t kind) noexcept : from_{octets, newest, kind} {}

    /// Returns the format of the record: `if (a.format() >= 2) a.time(r.seen);`. 0 after an error.
    [[nodiscard]] std::uint8_t format() const noexcept { return from_.format(); }

    /// Read the next field, which the writer's function of the same name wrote. A value beyond `max` is an error.
    template <std::unsigned_integral N>
    void number(N& value, std::uint64_t max = std::numeric_limits<N>::max()) noexcept {
        constexpr std::uint64_t last = std::numeric_limits<N>::max();
        value = static_cast<N>(from_.number(max < last ? max : last));
    }
    template <class E> void enumeration(E& value, E last) noexcept {
        value = static_cast<E>(from_.number(static_cast<std::uint64_t>(last)));
    }
    void flag(bool& value) noexcept { value = from_.flag(); }
    void time(unix_time& value) noexcept { value = from_.time(); }
    void octets(signet::bytes& value, std::size_t max) {
        auto const read = from_.octets(max);
        value.assign(read.begin(), read.end());
    }
    void octets(bytes_view& value, std::size_t max) noexcept { value = from_.octets(max); }
    template <class Text> void text(Text& value, std::size_t max) { value = from_.text(max); }
    void fixed(std::span<std::uint8_t> value) noexcept { from_.fixed(value); }
    template <class T, class F> void optional(std::optional<T>& value, F field) {
        value.reset();
        if (from_.flag()) field(*this, value.emplace());
    }
    template <class Sequence, class F> void each(Sequence& elements, std::size_t max, F field) {
        elements.clear();
        for (auto n = from_.number(max); n != 0 && !failed(); --n) field(*this, elements.emplace_back());
    }
    template <class T, class Encode, class Decode>
    void converted(T& value, std::size_t max, Encode const&, Decode decode) {
        auto const octets = from_.octets(max);
        if (failed()) return;
        auto decoded = decode(octets);
        check(decoded.has_value());
        if (decoded) value = *std::move(decoded);
    }
    /// Adds a condition on fields that were read before. If it is false, the record is malformed.
    void check(bool good) noexcept { good_ = good_ && (good || from_.failed()); }

    /// Returns whether there was an error so far.
    [[nodiscard]] bool failed() const noexcept { return !good_ || from_.failed(); }
    /// Returns success if everything was well-formed and nothing is left. Errors: `record_malformed`; `record_newer`.
    [[nodiscard]] result<void> finish() const noexcept {
        if (!good_) return errc::record_malformed;
        return from_.finish();
    }

private:
    record_reader from_;
    bool good_ = true;
};

/// The type of `Record` as an archive takes it: const for a writer.
template <class Archive, class Record> using archived = std::conditional_t<Archive::is_reader, Record, Record const>;

/// Writes a record by the function `fields` in the namespace of its type. `target` is a `bytes` or a
/// `std::span<std::uint8_t>`. Errors: those of `field_writer::finish`.
///
/// @par Example
/// `bytes octets; auto written = store::write_fields(visit, 1, 'v', octets);`
template <class R, class Target>
[[nodiscard]] result<bytes_view> write_fields(R const& record, std::uint8_t format, std::uint8_t kind, Target& target) {
    field_writer archive{target, format, kind};
    fields(archive, record);
    return archive.finish();
}

/// Reads a record by the function `fields`. After an error `record` has zeros or part of what was stored. Errors: those
/// of `field_reader::finish`.
template <class R>
[[nodiscard]] result<void> read_fields(R& record, bytes_view octets, std::uint8_t newest, std::uint8_t kind) {
    field_reader archive{octets, newest, kind};
    fields(archive, record);
    return archive.finish();
}

/// Reads a new record by the function `fields`. Errors: those of `field_reader::finish`.
///
/// @par Example
/// `auto visit = store::read_fields<visit_record>(found->bytes, 1, 'v');`
template <class R> [[nodiscard]] result<R> read_fields(bytes_view octets, std::uint8_t newest, std::uint8_t kind) {
    R record{};
    if (auto good = read_fields(record, octets, newest, kind); !good) return good.error();
    return record;
}

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/store/record.hpp>

#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace store {

// ---- writing

SIGNET_DECL record_writer::record_writer(std::span<std::uint8_t> buffer, std::uint8_t format,
                                         std::uint8_t kind) noexcept
    : buffer_{buffer} {
    std::uint8_t const head[] = {format, kind};
    put(head, sizeof head);
}

SIGNET_DECL record_writer::record_writer(signet::bytes& target, std::uint8_t format, std::uint8_t kind)
    : target_{&target} {
    target.clear();
    std::uint8_t const head[] = {format, kind};
    put(head, sizeof head);
}

SIGNET_DECL void record_writer::put(std::uint8_t const* data, std::size_t size) {
    if (size == 0 || overflowed_) return;
    if (target_) {
        target_->insert(target_->end(), data, data + size);
        size_ += size;
        return;
    }
    if (buffer_.size() - size_ < size) return void(overflowed_ = true);
    std::memcpy(buffer_.data() + size_, data, size);
    size_ += size;
}

SIGNET_DECL void record_writer::number(std::uint64_t value) {
    std::uint8_t digits[10];
    std::size_t n = 0;
    for (; value >= 0x80; value >>= 7) digits[n++] = static_cast<std::uint8_t>(value | 0x80);
    digits[n++] = static_cast<std::uint8_t>(value);
    put(digits, n);
}

SIGNET_DECL void record_writer::flag(bool value) { number(value ? 1 : 0); }

SIGNET_DECL void record_writer::time(unix_time value) { number(static_cast<std::uint64_t>(detail::seconds(value))); }

SIGNET_DECL void record_writer::octets(bytes_view value) {
    number(value.size());
    put(value.data(), value.size());
}

SIGNET_DECL void record_writer::text(std::string_view value) { octets(as_bytes(value)); }

SIGNET_DECL void record_writer::fixed(bytes_view value) { put(value.data(), value.size()); }

SIGNET_DECL result<bytes_view> record_writer::finish() const noexcept {
    if (overflowed_) return errc::buffer_too_small;
    if (size_ > max_record) return errc::record_too_large;
    return target_ ? bytes_view{*target_} : bytes_view{buffer_.data(), size_};
}

// ---- reading

SIGNET_DECL record_reader::record_reader(bytes_view record, std::uint8_t newest, std::uint8_t kind) noexcept
    : rest_{record}, total_{record.size()} {
    if (record.size() < 2 || record.size() > max_record || record[0] == 0 || record[1] != kind) {
        fail();
    } else if (record[0] > newest) {
        fail(errc::record_newer);
    } else {
        format_ = record[0];
        rest_ = record.subspan(2);
    }
}

SIGNET_DECL void record_reader::fail(errc why) noexcept {
    if (failed_) return;
    failed_ = true;
    error_ = {why, total_ - rest_.size()};
    rest_ = {};
}

SIGNET_DECL std::uint64_t record_reader::number() noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i != 10 && i != rest_.size(); ++i) {
        auto const digit = rest_[i];
        if (i == 9 && digit > 1) break; // bits beyond the 64th
        value |= std::uint64_t{digit & 0x7fu} << (7 * i);
        if (digit & 0x80) continue;
        if (digit == 0 && i != 0) break; // longer than needed
        rest_ = rest_.subspan(i + 1);
        return value;
    }
    fail();
    return 0;
}

SIGNET_DECL std::uint64_t record_reader::number(std::uint64_t max_value) noexcept {
    auto const value = number();
    if (value <= max_value) return value;
    fail();
    return 0;
}

SIGNET_DECL bool record_reader::flag() noexcept { return number(1) == 1; }

SIGNET_DECL unix_time record_reader::time() noexcept {
    constexpr auto last = static_cast<std::uint64_t>(latest_time.time_since_epoch().count());
    return unix_time{std::chrono::seconds{static_cast<std::int64_t>(number(last))}};
}

SIGNET_DECL bytes_view record_reader::octets(std::size_t max_size) noexcept {
    auto const size = number(max_size);
    if (failed_) return {};
    if (size > rest_.size()) return fail(), bytes_view{};
    auto const value = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(value.size());
    return value;
}

SIGNET_DECL std::string_view record_reader::text(std::size_t max_size) noexcept { return as_text(octets(max_size)); }

SIGNET_DECL void record_reader::fixed(std::span<std::uint8_t> out) noexcept {
    if (failed_ || rest_.size() < out.size()) {
        for (auto& octet : out) octet = 0;
        return fail();
    }
    if (!out.empty()) std::memcpy(out.data(), rest_.data(), out.size());
    rest_ = rest_.subspan(out.size());
}

SIGNET_DECL result<void> record_reader::finish() const noexcept {
    if (failed_) return error_;
    if (!rest_.empty()) return signet::error{errc::record_malformed, total_ - rest_.size()};
    return {};
}

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
// A reader of DER (X.690), as far as keys need it.
#pragma once

#include <signet/core/bytes.hpp>

#include <cstddef>
#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

/// Reads the elements of one level, one after another, without recursion, allocation or copies. What is not DER, such
/// as a length with more octets than it needs, is not read.
class der_reader {
public:
    static constexpr std::uint8_t boolean = 0x01, integer_tag = 0x02, bit_string = 0x03, octet_string = 0x04,
                                  null = 0x05, object_id = 0x06, sequence = 0x30;
    static constexpr std::uint8_t context(unsigned number) noexcept { return static_cast<std::uint8_t>(0xa0 + number); }

    explicit der_reader(bytes_view der) noexcept : rest_{der} {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    /// The tag of the next element; 0 at the end.
    [[nodiscard]] std::uint8_t tag() const noexcept { return rest_.empty() ? std::uint8_t{0} : rest_[0]; }

    /// The content of the next element if it has that tag. Lengths up to 2^24 - 1.
    [[nodiscard]] bool read(std::uint8_t tag, bytes_view& content) noexcept {
        if (rest_.size() < 2 || rest_[0] != tag) return false;
        std::size_t size = rest_[1], head = 2;
        if (size >= 0x80) {
            auto const octets = size & 0x7f;
            if (octets == 0 || octets > 3 || rest_.size() < 2 + octets || rest_[2] == 0) return false;
            size = 0;
            for (std::size_t i = 0; i != octets; ++i) size = size << 8 | rest_[2 + i];
            if (size < 0x80) return false;
            head += octets;
        }
        if (rest_.size() - head < size) return false;
        content = rest_.subspan(head, size);
        rest_ = rest_.subspan(head + size);
        return true;
    }
    /// The next element as a whole, with its tag and length, if it has that tag.
    [[nodiscard]] bool read_whole(std::uint8_t tag, bytes_view& element) noexcept {
        auto const before = rest_;
        bytes_view content;
        if (!read(tag, content)) return false;
        element = before.first(before.size() - rest_.size());
        return true;
    }
    /// A non-negative integer's octets without leading zeros; none for 0.
    [[nodiscard]] bool read_integer(bytes_view& magnitude) noexcept {
        bytes_view content;
        if (!read(integer_tag, content) || content.empty() || content[0] >= 0x80) return false;
        if (content[0] == 0) {
            if (content.size() > 1 && content[1] < 0x80) return false;
            content = content.subspan(1);
        }
        magnitude = content;
        return true;
    }
    /// An integer below 2^32.
    [[nodiscard]] bool read_small(std::size_t& value) noexcept {
        bytes_view octets;
        if (!read_integer(octets) || octets.size() > 4) return false;
        value = 0;
        for (auto const octet : octets) value = value << 8 | octet;
        return true;
    }
    /// The octets of a bit string that has whole octets.
    [[nodiscard]] bool read_bits(bytes_view& octets) noexcept {
        if (!read(bit_string, octets) || octets.empty() || octets[0] != 0) return false;
        octets = octets.subspan(1);
        return true;
    }
    /// Opens the next element if it has that tag.
    [[nodiscard]] bool open(std::uint8_t tag, der_reader& inside) noexcept {
        bytes_view content;
        if (!read(tag, content)) return false;
        inside = der_reader{content};
        return true;
    }

private:
    bytes_view rest_;
};

}}} // namespace signet::detail

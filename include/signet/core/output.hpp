// SPDX-License-Identifier: BSL-1.0
// Where text is written: a buffer of the caller's, which never grows, or a std::string.
#pragma once

#include <signet/core/result.hpp>

#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI {

/// Appends text to a fixed buffer or to a string; a reference, so the target must outlive it. It cannot be copied: two
/// that write into one buffer would overwrite one another.
///
/// Writing past the end of a fixed buffer is remembered, not done: `finish()` then says `errc::buffer_too_small`, and
/// what lies in the buffer is not to be used. Example: `output out{buffer}; out.append("a"); auto text = out.finish();`
class output {
public:
    /// Writes from the buffer's beginning.
    explicit SIGNET_DECL output(std::span<char> buffer) noexcept;

    /// Appends behind what `text` already holds.
    explicit SIGNET_DECL output(std::string& text) noexcept;

    output(output const&) = delete;
    output& operator=(output const&) = delete;
    output(output&&) noexcept = default;
    output& operator=(output&&) noexcept = default;

    /// Appends; what does not fit into a fixed buffer is left out as a whole and remembered.
    SIGNET_DECL void append(std::string_view piece);
    SIGNET_DECL void append(char c);

    /// Room for exactly `n` more characters, to be filled by the caller; nullptr when a fixed buffer has not that much.
    [[nodiscard]] SIGNET_DECL char* extend(std::size_t n);

    /// Characters written through this object, and whether some did not fit.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

    /// What was written through this object, as long as the target lives unchanged; or `errc::buffer_too_small`.
    [[nodiscard]] SIGNET_DECL result<std::string_view> finish() const noexcept;

private:
    inline char* buffer(std::size_t n) noexcept;

    std::string* text_ = nullptr;
    std::size_t start_ = 0;
    char* begin_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    bool overflowed_ = false;
};

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/core/impl/output.ipp>
#endif

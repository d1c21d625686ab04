// SPDX-License-Identifier: BSL-1.0
// Where text is written: a buffer of the caller's, which never grows, or a std::string.
#pragma once

#include <signet/core/result.hpp>

#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI {

/// Appends text to a fixed buffer or to a string. Movable, not copyable: two outputs to one buffer would overwrite each
/// other.
///
/// A fixed buffer never overflows. Text that does not fit is dropped, `finish()` returns `errc::buffer_too_small`, and
/// the content of the buffer must not be used.
///
/// Lifetime: the buffer or string must outlive this object.
///
/// Example: `output out{buffer}; out.append("a"); auto text = out.finish();`
class output {
public:
    /// Writes from the beginning of the buffer.
    explicit SIGNET_DECL output(std::span<char> buffer) noexcept;

    /// Appends to what `text` already holds.
    explicit SIGNET_DECL output(std::string& text) noexcept;

    output(output const&) = delete;
    output& operator=(output const&) = delete;
    output(output&&) noexcept = default;
    output& operator=(output&&) noexcept = default;

    /// Appends a piece. A piece that does not fit into a fixed buffer is dropped whole.
    SIGNET_DECL void append(std::string_view piece);
    SIGNET_DECL void append(char c);

    /// Reserves exactly `n` more characters for the caller to fill. Returns nullptr if a fixed buffer has less space.
    [[nodiscard]] SIGNET_DECL char* extend(std::size_t n);

    /// Return the number of characters written through this object, and whether any did not fit.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

    /// Returns what was written through this object, valid until the target changes. Errors: `errc::buffer_too_small`.
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

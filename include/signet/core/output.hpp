// SPDX-License-Identifier: BSL-1.0
// Where text is written: a buffer of the caller's, which never grows, or a std::string.
#pragma once

#include <signet/core/result.hpp>

#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace signet::inline SIGNET_ABI {

/// Appends text to a fixed buffer or to a string; a reference, so the target must outlive it.
///
/// Writing past the end of a fixed buffer is remembered, not done: `finish()` then says `errc::buffer_too_small`, and what
/// lies in the buffer is not to be used. Example: `output out{buffer}; out.append("a"); auto text = out.finish();`
class output {
public:
    /// Writes from the buffer's beginning.
    explicit output(std::span<char> buffer) noexcept : begin_{buffer.data()}, capacity_{buffer.size()} {}

    /// Appends behind what `text` already holds.
    explicit output(std::string& text) noexcept : text_{&text}, start_{text.size()} {}

    /// Appends; what does not fit into a fixed buffer is left out as a whole and remembered.
    void append(std::string_view piece) {
        if (text_) return void(text_->append(piece));
        if (auto* at = room(piece.size()); at && !piece.empty()) std::memcpy(at, piece.data(), piece.size());
    }
    void append(char c) { append(std::string_view{&c, 1}); }

    /// Room for exactly `n` more characters, to be filled by the caller; nullptr when a fixed buffer has not that much.
    [[nodiscard]] char* extend(std::size_t n) {
        if (!text_) return room(n);
        text_->resize(text_->size() + n);
        return text_->data() + (text_->size() - n);
    }

    /// Characters written through this object, and whether some did not fit.
    [[nodiscard]] std::size_t size() const noexcept { return text_ ? text_->size() - start_ : size_; }
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

    /// What was written through this object, as long as the target lives unchanged; or `errc::buffer_too_small`.
    [[nodiscard]] result<std::string_view> finish() const noexcept {
        if (overflowed_) return errc::buffer_too_small;
        if (text_) return std::string_view{*text_}.substr(start_);
        return std::string_view{begin_, size_};
    }

private:
    char* room(std::size_t n) noexcept {
        if (overflowed_ || capacity_ - size_ < n) return overflowed_ = true, nullptr;
        return begin_ + std::exchange(size_, size_ + n);
    }

    std::string* text_ = nullptr;
    std::size_t  start_ = 0;
    char*        begin_ = nullptr;
    std::size_t  size_ = 0;
    std::size_t  capacity_ = 0;
    bool         overflowed_ = false;
};

} // namespace signet

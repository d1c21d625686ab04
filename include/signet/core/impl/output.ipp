// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/output.hpp>

#include <cstring>

namespace signet { inline namespace SIGNET_ABI {

SIGNET_DECL output::output(std::span<char> buffer) noexcept : begin_{buffer.data()}, capacity_{buffer.size()} {}
SIGNET_DECL output::output(std::string& text) noexcept : text_{&text}, start_{text.size()} {}

inline char* output::buffer(std::size_t n) noexcept {
    if (overflowed_ || capacity_ - size_ < n) return overflowed_ = true, nullptr;
    auto* const at = begin_ + size_;
    size_ += n;
    return at;
}

SIGNET_DECL void output::append(std::string_view piece) {
    if (text_) return void(text_->append(piece));
    if (auto* at = buffer(piece.size()); at && !piece.empty()) std::memcpy(at, piece.data(), piece.size());
}
SIGNET_DECL void output::append(char c) {
    if (text_) return text_->push_back(c);
    if (auto* at = buffer(1)) *at = c;
}

SIGNET_DECL char* output::extend(std::size_t n) {
    if (!text_) return buffer(n);
    text_->resize(text_->size() + n);
    return text_->data() + (text_->size() - n);
}

SIGNET_DECL std::size_t output::size() const noexcept { return text_ ? text_->size() - start_ : size_; }

SIGNET_DECL result<std::string_view> output::finish() const noexcept {
    if (overflowed_) return errc::buffer_too_small;
    if (text_) return std::string_view{*text_}.substr(start_);
    return std::string_view{begin_, size_};
}

}} // namespace signet

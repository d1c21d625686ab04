// SPDX-License-Identifier: BSL-1.0
// The blocks of a text in PEM (RFC 7468), with whatever stands around them.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

/// A block: its label, and what is between its first and last line.
struct pem_block {
    std::string_view label, body;
};

/// Walks through the blocks of a text. One pass; allocates an end line a block.
class pem_reader {
public:
    explicit pem_reader(std::string_view text) noexcept : text_{text} {}

    /// Goes to the next block. False at the end, and at a block without an end line.
    bool next(pem_block& block) {
        constexpr std::string_view dashes = "-----", begin = "-----BEGIN ";
        for (;;) {
            at_ = text_.find(begin, at_);
            if (at_ == text_.npos) return false;
            auto const starts_line = at_ == 0 || text_[at_ - 1] == '\n' || text_[at_ - 1] == '\r' || after_mark();
            at_ += begin.size();
            if (!starts_line) continue;
            auto const label_end = text_.find(dashes, at_);
            if (label_end == text_.npos || label_end - at_ > max_label) return broken_ = true, false;
            block.label = text_.substr(at_, label_end - at_);
            at_ = label_end + dashes.size();
            auto const end_line = "-----END " + std::string{block.label} + "-----";
            auto const end = text_.find(dashes, at_);
            if (end == text_.npos || !text_.substr(end).starts_with(end_line)) return broken_ = true, false;
            block.body = text_.substr(at_, end - at_);
            at_ = end + end_line.size();
            return true;
        }
    }
    [[nodiscard]] bool broken() const noexcept { return broken_; }

private:
    static constexpr std::size_t max_label = 64;
    /// Behind the mark that editors put before UTF-8.
    [[nodiscard]] bool after_mark() const noexcept { return at_ == 3 && text_.starts_with("\xef\xbb\xbf"); }

    std::string_view text_;
    std::size_t at_ = 0;
    bool broken_ = false;
};

/// Whether the block is encrypted as OpenSSL did it before PKCS#8 (RFC 1421 4.6.1.1).
inline bool is_encrypted_of_old(pem_block const& block) noexcept {
    return block.body.find("Proc-Type:") != block.body.npos;
}

/// Whether the label is that of a private key, in whatever form.
inline bool is_private_label(std::string_view label) noexcept { return label.ends_with("PRIVATE KEY"); }

/// Whether the label is that of a public key in a form that is read.
inline bool is_public_label(std::string_view label) noexcept {
    return label == "PUBLIC KEY" || label == "RSA PUBLIC KEY" || label == "CERTIFICATE";
}

/// Whether a block of the second label leaves open which key is meant, behind one of the first. Certificates behind a
/// certificate are its chain.
inline bool is_second_key(std::string_view first, std::string_view second) noexcept {
    if (is_private_label(first)) return is_private_label(second);
    return is_public_label(first) && is_public_label(second) && !(first == "CERTIFICATE" && second == "CERTIFICATE");
}

}}} // namespace signet::detail

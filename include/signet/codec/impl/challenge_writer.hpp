// SPDX-License-Identifier: BSL-1.0
// Writes a challenge of WWW-Authenticate (RFC 9110 11.6.1). It stands here, since jwt and proof both need it and jwt
// does not know http.
#pragma once

#include <signet/core/output.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

// A scheme, and parameters that are quoted strings. What a quoted string cannot hold (RFC 9110 5.6.4: controls but the
// tab, which nobody needs here) is written as a space.
class challenge_writer {
public:
    challenge_writer(output& out, std::string_view scheme) : out_{&out} { out.append(scheme); }

    void add(std::string_view name, std::string_view value) {
        begin(name);
        append(value);
        end();
    }
    // A value in pieces.
    void begin(std::string_view name) {
        out_->append(is_first_ ? " " : ", ");
        is_first_ = false;
        out_->append(name);
        out_->append("=\"");
    }
    void append(std::string_view piece) {
        for (auto const c : piece) {
            if (c == '"' || c == '\\') out_->append('\\');
            out_->append(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c);
        }
    }
    void end() { out_->append('"'); }

private:
    output* out_;
    bool is_first_ = true;
};

}}}} // namespace signet::codec::detail

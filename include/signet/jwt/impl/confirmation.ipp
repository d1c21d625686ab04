// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/jwt/confirmation.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

SIGNET_DECL result<cnf> read_confirmation(codec::json_value claims) noexcept {
    auto const member = claims.find("cnf");
    if (!member) return error{errc::claim_missing, field_name::cnf};
    if (!member->is_object()) return error{errc::malformed_confirmation, field_name::cnf};

    cnf found;
    std::size_t named = 0;
    for (auto const value : *member) {
        auto const name = value.name();
        if (name == "jwk") {
            if (!value.is_object()) return error{errc::malformed_confirmation, field_name::jwk};
            found.method = cnf_method::jwk;
            found.jwk = value;
        } else if (name == "kid") {
            auto const text = value.as_string();
            if (!text || text->empty()) return error{errc::malformed_confirmation, field_name::kid};
            found.method = cnf_method::key_id;
            found.key_id = *text;
        } else if (name == "jkt" || name == "x5t#S256") {
            auto const text = value.as_string();
            if (!text || text->size() != codec::base64url_encoded_size(found.thumbprint.size()) ||
                !codec::base64url_decode(*text, found.thumbprint))
                return error{errc::malformed_confirmation, find_field_name(name)};
            found.method = name == "jkt" ? cnf_method::jwk_thumbprint : cnf_method::certificate_thumbprint;
        } else if (name == "jwe" || name == "jku") {
            return error{errc::malformed_confirmation, field_name::cnf}; // a key we would have to decrypt or fetch
        } else {
            continue; // RFC 7800 3.1: not understood, ignored
        }
        ++named;
    }
    if (named != 1) return error{errc::malformed_confirmation, field_name::cnf};
    return found;
}

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jose/jwk_set_writer.hpp>

#include <set>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

SIGNET_DECL result<std::string> write_jwk_set(std::span<public_jwk const> keys) {
    std::string text = R"({"keys":[)";
    output out{text};
    std::set<std::string_view> kids;
    for (auto const& jwk : keys) {
        if (jwk.attributes.kid && !kids.insert(*jwk.attributes.kid).second)
            return error{errc::duplicate_key, field_name::kid};
        if (&jwk != keys.data()) out.append(',');
        if (auto const done = write_jwk(jwk.key, jwk.attributes, out); !done) return done.error();
    }
    out.append("]}");
    return text;
}

}}} // namespace signet::jose

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/verified_key.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/jose/thumbprint.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

SIGNET_DECL bool verified_key::is(public_key const& key) const { return is(jose::thumbprint_digest(key)); }

SIGNET_DECL std::string verified_key::jkt() const { return codec::base64url_encode(thumbprint_); }

SIGNET_DECL verified_key verified_key_access::make(public_key const& key, alg a) {
    return verified_key{jose::thumbprint_digest(key), a};
}

}}} // namespace signet::proof

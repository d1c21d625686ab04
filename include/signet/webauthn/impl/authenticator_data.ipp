// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/authenticator_data.hpp>

#include <signet/webauthn/impl/cbor_nodes.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

namespace detail {

/// Takes `n` octets off the front, if there are as many.
inline bool take(bytes_view& rest, std::size_t n, bytes_view& taken) noexcept {
    if (rest.size() < n) return false;
    taken = rest.first(n), rest = rest.subspan(n);
    return true;
}

inline result<attested_credential> take_credential(bytes_view& rest) noexcept {
    bytes_view model, size, id;
    if (!take(rest, 16, model) || !take(rest, 2, size)) return errc::webauthn_authenticator_data;
    auto const id_size = static_cast<std::size_t>(size[0] << 8 | size[1]);
    if (id_size == 0 || id_size > max_credential_id) return errc::webauthn_credential_id;
    if (!take(rest, id_size, id)) return errc::webauthn_authenticator_data;

    cbor_nodes nodes;
    auto const key = codec::read_cbor_prefix(rest, nodes);
    if (!key) return key.error();
    attested_credential credential{{}, id, rest.first(key->size)};
    std::ranges::copy(model, credential.aaguid.begin());
    rest = rest.subspan(key->size);
    return credential;
}

inline result<bytes_view> take_extensions(bytes_view& rest) noexcept {
    cbor_nodes nodes;
    auto const outputs = codec::read_cbor_prefix(rest, nodes);
    if (!outputs) return outputs.error();
    if (!outputs->value.is_map()) return errc::webauthn_authenticator_data;
    for (auto const [key, value] : outputs->value.members())
        if (!key.is_text()) return errc::webauthn_authenticator_data;
    auto const taken = rest.first(outputs->size);
    rest = rest.subspan(outputs->size);
    return taken;
}

} // namespace detail

SIGNET_DECL result<authenticator_data> read_authenticator_data(bytes_view octets) noexcept {
    authenticator_data data;
    bytes_view flags, count;
    if (!detail::take(octets, 32, data.rp_id_hash) || !detail::take(octets, 1, flags) ||
        !detail::take(octets, 4, count))
        return errc::webauthn_authenticator_data;
    data.flags = flags[0];
    for (auto const octet : count) data.count = data.count << 8 | octet;
    if ((data.flags & detail::has_credential) != 0) {
        auto const credential = detail::take_credential(octets);
        if (!credential) return credential.error();
        data.credential = *credential;
    }
    if ((data.flags & detail::has_extensions) != 0) {
        auto const extensions = detail::take_extensions(octets);
        if (!extensions) return extensions.error();
        data.extensions = *extensions;
    }
    if (!octets.empty()) return errc::webauthn_authenticator_data;
    return data;
}

}}} // namespace signet::webauthn

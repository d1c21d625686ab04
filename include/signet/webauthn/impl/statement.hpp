// SPDX-License-Identifier: BSL-1.0
// Attestation statements (section 8): none, packed, fido-u2f, apple and android-key.
#pragma once

#include <signet/webauthn/authenticator_data.hpp>

#include <signet/codec/cbor_reader.hpp>
#include <signet/crypto/certificate.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/jose/cose_key.hpp>

#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

/// What a statement is about. Refers to its arguments.
struct statement_subject {
    codec::cbor_value statement;
    bytes_view octets; // the authenticator data as they were signed
    authenticator_data const& data;
    crypto::sha256_digest const& client_hash;
    jose::cose_key const& key;
    bool hardware_only; // of android-key
};

/// What a statement that holds has said.
struct statement_finding {
    std::vector<certificate> path{}; // the leaf first; empty for none and self attestation
    bool signed_by_key = false;      // whether the new key made the signature
};

struct statement_format {
    std::string_view name;
    result<statement_finding> (*verify)(statement_subject const& subject);
};

/// The format of exactly that name, if it is supported.
SIGNET_DECL statement_format const* find_format(std::string_view name) noexcept;

}}}} // namespace signet::webauthn::detail

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/statement.ipp>
#endif

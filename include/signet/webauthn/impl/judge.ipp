// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/judge.hpp>

#include <signet/webauthn/authenticator_data.hpp>
#include <signet/webauthn/client_data.hpp>
#include <signet/webauthn/impl/answer.hpp>
#include <signet/webauthn/impl/cbor_nodes.hpp>
#include <signet/webauthn/impl/signature_check.hpp>
#include <signet/webauthn/impl/statement.hpp>

#include <signet/crypto/digest.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

namespace detail {

/// Reads and checks the client data of an answer; their hash, over the octets as they were received.
inline result<crypto::sha256_digest> judge_client_data(codec::json_value response, ceremony which, expected const& e) {
    auto const octets = octets_member(response, "clientDataJSON");
    if (!octets) return octets.error();
    auto const data = read_client_data(*octets);
    if (!data) return data.error();
    if (auto const good = check_client_data(*data, which, e.rp, e.challenge); !good) return good.error();
    return crypto::sha256(*octets);
}

/// Section 7.1 steps 14 to 17, section 7.2 steps 15 to 18.
inline result<void> check_flags(authenticator_data const& data, expected const& e, bool presence) {
    auto const& policy = e.rp.params();
    if (!std::ranges::equal(data.rp_id_hash, crypto::sha256(as_bytes(policy.rp_id)))) return errc::webauthn_rp_id;
    if (presence && !data.user_present()) return errc::webauthn_user_presence;
    if (policy.verification == user_verification::required && !data.user_verified())
        return errc::webauthn_user_verification;
    if (data.backed_up() && !data.backup_eligible()) return errc::webauthn_backup_flags;
    return {};
}

/// Whether a key has the members of its algorithm, of their types and sizes, so that only its numbers can be wrong.
inline bool has_members_of(codec::cbor_value key, alg a) noexcept {
    auto const& wanted = traits(a);
    auto const number = [&](std::int64_t label) {
        return key.find(label).and_then([](codec::cbor_value v) { return v.as_int64(); }).value_or(0);
    };
    auto const size = [&](std::int64_t label) {
        auto const octets = key.find(label).and_then([](codec::cbor_value v) { return v.as_bytes(); });
        return octets ? octets->size() : 0;
    };
    switch (wanted.type) {
    case key_type::rsa: return key.size() == 4 && number(1) == 3 && size(-1) != 0 && size(-2) != 0;
    case key_type::okp: return key.size() == 4 && number(1) == 1 && number(-1) == 6 && size(-2) == 32;
    case key_type::ec: {
        auto const crv = wanted.crv == curve::p256   ? 1
                         : wanted.crv == curve::p384 ? 2
                         : wanted.crv == curve::p521 ? 3
                                                     : 8;
        auto const half = wanted.signature_size / 2; // the size of a coordinate too
        return key.size() == 5 && number(1) == 2 && number(-1) == crv && size(-2) == half && size(-3) == half;
    }
    case key_type::oct:
    case key_type::akp: break;
    }
    return false;
}

/// Section 7.1 step 20, section 5.8.5.
inline result<jose::cose_key> read_key(bytes_view cose, std::span<std::int32_t const> offered) {
    cbor_nodes nodes;
    auto const map = codec::read_cbor(cose, nodes);
    if (!map) return map.error();
    if (!map->is_map()) return errc::webauthn_key;
    auto key = jose::parse_cose_key(*map, offered);
    if (key || key.error() != errc::bad_key) return key;
    auto const identifier = map->find(3).and_then([](codec::cbor_value v) { return v.as_int64(); });
    for (auto const& known : jose::cose_algorithms)
        if (identifier && known.identifier == *identifier && has_members_of(*map, known.algorithm)) return key;
    return errc::webauthn_key;
}

struct attestation_object {
    std::string_view format;
    codec::cbor_value statement;
    bytes_view data;
};

/// Section 6.5.4. The keys of these maps, which nothing signs, may be in any order: some clients write them so.
inline result<attestation_object> read_attestation_object(bytes_view octets,
                                                          std::span<codec::cbor_node> nodes) noexcept {
    auto root = codec::read_cbor(octets, nodes, {.any_key_order = true});
    bool const is_deep = !root && root.error() == errc::cbor_too_deep;
    if (is_deep) root = codec::read_cbor(octets, nodes, {.max_depth = 5, .any_key_order = true}); // section 2.4
    if (!root) return root.error();
    auto const format = root->find("fmt").and_then([](codec::cbor_value v) { return v.as_text(); });
    auto const statement = root->find("attStmt");
    auto const data = root->find("authData").and_then([](codec::cbor_value v) { return v.as_bytes(); });
    bool const is_compound = format && *format == "compound"; // whose statement is a list (section 8.9)
    if (is_deep && !is_compound) return errc::cbor_too_deep;
    bool const has_form = statement && (statement->is_map() || (is_compound && statement->is_array()));
    if (!format || !has_form || !data) return errc::webauthn_attestation_object;
    return attestation_object{*format, *statement, *data};
}

/// Section 7.1 steps 23 and 24: whether a statement leads to an anchor.
inline result<bool> is_trusted(statement_finding const& finding, std::string_view format, webauthn::aaguid const& model,
                               relying_party_params const& policy, unix_time now) {
    bool const demanded = policy.attestation == attestation_demand::trusted;
    bool trusted = false;
    if (!finding.path.empty() && policy.anchors) {
        auto const anchors = policy.anchors(model, format);
        if (!anchors && demanded) return anchors.error();
        trusted = anchors && crypto::check_path(finding.path, *anchors, now).has_value();
    }
    if (demanded && !trusted) return errc::webauthn_attestation_untrusted;
    return trusted;
}

/// Section 7.2 steps 5 and 6.
inline result<void> check_owner(bytes_view id, bytes_view user_handle, expected const& e, credential const& stored) {
    auto const is_it = [&](bytes_view one) { return std::ranges::equal(one, id); };
    if (!e.allow_credentials.empty() && std::ranges::none_of(e.allow_credentials, is_it))
        return errc::webauthn_credential_unknown;
    if (!is_it(stored.id)) return errc::webauthn_credential_unknown;
    if (user_handle.empty()) return e.user_known ? result<void>{} : errc::webauthn_user_handle;
    if (stored.user_handle.empty() && e.user_known) return {};
    if (!std::ranges::equal(user_handle, stored.user_handle)) return errc::webauthn_user_handle;
    return {};
}

/// Whether the flag AT is what the ceremony wants, seen before what it announces is read (section 6.1).
inline bool has_key_flag(bytes_view data, bool wanted) noexcept {
    return data.size() < min_authenticator_data || ((data[32] & has_credential) != 0) == wanted;
}

inline result<bytes> read_user_handle(codec::json_value response) {
    auto const value = optional_member(response, "userHandle");
    if (value.is_null()) return bytes{};
    auto const text = value.as_string();
    if (!text) return text.error();
    return codec::base64url_decode(*text);
}

} // namespace detail

SIGNET_DECL result<attested> judge_registration(std::string_view answer, expected const& e, unix_time now) {
    auto const read = detail::read_answer(answer);
    if (!read) return read.error();
    auto const response = read->response();
    auto const object_octets = detail::octets_member(response, "attestationObject");
    if (!object_octets) return object_octets.error();
    auto transports = detail::read_transports(detail::optional_member(response, "transports"));
    if (!transports) return transports.error();

    auto const hash = detail::judge_client_data(response, ceremony::registration, e);
    if (!hash) return hash.error();
    detail::cbor_nodes nodes;
    auto const object = detail::read_attestation_object(*object_octets, nodes);
    if (!object) return object.error();
    if (!detail::has_key_flag(object->data, true)) return errc::webauthn_authenticator_data;
    auto const data = read_authenticator_data(object->data);
    if (!data) return data.error();
    if (!data->credential) return errc::webauthn_authenticator_data;
    if (auto const good = detail::check_flags(*data, e, e.presence); !good) return good.error();

    auto const& policy = e.rp.params();
    auto const key = detail::read_key(data->credential->cose_key, policy.algorithms);
    if (!key) return key.error();
    auto const* format = detail::find_format(object->format);
    if (!format) return errc::webauthn_format;
    auto const finding =
        format->verify({object->statement, object->data, *data, *hash, *key, policy.android_hardware_only});
    if (!finding) return finding.error();
    auto const trusted = detail::is_trusted(*finding, format->name, data->credential->aaguid, policy, now);
    if (!trusted.has_value()) return trusted.error();
    if (!std::ranges::equal(data->credential->id, read->id)) return errc::webauthn_credential_id;

    credential made{.id = read->id, .key = key->key, .algorithm = key->algorithm, .identifier = key->identifier};
    made.count = data->count;
    made.backup_eligible = data->backup_eligible(), made.backed_up = data->backed_up();
    made.uv_initialized = data->user_verified();
    made.transports = *std::move(transports);
    made.aaguid = data->credential->aaguid;
    made.created = made.last_used = now;
    made.trusted = *trusted;
    std::optional<proof::verified_key> proved;
    if (finding->signed_by_key) proved = proof::verified_key_access::make(key->key, key->algorithm);
    return attested{std::move(made), format->name, *trusted, proved};
}

SIGNET_DECL result<asserted> judge_assertion(std::string_view answer, expected const& e, credential const& stored) {
    auto const read = detail::read_answer(answer);
    if (!read) return read.error();
    auto const response = read->response();
    auto const data_octets = detail::octets_member(response, "authenticatorData");
    if (!data_octets) return data_octets.error();
    auto const signature = detail::octets_member(response, "signature");
    if (!signature) return signature.error();
    auto const user_handle = detail::read_user_handle(response);
    if (!user_handle) return user_handle.error();
    if (auto const good = detail::check_owner(read->id, *user_handle, e, stored); !good) return good.error();

    auto const hash = detail::judge_client_data(response, ceremony::assertion, e);
    if (!hash) return hash.error();
    if (!detail::has_key_flag(*data_octets, false)) return errc::webauthn_authenticator_data;
    auto const data = read_authenticator_data(*data_octets);
    if (!data) return data.error();
    if (data->credential) return errc::webauthn_authenticator_data;
    if (auto const good = detail::check_flags(*data, e, true); !good) return good.error();
    auto const& policy = e.rp.params();
    bool const backup_changed = data->backup_eligible() != stored.backup_eligible;
    if (backup_changed && policy.backup_change == on_signal::refuse) return errc::webauthn_backup_changed;

    bytes message = *data_octets;
    message.insert(message.end(), hash->begin(), hash->end());
    if (auto const good = detail::check_signature(stored.key, stored.algorithm, message, *signature); !good)
        return good.error();
    bool const went_back = (data->count != 0 || stored.count != 0) && data->count <= stored.count;
    if (went_back && policy.counter == on_signal::refuse) return errc::webauthn_counter;
    return asserted{.key = proof::verified_key_access::make(stored.key, stored.algorithm),
                    .count = data->count,
                    .user_verified = data->user_verified(),
                    .backed_up = data->backed_up(),
                    .counter_went_back = went_back,
                    .backup_changed = backup_changed};
}

SIGNET_DECL result<claimed_credential> read_claimed_credential(std::string_view answer) {
    auto const read = detail::read_answer(answer);
    if (!read) return read.error();
    auto user_handle = detail::read_user_handle(read->response());
    if (!user_handle) return user_handle.error();
    return claimed_credential{read->id, *std::move(user_handle)};
}

}}} // namespace signet::webauthn

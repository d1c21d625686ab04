// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/credential.hpp>

#include <signet/jose/cose_key.hpp>
#include <signet/store/fields.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

namespace detail {

// Format 2 has whether it is blocked, and 3 whether its statement was trusted. A record is written in the oldest format
// that says all of it, since older programs read that.
inline constexpr std::uint8_t credential_format = 3, credential_kind = 'w';
inline constexpr std::size_t max_key_record = 1024; // octets of a key in CBOR

// A credential as it is stored: the key with its algorithm as a COSE key.
struct credential_record {
    bytes id{}, user_handle{}, key{};
    std::string user{}, transports{}, label{};
    std::uint32_t count = 0;
    bool backup_eligible = false, backed_up = false, uv_initialized = false;
    webauthn::aaguid aaguid{};
    unix_time created{}, last_used{};
    bool blocked = false, trusted = false;
};

template <class Archive> void fields(Archive& a, store::archived<Archive, credential_record>& c) {
    a.octets(c.id, max_credential_id), a.check(!c.id.empty());
    a.octets(c.user_handle, max_user_handle), a.octets(c.key, max_key_record);
    a.text(c.user, max_user), a.text(c.transports, max_transports), a.text(c.label, max_label);
    a.number(c.count);
    a.flag(c.backup_eligible), a.flag(c.backed_up), a.flag(c.uv_initialized);
    a.fixed(c.aaguid);
    a.time(c.created), a.time(c.last_used);
    if (a.format() >= 2) a.flag(c.blocked);
    if (a.format() >= 3) a.flag(c.trusted);
}

} // namespace detail

SIGNET_DECL result<bytes> write_credential(credential const& from) {
    auto key = jose::to_cose({from.key, from.algorithm, from.identifier});
    if (!key) return errc::out_of_range;
    detail::credential_record const record{from.id,         from.user_handle,    *std::move(key), from.user,
                                           from.transports, from.label,          from.count,      from.backup_eligible,
                                           from.backed_up,  from.uv_initialized, from.aaguid,     from.created,
                                           from.last_used,  from.blocked,        from.trusted};
    std::uint8_t const format = from.trusted ? 3 : from.blocked ? 2 : 1;
    bytes octets;
    if (auto done = store::write_fields(record, format, detail::credential_kind, octets); !done) return done.error();
    if (octets.size() > max_credential_octets) return errc::out_of_range;
    return octets;
}

SIGNET_DECL result<credential> read_credential(bytes_view octets) {
    if (octets.size() > max_credential_octets) return errc::record_malformed;
    auto record =
        store::read_fields<detail::credential_record>(octets, detail::credential_format, detail::credential_kind);
    if (!record) return record.error();
    std::array<std::int32_t, std::size(jose::cose_algorithms)> known{};
    for (std::size_t i = 0; i != known.size(); ++i) known[i] = jose::cose_algorithms[i].identifier;
    auto key = jose::parse_cose_key(record->key, known);
    if (!key) return errc::record_malformed;
    return credential{.id = std::move(record->id),
                      .user_handle = std::move(record->user_handle),
                      .user = std::move(record->user),
                      .key = std::move(key->key),
                      .algorithm = key->algorithm,
                      .identifier = key->identifier,
                      .count = record->count,
                      .backup_eligible = record->backup_eligible,
                      .backed_up = record->backed_up,
                      .uv_initialized = record->uv_initialized,
                      .transports = std::move(record->transports),
                      .label = std::move(record->label),
                      .aaguid = record->aaguid,
                      .created = record->created,
                      .last_used = record->last_used,
                      .blocked = record->blocked,
                      .trusted = record->trusted};
}

}}} // namespace signet::webauthn

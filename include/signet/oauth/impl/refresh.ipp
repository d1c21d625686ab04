// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/oauth/refresh.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/words.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/oauth/impl/family_record.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace oauth {

// ---- the token

struct refresh_token_access {
    static constexpr std::size_t family_at = 2, generation_at = 18, tag_at = 22;
    static refresh_token make(std::uint16_t number, std::span<std::uint8_t const, 16> family,
                              std::uint32_t generation) {
        refresh_token t;
        t.octets_[0] = static_cast<std::uint8_t>(number >> 8);
        t.octets_[1] = static_cast<std::uint8_t>(number);
        std::copy(family.begin(), family.end(), t.octets_.begin() + family_at);
        for (std::size_t i = 0; i != 4; ++i)
            t.octets_[generation_at + i] = static_cast<std::uint8_t>(generation >> (24 - 8 * i));
        return t;
    }
    static bytes_view named(refresh_token const& t) noexcept { return bytes_view{t.octets_}.first(tag_at); }
    static std::span<std::uint8_t const, 16> family(refresh_token const& t) noexcept {
        return std::span{t.octets_}.subspan<family_at, 16>();
    }
    static bytes_view tag(refresh_token const& t) noexcept { return bytes_view{t.octets_}.subspan(tag_at); }
    static void set_tag(refresh_token& t, std::span<std::uint8_t const, 32> tag) noexcept {
        std::copy(tag.begin(), tag.end(), t.octets_.begin() + tag_at);
    }
};

SIGNET_DECL result<refresh_token> refresh_token::parse(std::string_view text) noexcept {
    refresh_token t;
    auto const size = codec::base64url_decode(text, t.octets_);
    if (!size || *size != t.octets_.size()) return errc::refresh_unknown;
    return t;
}
SIGNET_DECL std::string refresh_token::text() const { return codec::base64url_encode(octets_); }
SIGNET_DECL std::string refresh_token::family() const {
    return codec::base64url_encode(refresh_token_access::family(*this));
}
SIGNET_DECL std::uint32_t refresh_token::generation() const noexcept {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i != 4; ++i) value = value << 8 | octets_[refresh_token_access::generation_at + i];
    return value;
}
SIGNET_DECL std::uint16_t refresh_token::key_number() const noexcept {
    return static_cast<std::uint16_t>(octets_[0] << 8 | octets_[1]);
}

namespace detail {

// ---- keys

struct refresh_keys {
    std::vector<refresh_key> keys;
    refresh_policy policy;

    mac_key const* find(std::uint16_t number) const noexcept {
        auto const at =
            std::find_if(keys.begin(), keys.end(), [&](refresh_key const& k) { return k.number == number; });
        return at == keys.end() ? nullptr : &at->key;
    }
};

// Domain, what the token names (of fixed size), the family's salt (of fixed size), and the client.
inline std::array<std::uint8_t, 32> refresh_tag(mac_key const& key, refresh_token const& token,
                                                family_record const& family, std::string_view client) {
    std::array<std::uint8_t, 32> tag;
    auto mac = crypto::hmac::make(hash_id::sha256, key.reveal()); // never refused: a mac_key is 32 to 4096 octets
    mac->update(as_bytes("signet/refresh/1"));
    mac->update(refresh_token_access::named(token));
    mac->update(family.salt);
    mac->update(as_bytes(client));
    mac->finish(tag);
    return tag;
}

// The family's current token, made with the key that its record names.
inline refresh_token current_token(refresh_keys const& keys, family_record const& family,
                                   std::span<std::uint8_t const, 16> id) {
    auto token = refresh_token_access::make(family.key_number, id, family.generation);
    refresh_token_access::set_tag(token, refresh_tag(*keys.find(family.key_number), token, family, family.client));
    return token;
}

inline store::record_key refresh_record_key(std::string_view family) { return proof::record_key("refresh", {family}); }
inline store::record_key refresh_user_key(std::string_view user) { return proof::record_key("refresh-user", {user}); }

// ---- what is to become of a family

inline result<store::swap_decision> write_family(family_record const& family, unix_time expires) {
    bytes octets;
    auto const written = store::write_fields(family, family_format, family_kind, octets);
    if (!written) return written.error();
    return store::swap_decision::write(std::move(octets), expires);
}

// An end is written whatever the clock says: it might go backwards later.
inline result<store::swap_decision> end_family(family_record family, unix_time expires) {
    auto const to = family_lifecycle.next(family.state, family_event::revoke);
    if (!to) return store::swap_decision::keep(); // over already
    family.state = *to;
    return write_family(family, expires);
}

// The family of an authentic token of that client.
inline result<family_record> read_family_of(refresh_keys const& keys, refresh_token const& token,
                                            std::string_view client, std::optional<store::record> const& found) {
    if (!found) return errc::refresh_unknown;
    auto family = store::read_fields<family_record>(found->bytes, family_format, family_kind);
    if (!family) return family;
    auto const* key = keys.find(token.key_number());
    if (!key) return errc::refresh_unknown;
    auto const tag = refresh_tag(*key, token, *family, client);
    if (!constant_time_equal(tag, refresh_token_access::tag(token))) return errc::refresh_unknown;
    return family;
}

// Whether every word of `asked` is one of `granted`, and it has one.
inline bool scope_within(std::string_view asked, std::string_view granted) noexcept {
    for (;;) {
        auto const end = std::min(asked.find(' '), asked.size());
        if (end == 0 || !codec::detail::has_word(granted, asked.substr(0, end))) return false;
        if (end == asked.size()) return true;
        asked.remove_prefix(end + 1);
    }
}

// The operation's own copy of a request; its token stands beside it.
struct asked_refresh {
    std::string client, resource, scope;
    std::optional<crypto::sha256_digest> proved;
    unix_time not_before;
};

// What an authentic token of a living family is.
inline family_event classify(refresh_policy const& policy, family_record const& family, std::uint32_t generation,
                             unix_time now) noexcept {
    if (now >= family.over()) return family_event::expire;
    if (generation == family.generation) return family_event::rotate;
    auto const since = now - family.rotated; // either way: clocks of two servers differ
    bool const in_grace = since <= policy.grace && -since <= policy.grace;
    return family.generation != 0 && generation == family.generation - 1 && in_grace ? family_event::retry
                                                                                     : family_event::replay;
}

inline result<void> check_asked(family_record const& family, asked_refresh const& asked, unix_time now) noexcept {
    auto const* limit = family.find(asked.resource);
    if (!limit) return errc::refresh_resource_not_granted;
    if (now >= family.end_for(*limit)) return errc::refresh_expired; // other resources may have time left
    if (!asked.scope.empty() && !scope_within(asked.scope, family.scope)) return errc::refresh_scope_exceeded;
    return {};
}

// Changes the family of an authentic token as that token asks for, and says what it was: `rotate` and `replay` are to
// be written. Whoever lacks the key that the family is bound to changes nothing, neither for better nor for worse.
inline result<family_event> apply_token(refresh_keys const& keys, family_record& family, refresh_token const& token,
                                        asked_refresh const& asked, unix_time now) {
    if (family.sender && asked.proved != family.sender) return errc::refresh_sender_mismatch;
    if (family.state != family_state::live) return family_refusal(family.state);
    if (family.started < asked.not_before) return errc::refresh_ended;

    auto const event = classify(keys.policy, family, token.generation(), now);
    auto const to = family_lifecycle.next(family.state, event);
    if (!to) return family_refusal(family.state);
    family.state = *to;
    if (event == family_event::replay) return event;
    if (family.state != family_state::live) return family_refusal(family.state); // its time is over
    if (auto good = check_asked(family, asked, now); !good) return good.error();
    if (event == family_event::retry) {
        if (!keys.find(family.key_number)) return errc::refresh_unknown; // that key was taken out of use meanwhile
        return event;
    }
    if (family.generation == 0xffff'ffff) return errc::refresh_expired;
    ++family.generation;
    family.key_number = keys.keys.front().number;
    family.rotated = now;
    family.idle_until = saturating_add(now, keys.policy.idle);
    return event;
}

inline refresh_grant make_grant(refresh_keys const& keys, family_record const& family,
                                std::span<std::uint8_t const, 16> id, resource_limit const& limit,
                                std::string_view scope, store::record_key const& record) {
    return {.token = current_token(keys, family, id),
            .user = family.user,
            .client = family.client,
            .session = family.session,
            .scope = std::string{scope.empty() ? family.scope : scope},
            .resource = limit.resource,
            .sender = family.sender,
            .started = family.started,
            .expires = std::min(family.idle_until, family.end_for(limit)),
            .repeated = false,
            .ends = family.ends(),
            .record = record};
}

// ---- the operations

inline result<family_record> new_family(refresh_keys const& keys, refresh_params const& params, unix_time now,
                                        random_ref rng) {
    auto const fits = [](std::string_view text) { return !text.empty() && text.size() <= max_refresh_name; };
    auto const& limits = params.resources;
    if (!fits(params.user) || !fits(params.client) || params.session.size() > max_refresh_name)
        return errc::out_of_range;
    if (params.scope.size() > max_refresh_scope || limits.empty() || limits.size() > max_refresh_resources)
        return errc::out_of_range;

    family_record family;
    for (auto const& r : limits) {
        if (r.resource.size() > max_refresh_name || r.rotation.count() < 1 || family.find(r.resource))
            return errc::out_of_range;
        family.resources.push_back({r.resource, std::min(r.rotation, latest_time - unix_time{})}); // as records hold it
    }
    rng.fill(family.salt);
    family.user = params.user;
    family.client = params.client;
    family.session = params.session;
    family.scope = params.scope;
    if (params.sender) family.sender = params.sender->thumbprint();
    family.started = family.rotated = now;
    family.idle_until = saturating_add(now, keys.policy.idle);
    family.key_number = keys.keys.front().number;
    return family;
}

inline store::task<refresh_grant> start_family(std::shared_ptr<refresh_keys const> keys,
                                               std::array<std::uint8_t, 16> id, result<family_record> begun,
                                               unix_time now, std::pmr::memory_resource* frames) {
    (void)frames; // of this coroutine
    auto const& family = co_await begun;
    auto const record = refresh_record_key(codec::base64url_encode(id));
    bytes octets;
    co_await store::write_fields(family, family_format, family_kind, octets);
    auto const expires = saturating_add(family.over(), keys->policy.remember);
    auto const inserted = co_await store::insert(record, octets, expires, now);
    if (!inserted) co_return errc::random_failed; // 16 octets that were there before: no randomness
    co_return make_grant(*keys, family, id, family.resources.front(), {}, record);
}

// Since when families of the user count: 1970 unless all were revoked.
inline store::task<unix_time> find_not_before(std::string user, unix_time now, std::pmr::memory_resource* frames) {
    (void)frames; // of this coroutine
    std::array<std::uint8_t, 32> buffer;
    auto const found = co_await store::find(refresh_user_key(user), buffer, now);
    if (!found) co_return unix_time{};
    auto const revoked = co_await store::read_fields<user_record>(found->bytes, user_format, user_kind);
    co_return revoked.not_before;
}

struct rotation {
    std::shared_ptr<refresh_keys const> keys;
    refresh_token token;
    asked_refresh asked;

    family_record family{};
    family_event event{};
};

inline store::task<store::swap_decision> judge_rotation(rotation* r, std::optional<store::record> const* found,
                                                        unix_time now, std::pmr::memory_resource* frames) {
    r->family = co_await read_family_of(*r->keys, r->token, r->asked.client, *found);
    auto const revoked = co_await find_not_before(r->family.user, now, frames);
    r->asked.not_before = std::max(r->asked.not_before, revoked);
    r->event = co_await apply_token(*r->keys, r->family, r->token, r->asked, now);
    if (r->event == family_event::retry) co_return store::swap_decision::keep();
    auto const expires = r->event == family_event::replay ? (*found)->expires
                                                          : saturating_add(r->family.over(), r->keys->policy.remember);
    auto decision = co_await write_family(r->family, expires);
    co_return decision;
}

inline store::task<refresh_grant> rotate_family(std::shared_ptr<refresh_keys const> keys, result<refresh_token> shown,
                                                asked_refresh asked, unix_time now, std::pmr::memory_resource* frames) {
    auto const& token = co_await shown;
    rotation r{std::move(keys), token, std::move(asked)};
    if (!r.keys->find(r.token.key_number())) co_return errc::refresh_unknown; // and nobody is asked
    auto const record = refresh_record_key(r.token.family());
    auto const judge = [&](std::optional<store::record> const& found) {
        return judge_rotation(&r, &found, now, frames);
    };
    co_await store::compare_and_swap(record, now, judge, frames);
    if (r.event == family_event::replay) co_return errc::refresh_reused;
    auto const id = refresh_token_access::family(r.token);
    auto grant = make_grant(*r.keys, r.family, id, *r.family.find(r.asked.resource), r.asked.scope, record);
    grant.repeated = r.event == family_event::retry;
    co_return grant;
}

inline store::task<void> revoke_family(store::record_key record, unix_time now, std::pmr::memory_resource* frames) {
    auto const judge = [](std::optional<store::record> const& found) -> result<store::swap_decision> {
        if (!found) return store::swap_decision::keep();
        auto family = store::read_fields<family_record>(found->bytes, family_format, family_kind);
        if (!family) return family.error();
        return end_family(*std::move(family), found->expires);
    };
    co_await store::compare_and_swap(record, now, judge, frames);
    co_return {};
}

inline store::task<void> revoke_family_of(std::shared_ptr<refresh_keys const> keys, result<refresh_token> shown,
                                          std::string client, unix_time now, std::pmr::memory_resource* frames) {
    auto const& token = co_await shown;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        auto family = read_family_of(*keys, token, client, found);
        if (!family) return family.error();
        return end_family(*std::move(family), found->expires);
    };
    co_await store::compare_and_swap(refresh_record_key(token.family()), now, judge, frames);
    co_return {};
}

inline store::task<void> revoke_families_of(std::string user, unix_time now, std::pmr::memory_resource* frames) {
    if (user.empty() || user.size() > max_refresh_name) co_return errc::out_of_range;
    auto const before = saturating_add(now, std::chrono::seconds{1}); // this second's too
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        if (found) {
            auto const revoked = store::read_fields<user_record>(found->bytes, user_format, user_kind);
            if (!revoked) return revoked.error();
            if (revoked->not_before >= before) return store::swap_decision::keep();
        }
        bytes octets;
        auto const written = store::write_fields(user_record{before}, user_format, user_kind, octets);
        if (!written) return written.error();
        return store::swap_decision::write(std::move(octets), latest_time);
    };
    co_await store::compare_and_swap(refresh_user_key(user), now, judge, frames);
    co_return {};
}

} // namespace detail

// ---- the families' calls

SIGNET_DECL result<refresh_families> refresh_families::make(std::vector<refresh_key> keys, refresh_policy policy) {
    using namespace std::chrono_literals;
    if (keys.empty()) return errc::empty_key_set;
    for (auto a = keys.begin(); a != keys.end(); ++a)
        for (auto b = keys.begin(); b != a; ++b)
            if (a->number == b->number || constant_time_equal(a->key.reveal(), b->key.reveal()))
                return errc::duplicate_key;
    if (policy.grace < 0s || policy.grace > 300s || policy.idle < 1s || policy.remember < 0s) return errc::out_of_range;
    return refresh_families{
        std::make_shared<detail::refresh_keys const>(detail::refresh_keys{std::move(keys), policy})};
}

SIGNET_DECL store::task<refresh_grant> refresh_families::start(refresh_params const& params, unix_time now,
                                                               random_ref rng,
                                                               std::pmr::memory_resource* frames) const {
    std::array<std::uint8_t, 16> id;
    rng.fill(id);
    return detail::start_family(keys_, id, detail::new_family(*keys_, params, now, rng), now, frames);
}

SIGNET_DECL store::task<refresh_grant> refresh_families::rotate(refresh_request const& request, unix_time now,
                                                                std::pmr::memory_resource* frames) const {
    detail::asked_refresh asked{std::string{request.client}, std::string{request.resource}, std::string{request.scope},
                                std::nullopt, request.not_before};
    if (request.proved) asked.proved = request.proved->thumbprint();
    return detail::rotate_family(keys_, refresh_token::parse(request.token), std::move(asked), now, frames);
}

SIGNET_DECL store::task<void> refresh_families::revoke(std::string_view family, unix_time now,
                                                       std::pmr::memory_resource* frames) const {
    return detail::revoke_family(detail::refresh_record_key(family), now, frames);
}

SIGNET_DECL store::task<void> refresh_families::revoke_token(std::string_view token, std::string_view client,
                                                             unix_time now, std::pmr::memory_resource* frames) const {
    return detail::revoke_family_of(keys_, refresh_token::parse(token), std::string{client}, now, frames);
}

SIGNET_DECL store::task<void> refresh_families::revoke_user(std::string_view user, unix_time now,
                                                            std::pmr::memory_resource* frames) const {
    return detail::revoke_families_of(std::string{user}, now, frames);
}

SIGNET_DECL bool refresh_grant::family_is_over(bytes_view record, unix_time now) {
    auto const family = store::read_fields<detail::family_record>(record, detail::family_format, detail::family_kind);
    return family && (family->state != family_state::live || now >= family->over());
}

}}} // namespace signet::oauth

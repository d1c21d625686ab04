// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/oauth/refresh.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/words.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/impl/swap_loop.hpp>
#include <signet/store/record.hpp>

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
    static std::span<std::uint8_t, 54> octets(refresh_token& t) noexcept { return t.octets_; }
    static bytes_view named(refresh_token const& t) noexcept { return bytes_view{t.octets_}.first(tag_at); }
    static bytes_view family(refresh_token const& t) noexcept { return bytes_view{t.octets_}.subspan(family_at, 16); }
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
inline std::array<std::uint8_t, 32> refresh_tag(mac_key const& key, refresh_token const& token, bytes_view salt,
                                                std::string_view client) {
    std::array<std::uint8_t, 32> tag;
    auto mac =
        crypto::hmac::make(hash_id::sha256, key.reveal()); // a mac_key is 32 to 4096 octets, so it is never refused
    mac->update(as_bytes("signet/refresh/1"));
    mac->update(refresh_token_access::named(token));
    mac->update(salt);
    mac->update(as_bytes(client));
    mac->finish(tag);
    return tag;
}

inline refresh_token make_refresh_token(mac_key const& key, std::uint16_t number,
                                        std::span<std::uint8_t const, 16> family, std::uint32_t generation,
                                        bytes_view salt, std::string_view client) {
    auto token = refresh_token_access::make(number, family, generation);
    auto const tag = refresh_tag(key, token, salt, client);
    std::copy(tag.begin(), tag.end(), refresh_token_access::octets(token).begin() + refresh_token_access::tag_at);
    return token;
}

inline bool made_by_us(mac_key const& key, refresh_token const& token, bytes_view salt, std::string_view client) {
    auto sent = token;
    auto const tag = refresh_token_access::octets(sent).subspan(refresh_token_access::tag_at);
    return constant_time_equal(refresh_tag(key, token, salt, client), tag);
}

// ---- the record

inline constexpr std::uint8_t refresh_format = 1, refresh_record_kind = 'r';

struct refresh_record {
    family_state state = family_state::live;
    std::array<std::uint8_t, 16> salt{};
    std::string user{}, client{}, session{}, scope{};
    std::optional<crypto::sha256_digest> sender{};
    unix_time started{}, rotated{}, idle_until{};
    std::uint32_t generation = 0;
    std::uint16_t key_number = 0; // that made the current token
    std::vector<resource_limit> resources{};

    unix_time end_for(resource_limit const& r) const noexcept { return saturating_add(started, r.rotation); }
    unix_time ends() const noexcept { // however often it is refreshed
        unix_time last = started;
        for (auto const& r : resources) last = std::max(last, end_for(r));
        return last;
    }
    unix_time over() const noexcept { return std::min(ends(), idle_until); } // from then on nothing can be had
};

SIGNET_DECL bytes write_refresh(refresh_record const& f) {
    bytes octets;
    store::record_writer w{octets, refresh_format, refresh_record_kind};
    w.number(static_cast<std::uint64_t>(f.state));
    w.fixed(f.salt);
    for (std::string_view text : {f.user, f.client, f.session, f.scope}) w.text(text);
    w.flag(f.sender.has_value());
    if (f.sender) w.fixed(*f.sender);
    for (unix_time t : {f.started, f.rotated, f.idle_until}) w.time(t);
    w.number(f.generation);
    w.number(f.key_number);
    w.number(f.resources.size());
    for (auto const& r : f.resources) {
        w.text(r.resource);
        w.number(static_cast<std::uint64_t>(r.rotation.count()));
    }
    return octets;
}

SIGNET_DECL result<refresh_record> read_refresh(bytes_view octets) {
    store::record_reader r{octets, refresh_format, refresh_record_kind};
    refresh_record f;
    f.state = static_cast<family_state>(r.number(static_cast<std::uint64_t>(family_state::stolen)));
    r.fixed(f.salt);
    for (std::string* text : {&f.user, &f.client, &f.session}) *text = r.text(max_refresh_name);
    f.scope = r.text(max_refresh_scope);
    if (r.flag()) r.fixed(f.sender.emplace());
    for (unix_time* t : {&f.started, &f.rotated, &f.idle_until}) *t = r.time();
    f.generation = static_cast<std::uint32_t>(r.number(0xffff'ffff));
    f.key_number = static_cast<std::uint16_t>(r.number(0xffff));
    auto const count = r.number(max_refresh_resources);
    for (std::uint64_t i = 0; i != count && !r.failed(); ++i) {
        std::string name{r.text(max_refresh_name)};
        f.resources.push_back(
            {std::move(name), std::chrono::seconds{static_cast<std::int64_t>(r.number(253'402'300'799))}});
    }
    if (auto good = r.finish(); !good) return good.error();
    return f;
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

// ---- the operations

enum class refresh_work : std::uint8_t { start, rotate, revoke, revoke_token };

struct refresh_core {
    refresh_core(refresh_work w, std::shared_ptr<refresh_keys const> k, store::record_key const& key, unix_time t)
        : work{w}, keys{std::move(k)}, record{key}, now{t}, loop{key, t} {}

    store::request const* next() const noexcept;
    void answer(store::reply const& reply);
    void refuse(errc code);
    void judge();
    void judge_token();
    void move(family_event e);
    void grant();

    refresh_work work;
    std::shared_ptr<refresh_keys const> keys;
    store::record_key record; // its name
    unix_time now;
    store::detail::swap_loop loop;

    // A start asks one question of its own.
    bytes first{};
    store::request first_ask{};
    bool first_open = false;

    // What was asked.
    std::optional<refresh_token> presented{};
    std::string client{}, resource{}, scope{};
    std::optional<crypto::sha256_digest> proved{};
    unix_time not_before{};

    // What came out.
    refresh_record family{};
    resource_limit const* limit = nullptr; // of `family`
    errc after_write{};                    // told once the write is done; none: the grant
    errc why = errc::store_unavailable;
    bool good = false;
    std::optional<refresh_grant> granted{};
};

SIGNET_DECL store::request const* refresh_core::next() const noexcept {
    if (work == refresh_work::start) return first_open ? &first_ask : nullptr;
    return loop.next();
}

SIGNET_DECL void refresh_core::refuse(errc code) {
    good = false;
    why = code;
    first_open = false;
    loop.fail(code);
}

SIGNET_DECL void refresh_core::answer(store::reply const& reply) {
    if (work == refresh_work::start) {
        first_open = false;
        auto const written = reply.done();
        if (!written) return refuse(written.error().code);
        if (!*written) return refuse(errc::random_failed); // 16 octets that were there before: no randomness
        good = true;
        return;
    }
    switch (loop.answer(reply)) {
    case store::detail::swap_loop::step::asking: return;
    case store::detail::swap_loop::step::read: return judge();
    case store::detail::swap_loop::step::written:
        if (after_write != errc{}) return refuse(after_write);
        good = true;
        return;
    case store::detail::swap_loop::step::failed: return refuse(loop.why());
    }
}

SIGNET_DECL void refresh_core::judge() {
    granted.reset();
    after_write = {};
    if (!loop.found()) {
        if (work == refresh_work::revoke) good = true;
        else refuse(errc::refresh_unknown);
        return;
    }
    auto read = read_refresh(loop.found()->bytes);
    if (!read) return refuse(read.error().code);
    family = *std::move(read);
    if (work != refresh_work::revoke) {
        auto const* key = keys->find(presented->key_number());
        if (!key || !made_by_us(*key, *presented, family.salt, client)) return refuse(errc::refresh_unknown);
    }
    if (work == refresh_work::rotate) return judge_token();
    // Whatever the clock says: it might go backwards later.
    if (family.state != family_state::live) return void(good = true);
    move(family_event::revoke);
}

// An authentic token. Whoever lacks the key it is bound to changes nothing, neither for better nor for worse.
SIGNET_DECL void refresh_core::judge_token() {
    if (family.sender && (!proved || *proved != *family.sender)) return refuse(errc::refresh_sender);
    if (family.state != family_state::live) return refuse(family_refusal(family.state));
    if (family.started < not_before) return refuse(errc::refresh_ended);

    auto const generation = presented->generation();
    auto const since = now - family.rotated; // either way: clocks of two servers differ
    bool const in_grace = since <= keys->policy.grace && -since <= keys->policy.grace;
    auto const event = now >= family.over()              ? family_event::expire
                       : generation == family.generation ? family_event::rotate
                       : family.generation != 0 && generation == family.generation - 1 && in_grace
                           ? family_event::retry
                           : family_event::replay;
    if (event == family_event::expire || event == family_event::replay) return move(event);

    auto const at = std::find_if(family.resources.begin(), family.resources.end(),
                                 [&](auto const& r) { return r.resource == resource; });
    if (at == family.resources.end()) return refuse(errc::refresh_resource);
    if (now >= family.end_for(*at)) return refuse(errc::refresh_expired); // C10; other resources may have time left
    if (!scope.empty() && !scope_within(scope, family.scope)) return refuse(errc::refresh_scope);
    limit = &*at;
    move(event);
}

SIGNET_DECL void refresh_core::move(family_event e) {
    auto const to = family_lifecycle.next(family.state, e);
    if (!to) return refuse(family_refusal(family.state));
    family.state = *to;
    unix_time expires = loop.found()->expires;
    switch (e) {
    case family_event::rotate:
        if (family.generation == 0xffff'ffff) return refuse(errc::refresh_expired);
        ++family.generation;
        family.key_number = keys->keys.front().number;
        family.rotated = now;
        family.idle_until = saturating_add(now, keys->policy.idle);
        expires = saturating_add(family.over(), keys->policy.remember);
        grant();
        break;
    case family_event::retry:
        if (!keys->find(family.key_number))
            return refuse(errc::refresh_unknown); // its key was taken out of use meanwhile
        grant();
        granted->repeated = good = true;
        return;
    case family_event::replay: after_write = errc::refresh_reused; break;
    case family_event::revoke: break;
    case family_event::expire: return refuse(errc::refresh_expired);
    }
    loop.write(write_refresh(family), expires);
}

SIGNET_DECL void refresh_core::grant() {
    std::array<std::uint8_t, 16> id;
    auto const named = refresh_token_access::family(*presented);
    std::copy(named.begin(), named.end(), id.begin());
    granted = refresh_grant{.token = make_refresh_token(*keys->find(family.key_number), family.key_number, id,
                                                        family.generation, family.salt, family.client),
                            .user = family.user,
                            .client = family.client,
                            .session = family.session,
                            .scope = scope.empty() ? family.scope : scope,
                            .resource = limit->resource,
                            .sender = family.sender,
                            .started = family.started,
                            .expires = std::min(family.idle_until, family.end_for(*limit)),
                            .repeated = false,
                            .ends = family.ends(),
                            .record = record};
}

inline store::record_key refresh_record_key(std::string_view family) { return proof::record_key("refresh", {family}); }

// ---- the steps, as both operations show them

SIGNET_DECL refresh_step::refresh_step(std::unique_ptr<refresh_core> core) noexcept : core_{std::move(core)} {}
SIGNET_DECL refresh_step::refresh_step(refresh_step&&) noexcept = default;
SIGNET_DECL refresh_step& refresh_step::operator=(refresh_step&&) noexcept = default;
SIGNET_DECL refresh_step::~refresh_step() = default;
SIGNET_DECL store::request const* refresh_step::next() const noexcept { return core_->next(); }
SIGNET_DECL void refresh_step::answer(store::reply const& reply) { core_->answer(reply); }

} // namespace detail

SIGNET_DECL result<refresh_grant> refresh_operation::ruling() const {
    if (!core_->good) return core_->why;
    return *core_->granted;
}
SIGNET_DECL result<void> revoke_operation::ruling() const {
    if (!core_->good) return core_->why;
    return {};
}

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

SIGNET_DECL refresh_operation refresh_families::start(refresh_terms const& terms, unix_time now, random_ref rng) const {
    std::array<std::uint8_t, 16> id;
    rng.fill(id);
    auto const key = detail::refresh_record_key(codec::base64url_encode(id));
    auto core = std::make_unique<detail::refresh_core>(detail::refresh_work::start, keys_, key, now);

    auto const fits = [](std::string_view text) { return !text.empty() && text.size() <= max_refresh_name; };
    auto const& limits = terms.resources;
    bool good = fits(terms.user) && fits(terms.client) && terms.session.size() <= max_refresh_name &&
                terms.scope.size() <= max_refresh_scope && !limits.empty() && limits.size() <= max_refresh_resources;
    for (auto const& r : limits) {
        auto const same = [&](resource_limit const& other) { return other.resource == r.resource; };
        good = good && r.resource.size() <= max_refresh_name && r.rotation.count() >= 1 &&
               std::count_if(limits.begin(), limits.end(), same) == 1;
    }
    if (!good) {
        core->refuse(errc::out_of_range);
        return refresh_operation{std::move(core)};
    }

    auto& family = core->family;
    rng.fill(family.salt);
    family.user = terms.user;
    family.client = terms.client;
    family.session = terms.session;
    family.scope = terms.scope;
    if (terms.sender) family.sender = terms.sender->thumbprint();
    family.started = family.rotated = now;
    family.idle_until = saturating_add(now, keys_->policy.idle);
    family.key_number = keys_->keys.front().number;
    for (auto const& r : limits) // never past the year 9999, as records hold it
        family.resources.push_back({r.resource, std::min(r.rotation, latest_time - unix_time{})});

    core->presented = refresh_token_access::make(family.key_number, id, 0);
    core->limit = &family.resources.front();
    core->grant();
    core->first = detail::write_refresh(family);
    core->first_ask = store::insert(key, core->first, saturating_add(family.over(), keys_->policy.remember), now);
    core->first_open = true;
    return refresh_operation{std::move(core)};
}

SIGNET_DECL refresh_operation refresh_families::rotate(refresh_request const& request, unix_time now) const {
    auto const token = refresh_token::parse(request.token);
    bool const known = token && keys_->find(token->key_number());
    auto core = std::make_unique<detail::refresh_core>(
        detail::refresh_work::rotate, keys_, detail::refresh_record_key(known ? token->family() : std::string{}), now);
    if (!known) {
        core->refuse(errc::refresh_unknown); // and nobody is asked
        return refresh_operation{std::move(core)};
    }
    core->presented = *token;
    core->client = request.client;
    core->resource = request.resource;
    core->scope = request.scope;
    if (request.proved) core->proved = request.proved->thumbprint();
    core->not_before = request.not_before;
    return refresh_operation{std::move(core)};
}

SIGNET_DECL revoke_operation refresh_families::revoke(std::string_view family, unix_time now) const {
    return revoke_operation{std::make_unique<detail::refresh_core>(detail::refresh_work::revoke, keys_,
                                                                   detail::refresh_record_key(family), now)};
}

SIGNET_DECL revoke_operation refresh_families::revoke_token(std::string_view token, std::string_view client,
                                                            unix_time now) const {
    auto const parsed = refresh_token::parse(token);
    auto core = std::make_unique<detail::refresh_core>(
        detail::refresh_work::revoke_token, keys_,
        detail::refresh_record_key(parsed ? parsed->family() : std::string{}), now);
    if (!parsed) {
        core->refuse(errc::refresh_unknown);
    } else {
        core->presented = *parsed;
        core->client = client;
    }
    return revoke_operation{std::move(core)};
}

}}} // namespace signet::oauth

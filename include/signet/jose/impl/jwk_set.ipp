// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/keyed_hash.hpp>
#include <signet/jose/impl/jwk.ipp>
#include <signet/jose/jwk_set.hpp>

#include <algorithm>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

namespace detail {

constexpr bool overlap(algorithm_set a, algorithm_set b) noexcept { return (a.bits() & b.bits()) != 0; }
constexpr bool contains_all(algorithm_set whole, algorithm_set part) noexcept {
    return (part.bits() & ~whole.bits()) == 0;
}

template <class F> constexpr void for_each(algorithm_set set, F f) {
    for (std::size_t i = 0; i != alg_count; ++i)
        if (set.contains(static_cast<alg>(i))) f(static_cast<alg>(i));
}

constexpr bool mixes_macs_and_signatures(algorithm_set set) noexcept {
    std::size_t macs = 0, signatures = 0;
    for_each(set, [&](alg a) { ++(traits(a).type == key_type::oct ? macs : signatures); });
    return macs > 1 || (macs != 0 && signatures != 0);
}

/// The kids of a set of which some key could not be read. Whose key such a kid names is in doubt once another key of
/// the same type bears it, whatever the other one is worth.
class doubtful_kids {
public:
    void note(codec::json_value jwk, result<any_jwk> const& read) {
        auto const kid = jwk.find("kid"), kty = jwk.find("kty");
        if (!kid || !kid->is_string() || !kty || !kty->is_string()) return;
        // Of a type or curve that is none of ours, or a key pair that this Botan cannot use.
        if (!read && (read.error() == errc::unsupported_key || read.error() == errc::unsupported_algorithm)) return;
        seen_.push_back({*kid->as_string(), *kty->as_string(), read.has_value()});
        any_ = any_ || !read;
    }
    [[nodiscard]] bool found() {
        if (!any_) return false;
        auto const same = [](seen const& a, seen const& b) { return a.kid == b.kid && a.kty == b.kty; };
        auto const before = [](seen const& a, seen const& b) { return a.kid != b.kid ? a.kid < b.kid : a.kty < b.kty; };
        std::make_heap(seen_.begin(), seen_.end(), before); // a third of the code that std::sort is
        std::sort_heap(seen_.begin(), seen_.end(), before);
        for (auto at = seen_.begin(); at != seen_.end();) {
            auto const begin = at;
            bool unread = false;
            for (; at != seen_.end() && same(*begin, *at); ++at) unread = unread || !at->read;
            if (unread && at - begin > 1) return true;
        }
        return false;
    }

private:
    struct seen {
        std::string_view kid, kty;
        bool read;
    };
    std::vector<seen> seen_;
    bool any_ = false;
};

/// The JWKs of a set, or the one JWK that the text is. `each(value, alone)` says whether to go on.
template <class Each> result<void> for_each_jwk(codec::json_value root, std::size_t max_keys, Each each) {
    if (!root.is_object()) return errc::json_wrong_type;
    auto keys = root.find("keys");
    if (!keys || root.find("kty")) return each(root, true); // `keys` of a JWK is an unknown member
    if (!keys->is_array()) return error{errc::json_wrong_type, field_name::keys};
    if (keys->size() > max_keys) return error{errc::json_too_many_members, field_name::keys};
    for (auto const value : *keys) {
        if (!value.is_object()) return error{errc::json_wrong_type, field_name::keys};
        if (auto done = each(value, false); !done) return done;
    }
    return {};
}

inline codec::json_limits json_limits_of(key_set_limits const& limits) noexcept {
    return {.max_size = limits.max_text, .max_values = limits.max_keys * 24 + 1024};
}

} // namespace detail

SIGNET_DECL public_key const* key_entry::as_public_key() const noexcept { return public_ ? &*public_ : nullptr; }
SIGNET_DECL mac_key const* key_entry::as_mac_key() const noexcept { return mac_ ? &*mac_ : nullptr; }
SIGNET_DECL bool key_entry::same_key(key_entry const& other) const noexcept {
    if (public_ && other.public_) return *public_ == *other.public_;
    if (mac_ && other.mac_)
        return mac_->algorithm_id() == other.mac_->algorithm_id() &&
               constant_time_equal(mac_->reveal(), other.mac_->reveal());
    return false;
}

// ---- looking up ----------------------------------------------------------------------------------------------------

SIGNET_DECL any_key_set::any_key_set(algorithm_set accepted) noexcept
    : seed_{signet::detail::process_seed().a, signet::detail::process_seed().b},
      accepted_{detail::mixes_macs_and_signatures(accepted) ? algorithm_set{} : accepted} {}

SIGNET_DECL any_key_set::any_key_set(any_key_set const&) = default;
// Copied first and whole: where memory runs out in between, shelves would name entries that this one no longer has.
SIGNET_DECL any_key_set& any_key_set::operator=(any_key_set const& other) {
    any_key_set copy{other};
    return *this = std::move(copy);
}
// The other one is empty afterwards, shelves included: their indexes would name entries that it no longer has.
SIGNET_DECL any_key_set::any_key_set(any_key_set&& other) noexcept : any_key_set{other.accepted_} {
    *this = std::move(other);
}
SIGNET_DECL any_key_set& any_key_set::operator=(any_key_set&& other) noexcept {
    if (this == &other) return *this;
    entries_ = std::exchange(other.entries_, {});
    slots_ = std::exchange(other.slots_, {});
    seed_ = other.seed_;
    kids_ = std::exchange(other.kids_, 0);
    all_ = std::exchange(other.all_, {});
    without_kid_ = std::exchange(other.without_kid_, {});
    accepted_ = other.accepted_;
    return *this;
}
SIGNET_DECL any_key_set::~any_key_set() = default;
SIGNET_DECL std::shared_ptr<any_key_set const> share(any_key_set list) {
    return std::make_shared<any_key_set const>(std::move(list));
}

/// The slot that holds the first entry of that kid, or the empty one where it belongs; nullptr if there are no slots.
inline std::uint32_t const* any_key_set::slot_of(std::string_view kid) const noexcept {
    if (slots_.empty()) return nullptr;
    auto const mask = slots_.size() - 1;
    auto const hash = static_cast<std::size_t>(signet::detail::keyed_hash({seed_[0], seed_[1]}, kid));
    for (auto at = hash & mask;; at = (at + 1) & mask)
        if (slots_[at] == key_entry::none || *entries_[slots_[at]].kid_ == kid) return &slots_[at];
}

SIGNET_DECL bool any_key_set::has_keys_without_kid() const noexcept {
    return std::any_of(without_kid_.begin(), without_kid_.end(), [](shelf const& s) { return s.count != 0; });
}

SIGNET_DECL bool any_key_set::has_kid(std::string_view kid) const noexcept {
    auto const* slot = slot_of(kid);
    return slot && *slot != key_entry::none;
}

SIGNET_DECL bool any_key_set::holds(key_entry const& entry) const noexcept {
    auto const matches = [&](key_entry const& e) {
        return e.kid_ == entry.kid_ && detail::contains_all(e.algorithms_, entry.algorithms_) && e.same_key(entry);
    };
    if (!entry.kid_) return std::any_of(entries_.begin(), entries_.end(), matches);
    auto const* slot = slot_of(*entry.kid_);
    for (auto i = slot ? *slot : key_entry::none; i != key_entry::none; i = entries_[i].next_)
        if (matches(entries_[i])) return true;
    return false;
}

SIGNET_DECL result<candidates> any_key_set::find(std::optional<std::string_view> kid, alg a) const noexcept {
    if (!accepted_.contains(a)) return error{errc::algorithm_not_allowed, field_name::alg};
    candidates found;
    if (kid) {
        if (auto const* slot = slot_of(*kid); slot && *slot != key_entry::none) {
            for (auto i = *slot; i != key_entry::none; i = entries_[i].next_) {
                if (!entries_[i].algorithms_.contains(a)) continue;
                found.index_[0] = i; // one at most: add() refuses a second
                found.size_ = 1;
                return found;
            }
            return error{errc::algorithm_mismatch, field_name::alg};
        }
    }
    auto const& all = (kid ? without_kid_ : all_)[static_cast<std::size_t>(a)];
    if (all.count == 0) return error{errc::unknown_key, field_name::kid};
    if (all.count > max_candidates) return error{kid ? errc::unknown_key : errc::kid_required, field_name::kid};
    found.index_ = all.first;
    found.size_ = all.count;
    return found;
}

// ---- adding --------------------------------------------------------------------------------------------------------

inline void any_key_set::shelve(std::uint32_t entry, algorithm_set added, bool former) noexcept {
    detail::for_each(added, [&](alg a) {
        auto const put = [&](shelf& on) {
            if (former && on.count >= max_candidates) return;
            if (on.count < max_candidates) on.first[on.count] = entry;
            ++on.count;
        };
        put(all_[static_cast<std::size_t>(a)]);
        if (!entries_[entry].kid_) put(without_kid_[static_cast<std::size_t>(a)]);
    });
}

/// Keeps at least half of the slots empty, with one kid more to come.
inline void any_key_set::make_slots() {
    if (slots_.size() >= 2 * (kids_ + 1)) return;
    slots_.assign(slots_.empty() ? 8 : 2 * slots_.size(), key_entry::none);
    // Entries of one kid are chained in the order of their indexes, so the first that comes along heads its chain.
    for (std::uint32_t i = 0; i != entries_.size(); ++i) {
        if (!entries_[i].kid_) continue;
        auto* slot = const_cast<std::uint32_t*>(slot_of(*entries_[i].kid_));
        if (*slot == key_entry::none) *slot = i;
    }
}

SIGNET_DECL result<void> any_key_set::add(key_entry entry) { return place(std::move(entry), false); }
SIGNET_DECL result<void> any_key_set::add_former(key_entry entry) { return place(std::move(entry), true); }

inline result<void> any_key_set::place(key_entry entry, bool former) {
    if (entry.algorithms_.empty() || !detail::contains_all(accepted_, entry.algorithms_))
        return errc::algorithm_not_allowed;
    entry.next_ = key_entry::none;
    auto const index = static_cast<std::uint32_t>(entries_.size());

    // The same key again widens what it may verify; another key under a taken name and algorithm is refused.
    auto same = key_entry::none, last = key_entry::none;
    auto const look_at = [&](std::uint32_t i) -> bool {
        if (entries_[i].same_key(entry)) same = same == key_entry::none ? i : same;
        else if (entry.kid_ && detail::overlap(entries_[i].algorithms_, entry.algorithms_)) return false;
        return true;
    };
    if (entry.kid_) {
        make_slots();
        for (auto i = *slot_of(*entry.kid_); i != key_entry::none; last = i, i = entries_[i].next_)
            if (!look_at(i)) return errc::duplicate_key;
    } else {
        detail::for_each(entry.algorithms_, [&](alg a) {
            auto const& on = without_kid_[static_cast<std::size_t>(a)];
            for (std::uint32_t i = 0; i != std::min<std::uint32_t>(on.count, max_candidates); ++i) look_at(on.first[i]);
        });
    }
    if (same != key_entry::none) {
        algorithm_set added;
        detail::for_each(entry.algorithms_, [&](alg a) {
            if (!entries_[same].algorithms_.contains(a)) added.insert(a);
        });
        detail::for_each(added, [&](alg a) { entries_[same].algorithms_.insert(a); });
        shelve(same, added, former);
        return {};
    }

    entries_.push_back(std::move(entry));
    auto const& kid = entries_[index].kid_;
    if (kid && last != key_entry::none) {
        entries_[last].next_ = index;
    } else if (kid) {
        *const_cast<std::uint32_t*>(slot_of(*kid)) = index;
        ++kids_;
    }
    shelve(index, entries_[index].algorithms_, former);
    return {};
}

SIGNET_DECL result<void> any_key_set::add(std::optional<std::string> kid, public_key key, algorithm_set algorithms) {
    bool fits = true;
    detail::for_each(algorithms, [&](alg a) { fits = fits && key.supports(a); });
    if (!fits) return errc::wrong_key_type;
    key_entry entry;
    entry.kid_ = std::move(kid);
    entry.public_ = std::move(key);
    entry.algorithms_ = algorithms;
    return add(std::move(entry));
}

SIGNET_DECL result<void> any_key_set::add(std::optional<std::string> kid, mac_key key) {
    key_entry entry;
    entry.kid_ = std::move(kid);
    entry.algorithms_.insert(key.algorithm_id());
    entry.mac_ = std::move(key);
    return add(std::move(entry));
}

SIGNET_DECL result<void> any_key_set::add(any_jwk jwk) {
    auto const& attributes = jwk.attributes;
    if (!attributes.permits(key_operation::verify)) return errc::key_use_refused;
    if (!jwk.public_part && !jwk.private_part && !jwk.octets) return errc::bad_key;
    auto const* key = jwk.public_part    ? &*jwk.public_part
                      : jwk.private_part ? &jwk.private_part->public_part()
                                         : nullptr;
    algorithm_set usable;
    bool right_type = false;
    detail::for_each(accepted_, [&](alg a) {
        if (key ? !key->supports(a) : traits(a).type != key_type::oct) return;
        right_type = true;
        if (attributes.permits(key_operation::verify, a)) usable.insert(a);
    });
    if (!right_type) return errc::wrong_key_type;
    if (usable.empty()) return errc::algorithm_not_allowed;
    if (key) return add(std::move(jwk.attributes.kid), *key, usable);

    result<void> done;
    detail::for_each(usable, [&](alg a) { // one: a list accepts one MAC at most
        auto mac = mac_key::from_secret(std::move(*jwk.octets), a);
        done = mac ? add(std::move(jwk.attributes.kid), *std::move(mac)) : result<void>{mac.error()};
    });
    return done;
}

// ---- reading -------------------------------------------------------------------------------------------------------

namespace detail {

SIGNET_DECL result<any_key_set> read_key_list(std::string_view json, algorithm_set accepted,
                                              key_set_limits const& limits, jwk_readers const& readers) {
    auto document = codec::json_document::parse(json, json_limits_of(limits));
    if (!document) return document.error();

    any_key_set list{accepted};
    doubtful_kids doubtful;
    bool wants_public = false;
    for_each(list.accepted(), [&](alg a) { wants_public = traits(a).type != key_type::oct; });
    auto const done =
        for_each_jwk(document->root(), limits.max_keys, [&](codec::json_value value, bool alone) -> result<void> {
            auto const kty = value.find("kty");
            auto const type = kty ? kty->as_string().value_or("") : std::string_view{};
            if (wants_public && has_private_member(value) && (alone || type != "oct")) return errc::private_key_refused;
            if (is_key_type(type) && !reader_of(type, readers))
                return alone ? result<void>{errc::wrong_key_type} : result<void>{};

            auto jwk = read_jwk(value, limits.keys, nullptr,
                                readers); // no key pair is read: its public half comes alone or not at all
            doubtful.note(value, jwk);
            auto added = jwk ? list.add(*std::move(jwk)) : result<void>{jwk.error()};
            if (!added && (alone || added.error() == errc::duplicate_key)) return added;
            return {};
        });
    if (!done) return done.error();
    if (doubtful.found()) return errc::duplicate_key;
    if (list.empty()) return errc::empty_key_set;
    return list;
}

} // namespace detail

SIGNET_DECL result<any_key_set> parse_key_list(std::string_view json, algorithm_set accepted,
                                               key_set_limits const& limits) {
    detail::jwk_readers readers;
    detail::for_each(accepted, [&](alg a) {
        switch (traits(a).type) {
        case key_type::rsa: readers.rsa = detail::read_rsa_jwk; break;
        case key_type::ec: readers.ec = detail::read_ec_jwk; break;
        case key_type::okp: readers.okp = detail::read_okp_jwk; break;
        case key_type::oct: readers.oct = detail::read_oct_jwk; break;
        case key_type::akp: readers.akp = detail::read_akp_jwk; break;
        }
    });
    return detail::read_key_list(json, accepted, limits, readers);
}

SIGNET_DECL result<std::vector<any_jwk>> parse_jwk_set(std::string_view json, key_set_limits const& limits) {
    auto document = codec::json_document::parse(json, detail::json_limits_of(limits));
    if (!document) return document.error();
    std::vector<any_jwk> keys;
    detail::doubtful_kids doubtful;
    auto const done = detail::for_each_jwk(
        document->root(), limits.max_keys, [&](codec::json_value value, bool alone) -> result<void> {
            auto jwk = detail::read_whole_jwk(value, limits.keys, &detail::reads_private);
            doubtful.note(value, jwk);
            if (jwk) keys.push_back(*std::move(jwk));
            else if (alone) return jwk.error();
            return {};
        });
    if (!done) return done.error();
    if (doubtful.found()) return errc::duplicate_key;
    if (keys.empty()) return errc::empty_key_set;
    return keys;
}

}}} // namespace signet::jose
